/* SPDX-License-Identifier: Apache-2.0 */
/* A rival that another instance made at the same moment: who sees one withdraws its own, and looks again. */
#include "connector/create_task.h"

#include <stdlib.h>

enum { RIVAL_PAUSE_MS = 50 };

static bool
look_again(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return create_look_for_match((create_task_t *)task);
}

static bool own_withdrawn(task_t *task, const reply_t *reply, err_t *err);

/* Ours alone: the name may be another's by now. */
static bool
withdraw(create_task_t *self)
{
    const map_t *map = exchange_of(&self->task)->map;
    str_t id;
    ask_t *ask = task_ask(&self->task, LDAP_OP_DELETE, own_withdrawn);

    create_drop_numbers(self);
    ask->op.dn = self->made->dn;
    if (map_anchor_of(self->task.mem, map, self->made, &id))
        ask->op.guard = map_anchor_is(self->task.mem, map, id);
    return true;
}

static bool
own_reread(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    return reply->result ? withdraw(self) : task_pause(task, 0, look_again);
}

static bool
own_withdrawn(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (reply->ldap->fate != LDAP_ANSWERED && ++self->tries < CREATE_TRIES)
        return read_dn(task, self->made->dn, self->names, own_reread);
    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED) &&
        !reply_check(reply->ldap, "withdrawing a duplicate", err))
        return false;
    if (++self->tries >= CREATE_TRIES)
        return err_set(err, ERR_UNIQUENESS,
                       "another entry with the same name is being created");
    return task_pause(task, RIVAL_PAUSE_MS + random() % RIVAL_PAUSE_MS, look_again);
}

static bool
rivals_known(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (found->n <= 1)
        return respond_entry(task, self->made, 201);
    target_forget(task, STR(""), self->made->dn);
    return withdraw(self);
}

bool
create_check_rivals(create_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    find_t find = {.scope = exchange->type->scope,
                   .names = {&exchange->map->dialect->anchor, 1},
                   .limit = 2};

    find.filter = ldap_filter_and2(
        self->task.mem, map_visible(self->task.mem, find.scope, exchange->now_s),
        ldap_filter_or2(self->task.mem, self->match ? self->match : ldap_filter_false(),
                        unique_filter(&self->task, &self->entry, false)));
    return find_entries(&self->task, &find, rivals_known);
}
