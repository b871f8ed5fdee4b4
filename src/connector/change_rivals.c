/* SPDX-License-Identifier: Apache-2.0 */
/* Values that must be unique though no DN makes them so: who else has those that a change makes. */
#include "connector/change_task.h"

#include "map/share.h"

static const ldap_filter_t *rival_of(const change_task_t *self, str_t ldap,
                                     const map_slot_t *slot);

static bool
values_free(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && change_carry_out((change_task_t *)task, err);
}

/* Nobody who lives has what is written: those who are deleted make room. */
static bool
take_values(change_task_t *self, err_t *err)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; i < type->n_unique; i++)
        if (gives_up(&self->task, type->unique[i]))
            any = ldap_filter_or2(self->task.mem, any, rival_of(self, type->unique[i], NULL));
    if (ldap_filter_is_false(any) || self->request->every_entry)
        return change_carry_out(self, err);
    return give_up_values(&self->task, any, values_free);
}

/* Whether somebody else is among those found; *err says who. */
static bool
is_rivalled(const change_task_t *self, const found_t *found, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);

    for (size_t i = 0; i < found->n; i++) {
        str_t id;

        if (!map_anchor_of(self->task.mem, exchange->map, found->entries[i], &id) ||
            str_ieq(id, self->request->id))
            continue;
        err_set(err, ERR_UNIQUENESS, "another %.*s has the same value: \"%.*s\"",
                STR_ARG(exchange->type->scim->name), STR_ARG(found->entries[i]->dn));
        return true;
    }
    return false;
}

static bool
rivals_found(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (is_rivalled(self, reply->result, err))
        return change_fail(self, err);
    return take_values(self, err);
}

/* Who else has what this change writes into the attribute (`slot` not NULL: of values that are the
 * slot's): false where it writes nothing there. */
static const ldap_filter_t *
rival_of(const change_task_t *self, str_t ldap, const map_slot_t *slot)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const ldap_mods_t *mods = &self->change.mods;
    const ldap_filter_t *any = ldap_filter_false();

    if (str_ieq(ldap, type->rdn) && self->change.rename && !self->change.keeps_name)
        return ldap_filter_equal(self->task.mem, ldap, self->change.rdn.avas[0].value);
    for (size_t i = 0; i < mods->n; i++)
        for (size_t j = 0; j < mods->mods[i].attr.n; j++)
            if (mods->mods[i].op != LDAP_MOD_OP_DELETE &&
                str_ieq(mods->mods[i].attr.name, ldap) &&
                (!slot || map_share_owns(slot, mods->mods[i].attr.values[j])))
                any = ldap_filter_or2(
                    self->task.mem, any,
                    ldap_filter_equal(self->task.mem, ldap, mods->mods[i].attr.values[j]));
    return any;
}

/* Where the DN alone keeps the matching value unique, nobody needs to look. */
const ldap_filter_t *
change_rivals_filter(const change_task_t *self)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; i < type->n_match; i++)
        if (type->match[i] != type->rdn_slot || !type->dn_unique)
            any = ldap_filter_or2(self->task.mem, any,
                                  rival_of(self, type->match[i]->ldap, type->match[i]));
    for (size_t i = 0; i < type->n_unique; i++)
        any = ldap_filter_or2(self->task.mem, any, rival_of(self, type->unique[i], NULL));
    return any;
}

static bool
look(change_task_t *self, then_fn *then)
{
    const exchange_t *exchange = exchange_of(&self->task);
    find_t find = {.scope = exchange->type->scope,
                   .names = {&exchange->map->dialect->anchor, 1},
                   .limit = 2};

    find.filter = ldap_filter_and2(
        self->task.mem, map_visible(self->task.mem, find.scope, exchange->now_s), self->rivals);
    return find_entries(&self->task, &find, then);
}

bool
change_check_rivals(change_task_t *self, err_t *err)
{
    const ldap_filter_t *any = change_rivals_filter(self);

    if (ldap_filter_is_false(any))
        return change_carry_out(self, err);
    self->rivals = self->rivals ? ldap_filter_or2(self->task.mem, self->rivals, any) : any;
    return look(self, rivals_found);
}

/* ---- one that wrote the same at the same moment ---- */

static bool
rivals_found_again(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!is_rivalled(self, reply->result, err))
        return change_finish(self, err);
    self->entry = self->written;
    return change_fail(self, err);
}

/* A revival is not taken back: who is made at that moment looks again, and gives way. */
bool
change_check_rivals_again(change_task_t *self, err_t *err)
{
    if (!self->rivals || self->request->every_entry)
        return change_finish(self, err);
    return look(self, rivals_found_again);
}
