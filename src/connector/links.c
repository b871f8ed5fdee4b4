/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/links.h"

#include "base/hash.h"

#include <string.h>

enum { FIRST_BUCKETS = 16 };

/* What a key is: an id, a DN, or what a slot holds in place of a DN. */
typedef struct {
    enum { KEY_ID, KEY_DN, KEY_NAME } kind;
    const void *slot; /* KEY_NAME: names mean something within the scopes of a slot */
    str_t text;
} link_key_t;

/* A pair stands in the table once by each of its keys. */
struct link_node {
    link_node_t *next;
    uint64_t hash;
    link_key_t key;
    size_t n; /* entries; 0: it does not exist */
    map_link_t link;
};

static link_key_t
id_key(str_t id)
{
    return (link_key_t){KEY_ID, NULL, id};
}

static link_key_t
dn_key(str_t normal_dn)
{
    return (link_key_t){KEY_DN, NULL, normal_dn};
}

/* Slots, and copies of slots, are moved while a map is loaded; the list of their scopes is not. */
static link_key_t
name_key(const map_slot_t *slot, str_t normal)
{
    return (link_key_t){KEY_NAME, slot->references, normal};
}

static uint64_t
hash_key(const link_key_t *key)
{
    return hash_name(key->text) ^ (uint64_t)key->kind * 0x9e3779b97f4a7c15u;
}

static bool
is_same(const link_key_t *a, const link_key_t *b)
{
    return a->kind == b->kind && a->slot == b->slot &&
           (a->kind == KEY_NAME ? str_eq(a->text, b->text) : str_ieq(a->text, b->text));
}

static link_node_t *
find(const links_t *links, link_key_t key)
{
    uint64_t hash = hash_key(&key);

    if (!links->n_buckets)
        return NULL;
    for (link_node_t *node = links->buckets[hash % links->n_buckets]; node; node = node->next)
        if (node->hash == hash && is_same(&node->key, &key))
            return node;
    return NULL;
}

static void
grow(links_t *links)
{
    size_t n = links->n_buckets ? links->n_buckets * 2 : FIRST_BUCKETS;
    link_node_t **buckets = arena_array_of(links->mem, n, link_node_t *);

    for (size_t i = 0; i < links->n_buckets; i++)
        for (link_node_t *node = links->buckets[i], *next; node; node = next) {
            next = node->next;
            node->next = buckets[node->hash % n];
            buckets[node->hash % n] = node;
        }
    links->buckets = buckets;
    links->n_buckets = n;
}

static link_node_t *
get(links_t *links, link_key_t key)
{
    link_node_t *node = find(links, key);

    if (node)
        return node;
    if (links->n >= links->n_buckets)
        grow(links);
    node = arena_new_of(links->mem, link_node_t);
    node->key = key;
    node->hash = hash_key(&key);
    node->next = links->buckets[node->hash % links->n_buckets];
    links->buckets[node->hash % links->n_buckets] = node;
    links->n++;
    return node;
}

static void
put(links_t *links, link_key_t key, const map_link_t *link)
{
    link_node_t *node = get(links, key);

    node->n = link ? 1 : 0;
    if (link)
        node->link = *link;
}

void
links_add(links_t *links, str_t id, str_t dn, str_t normal_dn, const map_type_t *type)
{
    map_link_t link = {.id = id, .dn = dn, .type = type};

    put(links, id_key(id), &link);
    put(links, dn_key(normal_dn), &link);
}

void
links_add_missing_id(links_t *links, str_t id)
{
    put(links, id_key(id), NULL);
}

void
links_add_missing_dn(links_t *links, str_t normal_dn)
{
    put(links, dn_key(normal_dn), NULL);
}

void
links_begin_name(links_t *links, const map_slot_t *slot, str_t normal)
{
    put(links, name_key(slot, normal), NULL);
}

void
links_add_name(links_t *links, const map_slot_t *slot, str_t normal, const map_link_t *link)
{
    link_node_t *node = find(links, name_key(slot, normal));

    if (node && !(node->n == 1 && str_ieq(node->link.id, link->id))) {
        node->link = *link;
        node->n++;
    }
}

void
links_forget_id(links_t *links, str_t id)
{
    link_node_t *node = find(links, id_key(id));

    if (!node)
        return;
    for (link_node_t **at = &links->buckets[node->hash % links->n_buckets]; *at;
         at = &(*at)->next)
        if (*at == node) {
            *at = node->next;
            links->n--;
            return;
        }
}

bool
links_know_id(const links_t *links, str_t id)
{
    return find(links, id_key(id)) != NULL;
}

bool
links_know_dn(const links_t *links, str_t normal_dn)
{
    return find(links, dn_key(normal_dn)) != NULL;
}

bool
links_know_name(const links_t *links, const map_slot_t *slot, str_t normal)
{
    return find(links, name_key(slot, normal)) != NULL;
}

static size_t
look_up(const map_links_t *base, link_key_t key, map_link_t *ret_link)
{
    const links_t *links = (const links_t *)(const void *)base; /* its first member */
    const link_node_t *node = find(links, key);

    if (!node || node->n == 0)
        return 0;
    *ret_link = node->link;
    return node->n;
}

static bool
by_id(const map_links_t *base, str_t id, map_link_t *ret_link)
{
    return look_up(base, id_key(id), ret_link) > 0;
}

static bool
by_dn(const map_links_t *base, str_t normal_dn, map_link_t *ret_link)
{
    return look_up(base, dn_key(normal_dn), ret_link) > 0;
}

static size_t
by_name(const map_links_t *base, const map_slot_t *slot, str_t normal, map_link_t *ret_link)
{
    return look_up(base, name_key(slot, normal), ret_link);
}

void
links_init(links_t *links, arena_t *mem)
{
    *links = (links_t){.base = {by_id, by_dn, by_name}, .mem = mem};
}
