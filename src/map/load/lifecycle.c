/* SPDX-License-Identifier: Apache-2.0 */
/* "lifecycle": how inactive and deleted show in the directory. */
#include "map/load/loading.h"

static const char *const lifecycle_keys[] = {"inactive", "deleted", NULL};
static const char *const inactive_keys[] = {"when", "do", "undo", "stamp", "purge", NULL};
static const char *const deleted_keys[] = {"when",  "do",    "undo", "stamp",
                                           "aside", "purge", NULL};
/* ---- when, stamp, aside, purge ---- */

typedef struct {
    load_type_t *draft;
    uint32_t at;
    bool good;
} attrs_t;

static void
check_when_attr(void *arg, str_t attr)
{
    attrs_t *attrs = arg;
    load_t *load = attrs->draft->load;

    if (attr.n > 0 && !ldap_schema_find(load->schema, attr))
        load_warning(load, attrs->at,
                     "the LDAP attribute %.*s is not known here; check the map against the "
                     "live directory",
                     STR_ARG(attr));
}

static bool
read_when(load_type_t *draft, const json_t *json, map_state_t *state)
{
    load_t *load = draft->load;
    const json_t *value = json_find_exact(json, STR("when"));
    const ldap_filter_t *filter;
    err_t err = ERR_INIT;
    attrs_t attrs = {draft, value ? value->at : 0, true};
    str_t text;

    if (json_is(value, JSON_OBJECT))
        return load_under(draft, value, state);
    if (!load_string(load, json, "when", true, &text, &value))
        return false;
    filter = ldap_filter_parse(load->mem, text, &err);
    if (!filter)
        return load_error(load, value->at, "\"when\" is no LDAP filter: %s", err.detail);
    ldap_filter_each_attr(filter, check_when_attr, &attrs);
    state->when = map_prepare_filter(load->mem, load->schema, filter, &state->when_uses_now);
    return true;
}

/* As text, too, where texts have an order: times so written have the same. */
static bool
holds_time(const ldap_attr_type_t *type)
{
    return type->syntax == LDAP_SYNTAX_TIME ||
           (type->syntax == LDAP_SYNTAX_DIRECTORY_STRING && type->single &&
            type->ordering != LDAP_RULE_NONE);
}

static bool
read_stamp(load_type_t *draft, const json_t *json, map_state_t *state)
{
    load_t *load = draft->load;
    const json_t *value = NULL;
    const ldap_attr_type_t *type;
    str_t stamp;

    if (!load_string(load, json, "stamp", false, &stamp, &value))
        return false;
    if (!value)
        return true;
    if (!load_check_step_attr(draft, stamp, value->at))
        return false;
    type = ldap_schema_find(load->schema, stamp);
    if (type && !holds_time(type))
        return load_error(load, value->at,
                          "a stamp is a time, but %.*s is a %s; use an attribute such as "
                          "scimInactiveSince or scimDeletedAt",
                          STR_ARG(stamp), ldap_syntax_name(type->syntax));
    state->stamp = load_attr_name(load, stamp);
    return true;
}

/* What the map writes, for a slip of the pen. */
static str_t
guess_attr(const load_type_t *draft, str_t attr)
{
    guess_t guess = guess_begin(attr);

    guess_add(&guess, draft->type->rdn);
    for (size_t i = 0; i < draft->n_drafts; i++)
        guess_add(&guess, draft->drafts[i].slot.ldap);
    for (size_t i = 0; i < draft->n_rules; i++)
        guess_add(&guess, draft->rules[i].ldap);
    return guess_text(draft->load->mem, &guess);
}

/* A tombstone gives its name up by a rename, so that it keeps a value; what else it gives up it is
 * without. */
static bool
check_aside(load_type_t *draft, str_t attr, uint32_t at)
{
    load_t *load = draft->load;
    str_t class, hint;

    if (load_same_attr(load->schema, attr, draft->type->rdn))
        return true;
    if (!load_find_draft(draft, attr) && !load_find_rule(draft, attr)) {
        if (draft->bad_rules)
            return true;
        hint = guess_attr(draft, attr);
        return load_error(load, at,
                          "the map does not write %.*s, so nobody can need it; remove it%.*s",
                          STR_ARG(attr), STR_ARG(hint));
    }
    if (load_is_must(draft, attr, &class))
        return load_error(load, at,
                          "%.*s demands %.*s, so a tombstone cannot give it up; remove it",
                          STR_ARG(class), STR_ARG(attr));
    for (size_t i = 0; i < draft->type->n_unique; i++) {
        if (load_same_attr(load->schema, attr, draft->type->unique[i]))
            return true;
    }
    load_warning(
        load, at,
        "nobody needs the %.*s of a deleted entry, as it need not be unique; add it to "
        "\"unique\" of the resource, or remove it",
        STR_ARG(attr));
    return true;
}

static bool
read_aside(load_type_t *draft, const json_t *json)
{
    load_t *load = draft->load;
    const json_t *array = json_find_exact(json, STR("aside"));
    const str_t *named = NULL;
    str_t *aside;
    size_t n = 0;
    bool good = true;

    if (!load_strings(load, json, "aside", false, &named, &n))
        return false;
    aside = arena_array_of(load->mem, n, str_t);
    draft->type->aside = aside;
    draft->type->n_aside = n;
    for (size_t i = 0; i < n; i++) {
        aside[i] = load_spelling(draft, load_attr_name(load, named[i]));
        good = check_aside(draft, named[i], array->u.array.items[i]->at) && good;
    }
    return good;
}

/* One number with its unit of an ISO 8601 duration; 0: there is none. */
static int64_t
unit_seconds(char unit, bool time)
{
    switch (unit) {
    case 'W':
        return time ? 0 : 7 * 86400;
    case 'D':
        return time ? 0 : 86400;
    case 'H':
        return time ? 3600 : 0;
    case 'M':
        return time ? 60 : 0;
    case 'S':
        return time ? 1 : 0;
    default:
        return 0;
    }
}

static bool
parse_duration(str_t text, int64_t *ret_s)
{
    int64_t total = 0;
    bool time = false;

    if (text.n < 3 || text.p[0] != 'P')
        return false;
    for (size_t i = 1; i < text.n;) {
        size_t from = i;
        int64_t number, unit;

        if (text.p[i] == 'T' && !time) {
            time = true;
            from = ++i;
        }
        while (i < text.n && char_is_digit(text.p[i]))
            i++;
        if (i == text.n || i - from > 9 ||
            !str_to_int64(str_slice(text, from, i - from), &number))
            return false;
        unit = unit_seconds(text.p[i++], time);
        if (unit == 0)
            return false;
        total += number * unit;
    }
    *ret_s = total;
    return total > 0;
}

static bool
read_purge(load_type_t *draft, const json_t *json, bool deleted, map_state_t *state)
{
    const json_t *value = NULL;
    str_t text;

    if (!load_string(draft->load, json, "purge", false, &text, &value))
        return false;
    if (!value)
        return true;
    if (!parse_duration(text, &state->purge_s))
        return load_error(draft->load, value->at,
                          "\"purge\" must be a duration of weeks, days, hours, minutes and "
                          "seconds, such as \"P90D\" or \"PT12H\"");
    if (state->stamp.n == 0 && !json_find_exact(json, STR("stamp")))
        return load_error(draft->load, value->at,
                          "\"purge\" counts from the \"stamp\", which is missing; add "
                          "\"stamp\": \"%s\"",
                          deleted ? "scimDeletedAt" : "scimInactiveSince");
    return true;
}

/* ---- states ---- */

/* slapd's ppolicy unlocks an account whose password somebody else sets. */
static void
note_needs(map_state_t *state, const load_steps_t *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        const map_step_t *step = &steps->steps[i];

        if (step->kind != MAP_STEP_SET && step->kind != MAP_STEP_UNSET &&
            step->kind != MAP_STEP_STRIP_GROUPS)
            state->needs_entry = true;
        if (step->kind == MAP_STEP_SET && str_ieq(step->attr, STR("pwdAccountLockedTime")))
            state->reassert = step->attr;
    }
}

static bool
read_state(load_type_t *draft, const json_t *json, bool deleted, map_state_t *state)
{
    const char *what = deleted ? "the deleted state" : "the inactive state";
    bool good = load_keys(draft->load, json, what, deleted ? deleted_keys : inactive_keys);
    load_steps_t perform, undo;

    if (!good)
        return false;
    good = read_when(draft, json, state);
    good = read_stamp(draft, json, state) && good;
    good = load_steps(draft, json, deleted, false, &perform) && good;
    good = load_steps(draft, json, deleted, true, &undo) && good;
    if (deleted)
        good = read_aside(draft, json) && good;
    good = read_purge(draft, json, deleted, state) && good;
    note_needs(state, &perform);
    note_needs(state, &undo);
    state->perform = perform.steps;
    state->n_perform = perform.n;
    state->undo = undo.steps;
    state->n_undo = undo.n;
    return good;
}

typedef struct {
    const char *dialect; /* NULL: any */
    const char *name, *json;
} preset_t;

/* Each is what an admin could write. */
static const preset_t presets[] = {
    {NULL, "hide",
     "{\"when\": \"(scimVisible=FALSE)\", \"stamp\": \"scimInactiveSince\","
     " \"do\": [{\"set\": {\"scimVisible\": \"FALSE\"}}],"
     " \"undo\": [{\"set\": {\"scimVisible\": \"TRUE\"}}]}"},
    {"openldap", "ppolicy-end",
     "{\"when\": \"(pwdEndTime<=now)\","
     " \"do\": [{\"set\": {\"pwdEndTime\": \"19700101000000Z\"}}],"
     " \"undo\": [{\"unset\": [\"pwdEndTime\"]}]}"},
    {"openldap", "ppolicy-lock",
     "{\"when\": \"(pwdAccountLockedTime=000001010000Z)\","
     " \"do\": [{\"set\": {\"pwdAccountLockedTime\": \"000001010000Z\"}}],"
     " \"undo\": [{\"unset\": [\"pwdAccountLockedTime\"]}]}"},
    {"389", "nsaccountlock",
     "{\"when\": \"(nsAccountLock=true)\","
     " \"do\": [{\"set\": {\"nsAccountLock\": \"true\"}}],"
     " \"undo\": [{\"unset\": [\"nsAccountLock\"]}]}"},
    {"ad", "ad-disable",
     "{\"when\": \"(userAccountControl:1.2.840.113556.1.4.803:=2)\","
     " \"do\": [{\"setBits\": {\"userAccountControl\": 2}}],"
     " \"undo\": [{\"clearBits\": {\"userAccountControl\": 2}}]}"},
    {"ad", "adlds-disable",
     "{\"when\": \"(msDS-UserAccountDisabled=TRUE)\","
     " \"do\": [{\"set\": {\"msDS-UserAccountDisabled\": \"TRUE\"}}],"
     " \"undo\": [{\"set\": {\"msDS-UserAccountDisabled\": \"FALSE\"}}]}"},
};
static const char *const preset_words[] = {
    "hide",          "ppolicy-end", "ppolicy-lock", "nsaccountlock", "ad-disable",
    "adlds-disable", NULL};

/* What a preset says stands at the place of its name: so do complaints about it. */
static void
move_to(json_t *json, uint32_t at)
{
    json->at = at;
    for (size_t i = 0; json->kind == JSON_ARRAY && i < json->u.array.n; i++)
        move_to(json->u.array.items[i], at);
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->u.object.n; i++) {
        json->u.object.members[i].at = at;
        move_to(json->u.object.members[i].value, at);
    }
}

static bool
fits_dialect(const load_t *load, const preset_t *preset)
{
    const map_dialect_t *dialect = load->map->dialect;

    return !preset->dialect || !dialect || str_eq(dialect->name, str_from_c(preset->dialect));
}

/* The first that is made for the map's dialect. */
static const char *
own_preset(const load_t *load)
{
    size_t i = 1;

    while (!fits_dialect(load, &presets[i]))
        i++;
    return presets[i].name;
}

static json_t *
find_preset(load_type_t *draft, const json_t *lifecycle, const json_t *name)
{
    load_t *load = draft->load;
    err_t err = ERR_INIT;
    json_t *json;
    size_t i = 0;

    if (!load_word(load, lifecycle, "inactive", preset_words, NULL, &i))
        return NULL;
    if (!fits_dialect(load, &presets[i])) {
        load_error(load, name->at,
                   "\"%s\" is of the dialect \"%s\", and this map's is \"%.*s\"; use \"%s\"",
                   presets[i].name, presets[i].dialect, STR_ARG(load->map->dialect->name),
                   own_preset(load));
        return NULL;
    }
    json = json_parse(load->mem, str_from_c(presets[i].json), &json_limits_file, &err);
    if (json)
        move_to(json, name->at);
    else
        load_error(load, name->at, "%s", err.detail);
    return json;
}

static bool
read_inactive(load_type_t *draft, const json_t *lifecycle, const json_member_t *member)
{
    map_state_t *state = &draft->type->inactive;
    const json_t *json = member->value;

    if (!scim_schema_find(draft->declared->core, STR("active")))
        return load_error(draft->load, member->at,
                          "a %.*s has no \"active\"; remove \"inactive\"",
                          STR_ARG(draft->declared->name));
    if (!json_is(json, JSON_OBJECT))
        json = find_preset(draft, lifecycle, json);
    if (!json || !read_state(draft, json, false, state))
        return false;
    state->present = true;
    load_check_state(draft, state, "inactive", member->at);
    return true;
}

static bool
read_deleted(load_type_t *draft, const json_member_t *member)
{
    map_state_t *state = &draft->type->deleted;
    const json_t *json = member->value;

    if (json_is(json, JSON_STRING) && str_eq(json->u.string, STR("delete")))
        return true;
    if (!json_is(json, JSON_OBJECT)) {
        guess_t guess = guess_begin(json_is(json, JSON_STRING) ? json->u.string : STR(""));

        guess_add(&guess, STR("delete"));
        return load_error(draft->load, json->at,
                          "\"deleted\" must be \"delete\" (the entry really goes) or "
                          "{\"when\": …, \"do\": […], \"undo\": […]}%.*s",
                          STR_ARG(guess_text(draft->load->mem, &guess)));
    }
    if (!read_state(draft, json, true, state))
        return false;
    state->present = true;
    load_check_state(draft, state, "deleted", member->at);
    return true;
}

void
load_lifecycle(load_type_t *draft)
{
    load_t *load = draft->load;
    const json_t *json = json_find_exact(draft->json, STR("lifecycle"));
    const json_member_t *inactive, *deleted;

    if (!json || (json_is(json, JSON_OBJECT) && !json_find_exact(json, STR("deleted")))) {
        load_error(load, json ? json->at : draft->member->at,
                   "say what DELETE does: \"lifecycle\": {\"deleted\": \"delete\"} removes the "
                   "entry, {\"deleted\": {\"when\": …}} keeps it");
        if (!json)
            return;
    }
    if (!load_keys(load, json, "a lifecycle", lifecycle_keys))
        return;
    inactive =
        json_find_exact(json, STR("inactive")) ? json_find_member(json, STR("inactive")) : NULL;
    deleted =
        json_find_exact(json, STR("deleted")) ? json_find_member(json, STR("deleted")) : NULL;
    if (inactive)
        read_inactive(draft, json, inactive);
    if (deleted && read_deleted(draft, deleted))
        load_check_states(draft, deleted->at);
}
