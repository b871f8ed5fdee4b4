/* SPDX-License-Identifier: Apache-2.0 */
/* Removing for good: what is asked of the directory, and what its answers lead to. */
#include "connector/connector.h"
#include "scim/error.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

#define USER "uid=ada,ou=users,ou=people,dc=example,dc=com"
#define GROUP "cn=staff,ou=groups,ou=people,dc=example,dc=com"
#define ID "8d2f3c1a-5b0e-103f-9a3d-0d5f1c2b3a49"
#define STILL "(scimDeletedAt=20240101000000Z)"

/* An operation that is expected, and its answer. */
typedef struct {
    char op; /* s search, m modify, d delete; 0: the end */
    int code;
    const char *dn; /* of the entry that comes with it; NULL: none */
    ldap_fate_t fate;
} step_t;

enum { STEPS_MAX = 6 };

static const struct {
    const char *name;
    step_t steps[STEPS_MAX];
    int status;
    const char *says; /* part of the error; NULL: none */
} rows[] = {
    {"a member",
     {{'s', 0, USER, 0}, {'s', 0, GROUP, 0}, {'m', 0, NULL, 0}, {'d', 0, NULL, 0}},
     204,
     NULL},
    {"in no group", {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', 0, NULL, 0}}, 204, NULL},
    {"changed before: nothing is written", {{'s', 0, NULL, 0}}, 412, "stays"},
    {"gone before", {{'s', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}}, 404, "no User"},
    {"changed meanwhile",
     {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', LDAP_RC_ASSERTION_FAILED, NULL, 0}},
     412,
     "taken out of its groups"},
    {"gone meanwhile",
     {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}},
     404,
     "no User"},
    {"the answer is lost, but it was done",
     {{'s', 0, USER, 0},
      {'s', 0, NULL, 0},
      {'d', 0, NULL, LDAP_UNKNOWN},
      {'s', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}},
     204,
     NULL},
    {"the answer is lost, and it is there",
     {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', 0, NULL, LDAP_UNKNOWN}, {'s', 0, USER, 0}},
     503,
     "still there"},
    {"the answer is lost, and it has changed",
     {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', 0, NULL, LDAP_UNKNOWN}, {'s', 0, NULL, 0}},
     503,
     "still there"},
    {"a group that cannot be written",
     {{'s', 0, USER, 0}, {'s', 0, GROUP, 0}, {'m', LDAP_RC_INSUFFICIENT_ACCESS, NULL, 0}},
     502,
     "insufficientAccess"},
    {"not sent", {{'s', 0, NULL, LDAP_NOT_SENT}}, 503, "cannot be reached"},
};

static arena_t *mem;
static connector_t *connector;
static const map_t *map;

static void
setup(void)
{
    mem = arena_new(0);
    map = sample_map(mem, "people");
    connector = connector_new(STR("people"), map, 0, &connector_limits_default);
    ck_assert(connector != NULL);
}

static void
teardown(void)
{
    connector_free(connector);
    arena_free(mem);
}

static char
letter_of(const ldap_op_t *op)
{
    switch (op->kind) {
    case LDAP_OP_SEARCH:
        return 's';
    case LDAP_OP_MODIFY:
        return 'm';
    case LDAP_OP_DELETE:
        return 'd';
    case LDAP_OP_ADD:
    case LDAP_OP_RENAME:
    case LDAP_OP_COMPARE:
    case LDAP_OP_EXTENDED:
        break;
    }
    return '?';
}

static void
check_delete(const char *name, const ldap_op_t *op)
{
    str_t guard;

    if (op->kind != LDAP_OP_DELETE)
        return;
    ck_assert_msg(op->guard != NULL, "%s: no guard", name);
    guard = ldap_filter_format(mem, op->guard);
    ck_assert_msg(str_eq(guard, STR("(&(entryUUID=" ID ")" STILL ")")), "%s: %.*s", name,
                  STR_ARG(guard));
    ck_assert(str_eq(op->dn, STR(USER)));
}

static void
answer(run_t *run, ask_t *ask, const step_t *step)
{
    ldap_entry_t *entry = arena_new_of(mem, ldap_entry_t);
    const ldap_entry_t *entries[] = {entry};
    ldap_reply_t reply = {.fate = step->fate,
                          .code = step->code,
                          .matched = STR(""),
                          .diagnostic = STR(""),
                          .entries = entries,
                          .n_entries = step->dn ? 1 : 0};

    if (step->dn) {
        entry->dn = str_from_c(step->dn);
        ldap_entry_add(mem, entry, STR("entryUUID"), STR(ID));
    }
    if (ask->each) {
        if (step->dn)
            ask->each(ask->by, entry);
        reply.n_entries = 0;
    }
    run_give(run, ask, &reply);
}

static unsigned
drive(const char *name, run_t *run, const step_t *steps)
{
    unsigned n = 0;
    ask_t *ask;

    while (!run->ended && (ask = run_take(run))) {
        if (ask->kind == ASK_GATE) {
            ck_assert(gate_enter(run->gates, &ask->gate));
            run_give(run, ask, NULL);
            continue;
        }
        ck_assert_msg(n < STEPS_MAX && steps[n].op == letter_of(&ask->op),
                      "%s: operation %u is %c", name, n, letter_of(&ask->op));
        check_delete(name, &ask->op);
        answer(run, ask, &steps[n++]);
    }
    return n;
}

START_TEST(test_rows)
{
    removal_t removal = {
        .type = map_find_type(map, STR("User")),
        .id = STR(ID),
        .dn = STR(USER),
        .still = ldap_filter_equal(mem, STR("scimDeletedAt"), STR("20240101000000Z"))};
    exchange_t *exchange = exchange_begin_removal(mem, connector, &removal, 1700000000);
    unsigned n = drive(rows[_i].name, exchange_run(exchange), rows[_i].steps);
    const response_t *response = exchange_finish(exchange);
    const char *detail = exchange_facts(exchange).error_detail;

    ck_assert_msg(n == STEPS_MAX || rows[_i].steps[n].op == 0, "%s: ended after %u",
                  rows[_i].name, n);
    ck_assert_msg(response->status == rows[_i].status, "%s: %d: %s", rows[_i].name,
                  response->status, detail ? detail : "");
    ck_assert_msg(!rows[_i].says == !detail && (!detail || strstr(detail, rows[_i].says)),
                  "%s: %s", rows[_i].name, detail ? detail : "");
    ck_assert(gate_table_is_empty(connector_gates(connector)));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("remove");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
