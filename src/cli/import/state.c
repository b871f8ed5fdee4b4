/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import/import.h"

#include "daemon/file.h"
#include "json/json.h"

#include <unistd.h>

enum { STATE_MAX = 16 * 1024 };

static const char *const names[] = {"connector", "only", "since", "began", "type", "anchor"};

static str_t *
place_of(import_state_t *state, size_t i)
{
    str_t *const places[] = {&state->connector, &state->only, &state->since,
                             &state->began,     &state->type, &state->anchor};

    return places[i];
}

static bool
take(arena_t *mem, const json_t *json, import_state_t *ret_state, err_t *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const json_t *value = json_find_exact(json, str_from_c(names[i]));

        if (!json_is(value, JSON_STRING))
            return err_set(err, ERR_CONFIG, "it holds no \"%s\": it is not of an import",
                           names[i]);
        *place_of(ret_state, i) = str_dup(mem, value->u.string);
    }
    return true;
}

static bool
is_same(const import_state_t *asked, const import_state_t *kept, err_t *err)
{
    if (!str_eq(asked->connector, kept->connector))
        return err_set(err, ERR_CONFIG, "it is of an import of the connector %.*s",
                       STR_ARG(kept->connector));
    if (!str_eq(asked->only, kept->only))
        return err_set(err, ERR_CONFIG, "it is of an import of another --type");
    if (!str_eq(asked->since, kept->since))
        return err_set(err, ERR_CONFIG, "it is of an import with another --since");
    return true;
}

bool
import_state_read(arena_t *mem, const char *file, import_state_t *state, bool *ret_found,
                  err_t *err)
{
    import_state_t kept = {.connector = STR("")};
    str_t text;
    json_t *json;

    *ret_found = access(file, F_OK) == 0;
    if (!*ret_found)
        return true;
    if (!file_read(mem, file, STATE_MAX, &text, err))
        return err_prefix(err, "%s", file);
    json = json_parse(mem, text, &json_limits_file, err);
    if (!json || !take(mem, json, &kept, err) || !is_same(state, &kept, err))
        return err_prefix(err, "%s", file);
    *state = kept;
    return true;
}

bool
import_state_write(arena_t *mem, const char *file, const import_state_t *state, err_t *err)
{
    import_state_t copy = *state;
    json_t *json = json_object(mem);
    buf_t buf;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        json_set(mem, json, str_from_c(names[i]), json_string(mem, *place_of(&copy, i)));
    buf_init(&buf, mem, STATE_MAX);
    json_write(&buf, json);
    buf_add_char(&buf, '\n');
    return file_replace(file, buf_str(&buf), err);
}
