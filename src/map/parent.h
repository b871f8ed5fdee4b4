/* SPDX-License-Identifier: Apache-2.0 */
/* map/parent.h - under which entry a resource's entry is made. */
#ifndef MAP_PARENT_H
#define MAP_PARENT_H

#include "map/change.h"
#include "map/slot.h"

/* The first line of type->parents, from *line on, whose condition holds and whose paths all have a
 * value; *line becomes its number. `values` is of map_place(resource). ERR_INVALID_VALUE when there is none
 * (any more), or when it lies outside the scope. */
bool map_parent_find(arena_t *mem, const map_type_t *type, const json_t *resource,
                     const map_values_t *values, size_t *line, ldap_dn_t *ret_dn, err_t *err)
    MUST_USE;

/* Let an entry at this DN follow: where the first line that applies to the resource before is another for
 * the resource after, to `change` the places that the latter may have. ERR_INVALID_VALUE as
 * map_parent_find. */
typedef struct {
    const json_t *resource;
    const map_values_t *values;
} map_placed_t;
bool map_parent_follow(arena_t *mem, const map_type_t *type, str_t dn,
                       const map_placed_t *before, const map_placed_t *after,
                       map_change_t *change, err_t *err) MUST_USE;

/* The same for one that returns to where the map puts it: wherever it is. */
bool map_parent_return(arena_t *mem, const map_type_t *type, str_t dn,
                       const map_placed_t *after, map_change_t *change, err_t *err) MUST_USE;
/* The entry at this DN goes to the first of the moves that is there, under the name that it is to have. */
void map_plan_moves(arena_t *mem, str_t dn, const map_move_t *moves, size_t n,
                    map_change_t *change);

/* Whether the place of an entry that follows depends on the SCIM attribute of this name. */
bool map_parent_uses(const map_type_t *type, str_t attr);

/* Whether an entry directly under the DN (in normal form) belongs to the scope, and to no state by its
 * place. */
bool map_scope_takes(const map_scope_t *scope, str_t normal_parent);

#endif
