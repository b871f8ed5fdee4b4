/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/worker.h"

#include "base/clock.h"
#include "daemon/audit.h"
#include "daemon/job.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    HEARTBEAT_MS = 2000,
    LAST_WORDS_MS = 2000, /* for sending what was answered at the end */
    REST_MS = 1000        /* without a request, after which memory is given back */
};

/* A connection, or another snapshot, on its way to the worker. */
typedef struct {
    loop_message_t message;
    worker_t *worker;
    int fd;
    struct sockaddr_storage address;
    socklen_t size;
} dealt_t;

typedef struct {
    loop_message_t message;
    worker_t *worker;
    snapshot_t *snapshot;
} adoption_t;

struct worker {
    desk_t desk;
    worker_settings_t settings;
    http_server_t *http;
    pthread_t thread;
    bool started;
    loop_message_t drain, stop;
    bool drain_posted, stop_posted; /* the main thread's */
    loop_timer_t rest;
    uint64_t served_at_rest;
    bool sweep; /* pools may be left over from the snapshot before */
    bool ending;
    int64_t end_by_ms;
    _Atomic bool ended;
    _Atomic unsigned connections;
    _Atomic int64_t turned_ms;
    pthread_mutex_t pools_lock; /* changes of the list, and readers of other threads */
};

/* --- pools -------------------------------------------------------------------------------- */

static void
on_late_write(void *arg, int code)
{
    const pool_user_t *user = arg;

    audit_late(user->audit, -1, user->directory->name, code);
}

static bool
add_pool(worker_t *worker, directory_t *directory, const ldap_pool_limits_t *limits, err_t *err)
{
    pool_user_t *user = calloc(1, sizeof(*user));

    if (!user)
        return err_set(err, ERR_UNAVAILABLE, "no memory for a pool");
    user->audit = &worker->desk.audit;
    user->directory = directory;
    user->pool =
        ldap_pool_new(worker->desk.loop, directory->dialer, limits, on_late_write, user, err);
    if (!user->pool) {
        free(user);
        return false;
    }
    directory_ref(directory);
    pthread_mutex_lock(&worker->pools_lock);
    user->next = worker->desk.pools;
    worker->desk.pools = user;
    pthread_mutex_unlock(&worker->pools_lock);
    return true;
}

static void
free_pool(pool_user_t *user)
{
    ldap_pool_free(user->pool);
    directory_unref(user->directory);
    free(user);
}

/* Those of another snapshot, once no job uses them; all of them at the end. */
static void
drop_pools(worker_t *worker, bool all)
{
    worker->sweep = false;
    for (pool_user_t **at = &worker->desk.pools; *at;) {
        pool_user_t *user = *at;

        if (!all && (!user->retired || user->jobs > 0)) {
            worker->sweep |= user->retired;
            at = &user->next;
            continue;
        }
        pthread_mutex_lock(&worker->pools_lock);
        *at = user->next;
        pthread_mutex_unlock(&worker->pools_lock);
        free_pool(user);
    }
}

static pool_user_t *
find_pool(const worker_t *worker, const directory_t *directory)
{
    pool_user_t *user = worker->desk.pools;

    while (user && user->directory != directory)
        user = user->next;
    return user;
}

/* Requests on a directory for which this failed are answered 503. */
static bool
use_directories(worker_t *worker, const snapshot_t *snapshot, err_t *err)
{
    bool good = true;

    for (pool_user_t *user = worker->desk.pools; user; user = user->next)
        user->retired = true;
    for (size_t i = 0; i < snapshot->n_directories; i++) {
        pool_user_t *user = find_pool(worker, snapshot->directories[i]);

        if (user)
            user->retired = false;
        else if (!add_pool(worker, snapshot->directories[i], &snapshot->config->limits.ldap,
                           err))
            good = false;
    }
    worker->sweep = true;
    return good;
}

/* --- messages ----------------------------------------------------------------------------- */

static void
on_dealt(loop_message_t *message)
{
    dealt_t *dealt = CONTAINER_OF(message, dealt_t, message);
    worker_t *worker = dealt->worker;
    union {
        struct sockaddr_storage *any;
        const struct sockaddr *plain;
    } address = {.any = &dealt->address};

    if (worker->ending ||
        !http_server_add_take(worker->http, dealt->fd, address.plain, dealt->size)) {
        if (worker->ending)
            close(dealt->fd);
        atomic_fetch_sub(&worker->connections, 1);
    }
    free(dealt);
}

void
worker_deal_take(worker_t *worker, int fd, const struct sockaddr *address, socklen_t size)
{
    dealt_t *dealt = calloc(1, sizeof(*dealt));

    if (!dealt || size > sizeof(dealt->address)) {
        close(fd);
        free(dealt);
        return;
    }
    dealt->message.deliver = on_dealt;
    dealt->worker = worker;
    dealt->fd = fd;
    memcpy(&dealt->address, address, size);
    dealt->size = size;
    atomic_fetch_add(&worker->connections, 1);
    loop_post(worker->desk.loop, &dealt->message);
}

static void
on_adoption(loop_message_t *message)
{
    adoption_t *adoption = CONTAINER_OF(message, adoption_t, message);
    worker_t *worker = adoption->worker;
    snapshot_t *before = worker->desk.snapshot;
    err_t err = ERR_INIT;

    worker->desk.snapshot = adoption->snapshot;
    if (!use_directories(worker, adoption->snapshot, &err))
        log_say(&worker->desk.log, "error", "worker", "error", err.detail);
    snapshot_unref(before);
    free(adoption);
}

void
worker_adopt(worker_t *worker, snapshot_t *snapshot)
{
    adoption_t *adoption = calloc(1, sizeof(*adoption));

    if (!adoption)
        return; /* it goes on with the one it has */
    adoption->message.deliver = on_adoption;
    adoption->worker = worker;
    adoption->snapshot = snapshot_ref(snapshot);
    loop_post(worker->desk.loop, &adoption->message);
}

static void
on_drain(loop_message_t *message)
{
    CONTAINER_OF(message, worker_t, drain)->desk.draining = true;
}

static void
on_stop(loop_message_t *message)
{
    worker_t *worker = CONTAINER_OF(message, worker_t, stop);

    worker->desk.draining = worker->ending = true;
    worker->end_by_ms = clock_monotonic_ms() + LAST_WORDS_MS;
    job_stop_all(&worker->desk);
}

/* A message is in one mailbox once. */
static void
post_once(worker_t *worker, loop_message_t *message, bool *posted)
{
    if (!*posted)
        loop_post(worker->desk.loop, message);
    *posted = true;
}

void
worker_drain(worker_t *worker)
{
    post_once(worker, &worker->drain, &worker->drain_posted);
}

void
worker_stop(worker_t *worker)
{
    post_once(worker, &worker->stop, &worker->stop_posted);
}

/* --- rest --------------------------------------------------------------------------------- */

/* The sanitizers have an allocator of their own, and glibc's fails when it meets threads that it does not know. */
static void
give_memory_back(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    malloc_trim(0);
#endif
}

/* What a burst of large requests took is not kept for the next one. A worker that rests sleeps:
 * the timer is set by what is served. */
static void
on_rest(loop_timer_t *timer)
{
    worker_t *worker = CONTAINER_OF(timer, worker_t, rest);

    if (worker->desk.served == worker->served_at_rest && worker->desk.n_jobs == 0)
        give_memory_back();
    else
        loop_timer_set(worker->desk.loop, timer, loop_now(worker->desk.loop) + REST_MS);
    worker->served_at_rest = worker->desk.served;
}

static void
plan_rest(worker_t *worker)
{
    if (!worker->rest.set && worker->desk.served != worker->served_at_rest)
        loop_timer_set(worker->desk.loop, &worker->rest, loop_now(worker->desk.loop) + REST_MS);
}

/* --- the thread --------------------------------------------------------------------------- */

static void
on_closed(void *arg)
{
    desk_t *desk = arg;

    atomic_fetch_sub(&CONTAINER_OF(desk, worker_t, desk)->connections, 1);
}

static const http_hooks_t hooks = {
    .admit = job_admit, .serve = job_serve, .done = job_done, .closed = on_closed};

/* Requests that were dealt in the meantime are answered before the end. */
static bool
is_over(const worker_t *worker)
{
    if (!worker->desk.draining)
        return false;
    return http_server_calls(worker->http) == 0 ||
           (worker->ending && clock_monotonic_ms() >= worker->end_by_ms);
}

static int
bounded(const worker_t *worker, int wait_ms)
{
    int most = worker->desk.draining ? 50 : HEARTBEAT_MS;

    if (!worker->settings.heartbeat && !worker->desk.draining)
        return wait_ms;
    return wait_ms < 0 || wait_ms > most ? most : wait_ms;
}

static void *
run(void *arg)
{
    worker_t *worker = arg;

    while (!is_over(worker)) {
        loop_turn(worker->desk.loop, bounded(worker, http_server_wait_ms(worker->http)));
        http_server_run(worker->http);
        for (pool_user_t *user = worker->desk.pools; user; user = user->next)
            ldap_pool_flush(user->pool);
        if (worker->sweep)
            drop_pools(worker, false);
        log_flush(&worker->desk.log);
        plan_rest(worker);
        atomic_store_explicit(&worker->turned_ms, loop_now(worker->desk.loop),
                              memory_order_relaxed);
    }
    job_stop_all(&worker->desk);
    loop_timer_clear(worker->desk.loop, &worker->rest);
    atomic_store(&worker->ended, true);
    return NULL;
}

bool
worker_start(worker_t *worker, err_t *err)
{
    if (pthread_create(&worker->thread, NULL, run, worker) != 0)
        return err_set(err, ERR_UNAVAILABLE, "cannot start a worker's thread");
    worker->started = true;
    return true;
}

/* --- life --------------------------------------------------------------------------------- */

static bool
init(worker_t *worker, snapshot_t *snapshot, err_t *err)
{
    desk_t *desk = &worker->desk;

    desk->loop = loop_new(err);
    if (!desk->loop)
        return false;
    worker->http = http_server_new(desk->loop, worker->settings.http, &hooks, desk, err);
    if (!worker->http)
        return false;
    desk->snapshot = snapshot_ref(snapshot);
    return use_directories(worker, snapshot, err);
}

worker_t *
worker_new(const worker_settings_t *settings, snapshot_t *snapshot, err_t *err)
{
    worker_t *worker = calloc(1, sizeof(*worker));
    int64_t in_flight = snapshot->config->limits.in_flight;

    if (!worker) {
        err_set(err, ERR_UNAVAILABLE, "no memory for a worker");
        return NULL;
    }
    pthread_mutex_init(&worker->pools_lock, NULL);
    worker->settings = *settings;
    worker->drain.deliver = on_drain;
    worker->stop.deliver = on_stop;
    worker->rest.fire = on_rest;
    worker->turned_ms = clock_monotonic_ms();
    worker->desk.metrics = settings->metrics;
    worker->desk.max_jobs = (unsigned)((in_flight + settings->workers - 1) / settings->workers);
    log_init(&worker->desk.log, STDERR_FILENO);
    log_init(&worker->desk.audit, STDERR_FILENO);
    if (init(worker, snapshot, err))
        return worker;
    worker_free(worker);
    return NULL;
}

/* Messages that came after the last turn are delivered, so that what they carry is freed. */
void
worker_free(worker_t *worker)
{
    if (!worker)
        return;
    if (worker->started)
        pthread_join(worker->thread, NULL);
    worker->ending = true;
    if (worker->desk.loop)
        loop_turn(worker->desk.loop, 0);
    http_server_free(worker->http);
    drop_pools(worker, true);
    job_free_pending(&worker->desk);
    log_flush(&worker->desk.log);
    snapshot_unref(worker->desk.snapshot);
    loop_free(worker->desk.loop);
    pthread_mutex_destroy(&worker->pools_lock);
    free(worker);
}

unsigned
worker_connections(const worker_t *worker)
{
    return atomic_load_explicit(&worker->connections, memory_order_relaxed);
}

unsigned
worker_in_flight(const worker_t *worker)
{
    return atomic_load_explicit(&worker->desk.n_jobs, memory_order_relaxed);
}

int64_t
worker_turned(const worker_t *worker)
{
    return atomic_load_explicit(&worker->turned_ms, memory_order_relaxed);
}

bool
worker_has_ended(const worker_t *worker)
{
    return atomic_load(&worker->ended);
}

void
worker_add_pool_counts(worker_t *worker, const directory_t *directory,
                       worker_pool_counts_t *counts)
{
    pthread_mutex_lock(&worker->pools_lock);
    for (const pool_user_t *user = worker->desk.pools; user; user = user->next) {
        const ldap_pool_stats_t *stats = ldap_pool_stats(user->pool);

        if (user->directory != directory)
            continue;
        counts->operations += stats->operations;
        counts->connects += stats->connects;
        counts->connect_failures += stats->connect_failures;
        counts->lost += stats->lost;
        counts->late_writes += stats->late_writes;
        counts->timeouts += stats->timeouts;
    }
    pthread_mutex_unlock(&worker->pools_lock);
}
