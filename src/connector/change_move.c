/* SPDX-License-Identifier: Apache-2.0 */
/* Where an entry goes, and the move by which it enters or leaves a state.
 *
 * The place tells such a state, so the move comes last: whoever fails before it leaves an entry
 * that is what it was to every reader, and the same request does the rest. The new name is
 * looked at before anything is written; if it is taken in between, what was written is taken
 * back. */
#include "connector/change_task.h"

#include "map/anchor.h"

/* ---- who has the name ---- */

static bool
carry_on(change_task_t *self)
{
    return self->change.mods.n ? change_modify(self) : change_rename(self);
}

/* What is deleted needs no name that anybody knows: it is called by its id. */
static bool
take_id_as_name(change_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    ldap_ava_t *ava;
    str_t id;

    if (self->change.entered != &exchange->type->deleted || !gives_up_name(exchange->type) ||
        !map_anchor_of(self->task.mem, exchange->map, self->entry, &id))
        return false;
    ava = arena_new_of(self->task.mem, ldap_ava_t);
    *ava = (ldap_ava_t){exchange->type->rdn, id};
    self->change.rdn = (ldap_rdn_t){ava, 1};
    self->change.keeps_name = false;
    return true;
}

static bool
fail_taken(change_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);
    bool deletes = self->change.entered == &exchange->type->deleted;

    err_set(err, ERR_UNIQUENESS,
            "the name \"%.*s\", to which the map's lifecycle moves this %.*s, is taken%s",
            STR_ARG(change_new_dn(self)), STR_ARG(exchange->type->scim->name),
            deletes ? "; name its naming attribute in the map's \"aside\"" : "");
    return change_fail(self, err);
}

static bool
name_freed(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    return *(const bool *)reply->result ? change_try_again(self, err) : fail_taken(self, err);
}

static bool
is_same_entry(const change_task_t *self, const ldap_entry_t *other)
{
    str_t id;

    return map_anchor_of(self->task.mem, exchange_of(&self->task)->map, other, &id) &&
           str_ieq(id, self->request->id);
}

static bool
name_read(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result || is_same_entry(self, reply->result))
        return carry_on(self);
    if (judge_entry(task, reply->result) == STANDING_TOMBSTONE &&
        gives_up_name(exchange_of(task)->type))
        return set_aside(task, change_new_dn(self), name_freed);
    return take_id_as_name(self) ? carry_on(self) : fail_taken(self, err);
}

/* ---- the place ---- */

static bool
place_found(change_task_t *self)
{
    if (self->change.last)
        return read_dn(&self->task, change_new_dn(self), judging_names(&self->task, false),
                       name_read);
    return change_rename(self);
}

static bool
place_made(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && place_found((change_task_t *)task);
}

static bool
place_read(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    const map_move_t *move = &self->change.moves[self->move];

    if (!child_ended(reply, err))
        return false;
    if (reply->result)
        return place_found(self);
    if (move->create)
        return make_parent(task, &move->dn, place_made);
    if (++self->move < self->change.n_moves)
        return change_look_at_place(self, err);
    err_set(err, ERR_DIRECTORY,
            "\"%.*s\", where the map puts this entry now, does not exist in the directory",
            STR_ARG(ldap_dn_format(task->mem, &move->dn)));
    return change_fail(self, err);
}

bool
change_look_at_place(change_task_t *self, err_t *err)
{
    const map_move_t *move = &self->change.moves[self->move];

    if (move->here && change_keeps_name(self)) {
        self->change.rename = false;
        return change_carry_out(self, err);
    }
    if (move->here)
        return place_found(self);
    return read_dn(&self->task, ldap_dn_format(self->task.mem, &move->dn),
                   target_names(&self->task), place_read);
}

/* ---- the move, after the rest ---- */

static bool
modified_read(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return change_try_again(self, err);
    self->entry = reply->result;
    return change_rename(self);
}

bool
change_move_last(change_task_t *self, const ldap_reply_t *reply)
{
    const ldap_entry_t *entry = reply_entry(reply);

    self->change.mods.n = 0;
    if (!entry)
        return read_dn(&self->task, self->dn, self->names, modified_read);
    note_own_version(&self->task, entry);
    self->entry = entry;
    return change_rename(self);
}
