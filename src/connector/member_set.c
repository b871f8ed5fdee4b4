/* SPDX-License-Identifier: Apache-2.0 */
/* Which values a change of members adds and removes. */
#include "connector/member.h"

#include <stdlib.h>

/* ---- sets of DNs in normal form ---- */

static int
by_text(const void *a, const void *b)
{
    return str_cmp(*(const str_t *)a, *(const str_t *)b);
}

dn_set_t
dn_set_of(arena_t *mem, const ldap_attr_t *attr)
{
    dn_set_t set = {.n = attr ? attr->n : 0};

    set.normals = arena_array_of(mem, set.n, str_t);
    for (size_t i = 0; i < set.n; i++)
        set.normals[i] = ldap_dn_normal(mem, attr->values[i]);
    if (set.n > 1)
        qsort(set.normals, set.n, sizeof(str_t), by_text);
    return set;
}

bool
dn_set_has(const dn_set_t *set, str_t normal)
{
    return set->n && bsearch(&normal, set->normals, set->n, sizeof(str_t), by_text) != NULL;
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
    for (size_t i = 0; type && i < slot->n_references; i++)
        if (slot->references[i] == type->scope)
            return true;
    return false;
}

bool
check_members(const task_t *task, const map_member_delta_t *delta, err_t *err)
{
    const map_links_t *links = exchange_links(task);
    map_link_t link;

    if (exchange_of(task)->type->members->missing == MAP_MISSING_DROP)
        return true;
    for (size_t i = 0; i < delta->n_add; i++)
        if (!links->by_id(links, delta->add[i], &link) ||
            !may_be_member(exchange_of(task)->type->members, link.type))
            return err_set(
                err, ERR_INVALID_VALUE,
                "members: nothing that may be a member has the id \"%.*s\"; no member was "
                "changed",
                STR_ARG(delta->add[i]));
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
member_values(const task_t *task, const map_type_t *type, const str_t *ids, size_t n,
              ldap_mod_op_t op, const dn_set_t *present, ldap_mods_t *mods)
{
    ldap_attr_t *attr = NULL;
    str_t dn;

    for (size_t i = 0; i < n; i++) {
        if (!member_dn(task, ids[i], &dn))
            continue;
        if (present &&
            dn_set_has(present, ldap_dn_normal(task->mem, dn)) == (op == LDAP_MOD_OP_ADD))
            continue;
        if (!attr)
            attr = ldap_mods_add(task->mem, mods, op, type->members->ldap);
        ldap_attr_add(task->mem, attr, dn);
    }
}

size_t
member_count(const ldap_mods_t *mods, ldap_mod_op_t op)
{
    size_t n = 0;

    for (size_t i = 0; i < mods->n; i++)
        if (mods->mods[i].op == op)
            n += mods->mods[i].attr.n;
    return n;
}

/* Values of a reset that are seen, and not wanted. */
static void
remove_seen(const task_t *task, const map_type_t *type, const map_member_delta_t *delta,
            const ldap_attr_t *attr, ldap_mods_t *mods)
{
    const map_links_t *links = exchange_links(task);
    ldap_attr_t wanted = {0}, *gone = NULL;
    dn_set_t keep;
    str_t dn;

    for (size_t i = 0; i < delta->n_add; i++)
        if (member_dn(task, delta->add[i], &dn))
            ldap_attr_add(task->mem, &wanted, dn);
    keep = dn_set_of(task->mem, &wanted);
    for (size_t i = 0; attr && i < attr->n; i++) {
        str_t normal = ldap_dn_normal(task->mem, attr->values[i]);
        map_link_t link;

        if (dn_set_has(&keep, normal) || !links->by_dn(links, normal, &link) ||
            !may_be_member(type->members, link.type))
            continue;
        if (!gone)
            gone = ldap_mods_add(task->mem, mods, LDAP_MOD_OP_DELETE, type->members->ldap);
        ldap_attr_add(task->mem, gone, attr->values[i]);
    }
}

void
plan_members(const task_t *task, const map_member_delta_t *delta, const ldap_entry_t *entry,
             ldap_mods_t *mods)
{
    const map_type_t *type = exchange_of(task)->type;
    const ldap_attr_t *attr = ldap_entry_find(entry, type->members->ldap);
    dn_set_t present = dn_set_of(task->mem, attr);
    bool has_placeholder = type->placeholder.n &&
                           dn_set_has(&present, ldap_dn_normal(task->mem, type->placeholder));
    ldap_mods_t change = {0};
    size_t left;

    if (delta->reset)
        remove_seen(task, type, delta, attr, &change);
    else
        member_values(task, type, delta->remove, delta->n_remove, LDAP_MOD_OP_DELETE, &present,
                      &change);
    member_values(task, type, delta->add, delta->n_add, LDAP_MOD_OP_ADD, &present, &change);
    left = present.n - (has_placeholder ? 1 : 0) - member_count(&change, LDAP_MOD_OP_DELETE) +
           member_count(&change, LDAP_MOD_OP_ADD);
    if (type->placeholder.n && left == 0 && !has_placeholder)
        ldap_mods_add_value(task->mem, mods, LDAP_MOD_OP_ADD, type->members->ldap,
                            type->placeholder);
    if (has_placeholder && left > 0 && change.n)
        ldap_mods_add_value(task->mem, &change, LDAP_MOD_OP_DELETE, type->members->ldap,
                            type->placeholder);
    for (size_t i = 0; i < change.n; i++) {
        const ldap_attr_t *values = &change.mods[i].attr;
        ldap_attr_t *to = ldap_mods_add(task->mem, mods, change.mods[i].op, values->name);

        for (size_t j = 0; j < values->n; j++)
            ldap_attr_add(task->mem, to, values->values[j]);
    }
}
