/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a live subschema: AttributeTypeDescription (RFC 4512 §4.1.2), tolerant of vendors' ways. */
#include "ldap/schema.h"
#include "ldap/schema_table.h"

enum { SUP_DEPTH = 16 };

typedef struct {
    ldap_attr_type_t type;
    str_t sup;
    bool has_syntax, has_equality, has_ordering, has_substrings;
    bool resolved;
} described_t;

typedef struct {
    str_t name, oid;
    ldap_rule_t rule;
} rule_name_t;

/* Ordering and substrings rules are found under the name of their equality rule: the way to
 * normalise is the same. */
static const rule_name_t rule_names[] = {
    {STR_INIT("caseIgnoreMatch"), STR_INIT("2.5.13.2"), LDAP_RULE_CASE_IGNORE},
    {STR_INIT("caseIgnoreOrderingMatch"), STR_INIT("2.5.13.3"), LDAP_RULE_CASE_IGNORE},
    {STR_INIT("caseIgnoreSubstringsMatch"), STR_INIT("2.5.13.4"), LDAP_RULE_CASE_IGNORE},
    {STR_INIT("caseIgnoreIA5Match"), STR_INIT("1.3.6.1.4.1.1466.109.114.2"),
     LDAP_RULE_CASE_IGNORE},
    {STR_INIT("caseIgnoreIA5SubstringsMatch"), STR_INIT("1.3.6.1.4.1.1466.109.114.3"),
     LDAP_RULE_CASE_IGNORE},
    {STR_INIT("caseExactMatch"), STR_INIT("2.5.13.5"), LDAP_RULE_CASE_EXACT},
    {STR_INIT("caseExactOrderingMatch"), STR_INIT("2.5.13.6"), LDAP_RULE_CASE_EXACT},
    {STR_INIT("caseExactSubstringsMatch"), STR_INIT("2.5.13.7"), LDAP_RULE_CASE_EXACT},
    {STR_INIT("caseExactIA5Match"), STR_INIT("1.3.6.1.4.1.1466.109.114.1"),
     LDAP_RULE_CASE_EXACT},
    {STR_INIT("caseExactIA5SubstringsMatch"), STR_INIT("1.3.6.1.4.1.4203.1.2.1"),
     LDAP_RULE_CASE_EXACT},
    {STR_INIT("CSNMatch"), STR_INIT("1.3.6.1.4.1.4203.666.11.2.2"), LDAP_RULE_CASE_EXACT},
    {STR_INIT("CSNOrderingMatch"), STR_INIT("1.3.6.1.4.1.4203.666.11.2.3"),
     LDAP_RULE_CASE_EXACT},
    {STR_INIT("numericStringMatch"), STR_INIT("2.5.13.8"), LDAP_RULE_NUMERIC_STRING},
    {STR_INIT("numericStringOrderingMatch"), STR_INIT("2.5.13.9"), LDAP_RULE_NUMERIC_STRING},
    {STR_INIT("numericStringSubstringsMatch"), STR_INIT("2.5.13.10"), LDAP_RULE_NUMERIC_STRING},
    {STR_INIT("caseIgnoreListMatch"), STR_INIT("2.5.13.11"), LDAP_RULE_CASE_IGNORE_LIST},
    {STR_INIT("caseIgnoreListSubstringsMatch"), STR_INIT("2.5.13.12"),
     LDAP_RULE_CASE_IGNORE_LIST},
    {STR_INIT("booleanMatch"), STR_INIT("2.5.13.13"), LDAP_RULE_BOOLEAN},
    {STR_INIT("integerMatch"), STR_INIT("2.5.13.14"), LDAP_RULE_INTEGER},
    {STR_INIT("integerOrderingMatch"), STR_INIT("2.5.13.15"), LDAP_RULE_INTEGER},
    {STR_INIT("octetStringMatch"), STR_INIT("2.5.13.17"), LDAP_RULE_OCTETS},
    {STR_INIT("octetStringOrderingMatch"), STR_INIT("2.5.13.18"), LDAP_RULE_OCTETS},
    {STR_INIT("octetStringSubstringsMatch"), STR_INIT("2.5.13.19"), LDAP_RULE_OCTETS},
    {STR_INIT("telephoneNumberMatch"), STR_INIT("2.5.13.20"), LDAP_RULE_TELEPHONE},
    {STR_INIT("telephoneNumberSubstringsMatch"), STR_INIT("2.5.13.21"), LDAP_RULE_TELEPHONE},
    {STR_INIT("uniqueMemberMatch"), STR_INIT("2.5.13.23"), LDAP_RULE_DN},
    {STR_INIT("distinguishedNameMatch"), STR_INIT("2.5.13.1"), LDAP_RULE_DN},
    {STR_INIT("generalizedTimeMatch"), STR_INIT("2.5.13.27"), LDAP_RULE_TIME},
    {STR_INIT("generalizedTimeOrderingMatch"), STR_INIT("2.5.13.28"), LDAP_RULE_TIME},
    {STR_INIT("objectIdentifierMatch"), STR_INIT("2.5.13.0"), LDAP_RULE_OBJECT_IDENTIFIER},
    {STR_INIT("UUIDMatch"), STR_INIT("1.3.6.1.1.16.2"), LDAP_RULE_UUID},
    {STR_INIT("UUIDOrderingMatch"), STR_INIT("1.3.6.1.1.16.3"), LDAP_RULE_UUID},
};

ldap_rule_t
ldap_rule_find(str_t name)
{
    for (size_t i = 0; i < ARRAY_SIZE(rule_names); i++)
        if (str_ieq(name, rule_names[i].name) || str_eq(name, rule_names[i].oid))
            return rule_names[i].rule;
    return LDAP_RULE_NONE;
}

typedef struct {
    str_t oid;
    ldap_syntax_t syntax;
} syntax_oid_t;

static const syntax_oid_t syntax_oids[] = {
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.15"), LDAP_SYNTAX_DIRECTORY_STRING},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.26"), LDAP_SYNTAX_IA5_STRING},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.44"), LDAP_SYNTAX_PRINTABLE_STRING},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.36"), LDAP_SYNTAX_NUMERIC_STRING},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.50"), LDAP_SYNTAX_TELEPHONE},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.11"), LDAP_SYNTAX_COUNTRY},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.41"), LDAP_SYNTAX_POSTAL_ADDRESS},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.27"), LDAP_SYNTAX_INTEGER},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.7"), LDAP_SYNTAX_BOOLEAN},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.24"), LDAP_SYNTAX_TIME},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.12"), LDAP_SYNTAX_DN},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.34"), LDAP_SYNTAX_DN}, /* with an optional UID */
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.40"), LDAP_SYNTAX_OCTETS},
    {STR_INIT("1.3.6.1.4.1.1466.115.121.1.38"), LDAP_SYNTAX_OBJECT_IDENTIFIER},
    {STR_INIT("1.3.6.1.1.16.1"), LDAP_SYNTAX_UUID},
    /* Active Directory: teletex string, large integer */
    {STR_INIT("1.2.840.113556.1.4.905"), LDAP_SYNTAX_DIRECTORY_STRING},
    {STR_INIT("1.2.840.113556.1.4.906"), LDAP_SYNTAX_INTEGER},
};

/* "1.3.6…15{256}": the number in braces is a length that servers need not keep. */
static ldap_syntax_t
find_syntax(str_t oid)
{
    oid = str_slice(oid, 0, str_find_char(oid, '{'));
    for (size_t i = 0; i < ARRAY_SIZE(syntax_oids); i++)
        if (str_eq(oid, syntax_oids[i].oid))
            return syntax_oids[i].syntax;
    return LDAP_SYNTAX_OTHER;
}

str_t
ldap_schema_word(str_t *text)
{
    str_t word;
    size_t n = 0;

    *text = str_trim(*text);
    if (text->n == 0)
        return STR("");
    if (strchr("()$", text->p[0])) {
        word = str_slice(*text, 0, 1);
        *text = str_skip(*text, 1);
        return word;
    }
    if (text->p[0] == '\'') {
        *text = str_skip(*text, 1);
        n = str_find_char(*text, '\'');
        word = str_slice(*text, 0, n);
        *text = str_skip(*text, n + 1);
        return word;
    }
    while (n < text->n && !strchr(" \t\r\n()$", text->p[n]))
        n++;
    word = str_slice(*text, 0, n);
    *text = str_skip(*text, n);
    return word;
}

size_t
ldap_schema_values(str_t *text, str_t *values, size_t max)
{
    size_t n = 0;
    str_t word;

    *text = str_trim(*text);
    if (text->n == 0 || text->p[0] != '(') {
        values[0] = ldap_schema_word(text);
        return 1;
    }
    ldap_schema_word(text);
    for (;;) {
        *text = str_trim(*text);
        if (text->n == 0)
            return n;
        if (text->p[0] == ')') {
            ldap_schema_word(text);
            return n;
        }
        word = ldap_schema_word(text);
        if (word.n == 0)
            return n;
        if (n < max && !str_eq(word, STR("$")))
            values[n++] = word;
    }
}

static ldap_rule_t
next_rule(str_t *text, bool *ret_has)
{
    *ret_has = true;
    return ldap_rule_find(ldap_schema_word(text));
}

/* What follows the keyword `word`. Unknown keywords take a value where one that is none
 * itself follows: vendors' extensions begin with "X-". */
static void
parse_clause(str_t word, str_t *text, described_t *ret)
{
    ldap_attr_type_t *type = &ret->type;
    str_t names[4] = {STR(""), STR(""), STR(""), STR("")};

    if (str_ieq(word, STR("NAME"))) {
        ldap_schema_values(text, names, ARRAY_SIZE(names));
        type->name = names[0];
        memcpy(type->names, names + 1, sizeof(type->names));
    } else if (str_ieq(word, STR("SUP"))) {
        ldap_schema_values(text, &ret->sup, 1);
    } else if (str_ieq(word, STR("EQUALITY"))) {
        type->equality = next_rule(text, &ret->has_equality);
    } else if (str_ieq(word, STR("ORDERING"))) {
        type->ordering = next_rule(text, &ret->has_ordering);
    } else if (str_ieq(word, STR("SUBSTR")) || str_ieq(word, STR("SUBSTRINGS"))) {
        type->substrings = next_rule(text, &ret->has_substrings);
    } else if (str_ieq(word, STR("SYNTAX"))) {
        type->syntax = find_syntax(ldap_schema_word(text));
        ret->has_syntax = true;
    } else if (str_ieq(word, STR("SINGLE-VALUE"))) {
        type->single = true;
    } else if (str_ieq(word, STR("NO-USER-MODIFICATION"))) {
        type->read_only = true;
    } else if (str_ieq(word, STR("USAGE"))) {
        type->operational = !str_ieq(ldap_schema_word(text), STR("userApplications"));
    } else if (str_ieq(word, STR("DESC")) || str_istarts_with(word, STR("X-"))) {
        ldap_schema_values(text, names, ARRAY_SIZE(names));
    }
}

static bool
parse_type(str_t text, described_t *ret)
{
    static const described_t empty = {
        .type = {.name = STR_INIT(""),
                 .names = {STR_INIT(""), STR_INIT(""), STR_INIT("")},
                 .oid = STR_INIT(""),
                 .syntax = LDAP_SYNTAX_OTHER},
        .sup = STR_INIT(""),
    };
    str_t word;

    *ret = empty;
    if (!str_eq(ldap_schema_word(&text), STR("(")))
        return false;
    ret->type.oid = ldap_schema_word(&text);
    if (ret->type.oid.n == 0 || str_eq(ret->type.oid, STR(")")))
        return false;
    for (word = ldap_schema_word(&text); !str_eq(word, STR(")"));
         word = ldap_schema_word(&text)) {
        if (word.n == 0)
            return false;
        parse_clause(word, &text, ret);
    }
    if (ret->type.name.n == 0)
        ret->type.name = ret->type.oid;
    return true;
}

static bool
has_rule(const described_t *described)
{
    return described->has_equality || described->has_ordering || described->has_substrings;
}

/* What a type inherits of one it is derived from (RFC 4512 §2.5.1): whatever it does not say. */
static void
inherit(described_t *described, const ldap_attr_type_t *sup)
{
    ldap_attr_type_t *type = &described->type;

    if (!described->has_syntax)
        type->syntax = sup->syntax;
    if (!described->has_equality)
        type->equality = sup->equality;
    if (!described->has_ordering)
        type->ordering = sup->ordering;
    if (!described->has_substrings)
        type->substrings = sup->substrings;
}

/* The types of one subschema are told apart by their address within `described`. */
static void
resolve(described_t *described, const ldap_schema_t *schema, const described_t *all, size_t n,
        unsigned depth)
{
    const ldap_attr_type_t *sup;
    uintptr_t at;

    if (described->resolved)
        return;
    described->resolved = true; /* also ends a circle of SUPs */
    sup = described->sup.n ? ldap_schema_find(schema, described->sup) : NULL;
    if (sup == NULL || depth == 0)
        return;
    at = (uintptr_t)sup;
    if (at >= (uintptr_t)all && at < (uintptr_t)(all + n))
        resolve((described_t *)at, schema, all, n, depth - 1);
    inherit(described, sup);
}

static void
rules_of_syntax(ldap_attr_type_t *type)
{
    static const ldap_rule_t rules[] = {
        [LDAP_SYNTAX_DIRECTORY_STRING] = LDAP_RULE_CASE_IGNORE,
        [LDAP_SYNTAX_IA5_STRING] = LDAP_RULE_CASE_IGNORE,
        [LDAP_SYNTAX_PRINTABLE_STRING] = LDAP_RULE_CASE_IGNORE,
        [LDAP_SYNTAX_NUMERIC_STRING] = LDAP_RULE_NUMERIC_STRING,
        [LDAP_SYNTAX_TELEPHONE] = LDAP_RULE_TELEPHONE,
        [LDAP_SYNTAX_COUNTRY] = LDAP_RULE_CASE_IGNORE,
        [LDAP_SYNTAX_POSTAL_ADDRESS] = LDAP_RULE_CASE_IGNORE_LIST,
        [LDAP_SYNTAX_INTEGER] = LDAP_RULE_INTEGER,
        [LDAP_SYNTAX_BOOLEAN] = LDAP_RULE_BOOLEAN,
        [LDAP_SYNTAX_TIME] = LDAP_RULE_TIME,
        [LDAP_SYNTAX_DN] = LDAP_RULE_DN,
        [LDAP_SYNTAX_UUID] = LDAP_RULE_UUID,
        [LDAP_SYNTAX_OCTETS] = LDAP_RULE_OCTETS,
        [LDAP_SYNTAX_OBJECT_IDENTIFIER] = LDAP_RULE_OBJECT_IDENTIFIER,
        [LDAP_SYNTAX_OTHER] = LDAP_RULE_NONE,
    };
    ldap_rule_t rule = rules[type->syntax];

    type->equality = rule;
    if (rule == LDAP_RULE_CASE_IGNORE || rule == LDAP_RULE_INTEGER || rule == LDAP_RULE_TIME)
        type->ordering = rule;
    if (rule == LDAP_RULE_CASE_IGNORE || rule == LDAP_RULE_NUMERIC_STRING ||
        rule == LDAP_RULE_TELEPHONE || rule == LDAP_RULE_CASE_IGNORE_LIST)
        type->substrings = rule;
}

/* A type without any rule, not even an inherited one. 389 Directory Server leaves them out of a
 * few types that it compares nevertheless; Active Directory leaves them out of all. */
static void
supply_rules(described_t *described, bool server_names_rules)
{
    ldap_attr_type_t *type = &described->type;
    const ldap_attr_type_t *known;

    if (type->equality || type->ordering || type->substrings || has_rule(described))
        return;
    if (!server_names_rules) {
        rules_of_syntax(type);
        return;
    }
    known = ldap_schema_find(ldap_schema_builtin(), type->name);
    if (known != NULL && known->syntax == type->syntax) {
        type->equality = known->equality;
        type->ordering = known->ordering;
        type->substrings = known->substrings;
    }
}

const ldap_schema_t *
ldap_schema_from_subschema(arena_t *mem, const str_t *attribute_types, size_t n,
                           size_t *ret_skipped)
{
    ldap_schema_t *schema = arena_new_of(mem, ldap_schema_t);
    described_t *all = arena_array_of(mem, n, described_t);
    bool server_names_rules = false;
    size_t used = 0;

    schema->under = ldap_schema_builtin();
    ldap_schema_reserve(mem, schema, n);
    for (size_t i = 0; i < n; i++) {
        if (!parse_type(attribute_types[i], &all[used]))
            continue;
        server_names_rules = server_names_rules || has_rule(&all[used]);
        ldap_schema_put(schema, &all[used++].type);
    }
    for (size_t i = 0; i < used; i++)
        resolve(&all[i], schema, all, used, SUP_DEPTH);
    for (size_t i = 0; i < used; i++)
        supply_rules(&all[i], server_names_rules);
    *ret_skipped = n - used;
    return schema;
}
