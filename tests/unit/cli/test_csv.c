/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/match/csv.h"

#include "base/buf.h"
#include "support/suite_run.h"

#include <check.h>

/* `rows`: "line|field|field" a row, "/" between them. */
static const struct {
    const char *name, *text, *rows, *says; /* says: the error at the end; NULL: none */
} rows[] = {
    {"commas", "a,b\nc,d\n", "1|a|b/2|c|d", NULL},
    {"CRLF", "a,b\r\nc,d\r\n", "1|a|b/2|c|d", NULL},
    {"CR", "a,b\rc,d\r", "1|a|b/2|c|d", NULL},
    {"no end of line", "a,b\nc,d", "1|a|b/2|c|d", NULL},
    {"a byte order mark",
     "\xEF\xBB\xBF"
     "a,b",
     "1|a|b", NULL},
    {"semicolons", "a;b\nc,c;d\n", "1|a|b/2|c,c|d", NULL},
    {"tabs", "a\tb\nc,c\td\n", "1|a|b/2|c,c|d", NULL},
    {"a comma decides", "a,b;c\nd;e,f\n", "1|a|b;c/2|d;e|f", NULL},
    {"one column", "a\nb\n", "1|a/2|b", NULL},
    {"empty fields", ",a,\n,,\n", "1||a|/2|||", NULL},
    {"empty lines", "\n\na\n\r\n\nb\n\n", "3|a/6|b", NULL},
    {"a quoted comma", "a,b\n\"Archer, Ann\",d\n", "1|a|b/2|Archer, Ann|d", NULL},
    {"a quoted quotation mark", "a,b\n\"say \"\"hi\"\"\",d\n", "1|a|b/2|say \"hi\"|d", NULL},
    {"nothing but one", "a,b\n\"\"\"\",\"\"\n", "1|a|b/2|\"|", NULL},
    {"a quoted line end", "a,b\n\"c\nc\",d\ne,f\n", "1|a|b/2|c\nc|d/4|e|f", NULL},
    {"a quotation mark within", "a,b\n5\"6,d\n", "1|a|b/2|5\"6|d", NULL},
    {"spaces stay", "a,b\n c , d \n", "1|a|b/2| c | d ", NULL},
    {"a quoted end of the file", "a,b\nc,\"d\"", "1|a|b/2|c|d", NULL},
    {"nothing", "", "", NULL},
    {"no end of a quoted field", "a,b\nc,\"d\ne", "1|a|b", "line 2: a field that begins"},
    {"something behind it", "a,b\n\"c\"d,e\n", "1|a|b", "line 2: something follows"},
    {"behind one of several lines", "a\n\"c\nc\"d", "1|a", "line 3: something follows"},
    {"a lone quotation mark", "\"", "", "line 1: a field that begins"},
};

static arena_t *mem;

static void
setup(void)
{
    mem = arena_new(0);
}

static void
teardown(void)
{
    arena_free(mem);
}

static str_t
read_all(str_t text, err_t *err)
{
    csv_row_t row;
    csv_t csv;
    buf_t buf;

    buf_init(&buf, mem, 4096);
    ck_assert(csv_open(&csv, text, err));
    for (bool first = true; csv_next(&csv, mem, &row, err); first = false) {
        buf_printf(&buf, "%s%u", first ? "" : "/", row.line);
        for (size_t i = 0; i < row.n; i++)
            buf_printf(&buf, "|%.*s", STR_ARG(row.fields[i]));
    }
    return buf_str(&buf);
}

START_TEST(test_rows)
{
    err_t err = ERR_INIT;
    str_t found = read_all(str_from_c(rows[_i].text), &err);

    ck_assert_msg(str_eq(found, str_from_c(rows[_i].rows)), "%s: %.*s", rows[_i].name,
                  STR_ARG(found));
    if (!rows[_i].says)
        ck_assert_msg(err.kind == ERR_NONE, "%s: %s", rows[_i].name, err.detail);
    else
        ck_assert_msg(err.kind == ERR_INVALID_SYNTAX && strstr(err.detail, rows[_i].says),
                      "%s: %s", rows[_i].name, err.detail);
}
END_TEST

START_TEST(test_bytes)
{
    err_t err = ERR_INIT;
    csv_t csv;

    ck_assert(!csv_open(&csv, STR("a,b\n\xFF\xFE,c"), &err));
    ck_assert_int_eq(err.kind, ERR_INVALID_SYNTAX);
    ck_assert(strstr(err.detail, "CSV UTF-8") != NULL);
}
END_TEST

START_TEST(test_many)
{
    err_t err = ERR_INIT;
    csv_row_t row;
    csv_t csv;
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_add_c(&buf, ",\"x\"");
    ck_assert(csv_open(&csv, buf_str(&buf), &err));
    ck_assert(csv_next(&csv, mem, &row, &err));
    ck_assert_uint_eq(row.n, 1001);
    ck_assert(str_eq(row.fields[1000], STR("x")));
    ck_assert(!csv_next(&csv, mem, &row, &err) && err.kind == ERR_NONE);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tests = tcase_create("csv");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_bytes);
    tcase_add_test(tests, test_many);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
