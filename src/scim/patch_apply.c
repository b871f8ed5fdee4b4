/* SPDX-License-Identifier: Apache-2.0 */
/* scim/patch_apply.c - PATCH operations applied to a resource (RFC 7644 §3.5.2). */
#include "scim/patch.h"

#include "scim/filter.h"
#include "scim/parse.h"
#include "scim/resource.h"
#include "scim/select.h"
#include "scim/value.h"

typedef struct {
    arena_t *mem;
    const scim_type_t *type;
    json_t *resource;
    const scim_op_t *op;
    err_t *err;
} apply_t;

/* ---- members of an object: a resource, an extension's part, an element ---- */

/* Set a member, in the schema's spelling. */
static void
set_member(const apply_t *a, json_t *object, str_t name, json_t *value)
{
    json_member_t *member = json_find_member(object, name);

    if (member) {
        member->name = name;
        member->value = value;
    } else {
        json_set(a->mem, object, name, value);
    }
}

static bool
fail_mutability(const apply_t *a, const scim_attr_t *attr, const char *why)
{
    return err_set(a->err, ERR_MUTABILITY, "%.*s: \"%.*s\" %s", STR_ARG(a->op->path.text),
                   STR_ARG(attr->name), why);
}

static bool
remove_attr(const apply_t *a, json_t *object, const scim_attr_t *attr)
{
    if (attr->required)
        return fail_mutability(a, attr, "is required and cannot be removed");
    if (attr->mutability == SCIM_IMMUTABLE && json_find(object, attr->name))
        return fail_mutability(a, attr, "is immutable and cannot be removed");
    /* A password is never shown, so that it goes could not be told from its absence. */
    if (attr->returned == SCIM_RETURNED_NEVER)
        set_member(a, object, attr->name, json_null(a->mem));
    else
        json_remove(object, attr->name);
    return true;
}

static bool
set_attr(const apply_t *a, json_t *object, const scim_attr_t *attr, json_t *value)
{
    const json_t *before = json_find(object, attr->name);

    if (attr->mutability == SCIM_IMMUTABLE && !scim_value_is_absent(before) &&
        !json_eq(before, value))
        return fail_mutability(a, attr, "is immutable and has another value");
    set_member(a, object, attr->name, value);
    return true;
}

/* ---- multi-valued attributes as a whole ---- */

static json_t *
read_values(const apply_t *a, const scim_attr_t *attr)
{
    json_t *value = a->op->value;

    if (value->kind != JSON_ARRAY) {
        json_t *one = json_array(a->mem);

        json_append(a->mem, one, value);
        value = one;
    }
    return scim_values_read(a->mem, attr, value, a->op->path.text, a->err);
}

/* Add what is not there yet; one that is there may become the primary. */
static void
add_values(const apply_t *a, const scim_attr_t *attr, json_t *to, const json_t *values)
{
    scim_value_set_t set;

    scim_value_set_init(&set, a->mem, attr, to);
    for (size_t i = 0; i < values->u.array.n; i++) {
        json_t *value = values->u.array.items[i];
        json_t *same = scim_value_set_find(&set, value);

        if (!same) {
            json_append(a->mem, to, value);
            scim_value_set_add(&set, to->u.array.n - 1);
        } else if (scim_value_is_primary(value)) {
            set_member(a, same, STR("primary"), json_boolean(a->mem, true));
        }
    }
}

static bool
write_values(const apply_t *a, json_t *object, const scim_attr_t *attr)
{
    json_t *before = json_find(object, attr->name);
    json_t *after = before;
    json_t *values = read_values(a, attr);

    if (!values)
        return false;
    if (values->u.array.n == 0)
        return a->op->kind == SCIM_ADD || remove_attr(a, object, attr);
    if (a->op->kind == SCIM_REPLACE || !json_is(before, JSON_ARRAY))
        after = json_array(a->mem);
    add_values(a, attr, after, values);
    return set_attr(a, object, attr, after);
}

/* ---- one attribute of an object ---- */

/* Complex values: what is named is replaced, the rest stays; null unassigns. */
static bool
merge_complex(const apply_t *a, json_t *object, const scim_attr_t *attr)
{
    const json_t *value = a->op->value;
    json_t *read;

    read = scim_value_read(a->mem, attr, value, a->op->path.text, a->err);
    if (!read)
        return false;
    for (size_t i = 0; i < value->u.object.n; i++) {
        const scim_attr_t *sub = scim_attr_find_sub(attr, value->u.object.members[i].name);
        json_t *item = sub ? json_find(read, sub->name) : NULL;

        if (item)
            set_member(a, object, sub->name, item);
        else if (sub && a->op->kind == SCIM_REPLACE && !remove_attr(a, object, sub))
            return false;
    }
    return true;
}

static bool
write_complex(const apply_t *a, json_t *object, const scim_attr_t *attr)
{
    json_t *before = json_find(object, attr->name);
    json_t *value = json_is(before, JSON_OBJECT) ? before : json_object(a->mem);
    bool was_hollow = scim_value_is_hollow(attr, value);

    if (!merge_complex(a, value, attr))
        return false;
    if (value->u.object.n == 0 || (!was_hollow && scim_value_is_hollow(attr, value)))
        return !before || remove_attr(a, object, attr);
    set_member(a, object, attr->name, value);
    return true;
}

/* add, replace or remove `attr` of `object` with the operation's value. */
static bool
apply_attr(const apply_t *a, json_t *object, const scim_attr_t *attr)
{
    const json_t *value = a->op->value;

    if (a->op->kind == SCIM_REMOVE)
        return remove_attr(a, object, attr);
    if (scim_value_is_absent(value) && value->kind != JSON_OBJECT)
        return a->op->kind == SCIM_ADD || remove_attr(a, object, attr);
    if (attr->multi)
        return write_values(a, object, attr);
    if (attr->kind == SCIM_COMPLEX)
        return write_complex(a, object, attr);
    json_t *read = scim_value_read(a->mem, attr, value, a->op->path.text, a->err);
    return read && set_attr(a, object, attr, read);
}

/* ---- elements ---- */

static bool
apply_to_element(const apply_t *a, const scim_target_t *target, json_t **element)
{
    if (target->sub && json_is(*element, JSON_OBJECT))
        return apply_attr(a, *element, target->sub);
    if (target->attr->kind == SCIM_COMPLEX && json_is(*element, JSON_OBJECT))
        return merge_complex(a, *element, target->attr);
    json_t *read =
        scim_value_read(a->mem, target->attr, a->op->value, a->op->path.text, a->err);
    if (read)
        *element = read;
    return read != NULL;
}

static bool
drops_elements(const apply_t *a, const scim_target_t *target)
{
    return !target->sub && (a->op->kind == SCIM_REMOVE ||
                            (a->op->kind == SCIM_REPLACE && a->op->value->kind == JSON_NULL));
}

static bool
apply_to_chosen(const apply_t *a, const scim_target_t *target, json_t *array,
                scim_selection_t *sel)
{
    for (size_t i = 0; i < array->u.array.n && !drops_elements(a, target); i++) {
        json_t **item = &array->u.array.items[i];
        bool was_hollow = scim_value_is_hollow(target->attr, *item);

        if (!sel->chosen[i])
            continue;
        if (!apply_to_element(a, target, item))
            return false;
        sel->chosen[i] = !was_hollow && scim_value_is_hollow(target->attr, *item);
    }
    scim_select_drop(array, sel);
    return true;
}

/* What `type eq "work" and primary eq true` says of a new element. false: not a conjunction of
 * eq. */
static bool
seed_element(const apply_t *a, const scim_attr_t *attr, const scim_filter_t *filter,
             json_t *element)
{
    err_t ignored = ERR_INIT;

    if (filter->kind == SCIM_F_AND)
        return seed_element(a, attr, filter->left, element) &&
               seed_element(a, attr, filter->right, element);
    if (filter->kind != SCIM_F_COMPARE || filter->op != SCIM_EQ ||
        !str_is_empty(filter->path.sub))
        return false;
    const scim_attr_t *sub = scim_attr_find_sub(attr, filter->path.attr);
    if (!sub || sub->multi || filter->value->kind == JSON_NULL)
        return false;
    json_t *value = scim_value_read(a->mem, sub, filter->value, sub->name, &ignored);
    if (!value)
        return false;
    set_member(a, element, sub->name, value);
    return true;
}

static bool
fail_no_target(const apply_t *a)
{
    return err_set(a->err, ERR_NO_TARGET, "%.*s selects nothing", STR_ARG(a->op->path.text));
}

/* The only element is the one that is meant, whatever the filter; of several it is none. */
static const scim_filter_t *
filter_of(const apply_t *a, const scim_target_t *target, const json_t *array)
{
    return a->op->only_element && array->u.array.n <= 1 ? NULL : target->filter;
}

static bool
create_element(const apply_t *a, const scim_target_t *target, json_t *array)
{
    json_t *element = json_object(a->mem);

    if (target->attr->kind != SCIM_COMPLEX)
        return fail_no_target(a);
    if (filter_of(a, target, array) &&
        (!a->op->create_element || !seed_element(a, target->attr, target->filter, element)))
        return fail_no_target(a);
    if (scim_value_is_absent(a->op->value) && a->op->value->kind != JSON_OBJECT)
        return true;
    if (!apply_to_element(a, target, &element))
        return false;
    if (!scim_value_is_hollow(target->attr, element))
        json_append(a->mem, array, element);
    return true;
}

/* ---- primary ---- */

/* RFC 7644 §3.5.2: an element that became the primary takes it from the one that was. */
static bool
hand_over_primary(const apply_t *a, json_t *array, json_t *const *before, size_t n_before)
{
    json_t *now = NULL;

    for (size_t i = 0; i < array->u.array.n; i++) {
        json_t *item = array->u.array.items[i];
        bool old = !scim_value_is_primary(item);

        for (size_t k = 0; k < n_before && !old; k++)
            old = before[k] == item;
        if (old)
            continue;
        if (now)
            return err_set(a->err, ERR_INVALID_VALUE, "%.*s: two elements would be primary",
                           STR_ARG(a->op->path.text));
        now = item;
    }
    for (size_t k = 0; now && k < n_before; k++)
        json_remove(before[k], STR("primary"));
    return true;
}

/* The elements that are primary; more than one is another's mistake, and a few are enough. */
static size_t
find_primaries(const json_t *array, json_t **primaries, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; array && i < array->u.array.n && n < max; i++)
        if (scim_value_is_primary(array->u.array.items[i]))
            primaries[n++] = array->u.array.items[i];
    return n;
}

/* ---- operations ---- */

/* An array with the values there are; a new one when there are none. */
static json_t *
open_values(const apply_t *a, json_t *part, const scim_attr_t *attr)
{
    json_t *values = json_find(part, attr->name);

    if (json_is(values, JSON_ARRAY))
        return values;
    json_t *array = json_array(a->mem);
    if (!scim_value_is_absent(values))
        json_append(a->mem, array, values);
    return array;
}

static bool
close_values(const apply_t *a, json_t *part, const scim_attr_t *attr, json_t *array)
{
    if (array->u.array.n == 0)
        return !json_find(part, attr->name) || remove_attr(a, part, attr);
    set_member(a, part, attr->name, attr->multi ? array : array->u.array.items[0]);
    return true;
}

/* A value path, or a sub-attribute. A single complex value counts as the only element. */
static bool
apply_to_values(const apply_t *a, const scim_target_t *target, json_t *part)
{
    json_t *array = open_values(a, part, target->attr);
    scim_selection_t sel =
        scim_select(a->mem, target->attr, filter_of(a, target, array), array);

    if (sel.n > 0) {
        if (!apply_to_chosen(a, target, array, &sel))
            return false;
    } else if (a->op->kind != SCIM_REMOVE) {
        if (array->u.array.n > 0 && !target->attr->multi)
            return fail_no_target(a);
        if (!create_element(a, target, array))
            return false;
    }
    return close_values(a, part, target->attr, array);
}

static bool
apply_to_multi(const apply_t *a, const scim_target_t *target, json_t *part)
{
    json_t *before[8];
    const json_t *values = json_find(part, target->attr->name);
    size_t n =
        find_primaries(json_is(values, JSON_ARRAY) ? values : NULL, before, ARRAY_SIZE(before));
    bool fine = target->sub || target->filter ? apply_to_values(a, target, part)
                                              : apply_attr(a, part, target->attr);

    json_t *after = json_find(part, target->attr->name);
    return fine && (!json_is(after, JSON_ARRAY) || hand_over_primary(a, after, before, n));
}

/* RFC 7644 §3.5.2.2 knows no value of a remove. To ignore one would empty the whole attribute
 * where the client meant a few values. */
static bool
check_remove(const apply_t *a, const scim_target_t *target)
{
    if (a->op->kind == SCIM_REMOVE && target->attr->multi && !target->filter && a->op->value &&
        a->op->value->kind != JSON_NULL)
        return err_set(a->err, ERR_INVALID_VALUE,
                       "%.*s: a remove takes no value; select what to remove by a filter",
                       STR_ARG(a->op->path.text));
    return true;
}

static bool
apply_to_target(const apply_t *a, const scim_target_t *target, json_t *part)
{
    if (target->attr->multi)
        return apply_to_multi(a, target, part);
    if (target->sub || target->filter)
        return apply_to_values(a, target, part);
    return apply_attr(a, part, target->attr);
}

/* Keep `schemas`, where the resource lists them, in step with the extension. */
static void
list_schema(const apply_t *a, const scim_schema_t *schema, bool present)
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
settle_part(const apply_t *a, const scim_schema_t *schema)
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
remove_extension(const apply_t *a, const scim_schema_t *schema)
{
    json_t *part = scim_resource_part(a->resource, a->type, schema);

    for (size_t i = 0; part && i < schema->n; i++) {
        const scim_attr_t *attr = &schema->attrs[i];

        if (attr->mutability == SCIM_READ_ONLY && json_find(part, attr->name))
            return fail_mutability(a, attr, "is read-only");
        if (json_find(part, attr->name) && !remove_attr(a, part, attr))
            return false;
    }
    return true;
}

static bool
check_mutability(const apply_t *a, const scim_target_t *target)
{
    if (target->attr->mutability == SCIM_READ_ONLY)
        return fail_mutability(a, target->attr, "is read-only");
    if (target->sub && target->sub->mutability == SCIM_READ_ONLY)
        return fail_mutability(a, target->sub, "is read-only");
    return true;
}

/* A name that no element could have: it would select nothing, and a remove would seem done. The
 * default sub-attributes (RFC 7643 §2.4) may be asked for everywhere. */
static bool
check_filter(const apply_t *a, const scim_attr_t *attr, const scim_filter_t *filter)
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
check_path(const apply_t *a, const scim_target_t *target)
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
trim_value(const apply_t *a, const scim_target_t *target)
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
apply_single(const apply_t *a)
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
        apply_t trimmed = {a->mem, a->type, a->resource, &op, a->err};
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
        apply_t a = {mem, type, resource, &spread.ops[i], err};

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
