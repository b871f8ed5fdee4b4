/* SPDX-License-Identifier: Apache-2.0 */
#include "base/guess.h"
#include "support/suite_run.h"

#include <check.h>

static const str_t candidates[] = {STR_INIT("listen"), STR_INIT("limits"), STR_INIT("log"),
                                   STR_INIT("ppolicy-end"), STR_INIT("d")};

static const struct {
    const char *name, *word, *text;
} rows[] = {
    {"a letter is missing", "lisen", "; did you mean \"listen\"?"},
    {"case alone", "LISTEN", "; did you mean \"listen\"?"},
    {"neighbours swapped", "limtis", "; did you mean \"limits\"?"},
    {"a third of a long word", "ppolice-eend", "; did you mean \"ppolicy-end\"?"},
    {"nothing like it", "frobnicate", ""},
    {"more than a third", "lgx", ""},
    {"too short to be a slip", "dd", ""},
    {"empty", "", ""},
};

START_TEST(guesses)
{
    arena_t *mem = arena_new(0);
    guess_t guess = guess_begin(str_from_c(rows[_i].word));
    str_t text;

    guess_add_all(&guess, candidates, ARRAY_SIZE(candidates));
    text = guess_text(mem, &guess);
    ck_assert_msg(str_eq(text, str_from_c(rows[_i].text)), "%s: %.*s", rows[_i].name,
                  STR_ARG(text));
    arena_free(mem);
}
END_TEST

START_TEST(the_first_of_equals)
{
    guess_t guess = guess_begin(STR("user"));

    guess_add(&guess, STR("users"));
    guess_add(&guess, STR("use"));
    ck_assert(str_eq(guess.best, STR("users")));
    guess_add(&guess, STR("user"));
    ck_assert(str_eq(guess.best, STR("user")));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("guess");
    TCase *tcase = tcase_create("guess");

    tcase_add_loop_test(tcase, guesses, 0, ARRAY_SIZE(rows));
    tcase_add_test(tcase, the_first_of_equals);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
