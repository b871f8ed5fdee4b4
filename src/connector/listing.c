/* SPDX-License-Identifier: Apache-2.0 */
/* Making a listing, and cutting pages from it. */
#include "connector/listing.h"

#include <stdlib.h>

enum { CHUNK_SIZE = 32 * 1024 };

/* ---- the draft ---- */

/* Never moved, so that no item is copied while the list grows. */
struct listing_chunk {
    listing_chunk_t *next;
    size_t used;
    unsigned char bytes[CHUNK_SIZE]; /* items, each after its length in two bytes */
};

void
listing_draft_init(listing_draft_t *draft, arena_t *mem, bool sorted)
{
    *draft = (listing_draft_t){.mem = mem, .sorted = sorted};
}

static unsigned char *
draft_room(listing_draft_t *draft, size_t n)
{
    listing_chunk_t *chunk = draft->last;
    unsigned char *place;

    if (!chunk || sizeof(chunk->bytes) - chunk->used < n + 2) {
        chunk = arena_new_of(draft->mem, listing_chunk_t);
        if (draft->last)
            draft->last->next = chunk;
        else
            draft->first = chunk;
        draft->last = chunk;
    }
    place = chunk->bytes + chunk->used;
    place[0] = (unsigned char)(n >> 8);
    place[1] = (unsigned char)n;
    chunk->used += n + 2;
    return place + 2;
}

void
listing_draft_add(listing_draft_t *draft, str_t key, unsigned type,
                  const unsigned char anchor[LISTING_ANCHOR_SIZE])
{
    size_t n_key = key.n < LISTING_KEY_MAX ? key.n : LISTING_KEY_MAX;
    size_t n_head = draft->sorted ? n_key + 1 : 0;
    unsigned char *place = draft_room(draft, n_head + LISTING_TAIL);

    if (draft->sorted) {
        memcpy(place, key.p, n_key);
        place[n_key] = '\0';
    }
    place[n_head] = (unsigned char)type;
    memcpy(place + n_head + 1, anchor, LISTING_ANCHOR_SIZE);
    draft->n++;
    draft->bytes += n_head + LISTING_TAIL;
}

size_t
listing_draft_size(const listing_draft_t *draft)
{
    return draft->bytes + (draft->sorted ? draft->n * sizeof(uint32_t) : 0);
}

static str_t
drafted_item(const unsigned char *place)
{
    return str_from((const char *)place + 2, (size_t)place[0] << 8 | place[1]);
}

static int
by_bytes(const void *a, const void *b)
{
    return str_cmp(drafted_item(*(unsigned char *const *)a),
                   drafted_item(*(unsigned char *const *)b));
}

static unsigned char **
sort_draft(const listing_draft_t *draft)
{
    unsigned char **places = arena_array_of(draft->mem, draft->n, unsigned char *);
    size_t n = 0;

    for (listing_chunk_t *chunk = draft->first; chunk; chunk = chunk->next)
        for (size_t at = 0; at < chunk->used; at += drafted_item(chunk->bytes + at).n + 2)
            places[n++] = chunk->bytes + at;
    if (n > 1)
        qsort(places, n, sizeof(*places), by_bytes);
    return places;
}

listing_t
listing_finish(const listing_draft_t *draft)
{
    unsigned char **places = sort_draft(draft);
    unsigned char *bytes = arena_alloc(draft->mem, draft->bytes);
    uint32_t *ends = draft->sorted ? arena_array_of(draft->mem, draft->n, uint32_t) : NULL;
    size_t at = 0;

    for (size_t i = 0; i < draft->n; i++) {
        str_t item = drafted_item(places[i]);

        memcpy(bytes + at, item.p, item.n);
        at += item.n;
        if (ends)
            ends[i] = (uint32_t)at;
    }
    return (listing_t){.bytes = bytes, .ends = ends, .n = draft->n};
}

/* ---- pages ---- */

static str_t
item_at(const listing_t *listing, size_t i)
{
    const char *bytes = (const char *)listing->bytes;
    size_t from = !listing->ends ? i * LISTING_TAIL : i ? listing->ends[i - 1] : 0;

    return str_from(bytes + from, listing->ends ? listing->ends[i] - from : LISTING_TAIL);
}

str_t
listing_item_tail(str_t item)
{
    return str_skip(item, item.n - LISTING_TAIL);
}

/* How many items stand before this one; with `equal` itself included. */
static size_t
count_before(const listing_t *listing, str_t item, bool equal)
{
    size_t low = 0, high = listing->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(item_at(listing, middle), item);

        if (order < 0 || (order == 0 && equal))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Its places in the order of reading, from *ret_start to before the end that is returned. */
static size_t
find_slice(const listing_t *listing, const listing_cut_t *cut, size_t *ret_start)
{
    size_t n = listing->n, start = cut->start, edge;

    if (cut->beside.p) {
        edge = count_before(listing, cut->beside, cut->descending == cut->before);
        edge = cut->descending ? n - edge : edge;
        if (cut->before) {
            *ret_start = edge < cut->max ? 0 : edge - cut->max;
            return edge;
        }
        start = edge;
    }
    if (start > n)
        start = n;
    *ret_start = start;
    return n - start < cut->max ? n : start + cut->max;
}

void
listing_cut(const listing_t *listing, const listing_cut_t *cut, listing_page_t *page)
{
    size_t start, end = find_slice(listing, cut, &start);

    page->total = listing->n;
    page->start = start;
    page->n = end - start;
    for (size_t i = start; i < end; i++) {
        str_t item = item_at(listing, cut->descending ? listing->n - 1 - i : i);

        memcpy(page->tails + (i - start) * LISTING_TAIL, listing_item_tail(item).p,
               LISTING_TAIL);
        if (i == start) {
            memcpy(page->first, item.p, item.n);
            page->first_n = item.n;
        }
        if (i == end - 1) {
            memcpy(page->last, item.p, item.n);
            page->last_n = item.n;
        }
    }
}
