/* SPDX-License-Identifier: Apache-2.0 */
/* map/old_name.h - the name that an entry keeps until what follows from its new one is written.
 *
 * A rename and the modify that it demands are two operations. The rename leaves the old value of the naming attribute
 * in the entry, and the modify removes it along with what had been made of it: whoever finds it there knows that
 * the modify never came, and what it was to do (ADR 19). */
#ifndef MAP_OLD_NAME_H
#define MAP_OLD_NAME_H

#include "map/change.h"
#include "map/slot.h"

/* The values that the resource had before a rename whose modify never came: with a name that does not name the entry any
 * more, and of which something in the entry is made that is to be made of its name. Else `values`, which are of
 * map_place, of the resource as it is shown. */
map_values_t *map_values_of_old_name(arena_t *mem, const map_t *map, const map_type_t *type,
                                     const ldap_entry_t *entry, const map_links_t *links,
                                     map_values_t *values);

/* Let the change from `before` to `after` remove what named the entry; where it renames it, and would be known by
 * its old name, the rename leaves that in place. */
void map_drop_old_name(arena_t *mem, const map_t *map, const map_type_t *type,
                       const ldap_entry_t *entry, const map_links_t *links,
                       const map_values_t *before, const map_values_t *after,
                       map_change_t *change);

/* The rename comes after the modify (map_change_t.last), so that nothing need tell of it: it takes the old name with
 * it. */
void map_keep_no_old_name(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                          map_change_t *change);

#endif
