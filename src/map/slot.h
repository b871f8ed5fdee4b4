/* SPDX-License-Identifier: Apache-2.0 */
/* map/slot.h - where in a resource a slot's values stand. */
#ifndef MAP_SLOT_H
#define MAP_SLOT_H

#include "base/err.h"
#include "map/map.h"
#include "json/json.h"

/* The attribute that the values are: the sub-attribute, or attr. */
const scim_attr_t *map_slot_leaf(const map_slot_t *slot);
scim_kind_t map_slot_kind(const map_slot_t *slot);

/* What a map calls the conversions, by map_as_t; NULL for references, which have no word and end
 * the list. */
extern const char *const map_as_names[];

/* Whether two slots hold parts of one attribute; of one element of it. */
bool map_slot_same_attr(const map_slot_t *a, const map_slot_t *b);
bool map_slot_same_element(const map_slot_t *a, const map_slot_t *b);

/* The place of a slot of this type in type->slots. */
size_t map_slot_number(const map_type_t *type, const map_slot_t *slot);

/* Whether the attribute is one of those that the slot writes. */
bool map_slot_has_ldap(const map_slot_t *slot, str_t ldap);
/* The slot that writes this LDAP attribute, or NULL; likewise the rule. */
const map_slot_t *map_slot_of_ldap(const map_type_t *type, str_t ldap);
const map_rule_t *map_rule_of_ldap(const map_type_t *type, str_t ldap);

/* Whether values of the slot are ever written. */
bool map_slot_writes(const map_slot_t *slot);

/* The attribute's value in a resource, or NULL. */
json_t *map_slot_find(const map_type_t *type, const map_slot_t *slot, const json_t *resource);
/* Whether the type's `active` is kept by the lifecycle. */
bool map_has_active(const map_type_t *type);
/* ... and the target is it. */
bool map_is_active_attr(const map_type_t *type, const scim_target_t *target);
/* What `active` of a resource says; absent: true. */
bool map_is_active(const json_t *resource);

/* The values that a slot is to hold, as the resource has them, each once. */
typedef struct {
    const json_t **values;
    size_t n, size;
} map_values_t;

/* Find the slot of each value: an array as long as type->slots. ERR_INVALID_VALUE: an element
 * that no slot can hold, a second value in a slot for one. */
map_values_t *map_place(arena_t *mem, const map_type_t *type, const json_t *resource,
                        err_t *err) MUST_USE;

#endif
