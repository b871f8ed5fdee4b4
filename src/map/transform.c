/* SPDX-License-Identifier: Apache-2.0 */
#include "map/transform.h"

#include "base/buf.h"
#include "ldap/fold.h"

enum { TEXT_MAX = 64 * 1024 };

/* ---- letters ---- */

static str_t
lower(arena_t *mem, str_t value)
{
    char *out = arena_alloc(mem, value.n + 1);

    return str_from(out, ldap_fold(out, value, LDAP_FOLD_CASE));
}

/* U+00C0 to U+017F, two letters for each at most; '~' fills up. */
static const char plain_letters[] =
    "A~A~A~A~A~A~AEC~E~E~E~E~I~I~I~I~D~N~O~O~O~O~O~~~O~U~U~U~U~Y~Thss"
    "a~a~a~a~a~a~aec~e~e~e~e~i~i~i~i~d~n~o~o~o~o~o~~~o~u~u~u~u~y~thy~"
    "A~a~A~a~A~a~C~c~C~c~C~c~C~c~D~d~D~d~E~e~E~e~E~e~E~e~E~e~G~g~G~g~"
    "G~g~G~g~H~h~H~h~I~i~I~i~I~i~I~i~I~i~IJijJ~j~K~k~k~L~l~L~l~L~l~L~"
    "l~L~l~N~n~N~n~N~n~n~N~n~O~o~O~o~O~o~OEoeR~r~R~r~R~r~S~s~S~s~S~s~"
    "S~s~T~t~T~t~T~t~U~u~U~u~U~u~U~u~U~u~U~u~W~w~Y~y~Y~Z~z~Z~z~Z~z~s~";

static void
add_plain(buf_t *buf, uint32_t c)
{
    static const struct {
        uint32_t from;
        const char *to;
    } others[] = {{0x218, "S"},  {0x219, "s"},  {0x21a, "T"},   {0x21b, "t"},   {0x1e9e, "SS"},
                  {0x2010, "-"}, {0x2011, "-"}, {0x2013, "-"},  {0x2014, "-"},  {0x2018, "'"},
                  {0x2019, "'"}, {0xa0, " "},   {0x201c, "\""}, {0x201d, "\""}, {0xb7, "."}};

    if (c >= 0xc0 && c <= 0x17f) {
        const char *to = &plain_letters[2 * (c - 0xc0)];

        for (size_t i = 0; i < 2 && to[i] != '~'; i++)
            buf_add_char(buf, to[i]);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (others[i].from == c)
            buf_add_c(buf, others[i].to);
}

/* Letters lose their marks; what has no likeness in ASCII goes. */
static str_t
ascii(arena_t *mem, str_t value)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    while (value.n > 0) {
        size_t length = str_utf8_length(value);

        if (length == 1)
            buf_add_char(&buf, value.p[0]);
        else if (length > 1)
            add_plain(&buf, str_utf8_char(value.p, &length));
        value = str_skip(value, length ? length : 1);
    }
    return buf_str(&buf);
}

/* "Ärzte & Co." becomes "arzte-co". */
static str_t
slug(arena_t *mem, str_t value)
{
    str_t plain = ascii(mem, value);
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    for (size_t i = 0; i < plain.n; i++) {
        char c = char_lower(plain.p[i]);

        if (char_is_alpha(c) || char_is_digit(c))
            buf_add_char(&buf, c);
        else if (c != '\'' && buf.n > 0 && buf.p[buf.n - 1] != '-')
            buf_add_char(&buf, '-');
    }
    if (buf.n > 0 && buf.p[buf.n - 1] == '-')
        buf_truncate(&buf, buf.n - 1);
    return buf_str(&buf);
}

/* ---- parts ---- */

static str_t
before(str_t value, str_t mark)
{
    size_t at = str_find(value, mark);

    return at > 0 ? str_slice(value, 0, at) : value;
}

static str_t
after(str_t value, str_t mark)
{
    size_t at = str_find(value, mark);

    return at + mark.n < value.n ? str_skip(value, at + mark.n) : value;
}

/* Characters, not bytes; no blank is left at the end, which no directory would keep. */
static str_t
truncate_text(str_t value, size_t n)
{
    size_t used = 0;

    for (; n > 0 && used < value.n; n--) {
        size_t length = str_utf8_length(str_skip(value, used));

        used += length ? length : 1;
    }
    if (used == value.n)
        return value;
    while (used > 0 && value.p[used - 1] == ' ')
        used--;
    return str_slice(value, 0, used);
}

static str_t
replace(arena_t *mem, str_t value, str_t what, str_t by)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    while (value.n > 0) {
        size_t at = str_find(value, what);

        buf_add(&buf, str_slice(value, 0, at));
        if (at < value.n)
            buf_add(&buf, by);
        value = str_skip(value, at + what.n);
    }
    return buf_str(&buf);
}

static size_t
count_characters(str_t value)
{
    size_t n = 0;

    for (size_t i = 0; i < value.n; i++)
        n += ((unsigned char)value.p[i] & 0xc0) != 0x80;
    return n;
}

static str_t
pad(arena_t *mem, str_t value, str_t with, size_t n)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    for (size_t have = count_characters(value); have < n; have++)
        buf_add(&buf, with);
    buf_add(&buf, value);
    return buf_str(&buf);
}

/* The same for ever and everywhere, so it has no key: FNV-1a, well stirred. */
static str_t
hash(arena_t *mem, str_t value, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < value.n; i++)
        h = (h ^ (unsigned char)value.p[i]) * 0x100000001b3u;
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    return str_slice(str_printf(mem, "%016llx", (unsigned long long)(h ^ h >> 33)), 0, n);
}

/* ---- all of them ---- */

static str_t
apply(arena_t *mem, const map_transform_t *transform, str_t value)
{
    switch (transform->kind) {
    case MAP_TRANSFORM_LOWER:
        return lower(mem, value);
    case MAP_TRANSFORM_UPPER:
        return str_upper(mem, value);
    case MAP_TRANSFORM_ASCII:
        return ascii(mem, value);
    case MAP_TRANSFORM_SLUG:
        return slug(mem, value);
    case MAP_TRANSFORM_BEFORE:
        return before(value, transform->text);
    case MAP_TRANSFORM_AFTER:
        return after(value, transform->text);
    case MAP_TRANSFORM_REPLACE:
        return replace(mem, value, transform->text, transform->by);
    case MAP_TRANSFORM_TRUNCATE:
        return truncate_text(value, transform->n);
    case MAP_TRANSFORM_PAD:
        return pad(mem, value, transform->text, transform->n);
    case MAP_TRANSFORM_HASH:
        return hash(mem, value, transform->n);
    }
    return value;
}

str_t
map_transform(arena_t *mem, const map_transform_t *transforms, size_t n, str_t value)
{
    for (size_t i = 0; i < n && value.n > 0; i++)
        value = apply(mem, &transforms[i], value);
    return value;
}

bool
map_transform_may_empty(const map_transform_t *transform)
{
    return transform->kind == MAP_TRANSFORM_ASCII || transform->kind == MAP_TRANSFORM_SLUG ||
           (transform->kind == MAP_TRANSFORM_REPLACE && transform->by.n == 0);
}

bool
map_transform_loses(const map_transform_t *transform, ldap_rule_t rule)
{
    if (transform->kind == MAP_TRANSFORM_LOWER || transform->kind == MAP_TRANSFORM_UPPER)
        return rule != LDAP_RULE_CASE_IGNORE;
    return true;
}
