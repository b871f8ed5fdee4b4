/* SPDX-License-Identifier: Apache-2.0 */
/* scim/schema.h - attribute definitions, schemas and resource types (RFC 7643 §2, §6, §7).
 *
 * The built-in schemas come from schema/scim/ as data. A map narrows them to what it serves: such a
 * narrowed type, not the built-in one, drives validation, PATCH, projection and /Schemas. */
#ifndef SCIM_SCHEMA_H
#define SCIM_SCHEMA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>

#define SCIM_URN_USER "urn:ietf:params:scim:schemas:core:2.0:User"
#define SCIM_URN_GROUP "urn:ietf:params:scim:schemas:core:2.0:Group"
#define SCIM_URN_ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define SCIM_URN_LIST "urn:ietf:params:scim:api:messages:2.0:ListResponse"
#define SCIM_URN_PATCH "urn:ietf:params:scim:api:messages:2.0:PatchOp"
#define SCIM_URN_BULK_REQUEST "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
#define SCIM_URN_BULK_RESPONSE "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
#define SCIM_URN_ERROR "urn:ietf:params:scim:api:messages:2.0:Error"

typedef enum {
    SCIM_STRING,
    SCIM_BOOLEAN,
    SCIM_DECIMAL,
    SCIM_INTEGER,
    SCIM_DATETIME,
    SCIM_BINARY,
    SCIM_REFERENCE,
    SCIM_COMPLEX
} scim_kind_t;

typedef enum {
    SCIM_READ_WRITE,
    SCIM_READ_ONLY,
    SCIM_IMMUTABLE,
    SCIM_WRITE_ONLY
} scim_mutability_t;

typedef enum {
    SCIM_RETURNED_DEFAULT,
    SCIM_RETURNED_ALWAYS,
    SCIM_RETURNED_NEVER,
    SCIM_RETURNED_REQUEST
} scim_returned_t;

typedef enum { SCIM_UNIQUE_NONE, SCIM_UNIQUE_SERVER, SCIM_UNIQUE_GLOBAL } scim_uniqueness_t;

typedef struct scim_attr scim_attr_t;
typedef struct scim_schema scim_schema_t;

struct scim_attr {
    str_t name, description;
    scim_kind_t kind;
    bool multi, required, case_exact;
    scim_mutability_t mutability;
    scim_returned_t returned;
    scim_uniqueness_t uniqueness;
    const str_t *canonical; /* canonicalValues */
    size_t n_canonical;
    const str_t *references; /* referenceTypes */
    size_t n_references;
    const scim_attr_t *subs; /* complex: sub-attributes */
    size_t n_subs;
};

struct scim_schema {
    str_t id, name, description;
    const scim_attr_t *attrs;
    size_t n;
    bool core; /* paths name its attributes without the URN */
};

typedef struct {
    str_t name;     /* "User" */
    str_t endpoint; /* "/Users" */
    str_t description;
    const scim_schema_t *core;
    const scim_schema_t *const *extensions;
    size_t n_extensions;
} scim_type_t;

/* Attributes that every resource has (RFC 7643 §3.1). Paths find id, meta and schemas in every
 * type; externalId only where the type's core schema lists it, which is what a type does that
 * has one. /Schemas never shows it. */
extern const scim_attr_t scim_attr_id, scim_attr_external_id, scim_attr_meta, scim_attr_schemas;

/* Read a schema definition (RFC 7643 §7) from its JSON form. ERR_CONFIG when it is none. */
const scim_schema_t *scim_schema_load(arena_t *mem, const json_t *definition, err_t *err)
    MUST_USE;

/* A built-in schema by URN, or by the name of its file ("User"); NULL when there is none. Loaded once,
 * on first use, thread-safe; lives for ever. */
const scim_schema_t *scim_schema_builtin(str_t urn);
/* The whole built-in User (with EnterpriseUser) and Group types, with externalId. */
const scim_type_t *scim_type_builtin(str_t name);

/* Names compare without regard to case (RFC 7643 §2.1); NULL when there is none. */
const scim_attr_t *scim_schema_find(const scim_schema_t *schema, str_t name);
const scim_attr_t *scim_attr_find_sub(const scim_attr_t *attr, str_t name);
/* The core schema or the extension with this URN. */
const scim_schema_t *scim_type_find_schema(const scim_type_t *type, str_t urn);

/* The definition as JSON, as /Schemas serves it (RFC 7643 §7), with `meta` under `base_url`. */
json_t *scim_schema_to_json(arena_t *mem, const scim_schema_t *schema, str_t base_url);
/* The type as JSON, as /ResourceTypes serves it (RFC 7643 §6). */
json_t *scim_type_to_json(arena_t *mem, const scim_type_t *type, str_t base_url);

const char *scim_kind_name(scim_kind_t kind);

#endif
