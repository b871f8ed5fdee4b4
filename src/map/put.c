/* SPDX-License-Identifier: Apache-2.0 */
/* PUT: what a body leaves out, and what it may not change. */
#include "map/change.h"
#include "map/slot.h"
#include "map/values.h"
#include "scim/resource.h"

typedef struct {
    arena_t *mem;
    const map_type_t *type;
    const json_t *before;
    json_t *after;
} put_t;

static json_t *
part_of(put_t *put, const map_slot_t *slot)
{
    if (!slot->schema || slot->schema == put->type->scim->core)
        return put->after;
    return scim_resource_make_part(put->mem, put->after, put->type->scim, slot->schema);
}

static void
keep_attr(put_t *put, const map_slot_t *slot)
{
    const json_t *kept = map_slot_find(put->type, slot, put->before);

    if (kept)
        json_set(put->mem, part_of(put, slot), slot->attr->name, json_copy(put->mem, kept));
    else if (map_slot_find(put->type, slot, put->after))
        json_remove(part_of(put, slot), slot->attr->name);
}

static bool
is_of_type(const json_t *element, str_t type)
{
    const json_t *named = json_find(element, STR("type"));

    return json_is(named, JSON_STRING) ? str_ieq(named->u.string, type) : type.n == 0;
}

/* Elements of the slot's type are those of before; what the body says of them does not count. */
static void
keep_elements(put_t *put, const map_slot_t *slot)
{
    const json_t *before = map_slot_find(put->type, slot, put->before);
    json_t *array = map_slot_find(put->type, slot, put->after);

    for (size_t i = json_is(array, JSON_ARRAY) ? array->u.array.n : 0; i-- > 0;)
        if (is_of_type(array->u.array.items[i], slot->type))
            json_remove_at(array, i);
    if (!json_is(before, JSON_ARRAY))
        return;
    if (!json_is(array, JSON_ARRAY)) {
        array = json_array(put->mem);
        json_set(put->mem, part_of(put, slot), slot->attr->name, array);
    }
    for (size_t i = 0; i < before->u.array.n; i++)
        if (is_of_type(before->u.array.items[i], slot->type))
            json_append(put->mem, array, json_copy(put->mem, before->u.array.items[i]));
}

static void
keep_sub(put_t *put, const map_slot_t *slot)
{
    str_t name = map_slot_leaf(slot)->name;
    const json_t *kept = json_find(map_slot_find(put->type, slot, put->before), name);
    json_t *object = map_slot_find(put->type, slot, put->after);

    if (object)
        json_remove(object, name);
    if (!kept)
        return;
    if (!json_is(object, JSON_OBJECT)) {
        object = json_object(put->mem);
        json_set(put->mem, part_of(put, slot), slot->attr->name, object);
    }
    json_set(put->mem, object, name, json_copy(put->mem, kept));
}

static void
keep_slot(put_t *put, const map_slot_t *slot)
{
    if (slot->attr->kind != SCIM_COMPLEX || slot->as == MAP_AS_JSON)
        keep_attr(put, slot);
    else if (slot->attr->multi)
        keep_elements(put, slot);
    else
        keep_sub(put, slot);
}

/* A PUT's empty list of members has been taken from the body before; that of a POST which takes
 * over a group does not empty it. */
static bool
is_omitted(const json_t *value)
{
    return !value || (json_is(value, JSON_ARRAY) && value->u.array.n == 0);
}

static bool
has_value(const map_values_t *values, const json_t *value)
{
    for (size_t i = 0; i < values->n; i++)
        if (json_eq(values->values[i], value))
            return true;
    return false;
}

/* What the body says of attributes that are written at creation only must be what they are. */
static bool
check_create_only(arena_t *mem, const map_type_t *type, const json_t *before,
                  const json_t *body, err_t *err)
{
    const map_values_t *had = map_place(mem, type, before, err);
    const map_values_t *given = had ? map_place(mem, type, body, err) : NULL;

    for (size_t i = 0; given && i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (slot->write != MAP_WRITE_CREATE || slot->as == MAP_AS_PASSWORD)
            continue;
        for (size_t k = 0; k < given[i].n; k++)
            if (given[i].n != had[i].n || !has_value(&had[i], given[i].values[k]))
                return err_set(err, ERR_MUTABILITY, "%.*s is written at creation only",
                               STR_ARG(slot->path));
    }
    return given != NULL;
}

static bool
check_required(arena_t *mem, const map_type_t *type, const json_t *after, err_t *err)
{
    const map_values_t *values = map_place(mem, type, after, err);

    return values && map_check_required(mem, type, after, values, err);
}

json_t *
map_put(arena_t *mem, const map_type_t *type, const json_t *before, const json_t *body,
        err_t *err)
{
    put_t put = {.mem = mem, .type = type, .before = before, .after = json_copy(mem, body)};
    const json_t *active = json_find(before, STR("active"));

    if (err && !check_create_only(mem, type, before, body, err))
        return NULL;
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];
        bool omitted = is_omitted(map_slot_find(type, slot, put.after));

        if (slot->as == MAP_AS_PASSWORD)
            continue;
        if (slot->write == MAP_WRITE_CREATE || slot->write == MAP_WRITE_READ_ONLY)
            keep_slot(&put, slot);
        else if (slot == type->members && omitted)
            keep_attr(&put, slot);
    }
    if (active && !json_find(put.after, STR("active")))
        json_set(mem, put.after, STR("active"), json_copy(mem, active));
    return !err || check_required(mem, type, put.after, err) ? put.after : NULL;
}
