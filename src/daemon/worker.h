/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/worker.h - a thread that serves: one loop, one HTTP server, a pool per directory.
 *
 * A request stays on the worker that got its connection. Functions here are for the main thread
 * unless they say otherwise. */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "base/err.h"
#include "daemon/snapshot.h"
#include "http/server.h"

#include <stdbool.h>

typedef struct worker worker_t;

/* What all workers share. */
typedef struct {
    metrics_t *metrics;
    const http_settings_t *http;
    unsigned workers;
    bool heartbeat; /* turn at least every few seconds */
} worker_settings_t;

worker_t *worker_new(const worker_settings_t *settings, snapshot_t *snapshot, err_t *err)
    MUST_USE;
bool worker_start(worker_t *worker, err_t *err) MUST_USE;
/* Waits for the thread, which must have been told to end. NULL is allowed. */
void worker_free(worker_t *worker);

/* Serve this connection; takes the descriptor. */
void worker_deal_take(worker_t *worker, int fd, const struct sockaddr *address, socklen_t size);
/* Connections dealt and not yet closed. */
unsigned worker_connections(const worker_t *worker);
unsigned worker_in_flight(const worker_t *worker);
/* Monotonic milliseconds of the last turn. */
int64_t worker_turned(const worker_t *worker);

/* Use this snapshot from the next request on. */
void worker_adopt(worker_t *worker, snapshot_t *snapshot);
/* End once nothing is in flight. */
void worker_drain(worker_t *worker);
/* Answer what is in flight with 503 and end. */
void worker_stop(worker_t *worker);
bool worker_has_ended(const worker_t *worker);

/* Sums of the pools of one directory. */
typedef struct {
    uint64_t operations, connects, connect_failures, lost, late_writes, timeouts;
} worker_pool_counts_t;
void worker_add_pool_counts(worker_t *worker, const directory_t *directory,
                            worker_pool_counts_t *counts);

#endif
