/* SPDX-License-Identifier: Apache-2.0 */
/* Which values a change of members adds and removes. */
#include "connector/member.h"

#include <stdlib.h>

/* ---- sets of values in normal form ---- */

static int
by_text(const void *a, const void *b)
{
    return str_cmp(*(const str_t *)a, *(const str_t *)b);
}

value_set_t
value_set_of(arena_t *mem, const map_slot_t *slot, const ldap_attr_t *attr)
{
    value_set_t set = {.n = attr ? attr->n : 0};

    set.normals = arena_array_of(mem, set.n, str_t);
    for (size_t i = 0; i < set.n; i++)
        set.normals[i] = map_reference_normal(mem, slot, attr->values[i]);
    if (set.n > 1)
        qsort(set.normals, set.n, sizeof(str_t), by_text);
    return set;
}

static bool
has_normal(const value_set_t *set, str_t normal)
{
    return set->n && bsearch(&normal, set->normals, set->n, sizeof(str_t), by_text) != NULL;
}

bool
value_set_has(arena_t *mem, const value_set_t *set, const map_slot_t *slot, str_t dn)
{
    str_t value;

    return map_reference_value(mem, slot, dn, &value) &&
           has_normal(set, map_reference_normal(mem, slot, value));
}

/* ---- ids ---- */

str_t *
delta_ids(const task_t *task, const map_member_delta_t *delta, const str_t *ids, size_t n,
          size_t *ret_n)
{
    str_t *all =
        arena_grow(task->mem, ids, n, n + delta->n_add + delta->n_remove, sizeof(str_t));

    for (size_t i = 0; i < delta->n_add; i++)
        all[n++] = delta->add[i];
    for (size_t i = 0; i < delta->n_remove; i++)
        all[n++] = delta->remove[i];
    *ret_n = n;
    return all;
}

static bool
may_be_member(const map_slot_t *slot, const map_type_t *type)
{
    return type && map_reference_has_scope(slot, type->scope);
}

static bool
refuse_member(const task_t *task, str_t id, const map_type_t *type, err_t *err)
{
    const map_type_t *group = exchange_of(task)->type;

    if (type)
        return err_set(err, ERR_INVALID_VALUE,
                       "members: \"%.*s\" is the id of a %.*s, which the map does not let be a "
                       "member of a %.*s; no member was changed",
                       STR_ARG(id), STR_ARG(type->scim->name), STR_ARG(group->scim->name));
    return err_set(err, ERR_INVALID_VALUE,
                   "members: nothing that may be a member has the id \"%.*s\"; no member was "
                   "changed",
                   STR_ARG(id));
}

/* Whether every attribute that is to hold it can. */
static bool
check_held(const task_t *task, const map_link_t *link, err_t *err)
{
    const map_slot_t *members = exchange_of(task)->type->members, *part;
    str_t value;

    for (size_t i = 0; (part = map_slot_part(members, i)); i++)
        if (may_be_member(part, link->type) &&
            !map_reference_check(task->mem, part, link->dn, exchange_links(task), &value, err))
            return false;
    return true;
}

bool
check_members(const task_t *task, const map_member_delta_t *delta, err_t *err)
{
    const map_slot_t *members = exchange_of(task)->type->members;
    map_link_t link;

    for (size_t i = 0; i < delta->n_add; i++) {
        bool found = exchange_links(task)->by_id(exchange_links(task), delta->add[i], &link);

        if (found && may_be_member(members, link.type)) {
            if (!check_held(task, &link, err))
                return false;
        } else if (members->missing != MAP_MISSING_DROP) {
            return refuse_member(task, delta->add[i], found ? link.type : NULL, err);
        }
    }
    return true;
}

bool
member_dn(const task_t *task, str_t id, str_t *ret_dn)
{
    const map_links_t *links = exchange_links(task);
    map_link_t link;

    if (!links->by_id(links, id, &link) ||
        !may_be_member(exchange_of(task)->type->members, link.type))
        return false;
    *ret_dn = link.dn;
    return true;
}

/* ---- differences ---- */

void
member_values(const task_t *task, const member_mods_t *to, const str_t *ids, size_t n,
              ldap_mod_op_t op)
{
    ldap_attr_t *attr = NULL;
    map_link_t link;
    str_t value;

    for (size_t i = 0; i < n; i++) {
        if (!map_reference_find_id(to->slot, ids[i], exchange_links(task), &link) ||
            !link.type || !map_reference_value(task->mem, to->slot, link.dn, &value))
            continue;
        if (to->present &&
            value_set_has(task->mem, to->present, to->slot, link.dn) == (op == LDAP_MOD_OP_ADD))
            continue;
        if (!attr)
            attr = ldap_mods_add(task->mem, to->mods, op, to->slot->ldap);
        ldap_attr_add(task->mem, attr, value);
    }
}

void
member_delta(const task_t *task, const map_member_delta_t *delta, ldap_mods_t *mods)
{
    member_mods_t to = {.mods = mods};

    for (size_t i = 0; (to.slot = map_slot_part(exchange_of(task)->type->members, i)); i++) {
        member_values(task, &to, delta->remove, delta->n_remove, LDAP_MOD_OP_DELETE);
        member_values(task, &to, delta->add, delta->n_add, LDAP_MOD_OP_ADD);
    }
}

size_t
member_count(const ldap_mods_t *mods, ldap_mod_op_t op, str_t ldap)
{
    size_t n = 0;

    for (size_t i = 0; i < mods->n; i++)
        if (mods->mods[i].op == op && str_ieq(mods->mods[i].attr.name, ldap))
            n += mods->mods[i].attr.n;
    return n;
}

/* Values of a reset that are seen, and not wanted. */
static void
remove_seen(const task_t *task, const map_member_delta_t *delta, const member_mods_t *to,
            const ldap_attr_t *attr)
{
    const map_links_t *links = exchange_links(task);
    ldap_attr_t wanted = {0}, *gone = NULL;
    value_set_t keep;
    str_t value;
    map_link_t link;

    for (size_t i = 0; i < delta->n_add; i++)
        if (map_reference_find_id(to->slot, delta->add[i], links, &link) &&
            map_reference_value(task->mem, to->slot, link.dn, &value))
            ldap_attr_add(task->mem, &wanted, value);
    keep = value_set_of(task->mem, to->slot, &wanted);
    for (size_t i = 0; attr && i < attr->n; i++) {
        if (has_normal(&keep, map_reference_normal(task->mem, to->slot, attr->values[i])) ||
            !map_reference_find(task->mem, to->slot, attr->values[i], links, &link) ||
            !link.type)
            continue;
        if (!gone)
            gone = ldap_mods_add(task->mem, to->mods, LDAP_MOD_OP_DELETE, to->slot->ldap);
        ldap_attr_add(task->mem, gone, attr->values[i]);
    }
}

/* Somebody stands in for none: comes before all else, and goes last. */
static void
settle_placeholder(const task_t *task, const value_set_t *present, ldap_mods_t *mods,
                   ldap_mods_t *change)
{
    const map_type_t *type = exchange_of(task)->type;
    str_t ldap = type->members->ldap;
    bool stands = value_set_has(task->mem, present, type->members, type->placeholder);
    size_t gone = member_count(change, LDAP_MOD_OP_DELETE, ldap);
    size_t come = member_count(change, LDAP_MOD_OP_ADD, ldap);
    size_t left = present->n - (stands ? 1 : 0) - gone + come;

    if (left == 0 && !stands)
        ldap_mods_add_value(task->mem, mods, LDAP_MOD_OP_ADD, ldap, type->placeholder);
    if (stands && left > 0 && gone + come > 0)
        ldap_mods_add_value(task->mem, change, LDAP_MOD_OP_DELETE, ldap, type->placeholder);
}

static void
plan_attribute(const task_t *task, const map_member_delta_t *delta, const map_slot_t *slot,
               const ldap_entry_t *entry, ldap_mods_t *mods, ldap_mods_t *change)
{
    const map_type_t *type = exchange_of(task)->type;
    const ldap_attr_t *attr = ldap_entry_find(entry, slot->ldap);
    value_set_t present = value_set_of(task->mem, slot, attr);
    member_mods_t to = {slot, &present, change};

    if (delta->reset)
        remove_seen(task, delta, &to, attr);
    else
        member_values(task, &to, delta->remove, delta->n_remove, LDAP_MOD_OP_DELETE);
    member_values(task, &to, delta->add, delta->n_add, LDAP_MOD_OP_ADD);
    if (slot == type->members && type->placeholder.n)
        settle_placeholder(task, &present, mods, change);
}

void
plan_members(const task_t *task, const map_member_delta_t *delta, const ldap_entry_t *entry,
             ldap_mods_t *mods)
{
    const map_slot_t *part;
    ldap_mods_t change = {0};

    for (size_t i = 0; (part = map_slot_part(exchange_of(task)->type->members, i)); i++)
        plan_attribute(task, delta, part, entry, mods, &change);
    for (size_t i = 0; i < change.n; i++) {
        const ldap_attr_t *values = &change.mods[i].attr;
        ldap_attr_t *to = ldap_mods_add(task->mem, mods, change.mods[i].op, values->name);

        for (size_t j = 0; j < values->n; j++)
            ldap_attr_add(task->mem, to, values->values[j]);
    }
}
