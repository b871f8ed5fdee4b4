/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/resource.h"

#include "scim/value.h"

static bool
is_envelope(str_t name)
{
    return str_ieq(name, STR("schemas")) || str_ieq(name, STR("id")) ||
           str_ieq(name, STR("meta"));
}

/* Of references the empty list is kept: a PUT of it empties a group, which one without members
 * does not. Hollow elements are refused, so that they do not make it. */
static bool
check_references(const scim_attr_t *attr, const json_t *given, const json_t *read,
                 bool *ret_kept, err_t *err)
{
    *ret_kept = attr->multi && scim_attr_find_sub(attr, STR("$ref"));
    if (*ret_kept && read->u.array.n < given->u.array.n)
        return err_set(err, ERR_INVALID_VALUE, "%.*s: an element has no value",
                       STR_ARG(attr->name));
    return true;
}

/* One member of the body (or of an extension in it) into `out`. */
static bool
read_member(arena_t *mem, const scim_schema_t *schema, const json_member_t *member, json_t *out,
            size_t *ignored, err_t *err)
{
    const scim_attr_t *attr = scim_schema_find(schema, member->name);

    if (!attr) {
        ++*ignored;
        return true;
    }
    bool kept;

    if (attr->mutability == SCIM_READ_ONLY ||
        (scim_value_is_absent(member->value) &&
         !(attr->multi && member->value->kind == JSON_ARRAY)))
        return true;
    json_t *value = scim_values_read(mem, attr, member->value, attr->name, err);
    if (!value || !check_references(attr, member->value, value, &kept, err))
        return false;
    if (kept || !scim_value_is_absent(value))
        json_set(mem, out, attr->name, value);
    return true;
}

static bool
read_extension(arena_t *mem, const scim_schema_t *schema, const json_t *value, json_t *out,
               size_t *ignored, err_t *err)
{
    json_t *part = json_object(mem);

    if (scim_value_is_absent(value))
        return true;
    if (value->kind != JSON_OBJECT)
        return err_set(err, ERR_INVALID_VALUE, "%.*s must be an object, not %s",
                       STR_ARG(schema->id), json_kind_name(value->kind));
    for (size_t i = 0; i < value->u.object.n; i++)
        if (!read_member(mem, schema, &value->u.object.members[i], part, ignored, err))
            return err_prefix(err, "%.*s", STR_ARG(schema->id));
    if (part->u.object.n > 0)
        json_set(mem, out, schema->id, part);
    return true;
}

json_t *
scim_resource_read(arena_t *mem, const scim_type_t *type, const json_t *body,
                   size_t *ret_ignored, err_t *err)
{
    json_t *out = json_object(mem);
    size_t ignored = 0;

    if (!json_is(body, JSON_OBJECT)) {
        err_set(err, ERR_INVALID_SYNTAX, "a resource must be an object, not %s",
                body ? json_kind_name(body->kind) : "nothing");
        return NULL;
    }
    for (size_t i = 0; i < body->u.object.n; i++) {
        const json_member_t *member = &body->u.object.members[i];
        const scim_schema_t *schema = scim_type_find_schema(type, member->name);

        if (is_envelope(member->name))
            continue;
        if (schema && schema != type->core) {
            if (!read_extension(mem, schema, member->value, out, &ignored, err))
                return NULL;
        } else if (!read_member(mem, type->core, member, out, &ignored, err)) {
            return NULL;
        }
    }
    if (ret_ignored)
        *ret_ignored = ignored;
    return out;
}

/* ---- required ---- */

/* Append what is missing of the schema to the error's detail. */
static bool
check_part(const scim_schema_t *schema, const char *between, str_t urn, const json_t *part,
           err_t *err)
{
    bool complete = true;

    for (size_t i = 0; i < schema->n; i++) {
        const scim_attr_t *attr = &schema->attrs[i];
        const json_t *value = json_find(part, attr->name);

        if (!attr->required || attr->mutability == SCIM_READ_ONLY)
            continue;
        if (!scim_value_is_absent(value) &&
            !(value->kind == JSON_STRING && str_is_empty(value->u.string)))
            continue;
        err_t before = *err;
        bool first = before.kind == ERR_NONE;
        err_set(err, ERR_INVALID_VALUE, "%s%s%.*s%s%.*s",
                first ? "required, but absent: " : before.detail, first ? "" : ", ",
                STR_ARG(urn), between, STR_ARG(attr->name));
        complete = false;
    }
    return complete;
}

bool
scim_resource_check_required(const scim_type_t *type, const json_t *resource, err_t *err)
{
    bool complete;

    err->kind = ERR_NONE;
    complete = check_part(type->core, "", STR(""), resource, err);
    for (size_t i = 0; i < type->n_extensions; i++) {
        const scim_schema_t *schema = type->extensions[i];
        const json_t *part = json_find(resource, schema->id);

        /* What an extension requires it requires of resources that have the extension. */
        if (part && !check_part(schema, ":", schema->id, part, err))
            complete = false;
    }
    return complete;
}

/* ---- parts ---- */

json_t *
scim_resource_part(json_t *resource, const scim_type_t *type, const scim_schema_t *schema)
{
    if (!schema || schema == type->core)
        return resource;
    json_t *part = json_find(resource, schema->id);
    return json_is(part, JSON_OBJECT) ? part : NULL;
}

json_t *
scim_resource_make_part(arena_t *mem, json_t *resource, const scim_type_t *type,
                        const scim_schema_t *schema)
{
    json_t *part = scim_resource_part(resource, type, schema);

    if (!part) {
        part = json_object(mem);
        json_set(mem, resource, schema->id, part);
    }
    return part;
}

bool
scim_resource_check_schemas(const scim_type_t *type, const json_t *body, err_t *err)
{
    const json_t *schemas = json_find(body, STR("schemas"));

    for (size_t i = 0; json_is(schemas, JSON_ARRAY) && i < schemas->u.array.n; i++) {
        const json_t *urn = schemas->u.array.items[i];

        if (json_is(urn, JSON_STRING) && str_ieq(urn->u.string, type->core->id))
            return true;
    }
    return err_set(err, ERR_INVALID_SYNTAX, "\"schemas\" must list \"%.*s\"",
                   STR_ARG(type->core->id));
}
