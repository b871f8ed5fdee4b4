/* SPDX-License-Identifier: Apache-2.0 */
#include "http/media.h"

static const str_t names[] = {
    [MEDIA_SCIM] = STR_INIT("application/scim+json"),
    [MEDIA_JSON] = STR_INIT("application/json"),
    [MEDIA_NONE] = STR_INIT(""),
};

enum { WEIGHT_MAX = 1000 };

/* A media type or a range of them, with those of its parameters that mean something. */
typedef struct {
    str_t name;    /* as written; empty: there was nothing */
    str_t charset; /* without quotes; p NULL: not said */
    int weight;    /* thousandths; -1: malformed */
} range_t;

str_t
media_name(media_t media)
{
    return names[media];
}

/* --- the syntax --------------------------------------------------------------------------- */

/* What stands before the next separator that is not in a quoted string (RFC 9110 §5.6.4). */
static str_t
take_until(str_t *rest, char separator)
{
    bool quoted = false;
    size_t at = 0;
    str_t taken;

    for (; at < rest->n; at++) {
        char c = rest->p[at];

        if (quoted && c == '\\')
            at++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == separator && !quoted)
            break;
    }
    taken = str_slice(*rest, 0, at);
    *rest = str_skip(*rest, at + 1);
    return str_trim(taken);
}

static str_t
without_quotes(str_t text)
{
    if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
        return str_slice(text, 1, text.n - 2);
    return text;
}

/* RFC 9110 §12.4.2: "0.8" is 800. Without the digit before the point too, as clients write it. */
static int
weight_of(str_t text)
{
    int weight = 0, unit = WEIGHT_MAX;
    size_t at = 0;

    if (text.n == 0 || text.n > 5)
        return -1;
    if (text.p[0] == '0' || text.p[0] == '1')
        weight = (text.p[at++] - '0') * WEIGHT_MAX;
    if (at < text.n && text.p[at++] != '.')
        return -1;
    for (; at < text.n; at++) {
        if (!char_is_digit(text.p[at]))
            return -1;
        unit /= 10;
        weight += (text.p[at] - '0') * unit;
    }
    return weight <= WEIGHT_MAX ? weight : -1;
}

static range_t
read_range(str_t text)
{
    range_t range = {.name = take_until(&text, ';'), .weight = WEIGHT_MAX};

    while (text.n > 0) {
        str_t parameter = take_until(&text, ';');
        size_t equals = str_find_char(parameter, '=');
        str_t name = str_trim(str_slice(parameter, 0, equals));
        str_t value = str_trim(str_skip(parameter, equals + 1));

        if (str_ieq(name, STR("charset")))
            range.charset = without_quotes(value);
        else if (str_ieq(name, STR("q")))
            range.weight = weight_of(value);
    }
    return range;
}

static bool
is_utf8_or_nothing(str_t charset)
{
    return !charset.p || str_ieq(charset, STR("utf-8")) || str_ieq(charset, STR("utf8"));
}

/* --- what a client takes ------------------------------------------------------------------ */

/* How closely the range names the type: 0 "any", 1 "application/any", 2 the type; -1 not at all. */
static int
closeness(const range_t *range, media_t media)
{
    if (range->weight < 0 || !is_utf8_or_nothing(range->charset))
        return -1;
    if (str_ieq(range->name, names[media]))
        return 2;
    if (str_ieq(range->name, STR("application/*")))
        return 1;
    return str_eq(range->name, STR("*/*")) || str_eq(range->name, STR("*")) ? 0 : -1;
}

/* The range that names it most closely decides. */
static int
weight_in(str_t accept, media_t media)
{
    int weight = 0, closest = -1;

    while (accept.n > 0) {
        range_t range = read_range(take_until(&accept, ','));
        int close = closeness(&range, media);

        if (close < 0 || close < closest)
            continue;
        if (close > closest || range.weight > weight)
            weight = range.weight;
        closest = close;
    }
    return weight;
}

media_t
media_choose(str_t accept)
{
    int scim, json;

    accept = str_trim(accept);
    if (accept.n == 0)
        return MEDIA_SCIM;
    scim = weight_in(accept, MEDIA_SCIM);
    json = weight_in(accept, MEDIA_JSON);
    if (scim == 0 && json == 0)
        return MEDIA_NONE;
    return scim >= json ? MEDIA_SCIM : MEDIA_JSON;
}

/* --- what it sends ------------------------------------------------------------------------ */

bool
media_check(str_t content_type, err_t *err)
{
    range_t type = read_range(content_type);

    if (!str_ieq(type.name, names[MEDIA_SCIM]) && !str_ieq(type.name, names[MEDIA_JSON]))
        return err_set(err, ERR_MEDIA_TYPE,
                       "Content-Type must be application/scim+json or application/json");
    if (!is_utf8_or_nothing(type.charset))
        return err_set(err, ERR_MEDIA_TYPE, "the charset must be utf-8, not \"%.*s\"",
                       STR_ARG(type.charset));
    return true;
}
