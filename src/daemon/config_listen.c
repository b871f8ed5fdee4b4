/* SPDX-License-Identifier: Apache-2.0 */
/* "listen" and "admin": where requests come in. */
#include "base/clock.h"
#include "daemon/config_loading.h"
#include "http/tls.h"

enum { PORT_MAX = 65535 };

static void
read_address(reader_t *reader, config_listen_t *listen)
{
    const json_t *address = reader_get(reader, "address");
    int64_t port = listen->port;

    (void)reader_string(reader, "address", &listen->address);
    (void)reader_number(reader, "port", 0, PORT_MAX, &port);
    listen->port = (uint16_t)port;
    if (!listener_parse(listen->address, listen->port, &listen->socket))
        source_error(reader->source, address ? address->at : 0,
                     "\"address\" must be a numeric IPv4 or IPv6 address, not \"%s\"",
                     listen->address);
}

static void
read_certificate(reader_t *reader, config_listen_t *listen)
{
    const json_t *certificate = reader_get(reader, "certificate");
    const json_t *key = reader_get(reader, "key");
    err_t err = ERR_INIT;
    http_tls_t *tls;

    (void)reader_path(reader, "certificate", &listen->certificate);
    (void)reader_path(reader, "key", &listen->key);
    if (!certificate != !key) {
        source_error(reader->source, (certificate ? certificate : key)->at,
                     "\"certificate\" and \"key\" go together");
        return;
    }
    if (!listen->certificate || !listen->key)
        return;
    config_check_secret(reader, key, listen->key);
    tls = http_tls_load(listen->certificate, listen->key, &err);
    if (!tls)
        source_error(reader->source, certificate->at, "%s", err.detail);
    else if (http_tls_expires(tls) <= clock_real_s())
        source_warning(reader->source, certificate->at, "the certificate has expired");
    http_tls_free(tls);
}

void
config_read_listen(loading_t *loading, const json_t *value)
{
    config_listen_t *listen = &loading->config->listen;
    bool plaintext = false;
    reader_t reader;

    *listen = (config_listen_t){.address = "127.0.0.1", .port = 8585};
    (void)reader_begin(&reader, loading->source, value, "\"listen\"");
    read_address(&reader, listen);
    read_certificate(&reader, listen);
    if (reader_string(&reader, "priority", &listen->priority))
        config_check_priority(&reader, "priority", listen->priority);
    (void)reader_boolean(&reader, "plaintext", &plaintext);
    reader_end(&reader);
    if (!listen->certificate && !plaintext && listen->socket.size > 0 &&
        !listener_is_loopback(&listen->socket))
        source_error(loading->source, value ? value->at : 0,
                     "listening on %s without \"certificate\" and \"key\" would send tokens in "
                     "clear text; \"plaintext\": true allows it",
                     listen->address);
}

void
config_read_admin(loading_t *loading, const json_t *value)
{
    config_listen_t *listen = &loading->config->admin_listen;
    reader_t reader;

    loading->config->admin = value;
    *listen = (config_listen_t){.address = "127.0.0.1", .port = 8586};
    if (!value)
        return;
    (void)reader_begin(&reader, loading->source, value, "\"admin\"");
    read_address(&reader, listen);
    reader_end(&reader);
    if (listen->socket.size > 0 && !listener_is_loopback(&listen->socket))
        source_error(loading->source, value->at,
                     "the admin listener must be on a loopback address");
}
