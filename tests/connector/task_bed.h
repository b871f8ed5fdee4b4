/* SPDX-License-Identifier: Apache-2.0 */
/* connector/task_bed.h - what tests of tasks drive them with: one run, and what was said and asked
 * in it. */
#ifndef TEST_CONNECTOR_TASK_BED_H
#define TEST_CONNECTOR_TASK_BED_H

#include "connector/task.h"

#include <check.h>

enum { ASKS_MAX = 16 };

static arena_budget_t budget;
static arena_t *mem;
static gate_table_t *gates;
static run_t run;
static char said[64]; /* one letter per step taken */
static size_t n_said;
static ask_t *taken[ASKS_MAX]; /* in the order in which they were asked */
static size_t n_taken;

static void
set_up(void)
{
    budget = (arena_budget_t){.limit = 1 << 24};
    mem = arena_new_within(0, &budget);
    gates = gate_table_new();
    ck_assert(mem && gates);
    run_init(&run, mem, gates, NULL);
    n_said = n_taken = 0;
    said[0] = 0;
}

/* Nothing is left behind, whatever became of the tasks. */
static void
tear_down(void)
{
    ck_assert(gate_table_is_empty(gates));
    gate_table_free(gates);
    arena_free(mem);
    ck_assert_uint_eq(budget.reserved, 0);
}

static void
say(char letter)
{
    ck_assert(n_said < sizeof(said) - 1);
    said[n_said++] = letter;
    said[n_said] = 0;
}

static void
grant(gate_wait_t *wait UNUSED)
{
    say('!');
}

static void
take_all(void)
{
    ask_t *ask;

    while ((ask = run_take(&run)) != NULL) {
        ck_assert(n_taken < ASKS_MAX);
        taken[n_taken++] = ask;
        ask->gate.grant = grant;
    }
}

/* Answer the n-th ask that was taken, with this code. */
static void
give(size_t n, int code)
{
    ldap_reply_t reply = {.code = code};

    ck_assert(n < n_taken);
    run_give(&run, taken[n], taken[n]->kind == ASK_LDAP ? &reply : NULL);
    take_all();
}

#endif
