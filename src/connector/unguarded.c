/* SPDX-License-Identifier: Apache-2.0 */
/* Writes to a directory without the assertion control (RFC 4528). What a write asserts is looked at just before it,
 * and a value is replaced by removing the one that was seen and adding the new: so another's change in
 * between, or a write carried out late, fails with noSuchAttribute or attributeOrValueExists, and overwrites nothing. */
#include "connector/exchange.h"

typedef struct {
    task_t task;
    const ldap_op_t *op; /* as it was asked for */
} unguarded_task_t;

/* The driver's answer is gone when this step returns. */
static bool
answer(unguarded_task_t *self, const ldap_reply_t *reply)
{
    ldap_reply_t *copy = arena_new_of(self->task.mem, ldap_reply_t);

    *copy = *reply;
    return task_done(&self->task, copy);
}

static bool
written(task_t *task, const reply_t *reply, err_t *err UNUSED)
{
    return answer((unguarded_task_t *)task, reply->ldap);
}

/* ---- a modify that fails where something else stands by then ---- */

static bool
replaces(const ldap_mod_t *mod)
{
    return mod->op == LDAP_MOD_OP_REPLACE ||
           (mod->op == LDAP_MOD_OP_DELETE && mod->attr.n == 0);
}

/* Values can be named to be removed only where they can be compared, and seen. */
static bool
is_comparable(const task_t *task, str_t name)
{
    const ldap_attr_type_t *type = ldap_schema_find(exchange_of(task)->map->schema, name);

    return type && type->equality != LDAP_RULE_NONE && !ldap_attr_is_secret(name);
}

static void
add_values(arena_t *mem, ldap_mods_t *mods, ldap_mod_op_t op, const ldap_attr_t *values)
{
    ldap_attr_t *attr;

    if (!values || !values->n)
        return;
    attr = ldap_mods_add(mem, mods, op, values->name);
    for (size_t i = 0; i < values->n; i++)
        ldap_attr_add(mem, attr, values->values[i]);
}

static ldap_mods_t
exact_mods(const unguarded_task_t *self, const ldap_entry_t *seen)
{
    arena_t *mem = self->task.mem;
    ldap_mods_t mods = {0};

    for (size_t i = 0; i < self->op->u.modify.n; i++) {
        const ldap_mod_t *mod = &self->op->u.modify.mods[i];

        if (replaces(mod) && is_comparable(&self->task, mod->attr.name)) {
            add_values(mem, &mods, LDAP_MOD_OP_DELETE, ldap_entry_find(seen, mod->attr.name));
            add_values(mem, &mods, LDAP_MOD_OP_ADD, &mod->attr);
        } else {
            *ldap_mods_add(mem, &mods, mod->op, mod->attr.name) = mod->attr;
        }
    }
    return mods;
}

/* ---- looking ---- */

static bool
write_now(unguarded_task_t *self, const ldap_entry_t *seen)
{
    static const ldap_reply_t nothing_to_do = {.fate = LDAP_ANSWERED, .code = LDAP_RC_SUCCESS};
    ldap_mods_t mods = {0};
    ask_t *ask;

    if (self->op->kind == LDAP_OP_MODIFY) {
        mods = exact_mods(self, seen);
        if (!mods.n)
            return answer(self, &nothing_to_do);
    }
    ask = task_ask(&self->task, self->op->kind, written);
    ask->op = *self->op;
    ask->op.guard = NULL;
    if (self->op->kind == LDAP_OP_MODIFY) {
        ask->op.u.modify.mods = mods.mods;
        ask->op.u.modify.n = mods.n;
    }
    return true;
}

static bool
looked(task_t *task, const reply_t *reply, err_t *err UNUSED)
{
    unguarded_task_t *self = (unguarded_task_t *)task;
    ldap_reply_t stale = {.fate = LDAP_ANSWERED, .code = LDAP_RC_ASSERTION_FAILED};
    ldap_reply_t unsent = *reply->ldap;

    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return reply_entry(reply->ldap) ? write_now(self, reply_entry(reply->ldap))
                                        : answer(self, &stale);
    if (unsent.fate == LDAP_UNKNOWN)
        unsent.fate = LDAP_NOT_SENT;
    return answer(self, &unsent);
}

static ldap_names_t
names_of(const unguarded_task_t *self)
{
    size_t n = self->op->kind == LDAP_OP_MODIFY ? self->op->u.modify.n : 0, used = 0;
    str_t *names = arena_array_of(self->task.mem, n + 1, str_t);

    for (size_t i = 0; i < n; i++)
        if (replaces(&self->op->u.modify.mods[i]))
            names[used++] = self->op->u.modify.mods[i].attr.name;
    return (ldap_names_t){names, used};
}

static bool
look(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    unguarded_task_t *self = (unguarded_task_t *)task;
    ask_t *ask = task_ask(task, LDAP_OP_SEARCH, looked);

    ask->op.dn = self->op->dn;
    ask->op.u.search.depth = LDAP_DEPTH_BASE;
    ask->op.u.search.filter = self->op->guard;
    ask->op.u.search.attrs = names_of(self);
    return true;
}

void
answer_unguarded(ask_t *ask)
{
    unguarded_task_t *child;

    if (!ldap_op_is_write(&ask->op) || !ask->op.guard)
        return;
    child = task_new_of(ask->run, "unguarded", unguarded_task_t);
    child->op = &ask->op;
    task_answer_by(ask, &child->task, look);
}
