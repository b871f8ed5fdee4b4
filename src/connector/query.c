/* SPDX-License-Identifier: Apache-2.0 */
/* GET of a resource type's endpoint: filter and index paging (RFC 7644 §3.4.2).
 *
 * The first page is one search with a size limit. A longer result is listed once, as sorted anchors; then
 * every page reads its slice by anchor, a hundred to a search, so a deep page costs what the first one does. */
#include "connector/exchange.h"

#include "map/filter.h"
#include "map/to_resource.h"

enum { BATCH = 100, IN_FLIGHT_MAX = 8, FIRST_PAGE_AGE_MS = 2000 };

typedef struct {
    task_t task;
    const scim_filter_t *scim_filter;
    const ldap_filter_t *filter; /* whole */
    ldap_names_t names;
    size_t start, count; /* start counts from 0 */
    str_t key;           /* of the listing */
    int64_t max_age_ms;  /* that it may have */
    /* listing */
    unsigned char *anchors;
    size_t n_anchors, size;
    size_t waiting;
    /* one page */
    unsigned char *page;
    size_t n_page, total, next;
    const ldap_entry_t **entries; /* at the place of their anchor */
} query_task_t;

/* ---- parameters ---- */

static bool
read_number(str_t text, const char *name, int64_t absent, int64_t least, int64_t *ret,
            err_t *err)
{
    *ret = absent;
    if (!text.p)
        return true;
    if (!str_to_int64(text, ret))
        return err_set(err, ERR_BAD_REQUEST, "%s is not a whole number: \"%.*s\"", name,
                       STR_ARG(text));
    if (*ret < least)
        *ret = least;
    return true;
}

static bool
read_paging(query_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const connector_limits_t *limits = &exchange->connector->limits;
    const query_t *query = &exchange->request->query;
    int64_t start, count;

    if (!read_number(query->start_index, "startIndex", 1, 1, &start, err) ||
        !read_number(query->count, "count", (int64_t)limits->default_page, 0, &count, err))
        return false;
    self->start = (size_t)start - 1;
    self->count = (size_t)count < limits->max_page ? (size_t)count : limits->max_page;
    return true;
}

static bool
takes_placeholder(const query_task_t *self)
{
    return (exchange_of(&self->task)->connector->quirks &
            (1u << SCIM_QUIRK_PLACEHOLDER_FILTER)) != 0;
}

/* The literal alone, which is no filter. */
static bool
is_bare_placeholder(const query_task_t *self)
{
    str_t text = exchange_of(&self->task)->request->query.filter;

    return text.p && takes_placeholder(self) && str_eq(str_trim(text), STR("PLACEHOLDER"));
}

/* The filter is a comparison of the literal attribute PLACEHOLDER: Entra's probe before an admin
 * has chosen the matching attribute. */
static bool
is_placeholder(const query_task_t *self)
{
    const scim_filter_t *filter = self->scim_filter;

    return takes_placeholder(self) && filter && filter->kind == SCIM_F_COMPARE &&
           str_eq(filter->path.attr, STR("PLACEHOLDER"));
}

/* ---- pages ---- */

static bool
respond_page(query_task_t *self)
{
    size_t n = 0;

    for (size_t i = 0; i < self->n_page; i++)
        if (self->entries[i])
            self->entries[n++] = self->entries[i];
    return respond_list(&self->task, self->entries, n, self->total, self->start + 1);
}

/* Put an entry where its anchor stands in the page. */
static void
place_entry(query_task_t *self, const ldap_entry_t *entry)
{
    str_t id;
    unsigned char anchor[LISTING_ANCHOR_SIZE];

    if (!ldap_entry_first(entry, exchange_of(&self->task)->map->dialect->anchor, &id) ||
        !listing_anchor_parse(id, anchor))
        return;
    for (size_t low = 0, high = self->n_page; low < high;) {
        size_t middle = (low + high) / 2;
        int order = memcmp(anchor, self->page + middle * LISTING_ANCHOR_SIZE, sizeof(anchor));

        if (order == 0) {
            self->entries[middle] = entry;
            return;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
}

static void ask_page(query_task_t *self);

static bool
page_answered(task_t *task, const reply_t *reply, err_t *err)
{
    query_task_t *self = (query_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    for (size_t i = 0; i < found->n; i++)
        place_entry(self, found->entries[i]);
    self->waiting--;
    ask_page(self);
    return self->waiting > 0 || respond_page(self);
}

static void
ask_page(query_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;

    while (self->next < self->n_page && self->waiting < IN_FLIGHT_MAX) {
        size_t n = self->n_page - self->next < BATCH ? self->n_page - self->next : BATCH;
        const ldap_filter_t **terms = arena_array_of(mem, n, const ldap_filter_t *);
        find_t find = {.scope = exchange->type->scope, .names = self->names};

        for (size_t i = 0; i < n; i++)
            terms[i] = ldap_filter_equal(
                mem, exchange->map->dialect->anchor,
                listing_anchor_format(mem,
                                      self->page + (self->next + i) * LISTING_ANCHOR_SIZE));
        find.filter =
            ldap_filter_and2(mem, map_visible(mem, exchange->type->scope, exchange->now_s),
                             ldap_filter_or(mem, terms, n));
        self->next += n;
        self->waiting++;
        find_entries(&self->task, &find, page_answered);
    }
}

static bool
show_page(query_task_t *self)
{
    self->next = 0;
    if (!self->n_page)
        return respond_page(self);
    self->entries = arena_array_of(self->task.mem, self->n_page, const ldap_entry_t *);
    ask_page(self);
    return true;
}

static bool
page_from_listing(query_task_t *self, int64_t max_age_ms)
{
    const exchange_t *exchange = exchange_of(&self->task);

    if (!self->page)
        self->page = arena_array(self->task.mem, self->count + 1, LISTING_ANCHOR_SIZE);
    return listing_get(exchange->connector->listings, self->key, exchange->now_ms, max_age_ms,
                       self->start, self->count, self->page, &self->n_page, &self->total);
}

/* ---- listing everything ---- */

static bool
list_entry(task_t *task, const ldap_entry_t *entry)
{
    query_task_t *self = (query_task_t *)task;
    str_t id;

    if (self->n_anchors == self->size) {
        self->size = self->size ? self->size * 2 : 1024;
        self->anchors =
            arena_grow(task->mem, self->anchors, self->n_anchors * LISTING_ANCHOR_SIZE,
                       self->size * LISTING_ANCHOR_SIZE, 1);
    }
    if (ldap_entry_first(entry, exchange_of(task)->map->dialect->anchor, &id) &&
        listing_anchor_parse(id, self->anchors + self->n_anchors * LISTING_ANCHOR_SIZE))
        self->n_anchors++;
    return true;
}

/* Without a place in the store the page is cut from what was just listed. */
static void
page_from_anchors(query_task_t *self)
{
    size_t rest = self->start < self->n_anchors ? self->n_anchors - self->start : 0;

    self->total = self->n_anchors;
    self->n_page = rest < self->count ? rest : self->count;
    self->page = self->anchors + (rest ? self->start : 0) * LISTING_ANCHOR_SIZE;
}

static bool
listed(task_t *task, const reply_t *reply, err_t *err)
{
    query_task_t *self = (query_task_t *)task;
    const exchange_t *exchange = exchange_of(task);

    if (!base_check(reply->ldap, exchange->type->scope, reply->tag, "listing", err)) {
        if (reply_is(reply->ldap, LDAP_RC_SIZE_LIMIT))
            err_prefix(
                err,
                "the directory's size limit for the bind identity cuts the listing; raise it");
        return false;
    }
    if (--self->waiting > 0)
        return true;
    listing_sort(self->anchors, self->n_anchors);
    if (self->n_anchors)
        listing_put(exchange->connector->listings, self->key, self->anchors, self->n_anchors,
                    exchange->now_ms);
    page_from_anchors(self);
    return show_page(self);
}

static bool
list_all(query_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const map_scope_t *scope = exchange->type->scope;

    self->waiting = scope->n_bases;
    for (size_t i = 0; i < scope->n_bases; i++) {
        ask_t *ask = task_ask(&self->task, LDAP_OP_SEARCH, listed);

        ask->tag = (uint32_t)i;
        ask->each = list_entry;
        ask->op.lane = LDAP_LANE_BULK;
        ask->op.dn = scope->bases[i].dn;
        ask->op.u.search.depth = scope->depth;
        ask->op.u.search.filter = self->filter;
        ask->op.u.search.attrs = (ldap_names_t){&exchange->map->dialect->anchor, 1};
    }
    return true;
}

/* My turn to list: whoever had it before may have listed what I want. */
static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    query_task_t *self = (query_task_t *)task;

    return page_from_listing(self, self->max_age_ms) ? show_page(self) : list_all(self);
}

/* ---- the first page ---- */

/* A client that begins anew must see what it wrote just before; what others write may be news to
 * it as long as a listing takes. */
static int64_t
first_page_age_ms(const query_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    int64_t since_write = exchange->now_ms - exchange->connector->written_ms - 1;

    return since_write < FIRST_PAGE_AGE_MS ? since_write : FIRST_PAGE_AGE_MS;
}

static bool
first_found(task_t *task, const reply_t *reply, err_t *err)
{
    query_task_t *self = (query_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (found->more || found->n > self->count)
        return task_enter(task, self->key, entered);
    for (size_t i = 0; i < found->n; i++)
        target_remember(task, exchange_of(task)->type, found->entries[i]);
    return respond_list(task, found->entries, found->n, found->n, 1);
}

static bool
translate(query_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;
    const ldap_filter_t *asked = ldap_filter_true();

    if (self->scim_filter) {
        asked = map_filter(mem, exchange->map, exchange->type, self->scim_filter,
                           exchange_links(&self->task), exchange->now_s, err);
        if (!asked)
            return false;
    }
    self->filter = /* what is asked first: it is what decides, mostly */
        ldap_filter_and2(mem, asked, map_visible(mem, exchange->type->scope, exchange->now_s));
    self->key = str_printf(mem, "%.*s %.*s", STR_ARG(exchange->type->scim->name),
                           STR_ARG(ldap_filter_format(mem, asked)));
    return true;
}

static bool
search(query_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    find_t find = {.scope = exchange->type->scope,
                   .filter = self->filter,
                   .names = self->names,
                   .limit = (uint32_t)self->count + 1};

    if (ldap_filter_is_false(self->filter))
        return respond_list(&self->task, NULL, 0, 0, self->start + 1);
    self->max_age_ms =
        self->start == 0 ? first_page_age_ms(self) : exchange->connector->limits.listing_ttl_ms;
    if (page_from_listing(self, self->max_age_ms))
        return show_page(self);
    if (self->start == 0 && self->count > 0)
        return find_entries(&self->task, &find, first_found);
    return task_enter(&self->task, self->key, entered);
}

static bool
references_known(task_t *task, const reply_t *reply, err_t *err)
{
    if (reply && !child_ended(reply, err))
        return false;
    return translate((query_task_t *)task, err) && search((query_task_t *)task);
}

static bool
read_filter(query_task_t *self, err_t *err)
{
    exchange_t *exchange = exchange_of(&self->task);
    scim_quirks_t quirks = exchange->connector->quirks;
    str_t text = exchange->request->query.filter;
    const scim_filter_t *filter;

    if (!text.p)
        return true;
    filter =
        scim_filter_parse(self->task.mem, text, scim_quirk_filter_leniency(quirks), NULL, err);
    if (!filter)
        return false;
    self->scim_filter = scim_quirk_filter(self->task.mem, quirks, exchange->type->scim, filter,
                                          &exchange->facts.quirks);
    return true;
}

static bool
query_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    query_task_t *self = (query_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    str_t *ids = NULL;
    size_t n = 0;

    if (!read_paging(self, err) || (!is_bare_placeholder(self) && !read_filter(self, err)))
        return false;
    if (is_bare_placeholder(self) || is_placeholder(self))
        return respond_list(task, NULL, 0, 0, self->start + 1);
    self->names = map_names(task->mem, exchange->map, exchange->type, &exchange->projection);
    if (self->scim_filter)
        map_filter_ids(task->mem, exchange->type, self->scim_filter, &ids, &n);
    if (!n)
        return references_known(task, NULL, err);
    return resolve_ids(task, ids, n, references_known);
}

root_t
query_root(run_t *run)
{
    return (root_t){&task_new_of(run, "query", query_task_t)->task, query_start};
}
