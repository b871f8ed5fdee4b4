/* SPDX-License-Identifier: Apache-2.0 */
/* map/names.h - the LDAP attributes to ask for, worked out when the map is loaded. */
#ifndef MAP_NAMES_H
#define MAP_NAMES_H

#include "map/map.h"

/* Fill type->names and its three companions; slots, rules, states and scope are there. */
void map_make_names(arena_t *mem, const map_t *map, map_type_t *type);

#endif
