/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "base/buf.h"

#include <stdio.h>
#include <time.h>

static int64_t
monotonic_in(int64_t per_second)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * per_second + (int64_t)now.tv_nsec / (1000000000 / per_second);
}

int64_t
clock_monotonic_ms(void)
{
    return monotonic_in(1000);
}

int64_t
clock_monotonic_us(void)
{
    return monotonic_in(1000000);
}

int64_t
clock_real_s(void)
{
    return (int64_t)time(NULL);
}

/* Take `n` digits off the front of *text. */
static bool
take_digits(str_t *text, size_t n, int *ret_value)
{
    int value = 0;

    if (text->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!char_is_digit(text->p[i]))
            return false;
        value = value * 10 + (text->p[i] - '0');
    }
    *text = str_skip(*text, n);
    *ret_value = value;
    return true;
}

static bool
take_char(str_t *text, char c)
{
    if (!text->n || text->p[0] != c)
        return false;
    *text = str_skip(*text, 1);
    return true;
}

/* An optional fraction, in billionths; digits beyond the ninth are dropped. */
static bool
take_fraction(str_t *text, uint32_t *ret_ns)
{
    uint32_t ns = 0, unit = 100000000;
    size_t n = 0;

    *ret_ns = 0;
    if (!take_char(text, '.') && !take_char(text, ','))
        return true;
    for (; n < text->n && char_is_digit(text->p[n]); n++, unit /= 10)
        ns += (uint32_t)(text->p[n] - '0') * unit;
    if (n == 0)
        return false;
    *text = str_skip(*text, n);
    *ret_ns = ns;
    return true;
}

/* "Z", "+hh:mm", "+hhmm", "+hh" or nothing, in seconds east of UTC; nothing may follow. */
static bool
take_zone(str_t text, int64_t *ret_offset)
{
    int hours = 0, minutes = 0, sign = text.n && text.p[0] == '-' ? -1 : 1;

    *ret_offset = 0;
    if (!text.n || str_ieq(text, STR("Z")))
        return true;
    if (!take_char(&text, '+') && !take_char(&text, '-'))
        return false;
    if (!take_digits(&text, 2, &hours) || hours > 23)
        return false;
    if ((take_char(&text, ':') || text.n) && (!take_digits(&text, 2, &minutes) || minutes > 59))
        return false;
    *ret_offset = sign * (hours * 3600 + minutes * 60);
    return text.n == 0;
}

/* A leap second counts as the first second of the next minute. */
static bool
make_time(const struct tm *parts, uint32_t ns, int64_t offset, clock_time_t *ret_time)
{
    struct tm tm = *parts;
    bool is_leap = tm.tm_sec == 60;
    int64_t s;

    if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_hour > 23 ||
        tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    tm.tm_sec -= is_leap ? 1 : 0;
    s = (int64_t)timegm(&tm);
    if (tm.tm_mday != parts->tm_mday || tm.tm_mon != parts->tm_mon)
        return false; /* timegm has carried a day that the month does not have */
    ret_time->s = s + (is_leap ? 1 : 0) - offset;
    ret_time->ns = ns;
    return true;
}

bool
clock_parse_datetime(str_t text, clock_time_t *ret_time)
{
    struct tm tm = {0};
    uint32_t ns = 0;
    int64_t offset;

    if (!take_digits(&text, 4, &tm.tm_year) || !take_char(&text, '-') ||
        !take_digits(&text, 2, &tm.tm_mon) || !take_char(&text, '-') ||
        !take_digits(&text, 2, &tm.tm_mday))
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    if (!text.n)
        return make_time(&tm, 0, 0, ret_time);
    if (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' '))
        return false;
    if (!take_digits(&text, 2, &tm.tm_hour) || !take_char(&text, ':') ||
        !take_digits(&text, 2, &tm.tm_min))
        return false;
    if (take_char(&text, ':') &&
        (!take_digits(&text, 2, &tm.tm_sec) || !take_fraction(&text, &ns)))
        return false;
    return take_zone(text, &offset) && make_time(&tm, ns, offset, ret_time);
}

/* Two optional digits that count `unit` seconds. *smallest is the unit of a fraction behind. */
static bool
take_digits_of(str_t *text, uint32_t unit, int *ret_value, uint32_t *smallest)
{
    if (!text->n || !char_is_digit(text->p[0]))
        return true;
    *smallest = unit;
    return take_digits(text, 2, ret_value);
}

bool
clock_parse_generalized(str_t text, clock_time_t *ret_time)
{
    struct tm tm = {0};
    uint32_t fraction = 0, unit = 3600;
    uint64_t ns;
    int64_t offset;

    if (!take_digits(&text, 4, &tm.tm_year) || !take_digits(&text, 2, &tm.tm_mon) ||
        !take_digits(&text, 2, &tm.tm_mday) || !take_digits(&text, 2, &tm.tm_hour))
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    if (!take_digits_of(&text, 60, &tm.tm_min, &unit) ||
        !take_digits_of(&text, 1, &tm.tm_sec, &unit) || !take_fraction(&text, &fraction) ||
        !take_zone(text, &offset))
        return false;
    ns = (uint64_t)fraction * unit;
    return make_time(&tm, (uint32_t)(ns % 1000000000), offset - (int64_t)(ns / 1000000000),
                     ret_time);
}

/* ".5" for 500000000; "" for 0. */
static void
format_fraction(uint32_t ns, char text[11])
{
    size_t n;

    text[0] = '\0';
    if (!ns)
        return;
    n = (size_t)snprintf(text, 11, ".%09u", ns % 1000000000u);
    while (text[n - 1] == '0')
        text[--n] = '\0';
}

/* Lists have two of them in each resource: snprintf would be a tenth of their time. */
static void
add_digits(buf_t *buf, const char *before, int value, int n)
{
    char digits[8];

    for (int i = n; i-- > 0; value /= 10)
        digits[i] = (char)('0' + value % 10);
    buf_add_c(buf, before);
    buf_add(buf, str_from(digits, (size_t)n));
}

static str_t
format_time(arena_t *mem, clock_time_t time, const char *dash, const char *t, const char *colon)
{
    struct tm tm;
    time_t s = (time_t)time.s;
    char fraction[11];
    buf_t buf;

    if (!gmtime_r(&s, &tm) || tm.tm_year + 1900 < 0 || tm.tm_year + 1900 > 9999)
        return STR("");
    buf_init(&buf, mem, 64);
    add_digits(&buf, "", tm.tm_year + 1900, 4);
    add_digits(&buf, dash, tm.tm_mon + 1, 2);
    add_digits(&buf, dash, tm.tm_mday, 2);
    add_digits(&buf, t, tm.tm_hour, 2);
    add_digits(&buf, colon, tm.tm_min, 2);
    add_digits(&buf, colon, tm.tm_sec, 2);
    format_fraction(time.ns, fraction);
    buf_add_c(&buf, fraction);
    buf_add_char(&buf, 'Z');
    return buf_str(&buf);
}

str_t
clock_format_datetime(arena_t *mem, clock_time_t time)
{
    return format_time(mem, time, "-", "T", ":");
}

str_t
clock_format_generalized(arena_t *mem, clock_time_t time)
{
    return format_time(mem, time, "", "", "");
}
