/* SPDX-License-Identifier: Apache-2.0 */
#include "map/names.h"

#include "map/slot.h"
#include "map/to_resource.h"
#include "map/version.h"

/* Each name once. */
typedef struct {
    arena_t *mem;
    str_t *names;
    size_t n, size;
} list_t;

static void
add(void *arg, str_t name)
{
    list_t *list = arg;

    if (str_is_empty(name))
        return;
    for (size_t i = 0; i < list->n; i++)
        if (str_ieq(list->names[i], name))
            return;
    if (list->n == list->size) {
        list->size = list->size ? list->size * 2 : 32;
        list->names = arena_grow(list->mem, list->names, list->n, list->size, sizeof(str_t));
    }
    list->names[list->n++] = name;
}

static ldap_names_t
names_of(const list_t *list)
{
    return (ldap_names_t){.names = list->names, .n = list->n};
}

static void
add_state(list_t *list, const map_state_t *state)
{
    if (!state->present)
        return;
    ldap_filter_each_attr(state->when, add, list);
    add(list, state->stamp);
}

/* What its steps look at. */
static void
add_steps(list_t *list, const map_state_t *state)
{
    for (size_t i = 0; i < state->n_perform; i++) {
        add(list, state->perform[i].attr);
        add(list, state->perform[i].aside);
    }
    for (size_t i = 0; i < state->n_undo; i++)
        add(list, state->undo[i].attr);
}

static void
add_envelope(list_t *list, const map_dialect_t *dialect)
{
    add(list, dialect->anchor);
    for (size_t i = 0; i < map_version_names(dialect).n; i++)
        add(list, dialect->versions[i]);
    add(list, dialect->created);
    add(list, dialect->modified);
}

static bool
is_shown(const map_slot_t *slot)
{
    scim_returned_t returned =
        slot->sub && !slot->attr->multi ? slot->sub->returned : slot->attr->returned;

    return returned != SCIM_RETURNED_NEVER && returned != SCIM_RETURNED_REQUEST;
}

static void
add_slot(list_t *list, const map_slot_t *slot)
{
    add(list, slot->ldap);
    for (size_t i = 0; i < slot->n_copies; i++)
        add(list, slot->copies[i].ldap);
}

/* ---- of the whole resource ---- */

static ldap_names_t
names_to_show(arena_t *mem, const map_t *map, const map_type_t *type, bool members)
{
    list_t list = {.mem = mem};

    add_envelope(&list, map->dialect);
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (slot == type->members ? members : is_shown(slot))
            add(&list, slot->ldap);
    }
    add_state(&list, &type->inactive);
    add_state(&list, &type->deleted);
    return names_of(&list);
}

/* What a change must know beyond that: classes, what is shown on request only, what rules keep, and what decides
 * whether the entry is visible. */
static ldap_names_t
names_to_change(arena_t *mem, const map_type_t *type, ldap_names_t shown, bool members)
{
    list_t list = {.mem = mem};

    for (size_t i = 0; i < shown.n; i++)
        add(&list, shown.names[i]);
    add(&list, STR("objectClass"));
    for (size_t i = 0; i < type->n_slots; i++)
        if (type->slots[i].as != MAP_AS_PASSWORD &&
            (members || &type->slots[i] != type->members))
            add_slot(&list, &type->slots[i]);
    for (size_t i = 0; i < type->n_rules; i++)
        if (type->rules[i].write != MAP_WRITE_CREATE)
            add(&list, type->rules[i].ldap);
    add_steps(&list, &type->inactive);
    add_steps(&list, &type->deleted);
    ldap_filter_each_attr(type->scope->visible, add, &list);
    return names_of(&list);
}

void
map_make_names(arena_t *mem, const map_t *map, map_type_t *type)
{
    type->names = names_to_show(mem, map, type, false);
    type->names_with_members = names_to_show(mem, map, type, true);
    type->names_to_change = names_to_change(mem, type, type->names, false);
    type->names_to_change_with_members =
        names_to_change(mem, type, type->names_with_members, true);
}

/* ---- of what a client wants ---- */

static ldap_names_t
some_names(arena_t *mem, const map_t *map, const map_type_t *type,
           const scim_projection_t *projection)
{
    list_t list = {.mem = mem};

    add_envelope(&list, map->dialect);
    if (type->inactive.present)
        ldap_filter_each_attr(type->inactive.when, add, &list);
    if (type->deleted.present)
        ldap_filter_each_attr(type->deleted.when, add, &list);
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (slot->as != MAP_AS_PASSWORD &&
            scim_projection_wants(projection, slot->schema, slot->attr, NULL))
            add(&list, slot->ldap);
    }
    return names_of(&list);
}

ldap_names_t
map_names(arena_t *mem, const map_t *map, const map_type_t *type,
          const scim_projection_t *projection)
{
    const map_slot_t *members = type->members;

    if (projection && (!projection->all || projection->n_except > (members ? 1 : 0)))
        return some_names(mem, map, type, projection);
    if (members && projection &&
        !scim_projection_wants(projection, members->schema, members->attr, NULL))
        return type->names;
    return members ? type->names_with_members : type->names;
}
