/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that need no look at the entry.
 *
 * Each operation must say by itself what one LDAP attribute is to be. Whatever depends on the
 * entry's state (names, derived values, one of several values, elements that may be missing) is
 * left to the caller, who reads. */
#include "map/lifecycle.h"
#include "map/parent.h"
#include "map/share.h"
#include "map/slot.h"
#include "map/table.h"
#include "map/template_apply.h"
#include "map/value.h"
#include "scim/filter.h"
#include "scim/resource.h"

/* What a slot is to hold; the last operation wins. */
typedef struct {
    bool touched, has;
    str_t value;
} want_t;

typedef struct {
    arena_t *mem;
    const map_type_t *type;
    const map_links_t *links;
    want_t *wants; /* as many as slots */
    bool touched, deactivates;
    err_t *err;
} direct_t;

/* ---- is the slot one for it ---- */

static bool
is_source(const map_type_t *type, const map_slot_t *slot)
{
    for (size_t i = 0; i < type->n_rules; i++)
        if (type->rules[i].write != MAP_WRITE_CREATE && map_rule_uses(&type->rules[i], slot))
            return true;
    return map_parent_uses(type, slot->attr->name);
}

static bool
is_writable(scim_mutability_t mutability)
{
    return mutability == SCIM_READ_WRITE || mutability == SCIM_WRITE_ONLY;
}

static bool
is_plain(const direct_t *direct, const map_slot_t *slot)
{
    if (slot->write != MAP_WRITE_ALWAYS || !is_writable(slot->attr->mutability) ||
        !is_writable(map_slot_leaf(slot)->mutability))
        return false;
    if (str_ieq(slot->ldap, direct->type->rdn) || is_source(direct->type, slot))
        return false;
    /* A reference to what is out of the scopes is unseen and stays: only a look can tell. */
    if (slot->as == MAP_AS_REFERENCE)
        return false;
    if (map_is_shared(slot) || slot->n_copies > 0)
        return false;
    if (map_has_table(slot) && (slot->several || slot->otherwise == MAP_ELSE_DROP))
        return false;
    if (slot->as == MAP_AS_PASSWORD && direct->type->inactive.reassert.n > 0)
        return false;
    return slot->as == MAP_AS_PASSWORD || slot->ldap_type->equality != LDAP_RULE_NONE;
}

/* ---- one operation on one slot ---- */

static bool
unset_slot(direct_t *direct, const map_slot_t *slot)
{
    want_t *want = &direct->wants[map_slot_number(direct->type, slot)];

    if (!is_plain(direct, slot))
        return false;
    if (slot->required || map_slot_leaf(slot)->required)
        return err_set(direct->err, ERR_MUTABILITY, "%.*s is required and cannot be removed",
                       STR_ARG(slot->path));
    if (slot->n_none > 0 || map_rule_of_ldap(direct->type, slot->ldap))
        return false;
    *want = (want_t){.touched = true};
    direct->touched = true;
    return true;
}

static bool
set_slot(direct_t *direct, const map_slot_t *slot, const scim_op_t *op)
{
    want_t *want = &direct->wants[map_slot_number(direct->type, slot)];
    const json_t *value = op->value;

    if (!is_plain(direct, slot) || (slot->several && op->kind == SCIM_ADD))
        return false;
    if (!value || json_is(value, JSON_NULL) || json_is(value, JSON_ARRAY) ||
        json_is(value, JSON_OBJECT))
        return false;
    value = scim_value_read(direct->mem, map_slot_leaf(slot), value, slot->path, direct->err);
    if (!value ||
        !map_value_to_ldap(direct->mem, slot, value, direct->links, &want->value, direct->err))
        return false;
    want->touched = want->has = true;
    direct->touched = true;
    return true;
}

/* ---- which slots an operation means ---- */

/* [type eq "work"] */
static bool
selects_type(const scim_filter_t *filter, str_t *ret_type)
{
    if (filter->kind != SCIM_F_COMPARE || filter->op != SCIM_EQ || filter->path.sub.n > 0 ||
        !str_ieq(filter->path.attr, STR("type")) || !json_is(filter->value, JSON_STRING))
        return false;
    *ret_type = filter->value->u.string;
    return ret_type->n > 0;
}

static bool
is_meant(const map_slot_t *slot, const scim_target_t *target, str_t type)
{
    return slot->schema == target->schema && str_ieq(slot->attr->name, target->attr->name) &&
           str_ieq(slot->type, type) &&
           (!target->sub || (slot->sub && str_ieq(slot->sub->name, target->sub->name)));
}

static bool
apply_to_slots(direct_t *direct, const scim_op_t *op, const scim_target_t *target, str_t type)
{
    const map_slot_t *only = NULL;
    size_t n = 0;

    for (size_t i = 0; i < direct->type->n_slots; i++) {
        const map_slot_t *slot = &direct->type->slots[i];

        if (!is_meant(slot, target, type))
            continue;
        only = slot;
        n++;
        if (op->kind == SCIM_REMOVE && !unset_slot(direct, slot))
            return false;
    }
    if (n == 0)
        return false;
    return op->kind == SCIM_REMOVE || (n == 1 && set_slot(direct, only, op));
}

/* Letting somebody in again is never done blind: such a write, late in a slow directory, could
 * overtake the next one, which shuts the account. Read first, it asserts that nothing has
 * changed. */
static bool
set_active(direct_t *direct, const scim_op_t *op)
{
    if (op->kind == SCIM_REMOVE || !json_is(op->value, JSON_BOOLEAN) || op->value->u.boolean ||
        direct->type->inactive.needs_entry || map_parent_uses(direct->type, STR("active")))
        return false;
    direct->deactivates = direct->touched = true;
    return true;
}

static bool
is_active_target(const map_type_t *type, const scim_target_t *target)
{
    return map_has_active(type) && target->schema == type->scim->core && !target->sub &&
           !target->filter && str_eq(target->attr->name, STR("active"));
}

/* A value path that selects nothing is an error, unless the element is then to be made. */
static bool
apply_op(direct_t *direct, const scim_op_t *op)
{
    str_t type = STR("");
    scim_target_t target;

    if (!op->has_path || !scim_path_resolve(direct->type->scim, &op->path, &target) ||
        !target.attr)
        return false;
    if (is_active_target(direct->type, &target))
        return set_active(direct, op);
    if (target.filter) {
        if (!selects_type(target.filter, &type) ||
            (op->kind != SCIM_REMOVE && (!op->create_element || !target.sub)))
            return false;
    } else if (target.attr->multi) {
        return false;
    }
    return apply_to_slots(direct, op, &target, type);
}

/* ---- the result ---- */

static void
build_slots(direct_t *direct, map_change_t *change)
{
    arena_t *mem = direct->mem;

    for (size_t i = 0; i < direct->type->n_slots; i++) {
        const map_slot_t *slot = &direct->type->slots[i];
        const want_t *want = &direct->wants[i];
        const ldap_filter_t *is_so;

        if (!want->touched)
            continue;
        map_mods_replace(mem, &change->mods, slot->ldap, &want->value, want->has ? 1 : 0);
        is_so = want->has ? ldap_filter_equal(mem, slot->ldap, want->value)
                          : ldap_filter_not(mem, ldap_filter_present(mem, slot->ldap));
        if (slot->as == MAP_AS_PASSWORD)
            change->already = NULL; /* what is stored is not what was sent */
        else if (change->already)
            change->already = ldap_filter_and2(mem, change->already, is_so);
    }
}

static void
deactivate(direct_t *direct, int64_t now_s, map_change_t *change)
{
    const map_state_t *inactive = &direct->type->inactive;

    map_change_enter(direct->mem, direct->type, inactive, NULL, now_s, change);
    if (change->already)
        change->already = ldap_filter_and2(direct->mem, change->already,
                                           map_when(direct->mem, inactive, now_s));
}

bool
map_change_direct(arena_t *mem, const map_t *map, const map_type_t *type,
                  const scim_patch_t *patch, const map_links_t *links, int64_t now_s,
                  map_change_t *ret_change, err_t *err)
{
    direct_t direct = {.mem = mem, .type = type, .links = links, .err = err};
    map_change_t change = {.already = ldap_filter_true()};

    (void)map;
    direct.wants = arena_array_of(mem, type->n_slots + 1, want_t);
    for (size_t i = 0; i < patch->n; i++)
        if (!apply_op(&direct, &patch->ops[i]))
            return false;
    if (!direct.touched)
        return false;
    build_slots(&direct, &change);
    if (direct.deactivates)
        deactivate(&direct, now_s, &change);
    *ret_change = change;
    return true;
}
