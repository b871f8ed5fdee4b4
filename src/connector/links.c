/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/links.h"

#include "base/hash.h"

#include <string.h>

enum { FIRST_BUCKETS = 16 };

/* A pair stands in the table twice, once by each of its keys. */
struct link_node {
    link_node_t *next;
    uint64_t hash;
    str_t key;
    bool exists;
    map_link_t link;
};

static uint64_t
hash_key(str_t key, bool is_dn)
{
    return hash_name(key) ^ (is_dn ? 0x9e3779b97f4a7c15u : 0);
}

static link_node_t *
find(const links_t *links, str_t key, bool is_dn)
{
    uint64_t hash = hash_key(key, is_dn);

    if (!links->n_buckets)
        return NULL;
    for (link_node_t *node = links->buckets[hash % links->n_buckets]; node; node = node->next)
        if (node->hash == hash && str_ieq(node->key, key))
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

static void
put(links_t *links, str_t key, bool is_dn, const map_link_t *link)
{
    link_node_t *node = find(links, key, is_dn);

    if (!node) {
        if (links->n >= links->n_buckets)
            grow(links);
        node = arena_new_of(links->mem, link_node_t);
        node->key = key;
        node->hash = hash_key(key, is_dn);
        node->next = links->buckets[node->hash % links->n_buckets];
        links->buckets[node->hash % links->n_buckets] = node;
        links->n++;
    }
    node->exists = link != NULL;
    if (link)
        node->link = *link;
}

void
links_add(links_t *links, str_t id, str_t dn, str_t normal_dn, const map_type_t *type)
{
    map_link_t link = {.id = id, .dn = dn, .type = type};

    put(links, id, false, &link);
    put(links, normal_dn, true, &link);
}

void
links_add_missing_id(links_t *links, str_t id)
{
    put(links, id, false, NULL);
}

void
links_add_missing_dn(links_t *links, str_t normal_dn)
{
    put(links, normal_dn, true, NULL);
}

void
links_forget_id(links_t *links, str_t id)
{
    link_node_t *node = find(links, id, false);

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
    return find(links, id, false) != NULL;
}

bool
links_know_dn(const links_t *links, str_t normal_dn)
{
    return find(links, normal_dn, true) != NULL;
}

static bool
look_up(const map_links_t *base, str_t key, bool is_dn, map_link_t *ret_link)
{
    const links_t *links = (const links_t *)(const void *)base; /* its first member */
    const link_node_t *node = find(links, key, is_dn);

    if (!node || !node->exists)
        return false;
    *ret_link = node->link;
    return true;
}

static bool
by_id(const map_links_t *base, str_t id, map_link_t *ret_link)
{
    return look_up(base, id, false, ret_link);
}

static bool
by_dn(const map_links_t *base, str_t normal_dn, map_link_t *ret_link)
{
    return look_up(base, normal_dn, true, ret_link);
}

void
links_init(links_t *links, arena_t *mem)
{
    *links = (links_t){.base = {by_id, by_dn}, .mem = mem};
}
