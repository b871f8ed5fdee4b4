/* SPDX-License-Identifier: Apache-2.0 */
/* map/transform.h - what a template does to a value before it is put in: {path | lower}. */
#ifndef MAP_TRANSFORM_H
#define MAP_TRANSFORM_H

#include "map/map.h"

/* The value through all of them, in order. May be empty. */
str_t map_transform(arena_t *mem, const map_transform_t *transforms, size_t n, str_t value);

/* Whether something may become nothing. */
bool map_transform_may_empty(const map_transform_t *transform);
/* Whether two values that an attribute with this rule tells apart may come out as one. */
bool map_transform_loses(const map_transform_t *transform, ldap_rule_t rule);

#endif
