/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/filter.h"

#include "scim/parse.h"

#include <assert.h>

typedef struct {
    arena_t *mem;
    str_t text;
    size_t at;
    unsigned leniency, used;
    unsigned depth, deepest;
    size_t terms;
    bool in_brackets;
    err_t *err;
} parser_t;

static const str_t compare_names[] = {
    [SCIM_EQ] = STR_INIT("eq"), [SCIM_NE] = STR_INIT("ne"), [SCIM_CO] = STR_INIT("co"),
    [SCIM_SW] = STR_INIT("sw"), [SCIM_EW] = STR_INIT("ew"), [SCIM_GT] = STR_INIT("gt"),
    [SCIM_GE] = STR_INIT("ge"), [SCIM_LT] = STR_INIT("lt"), [SCIM_LE] = STR_INIT("le"),
};

const char *
scim_compare_name(scim_compare_t op)
{
    assert(op < ARRAY_SIZE(compare_names));
    return compare_names[op].p;
}

/* ---- text ---- */

static void *
fail(parser_t *p, const char *expected)
{
    if (p->at >= p->text.n)
        err_set(p->err, ERR_INVALID_FILTER, "expected %s, but the filter ends at byte %zu",
                expected, p->text.n);
    else
        err_set(p->err, ERR_INVALID_FILTER, "expected %s at byte %zu: \"%.*s\"", expected,
                p->at, STR_ARG(str_slice(p->text, p->at, 24)));
    return NULL;
}

static bool
at_char(const parser_t *p, char c)
{
    return p->at < p->text.n && p->text.p[p->at] == c;
}

static bool
take_blanks(parser_t *p)
{
    size_t from = p->at;

    while (at_char(p, ' '))
        p->at++;
    return p->at > from;
}

/* The letters from `at` on. */
static str_t
word_at(const parser_t *p, size_t at)
{
    size_t n = 0;

    while (at + n < p->text.n && char_is_alpha(p->text.p[at + n]))
        n++;
    return str_slice(p->text, at, n);
}

static size_t
skip_blanks(const parser_t *p, size_t at)
{
    while (at < p->text.n && p->text.p[at] == ' ')
        at++;
    return at;
}

/* SP "and" SP, or the same with "or". */
static bool
take_logical(parser_t *p, str_t name)
{
    size_t from = skip_blanks(p, p->at);
    str_t word = word_at(p, from);
    size_t end = from + word.n;

    if (from == p->at || !str_ieq(word, name) || end >= p->text.n || p->text.p[end] != ' ')
        return false;
    p->at = skip_blanks(p, end);
    return true;
}

static scim_filter_t *
new_node(parser_t *p, scim_filter_kind_t kind, size_t at)
{
    scim_filter_t *node = arena_new_of(p->mem, scim_filter_t);

    node->kind = kind;
    node->at = at;
    return node;
}

static bool
enter(parser_t *p)
{
    if (p->depth >= SCIM_FILTER_MAX_DEPTH) {
        err_set(p->err, ERR_INVALID_FILTER, "the filter is nested deeper than %d at byte %zu",
                SCIM_FILTER_MAX_DEPTH, p->at);
        return false;
    }
    p->depth++;
    if (p->depth > p->deepest)
        p->deepest = p->depth;
    return true;
}

static bool
count_term(parser_t *p)
{
    if (++p->terms > SCIM_FILTER_MAX_TERMS) {
        err_set(p->err, ERR_INVALID_FILTER, "the filter has more than %d terms",
                SCIM_FILTER_MAX_TERMS);
        return false;
    }
    return true;
}

/* ---- values ---- */

/* From the quote up to and with the closing one; 0 when there is none. */
static size_t
string_length(const parser_t *p)
{
    for (size_t i = p->at + 1; i < p->text.n; i++) {
        if (p->text.p[i] == '\\')
            i++;
        else if (p->text.p[i] == '"')
            return i + 1 - p->at;
    }
    return 0;
}

static size_t
bare_length(const parser_t *p)
{
    size_t n = 0;

    while (p->at + n < p->text.n && !strchr(" ()[]\"", p->text.p[p->at + n]))
        n++;
    return n;
}

static const json_t *
parse_scalar(parser_t *p, str_t token)
{
    err_t ignored = ERR_INIT;
    json_t *value = json_parse(p->mem, token, &json_limits_request, &ignored);

    return value && value->kind != JSON_ARRAY && value->kind != JSON_OBJECT ? value : NULL;
}

/* A value in quotes of another kind is none without quotes: compared with them it would be equal to
 * nothing, and a client told so makes everybody once more, or believes a member removed. */
static bool
is_misquoted(str_t token)
{
    static const str_t marks[] = {STR_INIT("'"),
                                  STR_INIT("`"),
                                  STR_INIT("\xC2\xB4"),
                                  STR_INIT("\xE2\x80\x98"),
                                  STR_INIT("\xE2\x80\x99"),
                                  STR_INIT("\xE2\x80\x9C"),
                                  STR_INIT("\xE2\x80\x9D")};

    for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
        if (str_starts_with(token, marks[i]))
            return true;
    }
    return false;
}

static const json_t *
parse_value(parser_t *p)
{
    static const char expected[] = "a value (\"text\", number, true, false or null)";
    bool quoted = at_char(p, '"');
    str_t token = str_slice(p->text, p->at, quoted ? string_length(p) : bare_length(p));
    const json_t *value = token.n > 0 ? parse_scalar(p, token) : NULL;

    if (is_misquoted(token))
        return fail(p, "a value in double quotes");
    if (!value && !quoted && token.n > 0 && (p->leniency & SCIM_FILTER_UNQUOTED) != 0 &&
        str_is_utf8(token)) {
        p->used |= SCIM_FILTER_UNQUOTED;
        value = json_string(p->mem, token);
    }
    if (!value)
        return fail(p, quoted ? "a string as in JSON" : expected);
    p->at += token.n;
    return value;
}

/* The blank before the value, which some leave out before a quote. */
static bool
take_blank_before_value(parser_t *p)
{
    if (take_blanks(p))
        return true;
    if ((p->leniency & SCIM_FILTER_TIGHT) == 0 || !at_char(p, '"'))
        return false;
    p->used |= SCIM_FILTER_TIGHT;
    return true;
}

/* ---- expressions ---- */

static bool
find_compare(str_t word, scim_compare_t *ret_op)
{
    for (size_t i = 0; i < ARRAY_SIZE(compare_names); i++) {
        if (str_ieq(word, compare_names[i])) {
            *ret_op = (scim_compare_t)i;
            return true;
        }
    }
    return false;
}

/* What follows an attribute: SP "pr", or SP operator SP value. */
static const scim_filter_t *
parse_operator(parser_t *p, const scim_path_t *path, size_t at)
{
    scim_compare_t op = SCIM_EQ;

    if (!count_term(p))
        return NULL;
    if (!take_blanks(p))
        return fail(p, "a blank and an operator");
    str_t word = word_at(p, p->at);
    bool present = str_ieq(word, STR("pr"));
    if (!present && !find_compare(word, &op))
        return fail(p, "eq, ne, co, sw, ew, gt, ge, lt, le or pr");
    p->at += word.n;

    scim_filter_t *node = new_node(p, present ? SCIM_F_PRESENT : SCIM_F_COMPARE, at);
    node->path = *path;
    if (present)
        return node;
    node->op = op;
    if (!take_blank_before_value(p))
        return fail(p, "a blank and a value");
    node->value = parse_value(p);
    return node->value ? node : NULL;
}

static const scim_filter_t *parse_or(parser_t *p);

static const scim_filter_t *
parse_inside(parser_t *p)
{
    bool outer = p->in_brackets;

    p->in_brackets = true;
    take_blanks(p);
    const scim_filter_t *inside = enter(p) ? parse_or(p) : NULL;
    p->in_brackets = outer;
    if (!inside)
        return NULL;
    p->depth--;
    take_blanks(p);
    if (!at_char(p, ']'))
        return fail(p, "'and', 'or' or ']'");
    p->at++;
    return inside;
}

/* Whether an operator follows the brackets: emails[type eq "work"] eq "x". */
static bool
operator_follows(const parser_t *p)
{
    scim_compare_t op;
    size_t from = skip_blanks(p, p->at);

    return from > p->at && find_compare(word_at(p, from), &op);
}

/* The name after the brackets of attr[…].sub; empty: there is none. */
static bool
parse_sub(parser_t *p, str_t *ret_sub)
{
    *ret_sub = STR("");
    if (at_char(p, '.')) {
        str_t rest = str_skip(p->text, p->at + 1);
        size_t n = scim_path_name_length(rest);

        if (n == 0 || (n < rest.n && rest.p[n] != ' ')) {
            p->at++;
            fail(p, "a sub-attribute's name");
            return false;
        }
        *ret_sub = str_slice(rest, 0, n);
        p->at += 1 + n;
    } else if ((p->leniency & SCIM_FILTER_ELEMENT_EQ) != 0 && operator_follows(p)) {
        p->used |= SCIM_FILTER_ELEMENT_EQ;
        *ret_sub = STR("value");
    }
    return true;
}

static const scim_filter_t *
parse_value_path(parser_t *p, const scim_path_t *path, size_t at)
{
    scim_filter_t *node = new_node(p, SCIM_F_VALUE_PATH, at);
    unsigned deepest = p->deepest;
    str_t sub;

    if (p->in_brackets)
        return fail(p, "no '[' within '['");
    node->path = *path;
    p->at++;
    p->deepest = p->depth;
    node->left = parse_inside(p);
    if (!node->left || !parse_sub(p, &sub))
        return NULL;
    if (!str_is_empty(sub)) {
        scim_filter_t *both = new_node(p, SCIM_F_AND, at);
        scim_path_t sub_path = {.text = sub, .urn = STR(""), .attr = sub, .sub = STR("")};

        /* Written out, an "or" in there needs one more pair of parentheses. */
        if (node->left->kind == SCIM_F_OR && p->deepest >= SCIM_FILTER_MAX_DEPTH)
            return fail(p, "less depth before this");
        both->left = node->left;
        both->right = parse_operator(p, &sub_path, p->at);
        if (!both->right)
            return NULL;
        node->left = both;
    }
    if (deepest > p->deepest)
        p->deepest = deepest;
    return node;
}

static const scim_filter_t *
parse_attribute(parser_t *p)
{
    size_t at = p->at;
    str_t token = str_slice(p->text, at, scim_path_token(p->text, at));
    scim_path_t path;

    if (!scim_path_split(token, &path))
        return fail(p, "an attribute, 'not' or '('");
    p->at += token.n;
    if (!at_char(p, '['))
        return parse_operator(p, &path, at);
    if (!str_is_empty(path.sub))
        return fail(p, "no '[' after a sub-attribute");
    return parse_value_path(p, &path, at);
}

static const scim_filter_t *
parse_group(parser_t *p)
{
    p->at++;
    if (!enter(p))
        return NULL;
    take_blanks(p);
    const scim_filter_t *inside = parse_or(p);
    if (!inside)
        return NULL;
    p->depth--;
    take_blanks(p);
    if (!at_char(p, ')'))
        return fail(p, "'and', 'or' or ')'");
    p->at++;
    return inside;
}

static bool
at_not(const parser_t *p)
{
    size_t open = skip_blanks(p, p->at + 3);

    return str_ieq(word_at(p, p->at), STR("not")) && open < p->text.n && p->text.p[open] == '(';
}

static const scim_filter_t *
parse_term(parser_t *p)
{
    if (at_char(p, '('))
        return parse_group(p);
    if (!at_not(p))
        return parse_attribute(p);
    scim_filter_t *node = new_node(p, SCIM_F_NOT, p->at);
    p->at = skip_blanks(p, p->at + 3);
    node->left = parse_group(p);
    return node->left ? node : NULL;
}

static const scim_filter_t *
parse_and(parser_t *p)
{
    const scim_filter_t *left = parse_term(p);

    while (left && take_logical(p, STR("and"))) {
        scim_filter_t *node = new_node(p, SCIM_F_AND, left->at);

        node->left = left;
        node->right = parse_term(p);
        left = node->right ? node : NULL;
    }
    return left;
}

static const scim_filter_t *
parse_or(parser_t *p)
{
    const scim_filter_t *left = parse_and(p);

    while (left && take_logical(p, STR("or"))) {
        scim_filter_t *node = new_node(p, SCIM_F_OR, left->at);

        node->left = left;
        node->right = parse_and(p);
        left = node->right ? node : NULL;
    }
    return left;
}

const scim_filter_t *
scim_filter_parse(arena_t *mem, str_t text, unsigned leniency, unsigned *ret_used, err_t *err)
{
    parser_t p = {.mem = mem, .text = text, .leniency = leniency, .err = err};

    if (text.n > SCIM_FILTER_MAX_BYTES) {
        err_set(err, ERR_INVALID_FILTER, "the filter has more than %d bytes",
                SCIM_FILTER_MAX_BYTES);
        return NULL;
    }
    take_blanks(&p);
    const scim_filter_t *filter = parse_or(&p);
    if (!filter)
        return NULL;
    take_blanks(&p);
    if (p.at < text.n)
        return fail(&p, "'and', 'or' or the end");
    if (ret_used)
        *ret_used = p.used;
    return filter;
}

const scim_filter_t *
scim_filter_parse_brackets(arena_t *mem, str_t text, unsigned leniency, size_t *at,
                           bool *ret_ended, err_t *err)
{
    parser_t p = {.mem = mem,
                  .text = text,
                  .at = *at,
                  .leniency = leniency,
                  .in_brackets = true,
                  .err = err};
    const scim_filter_t *filter = parse_inside(&p);

    *ret_ended = !filter && p.at >= text.n;
    *at = p.at;
    return filter;
}

/* ---- and back ---- */

static int
precedence(const scim_filter_t *filter)
{
    return filter->kind == SCIM_F_OR ? 1 : filter->kind == SCIM_F_AND ? 2 : 3;
}

static void
write_operand(buf_t *buf, const scim_filter_t *filter, int weakest)
{
    bool group = precedence(filter) < weakest;

    if (group)
        buf_add_char(buf, '(');
    scim_filter_write(buf, filter);
    if (group)
        buf_add_char(buf, ')');
}

void
scim_filter_write(buf_t *buf, const scim_filter_t *filter)
{
    switch (filter->kind) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        /* A chain leans to the left, so only the right side of an equal needs parentheses. */
        write_operand(buf, filter->left, precedence(filter));
        buf_add_c(buf, filter->kind == SCIM_F_AND ? " and " : " or ");
        write_operand(buf, filter->right, precedence(filter) + 1);
        break;
    case SCIM_F_NOT:
        buf_add_c(buf, "not (");
        scim_filter_write(buf, filter->left);
        buf_add_char(buf, ')');
        break;
    case SCIM_F_PRESENT:
        buf_add(buf, filter->path.text);
        buf_add_c(buf, " pr");
        break;
    case SCIM_F_COMPARE:
        buf_add(buf, filter->path.text);
        buf_add_char(buf, ' ');
        buf_add(buf, compare_names[filter->op]);
        buf_add_char(buf, ' ');
        json_write(buf, filter->value);
        break;
    case SCIM_F_VALUE_PATH:
        buf_add(buf, filter->path.text);
        buf_add_char(buf, '[');
        scim_filter_write(buf, filter->left);
        buf_add_char(buf, ']');
        break;
    }
}
