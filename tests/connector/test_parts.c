/* SPDX-License-Identifier: Apache-2.0 */
/* Runs within a run: each has its memory, its gates and its end; the outermost has the asks. */
#include "connector/task_bed.h"
#include "support/suite_run.h"

enum { PARTS = 3 };

/* The root of the outer run: begins parts and counts how they end. */
typedef struct {
    task_t task;
    then_fn *start; /* of each part's root */
    size_t n, waiting;
    bool releases; /* at once */
    run_t *parts[PARTS];
} outer_task_t;

/* 'a' and so on for a part that ended well, 'A' for one that failed. */
static bool
part_ended(task_t *task, const reply_t *reply, err_t *err UNUSED)
{
    outer_task_t *self = (outer_task_t *)task;
    run_t *part = reply->result;

    ck_assert(part->ended && part == self->parts[reply->tag]);
    say((char)((part->failed ? 'A' : 'a') + reply->tag));
    if (self->releases)
        run_release(part);
    return --self->waiting > 0 || task_done(task, NULL);
}

static bool
outer_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    outer_task_t *self = (outer_task_t *)task;

    self->waiting = self->n;
    for (uint32_t i = 0; i < self->n; i++) {
        arena_t *inner = arena_new_inside(mem);
        run_t *part = arena_new_of(inner, run_t);

        self->parts[i] = part;
        run_init(part, inner, gates, NULL);
        task_call_run(task, part, task_new(part, "part", sizeof(task_t)), self->start,
                      part_ended, i);
    }
    return true;
}

static outer_task_t *
begin(size_t n, then_fn *start)
{
    outer_task_t *root = task_new_of(&run, "outer", outer_task_t);

    root->n = n;
    root->start = start;
    root->releases = true;
    run_start(&run, &root->task, outer_start);
    take_all();
    return root;
}

static bool
answered(task_t *task, const reply_t *reply, err_t *err)
{
    say('.');
    if (reply->ldap->code)
        return err_set(err, ERR_DIRECTORY, "code %d", reply->ldap->code);
    return task_done(task, NULL);
}

static bool
ask_one(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    task_ask(task, LDAP_OP_MODIFY, answered);
    return true;
}

static bool
ask_two(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    task_ask(task, LDAP_OP_SEARCH, answered);
    task_ask(task, LDAP_OP_SEARCH, answered);
    return true;
}

START_TEST(test_each_ends_by_itself)
{
    begin(3, ask_one);
    ck_assert_uint_eq(n_taken, 3);
    ck_assert_uint_eq(run.operations, 3);
    give(2, 0);
    give(0, 80);
    ck_assert(!run.ended);
    give(1, 0);
    ck_assert(run.ended && !run.failed);
    ck_assert_str_eq(said, ".c.A.b");
    ck_assert_ptr_null(run.parts);
}
END_TEST

static bool
done_at_once(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return task_done(task, NULL);
}

static bool
fail_at_once(task_t *task UNUSED, const reply_t *reply UNUSED, err_t *err)
{
    return err_set(err, ERR_INVALID_VALUE, "no");
}

START_TEST(test_end_at_once)
{
    begin(3, done_at_once);
    ck_assert(run.ended && !run.failed);
    ck_assert_uint_eq(n_said, 3);
    ck_assert(said[0] >= 'a');
}
END_TEST

START_TEST(test_fail_at_once)
{
    begin(1, fail_at_once);
    ck_assert(run.ended && !run.failed);
    ck_assert_str_eq(said, "A");
}
END_TEST

/* The memory of a part that was released goes when the driver has given back its last ask. */
START_TEST(test_memory_outlives_asks)
{
    size_t before, after;

    begin(2, ask_two);
    ck_assert_uint_eq(n_taken, 4);
    give(1, 0);
    ck_assert_str_eq(said, ".a");
    before = budget.reserved;
    give(0, 0); /* dropped */
    after = budget.reserved;
    ck_assert_msg(after < before, "%zu bytes, then %zu", before, after);
    ck_assert_str_eq(said, ".a");
    give(3, 0);
    ck_assert(run.ended);
    ck_assert_str_eq(said, ".a.b");
    give(2, 0);
}
END_TEST

/* Also where an ask was dropped before a driver saw it. */
START_TEST(test_dropped_before_taken)
{
    outer_task_t *root = task_new_of(&run, "outer", outer_task_t);
    ldap_reply_t reply = {0};
    ask_t *first;
    size_t before;

    *root = (outer_task_t){.task = root->task, .start = ask_two, .n = 2, .releases = true};
    run_start(&run, &root->task, outer_start);
    first = run_take(&run);
    run_give(&run, first, &reply);
    before = budget.reserved;
    take_all();
    ck_assert_uint_eq(n_taken, 2); /* the other part's */
    ck_assert_uint_lt(budget.reserved, before);
    give(0, 0);
    ck_assert(run.ended);
    give(1, 0);
}
END_TEST

static bool
use_up(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    char *last = NULL;

    say('u');
    for (size_t i = 0; i < 1 << 12; i++)
        last = arena_alloc(task->mem, 1 << 16);
    return task_done(task, last);
}

static bool
ask_then_use_up(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    task_ask(task, LDAP_OP_SEARCH, use_up);
    return true;
}

/* One that needs too much fails alone, and the others have its memory. */
START_TEST(test_exhaustion)
{
    outer_task_t *root = begin(2, ask_then_use_up);

    give(0, 0);
    ck_assert_str_eq(said, "uA");
    ck_assert(!run.ended && budget.reserved < budget.limit / 2);
    root->start = ask_one;
    give(1, 0);
    ck_assert(run.ended && !run.failed);
    ck_assert_str_eq(said, "uAuB");
}
END_TEST

START_TEST(test_exhaustion_at_start)
{
    begin(2, use_up);
    ck_assert(run.ended && !run.failed);
    ck_assert_uint_eq(n_said, 4);
}
END_TEST

static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    say('g');
    task_ask(task, LDAP_OP_MODIFY, answered);
    return true;
}

static bool
enter_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return task_enter(task, STR("key"), entered);
}

/* A part leaves its gate when it ends, not when the outer run does. */
START_TEST(test_gates)
{
    begin(2, enter_start);
    ck_assert(gate_enter(gates, &taken[0]->gate));
    ck_assert(!gate_enter(gates, &taken[1]->gate));
    give(0, 0);
    ck_assert_str_eq(said, "g");
    give(2, 0);
    ck_assert_str_eq(said, "g.!a");
    give(1, 0);
    give(3, 0);
    ck_assert_str_eq(said, "g.!ag.b");
    ck_assert(run.ended);
}
END_TEST

START_TEST(test_cancel_all)
{
    err_t err = ERR_INIT;

    begin(3, ask_two);
    err_set(&err, ERR_UNAVAILABLE, "deadline");
    run_cancel(&run, &err);
    ck_assert(run.ended && run.failed);
    ck_assert_str_eq(said, "");
    for (size_t i = 0; i < n_taken; i++)
        give(i, 0);
    ck_assert_str_eq(said, "");
}
END_TEST

/* Its asker hears of it, as of any other end. */
START_TEST(test_cancel_one)
{
    outer_task_t *root = begin(2, ask_one);
    err_t err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "too long");
    root->releases = false;
    run_cancel(root->parts[1], &err);
    ck_assert_str_eq(said, "B");
    ck_assert_str_eq(root->parts[1]->err.detail, "too long");
    give(1, 0); /* dropped */
    give(0, 0);
    ck_assert(run.ended && !run.failed);
    ck_assert_str_eq(said, "B.a");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("parts");
    TCase *tests = tcase_create("parts");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_each_ends_by_itself);
    tcase_add_test(tests, test_end_at_once);
    tcase_add_test(tests, test_fail_at_once);
    tcase_add_test(tests, test_memory_outlives_asks);
    tcase_add_test(tests, test_dropped_before_taken);
    tcase_add_test(tests, test_exhaustion);
    tcase_add_test(tests, test_exhaustion_at_start);
    tcase_add_test(tests, test_gates);
    tcase_add_test(tests, test_cancel_all);
    tcase_add_test(tests, test_cancel_one);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
