/* SPDX-License-Identifier: Apache-2.0 */
/* Resources by chance, of what a map can hold. */
#ifndef TEST_MAP_RANDOM_H
#define TEST_MAP_RANDOM_H

#include "map/map.h"
#include "json/json.h"

/* The next number of the sequence, below n. */
uint32_t random_below(uint32_t *seed, uint32_t n);

/* In canonical form. What the directory's classes demand is always there; no password. */
json_t *random_resource(arena_t *mem, const map_type_t *type, uint32_t *seed);

/* Without $ref and the type of a reference, which are the bridge's own. */
void random_drop_derived(json_t *resource);

#endif
