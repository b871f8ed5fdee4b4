/* SPDX-License-Identifier: Apache-2.0 */
/* The membership operations of a PATCH as one difference.
 *
 * Members come by the thousand: each id is met once per operation that names it, and the last
 * operation decides. */
#include "map/change.h"
#include "map/index.h"
#include "map/slot.h"
#include "scim/filter.h"

/* What is to become of an id. */
typedef struct {
    str_t id;
    bool present;
} fate_t;

typedef struct {
    arena_t *mem;
    const map_slot_t *slot;
    bool reset, touched;
    map_index_t places; /* id, in small letters, -> its place in fates */
    fate_t *fates;
    size_t n, size;
    err_t *err;
} members_t;

/* Ids are the same in any case, as for the links. */
static void
decide(members_t *members, str_t id, bool present)
{
    bool is_new;
    size_t *place =
        map_index_get(members->mem, &members->places, str_lower(members->mem, id), &is_new);

    if (is_new) {
        if (members->n == members->size) {
            members->size = members->size ? members->size * 2 : 16;
            members->fates = arena_grow(members->mem, members->fates, members->n, members->size,
                                        sizeof(fate_t));
        }
        *place = members->n;
        members->fates[members->n++] = (fate_t){.id = id};
    }
    members->fates[*place].present = present;
}

static void
reset(members_t *members)
{
    members->reset = true;
    members->n = 0;
    members->places = (map_index_t){.n = 0};
}

/* ---- elements ---- */

static bool
add_element(members_t *members, const json_t *element)
{
    const json_t *value =
        json_is(element, JSON_OBJECT) ? json_find(element, STR("value")) : element;

    if (!json_is(value, JSON_STRING) || value->u.string.n == 0)
        return err_set(members->err, ERR_INVALID_VALUE, "%.*s: an element has no value",
                       STR_ARG(members->slot->path));
    decide(members, value->u.string, true);
    return true;
}

static bool
add_elements(members_t *members, const json_t *value)
{
    if (!value || json_is(value, JSON_NULL))
        return true;
    if (!json_is(value, JSON_ARRAY))
        return add_element(members, value);
    for (size_t i = 0; i < value->u.array.n; i++)
        if (!add_element(members, value->u.array.items[i]))
            return false;
    return true;
}

/* ---- members[value eq "a" or value eq "b"] ---- */

static bool
remove_term(members_t *members, const scim_filter_t *filter)
{
    if (filter->kind != SCIM_F_COMPARE || filter->op != SCIM_EQ || filter->path.urn.n > 0 ||
        filter->path.sub.n > 0 || !str_ieq(filter->path.attr, STR("value")) ||
        !json_is(filter->value, JSON_STRING))
        return err_set(members->err, ERR_INVALID_FILTER,
                       "%.*s can be selected by value only: %.*s[value eq \"id\"]",
                       STR_ARG(members->slot->attr->name), STR_ARG(members->slot->attr->name));
    decide(members, filter->value->u.string, false);
    return true;
}

/* A chain of or's leans to one side; only the other side is descended into. */
static bool
remove_selected(members_t *members, const scim_filter_t *filter)
{
    while (filter->kind == SCIM_F_OR) {
        bool leans_left = filter->left->kind == SCIM_F_OR;
        const scim_filter_t *branch = leans_left ? filter->right : filter->left;

        if (!remove_selected(members, branch))
            return false;
        filter = leans_left ? filter->left : filter->right;
    }
    return remove_term(members, filter);
}

/* ---- operations ---- */

/* A remove of all that has a value, be it null, meant to remove a few: RFC 7644 §3.5.2.2 knows no
 * such value, and to ignore it would empty the group. */
static bool
check_remove(const members_t *members, const scim_op_t *op, const scim_target_t *target)
{
    if (op->kind == SCIM_REMOVE && !target->filter && op->value)
        return err_set(
            members->err, ERR_INVALID_VALUE,
            "%.*s: a remove of all takes no value; select what to remove by a filter",
            STR_ARG(op->path.text));
    return true;
}

static bool
apply_op(members_t *members, const scim_op_t *op, const scim_target_t *target)
{
    if (members->slot->write == MAP_WRITE_READ_ONLY)
        return err_set(members->err, ERR_MUTABILITY, "%.*s is read-only",
                       STR_ARG(members->slot->path));
    if (members->slot->write == MAP_WRITE_DISCARD)
        return true;
    if (target->sub || (target->filter && op->kind != SCIM_REMOVE))
        return err_set(members->err, ERR_MUTABILITY,
                       "%.*s: a member cannot be changed, only added or removed",
                       STR_ARG(op->path.text));
    if (!check_remove(members, op, target))
        return false;
    members->touched = true;
    if (target->filter)
        return remove_selected(members, target->filter);
    if (op->kind != SCIM_ADD)
        reset(members);
    return op->kind == SCIM_REMOVE || add_elements(members, op->value);
}

static bool
is_of_members(const map_type_t *type, const scim_op_t *op, scim_target_t *target)
{
    return op->has_path && scim_path_resolve(type->scim, &op->path, target) && target->attr &&
           target->schema == type->members->schema &&
           str_ieq(target->attr->name, type->members->attr->name);
}

/* After a reset what is not added goes anyway. */
static void
build_delta(members_t *members, map_member_delta_t *delta)
{
    str_t *add = arena_array_of(members->mem, members->n + 1, str_t);
    str_t *remove = arena_array_of(members->mem, members->n + 1, str_t);

    *delta = (map_member_delta_t){.reset = members->reset, .add = add, .remove = remove};
    for (size_t i = 0; i < members->n; i++) {
        if (members->fates[i].present)
            add[delta->n_add++] = members->fates[i].id;
        else if (!members->reset)
            remove[delta->n_remove++] = members->fates[i].id;
    }
}

bool
map_take_members(arena_t *mem, const map_type_t *type, scim_patch_t *patch,
                 map_member_delta_t *ret_delta, err_t *err)
{
    members_t members = {.mem = mem, .slot = type->members, .err = err};
    scim_patch_t rest = {.ops = arena_array_of(mem, patch->n + 1, scim_op_t), .size = patch->n};
    scim_target_t target;

    for (size_t i = 0; i < patch->n; i++) {
        const scim_op_t *op = &patch->ops[i];

        if (!type->members || !is_of_members(type, op, &target))
            rest.ops[rest.n++] = *op;
        else if (!apply_op(&members, op, &target))
            return false;
    }
    build_delta(&members, ret_delta);
    if (type->members && type->members->required && members.reset && ret_delta->n_add == 0)
        return err_set(err, ERR_MUTABILITY, "%.*s is required and cannot be removed",
                       STR_ARG(type->members->path));
    *patch = rest;
    return true;
}
