/* SPDX-License-Identifier: Apache-2.0 */
/* scim/patch.h - PATCH requests (RFC 7644 §3.5.2): read, and applied to a resource.
 *
 * The engine is strict; scim/quirk.h rewrites what clients deviate in beforehand. */
#ifndef SCIM_PATCH_H
#define SCIM_PATCH_H

#include "base/arena.h"
#include "base/err.h"
#include "scim/path.h"
#include "scim/schema.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum { SCIM_ADD, SCIM_REPLACE, SCIM_REMOVE } scim_op_kind_t;

typedef struct {
    scim_op_kind_t kind;
    size_t index; /* its place among Operations, for messages */
    bool has_path;
    scim_path_t path;
    json_t *value;       /* NULL: none given */
    bool create_element; /* a value path that selects nothing makes the element (quirk) */
    bool only_element;   /* the value path means the only element, or makes it (quirk) */
} scim_op_t;

typedef struct {
    scim_op_t *ops;
    size_t n, size;
} scim_patch_t;

/* Read a PatchOp body. `max_ops`: more are ERR_TOO_LARGE. ERR_INVALID_SYNTAX when schemas, Operations or an op is missing or unknown,
 * ERR_NO_TARGET for a remove without path, ERR_INVALID_VALUE for add/replace without value. An empty Operations array is ERR_INVALID_SYNTAX. */
bool scim_patch_read(arena_t *mem, const json_t *body, size_t max_ops, scim_patch_t *ret_patch,
                     err_t *err) MUST_USE;

/* Apply all operations, in order, to `resource` (edited in place; on failure its state is
 * undefined: work on a copy). Attribute names end up in the type's spelling. Rules of §3.5.2: add merges, a value already there stays; replace of a
 * complex attribute keeps the sub-attributes that are not named; replace of a value path that selects nothing is noTarget; remove of one is no
 * change; setting primary on one element takes it from the others; readOnly is mutability; removing a required attribute is
 * mutability; wrong types are invalidValue; unknown paths invalidPath. Complex elements are the same when all their
 * sub-attributes (but primary and display) are. What is never returned becomes null where it is removed, not absent. */
bool scim_patch_apply(arena_t *mem, const scim_type_t *type, json_t *resource,
                      const scim_patch_t *patch, err_t *err) MUST_USE;

#endif
