/* SPDX-License-Identifier: Apache-2.0 */
/* One comparison with one LDAP attribute. */
#include "map/filter_term.h"

#include "base/clock.h"
#include "map/date.h"
#include "map/reference.h"
#include "map/share.h"
#include "map/table.h"
#include "map/value.h"

#include <inttypes.h>

enum { LITERAL_MAX = 200 };

str_t
filter_literal(filter_ctx_t *ctx, const json_t *value)
{
    buf_t buf;

    buf_init(&buf, ctx->mem, LITERAL_MAX);
    json_write(&buf, value);
    return buf_str(&buf);
}

bool
filter_beyond_time(scim_compare_t op, int64_t time_s, bool *ret_answer)
{
    static const int64_t first = -62167219200, last = 253402300799;
    bool after = time_s > last;

    if (time_s >= first && !after)
        return false;
    *ret_answer = after ? op == SCIM_LT || op == SCIM_LE : op == SCIM_GT || op == SCIM_GE;
    return true;
}

const ldap_filter_t *
filter_refuse_op(filter_ctx_t *ctx, str_t path, scim_compare_t op, const char *why)
{
    return FILTER_REFUSE(ctx, "%.*s cannot be compared with %s: %s", STR_ARG(path),
                         scim_compare_name(op), why);
}

const ldap_filter_t *
filter_refuse_kind(filter_ctx_t *ctx, str_t path, const json_t *value, const char *expected)
{
    return FILTER_REFUSE(ctx, "%.*s is %s, %.*s is not", STR_ARG(path), expected,
                         STR_ARG(filter_literal(ctx, value)));
}

static const ldap_filter_t *
pair_equal(filter_ctx_t *ctx, const map_slot_t *slot, const map_pair_t *pair)
{
    str_t value = map_share_wrap(ctx->mem, slot, pair->ldap);

    return map_share_owns(slot, value) ? ldap_filter_equal(ctx->mem, slot->ldap, value)
                                       : ldap_filter_false();
}

/* One of the values that the map has a word for. */
static const ldap_filter_t *
table_any(filter_ctx_t *ctx, const map_slot_t *slot)
{
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; i < slot->n_table; i++)
        any = ldap_filter_or2(ctx->mem, any, pair_equal(ctx, slot, &slot->table[i]));
    return any;
}

/* Values that stand for none are in no order with others, though to the directory they are. */
static const ldap_filter_t *
but_none(filter_ctx_t *ctx, const map_slot_t *slot, const ldap_filter_t *found)
{
    if (filter_is_constant(found))
        return found;
    for (size_t i = 0; i < slot->n_none; i++)
        found = ldap_filter_and2(
            ctx->mem, found,
            ldap_filter_not(ctx->mem, ldap_filter_equal(ctx->mem, slot->ldap, slot->none[i])));
    return found;
}

const ldap_filter_t *
filter_present(filter_ctx_t *ctx, const map_slot_t *slot)
{
    const ldap_filter_t *present;

    if (slot->as == MAP_AS_PASSWORD)
        return FILTER_REFUSE(ctx, "%.*s cannot be searched", STR_ARG(slot->path));
    if (slot == ctx->type->members && ctx->type->placeholder.n > 0)
        return FILTER_REFUSE(ctx,
                             "%.*s cannot be tested for presence: in the directory an empty "
                             "group has a member that stands in for none",
                             STR_ARG(slot->path));
    if (map_has_table(slot) && slot->otherwise != MAP_ELSE_PASS &&
        slot->ldap_type->equality != LDAP_RULE_NONE)
        return table_any(ctx, slot);
    present = map_share_present(ctx->mem, slot);
    if (present && slot->n_none > 0)
        return but_none(ctx, slot, present);
    return present ? present
                   : FILTER_REFUSE(ctx,
                                   "%.*s cannot be tested for presence: the directory cannot "
                                   "look for that part of %.*s alone",
                                   STR_ARG(slot->path), STR_ARG(slot->ldap));
}

/* ---- comparisons decided here ---- */

static bool
fixed_holds(scim_compare_t op, int order, str_t have, str_t value)
{
    switch (op) {
    case SCIM_EQ:
        return order == 0;
    case SCIM_NE:
        return order != 0;
    case SCIM_CO:
        return value.n == 0 || str_find(have, value) < have.n;
    case SCIM_SW:
        return str_starts_with(have, value);
    case SCIM_EW:
        return str_ends_with(have, value);
    case SCIM_GT:
        return order > 0;
    case SCIM_GE:
        return order >= 0;
    case SCIM_LT:
        return order < 0;
    case SCIM_LE:
        return order <= 0;
    }
    return false;
}

const ldap_filter_t *
filter_fixed(filter_ctx_t *ctx, str_t path, str_t have, bool case_exact, scim_compare_t op,
             const json_t *value)
{
    str_t want;

    if (json_is(value, JSON_NULL) && (op == SCIM_EQ || op == SCIM_NE))
        return filter_constant(op == SCIM_NE);
    if (!json_is(value, JSON_STRING))
        return filter_refuse_kind(ctx, path, value, "a string");
    want = value->u.string;
    if (!case_exact) {
        have = str_lower(ctx->mem, have);
        want = str_lower(ctx->mem, want);
    }
    return filter_constant(fixed_holds(op, str_cmp(have, want), have, want));
}

/* ---- order ---- */

static const ldap_filter_t *
but_not(filter_ctx_t *ctx, const map_slot_t *slot, const ldap_filter_t *set,
        const ldap_filter_t *except, scim_compare_t op)
{
    if (slot->several)
        return filter_refuse_op(
            ctx, slot->path, op,
            "it has several values, and the directory cannot compare one alone");
    return ldap_filter_and2(ctx->mem, set, ldap_filter_not(ctx->mem, except));
}

const ldap_filter_t *
filter_order(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op,
             const filter_order_t *order)
{
    const ldap_filter_t *present = ldap_filter_present(ctx->mem, slot->ldap);
    const ldap_filter_t *less = order->less;

    if (order->below)
        less = ldap_filter_or2(ctx->mem, order->below, order->equal);
    if (op == SCIM_LT && order->below)
        return order->below;
    if (op == SCIM_LT)
        return but_not(ctx, slot, less, order->equal, op);
    if (op == SCIM_LE)
        return less;
    if (op == SCIM_GE && order->below)
        return but_not(ctx, slot, present, order->below, op);
    if (op == SCIM_GE)
        return order->greater;
    return order->below ? but_not(ctx, slot, present, less, op)
                        : but_not(ctx, slot, order->greater, order->equal, op);
}

filter_order_t
filter_native_order(filter_ctx_t *ctx, const map_slot_t *slot, str_t value)
{
    return (filter_order_t){
        .greater = ldap_filter_greater(ctx->mem, slot->ldap, value),
        .less = ldap_filter_less(ctx->mem, slot->ldap, value),
        .equal = ldap_filter_equal(ctx->mem, slot->ldap, value),
    };
}

/* ---- other kinds ---- */

static const ldap_filter_t *
compare_boolean(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op,
                const json_t *value)
{
    if (!json_is(value, JSON_BOOLEAN))
        return filter_refuse_kind(ctx, slot->path, value, "a boolean");
    if (op != SCIM_EQ)
        return filter_refuse_op(ctx, slot->path, op, "booleans compare with eq and ne");
    return ldap_filter_equal(ctx->mem, slot->ldap,
                             value->u.boolean ? STR("TRUE") : STR("FALSE"));
}

static const ldap_filter_t *
integer_term(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, int64_t want)
{
    if ((op == SCIM_GT && want == INT64_MAX) || (op == SCIM_LT && want == INT64_MIN))
        return ldap_filter_false();
    want += op == SCIM_GT ? 1 : op == SCIM_LT ? -1 : 0;
    str_t text = str_printf(ctx->mem, "%" PRId64, want);

    if (op == SCIM_EQ)
        return ldap_filter_equal(ctx->mem, slot->ldap, text);
    if (slot->ldap_type->ordering != LDAP_RULE_INTEGER)
        return filter_refuse_op(ctx, slot->path, op,
                                "the directory has no ordering rule for it");
    return op == SCIM_GT || op == SCIM_GE ? ldap_filter_greater(ctx->mem, slot->ldap, text)
                                          : ldap_filter_less(ctx->mem, slot->ldap, text);
}

static const ldap_filter_t *
compare_integer(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op,
                const json_t *value)
{
    int64_t want;

    if (!json_to_int64(value, &want))
        return filter_refuse_kind(ctx, slot->path, value, "a whole number");
    if (op == SCIM_CO || op == SCIM_SW || op == SCIM_EW)
        return filter_refuse_op(ctx, slot->path, op, "it is a number");
    return integer_term(ctx, slot, op, want);
}

static const ldap_filter_t *
compare_time(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, const json_t *value)
{
    clock_time_t time;
    filter_order_t order;
    bool answer;
    str_t text;

    if (!json_is(value, JSON_STRING) || !clock_parse_datetime(value->u.string, &time))
        return filter_refuse_kind(ctx, slot->path, value, "a dateTime");
    if (op == SCIM_CO || op == SCIM_SW || op == SCIM_EW)
        return filter_refuse_op(ctx, slot->path, op, "it is a dateTime");
    if (filter_beyond_time(op, time.s, &answer))
        return answer ? ldap_filter_present(ctx->mem, slot->ldap) : ldap_filter_false();
    text = clock_format_generalized(ctx->mem, time);
    if (op == SCIM_EQ)
        return ldap_filter_equal(ctx->mem, slot->ldap, text);
    if (slot->ldap_type->ordering != LDAP_RULE_TIME)
        return filter_refuse_op(ctx, slot->path, op,
                                "the directory has no ordering rule for it");
    order = filter_native_order(ctx, slot, text);
    return filter_order(ctx, slot, op, &order);
}

static const ldap_filter_t *
compare_reference(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op,
                  const json_t *value)
{
    err_t ignored = ERR_INIT;
    map_link_t link;
    str_t held;

    if (!json_is(value, JSON_STRING))
        return filter_refuse_kind(ctx, slot->path, value, "an id");
    if (op != SCIM_EQ)
        return filter_refuse_op(ctx, slot->path, op, "ids compare with eq and ne");
    if (!map_reference_find_id(slot, value->u.string, ctx->links, &link) ||
        !map_reference_check(ctx->mem, slot, link.dn, ctx->links, &held, &ignored))
        return ldap_filter_false();
    return ldap_filter_equal(ctx->mem, slot->ldap, held);
}

static const ldap_filter_t *
compare_octets(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op,
               const json_t *value)
{
    str_t octets;

    if (!json_is(value, JSON_STRING))
        return filter_refuse_kind(ctx, slot->path, value, "base64");
    if (op != SCIM_EQ)
        return filter_refuse_op(ctx, slot->path, op, "binary values compare with eq and ne");
    if (!map_value_decode_base64(ctx->mem, value->u.string, &octets))
        return ldap_filter_false();
    return ldap_filter_equal(ctx->mem, slot->ldap, octets);
}

/* ---- words of the map ---- */

/* Any comparison with the words that are known here. */
static const ldap_filter_t *
table_order(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, const json_t *value)
{
    const ldap_filter_t *any = ldap_filter_false();
    bool exact = map_slot_leaf(slot)->case_exact;

    for (size_t i = 0; i < slot->n_table; i++) {
        const ldap_filter_t *holds =
            filter_fixed(ctx, slot->path, slot->table[i].scim, exact, op, value);

        if (!holds)
            return NULL;
        if (ldap_filter_is_true(holds))
            any = ldap_filter_or2(ctx->mem, any, pair_equal(ctx, slot, &slot->table[i]));
    }
    return any;
}

static const ldap_filter_t *
compare_table(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, const json_t *value)
{
    const map_pair_t *pair = map_table_of_scim(ctx->mem, slot, value);
    json_kind_t kind = slot->table[0].value->kind;

    if (value->kind != kind)
        return filter_refuse_kind(ctx, slot->path, value,
                                  kind == JSON_STRING    ? "a string"
                                  : kind == JSON_BOOLEAN ? "a boolean"
                                                         : "a whole number");
    if (op == SCIM_EQ && pair)
        return pair_equal(ctx, slot, pair);
    if (op == SCIM_EQ && (slot->otherwise != MAP_ELSE_PASS ||
                          map_table_of_ldap(ctx->mem, slot, value->u.string)))
        return ldap_filter_false();
    if (op == SCIM_EQ)
        return filter_string_equal(ctx, slot, value->u.string);
    if (slot->otherwise == MAP_ELSE_PASS || kind != JSON_STRING)
        return filter_refuse_op(ctx, slot->path, op,
                                "the map spells its values out; compare with eq and ne");
    return table_order(ctx, slot, op, value);
}

/* The directory has whole numbers: what comes after a time begins with the next one. */
static const ldap_filter_t *
compare_date(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, const json_t *value)
{
    clock_time_t time;
    int64_t number;
    bool exact;

    if (!json_is(value, JSON_STRING) || !clock_parse_datetime(value->u.string, &time))
        return filter_refuse_kind(ctx, slot->path, value, "a dateTime");
    if (op == SCIM_CO || op == SCIM_SW || op == SCIM_EW)
        return filter_refuse_op(ctx, slot->path, op, "it is a dateTime");
    number = map_date_to_number(slot->as, time, &exact);
    if (op == SCIM_EQ && !exact)
        return ldap_filter_false();
    if (op == SCIM_GE && !exact)
        op = SCIM_GT;
    if (op == SCIM_LT && !exact)
        op = SCIM_LE;
    return integer_term(ctx, slot, op, number);
}

static const ldap_filter_t *
compare_some(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, const json_t *value)
{
    if (slot->as == MAP_AS_PASSWORD)
        return FILTER_REFUSE(ctx, "%.*s cannot be searched", STR_ARG(slot->path));
    if (slot->ldap_type->equality == LDAP_RULE_NONE)
        return FILTER_REFUSE(ctx,
                             "%.*s can only be tested with pr: LDAP attribute %.*s has no "
                             "equality rule",
                             STR_ARG(slot->path), STR_ARG(slot->ldap));
    if (map_has_table(slot))
        return compare_table(ctx, slot, op, value);
    switch (slot->as) {
    case MAP_AS_BOOLEAN:
        return compare_boolean(ctx, slot, op, value);
    case MAP_AS_INTEGER:
        return compare_integer(ctx, slot, op, value);
    case MAP_AS_TIME:
        return compare_time(ctx, slot, op, value);
    case MAP_AS_REFERENCE:
        return compare_reference(ctx, slot, op, value);
    case MAP_AS_BASE64:
        return compare_octets(ctx, slot, op, value);
    case MAP_AS_FILETIME:
    case MAP_AS_EPOCH_DAYS:
        return compare_date(ctx, slot, op, value);
    case MAP_AS_STRING:
    case MAP_AS_POSTAL:
    case MAP_AS_PASSWORD:
    case MAP_AS_DN:
    case MAP_AS_JSON: /* filter.c has refused it */
        break;
    }
    if (map_slot_kind(slot) == SCIM_DECIMAL)
        return FILTER_REFUSE(ctx,
                             "%.*s can only be tested with pr: the directory keeps decimal "
                             "numbers as text, in which 1.5 and 1.50 differ",
                             STR_ARG(slot->path));
    return filter_string(ctx, slot, op, value);
}

const ldap_filter_t *
filter_term(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op, const json_t *value)
{
    const ldap_filter_t *found = compare_some(ctx, slot, op, value);

    return found && slot->n_none > 0 ? but_none(ctx, slot, found) : found;
}
