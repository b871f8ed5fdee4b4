/* SPDX-License-Identifier: Apache-2.0 */
/* References, where the map says that the bridge repairs them ("integrity": "bridge"), and what
 * a server that does it itself has left undone.
 *
 * A value that means nobody is harmless until somebody is made there: so a name is swept before
 * it is given to an entry. A rename comes between adding the new name wherever the old one is
 * held, and removing that: whoever fails in between leaves a superfluous value that means
 * nobody, and no entry that has lost one. */
#include "connector/holders.h"

bool
bridge_repairs(const task_t *task)
{
    return exchange_of(task)->map->repairs || exchange_of(task)->map->holds_names;
}

static bool
is_same_dn(const task_t *task, str_t dn, str_t other)
{
    return str_eq(ldap_dn_normal(task->mem, dn), ldap_dn_normal(task->mem, other));
}

/* The same DN in other letters may be another name. */
bool
names_differ(const task_t *task, str_t dn, str_t other)
{
    const map_t *map = exchange_of(task)->map;

    if (!is_same_dn(task, dn, other))
        return true;
    for (size_t i = 0; i < map->n_types && map->holds_names; i++)
        for (size_t k = 0; k < map->types[i].n_holders; k++)
            if (!map_reference_is_same(task->mem, map->types[i].holders[k], dn, other))
                return true;
    return false;
}

/* ---- before an entry gets a name ---- */

typedef struct {
    task_t task;
    str_t old_dn; /* empty: the entry is a new one */
    str_t dn;
    bool is_free;
} sweep_task_t;

static bool
swept(task_t *task, const reply_t *reply, err_t *err)
{
    sweep_task_t *self = (sweep_task_t *)task;

    return child_ended(reply, err) && task_done(task, &self->is_free);
}

static bool
leftovers_removed(task_t *task, const reply_t *reply, err_t *err)
{
    sweep_task_t *self = (sweep_task_t *)task;
    rewrite_t want = {.held = self->old_dn,
                      .add = self->dn,
                      .names_only = !exchange_of(task)->map->repairs,
                      .what = "adding the new name to references"};

    if (!child_ended(reply, err))
        return false;
    self->is_free = reply->result == NULL;
    if (!self->is_free || !self->old_dn.n)
        return task_done(task, &self->is_free);
    return rewrite_holders(task, &want, swept);
}

static bool
name_read(task_t *task, const reply_t *reply, err_t *err)
{
    sweep_task_t *self = (sweep_task_t *)task;
    const ldap_entry_t *entry = reply->result;
    rewrite_t want = {.held = self->dn,
                      .remove = self->dn,
                      .keep = self->old_dn,
                      .leftover = true,
                      .names_only = !exchange_of(task)->map->repairs,
                      .what = "removing what is left of an old name from references"};

    if (!child_ended(reply, err))
        return false;
    if (entry && (!self->old_dn.n || names_differ(task, entry->dn, self->old_dn)))
        return task_done(task, &self->is_free);
    return rewrite_holders(task, &want, leftovers_removed);
}

/* Whoever was called so last, and was renamed by us: a server that died may have left its
 * repair undone. */
static bool
last_bearer(const task_t *task, str_t dn, str_t *ret_id)
{
    return renames_find_name(exchange_of(task)->connector->lasting->renames, task->mem,
                             ldap_dn_normal(task->mem, dn), ret_id);
}

bool
needs_sweep(const task_t *task, str_t dn)
{
    str_t id;

    return bridge_repairs(task) || last_bearer(task, dn, &id);
}

static bool
begin_sweep(sweep_task_t *self)
{
    if (bridge_repairs(&self->task))
        return read_dn(&self->task, self->dn, target_names(&self->task), name_read);
    self->is_free = true;
    return task_done(&self->task, &self->is_free);
}

static bool
bearer_finished(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && begin_sweep((sweep_task_t *)task);
}

static bool
sweep_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    sweep_task_t *self = (sweep_task_t *)task;
    str_t id;

    if (!exchange_of(task)->map->repairs && last_bearer(task, self->dn, &id))
        return finish_rename(task, id, bearer_finished);
    return begin_sweep(self);
}

bool
sweep_name(task_t *task, str_t old_dn, str_t dn, then_fn *then)
{
    sweep_task_t *child = task_new_of(task->run, "sweep", sweep_task_t);

    child->old_dn = old_dn;
    child->dn = dn;
    return task_call(task, &child->task, sweep_start, then, 0);
}

bool
drop_references(task_t *task, str_t dn, then_fn *then)
{
    rewrite_t want = {.held = dn,
                      .remove = dn,
                      .names_only = !exchange_of(task)->map->repairs,
                      .what = "removing references"};

    return rewrite_holders(task, &want, then);
}

bool
take_back_name(task_t *task, str_t old_dn, str_t dn, then_fn *then)
{
    rewrite_t want = {.held = dn,
                      .also = old_dn,
                      .remove = dn,
                      .names_only = !exchange_of(task)->map->repairs,
                      .what = "taking the new name out of references again"};

    return rewrite_holders(task, &want, then);
}

/* ---- after a rename ---- */

typedef struct {
    task_t task;
    str_t id, old_dn, dn;
    bool names_only; /* what is held by DN is the server's to repair ... */
    bool settles;    /* ... and waited for */
} move_task_t;

static bool
end_move(move_task_t *self)
{
    if (self->id.n)
        renames_clear(exchange_of(&self->task)->connector->lasting->renames, self->id);
    return task_done(&self->task, NULL);
}

static bool
settled(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && end_move((move_task_t *)task);
}

static bool
moved(task_t *task, const reply_t *reply, err_t *err)
{
    move_task_t *self = (move_task_t *)task;

    if (!child_ended(reply, err))
        return err_prefix(err,
                          "the entry was renamed, but references to its old name are left; "
                          "repeating the request removes them");
    if (self->settles && !is_same_dn(task, self->old_dn, self->dn))
        return settle_references(task, self->old_dn, settled);
    return end_move(self);
}

/* Somebody else may have got the name since, and references of his own. */
static bool
old_name_read(task_t *task, const reply_t *reply, err_t *err)
{
    move_task_t *self = (move_task_t *)task;
    const ldap_entry_t *entry = reply->result;
    rewrite_t want = {.held = self->old_dn,
                      .remove = self->old_dn,
                      .add = self->dn,
                      .names_only = self->names_only,
                      .what = "removing the old name from references"};

    if (!child_ended(reply, err))
        return false;
    if (entry && (!self->dn.n || names_differ(task, entry->dn, self->dn)))
        return moved(task, &(reply_t){.error = NULL}, err);
    return rewrite_holders(task, &want, moved);
}

static bool
read_old_name(move_task_t *self)
{
    return read_dn(&self->task, self->old_dn, target_names(&self->task), old_name_read);
}

static bool
move_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    move_task_t *self = (move_task_t *)task;

    self->names_only = self->settles = !exchange_of(task)->map->repairs;
    return bridge_repairs(task) ? read_old_name(self)
                                : settle_references(task, self->old_dn, settled);
}

bool
follow_rename(task_t *task, str_t id, str_t old_dn, str_t dn, then_fn *then)
{
    move_task_t *child = task_new_of(task->run, "follow", move_task_t);

    child->id = id;
    child->old_dn = old_dn;
    child->dn = dn;
    return task_call(task, &child->task, move_start, then, 0);
}

/* ---- a rename whose end nobody saw ---- */

static bool
renamed_read(task_t *task, const reply_t *reply, err_t *err)
{
    move_task_t *self = (move_task_t *)task;
    const ldap_entry_t *entry = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (entry && !names_differ(task, entry->dn, self->old_dn))
        return task_done(task, NULL); /* it has not been done, or not yet */
    self->dn = entry ? entry->dn : STR("");
    return read_old_name(self);
}

static bool
finish_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    move_task_t *self = (move_task_t *)task;

    if (!renames_find(exchange_of(task)->connector->lasting->renames, task->mem, self->id,
                      &self->old_dn))
        return task_done(task, NULL);
    return read_resource(task, self->id, target_names(task), renamed_read);
}

bool
finish_rename(task_t *task, str_t id, then_fn *then)
{
    move_task_t *child = task_new_of(task->run, "finish", move_task_t);

    child->id = id;
    return task_call(task, &child->task, finish_start, then, 0);
}
