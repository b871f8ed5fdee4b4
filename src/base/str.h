/* SPDX-License-Identifier: Apache-2.0 */
/* base/str.h - views of text and bytes that somebody else owns.
 *
 * LDAP values are not C strings: they have a length and may hold NUL. A str_t borrows; what it
 * points at lives in an arena, in a library's message or in the program text. `p` is never
 * NULL in a view made here. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/arena.h"
#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *p;
    size_t n;
} str_t;

/* A view of a string literal, also as a constant initialiser. */
#define STR(literal) ((str_t){"" literal, sizeof(literal) - 1})
/* clang-format off */
#define STR_INIT(literal) {"" literal, sizeof(literal) - 1}
/* clang-format on */

/* For printf: "%.*s", STR_ARG(s). */
#define STR_ARG(s) (int)((s).n > INT32_MAX ? INT32_MAX : (s).n), (s).p

static inline str_t
str_from(const char *p, size_t n)
{
    return (str_t){p ? p : "", p ? n : 0};
}

static inline str_t
str_from_c(const char *c)
{
    return (str_t){c ? c : "", c ? strlen(c) : 0};
}

static inline bool
str_is_empty(str_t s)
{
    return s.n == 0;
}

/* Byte for byte. */
static inline bool
str_eq(str_t a, str_t b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII letters compare regardless of case, all other bytes exactly. Most names that are compared
 * differ in length already. */
bool str_ieq_bytes(const char *a, const char *b, size_t n);
static inline bool
str_ieq(str_t a, str_t b)
{
    return a.n == b.n && (a.n == 0 || str_ieq_bytes(a.p, b.p, a.n));
}
bool str_starts_with(str_t s, str_t prefix);
bool str_istarts_with(str_t s, str_t prefix);
bool str_ends_with(str_t s, str_t suffix);

/* Order by bytes; the shorter of two equal beginnings comes first. */
int str_cmp(str_t a, str_t b);
/* The same with ASCII letters folded. */
int str_icmp(str_t a, str_t b);

/* Where `c` (or `part`) first stands in `s`, or s.n. */
size_t str_find_char(str_t s, char c);
size_t str_find(str_t s, str_t part);
/* Where `c` last stands in `s`, or s.n. */
size_t str_find_last_char(str_t s, char c);

/* From `from` on; `n` bytes from `from` on. Beyond the end: empty. */
str_t str_skip(str_t s, size_t from);
str_t str_slice(str_t s, size_t from, size_t n);
/* Without ASCII blanks (space, tab, CR, LF) at both ends. */
str_t str_trim(str_t s);

/* Copies into the arena; a NUL that is not counted follows, so `.p` serves as a C string where
 * the text has no NUL of its own. */
str_t str_dup(arena_t *mem, str_t s);
const char *str_dup_c(arena_t *mem, str_t s) RETURNS_NONNULL;
/* Of ASCII letters. */
str_t str_lower(arena_t *mem, str_t s);
str_t str_upper(arena_t *mem, str_t s);
/* printf into the arena. Never for filters or DNs: those are built as trees. */
str_t str_printf(arena_t *mem, const char *format, ...) PRINTF_LIKE(2, 3);

/* RFC 3986 §2.1: "%2F" is a slash; `plus`: "+" is a space. false: a malformed escape. */
bool str_unescape_uri(arena_t *mem, str_t s, bool plus, str_t *ret_text) MUST_USE;

/* A whole decimal number with an optional minus; false when it is anything else or too large. */
bool str_to_int64(str_t s, int64_t *ret_value) MUST_USE;

/* Whether the bytes are well-formed UTF-8 (RFC 3629). */
bool str_is_utf8(str_t s);
/* The length of the UTF-8 sequence with which `s` begins, 1 to 4; 0 when it is malformed or
 * `s` is empty. */
size_t str_utf8_length(str_t s);
/* The code point at `p` of well-formed UTF-8, and how many bytes it takes. */
uint32_t str_utf8_char(const char *p, size_t *ret_n);

/* Distance of two words for "did you mean": insertions, deletions, replacements and swaps of
 * neighbours, ASCII case ignored; more than 8 counts as 9. */
unsigned str_distance(str_t a, str_t b);

static inline char
char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool
char_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit, or -1. */
static inline int
char_hex(char c)
{
    if (char_is_digit(c))
        return c - '0';
    c = char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
