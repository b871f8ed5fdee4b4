/* SPDX-License-Identifier: Apache-2.0 */
/* connector/listing.h - the anchors of a long result, remembered between its pages.
 *
 * Index paging (RFC 7644 §3.4.2.4) needs a stable order and a total. A long result is listed once, as sorted
 * anchors of 16 bytes; every page reads its own slice by anchor. Shared, bounded in bytes and age. */
#ifndef CONNECTOR_LISTING_H
#define CONNECTOR_LISTING_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LISTING_ANCHOR_SIZE = 16 };

typedef struct listing_store listing_store_t;

listing_store_t *listing_store_new(size_t max_bytes) MUST_USE;
void listing_store_free(listing_store_t *store);

/* Remember `n` sorted anchors under `key` (type and filter), instead of what was there. false: too large for the budget. */
bool listing_put(listing_store_t *store, str_t key, const unsigned char *anchors, size_t n,
                 int64_t now_ms);

/* Copy the anchors from place `from` on, at most `max`, of a listing not older than `max_age_ms`. false: none. */
bool listing_get(listing_store_t *store, str_t key, int64_t now_ms, int64_t max_age_ms,
                 size_t from, size_t max, unsigned char *ret_anchors, size_t *ret_n,
                 size_t *ret_total) MUST_USE;

/* "8d2f…-…" <-> 16 bytes. */
bool listing_anchor_parse(str_t text, unsigned char anchor[LISTING_ANCHOR_SIZE]) MUST_USE;
str_t listing_anchor_format(arena_t *mem, const unsigned char anchor[LISTING_ANCHOR_SIZE]);

void listing_sort(unsigned char *anchors, size_t n);

#endif
