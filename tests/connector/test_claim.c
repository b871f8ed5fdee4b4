/* SPDX-License-Identifier: Apache-2.0 */
/* Claiming an entry: what is asked of the directory, and what its answers lead to. */
#include "connector/connector.h"
#include "scim/error.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

#define PLAIN                                             \
    "dn: " ANNA_DN "\nentryUUID: " ANNA_ID                \
    "\nobjectClass: inetOrgPerson\nuid: anna\ncn: Anna\n" \
    "sn: Ames\n"
#define OURS PLAIN "objectClass: scimResource\nscimExternalId: x-1\n"
#define THEIRS PLAIN "objectClass: scimResource\nscimExternalId: x-2\n"
#define ANOTHER                                           \
    "dn: " ANNA_DN "\nentryUUID: " BEN_ID                 \
    "\nobjectClass: inetOrgPerson\nuid: anna\ncn: Anna\n" \
    "sn: Ames\n"
#define RENAMED                                          \
    "dn: " ANNA_DN "\nentryUUID: " ANNA_ID               \
    "\nobjectClass: inetOrgPerson\nuid: ann\ncn: Anna\n" \
    "sn: Ames\n"

/* An operation that is expected, and its answer. */
typedef struct {
    char op; /* s search, m modify; 0: the end */
    int code;
    const char *entry; /* that comes with it; NULL: none */
    ldap_fate_t fate;
} step_t;

enum { STEPS_MAX = 6 };

static const struct {
    const char *name;
    step_t steps[STEPS_MAX];
    int status;
    const char *says; /* part of the error; NULL: none */
} rows[] = {
    {"nobody's", {{'s', 0, PLAIN, 0}, {'m', 0, OURS, 0}}, 204, NULL},
    {"another person's by now", {{'s', 0, THEIRS, 0}}, 409, "provisioned by somebody else"},
    {"another entry has its name", {{'s', 0, ANOTHER, 0}}, 412, "no longer what it was"},
    {"it does not match any more", {{'s', 0, RENAMED, 0}}, 412, "no longer what it was"},
    {"it is gone", {{'s', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}}, 404, "no User"},
    {"it changes meanwhile",
     {{'s', 0, PLAIN, 0},
      {'m', LDAP_RC_ASSERTION_FAILED, NULL, 0},
      {'s', 0, PLAIN, 0},
      {'m', 0, OURS, 0}},
     204,
     NULL},
    {"somebody else was faster",
     {{'s', 0, PLAIN, 0}, {'m', LDAP_RC_ASSERTION_FAILED, NULL, 0}, {'s', 0, THEIRS, 0}},
     409,
     "provisioned by somebody else"},
    {"the answer is lost, but it was done",
     {{'s', 0, PLAIN, 0}, {'m', 0, NULL, LDAP_UNKNOWN}, {'s', 0, OURS, 0}},
     204,
     NULL},
    {"the answer is lost, and it was not done",
     {{'s', 0, PLAIN, 0}, {'m', 0, NULL, LDAP_UNKNOWN}, {'s', 0, PLAIN, 0}, {'m', 0, OURS, 0}},
     204,
     NULL},
    {"it must not be written",
     {{'s', 0, PLAIN, 0}, {'m', LDAP_RC_INSUFFICIENT_ACCESS, NULL, 0}},
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

/* Its mark, and nothing else, of the entry that was read. */
static void
check_modify(const char *name, const ldap_op_t *op)
{
    const ldap_mods_t mods = {.mods = (ldap_mod_t *)(uintptr_t)op->u.modify.mods,
                              .n = op->u.modify.n};
    str_t text = sample_mods(mem, &mods), guard;

    ck_assert_msg(str_eq(op->dn, STR(ANNA_DN)), "%s: %.*s", name, STR_ARG(op->dn));
    ck_assert_msg(str_find(text, STR("objectClass: scimResource")) < text.n &&
                      str_find(text, STR("scimExternalId: x-1")) < text.n &&
                      op->u.modify.n == 2,
                  "%s: %.*s", name, STR_ARG(text));
    ck_assert_msg(op->guard != NULL, "%s: no guard", name);
    guard = ldap_filter_format(mem, op->guard);
    ck_assert_msg(str_find(guard, STR(ANNA_ID)) < guard.n, "%s: %.*s", name, STR_ARG(guard));
}

static void
answer(run_t *run, ask_t *ask, const step_t *step)
{
    const ldap_entry_t *entries[] = {step->entry ? sample_entry(mem, step->entry) : NULL};
    ldap_reply_t reply = {.fate = step->fate,
                          .code = step->code,
                          .matched = STR(""),
                          .diagnostic = STR(""),
                          .entries = entries,
                          .n_entries = step->entry ? 1 : 0};

    run_give(run, ask, &reply);
}

static unsigned
drive(const char *name, run_t *run, const step_t *steps)
{
    unsigned n = 0;
    ask_t *ask;

    while (!run->ended && (ask = run_take(run))) {
        char op;

        if (ask->kind == ASK_GATE) {
            ck_assert(gate_enter(run->gates, &ask->gate));
            run_give(run, ask, NULL);
            continue;
        }
        op = ask->op.kind == LDAP_OP_SEARCH ? 's' : ask->op.kind == LDAP_OP_MODIFY ? 'm' : '?';
        ck_assert_msg(n < STEPS_MAX && steps[n].op == op, "%s: operation %u is %c", name, n,
                      op);
        if (op == 'm')
            check_modify(name, &ask->op);
        answer(run, ask, &steps[n++]);
    }
    return n;
}

START_TEST(test_rows)
{
    claim_t claim = {.type = map_find_type(map, STR("User")),
                     .id = STR(ANNA_ID),
                     .dn = STR(ANNA_DN),
                     .external_id = STR("x-1"),
                     .still = ldap_filter_equal(mem, STR("uid"), STR("anna"))};
    exchange_t *exchange = exchange_begin_claim(mem, connector, &claim, SAMPLE_NOW);
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
    Suite *suite = suite_create("claim");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
