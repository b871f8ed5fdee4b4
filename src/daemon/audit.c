/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int
audit_open(const char *file, bool create, err_t *err)
{
    int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK; /* a FIFO waits */
    int fd = open(file, create ? flags | O_CREAT : flags, 0600);
    struct stat is;

    if (fd < 0 && errno != ENXIO)
        err_set(err, ERR_CONFIG, "cannot open %s: %s", file, strerror(errno));
    else if (fd < 0 || fstat(fd, &is) != 0 || !S_ISREG(is.st_mode))
        err_set(err, ERR_CONFIG, "%s is no regular file: changes would wait for who reads it",
                file);
    else
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void
begin(const audit_t *audit, const char *event)
{
    log_t *log = audit->log;
    const request_t *request = audit->request;

    log->fd = audit->fd >= 0 ? audit->fd : STDERR_FILENO;
    log_begin(log, "info", "audit");
    log_add_c(log, "event", event);
    log_add(log, "id", request->request_id);
    if (request->operation)
        log_add_int(log, "bulk", (int64_t)request->operation);
    log_add(log, "connector", audit->connector);
    if (audit->token)
        log_add(log, "token", audit->token->name);
    log_add_c(log, "method", method_name(request->method));
    log_add(log, "endpoint",
            request->operation ? request->endpoint : audit->call->route.endpoint);
    log_add(log, "resource", request->operation ? request->id : audit->call->route.id);
}

static void
end(const audit_t *audit)
{
    log_end(audit->log);
    log_flush(audit->log);
}

static void
add_attributes(log_t *log, const ldap_op_t *op)
{
    char text[512];
    size_t n = 0;

    if (op->kind != LDAP_OP_MODIFY)
        return;
    for (size_t i = 0; i < op->u.modify.n; i++) {
        str_t name = op->u.modify.mods[i].attr.name;

        if (n + name.n + 1 >= sizeof(text))
            break;
        if (n > 0)
            text[n++] = ',';
        memcpy(text + n, name.p, name.n);
        n += name.n;
    }
    log_add(log, "attributes", str_from(text, n));
}

void
audit_intent(const audit_t *audit, const ldap_op_t *op)
{
    begin(audit, "intent");
    log_add_c(audit->log, "operation", ldap_op_name(op->kind));
    log_add(audit->log, "dn", op->dn);
    add_attributes(audit->log, op);
    end(audit);
}

void
audit_result(const audit_t *audit, str_t dn, int status, int64_t us, const char *detail)
{
    begin(audit, "result");
    log_add(audit->log, "dn", dn);
    log_add_int(audit->log, "status", status);
    if (audit->joined)
        log_add_c(audit->log, "joined", "yes");
    log_add_us(audit->log, "ms", us);
    log_add_c(audit->log, "error", detail);
    end(audit);
}

void
audit_refused(const audit_t *audit)
{
    begin(audit, "refused");
    end(audit);
}

static void
begin_command(const audit_command_t *audit, const char *event)
{
    log_t *log = audit->log;

    log->fd = audit->fd;
    log_begin(log, "info", "audit");
    log_add_c(log, "event", event);
    log_add_c(log, "command", audit->command);
    log_add_int(log, "uid", (int64_t)getuid());
    log_add(log, "connector", audit->connector);
    log_add(log, "endpoint", audit->endpoint);
    log_add(log, "resource", audit->resource);
}

void
audit_command_intent(const audit_command_t *audit, const ldap_op_t *op)
{
    begin_command(audit, "intent");
    log_add_c(audit->log, "operation", ldap_op_name(op->kind));
    log_add(audit->log, "dn", op->dn);
    add_attributes(audit->log, op);
    log_end(audit->log);
    log_flush(audit->log);
}

void
audit_command_result(const audit_command_t *audit, str_t dn, const char *detail)
{
    begin_command(audit, "result");
    log_add(audit->log, "dn", dn);
    log_add_c(audit->log, "error", detail);
    log_end(audit->log);
    log_flush(audit->log);
}

void
audit_late(log_t *log, int fd, str_t directory, int code)
{
    log->fd = fd >= 0 ? fd : STDERR_FILENO;
    log_begin(log, "warning", "audit");
    log_add_c(log, "event", "late");
    log_add(log, "directory", directory);
    log_add_int(log, "code", code);
    log_end(log);
    log_flush(log);
}
