/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "support/suite_run.h"

#include <check.h>

START_TEST(setting_says_no)
{
    err_t err = ERR_INIT;

    err.line = 3;
    err.column = 4;
    err.file = "x";
    ck_assert(!err_set(&err, ERR_NOT_FOUND, "no %s with %d", "user", 7));
    ck_assert_int_eq(err.kind, ERR_NOT_FOUND);
    ck_assert(str_eq(err_detail(&err), STR("no user with 7")));
    ck_assert(err.line == 0 && err.column == 0 && err.file == NULL);
}
END_TEST

START_TEST(prefix_comes_first)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_INVALID_VALUE, "not a number");
    err.line = 3;
    ck_assert(!err_prefix(&err, "emails[%d]", 2));
    ck_assert(!err_prefix(&err, "user"));
    ck_assert(str_eq(err_detail(&err), STR("user: emails[2]: not a number")));
    ck_assert_int_eq(err.kind, ERR_INVALID_VALUE);
    ck_assert_uint_eq(err.line, 3);
}
END_TEST

START_TEST(what_is_added_stays_whole)
{
    err_t err = ERR_INIT;
    char text[2 * ERR_DETAIL_SIZE];

    err_set(&err, ERR_UNAVAILABLE, "no answer");
    ck_assert(!err_add(&err, "what was done is not known"));
    ck_assert(str_eq(err_detail(&err), STR("no answer; what was done is not known")));
    ck_assert_int_eq(err.kind, ERR_UNAVAILABLE);
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    err_set(&err, ERR_UNAVAILABLE, "%s", text);
    err_add(&err, "what was done is not known");
    ck_assert_uint_eq(err_detail(&err).n, ERR_DETAIL_SIZE - 1);
    ck_assert(str_ends_with(err_detail(&err), STR("aa; what was done is not known")));
}
END_TEST

/* `pad` letters, then the tail, of which at most what fits may stay, by whole characters. */
typedef struct {
    const char *name;
    int pad;
    const char *tail;
    size_t length; /* of the detail */
} cut_t;

enum { FITS = ERR_DETAIL_SIZE - 1 };

static const cut_t cuts[] = {
    {"just fits", FITS, "", FITS},
    {"one too many", FITS, "x", FITS},
    {"two bytes fit", FITS - 2, "\xc3\xa4", FITS},
    {"two bytes cut", FITS - 1, "\xc3\xa4", FITS - 1},
    {"three bytes fit", FITS - 3, "\xe2\x82\xacx", FITS},
    {"three bytes cut to two", FITS - 2, "\xe2\x82\xac", FITS - 2},
    {"three bytes cut to one", FITS - 1, "\xe2\x82\xac", FITS - 1},
    {"four bytes fit", FITS - 4, "\xf0\x9f\x98\x80x", FITS},
    {"four bytes cut to three", FITS - 3, "\xf0\x9f\x98\x80", FITS - 3},
    {"four bytes cut to one", FITS - 1, "\xf0\x9f\x98\x80", FITS - 1},
    {"continuation bytes only", FITS - 5, "\x80\x80\x80\x80\x80\x80", FITS},
};

START_TEST(detail_is_cut_at_a_character)
{
    const cut_t *row = &cuts[_i];
    char text[2 * ERR_DETAIL_SIZE];
    err_t err = ERR_INIT;

    memset(text, 'a', sizeof(text));
    text[row->pad] = '\0';
    err_set(&err, ERR_INTERNAL, "%s%s", text, row->tail);
    ck_assert_msg(err_detail(&err).n == row->length, "%s: %zu", row->name, err_detail(&err).n);
    ck_assert_msg(strncmp(err.detail, text, (size_t)row->pad) == 0, "%s", row->name);
}
END_TEST

/* What a directory says need not be UTF-8; that takes nothing away from the rest. */
START_TEST(foreign_bytes_do_not_move_the_cut)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_DIRECTORY,
            "Gr\xfc\xdf"
            "e %*d",
            2 * ERR_DETAIL_SIZE, 1);
    ck_assert_uint_eq(err_detail(&err).n, FITS);
}
END_TEST

START_TEST(prefixed_detail_is_cut)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_INTERNAL, "%*d\xc3\xa4", FITS - 4, 1);
    err_prefix(&err, "ab");
    ck_assert_uint_eq(err_detail(&err).n, FITS);
    err_set(&err, ERR_INTERNAL, "%*d\xc3\xa4", FITS - 5, 1);
    err_prefix(&err, "ab");
    ck_assert_uint_eq(err_detail(&err).n, FITS - 1);
    ck_assert(str_starts_with(err_detail(&err), STR("ab: ")));
    err_set(&err, ERR_INTERNAL, "tail");
    err_prefix(&err, "%*d", 2 * ERR_DETAIL_SIZE, 1);
    ck_assert_uint_eq(err_detail(&err).n, FITS);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("err");
    TCase *tcase = tcase_create("err");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, setting_says_no);
    tcase_add_test(tcase, prefix_comes_first);
    tcase_add_test(tcase, what_is_added_stays_whole);
    tcase_add_loop_test(tcase, detail_is_cut_at_a_character, 0, ARRAY_SIZE(cuts));
    tcase_add_test(tcase, foreign_bytes_do_not_move_the_cut);
    tcase_add_test(tcase, prefixed_detail_is_cut);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
