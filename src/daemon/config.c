/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"

#include "daemon/config_loading.h"
#include "daemon/file.h"
#include "http/tls.h"

#include <unistd.h>

enum { MAX_WORKERS_DEFAULT = 4, MAX_WORKERS = 64, CURSOR_KEY_MAX = 4096 };

/* --- what several parts need -------------------------------------------------------------- */

size_t
config_section_size(loading_t *loading, const json_t *value, const char *name)
{
    if (!value)
        return 0;
    if (json_is(value, JSON_OBJECT))
        return value->u.object.n;
    source_error(loading->source, value->at, "\"%s\" must be an object, not %s", name,
                 json_kind_name(value->kind));
    return 0;
}

void
config_check_secret(reader_t *reader, const json_t *at, const char *path)
{
    err_t err = ERR_INIT;

    if (!file_check_secret(path, &err))
        source_error(reader->source, at->at, "%s", err.detail);
}

const char *
config_secret_file(reader_t *reader, const char *name)
{
    source_t *source = reader->source;
    const json_t *at = reader_get(reader, name);
    size_t errors = source->diags->errors;
    const char *given, *path;
    bool credential;

    if (!at || !reader_string(reader, name, &given))
        return NULL;
    path = file_credential(source->mem, str_from_c(given), &credential);
    if (credential && !path) {
        source_error(source, at->at,
                     "%s: systemd handed over no credentials (CREDENTIALS_DIRECTORY)", given);
        return NULL;
    }
    if (!credential)
        path = source_path(source, str_from_c(given));
    config_check_secret(reader, at, path);
    return source->diags->errors == errors ? path : NULL;
}

void
config_check_priority(reader_t *reader, const char *name, const char *priority)
{
    err_t err = ERR_INIT;

    if (priority && !http_tls_check_priority(priority, &err))
        source_error(reader->source, reader_get(reader, name)->at, "%s", err.detail);
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
    static const str_t words[] = {[CONFIG_LOG_WARNING] = STR_INIT("warning"),
                                  [CONFIG_LOG_INFO] = STR_INIT("info"),
                                  [CONFIG_LOG_DEBUG] = STR_INIT("debug")};
    size_t level = CONFIG_LOG_INFO;

    (void)reader_word(reader, "log", words, ARRAY_SIZE(words), &level);
    config->log = (config_log_t)level;
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

/* A secret that instances share so that they know each other's cursors. */
static void
read_cursor_key(reader_t *reader, config_t *config)
{
    const char *path = config_secret_file(reader, "cursorKeyFile");
    mac_key_t *key = arena_new_of(reader->source->mem, mac_key_t);
    err_t err = ERR_INIT;
    str_t text;

    if (!path)
        return;
    if (!file_read(reader->source->mem, path, CURSOR_KEY_MAX, &text, &err))
        source_error(reader->source, reader_get(reader, "cursorKeyFile")->at, "%s: %s", path,
                     err.detail);
    else if (str_trim(text).n < MAC_SECRET_MIN || !mac_key_from(str_trim(text), key))
        source_error(reader->source, reader_get(reader, "cursorKeyFile")->at,
                     "%s holds less than %d bytes: a key is made, for example, with "
                     "\"openssl rand -base64 32\"",
                     path, MAC_SECRET_MIN);
    else
        config->cursor_key = key;
}

static void
read_all(loading_t *loading, const json_t *value)
{
    config_t *config = loading->config;
    reader_t reader;

    if (!reader_begin(&reader, loading->source, value, "the configuration"))
        return;
    if (json_find_exact(value, STR("dialect")) && json_find_exact(value, STR("resources"))) {
        source_error(
            loading->source, value->at,
            "this is a schema map, not a configuration; \"scimbridge check -m\" checks "
            "maps");
        return;
    }
    config_read_listen(loading, reader_get(&reader, "listen"));
    read_public_url(&reader, config);
    config_read_admin(loading, reader_get(&reader, "admin"));
    read_workers(&reader, config);
    read_log(&reader, config);
    read_cursor_key(&reader, config);
    config_read_limits(loading, reader_get(&reader, "limits"));
    config_read_directories(loading, reader_need(&reader, "directories"));
    config_read_connectors(loading, reader_need(&reader, "connectors"));
    config_check_overlaps(loading);
    config_read_tokens(loading, &reader);
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
