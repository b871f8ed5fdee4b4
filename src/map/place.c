/* SPDX-License-Identifier: Apache-2.0 */
/* Which slot holds which value of a resource. */
#include "base/buf.h"
#include "map/index.h"
#include "map/slot.h"
#include "map/table.h"
#include "map/value.h"

typedef struct {
    arena_t *mem;
    const map_type_t *type;
    map_values_t *values;
    map_index_t *seen; /* per slot, from its second value on */
    bool *begun;       /* per slot that is the first of an element of one value */
    err_t *err;
} place_t;

static void
append(arena_t *mem, map_values_t *list, const json_t *value)
{
    if (list->n == list->size) {
        list->size = list->size ? list->size * 2 : 1;
        list->values = arena_grow(mem, list->values, list->n, list->size, sizeof(json_t *));
    }
    list->values[list->n++] = value;
}

/* Equal values are told by an index, so that long lists of members do not cost their square. */
static bool
is_double(place_t *place, size_t slot, const json_t *value)
{
    map_values_t *list = &place->values[slot];
    map_index_t *seen = &place->seen[slot];
    bool is_new;

    if (list->n == 0)
        return false;
    if (list->n == 1)
        (void)map_index_get(place->mem, seen, map_value_text(place->mem, list->values[0]),
                            &is_new);
    (void)map_index_get(place->mem, seen, map_value_text(place->mem, value), &is_new);
    return !is_new;
}

static bool
add_value(place_t *place, size_t i, const json_t *value)
{
    const map_slot_t *slot = &place->type->slots[i];

    if (!json_is(value, JSON_NULL))
        value = map_table_read(place->mem, slot, value);
    if (!value || json_is(value, JSON_NULL) || is_double(place, i, value))
        return true;
    if (!slot->several && place->values[i].n > 0)
        return err_set(place->err, ERR_INVALID_VALUE, "%.*s holds one value, not several",
                       STR_ARG(slot->path));
    append(place->mem, &place->values[i], value);
    return true;
}

/* ---- elements of a multi-valued complex attribute ---- */

static bool
has_mapped_part(place_t *place, const map_slot_t *first, const json_t *element)
{
    const map_type_t *type = place->type;

    for (size_t i = 0; i < type->n_slots; i++)
        if (map_slot_same_attr(&type->slots[i], first) &&
            json_find(element, map_slot_leaf(&type->slots[i])->name))
            return true;
    return false;
}

/* The slot of that type, or (NULL name) the one elements without a type go to. */
static const map_slot_t *
find_typed(place_t *place, const map_slot_t *first, str_t name)
{
    const map_type_t *type = place->type;

    for (size_t i = 0; i < type->n_slots; i++)
        if (map_slot_same_attr(&type->slots[i], first) && str_ieq(type->slots[i].type, name))
            return &type->slots[i];
    return NULL;
}

static const map_slot_t *
find_default(place_t *place, const map_slot_t *first)
{
    const map_type_t *type = place->type;
    const map_slot_t *only = first;

    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (!map_slot_same_attr(slot, first))
            continue;
        if (slot->primary)
            return slot;
        if (!str_ieq(slot->type, first->type))
            only = NULL;
    }
    return only;
}

/* "work, home" */
static str_t
mapped_types(place_t *place, const map_slot_t *first)
{
    const map_type_t *type = place->type;
    buf_t buf;

    buf_init(&buf, place->mem, ERR_DETAIL_SIZE);
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (!map_slot_same_attr(slot, first) || find_typed(place, first, slot->type) != slot)
            continue;
        if (buf.n > 0)
            buf_add_c(&buf, ", ");
        buf_add(&buf, slot->type);
    }
    return buf_str(&buf);
}

static bool
choose_slot(place_t *place, const map_slot_t *first, const json_t *element,
            const map_slot_t **ret_slot)
{
    const json_t *named = json_find(element, STR("type"));
    bool typed = json_is(named, JSON_STRING) && named->u.string.n > 0;
    const map_slot_t *slot = typed ? find_typed(place, first, named->u.string) : NULL;
    str_t name = first->attr->name;

    if (!slot)
        slot = find_typed(place, first, STR(""));
    if (!slot && !typed)
        slot = find_default(place, first);
    if (!slot && typed)
        return err_set(place->err, ERR_INVALID_VALUE,
                       "%.*s: no slot for type \"%.*s\" (mapped: %.*s)", STR_ARG(name),
                       STR_ARG(named->u.string), STR_ARG(mapped_types(place, first)));
    if (!slot)
        return err_set(place->err, ERR_INVALID_VALUE,
                       "%.*s: an element needs a type (mapped: %.*s)", STR_ARG(name),
                       STR_ARG(mapped_types(place, first)));
    *ret_slot = slot;
    return true;
}

/* Where slots of one value make up an element there is one: what a second one says may not fill
 * in what the first leaves out. */
static bool
check_second(place_t *place, const map_slot_t *slot, bool second)
{
    if (second && !slot->several && place->values[map_slot_number(place->type, slot)].n == 0)
        return err_set(
            place->err, ERR_INVALID_VALUE,
            "%.*s belongs to a second element of this type, and there is room for one",
            STR_ARG(slot->path));
    return true;
}

static bool
place_parts(place_t *place, const map_slot_t *chosen, const json_t *element)
{
    const map_type_t *type = place->type;
    bool *begun = &place->begun[map_slot_number(type, chosen)], second = *begun;

    *begun = true;
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];
        const json_t *value;

        if (!map_slot_same_element(slot, chosen))
            continue;
        value = json_find(element, map_slot_leaf(slot)->name);
        if (value && !json_is(value, JSON_NULL) &&
            (!check_second(place, slot, second) || !add_value(place, i, value)))
            return false;
    }
    return true;
}

static bool
place_element(place_t *place, const map_slot_t *first, const json_t *element)
{
    const map_slot_t *slot;

    if (first->attr->kind != SCIM_COMPLEX || element->kind != JSON_OBJECT ||
        first->as == MAP_AS_JSON)
        return add_value(place, map_slot_number(place->type, first), element);
    if (!has_mapped_part(place, first, element))
        return true;
    return choose_slot(place, first, element, &slot) && place_parts(place, slot, element);
}

/* ---- attributes ---- */

static bool
place_attr(place_t *place, const map_slot_t *first, const json_t *value)
{
    if (!first->attr->multi && value->kind == JSON_OBJECT && first->as != MAP_AS_JSON)
        return place_parts(place, first, value);
    if (value->kind != JSON_ARRAY)
        return place_element(place, first, value);
    for (size_t i = 0; i < value->u.array.n; i++)
        if (!place_element(place, first, value->u.array.items[i]))
            return false;
    return true;
}

/* Whether an earlier slot holds a part of the same attribute. */
static bool
is_first(const map_type_t *type, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (map_slot_same_attr(&type->slots[j], &type->slots[i]))
            return false;
    return true;
}

map_values_t *
map_place(arena_t *mem, const map_type_t *type, const json_t *resource, err_t *err)
{
    place_t place = {.mem = mem, .type = type, .err = err};

    place.values = arena_array_of(mem, type->n_slots + 1, map_values_t);
    place.seen = arena_array_of(mem, type->n_slots + 1, map_index_t);
    place.begun = arena_array_of(mem, type->n_slots + 1, bool);
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];
        const json_t *value = map_slot_find(type, slot, resource);

        if (value && is_first(type, i) && !place_attr(&place, slot, value))
            return NULL;
    }
    return place.values;
}
