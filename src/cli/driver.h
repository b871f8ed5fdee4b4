/* SPDX-License-Identifier: Apache-2.0 */
/* cli/driver.h - requests carried out by this thread, on a connection of its own.
 *
 * What a command asks goes the way a client's request goes in the daemon; only that one operation
 * follows the other, pauses are slept, and nobody else is there to wait for at a gate. */
#ifndef CLI_DRIVER_H
#define CLI_DRIVER_H

#include "base/arena.h"
#include "base/err.h"
#include "connector/connector.h"
#include "daemon/config.h"
#include "ldap/conn.h"

#include <stdbool.h>

typedef struct {
    const config_connector_t *of;
    connector_t *bridge;
    ldap_conn_t *conn;
    int timeout_ms;
    const char *public_url;                         /* of the configuration; NULL: this host */
    void (*writes)(void *arg, const ldap_op_t *op); /* told before a write goes out, or NULL */
    /* Answers what a run asks in the directory's place, in the memory of its run; false: it is
     * to be sent. NULL: all is sent. With it nobody else writes, so that no pause is made. */
    bool (*instead)(void *arg, const ask_t *ask, ldap_reply_t *ret_reply);
    void *arg;
} driver_t;

/* Without a connection: `instead` must answer all that is asked. false: ERR_UNAVAILABLE. */
bool driver_begin(driver_t *driver, const config_connector_t *of,
                  const connector_limits_t *limits, int timeout_ms, err_t *err) MUST_USE;
/* Connect and bind. `of` must outlive the driver. false: ERR_UNAVAILABLE, ERR_CONFIG. */
bool driver_open(driver_t *driver, const config_connector_t *of,
                 const connector_limits_t *limits, int timeout_ms, err_t *err) MUST_USE;
/* Also of one that is all zero. */
void driver_close(driver_t *driver);

/* Drive a run that has been started to its end. */
void driver_run(const driver_t *driver, run_t *run);

/* Answer a request of this connector; base_url and request_id may be empty. Everything lives in `mem`, under an arena_guard of the caller's. */
const response_t *driver_request(const driver_t *driver, arena_t *mem, request_t *request);

/* One operation. */
void driver_perform(const driver_t *driver, arena_t *mem, const ldap_op_t *op,
                    ldap_reply_t *ret_reply);
/* A search whose entries are seen one by one. */
void driver_search(const driver_t *driver, arena_t *mem, const ldap_op_t *op,
                   ldap_each_fn *each, void *arg, ldap_reply_t *ret_reply);

/* Whether each base of the map's scopes is there and may be seen. Where one is not, a search tells of
 * nobody, which must not be taken for an answer. false: ERR_DIRECTORY, ERR_UNAVAILABLE. */
bool driver_check_bases(const driver_t *driver, arena_t *mem, const map_t *map, err_t *err)
    MUST_USE;

#endif
