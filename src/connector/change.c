/* SPDX-License-Identifier: Apache-2.0 */
/* Changing one entry: blind under a guard where that is enough, else read, decide, and write
 * what asserts that nothing has changed meanwhile.
 *
 * Every way back leads through reading: a guard that failed, an answer that never came,
 * another's change. What was half done (a rename without its modify) is seen then, and
 * finished. */
#include "connector/change_task.h"

#include "map/to_resource.h"

static bool read_entry(change_task_t *self, err_t *err);
static bool modify(change_task_t *self, const ldap_filter_t *guard, then_fn *then);

/* Once more from the reading on, or give up with what went wrong. */
bool
change_try_again(change_task_t *self, err_t *err)
{
    if (self->tries < CHANGE_TRIES)
        return read_entry(self, err);
    if (self->why.kind != ERR_NONE)
        *err = self->why;
    else
        err_set(err, ERR_UNAVAILABLE,
                "the entry \"%.*s\" is being changed by others all the time",
                STR_ARG(self->dn));
    return false;
}

static bool
settled(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    return child_ended(reply, err) && task_done(task, (void *)(uintptr_t)self->entry);
}

/* Nothing more to write. A rename is over when the directory has repaired what refers to it. */
static bool
end(change_task_t *self, const ldap_entry_t *entry)
{
    self->entry = entry;
    if (self->old_dn.n && names_differ(&self->task, self->old_dn, entry->dn))
        return follow_rename(&self->task, self->request->id, self->old_dn, entry->dn, settled);
    return task_done(&self->task, (void *)(uintptr_t)entry);
}

bool
change_finish(change_task_t *self, err_t *err)
{
    return check_lifecycle(&self->task, self->change.entered, self->change.left, self->written,
                           err) &&
           end(self, self->written);
}

static bool
finish(change_task_t *self, const ldap_entry_t *entry, err_t *err)
{
    self->written = entry;
    return change_check_rivals_again(self, err);
}

static bool
entry_reread(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return err_set(err, ERR_UNAVAILABLE,
                       "\"%.*s\" was changed, but is not there to be read", STR_ARG(self->dn));
    return finish(self, reply->result, err);
}

/* The write has been acknowledged. */
bool
change_written(change_task_t *self, const ldap_reply_t *reply, err_t *err)
{
    const ldap_entry_t *entry = reply_entry(reply);

    if (entry) {
        target_remember(&self->task, exchange_of(&self->task)->type, entry);
        return finish(self, entry, err);
    }
    return read_dn(&self->task, self->dn, self->names, entry_reread);
}

bool
change_is_uncertain(const ldap_reply_t *reply)
{
    return reply->fate == LDAP_UNKNOWN || reply_is(reply, LDAP_RC_ASSERTION_FAILED) ||
           reply_is(reply, LDAP_RC_NO_SUCH_OBJECT) ||
           reply_is(reply, LDAP_RC_NO_SUCH_ATTRIBUTE) || reply_is(reply, LDAP_RC_VALUE_EXISTS);
}

/* An entry that was moved or changed under our hands is nobody's error. */
void
change_remember_why(change_task_t *self, const ldap_reply_t *reply, const err_t *err)
{
    bool moved =
        reply_is(reply, LDAP_RC_ASSERTION_FAILED) || reply_is(reply, LDAP_RC_NO_SUCH_OBJECT);

    self->why = moved ? (err_t)ERR_INIT : *err;
    self->request->answer_lost |= reply->fate == LDAP_UNKNOWN;
}

/* Values that an entry shows and does not hold (389's classes of service) cannot be taken from
 * it. */
static void
say_inherited(const change_task_t *self, err_t *err)
{
    err_set(
        err, ERR_DIRECTORY,
        "\"%.*s\" shows a state that it does not hold itself: a role or a class of service may "
        "say so for it; take the entry out of that (modify: noSuchAttribute)",
        STR_ARG(self->dn));
}

static bool
modified(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    self->modified = reply_is(reply->ldap, LDAP_RC_SUCCESS);
    if (self->modified)
        return self->change.rename ? change_move_last(self, reply->ldap)
                                   : change_written(self, reply->ldap, err);
    if (reply->ldap->fate != LDAP_UNKNOWN)
        self->undo.n = 0;
    reply_fail(reply->ldap, "modify", err);
    if (self->change.left && reply_is(reply->ldap, LDAP_RC_NO_SUCH_ATTRIBUTE))
        say_inherited(self, err);
    if (change_is_uncertain(reply->ldap)) {
        change_remember_why(self, reply->ldap, err);
        return change_try_again(self, err);
    }
    return change_fail(self, err);
}

static bool
modify(change_task_t *self, const ldap_filter_t *guard, then_fn *then)
{
    ask_t *ask = task_ask(&self->task, LDAP_OP_MODIFY, then);

    self->sent = true;
    ask->op.dn = self->dn;
    ask->op.guard = guard;
    ask->op.post_read = &self->names;
    ask->op.u.modify.mods = self->change.mods.mods;
    ask->op.u.modify.n = self->change.mods.n;
    return true;
}

/* ---- reading first ---- */

const ldap_filter_t *
change_guard(const change_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const ldap_filter_t *unchanged = target_unchanged(&self->task, self->entry);

    if (!self->request->every_entry)
        return target_guard(&self->task, self->request->id, unchanged);
    return unchanged ? unchanged
                     : map_anchor_is(self->task.mem, exchange->map, self->request->id);
}

bool
change_modify(change_task_t *self)
{
    change_note_undo(self);
    return modify(self, change_guard(self), modified);
}

bool
change_carry_out(change_task_t *self, err_t *err)
{
    /* A modify whose answer was lost has had its effect: the reading left nothing of it to be
     * done. */
    if (!self->change.mods.n)
        self->modified = self->undo.n > 0;
    if (self->change.rename && self->change.n_moves) {
        self->move = 0;
        return change_look_at_place(self, err);
    }
    if (self->change.rename)
        return change_rename(self);
    if (self->change.mods.n)
        return change_modify(self);
    return self->sent ? finish(self, self->entry, err) : end(self, self->entry);
}

static bool
stripped(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && change_check_rivals((change_task_t *)task, err);
}

/* What two connectors write keeps its name and its place. */
static bool
check_shared(change_task_t *self, err_t *err)
{
    const map_type_t *type = exchange_of(&self->task)->type;

    if (!type->scope->shared || !self->change.rename)
        return true;
    if (self->change.n_moves && change_keeps_name(self)) {
        self->change.rename = false;
        self->change.n_moves = 0;
        return true;
    }
    return err_set(err, ERR_FORBIDDEN,
                   "a %.*s is not renamed or moved here: the map shares the scope \"%.*s\" "
                   "with another connector",
                   STR_ARG(type->scim->name), STR_ARG(type->scope->name));
}

static bool
plan_change(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    exchange_t *exchange = exchange_of(task);
    const json_t *before;

    if (reply && !child_ended(reply, err))
        return false;
    before = map_to_resource(task->mem, exchange->map, exchange->type, self->entry,
                             exchange_links(task), NULL, exchange->request->base_url,
                             exchange->now_s);
    if (!self->first)
        self->first = before;
    /* Its new name may stand there: what follows from it is still to be done. */
    if (self->old_dn.n)
        before = self->first;
    self->change = (map_change_t){0};
    if (!self->request->plan(task, self->request, self->entry, before, &self->change, err) ||
        !check_unprotected(task, self->entry, &self->change, err) || !check_shared(self, err))
        return change_fail(self, err);
    if (self->unmet && (self->change.rename || self->change.mods.n)) {
        *err = self->why;
        return change_fail(self, err);
    }
    if (self->change.strip_groups)
        return strip_groups(task, self->dn, stripped);
    return change_check_rivals(self, err);
}

/* What a write that lost its answer may have changed itself is not held against the conditions
 * yet: where nothing is left to be changed, it was carried out. */
static bool
check_reading(change_task_t *self, err_t *err)
{
    err_t changed = ERR_INIT;

    self->unmet =
        !check_condition(&self->task, target_version(&self->task, self->entry), &changed);
    if (self->unmet && (!self->request->answer_lost || self->why.kind == ERR_NONE))
        *err = self->why = changed;
    return !self->unmet || self->request->answer_lost;
}

static bool
entry_read(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    map_references_t references = {.dns = NULL};

    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return fail_not_found(task, err);
    self->entry = reply->result;
    self->dn = self->entry->dn;
    if (!check_reading(self, err))
        return change_fail(self, err);
    map_collect_references(task->mem, exchange_of(task)->type, self->entry, NULL, &references);
    if (!references.n_dns && !references.n_names)
        return plan_change(task, NULL, err);
    return resolve_references(task, &references, plan_change);
}

static bool
read_entry(change_task_t *self, err_t *err UNUSED)
{
    self->tries++;
    if (self->request->every_entry)
        return read_dn(&self->task, self->request->dn, self->names, entry_read);
    return read_resource(&self->task, self->request->id, self->names, entry_read);
}

/* ---- without reading ---- */

static bool
direct_modified(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return change_written(self, reply->ldap, err);
    reply_fail(reply->ldap, "modify", err);
    /* 122: a no-op, or not this resource any more. 65: an auxiliary class may be missing.
     * Reading tells. */
    if (change_is_uncertain(reply->ldap) ||
        reply_is(reply->ldap, LDAP_RC_OBJECT_CLASS_VIOLATION)) {
        change_remember_why(self, reply->ldap, err);
        self->names = judging_names(task, self->request->with_members);
        task->why = "the entry is not as it was when it was last seen";
        return read_entry(self, err);
    }
    return false;
}

/* A write that would change nothing is not made: reading tells then. */
static const ldap_filter_t *
direct_guard(const change_task_t *self, const target_t *target)
{
    arena_t *mem = self->task.mem;
    const ldap_filter_t *already = self->request->direct->already;
    const ldap_filter_t *more = target->unchanged;

    if (already)
        more = ldap_filter_and2(mem, more, ldap_filter_not(mem, already));
    return target_guard(&self->task, self->request->id, more);
}

static bool
change_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    const map_change_t *direct = self->request->direct;
    target_t target;

    self->names = judging_names(task, self->request->with_members);
    task->why = "what is written depends on what the entry has now";
    if (!direct || direct->strip_groups)
        return read_entry(self, err);
    task->why = "the entry's DN and version are not known; a bridge that has seen it lately "
                "writes without this";
    if (!target_writable(task, &target))
        return read_entry(self, err);
    task->why = "what must be unique, or protected, is looked at first";
    self->dn = target.dn;
    self->change = *direct;
    if (!ldap_filter_is_false(change_rivals_filter(self)) ||
        touches_protection(task, &self->change))
        return read_entry(self, err); /* what must be unique is looked for first */
    self->names = exchange_of(task)->type->names;
    return modify(self, direct_guard(self, &target), direct_modified);
}

bool
change_resource(task_t *task, change_request_t *request, then_fn *then)
{
    change_task_t *child = task_new_of(task->run, "change", change_task_t);

    child->request = request;
    return task_call(task, &child->task, change_start, then, 0);
}
