/* SPDX-License-Identifier: Apache-2.0 */
/* All or nothing: taking back what was written of a change that cannot be completed, the modify
 * and then the name; and telling the client where not even that works. */
#include "connector/change_task.h"

/* ---- telling ---- */

static bool
tell_changed(const change_task_t *self, err_t *err)
{
    *err = self->why;
    if (!self->change.rename)
        return err_add(err, "the entry has been changed before that was seen, and the change "
                            "could not be taken back");
    return err_prefix(
        err,
        "the entry was changed, but could not be moved to \"%.*s\"; repeating the "
        "request moves it",
        STR_ARG(change_new_dn(self)));
}

static bool
tell_renamed(const change_task_t *self, err_t *err)
{
    *err = self->why;
    return err_prefix(err,
                      "the entry was renamed to \"%.*s\", but the rest of the change failed",
                      STR_ARG(self->dn));
}

/* ---- the name ---- */

static bool rename_back(change_task_t *self, err_t *err);

static bool
renamed_reread(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (reply->error || !reply->result)
        return tell_renamed(self, err);
    self->entry = reply->result;
    return rename_back(self, err);
}

static bool
name_taken_back(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!reply->error)
        renames_clear(exchange_of(task)->connector->lasting->renames, self->request->id);
    *err = self->why;
    return false;
}

/* The rename was ours, so it can be taken back. */
static bool
renamed_back(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    name_moves(task);
    target_forget(task, self->request->id, self->dn);
    if (reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED) && ++self->backs < CHANGE_TRIES)
        return read_dn(task, self->dn, self->names, renamed_reread);
    if (!reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return tell_renamed(self, err);
    if (self->swept)
        return take_back_name(task, self->old_dn, self->dn, name_taken_back);
    *err = self->why;
    return false;
}

/* With the version too, or what takes back could come late and undo what another request was
 * told of. */
static const ldap_filter_t *
still_ours(const change_task_t *self)
{
    arena_t *mem = self->task.mem;
    const ldap_filter_t *guard[] = {
        map_anchor_is(mem, exchange_of(&self->task)->map, self->request->id),
        target_unchanged(&self->task, self->entry)};

    return ldap_filter_and(mem, guard, ARRAY_SIZE(guard));
}

static bool
rename_back(change_task_t *self, err_t *err)
{
    ldap_dn_t old;
    err_t ignored = ERR_INIT;
    ask_t *ask;

    if (!ldap_dn_parse(self->task.mem, self->old_dn, &old, &ignored) || !old.n)
        return tell_renamed(self, err);
    ask = change_ask_rename(self, &old.rdns[0], self->old_dn, renamed_back);
    ask->op.guard = still_ours(self);
    ask->op.u.rename.delete_old = true;
    return true;
}

/* ---- the modify ---- */

static bool
modified_back(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    target_forget(task, self->request->id, self->dn);
    if (!reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return tell_changed(self, err);
    if (reply_entry(reply->ldap))
        self->entry = reply_entry(reply->ldap);
    *err = self->why;
    return self->renamed && rename_back(self, err);
}

static bool
modify_back(change_task_t *self, err_t *err)
{
    ask_t *ask;

    target_forget(&self->task, self->request->id, self->dn);
    if (self->lasting)
        return tell_changed(self, err);
    ask = task_ask(&self->task, LDAP_OP_MODIFY, modified_back);
    ask->op.dn = self->dn;
    ask->op.guard = still_ours(self);
    ask->op.post_read = &self->names;
    ask->op.u.modify.mods = self->undo.mods;
    ask->op.u.modify.n = self->undo.n;
    return true;
}

bool
change_fail(change_task_t *self, err_t *err)
{
    self->why = *err;
    if (self->modified)
        return modify_back(self, err);
    return self->renamed && rename_back(self, err);
}

/* ---- what takes the modify back ---- */

static bool
is_read(const change_task_t *self, str_t attr)
{
    for (size_t i = 0; i < self->names.n; i++)
        if (str_ieq(self->names.names[i], attr))
            return true;
    return false;
}

static ldap_mod_op_t
opposite(const ldap_mod_t *mod)
{
    if (mod->op == LDAP_MOD_OP_REPLACE || mod->attr.n == 0)
        return LDAP_MOD_OP_REPLACE;
    return mod->op == LDAP_MOD_OP_DELETE ? LDAP_MOD_OP_ADD : LDAP_MOD_OP_DELETE;
}

/* What was replaced and had not been read, as a password, cannot be put back; nor memberships. */
void
change_note_undo(change_task_t *self)
{
    const ldap_mods_t *mods = &self->change.mods;

    self->modified = false;
    self->undo = (ldap_mods_t){0};
    self->lasting |= self->change.strip_groups;
    for (size_t i = mods->n; i-- > 0;) {
        const ldap_mod_t *mod = &mods->mods[i];
        ldap_mod_op_t op = opposite(mod);
        bool whole = op == LDAP_MOD_OP_REPLACE;
        const ldap_attr_t *was =
            whole ? ldap_entry_find(self->entry, mod->attr.name) : &mod->attr;
        ldap_attr_t *back = ldap_mods_add(self->task.mem, &self->undo, op, mod->attr.name);

        self->lasting |=
            mod->op == LDAP_MOD_OP_INCREMENT || (whole && !is_read(self, mod->attr.name));
        for (size_t j = 0; was && j < was->n; j++)
            ldap_attr_add(self->task.mem, back, was->values[j]);
    }
}
