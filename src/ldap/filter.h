/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/filter.h - search filters and assertions as trees (RFC 4511 §4.5.1.7, RFC 4515).
 *
 * Filters are built as trees and formatted once, here: escaping by construction. A tree is
 * immutable once built; parts may be shared. */
#ifndef LDAP_FILTER_H
#define LDAP_FILTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "ldap/entry.h"
#include "ldap/schema.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    LDAP_F_AND, /* without parts: true (RFC 4526) */
    LDAP_F_OR,  /* without parts: false */
    LDAP_F_NOT,
    LDAP_F_EQUAL,
    LDAP_F_GREATER, /* or equal */
    LDAP_F_LESS,    /* or equal */
    LDAP_F_APPROX,
    LDAP_F_PRESENT,
    LDAP_F_SUBSTRINGS,
    LDAP_F_EXTENSIBLE,
    LDAP_F_UNDER /* the entry lies below the DN `value`; decided by ldap_filter_at, not by servers */
} ldap_filter_kind_t;

typedef struct ldap_filter ldap_filter_t;

struct ldap_filter {
    ldap_filter_kind_t kind;
    str_t attr;
    str_t value;      /* unescaped; substrings: the initial part; under: a DN in normal form */
    str_t rule;       /* extensible: matching rule, may be empty */
    bool dn_attrs;    /* extensible: ":dn" */
    const str_t *any; /* substrings: the middle parts */
    size_t n_any;
    str_t final;                       /* substrings: the final part */
    const ldap_filter_t *const *parts; /* and, or: n_parts; not: one */
    size_t n_parts;
};

/* Builders. `and`/`or` drop NULL parts, flatten nested ones of their kind, drop neutral constants and
 * become the constant that decides; a single part is returned as it is. NULL for both: true. */
const ldap_filter_t *ldap_filter_true(void);
const ldap_filter_t *ldap_filter_false(void);
bool ldap_filter_is_true(const ldap_filter_t *filter);
bool ldap_filter_is_false(const ldap_filter_t *filter);
const ldap_filter_t *ldap_filter_and(arena_t *mem, const ldap_filter_t *const *parts, size_t n);
const ldap_filter_t *ldap_filter_or(arena_t *mem, const ldap_filter_t *const *parts, size_t n);
const ldap_filter_t *ldap_filter_and2(arena_t *mem, const ldap_filter_t *a,
                                      const ldap_filter_t *b);
const ldap_filter_t *ldap_filter_or2(arena_t *mem, const ldap_filter_t *a,
                                     const ldap_filter_t *b);
/* Constants are negated, a double negation is undone. */
const ldap_filter_t *ldap_filter_not(arena_t *mem, const ldap_filter_t *part);
const ldap_filter_t *ldap_filter_equal(arena_t *mem, str_t attr, str_t value);
const ldap_filter_t *ldap_filter_greater(arena_t *mem, str_t attr, str_t value);
const ldap_filter_t *ldap_filter_less(arena_t *mem, str_t attr, str_t value);
const ldap_filter_t *ldap_filter_present(arena_t *mem, str_t attr);
/* Any of the three may be empty; all empty means present. */
const ldap_filter_t *ldap_filter_substrings(arena_t *mem, str_t attr, str_t initial, str_t any,
                                            str_t final);
const ldap_filter_t *ldap_filter_extensible(arena_t *mem, str_t attr, str_t rule, str_t value);
/* True of the entries strictly below the DN. Few servers can be asked that, so ldap/at.h answers it
 * before anything is sent. */
const ldap_filter_t *ldap_filter_under(arena_t *mem, str_t normal_dn);

/* Parse RFC 4515 text, as an admin writes it. ERR_INVALID_FILTER names the byte and what was expected.
 * Depth at most 32, at most 1,000 terms. */
const ldap_filter_t *ldap_filter_parse(arena_t *mem, str_t text, err_t *err) MUST_USE;

void ldap_filter_write(buf_t *buf, const ldap_filter_t *filter);
str_t ldap_filter_format(arena_t *mem, const ldap_filter_t *filter);

/* Undefined is what an attribute unknown to the server, or an unusable rule, gives
 * (RFC 4511 §4.5.1.7); not undefined is undefined. */
typedef enum { LDAP_FALSE, LDAP_TRUE, LDAP_UNDEFINED } ldap_truth_t;

/* What a server with this schema would answer for the entry. `entry->dn` is not looked at
 * except through the attribute entryDN and by "under". An attribute the entry lacks is not matched (false). Extensible rules
 * known: the bitwise ones of AD (1.2.840.113556.1.4.803 and .804), caseExactMatch, caseIgnoreMatch and their OIDs. */
ldap_truth_t ldap_filter_test(arena_t *mem, const ldap_filter_t *filter,
                              const ldap_entry_t *entry, const ldap_schema_t *schema);

/* Call `fn` for each attribute description that the filter names. */
typedef void ldap_filter_attr_fn(void *arg, str_t attr);
void ldap_filter_each_attr(const ldap_filter_t *filter, ldap_filter_attr_fn *fn, void *arg);

#endif
