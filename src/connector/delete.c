/* SPDX-License-Identifier: Apache-2.0 */
/* DELETE (RFC 7644 §3.6): what has a deleted state becomes a tombstone; the rest is really deleted. */
#include "connector/exchange.h"

#include "map/to_resource.h"

enum { TRIES = 4 };

typedef struct {
    task_t task;
    change_request_t change;
    map_change_t direct;
    target_t target;
    str_t dropped; /* the DN that nothing refers to any more; empty: none */
    unsigned tries;
    err_t why;
} delete_task_t;

/* ---- leaving a tombstone ---- */

static bool
groups_stripped(task_t *task, const reply_t *reply, err_t *err)
{
    if (!child_ended(reply, err))
        return err_prefix(
            err, "the resource is deleted, but still a member of groups; repeating the "
                 "request removes it from them");
    return respond_empty(task, 204);
}

static bool
leftovers_stripped(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && fail_not_found(task, err);
}

/* Deleted already: an earlier request may have failed before it came to the groups. Or it was this
 * one, whose mark was made though the answer was lost. */
static bool
tombstone_found(task_t *task, const reply_t *reply, err_t *err)
{
    const delete_task_t *self = (const delete_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (!found->n)
        return fail_not_found(task, err);
    return strip_groups(task, found->entries[0]->dn,
                        self->change.answer_lost ? groups_stripped : leftovers_stripped);
}

static bool
look_for_tombstone(task_t *task)
{
    const exchange_t *exchange = exchange_of(task);
    find_t find = {.scope = exchange->type->scope,
                   .filter = target_tombstone(task, exchange->request->id),
                   .names = {&exchange->map->dialect->anchor, 1},
                   .limit = 1};

    return find_entries(task, &find, tombstone_found);
}

static bool
marked(task_t *task, const reply_t *reply, err_t *err)
{
    const exchange_t *exchange = exchange_of(task);
    const ldap_entry_t *entry = reply->result;

    if (reply->error && reply->error->kind == ERR_NOT_FOUND &&
        !ldap_filter_is_false(target_guard(task, exchange->request->id, NULL)))
        return look_for_tombstone(task);
    if (!child_ended(reply, err))
        return false;
    target_forget(task, exchange->request->id, entry->dn);
    name_moves(task);
    return strip_groups(task, entry->dn, groups_stripped);
}

static bool
plan_mark(task_t *task, change_request_t *request UNUSED, const ldap_entry_t *entry,
          const json_t *before UNUSED, map_change_t *ret_change, err_t *err UNUSED)
{
    const exchange_t *exchange = exchange_of(task);

    map_change_enter(task->mem, exchange->type, &exchange->type->deleted, entry,
                     exchange->now_s, ret_change);
    ret_change->strip_groups = false; /* afterwards: a locked account in a group harms nobody */
    return true;
}

static bool
leave_tombstone(delete_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);

    self->change = (change_request_t){.id = exchange->request->id, .plan = plan_mark};
    if (!exchange->type->deleted.needs_entry) {
        map_change_enter(self->task.mem, exchange->type, &exchange->type->deleted, NULL,
                         exchange->now_s, &self->direct);
        self->direct.strip_groups = false; /* afterwards, see plan_mark */
        self->change.direct = &self->direct;
    }
    return change_resource(&self->task, &self->change, marked);
}

/* ---- really deleting ---- */

static bool delete_entry(delete_task_t *self);

static bool
entry_found(task_t *task, const reply_t *reply, err_t *err)
{
    delete_task_t *self = (delete_task_t *)task;
    const ldap_entry_t *entry;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result && self->why.kind != ERR_NONE)
        return respond_empty(task, 204); /* the delete whose answer was lost had been done */
    if (!reply->result)
        return fail_not_found(task, err);
    if (self->tries >= TRIES) {
        if (self->why.kind == ERR_NONE)
            err_set(&self->why, ERR_UNAVAILABLE,
                    "the entry is being changed by others all the time");
        *err = self->why;
        return false;
    }
    entry = reply->result;
    if (!check_condition(task, target_version(task, entry), err)) {
        if (self->why.kind != ERR_NONE)
            *err = self->why; /* what has changed may be what this request has done */
        return false;
    }
    self->target = target_of(task, entry);
    return delete_entry(self);
}

static bool
find_entry(delete_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);

    return read_resource(&self->task, exchange->request->id, target_names(&self->task),
                         entry_found);
}

static bool
deleted(task_t *task, const reply_t *reply, err_t *err)
{
    delete_task_t *self = (delete_task_t *)task;

    target_forget(task, exchange_of(task)->request->id, self->target.dn);
    name_moves(task);
    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return respond_empty(task, 204);
    reply_fail(reply->ldap, "delete", err);
    if (reply->ldap->fate == LDAP_UNKNOWN)
        self->why = *err;
    else if (!reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED) &&
             !reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT))
        return false;
    return find_entry(self);
}

static bool
references_dropped(task_t *task, const reply_t *reply, err_t *err)
{
    delete_task_t *self = (delete_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->dropped = self->target.dn;
    return delete_entry(self);
}

static bool
delete_entry(delete_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    ask_t *ask;

    if (bridge_repairs(&self->task) && !str_eq(self->dropped, self->target.dn))
        return drop_references(&self->task, self->target.dn, references_dropped);
    ask = task_ask(&self->task, LDAP_OP_DELETE, deleted);
    self->tries++;
    ask->op.dn = self->target.dn;
    ask->op.guard = target_guard(&self->task, exchange->request->id, self->target.unchanged);
    return true;
}

static bool
fenced(task_t *task, const reply_t *reply, err_t *err)
{
    delete_task_t *self = (delete_task_t *)task;
    const exchange_t *exchange = exchange_of(task);

    if (!child_ended(reply, err))
        return false;
    if (exchange->type->deleted.present)
        return leave_tombstone(self);
    /* References to a DN that is remembered only may be another's. */
    if (!bridge_repairs(task) && target_writable(task, &self->target))
        return delete_entry(self);
    return find_entry(self);
}

static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return fence_off_lost(task, exchange_of(task)->request->id, fenced);
}

static bool
delete_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    const map_type_t *type = exchange_of(task)->type;

    if (type->scope->shared)
        return err_set(err, ERR_FORBIDDEN,
                       "a %.*s is not deleted here: the map shares the scope \"%.*s\" with "
                       "another connector",
                       STR_ARG(type->scim->name), STR_ARG(type->scope->name));
    return enter_resource_gate(task, exchange_of(task)->request->id, STR(""), entered);
}

root_t
delete_root(run_t *run)
{
    return (root_t){&task_new_of(run, "delete", delete_task_t)->task, delete_start};
}
