/* SPDX-License-Identifier: Apache-2.0 */
/* http/tls_callback.h - how libmicrohttpd asks for the certificate of a handshake. */
#ifndef HTTP_TLS_CALLBACK_H
#define HTTP_TLS_CALLBACK_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

/* A gnutls_certificate_retrieve_function3: the certificate shown now. It stays the process's. */
int http_tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                      gnutls_pcert_st **ret_chain, unsigned *ret_n,
                      gnutls_ocsp_data_st **ret_ocsp, unsigned *ret_n_ocsp,
                      gnutls_privkey_t *ret_key, unsigned *ret_flags);

#endif
