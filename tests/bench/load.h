/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load.h - one slice of load on one side: every lane works without a pause until the
 * time is over, and ends what it has begun. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "bench/latency.h"
#include "bench/work.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t n, errors;
    int64_t ns; /* from the first beginning to the last end */
    latency_t latency;
    char complaint[400]; /* the first error; empty: none */
} load_t;

/* HTTP/1.1 with one connection a lane, all driven by one thread with epoll. */
typedef struct load_http load_http_t;
load_http_t *load_http_new(const fixture_t *fixture, lane_t *lanes, unsigned n_lanes);
void load_http_free(load_http_t *http);
void load_http_run(load_http_t *http, work_t work, double seconds, load_t *load);

/* libldap's synchronous calls, one connection and one thread a lane. */
typedef struct load_ldap load_ldap_t;
typedef struct {
    const char *url, *bind_dn, *password;
} load_ldap_settings_t;
load_ldap_t *load_ldap_new(const fixture_t *fixture, const load_ldap_settings_t *settings,
                           lane_t *lanes, unsigned n_lanes);
void load_ldap_free(load_ldap_t *ldap);
void load_ldap_run(load_ldap_t *ldap, work_t work, double seconds, load_t *load);

/* Fill in the ids of the fixture's users and groups and the pages' filters. */
void load_ldap_look_up(const load_ldap_settings_t *settings, fixture_t *fixture);

/* One GET on a connection of its own, for metrics: the body. */
void load_http_fetch(int port, const char *path, char *to, size_t size);

#endif
