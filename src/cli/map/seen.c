/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/hash.h"
#include "cli/map/diff.h"
#include "map/reference.h"

enum { FIRST_SIZE = 1 << 10, TYPES_MAX = UINT8_MAX };

/* A DN by its hash; of each side the number of the type, from 1; 0: it is not seen. */
typedef struct {
    uint64_t key;
    uint8_t type[SEEN_SIDES];
} seen_entry_t;

/* Whom a slot with `by` means by a value. */
typedef struct seen_name {
    struct seen_name *next;
    uint64_t key; /* of the slot and the value */
    str_t dn;
    size_t n; /* so many are named so */
} seen_name_t;

enum { NAME_LISTS = 1 << 14 };

struct seen {
    arena_t *mem;
    const map_t *maps[SEEN_SIDES];
    seen_entry_t *entries; /* open addressing; a free one has no type */
    size_t n, size;        /* size: a power of two */
    seen_name_t **names;   /* by the key; NULL: there are none */
};

static bool
is_free(const seen_entry_t *entry)
{
    return !entry->type[SEEN_A] && !entry->type[SEEN_B];
}

static seen_entry_t *
find_slot(const seen_t *seen, uint64_t key)
{
    size_t at = (size_t)key & (seen->size - 1);

    while (!is_free(&seen->entries[at]) && seen->entries[at].key != key)
        at = (at + 1) & (seen->size - 1);
    return &seen->entries[at];
}

static void
grow(seen_t *seen)
{
    seen_entry_t *old = seen->entries;
    size_t n = seen->size;

    seen->size = n ? n * 2 : FIRST_SIZE;
    seen->entries = arena_array_of(seen->mem, seen->size, seen_entry_t);
    for (size_t i = 0; i < n; i++)
        if (!is_free(&old[i]))
            *find_slot(seen, old[i].key) = old[i];
}

/* ---- names ---- */

static uint64_t
name_key(arena_t *mem, const map_slot_t *slot, str_t normal)
{
    arena_mark_t mark = arena_mark(mem);
    uint64_t key = hash_bytes(str_printf(mem, "%p %.*s", (const void *)slot, STR_ARG(normal)));

    arena_rewind(mem, mark);
    return key;
}

static seen_name_t *
find_name(const seen_t *seen, uint64_t key)
{
    seen_name_t *name = seen->names ? seen->names[key % NAME_LISTS] : NULL;

    while (name && name->key != key)
        name = name->next;
    return name;
}

/* By what the slot holds the entry; nothing where it holds DNs, or others. */
static void
keep_name(seen_t *seen, const map_slot_t *slot, const map_scope_t *scope, str_t dn)
{
    seen_name_t *name;
    uint64_t key;
    str_t value;

    if (!slot->by.n || !map_reference_has_scope(slot, scope) ||
        !map_reference_value(seen->mem, slot, dn, &value))
        return;
    key = name_key(seen->mem, slot, map_reference_normal(seen->mem, slot, value));
    if (!seen->names)
        seen->names = arena_array_of(seen->mem, NAME_LISTS, seen_name_t *);
    name = find_name(seen, key);
    if (!name) {
        name = arena_new_of(seen->mem, seen_name_t);
        *name = (seen_name_t){seen->names[key % NAME_LISTS], key, STR(""), 0};
        name->dn = ldap_dn_normal(seen->mem, dn);
        seen->names[key % NAME_LISTS] = name;
    }
    name->n++;
}

static void
keep_names(seen_t *seen, const map_t *map, const map_scope_t *scope, str_t dn)
{
    for (size_t i = 0; i < map->n_types; i++)
        for (size_t k = 0; k < map->types[i].n_slots; k++)
            keep_name(seen, &map->types[i].slots[k], scope, dn);
}

/* ---- listing ---- */

typedef struct {
    seen_t *seen;
    int side;
    uint8_t type;
    progress_t *progress;
} listing_t;

static bool
take(void *arg, const ldap_entry_t *entry)
{
    listing_t *listing = arg;
    seen_t *seen = listing->seen;
    arena_mark_t mark;
    seen_entry_t *slot;
    uint64_t key;

    if (2 * seen->n >= seen->size)
        grow(seen);
    mark = arena_mark(seen->mem);
    key = hash_bytes(ldap_dn_normal(seen->mem, entry->dn));
    arena_rewind(seen->mem, mark);
    slot = find_slot(seen, key);
    seen->n += is_free(slot);
    slot->key = key;
    if (!slot->type[listing->side])
        slot->type[listing->side] = listing->type;
    keep_names(seen, seen->maps[listing->side],
               seen->maps[listing->side]->types[listing->type - 1].scope, entry->dn);
    progress_tell(listing->progress, "what can be referred to: %zu", seen->n);
    return true;
}

static bool
list_type(const driver_t *driver, listing_t *listing, const map_type_t *type, int64_t now_s,
          err_t *err)
{
    arena_t *mem = listing->seen->mem;
    str_t none = STR("1.1");
    ldap_op_t op = {.kind = LDAP_OP_SEARCH};
    ldap_reply_t reply;

    op.u.search.depth = type->scope->depth;
    op.u.search.filter = map_visible(mem, type->scope, now_s);
    op.u.search.attrs = (ldap_names_t){&none, 1};
    for (size_t i = 0; i < type->scope->n_bases; i++) {
        op.dn = type->scope->bases[i].dn;
        driver_search(driver, mem, &op, take, listing, &reply);
        if (reply.fate != LDAP_ANSWERED)
            return err_set(err, ERR_UNAVAILABLE, "the directory did not answer");
        if (reply.code != LDAP_RC_SUCCESS && reply.code != LDAP_RC_NO_SUCH_OBJECT)
            return ldap_code_error(err, reply.code, reply.matched, reply.diagnostic,
                                   "listing what can be referred to");
    }
    return true;
}

static bool
is_referenced(const map_t *map, const map_scope_t *scope)
{
    for (size_t i = 0; i < map->n_types; i++) {
        const map_type_t *type = &map->types[i];

        for (size_t j = 0; j < type->n_slots; j++)
            for (size_t k = 0; k < type->slots[j].n_references; k++)
                if (type->slots[j].references[k] == scope)
                    return true;
    }
    return false;
}

seen_t *
seen_list(const driver_t *driver, arena_t *mem, const map_t *a, const map_t *b, int64_t now_s,
          progress_t *progress, err_t *err)
{
    seen_t *seen = arena_new_of(mem, seen_t);

    *seen = (seen_t){.mem = mem, .maps = {a, b}};
    for (int side = 0; side < SEEN_SIDES; side++) {
        const map_t *map = seen->maps[side];

        for (size_t i = 0; i < map->n_types && i < TYPES_MAX; i++) {
            listing_t listing = {
                .seen = seen, .side = side, .type = (uint8_t)(i + 1), .progress = progress};

            if (is_referenced(map, map->types[i].scope) &&
                !list_type(driver, &listing, &map->types[i], now_s, err))
                return NULL;
        }
    }
    return seen;
}

const map_t *
seen_map(const seen_t *seen, int side)
{
    return seen->maps[side];
}

size_t
seen_find_name(const seen_t *seen, const map_slot_t *slot, str_t normal, str_t *ret_dn)
{
    const seen_name_t *name = find_name(seen, name_key(seen->mem, slot, normal));

    if (name)
        *ret_dn = name->dn;
    return name ? name->n : 0;
}

const map_type_t *
seen_find(const seen_t *seen, int side, str_t normal_dn)
{
    const seen_entry_t *slot =
        seen->size ? find_slot(seen, hash_bytes(normal_dn)) : &(const seen_entry_t){.key = 0};

    return slot->type[side] ? &seen->maps[side]->types[slot->type[side] - 1] : NULL;
}
