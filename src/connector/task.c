/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/task.h"

#include <assert.h>

void
run_init(run_t *run, arena_t *mem, gate_table_t *gates, void *context)
{
    *run = (run_t){.mem = mem, .gates = gates, .context = context};
}

task_t *
task_new(run_t *run, const char *what, size_t size)
{
    task_t *task;

    assert(size >= sizeof(*task));
    task = arena_alloc(run->mem, size);
    task->run = run;
    task->mem = run->mem;
    task->what = what;
    task->next_of_run = run->tasks;
    run->tasks = task;
    return task;
}

static run_t *
outermost(run_t *run)
{
    while (run->outer)
        run = run->outer;
    return run;
}

static ask_t *
new_ask(task_t *task, ask_kind_t kind, then_fn *then)
{
    ask_t *ask = arena_new_of(task->mem, ask_t);

    assert(!task->ended);
    ask->kind = kind;
    ask->then = then;
    ask->by = task;
    ask->run = task->run;
    ask->next_of_task = task->in_flight;
    task->in_flight = ask;
    return ask;
}

static ask_t *
queue(ask_t *ask)
{
    run_t *run = outermost(ask->run);

    ask->run->out++;
    if (run->last)
        run->last->next = ask;
    else
        run->first = ask;
    run->last = ask;
    return ask;
}

static bool
is_write(const ask_t *ask)
{
    return (ask->kind == ASK_LDAP || ask->instead) && ldap_op_is_write(&ask->op);
}

/* Of the run and those it is in. */
static void
count_operation(run_t *run, unsigned by)
{
    for (; run; run = run->outer)
        run->operations += by;
}

ask_t *
task_ask(task_t *task, ldap_op_kind_t kind, then_fn *then)
{
    ask_t *ask = new_ask(task, ASK_LDAP, then);

    ask->op.kind = kind;
    count_operation(task->run, 1);
    if (is_write(ask)) {
        assert(task->writes == 0);
        task->writes++;
    }
    return queue(ask);
}

bool
task_enter_or_offer(task_t *task, str_t key, str_t offer, then_fn *then)
{
    ask_t *ask = new_ask(task, ASK_GATE, then);

    ask->gate.key = key;
    ask->gate.offer = offer;
    queue(ask);
    return true;
}

bool
task_enter(task_t *task, str_t key, then_fn *then)
{
    return task_enter_or_offer(task, key, STR(""), then);
}

bool
task_is_awaited(const task_t *task)
{
    return task->run->gates && task->held && gate_is_awaited(task->run->gates, task->held);
}

void
task_collect(task_t *task, gate_offers_t *offers)
{
    gate_collect(task->run->gates, task->held, offers);
}

void
task_take(task_t *task, size_t n)
{
    gate_take(task->run->gates, task->held, n);
}

void
task_settle(task_t *task)
{
    (void)gate_settle(task->run->gates, task->held);
}

bool
task_pause(task_t *task, int64_t ms, then_fn *then)
{
    ask_t *ask = new_ask(task, ASK_PAUSE, then);

    ask->pause_ms = ms;
    queue(ask);
    return true;
}

static void
tell_lost(const task_t *task)
{
    if (task->run->lost)
        task->run->lost(task);
}

static void
leave_gates(task_t *task)
{
    gate_wait_t *next;

    for (gate_wait_t *held = task->held; held; held = next) {
        next = held->next_held;
        if (task->run->gates)
            gate_leave(task->run->gates, held);
    }
    task->held = NULL;
}

/* The asker of what has ended goes on next. */
static void
make_ready(ask_t *ask)
{
    if (!ask || !ask->by)
        return;
    ask->next = ask->run->ready;
    ask->run->ready = ask;
}

static void cut_off(run_t *run, const err_t *err);

/* What a task that ends has begun. */
static void
end_begun(const ask_t *ask)
{
    static const err_t dropped = {.kind = ERR_UNAVAILABLE, .detail = "nobody waits for it"};

    if (ask->part && !ask->part->ended)
        cut_off(ask->part, &dropped);
}

/* A task that has ended gets no more replies. */
static void
end_task(task_t *task, void *result, const err_t *error)
{
    assert(!task->ended);
    task->ended = true;
    for (ask_t *ask = task->in_flight; ask; ask = ask->next_of_task) {
        if (ask->kind == ASK_TASK && ask->child && !ask->child->ended)
            end_task(ask->child, NULL, NULL);
        ask->by = NULL;
        end_begun(ask);
    }
    task->in_flight = NULL;
    if (task->writes)
        tell_lost(task);
    leave_gates(task);
    task->result = result;
    task->error = error;
    make_ready(task->asked_by);
}

bool
task_done(task_t *task, void *result)
{
    assert(task->writes == 0);
    end_task(task, result, NULL);
    return true;
}

static void
fail_task(task_t *task, const err_t *err)
{
    err_t *copy = arena_new_of(task->mem, err_t);

    *copy = *err;
    end_task(task, NULL, copy);
}

/* Go on in `task`; whether it ends, fails or asks is its own affair. */
static void
proceed(task_t *task, then_fn *then, const reply_t *reply)
{
    err_t err = ERR_INIT;

    if (!then(task, reply, &err)) {
        assert(err.kind != ERR_NONE);
        if (!task->ended)
            fail_task(task, &err);
    }
}

bool
task_call(task_t *task, task_t *child, then_fn *start, then_fn *then, uint32_t tag)
{
    ask_t *ask = new_ask(task, ASK_TASK, then);

    ask->child = child;
    ask->tag = tag;
    child->asked_by = ask;
    proceed(child, start, NULL);
    return true;
}

void
task_answer_by(ask_t *ask, task_t *child, then_fn *start)
{
    assert(ask->kind == ASK_LDAP);
    ask->kind = ASK_TASK;
    ask->instead = true;
    ask->child = child;
    child->asked_by = ask;
    count_operation(ask->run, (unsigned)-1); /* its own are counted */
    proceed(child, start, NULL);
}

static void
unlink_ask(ask_t *ask)
{
    ask_t **at = &ask->by->in_flight;

    while (*at != ask)
        at = &(*at)->next_of_task;
    *at = ask->next_of_task;
    ask->next_of_task = NULL;
}

/* Hand over what children left, until nobody can go on without the driver. */
static void
deliver_ready(run_t *run)
{
    while (run->ready && !run->root->ended) {
        ask_t *ask = run->ready;
        task_t *task = ask->by;
        reply_t reply = {.tag = ask->tag};

        run->ready = ask->next;
        if (!task)
            continue;
        if (ask->part) {
            reply.result = ask->part;
        } else if (ask->instead) {
            assert(!ask->child->error);
            reply.ldap = ask->child->result;
            task->writes -= is_write(ask);
        } else {
            reply.result = ask->child->result;
            reply.error = ask->child->error;
        }
        unlink_ask(ask);
        proceed(task, ask->then, &reply);
    }
}

static bool
is_in_doubt(const ask_t *ask)
{
    return ask->kind == ASK_GATE && ask->run->gates &&
           gate_is_in_doubt(ask->run->gates, &ask->gate);
}

/* The run ends with its root; whoever has not ended by then leaves its gates. */
static void
end_run(run_t *run, void *result, const err_t *error)
{
    run->ended = true;
    run->result = result;
    run->failed = error != NULL;
    if (error)
        run->err = *error;
    run->first = run->last = run->ready = NULL;
    for (task_t *task = run->tasks; task; task = task->next_of_run) {
        for (ask_t *ask = task->in_flight; ask; ask = ask->next_of_task) {
            run->in_doubt |= is_in_doubt(ask);
            ask->by = NULL;
            end_begun(ask);
        }
        task->in_flight = NULL;
        task->ended = true;
    }
    for (task_t *task = run->tasks; task; task = task->next_of_run)
        if (task->writes)
            tell_lost(task);
    for (task_t *task = run->tasks; task; task = task->next_of_run)
        leave_gates(task);
    make_ready(run->asked_by);
}

static void
cut_off(run_t *run, const err_t *err)
{
    run->cut_off = true;
    end_run(run, NULL, err);
}

typedef struct {
    run_t *run;
    task_t *task;
    then_fn *then;
    const reply_t *reply;
} step_t;

static void
take_step(void *arg)
{
    const step_t *step = arg;

    if (step->task)
        proceed(step->task, step->then, step->reply);
    deliver_ready(step->run);
}

/* One step under the arena's guard: exhaustion ends the run, as any error does. */
static void
guarded(run_t *run, void (*fn)(void *arg), void *arg)
{
    if (!arena_guard(run->mem, fn, arg)) {
        err_t err = ERR_INIT;

        err_set(&err, ERR_UNAVAILABLE, "the request needs more memory than it may have");
        cut_off(run, &err);
    } else if (run->root->ended && !run->ended) {
        end_run(run, run->root->result, run->root->error);
    }
}

/* Without a task: only what is ready goes on. */
static void
guarded_step(run_t *run, task_t *task, then_fn *then, const reply_t *reply)
{
    step_t step = {run, task, then, reply};

    guarded(run, take_step, &step);
}

/* ---- runs within a run ---- */

static void
unlink_part(run_t *part)
{
    run_t **at = &part->outer->parts;

    while (*at != part)
        at = &(*at)->next;
    *at = part->next;
}

static void
free_part(run_t *part)
{
    if (part->released && part->out == 0)
        arena_free(part->mem); /* where it is itself */
}

void
run_release(run_t *part)
{
    assert(part->ended && part->outer && !part->released);
    unlink_part(part);
    part->released = true;
    free_part(part);
}

/* The end of a part is its asker's affair, and may be the end of the outer run. */
static void
tell_outer(run_t *run)
{
    while (run->ended && run->outer) {
        run = run->outer;
        if (!run->ended)
            guarded_step(run, NULL, NULL, NULL);
    }
}

bool
task_call_run(task_t *task, run_t *part, task_t *root, then_fn *start, then_fn *then,
              uint32_t tag)
{
    ask_t *ask = new_ask(task, ASK_TASK, then);

    ask->part = part;
    ask->tag = tag;
    part->outer = task->run;
    part->asked_by = ask;
    part->next = task->run->parts;
    task->run->parts = part;
    run_start(part, root, start);
    return true;
}

/* ---- for drivers ---- */

void
run_start(run_t *run, task_t *root, then_fn *start)
{
    run->root = root;
    guarded_step(run, root, start, NULL);
}

/* No driver holds the ask any more, which goes with its run if nobody wants that. */
static void
come_back(run_t *run)
{
    assert(run->out > 0);
    run->out--;
    free_part(run);
}

static void
take_instead(void *arg)
{
    ask_t *ask = arg;

    ask->run->instead(ask);
    deliver_ready(ask->run);
}

/* Whether the run has taken the ask over, so that no driver is to see it. */
static bool
is_taken_over(ask_t *ask)
{
    run_t *run = ask->run;

    if (ask->kind != ASK_LDAP || !run->instead)
        return false;
    guarded(run, take_instead, ask);
    if (!run->ended && !ask->instead)
        return false;
    come_back(run);
    tell_outer(run);
    return true;
}

ask_t *
run_take(run_t *run)
{
    ask_t *ask;

    while ((ask = run->first) != NULL) {
        run->first = ask->next;
        if (!run->first)
            run->last = NULL;
        ask->next = NULL;
        if (!ask->by)
            come_back(ask->run); /* asked by a task that has ended since */
        else if (!is_taken_over(ask))
            return ask;
    }
    return NULL;
}

void
run_give(run_t *outer, ask_t *ask, const ldap_reply_t *ldap)
{
    run_t *run = ask->run;
    task_t *task = ask->by;
    reply_t reply = {.tag = ask->tag, .ldap = ldap};

    assert(outermost(run) == outer);
    if (!task) {
        if (ask->kind == ASK_GATE && run->gates)
            gate_leave(run->gates, &ask->gate);
        come_back(run);
        return;
    }
    run->out--;
    unlink_ask(ask);
    ask->by = NULL;
    if (is_write(ask)) {
        task->writes--;
        if (ldap->fate == LDAP_UNKNOWN)
            tell_lost(task);
    }
    if (ask->kind == ASK_GATE) {
        reply.settled = ask->gate.settled;
        if (!reply.settled) {
            ask->gate.next_held = task->held;
            task->held = &ask->gate;
        }
    }
    guarded_step(run, task, ask->then, &reply);
    tell_outer(run);
}

void
run_cancel(run_t *run, const err_t *err)
{
    if (run->ended)
        return;
    cut_off(run, err);
    tell_outer(run);
}
