/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes that the server shows in parts ([MS-ADTS] 3.1.1.3.1.3.3): "member;range=0-1499" says that more is to be asked
 * for. Whoever asked for the attribute is given it whole, under its own name. */
#include "connector/exchange.h"

static const char what[] = "ranged";
static const str_t option = STR_INIT(";range=");

typedef struct {
    task_t task;
    ask_t *ask;         /* as it was asked */
    ldap_reply_t reply; /* its answer so far */
    const ldap_entry_t **entries;
    size_t next;       /* the entry that is being completed ... */
    str_t attr;        /* ... in this attribute */
    ldap_entry_t *own; /* and its copy; NULL: there is none yet */
} ranged_task_t;

/* "member;range=0-1499": what is before the option, and where the next part begins; 0: nothing is left. false: it is
 * no part. */
static bool
parse_part(str_t name, str_t *ret_attr, int64_t *ret_next)
{
    size_t at = str_find(name, option);
    str_t range = str_skip(name, at + option.n), end;
    size_t hyphen = str_find_char(range, '-');
    int64_t last;

    if (at == name.n)
        return false;
    end = str_skip(range, hyphen + 1);
    *ret_attr = str_slice(name, 0, at);
    *ret_next = str_to_int64(end, &last) ? last + 1 : 0;
    return true;
}

/* ---- the answer ---- */

static bool
answer(ranged_task_t *self)
{
    ask_t *ask = self->ask;

    self->reply.entries = self->entries;
    for (size_t i = 0; ask->each && i < self->reply.n_entries; i++)
        if (!ask->each(ask->by, self->entries[i]))
            break;
    if (ask->each)
        self->reply.n_entries = 0;
    return task_done(&self->task, &self->reply);
}

/* ---- parts ---- */

static bool complete(ranged_task_t *self);

static void
take_part(ranged_task_t *self, const ldap_attr_t *part)
{
    ldap_attr_t *whole = ldap_entry_get(self->task.mem, self->own, self->attr);

    for (size_t i = 0; i < part->n; i++)
        ldap_attr_add(self->task.mem, whole, part->values[i]);
}

static void
ask_part(ranged_task_t *self, int64_t from, then_fn *then)
{
    arena_t *mem = self->task.mem;
    str_t *name = arena_new_of(mem, str_t);
    ask_t *ask = task_ask(&self->task, LDAP_OP_SEARCH, then);

    *name = str_printf(mem, "%.*s;range=%lld-*", STR_ARG(self->attr), (long long)from);
    ask->op.lane = self->ask->op.lane;
    ask->op.dn = self->own->dn;
    ask->op.u.search.depth = LDAP_DEPTH_BASE;
    ask->op.u.search.filter = ldap_filter_present(mem, STR("objectClass"));
    ask->op.u.search.attrs = (ldap_names_t){name, 1};
}

static const ldap_attr_t *
find_part(const ldap_entry_t *entry, str_t *ret_attr, int64_t *ret_next)
{
    for (size_t i = 0; i < entry->n; i++)
        if (parse_part(entry->attrs[i].name, ret_attr, ret_next))
            return &entry->attrs[i];
    return NULL;
}

/* What cannot be had whole is not had at all: nobody may take a part for the whole. */
static bool
part_read(task_t *task, const reply_t *reply, err_t *err UNUSED)
{
    ranged_task_t *self = (ranged_task_t *)task;
    const ldap_entry_t *entry = reply_entry(reply->ldap);
    const ldap_attr_t *part;
    int64_t next = 0;
    str_t attr;

    if (!reply_is(reply->ldap, LDAP_RC_SUCCESS) || !entry) {
        self->reply = *reply->ldap;
        self->reply.n_entries = 0;
        if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
            self->reply.code = LDAP_RC_BUSY; /* it has gone in between */
        return task_done(task, &self->reply);
    }
    part = find_part(entry, &attr, &next);
    if (part)
        take_part(self, part);
    if (part && next > 0 && part->n > 0)
        ask_part(self, next, part_read);
    else
        return complete(self);
    return true;
}

/* The next entry that has a part of something. */
static bool
complete(ranged_task_t *self)
{
    while (self->next < self->reply.n_entries) {
        const ldap_entry_t *entry = self->entries[self->next];
        int64_t next = 0;
        const ldap_attr_t *part = find_part(entry, &self->attr, &next);

        if (!part) {
            self->next++;
            continue;
        }
        self->own = ldap_entry_copy(self->task.mem, entry);
        self->entries[self->next] = self->own;
        ldap_entry_remove(self->own, part->name);
        take_part(self, part);
        if (next > 0) {
            ask_part(self, next, part_read);
            return true;
        }
    }
    return answer(self);
}

static bool
found(task_t *task, const reply_t *reply, err_t *err UNUSED)
{
    ranged_task_t *self = (ranged_task_t *)task;
    size_t n = reply->ldap->n_entries;

    self->reply = *reply->ldap;
    self->entries = arena_array_of(task->mem, n + 1, const ldap_entry_t *);
    for (size_t i = 0; i < n; i++)
        self->entries[i] = reply->ldap->entries[i];
    return complete(self);
}

static bool
search(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    const ranged_task_t *self = (const ranged_task_t *)task;
    ask_t *ask = task_ask(task, LDAP_OP_SEARCH, found);

    ask->op = self->ask->op;
    return true;
}

static bool
asks_for_members(const ask_t *ask)
{
    const map_t *map = ((const exchange_t *)ask->run->context)->map;
    ldap_names_t names = ask->op.u.search.attrs;

    for (size_t i = 0; i < names.n; i++)
        for (size_t t = 0; t < map->n_types; t++)
            if (map->types[t].members && str_ieq(map->types[t].members->ldap, names.names[i]))
                return true;
    return false;
}

void
answer_ranged(ask_t *ask)
{
    ranged_task_t *child;

    if (ask->op.kind != LDAP_OP_SEARCH || ask->by->what == what || !asks_for_members(ask))
        return;
    child = task_new_of(ask->run, what, ranged_task_t);
    child->ask = ask;
    task_answer_by(ask, &child->task, search);
}
