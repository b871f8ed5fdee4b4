/* SPDX-License-Identifier: Apache-2.0 */
/* "directories": the LDAP servers, and who we are there. */
#include "daemon/config_loading.h"
#include "ldap/server.h"

#include <unistd.h>

static void
read_url(reader_t *reader, ldap_settings_t *settings)
{
    const json_t *at = reader_need(reader, "url");
    str_t list, url;
    ldap_server_t parts;

    settings->url = "";
    if (!at || !reader_string(reader, "url", &settings->url))
        return;
    list = str_from_c(settings->url);
    while (ldap_server_next_url(&list, &url)) {
        if (!ldap_server_parse(url, &parts))
            source_error(reader->source, at->at,
                         "\"url\" must begin with ldap://, ldaps:// or ldapi://, with a host "
                         "and a port perhaps, such as ldaps://ldap.example.com:636");
    }
}

/* A bind that would send the password in clear is refused when it comes to it, unless the name
 * turns out to be this machine's. */
static void
check_clear(reader_t *reader, const ldap_settings_t *settings)
{
    const json_t *at = reader_get(reader, "url");
    str_t list = str_from_c(settings->url), url;
    ldap_server_t parts;

    while (settings->bind_dn && !settings->start_tls && ldap_server_next_url(&list, &url)) {
        if (!ldap_server_parse(url, &parts) || parts.scheme != LDAP_SERVER_PLAIN ||
            ldap_server_is_loopback(&parts))
            continue;
        if (settings->clear_allowed)
            source_warning(
                reader->source, at->at,
                "%.*s: the password of \"bindDn\", and everybody's data, go over the "
                "network in clear text",
                STR_ARG(url));
        else if (ldap_server_is_address(&parts))
            source_error(
                reader->source, at->at,
                "%.*s would send the password of \"bindDn\" in clear text; use ldaps://, "
                "or add \"startTls\": true",
                STR_ARG(url));
        else
            source_warning(reader->source, at->at,
                           "%.*s would send the password of \"bindDn\" in clear text, and is "
                           "refused unless that is this machine; use ldaps://, or add "
                           "\"startTls\": true",
                           STR_ARG(url));
    }
}

static void
read_identity(reader_t *reader, ldap_settings_t *settings)
{
    const json_t *dn = reader_get(reader, "bindDn");

    (void)reader_string(reader, "bindDn", &settings->bind_dn);
    settings->password_file = config_secret_file(reader, "passwordFile");
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
        config_check_priority(&reader, "priority", settings->tls_priority);
    (void)reader_boolean(&reader, "clearTextAllowed", &settings->clear_allowed);
    check_clear(&reader, settings);
    (void)reader_duration(&reader, "connectTimeout", 100, 60000, &connect_ms);
    settings->connect_timeout_ms = (int)connect_ms;
    if (settings->ca_file && access(settings->ca_file, R_OK) != 0)
        source_error(source, reader_get(&reader, "ca")->at, "cannot read %s",
                     settings->ca_file);
    reader_end(&reader);
}

void
config_read_directories(loading_t *loading, const json_t *value)
{
    size_t n = config_section_size(loading, value, "directories");

    loading->directories = arena_array_of(loading->source->mem, n + 1, config_directory_t);
    for (size_t i = 0; i < n; i++)
        read_directory(loading, &value->u.object.members[i], &loading->directories[i]);
    loading->config->directories = loading->directories;
    loading->config->n_directories = n;
}
