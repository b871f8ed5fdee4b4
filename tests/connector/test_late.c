/* SPDX-License-Identifier: Apache-2.0 */
/* A write whose answer never comes may take effect at any time. What was told of later requests holds all the same. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

#define SET(attr, value) PATCH("{'op':'replace','path':'" attr "','value':" value "}")
#define MEMBER(op, who) \
    PATCH("{'op':'" op "','path':'members','value':[{'value':'{" who "}'}]}")

enum { INSTANCES = 2 };

/* Two requests on one resource; the second is sent when the first has been answered. */
typedef struct {
    const char *name, *path;
    method_t method;
    const char *late, *then; /* NULL: the second deletes who is a tombstone, and 404 says so */
    const char *holds; /* a filter that one entry matches after the success of the second */
    /* The second may find nothing to do, and then only the instance that lost the first knows of
     * it. */
    bool one_instance;
    /* The first renames, is refused the rest, and what takes the rename back is late. */
    bool taken_back;
} late_t;

static const late_t rows[] = {
    {"two titles", "Users/{anna}", METHOD_PATCH, SET("title", "'first'"),
     SET("title", "'second'"), "(&(entryUUID={anna})(title=second))", false, false},
    {"enabled, then disabled", "Users/{cora}", METHOD_PATCH, SET("active", "true"),
     SET("active", "false"), "(&(entryUUID={cora})(pwdEndTime<=20260101100000Z))", true, false},
    {"disabled, then enabled", "Users/{anna}", METHOD_PATCH, SET("active", "false"),
     SET("active", "true"), "(&(entryUUID={anna})(!(pwdEndTime=*)))", true, false},
    {"two names", "Users/{anna}", METHOD_PATCH, SET("userName", "'anne'"),
     SET("userName", "'annie'"), "(&(entryUUID={anna})(uid=annie))", false, false},
    {"member added, then removed", "Groups/{staff}", METHOD_PATCH, MEMBER("add", "ben"),
     MEMBER("remove", "ben"), "(&(entryUUID={staff})(!(" BEN_IS ")))", true, false},
    {"member removed, then added", "Groups/{board}", METHOD_PATCH, MEMBER("remove", "ben"),
     MEMBER("add", "ben"), "(&(entryUUID={board})(" BEN_IS "))", true, false},
    {"first member added, then removed", "Groups/{empty}", METHOD_PATCH, MEMBER("add", "ben"),
     MEMBER("remove", "ben"), "(&(entryUUID={empty})(member=cn=nobody)(!(" BEN_IS ")))", true,
     false},
    {"group deleted, then filled", "Groups/{staff}", METHOD_DELETE, NULL, MEMBER("add", "ben"),
     "(&(entryUUID={staff})(" BEN_IS "))", false, false},
    {"user deleted, then disabled", "Users/{anna}", METHOD_DELETE, NULL, SET("active", "false"),
     "(&(entryUUID={anna})(pwdEndTime<=20260101100000Z))", false, false},
    {"user deleted, then given a title", "Users/{anna}", METHOD_DELETE, NULL,
     SET("title", "'second'"), "(&(entryUUID={anna})(title=second)(!(scimDeletedAt=*)))", false,
     false},
    {"adopted and enabled, then disabled", "Users/{wild}", METHOD_POST,
     "{'userName':'wild','externalId':'w','active':true}", SET("active", "false"),
     "(&(entryUUID={wild})(pwdEndTime<=20260101100000Z))", true, false},
    {"renamed and taken back, then renamed so", "Users/{anna}", METHOD_PATCH,
     PATCH("{'op':'replace','value':{'userName':'anne','title':'T'}}"),
     SET("userName", "'anne'"), "(&(entryUUID={anna})(uid=anne))", true, true},
    {"brought back, then deleted", "Users/{ben}", METHOD_POST,
     "{'userName':'ben','externalId':'x-ben'}", NULL, "(&(entryUUID={ben})(scimDeletedAt=*))",
     true, false},
};

/* What comes after the rename is refused, and what comes after that is late. */
static void
refuse_rest(sim_call_t *call)
{
    bool renamed = call->operations && call->ops[call->operations - 1].kind == LDAP_OP_RENAME;

    if (call->fault == SIM_NO_FAULT && renamed)
        call->fault = SIM_BUSY;
    else if (call->fault == SIM_BUSY && call->faulted)
        call->fault = SIM_LATE_UNKNOWN;
    else
        return;
    call->faulted = false;
    call->fault_at = call->operations;
}

/* An admin has shut out the stranger whom nobody provisions yet. */
static void
shut_out(const fixture_t *fixture, arena_t *mem)
{
    const ldap_entry_t *entry = model_find_id(sim_model(fixture->sim), fixture->strangers[0]);
    ldap_mods_t mods = {0};
    ldap_op_t op = {.kind = LDAP_OP_MODIFY, .dn = str_dup(mem, entry->dn)};

    ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_ADD, STR("pwdEndTime"), STR("20250101000000Z"));
    op.u.modify.mods = mods.mods;
    op.u.modify.n = mods.n;
    ck_assert_int_eq(model_answer(sim_model(fixture->sim), mem, &op).code, LDAP_RC_SUCCESS);
}

static void
run_late(const late_t *row, const map_t *map, fixture_state_t state, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connectors[INSTANCES], *second_at;
    sim_call_t *first, *second;
    const char *path, *holds;
    bool told;

    connectors[0] = fixture_make_state(&fixture, sim, map, state);
    connectors[1] = sim_connector(sim, map, 5000);
    second_at = connectors[row->one_instance ? 0 : sim_random(sim, INSTANCES)];
    if (sim_random(sim, 2))
        second_at = sim_reload(sim, second_at, map, 5000);
    path = fixture_text(&fixture, row->path);
    holds = fixture_text(&fixture, row->holds);
    shut_out(&fixture, sim_mem(sim));
    first =
        sim_call(sim, connectors[0], row->method, row->method == METHOD_POST ? "Users" : path,
                 fixture_text(&fixture, row->late));
    if (!row->taken_back)
        first->fault = sim_random(sim, 2) ? SIM_LATE_UNKNOWN : SIM_DEADLINE;
    first->fault_at = sim_random(sim, row->method == METHOD_POST ? 8 : 4);
    sim_begin(first);
    while (!first->ended) {
        ck_assert(sim_step(sim));
        if (row->taken_back)
            refuse_rest(first);
    }
    second = sim_call(sim, second_at, row->then ? METHOD_PATCH : METHOD_DELETE, path,
                      fixture_text(&fixture, row->then));
    sim_begin(second);
    sim_run(sim);
    told = sim_succeeded(second) || (!row->then && second->status == 404);
    ck_assert_msg(!told || model_count(sim_model(sim), holds) == 1,
                  "%s, seed %llu: %d (%.*s), then %d (%.*s), but the directory is\n%.*s",
                  row->name, (unsigned long long)seed, first->status, STR_ARG(first->trace),
                  second->status, STR_ARG(second->trace), STR_ARG(sim_directory(sim)));
    sim_free(sim);
}

START_TEST(test_late)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < sim_rounds(60); i++)
        run_late(&rows[_i], map, !rows[_i].then ? TOMB : i % 2 ? WARM : COLD, sim_seed() + i);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("late");
    TCase *tests = tcase_create("late");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_late, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
