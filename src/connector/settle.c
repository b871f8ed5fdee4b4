/* SPDX-License-Identifier: Apache-2.0 */
/* After a rename: waiting until the directory has put the new name wherever the old one stood.
 *
 * Servers repair references behind the answer (slapd's refint in a thread of its own). Whoever was told
 * too early could remove a member who is not there under that name yet, or give the freed name to somebody else, to
 * whom the late repair would then do what was meant for the first. */
#include "connector/exchange.h"

enum {
    FIRST_PAUSE_MS = 50, /* a repair that finds nothing to do leaves no trace to wait for */
    PAUSE_MS = 20,
    LOOKS = 250 /* five seconds or more */
};

typedef struct {
    task_t task;
    str_t dn;
    unsigned looks;
    size_t type; /* of the map, that is asked now */
} settle_task_t;

static bool ask_next(settle_task_t *self);

/* Where entries of this type may still hold the old name; NULL: it refers to nothing. */
static const ldap_filter_t *
holders(const settle_task_t *self, const map_type_t *type)
{
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; i < type->n_holders; i++)
        if (type->holders[i]->by.n == 0)
            any = ldap_filter_or2(
                self->task.mem, any,
                ldap_filter_equal(self->task.mem, type->holders[i]->ldap, self->dn));
    return ldap_filter_is_false(any)
               ? NULL
               : ldap_filter_and2(self->task.mem, any, type->scope->filter);
}

static bool
look_again(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return ask_next((settle_task_t *)task);
}

static bool
holders_found(task_t *task, const reply_t *reply, err_t *err)
{
    settle_task_t *self = (settle_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (!found->n) {
        self->type++;
        return ask_next(self);
    }
    if (++self->looks == LOOKS)
        return err_set(
            err, ERR_UNAVAILABLE,
            "the entry was renamed, but \"%.*s\" still holds its old name \"%.*s\": the "
            "directory's referential integrity is late, or not configured for that "
            "attribute; repeating the request is safe",
            STR_ARG(found->entries[0]->dn), STR_ARG(self->dn));
    return task_pause(task, PAUSE_MS, look_again);
}

static bool
ask_next(settle_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    find_t find = {.names = {&exchange->map->dialect->anchor, 1}, .limit = 1};

    for (; self->type < exchange->map->n_types; self->type++) {
        find.scope = exchange->map->types[self->type].scope;
        find.filter = holders(self, &exchange->map->types[self->type]);
        if (find.filter)
            return find_entries(&self->task, &find, holders_found);
    }
    return task_done(&self->task, NULL);
}

static bool
refers_to_anything(const settle_task_t *self)
{
    const map_t *map = exchange_of(&self->task)->map;

    for (size_t i = 0; i < map->n_types; i++)
        if (holders(self, &map->types[i]))
            return true;
    return false;
}

static bool
settle_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    settle_task_t *self = (settle_task_t *)task;

    if (!refers_to_anything(self))
        return task_done(task, NULL);
    return task_pause(task, FIRST_PAUSE_MS, look_again);
}

bool
settle_references(task_t *task, str_t old_dn, then_fn *then)
{
    settle_task_t *child = task_new_of(task->run, "settle", settle_task_t);

    child->dn = old_dn;
    return task_call(task, &child->task, settle_start, then, 0);
}
