/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/tls.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* A context that was made from these files and this priority string, or could not be. libldap
 * leaks 8 KiB with each that is made (2.5 with GnuTLS, seen), and a bridge whose directory is
 * down dials all day long: so each is made once and kept, until the CA file changes. */
typedef struct context context_t;

struct context {
    context_t *next;
    char *ca, *priority;
    struct stat stamp;
    void *made; /* NULL: unusable */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static context_t *contexts; /* under the lock */

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

static bool
is_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The handle's own context, which its options make. */
static void *
make_context(LDAP *handle, const char *ca, const char *priority)
{
    int client = 0;
    void *made = NULL;

    if (ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, ca) != LDAP_OPT_SUCCESS ||
        ldap_set_option(handle, LDAP_OPT_X_TLS_CIPHER_SUITE, priority) != LDAP_OPT_SUCCESS ||
        /* Last: it is what applies the others. */
        ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &client) != LDAP_OPT_SUCCESS ||
        ldap_get_option(handle, LDAP_OPT_X_TLS_CTX, &made) != LDAP_OPT_SUCCESS)
        return NULL;
    return made; /* with a reference of ours */
}

/* The entry for this pair, without a stamp when it is new. NULL: no memory. */
static context_t *
find_context(const char *ca, const char *priority)
{
    context_t *context = contexts;

    while (context &&
           (strcmp(context->ca, ca) != 0 || strcmp(context->priority, priority) != 0))
        context = context->next;
    if (context)
        return context;
    context = calloc(1, sizeof(*context));
    if (!context)
        return NULL;
    context->ca = strdup(ca);
    context->priority = strdup(priority);
    if (!context->ca || !context->priority) {
        free(context->ca);
        free(context->priority);
        free(context);
        return NULL;
    }
    context->next = contexts;
    contexts = context;
    return context;
}

/* Under the lock: give the handle the context kept, or make one with it. */
static bool
use_context(LDAP *handle, const char *ca, const char *priority, const struct stat *stamp)
{
    context_t *context = find_context(ca, priority);

    if (!context)
        return make_context(handle, ca, priority) != NULL;
    if (is_unchanged(&context->stamp, stamp))
        return context->made &&
               ldap_set_option(handle, LDAP_OPT_X_TLS_CTX, context->made) == LDAP_OPT_SUCCESS;
    context->made = make_context(handle, ca, priority);
    context->stamp = *stamp;
    return context->made != NULL;
}

bool
ldap_tls_setup(LDAP *handle, const ldap_settings_t *settings, err_t *err)
{
    const char *ca = ca_file(settings);
    const char *priority = settings->tls_priority ? settings->tls_priority : default_priority;
    int demand = LDAP_OPT_X_TLS_DEMAND;
    int names = LDAP_OPT_X_TLS_TRY; /* a certificate's alternative names bind; CN without any */
    struct stat stamp;
    bool usable;

    if (!ca)
        return err_set(err, ERR_CONFIG, "%s: no file of trusted certificate authorities found",
                       settings->url);
    if (access(ca, R_OK) != 0 || stat(ca, &stamp) != 0)
        return err_set(err, ERR_CONFIG, "%s: cannot read the CA file %s: %s", settings->url, ca,
                       strerror(errno));
    if (ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) != LDAP_OPT_SUCCESS ||
        ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_SAN, &names) != LDAP_OPT_SUCCESS)
        return err_set(err, ERR_CONFIG, "%s: libldap cannot verify certificates",
                       settings->url);
    pthread_mutex_lock(&lock);
    usable = use_context(handle, ca, priority, &stamp);
    pthread_mutex_unlock(&lock);
    if (!usable)
        return err_set(err, ERR_CONFIG, "%s: unusable CA file %s or TLS priority string \"%s\"",
                       settings->url, ca, priority);
    return true;
}
