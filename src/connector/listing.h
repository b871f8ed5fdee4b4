/* SPDX-License-Identifier: Apache-2.0 */
/* connector/listing.h - a long result as sorted items, remembered between its pages.
 *
 * Paging (RFC 7644 §3.4.2.4, RFC 9865) needs a stable order and a total. A long result is
 * listed once; every page then reads its own slice by anchor. An item is
 *   the key that it is sorted by and a NUL, both only in a sorted listing;
 *   the number of its resource type, one byte; its anchor, 16 bytes
 * so that the order of bytes is the order of the result. */
#ifndef CONNECTOR_LISTING_H
#define CONNECTOR_LISTING_H

#include "base/arena.h"
#include "base/str.h"
#include "map/anchor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LISTING_ANCHOR_SIZE = MAP_ANCHOR_SIZE,
    LISTING_TAIL = 1 + LISTING_ANCHOR_SIZE,
    LISTING_KEY_MAX = 240, /* bytes of a sort key; items that agree so far tie */
    LISTING_ITEM_MAX = LISTING_KEY_MAX + 1 + LISTING_TAIL
};

/* ---- making one ---- */

/* Ascending. */
typedef struct {
    const unsigned char *bytes;
    const uint32_t *ends; /* where each item ends; NULL: each is LISTING_TAIL long */
    size_t n;
} listing_t;

/* Items in the order in which they come. */
typedef struct listing_chunk listing_chunk_t;
typedef struct {
    arena_t *mem;
    listing_chunk_t *first, *last;
    size_t n, bytes;
    bool sorted; /* items have keys */
} listing_draft_t;

void listing_draft_init(listing_draft_t *draft, arena_t *mem, bool sorted);
/* `key` has no NUL; what is longer than LISTING_KEY_MAX is cut. */
void listing_draft_add(listing_draft_t *draft, str_t key, unsigned type,
                       const unsigned char anchor[LISTING_ANCHOR_SIZE]);
/* What the listing of the draft will take, in bytes. */
size_t listing_draft_size(const listing_draft_t *draft);
listing_t listing_finish(const listing_draft_t *draft);

/* Where the key ends and the rest of an item begins. */
str_t listing_item_tail(str_t item);

/* ---- a page of one ---- */

/* Which items a page shows. Places count from 0 in the order of reading. */
typedef struct {
    bool descending;
    size_t start; /* when there is no item beside it */
    str_t beside; /* p NULL: none. The page begins after this item, or ends before it */
    bool before;
    size_t max;
} listing_cut_t;

typedef struct {
    unsigned char *tails; /* room for cut->max of LISTING_TAIL bytes: the items' tails */
    size_t n, total, start;
    char first[LISTING_ITEM_MAX], last[LISTING_ITEM_MAX]; /* the page's edges, when n > 0 */
    size_t first_n, last_n;
} listing_page_t;

void listing_cut(const listing_t *listing, const listing_cut_t *cut, listing_page_t *page);

/* ---- remembering: shared, bounded in bytes and age ---- */

typedef struct listing_store listing_store_t;

listing_store_t *listing_store_new(size_t max_bytes) MUST_USE;
void listing_store_free(listing_store_t *store);

/* Remember a listing under `key`, instead of what was there. false: too large for the budget. */
bool listing_put(listing_store_t *store, str_t key, const listing_t *listing, int64_t now_ms);

/* Cut a page from a listing that is not older than `max_age_ms`. false: there is none. */
bool listing_get(listing_store_t *store, str_t key, int64_t now_ms, int64_t max_age_ms,
                 const listing_cut_t *cut, listing_page_t *page) MUST_USE;

#endif
