/* SPDX-License-Identifier: Apache-2.0 */
/* The LDAP operations that each kind of request takes, and its answer. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

START_TEST(test_rows)
{
    const fixture_row_t *row = &fixture_rows[_i];
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new((uint64_t)_i + 1);
    fixture_t fixture;
    connector_t *connector =
        fixture_make_state(&fixture, sim, sample_map(mem, row->map), row->state);
    const sim_call_t *call =
        sim_do(sim, connector, row->method, fixture_text(&fixture, row->path),
               fixture_text(&fixture, row->body));

    ck_assert_msg(call->status == row->status, "%s: %d instead of %d: %.*s (%.*s)", row->name,
                  call->status, row->status, STR_ARG(call->body), STR_ARG(call->trace));
    ck_assert_msg(str_eq(call->trace, str_from_c(row->trace)), "%s: \"%.*s\" instead of \"%s\"",
                  row->name, STR_ARG(call->trace), row->trace);
    ck_assert_msg(call->operations == call->facts.operations, "%s: %u operations, %u told",
                  row->name, call->operations, call->facts.operations);
    if (row->holds) {
        const char *holds = fixture_text(&fixture, row->holds);

        ck_assert_msg(model_count(sim_model(sim), holds) == 1, "%s: %s is not so in\n%.*s",
                      row->name, holds, STR_ARG(model_text(sim_model(sim), sim_mem(sim))));
    }
    sim_free(sim);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("scripted");
    TCase *rows = tcase_create("rows");

    tcase_add_loop_test(rows, test_rows, 0, (int)fixture_n_rows);
    suite_add_tcase(suite, rows);
    return suite_run(suite);
}
