/* SPDX-License-Identifier: Apache-2.0 */
/* Listing all that a query matches: one search for each base of each type, of the anchors and
 * what they are sorted by, and nothing else. */
#include "connector/query.h"

#include "ldap/at.h"

typedef struct {
    task_t task;
    query_task_t *query;
    const query_part_t *part;
    size_t waiting;
} list_task_t;

/* A long listing would fill the memory with what the keys are made of, so that is given back
 * after each entry, before the draft takes memory that stays. */
void
query_draft_entry(query_task_t *self, const query_part_t *part, const ldap_entry_t *entry)
{
    const exchange_t *exchange = exchange_of(&self->task);
    unsigned char anchor[LISTING_ANCHOR_SIZE];
    char key[LISTING_KEY_MAX];
    size_t n_key = 0;
    str_t id;

    if (!map_anchor_of(self->task.mem, exchange->map, entry, &id) ||
        !map_anchor_pack(exchange->map, id, anchor))
        return;
    if (self->sorted) {
        arena_mark_t mark = arena_mark(self->task.mem);
        str_t made = map_sort_key(self->task.mem, exchange->map, part->type, &part->sort, entry,
                                  exchange->now_s);

        n_key = made.n < sizeof(key) ? made.n : sizeof(key);
        memcpy(key, made.p, n_key);
        arena_rewind(self->task.mem, mark);
    }
    listing_draft_add(&self->draft, str_from(key, n_key), part->number, anchor);
}

static size_t
max_size(const query_task_t *self)
{
    size_t max = exchange_of(&self->task)->connector->limits.max_listing_bytes;

    return max < UINT32_MAX ? max : UINT32_MAX;
}

static bool
list_entry(task_t *task, const ldap_entry_t *entry)
{
    list_task_t *self = (list_task_t *)task;
    query_task_t *query = self->query;

    query_draft_entry(query, self->part, entry);
    if (query->sorted && listing_draft_size(&query->draft) > max_size(query))
        query->too_large = true;
    return !query->too_large;
}

static bool
base_listed(task_t *task, const reply_t *reply, err_t *err)
{
    list_task_t *self = (list_task_t *)task;

    if (!base_check(reply->ldap, self->part->type->scope, reply->tag, "listing", err)) {
        if (reply_is(reply->ldap, LDAP_RC_SIZE_LIMIT))
            err_prefix(
                err,
                "the directory's size limit for the bind identity cuts the listing; raise it");
        return false;
    }
    if (self->query->too_large)
        return err_set(err, ERR_TOO_MANY,
                       "there are more resources than can be sorted in the %zu bytes that "
                       "\"listings\" allows; narrow the filter, or leave out sortBy",
                       max_size(self->query));
    return --self->waiting > 0 || task_done(task, NULL);
}

static bool
list_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    list_task_t *self = (list_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    const map_scope_t *scope = self->part->type->scope;

    for (size_t i = 0; i < scope->n_bases; i++) {
        const ldap_filter_t *filter =
            ldap_filter_at(task->mem, self->part->filter, scope->bases[i].dn, scope->depth);
        ask_t *ask;

        if (ldap_filter_is_false(filter))
            continue;
        self->waiting++;
        ask = task_ask(task, LDAP_OP_SEARCH, base_listed);
        ask->tag = (uint32_t)i;
        ask->each = list_entry;
        ask->op.lane = LDAP_LANE_BULK;
        ask->op.dn = scope->bases[i].dn;
        ask->op.u.search.depth = scope->depth;
        ask->op.u.search.filter = filter;
        ask->op.u.search.attrs = self->query->sorted
                                     ? self->part->sort.names
                                     : (ldap_names_t){&exchange->map->dialect->anchor, 1};
    }
    return self->waiting > 0 || task_done(task, NULL);
}

bool
query_list(query_task_t *self, then_fn *then)
{
    listing_draft_init(&self->draft, self->task.mem, self->sorted);
    for (size_t i = 0; i < self->n_parts; i++) {
        list_task_t *child;

        if (ldap_filter_is_false(self->parts[i].filter))
            continue;
        child = task_new_of(self->task.run, "list", list_task_t);
        child->query = self;
        child->part = &self->parts[i];
        self->waiting++;
        if (!task_call(&self->task, &child->task, list_start, then, 0))
            return false;
    }
    return true;
}
