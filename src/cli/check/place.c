/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/place.h"

#include "daemon/file.h"

void
places_load(places_t *places, arena_t *mem, const char *file)
{
    err_t err = ERR_INIT;

    *places = (places_t){.mem = mem, .file = file};
    if (file_read(mem, file, json_limits_file.max_bytes, &places->text, &err))
        places->json = json_parse(mem, places->text, &json_limits_file, &err);
}

static void
put(const places_t *places, uint32_t at, finding_t *finding)
{
    finding->file = places->file;
    json_position(places->text, at, &finding->line, &finding->column);
}

static const json_member_t *
find_type(const places_t *places, const map_type_t *type)
{
    const json_t *resources = places->json ? json_find(places->json, STR("resources")) : NULL;

    return resources ? json_find_member(resources, type->scim->name) : NULL;
}

static const json_member_t *
find_key(const json_t *object, const char *key)
{
    return json_is(object, JSON_OBJECT) ? json_find_member(object, str_from_c(key)) : NULL;
}

void
places_key(const places_t *places, const map_type_t *type, const char *key, finding_t *finding)
{
    const json_member_t *member = find_type(places, type);
    const json_member_t *inner = member ? find_key(member->value, key) : NULL;

    if (inner)
        put(places, inner->value->at, finding);
    else if (member)
        put(places, member->at, finding);
}

/* The names that servers and maps use for one attribute. */
static bool
is_attr(str_t a, str_t b)
{
    const ldap_attr_type_t *type = ldap_schema_find(ldap_schema_builtin(), a);

    return str_ieq(a, b) || (type && type == ldap_schema_find(ldap_schema_builtin(), b));
}

/* "sn", {"ldap": "sn"}, or the same within an array. */
static const json_t *
find_named(const json_t *value, str_t ldap)
{
    const json_t *inner = NULL;

    if (json_is(value, JSON_STRING))
        return is_attr(value->u.string, ldap) ? value : NULL;
    if (json_is(value, JSON_OBJECT))
        return (inner = json_find(value, STR("ldap"))) ? find_named(inner, ldap) : NULL;
    for (size_t i = 0; json_is(value, JSON_ARRAY) && i < value->u.array.n; i++) {
        if ((inner = find_named(value->u.array.items[i], ldap)))
            return inner;
    }
    return NULL;
}

static bool
put_attr(const places_t *places, const json_t *type, str_t ldap, finding_t *finding)
{
    const json_member_t *attributes = find_key(type, "attributes"), *entry;
    const json_t *named = NULL;

    for (size_t i = 0; attributes && json_is(attributes->value, JSON_OBJECT) &&
                       i < attributes->value->u.object.n && !named;
         i++)
        named = find_named(attributes->value->u.object.members[i].value, ldap);
    if (named) {
        put(places, named->at, finding);
        return true;
    }
    entry = find_key(type, "entry");
    for (size_t i = 0;
         entry && json_is(entry->value, JSON_OBJECT) && i < entry->value->u.object.n; i++) {
        if (is_attr(entry->value->u.object.members[i].name, ldap)) {
            put(places, entry->value->u.object.members[i].at, finding);
            return true;
        }
    }
    return false;
}

void
places_attr(const places_t *places, const map_type_t *type, str_t ldap, finding_t *finding)
{
    const json_member_t *member = find_type(places, type);

    if (member && !put_attr(places, member->value, ldap, finding))
        places_key(places, type, "lifecycle", finding);
}

void
places_scope(const places_t *places, const map_scope_t *scope, const char *key,
             finding_t *finding)
{
    const json_t *scopes = places->json ? json_find(places->json, STR("scopes")) : NULL;
    const json_member_t *member = scopes ? json_find_member(scopes, scope->name) : NULL;
    const json_member_t *inner = member ? find_key(member->value, key) : NULL;

    if (inner)
        put(places, inner->value->at, finding);
    else if (member)
        put(places, member->at, finding);
}
