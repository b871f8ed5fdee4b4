/* SPDX-License-Identifier: Apache-2.0 */
/* A job's life: admitted, served, ended. */
#include "daemon/job_state.h"

#include "base/clock.h"
#include "connector/connector.h"

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

audit_t
job_audit(const job_t *job)
{
    return (audit_t){.log = &job->desk->audit,
                     .fd = job->snapshot->audit_fd,
                     .call = job->call,
                     .request = &job->call->request,
                     .connector =
                         job->service ? job->service->config->name : job->call->route.connector,
                     .token = job->token};
}

/* --- the end of a run --------------------------------------------------------------------- */

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
        exchange_tell_doubt(job->exchange, &err);
        http_refuse(job->call, &err);
    }
    http_answer(job->call);
}

void
job_end(job_t *job)
{
    job_call_off_all(job);
    loop_timer_clear(job->desk->loop, &job->deadline);
    delist(job);
    answer(job);
}

void
job_cancel(job_t *job, const char *why)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "%s", why);
    run_cancel(job->run, &err);
}

static void
deadline_passed(loop_timer_t *timer)
{
    job_t *job = CONTAINER_OF(timer, job_t, deadline);

    job_cancel(job, "the directory did not answer in time");
    job_end(job);
}

void
job_stop_all(desk_t *desk)
{
    while (desk->jobs) {
        job_t *job = desk->jobs;

        job_cancel(job, "the bridge is shutting down");
        job_end(job);
    }
}

/* --- beginning ---------------------------------------------------------------------------- */

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

    job->desk = desk;
    job->call = call;
    job->pending.next = job->pending.prev = &job->pending;
    job->deadline.fire = deadline_passed;
    job->snapshot = snapshot_ref(desk->snapshot);
    call->user = job;
    call->close = desk->draining;
    call->max_body = call->route.kind == ROUTE_BULK
                         ? job->snapshot->config->limits.connector.max_bulk_body
                         : (size_t)job->snapshot->config->limits.body;
    call->public_url = job->snapshot->config->public_url;
    if (!authenticate(job, err)) {
        audit_t audit = job_audit(job);

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

    connector_set_features(job->service->bridge,
                           ldap_dialer_features(job->service->directory->dialer));
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

/* Each operation of a bulk request is a change of its own in the audit log. */
static void
operation_ended(void *arg, const exchange_t *operation)
{
    const job_t *job = arg;
    exchange_facts_t facts = exchange_facts(operation);
    audit_t audit = job_audit(job);

    if (!facts.written_us && !facts.joined)
        return;
    audit.joined = facts.joined && !facts.written_us;
    audit.request = exchange_request(operation);
    audit_result(&audit, facts.target_dn, exchange_response(operation)->status,
                 facts.written_us ? clock_monotonic_us() - facts.written_us : 0,
                 facts.error_detail);
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
    exchange_watch(job->exchange, operation_ended, job);
    enlist(job);
    /* What reading the body took counts, but leaves time to answer. */
    if (begun_ms < loop_now(desk->loop) - 1000)
        begun_ms = loop_now(desk->loop) - 1000;
    loop_timer_set(desk->loop, &job->deadline,
                   begun_ms + job->snapshot->config->limits.request_timeout_ms);
    job_pump(job);
}

/* --- the end ------------------------------------------------------------------------------ */

void
job_done(void *arg, http_call_t *call)
{
    desk_t *desk = arg;
    job_t *job = call->user;
    int64_t us = clock_monotonic_us() - call->started_us;
    exchange_facts_t facts = {.target_dn = STR(""), .error_detail = call->detail};

    if (job && job->exchange)
        facts = exchange_facts(job->exchange);
    access_log(desk, job, call, us, &facts);
    metrics_count(job && job->service ? job->service->metrics : metrics_refused(desk->metrics),
                  call->request.method, call->response.status, us, facts.operations);
    if (!job)
        return;
    if (facts.written_us || facts.joined) {
        audit_t audit = job_audit(job);

        audit.joined = facts.joined && !facts.written_us;
        audit_result(&audit, facts.target_dn, call->response.status, us, facts.error_detail);
    }
    if (job->pool)
        job->pool->jobs--;
    if (job->counted)
        desk->n_jobs--;
    desk->served++;
    snapshot_unref(job->snapshot);
}
