/* SPDX-License-Identifier: Apache-2.0 */
/* The organizational units that are missing above a new entry, from the one that is there downwards. Whoever
 * else makes one of them at the same moment has done our work. */
#include "connector/exchange.h"

enum { TRIES = 4 };

typedef struct {
    task_t task;
    ldap_dn_t dn; /* what is to be there */
    size_t level; /* how many of its first RDNs are left to the next ones */
    unsigned tries;
    ldap_entry_t entry;
} parent_task_t;

static bool add_unit(parent_task_t *self);

static ldap_dn_t
unit_dn(const parent_task_t *self)
{
    return (ldap_dn_t){self->dn.rdns + self->level, self->dn.n - self->level};
}

/* A base is never made: that it is missing is a mistake. */
static bool
is_ours(const parent_task_t *self)
{
    const map_scope_t *scope = exchange_of(&self->task)->type->scope;
    ldap_dn_t dn = unit_dn(self);
    str_t normal = ldap_dn_normal_tree(self->task.mem, &dn);

    for (size_t i = 0; i < scope->n_bases; i++)
        if (ldap_dn_is_below(normal, scope->bases[i].normal))
            return true;
    return false;
}

static bool
climb(parent_task_t *self, err_t *err)
{
    self->level++;
    if (self->level < self->dn.n && is_ours(self))
        return add_unit(self);
    return err_set(
        err, ERR_DIRECTORY,
        "the entry \"%.*s\", under which the map puts new ones, does not exist in the "
        "directory",
        STR_ARG(ldap_dn_format(self->task.mem, &(ldap_dn_t){
                                                   self->dn.rdns + self->level,
                                                   self->dn.n - self->level,
                                               })));
}

static bool
unit_added(task_t *task, const reply_t *reply, err_t *err)
{
    parent_task_t *self = (parent_task_t *)task;

    if (reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT))
        return climb(self, err);
    if (reply->ldap->fate == LDAP_UNKNOWN && ++self->tries < TRIES)
        return add_unit(self); /* it is there then, if it was made */
    if (!reply_is(reply->ldap, LDAP_RC_ALREADY_EXISTS) &&
        !reply_check(reply->ldap, "adding the parent", err))
        return false;
    if (self->level == 0)
        return task_done(task, NULL);
    self->level--;
    return add_unit(self);
}

static bool
add_unit(parent_task_t *self)
{
    ldap_dn_t dn = unit_dn(self);
    ask_t *ask = task_ask(&self->task, LDAP_OP_ADD, unit_added);

    self->entry = (ldap_entry_t){.dn = ldap_dn_format(self->task.mem, &dn)};
    ldap_entry_add(self->task.mem, &self->entry, STR("objectClass"), STR("organizationalUnit"));
    ldap_entry_add(self->task.mem, &self->entry, STR("ou"), dn.rdns[0].avas[0].value);
    ask->op.dn = self->entry.dn;
    ask->op.u.add.entry = &self->entry;
    return true;
}

static bool
parent_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    parent_task_t *self = (parent_task_t *)task;

    if (is_ours(self))
        return add_unit(self);
    return err_set(err, ERR_DIRECTORY,
                   "the base \"%.*s\" of the scope does not exist in the directory",
                   STR_ARG(ldap_dn_format(task->mem, &self->dn)));
}

bool
make_parent(task_t *task, const ldap_dn_t *dn, then_fn *then)
{
    parent_task_t *child = task_new_of(task->run, "parent", parent_task_t);

    child->dn = *dn;
    return task_call(task, &child->task, parent_start, then, 0);
}
