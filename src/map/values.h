/* SPDX-License-Identifier: Apache-2.0 */
/* map/values.h - the values of slots and rules on their way into an entry. */
#ifndef MAP_VALUES_H
#define MAP_VALUES_H

#include "base/err.h"
#include "map/slot.h"

/* The slot's values as the directory is to have them; of those it takes for equal the first.
 * ERR_INVALID_VALUE as map_value_to_ldap. */
bool map_slot_to_ldap(arena_t *mem, const map_slot_t *slot, const map_values_t *values,
                      const map_links_t *links, ldap_attr_t *ret_attr, err_t *err) MUST_USE;

/* ERR_INVALID_VALUE naming the paths that must have a value and have none. */
bool map_check_required(arena_t *mem, const map_type_t *type, const json_t *resource,
                        const map_values_t *values, err_t *err) MUST_USE;

/* ERR_INVALID_VALUE when the directory could not hold what a rule has made. */
bool map_rule_check(arena_t *mem, const map_t *map, const map_rule_t *rule, str_t value,
                    err_t *err) MUST_USE;

#endif
