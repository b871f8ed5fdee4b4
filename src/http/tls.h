/* SPDX-License-Identifier: Apache-2.0 */
/* http/tls.h - the certificate that the listener shows, and the protocol it speaks.
 *
 * One certificate serves the process. A new one takes the old one's place between two
 * handshakes, without a restart. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include "base/err.h"
#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct http_tls http_tls_t;

/* TLS 1.2 and 1.3, ECDHE with AES-GCM, ChaCha20 or AES-CBC-SHA2, as Entra's client has them. */
extern const char *const http_tls_priority_default;

/* Whether GnuTLS understands the priority string; else ERR_CONFIG. */
bool http_tls_check_priority(const char *priority, err_t *err) MUST_USE NONNULL_ALL;

/* Read a certificate chain and its key (PEM) and see that they belong together. ERR_CONFIG. */
http_tls_t *http_tls_load(const char *certificate, const char *key, err_t *err)
    MUST_USE NONNULL_ALL;
void http_tls_free(http_tls_t *tls);

/* Seconds of real time at which the certificate expires. */
long long http_tls_expires(const http_tls_t *tls) NONNULL_ALL;

/* The same of any certificate in DER. ERR_CONFIG: it is none. */
bool http_tls_read_expiry(const void *der, size_t n, long long *ret_s, err_t *err)
    MUST_USE NONNULL_ALL;

/* Show this one from now on; takes it. The ones before stay in memory, as a handshake may be
 * using them, except that one equal to the present one is freed at once. */
void http_tls_install_take(http_tls_t *tls) NONNULL_ALL;

#endif
