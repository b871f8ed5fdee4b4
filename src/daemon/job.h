/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/job.h - a request while a worker serves it. Internal to the worker's thread.
 *
 * A job takes the asks of its run, has pools, gates and timers carry them out, and gives the
 * replies back. When the run has ended whatever is still under way is called off, so that
 * nothing but HTTP holds on to the request's memory afterwards. */
#ifndef DAEMON_JOB_H
#define DAEMON_JOB_H

#include "daemon/log.h"
#include "daemon/snapshot.h"
#include "http/auth.h"
#include "http/server.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct job job_t;
typedef struct pending pending_t;
typedef struct pool_user pool_user_t;

/* A worker's pool of one directory; freed when its snapshot is gone and no job uses it. */
struct pool_user {
    pool_user_t *next;
    directory_t *directory;
    ldap_pool_t *pool;
    log_t *audit;
    size_t jobs;
    bool retired;
};

/* What jobs need of their worker. */
typedef struct {
    loop_t *loop;
    snapshot_t *snapshot;
    metrics_t *metrics;
    log_t log, audit;
    pool_user_t *pools;
    unsigned max_jobs;
    _Atomic unsigned n_jobs;
    uint64_t served; /* requests that have been answered */
    job_t *jobs;     /* that have been begun and not answered */
    pending_t *free_pending;
    bool draining;
} desk_t;

/* The hooks of http/server.h, with the desk as their argument. */
bool job_admit(void *arg, http_call_t *call, err_t *err);
void job_serve(void *arg, http_call_t *call);
void job_done(void *arg, http_call_t *call);

/* End every job now, with 503. */
void job_stop_all(desk_t *desk);
void job_free_pending(desk_t *desk);

#endif
