/* SPDX-License-Identifier: Apache-2.0 */
/* scim/quirk.h - what clients send instead of the RFC's form, rewritten at the edge.
 *
 * One small rewriter per deviation, each with a name under which a connector can switch it; the engine behind stays strict. Rewriters know the
 * attribute's type: the string "True" in a string attribute stays. */
#ifndef SCIM_QUIRK_H
#define SCIM_QUIRK_H

#include "base/arena.h"
#include "base/err.h"
#include "scim/filter.h"
#include "scim/patch.h"
#include "scim/schema.h"
#include "json/json.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    SCIM_QUIRK_OP_CASE,         /* "Replace": op names in any case */
    SCIM_QUIRK_BOOLEAN_STRING,  /* "False" for a boolean attribute; in value path filters too */
    SCIM_QUIRK_UNQUOTED_FILTER, /* filter=externalId eq jyoung */
    SCIM_QUIRK_ELEMENT_FILTER,  /* emails[type eq "work"] eq "x" */
    SCIM_QUIRK_PLACEHOLDER_FILTER, /* PLACEHOLDER eq "x": nothing, instead of invalidFilter */
    SCIM_QUIRK_CREATE_ELEMENT, /* add/replace of a value path that selects nothing makes it */
    SCIM_QUIRK_DOTTED_KEYS, /* {"name.givenName": …, "urn:…:User:department": …} as a value */
    SCIM_QUIRK_REFERENCE_SHAPE, /* manager as "id" or [{"value"}]; {"$ref"} alone */
    SCIM_QUIRK_REMOVE_VALUES,   /* remove members with a value array: only those */
    SCIM_QUIRK_REMOVE_WITH_VALUE, /* remove of a value path with a value: the value is not looked at */
    SCIM_QUIRK_SCALAR_ARRAY, /* [{"value": "X"}] or ["X"] for a scalar */
    SCIM_QUIRK_EMPTY_VALUE, /* "" or null (or {"value": ""}) in PATCH: remove; in POST, PUT: absent */
    SCIM_QUIRK_EMPTY_OPERATIONS, /* no operations: no change */
    SCIM_QUIRK_ROOT_EXTENSION,   /* "department" or "manager" at the root: the extension's */
    SCIM_QUIRK_SCHEMAS_TYPO,     /* schemas missing, mistyped or foreign */
    SCIM_QUIRK_UNMAPPED,         /* row 32: a standard attribute that the type does not have,
                                      * as a path; unknown or read-only ones in a path-less value:
                                      * left out instead of refused */
    SCIM_QUIRK_ADD_IS_REPLACE, /* row 21: off by default: add to a multi-valued attribute replaces */
    SCIM_QUIRK_JSON_STRING, /* row 22: off by default: a JSON object inside a role's value string */
    SCIM_QUIRK_COUNT
} scim_quirk_t;

typedef uint32_t scim_quirks_t; /* bit 1 << scim_quirk_t */

extern const scim_quirks_t scim_quirks_none;
extern const scim_quirks_t scim_quirks_default; /* all but rows 21 and 22 */

/* "booleanString" and so on: as configuration and logs name it. */
const char *scim_quirk_name(scim_quirk_t quirk);
bool scim_quirk_find(str_t name, scim_quirk_t *ret_quirk) MUST_USE;

/* Rewrite a POST or PUT body, in place, into what scim_resource_read expects. To *ret_fired, here and
 * below (may be NULL), the rewriters that changed something are added. */
void scim_quirk_resource(arena_t *mem, scim_quirks_t quirks, const scim_type_t *type,
                         json_t *body, scim_quirks_t *ret_fired);

/* Read a PATCH body through the rewriters: what scim_patch_read gives for the RFC's form of it. An empty
 * patch (n 0) is possible under emptyOperations and removeValues. Path-less operations are spread over their attributes (one operation per attribute), so that
 * what follows sees only operations with paths. */
bool scim_quirk_patch(arena_t *mem, scim_quirks_t quirks, const scim_type_t *type, json_t *body,
                      size_t max_ops, scim_patch_t *ret_patch, scim_quirks_t *ret_fired,
                      err_t *err) MUST_USE;

/* Rewrite the literals of a parsed filter by the types of the attributes: "True" for a boolean, an
 * unquoted 42 for a string. */
const scim_filter_t *scim_quirk_filter(arena_t *mem, scim_quirks_t quirks,
                                       const scim_type_t *type, const scim_filter_t *filter,
                                       scim_quirks_t *ret_fired);

/* The leniency for scim_filter_parse; and the quirks that a used one belongs to. */
unsigned scim_quirk_filter_leniency(scim_quirks_t quirks);
scim_quirks_t scim_quirk_of_leniency(unsigned used);

/* Whether the filter compares the literal attribute PLACEHOLDER: Entra's probe before an admin has
 * chosen the matching attribute. */
bool scim_quirk_is_placeholder(const scim_filter_t *filter);

/* ---- when a request is refused ---- */

/* Of the rewriters that are not in `on`, though by default they are, those that would have changed the
 * body of a PATCH, or of a POST or PUT (edited in place), or the text of a filter. */
scim_quirks_t scim_quirk_missed_patch(arena_t *mem, scim_quirks_t on, const scim_type_t *type,
                                      json_t *body);
scim_quirks_t scim_quirk_missed_resource(arena_t *mem, scim_quirks_t on,
                                         const scim_type_t *type, json_t *body);
scim_quirks_t scim_quirk_missed_filter(arena_t *mem, scim_quirks_t on, const scim_type_t *type,
                                       str_t text);

/* Add to the detail which of `missed` can have led to an error of this kind:
 * "(booleanString is off)". */
void scim_quirk_blame(scim_quirks_t missed, err_t *err);

#endif
