/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/pool.h"

#include "ldap/dialer.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
    LANES = 2,
    READ_PER_TURN = 256, /* messages, so that a long listing does not hold up the loop */
    TIMEOUTS_TO_LOSS = 3,
    DIAL_INTERVAL_MS = 1000 /* of a lane whose connections succeed but do not last */
};

/* TASK_WAITING: in its lane's queue. TASK_SENT: has a call. TASK_REFUSED: answered as not sent
 * when its timer fires, which is now. */
typedef enum { TASK_WAITING, TASK_SENT, TASK_REFUSED } task_state_t;

typedef struct lane lane_t;

struct ldap_task {
    ldap_task_t *next, *prev; /* in the lane's queue while waiting; next also when free */
    lane_t *lane;
    task_state_t state;
    loop_timer_t timer; /* the deadline */
    ldap_call_t *call;
    const ldap_op_t *op;
    arena_t *mem;
    ldap_each_fn *each;
    ldap_done_fn *done;
    void *arg;
};

/* LANE_DOWN: no connection; the timer may be set for dialling. LANE_DIALLING: asked for one.
 * LANE_UP: has one; the timer may be set for closing it. */
typedef enum { LANE_DOWN, LANE_DIALLING, LANE_UP } lane_state_t;

struct lane {
    ldap_pool_t *pool;
    lane_state_t state;
    bool kept;    /* dialled without being asked for */
    bool failing; /* the last dial failed */
    ldap_conn_t *conn;
    ldap_dial_t *dial;
    loop_source_t source;
    loop_timer_t timer;
    ldap_task_t waiting; /* head of the ring */
    size_t n_sent;
    bool more;         /* messages are buffered that the descriptor does not announce */
    unsigned timeouts; /* in a row, without any message in between */
    uint64_t messages; /* at the last timeout */
    int64_t connected_at;
    int64_t dial_after; /* a connection that did not last is not followed by another at once */
};

struct ldap_pool {
    loop_t *loop;
    ldap_dialer_t *dialer;
    ldap_pool_limits_t limits;
    ldap_pool_late_fn *late;
    void *late_arg;
    lane_t lanes[LANES];
    loop_timer_t soon; /* set for now: flush what was sent, read what is buffered */
    ldap_task_t *free_tasks;
    size_t n;
    bool closing;
    ldap_pool_stats_t stats;
};

static void lane_lost(lane_t *lane);
static void lane_dial(lane_t *lane);

static void
count(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* --- tasks -------------------------------------------------------------------------------- */

static ldap_task_t *
take_free_task(ldap_pool_t *pool)
{
    ldap_task_t *task = pool->free_tasks;

    if (!task)
        return calloc(1, sizeof(*task));
    pool->free_tasks = task->next;
    return task;
}

static void
enqueue(lane_t *lane, ldap_task_t *task)
{
    task->state = TASK_WAITING;
    task->prev = lane->waiting.prev;
    task->next = &lane->waiting;
    task->prev->next = task;
    task->next->prev = task;
}

static void
dequeue(ldap_task_t *task)
{
    task->prev->next = task->next;
    task->next->prev = task->prev;
}

static void
lane_rests(lane_t *lane)
{
    ldap_pool_t *pool = lane->pool;

    if (!lane->kept && lane->state == LANE_UP && lane->n_sent == 0 && !pool->closing)
        loop_timer_set(pool->loop, &lane->timer,
                       loop_now(pool->loop) + pool->limits.idle_timeout_ms);
}

/* The task leaves its lane and is free. */
static void
release_task(ldap_task_t *task)
{
    lane_t *lane = task->lane;
    ldap_pool_t *pool = lane->pool;

    loop_timer_clear(pool->loop, &task->timer);
    if (task->state == TASK_WAITING)
        dequeue(task);
    if (task->state == TASK_SENT) {
        lane->n_sent--;
        lane_rests(lane);
    }
    task->next = pool->free_tasks;
    pool->free_tasks = task;
    pool->n--;
}

static void
finish_task(ldap_task_t *task, const ldap_reply_t *reply)
{
    ldap_done_fn *done = task->done;
    void *arg = task->arg;

    release_task(task);
    done(arg, reply);
}

static void
finish_task_as(ldap_task_t *task, ldap_fate_t fate)
{
    ldap_reply_t reply = {.fate = fate, .matched = STR(""), .diagnostic = STR("")};

    finish_task(task, &reply);
}

static void
call_done(void *arg, const ldap_reply_t *reply)
{
    finish_task(arg, reply);
}

static bool
call_each(void *arg, const ldap_entry_t *entry)
{
    const ldap_task_t *task = arg;

    return task->each(task->arg, entry);
}

static void
call_late(void *arg, int code)
{
    ldap_pool_t *pool = arg;

    count(&pool->stats.late_writes);
    if (pool->late)
        pool->late(pool->late_arg, code);
}

/* The call goes on without us: a search is abandoned, a write reports late. */
static void
forget_call(ldap_task_t *task)
{
    ldap_pool_t *pool = task->lane->pool;

    ldap_conn_forget(task->lane->conn, task->call, call_late, pool);
    task->call = NULL;
    loop_timer_set(pool->loop, &pool->soon, loop_now(pool->loop));
}

static void
send_task(ldap_task_t *task)
{
    lane_t *lane = task->lane;
    ldap_pool_t *pool = lane->pool;

    task->call = ldap_conn_send(lane->conn, task->op, task->mem, task->each ? call_each : NULL,
                                call_done, task);
    if (!task->call) {
        task->state = TASK_REFUSED;
        loop_timer_set(pool->loop, &task->timer, loop_now(pool->loop));
        return;
    }
    task->state = TASK_SENT;
    lane->n_sent++;
    if (!lane->kept)
        loop_timer_clear(pool->loop, &lane->timer);
    loop_timer_set(pool->loop, &pool->soon, loop_now(pool->loop));
}

/* Three deadlines in a row and not a word from the server: it is frozen, or gone without a
 * goodbye. */
static void
note_timeout(lane_t *lane)
{
    uint64_t messages = ldap_conn_messages(lane->conn);

    lane->timeouts = messages == lane->messages ? lane->timeouts + 1 : 1;
    lane->messages = messages;
    if (lane->timeouts >= TIMEOUTS_TO_LOSS)
        lane_lost(lane);
}

static void
deadline_passed(loop_timer_t *timer)
{
    ldap_task_t *task = CONTAINER_OF(timer, ldap_task_t, timer);
    lane_t *lane = task->lane;
    ldap_conn_t *conn = lane->conn;

    if (task->state != TASK_SENT) {
        if (task->state == TASK_WAITING)
            count(&lane->pool->stats.timeouts);
        finish_task_as(task, LDAP_NOT_SENT);
        return;
    }
    count(&lane->pool->stats.timeouts);
    forget_call(task);
    finish_task_as(task, LDAP_UNKNOWN);
    if (conn == lane->conn)
        note_timeout(lane);
}

/* --- lanes -------------------------------------------------------------------------------- */

static void
send_waiting(lane_t *lane)
{
    while (lane->state == LANE_UP && lane->waiting.next != &lane->waiting) {
        ldap_task_t *task = lane->waiting.next;

        dequeue(task);
        send_task(task);
    }
}

/* Only those who wait now: what their askers send in turn is not failed by this. */
static void
refuse_waiting(lane_t *lane)
{
    ldap_pool_t *pool = lane->pool;

    while (lane->waiting.next != &lane->waiting) {
        ldap_task_t *task = lane->waiting.next;

        dequeue(task);
        task->state = TASK_REFUSED;
        loop_timer_set(pool->loop, &task->timer, loop_now(pool->loop));
    }
}

static void
lane_dialled(void *arg, ldap_conn_t *conn, const err_t *err)
{
    lane_t *lane = arg;
    ldap_pool_t *pool = lane->pool;
    err_t watch_err = ERR_INIT;

    (void)err; /* the dialer keeps it for those who ask */
    lane->dial = NULL;
    lane->state = LANE_DOWN;
    lane->source.fd = conn ? ldap_conn_fd(conn) : -1;
    if (conn && !loop_watch(pool->loop, &lane->source, EPOLLIN, &watch_err)) {
        ldap_conn_close(conn);
        conn = NULL;
    }
    lane->failing = !conn;
    if (!conn) {
        count(&pool->stats.connect_failures);
        refuse_waiting(lane);
        if (lane->kept)
            lane_dial(lane);
        return;
    }
    count(&pool->stats.connects);
    lane->state = LANE_UP;
    lane->conn = conn;
    lane->more = true; /* TLS may have read ahead */
    lane->timeouts = 0;
    lane->messages = 0;
    lane->connected_at = loop_now(pool->loop);
    send_waiting(lane);
    lane_rests(lane);
    loop_timer_set(pool->loop, &pool->soon, loop_now(pool->loop));
}

static void
lane_dial(lane_t *lane)
{
    ldap_pool_t *pool = lane->pool;

    loop_timer_clear(pool->loop, &lane->timer);
    lane->dial = ldap_dialer_ask(pool->dialer, pool->loop, lane_dialled, lane);
    if (lane->dial)
        lane->state = LANE_DIALLING;
    else
        loop_timer_set(pool->loop, &lane->timer, loop_now(pool->loop) + DIAL_INTERVAL_MS);
}

static void
lane_dial_again(lane_t *lane)
{
    loop_t *loop = lane->pool->loop;

    if (lane->state != LANE_DOWN || lane->timer.set)
        return;
    if (lane->dial_after <= loop_now(loop))
        lane_dial(lane);
    else
        loop_timer_set(loop, &lane->timer, lane->dial_after);
}

/* Who is told of an operation that failed may cancel others, which forgets their calls: so the
 * connection stays ours until it is closed, while the state keeps anything from being sent. */
static void
lane_close(lane_t *lane)
{
    loop_unwatch(lane->pool->loop, &lane->source);
    loop_timer_clear(lane->pool->loop, &lane->timer);
    lane->state = LANE_DOWN;
    lane->more = false;
    ldap_conn_close(lane->conn);
    lane->conn = NULL;
}

static void
lane_lost(lane_t *lane)
{
    count(&lane->pool->stats.lost);
    lane->dial_after = lane->connected_at + DIAL_INTERVAL_MS;
    lane_close(lane);
    if (lane->kept || lane->waiting.next != &lane->waiting)
        lane_dial_again(lane);
}

/* Dial after a pause, or close what nobody uses. */
static void
lane_timer(loop_timer_t *timer)
{
    lane_t *lane = CONTAINER_OF(timer, lane_t, timer);

    if (lane->state == LANE_DOWN)
        lane_dial(lane);
    else if (lane->state == LANE_UP && lane->n_sent == 0)
        lane_close(lane);
}

static void
lane_read(lane_t *lane)
{
    if (!ldap_conn_read(lane->conn, READ_PER_TURN, &lane->more))
        lane_lost(lane);
    else if (lane->more)
        loop_timer_set(lane->pool->loop, &lane->pool->soon, loop_now(lane->pool->loop));
}

static void
lane_write(lane_t *lane)
{
    err_t err = ERR_INIT;
    uint32_t events = EPOLLIN;

    if (!ldap_conn_wants_write(lane->conn) && lane->source.events == EPOLLIN)
        return;
    if (!ldap_conn_write(lane->conn)) {
        lane_lost(lane);
        return;
    }
    if (ldap_conn_wants_write(lane->conn))
        events |= EPOLLOUT;
    if (!loop_watch(lane->pool->loop, &lane->source, events, &err))
        lane_lost(lane);
}

static void
lane_ready(loop_source_t *source, uint32_t events)
{
    lane_t *lane = CONTAINER_OF(source, lane_t, source);

    if (events & ~(uint32_t)EPOLLOUT)
        lane_read(lane);
    if (lane->state == LANE_UP && (events & EPOLLOUT))
        lane_write(lane);
}

/* Once for all that was sent in this turn. */
void
ldap_pool_flush(ldap_pool_t *pool)
{
    loop_timer_clear(pool->loop, &pool->soon);
    for (size_t i = 0; i < LANES; i++) {
        lane_t *lane = &pool->lanes[i];

        if (lane->state == LANE_UP)
            lane_write(lane);
        if (lane->state == LANE_UP && lane->more)
            lane_read(lane);
    }
}

static void
pool_soon(loop_timer_t *timer)
{
    ldap_pool_flush(CONTAINER_OF(timer, ldap_pool_t, soon));
}

/* --- sending ------------------------------------------------------------------------------ */

/* Without a connection: whether to wait for one. What was just dialled for another lane is likely to succeed for
 * this one too. */
static bool
lane_is_hopeless(const lane_t *lane)
{
    ldap_dialer_t *dialer = lane->pool->dialer;
    err_t ignored = ERR_INIT;

    if (!lane->failing)
        return false;
    return lane->kept ? !ldap_dialer_is_up(dialer, &ignored) : ldap_dialer_is_paused(dialer);
}

static void
start_task(ldap_task_t *task)
{
    lane_t *lane = task->lane;
    ldap_pool_t *pool = lane->pool;

    if (lane->state == LANE_UP) {
        send_task(task);
    } else if (lane_is_hopeless(lane)) {
        task->state = TASK_REFUSED;
        loop_timer_set(pool->loop, &task->timer, loop_now(pool->loop));
    } else {
        enqueue(lane, task);
        lane_dial_again(lane);
    }
}

ldap_task_t *
ldap_pool_send(ldap_pool_t *pool, const ldap_op_t *op, arena_t *mem, int64_t deadline_ms,
               ldap_each_fn *each, ldap_done_fn *done, void *arg)
{
    int64_t latest = loop_now(pool->loop) + pool->limits.operation_timeout_ms;
    ldap_task_t *task;

    if (pool->closing || pool->n >= pool->limits.max_outstanding)
        return NULL;
    task = take_free_task(pool);
    if (!task)
        return NULL;
    *task = (ldap_task_t){.lane = &pool->lanes[op->lane == LDAP_LANE_BULK],
                          .timer.fire = deadline_passed,
                          .op = op,
                          .mem = mem,
                          .each = each,
                          .done = done,
                          .arg = arg};
    loop_timer_set(pool->loop, &task->timer, deadline_ms < latest ? deadline_ms : latest);
    pool->n++;
    count(&pool->stats.operations);
    start_task(task);
    return task;
}

void
ldap_pool_cancel(ldap_pool_t *pool, ldap_task_t *task)
{
    assert(task->lane->pool == pool);
    if (task->state == TASK_SENT)
        forget_call(task);
    release_task(task);
}

bool
ldap_pool_is_up(const ldap_pool_t *pool)
{
    const lane_t *lane = &pool->lanes[LDAP_LANE_SHARED];

    return lane->state == LANE_UP || !lane->failing;
}

const ldap_pool_stats_t *
ldap_pool_stats(const ldap_pool_t *pool)
{
    return &pool->stats;
}

/* --- life --------------------------------------------------------------------------------- */

static void
init_lane(ldap_pool_t *pool, lane_t *lane, bool kept)
{
    lane->pool = pool;
    lane->kept = kept;
    lane->source = (loop_source_t){.fd = -1, .ready = lane_ready};
    lane->timer.fire = lane_timer;
    lane->waiting.next = lane->waiting.prev = &lane->waiting;
}

ldap_pool_t *
ldap_pool_new(loop_t *loop, ldap_dialer_t *dialer, const ldap_pool_limits_t *limits,
              ldap_pool_late_fn *late, void *late_arg, err_t *err)
{
    ldap_pool_t *pool = calloc(1, sizeof(*pool));

    if (!pool) {
        err_set(err, ERR_UNAVAILABLE, "no memory for a pool of LDAP connections");
        return NULL;
    }
    pool->loop = loop;
    pool->dialer = dialer;
    pool->limits = *limits;
    pool->late = late;
    pool->late_arg = late_arg;
    pool->soon.fire = pool_soon;
    init_lane(pool, &pool->lanes[LDAP_LANE_SHARED], true);
    init_lane(pool, &pool->lanes[LDAP_LANE_BULK], false);
    lane_dial(&pool->lanes[LDAP_LANE_SHARED]);
    return pool;
}

/* Sent operations end with the connection, waiting ones here. */
static void
end_lane(lane_t *lane)
{
    if (lane->dial)
        ldap_dialer_cancel(lane->pool->dialer, lane->dial);
    if (lane->conn)
        lane_close(lane);
    loop_timer_clear(lane->pool->loop, &lane->timer);
    while (lane->waiting.next != &lane->waiting)
        finish_task_as(lane->waiting.next, LDAP_NOT_SENT);
}

void
ldap_pool_free(ldap_pool_t *pool)
{
    if (!pool)
        return;
    pool->closing = true;
    for (size_t i = 0; i < LANES; i++)
        end_lane(&pool->lanes[i]);
    loop_timer_clear(pool->loop, &pool->soon);
    assert(pool->n == 0);
    for (ldap_task_t *task = pool->free_tasks, *next; task; task = next) {
        next = task->next;
        free(task);
    }
    free(pool);
}
