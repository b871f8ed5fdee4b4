/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/quirk_value.h"

#include "scim/value.h"

/* ---- rewriters of one value; each returns what it is given when it has nothing to do ---- */

static bool
has_value(const scim_attr_t *attr)
{
    return attr->kind == SCIM_COMPLEX && scim_attr_find_sub(attr, STR("value"));
}

/* ["X"], [{"value": "X"}] and {"$ref": null, "value": "X"} for the scalar "X". */
static json_t *
unwrap_scalar(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    json_t *inner;

    (void)ctx;
    if (attr->kind == SCIM_COMPLEX)
        return value;
    if (value->kind == JSON_ARRAY && value->u.array.n == 1)
        value = value->u.array.items[0];
    inner = json_find(value, STR("value"));
    return inner ? inner : value;
}

/* {"$ref": "…/Users/id"}, which says what a value would. */
static json_t *
read_reference(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    const json_t *ref = json_find(value, STR("$ref"));
    json_t *object;
    size_t slash;
    str_t id;

    if (!json_is(ref, JSON_STRING) || !scim_value_is_absent(json_find(value, STR("value"))) ||
        !scim_attr_find_sub(attr, STR("$ref")))
        return value;
    slash = str_find_last_char(ref->u.string, '/');
    if (!str_unescape_uri(ctx->mem, str_skip(ref->u.string, slash + 1), false, &id) ||
        str_is_empty(id))
        return value;
    object = json_copy(ctx->mem, value);
    json_set(ctx->mem, object, STR("value"), json_string(ctx->mem, id));
    return object;
}

/* "id", [{"value": "id"}] and {"$ref": "…/Users/id"} for {"value": "id"}. */
static json_t *
wrap_reference(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    json_t *object;

    if (!has_value(attr))
        return value;
    if (value->kind == JSON_ARRAY && value->u.array.n == 1)
        value = value->u.array.items[0];
    if (value->kind == JSON_OBJECT)
        return read_reference(ctx, attr, value);
    if (value->kind != JSON_STRING)
        return value;
    object = json_object(ctx->mem);
    object->at = value->at;
    json_set(ctx->mem, object, STR("value"), value);
    return object;
}

static void
take_member(quirk_context_t *ctx, const scim_attr_t *attr, const json_t *from, str_t name,
            json_t *to, str_t as)
{
    json_t *value = json_find(from, name);

    if (json_is(value, JSON_STRING) && scim_attr_find_sub(attr, as))
        json_set(ctx->mem, to, as, value);
}

/* {"value": "{\"id\": …, \"value\": \"Admin\", \"displayName\": \"Admin\"}"} for
 * {"value": "Admin", "display": "Admin"}. */
static json_t *
open_json_string(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    const json_t *text = json_find(value, STR("value"));
    err_t ignored = ERR_INIT;

    if (!has_value(attr) || !json_is(text, JSON_STRING) ||
        !str_starts_with(str_trim(text->u.string), STR("{")))
        return value;
    const json_t *inner = json_parse(ctx->mem, text->u.string, &json_limits_request, &ignored);
    if (!json_is(json_find(inner, STR("value")), JSON_STRING))
        return value;
    json_t *out = json_copy(ctx->mem, value);
    take_member(ctx, attr, inner, STR("value"), out, STR("value"));
    take_member(ctx, attr, inner, STR("displayName"), out, STR("display"));
    take_member(ctx, attr, inner, STR("display"), out, STR("display"));
    take_member(ctx, attr, inner, STR("type"), out, STR("type"));
    return out;
}

static json_t *
read_boolean(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    if (attr->kind != SCIM_BOOLEAN || value->kind != JSON_STRING)
        return value;
    str_t text = str_trim(value->u.string);
    if (str_ieq(text, STR("true")))
        return json_boolean(ctx->mem, true);
    return str_ieq(text, STR("false")) ? json_boolean(ctx->mem, false) : value;
}

/* "" for null, and {"value": ""} or {} for a reference to nothing. */
static json_t *
read_empty(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    const json_t *inner;

    if (value->kind == JSON_STRING && str_is_empty(value->u.string))
        return json_null(ctx->mem);
    if (value->kind != JSON_OBJECT || !has_value(attr))
        return value;
    inner = json_find(value, STR("value"));
    return value->u.object.n == 0 || json_is(inner, JSON_NULL) ? json_null(ctx->mem) : value;
}

typedef json_t *rewrite_fn(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value);

typedef struct {
    scim_quirk_t quirk;
    rewrite_fn *rewrite;
} rewriter_t;

/* Before the members of an object are looked at, and after. */
static const rewriter_t outer[] = {
    {SCIM_QUIRK_SCALAR_ARRAY, unwrap_scalar},
    {SCIM_QUIRK_REFERENCE_SHAPE, wrap_reference},
    {SCIM_QUIRK_JSON_STRING, open_json_string},
};
static const rewriter_t inner[] = {
    {SCIM_QUIRK_BOOLEAN_STRING, read_boolean},
    {SCIM_QUIRK_EMPTY_VALUE, read_empty},
};

static json_t *
run(quirk_context_t *ctx, const rewriter_t *rewriters, size_t n, const scim_attr_t *attr,
    json_t *value)
{
    for (size_t i = 0; i < n; i++) {
        json_t *before = value;

        if (!quirk_is_on(ctx, rewriters[i].quirk))
            continue;
        value = rewriters[i].rewrite(ctx, attr, value);
        if (value != before)
            quirk_fire(ctx, rewriters[i].quirk);
    }
    return value;
}

static void
rewrite_members(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    for (size_t i = 0; attr->kind == SCIM_COMPLEX && i < value->u.object.n; i++) {
        json_member_t *member = &value->u.object.members[i];
        const scim_attr_t *sub = scim_attr_find_sub(attr, member->name);

        if (sub)
            member->value = quirk_values(ctx, sub, member->value);
    }
}

static json_t *
rewrite_one(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    value = run(ctx, outer, ARRAY_SIZE(outer), attr, value);
    if (value->kind == JSON_OBJECT)
        rewrite_members(ctx, attr, value);
    return run(ctx, inner, ARRAY_SIZE(inner), attr, value);
}

/* Elements of which nothing is left go. Not those of references: a list of members that came with
 * hollow elements is not the empty list, which would empty the group. */
static void
rewrite_elements(quirk_context_t *ctx, const scim_attr_t *attr, json_t *array)
{
    bool keeps_all = scim_attr_find_sub(attr, STR("$ref")) != NULL;
    size_t kept = 0;

    for (size_t i = 0; i < array->u.array.n; i++) {
        json_t *item = rewrite_one(ctx, attr, array->u.array.items[i]);

        if (keeps_all || item->kind != JSON_NULL || !quirk_is_on(ctx, SCIM_QUIRK_EMPTY_VALUE))
            array->u.array.items[kept++] = item;
    }
    array->u.array.n = kept;
}

json_t *
quirk_values(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value)
{
    if (!attr->multi || value->kind != JSON_ARRAY)
        return rewrite_one(ctx, attr, value);
    rewrite_elements(ctx, attr, value);
    return value;
}

/* ---- filters ---- */

static bool
is_text(const scim_attr_t *attr)
{
    return attr->kind == SCIM_STRING || attr->kind == SCIM_REFERENCE;
}

/* What a path in the filter is compared by. */
static const scim_attr_t *
compared_attr(const quirk_context_t *ctx, const scim_attr_t *attr, const scim_path_t *path)
{
    const scim_attr_t *found = NULL;
    scim_target_t target;

    if (attr) {
        found = attr->kind == SCIM_COMPLEX ? scim_attr_find_sub(attr, path->attr) : attr;
    } else if (scim_path_resolve(ctx->type, path, &target)) {
        found = target.sub ? target.sub : target.attr;
        if (found && has_value(found))
            found = scim_attr_find_sub(found, STR("value"));
    }
    return found;
}

static const json_t *
rewrite_literal(quirk_context_t *ctx, const scim_attr_t *attr, const json_t *value)
{
    if (quirk_is_on(ctx, SCIM_QUIRK_BOOLEAN_STRING)) {
        json_t copy = *value;
        json_t *read = read_boolean(ctx, attr, &copy);

        if (read != &copy) {
            quirk_fire(ctx, SCIM_QUIRK_BOOLEAN_STRING);
            return read;
        }
    }
    /* filter=externalId eq 4711: a number only by the look of it. */
    if (is_text(attr) && value->kind == JSON_NUMBER &&
        quirk_fire(ctx, SCIM_QUIRK_UNQUOTED_FILTER))
        return json_string(ctx->mem, value->u.number.text);
    if (is_text(attr) && value->kind == JSON_BOOLEAN &&
        quirk_fire(ctx, SCIM_QUIRK_UNQUOTED_FILTER))
        return json_string(ctx->mem, value->u.boolean ? STR("true") : STR("false"));
    return value;
}

static const scim_filter_t *
with_parts(quirk_context_t *ctx, const scim_filter_t *filter, const scim_filter_t *left,
           const scim_filter_t *right, const json_t *value)
{
    if (left == filter->left && right == filter->right && value == filter->value)
        return filter;
    scim_filter_t *out = arena_new_of(ctx->mem, scim_filter_t);
    *out = *filter;
    out->left = left;
    out->right = right;
    out->value = value;
    return out;
}

static const scim_filter_t *
rewrite_compare(quirk_context_t *ctx, const scim_attr_t *attr, const scim_filter_t *filter)
{
    const scim_attr_t *compared = compared_attr(ctx, attr, &filter->path);

    if (!compared)
        return filter;
    return with_parts(ctx, filter, NULL, NULL, rewrite_literal(ctx, compared, filter->value));
}

static const scim_filter_t *
rewrite_value_path(quirk_context_t *ctx, const scim_filter_t *filter)
{
    scim_target_t target;

    if (!scim_path_resolve(ctx->type, &filter->path, &target) || !target.attr)
        return filter;
    return with_parts(ctx, filter, quirk_filter(ctx, target.attr, filter->left), NULL, NULL);
}

const scim_filter_t *
quirk_filter(quirk_context_t *ctx, const scim_attr_t *attr, const scim_filter_t *filter)
{
    switch (filter->kind) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return with_parts(ctx, filter, quirk_filter(ctx, attr, filter->left),
                          quirk_filter(ctx, attr, filter->right), NULL);
    case SCIM_F_NOT:
        return with_parts(ctx, filter, quirk_filter(ctx, attr, filter->left), NULL, NULL);
    case SCIM_F_COMPARE:
        return rewrite_compare(ctx, attr, filter);
    case SCIM_F_VALUE_PATH:
        return attr ? filter : rewrite_value_path(ctx, filter);
    case SCIM_F_PRESENT:
        break;
    }
    return filter;
}
