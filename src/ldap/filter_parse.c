/* SPDX-License-Identifier: Apache-2.0 */
/* Reading filters as an administrator writes them (RFC 4515). */
#include "ldap/filter.h"

enum { MAX_DEPTH = 32, MAX_TERMS = 1000 };

typedef struct {
    arena_t *mem;
    str_t text;
    size_t at;
    unsigned depth, terms;
    err_t *err;
} parser_t;

typedef struct {
    const ldap_filter_t **items;
    size_t n, size;
} list_t;

static bool
fail(const parser_t *parser, size_t at, const char *why)
{
    return err_set(parser->err, ERR_INVALID_FILTER, "not an LDAP filter: %s at byte %zu", why,
                   at);
}

/* The byte here, or NUL at the end: a filter has no NUL that is not escaped. */
static char
peek(const parser_t *parser)
{
    return parser->at < parser->text.n ? parser->text.p[parser->at] : '\0';
}

/* Line breaks and indentation between the parts of a filter, as long ones are written in files. */
static void
skip_blanks(parser_t *parser)
{
    while (parser->at < parser->text.n && memchr(" \t\r\n", peek(parser), 4) != NULL)
        parser->at++;
}

static bool
expect(parser_t *parser, char c, const char *why)
{
    if (peek(parser) != c)
        return fail(parser, parser->at, why);
    parser->at++;
    return true;
}

static bool
is_attr_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '.' || c == ';' || c == '_';
}

static str_t
take_name(parser_t *parser)
{
    size_t from = parser->at;

    while (is_attr_char(peek(parser)))
        parser->at++;
    return str_slice(parser->text, from, parser->at - from);
}

/* A value up to '*' or ')', unescaped. */
static bool
take_value(parser_t *parser, str_t *ret_value)
{
    size_t from = parser->at, n = 0, end = from;
    char *out;

    while (end < parser->text.n && !memchr("*()", parser->text.p[end], 3))
        end++;
    out = arena_alloc(parser->mem, end - from + 1);
    while (parser->at < end) {
        str_t rest = str_slice(parser->text, parser->at, end - parser->at);

        if (rest.p[0] == '\0')
            return fail(parser, parser->at, "a NUL that is not escaped as \\00");
        if (rest.p[0] != '\\') {
            out[n++] = rest.p[0];
            parser->at++;
            continue;
        }
        if (rest.n < 3 || char_hex(rest.p[1]) < 0 || char_hex(rest.p[2]) < 0)
            return fail(parser, parser->at,
                        "a backslash without two hexadecimal digits (write \\5c for one)");
        out[n++] = (char)(char_hex(rest.p[1]) * 16 + char_hex(rest.p[2]));
        parser->at += 3;
    }
    if (peek(parser) == '(')
        return fail(parser, parser->at, "'(' within a value (write \\28)");
    *ret_value = str_from(out, n);
    return true;
}

/* What follows the first '*' of a value; the filter is at its byte. */
static bool
parse_stars(parser_t *parser, ldap_filter_t *filter)
{
    str_t *any = NULL;
    size_t n = 0, size = 0;
    str_t part;

    filter->final = STR("");
    while (peek(parser) == '*') {
        parser->at++;
        if (!take_value(parser, &part))
            return false;
        if (peek(parser) != '*') {
            filter->final = part;
            break;
        }
        if (part.n == 0)
            return fail(parser, parser->at, "'**'");
        if (n == size) {
            size = size ? size * 2 : 2;
            any = arena_grow(parser->mem, any, n, size, sizeof(str_t));
        }
        any[n++] = part;
    }
    filter->any = any;
    filter->n_any = n;
    filter->kind = filter->value.n || n || filter->final.n ? LDAP_F_SUBSTRINGS : LDAP_F_PRESENT;
    return true;
}

static bool
parse_extensible(parser_t *parser, ldap_filter_t *filter)
{
    filter->kind = LDAP_F_EXTENSIBLE;
    if (str_istarts_with(str_skip(parser->text, parser->at), STR(":dn:"))) {
        filter->dn_attrs = true;
        parser->at += 3;
    }
    if (!expect(parser, ':', "expected ':='"))
        return false;
    if (peek(parser) != '=') {
        filter->rule = take_name(parser);
        if (filter->rule.n == 0)
            return fail(parser, parser->at, "expected a matching rule");
        if (!expect(parser, ':', "expected ':='"))
            return false;
    }
    if (!expect(parser, '=', "expected ':='"))
        return false;
    if (filter->attr.n == 0 && filter->rule.n == 0)
        return fail(parser, parser->at, "neither an attribute nor a matching rule");
    return take_value(parser, &filter->value);
}

/* "=", ">=", "<=" or "~=". */
static bool
parse_sign(parser_t *parser, ldap_filter_t *filter)
{
    switch (peek(parser)) {
    case '>':
        filter->kind = LDAP_F_GREATER;
        break;
    case '<':
        filter->kind = LDAP_F_LESS;
        break;
    case '~':
        filter->kind = LDAP_F_APPROX;
        break;
    default:
        filter->kind = LDAP_F_EQUAL;
        return expect(parser, '=', "expected '=', '>=', '<=', '~=' or ':='");
    }
    parser->at++;
    return expect(parser, '=', "expected '='");
}

static bool
parse_item(parser_t *parser, ldap_filter_t *filter)
{
    filter->attr = str_dup(parser->mem, take_name(parser));
    if (peek(parser) == ':') {
        if (!parse_extensible(parser, filter))
            return false;
        filter->rule = str_dup(parser->mem, filter->rule);
    } else {
        if (filter->attr.n == 0)
            return fail(parser, parser->at, "expected the name of an attribute");
        if (!parse_sign(parser, filter) || !take_value(parser, &filter->value))
            return false;
        if (filter->kind == LDAP_F_EQUAL && peek(parser) == '*' && !parse_stars(parser, filter))
            return false;
    }
    if (peek(parser) == '*')
        return fail(parser, parser->at, "'*' within a value (write \\2a)");
    return true;
}

static const ldap_filter_t *parse_filter(parser_t *parser);

static bool
parse_parts(parser_t *parser, list_t *ret_list)
{
    list_t list = {NULL, 0, 0};

    for (skip_blanks(parser); peek(parser) == '('; skip_blanks(parser)) {
        if (list.n == list.size) {
            list.size = list.size ? list.size * 2 : 4;
            list.items = arena_grow(parser->mem, list.items, list.n, list.size,
                                    sizeof(const ldap_filter_t *));
        }
        list.items[list.n] = parse_filter(parser);
        if (list.items[list.n++] == NULL)
            return false;
    }
    *ret_list = list;
    return true;
}

/* After '&', '|' or '!'. */
static const ldap_filter_t *
parse_set(parser_t *parser, char sign)
{
    size_t at = parser->at++;
    list_t list;

    if (!parse_parts(parser, &list))
        return NULL;
    if (sign == '&')
        return ldap_filter_and(parser->mem, list.items, list.n);
    if (sign == '|')
        return ldap_filter_or(parser->mem, list.items, list.n);
    if (list.n != 1) {
        fail(parser, at, "'!' takes one filter in parentheses");
        return NULL;
    }
    return ldap_filter_not(parser->mem, list.items[0]);
}

static const ldap_filter_t *
parse_inside(parser_t *parser)
{
    ldap_filter_t *filter;
    char c = peek(parser);

    if (c == '&' || c == '|' || c == '!')
        return parse_set(parser, c);
    filter = arena_new_of(parser->mem, ldap_filter_t);
    filter->value = filter->rule = filter->final = STR("");
    return parse_item(parser, filter) ? filter : NULL;
}

static const ldap_filter_t *
parse_filter(parser_t *parser)
{
    const ldap_filter_t *filter;
    size_t open = parser->at;

    if (!expect(parser, '(', "expected '('"))
        return NULL;
    if (++parser->depth > MAX_DEPTH || ++parser->terms > MAX_TERMS) {
        fail(parser, open,
             parser->depth > MAX_DEPTH ? "more than 32 levels" : "more than 1,000 terms");
        return NULL;
    }
    skip_blanks(parser);
    filter = parse_inside(parser);
    if (filter == NULL || !expect(parser, ')', "expected ')'"))
        return NULL;
    parser->depth--;
    return filter;
}

const ldap_filter_t *
ldap_filter_parse(arena_t *mem, str_t text, err_t *err)
{
    parser_t parser = {.mem = mem, .text = text, .err = err};
    const ldap_filter_t *filter;

    skip_blanks(&parser);
    filter = parse_filter(&parser);
    if (filter == NULL)
        return NULL;
    skip_blanks(&parser);
    if (parser.at < text.n) {
        fail(&parser, parser.at, "something after the filter");
        return NULL;
    }
    return filter;
}
