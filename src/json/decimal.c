/* SPDX-License-Identifier: Apache-2.0 */
#include "json/decimal.h"

#include <assert.h>

/* So far beyond what any digits can make up for that numbers with larger exponents need not be
 * told apart; they are out of the range of double anyway. */
static const int64_t exponent_max = 1000000000;

static int64_t
parse_exponent(str_t text)
{
    bool minus = text.n && text.p[0] == '-';
    int64_t exponent = 0;

    for (size_t i = minus || (text.n && text.p[0] == '+') ? 1 : 0; i < text.n; i++)
        if (exponent < exponent_max)
            exponent = exponent * 10 + (text.p[i] - '0');
    return minus ? -exponent : exponent;
}

static void
strip_zeros(json_decimal_t *decimal)
{
    unsigned leading = 0;

    while (decimal->n && decimal->digits[decimal->n - 1] == '0') {
        decimal->n--;
        decimal->exponent++;
    }
    while (leading < decimal->n && decimal->digits[leading] == '0')
        leading++;
    decimal->n -= leading;
    memmove(decimal->digits, decimal->digits + leading, decimal->n);
    if (!decimal->n) {
        decimal->exponent = 0;
        decimal->minus = false; /* -0 is 0 */
    }
}

void
json_decimal_parse(str_t text, json_decimal_t *ret_decimal)
{
    json_decimal_t decimal = {.minus = text.n && text.p[0] == '-'};
    bool in_fraction = false;

    assert(text.n <= JSON_NUMBER_MAX);
    for (size_t i = decimal.minus ? 1 : 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == 'e' || c == 'E') {
            decimal.exponent += parse_exponent(str_skip(text, i + 1));
            break;
        }
        if (c == '.') {
            in_fraction = true;
            continue;
        }
        decimal.digits[decimal.n++] = c;
        decimal.exponent -= in_fraction ? 1 : 0;
    }
    strip_zeros(&decimal);
    *ret_decimal = decimal;
}

bool
json_decimal_eq(const json_decimal_t *a, const json_decimal_t *b)
{
    return a->minus == b->minus && a->exponent == b->exponent &&
           str_eq(str_from(a->digits, a->n), str_from(b->digits, b->n));
}

bool
json_decimal_to_int64(const json_decimal_t *decimal, int64_t *ret_value)
{
    char text[32];
    size_t n = 0;

    if (!decimal->n) {
        *ret_value = 0;
        return true;
    }
    /* int64 has at most 19 digits. */
    if (decimal->exponent < 0 || decimal->n + (uint64_t)decimal->exponent > 19)
        return false;
    if (decimal->minus)
        text[n++] = '-';
    memcpy(text + n, decimal->digits, decimal->n);
    n += decimal->n;
    memset(text + n, '0', (size_t)decimal->exponent);
    n += (size_t)decimal->exponent;
    return str_to_int64(str_from(text, n), ret_value);
}
