/* SPDX-License-Identifier: Apache-2.0 */
/* scim/filter.h - filter expressions (RFC 7644 §3.4.2.2).
 *
 * Parse text once, then walk the tree: map/filter.c turns it into an LDAP filter,
 * scim_filter_test applies it to a value. */
#ifndef SCIM_FILTER_H
#define SCIM_FILTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "scim/path.h"
#include "scim/schema.h"
#include "json/json.h"

#include <stdbool.h>

typedef enum {
    SCIM_F_AND,
    SCIM_F_OR,
    SCIM_F_NOT,
    SCIM_F_PRESENT,
    SCIM_F_COMPARE,
    SCIM_F_VALUE_PATH /* attr[ left ] */
} scim_filter_kind_t;

typedef enum {
    SCIM_EQ,
    SCIM_NE,
    SCIM_CO,
    SCIM_SW,
    SCIM_EW,
    SCIM_GT,
    SCIM_GE,
    SCIM_LT,
    SCIM_LE
} scim_compare_t;

struct scim_filter {
    scim_filter_kind_t kind;
    size_t at;                         /* byte offset in the text, for messages */
    const scim_filter_t *left, *right; /* and, or; not and value path: left */
    scim_path_t path;                  /* present, compare, value path (without its filter) */
    scim_compare_t op;
    const json_t *value; /* compare: string, number, boolean or null */
};

/* Deviations of the grammar that a client is known to send; 0: the RFC alone. */
typedef enum {
    SCIM_FILTER_UNQUOTED = 1,   /* externalId eq jyoung */
    SCIM_FILTER_ELEMENT_EQ = 2, /* emails[type eq "work"] eq "x": as .value eq */
    SCIM_FILTER_TIGHT = 4       /* value eq"x": no blank before the value */
} scim_filter_leniency_t;

enum { SCIM_FILTER_MAX_DEPTH = 32, SCIM_FILTER_MAX_TERMS = 500, SCIM_FILTER_MAX_BYTES = 16384 };

/* Parse; the tree lives in `mem` and borrows from `text`. `emails[type eq "work"].value eq "x"` is taken, beyond the grammar, as
 * emails[type eq "work" and value eq "x"], since Entra matches so. `used` (may be NULL) gets the deviations that were needed.
 * NULL with ERR_INVALID_FILTER, naming the byte and what was expected. */
const scim_filter_t *scim_filter_parse(arena_t *mem, str_t text, unsigned leniency,
                                       unsigned *ret_used, err_t *err) MUST_USE;

/* Whether `value` (a resource, or one element of a multi-valued attribute) matches.
 * `type`, or for an element `attr`, gives caseExact and types; both NULL: no schema, case is ignored. An element that is no object is
 * compared as `value`. `ne` and `not` match where the attribute is absent; strings that are dateTimes compare as times. */
bool scim_filter_test(arena_t *mem, const scim_filter_t *filter, const json_t *value,
                      const scim_type_t *type, const scim_attr_t *attr);

/* Append the filter in canonical text. */
void scim_filter_write(buf_t *buf, const scim_filter_t *filter);

/* The values of `value eq "a" or value eq "b" …` (any shape of "or"): what a value path selects
 * elements by when it lists them. false: the filter is anything else. */
bool scim_filter_list_values(arena_t *mem, const scim_filter_t *filter,
                             const str_t **ret_values, size_t *ret_n) MUST_USE;

const char *scim_compare_name(scim_compare_t op);

#endif
