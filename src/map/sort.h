/* SPDX-License-Identifier: Apache-2.0 */
/* map/sort.h - what a resource is sorted by (RFC 7644 §3.4.2.3).
 *
 * The key is text whose bytes sort as the values do: strings folded unless they are caseExact,
 * numbers and times by their value, false before true, no value last. Of a multi-valued
 * attribute counts the primary value, else the first. */
#ifndef MAP_SORT_H
#define MAP_SORT_H

#include "base/err.h"
#include "map/map.h"
#include "scim/path.h"
#include "scim/resource.h"

typedef enum {
    MAP_SORT_ABSENT, /* the type has no such attribute: no resource of it has a value */
    MAP_SORT_ID,
    MAP_SORT_CREATED,
    MAP_SORT_MODIFIED,
    MAP_SORT_TYPE,
    MAP_SORT_VALUE
} map_sort_kind_t;

typedef struct {
    map_sort_kind_t kind;
    scim_target_t target; /* of a value: its sub-attribute is chosen */
    scim_projection_t projection;
    ldap_names_t names; /* LDAP attributes that the key is made of */
} map_sort_t;

/* What `path` means for the type. ERR_INVALID_VALUE: it names something without an order
 * (references, binary values, passwords, a complex attribute as a whole). */
bool map_sort_read(arena_t *mem, const map_t *map, const map_type_t *type,
                   const scim_path_t *path, map_sort_t *ret_sort, err_t *err) MUST_USE;

/* The key, without NUL, never empty. */
str_t map_sort_key(arena_t *mem, const map_t *map, const map_type_t *type,
                   const map_sort_t *sort, const ldap_entry_t *entry, int64_t now_s);

#endif
