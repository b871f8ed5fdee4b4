/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/admin.h - /healthz, /readyz, /status and /metrics for the machine itself. */
#ifndef DAEMON_ADMIN_H
#define DAEMON_ADMIN_H

#include "base/err.h"
#include "daemon/metrics.h"
#include "daemon/snapshot.h"
#include "daemon/worker.h"
#include "http/pages.h"

/* What the pages are made from; the main thread's. */
typedef struct {
    snapshot_t *const *snapshot;
    worker_t *const *workers;
    unsigned n_workers;
    const metrics_t *metrics;
    const bool *draining;
    uint64_t reloads, failed_reloads;
    int64_t started_s, reloaded_s; /* when the configuration in service was taken over */
    int64_t refused_s;             /* when a later one was refused; 0: none was */
    char refused[ERR_DETAIL_SIZE]; /* why */
} admin_t;

/* A reload is over; `err` says why it was refused, NULL: it was not. */
void admin_note_reload(admin_t *admin, const err_t *err);

/* An http_page_fn whose argument is an admin_t. */
void admin_page(void *arg, str_t path, http_page_t *page);

#endif
