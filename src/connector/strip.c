/* SPDX-License-Identifier: Apache-2.0 */
/* Taking an entry out of all groups that this connector serves. */
#include "connector/exchange.h"

typedef struct {
    task_t task;
    str_t dn;
    const map_type_t *group;
    const found_t *found;
    size_t next;
    bool placeholder; /* the group at `next` would be empty */
} strip_task_t;

static bool next_group(strip_task_t *self);

static bool
group_modified(task_t *task, const reply_t *reply, err_t *err)
{
    strip_task_t *self = (strip_task_t *)task;

    if (reply_is(reply->ldap, LDAP_RC_OBJECT_CLASS_VIOLATION) && self->group->placeholder.n &&
        !self->placeholder) {
        self->placeholder = true; /* the last member: the placeholder takes its place */
        return next_group(self);
    }
    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_ATTRIBUTE) &&
        !reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_check(reply->ldap, "removing from a group", err))
        return false;
    self->placeholder = false;
    self->next++;
    return next_group(self);
}

static bool
next_group(strip_task_t *self)
{
    arena_t *mem = self->task.mem;
    ldap_mods_t mods = {0};
    ask_t *ask;

    if (self->next == self->found->n)
        return task_done(&self->task, NULL);
    if (self->placeholder)
        ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_ADD, self->group->members->ldap,
                            self->group->placeholder);
    ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_DELETE, self->group->members->ldap, self->dn);
    ask = task_ask(&self->task, LDAP_OP_MODIFY, group_modified);
    ask->op.dn = self->found->entries[self->next]->dn;
    ask->op.u.modify.mods = mods.mods;
    ask->op.u.modify.n = mods.n;
    return true;
}

static bool
groups_found(task_t *task, const reply_t *reply, err_t *err)
{
    strip_task_t *self = (strip_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->found = reply->result;
    return next_group(self);
}

static bool
strip_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    strip_task_t *self = (strip_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    find_t find = {.names = {&exchange->map->dialect->anchor, 1}};

    for (size_t i = 0; i < exchange->map->n_types; i++)
        if (exchange->map->types[i].members)
            self->group = &exchange->map->types[i];
    if (!self->group)
        return task_done(task, NULL);
    find.scope = self->group->scope;
    find.filter =
        ldap_filter_and2(task->mem, map_visible(task->mem, find.scope, exchange->now_s),
                         ldap_filter_equal(task->mem, self->group->members->ldap, self->dn));
    return find_entries(task, &find, groups_found);
}

bool
strip_groups(task_t *task, str_t dn, then_fn *then)
{
    strip_task_t *child = task_new_of(task->run, "strip", strip_task_t);

    child->dn = dn;
    return task_call(task, &child->task, strip_start, then, 0);
}
