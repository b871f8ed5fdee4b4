/* SPDX-License-Identifier: Apache-2.0 */
/* A write whose answer was lost may take effect at any time, unless the entry has another version by then: so it is
 * given one, before anything is said of the entry. */
#include "connector/exchange.h"

#include "base/clock.h"

enum { TRIES = 4 };

static const str_t object_class = STR_INIT("objectClass");

typedef struct {
    task_t task;
    str_t id;
    ldap_names_t names;
    unsigned tries;
    bool deleted; /* it is a tombstone, which the lost write may bring back */
} fence_task_t;

static bool read_entry(fence_task_t *self);

static bool
rewritten(task_t *task, const reply_t *reply, err_t *err)
{
    fence_task_t *self = (fence_task_t *)task;
    const exchange_t *exchange = exchange_of(task);

    if (reply_is(reply->ldap, LDAP_RC_SUCCESS)) {
        if (reply_entry(reply->ldap) && !self->deleted) {
            target_remember(task, exchange->type, reply_entry(reply->ldap));
            note_own_version(task, reply_entry(reply->ldap));
        }
        lost_clear(exchange->connector->lasting->lost, self->id);
        return task_done(task, NULL);
    }
    if (reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED) ||
        reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT)) {
        if (++self->tries < TRIES)
            return read_entry(self);
        return err_set(err, ERR_UNAVAILABLE,
                       "the entry is being changed by others all the time");
    }
    return reply_fail(reply->ldap, "modify", err);
}

static const ldap_filter_t *
id_is(const fence_task_t *self)
{
    return map_anchor_is(self->task.mem, exchange_of(&self->task)->map, self->id);
}

/* The directory gives each write a version of its own, also one that leaves the values as they are. */
static bool
rewrite(fence_task_t *self, const ldap_entry_t *entry)
{
    arena_t *mem = self->task.mem;
    const ldap_filter_t *unchanged = target_unchanged(&self->task, entry);
    const ldap_attr_t *classes = ldap_entry_find(entry, object_class);
    ldap_mods_t mods = {0};
    ldap_attr_t *again = ldap_mods_add(mem, &mods, LDAP_MOD_OP_REPLACE, object_class);
    ask_t *ask = task_ask(&self->task, LDAP_OP_MODIFY, rewritten);

    for (size_t i = 0; i < classes->n; i++)
        ldap_attr_add(mem, again, classes->values[i]);
    ask->op.dn = entry->dn;
    ask->op.guard = self->deleted ? ldap_filter_and2(mem, id_is(self), unchanged)
                                  : target_guard(&self->task, self->id, unchanged);
    ask->op.post_read = &self->names;
    ask->op.u.modify.mods = mods.mods;
    ask->op.u.modify.n = mods.n;
    return true;
}

static bool
check_and_rewrite(fence_task_t *self, const ldap_entry_t *entry, err_t *err)
{
    task_t *task = &self->task;

    if (!target_unchanged(task, entry) || !ldap_entry_find(entry, object_class))
        return err_set(err, ERR_DIRECTORY,
                       "\"%.*s\" shows no version or no classes, so a change whose answer was "
                       "lost cannot be ruled out",
                       STR_ARG(entry->dn));
    return (self->deleted || check_condition(task, target_version(task, entry), err)) &&
           rewrite(self, entry);
}

static bool
tombstone_found(task_t *task, const reply_t *reply, err_t *err)
{
    fence_task_t *self = (fence_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (!found->n)
        return task_done(task, NULL);
    self->deleted = true;
    return check_and_rewrite(self, found->entries[0], err);
}

static bool
look_for_tombstone(fence_task_t *self)
{
    task_t *task = &self->task;
    const exchange_t *exchange = exchange_of(task);
    find_t find = {.scope = exchange->type->scope,
                   .filter = target_tombstone(task, self->id),
                   .names = self->names,
                   .limit = 1};

    return find_entries(task, &find, tombstone_found);
}

/* One that is not there is not said to be in any state, but a tombstone is said to be deleted. */
static bool
entry_read(task_t *task, const reply_t *reply, err_t *err)
{
    fence_task_t *self = (fence_task_t *)task;
    const ldap_entry_t *entry = reply->result;

    if (!child_ended(reply, err))
        return false;
    self->deleted = false;
    if (entry)
        return check_and_rewrite(self, entry, err);
    if (exchange_of(task)->type->deleted.present &&
        !ldap_filter_is_false(target_guard(task, self->id, NULL)))
        return look_for_tombstone(self);
    return task_done(task, NULL);
}

static bool
read_entry(fence_task_t *self)
{
    return read_resource(&self->task, self->id, self->names, entry_read);
}

static bool
begin(task_t *task, const reply_t *reply, err_t *err)
{
    fence_task_t *self = (fence_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    ldap_names_t target = target_names(task);
    str_t *names;

    if (!child_ended(reply, err))
        return false;
    if (!directory_can(task, LDAP_FEATURE_ASSERTION) ||
        !lost_has(exchange->connector->lasting->lost, self->id, exchange->now_ms))
        return task_done(task, NULL);
    names = arena_array_of(task->mem, target.n + 1, str_t);
    memcpy(names, target.names, target.n * sizeof(str_t));
    names[target.n] = object_class;
    self->names = (ldap_names_t){names, target.n + 1};
    return read_entry(self);
}

static bool
fence_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return finish_rename(task, ((fence_task_t *)task)->id, begin);
}

bool
fence_off_lost(task_t *task, str_t id, then_fn *then)
{
    fence_task_t *child = task_new_of(task->run, "fence", fence_task_t);

    child->id = id;
    return task_call(task, &child->task, fence_start, then, 0);
}

void
note_lost_write(const task_t *task)
{
    const exchange_t *exchange = exchange_of(task);
    str_t id = exchange->request->id.n ? exchange->request->id : exchange->taken_id;

    if (id.n)
        lost_note(exchange->connector->lasting->lost, id, clock_monotonic_ms());
}
