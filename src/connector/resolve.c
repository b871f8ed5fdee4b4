/* SPDX-License-Identifier: Apache-2.0 */
/* Ids to DNs and DNs to ids, in batches: remembered pairs first, then one search per hundred. */
#include "connector/exchange.h"

#include "ldap/at.h"

#include <assert.h>

/* slapd's time for a disjunction grows with the square of its terms; a hundred is cheap. */
enum { BATCH = 100, IN_FLIGHT_MAX = 8 };

typedef struct {
    const map_type_t *type;
    size_t base;
} place_t;

typedef struct {
    task_t task;
    bool by_dn;
    str_t *wanted;      /* ids in lower case, or DNs in normal form; not yet known */
    const str_t *texts; /* by_dn: the DNs as they were given, for the filter */
    size_t n;
    place_t *places; /* where ids may be, in this order */
    size_t n_places;
    size_t place;     /* the one being searched */
    size_t next, end; /* of `wanted`: what is not yet asked for at this place */
    size_t waiting;
} resolve_task_t;

static bool next_place(resolve_task_t *self);

static void
take_entry(resolve_task_t *self, const map_type_t *type, const ldap_entry_t *entry)
{
    exchange_t *exchange = exchange_of(&self->task);
    str_t id, normal = ldap_dn_normal(self->task.mem, entry->dn);

    if (!map_anchor_of(self->task.mem, exchange->map, entry, &id))
        return;
    links_add(&exchange->links, str_lower(self->task.mem, id), entry->dn, normal, type);
    target_remember(&self->task, type, entry);
}

static void ask_more(resolve_task_t *self);

static bool
batch_answered(task_t *task, const reply_t *reply, err_t *err)
{
    resolve_task_t *self = (resolve_task_t *)task;
    const place_t *place = &self->places[self->place];
    const map_type_t *type = place->type;

    if (!base_check(reply->ldap, type->scope, place->base, "search for references", err))
        return false;
    for (size_t i = 0; i < reply->ldap->n_entries; i++)
        take_entry(self, type, reply->ldap->entries[i]);
    self->waiting--;
    ask_more(self);
    return self->waiting > 0 || next_place(self);
}

static const ldap_filter_t *
batch_filter(resolve_task_t *self, const map_scope_t *scope, size_t from, size_t n)
{
    const exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;
    const ldap_filter_t **terms = arena_array_of(mem, n, const ldap_filter_t *);

    for (size_t i = from; i < from + n; i++)
        terms[i - from] =
            self->by_dn ? ldap_filter_equal(mem, exchange->map->dialect->dn, self->texts[i])
                        : map_anchor_is(mem, exchange->map, self->wanted[i]);
    return ldap_filter_and2(mem, map_visible(mem, scope, exchange->now_s),
                            ldap_filter_or(mem, terms, n));
}

static void
ask_more(resolve_task_t *self)
{
    const place_t *place = &self->places[self->place];
    const map_scope_t *scope = place->type->scope;

    while (self->next < self->end && self->waiting < IN_FLIGHT_MAX) {
        size_t n = self->end - self->next < BATCH ? self->end - self->next : BATCH;
        ask_t *ask = task_ask(&self->task, LDAP_OP_SEARCH, batch_answered);

        ask->op.dn = scope->bases[place->base].dn;
        ask->op.u.search.depth = scope->depth;
        ask->op.u.search.filter = batch_filter(self, scope, self->next, n);
        ask->op.u.search.attrs =
            (ldap_names_t){&exchange_of(&self->task)->map->dialect->anchor, 1};
        self->next += n;
        self->waiting++;
    }
}

static bool
is_known(const resolve_task_t *self, size_t i)
{
    const links_t *links = &exchange_of(&self->task)->links;

    return self->by_dn ? links_know_dn(links, self->wanted[i])
                       : links_know_id(links, self->wanted[i]);
}

/* Bring what may be at this place to the front of what is not known yet; returns how many. */
static size_t
pick_for_place(resolve_task_t *self, const place_t *place)
{
    str_t *texts = (str_t *)(uintptr_t)self->texts;
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < self->n; i++) {
        if (is_known(self, i))
            continue;
        self->wanted[kept] = self->wanted[i];
        if (self->by_dn)
            texts[kept] = texts[i];
        kept++;
    }
    self->n = kept;
    if (!self->by_dn)
        return kept;
    for (size_t i = 0; i < self->n; i++) {
        const map_base_t *base = &place->type->scope->bases[place->base];

        if (ldap_dn_is_below(self->wanted[i], base->normal) &&
            map_scope_holds(place->type->scope, self->wanted[i])) {
            str_t wanted = self->wanted[n], text = texts[n];

            self->wanted[n] = self->wanted[i];
            texts[n] = texts[i];
            self->wanted[i] = wanted;
            texts[i] = text;
            n++;
        }
    }
    return n;
}

static void
mark_missing(resolve_task_t *self)
{
    links_t *links = &exchange_of(&self->task)->links;

    for (size_t i = 0; i < self->n; i++) {
        if (is_known(self, i))
            continue;
        if (self->by_dn)
            links_add_missing_dn(links, self->wanted[i]);
        else
            links_add_missing_id(links, self->wanted[i]);
    }
}

static bool
next_place(resolve_task_t *self)
{
    for (self->place++; self->place < self->n_places; self->place++) {
        self->next = 0;
        self->end = pick_for_place(self, &self->places[self->place]);
        ask_more(self);
        if (self->waiting)
            return true;
    }
    mark_missing(self);
    return task_done(&self->task, NULL);
}

static bool
resolve_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    resolve_task_t *self = (resolve_task_t *)task;

    self->place = (size_t)-1;
    return next_place(self);
}

/* Every base of every scope that some slot of the type refers to. */
static void
list_places(resolve_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const map_t *map = exchange->map;
    size_t n = 0;

    for (size_t i = 0; i < map->n_types; i++)
        n += map->types[i].scope->n_bases;
    self->places = arena_array_of(self->task.mem, n, place_t);
    for (size_t i = 0; i < map->n_types; i++) {
        const map_scope_t *scope = map->types[i].scope;

        for (size_t base = 0; base < scope->n_bases; base++)
            if (!ldap_filter_is_false(ldap_filter_at(self->task.mem, scope->visible,
                                                     scope->bases[base].dn, scope->depth)))
                self->places[self->n_places++] = (place_t){&map->types[i], base};
    }
}

static bool
is_remembered(task_t *task, bool by_dn, str_t key)
{
    exchange_t *exchange = exchange_of(task);
    memo_t *memo = exchange->connector->memo;
    int64_t age = exchange->connector->limits.reference_ttl_ms;
    const map_type_t *type;
    memo_pair_t pair;
    bool found = age <= 0 ? false
                 : by_dn  ? memo_find_dn(memo, task->mem, key, exchange->now_ms, age, &pair)
                          : memo_find_id(memo, task->mem, key, exchange->now_ms, age, &pair);

    type = found ? target_type(task, pair.tag) : NULL;
    exchange->links_remembered |= type != NULL;
    if (type)
        links_add(&exchange->links, pair.id, pair.dn,
                  by_dn ? key : ldap_dn_normal(task->mem, pair.dn), type);
    return type != NULL;
}

static bool
resolve(task_t *task, bool by_dn, const str_t *keys, size_t n, then_fn *then)
{
    exchange_t *exchange = exchange_of(task);
    resolve_task_t *child = task_new_of(task->run, "resolve", resolve_task_t);
    str_t *texts = arena_array_of(task->mem, n, str_t);

    child->by_dn = by_dn;
    child->wanted = arena_array_of(task->mem, n, str_t);
    child->texts = texts;
    for (size_t i = 0; i < n; i++) {
        str_t key = by_dn ? ldap_dn_normal(task->mem, keys[i]) : str_lower(task->mem, keys[i]);

        if (by_dn ? links_know_dn(&exchange->links, key) : links_know_id(&exchange->links, key))
            continue;
        if (!by_dn && ldap_filter_is_false(map_anchor_is(task->mem, exchange->map, key))) {
            links_add_missing_id(&exchange->links, key);
            continue;
        }
        if (is_remembered(task, by_dn, key))
            continue;
        texts[child->n] = keys[i];
        child->wanted[child->n++] = key;
    }
    list_places(child);
    return task_call(task, &child->task, resolve_start, then, 0);
}

/* ---- ids whose names others may have ---- */

typedef struct {
    task_t task;
    const str_t *ids;
    size_t n;
} ids_task_t;

static bool
names_known(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && task_done(task, NULL);
}

/* What the slot would hold of the ids, if that may mean somebody else too. */
static void
collect_names(ids_task_t *self, const map_slot_t *slot, map_name_t *names, size_t *n)
{
    const map_links_t *links = exchange_links(&self->task);
    map_link_t link;

    for (size_t i = 0; i < self->n; i++)
        if (map_reference_find_id(slot, self->ids[i], links, &link) &&
            map_reference_value(self->task.mem, slot, link.dn, &names[*n].value))
            names[(*n)++].slot = slot;
}

/* The open ones among the attributes of the request's type; of every type where it has none. */
static size_t
open_slots(const exchange_t *exchange, const map_slot_t **slots)
{
    size_t n = 0;
    const map_slot_t *part;

    for (size_t t = 0; t < exchange->map->n_types; t++) {
        const map_type_t *type = &exchange->map->types[t];

        for (size_t i = 0; i < type->n_slots && (!exchange->type || exchange->type == type);
             i++)
            for (size_t k = 0; (part = map_slot_part(&type->slots[i], k)); k++)
                if (!map_reference_is_unique(part)) {
                    if (slots)
                        slots[n] = part;
                    n++;
                }
    }
    return n;
}

static bool
ids_known(task_t *task, const reply_t *reply, err_t *err)
{
    ids_task_t *self = (ids_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    size_t n_slots = open_slots(exchange, NULL), n = 0;
    const map_slot_t **slots = arena_array_of(task->mem, n_slots + 1, const map_slot_t *);
    map_name_t *names = arena_array_of(task->mem, n_slots * self->n + 1, map_name_t);

    if (!child_ended(reply, err))
        return false;
    open_slots(exchange, slots);
    for (size_t i = 0; i < n_slots; i++)
        collect_names(self, slots[i], names, &n);
    return resolve_names(task, names, n, names_known);
}

static bool
ids_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    const ids_task_t *self = (const ids_task_t *)task;

    return resolve(task, false, self->ids, self->n, ids_known);
}

bool
resolve_ids(task_t *task, const str_t *ids, size_t n, then_fn *then)
{
    ids_task_t *child;

    if (!open_slots(exchange_of(task), NULL))
        return resolve(task, false, ids, n, then);
    child = task_new_of(task->run, "ids", ids_task_t);
    child->ids = ids;
    child->n = n;
    return task_call(task, &child->task, ids_start, then, 0);
}

bool
resolve_ids_anew(task_t *task, const str_t *ids, size_t n, then_fn *then)
{
    exchange_t *exchange = exchange_of(task);

    for (size_t i = 0; i < n; i++) {
        links_forget_id(&exchange->links, ids[i]);
        memo_forget_id(exchange->connector->memo, str_lower(task->mem, ids[i]));
    }
    exchange->links_remembered = false;
    return resolve_ids(task, ids, n, then);
}

bool
resolve_dns(task_t *task, const str_t *dns, size_t n, then_fn *then)
{
    return resolve(task, true, dns, n, then);
}
