/* SPDX-License-Identifier: Apache-2.0 */
/* base/clock.h - the two clocks and the two spellings of a time.
 *
 * Deadlines count milliseconds of the monotonic clock; stamps are seconds of real time in UTC,
 * written as SCIM dateTime (RFC 7643 §2.3.5) or LDAP generalizedTime (RFC 4517 §3.3.13). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);
int64_t clock_real_s(void);

/* A time in UTC: seconds since 1970 and the nanoseconds within. */
typedef struct {
    int64_t s;
    uint32_t ns;
} clock_time_t;

/* Read "2011-05-13T04:42:34.5Z" (or with a numeric offset, or without a zone: UTC). */
bool clock_parse_datetime(str_t text, clock_time_t *ret_time) MUST_USE;
/* Read "20110513044234.5Z" (offsets allowed). Minutes and seconds may be missing; a fraction is
 * one of the last unit that is there. */
bool clock_parse_generalized(str_t text, clock_time_t *ret_time) MUST_USE;

/* "2011-05-13T04:42:34Z", with a fraction of up to nine digits only where there is one. */
str_t clock_format_datetime(arena_t *mem, clock_time_t time);
/* "20110513044234Z", likewise. */
str_t clock_format_generalized(arena_t *mem, clock_time_t time);

#endif
