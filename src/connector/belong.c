/* SPDX-License-Identifier: Apache-2.0 */
/* The groups of resources, where the directory does not note them in their entries: one search of the
 * groups for a hundred resources, which brings of the members only those that are asked about. */
#include "connector/exchange.h"

#include "map/index.h"

enum { BATCH = 100 };

/* The groups of one entry. */
typedef struct {
    str_t *dns;
    size_t n, size;
} groups_t;

typedef struct {
    task_t task;
    shown_t *shown;
    size_t n;
    map_index_t
        index; /* of those asked for: what the groups hold them by -> which of `shown`, and one more */
    groups_t *groups; /* as `shown` */
    size_t next;      /* of `shown`: what is not asked for yet */
    size_t end;       /* ... and at this place */
    size_t place;     /* type of the map, that is asked */
} belong_task_t;

static bool ask_place(belong_task_t *self);

bool
wants_groups(const shown_t *shown)
{
    const map_slot_t *slot = shown->type->groups;

    return slot && !shown->written && shown->projection &&
           scim_projection_wants(shown->projection, slot->schema, slot->attr, NULL);
}

/* ---- what is found ---- */

static void
note_group(belong_task_t *self, size_t at, str_t dn)
{
    groups_t *groups = &self->groups[at];

    if (groups->n == groups->size) {
        groups->size = groups->size ? groups->size * 2 : 4;
        groups->dns =
            arena_grow(self->task.mem, groups->dns, groups->n, groups->size, sizeof(str_t));
    }
    groups->dns[groups->n++] = dn;
}

static void
take_group(belong_task_t *self, const map_type_t *type, const ldap_entry_t *entry)
{
    exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;
    const ldap_attr_t *members = ldap_entry_find(entry, type->members->ldap);
    str_t id;

    if (!map_anchor_of(self->task.mem, exchange->map, entry, &id))
        return;
    links_add(&exchange->links, str_lower(mem, id), entry->dn, ldap_dn_normal(mem, entry->dn),
              type);
    for (size_t i = 0; members && i < members->n; i++) {
        const size_t *at = map_index_find(
            &self->index, map_reference_normal(mem, type->members, members->values[i]));

        if (at)
            note_group(self, *at - 1, entry->dn);
    }
}

static bool
groups_found(task_t *task, const reply_t *reply, err_t *err)
{
    belong_task_t *self = (belong_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    for (size_t i = 0; i < found->n; i++)
        take_group(self, &exchange_of(task)->map->types[self->place], found->entries[i]);
    self->place++;
    return ask_place(self);
}

/* ---- asking ---- */

static bool
is_searched(const shown_t *shown, const map_type_t *type)
{
    const map_slot_t *slot = shown->type->groups;

    for (size_t i = 0; type->members && i < slot->n_references; i++)
        if (slot->references[i] == type->scope)
            return true;
    return false;
}

/* Who of the batch could be a member of this type's resources. */
static const ldap_filter_t *
any_member(belong_task_t *self, const map_type_t *type)
{
    arena_t *mem = self->task.mem;
    const ldap_filter_t **terms =
        arena_array_of(mem, self->end - self->next + 1, const ldap_filter_t *);
    err_t ignored = ERR_INIT;
    size_t n = 0;
    bool is_new;
    str_t value;

    self->index = (map_index_t){.n = 0};
    for (size_t i = self->next; i < self->end; i++) {
        if (!wants_groups(&self->shown[i]) || !is_searched(&self->shown[i], type) ||
            !map_reference_check(mem, type->members, self->shown[i].entry->dn,
                                 exchange_links(&self->task), &value, &ignored))
            continue;
        terms[n++] = ldap_filter_equal(mem, type->members->ldap, value);
        *map_index_get(mem, &self->index, map_reference_normal(mem, type->members, value),
                       &is_new) = i + 1;
    }
    return ldap_filter_or(mem, terms, n);
}

static bool
ask_groups(belong_task_t *self, const map_type_t *type, const ldap_filter_t *any)
{
    const exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;
    str_t *names = arena_array_of(mem, 2, str_t);
    find_t find = {.scope = type->scope, .names = {names, 2}};

    names[0] = exchange->map->dialect->anchor;
    names[1] = type->members->ldap;
    find.filter = ldap_filter_and2(mem, any, map_visible(mem, type->scope, exchange->now_s));
    find.values = ldap_filter_or2(mem, ldap_filter_present(mem, names[0]), any);
    return find_entries(&self->task, &find, groups_found);
}

/* As the directory itself would show them. */
static void
add_groups(const belong_task_t *self, size_t i)
{
    arena_t *mem = self->task.mem;
    const groups_t *groups = &self->groups[i];
    shown_t *shown = &self->shown[i];
    ldap_entry_t *entry = arena_new_of(mem, ldap_entry_t);
    ldap_attr_t *attrs = arena_array_of(mem, shown->entry->n + 1, ldap_attr_t);

    *entry = *shown->entry;
    if (entry->n > 0)
        memcpy(attrs, entry->attrs, entry->n * sizeof(*attrs));
    attrs[entry->n++] =
        (ldap_attr_t){.name = shown->type->groups->ldap, .values = groups->dns, .n = groups->n};
    entry->attrs = attrs;
    shown->entry = entry;
}

static bool
end(belong_task_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        if (self->groups[i].n > 0)
            add_groups(self, i);
    return task_done(&self->task, NULL);
}

static bool
ask_place(belong_task_t *self)
{
    const map_t *map = exchange_of(&self->task)->map;

    for (; self->next < self->n; self->next = self->end, self->place = 0) {
        self->end = self->n - self->next < BATCH ? self->n : self->next + BATCH;
        for (; self->place < map->n_types; self->place++) {
            const map_type_t *type = &map->types[self->place];
            const ldap_filter_t *any = any_member(self, type);

            if (!ldap_filter_is_false(any))
                return ask_groups(self, type, any);
        }
    }
    return end(self);
}

static bool
names_known(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && ask_place((belong_task_t *)task);
}

/* A name that others have too means nobody. */
static bool
belong_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    belong_task_t *self = (belong_task_t *)task;
    const map_t *map = exchange_of(task)->map;
    map_name_t *names = arena_array_of(task->mem, self->n * map->n_types + 1, map_name_t);
    size_t n = 0;

    for (size_t t = 0; t < map->n_types; t++) {
        const map_slot_t *members = map->types[t].members;

        for (size_t i = 0; members && !map_reference_is_unique(members) && i < self->n; i++)
            if (wants_groups(&self->shown[i]) && is_searched(&self->shown[i], &map->types[t]) &&
                map_reference_value(task->mem, members, self->shown[i].entry->dn,
                                    &names[n].value))
                names[n++].slot = members;
    }
    return n > 0 ? resolve_names(task, names, n, names_known) : ask_place(self);
}

bool
find_groups_of(task_t *task, shown_t *shown, size_t n, then_fn *then)
{
    belong_task_t *child = task_new_of(task->run, "belong", belong_task_t);

    child->shown = shown;
    child->n = n;
    child->groups = arena_array_of(task->mem, n + 1, groups_t);
    return task_call(task, &child->task, belong_start, then, 0);
}
