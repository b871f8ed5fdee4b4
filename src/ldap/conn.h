/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/conn.h - one connection to a directory server.
 *
 * Opening blocks (DNS, TCP, TLS, bind) and so belongs to a dialer thread or a command. After
 * that the connection never blocks: operations are sent at once, many may be outstanding, and
 * answers are matched by message id. One thread at a time uses a connection. */
#ifndef LDAP_CONN_H
#define LDAP_CONN_H

#include "base/arena.h"
#include "base/err.h"
#include "ldap/features.h"
#include "ldap/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How to reach and trust one directory. Strings live as long as the settings; the password is
 * read from its file at each dial, so that a changed one needs no restart. */
typedef struct {
    const char *url;           /* ldap://, ldaps:// or ldapi:// */
    const char *bind_dn;       /* NULL: SASL EXTERNAL on ldapi; "": anonymous */
    const char *password_file; /* refused when group or others may read it */
    bool start_tls;
    const char *ca_file; /* NULL: the system's */
    const char
        *tls_priority;  /* GnuTLS priority string; NULL: a sound default, TLS 1.2 or later */
    bool clear_allowed; /* simple bind in clear text beyond loopback; refused otherwise */
    int connect_timeout_ms;
} ldap_settings_t;

typedef struct ldap_conn ldap_conn_t;
typedef struct ldap_call ldap_call_t; /* one outstanding operation */

/* The answer; entries live in the arena given with the operation. Called once, from
 * ldap_conn_read or ldap_conn_close, never from ldap_conn_send. It may send and forget, but
 * neither close the connection nor unwind an arena past its caller. */
typedef void ldap_done_fn(void *arg, const ldap_reply_t *reply);
/* An entry of a search, borrowed for the call; false: abandon the search (it then ends with
 * success and what was seen). The same rules. */
typedef bool ldap_each_fn(void *arg, const ldap_entry_t *entry);

/* Connect, start TLS, bind. NULL with ERR_UNAVAILABLE (network, busy) or ERR_CONFIG
 * (credentials, certificates: what the admin must mend); the detail names the URL and the
 * reason, never a secret. */
ldap_conn_t *ldap_conn_open(const ldap_settings_t *settings, err_t *err) MUST_USE;

/* Outstanding operations end with LDAP_UNKNOWN (reads too), or with LDAP_NOT_SENT where not a
 * byte had left. NULL is allowed. */
void ldap_conn_close(ldap_conn_t *conn);

/* The certificate that the server showed, in DER; empty where the connection is not protected. */
str_t ldap_conn_certificate(const ldap_conn_t *conn, arena_t *mem);

int ldap_conn_fd(const ldap_conn_t *conn);
/* Whether bytes wait to be written, as they do after ldap_conn_send: call ldap_conn_write once
 * for all that was sent, and watch for writability if they still wait then. */
bool ldap_conn_wants_write(const ldap_conn_t *conn);
size_t ldap_conn_outstanding(const ldap_conn_t *conn);

/* Send an operation, whose strings need not outlive the call. NULL: not sent (the connection is
 * lost, its queue is full, or a name holds a NUL). */
ldap_call_t *ldap_conn_send(ldap_conn_t *conn, const ldap_op_t *op, arena_t *mem,
                            ldap_each_fn *each, ldap_done_fn *done, void *arg) MUST_USE;

/* Forget an operation: `done` will not be called. A search is abandoned on the wire; a write
 * runs on. `late` (may be NULL) is called with the result code should the answer of a write come
 * after all. */
typedef void ldap_late_fn(void *arg, int code);
void ldap_conn_forget(ldap_conn_t *conn, ldap_call_t *call, ldap_late_fn *late, void *arg);

/* Take at most `max` messages and answer those that are complete. false: the connection is lost;
 * close it. *ret_more: more may be there; call again, for the descriptor need not announce it. */
bool ldap_conn_read(ldap_conn_t *conn, int max, bool *ret_more) MUST_USE;
/* Send what the socket takes. false: the connection is lost. */
bool ldap_conn_write(ldap_conn_t *conn) MUST_USE;
/* Messages taken so far: whether the server is alive. */
uint64_t ldap_conn_messages(const ldap_conn_t *conn);

/* ldap/perform.c: blocking, for commands: send, wait at most `timeout_ms`, give the reply. */
void ldap_conn_perform(ldap_conn_t *conn, const ldap_op_t *op, arena_t *mem, int timeout_ms,
                       ldap_reply_t *ret_reply);
/* The same for a search whose entries go to `each` (NULL: into the reply). A long answer is waited
 * for as long as no silence in it lasts `timeout_ms`. */
void ldap_conn_perform_each(ldap_conn_t *conn, const ldap_op_t *op, arena_t *mem,
                            int timeout_ms, ldap_each_fn *each, void *arg,
                            ldap_reply_t *ret_reply);

/* Blocking: what the server says it can do; 0: it does not say, within that time. */
ldap_features_t ldap_conn_probe(ldap_conn_t *conn, int timeout_ms);

/* Keep ldap.conf and the LDAP* variables of the environment out of libldap, and SIGPIPE out of
 * the process. Once, before the first call and before other threads. */
void ldap_conn_setup(void);

#endif
