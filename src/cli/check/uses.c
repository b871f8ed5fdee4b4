/* SPDX-License-Identifier: Apache-2.0 */
/* What a map reads and writes in the entries of a type. */
#include "cli/check/check.h"
#include "map/slot.h"
#include "map/version.h"

str_t
check_about(const check_t *check, const map_type_t *type)
{
    arena_t *mem = check->live->mem;

    if (!type)
        return str_printf(mem, "connector %.*s", STR_ARG(check->connector->name));
    return str_printf(mem, "connector %.*s: %.*s", STR_ARG(check->connector->name),
                      STR_ARG(type->scim->name));
}

typedef struct {
    arena_t *mem;
    uses_t *uses;
} adding_t;

/* By the name without options, as schemas and access rules have it. */
static use_t *
add(adding_t *adding, str_t name)
{
    uses_t *uses = adding->uses;

    name = str_slice(name, 0, str_find_char(name, ';'));
    for (size_t i = 0; i < uses->n; i++) {
        if (str_ieq(uses->items[i].name, name))
            return &uses->items[i];
    }
    if (uses->n == uses->size) {
        uses->size = uses->size ? 2 * uses->size : 64;
        uses->items = arena_grow(adding->mem, uses->items, uses->n, uses->size, sizeof(use_t));
    }
    uses->items[uses->n] = (use_t){.name = name};
    return &uses->items[uses->n++];
}

static void
add_read(void *arg, str_t name)
{
    if (name.n > 0)
        add(arg, name)->read = true;
}

static void
add_write(void *arg, str_t name)
{
    if (name.n > 0)
        add(arg, name)->write = true;
}

static void
add_reads(adding_t *adding, ldap_names_t names)
{
    for (size_t i = 0; i < names.n; i++)
        add_read(adding, names.names[i]);
}

static void
add_state(adding_t *adding, const map_state_t *state)
{
    if (!state->present)
        return;
    ldap_filter_each_attr(state->when, add_read, adding);
    for (size_t i = 0; i < state->n_perform; i++) {
        add_write(adding, state->perform[i].attr);
        add_write(adding, state->perform[i].aside);
    }
    for (size_t i = 0; i < state->n_undo; i++)
        add_write(adding, state->undo[i].attr);
    add_write(adding, state->stamp);
    add_read(adding, state->stamp);
}

static void
add_slots(adding_t *adding, const map_type_t *type)
{
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (slot->as == MAP_AS_PASSWORD)
            add(adding, slot->ldap)->secret = true;
        else
            add_read(adding, slot->ldap);
        if (map_slot_writes(slot))
            add_write(adding, slot->ldap);
        for (size_t k = 0; k < slot->n_copies; k++) {
            add_read(adding, slot->copies[k].ldap);
            add_write(adding, slot->copies[k].ldap);
        }
    }
    for (size_t i = 0; i < type->n_rules; i++) {
        add_write(adding, type->rules[i].ldap);
        add_read(adding, type->rules[i].ldap);
    }
}

bool
check_use_is(const live_t *live, const use_t *use, use_kind_t kind)
{
    if (live->schema && !ldap_schema_has(live->schema, use->name))
        return false; /* the directory would refuse the rule; "check" says it */
    return kind == USE_SECRET    ? use->secret
           : kind == USE_WRITTEN ? use->write && !use->secret
                                 : use->read && !use->write && !use->secret;
}

void
check_uses(const check_t *check, const map_type_t *type, uses_t *ret_uses)
{
    const map_dialect_t *dialect = check->map->dialect;
    adding_t adding = {.mem = check->live->mem, .uses = ret_uses};

    *ret_uses = (uses_t){.n = 0};
    add_read(&adding, STR("objectClass"));
    if (type->n_auxiliary > 0)
        add_write(&adding, STR("objectClass"));
    add_slots(&adding, type);
    add_read(&adding, dialect->anchor);
    add_reads(&adding, map_version_names(dialect));
    add_read(&adding, dialect->created);
    add_read(&adding, dialect->modified);
    add_read(&adding, dialect->dn);
    add_reads(&adding, type->names_with_members);
    add_reads(&adding, type->names_to_change);
    if (type->scope->visible)
        ldap_filter_each_attr(type->scope->visible, add_read, &adding);
    for (size_t i = 0; i < type->scope->n_unique; i++)
        add_read(&adding, type->scope->unique[i]);
    add_state(&adding, &type->inactive);
    add_state(&adding, &type->deleted);
    add_write(&adding, type->rdn);
    add_read(&adding, type->rdn);
    add(&adding, type->rdn)->named = true;
}
