/* SPDX-License-Identifier: Apache-2.0 */
/* scim/parse.h - what the files of this folder share in reading text; not for other layers. */
#ifndef SCIM_PARSE_H
#define SCIM_PARSE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "scim/filter.h"
#include "scim/patch.h"
#include "scim/path.h"

#include <stdbool.h>
#include <stddef.h>

/* Split an attrPath, `[urn ":"] attr ["." sub]`. false: it is none. */
bool scim_path_split(str_t token, scim_path_t *ret_path) MUST_USE;

/* How many bytes from `at` on may belong to an attrPath: up to a blank, bracket or quote. */
size_t scim_path_token(str_t text, size_t at);

/* The length of an attribute name at the beginning of `s`; 0: there is none. */
size_t scim_path_name_length(str_t s);

/* Parse the filter between the brackets of a value path. `*at` is the byte after '[' and moves
 * behind ']'. When the text ends too early, *ret_ended is set and the error is about that. */
const scim_filter_t *scim_filter_parse_brackets(arena_t *mem, str_t text, unsigned leniency,
                                                size_t *at, bool *ret_ended, err_t *err)
    MUST_USE;

/* scim_path_parse with deviations of scim_filter_leniency_t inside the brackets. */
bool scim_path_parse_leniently(arena_t *mem, str_t text, unsigned leniency,
                               scim_path_t *ret_path, err_t *err) MUST_USE;

/* What scim_patch_read lets pass beyond the RFC; all false: the RFC alone. */
typedef struct {
    bool any_schemas;      /* `schemas` is not looked at */
    bool op_case;          /* "Replace" */
    bool empty_operations; /* [] is a patch without operations */
    unsigned leniency;     /* of filters in paths */
} scim_patch_leniency_t;

/* *ret_needed gets what had to be let pass. */
bool scim_patch_read_leniently(arena_t *mem, const json_t *body, size_t max_ops,
                               const scim_patch_leniency_t *leniency, scim_patch_t *ret_patch,
                               scim_patch_leniency_t *ret_needed, err_t *err) MUST_USE;

/* Whether the operation's value stands for the attributes it names: it has no path, or but the
 * core schema's URN. */
bool scim_patch_is_pathless(const scim_type_t *type, const scim_op_t *op) MUST_USE;

/* Append `op` to `patch`, or when it has no path, or that of a whole extension, one operation
 * per attribute of its value. `keys`: member names may be whole paths ("name.givenName",
 * "urn:…:User:department"); otherwise attribute names and the URNs of extensions alone. */
bool scim_patch_spread(arena_t *mem, const scim_type_t *type, const scim_op_t *op, bool keys,
                       unsigned leniency, scim_patch_t *patch, err_t *err) MUST_USE;

void scim_patch_append(arena_t *mem, scim_patch_t *patch, const scim_op_t *op);

#endif
