/* SPDX-License-Identifier: Apache-2.0 */
/* scim/resource.h - resource bodies: checked against their type, and written out.
 *
 * In the canonical form names are spelt as the schema spells them, values have the attribute's
 * type, null and empty arrays are absent, extension attributes stand under their URN. `schemas`, `id`
 * and `meta` are not part of it. */
#ifndef SCIM_RESOURCE_H
#define SCIM_RESOURCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "scim/path.h"
#include "scim/schema.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>

/* Read a POST or PUT body into canonical form. Attributes that the type does not have are dropped and counted; readOnly ones are
 * dropped. ERR_INVALID_SYNTAX: no object; ERR_INVALID_VALUE: wrong type, two primaries. Required attributes are
 * checked by scim_resource_check_required. */
json_t *scim_resource_read(arena_t *mem, const scim_type_t *type, const json_t *body,
                           size_t *ret_ignored, err_t *err) MUST_USE;

/* Whether the body's `schemas` lists the type's core schema (RFC 7643 §3); else
 * ERR_INVALID_SYNTAX. */
bool scim_resource_check_schemas(const scim_type_t *type, const json_t *body, err_t *err)
    MUST_USE;

/* ERR_INVALID_VALUE naming each required attribute that is absent. */
bool scim_resource_check_required(const scim_type_t *type, const json_t *resource, err_t *err)
    MUST_USE;

/* One value for `attr` (one element where attr is multi-valued; one sub-attribute's value when attr is one) in canonical
 * form. Unknown sub-attributes are dropped. NULL with ERR_INVALID_VALUE naming `path`. */
json_t *scim_value_read(arena_t *mem, const scim_attr_t *attr, const json_t *value, str_t path,
                        err_t *err) MUST_USE;

/* Find or make the object that holds `schema`'s attributes in a resource: the resource itself for the core, the member named by the URN for an
 * extension. `scim_resource_part` gives NULL when absent. */
json_t *scim_resource_part(json_t *resource, const scim_type_t *type,
                           const scim_schema_t *schema);
json_t *scim_resource_make_part(arena_t *mem, json_t *resource, const scim_type_t *type,
                                const scim_schema_t *schema);

/* ---- what the client wants to see: attributes, excludedAttributes (RFC 7644 §3.9) ---- */

typedef struct {
    const scim_target_t *only; /* attributes; n_only 0 with `all`: everything by default */
    size_t n_only;
    const scim_target_t *except;
    size_t n_except;
    bool all; /* no `attributes` parameter was given */
} scim_projection_t;

/* Read the two parameters (comma-separated; NULL views: absent). Names the type does not have are ignored;
 * both at once are ERR_BAD_REQUEST. */
bool scim_projection_read(arena_t *mem, const scim_type_t *type, const str_t *attributes,
                          const str_t *excluded, scim_projection_t *ret, err_t *err) MUST_USE;

/* Whether the attribute (sub NULL: any part of it) is to be returned. */
bool scim_projection_wants(const scim_projection_t *projection, const scim_schema_t *schema,
                           const scim_attr_t *attr, const scim_attr_t *sub);

/* What surrounds the attributes of a resource when it is written. */
typedef struct {
    str_t id;
    str_t location;               /* absolute URL */
    str_t version;                /* ETag, weak form W/"…"; empty: none */
    str_t created, last_modified; /* dateTime; empty: none */
} scim_envelope_t;

/* Append the resource as JSON: schemas (core and the extensions that have values), id, the wanted attributes, meta. */
void scim_resource_write(buf_t *buf, const scim_type_t *type, const json_t *resource,
                         const scim_envelope_t *envelope, const scim_projection_t *projection);

#endif
