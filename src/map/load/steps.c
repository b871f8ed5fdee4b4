/* SPDX-License-Identifier: Apache-2.0 */
/* "do" and "undo" of a lifecycle state. */
#include "map/load/loading.h"

static const char *const step_keys[] = {"set",  "unset", "setBits", "clearBits", "addClass",
                                        "save", "strip", "undo",    "move",      NULL};

map_step_t *
load_add_step(load_steps_t *steps, map_step_kind_t kind, str_t attr)
{
    if (steps->n == steps->size) {
        size_t size = steps->size ? 2 * steps->size : 4;

        steps->steps = arena_grow(steps->draft->load->mem, steps->steps, steps->n, size,
                                  sizeof(map_step_t));
        steps->size = size;
    }
    steps->steps[steps->n] = (map_step_t){.kind = kind, .attr = attr, .aside = STR("")};
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
bool
load_check_step_attr(load_type_t *draft, str_t attr, uint32_t at)
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
read_values(load_steps_t *steps, const json_member_t *member)
{
    load_t *load = steps->draft->load;
    const json_t *value = member->value;
    bool many = value->kind == JSON_ARRAY;
    size_t n = many ? value->u.array.n : 1;
    map_step_t *step = load_add_step(steps, MAP_STEP_SET, load_attr_name(load, member->name));
    str_t *values = arena_array_of(load->mem, n, str_t);

    if (n == 0)
        return load_error(load, value->at,
                          "\"set\" needs a value; use \"unset\" to remove %.*s",
                          STR_ARG(member->name));
    for (size_t i = 0; i < n; i++) {
        const json_t *item = many ? value->u.array.items[i] : value;

        if (!check_value(steps->draft, member->name, item))
            return false;
        values[i] = item->u.string;
        if (n > 1 && str_eq(values[i], STR("now")))
            return load_error(load, item->at, "\"now\" must be the only value");
    }
    if (n > 1 && ldap_schema_get(load->schema, member->name)->single)
        return load_error(load, value->at, "%.*s is single-valued", STR_ARG(member->name));
    step->values = values;
    step->n = n;
    return true;
}

static bool
read_set(load_steps_t *steps, const json_t *value)
{
    load_t *load = steps->draft->load;

    if (!json_is(value, JSON_OBJECT) || value->u.object.n == 0)
        return load_error(load, value->at,
                          "\"set\" must be an object: {\"scimVisible\": \"FALSE\"}");
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];

        if (!load_check_step_attr(steps->draft, member->name, member->at) ||
            !read_values(steps, member))
            return false;
    }
    return true;
}

static bool
read_unset(load_steps_t *steps, const json_t *object)
{
    const str_t *names = NULL;
    size_t n = 0;

    if (!load_strings(steps->draft->load, object, "unset", true, &names, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *array = json_find_exact(object, STR("unset"));

        if (!load_check_step_attr(steps->draft, names[i], array->u.array.items[i]->at))
            return false;
        load_add_step(steps, MAP_STEP_UNSET, load_attr_name(steps->draft->load, names[i]));
    }
    return true;
}

/* A rule may give the number that new entries begin with, of which steps change some bits. */
static bool
check_bits_attr(load_type_t *draft, str_t attr, uint32_t at)
{
    const map_rule_t *rule = load_find_rule(draft, attr);

    if (rule && rule->write == MAP_WRITE_CREATE && !load_find_draft(draft, attr) &&
        !load_same_attr(draft->load->schema, attr, draft->type->rdn))
        return true;
    return load_check_step_attr(draft, attr, at);
}

static bool
read_bits(load_steps_t *steps, const json_t *value, map_step_kind_t kind)
{
    load_t *load = steps->draft->load;
    const char *name = kind == MAP_STEP_SET_BITS ? "setBits" : "clearBits";

    if (!json_is(value, JSON_OBJECT) || value->u.object.n == 0)
        return load_error(load, value->at, "\"%s\" must be an object: {\"userFlags\": 2}",
                          name);
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];
        const ldap_attr_type_t *type = ldap_schema_get(load->schema, member->name);
        int64_t bits = 0;

        if (!check_bits_attr(steps->draft, member->name, member->at))
            return false;
        if (ldap_schema_find(load->schema, member->name) && type->syntax != LDAP_SYNTAX_INTEGER)
            return load_error(load, member->at,
                              "bits are those of an integer, but %.*s is a %s",
                              STR_ARG(member->name), ldap_syntax_name(type->syntax));
        if (member->value->kind != JSON_NUMBER ||
            !str_to_int64(member->value->u.number.text, &bits) || bits <= 0 || bits > INT32_MAX)
            return load_error(
                load, member->value->at,
                "write the bits as their sum, a whole number from 1 to 2147483647");
        load_add_step(steps, kind, load_attr_name(load, member->name))->bits = bits;
    }
    return true;
}

static bool
read_classes(load_steps_t *steps, const json_t *object)
{
    load_t *load = steps->draft->load;
    const json_t *array = json_find_exact(object, STR("addClass"));
    const str_t *names = NULL;
    map_step_t *step;
    size_t n = 0;

    if (!load_strings(load, object, "addClass", true, &names, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!load_is_attr_name(names[i]) || str_find_char(names[i], ';') < names[i].n)
            return load_error(load, array->u.array.items[i]->at,
                              "\"%.*s\" is no name of an object class", STR_ARG(names[i]));
    }
    step = load_add_step(steps, MAP_STEP_ADD_CLASS, STR("objectClass"));
    step->values = names;
    step->n = n;
    return true;
}

static bool
check_save(load_steps_t *steps, const map_step_t *step, const json_member_t *member)
{
    load_t *load = steps->draft->load;
    const ldap_attr_type_t *from = ldap_schema_find(load->schema, step->attr),
                           *to = ldap_schema_find(load->schema, step->aside);

    if (load_same_attr(load->schema, step->attr, step->aside))
        return load_error(load, member->value->at, "%.*s cannot be saved in itself",
                          STR_ARG(step->attr));
    if (from && to && from->syntax != to->syntax)
        return load_error(load, member->value->at, "%.*s (%s) cannot hold what %.*s (%s) does",
                          STR_ARG(step->aside), ldap_syntax_name(to->syntax),
                          STR_ARG(step->attr), ldap_syntax_name(from->syntax));
    if (to && to->single && !(from && from->single))
        return load_error(load, member->value->at,
                          "%.*s is single-valued, but %.*s may have several values",
                          STR_ARG(step->aside), STR_ARG(step->attr));
    for (size_t i = 0; i + 1 < steps->n; i++) {
        const map_step_t *other = &steps->steps[i];

        if (load_same_attr(load->schema, other->attr, step->aside) ||
            load_same_attr(load->schema, other->aside, step->aside))
            return load_error(load, member->value->at,
                              "%.*s is written by another step already", STR_ARG(step->aside));
        if (load_same_attr(load->schema, other->attr, step->attr))
            return load_error(load, member->at,
                              "%.*s is changed by a step before; save it first",
                              STR_ARG(step->attr));
    }
    return true;
}

static bool
read_save(load_steps_t *steps, const json_t *value, bool undo)
{
    load_t *load = steps->draft->load;

    if (undo)
        return load_error(load, value->at,
                          "\"save\" belongs into \"do\"; what was saved is put back by itself, "
                          "after \"undo\"");
    if (!json_is(value, JSON_OBJECT) || value->u.object.n == 0)
        return load_error(load, value->at,
                          "\"save\" must be an object: {\"loginShell\": \"scimSavedShell\"}");
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];
        map_step_t *step;

        if (member->value->kind != JSON_STRING)
            return load_error(load, member->value->at,
                              "write the name of the attribute that takes the value");
        if (!load_check_step_attr(steps->draft, member->name, member->at) ||
            !load_check_step_attr(steps->draft, member->value->u.string, member->value->at))
            return false;
        step = load_add_step(steps, MAP_STEP_SAVE, load_attr_name(load, member->name));
        step->aside = load_attr_name(load, member->value->u.string);
        if (!check_save(steps, step, member))
            return false;
    }
    return true;
}

static bool
read_strip(load_steps_t *steps, const json_t *value)
{
    const json_t *item =
        json_is(value, JSON_ARRAY) && value->u.array.n > 0 ? value->u.array.items[0] : value;
    guess_t guess = guess_begin(json_is(item, JSON_STRING) ? item->u.string : STR(""));

    guess_add(&guess, STR("groups"));
    if (item == value || value->u.array.n != 1 || !json_is(item, JSON_STRING) ||
        !str_eq(item->u.string, STR("groups")))
        return load_error(steps->draft->load, value->at, "\"strip\" must be [\"groups\"]%.*s",
                          STR_ARG(guess_text(steps->draft->load->mem, &guess)));
    load_add_step(steps, MAP_STEP_STRIP_GROUPS, STR(""));
    return true;
}

/* The steps of the inactive state, with its stamp, where the deleted state asks for them. */
static bool
spread(load_steps_t *steps, bool undo, uint32_t at)
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
        *load_add_step(steps, from[i].kind, from[i].attr) = from[i];
    if (state->stamp.n > 0 && undo)
        load_add_step(steps, MAP_STEP_UNSET, state->stamp);
    else if (state->stamp.n > 0)
        set_values(draft->load->mem, load_add_step(steps, MAP_STEP_SET, state->stamp),
                   STR("now"));
    return true;
}

static bool
read_other_state(load_steps_t *steps, const json_t *value, bool deleted, bool undo)
{
    const char *form = undo ? "{\"undo\": \"inactive\"}" : "\"inactive\"";
    guess_t guess = guess_begin(json_is(value, JSON_STRING) ? value->u.string : STR(""));

    if (deleted)
        guess_add(&guess, STR("inactive"));
    if (!json_is(value, JSON_STRING) || !str_eq(value->u.string, STR("inactive")) || !deleted)
        return load_error(steps->draft->load, value->at,
                          "the only state a step can name is the inactive one, as %s in the "
                          "deleted state%.*s",
                          form, STR_ARG(guess_text(steps->draft->load->mem, &guess)));
    return spread(steps, undo, value->at);
}

static bool
read_step(load_steps_t *steps, const json_t *step, bool deleted, bool undo)
{
    load_t *load = steps->draft->load;
    const json_t *value;

    if (json_is(step, JSON_STRING) && undo)
        return load_error(load, step->at, "write {\"undo\": \"inactive\"} here");
    if (json_is(step, JSON_STRING))
        return read_other_state(steps, step, deleted, false);
    if (!load_keys(load, step, "a step", step_keys))
        return false;
    if (step->u.object.n != 1)
        return load_error(load, step->at, "a step does one thing; write one { … } for each");
    value = step->u.object.members[0].value;
    if (json_find_exact(step, STR("set")))
        return read_set(steps, value);
    if (json_find_exact(step, STR("unset")))
        return read_unset(steps, step);
    if (json_find_exact(step, STR("setBits")))
        return read_bits(steps, value, MAP_STEP_SET_BITS);
    if (json_find_exact(step, STR("clearBits")))
        return read_bits(steps, value, MAP_STEP_CLEAR_BITS);
    if (json_find_exact(step, STR("addClass")))
        return read_classes(steps, step);
    if (json_find_exact(step, STR("save")))
        return read_save(steps, value, undo);
    if (json_find_exact(step, STR("strip")))
        return read_strip(steps, value);
    if (json_find_exact(step, STR("move")))
        return load_move(steps, value, deleted, undo);
    if (!json_find_exact(step, STR("undo")))
        return false; /* an unknown key: said above */
    if (!undo)
        return load_error(load, value->at,
                          "\"undo\" belongs into \"undo\"; write \"inactive\"");
    return read_other_state(steps, value, deleted, true);
}

bool
load_steps(load_type_t *draft, const json_t *state, bool deleted, bool undo,
           load_steps_t *ret_steps)
{
    const char *key = undo ? "undo" : "do";
    const json_t *array = json_find_exact(state, str_from_c(key));
    bool good = true;

    *ret_steps = (load_steps_t){.draft = draft, .state = state};
    if (!array)
        return true;
    if (!json_is(array, JSON_ARRAY))
        return load_error(draft->load, array->at, "\"%s\" must be an array of steps", key);
    if (array->u.array.n == 0)
        return load_error(draft->load, array->at,
                          "\"%s\" has no steps; write them, or leave \"%s\" out where the "
                          "stamp alone tells the state",
                          key, key);
    for (size_t i = 0; i < array->u.array.n; i++)
        good = read_step(ret_steps, array->u.array.items[i], deleted, undo) && good;
    return good;
}
