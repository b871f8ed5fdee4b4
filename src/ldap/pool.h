/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/pool.h - a worker's connections to one directory, and the thread that dials them.
 *
 * A pool belongs to one loop. It keeps a shared connection that multiplexes everything by
 * message id, and a second one, opened on demand, for LDAP_LANE_BULK. A lost connection is
 * dialled anew by the directory's dialer thread, with a pause that grows from 100 ms to 5 s
 * while dialling fails. Operations that come while the first dial, or the first after a loss,
 * runs wait for it until their deadline; once a dial has failed they are answered LDAP_NOT_SENT
 * at once, until one succeeds. A connection on which three operations in a row reach their
 * deadline, and nothing at all is answered, counts as lost. */
#ifndef LDAP_POOL_H
#define LDAP_POOL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/loop.h"
#include "ldap/conn.h"
#include "ldap/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ldap_dialer ldap_dialer_t;
typedef struct ldap_pool ldap_pool_t;
typedef struct ldap_task ldap_task_t;

/* Start the directory's dialer thread. The settings are copied. */
ldap_dialer_t *ldap_dialer_new(const ldap_settings_t *settings, err_t *err) MUST_USE;
/* All pools must be gone. Does not wait for a dial in progress, whose thread ends by itself. */
void ldap_dialer_free(ldap_dialer_t *dialer);
/* Whether no dialer that was freed in the middle of a dial is still at it. While one is, the process must end
 * without the exit handlers, which would take libldap away under it. */
bool ldap_dialers_have_ended(void);
/* What the last dial said: true when it succeeded or none was needed yet. Thread-safe. */
bool ldap_dialer_is_up(ldap_dialer_t *dialer, err_t *ret_last_error);
/* What the server of the last dial said it can do; 0: nothing is known yet. Thread-safe. */
ldap_features_t ldap_dialer_features(const ldap_dialer_t *dialer);

/* Counters for metrics; written by the pool's thread, read by any (relaxed atomics). */
typedef struct {
    _Atomic uint64_t operations, connects, connect_failures, lost, late_writes, timeouts;
} ldap_pool_stats_t;

typedef struct {
    size_t max_outstanding; /* operations in flight or waiting; beyond: LDAP_NOT_SENT at once */
    int operation_timeout_ms;
    int idle_timeout_ms; /* an unused bulk connection is closed after this */
} ldap_pool_limits_t;

/* A late answer to a write that nobody waits for any more. */
typedef void ldap_pool_late_fn(void *arg, int code);

ldap_pool_t *ldap_pool_new(loop_t *loop, ldap_dialer_t *dialer,
                           const ldap_pool_limits_t *limits, ldap_pool_late_fn *late,
                           void *late_arg, err_t *err) MUST_USE;
/* Outstanding operations end with LDAP_UNKNOWN or LDAP_NOT_SENT. */
void ldap_pool_free(ldap_pool_t *pool);
const ldap_pool_stats_t *ldap_pool_stats(const ldap_pool_t *pool);

/* Perform `op`; everything it points at must live until `done` is called or the operation is
 * cancelled. `done` is always called by the loop, never from within this call; at the latest at
 * `deadline_ms` (monotonic; also bounded by operation_timeout_ms), with LDAP_UNKNOWN when it was
 * sent and LDAP_NOT_SENT when not. NULL: no memory or too many outstanding; `done` will not be
 * called. `done` and `each` may send and cancel, but not free the pool. */
ldap_task_t *ldap_pool_send(ldap_pool_t *pool, const ldap_op_t *op, arena_t *mem,
                            int64_t deadline_ms, ldap_each_fn *each, ldap_done_fn *done,
                            void *arg) MUST_USE;
/* Write what was sent, and take what is buffered. It happens by itself in the next turn of the loop; a
 * caller who flushes before it waits spares that turn. May call `done`. */
void ldap_pool_flush(ldap_pool_t *pool);
/* The asker is gone: `done` will not be called. A search is abandoned; a write runs on. */
void ldap_pool_cancel(ldap_pool_t *pool, ldap_task_t *task);

/* Connected, or dialling and not failed yet. */
bool ldap_pool_is_up(const ldap_pool_t *pool);

#endif
