/* SPDX-License-Identifier: Apache-2.0 */
/* map/version.h - the directory's own stamp of an entry's changes, told to clients as its ETag. */
#ifndef MAP_VERSION_H
#define MAP_VERSION_H

#include "map/map.h"

/* The LDAP attributes to read for it, the best first. */
ldap_names_t map_version_names(const map_dialect_t *dialect);
/* Empty: it was not read, or the dialect has none. */
str_t map_version_of(const map_dialect_t *dialect, const ldap_entry_t *entry);
/* An entry that has this version still. NULL: there is no saying. */
const ldap_filter_t *map_version_is(arena_t *mem, const map_t *map, str_t version);

#endif
