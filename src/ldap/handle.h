/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/handle.h - a connected, secured and bound libldap handle. Opening one blocks. */
#ifndef LDAP_HANDLE_H
#define LDAP_HANDLE_H

#include "base/err.h"
#include "base/macros.h"
#include "ldap/conn.h"

#include <ldap.h>

/* Connect, start TLS, bind. NULL with ERR_UNAVAILABLE or ERR_CONFIG as ldap_conn_open says. */
LDAP *ldap_handle_open(const ldap_settings_t *settings, int *ret_fd, err_t *err)
    MUST_USE NONNULL_ALL;
void ldap_handle_close(LDAP *handle);

#endif
