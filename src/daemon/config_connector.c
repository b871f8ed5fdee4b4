/* SPDX-License-Identifier: Apache-2.0 */
/* "connectors": which map serves which directory, under which name. */
#include "base/guess.h"
#include "daemon/config_loading.h"
#include "daemon/file.h"
#include "ldap/schema.h"
#include "ldap/server.h"
#include "map/load.h"

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
    const char *name;
    guess_t guess;

    if (!at || !reader_string(reader, "directory", &name))
        return;
    guess = guess_begin(str_from_c(name));
    for (size_t i = 0; i < loading->config->n_directories; i++) {
        guess_add(&guess, loading->directories[i].name);
        if (str_eq(loading->directories[i].name, str_from_c(name)))
            connector->directory = &loading->directories[i];
    }
    if (!connector->directory)
        source_error(reader->source, at->at, "there is no directory \"%s\"%.*s", name,
                     STR_ARG(guess_text(reader->source->mem, &guess)));
}

static void
complain_quirk(reader_t *reader, const json_member_t *member)
{
    guess_t guess = guess_begin(member->name);

    for (unsigned i = 0; i < SCIM_QUIRK_COUNT; i++)
        guess_add(&guess, str_from_c(scim_quirk_name((scim_quirk_t)i)));
    source_error(reader->source, member->at, "there is no quirk \"%.*s\"%.*s",
                 STR_ARG(member->name), STR_ARG(guess_text(reader->source->mem, &guess)));
}

static void
read_quirk(reader_t *reader, const json_member_t *member, scim_quirks_t *quirks)
{
    scim_quirk_t quirk;

    if (!scim_quirk_find(member->name, &quirk))
        complain_quirk(reader, member);
    else if (!json_is(member->value, JSON_BOOLEAN))
        source_error(reader->source, member->value->at, "a quirk is true or false");
    else if (member->value->u.boolean)
        *quirks |= 1U << quirk;
    else
        *quirks &= ~(1U << quirk);
}

/* All of them by a word. */
static void
read_quirk_set(reader_t *reader, const json_t *value, scim_quirks_t *quirks)
{
    static const str_t words[] = {STR_INIT("entra"), STR_INIT("strict")};
    guess_t guess = guess_begin(json_is(value, JSON_STRING) ? value->u.string : STR(""));

    if (json_is(value, JSON_STRING) && str_eq(value->u.string, words[0]))
        return;
    if (json_is(value, JSON_STRING) && str_eq(value->u.string, words[1])) {
        *quirks = scim_quirks_none;
        return;
    }
    guess_add_all(&guess, words, ARRAY_SIZE(words));
    source_error(reader->source, value->at,
                 "\"quirks\" must be \"entra\", \"strict\" or an object such as "
                 "{\"booleanString\": false}%.*s",
                 STR_ARG(guess_text(reader->source->mem, &guess)));
}

static void
read_quirks(reader_t *reader, config_connector_t *connector)
{
    const json_t *value = reader_get(reader, "quirks");

    connector->quirks = scim_quirks_default;
    if (!value)
        return;
    if (!json_is(value, JSON_OBJECT)) {
        read_quirk_set(reader, value, &connector->quirks);
        return;
    }
    for (size_t i = 0; i < value->u.object.n; i++)
        read_quirk(reader, &value->u.object.members[i], &connector->quirks);
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

/* Whatever the server lets pass: the password's own bytes are sent. */
static bool
is_protected(const ldap_settings_t *settings)
{
    str_t list = str_from_c(settings->url), url;
    ldap_server_t parts;

    while (!settings->start_tls && ldap_server_next_url(&list, &url))
        if (ldap_server_parse(url, &parts) && parts.scheme == LDAP_SERVER_PLAIN)
            return false;
    return true;
}

static void
check_password(reader_t *reader, const config_connector_t *connector)
{
    if (!connector->map || !connector->directory ||
        is_protected(&connector->directory->settings))
        return;
    for (size_t i = 0; i < connector->map->n_types; i++) {
        const map_slot_t *slot = connector->map->types[i].password;

        if (slot && str_ieq(slot->ldap, STR("unicodePwd")))
            source_error(
                reader->source, reader_get(reader, "directory")->at,
                "the map writes unicodePwd, which is sent over TLS only; let the url of "
                "directory \"%.*s\" begin with ldaps://, or add \"startTls\": true",
                STR_ARG(connector->directory->name));
    }
}

static void
read_connector(loading_t *loading, const json_member_t *member, size_t i)
{
    config_connector_t *connector = &loading->connectors[i];
    source_t *source = loading->source;
    reader_t reader;

    connector->name = member->name;
    check_connector_name(loading, member);
    (void)reader_begin(&reader, source, member->value,
                       str_printf(source->mem, "connector \"%.*s\"", STR_ARG(member->name)).p);
    find_directory(loading, &reader, connector);
    loading->maps[i] = reader_get(&reader, "map");
    load_map(&reader, connector);
    check_password(&reader, connector);
    (void)reader_boolean(&reader, "default", &connector->is_default);
    (void)reader_boolean(&reader, "paused", &connector->paused);
    read_quirks(&reader, connector);
    reader_end(&reader);
}

void
config_read_connectors(loading_t *loading, const json_t *value)
{
    size_t n = config_section_size(loading, value, "connectors"), defaults = 0;

    loading->connectors = arena_array_of(loading->source->mem, n + 1, config_connector_t);
    loading->maps = arena_array_of(loading->source->mem, n + 1, const json_t *);
    for (size_t i = 0; i < n; i++) {
        read_connector(loading, &value->u.object.members[i], i);
        defaults += loading->connectors[i].is_default;
    }
    if (defaults > 1)
        source_error(loading->source, value->at, "only one connector can be the default");
    if (value && n == 0)
        source_error(loading->source, value->at, "there must be a connector at least");
    loading->config->connectors = loading->connectors;
    loading->config->n_connectors = n;
}
