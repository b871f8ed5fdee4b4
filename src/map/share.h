/* SPDX-License-Identifier: Apache-2.0 */
/* map/share.h - which values of an LDAP attribute are a slot's, where "prefix" or "pattern" says so.
 *
 * Slots that share an attribute part its values: no value is of two, and what is of none is
 * neither seen nor touched. */
#ifndef MAP_SHARE_H
#define MAP_SHARE_H

#include "base/err.h"
#include "map/slot.h"

static inline bool
map_is_shared(const map_slot_t *slot)
{
    return slot->share.kind != MAP_SHARE_ALL;
}

/* Whether an LDAP value is one of the slot's. */
bool map_share_owns(const map_slot_t *slot, str_t value);
/* The slot of the attribute whose value it is; NULL: nobody's. */
const map_slot_t *map_share_owner(const map_type_t *type, str_t ldap, str_t value);
/* Whether the entry has one. */
bool map_share_holds(const map_slot_t *slot, const ldap_entry_t *entry);

/* An LDAP value of the slot's without the prefix, and back. */
str_t map_share_strip(const map_slot_t *slot, str_t value);
str_t map_share_wrap(arena_t *mem, const map_slot_t *slot, str_t text);

/* Whether the prefix counts by bytes, but the directory ignores the case of letters: "SMTP:a" and
 * "smtp:a" are one value to it. */
bool map_share_is_blurred(const map_slot_t *slot);

/* Values of the slot's, as far as the directory can look for them; NULL: it cannot. For a slot that
 * has the attribute to itself, the attribute. */
const ldap_filter_t *map_share_present(arena_t *mem, const map_slot_t *slot);

/* What becomes of the attribute that `first` shares with others, of which those `changed` get the
 * values `after`. ERR_INVALID_VALUE: a value that the directory takes for one of another slot, or
 * of nobody's. */
bool map_share_write(arena_t *mem, const map_type_t *type, const map_slot_t *first,
                     const ldap_entry_t *entry, const bool *changed, const map_values_t *before,
                     const map_values_t *after, ldap_mods_t *mods, err_t *err) MUST_USE;

#endif
