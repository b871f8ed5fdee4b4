/* SPDX-License-Identifier: Apache-2.0 */
/* What text is JSON, what is refused and where, and what it may cost. */
#include "unit/json/json_test.h"

#include "base/clock.h"

#include <stdlib.h>

static const json_limits_t relaxed = {
    .max_bytes = 1 << 20, .max_depth = 5, .max_nodes = 40, .comments = true};

/* --- accepted --------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    const char *text;
    const char *written; /* NULL: as `text` */
} accepted_t;

static const accepted_t accepted[] = {
    {"null", "null", NULL},
    {"true", "true", NULL},
    {"false", " false\n", "false"},
    {"empty string", "\"\"", NULL},
    {"empty array", "[ \t\r\n]", "[]"},
    {"empty object", "{ }", "{}"},
    {"zero", "0", NULL},
    {"minus zero", "-0", NULL},
    {"integer that double cannot hold", "9007199254740993", NULL},
    {"fraction", "[-0.50,1.25]", NULL},
    {"exponent", "[1e3,1E+3,1e-3,-1.5e10]", NULL},
    {"longest number", "123456789012345678901234567890123456789012345678901234567890123", NULL},
    {"number at the end of the text", "[1,2]", NULL},
    {"nesting to the limit", "[[[[[]]]]]", NULL},
    {"siblings do not add up to depth", "[[[[]]],[[[]]],[[[]]]]", NULL},
    {"object", "{ \"a\" : 1 , \"b\" : [ true , null ] }", "{\"a\":1,\"b\":[true,null]}"},
    {"empty name", "{\"\":1}", NULL},
    {"names that differ beyond ASCII case", "{\"ä\":1,\"Ä\":2}", NULL},
    {"same name in two objects", "[{\"a\":1},{\"a\":{\"a\":2}}]", NULL},
    {"order of members", "{\"z\":1,\"a\":2,\"m\":3}", NULL},
    {"short escapes", "\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t\"",
     "\"\\\" \\\\ / \\b \\f \\n \\r \\t\""},
    {"control characters", "\"\\u0001\\u001F\\u000a\"", "\"\\u0001\\u001f\\n\""},
    {"unicode escapes", "\"\\u0041\\u00e4\\u20AC\"", "\"Aä€\""},
    {"surrogate pair", "\"\\ud83d\\uDE00\"", "\"😀\""},
    {"highest character", "\"\\udbff\\udfff\"", "\"\xf4\x8f\xbf\xbf\""},
    {"UTF-8 of every length", "\"a\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80\"", NULL},
    {"DEL", "\"\x7f\"", NULL},
    {"byte order mark", "\xef\xbb\xbf{\"a\":1}", "{\"a\":1}"},
    {"what looks like a comment", "\"// /* */ ,]\"", NULL},
};

START_TEST(text_is_accepted)
{
    const accepted_t *row = &accepted[_i];
    str_t want = str_from_c(row->written ? row->written : row->text);
    job_t job = parse_with(str_from_c(row->text), &strict);
    str_t got;

    ck_assert_msg(job.value != NULL, "%s: %s", row->name, job.err.detail);
    got = written(job.value);
    ck_assert_msg(str_eq(got, want), "%s: %.*s", row->name, STR_ARG(got));
    ck_assert_msg(json_eq(job.value, parse_ok(got)), "%s: not equal when read again",
                  row->name);
    /* The same where comments are allowed. */
    job = parse_with(str_from_c(row->text), &relaxed);
    ck_assert_msg(job.value && str_eq(written(job.value), want), "%s: with comments",
                  row->name);
}
END_TEST

static const accepted_t commented[] = {
    {"line comment", "// x\n[1, // y\n2]// z", "[1,2]"},
    {"line comment ends the text", "[1]//", "[1]"},
    {"block comment", "/* a\n * b */[1/**/,/***/2/* , */]", "[1,2]"},
    {"comments between all tokens", "/**/{/**/\"a\"/**/:/**/1/**/,/**/\"b\"/**/:/**/2/**/}/**/",
     "{\"a\":1,\"b\":2}"},
    {"comma before ]", "[1,2 , ]", "[1,2]"},
    {"comma before }", "{\"a\":1,}", "{\"a\":1}"},
    {"comma, comment, bracket", "[1, // last\n]", "[1]"},
    {"quotes within a comment", "[1 /* \" */, 2 // it's\n]", "[1,2]"},
    {"CR LF", "{\r\n  // x\r\n  \"a\": 1,\r\n}\r\n", "{\"a\":1}"},
    {"UTF-8 in a comment", "/* ä€😀 */1", "1"},
};

START_TEST(comments_are_blanked)
{
    const accepted_t *row = &commented[_i];
    char *copy = strdup(row->text);
    job_t job = parse_with(str_from_c(copy), &relaxed);

    ck_assert_msg(job.value != NULL, "%s: %s", row->name, job.err.detail);
    ck_assert_msg(str_eq(written(job.value), str_from_c(row->written)), "%s", row->name);
    ck_assert_msg(strcmp(copy, row->text) == 0, "%s: the caller's text changed", row->name);
    free(copy);
    ck_assert_msg(!parse_with(str_from_c(row->text), &strict).value, "%s: strict", row->name);
}
END_TEST

/* --- refused ---------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    str_t text;
    unsigned line, column;
    const char *detail; /* a part of it */
    bool comments;
} refused_t;

#define FORTY "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"

static const refused_t refused[] = {
    /* structure */
    {"nothing", T(""), 1, 1, "expected a value, found the end of the text", false},
    {"blanks only", T(" \n "), 2, 2, "expected a value, found the end of the text", false},
    {"byte order mark only", T("\xef\xbb\xbf"), 1, 4, "found the end of the text", false},
    {"comma forgotten in an object", T("{\n  \"userName\": \"x\"\n  \"active\": true\n}"), 3, 3,
     "expected ',' or '}' after the value of \"userName\", found '\"'", false},
    {"comma forgotten in an array", T("[1 2]"), 1, 4,
     "expected ',' or ']' after an item of the array, found '2'", false},
    {"colon forgotten", T("{\"a\" 1}"), 1, 6, "expected ':' after \"a\", found '1'", false},
    {"value forgotten", T("{\"a\":}"), 1, 6, "expected a value for \"a\", found '}'", false},
    {"item forgotten", T("[1,,2]"), 1, 4, "expected a value, found ','", false},
    {"comma first", T("[,1]"), 1, 2, "expected a value, found ','", false},
    {"comma before ]", T("[1,]"), 1, 4, "expected a value, found ']'", false},
    {"comma before }", T("{\"a\":1,}"), 1, 8,
     "expected a member's name in double quotes, found '}'", false},
    {"name without quotes", T("{a:1}"), 1, 2,
     "expected a member's name in double quotes, found 'a'", false},
    {"name in single quotes", T("{'a':1}"), 1, 2, "found a single quote", false},
    {"number as a name", T("{1:1}"), 1, 2, "found '1'", false},
    {"wrong bracket", T("[1}"), 1, 3, "found '}'", false},
    {"wrong brace", T("{\"a\":1]"), 1, 7, "found ']'", false},
    {"array not closed", T("[1"), 1, 3, "found the end of the text", false},
    {"object not closed", T("{\"a\":{\"b\":1}"), 1, 13,
     "expected ',' or '}' after the value of \"a\", found the end of the text", false},
    {"only an opening brace", T("{"), 1, 2, "expected a member's name", false},
    {"a second value", T("{} {}"), 1, 4, "expected the end of the text after the value", false},
    {"a stray bracket", T("1]"), 1, 2, "found ']'", false},
    {"NUL after the value", T("1\0"), 1, 2, "found the control character 0x00", false},
    {"NUL first", T("\0"), 1, 1, "found the control character 0x00", false},
    {"form feed is no blank", T("\f1"), 1, 1, "found the control character 0x0c", false},
    {"no-break space is no blank",
     T("\xc2\xa0"
       "1"),
     1, 1, "expected a value, found '\xc2\xa0'", false},
    {"bytes that are not UTF-8", T("[\xff]"), 1, 2, "found malformed UTF-8 (byte 0xff)", false},
    {"long name is clipped",
     T("{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaa"
       "\" 1}"),
     1, 94, "aaa, found '1'", false},
    /* words */
    {"True", T("{\"active\": True}"), 1, 12, "'True' must be written 'true'", false},
    {"NULL", T("[NULL]"), 1, 2, "'NULL' must be written 'null'", false},
    {"truex", T("truex"), 1, 1, "expected a value, found 'truex'", false},
    {"undefined", T("{\"a\": undefined}"), 1, 7,
     "expected a value for \"a\", found 'undefined'", false},
    {"tru", T("tru"), 1, 1, "expected a value, found 'tru'", false},
    /* numbers */
    {"plus", T("+1"), 1, 1, "expected a value, found '+'", false},
    {"leading point", T(".5"), 1, 1, "expected a value, found '.'", false},
    {"leading zero", T("[01]"), 1, 2, "superfluous 0", false},
    {"leading zero after minus", T("-012"), 1, 2, "superfluous 0", false},
    {"minus alone", T("[-]"), 1, 3, "expected a digit after '-', found ']'", false},
    {"no digit after the point", T("1.e3"), 1, 3, "expected a digit after the decimal point",
     false},
    {"no digit in the exponent", T("1e+"), 1, 4, "expected a digit in the exponent", false},
    {"hexadecimal", T("0x10"), 1, 2,
     "expected the end of the text after the value, found 'x10'", false},
    {"NaN", T("NaN"), 1, 1, "found 'NaN'", false},
    {"Infinity", T("-Infinity"), 1, 2, "expected a digit after '-', found 'Infinity'", false},
    {"too large", T("[1e999]"), 1, 2, "1e999 is out of the range of numbers", false},
    {"too long", T("[1234567890123456789012345678901234567890123456789012345678901234]"), 1, 2,
     "a number of 64 characters, at most 63 are read", false},
    /* strings */
    {"not closed", T("[\n \"abc]"), 2, 2, "the string that begins here is not closed", false},
    {"only a quote", T("\""), 1, 1, "the string that begins here is not closed", false},
    {"closed by an escape", T("\"\\\""), 1, 1, "is not closed", false},
    {"line break", T("[\"abc\n\"]"), 1, 6, "the line ends within a string", false},
    {"carriage return", T("\"\r\""), 1, 2, "the line ends within a string", false},
    {"tab", T("\"\t\""), 1, 2,
     "the control character 0x09 is not allowed in a string: write it", false},
    {"NUL", T("\"a\0b\""), 1, 3, "the control character 0x00 is not allowed in a string",
     false},
    {"unknown escape", T("\"\\x41\""), 1, 2, "\\x is not an escape", false},
    {"backslash before a wide character", T("\"\\ä\""), 1, 2, "\\ is not an escape", false},
    {"backslash NUL", T("\"\\\0\""), 1, 2, "is not an escape", false},
    {"backslash at the end", T("\"\\"), 1, 2, "is not an escape", false},
    {"escaped NUL", T("\"a\\u0000b\""), 1, 3, "\\u0000 (NUL) is not allowed", false},
    {"escaped NUL in a name", T("{\"a\\u0000\":1}"), 1, 4, "\\u0000 (NUL) is not allowed",
     false},
    {"three digits", T("\"\\u12g4\""), 1, 2, "four hexadecimal digits", false},
    {"digits cut by the end", T("\"\\u12"), 1, 2, "four hexadecimal digits", false},
    {"digits cut by the quote", T("\"\\u12\""), 1, 2, "four hexadecimal digits", false},
    {"first surrogate alone", T("\"\\ud800\""), 1, 2, "\\ud800 is the first half", false},
    {"first surrogate, then text", T("\"\\ud800x\""), 1, 2, "is the first half", false},
    {"two first surrogates", T("\"\\ud800\\ud800\""), 1, 2, "is the first half", false},
    {"first surrogate, then A", T("\"\\uDBFF\\u0041\""), 1, 2, "is the first half", false},
    {"second surrogate alone", T("\"\\uDC00\""), 1, 2, "\\uDC00 is the second half", false},
    {"continuation byte", T("\"\x80\""), 1, 2, "malformed UTF-8 (byte 0x80)", false},
    {"overlong slash", T("\"\xc0\xaf\""), 1, 2, "malformed UTF-8 (byte 0xc0)", false},
    {"overlong of three", T("\"\xe0\x9f\xbf\""), 1, 2, "malformed UTF-8", false},
    {"surrogate in UTF-8", T("\"\xed\xa0\x80\""), 1, 2, "malformed UTF-8", false},
    {"beyond U+10FFFF", T("\"\xf4\x90\x80\x80\""), 1, 2, "malformed UTF-8", false},
    {"sequence cut by the quote", T("\"\xe2\x82\""), 1, 2, "malformed UTF-8", false},
    {"sequence cut by the end", T("\"\xe2\x82"), 1, 2, "malformed UTF-8", false},
    {"Latin-1", T("\"Gr\xfc\xdf\x65\""), 1, 4, "malformed UTF-8 (byte 0xfc)", false},
    /* names twice */
    {"same name", T("{\"a\":1,\n \"b\":2,\n \"a\":3}"), 3, 2,
     "\"a\" occurs twice in an object, first at line 1, column 2", false},
    {"same name but for case", T("{\"userName\":1,\"USERNAME\":2}"), 1, 15,
     "\"USERNAME\" occurs twice", false},
    {"same name, escaped", T("{\"a\":1,\"\\u0041\":2}"), 1, 8, "\"A\" occurs twice", false},
    {"empty name twice", T("{\"\":1,\"\":2}"), 1, 7, "\"\" occurs twice", false},
    {"same name, nested", T("[{\"a\":{\"b\":1,\"B\":2}}]"), 1, 14, "\"B\" occurs twice", false},
    {"same name among many",
     T("{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0,\"D\":"
       "0}"),
     1, 62, "\"D\" occurs twice in an object, first at line 1, column 20", false},
    /* limits */
    {"depth", T("[[[[[\n[1]]]]]]"), 2, 1, "more than 5 arrays and objects within one another",
     false},
    {"depth with objects", T("{\"a\":{\"a\":{\"a\":{\"a\":[{}]}}}}"), 1, 22, "more than 5",
     false},
    {"values", T("[" FORTY "]"), 1, 80, "more than 40 values", false},
    /* comments */
    {"comment not allowed", T("// x\n1"), 1, 1, "found a comment, which is not allowed here",
     false},
    {"comment after a comma", T("[1, /* x */ 2]"), 1, 5, "a comment", false},
    {"block not closed", T("[1,\n /* x ]"), 2, 2, "the comment that begins here is not closed",
     true},
    {"block closed by its own star", T("/*/1"), 1, 1, "is not closed", true},
    {"lone slash", T("/ 1"), 1, 1, "expected a value, found '/'", true},
    {"hash comment", T("# x\n1"), 1, 1, "expected a value, found '#'", true},
    {"two commas before ]", T("[1,,]"), 1, 4, "expected a value, found ','", true},
    {"comma alone", T("[,]"), 1, 2, "expected a value, found ','", true},
    {"comma alone in an object", T("{,}"), 1, 2, "expected a member's name", true},
    {"comma after the value", T("{},"), 1, 3, "expected the end of the text", true},
    {"wrong bracket after a comma", T("[1,}"), 1, 4, "found '}'", true},
    {"place after comments", T("/* 1\n 2 */ // 3\n  {\"a\" 1}"), 3, 8, "expected ':'", true},
    {"Latin-1 in a comment", T("1 // \xfc\n"), 1, 6, "malformed UTF-8 (byte 0xfc)", true},
    {"comment only", T("// 1"), 1, 5, "found the end of the text", true},
};

START_TEST(text_is_refused)
{
    const refused_t *row = &refused[_i];
    /* A block of its own size, so that the sanitizer sees a read beyond. */
    char *text = malloc(row->text.n ? row->text.n : 1);
    job_t job;

    memcpy(text, row->text.p, row->text.n);
    job = parse_with(str_from(text, row->text.n), row->comments ? &relaxed : &strict);
    free(text);
    ck_assert_msg(!job.value, "%s: accepted", row->name);
    ck_assert_msg(job.err.line == row->line && job.err.column == row->column,
                  "%s: at %u:%u: %s", row->name, job.err.line, job.err.column, job.err.detail);
    ck_assert_msg(strstr(job.err.detail, row->detail) != NULL, "%s: %s", row->name,
                  job.err.detail);
    ck_assert_msg(str_is_utf8(err_detail(&job.err)), "%s: detail is not UTF-8", row->name);
    ck_assert_int_eq(job.err.kind,
                     strstr(row->detail, "values") ? ERR_TOO_LARGE : ERR_INVALID_SYNTAX);
}
END_TEST

/* Every beginning of a good text is refused, at its very end or where a token began. */
START_TEST(every_beginning_is_refused)
{
    str_t text =
        STR("{\"a\":[1.5e-1,\"\\ud83d\\ude00\xe2\x82\xac\\n\",true,null],\"b\":{\"c\":-0.1}}");

    for (size_t n = 0; n < text.n; n++) {
        char *part = malloc(n ? n : 1);
        job_t job;

        memcpy(part, text.p, n);
        job = parse_with(str_from(part, n), &strict);
        ck_assert_msg(!job.value, "%zu bytes", n);
        free(part);
    }
    ck_assert_ptr_nonnull(parse_with(text, &strict).value);
}
END_TEST

/* --- limits ----------------------------------------------------------------------------- */

START_TEST(bytes_are_limited)
{
    json_limits_t limits = strict;
    job_t job;

    limits.max_bytes = 6;
    ck_assert_ptr_nonnull(parse_with(STR("[1,22]"), &limits).value);
    job = parse_with(STR("[1,22] "), &limits);
    ck_assert_ptr_null(job.value);
    ck_assert_int_eq(job.err.kind, ERR_TOO_LARGE);
    ck_assert_ptr_nonnull(strstr(job.err.detail, "7 bytes"));
}
END_TEST

START_TEST(values_up_to_the_limit)
{
    json_limits_t limits = strict;

    limits.max_nodes = 41;
    ck_assert_ptr_nonnull(parse_with(STR("[" FORTY "]"), &limits).value);
}
END_TEST

/* A megabyte of tiny values costs no more than the scan: nothing is built of it. */
START_TEST(many_values_are_refused_cheaply)
{
    size_t n = json_limits_request.max_bytes;
    char *text = malloc(n);
    job_t job;

    for (size_t i = 0; i < n; i++)
        text[i] = i % 2 ? '0' : ',';
    text[0] = '[';
    job = parse_with(str_from(text, n), &json_limits_request);
    ck_assert_int_eq(job.err.kind, ERR_TOO_LARGE);
    ck_assert_uint_lt(arena_used(mem), 8u << 20);
    memset(text, '[', n);
    job = parse_with(str_from(text, n), &json_limits_request);
    ck_assert_int_eq(job.err.kind, ERR_INVALID_SYNTAX);
    ck_assert_uint_eq(job.err.column, json_limits_request.max_depth + 1);
    free(text);
}
END_TEST

START_TEST(many_members_are_no_quadratic_work)
{
    enum { N = 90000 };
    int64_t start = clock_monotonic_ms();
    json_t *reversed;
    job_t job;
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    buf_add_char(&buf, '{');
    for (int i = 0; i < N; i++)
        buf_printf(&buf, "\"%05x\":1,", i);
    buf_add(&buf, STR("\"0000A\":1}"));
    ck_assert(!buf.failed);
    job = parse_with(buf_str(&buf), &json_limits_request);
    ck_assert_ptr_null(job.value);
    ck_assert_ptr_nonnull(strstr(job.err.detail, "\"0000A\" occurs twice"));
    buf_truncate(&buf, buf.n - strlen("0000A\":1}"));
    buf_add(&buf, STR("last\":{}}"));
    job = parse_with(buf_str(&buf), &json_limits_request);
    ck_assert_ptr_nonnull(job.value);
    ck_assert_uint_eq(job.value->u.object.n, N + 1);
    ck_assert(str_eq(job.value->u.object.members[N].name, STR("last")));
    reversed = json_copy(mem, job.value);
    for (size_t i = 0; i <= N; i++)
        reversed->u.object.members[i] = job.value->u.object.members[N - i];
    ck_assert(json_eq(job.value, reversed));
    /* Comparing each name with each takes far longer on any machine. */
    ck_assert_int_lt(clock_monotonic_ms() - start, 4000);
}
END_TEST

/* --- places ----------------------------------------------------------------------------- */

START_TEST(values_and_names_know_their_place)
{
    str_t text = STR(
        "\xef\xbb\xbf{ /* x */\n \"a\" : 1.5,\n\t\"b\": [ {\"c\": \"\\u0041\"} , null, ],}");
    json_t *root = parse_with(text, &relaxed).value;
    json_member_t *b, *c;
    unsigned line, column;

    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(root->at, 3);
    ck_assert_uint_eq(json_find_member(root, STR("a"))->at, str_find(text, STR("\"a\"")));
    ck_assert_uint_eq(json_find(root, STR("a"))->at, str_find(text, STR("1.5")));
    b = json_find_member(root, STR("b"));
    ck_assert_uint_eq(b->at, str_find(text, STR("\"b\"")));
    ck_assert_uint_eq(b->value->at, str_find_char(text, '['));
    c = json_find_member(b->value->u.array.items[0], STR("c"));
    ck_assert_uint_eq(c->at, str_find(text, STR("\"c\"")));
    ck_assert_uint_eq(c->value->at, str_find(text, STR("\"\\u")));
    ck_assert_uint_eq(b->value->u.array.items[1]->at, str_find(text, STR("null")));
    json_position(text, b->at, &line, &column);
    ck_assert_uint_eq(line, 3);
    ck_assert_uint_eq(column, 2);
    json_position(text, 100000, &line, &column);
    ck_assert_uint_eq(line, 3);
}
END_TEST

/* --- exhaustion ------------------------------------------------------------------------- */

/* Wherever memory ends, the parser unwinds to the guard and cJSON's tree is freed: the leak
 * sanitizer sees to that. In sanitizer builds each allocation is one block request. */
START_TEST(every_allocation_may_fail)
{
    str_t text = STR(
        "{\"a\":[1,\"x\",{\"b\":null}],\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,"
        "\"j\":1,\"k\":1, /* x */}");
    bool done = false;

    for (size_t n = 1; !done; n++) {
        arena_t *own = arena_new(0);
        job_t job = {.mem = own, .text = text, .limits = &relaxed};

        ck_assert_uint_lt(n, 1000);
        arena_fail_after(n);
        done = arena_guard(own, run_job, &job);
        arena_fail_after(0);
        ck_assert_int_eq(done, job.value != NULL);
        ck_assert_int_eq(job.err.kind, ERR_NONE);
        arena_free(own);
    }
}
END_TEST

/* The same by the arena's own limit, which finer steps reach in every build. */
START_TEST(every_limit_may_be_reached)
{
    str_t text =
        STR("[{\"a\":\"x\"},{\"b\":[1,2,3,4,5,6]},{\"c\":\"yyyyyyyyyyyyyyyyyyyyyyyy\"}]");
    size_t failed = 0, passed = 0;

    for (size_t limit = 16; limit < 20000; limit += 16) {
        arena_t *own = arena_new(limit);
        job_t job = {.mem = own, .text = text, .limits = &strict};

        if (arena_guard(own, run_job, &job))
            passed++;
        else
            failed++;
        arena_free(own);
    }
    ck_assert_uint_gt(failed, 10);
    ck_assert_uint_gt(passed, 10);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("parse");
    TCase *tcase = make_tcase(suite, "parse");

    tcase_add_loop_test(tcase, text_is_accepted, 0, ARRAY_SIZE(accepted));
    tcase_add_loop_test(tcase, comments_are_blanked, 0, ARRAY_SIZE(commented));
    tcase_add_loop_test(tcase, text_is_refused, 0, ARRAY_SIZE(refused));
    tcase_add_test(tcase, every_beginning_is_refused);
    tcase_add_test(tcase, bytes_are_limited);
    tcase_add_test(tcase, values_up_to_the_limit);
    tcase_add_test(tcase, many_values_are_refused_cheaply);
    tcase_add_test(tcase, many_members_are_no_quadratic_work);
    tcase_add_test(tcase, values_and_names_know_their_place);
    tcase_add_test(tcase, every_allocation_may_fail);
    tcase_add_test(tcase, every_limit_may_be_reached);
    return suite_run(suite);
}
