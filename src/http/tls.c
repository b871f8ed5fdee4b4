/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include "http/tls_callback.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHAIN = 8 };

struct http_tls {
    gnutls_pcert_st chain[MAX_CHAIN];
    unsigned n;
    gnutls_privkey_t key;
    long long expires_s;
    http_tls_t *before; /* replaced by this one */
};

/* The one shown. Handshakes borrow it in any thread, which is why none is freed that was ever
 * here: a process sees few certificates. */
static _Atomic(http_tls_t *) current;

const char *const http_tls_priority_default =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA"
    ":-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-CBC:+AES-128-CBC"
    ":-MAC-ALL:+AEAD:+SHA384:+SHA256";

bool
http_tls_check_priority(const char *priority, err_t *err)
{
    gnutls_priority_t parsed;
    const char *at = NULL;

    if (gnutls_priority_init(&parsed, priority, &at) != GNUTLS_E_SUCCESS)
        return err_set(err, ERR_CONFIG,
                       "GnuTLS does not understand the priority string at \"%s\"",
                       at ? at : "");
    gnutls_priority_deinit(parsed);
    return true;
}

/* GnuTLS compares the key with the certificate only when both go into credentials. */
static int
check_pair(const char *certificate, const char *key)
{
    gnutls_certificate_credentials_t credentials;
    int status = gnutls_certificate_allocate_credentials(&credentials);

    if (status < 0)
        return status;
    status = gnutls_certificate_set_x509_key_file(credentials, certificate, key,
                                                  GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(credentials);
    return status;
}

static int
load_chain(http_tls_t *tls, const char *file)
{
    gnutls_datum_t pem = {NULL, 0};
    int status = gnutls_load_file(file, &pem);

    if (status < 0)
        return status;
    tls->n = MAX_CHAIN;
    status =
        gnutls_pcert_list_import_x509_raw(tls->chain, &tls->n, &pem, GNUTLS_X509_FMT_PEM, 0);
    if (status < 0)
        tls->n = 0;
    gnutls_free(pem.data);
    return status;
}

static int
load_key(http_tls_t *tls, const char *file)
{
    gnutls_datum_t pem = {NULL, 0};
    int status = gnutls_load_file(file, &pem);

    if (status < 0)
        return status;
    status = gnutls_privkey_init(&tls->key);
    if (status >= 0)
        status = gnutls_privkey_import_x509_raw(tls->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    explicit_bzero(pem.data, pem.size);
    gnutls_free(pem.data);
    return status;
}

static int
read_expiry(http_tls_t *tls)
{
    gnutls_x509_crt_t certificate;
    int status = gnutls_pcert_export_x509(&tls->chain[0], &certificate);

    if (status < 0)
        return status;
    tls->expires_s = (long long)gnutls_x509_crt_get_expiration_time(certificate);
    gnutls_x509_crt_deinit(certificate);
    return 0;
}

static bool
failed(const char *what, const char *file, int status, err_t *err)
{
    if (status >= 0)
        return false;
    err_set(err, ERR_CONFIG, "%s %s: %s", what, file, gnutls_strerror(status));
    return true;
}

bool
http_tls_read_expiry(const void *der, size_t n, long long *ret_s, err_t *err)
{
    gnutls_datum_t data = {(unsigned char *)(uintptr_t)der, (unsigned)n};
    gnutls_x509_crt_t certificate;
    int status = gnutls_x509_crt_init(&certificate);

    if (status < 0)
        return err_set(err, ERR_CONFIG, "%s", gnutls_strerror(status));
    status = gnutls_x509_crt_import(certificate, &data, GNUTLS_X509_FMT_DER);
    if (status >= 0)
        *ret_s = (long long)gnutls_x509_crt_get_expiration_time(certificate);
    gnutls_x509_crt_deinit(certificate);
    return status >= 0 || err_set(err, ERR_CONFIG, "%s", gnutls_strerror(status));
}

http_tls_t *
http_tls_load(const char *certificate, const char *key, err_t *err)
{
    http_tls_t *tls = calloc(1, sizeof(*tls));

    if (!tls) {
        err_set(err, ERR_UNAVAILABLE, "no memory for a certificate");
        return NULL;
    }
    if (failed("the certificate", certificate, load_chain(tls, certificate), err) ||
        failed("the key", key, load_key(tls, key), err) ||
        failed("the certificate and its key", certificate, check_pair(certificate, key), err) ||
        failed("the certificate", certificate, read_expiry(tls), err)) {
        http_tls_free(tls);
        return NULL;
    }
    return tls;
}

void
http_tls_free(http_tls_t *tls)
{
    if (!tls)
        return;
    for (unsigned i = 0; i < tls->n; i++)
        gnutls_pcert_deinit(&tls->chain[i]);
    if (tls->key)
        gnutls_privkey_deinit(tls->key);
    free(tls);
}

long long
http_tls_expires(const http_tls_t *tls)
{
    return tls->expires_s;
}

static bool
same_chain(const http_tls_t *a, const http_tls_t *b)
{
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++) {
        const gnutls_datum_t *left = &a->chain[i].cert, *right = &b->chain[i].cert;

        if (left->size != right->size || memcmp(left->data, right->data, left->size) != 0)
            return false;
    }
    return true;
}

/* A chain belongs to one key, so equal chains are equal certificates. */
void
http_tls_install_take(http_tls_t *tls)
{
    http_tls_t *before = atomic_load(&current);

    if (before && same_chain(before, tls)) {
        http_tls_free(tls);
        return;
    }
    tls->before = before;
    atomic_store(&current, tls);
}

int
http_tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                  gnutls_pcert_st **ret_chain, unsigned *ret_n, gnutls_ocsp_data_st **ret_ocsp,
                  unsigned *ret_n_ocsp, gnutls_privkey_t *ret_key, unsigned *ret_flags)
{
    http_tls_t *tls = atomic_load(&current);

    (void)session;
    (void)info;
    if (!tls)
        return -1;
    *ret_chain = tls->chain;
    *ret_n = tls->n;
    *ret_ocsp = NULL;
    *ret_n_ocsp = 0;
    *ret_key = tls->key;
    *ret_flags = 0;
    return 0;
}
