/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/config.h - the configuration file, read and checked into one immutable value.
 *
 * Reading has no side effects but the arena's: no sockets, threads or connectors are made. Every
 * mistake of the file, the token file and the maps is reported at once. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "base/arena.h"
#include "base/diag.h"
#include "connector/connector.h"
#include "http/auth.h"
#include "http/listener.h"
#include "ldap/conn.h"
#include "ldap/pool.h"
#include "map/map.h"
#include "scim/quirk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *address;
    uint16_t port;
    listener_address_t socket;
    const char *certificate, *key; /* NULL: clear text */
    const char *priority;          /* NULL: the default */
} config_listen_t;

typedef struct {
    int64_t body;                    /* bytes of a request's body */
    int64_t header_bytes;            /* of a request's first line and headers */
    int64_t memory;                  /* bytes of one request's arena */
    int64_t memory_total;            /* of all requests' arenas; then 503 */
    int64_t connections;             /* of the whole process */
    int64_t connections_per_address; /* 0: no limit of its own */
    int64_t in_flight;               /* requests being served */
    int64_t idle_timeout_ms;         /* of a connection */
    int64_t request_timeout_ms;      /* then 503 */
    int64_t drain_timeout_ms;        /* of requests in flight at the end */
    connector_limits_t connector;
    ldap_pool_limits_t ldap;
} config_limits_t;

typedef struct {
    str_t name;
    ldap_settings_t settings;
    str_t identity; /* equal for two directories that a pool need not tell apart */
} config_directory_t;

typedef struct {
    str_t name;
    const config_directory_t *directory;
    const char *map_file;
    const map_t *map;
    scim_quirks_t quirks;
    bool is_default;
    bool paused; /* answers 503 */
} config_connector_t;

/* Warning: only requests that met an error. Debug: filters too, which are personal data. */
typedef enum { CONFIG_LOG_WARNING, CONFIG_LOG_INFO, CONFIG_LOG_DEBUG } config_log_t;

typedef struct {
    const char *file;
    config_listen_t listen;
    const char *public_url; /* NULL: as the client calls us */
    bool admin;
    config_listen_t admin_listen;
    unsigned workers;
    config_log_t log;
    const char *audit_file; /* NULL: standard error */
    config_limits_t limits;
    const mac_key_t *cursor_key; /* NULL: one of the process */
    auth_tokens_t tokens;
    const config_directory_t *directories;
    size_t n_directories;
    const config_connector_t *connectors;
    size_t n_connectors;
} config_t;

/* Everything lives in `mem`. NULL when `diags` got an error; warnings do not stop it. Exhaustion
 * unwinds as arena.h says. */
const config_t *config_load(arena_t *mem, const char *file, diag_list_t *diags) MUST_USE;

/* By name; the empty name is the default one. NULL: none. */
const config_connector_t *config_find_connector(const config_t *config, str_t name);

/* What two connectors share, if their directories are one: an entry can lie in scopes[0] of the
 * first and in scopes[1] of the second, as their bases show, whatever the filters say. */
typedef struct {
    const map_scope_t *scopes[2];
    const map_base_t *bases[2];
} config_overlap_t;

bool config_find_overlap(const config_connector_t *a, const config_connector_t *b,
                         config_overlap_t *ret_overlap) MUST_USE;

#endif
