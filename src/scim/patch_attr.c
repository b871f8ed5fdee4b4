/* SPDX-License-Identifier: Apache-2.0 */
/* What a PATCH operation does to one attribute as a whole (RFC 7644 §3.5.2). */
#include "scim/patching.h"
#include "scim/resource.h"
#include "scim/value.h"

/* ---- members of an object: a resource, an extension's part, an element ---- */

void
patch_set_member(const patching_t *a, json_t *object, str_t name, json_t *value)
{
    json_member_t *member = json_find_member(object, name);

    if (member) {
        member->name = name;
        member->value = value;
    } else {
        json_set(a->mem, object, name, value);
    }
}

bool
patch_fail_mutability(const patching_t *a, const scim_attr_t *attr, const char *why)
{
    return err_set(a->err, ERR_MUTABILITY, "%.*s: \"%.*s\" %s", STR_ARG(a->op->path.text),
                   STR_ARG(attr->name), why);
}

bool
patch_remove_attr(const patching_t *a, json_t *object, const scim_attr_t *attr)
{
    if (attr->required)
        return patch_fail_mutability(a, attr, "is required and cannot be removed");
    if (attr->mutability == SCIM_IMMUTABLE && json_find(object, attr->name))
        return patch_fail_mutability(a, attr, "is immutable and cannot be removed");
    /* A password is never shown, so that it goes could not be told from its absence. */
    if (attr->returned == SCIM_RETURNED_NEVER)
        patch_set_member(a, object, attr->name, json_null(a->mem));
    else
        json_remove(object, attr->name);
    return true;
}

static bool
set_attr(const patching_t *a, json_t *object, const scim_attr_t *attr, json_t *value)
{
    const json_t *before = json_find(object, attr->name);

    if (attr->mutability == SCIM_IMMUTABLE && !scim_value_is_absent(before) &&
        !json_eq(before, value))
        return patch_fail_mutability(a, attr, "is immutable and has another value");
    patch_set_member(a, object, attr->name, value);
    return true;
}

/* ---- multi-valued attributes as a whole ---- */

static json_t *
read_values(const patching_t *a, const scim_attr_t *attr)
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
add_values(const patching_t *a, const scim_attr_t *attr, json_t *to, const json_t *values)
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
            patch_set_member(a, same, STR("primary"), json_boolean(a->mem, true));
        }
    }
}

static bool
write_values(const patching_t *a, json_t *object, const scim_attr_t *attr)
{
    json_t *before = json_find(object, attr->name);
    json_t *after = before;
    json_t *values = read_values(a, attr);

    if (!values)
        return false;
    if (values->u.array.n == 0)
        return a->op->kind == SCIM_ADD || patch_remove_attr(a, object, attr);
    if (a->op->kind == SCIM_REPLACE || !json_is(before, JSON_ARRAY))
        after = json_array(a->mem);
    add_values(a, attr, after, values);
    return set_attr(a, object, attr, after);
}

/* ---- one attribute of an object ---- */

bool
patch_merge(const patching_t *a, json_t *object, const scim_attr_t *attr)
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
            patch_set_member(a, object, sub->name, item);
        else if (sub && a->op->kind == SCIM_REPLACE && !patch_remove_attr(a, object, sub))
            return false;
    }
    return true;
}

static bool
write_complex(const patching_t *a, json_t *object, const scim_attr_t *attr)
{
    json_t *before = json_find(object, attr->name);
    json_t *value = json_is(before, JSON_OBJECT) ? before : json_object(a->mem);
    bool was_hollow = scim_value_is_hollow(attr, value);

    if (!patch_merge(a, value, attr))
        return false;
    if (value->u.object.n == 0 || (!was_hollow && scim_value_is_hollow(attr, value)))
        return !before || patch_remove_attr(a, object, attr);
    patch_set_member(a, object, attr->name, value);
    return true;
}

bool
patch_attr(const patching_t *a, json_t *object, const scim_attr_t *attr)
{
    const json_t *value = a->op->value;

    if (a->op->kind == SCIM_REMOVE)
        return patch_remove_attr(a, object, attr);
    if (scim_value_is_absent(value) && value->kind != JSON_OBJECT)
        return a->op->kind == SCIM_ADD || patch_remove_attr(a, object, attr);
    if (attr->multi)
        return write_values(a, object, attr);
    if (attr->kind == SCIM_COMPLEX)
        return write_complex(a, object, attr);
    json_t *read = scim_value_read(a->mem, attr, value, a->op->path.text, a->err);
    return read && set_attr(a, object, attr, read);
}
