/* SPDX-License-Identifier: Apache-2.0 */
/* map/lifecycle.h - the steps into and out of a state, for the files that write entries. */
#ifndef MAP_LIFECYCLE_H
#define MAP_LIFECYCLE_H

#include "map/change.h"
#include "map/map.h"

/* Whether the entry at this DN (as text) is in the state by its place. */
bool map_state_places(arena_t *mem, const map_state_t *state, str_t dn);

/* Make one modification that leaves `attr` with exactly these values (none: without it), in
 * place of an earlier one. */
void map_mods_replace(arena_t *mem, ldap_mods_t *mods, str_t attr, const str_t *values,
                      size_t n);

/* Take back what would be written to `attr`. */
void map_mods_drop(ldap_mods_t *mods, str_t attr);

/* map_claim, when something is written to the entry. */
void map_add_auxiliary(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                       ldap_mods_t *mods);

/* A new entry is born in the state, or out of it. The former returns where; NULL: anywhere. */
const ldap_dn_t *map_enter_new(arena_t *mem, const map_state_t *state, ldap_entry_t *entry,
                               int64_t now_s);
void map_leave_new(arena_t *mem, const map_state_t *state, ldap_entry_t *entry, int64_t now_s);

#endif
