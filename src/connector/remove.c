/* SPDX-License-Identifier: Apache-2.0 */
/* Removing for good what a lifecycle has left behind: a tombstone, or what was long inactive.
 *
 * Somebody may bring the entry back at any moment. So it is looked at before it is taken out of its
 * groups, and the delete itself asserts that it is still what it was. */
#include "connector/exchange.h"

typedef struct {
    task_t task;
    const removal_t *removal;
    const ldap_filter_t *guard;
    bool stripped;
} remove_task_t;

static bool look(remove_task_t *self, then_fn *then);

static bool
fail_changed(const remove_task_t *self, err_t *err)
{
    return err_set(err, ERR_PRECONDITION,
                   "it is no longer what it was when it was listed, and stays%s",
                   self->stripped ? "; but it was taken out of its groups" : "");
}

/* ---- the delete ---- */

/* The answer to the delete was lost: if it is not there, it was done. */
static bool
looked_again(task_t *task, const reply_t *reply, err_t *err)
{
    if (reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT))
        return respond_empty(task, 204);
    if (!reply_check(reply->ldap, "reading it again", err))
        return false;
    return err_set(err, ERR_UNAVAILABLE,
                   "the directory did not answer the delete, and the entry is still there");
}

static bool
deleted(task_t *task, const reply_t *reply, err_t *err)
{
    remove_task_t *self = (remove_task_t *)task;

    target_forget(task, self->removal->id, self->removal->dn);
    name_moves(task);
    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return respond_empty(task, 204);
    if (reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED))
        return fail_changed(self, err);
    if (reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT))
        return fail_not_found(task, err);
    if (reply->ldap->fate == LDAP_UNKNOWN)
        return look(self, looked_again);
    return reply_fail(reply->ldap, "delete", err);
}

static bool
stripped(task_t *task, const reply_t *reply, err_t *err)
{
    remove_task_t *self = (remove_task_t *)task;
    ask_t *ask;

    if (!child_ended(reply, err))
        return false;
    self->stripped = true;
    ask = task_ask(task, LDAP_OP_DELETE, deleted);
    ask->op.dn = self->removal->dn;
    ask->op.guard = self->guard;
    return true;
}

/* ---- before ---- */

static bool
looked(task_t *task, const reply_t *reply, err_t *err)
{
    remove_task_t *self = (remove_task_t *)task;

    if (reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT))
        return fail_not_found(task, err);
    if (!reply_check(reply->ldap, "reading it", err))
        return false;
    if (!reply_entry(reply->ldap))
        return fail_changed(self, err);
    return strip_groups(task, self->removal->dn, stripped);
}

static bool
look(remove_task_t *self, then_fn *then)
{
    ask_t *ask = task_ask(&self->task, LDAP_OP_SEARCH, then);

    ask->op.dn = self->removal->dn;
    ask->op.u.search.depth = LDAP_DEPTH_BASE;
    ask->op.u.search.filter = self->guard;
    ask->op.u.search.attrs = target_names(&self->task);
    return true;
}

static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return look((remove_task_t *)task, looked);
}

static bool
remove_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    remove_task_t *self = (remove_task_t *)task;

    self->guard = ldap_filter_and2(
        task->mem, map_anchor_is(task->mem, exchange_of(task)->map, self->removal->id),
        self->removal->still);
    return enter_resource_gate(task, self->removal->id, STR(""), entered);
}

root_t
remove_root(run_t *run, const removal_t *removal)
{
    remove_task_t *self = task_new_of(run, "remove", remove_task_t);

    self->removal = removal;
    return (root_t){&self->task, remove_start};
}
