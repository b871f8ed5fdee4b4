/* SPDX-License-Identifier: Apache-2.0 */
/* Names to entries: whom the values of attributes mean that hold references by other than the DN.
 *
 * Of each attribute a hundred values to a search of each of its scopes. Nothing is remembered: who is called
 * so is known for the moment only. */
#include "connector/exchange.h"

enum { BATCH = 100, IN_FLIGHT_MAX = 8 };

typedef struct {
    task_t task;
    map_name_t *names; /* by slot; not yet known, each once */
    size_t n;
    size_t first, end; /* of `names`: those of one slot */
    size_t scope;      /* of that slot */
    size_t next;       /* of those: what is not asked for there yet */
    size_t waiting;
} names_task_t;

static bool ask_more(names_task_t *self);

/* ---- what is found ---- */

static const map_type_t *
type_of(const exchange_t *exchange, const map_scope_t *scope)
{
    for (size_t i = 0; i < exchange->map->n_types; i++)
        if (exchange->map->types[i].scope == scope)
            return &exchange->map->types[i];
    return NULL;
}

/* The search may have found more than is meant: the directory compares by the rule of the other attribute. */
static void
take_entry(names_task_t *self, const ldap_entry_t *entry)
{
    exchange_t *exchange = exchange_of(&self->task);
    const map_slot_t *slot = self->names[self->first].slot;
    const map_type_t *type = type_of(exchange, slot->references[self->scope]);
    arena_t *mem = self->task.mem;
    map_link_t link = {.dn = entry->dn, .type = type};
    str_t value;

    if (!map_anchor_of(mem, exchange->map, entry, &link.id))
        return;
    link.id = str_lower(mem, link.id);
    links_add(&exchange->links, link.id, link.dn, ldap_dn_normal(mem, link.dn), type);
    target_remember(&self->task, type, entry);
    if (map_reference_value(mem, slot, entry->dn, &value))
        links_add_name(&exchange->links, slot, map_reference_normal(mem, slot, value), &link);
}

static bool
batch_found(task_t *task, const reply_t *reply, err_t *err)
{
    names_task_t *self = (names_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    for (size_t i = 0; i < found->n; i++)
        take_entry(self, found->entries[i]);
    self->waiting--;
    return ask_more(self);
}

/* ---- asking ---- */

static void
ask_batch(names_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;
    const map_slot_t *slot = self->names[self->first].slot;
    const map_scope_t *scope = slot->references[self->scope];
    size_t n = self->end - self->next < BATCH ? self->end - self->next : BATCH;
    const ldap_filter_t **terms = arena_array_of(mem, n, const ldap_filter_t *);
    find_t find = {.scope = scope, .names = {&exchange->map->dialect->anchor, 1}};

    for (size_t i = 0; i < n; i++)
        terms[i] = ldap_filter_equal(mem, slot->by, self->names[self->next + i].value);
    find.filter = ldap_filter_and2(mem, map_visible(mem, scope, exchange->now_s),
                                   ldap_filter_or(mem, terms, n));
    self->next += n;
    self->waiting++;
    find_entries(&self->task, &find, batch_found);
}

/* The names of one slot stand together. */
static void
next_slot(names_task_t *self)
{
    self->first = self->end;
    while (self->end < self->n && self->names[self->end].slot == self->names[self->first].slot)
        self->end++;
    self->scope = 0;
    self->next = self->first;
}

/* One scope after the other: what is found says nothing of where. */
static bool
ask_more(names_task_t *self)
{
    while (self->first < self->n) {
        while (self->next < self->end && self->waiting < IN_FLIGHT_MAX)
            ask_batch(self);
        if (self->waiting > 0)
            return true;
        self->next = self->first;
        if (++self->scope == self->names[self->first].slot->n_references)
            next_slot(self);
    }
    return task_done(&self->task, NULL);
}

static bool
names_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    names_task_t *self = (names_task_t *)task;

    next_slot(self);
    return ask_more(self);
}

/* Those of one slot together, of whom it is not known yet. */
static void
take_slot(names_task_t *self, const map_name_t *names, size_t n, const map_slot_t *slot)
{
    links_t *links = &exchange_of(&self->task)->links;

    for (size_t i = 0; i < n; i++) {
        str_t normal;

        if (names[i].slot != slot)
            continue;
        normal = map_reference_normal(self->task.mem, slot, names[i].value);
        if (links_know_name(links, slot, normal))
            continue;
        links_begin_name(links, slot, normal);
        self->names[self->n++] = names[i];
    }
}

static bool
is_first_of_slot(const map_name_t *names, size_t at)
{
    return at == 0 || names[at].slot != names[at - 1].slot;
}

bool
resolve_names(task_t *task, const map_name_t *names, size_t n, then_fn *then)
{
    names_task_t *child = task_new_of(task->run, "names", names_task_t);

    child->names = arena_array_of(task->mem, n + 1, map_name_t);
    for (size_t i = 0; i < n; i++)
        if (is_first_of_slot(names, i))
            take_slot(child, names, n, names[i].slot);
    return task_call(task, &child->task, names_start, then, 0);
}

/* ---- names and DNs ---- */

typedef struct {
    task_t task;
    map_references_t references;
} references_task_t;

static bool
dns_known(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && task_done(task, NULL);
}

static bool
names_known(task_t *task, const reply_t *reply, err_t *err)
{
    const map_references_t *references = &((references_task_t *)task)->references;

    return child_ended(reply, err) &&
           resolve_dns(task, references->dns, references->n_dns, dns_known);
}

static bool
references_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    const map_references_t *references = &((references_task_t *)task)->references;

    return resolve_names(task, references->names, references->n_names, names_known);
}

bool
resolve_references(task_t *task, const map_references_t *references, then_fn *then)
{
    references_task_t *child;

    if (references->n_names == 0)
        return resolve_dns(task, references->dns, references->n_dns, then);
    child = task_new_of(task->run, "references", references_task_t);
    child->references = *references;
    return task_call(task, &child->task, references_start, then, 0);
}

bool
references_resolved(const task_t *task, const map_references_t *references)
{
    const links_t *links = &exchange_of(task)->links;

    for (size_t i = 0; i < references->n_dns; i++)
        if (!links_know_dn(links, ldap_dn_normal(task->mem, references->dns[i])))
            return false;
    for (size_t i = 0; i < references->n_names; i++) {
        const map_name_t *name = &references->names[i];

        if (!links_know_name(links, name->slot,
                             map_reference_normal(task->mem, name->slot, name->value)))
            return false;
    }
    return true;
}
