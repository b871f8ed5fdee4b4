/* SPDX-License-Identifier: Apache-2.0 */
/* scim/path.h - attribute paths: attrPath and valuePath (RFC 7644 §3.4.2.2, §3.5.2, §3.10).
 *
 * Parsing needs no schema; resolving finds what a path means in a resource type. */
#ifndef SCIM_PATH_H
#define SCIM_PATH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "scim/schema.h"

#include <stdbool.h>

typedef struct scim_filter scim_filter_t;

typedef struct {
    str_t text; /* as it was written */
    str_t urn;  /* before the last ':' of a qualified name; empty: none */
    str_t attr;
    const scim_filter_t *filter; /* of a value path; NULL: none */
    str_t sub;                   /* empty: none */
} scim_path_t;

/* Parse a PATCH path, or a map's key. ERR_INVALID_PATH (ERR_INVALID_FILTER inside the brackets) with the
 * byte and what was expected. */
bool scim_path_parse(arena_t *mem, str_t text, scim_path_t *ret_path, err_t *err) MUST_USE;

/* What a path means in a type. */
typedef struct {
    const scim_schema_t
        *schema; /* core or extension the attribute belongs to; NULL: common attribute */
    const scim_attr_t *attr;     /* NULL: the path names a whole extension */
    const scim_attr_t *sub;      /* NULL: the attribute itself */
    const scim_filter_t *filter; /* of a value path */
} scim_target_t;

/* Resolve in `type`. A name without URN is looked for in the core schema, then among the common attributes and then, when
 * exactly one extension has it, there (clients write "department" or "manager" so). A path that is an extension's URN alone means the
 * whole extension. false: no such attribute (nothing is set; the caller knows whether that is invalidPath or invalidFilter). */
bool scim_path_resolve(const scim_type_t *type, const scim_path_t *path,
                       scim_target_t *ret_target) MUST_USE;

/* The full path in canonical spelling, for messages: "emails[type eq \"work\"].value",
 * "urn:…:User:department". */
str_t scim_path_format(arena_t *mem, const scim_target_t *target);

#endif
