/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/dialer.h - between a pool and its directory's dialer thread. ldap/pool.h has the rest. */
#ifndef LDAP_DIALER_H
#define LDAP_DIALER_H

#include "base/err.h"
#include "base/loop.h"
#include "ldap/conn.h"
#include "ldap/pool.h"

#include <stdbool.h>

typedef struct ldap_dial ldap_dial_t;

/* In the asker's loop: the connection, now the asker's, or NULL and why. */
typedef void ldap_dialled_fn(void *arg, ldap_conn_t *conn, const err_t *err);

/* Ask for a connection. It is dialled once the pause after the last failure is over; a failure
 * answers all who wait. NULL: no memory. */
ldap_dial_t *ldap_dialer_ask(ldap_dialer_t *dialer, loop_t *loop, ldap_dialled_fn *dialled,
                             void *arg) MUST_USE NONNULL(1, 2, 3);
/* From the asker's loop: it will not be called. */
void ldap_dialer_cancel(ldap_dialer_t *dialer, ldap_dial_t *dial) NONNULL_ALL;

/* Whether the last dial failed and the pause before the next is running. */
bool ldap_dialer_is_paused(ldap_dialer_t *dialer) NONNULL_ALL;

#endif
