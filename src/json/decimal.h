/* SPDX-License-Identifier: Apache-2.0 */
/* json/decimal.h - numbers as they are written, without a detour through double.
 *
 * Internal to json/. */
#ifndef JSON_DECIMAL_H
#define JSON_DECIMAL_H

#include "json/scan.h"

/* `digits` times ten to the power of `exponent`. No zero at either end of the digits, so that
 * equal numbers have equal parts; none at all: zero. */
typedef struct {
    bool minus;
    char digits[JSON_NUMBER_MAX];
    unsigned n;
    int64_t exponent;
} json_decimal_t;

/* Take a number apart. `text` must be a JSON number of at most JSON_NUMBER_MAX bytes. */
void json_decimal_parse(str_t text, json_decimal_t *ret_decimal) NONNULL_ALL;

bool json_decimal_eq(const json_decimal_t *a, const json_decimal_t *b) NONNULL_ALL;

/* false: not a whole number, or not within int64. */
bool json_decimal_to_int64(const json_decimal_t *decimal, int64_t *ret_value)
    MUST_USE NONNULL_ALL;

#endif
