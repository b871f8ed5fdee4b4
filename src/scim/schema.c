/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/schema.h"

#include <assert.h>

/* ---- attributes of every resource ---- */

#define COMMON(literal, text, type, ...)                                                      \
    {                                                                                         \
        .name = STR_INIT(literal), .description = STR_INIT(text), .kind = (type), __VA_ARGS__ \
    }

const scim_attr_t scim_attr_id =
    COMMON("id", "Identifier that the server gave the resource.", SCIM_STRING,
           .case_exact = true, .mutability = SCIM_READ_ONLY, .returned = SCIM_RETURNED_ALWAYS,
           .uniqueness = SCIM_UNIQUE_SERVER);

const scim_attr_t scim_attr_external_id =
    COMMON("externalId", "Identifier that the client gave the resource.", SCIM_STRING,
           .case_exact = true);

static const scim_attr_t meta_subs[] = {
    COMMON("resourceType", "Name of the resource type.", SCIM_STRING, .case_exact = true,
           .mutability = SCIM_READ_ONLY),
    COMMON("created", "When the resource was created.", SCIM_DATETIME,
           .mutability = SCIM_READ_ONLY),
    COMMON("lastModified", "When the resource was last changed.", SCIM_DATETIME,
           .mutability = SCIM_READ_ONLY),
    COMMON("location", "Address of the resource.", SCIM_REFERENCE, .case_exact = true,
           .mutability = SCIM_READ_ONLY),
    COMMON("version", "Version of the resource.", SCIM_STRING, .case_exact = true,
           .mutability = SCIM_READ_ONLY),
};

const scim_attr_t scim_attr_meta =
    COMMON("meta", "What the server knows about the resource.", SCIM_COMPLEX,
           .mutability = SCIM_READ_ONLY, .subs = meta_subs, .n_subs = ARRAY_SIZE(meta_subs));

const scim_attr_t scim_attr_schemas =
    COMMON("schemas", "URNs of the schemas whose attributes are present.", SCIM_REFERENCE,
           .multi = true, .case_exact = true, .mutability = SCIM_READ_ONLY,
           .returned = SCIM_RETURNED_ALWAYS);

/* ---- reading a definition ---- */

static const char *const kind_names[] = {
    [SCIM_STRING] = "string",       [SCIM_BOOLEAN] = "boolean",   [SCIM_DECIMAL] = "decimal",
    [SCIM_INTEGER] = "integer",     [SCIM_DATETIME] = "dateTime", [SCIM_BINARY] = "binary",
    [SCIM_REFERENCE] = "reference", [SCIM_COMPLEX] = "complex",
};

static const char *const mutability_names[] = {
    [SCIM_READ_WRITE] = "readWrite",
    [SCIM_READ_ONLY] = "readOnly",
    [SCIM_IMMUTABLE] = "immutable",
    [SCIM_WRITE_ONLY] = "writeOnly",
};

static const char *const returned_names[] = {
    [SCIM_RETURNED_DEFAULT] = "default",
    [SCIM_RETURNED_ALWAYS] = "always",
    [SCIM_RETURNED_NEVER] = "never",
    [SCIM_RETURNED_REQUEST] = "request",
};

static const char *const uniqueness_names[] = {
    [SCIM_UNIQUE_NONE] = "none",
    [SCIM_UNIQUE_SERVER] = "server",
    [SCIM_UNIQUE_GLOBAL] = "global",
};

const char *
scim_kind_name(scim_kind_t kind)
{
    assert(kind < ARRAY_SIZE(kind_names));
    return kind_names[kind];
}

static bool
read_text(const json_t *from, str_t name, bool required, str_t *ret_text, err_t *err)
{
    const json_t *value = json_find(from, name);

    *ret_text = STR("");
    if (!value && !required)
        return true;
    if (!json_is(value, JSON_STRING) || (required && str_is_empty(value->u.string)))
        return err_set(err, ERR_CONFIG, "\"%.*s\" must be text", STR_ARG(name));
    *ret_text = value->u.string;
    return true;
}

static bool
read_flag(const json_t *from, str_t name, bool *ret_flag, err_t *err)
{
    const json_t *value = json_find(from, name);

    *ret_flag = false;
    if (!value)
        return true;
    if (!json_is(value, JSON_BOOLEAN))
        return err_set(err, ERR_CONFIG, "\"%.*s\" must be true or false", STR_ARG(name));
    *ret_flag = value->u.boolean;
    return true;
}

/* One word of a list; the first is what an absent member means. */
static bool
read_word(const json_t *from, str_t name, const char *const *words, size_t n,
          unsigned *ret_word, err_t *err)
{
    str_t text;

    if (!read_text(from, name, false, &text, err))
        return false;
    *ret_word = 0;
    if (str_is_empty(text))
        return true;
    for (unsigned i = 0; i < n; i++) {
        if (str_ieq(text, str_from_c(words[i]))) {
            *ret_word = i;
            return true;
        }
    }
    return err_set(err, ERR_CONFIG, "\"%.*s\" cannot be \"%.*s\"", STR_ARG(name),
                   STR_ARG(text));
}

static bool
read_texts(arena_t *mem, const json_t *from, str_t name, const str_t **ret_texts, size_t *ret_n,
           err_t *err)
{
    const json_t *list = json_find(from, name);

    *ret_texts = NULL;
    *ret_n = 0;
    if (!list)
        return true;
    if (!json_is(list, JSON_ARRAY))
        return err_set(err, ERR_CONFIG, "\"%.*s\" must be an array", STR_ARG(name));
    str_t *texts = arena_array_of(mem, list->u.array.n + 1, str_t);
    for (size_t i = 0; i < list->u.array.n; i++) {
        if (!json_is(list->u.array.items[i], JSON_STRING))
            return err_set(err, ERR_CONFIG, "\"%.*s\" must hold text", STR_ARG(name));
        texts[i] = list->u.array.items[i]->u.string;
    }
    *ret_texts = texts;
    *ret_n = list->u.array.n;
    return true;
}

static bool read_attrs(arena_t *mem, const json_t *list, bool subs,
                       const scim_attr_t **ret_attrs, size_t *ret_n, err_t *err);

static bool
read_words(const json_t *from, scim_attr_t *attr, err_t *err)
{
    unsigned kind, mutability, returned, uniqueness;

    if (!read_word(from, STR("type"), kind_names, ARRAY_SIZE(kind_names), &kind, err) ||
        !read_word(from, STR("mutability"), mutability_names, ARRAY_SIZE(mutability_names),
                   &mutability, err) ||
        !read_word(from, STR("returned"), returned_names, ARRAY_SIZE(returned_names), &returned,
                   err) ||
        !read_word(from, STR("uniqueness"), uniqueness_names, ARRAY_SIZE(uniqueness_names),
                   &uniqueness, err))
        return false;
    attr->kind = (scim_kind_t)kind;
    attr->mutability = (scim_mutability_t)mutability;
    attr->returned = (scim_returned_t)returned;
    attr->uniqueness = (scim_uniqueness_t)uniqueness;
    return true;
}

static bool
read_attr(arena_t *mem, const json_t *from, bool sub, scim_attr_t *attr, err_t *err)
{
    if (!read_text(from, STR("name"), true, &attr->name, err))
        return false;
    if (!read_text(from, STR("description"), false, &attr->description, err) ||
        !read_words(from, attr, err) ||
        !read_flag(from, STR("multiValued"), &attr->multi, err) ||
        !read_flag(from, STR("required"), &attr->required, err) ||
        !read_flag(from, STR("caseExact"), &attr->case_exact, err) ||
        !read_texts(mem, from, STR("canonicalValues"), &attr->canonical, &attr->n_canonical,
                    err) ||
        !read_texts(mem, from, STR("referenceTypes"), &attr->references, &attr->n_references,
                    err))
        return err_prefix(err, "attribute \"%.*s\"", STR_ARG(attr->name));
    if (attr->kind != SCIM_COMPLEX)
        return true;
    /* RFC 7643 §2.3.8; only the schema of schemas (§8.7.2), which nobody writes, does it. */
    if (sub && attr->mutability != SCIM_READ_ONLY)
        return err_set(err, ERR_CONFIG, "sub-attribute \"%.*s\" cannot be complex",
                       STR_ARG(attr->name));
    if (!read_attrs(mem, json_find(from, STR("subAttributes")), true, &attr->subs,
                    &attr->n_subs, err))
        return err_prefix(err, "attribute \"%.*s\"", STR_ARG(attr->name));
    return true;
}

static const scim_attr_t *
find_attr(const scim_attr_t *attrs, size_t n, str_t name)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(attrs[i].name, name))
            return &attrs[i];
    return NULL;
}

static bool
read_attrs(arena_t *mem, const json_t *list, bool subs, const scim_attr_t **ret_attrs,
           size_t *ret_n, err_t *err)
{
    if (!json_is(list, JSON_ARRAY))
        return err_set(err, ERR_CONFIG, "\"%s\" must be an array",
                       subs ? "subAttributes" : "attributes");
    size_t n = list->u.array.n;
    scim_attr_t *attrs = arena_array_of(mem, n + 1, scim_attr_t);
    for (size_t i = 0; i < n; i++) {
        if (!json_is(list->u.array.items[i], JSON_OBJECT))
            return err_set(err, ERR_CONFIG, "an attribute must be an object");
        if (!read_attr(mem, list->u.array.items[i], subs, &attrs[i], err))
            return false;
        if (find_attr(attrs, i, attrs[i].name))
            return err_set(err, ERR_CONFIG, "attribute \"%.*s\" is defined twice",
                           STR_ARG(attrs[i].name));
    }
    *ret_attrs = attrs;
    *ret_n = n;
    return true;
}

const scim_schema_t *
scim_schema_load(arena_t *mem, const json_t *definition, err_t *err)
{
    scim_schema_t *schema = arena_new_of(mem, scim_schema_t);

    if (!json_is(definition, JSON_OBJECT)) {
        err_set(err, ERR_CONFIG, "a schema definition must be an object");
        return NULL;
    }
    if (!read_text(definition, STR("id"), true, &schema->id, err) ||
        !read_text(definition, STR("name"), false, &schema->name, err) ||
        !read_text(definition, STR("description"), false, &schema->description, err) ||
        !read_attrs(mem, json_find(definition, STR("attributes")), false, &schema->attrs,
                    &schema->n, err)) {
        err_prefix(err, "schema");
        return NULL;
    }
    schema->core = str_find(schema->id, STR(":schemas:core:")) < schema->id.n;
    return schema;
}

/* ---- finding ---- */

const scim_attr_t *
scim_schema_find(const scim_schema_t *schema, str_t name)
{
    return find_attr(schema->attrs, schema->n, name);
}

const scim_attr_t *
scim_attr_find_sub(const scim_attr_t *attr, str_t name)
{
    return find_attr(attr->subs, attr->n_subs, name);
}

const scim_schema_t *
scim_type_find_schema(const scim_type_t *type, str_t urn)
{
    if (str_ieq(type->core->id, urn))
        return type->core;
    for (size_t i = 0; i < type->n_extensions; i++)
        if (str_ieq(type->extensions[i]->id, urn))
            return type->extensions[i];
    return NULL;
}

/* ---- as JSON ---- */

static void
set_text(arena_t *mem, json_t *object, str_t name, str_t value)
{
    json_set(mem, object, name, json_string(mem, value));
}

static void
set_word(arena_t *mem, json_t *object, str_t name, const char *value)
{
    set_text(mem, object, name, str_from_c(value));
}

static void
set_flag(arena_t *mem, json_t *object, str_t name, bool value)
{
    json_set(mem, object, name, json_boolean(mem, value));
}

static void
set_texts(arena_t *mem, json_t *object, str_t name, const str_t *values, size_t n)
{
    json_t *list = json_array(mem);

    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        json_append(mem, list, json_string(mem, values[i]));
    json_set(mem, object, name, list);
}

static json_t *attrs_to_json(arena_t *mem, const scim_attr_t *attrs, size_t n);

static bool
is_text(scim_kind_t kind)
{
    return kind == SCIM_STRING || kind == SCIM_REFERENCE || kind == SCIM_BINARY;
}

static json_t *
attr_to_json(arena_t *mem, const scim_attr_t *attr)
{
    json_t *out = json_object(mem);

    set_text(mem, out, STR("name"), attr->name);
    set_word(mem, out, STR("type"), kind_names[attr->kind]);
    set_flag(mem, out, STR("multiValued"), attr->multi);
    set_text(mem, out, STR("description"), attr->description);
    set_flag(mem, out, STR("required"), attr->required);
    if (is_text(attr->kind))
        set_flag(mem, out, STR("caseExact"), attr->case_exact);
    set_word(mem, out, STR("mutability"), mutability_names[attr->mutability]);
    set_word(mem, out, STR("returned"), returned_names[attr->returned]);
    set_word(mem, out, STR("uniqueness"), uniqueness_names[attr->uniqueness]);
    set_texts(mem, out, STR("canonicalValues"), attr->canonical, attr->n_canonical);
    set_texts(mem, out, STR("referenceTypes"), attr->references, attr->n_references);
    if (attr->kind == SCIM_COMPLEX)
        json_set(mem, out, STR("subAttributes"), attrs_to_json(mem, attr->subs, attr->n_subs));
    return out;
}

static json_t *
attrs_to_json(arena_t *mem, const scim_attr_t *attrs, size_t n)
{
    json_t *out = json_array(mem);

    for (size_t i = 0; i < n; i++)
        json_append(mem, out, attr_to_json(mem, &attrs[i]));
    return out;
}

static json_t *
schemas_of(arena_t *mem, const char *urn)
{
    json_t *out = json_array(mem);

    json_append(mem, out, json_string(mem, str_from_c(urn)));
    return out;
}

static json_t *
meta_of(arena_t *mem, const char *type, str_t base_url, const char *path, str_t id)
{
    json_t *meta = json_object(mem);

    set_word(mem, meta, STR("resourceType"), type);
    set_text(mem, meta, STR("location"),
             str_printf(mem, "%.*s%s%.*s", STR_ARG(base_url), path, STR_ARG(id)));
    return meta;
}

json_t *
scim_schema_to_json(arena_t *mem, const scim_schema_t *schema, str_t base_url)
{
    json_t *out = json_object(mem);

    json_set(mem, out, STR("schemas"),
             schemas_of(mem, "urn:ietf:params:scim:schemas:core:2.0:Schema"));
    set_text(mem, out, STR("id"), schema->id);
    set_text(mem, out, STR("name"), schema->name);
    set_text(mem, out, STR("description"), schema->description);
    json_set(mem, out, STR("attributes"), attrs_to_json(mem, schema->attrs, schema->n));
    json_set(mem, out, STR("meta"), meta_of(mem, "Schema", base_url, "/Schemas/", schema->id));
    return out;
}

static json_t *
extensions_to_json(arena_t *mem, const scim_type_t *type)
{
    json_t *out = json_array(mem);

    for (size_t i = 0; i < type->n_extensions; i++) {
        json_t *extension = json_object(mem);

        set_text(mem, extension, STR("schema"), type->extensions[i]->id);
        set_flag(mem, extension, STR("required"), false);
        json_append(mem, out, extension);
    }
    return out;
}

json_t *
scim_type_to_json(arena_t *mem, const scim_type_t *type, str_t base_url)
{
    json_t *out = json_object(mem);

    json_set(mem, out, STR("schemas"),
             schemas_of(mem, "urn:ietf:params:scim:schemas:core:2.0:ResourceType"));
    set_text(mem, out, STR("id"), type->name);
    set_text(mem, out, STR("name"), type->name);
    set_text(mem, out, STR("endpoint"), type->endpoint);
    set_text(mem, out, STR("description"), type->description);
    set_text(mem, out, STR("schema"), type->core->id);
    if (type->n_extensions > 0)
        json_set(mem, out, STR("schemaExtensions"), extensions_to_json(mem, type));
    json_set(mem, out, STR("meta"),
             meta_of(mem, "ResourceType", base_url, "/ResourceTypes/", type->name));
    return out;
}
