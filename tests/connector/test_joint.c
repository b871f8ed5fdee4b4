/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of one group that are queued while another is being made: which of them are made together, and that each
 * means what it would have meant alone. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

enum { QUEUE = 4 };

/* Staff has Anna. The requests come in this order, before the first is sent to the directory. */
typedef struct {
    const char *name;
    struct {
        const char *op, *who;
    } requests[QUEUE];
    size_t n;
    sim_fault_t fault; /* of the first write, which is a joint one */
    size_t joined;     /* of how many, at least once, the change was made by another */
    const char *holds;
} joint_t;

static const joint_t rows[] = {
    {"added and removed",
     {{"add", "cora"}, {"add", "ben"}, {"remove", "ben"}},
     3,
     SIM_NO_FAULT,
     1,
     "(&(cn=staff)(!(" BEN_IS ")))"},
    {"removed and added",
     {{"add", "cora"}, {"remove", "anna"}, {"add", "anna"}},
     3,
     SIM_NO_FAULT,
     1,
     "(&(cn=staff)(" ANNA_IS "))"},
    {"behind who contradicts nobody waits for long",
     {{"add", "cora"}, {"add", "ben"}, {"remove", "ben"}, {"remove", "anna"}},
     4,
     SIM_NO_FAULT,
     2,
     "(&(cn=staff)(!(" BEN_IS "))(!(" ANNA_IS ")))"},
    {"made together",
     {{"add", "cora"}, {"add", "ben"}, {"remove", "anna"}},
     3,
     SIM_NO_FAULT,
     2,
     "(&(cn=staff)(" BEN_IS ")(!(" ANNA_IS ")))"},
    {"what failed together is made by each alone",
     {{"add", "cora"}, {"add", "ben"}, {"remove", "anna"}},
     3,
     SIM_BUSY,
     1,
     "(&(cn=staff)(" BEN_IS ")(!(" ANNA_IS ")))"},
};

static size_t
run_joint(const joint_t *row, const map_t *map, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, map, WARM);
    sim_call_t *calls[QUEUE] = {NULL};
    size_t joined = 0;

    for (size_t i = 0; i < row->n; i++)
        calls[i] = sim_call(
            sim, connector, METHOD_PATCH, fixture_text(&fixture, "Groups/{staff}"),
            member_patch(sim, row->requests[i].op, fixture_id(&fixture, row->requests[i].who)));
    calls[0]->fault = row->fault;
    for (size_t i = 0; i < row->n; i++)
        sim_begin(calls[i]);
    sim_run(sim);
    for (size_t i = 0; i < row->n; i++) {
        joined += calls[i]->facts.joined;
        ck_assert_msg(calls[i]->status == 204, "%s, seed %llu: %s %s: %d %.*s", row->name,
                      (unsigned long long)seed, row->requests[i].op, row->requests[i].who,
                      calls[i]->status, STR_ARG(calls[i]->body));
    }
    ck_assert_msg(model_count(sim_model(sim), row->holds) == 1, "%s, seed %llu: %.*s",
                  row->name, (unsigned long long)seed, STR_ARG(sim_directory(sim)));
    sim_free(sim);
    return joined;
}

START_TEST(test_joint)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    size_t most = 0;

    for (unsigned i = 0; i < sim_rounds(10); i++) {
        size_t joined = run_joint(&rows[_i], map, sim_seed() + i);

        most = joined > most ? joined : most;
    }
    ck_assert_msg(most == rows[_i].joined, "%s: %zu were made along with others", rows[_i].name,
                  most);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("joint");
    TCase *tests = tcase_create("joint");

    tcase_add_loop_test(tests, test_joint, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
