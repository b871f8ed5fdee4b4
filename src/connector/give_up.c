/* SPDX-License-Identifier: Apache-2.0 */
/* Tombstones give up what must be unique and another resource needs ("aside"); their names, by a rename, in
 * judge.c. */
#include "connector/exchange.h"

#include "base/buf.h"

enum { TOMBSTONES = 100, TRIES = 4 };

typedef struct {
    task_t task;
    const ldap_filter_t *any; /* who has one of the values */
    const found_t *found;
    size_t next;
    unsigned tries;
    ldap_mods_t mods;
} give_up_task_t;

static bool next_tombstone(give_up_task_t *self);
static bool give_up_start(task_t *task, const reply_t *reply, err_t *err);

static bool
is_aside(const map_type_t *type, str_t attr)
{
    if (str_ieq(attr, type->rdn))
        return false;
    for (size_t i = 0; i < type->n_aside; i++)
        if (str_ieq(type->aside[i], attr))
            return true;
    return false;
}

/* What no entry may be without gets another value, made of the id. */
static void
give_value(give_up_task_t *self, const ldap_entry_t *entry, str_t attr, str_t value)
{
    const map_t *map = exchange_of(&self->task)->map;
    arena_t *mem = self->task.mem;
    buf_t digits;
    str_t id;

    ldap_mods_add_value(mem, &self->mods, LDAP_MOD_OP_DELETE, attr, value);
    if (!str_ieq(attr, map->dialect->never_empty) || !map_anchor_of(mem, map, entry, &id))
        return;
    buf_init(&digits, mem, id.n + 1);
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] != '-')
            buf_add_char(&digits, id.p[i]);
    ldap_mods_add_value(mem, &self->mods, LDAP_MOD_OP_ADD, attr,
                        str_slice(buf_str(&digits), 0, map->dialect->never_empty_max));
}

/* The values of the tombstone that somebody needs. */
static void
collect(give_up_task_t *self, const ldap_entry_t *entry)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const map_type_t *type = exchange->type;
    arena_t *mem = self->task.mem;

    self->mods = (ldap_mods_t){.n = 0};
    for (size_t i = 0; i < type->n_unique; i++) {
        const ldap_attr_t *attr = ldap_entry_find(entry, type->unique[i]);

        for (size_t j = 0; attr && is_aside(type, attr->name) && j < attr->n; j++) {
            ldap_entry_t one = {.dn = STR("")};

            ldap_entry_add(mem, &one, attr->name, attr->values[j]);
            if (ldap_filter_test(mem, self->any, &one, exchange->map->schema) == LDAP_TRUE)
                give_value(self, entry, attr->name, attr->values[j]);
        }
    }
}

static bool
has_changed(const ldap_reply_t *reply)
{
    return reply_is(reply, LDAP_RC_ASSERTION_FAILED) ||
           reply_is(reply, LDAP_RC_NO_SUCH_OBJECT) ||
           reply_is(reply, LDAP_RC_NO_SUCH_ATTRIBUTE);
}

/* Somebody else may have needed the same, or revived it: who is left is looked up anew. */
static bool
given_up(task_t *task, const reply_t *reply, err_t *err)
{
    give_up_task_t *self = (give_up_task_t *)task;

    if (has_changed(reply->ldap) && ++self->tries < TRIES)
        return give_up_start(task, NULL, err);
    return reply_check(reply->ldap, "freeing a value of a deleted entry", err) &&
           next_tombstone(self);
}

static bool
write_tombstone(give_up_task_t *self, const ldap_entry_t *entry, str_t id)
{
    const exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;
    ask_t *ask = task_ask(&self->task, LDAP_OP_MODIFY, given_up);

    ask->op.dn = entry->dn;
    ask->op.guard = ldap_filter_and2(mem, map_anchor_is(mem, exchange->map, id),
                                     map_when(mem, &exchange->type->deleted, exchange->now_s));
    ask->op.u.modify.mods = self->mods.mods;
    ask->op.u.modify.n = self->mods.n;
    return true;
}

static bool
next_tombstone(give_up_task_t *self)
{
    const map_t *map = exchange_of(&self->task)->map;
    str_t id;

    while (self->next < self->found->n) {
        const ldap_entry_t *entry = self->found->entries[self->next++];

        collect(self, entry);
        if (self->mods.n > 0 && map_anchor_of(self->task.mem, map, entry, &id))
            return write_tombstone(self, entry, id);
    }
    return task_done(&self->task, NULL);
}

static bool
tombstones_found(task_t *task, const reply_t *reply, err_t *err)
{
    give_up_task_t *self = (give_up_task_t *)task;

    self->found = reply->result;
    self->next = 0;
    return child_ended(reply, err) && next_tombstone(self);
}

static bool
give_up_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    give_up_task_t *self = (give_up_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    const map_type_t *type = exchange->type;
    str_t *names = arena_array_of(task->mem, type->n_unique + 1, str_t);
    const ldap_filter_t *parts[4] = {type->scope->filter, NULL, NULL, self->any};
    find_t find = {
        .scope = type->scope, .names = {names, type->n_unique + 1}, .limit = TOMBSTONES};

    if (!type->deleted.present || ldap_filter_is_false(self->any))
        return task_done(task, NULL);
    names[0] = exchange->map->dialect->anchor;
    for (size_t i = 0; i < type->n_unique; i++)
        names[i + 1] = type->unique[i];
    if (type->scope->protect)
        parts[1] = ldap_filter_not(task->mem, type->scope->protect);
    parts[2] = map_when(task->mem, &type->deleted, exchange->now_s);
    find.filter = ldap_filter_and(task->mem, parts, ARRAY_SIZE(parts));
    return find_entries(task, &find, tombstones_found);
}

bool
gives_up(const task_t *task, str_t attr)
{
    return is_aside(exchange_of(task)->type, attr);
}

bool
give_up_values(task_t *task, const ldap_filter_t *any, then_fn *then)
{
    give_up_task_t *child = task_new_of(task->run, "give up", give_up_task_t);

    child->any = any;
    return task_call(task, &child->task, give_up_start, then, 0);
}
