/* SPDX-License-Identifier: Apache-2.0 */
/* A query of one resource type or of all (RFC 7644 §3.4.2, §3.4.3).
 *
 * The first page is one search for each type, with a size limit. A longer result is listed once, as
 * sorted items with anchors (connector/listing.h); then every page reads its slice by anchor. */
#include "connector/query.h"

#include "map/filter.h"

enum { FIRST_PAGE_AGE_MS = 2000 };

static bool
page_from_listing(query_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);

    query_page_init(self);
    return listing_get(exchange->connector->listings, self->key, exchange->now_ms,
                       self->max_age_ms, &self->cut, &self->page);
}

/* ---- listing everything ---- */

/* Without a place in the store the page is cut from what was just listed. */
static bool
listed(task_t *task, const reply_t *reply, err_t *err)
{
    query_task_t *self = (query_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    listing_t listing;

    if (!child_ended(reply, err))
        return false;
    if (--self->waiting > 0)
        return true;
    listing = listing_finish(&self->draft);
    if (listing.n)
        listing_put(exchange->connector->listings, self->key, &listing, exchange->now_ms);
    listing_cut(&listing, &self->cut, &self->page);
    return query_show(self);
}

/* My turn to list: whoever had it before may have listed what I want. */
static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    query_task_t *self = (query_task_t *)task;

    return page_from_listing(self) ? query_show(self) : query_list(self, listed);
}

/* ---- the first page ---- */

/* A client that begins anew must see what it wrote just before; what others write may be news to
 * it as long as a listing takes. */
static int64_t
first_page_age_ms(const query_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    int64_t since_write = exchange->now_ms - exchange->connector->lasting->written_ms - 1;

    return since_write < FIRST_PAGE_AGE_MS ? since_write : FIRST_PAGE_AGE_MS;
}

/* It is the whole result. */
static bool
show_first(query_task_t *self)
{
    listing_t listing;

    listing_draft_init(&self->draft, self->task.mem, self->sorted);
    for (size_t i = 0; i < self->n_found; i++) {
        target_remember(&self->task, self->found_part[i]->type, self->found[i]);
        query_draft_entry(self, self->found_part[i], self->found[i]);
    }
    listing = listing_finish(&self->draft);
    listing_cut(&listing, &self->cut, &self->page);
    return query_show_found(self);
}

static bool
first_found(task_t *task, const reply_t *reply, err_t *err)
{
    query_task_t *self = (query_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    self->many |= found->more || found->n > self->cut.max - self->n_found;
    for (size_t i = 0; !self->many && i < found->n; i++) {
        self->found[self->n_found] = found->entries[i];
        self->found_part[self->n_found++] = &self->parts[reply->tag];
    }
    if (--self->waiting > 0)
        return true;
    return self->many ? task_enter(task, self->key, entered) : show_first(self);
}

static ldap_names_t
names_to_find(const query_task_t *self, const query_part_t *part)
{
    ldap_names_t shown = part->names, sort = part->sort.names;
    str_t *names;
    size_t n = shown.n;

    if (!self->sorted)
        return shown;
    names = arena_array_of(self->task.mem, shown.n + sort.n, str_t);
    memcpy(names, shown.names, shown.n * sizeof(*names));
    for (size_t i = 0; i < sort.n; i++) {
        bool known = false;

        for (size_t j = 0; j < shown.n && !known; j++)
            known = str_ieq(shown.names[j], sort.names[i]);
        if (!known)
            names[n++] = sort.names[i];
    }
    return (ldap_names_t){.names = names, .n = n};
}

static bool
find_first(query_task_t *self)
{
    self->found = arena_array_of(self->task.mem, self->cut.max, const ldap_entry_t *);
    self->found_part = arena_array_of(self->task.mem, self->cut.max, const query_part_t *);
    for (size_t i = 0; i < self->n_parts; i++) {
        const query_part_t *part = &self->parts[i];
        find_t find = {.scope = part->type->scope,
                       .filter = part->filter,
                       .names = names_to_find(self, part),
                       .limit = (uint32_t)self->cut.max + 1,
                       .tag = (uint32_t)i};

        if (ldap_filter_is_false(part->filter))
            continue;
        self->waiting++;
        if (!find_entries(&self->task, &find, first_found))
            return false;
    }
    return true;
}

static bool
is_nothing(const query_task_t *self)
{
    for (size_t i = 0; i < self->n_parts; i++)
        if (!ldap_filter_is_false(self->parts[i].filter))
            return false;
    return true;
}

static bool
search(query_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    bool first = self->cut.start == 0 && !self->cut.beside.p;

    if (is_nothing(self))
        return query_show_nothing(self, 0);
    self->max_age_ms =
        first ? first_page_age_ms(self) : exchange->connector->limits.listing_ttl_ms;
    if (page_from_listing(self))
        return query_show(self);
    if (first && self->cut.max > 0)
        return find_first(self);
    return task_enter(&self->task, self->key, entered);
}

/* ---- the question ---- */

static bool
translate_part(query_task_t *self, query_part_t *part, const map_type_t *const *types,
               err_t *err)
{
    exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;
    const ldap_filter_t *asked = ldap_filter_true();

    if (self->scim_filter) {
        const scim_filter_t *filter =
            scim_quirk_filter(mem, exchange->connector->quirks, part->type->scim,
                              self->scim_filter, &exchange->facts.quirks);

        asked = map_filter_among(mem, exchange->map, part->type, types, self->n_parts, filter,
                                 exchange_links(&self->task), exchange->now_s, err);
        if (!asked)
            return false;
    }
    part->filter = /* what is asked first: it is what decides, mostly */
        ldap_filter_and2(mem, asked, map_visible(mem, part->type->scope, exchange->now_s));
    return true;
}

static bool
translate(query_task_t *self, err_t *err)
{
    const map_type_t **types =
        arena_array_of(self->task.mem, self->n_parts, const map_type_t *);

    for (size_t i = 0; i < self->n_parts; i++)
        types[i] = self->parts[i].type;
    for (size_t i = 0; i < self->n_parts; i++)
        if (!translate_part(self, &self->parts[i], types, err))
            return false;
    self->key =
        str_printf(self->task.mem, "list %.*s|%.*s|%.*s", STR_ARG(self->question.endpoint),
                   STR_ARG(self->question.sort_by), STR_ARG(self->question.filter));
    return true;
}

static bool
references_known(task_t *task, const reply_t *reply, err_t *err)
{
    if (reply && !child_ended(reply, err))
        return false;
    return translate((query_task_t *)task, err) && search((query_task_t *)task);
}

/* The ids that the filter names, as each type understands it. */
static str_t *
ids_to_resolve(const query_task_t *self, size_t *ret_n)
{
    str_t *all = NULL;

    *ret_n = 0;
    for (size_t i = 0; self->scim_filter && i < self->n_parts; i++) {
        str_t *ids;
        size_t n;

        map_filter_ids(self->task.mem, self->parts[i].type, self->scim_filter, &ids, &n);
        if (!n)
            continue;
        all = arena_grow(self->task.mem, all, *ret_n, *ret_n + n, sizeof(str_t));
        memcpy(all + *ret_n, ids, n * sizeof(str_t));
        *ret_n += n;
    }
    return all;
}

static bool
query_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    query_task_t *self = (query_task_t *)task;
    str_t *ids;
    size_t n;

    if (!query_read(self, err))
        return false;
    if (self->nothing)
        return query_show_nothing(self, 0);
    ids = ids_to_resolve(self, &n);
    return n ? resolve_ids(task, ids, n, references_known) : references_known(task, NULL, err);
}

root_t
query_root(run_t *run)
{
    return (root_t){&task_new_of(run, "query", query_task_t)->task, query_start};
}
