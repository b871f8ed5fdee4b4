/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/snapshot.h - a configuration in service: its connectors and dialers.
 *
 * Workers adopt a new snapshot by message; requests keep the one they began with. Snapshots and
 * directories are counted from all threads and freed by the main one, as ending a dialer may
 * take a while. A directory whose section did not change is the same in both snapshots, and with
 * it the connections that pools have. */
#ifndef DAEMON_SNAPSHOT_H
#define DAEMON_SNAPSHOT_H

#include "base/loop.h"
#include "daemon/config.h"
#include "daemon/metrics.h"
#include "ldap/pool.h"

#include <stdatomic.h>

typedef struct {
    _Atomic unsigned refs;
    loop_t *main;
    loop_message_t unused;
    ldap_dialer_t *dialer;
    str_t name, identity;
    char text[]; /* of both */
} directory_t;

/* A connector of the configuration, in service. */
typedef struct {
    const config_connector_t *config;
    connector_t *bridge;
    directory_t *directory;
    metrics_series_t *metrics;
} service_t;

typedef struct {
    _Atomic unsigned refs;
    loop_t *main;
    loop_message_t unused;
    arena_t *mem;
    const config_t *config;
    service_t *services;
    size_t n_services;
    directory_t **directories;
    size_t n_directories;
    int audit_fd; /* -1: standard error */
} snapshot_t;

/* Put a configuration into service; `mem` holds it and is taken, also on failure. Directories
 * that `before` (may be NULL) has are shared with it. One reference is the caller's. */
snapshot_t *snapshot_new_take(arena_t *mem, const config_t *config, snapshot_t *before,
                              loop_t *main, metrics_t *metrics, err_t *err) MUST_USE;

snapshot_t *snapshot_ref(snapshot_t *snapshot);
void snapshot_unref(snapshot_t *snapshot); /* NULL is allowed */
directory_t *directory_ref(directory_t *directory);
void directory_unref(directory_t *directory);

/* The connector of that name, or the default one for the empty name; NULL: none. */
const service_t *snapshot_find(const snapshot_t *snapshot, str_t name);

#endif
