/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

bool
str_ieq_bytes(const char *a, const char *b, size_t n)
{
    if (memcmp(a, b, n) == 0) /* mostly */
        return true;
    for (size_t i = 0; i < n; i++)
        if (char_lower(a[i]) != char_lower(b[i]))
            return false;
    return true;
}

bool
str_starts_with(str_t s, str_t prefix)
{
    return s.n >= prefix.n && str_eq(str_slice(s, 0, prefix.n), prefix);
}

bool
str_istarts_with(str_t s, str_t prefix)
{
    return s.n >= prefix.n && str_ieq(str_slice(s, 0, prefix.n), prefix);
}

bool
str_ends_with(str_t s, str_t suffix)
{
    return s.n >= suffix.n && str_eq(str_skip(s, s.n - suffix.n), suffix);
}

int
str_cmp(str_t a, str_t b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

int
str_icmp(str_t a, str_t b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        unsigned char x = (unsigned char)char_lower(a.p[i]);
        unsigned char y = (unsigned char)char_lower(b.p[i]);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.n > b.n) - (a.n < b.n);
}

size_t
str_find_char(str_t s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

    return at ? (size_t)(at - s.p) : s.n;
}

size_t
str_find(str_t s, str_t part)
{
    const char *at;

    if (!part.n)
        return 0;
    at = s.n ? memmem(s.p, s.n, part.p, part.n) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

size_t
str_find_last_char(str_t s, char c)
{
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == c)
            return i - 1;
    return s.n;
}

str_t
str_skip(str_t s, size_t from)
{
    if (from > s.n)
        from = s.n;
    return (str_t){s.p + from, s.n - from};
}

str_t
str_slice(str_t s, size_t from, size_t n)
{
    s = str_skip(s, from);
    return (str_t){s.p, n < s.n ? n : s.n};
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

str_t
str_trim(str_t s)
{
    while (s.n && is_blank(s.p[0]))
        s = str_skip(s, 1);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

str_t
str_dup(arena_t *mem, str_t s)
{
    char *copy = arena_alloc(mem, s.n + 1);

    if (s.n)
        memcpy(copy, s.p, s.n);
    return (str_t){copy, s.n};
}

const char *
str_dup_c(arena_t *mem, str_t s)
{
    return str_dup(mem, s).p;
}

str_t
str_lower(arena_t *mem, str_t s)
{
    char *copy = arena_alloc(mem, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        copy[i] = char_lower(s.p[i]);
    return (str_t){copy, s.n};
}

str_t
str_upper(arena_t *mem, str_t s)
{
    char *copy = arena_alloc(mem, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - ('a' - 'A')) : s.p[i];
    return (str_t){copy, s.n};
}

str_t
str_printf(arena_t *mem, const char *format, ...)
{
    va_list args, again;
    int n;
    char *text;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        n = 0;
    text = arena_alloc(mem, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return (str_t){text, (size_t)n};
}

bool
str_unescape_uri(arena_t *mem, str_t s, bool plus, str_t *ret_text)
{
    char *out = arena_alloc(mem, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c == '%') {
            int high = s.n - i > 2 ? char_hex(s.p[i + 1]) : -1;
            int low = s.n - i > 2 ? char_hex(s.p[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        out[n++] = c;
    }
    *ret_text = str_from(out, n);
    return true;
}

bool
str_to_int64(str_t s, int64_t *ret_value)
{
    bool minus = s.n && s.p[0] == '-';
    int64_t value = 0;

    s = str_skip(s, minus ? 1 : 0);
    if (!s.n)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!char_is_digit(s.p[i]) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, s.p[i] - '0', &value))
            return false;
    }
    if (!minus && __builtin_sub_overflow((int64_t)0, value, &value))
        return false;
    *ret_value = value;
    return true;
}

/* The length of a sequence by its first byte, 0 when no sequence begins with it. */
static size_t
utf8_length_by_first(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t
str_utf8_length(str_t s)
{
    const unsigned char *u = (const unsigned char *)s.p;
    unsigned char low = 0x80, high = 0xbf;
    size_t n = s.n ? utf8_length_by_first(u[0]) : 0;

    if (n == 0 || n > s.n)
        return 0;
    if (u[0] == 0xe0)
        low = 0xa0;
    else if (u[0] == 0xed)
        high = 0x9f; /* no surrogates */
    else if (u[0] == 0xf0)
        low = 0x90;
    else if (u[0] == 0xf4)
        high = 0x8f;
    for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
        if (u[i] < low || u[i] > high)
            return 0;
    return n;
}

uint32_t
str_utf8_char(const char *p, size_t *ret_n)
{
    const unsigned char *u = (const unsigned char *)p;

    if (u[0] < 0x80) {
        *ret_n = 1;
        return u[0];
    }
    if (u[0] < 0xe0) {
        *ret_n = 2;
        return ((u[0] & 0x1fu) << 6) | (u[1] & 0x3fu);
    }
    if (u[0] < 0xf0) {
        *ret_n = 3;
        return ((u[0] & 0x0fu) << 12) | ((u[1] & 0x3fu) << 6) | (u[2] & 0x3fu);
    }
    *ret_n = 4;
    return ((u[0] & 0x07u) << 18) | ((u[1] & 0x3fu) << 12) | ((u[2] & 0x3fu) << 6) |
           (u[3] & 0x3fu);
}

bool
str_is_utf8(str_t s)
{
    while (s.n) {
        size_t n = str_utf8_length(s);

        if (n == 0)
            return false;
        s = str_skip(s, n);
    }
    return true;
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
    if (b < a)
        a = b;
    return c < a ? c : a;
}

unsigned
str_distance(str_t a, str_t b)
{
    enum { MAX = 64, FAR = 9 };
    unsigned before[MAX + 1], row[MAX + 1], next[MAX + 1];

    if (a.n > MAX || b.n > MAX)
        return FAR;
    memset(before, 0, sizeof(before));
    for (unsigned j = 0; j <= b.n; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.n; i++) {
        next[0] = i;
        for (unsigned j = 1; j <= b.n; j++) {
            bool same = char_lower(a.p[i - 1]) == char_lower(b.p[j - 1]);

            next[j] = min3(next[j - 1] + 1, row[j] + 1, row[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && char_lower(a.p[i - 1]) == char_lower(b.p[j - 2]) &&
                char_lower(a.p[i - 2]) == char_lower(b.p[j - 1]) && before[j - 2] + 1 < next[j])
                next[j] = before[j - 2] + 1;
        }
        memcpy(before, row, sizeof(row));
        memcpy(row, next, sizeof(row));
    }
    return row[b.n] < FAR ? row[b.n] : FAR;
}
