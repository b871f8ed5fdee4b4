/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluating a filter as a server does (RFC 4511 §4.5.1.7). */
#include "ldap/filter.h"

#include "ldap/dn.h"

typedef struct {
    arena_t *mem;
    const ldap_entry_t *entry;
    const ldap_schema_t *schema;
} context_t;

/* Does one value of the attribute match? */
typedef bool match_fn(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
                      str_t value);

static ldap_truth_t
truth(bool yes)
{
    return yes ? LDAP_TRUE : LDAP_FALSE;
}

static bool
is_name_of(str_t name, const ldap_attr_type_t *type)
{
    for (size_t i = 0; i < ARRAY_SIZE(type->names); i++)
        if (str_ieq(name, type->names[i]))
            return true;
    return str_ieq(name, type->name) || str_eq(name, type->oid);
}

/* Does an attribute of the entry answer to the description in the filter? Other names of the
 * same type do, and so do further options; subtypes do not. */
static bool
answers_to(str_t have, str_t want, const ldap_attr_type_t *type)
{
    if (str_ieq(have, want))
        return true;
    if (str_find_char(want, ';') < want.n)
        return false;
    have = str_slice(have, 0, str_find_char(have, ';'));
    return str_ieq(have, want) || (type != NULL && is_name_of(have, type));
}

static bool
any_value(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule, match_fn *fn)
{
    const ldap_attr_type_t *type = ldap_schema_find(context->schema, filter->attr);
    const ldap_entry_t *entry = context->entry;
    bool found = false;

    for (size_t i = 0; i < entry->n; i++) {
        const ldap_attr_t *attr = &entry->attrs[i];

        if (!answers_to(attr->name, filter->attr, type))
            continue;
        found = true;
        for (size_t j = 0; j < attr->n; j++)
            if (fn(context, filter, rule, attr->values[j]))
                return true;
    }
    /* The one attribute that every entry has though nobody asked for it. */
    return !found && entry->dn.n > 0 && str_ieq(filter->attr, STR("entryDN")) &&
           fn(context, filter, rule, entry->dn);
}

static bool
match_present(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
              str_t value)
{
    (void)context, (void)filter, (void)rule, (void)value;
    return true;
}

static bool
match_equal(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
            str_t value)
{
    return str_eq(ldap_rule_normal(context->mem, rule, filter->value),
                  ldap_rule_normal(context->mem, rule, value));
}

/* Active Directory compares a category with the name of a class, too, such as "person" ([MS-ADTS] 3.1.1.3.1.3.5). */
static bool
match_category(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
               str_t value)
{
    err_t ignored = ERR_INIT;
    ldap_dn_t dn;

    if (str_find_char(filter->value, '=') < filter->value.n)
        return match_equal(context, filter, rule, value);
    return ldap_dn_parse(context->mem, value, &dn, &ignored) && dn.n > 0 &&
           str_ieq(dn.rdns[0].avas[0].value, filter->value);
}

static bool
match_greater(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
              str_t value)
{
    return ldap_rule_compare(context->mem, rule, value, filter->value) >= 0;
}

static bool
match_less(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule, str_t value)
{
    return ldap_rule_compare(context->mem, rule, value, filter->value) <= 0;
}

/* Object classes that imply another (RFC 4519, RFC 2798, Active Directory), the nearest first.
 * Servers match an entry's superclasses, stored or not. */
static const struct {
    str_t name, sup;
} superclasses[] = {
    {STR_INIT("inetOrgPerson"), STR_INIT("organizationalPerson")},
    {STR_INIT("computer"), STR_INIT("user")},
    {STR_INIT("user"), STR_INIT("organizationalPerson")},
    {STR_INIT("organizationalPerson"), STR_INIT("person")},
    {STR_INIT("residentialPerson"), STR_INIT("person")},
};

static bool
match_class(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
            str_t value)
{
    if (match_equal(context, filter, rule, value) || str_ieq(filter->value, STR("top")))
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(superclasses); i++)
        if (str_ieq(value, superclasses[i].name)) {
            value = superclasses[i].sup;
            if (str_ieq(value, filter->value))
                return true;
        }
    return false;
}

/* A part of a substrings assertion in normal form. A blank counts where it touches another part
 * (RFC 4518 §2.6.1), so those ends get a guard that keeps it from being trimmed. */
static str_t
normal_part(const context_t *context, ldap_rule_t rule, str_t part, bool first, bool last)
{
    char *guarded = arena_alloc(context->mem, part.n + 3);
    size_t n = 0;
    str_t normal;

    if (!first)
        guarded[n++] = '\1';
    if (part.n)
        memcpy(guarded + n, part.p, part.n);
    n += part.n;
    if (!last)
        guarded[n++] = '\1';
    normal = ldap_rule_normal(context->mem, rule, str_from(guarded, n));
    return str_slice(normal, !first, normal.n - !first - !last);
}

static bool
match_substrings(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
                 str_t value)
{
    str_t rest = ldap_rule_normal(context->mem, rule, value);
    str_t part = normal_part(context, rule, filter->value, true, false);

    if (!str_starts_with(rest, part))
        return false;
    rest = str_skip(rest, part.n);
    for (size_t i = 0; i < filter->n_any; i++) {
        size_t at;

        part = normal_part(context, rule, filter->any[i], false, false);
        at = str_find(rest, part);
        if (at == rest.n && part.n > 0)
            return false;
        rest = str_skip(rest, at + part.n);
    }
    return str_ends_with(rest, normal_part(context, rule, filter->final, false, true));
}

static bool
match_all_bits(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
               str_t value)
{
    int64_t have, want;

    (void)context, (void)rule;
    return str_to_int64(value, &have) && str_to_int64(filter->value, &want) &&
           (have & want) == want;
}

static bool
match_any_bit(const context_t *context, const ldap_filter_t *filter, ldap_rule_t rule,
              str_t value)
{
    int64_t have, want;

    (void)context, (void)rule;
    return str_to_int64(value, &have) && str_to_int64(filter->value, &want) &&
           (have & want) != 0;
}

static ldap_truth_t
test_equal(const context_t *context, const ldap_filter_t *filter)
{
    const ldap_attr_type_t *type = ldap_schema_get(context->schema, filter->attr);
    match_fn *fn = str_ieq(filter->attr, STR("objectClass")) ? match_class : match_equal;

    if (str_ieq(filter->attr, STR("objectCategory")))
        return truth(any_value(context, filter, type->equality, match_category));
    if (type->equality == LDAP_RULE_NONE ||
        !ldap_syntax_accepts(context->mem, type->syntax, filter->value))
        return LDAP_UNDEFINED;
    return truth(any_value(context, filter, type->equality, fn));
}

static ldap_truth_t
test_order(const context_t *context, const ldap_filter_t *filter)
{
    const ldap_attr_type_t *type = ldap_schema_get(context->schema, filter->attr);

    if (type->ordering == LDAP_RULE_NONE ||
        !ldap_syntax_accepts(context->mem, type->syntax, filter->value))
        return LDAP_UNDEFINED;
    return truth(any_value(context, filter, type->ordering,
                           filter->kind == LDAP_F_GREATER ? match_greater : match_less));
}

static ldap_truth_t
test_substrings(const context_t *context, const ldap_filter_t *filter)
{
    const ldap_attr_type_t *type = ldap_schema_get(context->schema, filter->attr);

    if (type->substrings == LDAP_RULE_NONE)
        return LDAP_UNDEFINED;
    return truth(any_value(context, filter, type->substrings, match_substrings));
}

typedef struct {
    str_t name, oid;
    ldap_rule_t rule;
    match_fn *fn;
} extensible_rule_t;

static const extensible_rule_t extensible_rules[] = {
    {STR_INIT("caseIgnoreMatch"), STR_INIT("2.5.13.2"), LDAP_RULE_CASE_IGNORE, match_equal},
    {STR_INIT("caseExactMatch"), STR_INIT("2.5.13.5"), LDAP_RULE_CASE_EXACT, match_equal},
    {STR_INIT("LDAP_MATCHING_RULE_BIT_AND"), STR_INIT("1.2.840.113556.1.4.803"),
     LDAP_RULE_INTEGER, match_all_bits},
    {STR_INIT("LDAP_MATCHING_RULE_BIT_OR"), STR_INIT("1.2.840.113556.1.4.804"),
     LDAP_RULE_INTEGER, match_any_bit},
};

static ldap_truth_t
test_extensible(const context_t *context, const ldap_filter_t *filter)
{
    if (filter->attr.n == 0)
        return LDAP_UNDEFINED;
    if (filter->rule.n == 0)
        return test_equal(context, filter);
    for (size_t i = 0; i < ARRAY_SIZE(extensible_rules); i++) {
        const extensible_rule_t *row = &extensible_rules[i];
        ldap_syntax_t syntax =
            row->rule == LDAP_RULE_INTEGER ? LDAP_SYNTAX_INTEGER : LDAP_SYNTAX_DIRECTORY_STRING;

        if (!str_ieq(filter->rule, row->name) && !str_eq(filter->rule, row->oid))
            continue;
        if (!ldap_syntax_accepts(context->mem, syntax, filter->value))
            return LDAP_UNDEFINED;
        return truth(any_value(context, filter, row->rule, row->fn));
    }
    return LDAP_UNDEFINED;
}

static ldap_truth_t test(const context_t *context, const ldap_filter_t *filter);

/* One part that is `decides` decides; else one that is undefined. */
static ldap_truth_t
test_set(const context_t *context, const ldap_filter_t *filter, ldap_truth_t decides)
{
    ldap_truth_t result = decides == LDAP_TRUE ? LDAP_FALSE : LDAP_TRUE;

    for (size_t i = 0; i < filter->n_parts; i++) {
        ldap_truth_t part = test(context, filter->parts[i]);

        if (part == decides)
            return decides;
        if (part == LDAP_UNDEFINED)
            result = LDAP_UNDEFINED;
    }
    return result;
}

static ldap_truth_t
test_not(const context_t *context, const ldap_filter_t *filter)
{
    ldap_truth_t part = test(context, filter->parts[0]);

    if (part == LDAP_UNDEFINED)
        return part;
    return truth(part == LDAP_FALSE);
}

static ldap_truth_t
test(const context_t *context, const ldap_filter_t *filter)
{
    switch (filter->kind) {
    case LDAP_F_AND:
        return test_set(context, filter, LDAP_FALSE);
    case LDAP_F_OR:
        return test_set(context, filter, LDAP_TRUE);
    case LDAP_F_NOT:
        return test_not(context, filter);
    case LDAP_F_EQUAL:
    case LDAP_F_APPROX:
        return test_equal(context, filter);
    case LDAP_F_GREATER:
    case LDAP_F_LESS:
        return test_order(context, filter);
    case LDAP_F_PRESENT:
        return truth(any_value(context, filter, LDAP_RULE_NONE, match_present));
    case LDAP_F_SUBSTRINGS:
        return test_substrings(context, filter);
    case LDAP_F_EXTENSIBLE:
        return test_extensible(context, filter);
    case LDAP_F_UNDER:
        return truth(
            ldap_dn_is_below(ldap_dn_normal(context->mem, context->entry->dn), filter->value));
    }
    return LDAP_UNDEFINED;
}

ldap_truth_t
ldap_filter_test(arena_t *mem, const ldap_filter_t *filter, const ldap_entry_t *entry,
                 const ldap_schema_t *schema)
{
    return test(&(context_t){.mem = mem, .entry = entry, .schema = schema}, filter);
}
