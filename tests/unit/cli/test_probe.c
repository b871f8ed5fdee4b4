/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/probe.h"

#include "support/suite_run.h"

#include <check.h>

static const struct {
    const char *name;
    probe_t probe;
    int64_t us;
    bool slow;
} rows[] = {
    {"an index", {{300, 310, 290}, {250, 260, 270}}, 40, false},
    {"a scan", {{25300, 25100, 26000}, {250, 260, 300}}, 24850, true},
    {"an index, a long way off", {{90300, 90200, 90500}, {90100, 90150, 90200}}, 100, false},
    {"a scan, a long way off", {{98000, 97000, 96000}, {90000, 90500, 91000}}, 6000, true},
    {"others at work once", {{300, 70000, 310}, {250, 260, 270}}, 50, false},
    {"others at work twice", {{50000, 70000, 310}, {250, 260, 270}}, 60, false},
    {"others at work while one entry is read",
     {{9000, 9100, 9200}, {80000, 250, 70000}},
     8750,
     true},
    {"reading is slower", {{300, 300, 300}, {9000, 9000, 9000}}, -8700, false},
    {"just not", {{4249, 4249, 4249}, {250, 250, 250}}, 3999, false},
    {"just so", {{4250, 4250, 4250}, {250, 250, 250}}, 4000, true},
};

START_TEST(test_rows)
{
    int64_t us;

    ck_assert_msg(probe_is_slow(&rows[_i].probe, &us) == rows[_i].slow, "%s", rows[_i].name);
    ck_assert_msg(us == rows[_i].us, "%s: %lld", rows[_i].name, (long long)us);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("cli/check/probe");
    TCase *tests = tcase_create("probe");

    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
