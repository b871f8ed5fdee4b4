/* SPDX-License-Identifier: Apache-2.0 */
/* map/value.h - one value, from SCIM to LDAP and back, by a slot's conversion. */
#ifndef MAP_VALUE_H
#define MAP_VALUE_H

#include "base/err.h"
#include "map/map.h"
#include "json/json.h"

/* ERR_INVALID_VALUE names the path and why the directory could not hold the value (its syntax, an unknown
 * reference). References go through `links`. */
bool map_value_to_ldap(arena_t *mem, const map_slot_t *slot, const json_t *value,
                       const map_links_t *links, str_t *ret_value, err_t *err) MUST_USE;

/* NULL when the LDAP value cannot be shown (not UTF-8, a reference that does not resolve, another spelling): it is unseen and stays untouched. */
json_t *map_value_to_scim(arena_t *mem, const map_slot_t *slot, str_t value,
                          const map_links_t *links);

#endif
