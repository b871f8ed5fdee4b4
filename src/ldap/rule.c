/* SPDX-License-Identifier: Apache-2.0 */
/* Matching rules (RFC 4517 §4): what two values have in common when they match. */
#include "base/clock.h"
#include "ldap/dn.h"
#include "ldap/fold.h"
#include "ldap/schema.h"

static str_t
folded(arena_t *mem, str_t value, unsigned how)
{
    char *out = arena_alloc(mem, value.n + 1);

    return str_from(out, ldap_fold(out, value, how));
}

/* The lines of a postal address are folded one by one (RFC 4517 §4.2.12). */
static str_t
normal_list(arena_t *mem, str_t value)
{
    char *out = arena_alloc(mem, value.n + 1);
    size_t n = 0, from = 0;

    while (from <= value.n) {
        str_t rest = str_skip(value, from);
        str_t line = str_slice(rest, 0, str_find_char(rest, '$'));

        if (from > 0)
            out[n++] = '$';
        n += ldap_fold(out + n, line, LDAP_FOLD_CASE | LDAP_FOLD_BLANKS);
        from += line.n + 1;
    }
    return str_from(out, n);
}

/* Without leading zeros, which Active Directory tolerates, and without "-0". */
static str_t
normal_integer(arena_t *mem, str_t value)
{
    bool negative = value.n && value.p[0] == '-';
    str_t digits = str_skip(value, negative);
    char *out = arena_alloc(mem, value.n + 1);
    size_t n = 0;

    while (digits.n > 1 && digits.p[0] == '0')
        digits = str_skip(digits, 1);
    if (negative && !str_eq(digits, STR("0")))
        out[n++] = '-';
    if (digits.n)
        memcpy(out + n, digits.p, digits.n);
    return str_from(out, n + digits.n);
}

static str_t
normal_time(arena_t *mem, str_t value)
{
    clock_time_t time;

    return clock_parse_generalized(value, &time) ? clock_format_generalized(mem, time) : value;
}

str_t
ldap_rule_normal(arena_t *mem, ldap_rule_t rule, str_t value)
{
    switch (rule) {
    case LDAP_RULE_CASE_IGNORE:
        return folded(mem, value, LDAP_FOLD_CASE | LDAP_FOLD_BLANKS);
    case LDAP_RULE_CASE_EXACT:
        return folded(mem, value, LDAP_FOLD_BLANKS);
    case LDAP_RULE_NUMERIC_STRING:
        return folded(mem, value, LDAP_FOLD_DROP_BLANKS);
    case LDAP_RULE_TELEPHONE:
        return folded(mem, value,
                      LDAP_FOLD_CASE | LDAP_FOLD_DROP_BLANKS | LDAP_FOLD_DROP_HYPHENS);
    case LDAP_RULE_CASE_IGNORE_LIST:
        return normal_list(mem, value);
    case LDAP_RULE_INTEGER:
        return normal_integer(mem, value);
    case LDAP_RULE_BOOLEAN:
        return str_upper(mem, value);
    case LDAP_RULE_TIME:
        return normal_time(mem, value);
    case LDAP_RULE_DN:
        return ldap_dn_normal(mem, value);
    case LDAP_RULE_UUID:
    case LDAP_RULE_OBJECT_IDENTIFIER:
        return str_lower(mem, value);
    case LDAP_RULE_OCTETS:
    case LDAP_RULE_NONE:
        break;
    }
    return value;
}

/* Two integers in normal form. */
static int
compare_integers(str_t a, str_t b)
{
    bool minus_a = a.n && a.p[0] == '-', minus_b = b.n && b.p[0] == '-';
    int order;

    if (minus_a != minus_b)
        return minus_a ? -1 : 1;
    order = a.n != b.n ? (a.n > b.n) - (a.n < b.n) : str_cmp(a, b);
    return minus_a ? -order : order;
}

static int
compare_times(str_t a, str_t b)
{
    clock_time_t x, y;

    if (!clock_parse_generalized(a, &x) || !clock_parse_generalized(b, &y))
        return str_cmp(a, b);
    if (x.s != y.s)
        return x.s < y.s ? -1 : 1;
    return (x.ns > y.ns) - (x.ns < y.ns);
}

int
ldap_rule_compare(arena_t *mem, ldap_rule_t rule, str_t a, str_t b)
{
    if (rule == LDAP_RULE_TIME)
        return compare_times(a, b);
    a = ldap_rule_normal(mem, rule, a);
    b = ldap_rule_normal(mem, rule, b);
    return rule == LDAP_RULE_INTEGER ? compare_integers(a, b) : str_cmp(a, b);
}
