/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/audit.h - who changed what: a line before the first write and one with the outcome.
 *
 * Attribute names and DNs, never values. Lines are written at once: the intent is on its way to
 * the file before the operation is on its way to the directory. */
#ifndef DAEMON_AUDIT_H
#define DAEMON_AUDIT_H

#include "daemon/log.h"
#include "http/auth.h"
#include "http/server.h"
#include "ldap/op.h"

typedef struct {
    log_t *log;
    int fd; /* of the snapshot; -1: standard error */
    const http_call_t *call;
    const request_t *request; /* the call's, or an operation's of a bulk request */
    str_t connector;
    const auth_token_t *token;
    bool joined; /* another request's write, whose intent stands there, made the change */
} audit_t;

void audit_intent(const audit_t *audit, const ldap_op_t *op);
void audit_result(const audit_t *audit, str_t dn, int status, int64_t us, const char *detail);
/* A token that was not accepted; `connector` as the client wrote it. */
void audit_refused(const audit_t *audit);
/* The file, as configured, for appending; with `create` it is made where there is none. -1: *err says why.
 * It must be a regular one: whoever reads from another could make changes wait. */
int audit_open(const char *file, bool create, err_t *err) MUST_USE;

/* Changes that a command makes: each write before it is sent, and what came of the resource. */
typedef struct {
    log_t *log;
    int fd;
    const char *command;
    str_t connector, endpoint, resource;
} audit_command_t;
void audit_command_intent(const audit_command_t *audit, const ldap_op_t *op);
void audit_command_result(const audit_command_t *audit, str_t dn, const char *detail);

/* The answer of a write whose request had ended without it. */
void audit_late(log_t *log, int fd, str_t directory, int code);

#endif
