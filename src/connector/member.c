/* SPDX-License-Identifier: Apache-2.0 */
/* Group members: one modify of the difference, whatever the group's size.
 *
 * The difference is sent without looking. Where the directory refuses because a value is there
 * already, or is not, nothing of it was applied; then only the values in question are asked
 * about, and what is left of the difference is sent. */
#include "connector/member_task.h"

enum { TRIES = 6 };

static bool send_blind(member_task_t *self);

/* ---- writing ---- */

static bool
is_one_value(const ldap_mods_t *mods)
{
    return mods->n == 1 && mods->mods[0].attr.n == 1;
}

/* Too many values to be asked for one by one. */
static bool
is_large(const map_member_delta_t *delta)
{
    return delta->n_add + delta->n_remove > MEMBER_ASK_MAX;
}

bool
member_meets_condition(const member_task_t *self, err_t *err)
{
    return self->written || check_condition(&self->task, self->target.version, err);
}

/* ---- the end ---- */

static bool
end(member_task_t *self)
{
    if (self->joined)
        task_settle(self->holder);
    return task_done(&self->task, NULL);
}

static bool
names_known(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->unsure = false;
    return member_names_changed(self) ? member_ask_values(self) : end(self);
}

bool
member_finish(member_task_t *self, err_t *err)
{
    bool remembered = self->joined || exchange_of(&self->task)->links_remembered;
    str_t *ids;
    size_t n;

    if (!names_have_moved(&self->task) && !(self->unsure && remembered))
        return end(self);
    if (++self->tries >= TRIES)
        return err_set(err, ERR_UNAVAILABLE,
                       "members are being renamed by others all the time");
    ids = delta_ids(&self->task, self->delta, NULL, 0, &n);
    return resolve_ids_anew(&self->task, ids, n, names_known);
}

/* ---- the answer to a modify ---- */

static void
note_change(member_task_t *self, const ldap_entry_t *entry)
{
    if (self->type->placeholder.n && (self->needs_placeholder || self->delta->n_add))
        target_set_empty(&self->task, exchange_of(&self->task)->request->id, self->target.dn,
                         self->needs_placeholder);
    if (!entry) {
        self->target.version = STR("");
        return;
    }
    target_remember(&self->task, self->type, entry);
    self->target = target_of(&self->task, entry);
}

/* Nothing of it was applied, and whose value it was that the directory does not take is not
 * known. */
static bool
go_alone(member_task_t *self)
{
    task_take(self->holder, 0);
    self->joined = 0;
    self->alone = true;
    self->delta = self->own;
    self->needs_placeholder = false;
    return send_blind(self);
}

static bool
members_modified(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;
    const ldap_reply_t *ldap = reply->ldap;
    bool is_there = member_is_there(task, ldap);
    bool is_gone = member_is_gone(task, ldap);

    if (reply_is(ldap, LDAP_RC_SUCCESS)) {
        self->written = true;
        note_change(self, reply_entry(ldap));
        respond_version(task, self->target.version);
        return member_finish(self, err);
    }
    if (is_one_value(&self->mods) &&
        ((is_there && self->mods.mods[0].op == LDAP_MOD_OP_ADD) ||
         (is_gone && self->mods.mods[0].op == LDAP_MOD_OP_DELETE))) {
        self->unsure = is_gone; /* the version was asserted before the value was looked at */
        respond_version(task, self->target.version);
        return member_finish(self, err);
    }
    if (reply_is(ldap, LDAP_RC_OBJECT_CLASS_VIOLATION) && self->type->placeholder.n &&
        !self->needs_placeholder) {
        self->needs_placeholder = true;
        return member_send(self);
    }
    reply_fail(ldap, "changing members", err);
    self->answer_lost |= ldap->fate == LDAP_UNKNOWN;
    if (ldap->fate != LDAP_UNKNOWN && !is_there && !is_gone &&
        !reply_is(ldap, LDAP_RC_ASSERTION_FAILED) && !reply_is(ldap, LDAP_RC_NO_SUCH_OBJECT))
        return self->joined && go_alone(self);
    if (++self->tries >= TRIES)
        return err->kind == ERR_UNAVAILABLE
                   ? false
                   : err_set(err, ERR_UNAVAILABLE,
                             "the group is being changed by others all the time");
    /* Mostly it is only the version, which costs less to read than so many values. */
    if (reply_is(ldap, LDAP_RC_ASSERTION_FAILED) && self->tries == 1 && is_large(self->delta))
        return member_find_group(self);
    return member_ask_values(self);
}

bool
member_send(member_task_t *self)
{
    ldap_mods_t mods = {0};
    ask_t *ask;

    if (self->needs_placeholder)
        ldap_mods_add_value(self->task.mem, &mods, LDAP_MOD_OP_ADD, self->type->members->ldap,
                            self->type->placeholder);
    mods.mods = arena_grow(self->task.mem, mods.mods, mods.n, mods.n + self->mods.n,
                           sizeof(ldap_mod_t));
    memcpy(mods.mods + mods.n, self->mods.mods, self->mods.n * sizeof(ldap_mod_t));
    mods.n += self->mods.n;
    ask = task_ask(&self->task, LDAP_OP_MODIFY, members_modified);
    ask->op.dn = self->target.dn;
    ask->op.guard = self->guard;
    ask->op.post_read = &self->target_names;
    ask->op.permissive = directory_can(&self->task, LDAP_FEATURE_PERMISSIVE);
    ask->op.u.modify.mods = mods.mods;
    ask->op.u.modify.n = mods.n;
    return true;
}

/* What is assumed of the placeholder, and asserted: that it stands in for the members of a
 * group known to be empty, and goes; or that there is none. */
static const ldap_filter_t *
assume_placeholder(member_task_t *self)
{
    task_t *task = &self->task;
    const ldap_filter_t *stands;

    if (!self->delta->n_add || !self->type->placeholder.n)
        return NULL;
    stands = member_placeholder_stands(self);
    if (!target_is_empty(task, exchange_of(task)->request->id))
        return ldap_filter_not(task->mem, stands);
    ldap_mods_add_value(task->mem, &self->mods, LDAP_MOD_OP_DELETE, self->type->members->ldap,
                        self->type->placeholder);
    return stands;
}

const ldap_filter_t *
member_guard(const member_task_t *self, const ldap_filter_t *more)
{
    const ldap_filter_t *parts[] = {self->target.unchanged, more};

    return target_guard(&self->task, exchange_of(&self->task)->request->id,
                        ldap_filter_and(self->task.mem, parts, ARRAY_SIZE(parts)));
}

/* Once: what came in since is for the next. */
static void
join_waiting(member_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    bool conditional = exchange->condition.match.given || exchange->condition.none_match.given;

    if (self->joined || self->alone || self->written || conditional)
        return;
    self->joined = merge_join(self->holder, self->own, &self->joint);
    if (self->joined)
        self->delta = &self->joint;
}

/* The whole difference, unseen. */
static bool
send_blind(member_task_t *self)
{
    task_t *task = &self->task;

    join_waiting(self);
    self->mods = (ldap_mods_t){0};
    member_note_names(self);
    member_delta(task, self->delta, &self->mods);
    if (!self->mods.n)
        return member_ask_values(self); /* nothing to write, but the group must exist */
    self->guard = member_guard(self, assume_placeholder(self));
    return member_send(self);
}

/* ---- finding the group ---- */

static bool
group_found(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;
    const ldap_entry_t *entry = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (!entry)
        return fail_not_found(task, err);
    self->target = target_of(task, entry);
    if (++self->tries >= TRIES)
        return err_set(err, ERR_UNAVAILABLE,
                       "the group is being renamed by others all the time");
    if (member_meets_condition(self, err))
        return send_blind(self);
    return self->answer_lost && member_ask_values(self); /* was that the change? */
}

bool
member_find_group(member_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);

    return read_resource(&self->task, exchange->request->id, self->target_names, group_found);
}

static bool
members_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    member_task_t *self = (member_task_t *)task;

    return target_writable(task, &self->target) ? send_blind(self) : member_find_group(self);
}

bool
change_members(task_t *task, const map_member_delta_t *delta, then_fn *then)
{
    member_task_t *child = task_new_of(task->run, "members", member_task_t);

    child->type = exchange_of(task)->type;
    child->holder = task;
    child->delta = child->own = delta;
    child->target_names = target_names(task);
    return task_call(task, &child->task, members_start, then, 0);
}
