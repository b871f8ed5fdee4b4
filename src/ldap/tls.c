/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/tls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Where distributions keep the authorities they trust. */
static const char *const system_ca_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

/* Debian's libldap uses GnuTLS, for which LDAP_OPT_X_TLS_PROTOCOL_MIN does nothing: the lowest
 * version is part of the priority string. */
static const char default_priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static const char *
ca_file(const ldap_settings_t *settings)
{
    if (settings->ca_file)
        return settings->ca_file;
    for (size_t i = 0; i < ARRAY_SIZE(system_ca_files); i++) {
        if (access(system_ca_files[i], R_OK) == 0)
            return system_ca_files[i];
    }
    return NULL;
}

bool
ldap_tls_setup(LDAP *handle, const ldap_settings_t *settings, err_t *err)
{
    const char *ca = ca_file(settings);
    const char *priority = settings->tls_priority ? settings->tls_priority : default_priority;
    int demand = LDAP_OPT_X_TLS_DEMAND;
    int names = LDAP_OPT_X_TLS_TRY; /* a certificate's alternative names bind; CN without any */
    int client = 0;

    if (!ca)
        return err_set(err, ERR_CONFIG, "%s: no file of trusted certificate authorities found",
                       settings->url);
    if (access(ca, R_OK) != 0)
        return err_set(err, ERR_CONFIG, "%s: cannot read the CA file %s: %s", settings->url, ca,
                       strerror(errno));
    if (ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, ca) != LDAP_OPT_SUCCESS ||
        ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) != LDAP_OPT_SUCCESS ||
        ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_SAN, &names) != LDAP_OPT_SUCCESS ||
        ldap_set_option(handle, LDAP_OPT_X_TLS_CIPHER_SUITE, priority) != LDAP_OPT_SUCCESS)
        return err_set(err, ERR_CONFIG, "%s: unusable TLS priority string \"%s\"",
                       settings->url, priority);
    /* Last: it is what applies the others. */
    if (ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &client) != LDAP_OPT_SUCCESS)
        return err_set(err, ERR_CONFIG, "%s: unusable CA file %s or TLS priority string \"%s\"",
                       settings->url, ca, priority);
    return true;
}
