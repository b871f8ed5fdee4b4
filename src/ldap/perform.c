/* SPDX-License-Identifier: Apache-2.0 */
/* One operation, blocking, as commands do it: sent, waited for, answered. */
#include "base/clock.h"
#include "ldap/conn.h"

#include <poll.h>

enum { READ_AT_ONCE = 256 };

typedef struct {
    ldap_reply_t *reply;
    ldap_each_fn *each;
    void *arg;
    bool done;
} waiting_t;

static bool
perform_entry(void *arg, const ldap_entry_t *entry)
{
    waiting_t *waiting = arg;

    return waiting->each(waiting->arg, entry);
}

static void
perform_done(void *arg, const ldap_reply_t *reply)
{
    waiting_t *waiting = arg;

    *waiting->reply = *reply;
    waiting->done = true;
}

/* Wait for the descriptor until `until_ms`, then move bytes. false: lost or too late. */
static bool
perform_step(ldap_conn_t *conn, int64_t until_ms, bool more)
{
    int64_t left = until_ms - clock_monotonic_ms();
    struct pollfd pollfd = {.fd = ldap_conn_fd(conn), .events = POLLIN};

    if (left <= 0 || !ldap_conn_write(conn))
        return false;
    if (more)
        return true;
    if (ldap_conn_wants_write(conn))
        pollfd.events |= POLLOUT;
    (void)poll(&pollfd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
    return true;
}

/* A search that is listed answers for long, but not slowly. */
static int64_t
perform_until(const ldap_conn_t *conn, const waiting_t *waiting, int timeout_ms, int64_t until,
              uint64_t *messages)
{
    if (!waiting->each || ldap_conn_messages(conn) == *messages)
        return until;
    *messages = ldap_conn_messages(conn);
    return clock_monotonic_ms() + timeout_ms;
}

void
ldap_conn_perform_each(ldap_conn_t *conn, const ldap_op_t *op, arena_t *mem, int timeout_ms,
                       ldap_each_fn *each, void *arg, ldap_reply_t *ret_reply)
{
    int64_t until = clock_monotonic_ms() + timeout_ms;
    uint64_t messages = ldap_conn_messages(conn);
    waiting_t waiting = {.reply = ret_reply, .each = each, .arg = arg};
    ldap_call_t *call =
        ldap_conn_send(conn, op, mem, each ? perform_entry : NULL, perform_done, &waiting);
    bool more = false;

    *ret_reply = (ldap_reply_t){
        .fate = call ? LDAP_UNKNOWN : LDAP_NOT_SENT, .matched = STR(""), .diagnostic = STR("")};
    if (!call)
        return;
    while (!waiting.done && perform_step(conn, until, more) &&
           ldap_conn_read(conn, READ_AT_ONCE, &more))
        until = perform_until(conn, &waiting, timeout_ms, until, &messages);
    if (!waiting.done)
        ldap_conn_forget(conn, call, NULL, NULL);
}

void
ldap_conn_perform(ldap_conn_t *conn, const ldap_op_t *op, arena_t *mem, int timeout_ms,
                  ldap_reply_t *ret_reply)
{
    ldap_conn_perform_each(conn, op, mem, timeout_ms, NULL, NULL, ret_reply);
}
