/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/schema.h"

#include "base/hash.h"
#include "ldap/schema_table.h"

#include <assert.h>
#include <pthread.h>

enum { BUILTIN_SLOTS = 1024 }; /* twice the names and OIDs */

static ldap_attr_type_t builtin_types[LDAP_SCHEMA_MAX_ROWS];
static ldap_schema_slot_t builtin_slots[BUILTIN_SLOTS];
static ldap_schema_t builtin = {.slots = builtin_slots, .n_slots = BUILTIN_SLOTS};
static pthread_once_t builtin_once = PTHREAD_ONCE_INIT;

static ldap_schema_slot_t *
find_slot(const ldap_schema_t *schema, str_t name)
{
    size_t mask = schema->n_slots - 1;
    size_t i = (size_t)hash_name(name) & mask;

    while (schema->slots[i].type != NULL && !str_ieq(schema->slots[i].name, name))
        i = (i + 1) & mask;
    return &schema->slots[i];
}

static void
put_name(ldap_schema_t *schema, str_t name, const ldap_attr_type_t *type)
{
    ldap_schema_slot_t *slot;

    if (name.n == 0)
        return;
    slot = find_slot(schema, name);
    if (slot->type != NULL)
        return; /* the first definition of a name counts */
    assert(schema->n_used < schema->n_slots - 1);
    schema->n_used++;
    *slot = (ldap_schema_slot_t){.name = name, .type = type};
}

void
ldap_schema_put(ldap_schema_t *schema, const ldap_attr_type_t *type)
{
    put_name(schema, type->name, type);
    for (size_t i = 0; i < ARRAY_SIZE(type->names); i++)
        put_name(schema, type->names[i], type);
    put_name(schema, type->oid, type);
}

void
ldap_schema_reserve(arena_t *mem, ldap_schema_t *schema, size_t n_types)
{
    size_t n = 16;

    while (n < n_types * 10) /* each has at most five names; half of the slots stay free */
        n *= 2;
    schema->slots = arena_array_of(mem, n, ldap_schema_slot_t);
    schema->n_slots = n;
}

static void
set_names(ldap_attr_type_t *type, const char *names)
{
    str_t rest = str_from_c(names);
    size_t n = str_find_char(rest, ' ');

    type->name = str_slice(rest, 0, n);
    for (size_t i = 0; n < rest.n; i++) {
        assert(i < ARRAY_SIZE(type->names));
        rest = str_skip(rest, n + 1);
        n = str_find_char(rest, ' ');
        type->names[i] = str_slice(rest, 0, n);
    }
}

static void
make_builtin(void)
{
    assert(ldap_schema_n_rows <= LDAP_SCHEMA_MAX_ROWS);
    for (size_t i = 0; i < ldap_schema_n_rows; i++) {
        const ldap_schema_row_t *row = &ldap_schema_rows[i];
        const ldap_schema_kind_t *kind = &ldap_schema_kinds[row->kind];
        ldap_attr_type_t *type = &builtin_types[i];

        *type = (ldap_attr_type_t){.oid = str_from_c(row->oid),
                                   .syntax = kind->syntax,
                                   .equality = kind->equality,
                                   .ordering = kind->ordering,
                                   .substrings = kind->substrings,
                                   .single = row->flags & LDAP_SCHEMA_SINGLE,
                                   .operational = row->flags & LDAP_SCHEMA_OPERATIONAL,
                                   .read_only = row->flags & LDAP_SCHEMA_READ_ONLY};
        set_names(type, row->names);
        ldap_schema_put(&builtin, type);
    }
}

const ldap_schema_t *
ldap_schema_builtin(void)
{
    pthread_once(&builtin_once, make_builtin);
    return &builtin;
}

const ldap_attr_type_t *
ldap_schema_find(const ldap_schema_t *schema, str_t name)
{
    str_t base = str_slice(name, 0, str_find_char(name, ';'));

    for (; schema != NULL; schema = schema->under) {
        const ldap_attr_type_t *type = find_slot(schema, base)->type;

        if (type != NULL)
            return type;
    }
    return NULL;
}

bool
ldap_schema_has(const ldap_schema_t *schema, str_t name)
{
    return find_slot(schema, str_slice(name, 0, str_find_char(name, ';')))->type != NULL;
}

const ldap_attr_type_t *
ldap_schema_get(const ldap_schema_t *schema, str_t name)
{
    static const ldap_attr_type_t unknown = {
        .name = STR_INIT("unknown"),
        .names = {STR_INIT(""), STR_INIT(""), STR_INIT("")},
        .oid = STR_INIT(""),
        .syntax = LDAP_SYNTAX_DIRECTORY_STRING,
        .equality = LDAP_RULE_CASE_IGNORE,
        .ordering = LDAP_RULE_CASE_IGNORE,
        .substrings = LDAP_RULE_CASE_IGNORE,
    };
    const ldap_attr_type_t *type = ldap_schema_find(schema, name);

    return type ? type : &unknown;
}
