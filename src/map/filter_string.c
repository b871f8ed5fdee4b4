/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons of text, by the rules that SCIM and the directory have for the case of letters. */
#include "map/filter_term.h"

#include "map/share.h"
#include "map/value.h"

/* ---- equality ---- */

/* What SCIM says of the case of letters and what the directory's rule does. */
typedef enum {
    CASE_AGREES,
    CASE_EXACT_WANTED,
    CASE_IGNORE_WANTED,
    CASE_LOST /* exact is wanted, and no rule tells the letters apart */
} case_t;

static case_t
compare_case(const map_slot_t *slot, ldap_rule_t rule)
{
    bool exact = map_slot_leaf(slot)->case_exact;

    if (rule == LDAP_RULE_CASE_IGNORE && exact)
        return CASE_EXACT_WANTED;
    if ((rule == LDAP_RULE_CASE_IGNORE_LIST || rule == LDAP_RULE_TELEPHONE) && exact)
        return CASE_LOST;
    return rule == LDAP_RULE_CASE_EXACT && !exact ? CASE_IGNORE_WANTED : CASE_AGREES;
}

static bool
names_rules(const filter_ctx_t *ctx)
{
    return ctx->map->dialect->names_rules;
}

static const ldap_filter_t *
named_equal(filter_ctx_t *ctx, const map_slot_t *slot, str_t rule, str_t value)
{
    if (!names_rules(ctx))
        return filter_refuse_op(ctx, slot->path, SCIM_EQ,
                                "the directory's equality rule treats case differently");
    return ldap_filter_extensible(ctx->mem, slot->ldap, rule, value);
}

static bool
has_letter(str_t text)
{
    for (size_t i = 0; i < text.n; i++)
        if (char_is_alpha(text.p[i]))
            return true;
    return false;
}

/* For slapd the letters of an extension ("x.55") have case, though not in RFC 4517 §4.2.29. */
static const ldap_filter_t *
telephone_equal(filter_ctx_t *ctx, const map_slot_t *slot, const ldap_filter_t *equal,
                str_t value)
{
    const ldap_filter_t *named;

    if (slot->ldap_type->equality != LDAP_RULE_TELEPHONE || !has_letter(value) ||
        !names_rules(ctx))
        return equal;
    named = ldap_filter_extensible(ctx->mem, slot->ldap, STR("caseIgnoreMatch"), value);
    return ldap_filter_or2(ctx->mem, equal, named);
}

const ldap_filter_t *
filter_string_equal(filter_ctx_t *ctx, const map_slot_t *slot, str_t value)
{
    bool ia5 = slot->ldap_type->syntax == LDAP_SYNTAX_IA5_STRING;
    const ldap_filter_t *equal, *named;

    if (value.n == 0)
        return ldap_filter_false();
    value = map_share_wrap(ctx->mem, slot, value);
    if (!map_share_owns(slot, value))
        return ldap_filter_false();
    if (map_share_is_blurred(slot) && !map_slot_leaf(slot)->case_exact)
        return filter_refuse_op(
            ctx, slot->path, SCIM_EQ,
            "the case of its prefix counts, and the directory ignores case");
    equal = ldap_filter_equal(ctx->mem, slot->ldap, value);
    if (!ldap_syntax_accepts(ctx->mem, slot->ldap_type->syntax, value))
        return ldap_filter_false();
    switch (compare_case(slot, slot->ldap_type->equality)) {
    case CASE_AGREES:
        return telephone_equal(ctx, slot, equal, value);
    case CASE_LOST:
        return filter_refuse_op(
            ctx, slot->path, SCIM_EQ,
            "case counts in it, and the directory's equality rule ignores case");
    case CASE_EXACT_WANTED: /* the plain term is for the server's index */
        named = named_equal(ctx, slot, ia5 ? STR("caseExactIA5Match") : STR("caseExactMatch"),
                            value);
        return named ? ldap_filter_and2(ctx->mem, equal, named) : NULL;
    case CASE_IGNORE_WANTED:
        break;
    }
    return named_equal(ctx, slot, ia5 ? STR("caseIgnoreIA5Match") : STR("caseIgnoreMatch"),
                       value);
}

/* A part of a value may be shorter than the values of the syntax. */
static bool
accepts_part(filter_ctx_t *ctx, ldap_syntax_t syntax, str_t part)
{
    if (syntax == LDAP_SYNTAX_COUNTRY)
        syntax = LDAP_SYNTAX_PRINTABLE_STRING;
    return ldap_syntax_accepts(ctx->mem, syntax, part);
}

static bool
has_edge_blank(str_t part, bool at_start)
{
    return part.n > 0 && part.p[at_start ? 0 : part.n - 1] == ' ';
}

/* Blanks at the ends of a value do not count in the directory, and where a part ends with one,
 * slapd drops it from an IA5 String. A part of nothing but what does not count would be found in
 * such values alone. */
static const char *
part_problem(filter_ctx_t *ctx, const ldap_attr_type_t *ldap, scim_compare_t op, str_t part)
{
    bool ia5 = ldap->syntax == LDAP_SYNTAX_IA5_STRING;

    if (ldap->substrings == LDAP_RULE_TELEPHONE && has_letter(part))
        return "the directory's substrings rule treats the case of letters differently";
    if (ldap->substrings == LDAP_RULE_TELEPHONE || ldap->substrings == LDAP_RULE_NUMERIC_STRING)
        return part.n > 0 && ldap_rule_normal(ctx->mem, ldap->substrings, part).n == 0
                   ? "blanks and hyphens do not count in the directory"
                   : NULL;
    if (((ia5 || op == SCIM_SW) && has_edge_blank(part, true)) ||
        ((ia5 || op == SCIM_EW) && has_edge_blank(part, false)))
        return "the directory does not count a blank at the end of what is looked for";
    return NULL;
}

static const ldap_filter_t *
string_part(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, str_t value)
{
    const ldap_attr_type_t *ldap = slot->ldap_type;
    const char *problem;
    str_t none = STR("");

    if (slot->as != MAP_AS_STRING || ldap->substrings == LDAP_RULE_NONE)
        return filter_refuse_op(ctx, slot->path, op,
                                "the directory has no substrings rule for it");
    if (compare_case(slot, ldap->substrings) != CASE_AGREES)
        return filter_refuse_op(ctx, slot->path, op,
                                "the directory's substrings rule treats case differently");
    if (slot->share.kind == MAP_SHARE_PATTERN || map_share_is_blurred(slot))
        return filter_refuse_op(
            ctx, slot->path, op,
            "its values are a part of the attribute's; they compare with eq and ne");
    if (value.n > 0 && !accepts_part(ctx, ldap->syntax, value))
        return ldap_filter_false();
    problem = part_problem(ctx, ldap, op, value);
    if (problem)
        return filter_refuse_op(ctx, slot->path, op, problem);
    if (map_is_shared(slot))
        return ldap_filter_substrings(
            ctx->mem, slot->ldap,
            op == SCIM_SW ? map_share_wrap(ctx->mem, slot, value) : slot->share.head,
            op == SCIM_CO ? value : none, op == SCIM_EW ? value : none);
    return ldap_filter_substrings(ctx->mem, slot->ldap, op == SCIM_SW ? value : none,
                                  op == SCIM_CO ? value : none, op == SCIM_EW ? value : none);
}

/* An attribute without an ordering rule of its own can be compared by one that the filter
 * names: true of values that come before the asserted one (RFC 4517 §4.2.12, §4.2.5), absent
 * ones give false. slapd does so. */
static filter_order_t
named_order(filter_ctx_t *ctx, const map_slot_t *slot, str_t value)
{
    bool exact = slot->ldap_type->equality == LDAP_RULE_CASE_EXACT;
    str_t rule = exact ? STR("caseExactOrderingMatch") : STR("caseIgnoreOrderingMatch");

    return (filter_order_t){
        .below = ldap_filter_extensible(ctx->mem, slot->ldap, rule, value),
        .equal = ldap_filter_equal(ctx->mem, slot->ldap, value),
    };
}

static const ldap_filter_t *
string_order(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, str_t value)
{
    const ldap_attr_type_t *ldap = slot->ldap_type;
    bool named =
        names_rules(ctx) && ldap->syntax == LDAP_SYNTAX_DIRECTORY_STRING &&
        (ldap->equality == LDAP_RULE_CASE_IGNORE || ldap->equality == LDAP_RULE_CASE_EXACT);
    bool native = ldap->ordering != LDAP_RULE_NONE;
    filter_order_t order;

    if (slot->as != MAP_AS_STRING || map_is_shared(slot) || (!native && !named))
        return filter_refuse_op(ctx, slot->path, op,
                                "the directory has no ordering rule for it");
    if (compare_case(slot, native ? ldap->ordering : ldap->equality) != CASE_AGREES)
        return filter_refuse_op(ctx, slot->path, op,
                                "the directory's ordering rule treats case differently");
    if (value.n == 0) /* every value comes after the empty one */
        return op == SCIM_GT || op == SCIM_GE ? ldap_filter_present(ctx->mem, slot->ldap)
                                              : ldap_filter_false();
    if (!ldap_syntax_accepts(ctx->mem, ldap->syntax, value))
        return filter_refuse_op(ctx, slot->path, op, "the value is outside the LDAP syntax");
    order = native ? filter_native_order(ctx, slot, value) : named_order(ctx, slot, value);
    return filter_order(ctx, slot, op, &order);
}

const ldap_filter_t *
filter_string(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, const json_t *value)
{
    str_t text;

    if (!json_is(value, JSON_STRING))
        return filter_refuse_kind(ctx, slot->path, value, "a string");
    text = slot->as == MAP_AS_POSTAL ? map_value_encode_postal(ctx->mem, value->u.string)
                                     : value->u.string;
    if (op == SCIM_EQ)
        return filter_string_equal(ctx, slot, text);
    if (op == SCIM_CO || op == SCIM_SW || op == SCIM_EW)
        return string_part(ctx, slot, op, text);
    return string_order(ctx, slot, op, text);
}
