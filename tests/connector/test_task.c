/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks: what is asked, who gets the reply, and how all of it ends. */
#include "connector/task_bed.h"
#include "support/suite_run.h"

static void
begin(task_t *root, then_fn *start)
{
    run_start(&run, root, start);
    take_all();
}

static void
check_end(bool failed, const char *what)
{
    ck_assert(run.ended);
    ck_assert_int_eq(run.failed, failed);
    ck_assert_str_eq(n_said ? said : "", what);
    ck_assert_ptr_null(run_take(&run));
}

static task_t *
new_task(void)
{
    return task_new(&run, "test", sizeof(task_t));
}

/* ---- several asks of one task ---- */

typedef struct {
    task_t task;
    size_t waiting;
} fan_task_t;

static bool
fan_reply(task_t *task, const reply_t *reply, err_t *err)
{
    fan_task_t *self = (fan_task_t *)task;

    say((char)('a' + reply->tag));
    if (reply->ldap->code)
        return err_set(err, ERR_DIRECTORY, "code %d", reply->ldap->code);
    return --self->waiting > 0 || task_done(task, self);
}

static bool
fan_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    fan_task_t *self = (fan_task_t *)task;

    for (self->waiting = 0; self->waiting < 3; self->waiting++)
        task_ask(task, LDAP_OP_SEARCH, fan_reply)->tag = (uint32_t)self->waiting;
    return true;
}

static const struct {
    size_t order[3];
    const char *said;
} orders[] = {{{0, 1, 2}, "abc"}, {{2, 1, 0}, "cba"}, {{1, 2, 0}, "bca"}, {{2, 0, 1}, "cab"}};

START_TEST(test_fan_out)
{
    fan_task_t *root = task_new_of(&run, "fan", fan_task_t);

    begin(&root->task, fan_start);
    ck_assert_uint_eq(n_taken, 3);
    ck_assert_uint_eq(run.operations, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(!run.ended);
        give(orders[_i].order[i], 0);
    }
    check_end(false, orders[_i].said);
    ck_assert_ptr_eq(run.result, root);
}
END_TEST

/* The first failure ends it; who answers later finds nobody. */
START_TEST(test_failure)
{
    fan_task_t *root = task_new_of(&run, "fan", fan_task_t);

    begin(&root->task, fan_start);
    give(1, 0);
    give(2, 80);
    check_end(true, "bc");
    ck_assert_int_eq(run.err.kind, ERR_DIRECTORY);
    ck_assert_str_eq(run.err.detail, "code 80");
    give(0, 0);
    check_end(true, "bc");
}
END_TEST

static bool
done_at_once(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    say('d');
    return task_done(task, task);
}

static bool
ask_two(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    task_ask(task, LDAP_OP_SEARCH, done_at_once);
    task_ask(task, LDAP_OP_SEARCH, done_at_once);
    return true;
}

START_TEST(test_done_with_reads_in_flight)
{
    begin(new_task(), ask_two);
    give(1, 0);
    check_end(false, "d");
    give(0, 0);
    check_end(false, "d");
}
END_TEST

/* Also where the other ask was not even taken. */
START_TEST(test_done_before_all_is_taken)
{
    ask_t *first;
    ldap_reply_t reply = {0};

    run_start(&run, new_task(), ask_two);
    first = run_take(&run);
    run_give(&run, first, &reply);
    check_end(false, "d");
}
END_TEST

START_TEST(test_done_at_once)
{
    begin(new_task(), done_at_once);
    check_end(false, "d");
}
END_TEST

/* ---- children ---- */

typedef struct {
    task_t task;
    size_t waiting;
    then_fn *start; /* of the children */
    size_t n;
} parent_task_t;

static bool
child_reply(task_t *task, const reply_t *reply, err_t *err)
{
    parent_task_t *self = (parent_task_t *)task;

    say((char)((reply->error ? 'A' : 'a') + reply->tag));
    if (reply->error) {
        *err = *reply->error;
        return false;
    }
    ck_assert_ptr_nonnull(reply->result);
    return --self->waiting > 0 || task_done(task, NULL);
}

static bool
parent_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    parent_task_t *self = (parent_task_t *)task;

    for (self->waiting = 0; self->waiting < self->n; self->waiting++)
        task_call(task, new_task(), self->start, child_reply, (uint32_t)self->waiting);
    return true;
}

static bool
child_answered(task_t *task, const reply_t *reply, err_t *err)
{
    say('.');
    if (reply->ldap->code)
        return err_set(err, ERR_UNAVAILABLE, "child");
    return task_done(task, task);
}

static bool
child_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    task_ask(task, LDAP_OP_MODIFY, child_answered);
    return true;
}

static void
begin_parent(size_t n, then_fn *start)
{
    parent_task_t *root = task_new_of(&run, "parent", parent_task_t);

    root->n = n;
    root->start = start;
    begin(&root->task, parent_start);
}

START_TEST(test_children)
{
    begin_parent(3, child_start);
    ck_assert_uint_eq(n_taken, 3);
    give(2, 0);
    give(0, 0);
    give(1, 0);
    check_end(false, ".c.a.b");
}
END_TEST

START_TEST(test_child_fails)
{
    begin_parent(3, child_start);
    give(0, 0);
    give(1, 1);
    check_end(true, ".a.B");
    ck_assert_int_eq(run.err.kind, ERR_UNAVAILABLE);
    give(2, 0);
    check_end(true, ".a.B");
}
END_TEST

/* Children that need no driver: all are heard, in whatever order. */
START_TEST(test_children_done_at_once)
{
    begin_parent(3, done_at_once);
    ck_assert(run.ended && !run.failed);
    ck_assert_uint_eq(n_said, 6);
}
END_TEST

static bool
fail_at_once(task_t *task UNUSED, const reply_t *reply UNUSED, err_t *err)
{
    say('f');
    return err_set(err, ERR_NOT_FOUND, "at once");
}

START_TEST(test_child_fails_at_once)
{
    begin_parent(1, fail_at_once);
    check_end(true, "fA");
    ck_assert_int_eq(run.err.kind, ERR_NOT_FOUND);
}
END_TEST

START_TEST(test_root_fails_at_once)
{
    begin(new_task(), fail_at_once);
    check_end(true, "f");
}
END_TEST

/* ---- gates ---- */

static bool
write_inside(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    say('g');
    task_ask(task, LDAP_OP_MODIFY, done_at_once);
    return true;
}

static bool
enter_gate(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return task_enter(task, STR("key"), write_inside);
}

/* What a driver does with a gate. */
static bool
enter(size_t n)
{
    ck_assert_int_eq(taken[n]->kind, ASK_GATE);
    return gate_enter(gates, &taken[n]->gate);
}

START_TEST(test_gates_in_order)
{
    begin_parent(3, enter_gate);
    ck_assert_uint_eq(n_taken, 3);
    ck_assert(enter(1));
    give(1, 0); /* its write is the ask 3 */
    ck_assert(!enter(0));
    ck_assert(!enter(2));
    give(3, 0); /* and now it ends, and leaves */
    ck_assert_str_eq(said, "gd!b");
    give(0, 0);
    give(4, 0);
    give(2, 0);
    give(5, 0);
    check_end(false, "gd!bgd!agdc");
}
END_TEST

/* The run ends with the first failure: who is inside leaves, who waits does not get in. */
START_TEST(test_gates_at_failure)
{
    begin_parent(2, enter_gate);
    ck_assert(enter(0));
    ck_assert(!enter(1));
    give(0, 0);
    {
        err_t err = ERR_INIT;

        err_set(&err, ERR_UNAVAILABLE, "deadline");
        run_cancel(&run, &err);
    }
    check_end(true, "g!"); /* granted to one that is gone: */
    ck_assert(!gate_give_up(gates, &taken[1]->gate));
    give(1, 0); /* left when the word of it arrives */
    check_end(true, "g!");
    give(2, 0);
}
END_TEST

/* ---- the end from outside ---- */

START_TEST(test_cancel)
{
    err_t err = ERR_INIT, other = ERR_INIT;

    begin_parent(2, child_start);
    give(0, 0);
    err_set(&err, ERR_UNAVAILABLE, "deadline");
    run_cancel(&run, &err);
    check_end(true, ".a");
    ck_assert_str_eq(run.err.detail, "deadline");
    err_set(&other, ERR_INTERNAL, "twice");
    run_cancel(&run, &other);
    ck_assert_str_eq(run.err.detail, "deadline");
    give(1, 0);
    check_end(true, ".a");
}
END_TEST

/* ---- memory ---- */

static bool
use_up(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    say('u');
    arena_exhaust(task->mem);
}

static bool
ask_then_use_up(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    say('g');
    task_ask(task, LDAP_OP_MODIFY, use_up);
    task_ask(task, LDAP_OP_SEARCH, done_at_once);
    return true;
}

static bool
enter_then_use_up(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return task_enter(task, STR("key"), ask_then_use_up);
}

START_TEST(test_exhaustion)
{
    begin_parent(1, enter_then_use_up);
    ck_assert(enter(0));
    give(0, 0);
    give(1, 0);
    check_end(true, "gu");
    ck_assert_int_eq(run.err.kind, ERR_UNAVAILABLE);
    give(2, 0);
    check_end(true, "gu");
}
END_TEST

START_TEST(test_exhaustion_at_start)
{
    begin(new_task(), use_up);
    check_end(true, "u");
    ck_assert_int_eq(run.err.kind, ERR_UNAVAILABLE);
}
END_TEST

/* ---- pauses ---- */

static bool
pause_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return task_pause(task, 250, done_at_once);
}

START_TEST(test_pause)
{
    begin(new_task(), pause_start);
    ck_assert_uint_eq(n_taken, 1);
    ck_assert(taken[0]->kind == ASK_PAUSE && taken[0]->pause_ms == 250);
    ck_assert_uint_eq(run.operations, 0);
    give(0, 0);
    check_end(false, "d");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("task");
    TCase *tests = tcase_create("task");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, test_fan_out, 0, (int)ARRAY_SIZE(orders));
    tcase_add_test(tests, test_failure);
    tcase_add_test(tests, test_done_with_reads_in_flight);
    tcase_add_test(tests, test_done_before_all_is_taken);
    tcase_add_test(tests, test_done_at_once);
    tcase_add_test(tests, test_children);
    tcase_add_test(tests, test_child_fails);
    tcase_add_test(tests, test_children_done_at_once);
    tcase_add_test(tests, test_child_fails_at_once);
    tcase_add_test(tests, test_root_fails_at_once);
    tcase_add_test(tests, test_gates_in_order);
    tcase_add_test(tests, test_gates_at_failure);
    tcase_add_test(tests, test_cancel);
    tcase_add_test(tests, test_exhaustion);
    tcase_add_test(tests, test_exhaustion_at_start);
    tcase_add_test(tests, test_pause);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
