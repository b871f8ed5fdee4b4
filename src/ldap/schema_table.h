/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/schema_table.h - the built-in attribute types as data, and the index of a schema; for
 * schema*.c alone. */
#ifndef LDAP_SCHEMA_TABLE_H
#define LDAP_SCHEMA_TABLE_H

#include "ldap/schema.h"

typedef struct {
    ldap_syntax_t syntax;
    ldap_rule_t equality, ordering, substrings;
} ldap_schema_kind_t;

enum { LDAP_SCHEMA_SINGLE = 1, LDAP_SCHEMA_OPERATIONAL = 2, LDAP_SCHEMA_READ_ONLY = 4 };

typedef struct {
    const char *names; /* the preferred one first, a blank between two */
    const char *oid;
    unsigned kind; /* index of ldap_schema_kinds */
    unsigned flags;
} ldap_schema_row_t;

enum { LDAP_SCHEMA_MAX_ROWS = 250 };

extern const ldap_schema_kind_t ldap_schema_kinds[];
extern const ldap_schema_row_t ldap_schema_rows[];
extern const size_t ldap_schema_n_rows;

/* An open-addressing table of names and OIDs; n_slots is a power of two. */
typedef struct {
    str_t name;
    const ldap_attr_type_t *type; /* NULL: free */
} ldap_schema_slot_t;

struct ldap_schema {
    const ldap_schema_t *under; /* looked at where this one does not know a name */
    ldap_schema_slot_t *slots;
    size_t n_slots, n_used;
};

/* The next word of a description: '(', ')' or '$', a quoted string without its quotes, or what stands
 * between blanks. Empty at the end. */
str_t ldap_schema_word(str_t *text);
/* One value, or a list in parentheses; the first `max` are kept. How many. */
size_t ldap_schema_values(str_t *text, str_t *values, size_t max);

void ldap_schema_reserve(arena_t *mem, ldap_schema_t *schema, size_t n_types);
void ldap_schema_put(ldap_schema_t *schema, const ldap_attr_type_t *type);

#endif
