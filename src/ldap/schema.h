/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/schema.h - what is known of attribute types (RFC 4512 §4.1.2).
 *
 * The built-in table has the user attributes of RFC 4519, RFC 4524, RFC 2798, RFC 2307 and our own
 * schema, the operational ones a bridge reads, and Active Directory's common ones. A live
 * subschema can be laid over it. */
#ifndef LDAP_SCHEMA_H
#define LDAP_SCHEMA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    LDAP_RULE_NONE,
    LDAP_RULE_CASE_IGNORE,
    LDAP_RULE_CASE_EXACT,
    LDAP_RULE_NUMERIC_STRING,
    LDAP_RULE_TELEPHONE,        /* blanks and hyphens do not count */
    LDAP_RULE_CASE_IGNORE_LIST, /* postal addresses */
    LDAP_RULE_INTEGER,
    LDAP_RULE_BOOLEAN,
    LDAP_RULE_TIME,
    LDAP_RULE_DN,
    LDAP_RULE_UUID,
    LDAP_RULE_OCTETS,
    LDAP_RULE_OBJECT_IDENTIFIER
} ldap_rule_t;

typedef enum {
    LDAP_SYNTAX_DIRECTORY_STRING,
    LDAP_SYNTAX_IA5_STRING,
    LDAP_SYNTAX_PRINTABLE_STRING,
    LDAP_SYNTAX_NUMERIC_STRING,
    LDAP_SYNTAX_TELEPHONE,
    LDAP_SYNTAX_COUNTRY,
    LDAP_SYNTAX_POSTAL_ADDRESS,
    LDAP_SYNTAX_INTEGER,
    LDAP_SYNTAX_BOOLEAN,
    LDAP_SYNTAX_TIME,
    LDAP_SYNTAX_DN,
    LDAP_SYNTAX_UUID,
    LDAP_SYNTAX_OCTETS,
    LDAP_SYNTAX_OBJECT_IDENTIFIER,
    LDAP_SYNTAX_OTHER
} ldap_syntax_t;

typedef struct {
    str_t name;     /* the preferred one */
    str_t names[3]; /* further ones; empty when unused */
    str_t oid;
    ldap_syntax_t syntax;
    ldap_rule_t equality, ordering, substrings;
    bool single;
    bool operational; /* not returned unless asked for by name or "+" */
    bool read_only;   /* NO-USER-MODIFICATION */
} ldap_attr_type_t;

typedef struct ldap_schema ldap_schema_t;

/* The built-in table; lives for ever. */
const ldap_schema_t *ldap_schema_builtin(void);

/* A schema from subschema values (`attributeTypes`), SUP resolved, over the built-in one. It borrows
 * the values. Types that cannot be read are skipped and counted. A type that names no rule has
 * those of the built-in type of its name; where the server names no rule for any type
 * (Active Directory), its syntax decides. */
const ldap_schema_t *ldap_schema_from_subschema(arena_t *mem, const str_t *attribute_types,
                                                size_t n, size_t *ret_skipped);

/* By any name or OID, options (";binary") ignored; NULL when unknown. */
const ldap_attr_type_t *ldap_schema_find(const ldap_schema_t *schema, str_t name);
/* The same, but an unknown attribute is taken for a multi-valued caseIgnore Directory String. */
const ldap_attr_type_t *ldap_schema_get(const ldap_schema_t *schema, str_t name);

/* Whether the schema itself has it, not only the built-in one below. */
bool ldap_schema_has(const ldap_schema_t *schema, str_t name);

/* ---- object classes (RFC 4512 §4.1.1), of a subschema alone ---- */

typedef enum {
    LDAP_CLASS_STRUCTURAL,
    LDAP_CLASS_AUXILIARY,
    LDAP_CLASS_ABSTRACT
} ldap_class_kind_t;

typedef struct {
    str_t name;     /* the preferred one, or the OID */
    str_t names[3]; /* further ones; empty when unused */
    str_t oid;
    ldap_class_kind_t kind;
    const str_t *sups; /* its superiors, as named there */
    size_t n_sups;
    const str_t *must, *may; /* its own, without those of its superiors */
    size_t n_must, n_may;
} ldap_class_t;

typedef struct {
    const ldap_class_t *items;
    size_t n;
    const ldap_class_t *rules; /* content rules, each under the OID of its structural class */
    size_t n_rules;
} ldap_classes_t;

/* From `objectClasses` values, which are borrowed; those that cannot be read are left out. */
ldap_classes_t ldap_classes_parse(arena_t *mem, const str_t *descriptions, size_t n);
/* The same with `dITContentRules` (RFC 4512 §4.1.6): what the rule of a class demands and allows, and its auxiliary
 * classes do, counts as the class's own. */
void ldap_classes_add_rules(arena_t *mem, ldap_classes_t *classes, const str_t *descriptions,
                            size_t n);
/* By any name or OID; NULL: there is none. */
const ldap_class_t *ldap_class_find(const ldap_classes_t *classes, str_t name);
/* Call `fn` for the class and each of its superiors; false ends it. */
typedef bool ldap_class_fn(void *arg, const ldap_class_t *class);
void ldap_class_each(const ldap_classes_t *classes, str_t name, ldap_class_fn *fn, void *arg);

/* Whether the value has the syntax; an assertion with one that has not is Undefined. As strict as
 * OpenLDAP, so a telephone number is any Printable String. `mem` is for scratch. */
bool ldap_syntax_accepts(arena_t *mem, ldap_syntax_t syntax, str_t value);
const char *ldap_syntax_name(ldap_syntax_t syntax);

/* The value's normal form under a rule: two values match when their normal forms are equal bytes. It
 * may be the value itself. Case is folded for ASCII and, where the text is UTF-8, for the
 * letters of Latin, Greek and Cyrillic that have one simple folding; SPACE is the only blank. */
str_t ldap_rule_normal(arena_t *mem, ldap_rule_t rule, str_t value);
/* The rule of that name or OID; NONE when it is not known. Those for ordering and substrings are
 * the rule by which their values are normalised. */
ldap_rule_t ldap_rule_find(str_t name);

/* Order of two values under an ordering rule: <0, 0, >0. */
int ldap_rule_compare(arena_t *mem, ldap_rule_t rule, str_t a, str_t b);

#endif
