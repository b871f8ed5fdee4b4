/* SPDX-License-Identifier: Apache-2.0 */
/* What a job's run asks, carried out: by the pool, the gates, a timer. */
#include "daemon/job_state.h"

#include "base/clock.h"

#include <assert.h>
#include <stdlib.h>

/* --- the asks under way ------------------------------------------------------------------- */

static pending_t *
add_pending(job_t *job, ask_t *ask)
{
    desk_t *desk = job->desk;
    pending_t *pending = desk->free_pending;

    if (pending)
        desk->free_pending = pending->next;
    else
        pending = malloc(sizeof(*pending));
    if (!pending)
        return NULL;
    *pending =
        (pending_t){.job = job, .ask = ask, .prev = job->pending.prev, .next = &job->pending};
    pending->prev->next = pending;
    pending->next->prev = pending;
    ask->driver = pending;
    return pending;
}

static void
remove_pending(pending_t *pending)
{
    desk_t *desk = pending->job->desk;

    pending->prev->next = pending->next;
    pending->next->prev = pending->prev;
    pending->ask->driver = NULL;
    pending->next = desk->free_pending;
    desk->free_pending = pending;
}

void
job_free_pending(desk_t *desk)
{
    for (pending_t *pending = desk->free_pending, *next; pending; pending = next) {
        next = pending->next;
        free(pending);
    }
    desk->free_pending = NULL;
}

static void
ldap_begins(job_t *job)
{
    if (job->ldap_now++ == 0)
        job->ldap_since_us = clock_monotonic_us();
}

static void
ldap_ends(job_t *job)
{
    if (--job->ldap_now == 0)
        job->ldap_us += clock_monotonic_us() - job->ldap_since_us;
}

/* Nobody waits for it any more. A gate that was granted meanwhile is in our mailbox. */
static void
call_off(pending_t *pending)
{
    job_t *job = pending->job;
    ask_t *ask = pending->ask;

    switch (ask->kind) {
    case ASK_LDAP:
        ldap_pool_cancel(job->pool->pool, pending->task);
        ldap_ends(job);
        break;
    case ASK_PAUSE:
        loop_timer_clear(job->desk->loop, &pending->timer);
        break;
    case ASK_GATE:
        if (!gate_give_up(job->run->gates, &ask->gate)) {
            bool there = loop_unpost(job->desk->loop, &pending->granted);

            assert(there);
            gate_leave(job->run->gates, &ask->gate);
        }
        break;
    case ASK_TASK:
        break;
    }
    remove_pending(pending);
}

void
job_call_off_all(job_t *job)
{
    while (job->pending.next != &job->pending)
        call_off(job->pending.next);
}

/* --- the directory ------------------------------------------------------------------------ */

/* The run whose memory it is: an operation of a Bulk alone, or the whole request. */
static void
fail_exhausted(run_t *run)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE,
            "the directory's answer needs more memory than a request may have");
    run_cancel(run, &err);
}

static void
on_ldap_done(void *arg, const ldap_reply_t *reply)
{
    pending_t *pending = arg;
    job_t *job = pending->job;
    ask_t *ask = pending->ask;
    bool exhausted = pending->exhausted;

    ldap_ends(job);
    remove_pending(pending);
    if (exhausted)
        fail_exhausted(ask->run);
    run_give(job->run, ask, reply);
    job_pump(job);
}

typedef struct {
    const ask_t *ask;
    const ldap_entry_t *entry;
    bool more;
} seen_t;

static void
show_entry(void *arg)
{
    seen_t *seen = arg;

    seen->more = seen->ask->each(seen->ask->by, seen->entry);
}

static bool
on_ldap_entry(void *arg, const ldap_entry_t *entry)
{
    pending_t *pending = arg;
    seen_t seen = {.ask = pending->ask, .entry = entry};

    if (!pending->ask->by)
        return false;
    if (!arena_guard(pending->ask->run->mem, show_entry, &seen)) {
        pending->exhausted = true;
        return false;
    }
    return seen.more;
}

static void
note_write(job_t *job, const ask_t *ask)
{
    exchange_t *exchange = exchange_asking(ask);
    audit_t audit = job_audit(job);

    if (ask->beside || !exchange_note_write(exchange, clock_monotonic_us()))
        return;
    audit.request = exchange_request(exchange);
    audit_intent(&audit, &ask->op);
}

static bool
begin_ldap(job_t *job, pending_t *pending)
{
    ask_t *ask = pending->ask;

    if (ldap_op_is_write(&ask->op))
        note_write(job, ask);
    pending->task =
        ldap_pool_send(job->pool->pool, &ask->op, ask->run->mem, job->deadline.at_ms,
                       ask->each ? on_ldap_entry : NULL, on_ldap_done, pending);
    if (!pending->task)
        return false;
    ldap_begins(job);
    return true;
}

/* --- pauses and gates --------------------------------------------------------------------- */

/* What was awaited is here, and says nothing more. */
static void
go_on(pending_t *pending)
{
    job_t *job = pending->job;
    ask_t *ask = pending->ask;

    remove_pending(pending);
    run_give(job->run, ask, NULL);
    job_pump(job);
}

static void
on_pause_over(loop_timer_t *timer)
{
    go_on(CONTAINER_OF(timer, pending_t, timer));
}

static void
begin_pause(job_t *job, pending_t *pending)
{
    pending->timer.fire = on_pause_over;
    loop_timer_set(job->desk->loop, &pending->timer,
                   loop_now(job->desk->loop) + pending->ask->pause_ms);
}

static void
on_granted(loop_message_t *message)
{
    go_on(CONTAINER_OF(message, pending_t, granted));
}

/* In the thread of whoever left, under the gate's lock. */
static void
pass_on_grant(gate_wait_t *wait)
{
    pending_t *pending = CONTAINER_OF(wait, ask_t, gate)->driver;

    loop_post(pending->job->desk->loop, &pending->granted);
}

/* Whether it was entered at once. */
static bool
begin_gate(job_t *job, pending_t *pending)
{
    gate_wait_t *wait = &pending->ask->gate;

    wait->grant = pass_on_grant;
    pending->granted.deliver = on_granted;
    return !job->run->gates || gate_enter(job->run->gates, wait);
}

/* --- all of them -------------------------------------------------------------------------- */

static void
not_sent(job_t *job, ask_t *ask)
{
    ldap_reply_t reply = {
        .fate = LDAP_NOT_SENT, .matched = STR(""), .diagnostic = STR("too much to do")};

    run_give(job->run, ask, &reply);
}

static void
begin_ask(job_t *job, ask_t *ask)
{
    pending_t *pending = add_pending(job, ask);

    if (!pending) {
        job_cancel(job, "no memory for this request");
        return;
    }
    switch (ask->kind) {
    case ASK_LDAP:
        if (!begin_ldap(job, pending)) {
            remove_pending(pending);
            not_sent(job, ask);
        }
        break;
    case ASK_GATE:
        if (begin_gate(job, pending)) {
            remove_pending(pending);
            run_give(job->run, ask, NULL);
        }
        break;
    case ASK_PAUSE:
        begin_pause(job, pending);
        break;
    case ASK_TASK:
        assert(ask->kind != ASK_TASK);
        break;
    }
}

void
job_pump(job_t *job)
{
    ask_t *ask;

    while (!job->run->ended && (ask = run_take(job->run)))
        begin_ask(job, ask);
    if (job->run->ended)
        job_end(job);
}
