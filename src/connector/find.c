/* SPDX-License-Identifier: Apache-2.0 */
/* Searching the bases of a scope, and reading one entry. */
#include "connector/exchange.h"

#include "ldap/at.h"
#include "map/anchor.h"
#include "map/index.h"
#include "map/to_resource.h"

bool
reply_fail(const ldap_reply_t *reply, const char *what, err_t *err)
{
    if (reply->fate == LDAP_NOT_SENT)
        return err_set(err, ERR_UNAVAILABLE, "%s: the directory cannot be reached", what);
    if (reply->fate == LDAP_UNKNOWN)
        return err_set(err, ERR_UNAVAILABLE, "%s: the directory did not answer in time", what);
    return ldap_code_error(err, reply->code, reply->matched, reply->diagnostic, what);
}

bool
reply_check(const ldap_reply_t *reply, const char *what, err_t *err)
{
    return reply_is(reply, LDAP_RC_SUCCESS) || reply_fail(reply, what, err);
}

bool
base_check(const ldap_reply_t *reply, const map_scope_t *scope, size_t base, const char *what,
           err_t *err)
{
    if (!reply_is(reply, LDAP_RC_NO_SUCH_OBJECT))
        return reply_check(reply, what, err);
    return err_set(err, ERR_DIRECTORY,
                   "the base \"%.*s\" of scope \"%.*s\" does not exist "
                   "in the directory, or the bind identity may not see it",
                   STR_ARG(scope->bases[base].dn), STR_ARG(scope->name));
}

/* ---- all bases of a scope ---- */

typedef struct {
    task_t task;
    find_t find;
    found_t found;
    map_index_t seen; /* by id; where lifecycles move entries */
    size_t size;
    size_t waiting;
} find_task_t;

/* Found already, before it was moved to the base that was searched later. */
static bool
is_known(find_task_t *self, const ldap_entry_t *entry)
{
    const map_t *map = exchange_of(&self->task)->map;
    bool is_new = true;
    str_t id;

    if (self->find.scope->n_bases > self->find.scope->n_own &&
        map_anchor_of(self->task.mem, map, entry, &id))
        (void)map_index_get(self->task.mem, &self->seen, id, &is_new);
    return !is_new;
}

static void
collect(find_task_t *self, const ldap_reply_t *reply)
{
    size_t n = self->found.n + reply->n_entries;

    if (n > self->size) {
        self->size = n * 2;
        self->found.entries = arena_grow(self->task.mem, self->found.entries, self->found.n,
                                         self->size, sizeof(ldap_entry_t *));
    }
    for (size_t i = 0; i < reply->n_entries; i++)
        if (!is_known(self, reply->entries[i]))
            self->found.entries[self->found.n++] = reply->entries[i];
}

static bool
find_answered(task_t *task, const reply_t *reply, err_t *err)
{
    find_task_t *self = (find_task_t *)task;
    bool cut = reply_is(reply->ldap, LDAP_RC_SIZE_LIMIT) && self->find.limit &&
               reply->ldap->n_entries >= self->find.limit;

    if (!cut && !base_check(reply->ldap, self->find.scope, reply->tag, "search", err))
        return false;
    self->found.more |= cut;
    collect(self, reply->ldap);
    if (--self->waiting > 0)
        return true;
    if (self->find.limit && self->found.n > self->find.limit) {
        self->found.n = self->find.limit;
        self->found.more = true;
    }
    return task_done(task, &self->found);
}

static bool
pass_on(task_t *task, const ldap_entry_t *entry)
{
    find_task_t *self = (find_task_t *)task;
    task_t *asker = task->asked_by->by;

    if (asker)
        self->find.each(asker, self->find.tag, entry);
    return asker != NULL;
}

static bool
find_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    find_task_t *self = (find_task_t *)task;
    const map_scope_t *scope = self->find.scope;

    for (size_t i = 0; i < scope->n_bases; i++) {
        const ldap_filter_t *filter =
            ldap_filter_at(task->mem, self->find.filter, scope->bases[i].dn, scope->depth);
        ask_t *ask;

        if (ldap_filter_is_false(filter))
            continue;
        self->waiting++;
        ask = task_ask(task, LDAP_OP_SEARCH, find_answered);
        ask->tag = (uint32_t)i;
        ask->each = self->find.each ? pass_on : NULL;
        ask->op.dn = scope->bases[i].dn;
        ask->op.u.search.depth = scope->depth;
        ask->op.u.search.filter = filter;
        ask->op.u.search.attrs = self->find.names;
        ask->op.u.search.values = self->find.values;
        ask->op.u.search.size_limit = self->find.limit;
    }
    return self->waiting > 0 || task_done(task, &self->found);
}

bool
find_entries(task_t *task, const find_t *find, then_fn *then)
{
    find_task_t *child = task_new_of(task->run, "find", find_task_t);

    child->find = *find;
    return task_call(task, &child->task, find_start, then, find->tag);
}

/* ---- one entry ---- */

typedef struct {
    task_t task;
    str_t id, dn;
    ldap_names_t names;
    const ldap_filter_t *filter;
    unsigned looks;
} read_task_t;

enum { LOOKS = 3 };

static bool read_by_search(task_t *task);

/* An entry that is moved while one base is searched after the other may be found in both, or in none. */
static bool
may_have_moved(const read_task_t *self, const found_t *found)
{
    const map_type_t *type = exchange_of(&self->task)->type;

    return found->n > 1 || (found->n == 0 && type->inactive.under);
}

static bool
read_found(task_t *task, const reply_t *reply, err_t *err)
{
    const found_t *found = reply->result;
    read_task_t *self = (read_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (may_have_moved(self, found) && ++self->looks < LOOKS)
        return read_by_search(task);
    if (found->n > 1)
        return err_set(err, ERR_DIRECTORY, "%zu entries have the id \"%.*s\"", found->n,
                       STR_ARG(self->id));
    if (!found->n)
        return task_done(task, NULL);
    target_remember(task, exchange_of(task)->type, found->entries[0]);
    return task_done(task, (void *)(uintptr_t)found->entries[0]);
}

static bool
read_by_search(task_t *task)
{
    read_task_t *self = (read_task_t *)task;
    find_t find = {.scope = exchange_of(task)->type->scope,
                   .filter = self->filter,
                   .names = self->names,
                   .limit = 2};

    return find_entries(task, &find, read_found);
}

/* Where it was last seen. If it is there no more, it is looked for. */
static bool
read_remembered(task_t *task, const reply_t *reply, err_t *err)
{
    read_task_t *self = (read_task_t *)task;

    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_check(reply->ldap, "read", err))
        return false;
    if (reply_entry(reply->ldap)) {
        target_remember(task, exchange_of(task)->type, reply_entry(reply->ldap));
        return task_done(task, (void *)(uintptr_t)reply_entry(reply->ldap));
    }
    target_forget(task, self->id, self->dn);
    return read_by_search(task);
}

static ask_t *
ask_base(task_t *task, str_t dn, const ldap_filter_t *filter, ldap_names_t names, then_fn *then)
{
    ask_t *ask = task_ask(task, LDAP_OP_SEARCH, then);

    ask->op.dn = dn;
    ask->op.u.search.depth = LDAP_DEPTH_BASE;
    ask->op.u.search.filter = filter;
    ask->op.u.search.attrs = names;
    return ask;
}

static bool
read_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    read_task_t *self = (read_task_t *)task;
    target_t target;

    self->filter = target_guard(task, self->id, NULL);
    if (ldap_filter_is_false(self->filter))
        return task_done(task, NULL);
    if (!target_remembered(task, self->id, &target))
        return read_by_search(task);
    self->dn = target.dn;
    ask_base(task, self->dn, self->filter, self->names, read_remembered);
    return true;
}

bool
read_resource(task_t *task, str_t id, ldap_names_t names, then_fn *then)
{
    read_task_t *child = task_new_of(task->run, "read", read_task_t);

    child->id = id;
    child->names = names;
    return task_call(task, &child->task, read_start, then, 0);
}

static bool
dn_answered(task_t *task, const reply_t *reply, err_t *err)
{
    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_check(reply->ldap, "read", err))
        return false;
    return task_done(task, (void *)(uintptr_t)reply_entry(reply->ldap));
}

static bool
dn_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    read_task_t *self = (read_task_t *)task;

    ask_base(task, self->dn, ldap_filter_present(task->mem, STR("objectClass")), self->names,
             dn_answered);
    return true;
}

bool
read_dn(task_t *task, str_t dn, ldap_names_t names, then_fn *then)
{
    read_task_t *child = task_new_of(task->run, "read.dn", read_task_t);

    child->dn = dn;
    child->names = names;
    return task_call(task, &child->task, dn_start, then, 0);
}
