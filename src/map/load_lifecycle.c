/* SPDX-License-Identifier: Apache-2.0 */
/* "lifecycle": how inactive and deleted show in the directory. */
#include "map/loading.h"

static const char *const lifecycle_keys[] = {"inactive", "deleted", NULL};
static const char *const inactive_keys[] = {"when", "do", "undo", "stamp", NULL};
static const char *const deleted_keys[] = {"when",  "do",    "undo", "stamp",
                                           "aside", "purge", NULL};
static const char *const step_keys[] = {"set", "unset", "strip", "undo", NULL};
static const load_later_t step_later[] = {
    {"setBits", "use \"set\""},
    {"clearBits", "use \"set\""},
    {"addClass", "name the class in \"auxiliary\""},
    {"move", "mark the entry with \"set\""},
    {"save", "remove it"},
    {NULL, NULL},
};

typedef struct {
    load_type_t *draft;
    map_step_t *steps;
    size_t n, size;
} steps_t;

static map_step_t *
add_step(steps_t *steps, map_step_kind_t kind, str_t attr)
{
    if (steps->n == steps->size) {
        size_t size = steps->size ? 2 * steps->size : 4;

        steps->steps = arena_grow(steps->draft->load->mem, steps->steps, steps->n, size,
                                  sizeof(map_step_t));
        steps->size = size;
    }
    steps->steps[steps->n] = (map_step_t){.kind = kind, .attr = attr};
    return &steps->steps[steps->n++];
}

static void
set_values(arena_t *mem, map_step_t *step, str_t value)
{
    str_t *values = arena_array_of(mem, 1, str_t);

    values[0] = value;
    step->values = values;
    step->n = 1;
}

/* ---- the attributes that steps may write ---- */

/* A lifecycle that wrote what clients or rules write would be undone by the next request. */
static bool
check_attr(load_type_t *draft, str_t attr, uint32_t at)
{
    load_t *load = draft->load;
    const ldap_attr_type_t *type = ldap_schema_find(load->schema, attr);
    const load_slot_t *slot = load_find_draft(draft, attr);

    if (!load_is_attr_name(attr))
        return load_error(load, at, "\"%.*s\" is no name of an LDAP attribute", STR_ARG(attr));
    if (slot)
        return load_error(
            load, at, "%.*s is written by \"%.*s\"; a lifecycle needs an attribute of its own",
            STR_ARG(attr), STR_ARG(slot->member->name));
    if (load_same_attr(load->schema, attr, draft->type->rdn) || load_find_rule(draft, attr))
        return load_error(
            load, at, "%.*s is written by \"%s\"; a lifecycle needs an attribute of its own",
            STR_ARG(attr),
            load_same_attr(load->schema, attr, draft->type->rdn) ? "rdn" : "entry");
    if (str_ieq(attr, STR("objectClass")))
        return load_error(load, at,
                          "a lifecycle cannot change object classes; name them in "
                          "\"auxiliary\"");
    if (type && type->read_only)
        return load_error(load, at, "the directory alone writes %.*s", STR_ARG(attr));
    if (!type)
        load_warning(load, at,
                     "the LDAP attribute %.*s is not known here; check the map against the "
                     "live directory",
                     STR_ARG(attr));
    return true;
}

static bool
check_value(load_type_t *draft, str_t attr, const json_t *value)
{
    load_t *load = draft->load;
    const ldap_attr_type_t *type = ldap_schema_get(load->schema, attr);

    if (value->kind != JSON_STRING || value->u.string.n == 0)
        return load_error(load, value->at, "write the value as a string that is not empty");
    if (str_eq(value->u.string, STR("now"))) {
        if (type->syntax == LDAP_SYNTAX_TIME)
            return true;
        return load_error(load, value->at, "\"now\" is a time, but %.*s (%s) holds none",
                          STR_ARG(attr), ldap_syntax_name(type->syntax));
    }
    if (!ldap_syntax_accepts(load->mem, type->syntax, value->u.string))
        return load_error(load, value->at, "%.*s (%s) cannot hold \"%.*s\"", STR_ARG(attr),
                          ldap_syntax_name(type->syntax), STR_ARG(value->u.string));
    return true;
}

/* ---- steps ---- */

static bool
read_values(steps_t *steps, const json_member_t *member)
{
    load_t *load = steps->draft->load;
    const json_t *value = member->value;
    bool many = value->kind == JSON_ARRAY;
    size_t n = many ? value->u.array.n : 1;
    map_step_t *step = add_step(steps, MAP_STEP_SET, member->name);
    str_t *values = arena_array_of(load->mem, n, str_t);

    if (n == 0)
        return load_error(load, value->at,
                          "\"set\" needs a value; use \"unset\" to remove %.*s",
                          STR_ARG(member->name));
    if (n > 1 && ldap_schema_get(load->schema, member->name)->single)
        return load_error(load, value->at, "%.*s is single-valued", STR_ARG(member->name));
    for (size_t i = 0; i < n; i++) {
        const json_t *item = many ? value->u.array.items[i] : value;

        if (!check_value(steps->draft, member->name, item))
            return false;
        values[i] = item->u.string;
        if (n > 1 && str_eq(values[i], STR("now")))
            return load_error(load, item->at, "\"now\" must be the only value");
    }
    step->values = values;
    step->n = n;
    return true;
}

static bool
read_set(steps_t *steps, const json_t *value)
{
    load_t *load = steps->draft->load;

    if (!json_is(value, JSON_OBJECT) || value->u.object.n == 0)
        return load_error(load, value->at,
                          "\"set\" must be an object: {\"scimVisible\": \"FALSE\"}");
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];

        if (!check_attr(steps->draft, member->name, member->at) || !read_values(steps, member))
            return false;
    }
    return true;
}

static bool
read_unset(steps_t *steps, const json_t *object)
{
    const str_t *names = NULL;
    size_t n = 0;

    if (!load_strings(steps->draft->load, object, "unset", true, &names, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *array = json_find_exact(object, STR("unset"));

        if (!check_attr(steps->draft, names[i], array->u.array.items[i]->at))
            return false;
        add_step(steps, MAP_STEP_UNSET, names[i]);
    }
    return true;
}

static bool
read_strip(steps_t *steps, const json_t *value)
{
    if (!json_is(value, JSON_ARRAY) || value->u.array.n != 1 ||
        !json_is(value->u.array.items[0], JSON_STRING) ||
        !str_eq(value->u.array.items[0]->u.string, STR("groups")))
        return load_error(steps->draft->load, value->at, "\"strip\" must be [\"groups\"]");
    add_step(steps, MAP_STEP_STRIP_GROUPS, STR(""));
    return true;
}

/* The steps of the inactive state, with its stamp, where the deleted state asks for them. */
static bool
spread(steps_t *steps, bool undo, uint32_t at)
{
    load_type_t *draft = steps->draft;
    const map_state_t *state = &draft->type->inactive;
    const map_step_t *from = undo ? state->undo : state->perform;
    size_t n = undo ? state->n_undo : state->n_perform;

    if (!state->present) {
        const json_t *lifecycle = json_find_exact(draft->json, STR("lifecycle"));

        return json_find_exact(lifecycle, STR("inactive")) ||
               load_error(draft->load, at,
                          "the lifecycle has no state \"inactive\"; add it, or "
                          "remove this step");
    }
    for (size_t i = 0; i < n; i++)
        *add_step(steps, from[i].kind, from[i].attr) = from[i];
    if (state->stamp.n > 0 && undo)
        add_step(steps, MAP_STEP_UNSET, state->stamp);
    else if (state->stamp.n > 0)
        set_values(draft->load->mem, add_step(steps, MAP_STEP_SET, state->stamp), STR("now"));
    return true;
}

static bool
read_other_state(steps_t *steps, const json_t *value, bool deleted, bool undo)
{
    const char *form = undo ? "{\"undo\": \"inactive\"}" : "\"inactive\"";

    if (!json_is(value, JSON_STRING) || !str_eq(value->u.string, STR("inactive")) || !deleted)
        return load_error(steps->draft->load, value->at,
                          "the only state a step can name is the inactive one, as %s in the "
                          "deleted state",
                          form);
    return spread(steps, undo, value->at);
}

static bool
read_step(steps_t *steps, const json_t *step, bool deleted, bool undo)
{
    load_t *load = steps->draft->load;
    const json_t *value;

    if (json_is(step, JSON_STRING) && undo)
        return load_error(load, step->at, "write {\"undo\": \"inactive\"} here");
    if (json_is(step, JSON_STRING))
        return read_other_state(steps, step, deleted, false);
    if (!load_keys(load, step, "a step", step_keys, step_later))
        return false;
    if (step->u.object.n != 1)
        return load_error(load, step->at, "a step does one thing; write one { … } for each");
    value = step->u.object.members[0].value;
    if (json_find_exact(step, STR("set")))
        return read_set(steps, value);
    if (json_find_exact(step, STR("unset")))
        return read_unset(steps, step);
    if (json_find_exact(step, STR("strip")))
        return read_strip(steps, value);
    if (!json_find_exact(step, STR("undo")))
        return false; /* an unknown key: said above */
    if (!undo)
        return load_error(load, value->at,
                          "\"undo\" belongs into \"undo\"; write \"inactive\"");
    return read_other_state(steps, value, deleted, true);
}

static bool
read_steps(load_type_t *draft, const json_t *state, const char *key, bool deleted, bool undo,
           steps_t *ret_steps)
{
    const json_t *array = json_find_exact(state, str_from_c(key));
    bool good = true;

    *ret_steps = (steps_t){.draft = draft};
    if (!array)
        return true;
    if (!json_is(array, JSON_ARRAY))
        return load_error(draft->load, array->at, "\"%s\" must be an array of steps", key);
    for (size_t i = 0; i < array->u.array.n; i++)
        good = read_step(ret_steps, array->u.array.items[i], deleted, undo) && good;
    return good;
}

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
        return load_error(load, value->at,
                          "\"when\" with \"under\" is not supported yet; write an LDAP filter "
                          "such as \"(scimDeletedAt=*)\"");
    if (!load_string(load, json, "when", true, &text, &value))
        return false;
    filter = ldap_filter_parse(load->mem, text, &err);
    if (!filter)
        return load_error(load, value->at, "\"when\" is no LDAP filter: %s", err.detail);
    ldap_filter_each_attr(filter, check_when_attr, &attrs);
    state->when = map_mark_now(load->mem, load->schema, filter, &state->when_uses_now);
    return true;
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
    if (!check_attr(draft, stamp, value->at))
        return false;
    type = ldap_schema_find(load->schema, stamp);
    if (type && type->syntax != LDAP_SYNTAX_TIME)
        return load_error(load, value->at,
                          "a stamp is a time, but %.*s is a %s; use an attribute such as "
                          "scimInactiveSince or scimDeletedAt",
                          STR_ARG(stamp), ldap_syntax_name(type->syntax));
    state->stamp = stamp;
    return true;
}

static bool
read_aside(load_type_t *draft, const json_t *json)
{
    load_t *load = draft->load;
    const json_t *array = json_find_exact(json, STR("aside"));
    bool good = true;

    if (!load_strings(load, json, "aside", false, &draft->type->aside, &draft->type->n_aside))
        return false;
    for (size_t i = 0; i < draft->type->n_aside; i++) {
        str_t attr = draft->type->aside[i];

        if (!load_find_draft(draft, attr) && !load_find_rule(draft, attr) &&
            !load_same_attr(load->schema, attr, draft->type->rdn) && !draft->bad_rules)
            good = load_error(load, array->u.array.items[i]->at,
                              "the map does not write %.*s, so nobody can need it; remove it",
                              STR_ARG(attr));
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
read_purge(load_type_t *draft, const json_t *json)
{
    const json_t *value = NULL;
    str_t text;

    if (!load_string(draft->load, json, "purge", false, &text, &value))
        return false;
    if (!value)
        return true;
    if (!parse_duration(text, &draft->type->purge_s))
        return load_error(draft->load, value->at,
                          "\"purge\" must be a duration of weeks, days, hours, minutes and "
                          "seconds, such as \"P90D\" or \"PT12H\"");
    if (draft->type->deleted.stamp.n == 0)
        return load_error(draft->load, value->at,
                          "\"purge\" counts from the \"stamp\", which is missing; add "
                          "\"stamp\": \"scimDeletedAt\"");
    return true;
}

/* ---- states ---- */

static bool
read_state(load_type_t *draft, const json_t *json, bool deleted, map_state_t *state)
{
    const char *what = deleted ? "the deleted state" : "the inactive state";
    bool good =
        load_keys(draft->load, json, what, deleted ? deleted_keys : inactive_keys, NULL);
    steps_t perform, undo;

    if (!good)
        return false;
    good = read_when(draft, json, state);
    good = read_stamp(draft, json, state) && good;
    good = read_steps(draft, json, "do", deleted, false, &perform) && good;
    good = read_steps(draft, json, "undo", deleted, true, &undo) && good;
    if (deleted) {
        good = read_aside(draft, json) && good;
        good = read_purge(draft, json) && good;
    }
    state->perform = perform.steps;
    state->n_perform = perform.n;
    state->undo = undo.steps;
    state->n_undo = undo.n;
    return good;
}

typedef struct {
    const char *name, *json;
} preset_t;

/* Each is what an admin could write. */
static const preset_t presets[] = {
    {"hide", "{\"when\": \"(scimVisible=FALSE)\", \"stamp\": \"scimInactiveSince\","
             " \"do\": [{\"set\": {\"scimVisible\": \"FALSE\"}}],"
             " \"undo\": [{\"set\": {\"scimVisible\": \"TRUE\"}}]}"},
    {"ppolicy-end", "{\"when\": \"(pwdEndTime<=now)\","
                    " \"do\": [{\"set\": {\"pwdEndTime\": \"19700101000000Z\"}}],"
                    " \"undo\": [{\"unset\": [\"pwdEndTime\"]}]}"},
};
static const char *const preset_words[] = {"hide", "ppolicy-end", NULL};
static const load_later_t preset_later[] = {
    {"ppolicy-lock", "use \"ppolicy-end\""},
    {"nsaccountlock", "write the steps: {\"when\": …, \"do\": […], \"undo\": […]}"},
    {"ad-disable", "the dialect is \"openldap\": use \"ppolicy-end\" or \"hide\""},
    {"adlds-disable", "the dialect is \"openldap\": use \"ppolicy-end\" or \"hide\""},
    {NULL, NULL},
};

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

static json_t *
find_preset(load_type_t *draft, const json_t *lifecycle, const json_t *name)
{
    load_t *load = draft->load;
    err_t err = ERR_INIT;
    json_t *json;
    size_t i = 0;

    if (!load_word(load, lifecycle, "inactive", preset_words, preset_later, &i))
        return NULL;
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

    if (!scim_schema_find(draft->builtin->core, STR("active")))
        return load_error(draft->load, member->at,
                          "a %.*s has no \"active\"; remove \"inactive\"",
                          STR_ARG(draft->builtin->name));
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
    if (!json_is(json, JSON_OBJECT))
        return load_error(draft->load, json->at,
                          "\"deleted\" must be \"delete\" (the entry really goes) or "
                          "{\"when\": …, \"do\": […], \"undo\": […]}");
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
    if (!load_keys(load, json, "a lifecycle", lifecycle_keys, NULL))
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
