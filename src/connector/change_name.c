/* SPDX-License-Identifier: Apache-2.0 */
/* The name and the place of an entry that is changed. */
#include "connector/change_task.h"

/* The parent of the DN, where it is not that of the entry; else empty. */
static str_t
parent_to_go_to(const change_task_t *self, str_t dn)
{
    arena_t *mem = self->task.mem;
    ldap_dn_t from, to;
    err_t ignored = ERR_INIT;

    if (!ldap_dn_parse(mem, self->dn, &from, &ignored) || !from.n ||
        !ldap_dn_parse(mem, dn, &to, &ignored) || !to.n)
        return STR("");
    from = ldap_dn_parent(&from);
    to = ldap_dn_parent(&to);
    if (str_eq(ldap_dn_normal_tree(mem, &from), ldap_dn_normal_tree(mem, &to)))
        return STR("");
    return ldap_dn_format(mem, &to);
}

ask_t *
change_ask_rename(change_task_t *self, const ldap_rdn_t *rdn, str_t dn, then_fn *then)
{
    ask_t *ask = task_ask(&self->task, LDAP_OP_RENAME, then);

    ask->op.dn = self->dn;
    ask->op.u.rename.rdn = ldap_rdn_format(self->task.mem, rdn);
    ask->op.u.rename.parent = parent_to_go_to(self, dn);
    return ask;
}

static bool
aside_done(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!*(const bool *)reply->result)
        return err_set(err, ERR_UNIQUENESS, "the name \"%.*s\" is taken", STR_ARG(self->aside));
    return change_try_again(self, err);
}

str_t
change_new_dn(const change_task_t *self)
{
    ldap_dn_t dn, renamed;
    err_t ignored = ERR_INIT;

    if (!ldap_dn_parse(self->task.mem, self->entry->dn, &dn, &ignored) || !dn.n)
        return self->entry->dn;
    dn = self->change.n_moves ? self->change.moves[self->move].dn : ldap_dn_parent(&dn);
    renamed = (ldap_dn_t){arena_array_of(self->task.mem, dn.n + 1, ldap_rdn_t), dn.n + 1};
    if (dn.n)
        memcpy(renamed.rdns + 1, dn.rdns, dn.n * sizeof(ldap_rdn_t));
    renamed.rdns[0] = self->change.rdn;
    return ldap_dn_format(self->task.mem, &renamed);
}

static bool
rename_undone(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (reply && !child_ended(reply, err))
        return false;
    if (self->exists && self->change.n_moves && self->change.last)
        return change_try_again(self, err); /* who has it is looked at there */
    if (self->exists) {
        self->aside = change_new_dn(self);
        return set_aside(task, self->aside, aside_done);
    }
    if (self->again)
        return change_try_again(self, err);
    *err = self->failure;
    return change_fail(self, err);
}

/* Where it is certain that the entry has its old name, nothing may refer to the other. */
static bool
rename_failed(change_task_t *self, const ldap_reply_t *reply, err_t *err)
{
    bool swept = self->swept && reply->fate == LDAP_ANSWERED;

    self->exists = reply_is(reply, LDAP_RC_ALREADY_EXISTS);
    self->again = !self->exists && change_is_uncertain(reply);
    if (self->again)
        change_remember_why(self, reply, &self->failure);
    else if (!swept)
        renames_clear(exchange_of(&self->task)->connector->lasting->renames, self->request->id);
    if (!swept)
        return rename_undone(&self->task, NULL, err);
    self->swept = false;
    return take_back_name(&self->task, self->old_dn, change_new_dn(self), rename_undone);
}

static bool
renamed(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    const ldap_entry_t *entry = reply_entry(reply->ldap);

    target_forget(task, self->request->id, self->entry->dn);
    name_moves(task);
    if (!reply_is(reply->ldap, LDAP_RC_SUCCESS)) {
        reply_fail(reply->ldap, "rename", &self->failure);
        return rename_failed(self, reply->ldap, err);
    }
    if (entry)
        note_own_version(task, entry);
    self->renamed = true;
    self->dn = entry ? entry->dn : change_new_dn(self);
    self->change.rename = false;
    self->change.n_moves = 0;
    if (!self->change.mods.n)
        return change_written(self, reply->ldap, err);
    if (!entry)
        return change_try_again(self, err);
    self->entry = entry;
    return change_carry_out(self, err);
}

/* Whether the RDN is the one that the entry has, so that only the place is another. */
bool
change_keeps_name(const change_task_t *self)
{
    ldap_dn_t dn;
    err_t ignored = ERR_INIT;

    return ldap_dn_parse(self->task.mem, self->entry->dn, &dn, &ignored) && dn.n &&
           str_eq(ldap_rdn_format(self->task.mem, &dn.rdns[0]),
                  ldap_rdn_format(self->task.mem, &self->change.rdn));
}

/* Whoever repairs references may die over it, the directory too. */
static void
note_rename(const change_task_t *self)
{
    const task_t *task = &self->task;

    if (self->swept || !bridge_repairs(task))
        renames_note(exchange_of(task)->connector->lasting->renames, self->request->id,
                     self->old_dn, ldap_dn_normal(task->mem, self->old_dn));
}

static bool
send_rename(change_task_t *self)
{
    ask_t *ask = change_ask_rename(self, &self->change.rdn, change_new_dn(self), renamed);

    self->sent = true;
    target_forget(&self->task, self->request->id, self->dn);
    name_moves(&self->task);
    note_rename(self);
    ask->op.guard = change_guard(self);
    ask->op.post_read = &self->names;
    ask->op.u.rename.delete_old = !self->change.keeps_old_name;
    return true;
}

static bool
name_swept(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->swept = bridge_repairs(task) && *(const bool *)reply->result;
    return send_rename(self);
}

bool
change_rename(change_task_t *self)
{
    str_t dn = change_new_dn(self);

    self->old_dn = self->dn;
    if (needs_sweep(&self->task, dn) && names_differ(&self->task, self->dn, dn))
        return sweep_name(&self->task, self->old_dn, dn, name_swept);
    return send_rename(self);
}
