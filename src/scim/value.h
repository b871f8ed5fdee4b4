/* SPDX-License-Identifier: Apache-2.0 */
/* scim/value.h - values of attributes in a resource: primaries and sets of elements. For this
 * folder alone. */
#ifndef SCIM_VALUE_H
#define SCIM_VALUE_H

#include "base/arena.h"
#include "base/str.h"
#include "scim/schema.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>

/* null, and arrays and objects without anything in them: the same as absent (RFC 7643 §2.5). */
bool scim_value_is_absent(const json_t *value);

/* scim_value_read for all values of an attribute: an array where it is multi-valued. Elements
 * that are absent are dropped; two primaries are ERR_INVALID_VALUE. */
json_t *scim_values_read(arena_t *mem, const scim_attr_t *attr, const json_t *value, str_t path,
                         err_t *err) MUST_USE;

/* Nothing is left of a value but what describes it: "work", but no address. Values whose
 * attribute has nothing but such parts are empty only without any. */
bool scim_value_is_hollow(const scim_attr_t *attr, const json_t *value);

/* Whether an element of a multi-valued attribute is marked as primary. */
bool scim_value_is_primary(const json_t *element);

/* The elements of an array, found by identity: complex elements are the same when all their
 * sub-attributes but primary and display are; references when their `value` is. */
typedef struct {
    arena_t *mem;
    const scim_attr_t *attr;
    const json_t *array;
    size_t *buckets; /* place in the array plus one */
    size_t n_buckets, n;
} scim_value_set_t;

/* All of `array`, which may be appended to later, each time followed by _add. */
void scim_value_set_init(scim_value_set_t *set, arena_t *mem, const scim_attr_t *attr,
                         const json_t *array);
void scim_value_set_add(scim_value_set_t *set, size_t at);
/* The same element in the array, or NULL. */
json_t *scim_value_set_find(const scim_value_set_t *set, const json_t *element);

#endif
