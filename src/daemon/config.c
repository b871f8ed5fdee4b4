/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"

#include "base/clock.h"
#include "daemon/file.h"
#include "daemon/reader.h"
#include "daemon/tokens.h"
#include "http/tls.h"
#include "ldap/schema.h"
#include "map/load.h"

#include <unistd.h>

enum { MAX_WORKERS_DEFAULT = 4, MAX_WORKERS = 64, PORT_MAX = 65535 };

/* The file while it is read; the lists may still change. */
typedef struct {
    source_t *source;
    config_t *config;
    config_directory_t *directories;
    config_connector_t *connectors;
} loading_t;

/* --- listen, admin ------------------------------------------------------------------------ */

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
check_secret(reader_t *reader, const json_t *at, const char *path)
{
    err_t err = ERR_INIT;

    if (!file_check_secret(path, &err))
        source_error(reader->source, at->at, "%s", err.detail);
}

static void
check_priority(reader_t *reader, const char *name, const char *priority)
{
    err_t err = ERR_INIT;

    if (priority && !http_tls_check_priority(priority, &err))
        source_error(reader->source, reader_get(reader, name)->at, "%s", err.detail);
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
    check_secret(reader, key, listen->key);
    tls = http_tls_load(listen->certificate, listen->key, &err);
    if (!tls)
        source_error(reader->source, certificate->at, "%s", err.detail);
    else if (http_tls_expires(tls) <= clock_real_s())
        source_warning(reader->source, certificate->at, "the certificate has expired");
    http_tls_free(tls);
}

static void
read_listen(loading_t *loading, const json_t *value)
{
    config_listen_t *listen = &loading->config->listen;
    bool plaintext = false;
    reader_t reader;

    *listen = (config_listen_t){.address = "127.0.0.1", .port = 8585};
    (void)reader_begin(&reader, loading->source, value, "\"listen\"");
    read_address(&reader, listen);
    read_certificate(&reader, listen);
    if (reader_string(&reader, "priority", &listen->priority))
        check_priority(&reader, "priority", listen->priority);
    (void)reader_boolean(&reader, "plaintext", &plaintext);
    reader_end(&reader);
    if (!listen->certificate && !plaintext && listen->socket.size > 0 &&
        !listener_is_loopback(&listen->socket))
        source_error(loading->source, value ? value->at : 0,
                     "listening on %s without \"certificate\" and \"key\" would send tokens in "
                     "clear text; \"plaintext\": true allows it",
                     listen->address);
}

static void
read_admin(loading_t *loading, const json_t *value)
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

/* --- limits ------------------------------------------------------------------------------- */

static void
read_server_limits(reader_t *reader, config_limits_t *limits)
{
    (void)reader_size(reader, "body", 1024, 64LL << 20, &limits->body);
    (void)reader_size(reader, "headerBytes", 2048, 1LL << 20, &limits->header_bytes);
    (void)reader_size(reader, "memory", 1LL << 20, 4LL << 30, &limits->memory);
    (void)reader_size(reader, "memoryTotal", 1LL << 20, 1LL << 40, &limits->memory_total);
    (void)reader_number(reader, "connections", 1, 1000000, &limits->connections);
    (void)reader_number(reader, "connectionsPerAddress", 0, 1000000,
                        &limits->connections_per_address);
    (void)reader_number(reader, "inFlight", 1, 1000000, &limits->in_flight);
    (void)reader_duration(reader, "idleTimeout", 1000, 86400000, &limits->idle_timeout_ms);
    (void)reader_duration(reader, "requestTimeout", 10, 3600000, &limits->request_timeout_ms);
    (void)reader_duration(reader, "drainTimeout", 0, 3600000, &limits->drain_timeout_ms);
}

static void
read_count(reader_t *reader, const char *name, int64_t max, size_t *value)
{
    int64_t number;

    if (reader_number(reader, name, 1, max, &number))
        *value = (size_t)number;
}

static void
read_milliseconds(reader_t *reader, const char *name, int *value)
{
    int64_t number;

    if (reader_duration(reader, name, 10, 3600000, &number))
        *value = (int)number;
}

static void
read_connector_limits(reader_t *reader, connector_limits_t *limits)
{
    int64_t bytes;

    read_count(reader, "operations", 100000, &limits->max_operations);
    read_count(reader, "members", 10000000, &limits->max_members);
    read_count(reader, "page", 100000, &limits->max_page);
    read_count(reader, "defaultPage", 100000, &limits->default_page);
    read_count(reader, "references", 100000000, &limits->max_references);
    if (reader_size(reader, "listings", 0, 16LL << 30, &bytes))
        limits->max_listing_bytes = (size_t)bytes;
    read_milliseconds(reader, "referenceLifetime", &limits->reference_ttl_ms);
    read_milliseconds(reader, "listingLifetime", &limits->listing_ttl_ms);
}

static void
read_limits(loading_t *loading, const json_t *value)
{
    config_limits_t *limits = &loading->config->limits;
    reader_t reader;

    *limits = (config_limits_t){
        .body = 1 << 20,
        .header_bytes = 32 << 10,
        .memory = 32 << 20,
        .memory_total = 512LL << 20,
        .connections = 1024,
        .connections_per_address = 512,
        .in_flight = 1024,
        .idle_timeout_ms = 60000,
        .request_timeout_ms = 15000,
        .drain_timeout_ms = 20000,
        .connector = connector_limits_default,
        .ldap = {.max_outstanding = 900,
                 .operation_timeout_ms = 8000,
                 .idle_timeout_ms = 60000},
    };
    (void)reader_begin(&reader, loading->source, value, "\"limits\"");
    read_server_limits(&reader, limits);
    read_connector_limits(&reader, &limits->connector);
    read_milliseconds(&reader, "ldapTimeout", &limits->ldap.operation_timeout_ms);
    read_milliseconds(&reader, "ldapIdle", &limits->ldap.idle_timeout_ms);
    read_count(&reader, "ldapOutstanding", 1000000, &limits->ldap.max_outstanding);
    reader_end(&reader);
    limits->connector.max_body = (size_t)limits->body;
}

/* --- directories -------------------------------------------------------------------------- */

static void
read_url(reader_t *reader, ldap_settings_t *settings)
{
    const json_t *url = reader_need(reader, "url");
    str_t text;

    settings->url = "";
    if (!url || !reader_string(reader, "url", &settings->url))
        return;
    text = str_from_c(settings->url);
    if (!str_istarts_with(text, STR("ldap://")) && !str_istarts_with(text, STR("ldaps://")) &&
        !str_istarts_with(text, STR("ldapi://")))
        source_error(reader->source, url->at,
                     "\"url\" must begin with ldap://, ldaps:// or ldapi://");
}

static void
read_password_file(reader_t *reader, ldap_settings_t *settings)
{
    const json_t *at = reader_get(reader, "passwordFile");
    const char *path;
    bool credential;

    if (!at || !reader_string(reader, "passwordFile", &path))
        return;
    settings->password_file =
        file_credential(reader->source->mem, str_from_c(path), &credential);
    if (credential && !settings->password_file) {
        source_error(reader->source, at->at,
                     "%s: systemd handed over no credentials (CREDENTIALS_DIRECTORY)", path);
        return;
    }
    if (!credential)
        settings->password_file = source_path(reader->source, str_from_c(path));
    check_secret(reader, at, settings->password_file);
}

static void
read_identity(reader_t *reader, ldap_settings_t *settings)
{
    const json_t *dn = reader_get(reader, "bindDn");

    (void)reader_string(reader, "bindDn", &settings->bind_dn);
    read_password_file(reader, settings);
    if (dn && !reader_get(reader, "passwordFile"))
        source_error(reader->source, dn->at, "\"bindDn\" needs \"passwordFile\"");
    if (!dn && settings->url[0] && reader->object &&
        !str_istarts_with(str_from_c(settings->url), STR("ldapi://")))
        source_error(reader->source, reader->object->at,
                     "%s needs \"bindDn\" and \"passwordFile\"", reader->what);
}

/* The section without positions; equal text means equal settings. */
static str_t
section_text(arena_t *mem, const json_t *value)
{
    buf_t buf;

    buf_init(&buf, mem, 64 * 1024);
    json_write(&buf, value);
    return buf_str(&buf);
}

static void
read_directory(loading_t *loading, const json_member_t *member, config_directory_t *directory)
{
    source_t *source = loading->source;
    ldap_settings_t *settings = &directory->settings;
    int64_t connect_ms = 5000;
    reader_t reader;

    directory->name = member->name;
    directory->identity = section_text(source->mem, member->value);
    (void)reader_begin(&reader, source, member->value,
                       str_printf(source->mem, "directory \"%.*s\"", STR_ARG(member->name)).p);
    read_url(&reader, settings);
    read_identity(&reader, settings);
    (void)reader_boolean(&reader, "startTls", &settings->start_tls);
    (void)reader_path(&reader, "ca", &settings->ca_file);
    if (reader_string(&reader, "priority", &settings->tls_priority))
        check_priority(&reader, "priority", settings->tls_priority);
    (void)reader_boolean(&reader, "clearTextAllowed", &settings->clear_allowed);
    (void)reader_duration(&reader, "connectTimeout", 100, 60000, &connect_ms);
    settings->connect_timeout_ms = (int)connect_ms;
    if (settings->ca_file && access(settings->ca_file, R_OK) != 0)
        source_error(source, reader_get(&reader, "ca")->at, "cannot read %s",
                     settings->ca_file);
    reader_end(&reader);
}

/* An object of named things; 0 when it is missing or no object, which is reported. */
static size_t
section_size(loading_t *loading, const json_t *value, const char *name)
{
    if (!value)
        return 0;
    if (json_is(value, JSON_OBJECT))
        return value->u.object.n;
    source_error(loading->source, value->at, "\"%s\" must be an object, not %s", name,
                 json_kind_name(value->kind));
    return 0;
}

static void
read_directories(loading_t *loading, const json_t *value)
{
    size_t n = section_size(loading, value, "directories");

    loading->directories = arena_array_of(loading->source->mem, n + 1, config_directory_t);
    for (size_t i = 0; i < n; i++)
        read_directory(loading, &value->u.object.members[i], &loading->directories[i]);
    loading->config->directories = loading->directories;
    loading->config->n_directories = n;
}

/* --- connectors --------------------------------------------------------------------------- */

static void
check_connector_name(loading_t *loading, const json_member_t *member)
{
    str_t name = member->name;
    bool good = name.n > 0 && name.n <= 64 && !str_ieq(name, STR("scim")) &&
                !str_istarts_with(name, STR("ecma2host_"));

    for (size_t i = 0; good && i < name.n; i++) {
        char c = name.p[i];

        good =
            char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '_' || (c == '.' && i > 0);
    }
    if (!good)
        source_error(loading->source, member->at,
                     "a connector's name is part of its URL: letters, digits, \"-\", \"_\" and "
                     "\".\", not \"scim\" and not \"ecma2host_…\"");
}

static void
find_directory(loading_t *loading, reader_t *reader, config_connector_t *connector)
{
    const json_t *at = reader_need(reader, "directory");
    size_t n = loading->config->n_directories;
    const char *name;
    str_t *names;
    const str_t *meant;

    if (!at || !reader_string(reader, "directory", &name))
        return;
    names = arena_array_of(reader->source->mem, n + 1, str_t);
    for (size_t i = 0; i < n; i++) {
        names[i] = loading->directories[i].name;
        if (str_eq(names[i], str_from_c(name)))
            connector->directory = &loading->directories[i];
    }
    meant = did_you_mean(str_from_c(name), names, n);
    if (!connector->directory)
        source_error(reader->source, at->at, "there is no directory \"%s\"%s%.*s%s", name,
                     meant ? "; did you mean \"" : "", meant ? (int)meant->n : 0,
                     meant ? meant->p : "", meant ? "\"?" : "");
}

static void
read_quirk(reader_t *reader, const json_member_t *member, scim_quirks_t *quirks)
{
    str_t names[SCIM_QUIRK_COUNT];
    const str_t *meant;
    scim_quirk_t quirk;

    for (unsigned i = 0; i < SCIM_QUIRK_COUNT; i++)
        names[i] = str_from_c(scim_quirk_name((scim_quirk_t)i));
    if (!scim_quirk_find(member->name, &quirk)) {
        meant = did_you_mean(member->name, names, SCIM_QUIRK_COUNT);
        source_error(reader->source, member->at, "there is no quirk \"%.*s\"%s%.*s%s",
                     STR_ARG(member->name), meant ? "; did you mean \"" : "",
                     meant ? (int)meant->n : 0, meant ? meant->p : "", meant ? "\"?" : "");
    } else if (!json_is(member->value, JSON_BOOLEAN)) {
        source_error(reader->source, member->value->at, "a quirk is true or false");
    } else if (member->value->u.boolean) {
        *quirks |= 1U << quirk;
    } else {
        *quirks &= ~(1U << quirk);
    }
}

static void
read_quirks(reader_t *reader, config_connector_t *connector)
{
    const json_t *value = reader_get(reader, "quirks");

    connector->quirks = scim_quirks_default;
    if (!value)
        return;
    if (json_is(value, JSON_OBJECT)) {
        for (size_t i = 0; i < value->u.object.n; i++)
            read_quirk(reader, &value->u.object.members[i], &connector->quirks);
    } else if (json_is(value, JSON_STRING) && str_eq(value->u.string, STR("strict"))) {
        connector->quirks = scim_quirks_none;
    } else if (!json_is(value, JSON_STRING) || !str_eq(value->u.string, STR("entra"))) {
        source_error(reader->source, value->at,
                     "\"quirks\" must be \"entra\", \"strict\" or an object such as "
                     "{\"booleanString\": false}");
    }
}

static void
load_map(reader_t *reader, config_connector_t *connector)
{
    const json_t *at = reader_need(reader, "map");
    err_t err = ERR_INIT;
    str_t text;

    if (!at || !reader_path(reader, "map", &connector->map_file))
        return;
    if (!file_read(reader->source->mem, connector->map_file, json_limits_file.max_bytes, &text,
                   &err)) {
        source_error(reader->source, at->at, "%s: %s", connector->map_file, err.detail);
        return;
    }
    connector->map = map_load(reader->source->mem, connector->map_file, text,
                              ldap_schema_builtin(), reader->source->diags);
}

static void
read_connector(loading_t *loading, const json_member_t *member, config_connector_t *connector)
{
    source_t *source = loading->source;
    reader_t reader;

    connector->name = member->name;
    check_connector_name(loading, member);
    (void)reader_begin(&reader, source, member->value,
                       str_printf(source->mem, "connector \"%.*s\"", STR_ARG(member->name)).p);
    find_directory(loading, &reader, connector);
    load_map(&reader, connector);
    (void)reader_boolean(&reader, "default", &connector->is_default);
    (void)reader_boolean(&reader, "paused", &connector->paused);
    read_quirks(&reader, connector);
    reader_end(&reader);
}

static void
read_connectors(loading_t *loading, const json_t *value)
{
    size_t n = section_size(loading, value, "connectors"), defaults = 0;

    loading->connectors = arena_array_of(loading->source->mem, n + 1, config_connector_t);
    for (size_t i = 0; i < n; i++) {
        read_connector(loading, &value->u.object.members[i], &loading->connectors[i]);
        defaults += loading->connectors[i].is_default;
    }
    if (defaults > 1)
        source_error(loading->source, value->at, "only one connector can be the default");
    if (value && n == 0)
        source_error(loading->source, value->at, "there must be a connector at least");
    loading->config->connectors = loading->connectors;
    loading->config->n_connectors = n;
}

/* --- tokens ------------------------------------------------------------------------------- */

static void
check_token(loading_t *loading, const auth_token_t *token, const json_t *at)
{
    for (size_t i = 0; i < token->n_connectors; i++) {
        if (!config_find_connector(loading->config, token->connectors[i]))
            source_error(loading->source, at->at,
                         "token \"%.*s\" is for connector \"%.*s\", which does not exist",
                         STR_ARG(token->name), STR_ARG(token->connectors[i]));
    }
}

static void
read_token_file(loading_t *loading, reader_t *reader)
{
    const char *path;
    source_t source;
    const json_t *list;

    if (!reader_path(reader, "tokensFile", &path))
        return;
    list = source_load(loading->source->mem, path, loading->source->diags, &source);
    if (list)
        tokens_read(&source, list, &loading->config->tokens);
}

static void
read_tokens(loading_t *loading, reader_t *reader)
{
    auth_tokens_t *tokens = &loading->config->tokens;
    const json_t *list = reader_get(reader, "tokens");
    const json_t *file = reader_get(reader, "tokensFile");

    if (list)
        tokens_read(loading->source, list, tokens);
    read_token_file(loading, reader);
    for (size_t i = 0; i < tokens->n; i++)
        check_token(loading, &tokens->items[i], list ? list : file);
    if (!list && !file && reader->object)
        source_warning(loading->source, 0, "there are no tokens, so nobody can use the bridge");
}

/* --- the file ----------------------------------------------------------------------------- */

static void
read_public_url(reader_t *reader, config_t *config)
{
    const json_t *at = reader_get(reader, "publicUrl");
    str_t url;

    if (!reader_string(reader, "publicUrl", &config->public_url))
        return;
    url = str_from_c(config->public_url);
    if (!str_istarts_with(url, STR("https://")) && !str_istarts_with(url, STR("http://")))
        source_error(reader->source, at->at, "\"publicUrl\" must begin with https://");
    while (str_ends_with(url, STR("/")))
        url.n--;
    config->public_url = str_dup_c(reader->source->mem, url);
}

static void
read_log(reader_t *reader, config_t *config)
{
    const json_t *at = reader_get(reader, "log");
    const char *level = "info";

    (void)reader_string(reader, "log", &level);
    if (str_eq(str_from_c(level), STR("debug")))
        config->log = CONFIG_LOG_DEBUG;
    else if (str_eq(str_from_c(level), STR("info")))
        config->log = CONFIG_LOG_INFO;
    else if (str_eq(str_from_c(level), STR("warning")))
        config->log = CONFIG_LOG_WARNING;
    else
        source_error(reader->source, at->at,
                     "\"log\" must be \"warning\", \"info\" or \"debug\"");
    (void)reader_path(reader, "audit", &config->audit_file);
}

static void
read_workers(reader_t *reader, config_t *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t workers = cores < 1 ? 1 : cores;

    if (workers > MAX_WORKERS_DEFAULT)
        workers = MAX_WORKERS_DEFAULT;
    (void)reader_number(reader, "workers", 1, MAX_WORKERS, &workers);
    config->workers = (unsigned)workers;
}

static void
read_all(loading_t *loading, const json_t *value)
{
    config_t *config = loading->config;
    reader_t reader;

    if (!reader_begin(&reader, loading->source, value, "the configuration"))
        return;
    read_listen(loading, reader_get(&reader, "listen"));
    read_public_url(&reader, config);
    read_admin(loading, reader_get(&reader, "admin"));
    read_workers(&reader, config);
    read_log(&reader, config);
    read_limits(loading, reader_get(&reader, "limits"));
    read_directories(loading, reader_need(&reader, "directories"));
    read_connectors(loading, reader_need(&reader, "connectors"));
    read_tokens(loading, &reader);
    reader_end(&reader);
}

const config_t *
config_load(arena_t *mem, const char *file, diag_list_t *diags)
{
    source_t source;
    const json_t *value = source_load(mem, file, diags, &source);
    loading_t loading = {.source = &source};

    if (!value)
        return NULL;
    loading.config = arena_new_of(mem, config_t);
    loading.config->file = file;
    read_all(&loading, value);
    return diags->errors == 0 ? loading.config : NULL;
}

const config_connector_t *
config_find_connector(const config_t *config, str_t name)
{
    for (size_t i = 0; i < config->n_connectors; i++) {
        const config_connector_t *connector = &config->connectors[i];

        if (name.n == 0 ? connector->is_default : str_eq(connector->name, name))
            return connector;
    }
    return NULL;
}
