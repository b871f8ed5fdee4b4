/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/lost.h"
#include "support/suite_run.h"

#include <check.h>
#include <stdio.h>

enum { MANY = 1024, MINUTE_MS = 60 * 1000, LIFE_MS = 15 * MINUTE_MS };

static lost_t *lost;

static void
set_up(void)
{
    lost = lost_new();
    ck_assert_ptr_nonnull(lost);
}

static void
tear_down(void)
{
    lost_free(lost);
}

static void
note_many(int64_t now_ms)
{
    for (int i = 0; i < MANY; i++) {
        char id[16];

        lost_note(lost, str_from(id, (size_t)snprintf(id, sizeof(id), "id-%d", i)), now_ms);
    }
}

START_TEST(test_noted_until_cleared)
{
    ck_assert(!lost_has(lost, STR("a"), 0));
    lost_note(lost, STR("aB"), 0);
    ck_assert(lost_has(lost, STR("Ab"), LIFE_MS));
    ck_assert(!lost_has(lost, STR("b"), 0));
    lost_clear(lost, STR("AB"));
    ck_assert(!lost_has(lost, STR("aB"), 0));
}
END_TEST

START_TEST(test_forgotten_in_the_end)
{
    lost_note(lost, STR("a"), 0);
    ck_assert(!lost_has(lost, STR("a"), LIFE_MS + 1));
}
END_TEST

/* Who found no room is lost as long as the others would be, also when they are not any more. */
START_TEST(test_too_many)
{
    int64_t late = 10 * MINUTE_MS;

    note_many(0);
    ck_assert(!lost_has(lost, STR("other"), 0));
    lost_note(lost, STR("late"), late);
    ck_assert(lost_has(lost, STR("other"), late));
    ck_assert(lost_has(lost, STR("late"), LIFE_MS + 1));
    ck_assert(lost_has(lost, STR("late"), LIFE_MS + 2));
    ck_assert(!lost_has(lost, STR("late"), late + LIFE_MS + 1));
    ck_assert(!lost_has(lost, STR("other"), late + LIFE_MS + 1));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("lost");
    TCase *tests = tcase_create("lost");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_noted_until_cleared);
    tcase_add_test(tests, test_forgotten_in_the_end);
    tcase_add_test(tests, test_too_many);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
