/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_subschema.c - what a server says of its schema: each line is taken for an attribute
 * type and for an object class. Whatever they derive from, all can be asked about. */
#include "fuzz/fuzz.h"
#include "ldap/schema.h"

#include <stdint.h>
#include <stdlib.h>

enum { LINES_MAX = 64 };

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static size_t
split(str_t text, str_t *lines)
{
    size_t n = 0;

    while (text.n > 0 && n < LINES_MAX) {
        size_t end = str_find_char(text, '\n');

        lines[n++] = str_slice(text, 0, end);
        text = str_skip(text, end + 1);
    }
    return n;
}

static void
check_type(arena_t *mem, const ldap_schema_t *schema, str_t name)
{
    const ldap_attr_type_t *type = ldap_schema_get(schema, name);
    str_t normal;

    require(type != NULL && ldap_syntax_name(type->syntax) != NULL);
    normal = ldap_rule_normal(mem, type->equality, name);
    require(str_eq(ldap_rule_normal(mem, type->equality, normal), normal));
    (void)ldap_syntax_accepts(mem, type->syntax, name);
}

static bool
count_class(void *arg, const ldap_class_t *class)
{
    require(class->name.n > 0 && class->oid.n > 0);
    ++*(size_t *)arg;
    return *(size_t *)arg < 10000;
}

static void
check_classes(const ldap_classes_t *classes)
{
    for (size_t i = 0; i < classes->n; i++) {
        size_t seen = 0;

        require(ldap_class_find(classes, classes->items[i].oid) != NULL);
        ldap_class_each(classes, classes->items[i].oid, count_class, &seen);
        require(seen > 0);
    }
}

static void
run(void *arg)
{
    const input_t *input = arg;
    str_t lines[LINES_MAX];
    size_t n = split(input->text, lines), skipped = 0;
    const ldap_schema_t *schema = ldap_schema_from_subschema(input->mem, lines, n, &skipped);
    ldap_classes_t classes = ldap_classes_parse(input->mem, lines, n);

    require(skipped <= n && classes.n <= n);
    for (size_t i = 0; i < classes.n; i++)
        check_type(input->mem, schema, classes.items[i].name);
    check_type(input->mem, schema, STR("cn"));
    check_classes(&classes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(64 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    require(mem && arena_guard(mem, run, &input));
    return 0;
}
