/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a live subschema: ObjectClassDescription (RFC 4512 §4.1.1). */
#include "ldap/schema.h"
#include "ldap/schema_table.h"

enum { VISITS_MAX = 1000 };

/* "( sn $ cn )": no more than there are marks between them. Active Directory's classes have
 * hundreds. */
static size_t
most_values(str_t text)
{
    size_t n = 1;

    for (size_t i = 0; i < text.n && text.p[i] != ')'; i++)
        n += text.p[i] == ' ' || text.p[i] == '$';
    return n;
}

static const str_t *
read_list(arena_t *mem, str_t *text, size_t *ret_n)
{
    size_t most = most_values(*text);
    str_t *list = arena_array_of(mem, most, str_t);

    *ret_n = ldap_schema_values(text, list, most);
    return list;
}

static void
read_names(str_t *text, ldap_class_t *class)
{
    str_t names[4] = {STR(""), STR(""), STR(""), STR("")};

    ldap_schema_values(text, names, ARRAY_SIZE(names));
    class->name = names[0];
    memcpy(class->names, names + 1, sizeof(class->names));
}

static void
read_clause(arena_t *mem, str_t word, str_t *text, ldap_class_t *class)
{
    str_t ignored[1];

    if (str_ieq(word, STR("NAME")))
        read_names(text, class);
    else if (str_ieq(word, STR("SUP")) || str_ieq(word, STR("AUX")))
        class->sups = read_list(mem, text, &class->n_sups);
    else if (str_ieq(word, STR("MUST")))
        class->must = read_list(mem, text, &class->n_must);
    else if (str_ieq(word, STR("MAY")))
        class->may = read_list(mem, text, &class->n_may);
    else if (str_ieq(word, STR("AUXILIARY")))
        class->kind = LDAP_CLASS_AUXILIARY;
    else if (str_ieq(word, STR("ABSTRACT")))
        class->kind = LDAP_CLASS_ABSTRACT;
    else if (str_ieq(word, STR("DESC")) || str_istarts_with(word, STR("X-")))
        ldap_schema_values(text, ignored, 1);
}

static bool
read_class(arena_t *mem, str_t text, ldap_class_t *ret_class)
{
    static const ldap_class_t empty = {.name = STR_INIT(""),
                                       .names = {STR_INIT(""), STR_INIT(""), STR_INIT("")}};
    str_t word;

    *ret_class = empty;
    if (!str_eq(ldap_schema_word(&text), STR("(")))
        return false;
    ret_class->oid = ldap_schema_word(&text);
    if (ret_class->oid.n == 0 || str_eq(ret_class->oid, STR(")")))
        return false;
    for (word = ldap_schema_word(&text); !str_eq(word, STR(")"));
         word = ldap_schema_word(&text)) {
        if (word.n == 0)
            return false;
        read_clause(mem, word, &text, ret_class);
    }
    if (ret_class->name.n == 0)
        ret_class->name = ret_class->oid;
    return true;
}

static const ldap_class_t *
read_classes(arena_t *mem, const str_t *descriptions, size_t n, size_t *ret_n)
{
    ldap_class_t *items = arena_array_of(mem, n, ldap_class_t);

    *ret_n = 0;
    for (size_t i = 0; i < n; i++)
        *ret_n += read_class(mem, descriptions[i], &items[*ret_n]);
    return items;
}

ldap_classes_t
ldap_classes_parse(arena_t *mem, const str_t *descriptions, size_t n)
{
    ldap_classes_t classes = {.rules = NULL};

    classes.items = read_classes(mem, descriptions, n, &classes.n);
    return classes;
}

void
ldap_classes_add_rules(arena_t *mem, ldap_classes_t *classes, const str_t *descriptions,
                       size_t n)
{
    classes->rules = read_classes(mem, descriptions, n, &classes->n_rules);
}

static bool
is_called(const ldap_class_t *class, str_t name)
{
    for (size_t i = 0; i < ARRAY_SIZE(class->names); i++) {
        if (class->names[i].n > 0 && str_ieq(class->names[i], name))
            return true;
    }
    return str_ieq(class->name, name) || str_eq(class->oid, name);
}

const ldap_class_t *
ldap_class_find(const ldap_classes_t *classes, str_t name)
{
    for (size_t i = 0; i < classes->n; i++) {
        if (is_called(&classes->items[i], name))
            return &classes->items[i];
    }
    return NULL;
}

static bool each(const ldap_classes_t *classes, str_t name, ldap_class_fn *fn, void *arg,
                 unsigned *left);

static bool
each_sup(const ldap_classes_t *classes, const ldap_class_t *class, ldap_class_fn *fn, void *arg,
         unsigned *left)
{
    for (size_t i = 0; i < class->n_sups; i++)
        if (!each(classes, class->sups[i], fn, arg, left))
            return false;
    return true;
}

/* The number of visits ends a circle of superiors, however many each of them has. */
static bool
each(const ldap_classes_t *classes, str_t name, ldap_class_fn *fn, void *arg, unsigned *left)
{
    const ldap_class_t *class = ldap_class_find(classes, name);

    if (!class || *left == 0)
        return true;
    --*left;
    if (!fn(arg, class) || !each_sup(classes, class, fn, arg, left))
        return false;
    for (size_t i = 0; i < classes->n_rules; i++) {
        const ldap_class_t *rule = &classes->rules[i];

        if (str_eq(rule->oid, class->oid) &&
            (!fn(arg, rule) || !each_sup(classes, rule, fn, arg, left)))
            return false;
    }
    return true;
}

void
ldap_class_each(const ldap_classes_t *classes, str_t name, ldap_class_fn *fn, void *arg)
{
    unsigned left = VISITS_MAX;

    each(classes, name, fn, arg, &left);
}
