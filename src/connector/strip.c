/* SPDX-License-Identifier: Apache-2.0 */
/* Taking an entry out of all groups that this connector serves. */
#include "connector/exchange.h"

enum { TRIES = 5 };

typedef struct {
    task_t task;
    str_t dn;
    const map_type_t *group; /* the type of groups that is being looked at ... */
    size_t type;             /* ... and the one after it */
    const found_t *found;
    size_t next;
    unsigned tries;   /* with the group at `next` */
    bool placeholder; /* that group would be empty */
    bool moved;       /* a group was not where it had been found */
    unsigned searches;
} strip_task_t;

static bool next_group(strip_task_t *self);
static bool find_groups(strip_task_t *self);
static bool next_type(strip_task_t *self);

/* The last member goes: the placeholder takes its place. Unless it stands there already, as others have put it there
 * and added somebody since. */
static bool
change_placeholder(strip_task_t *self, const ldap_reply_t *reply)
{
    bool wanted = reply_is(reply, LDAP_RC_OBJECT_CLASS_VIOLATION) && !self->placeholder;
    bool stands = reply_is(reply, LDAP_RC_VALUE_EXISTS) && self->placeholder;

    if (!self->group->placeholder.n || (!wanted && !stands) || ++self->tries == TRIES)
        return false;
    self->placeholder = wanted;
    return true;
}

static bool
group_modified(task_t *task, const reply_t *reply, err_t *err)
{
    strip_task_t *self = (strip_task_t *)task;

    if (change_placeholder(self, reply->ldap))
        return next_group(self);
    self->moved |= reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT);
    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_ATTRIBUTE) &&
        !reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_check(reply->ldap, "removing from a group", err))
        return false;
    self->placeholder = false;
    self->tries = 0;
    self->next++;
    return next_group(self);
}

static bool
next_group(strip_task_t *self)
{
    arena_t *mem = self->task.mem;
    ldap_mods_t mods = {0};
    ask_t *ask;

    if (self->next == self->found->n)
        return self->moved ? find_groups(self) : next_type(self);
    if (self->placeholder)
        ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_ADD, self->group->members->ldap,
                            self->group->placeholder);
    ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_DELETE, self->group->members->ldap, self->dn);
    ask = task_ask(&self->task, LDAP_OP_MODIFY, group_modified);
    ask->op.dn = self->found->entries[self->next]->dn;
    ask->op.u.modify.mods = mods.mods;
    ask->op.u.modify.n = mods.n;
    return true;
}

static bool
groups_found(task_t *task, const reply_t *reply, err_t *err)
{
    strip_task_t *self = (strip_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->found = reply->result;
    self->next = 0;
    self->moved = false;
    if (++self->searches > TRIES)
        return err_set(err, ERR_UNAVAILABLE, "groups are being renamed by others all the time");
    return next_group(self);
}

static bool
find_groups(strip_task_t *self)
{
    task_t *task = &self->task;
    const exchange_t *exchange = exchange_of(task);
    find_t find = {.scope = self->group->scope, .names = {&exchange->map->dialect->anchor, 1}};

    find.filter =
        ldap_filter_and2(task->mem, map_visible(task->mem, find.scope, exchange->now_s),
                         ldap_filter_equal(task->mem, self->group->members->ldap, self->dn));
    return find_entries(task, &find, groups_found);
}

static bool
next_type(strip_task_t *self)
{
    const map_t *map = exchange_of(&self->task)->map;

    self->searches = 0;
    while (self->type < map->n_types) {
        self->group = &map->types[self->type++];
        if (self->group->members)
            return find_groups(self);
    }
    return task_done(&self->task, NULL);
}

static bool
strip_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return next_type((strip_task_t *)task);
}

bool
strip_groups(task_t *task, str_t dn, then_fn *then)
{
    strip_task_t *child = task_new_of(task->run, "strip", strip_task_t);

    child->dn = dn;
    return task_call(task, &child->task, strip_start, then, 0);
}
