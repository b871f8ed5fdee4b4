/* SPDX-License-Identifier: Apache-2.0 */
/* scim/patching.h - what one PATCH operation does to a resource; for this folder alone. */
#ifndef SCIM_PATCHING_H
#define SCIM_PATCHING_H

#include "scim/patch.h"

typedef struct {
    arena_t *mem;
    const scim_type_t *type;
    json_t *resource;
    const scim_op_t *op;
    err_t *err;
} patching_t;

/* ---- scim/patch_attr.c: one attribute of an object: of a resource, an extension's part, an
 * element ---- */

/* ERR_MUTABILITY, always false: the attribute, and why it stays. */
bool patch_fail_mutability(const patching_t *a, const scim_attr_t *attr, const char *why);

/* Set a member, in the schema's spelling. */
void patch_set_member(const patching_t *a, json_t *object, str_t name, json_t *value);
/* Take the attribute away, where it may go. */
bool patch_remove_attr(const patching_t *a, json_t *object, const scim_attr_t *attr);
/* add, replace or remove `attr` of `object` with the operation's value. */
bool patch_attr(const patching_t *a, json_t *object, const scim_attr_t *attr);
/* Complex values: what is named is replaced, the rest stays; null unassigns. */
bool patch_merge(const patching_t *a, json_t *object, const scim_attr_t *attr);

/* ---- scim/patch_values.c: single elements of an attribute of `part` ---- */

/* A value path, or a sub-attribute. A single complex value counts as the only element. */
bool patch_values(const patching_t *a, const scim_target_t *target, json_t *part);
/* The same, or all of it, of a multi-valued attribute, of which one element is primary. */
bool patch_multi(const patching_t *a, const scim_target_t *target, json_t *part);

#endif
