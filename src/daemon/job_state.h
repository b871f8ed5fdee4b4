/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/job_state.h - what the rooms of a job share: its life (job.c), the asks that are being
 * carried out (pending.c), the line it leaves (access.c). */
#ifndef DAEMON_JOB_STATE_H
#define DAEMON_JOB_STATE_H

#include "daemon/audit.h"
#include "daemon/job.h"

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
    bool counted;
    unsigned ldap_now; /* operations under way */
    int64_t ldap_since_us, ldap_us;
};

/* job.c: the run has ended: answer, and call off what is under way. */
void job_end(job_t *job);
/* job.c: end the run with 503; then job_end. */
void job_cancel(job_t *job, const char *why);
/* job.c: who asks for what, for the audit log. */
audit_t job_audit(const job_t *job);

/* pending.c: carry out what the run asks, until it waits or has ended; then job_end. */
void job_pump(job_t *job);
/* pending.c: nobody waits for any of it any more. */
void job_call_off_all(job_t *job);

/* access.c: the request's line, unless the configuration asks for less. `job` is NULL when it was refused
 * before it was anybody's. */
void access_log(desk_t *desk, const job_t *job, const http_call_t *call, int64_t us,
                const exchange_facts_t *facts);

#endif
