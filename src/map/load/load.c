/* SPDX-License-Identifier: Apache-2.0 */
#include "map/load.h"

#include "map/load/loading.h"
#include "map/names.h"
#include "map/reference.h"
#include "map/slot.h"
#include "map/template_apply.h"

static const char *const top_keys[] = {"$schema", "dialect", "integrity", "unmapped",
                                       "schemas", "scopes",  "resources", NULL};
static const char *const dialect_words[] = {"openldap", "389", "ad", NULL};
#define NOT_SERVED "OpenLDAP, 389 Directory Server and Active Directory are served so far"
static const load_later_t dialect_later[] = {
    {"389ds", "its name is \"389\""},
    {"389-ds", "its name is \"389\""},
    {"adlds", NOT_SERVED},
    {"ad-lds", NOT_SERVED},
    {"opendj", NOT_SERVED},
    {NULL, NULL},
};
static const char *const unmapped_words[] = {"ignore", "refuse", NULL};
static const char *const integrity_words[] = {"server", "bridge", NULL};

static bool
read_top(load_t *load, const json_t *json)
{
    const json_t *value = NULL;
    str_t dialect = STR("");
    size_t word = 0;

    if (json_is(json, JSON_OBJECT) && json_find_exact(json, STR("directories")) &&
        json_find_exact(json, STR("connectors")))
        return load_error(load, json->at,
                          "this is a configuration, not a map; \"scimbridge check -c\" checks "
                          "configurations");
    if (!load_keys(load, json, "a map", top_keys))
        return false;
    load_string(load, json, "$schema", false, &dialect, &value);
    if (load_string(load, json, "dialect", true, &dialect, &value))
        load_word(load, json, "dialect", dialect_words, dialect_later, &word);
    /* Of a wrong word no more is said; the rest is looked at as for the first. */
    load->map->dialect = map_find_dialect(str_from_c(dialect_words[word]));
    word = 0;
    load_word(load, json, "integrity", integrity_words, NULL, &word);
    load->map->repairs = word == 1;
    word = 0;
    load_word(load, json, "unmapped", unmapped_words, NULL, &word);
    load->map->refuses_unmapped = word == 1;
    load_schemas(load, json_find_exact(json, STR("schemas")));
    load_scopes(load, json_find_exact(json, STR("scopes")));
    return true;
}

/* ---- resources ---- */

static void
begin_types(load_t *load, const json_t *resources)
{
    map_type_t *types = arena_array_of(load->mem, resources->u.object.n, map_type_t);

    load->types = arena_array_of(load->mem, resources->u.object.n, load_type_t);
    for (size_t i = 0; i < resources->u.object.n; i++) {
        const json_member_t *member = &resources->u.object.members[i];
        load_type_t *draft = &load->types[load->n_types];

        *draft = (load_type_t){.load = load, .member = member, .json = member->value};
        if (!load_type_begin(draft)) {
            load->bad_types = true;
            continue;
        }
        draft->type = &types[load->n_types++];
        draft->type->parent = draft->type->rdn = STR("");
        draft->type->placeholder = STR("");
        draft->type->inactive.stamp = draft->type->deleted.stamp = STR("");
    }
    load->map->types = types;
    load->map->n_types = load->n_types;
}

static void
read_resources(load_t *load, const json_t *json)
{
    const json_t *resources = json_find_exact(json, STR("resources"));

    if (!json_is(resources, JSON_OBJECT) || resources->u.object.n == 0) {
        load_error(
            load, resources ? resources->at : json->at,
            "\"resources\" must say what a User, a Group or both are: {\"User\": { … }}");
        return;
    }
    begin_types(load, resources);
    for (size_t i = 0; i < load->n_types; i++)
        load_type_place(&load->types[i]);
    for (size_t i = 0; i < load->n_types; i++)
        load_type(&load->types[i]);
    load_check_scopes(load);
    load_check_schemas(load);
}

/* ---- what is worked out beforehand ---- */

static void
finish_scope(load_t *load, map_scope_t *scope)
{
    arena_t *mem = load->mem;

    scope->visible = scope->filter;
    if (scope->protect)
        scope->visible =
            ldap_filter_and2(mem, scope->visible, ldap_filter_not(mem, scope->protect));
    for (size_t i = 0; i < load->n_types; i++) {
        const map_type_t *type = load->types[i].type;

        if (type->scope != scope || !type->deleted.present)
            continue;
        scope->visible =
            ldap_filter_and2(mem, scope->visible, ldap_filter_not(mem, type->deleted.when));
        scope->visible_uses_now = scope->visible_uses_now || type->deleted.when_uses_now;
    }
}

static void
finish_references(load_t *load, map_type_t *type)
{
    const map_slot_t **holders = NULL, *part;
    size_t n = 0;

    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (slot->as != MAP_AS_REFERENCE || !map_slot_writes(slot))
            continue;
        holders = arena_grow(load->mem, holders, n, n + 1 + slot->n_copies, sizeof(*holders));
        for (size_t k = 0; (part = map_slot_part(slot, k)); k++) {
            holders[n++] = part;
            load->map->holds_names = load->map->holds_names || part->by.n > 0;
        }
    }
    type->holders = holders;
    type->n_holders = n;
}

/* What the structural classes demand, every entry has. */
static bool
is_demanded(const load_type_t *draft, const map_rule_t *rule)
{
    const map_type_t *type = draft->type;
    str_t class;

    if (!load_is_must(draft, rule->ldap, &class))
        return false;
    for (size_t i = 0; i < type->n_auxiliary; i++)
        if (str_eq(type->auxiliary[i], class))
            return true;
    return false;
}

static void
finish_rules(load_type_t *draft)
{
    for (size_t i = 0; i < draft->n_rules; i++) {
        map_rule_t *rule = &draft->rules[i];

        rule->demanded = is_demanded(draft, rule);
        for (size_t k = 0; load_makes_several(draft, rule) && k < rule->n; k++)
            rule->several = rule->several || map_template_several(&rule->alternatives[k]);
    }
}

static const map_t *
finish(load_t *load)
{
    for (size_t i = 0; i < load->n_types; i++)
        finish_rules(&load->types[i]);
    for (size_t i = 0; i < load->n_types; i++)
        finish_references(load, load->types[i].type);
    for (size_t i = 0; i < load->n_scopes; i++)
        finish_scope(load, load->scopes[i].scope);
    for (size_t i = 0; i < load->n_types; i++)
        map_make_names(load->mem, load->map, load->types[i].type);
    return load->map;
}

const map_t *
map_load(arena_t *mem, const char *file, str_t text, const ldap_schema_t *schema,
         diag_list_t *diags)
{
    size_t errors = diags->errors;
    load_t load = {.mem = mem, .file = file, .text = text, .schema = schema, .diags = diags};
    err_t err = ERR_INIT;
    const json_t *json = json_parse(mem, text, &json_limits_file, &err);

    if (!json) {
        diag_add(diags, DIAG_ERROR, file, err.line, err.column, "%s", err.detail);
        return NULL;
    }
    load.map = arena_new_of(mem, map_t);
    load.map->schema = schema;
    if (read_top(&load, json))
        read_resources(&load, json);
    return diags->errors == errors ? finish(&load) : NULL;
}
