/* SPDX-License-Identifier: Apache-2.0 */
/* map/reference.h - how LDAP attributes hold references: by the entry's DN, or with "by" by what it is named.
 *
 * That value follows from the DN, so whoever knows the DN of an entry knows what holds it. It need
 * not lead back to one entry: others elsewhere may be named so too. */
#ifndef MAP_REFERENCE_H
#define MAP_REFERENCE_H

#include "base/err.h"
#include "map/map.h"
#include "scim/resource.h"

/* The attributes of a slot: itself and its copies, by number; NULL: it has no more. */
static inline const map_slot_t *
map_slot_part(const map_slot_t *slot, size_t i)
{
    return i == 0 ? slot : i <= slot->n_copies ? &slot->copies[i - 1] : NULL;
}

bool map_reference_has_scope(const map_slot_t *slot, const map_scope_t *scope);
/* Whether two entries that the slot refers to never have the same value. */
bool map_reference_is_unique(const map_slot_t *slot);

/* What the slot holds for the entry with this DN. false: it is not named by slot->by. */
bool map_reference_value(arena_t *mem, const map_slot_t *slot, str_t dn, str_t *ret_value)
    MUST_USE;
/* The same for an entry that clients may refer to: ERR_INVALID_VALUE where the value would mean another
 * one too. */
bool map_reference_check(arena_t *mem, const map_slot_t *slot, str_t dn,
                         const map_links_t *links, str_t *ret_value, err_t *err) MUST_USE;
/* Two values of the slot mean the same where these are equal bytes. */
str_t map_reference_normal(arena_t *mem, const map_slot_t *slot, str_t value);
/* Whether the slot holds two DNs by the same value. */
bool map_reference_is_same(arena_t *mem, const map_slot_t *slot, str_t dn, str_t other);

/* The resource that a reference slot means, by its id or by what is held. false: there is
 * none in the slot's scopes, or not one alone. */
bool map_reference_find_id(const map_slot_t *slot, str_t id, const map_links_t *links,
                           map_link_t *ret_link) MUST_USE;
bool map_reference_find(arena_t *mem, const map_slot_t *slot, str_t value,
                        const map_links_t *links, map_link_t *ret_link) MUST_USE;

/* What a slot with `by` holds. */
typedef struct {
    const map_slot_t *slot;
    str_t value;
} map_name_t;

typedef struct {
    str_t *dns;
    size_t n_dns, dns_size;
    map_name_t *names;
    size_t n_names, names_size;
} map_references_t;

/* The references (as the entry has them) of the slots that `projection` wants, behind those that
 * are there: what must be resolved before map_to_resource. `projection` NULL: of all, and of
 * copies. */
void map_collect_references(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                            const scim_projection_t *projection, map_references_t *references);

#endif
