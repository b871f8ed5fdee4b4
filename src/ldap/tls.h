/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/tls.h - what a connection trusts: TLS options of a libldap handle. */
#ifndef LDAP_TLS_H
#define LDAP_TLS_H

#include "base/err.h"
#include "base/macros.h"
#include "ldap/conn.h"

#include <ldap.h>
#include <stdbool.h>

/* Verify the server's certificate and name against settings->ca_file or the system's
 * authorities, TLS 1.2 or later. ERR_CONFIG when a file or the priority string is unusable. */
bool ldap_tls_setup(LDAP *handle, const ldap_settings_t *settings, err_t *err)
    MUST_USE NONNULL_ALL;

#endif
