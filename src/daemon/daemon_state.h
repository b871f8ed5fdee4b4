/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/daemon_state.h - what the rooms of the daemon share: its life (daemon.c), the configuration in service
 * (daemon_reload.c), connections on their way to a worker (daemon_accept.c). */
#ifndef DAEMON_DAEMON_STATE_H
#define DAEMON_DAEMON_STATE_H

#include "daemon/admin.h"
#include "daemon/daemon.h"
#include "daemon/log.h"

typedef struct {
    const daemon_options_t *options;
    loop_t *loop;
    log_t log;
    metrics_t *metrics;
    snapshot_t *snapshot;
    worker_t **workers;
    unsigned n_workers;
    http_settings_t http;
    arena_budget_t budget; /* of all requests */
    char listen_name[64], admin_name[64];
    loop_source_t listener, signals;
    loop_timer_t accept_again, watchdog, drain_by;
    http_pages_t *pages;
    admin_t admin;
    bool draining, stopping;
    int64_t watchdog_ms;
} daemon_t;

/* daemon.c: a line of the log about the daemon itself; `detail` may be NULL. */
void daemon_say(daemon_t *daemon, const char *level, const char *event, const char *detail);

/* daemon_reload.c: the file as a snapshot in service; NULL when it is bad, which is said. */
snapshot_t *daemon_load(daemon_t *daemon, err_t *err);
/* daemon_reload.c: a bad file leaves the old one in service. */
void daemon_reload(daemon_t *daemon);

/* daemon_accept.c: open the socket, or take the one that was passed on. */
bool daemon_open_listener(daemon_t *daemon, err_t *err);
/* daemon_accept.c: take connections from now on, and no more. */
bool daemon_accept(daemon_t *daemon, err_t *err);
void daemon_accept_no_more(daemon_t *daemon);

#endif
