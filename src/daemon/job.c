/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/job.h"

#include "base/clock.h"
#include "connector/connector.h"
#include "daemon/audit.h"

#include <assert.h>
#include <stdlib.h>

/* An ask that is being carried out. */
struct pending {
    pending_t *next, *prev; /* of the job; next also when free */
    job_t *job;
    ask_t *ask;
    ldap_task_t *task;
    loop_timer_t timer;
    loop_message_t granted;
    bool exhausted; /* an entry did not fit into the request's memory */
};

struct job {
    job_t *next, *prev; /* of the desk, while the run has not ended */
    desk_t *desk;
    http_call_t *call;
    snapshot_t *snapshot;
    const service_t *service;
    const auth_token_t *token;
    pool_user_t *pool;
    exchange_t *exchange;
    run_t *run;
    loop_timer_t deadline;
    pending_t pending; /* head of the ring */
    bool counted, changes;
    unsigned ldap_now; /* operations under way */
    int64_t ldap_since_us, ldap_us;
};

static void pump(job_t *job);

/* --- lists -------------------------------------------------------------------------------- */

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
enlist(job_t *job)
{
    desk_t *desk = job->desk;

    job->next = desk->jobs;
    job->prev = NULL;
    if (desk->jobs)
        desk->jobs->prev = job;
    desk->jobs = job;
}

static void
delist(job_t *job)
{
    if (job->next)
        job->next->prev = job->prev;
    if (job->prev)
        job->prev->next = job->next;
    else
        job->desk->jobs = job->next;
}

/* --- the end of a run --------------------------------------------------------------------- */

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

static void
finish(void *arg)
{
    job_t *job = arg;

    job->call->response = *exchange_finish(job->exchange);
}

static void
answer(job_t *job)
{
    err_t err = ERR_INIT;

    if (!arena_guard(job->call->mem, finish, job)) {
        err_set(&err, ERR_UNAVAILABLE, "the response needs more memory than it may have");
        http_refuse(job->call, &err);
    }
    http_answer(job->call);
}

static void
end_job(job_t *job)
{
    while (job->pending.next != &job->pending)
        call_off(job->pending.next);
    loop_timer_clear(job->desk->loop, &job->deadline);
    delist(job);
    answer(job);
}

static void
cancel(job_t *job, const char *why)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "%s", why);
    run_cancel(job->run, &err);
}

static void
deadline_passed(loop_timer_t *timer)
{
    job_t *job = CONTAINER_OF(timer, job_t, deadline);

    cancel(job, job->changes ? "the directory did not answer in time; whether the change was "
                               "made is not known"
                             : "the directory did not answer in time");
    end_job(job);
}

void
job_stop_all(desk_t *desk)
{
    while (desk->jobs) {
        job_t *job = desk->jobs;

        cancel(job, "the bridge is shutting down");
        end_job(job);
    }
}

/* --- carrying out asks -------------------------------------------------------------------- */

static audit_t
audit_of(const job_t *job)
{
    return (audit_t){.log = &job->desk->audit,
                     .fd = job->snapshot->audit_fd,
                     .call = job->call,
                     .connector =
                         job->service ? job->service->config->name : job->call->route.connector,
                     .token = job->token};
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
        cancel(job, "the directory's answer needs more memory than a request may have");
    else
        run_give(job->run, ask, reply);
    pump(job);
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
    if (!arena_guard(pending->job->call->mem, show_entry, &seen)) {
        pending->exhausted = true;
        return false;
    }
    return seen.more;
}

static bool
begin_ldap(job_t *job, pending_t *pending)
{
    ask_t *ask = pending->ask;

    if (ldap_op_is_write(&ask->op) && !job->changes) {
        audit_t audit = audit_of(job);

        job->changes = true;
        audit_intent(&audit, &ask->op);
    }
    pending->task =
        ldap_pool_send(job->pool->pool, &ask->op, job->run->mem, job->deadline.at_ms,
                       ask->each ? on_ldap_entry : NULL, on_ldap_done, pending);
    if (!pending->task)
        return false;
    ldap_begins(job);
    return true;
}

static void
on_pause_over(loop_timer_t *timer)
{
    pending_t *pending = CONTAINER_OF(timer, pending_t, timer);
    job_t *job = pending->job;
    ask_t *ask = pending->ask;

    remove_pending(pending);
    run_give(job->run, ask, NULL);
    pump(job);
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
    pending_t *pending = CONTAINER_OF(message, pending_t, granted);
    job_t *job = pending->job;
    ask_t *ask = pending->ask;

    remove_pending(pending);
    run_give(job->run, ask, NULL);
    pump(job);
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
        cancel(job, "no memory for this request");
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

static void
pump(job_t *job)
{
    ask_t *ask;

    while (!job->run->ended && (ask = run_take(job->run)))
        begin_ask(job, ask);
    if (job->run->ended)
        end_job(job);
}

/* --- beginning ---------------------------------------------------------------------------- */

static bool
is_sane_id(str_t id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return id.n > 0 && id.n <= 64;
}

static str_t
request_id(desk_t *desk, http_call_t *call)
{
    str_t given = http_header(call, "X-Request-Id");

    if (is_sane_id(given))
        return str_dup(call->mem, given);
    return str_printf(call->mem, "%08x%08llx", desk->id_prefix,
                      (unsigned long long)++desk->id_last);
}

/* Unknown connector and bad token answer alike. */
static bool
authenticate(job_t *job, err_t *err)
{
    const http_call_t *call = job->call;
    const config_t *config = job->snapshot->config;
    const service_t *service = snapshot_find(job->snapshot, call->route.connector);
    str_t name = service ? service->config->name : STR("");

    job->token =
        auth_check(&config->tokens, http_header(call, "Authorization"), name, clock_real_s());
    if (service && job->token) {
        job->service = service;
        return true;
    }
    job->token = NULL;
    return err_set(err, ERR_UNAUTHORIZED, "a bearer token that is valid here is needed");
}

static bool
find_pool(job_t *job, err_t *err)
{
    for (pool_user_t *user = job->desk->pools; user; user = user->next) {
        if (user->directory == job->service->directory && !user->retired) {
            job->pool = user;
            return true;
        }
    }
    return err_set(err, ERR_UNAVAILABLE, "no connection to the directory could be set up");
}

bool
job_admit(void *arg, http_call_t *call, err_t *err)
{
    desk_t *desk = arg;
    job_t *job = arena_new_of(call->mem, job_t);

    call->request.request_id = request_id(desk, call);
    job->desk = desk;
    job->call = call;
    job->pending.next = job->pending.prev = &job->pending;
    job->deadline.fire = deadline_passed;
    job->snapshot = snapshot_ref(desk->snapshot);
    call->user = job;
    call->close = desk->draining;
    call->max_body = (size_t)job->snapshot->config->limits.body;
    call->public_url = job->snapshot->config->public_url;
    if (!authenticate(job, err)) {
        audit_t audit = audit_of(job);

        audit_refused(&audit);
        return false;
    }
    if (job->service->config->paused)
        return err_set(err, ERR_UNAVAILABLE, "the connector is paused");
    if (desk->n_jobs >= desk->max_jobs)
        return err_set(err, ERR_UNAVAILABLE, "too many requests are in flight");
    if (!find_pool(job, err))
        return false;
    job->pool->jobs++;
    return true;
}

static void
begin(void *arg)
{
    job_t *job = arg;

    job->exchange = exchange_begin(job->call->mem, job->service->bridge, &job->call->request,
                                   clock_real_s());
}

/* It counts from here, as those who send slowly shall take nobody's place. */
static bool
begin_counted(job_t *job, err_t *err)
{
    desk_t *desk = job->desk;

    if (desk->n_jobs >= desk->max_jobs)
        return err_set(err, ERR_UNAVAILABLE, "too many requests are in flight");
    job->counted = true;
    desk->n_jobs++;
    if (arena_guard(job->call->mem, begin, job))
        return true;
    job->exchange = NULL;
    return err_set(err, ERR_UNAVAILABLE, "the request needs more memory than it may have");
}

void
job_serve(void *arg, http_call_t *call)
{
    desk_t *desk = arg;
    job_t *job = call->user;
    int64_t begun_ms = call->started_us / 1000;
    err_t err = ERR_INIT;

    if (!begin_counted(job, &err)) {
        http_refuse(call, &err);
        http_answer(call);
        return;
    }
    job->run = exchange_run(job->exchange);
    enlist(job);
    /* What reading the body took counts, but leaves time to answer. */
    if (begun_ms < loop_now(desk->loop) - 1000)
        begun_ms = loop_now(desk->loop) - 1000;
    loop_timer_set(desk->loop, &job->deadline,
                   begun_ms + job->snapshot->config->limits.request_timeout_ms);
    pump(job);
}

/* --- the end ------------------------------------------------------------------------------ */

static const char *
level_of(int status)
{
    if (status >= 500)
        return "error";
    return status >= 400 || status == 0 ? "warning" : "info";
}

static str_t
path_template(const http_call_t *call)
{
    static const str_t fixed[] = {
        [ROUTE_RESOURCES] = STR_INIT("/"),
        [ROUTE_RESOURCE] = STR_INIT("/{id}"),
        [ROUTE_SCHEMAS] = STR_INIT("/Schemas"),
        [ROUTE_RESOURCE_TYPES] = STR_INIT("/ResourceTypes"),
        [ROUTE_SERVICE_PROVIDER_CONFIG] = STR_INIT("/ServiceProviderConfig"),
        [ROUTE_ME] = STR_INIT("/Me"),
        [ROUTE_UNKNOWN] = STR_INIT("/?"),
    };

    return fixed[call->route.kind];
}

static void
log_request(desk_t *desk, const job_t *job, const http_call_t *call, int64_t us,
            const exchange_facts_t *facts)
{
    log_t *log = &desk->log;
    char path[160];
    str_t endpoint = call->route.endpoint, template = path_template(call);
    bool named = call->route.kind == ROUTE_RESOURCES || call->route.kind == ROUTE_RESOURCE;

    log_begin(log, level_of(call->response.status), "request");
    log_add(log, "id", call->request.request_id);
    if (job && job->service)
        log_add(log, "connector", job->service->config->name);
    if (job && job->token)
        log_add(log, "token", job->token->name);
    log_add_c(log, "method", method_name(call->request.method));
    if (!call->routed) {
        log_add_c(log, "path", "?");
    } else if (named && endpoint.n < 100) {
        size_t n = 0;

        path[n++] = '/';
        memcpy(path + n, endpoint.p, endpoint.n);
        n += endpoint.n;
        if (call->route.kind == ROUTE_RESOURCE) {
            memcpy(path + n, template.p, template.n);
            n += template.n;
        }
        log_add(log, "path", str_from(path, n));
    } else {
        log_add(log, "path", template);
    }
    if (desk->snapshot->config->log == CONFIG_LOG_DEBUG)
        log_add(log, "filter", call->request.query.filter);
    log_add_int(log, "status", call->response.status);
    log_add_us(log, "ms", us);
    if (job && job->run) {
        log_add_us(log, "ldap_ms", job->ldap_us);
        log_add_int(log, "ldap_ops", facts->operations);
        log_add_c(log, "what", facts->what);
        if (facts->ignored)
            log_add_int(log, "ignored", (int64_t)facts->ignored);
    }
    log_add_c(log, "error", facts->error_detail);
    log_end(log);
}

void
job_done(void *arg, http_call_t *call)
{
    desk_t *desk = arg;
    job_t *job = call->user;
    int64_t us = clock_monotonic_us() - call->started_us;
    exchange_facts_t facts = {.target_dn = STR(""), .error_detail = call->detail};
    config_log_t level = desk->snapshot->config->log;

    if (job && job->exchange)
        facts = exchange_facts(job->exchange);
    if (level != CONFIG_LOG_WARNING || call->response.status >= 400)
        log_request(desk, job, call, us, &facts);
    metrics_count(job && job->service ? job->service->metrics : metrics_refused(desk->metrics),
                  call->request.method, call->response.status, us, facts.operations);
    if (!job)
        return;
    if (job->changes) {
        audit_t audit = audit_of(job);

        audit_result(&audit, facts.target_dn, us, facts.error_detail);
    }
    if (job->pool)
        job->pool->jobs--;
    if (job->counted)
        desk->n_jobs--;
    snapshot_unref(job->snapshot);
}
