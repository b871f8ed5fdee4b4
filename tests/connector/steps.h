/* SPDX-License-Identifier: Apache-2.0 */
/* connector/steps.h - exchanges of the command line (a claim, a removal) as rows of expected LDAP operations
 * and their answers. */
#ifndef TEST_CONNECTOR_STEPS_H
#define TEST_CONNECTOR_STEPS_H

#include "connector/connector.h"
#include "unit/map/sample.h"

#include <check.h>

enum { STEPS_MAX = 6 };

/* An operation that is expected, and its answer. */
typedef struct {
    char op; /* s search, m modify, d delete; 0: the end */
    int code;
    const char *entry; /* that comes with it (sample_entry); NULL: none */
    ldap_fate_t fate;
} step_t;

typedef struct {
    const char *name;
    step_t steps[STEPS_MAX];
    int status;
    const char *says; /* part of the error; NULL: none */
} steps_row_t;

/* What must be true of an operation. */
typedef void steps_check_fn(const char *name, const ldap_op_t *op);

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
steps_letter(const ldap_op_t *op)
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
steps_answer(run_t *run, ask_t *ask, const step_t *step)
{
    const ldap_entry_t *entries[] = {step->entry ? sample_entry(mem, step->entry) : NULL};
    ldap_reply_t reply = {.fate = step->fate,
                          .code = step->code,
                          .matched = STR(""),
                          .diagnostic = STR(""),
                          .entries = entries,
                          .n_entries = step->entry ? 1 : 0};

    if (ask->each) {
        if (step->entry)
            ask->each(ask->by, entries[0]);
        reply.n_entries = 0;
    }
    run_give(run, ask, &reply);
}

static unsigned
steps_drive(const steps_row_t *row, run_t *run, steps_check_fn *check)
{
    unsigned n = 0;
    ask_t *ask;

    while (!run->ended && (ask = run_take(run))) {
        if (ask->kind == ASK_GATE) {
            ck_assert(gate_enter(run->gates, &ask->gate));
            run_give(run, ask, NULL);
            continue;
        }
        ck_assert_msg(n < STEPS_MAX && row->steps[n].op == steps_letter(&ask->op),
                      "%s: operation %u is %c", row->name, n, steps_letter(&ask->op));
        check(row->name, &ask->op);
        steps_answer(run, ask, &row->steps[n++]);
    }
    return n;
}

/* Carry the exchange out and hold it against the row. */
static void
steps_run(const steps_row_t *row, exchange_t *exchange, steps_check_fn *check)
{
    unsigned n = steps_drive(row, exchange_run(exchange), check);
    const response_t *response = exchange_finish(exchange);
    const char *detail = exchange_facts(exchange).error_detail;

    ck_assert_msg(n == STEPS_MAX || row->steps[n].op == 0, "%s: ended after %u", row->name, n);
    ck_assert_msg(response->status == row->status, "%s: %d: %s", row->name, response->status,
                  detail ? detail : "");
    ck_assert_msg(!row->says == !detail && (!detail || strstr(detail, row->says)), "%s: %s",
                  row->name, detail ? detail : "");
    ck_assert(gate_table_is_empty(connector_gates(connector)));
}

#endif
