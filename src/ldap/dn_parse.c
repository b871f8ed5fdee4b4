/* SPDX-License-Identifier: Apache-2.0 */
/* Reading distinguished names: RFC 4514, and what RFC 2253 §4 asks to accept of older ones. */
#include "ldap/dn.h"

typedef struct {
    arena_t *mem;
    str_t text;
    size_t at;
    err_t *err;
} parser_t;

static bool
fail(const parser_t *parser, size_t at, const char *why)
{
    return err_set(parser->err, ERR_INVALID_VALUE, "not a distinguished name: %s at byte %zu",
                   why, at);
}

static bool
at_end(const parser_t *parser)
{
    return parser->at >= parser->text.n;
}

static char
peek(const parser_t *parser)
{
    return parser->text.p[parser->at];
}

static void
skip_blanks(parser_t *parser)
{
    while (!at_end(parser) && peek(parser) == ' ')
        parser->at++;
}

static bool
is_separator(char c)
{
    return c == ',' || c == ';' || c == '+';
}

static bool
is_oid(str_t text)
{
    for (size_t i = 0; i < text.n; i++) {
        bool dot = text.p[i] == '.';

        if (!dot && !char_is_digit(text.p[i]))
            return false;
        if (dot && (i == 0 || i + 1 == text.n || text.p[i - 1] == '.'))
            return false;
    }
    return text.n > 0;
}

/* A short name. Underscores are no part of RFC 4512's descr, but of what servers allow. */
static bool
is_descr(str_t text)
{
    if (text.n == 0 || !char_is_alpha(text.p[0]))
        return false;
    for (size_t i = 1; i < text.n; i++)
        if (!char_is_alpha(text.p[i]) && !char_is_digit(text.p[i]) && text.p[i] != '-' &&
            text.p[i] != '_')
            return false;
    return true;
}

static bool
parse_attr(parser_t *parser, str_t *ret_attr)
{
    size_t from = parser->at, equals;
    str_t attr;

    equals = from + str_find_char(str_skip(parser->text, from), '=');
    if (equals == parser->text.n)
        return fail(parser, from, "expected attribute=value");
    attr = str_trim(str_slice(parser->text, from, equals - from));
    if (str_istarts_with(attr, STR("oid.")))
        attr = str_skip(attr, 4);
    if (!is_descr(attr) && !is_oid(attr))
        return fail(parser, from, "expected the name of an attribute");
    parser->at = equals + 1;
    *ret_attr = str_dup(parser->mem, attr);
    return true;
}

/* After a backslash: one escaped byte. */
static bool
parse_escape(parser_t *parser, char *ret_c)
{
    str_t rest = str_skip(parser->text, parser->at);

    if (rest.n >= 1 && memchr(" \"#+,;<=>\\", rest.p[0], 10) != NULL) {
        *ret_c = rest.p[0];
        parser->at += 1;
        return true;
    }
    if (rest.n >= 2 && char_hex(rest.p[0]) >= 0 && char_hex(rest.p[1]) >= 0) {
        *ret_c = (char)(char_hex(rest.p[0]) * 16 + char_hex(rest.p[1]));
        parser->at += 2;
        return true;
    }
    return fail(parser, parser->at - 1,
                "backslash before neither a special character nor two "
                "hexadecimal digits");
}

/* The end of the value that begins here: the next separator that is not escaped. An upper limit
 * of its length. */
static size_t
value_room(const parser_t *parser)
{
    size_t at = parser->at;

    while (at < parser->text.n && !is_separator(parser->text.p[at]))
        at += parser->text.p[at] == '\\' ? 2 : 1;
    return (at < parser->text.n ? at : parser->text.n) - parser->at;
}

static bool
parse_plain(parser_t *parser, str_t *ret_value)
{
    char *out = arena_alloc(parser->mem, value_room(parser) + 1);
    size_t n = 0, keep = 0; /* up to `keep` no blank is dropped */

    while (!at_end(parser) && !is_separator(peek(parser))) {
        char c = parser->text.p[parser->at++];
        bool escaped = c == '\\';

        if (escaped && !parse_escape(parser, &c))
            return false;
        if (!escaped && (c == '"' || c == '<' || c == '>' || c == '\0'))
            return fail(parser, parser->at - 1, "a character that must be escaped");
        out[n++] = c;
        if (escaped || c != ' ')
            keep = n;
    }
    *ret_value = str_from(out, keep);
    return true;
}

static size_t
quoted_room(const parser_t *parser)
{
    size_t at = parser->at;

    while (at < parser->text.n && parser->text.p[at] != '"')
        at += parser->text.p[at] == '\\' ? 2 : 1;
    return (at < parser->text.n ? at : parser->text.n) - parser->at;
}

static bool
parse_quoted(parser_t *parser, str_t *ret_value)
{
    size_t from = parser->at++, n = 0;
    char *out = arena_alloc(parser->mem, quoted_room(parser) + 1);

    while (!at_end(parser) && peek(parser) != '"') {
        char c = parser->text.p[parser->at++];

        if (c == '\\' && !parse_escape(parser, &c))
            return false;
        out[n++] = c;
    }
    if (at_end(parser))
        return fail(parser, from, "a quotation mark that is not closed");
    parser->at++;
    skip_blanks(parser);
    *ret_value = str_from(out, n);
    return true;
}

/* The contents of a BER string type in definite form; other types have no text. */
static bool
ber_string(str_t ber, str_t *ret_value)
{
    static const char string_tags[] = {0x04, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a};
    size_t length, head = 2;

    if (ber.n < 2 || memchr(string_tags, ber.p[0], sizeof(string_tags)) == NULL)
        return false;
    length = (unsigned char)ber.p[1];
    if (length >= 0x80) {
        size_t octets = length & 0x7f;

        if (octets == 0 || octets > 3 || ber.n < head + octets)
            return false;
        length = 0;
        for (size_t i = 0; i < octets; i++)
            length = length << 8 | (unsigned char)ber.p[head + i];
        head += octets;
    }
    if (ber.n != head + length)
        return false;
    *ret_value = str_skip(ber, head);
    return true;
}

static bool
parse_hex(parser_t *parser, str_t *ret_value)
{
    size_t from = parser->at++, n = 0;
    char *out = arena_alloc(parser->mem, value_room(parser) / 2 + 1);

    while (parser->at + 1 < parser->text.n && char_hex(peek(parser)) >= 0 &&
           char_hex(parser->text.p[parser->at + 1]) >= 0) {
        out[n++] =
            (char)(char_hex(peek(parser)) * 16 + char_hex(parser->text.p[parser->at + 1]));
        parser->at += 2;
    }
    skip_blanks(parser);
    if (!ber_string(str_from(out, n), ret_value))
        return fail(parser, from, "a #value that is not the BER encoding of a string");
    return true;
}

static bool
parse_value(parser_t *parser, str_t *ret_value)
{
    bool ok;

    skip_blanks(parser);
    if (!at_end(parser) && peek(parser) == '#')
        ok = parse_hex(parser, ret_value);
    else if (!at_end(parser) && peek(parser) == '"')
        ok = parse_quoted(parser, ret_value);
    else
        ok = parse_plain(parser, ret_value);
    if (ok && !at_end(parser) && !is_separator(peek(parser)))
        return fail(parser, parser->at, "expected ',' or '+'");
    return ok;
}

static bool
parse_rdn(parser_t *parser, ldap_rdn_t *ret_rdn)
{
    ldap_rdn_t rdn = {NULL, 0};
    size_t size = 0;

    for (;;) {
        ldap_ava_t ava;

        skip_blanks(parser);
        if (!parse_attr(parser, &ava.attr) || !parse_value(parser, &ava.value))
            return false;
        if (rdn.n == size) {
            size = size ? size * 2 : 1;
            rdn.avas = arena_grow(parser->mem, rdn.avas, rdn.n, size, sizeof(ldap_ava_t));
        }
        rdn.avas[rdn.n++] = ava;
        if (at_end(parser) || peek(parser) != '+')
            break;
        parser->at++;
    }
    *ret_rdn = rdn;
    return true;
}

bool
ldap_dn_parse(arena_t *mem, str_t text, ldap_dn_t *ret_dn, err_t *err)
{
    parser_t parser = {.mem = mem, .text = text, .err = err};
    ldap_dn_t dn = {NULL, 0};
    size_t size = 0;

    skip_blanks(&parser);
    if (at_end(&parser)) {
        *ret_dn = dn;
        return true;
    }
    for (;;) {
        if (dn.n == size) {
            size = size ? size * 2 : 4;
            dn.rdns = arena_grow(mem, dn.rdns, dn.n, size, sizeof(ldap_rdn_t));
        }
        if (!parse_rdn(&parser, &dn.rdns[dn.n]))
            return false;
        dn.n++;
        if (at_end(&parser))
            break;
        parser.at++;
    }
    *ret_dn = dn;
    return true;
}
