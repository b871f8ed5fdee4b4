/* SPDX-License-Identifier: Apache-2.0 */
/* One page: its entries by anchor, a hundred to a search, so that a deep page costs what the first
 * one does. */
#include "connector/query.h"

#include <stdlib.h>

enum { BATCH = 100, IN_FLIGHT_MAX = 8, TEXT_MAX = 64 * 1024 * 1024 };

/* ---- the answer ---- */

static str_t
cursor_beside(const query_task_t *self, str_t item, bool before)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const cursor_t cursor = {.item = item, .before = before};

    return cursor_format(self->task.mem, &exchange->connector->cursor_key, &self->question,
                         &cursor, exchange->now_s + exchange->connector->limits.cursor_ttl_s);
}

static void
add_cursors(const query_task_t *self, list_t *list)
{
    const listing_page_t *page = &self->page;

    if (!self->by_cursor || !page->n)
        return;
    if (page->start + page->n < page->total)
        list->next = cursor_beside(self, str_from(page->last, page->last_n), false);
    if (page->start > 0)
        list->previous = cursor_beside(self, str_from(page->first, page->first_n), true);
}

/* Entries that are gone since they were listed leave no gap. */
static bool
respond_page(query_task_t *self)
{
    list_t list = {.resources = self->shown, .total = self->page.total, .text = &self->text};

    for (size_t i = 0; i < self->page.n; i++)
        if (self->shown[i].entry || self->shown[i].written)
            self->shown[list.n++] = self->shown[i];
    if (!self->by_cursor)
        list.start_index = self->cut.start + 1;
    add_cursors(self, &list);
    return respond_list(&self->task, &list);
}

bool
query_show_nothing(query_task_t *self, size_t total)
{
    self->page.total = total;
    self->page.n = 0;
    return respond_page(self);
}

/* ---- places ---- */

void
query_page_init(query_task_t *self)
{
    if (!self->page.tails)
        self->page.tails = arena_array(self->task.mem, self->cut.max + 1, LISTING_TAIL);
}

static int
by_tail(const void *a, const void *b)
{
    return memcmp(a, b, LISTING_TAIL);
}

static void
make_spots(query_task_t *self)
{
    const listing_page_t *page = &self->page;

    self->shown = arena_array_of(self->task.mem, page->n + 1, shown_t);
    self->spots = arena_array_of(self->task.mem, page->n + 1, query_spot_t);
    for (size_t i = 0; i < page->n; i++) {
        memcpy(self->spots[i].tail, page->tails + i * LISTING_TAIL, LISTING_TAIL);
        self->spots[i].place = (uint32_t)i;
    }
    if (page->n > 1)
        qsort(self->spots, page->n, sizeof(*self->spots), by_tail);
}

/* Where the entry is to be shown; NULL: nowhere on this page. */
static shown_t *
place_of(query_task_t *self, const query_part_t *part, const ldap_entry_t *entry)
{
    unsigned char tail[LISTING_TAIL];
    const query_spot_t *spot;
    const map_t *map = exchange_of(&self->task)->map;
    shown_t *shown;
    str_t id;

    tail[0] = (unsigned char)part->number;
    if (!map_anchor_of(self->task.mem, map, entry, &id) || !map_anchor_pack(map, id, tail + 1))
        return NULL;
    spot = bsearch(tail, self->spots, self->page.n, sizeof(*spot), by_tail);
    if (!spot)
        return NULL;
    shown = &self->shown[spot->place];
    *shown = (shown_t){.type = part->type, .projection = &part->projection};
    return shown;
}

bool
query_show_found(query_task_t *self)
{
    make_spots(self);
    for (size_t i = 0; i < self->n_found; i++) {
        shown_t *shown = place_of(self, self->found_part[i], self->found[i]);

        if (shown)
            shown->entry = self->found[i];
    }
    return respond_page(self);
}

/* ---- reading ---- */

static void ask_page(query_task_t *self);

/* Written at once, while the directory is still busy with the next ones; what refers to others
 * waits until they are resolved. */
static void
take_entry(task_t *task, uint32_t tag, const ldap_entry_t *entry)
{
    query_task_t *self = (query_task_t *)task;
    shown_t *shown = place_of(self, &self->parts[tag], entry);

    if (!shown)
        return;
    prepare_resource(task, shown, entry, &self->text);
    if (!shown->written)
        shown->entry = ldap_entry_copy(task->mem, entry);
}

static bool
page_answered(task_t *task, const reply_t *reply, err_t *err)
{
    query_task_t *self = (query_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->waiting--;
    ask_page(self);
    return self->waiting > 0 || respond_page(self);
}

static uint32_t
part_of(const query_task_t *self, const query_spot_t *spot)
{
    uint32_t i = 0;

    while (i < self->n_parts - 1 && self->parts[i].number != spot->tail[0])
        i++;
    return i;
}

/* How many of the next spots one search can read: they are of one type. */
static size_t
batch_size(const query_task_t *self)
{
    const query_spot_t *first = &self->spots[self->next];
    size_t n = 1;

    while (n < BATCH && self->next + n < self->page.n && first[n].tail[0] == first->tail[0])
        n++;
    return n;
}

static const ldap_filter_t *
batch_filter(const query_task_t *self, const query_part_t *part, const query_spot_t *spots,
             size_t n)
{
    const exchange_t *exchange = exchange_of(&self->task);
    arena_t *mem = self->task.mem;
    const ldap_filter_t **terms = arena_array_of(mem, n, const ldap_filter_t *);

    for (size_t i = 0; i < n; i++)
        terms[i] = map_anchor_is(mem, exchange->map,
                                 map_anchor_unpack(mem, exchange->map, spots[i].tail + 1));
    return ldap_filter_and2(mem, map_visible(mem, part->type->scope, exchange->now_s),
                            ldap_filter_or(mem, terms, n));
}

static void
ask_page(query_task_t *self)
{
    while (self->next < self->page.n && self->waiting < IN_FLIGHT_MAX) {
        const query_spot_t *spots = &self->spots[self->next];
        uint32_t at = part_of(self, spots);
        const query_part_t *part = &self->parts[at];
        size_t n = batch_size(self);
        find_t find = {.scope = part->type->scope,
                       .filter = batch_filter(self, part, spots, n),
                       .names = part->names,
                       .tag = at,
                       .each = take_entry};

        self->next += n;
        self->waiting++;
        find_entries(&self->task, &find, page_answered);
    }
}

bool
query_show(query_task_t *self)
{
    if (!self->page.n)
        return respond_page(self);
    make_spots(self);
    buf_init(&self->text, self->task.mem, TEXT_MAX);
    self->next = 0;
    ask_page(self);
    return true;
}
