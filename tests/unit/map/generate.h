/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/generate.h - maps that nobody wrote. */
#ifndef UNIT_MAP_GENERATE_H
#define UNIT_MAP_GENERATE_H

#include "map/map.h"

/* A map of a User with any attributes, each stored in one of the ways that fit it, and a Device of
 * attributes of one's own. Fails the test when it does not load. */
const map_t *generate_map(arena_t *mem, uint32_t *seed);

/* A map of a User whose lifecycle has any steps; attributes are userName, employeeType and
 * roomNumber. */
const map_t *generate_lifecycle(arena_t *mem, uint32_t *seed);

#endif
