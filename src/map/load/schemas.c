/* SPDX-License-Identifier: Apache-2.0 */
/* "schemas": definitions of one's own (RFC 7643 §7), by their URNs. */
#include "map/load/loading.h"

static const char *const schema_keys[] = {"name", "description", "attributes", NULL};
static const char *const definition_keys[] = {
    "name",        "type",       "subAttributes",   "multiValued",
    "description", "required",   "caseExact",       "mutability",
    "returned",    "uniqueness", "canonicalValues", "referenceTypes",
    NULL};

/* ---- attributes ---- */

static bool check_definitions(load_t *load, const json_t *array);

static bool
check_definition(load_t *load, const json_t *json)
{
    const json_t *subs = json_find_exact(json, STR("subAttributes")), *place = NULL;
    str_t name = STR("");

    if (!load_keys(load, json, "the definition of an attribute", definition_keys) ||
        !load_string(load, json, "name", true, &name, &place))
        return false;
    if (!load_is_scim_name(name) && !str_eq(name, STR("$ref")))
        return load_error(load, place->at,
                          "\"%.*s\" is no name of a SCIM attribute: letters, digits, \"-\" and "
                          "\"_\", a letter first",
                          STR_ARG(name));
    return !subs || check_definitions(load, subs);
}

static bool
check_definitions(load_t *load, const json_t *array)
{
    size_t before = load->diags->errors;

    if (!json_is(array, JSON_ARRAY))
        return load_error(load, array->at,
                          "attributes are defined in an array: [{\"name\": \"serial\", "
                          "\"type\": \"string\"}]");
    for (size_t i = 0; i < array->u.array.n; i++)
        (void)check_definition(load, array->u.array.items[i]);
    return load->diags->errors == before;
}

/* The definition with these attributes alone, as RFC 7643 §7 writes it. */
static const scim_schema_t *
read_definition(load_t *load, const json_member_t *member, const json_t *attributes, err_t *err)
{
    json_t *whole = json_object(load->mem);

    json_set(load->mem, whole, STR("id"), json_string(load->mem, member->name));
    for (size_t i = 0; i < member->value->u.object.n; i++) {
        const json_member_t *part = &member->value->u.object.members[i];

        if (!str_eq(part->name, STR("attributes")))
            json_set(load->mem, whole, part->name, part->value);
    }
    json_set(load->mem, whole, STR("attributes"),
             attributes ? (json_t *)(uintptr_t)attributes : json_array(load->mem));
    return scim_schema_load(load->mem, whole, err);
}

/* What is wrong with the whole, at the first attribute that alone is wrong too. */
static bool
complain(load_t *load, const json_member_t *member, const json_t *attributes,
         const err_t *whole)
{
    for (size_t i = 0; i < attributes->u.array.n; i++) {
        json_t *one = json_array(load->mem);
        err_t err = ERR_INIT;

        json_append(load->mem, one, attributes->u.array.items[i]);
        if (!read_definition(load, member, one, &err))
            return load_error(load, attributes->u.array.items[i]->at, "%s", err.detail);
    }
    return load_error(load, member->value->at, "%s", whole->detail);
}

/* ---- schemas ---- */

static bool
check_urn(load_t *load, const json_member_t *member)
{
    if (!load_is_urn(member->name))
        return load_error(load, member->at,
                          "\"%.*s\" is no URN; write one of your own, such as "
                          "urn:ietf:params:scim:schemas:extension:example:2.0:User",
                          STR_ARG(member->name));
    if (str_istarts_with(member->name, STR("urn:ietf:params:scim:api:")) ||
        scim_schema_builtin(member->name))
        return load_error(load, member->at, "SCIM itself defines \"%.*s\"; remove it here",
                          STR_ARG(member->name));
    return true;
}

static void
read_schema(load_t *load, load_schema_t *draft)
{
    const json_member_t *member = draft->member;
    const json_t *attributes;
    err_t err = ERR_INIT;

    if (!check_urn(load, member) ||
        !load_keys(load, member->value, "the definition of a schema", schema_keys))
        return;
    attributes = json_find_exact(member->value, STR("attributes"));
    if (!attributes) {
        load_error(load, member->value->at, "\"attributes\" is missing here");
        return;
    }
    if (!check_definitions(load, attributes))
        return;
    draft->schema = read_definition(load, member, attributes, &err);
    if (!draft->schema)
        complain(load, member, attributes, &err);
}

void
load_schemas(load_t *load, const json_t *schemas)
{
    if (!schemas)
        return;
    if (!json_is(schemas, JSON_OBJECT)) {
        load_error(load, schemas->at,
                   "\"schemas\" must be an object of URNs: {\"urn:…\": {\"attributes\": […]}}");
        return;
    }
    load->schemas = arena_array_of(load->mem, schemas->u.object.n, load_schema_t);
    load->n_schemas = schemas->u.object.n;
    for (size_t i = 0; i < load->n_schemas; i++) {
        load->schemas[i].member = &schemas->u.object.members[i];
        read_schema(load, &load->schemas[i]);
    }
}

load_schema_t *
load_find_schema(load_t *load, str_t urn)
{
    for (size_t i = 0; i < load->n_schemas; i++) {
        if (str_ieq(load->schemas[i].member->name, urn))
            return &load->schemas[i];
    }
    return NULL;
}

void
load_check_schemas(load_t *load)
{
    for (size_t i = 0; i < load->n_schemas; i++) {
        if (load->schemas[i].schema && !load->schemas[i].used && !load->bad_types)
            load_warning(load, load->schemas[i].member->at,
                         "no resource maps an attribute of this schema; remove it");
    }
}

bool
load_is_scim_name(str_t name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if (!char_is_alpha(c) && (i == 0 || (!char_is_digit(c) && c != '-' && c != '_')))
            return false;
    }
    return name.n > 0;
}

bool
load_is_urn(str_t text)
{
    if (!str_istarts_with(text, STR("urn:")) || text.p[text.n - 1] == ':')
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && !strchr(":.-_/+", c))
            return false;
    }
    return str_find_char(str_skip(text, 4), ':') < text.n - 4;
}
