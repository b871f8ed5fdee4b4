/* SPDX-License-Identifier: Apache-2.0 */
/* map/to_entry.h - a SCIM resource as a new LDAP entry. */
#ifndef MAP_TO_ENTRY_H
#define MAP_TO_ENTRY_H

#include "base/err.h"
#include "map/map.h"
#include "json/json.h"

/* The ids that the resource names in reference slots (members, manager): what must be
 * resolved first. */
void map_collect_ids(arena_t *mem, const map_type_t *type, const json_t *resource,
                     str_t **ret_ids, size_t *ret_n);

/* What is tried of several things that the map allows. */
typedef struct {
    size_t *rules; /* for each rule of the type, which of its complete alternatives */
    size_t
        parent; /* lines of `parent` before this one are passed over; afterwards: which one it is */
    ldap_dn_t parent_dn; /* afterwards: what it says, unless: */
    const ldap_dn_t
        *put; /* afterwards: where the lifecycle has the entry made; NULL: it does not care */
    str_t
        *numbers; /* for each rule of the type with a counter, the number that was taken; empty:
                     * none so far, then its attribute is left out. NULL: none of any */
} map_choice_t;

/* The entry to add for a canonical resource: DN, object classes, slots, rules, lifecycle of
 * `active`, the placeholder of an empty group. A caller that met a value which is taken, or a
 * parent that is missing, makes the next `choice` (NULL: the first of everything) until ERR_UNIQUENESS. ERR_INVALID_VALUE names the path: an
 * element no slot can hold, a second value in a slot for one, a required or naming value
 * that is missing, a value outside the syntax. */
bool map_to_entry(arena_t *mem, const map_t *map, const map_type_t *type,
                  const json_t *resource, const map_links_t *links, map_choice_t *choice,
                  int64_t now_s, ldap_entry_t *ret_entry, err_t *err) MUST_USE;

/* What the rule makes of the resource, by each alternative that is complete; returns how many. */
size_t map_alternatives(arena_t *mem, const map_type_t *type, const map_rule_t *rule,
                        const json_t *resource, str_t **ret_values);

/* The filter that recognises an existing entry: of the paths in type->match, the first that both
 * the resource and the entry have a value for must be equal, such as
 * (|(scimExternalId=1)(&(!(scimExternalId=*))(uid=a))). NULL: the resource has none of them.
 * *ret_first is the equality of the first path that the resource has alone: requests with an equal
 * one must not run at the same time. */
const ldap_filter_t *map_match_filter(arena_t *mem, const map_type_t *type,
                                      const json_t *resource, const ldap_filter_t **ret_first,
                                      err_t *err) MUST_USE;

/* Of the paths in type->match, the first that both have a value for: the one that decides. NULL: none. */
const map_slot_t *map_match_slot(arena_t *mem, const map_type_t *type, const json_t *resource,
                                 const ldap_entry_t *entry);

#endif
