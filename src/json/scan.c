/* SPDX-License-Identifier: Apache-2.0 */
#include "json/scan.h"

#include <assert.h>
#include <stdio.h>

const json_limits_t json_limits_request = {
    .max_bytes = 1u << 20, .max_depth = 16, .max_nodes = 100000, .comments = false};

const json_limits_t json_limits_file = {
    .max_bytes = 4u << 20, .max_depth = 32, .max_nodes = 1000000, .comments = true};

enum { FOUND_SIZE = 64, CLIP_MAX = 80 };

typedef struct {
    arena_t *mem;
    const json_limits_t *limits;
    err_t *err;
    str_t text; /* as it was given */
    char *copy; /* where comments are blanked; NULL: comments are not allowed */
    size_t at;  /* of the next byte */
    unsigned depth;
    json_place_t *places;
    size_t n, size;
} scanner_t;

void
json_position(str_t text, size_t at, unsigned *ret_line, unsigned *ret_column)
{
    unsigned line = 1;
    size_t start = 0;

    if (at > text.n)
        at = text.n;
    for (size_t i = 0; i < at; i++) {
        if (text.p[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    *ret_line = line;
    *ret_column = (unsigned)(at - start) + 1;
}

bool
json_point(err_t *err, str_t text, size_t at)
{
    json_position(text, at, &err->line, &err->column);
    return false;
}

static bool
point(scanner_t *s, size_t at)
{
    return json_point(s->err, s->text, at);
}

/* --- messages --------------------------------------------------------------------------- */

static bool
is_word_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '_';
}

static str_t
word_at(str_t text, size_t at)
{
    size_t n = 0;

    while (at + n < text.n && is_word_char(text.p[at + n]))
        n++;
    return str_slice(text, at, n);
}

/* The beginning of `s`, ending where a character ends. */
static str_t
clip(str_t s)
{
    if (s.n <= CLIP_MAX)
        return s;
    s.n = CLIP_MAX;
    while (s.n && !str_is_utf8(s))
        s.n--;
    return s;
}

/* What stands at the scanner's place, in words. */
static void
describe(const scanner_t *s, char found[FOUND_SIZE])
{
    str_t rest = str_skip(s->text, s->at);
    str_t word = word_at(s->text, s->at);
    size_t n = rest.n ? str_utf8_length(rest) : 0;

    if (!rest.n)
        snprintf(found, FOUND_SIZE, "the end of the text");
    else if (!n)
        snprintf(found, FOUND_SIZE, "malformed UTF-8 (byte 0x%02x)", (unsigned char)*rest.p);
    else if ((unsigned char)*rest.p < 0x20 || *rest.p == 0x7f)
        snprintf(found, FOUND_SIZE, "the control character 0x%02x", (unsigned char)*rest.p);
    else if (*rest.p == '\'')
        snprintf(found, FOUND_SIZE, "a single quote");
    else if (str_starts_with(rest, STR("//")) || str_starts_with(rest, STR("/*")))
        snprintf(found, FOUND_SIZE, "a comment, which is not allowed here");
    else if (word.n)
        snprintf(found, FOUND_SIZE, "'%.*s'", (int)(word.n < 40 ? word.n : 40), word.p);
    else
        snprintf(found, FOUND_SIZE, "'%.*s'", (int)n, rest.p);
}

/* `what` was expected, with the name or number it belongs to. */
static bool
expected(scanner_t *s, const char *what, str_t whose)
{
    char found[FOUND_SIZE];

    describe(s, found);
    whose = clip(whose);
    err_set(s->err, ERR_INVALID_SYNTAX, "expected %s%s%.*s, found %s", what, whose.n ? " " : "",
            STR_ARG(whose), found);
    return point(s, s->at);
}

/* --- blanks and comments ---------------------------------------------------------------- */

static bool
refuse_utf8(scanner_t *s, size_t at)
{
    err_set(s->err, ERR_INVALID_SYNTAX, "malformed UTF-8 (byte 0x%02x)",
            (unsigned char)s->text.p[at]);
    return point(s, at);
}

/* Blank the comment at the scanner's place out of the copy. Line breaks may go as well: places
 * are counted in the text as it was given. */
static bool
skip_comment(scanner_t *s)
{
    str_t rest = str_skip(s->text, s->at);
    bool is_block = rest.p[1] == '*';
    str_t body = str_skip(rest, 2);
    size_t end = str_find(body, is_block ? STR("*/") : STR("\n"));

    if (is_block && end == body.n) {
        err_set(s->err, ERR_INVALID_SYNTAX, "the comment that begins here is not closed");
        return point(s, s->at);
    }
    for (size_t i = 0, n; i < end; i += n) {
        n = str_utf8_length(str_slice(body, i, end - i));
        if (!n)
            return refuse_utf8(s, s->at + 2 + i);
    }
    end += is_block ? 4 : 2;
    memset(s->copy + s->at, ' ', end);
    s->at += end;
    return true;
}

static bool
is_comment(const scanner_t *s)
{
    return s->copy && s->at + 1 < s->text.n && s->text.p[s->at] == '/' &&
           (s->text.p[s->at + 1] == '/' || s->text.p[s->at + 1] == '*');
}

/* Go to the next byte that is neither blank nor comment. */
static bool
skip_blanks(scanner_t *s)
{
    for (;;) {
        while (s->at < s->text.n) {
            char c = s->text.p[s->at];

            if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
                break;
            s->at++;
        }
        if (!is_comment(s))
            return true;
        if (!skip_comment(s))
            return false;
    }
}

/* The next byte; NUL at the end, which no caller looks for. */
static char
peek(const scanner_t *s)
{
    return s->at < s->text.n ? s->text.p[s->at] : '\0';
}

/* --- strings ---------------------------------------------------------------------------- */

/* The four digits after \u at offset `at`, or -1. */
static int
hex4(const scanner_t *s, size_t at)
{
    int code = 0;

    for (size_t i = at; i < at + 4; i++) {
        int digit = i < s->text.n ? char_hex(s->text.p[i]) : -1;

        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static bool
refuse_escape(scanner_t *s, size_t n, const char *why)
{
    str_t escape = str_slice(s->text, s->at, n);

    if (!str_is_utf8(escape))
        escape.n = 1;
    err_set(s->err, ERR_INVALID_SYNTAX, "%.*s %s", STR_ARG(escape), why);
    return point(s, s->at);
}

static bool
scan_unicode_escape(scanner_t *s)
{
    int code = hex4(s, s->at + 2);
    int low;

    if (code < 0)
        return refuse_escape(s, 2, "must be followed by four hexadecimal digits");
    if (code == 0)
        return refuse_escape(s, 6, "(NUL) is not allowed in a string");
    if (code >= 0xdc00 && code <= 0xdfff)
        return refuse_escape(s, 6, "is the second half of a surrogate pair without the first");
    if (code < 0xd800 || code > 0xdbff) {
        s->at += 6;
        return true;
    }
    low = str_starts_with(str_skip(s->text, s->at + 6), STR("\\u")) ? hex4(s, s->at + 8) : -1;
    if (low < 0xdc00 || low > 0xdfff)
        return refuse_escape(s, 6, "is the first half of a surrogate pair without the second");
    s->at += 12;
    return true;
}

static bool
scan_escape(scanner_t *s)
{
    char c = s->at + 1 < s->text.n ? s->text.p[s->at + 1] : '\0';

    if (c == 'u')
        return scan_unicode_escape(s);
    if (c == '\0' || !strchr("\"\\/bfnrt", c))
        return refuse_escape(s, 2,
                             "is not an escape: use \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
    s->at += 2;
    return true;
}

static bool
refuse_control(scanner_t *s)
{
    unsigned char c = (unsigned char)s->text.p[s->at];

    if (c == '\n' || c == '\r')
        err_set(s->err, ERR_INVALID_SYNTAX,
                "the line ends within a string: close the string or write \\n");
    else
        err_set(s->err, ERR_INVALID_SYNTAX,
                "the control character 0x%02x is not allowed in a string%s", c,
                c ? ": write it as an escape" : "");
    return point(s, s->at);
}

static bool
is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* From the opening quote to behind the closing one. */
static bool
scan_string(scanner_t *s)
{
    size_t start = s->at++;

    for (;;) {
        size_t n;

        while (s->at < s->text.n && is_plain(s->text.p[s->at]))
            s->at++;
        if (s->at == s->text.n) {
            err_set(s->err, ERR_INVALID_SYNTAX, "the string that begins here is not closed");
            return point(s, start);
        }
        if (s->text.p[s->at] == '"') {
            s->at++;
            return true;
        }
        if (s->text.p[s->at] == '\\') {
            if (!scan_escape(s))
                return false;
            continue;
        }
        if ((unsigned char)s->text.p[s->at] < 0x20)
            return refuse_control(s);
        n = str_utf8_length(str_skip(s->text, s->at));
        if (!n)
            return refuse_utf8(s, s->at);
        s->at += n;
    }
}

/* --- numbers and words ------------------------------------------------------------------ */

static bool
scan_digits(scanner_t *s, const char *what)
{
    if (!char_is_digit(peek(s)))
        return expected(s, what, STR(""));
    while (char_is_digit(peek(s)))
        s->at++;
    return true;
}

static bool
scan_whole_part(scanner_t *s)
{
    if (peek(s) == '-')
        s->at++;
    if (peek(s) != '0')
        return scan_digits(s, "a digit after '-'");
    s->at++;
    if (!char_is_digit(peek(s)))
        return true;
    err_set(s->err, ERR_INVALID_SYNTAX, "a number does not begin with a superfluous 0");
    return point(s, s->at - 1);
}

static bool
scan_number(scanner_t *s, json_place_t *place)
{
    if (!scan_whole_part(s))
        return false;
    if (peek(s) == '.') {
        s->at++;
        if (!scan_digits(s, "a digit after the decimal point"))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        if (!scan_digits(s, "a digit in the exponent"))
            return false;
    }
    place->length = (uint32_t)(s->at - place->at);
    if (place->length <= JSON_NUMBER_MAX)
        return true;
    err_set(s->err, ERR_INVALID_SYNTAX, "a number of %u characters, at most %d are read",
            place->length, JSON_NUMBER_MAX);
    return point(s, place->at);
}

/* true, false or null. `whose` is the name of the member, if it is one. */
static bool
scan_word(scanner_t *s, str_t whose)
{
    static const str_t words[] = {STR_INIT("true"), STR_INIT("false"), STR_INIT("null")};
    str_t word = word_at(s->text, s->at);

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (str_eq(word, words[i])) {
            s->at += word.n;
            return true;
        }
        if (str_ieq(word, words[i])) {
            err_set(s->err, ERR_INVALID_SYNTAX, "'%.*s' must be written '%s'", STR_ARG(word),
                    words[i].p);
            return point(s, s->at);
        }
    }
    return expected(s, whose.n ? "a value for" : "a value", whose);
}

/* --- arrays and objects ----------------------------------------------------------------- */

static bool scan_value(scanner_t *s, size_t name_at, str_t whose);

/* Enter an array or object. */
static bool
descend(scanner_t *s)
{
    if (s->depth == s->limits->max_depth) {
        err_set(s->err, ERR_INVALID_SYNTAX,
                "more than %u arrays and objects within one another", s->limits->max_depth);
        return point(s, s->at);
    }
    s->depth++;
    s->at++;
    return skip_blanks(s);
}

static void
ascend(scanner_t *s)
{
    s->depth--;
    s->at++;
}

/* After a comma: whether another item or member comes. A comma before the closing bracket is
 * blanked where that is allowed, and otherwise left to the caller to refuse. */
static bool
skip_comma(scanner_t *s, char close, bool *ret_more)
{
    size_t comma = s->at++;

    if (!skip_blanks(s))
        return false;
    *ret_more = !(s->copy && peek(s) == close);
    if (!*ret_more)
        s->copy[comma] = ' ';
    return true;
}

static bool
scan_array(scanner_t *s, size_t self)
{
    bool more;

    if (!descend(s))
        return false;
    for (more = peek(s) != ']'; more;) {
        if (!scan_value(s, 0, STR("")) || !skip_blanks(s))
            return false;
        s->places[self].count++;
        more = peek(s) == ',';
        if (more && !skip_comma(s, ']', &more))
            return false;
        if (!more && peek(s) != ']')
            return expected(s, "',' or ']' after an item of the array", STR(""));
    }
    ascend(s);
    return true;
}

/* A member, with the blanks behind it; its name as it is written goes to *ret_name. */
static bool
scan_member(scanner_t *s, str_t *ret_name)
{
    size_t name_at = s->at;

    if (peek(s) != '"')
        return expected(s, "a member's name in double quotes", STR(""));
    if (!scan_string(s))
        return false;
    *ret_name = str_slice(s->text, name_at, s->at - name_at);
    if (!skip_blanks(s))
        return false;
    if (peek(s) != ':')
        return expected(s, "':' after", *ret_name);
    s->at++;
    return skip_blanks(s) && scan_value(s, name_at, *ret_name) && skip_blanks(s);
}

static bool
scan_object(scanner_t *s, size_t self)
{
    bool more;

    if (!descend(s))
        return false;
    for (more = peek(s) != '}'; more;) {
        str_t name;

        if (!scan_member(s, &name))
            return false;
        s->places[self].count++;
        more = peek(s) == ',';
        if (more && !skip_comma(s, '}', &more))
            return false;
        if (!more && peek(s) != '}')
            return expected(s, "',' or '}' after the value of", name);
    }
    ascend(s);
    return true;
}

/* The place of a value that begins here; its index goes to *ret_self. */
static bool
add_place(scanner_t *s, size_t name_at, size_t *ret_self)
{
    if (s->n == s->limits->max_nodes) {
        err_set(s->err, ERR_TOO_LARGE, "more than %zu values", s->limits->max_nodes);
        return point(s, s->at);
    }
    if (s->n == s->size) {
        s->size = s->size ? s->size * 2 : 64;
        s->places = arena_grow(s->mem, s->places, s->n, s->size, sizeof(*s->places));
    }
    s->places[s->n] = (json_place_t){.at = (uint32_t)s->at, .name_at = (uint32_t)name_at};
    *ret_self = s->n++;
    return true;
}

static bool
scan_value(scanner_t *s, size_t name_at, str_t whose)
{
    char c = peek(s);
    size_t self;

    if (!add_place(s, name_at, &self))
        return false;
    if (c == '"')
        return scan_string(s);
    if (c == '{')
        return scan_object(s, self);
    if (c == '[')
        return scan_array(s, self);
    if (c == '-' || char_is_digit(c))
        return scan_number(s, &s->places[self]);
    return scan_word(s, whose);
}

static bool
scan_text(scanner_t *s)
{
    if (!skip_blanks(s) || !scan_value(s, 0, STR("")) || !skip_blanks(s))
        return false;
    return s->at == s->text.n || expected(s, "the end of the text after the value", STR(""));
}

bool
json_scan(arena_t *mem, str_t text, const json_limits_t *limits, json_scan_t *ret_scan,
          err_t *err)
{
    scanner_t s = {.mem = mem, .limits = limits, .err = err, .text = text};
    size_t start = str_starts_with(text, STR("\xef\xbb\xbf")) ? 3 : 0;

    assert(limits->max_bytes < UINT32_MAX);
    if (text.n > limits->max_bytes)
        return err_set(err, ERR_TOO_LARGE, "a text of %zu bytes, at most %zu are read", text.n,
                       limits->max_bytes);
    if (limits->comments) {
        s.copy = arena_alloc(mem, text.n + 1);
        memcpy(s.copy, text.p, text.n);
    }
    s.at = start;
    if (!scan_text(&s))
        return false;
    ret_scan->text = str_skip(s.copy ? str_from(s.copy, text.n) : text, start);
    ret_scan->places = s.places;
    ret_scan->n = s.n;
    return true;
}
