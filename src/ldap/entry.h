/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/entry.h - an entry's attributes, and modifications of them (RFC 4511 §4.1.7, §4.6). */
#ifndef LDAP_ENTRY_H
#define LDAP_ENTRY_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    str_t name; /* attribute description, options included */
    str_t *values;
    size_t n, size;
} ldap_attr_t;

typedef struct {
    str_t dn;
    ldap_attr_t *attrs;
    size_t n, size;
} ldap_entry_t;

/* Names compare without regard to case. NULL when the entry has no such attribute. */
const ldap_attr_t *ldap_entry_find(const ldap_entry_t *entry, str_t name);
/* The first value, or false. */
bool ldap_entry_first(const ldap_entry_t *entry, str_t name, str_t *ret_value);
/* Whether one of the values is the same bytes. */
bool ldap_attr_has(const ldap_attr_t *attr, str_t value);

/* Add a value; the attribute is made where it is absent. No check for doubles. */
void ldap_entry_add(arena_t *mem, ldap_entry_t *entry, str_t name, str_t value);
/* The attribute, made empty where it was absent. */
ldap_attr_t *ldap_entry_get(arena_t *mem, ldap_entry_t *entry, str_t name);
void ldap_attr_add(arena_t *mem, ldap_attr_t *attr, str_t value);
void ldap_entry_remove(ldap_entry_t *entry, str_t name);
ldap_entry_t *ldap_entry_copy(arena_t *mem, const ldap_entry_t *entry);

typedef enum {
    LDAP_MOD_OP_ADD,
    LDAP_MOD_OP_DELETE,
    LDAP_MOD_OP_REPLACE,
    LDAP_MOD_OP_INCREMENT
} ldap_mod_op_t;

typedef struct {
    ldap_mod_op_t op;
    ldap_attr_t attr; /* delete without values: the whole attribute */
} ldap_mod_t;

typedef struct {
    ldap_mod_t *mods;
    size_t n, size;
} ldap_mods_t;

/* A new modification of `name`, to which values are added with ldap_attr_add. */
ldap_attr_t *ldap_mods_add(arena_t *mem, ldap_mods_t *mods, ldap_mod_op_t op, str_t name);
/* One modification with one value. */
void ldap_mods_add_value(arena_t *mem, ldap_mods_t *mods, ldap_mod_op_t op, str_t name,
                         str_t value);

#endif
