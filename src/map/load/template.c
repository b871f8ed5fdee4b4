/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: text with SCIM paths in braces. */
#include "map/load/loading.h"

typedef struct {
    const map_slot_t *slot;
    size_t n;
} found_t;

static void
note(void *arg, const map_slot_t *slot)
{
    found_t *found = arg;

    found->slot = slot;
    found->n++;
}

/* The part after the last '.', or of a qualified name after the last ':'. */
static str_t
short_name(str_t path)
{
    size_t dot = str_find_last_char(path, '.'), colon = str_find_last_char(path, ':');

    if (colon < path.n)
        return str_skip(path, colon + 1);
    return dot < path.n ? str_skip(path, dot + 1) : path;
}

static found_t
find_short(const map_type_t *type, str_t path)
{
    found_t found = {0};

    for (size_t i = 0; i < type->n_slots; i++) {
        if (str_ieq(short_name(type->slots[i].path), path))
            note(&found, &type->slots[i]);
    }
    return found;
}

/* A path that fails to be found because its own line is wrong needs no second complaint. */
static bool
is_excused(const load_type_t *draft, str_t path)
{
    if (draft->bad_attributes && draft->n_drafts == 0)
        return true;
    for (size_t i = 0; i < draft->n_drafts; i++) {
        const load_slot_t *slot = &draft->drafts[i];

        if (slot->bad && (str_ieq(slot->member->name, path) || str_ieq(slot->slot.path, path) ||
                          str_ieq(short_name(slot->member->name), short_name(path))))
            return true;
    }
    return false;
}

static const map_slot_t *
not_found(load_type_t *draft, str_t path, uint32_t at, const char *where, size_t n)
{
    guess_t guess = guess_begin(path);
    str_t hint;

    if (is_excused(draft, path))
        return NULL;
    if (n > 1) {
        load_error(draft->load, at,
                   "%s: \"%.*s\" means several mapped paths; write one in full, such as "
                   "emails[type eq \\\"work\\\"].value",
                   where, STR_ARG(path));
        return NULL;
    }
    for (size_t i = 0; i < draft->n_slots; i++) {
        guess_add(&guess, draft->slots[i].path);
        guess_add(&guess, short_name(draft->slots[i].path));
    }
    hint = guess_text(draft->load->mem, &guess);
    load_error(draft->load, at, "%s: \"%.*s\" is not mapped; add it to \"attributes\"%.*s",
               where, STR_ARG(path), STR_ARG(hint));
    return NULL;
}

const map_slot_t *
load_find_slot(load_type_t *draft, str_t path, uint32_t at, const char *where)
{
    scim_path_t parsed;
    scim_target_t target;
    found_t found = {0};
    err_t err = ERR_INIT;

    if (!scim_path_parse(draft->load->mem, path, &parsed, &err)) {
        load_error(draft->load, at, "%s: this is no SCIM path: %s", where, err.detail);
        return NULL;
    }
    if (scim_path_resolve(draft->type->scim, &parsed, &target) && target.schema)
        map_each_slot(draft->type, &target, note, &found);
    if (found.n == 0 && parsed.urn.n == 0 && parsed.sub.n == 0 && !parsed.filter)
        found = find_short(draft->type, path);
    return found.n == 1 ? found.slot : not_found(draft, path, at, where, found.n);
}

size_t
load_find_close(str_t text)
{
    bool quoted = false;

    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] == '"')
            quoted = !quoted;
        else if (text.p[i] == '{' && !quoted)
            return text.n;
        else if (text.p[i] == '}' && !quoted)
            return i;
    }
    return text.n;
}

static bool
is_text(const map_slot_t *slot)
{
    return slot->as == MAP_AS_STRING || slot->as == MAP_AS_INTEGER ||
           slot->as == MAP_AS_BOOLEAN || slot->as == MAP_AS_TIME;
}

static bool
read_path(load_type_t *draft, str_t path, uint32_t at, map_part_t *part)
{
    *part = (map_part_t){.literal = STR("")};
    if (!load_transforms(draft, &path, at, part))
        return false;
    part->slot = load_find_slot(draft, path, at, "template");
    if (!part->slot)
        return false;
    if (!is_text(part->slot))
        return load_error(draft->load, at, "template: \"%.*s\" is not text", STR_ARG(path));
    return true;
}

static size_t
count_braces(str_t text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '{';
    return n;
}

bool
load_template(load_type_t *draft, str_t text, uint32_t at, map_template_t *ret_template)
{
    map_part_t *parts =
        arena_array_of(draft->load->mem, 2 * count_braces(text) + 1, map_part_t);
    size_t n = 0;

    while (text.n > 0) {
        size_t open = str_find_char(text, '{'), close;
        str_t literal = str_slice(text, 0, open);

        if (str_find_char(literal, '}') < literal.n)
            return load_error(draft->load, at, "template: a \"}\" has no \"{\" before it");
        if (literal.n > 0)
            parts[n++] = (map_part_t){.literal = literal};
        text = str_skip(text, open);
        if (text.n == 0)
            break;
        close = load_find_close(text);
        if (close == text.n)
            return load_error(draft->load, at, "template: a \"{\" has no \"}\" after it");
        if (!read_path(draft, str_slice(text, 1, close - 1), at, &parts[n++]))
            return false;
        text = str_skip(text, close + 1);
    }
    *ret_template = (map_template_t){parts, n};
    return true;
}
