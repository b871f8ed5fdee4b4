/* SPDX-License-Identifier: Apache-2.0 */
/* What a PATCH operation does to the elements that a value path selects (RFC 7644 §3.5.2), and which
 * one of them is the primary one. */
#include "scim/filter.h"
#include "scim/patching.h"
#include "scim/resource.h"
#include "scim/select.h"
#include "scim/value.h"

/* ---- elements ---- */

static bool
apply_to_element(const patching_t *a, const scim_target_t *target, json_t **element)
{
    if (target->sub && json_is(*element, JSON_OBJECT))
        return patch_attr(a, *element, target->sub);
    if (target->attr->kind == SCIM_COMPLEX && json_is(*element, JSON_OBJECT))
        return patch_merge(a, *element, target->attr);
    json_t *read =
        scim_value_read(a->mem, target->attr, a->op->value, a->op->path.text, a->err);
    if (read)
        *element = read;
    return read != NULL;
}

static bool
drops_elements(const patching_t *a, const scim_target_t *target)
{
    return !target->sub && (a->op->kind == SCIM_REMOVE ||
                            (a->op->kind == SCIM_REPLACE && a->op->value->kind == JSON_NULL));
}

static bool
apply_to_chosen(const patching_t *a, const scim_target_t *target, json_t *array,
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
seed_element(const patching_t *a, const scim_attr_t *attr, const scim_filter_t *filter,
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
    patch_set_member(a, element, sub->name, value);
    return true;
}

static bool
fail_no_target(const patching_t *a)
{
    return err_set(a->err, ERR_NO_TARGET, "%.*s selects nothing", STR_ARG(a->op->path.text));
}

/* The only element is the one that is meant, whatever the filter; of several it is none. */
static const scim_filter_t *
filter_of(const patching_t *a, const scim_target_t *target, const json_t *array)
{
    return a->op->only_element && array->u.array.n <= 1 ? NULL : target->filter;
}

static bool
create_element(const patching_t *a, const scim_target_t *target, json_t *array)
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
hand_over_primary(const patching_t *a, json_t *array, json_t *const *before, size_t n_before)
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

/* ---- all values of an attribute ---- */

/* An array with the values there are; a new one when there are none. */
static json_t *
open_values(const patching_t *a, json_t *part, const scim_attr_t *attr)
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
close_values(const patching_t *a, json_t *part, const scim_attr_t *attr, json_t *array)
{
    if (array->u.array.n == 0)
        return !json_find(part, attr->name) || patch_remove_attr(a, part, attr);
    patch_set_member(a, part, attr->name, attr->multi ? array : array->u.array.items[0]);
    return true;
}

bool
patch_values(const patching_t *a, const scim_target_t *target, json_t *part)
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

bool
patch_multi(const patching_t *a, const scim_target_t *target, json_t *part)
{
    json_t *before[8];
    const json_t *values = json_find(part, target->attr->name);
    size_t n =
        find_primaries(json_is(values, JSON_ARRAY) ? values : NULL, before, ARRAY_SIZE(before));
    bool fine = target->sub || target->filter ? patch_values(a, target, part)
                                              : patch_attr(a, part, target->attr);

    json_t *after = json_find(part, target->attr->name);
    return fine && (!json_is(after, JSON_ARRAY) || hand_over_primary(a, after, before, n));
}
