/* SPDX-License-Identifier: Apache-2.0 */
/* map/parent.h - under which entry a resource's entry is made. */
#ifndef MAP_PARENT_H
#define MAP_PARENT_H

#include "map/slot.h"

/* The first line of type->parents, from *line on, whose condition holds and whose paths all have a
 * value; *line becomes its number. `values` is of map_place(resource). ERR_INVALID_VALUE when there is none
 * (any more), or when it lies outside the scope. */
bool map_parent_find(arena_t *mem, const map_type_t *type, const json_t *resource,
                     const map_values_t *values, size_t *line, ldap_dn_t *ret_dn, err_t *err)
    MUST_USE;

/* Whether an entry directly under the DN (in normal form) belongs to the scope. */
bool map_scope_takes(const map_scope_t *scope, str_t normal_parent);

#endif
