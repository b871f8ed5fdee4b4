/* SPDX-License-Identifier: Apache-2.0 */
/* A server that repairs references behind its answers, and dies over it: the old name stays in groups, where it
 * means nobody, or the next who is called so. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

#define RENAME PATCH("{'op':'replace','path':'userName','value':'anne'}")
#define ANNE_IS "member=uid=anne," USERS

/* What comes next to the rename that was told to be unfinished. */
static const struct {
    const char *name, *path;
    method_t method;
    const char *body;
    int status;
} rows[] = {
    {"repeated", "Users/{anna}", METHOD_PATCH, RENAME, 200},
    {"another change", "Users/{anna}", METHOD_PATCH,
     PATCH("{'op':'replace','path':'title','value':'T'}"), 200},
    {"put", "Users/{anna}", METHOD_PUT, "{'userName':'anne','externalId':'x-anna'}", 200},
    {"another is made by that name", "Users", METHOD_POST, "{'userName':'anna'}", 201},
    {"another is given that name", "Users/{ben}", METHOD_PATCH,
     PATCH("{'op':'replace','path':'userName','value':'anna'}"), 200},
};

START_TEST(test_unrepaired)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(sim_seed());
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, sample_map(mem, "people"), WARM);
    const sim_call_t *call;

    model_leave_references(sim_model(sim), true);
    call = sim_do(sim, connector, METHOD_PATCH, fixture_text(&fixture, "Users/{anna}"),
                  fixture_text(&fixture, RENAME));
    ck_assert_int_eq(call->status, 503);
    model_leave_references(sim_model(sim), false);
    call = sim_do(sim, connector, rows[_i].method, fixture_text(&fixture, rows[_i].path),
                  fixture_text(&fixture, rows[_i].body));
    ck_assert_msg(call->status == rows[_i].status, "%s: %d %.*s", rows[_i].name, call->status,
                  STR_ARG(call->body));
    ck_assert_msg(model_count(sim_model(sim), "(&(cn=staff)(" ANNE_IS ")(!(" ANNA_IS ")))") ==
                      1,
                  "%s: %.*s", rows[_i].name, STR_ARG(sim_directory(sim)));
    ck_assert_msg(model_count(sim_model(sim), "(&(cn=staff)(" ANNA_IS "))") == 0, "%s: %.*s",
                  rows[_i].name, STR_ARG(sim_directory(sim)));
    sim_free(sim);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("renamed");
    TCase *tests = tcase_create("renamed");

    tcase_add_loop_test(tests, test_unrepaired, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
