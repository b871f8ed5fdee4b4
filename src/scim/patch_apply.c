/* SPDX-License-Identifier: Apache-2.0 */
/* scim/patch_apply.c - PATCH operations applied to a resource (RFC 7644 §3.5.2). */
#include "scim/patch.h"

#include "scim/filter.h"
#include "scim/parse.h"
#include "scim/patching.h"
#include "scim/resource.h"
#include "scim/value.h"

/* ---- operations ---- */

/* RFC 7644 §3.5.2.2 knows no value of a remove. To ignore one would empty the whole attribute
 * where the client meant a few values. */
static bool
check_remove(const patching_t *a, const scim_target_t *target)
{
    if (a->op->kind == SCIM_REMOVE && target->attr->multi && !target->filter && a->op->value &&
        a->op->value->kind != JSON_NULL)
        return err_set(a->err, ERR_INVALID_VALUE,
                       "%.*s: a remove takes no value; select what to remove by a filter",
                       STR_ARG(a->op->path.text));
    return true;
}

static bool
apply_to_target(const patching_t *a, const scim_target_t *target, json_t *part)
{
    if (target->attr->multi)
        return patch_multi(a, target, part);
    if (target->sub || target->filter)
        return patch_values(a, target, part);
    return patch_attr(a, part, target->attr);
}

/* Keep `schemas`, where the resource lists them, in step with the extension. */
static void
list_schema(const patching_t *a, const scim_schema_t *schema, bool present)
{
    json_t *list = json_find(a->resource, STR("schemas"));

    if (!json_is(list, JSON_ARRAY))
        return;
    for (size_t i = 0; i < list->u.array.n; i++) {
        const json_t *item = list->u.array.items[i];

        if (!json_is(item, JSON_STRING) || !str_ieq(item->u.string, schema->id))
            continue;
        if (!present)
            json_remove_at(list, i);
        return;
    }
    if (present)
        json_append(a->mem, list, json_string(a->mem, schema->id));
}

static void
settle_part(const patching_t *a, const scim_schema_t *schema)
{
    if (!schema || schema == a->type->core)
        return;
    const json_t *part = json_find(a->resource, schema->id);
    if (part && scim_value_is_absent(part)) {
        json_remove(a->resource, schema->id);
        part = NULL;
    }
    list_schema(a, schema, part != NULL);
}

static bool
remove_extension(const patching_t *a, const scim_schema_t *schema)
{
    json_t *part = scim_resource_part(a->resource, a->type, schema);

    for (size_t i = 0; part && i < schema->n; i++) {
        const scim_attr_t *attr = &schema->attrs[i];

        if (attr->mutability == SCIM_READ_ONLY && json_find(part, attr->name))
            return patch_fail_mutability(a, attr, "is read-only");
        if (json_find(part, attr->name) && !patch_remove_attr(a, part, attr))
            return false;
    }
    return true;
}

static bool
check_mutability(const patching_t *a, const scim_target_t *target)
{
    if (target->attr->mutability == SCIM_READ_ONLY)
        return patch_fail_mutability(a, target->attr, "is read-only");
    if (target->sub && target->sub->mutability == SCIM_READ_ONLY)
        return patch_fail_mutability(a, target->sub, "is read-only");
    return true;
}

/* A name that no element could have: it would select nothing, and a remove would seem done. The
 * default sub-attributes (RFC 7643 §2.4) may be asked for everywhere. */
static bool
check_filter(const patching_t *a, const scim_attr_t *attr, const scim_filter_t *filter)
{
    static const str_t usual[] = {STR_INIT("type"), STR_INIT("primary"), STR_INIT("display"),
                                  STR_INIT("value"), STR_INIT("$ref")};
    const scim_path_t *path = &filter->path;

    if (filter->kind == SCIM_F_AND || filter->kind == SCIM_F_OR)
        return check_filter(a, attr, filter->left) && check_filter(a, attr, filter->right);
    if (filter->kind == SCIM_F_NOT)
        return check_filter(a, attr, filter->left);
    if (path->urn.n == 0 && path->sub.n == 0 && scim_attr_find_sub(attr, path->attr))
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
        if (str_ieq(path->text, usual[i]))
            return true;
    return err_set(a->err, ERR_INVALID_FILTER, "%.*s: \"%.*s\" is no sub-attribute of %.*s",
                   STR_ARG(a->op->path.text), STR_ARG(path->text), STR_ARG(attr->name));
}

/* One plain value has no elements to choose from. */
static bool
check_path(const patching_t *a, const scim_target_t *target)
{
    if (!target->filter)
        return true;
    if (target->attr->kind != SCIM_COMPLEX && !target->attr->multi)
        return err_set(a->err, ERR_INVALID_PATH,
                       "%.*s: %.*s has one plain value, and a path of it no filter",
                       STR_ARG(a->op->path.text), STR_ARG(target->attr->name));
    return check_filter(a, target->attr, target->filter);
}

/* A complex value without the members that the attribute does not have: it may be merged into
 * many elements, so it must not be long. */
static json_t *
trim_value(const patching_t *a, const scim_target_t *target)
{
    json_t *value = a->op->value;

    if (!json_is(value, JSON_OBJECT) || target->sub || target->attr->kind != SCIM_COMPLEX)
        return value;
    json_t *known = json_object(a->mem);
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];

        if (scim_attr_find_sub(target->attr, member->name))
            json_set(a->mem, known, member->name, member->value);
    }
    return known;
}

/* An operation that has a path and is about one attribute, or removes an extension. */
static bool
apply_single(const patching_t *a)
{
    scim_target_t target;

    if (!scim_path_resolve(a->type, &a->op->path, &target))
        return err_set(a->err, ERR_INVALID_PATH, "%.*s has no attribute \"%.*s\"",
                       STR_ARG(a->type->name), STR_ARG(a->op->path.text));
    if (!target.attr) {
        if (!remove_extension(a, target.schema))
            return false;
    } else {
        scim_op_t op = *a->op;
        patching_t trimmed = {a->mem, a->type, a->resource, &op, a->err};
        json_t *part;

        if (!check_mutability(a, &target) || !check_path(a, &target) ||
            !check_remove(a, &target))
            return false;
        op.value = trim_value(a, &target);
        part = scim_resource_make_part(a->mem, a->resource, a->type, target.schema);
        if (!apply_to_target(&trimmed, &target, part))
            return false;
    }
    settle_part(a, target.schema);
    return true;
}

static bool
apply_op(arena_t *mem, const scim_type_t *type, json_t *resource, const scim_op_t *op,
         err_t *err)
{
    scim_patch_t spread = {0};

    if (!scim_patch_spread(mem, type, op, false, 0, &spread, err))
        return err_prefix(err, "operation %zu", op->index + 1);
    for (size_t i = 0; i < spread.n; i++) {
        patching_t a = {mem, type, resource, &spread.ops[i], err};

        if (!apply_single(&a))
            return err_prefix(err, "operation %zu", op->index + 1);
    }
    return true;
}

bool
scim_patch_apply(arena_t *mem, const scim_type_t *type, json_t *resource,
                 const scim_patch_t *patch, err_t *err)
{
    for (size_t i = 0; i < patch->n; i++)
        if (!apply_op(mem, type, resource, &patch->ops[i], err))
            return false;
    return true;
}
