/* SPDX-License-Identifier: Apache-2.0 */
/* Listings that are remembered. */
#include "connector/listing.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { LISTINGS = 32 };

typedef struct {
    char *key;
    size_t key_n;
    unsigned char *bytes; /* where the items end, then the items */
    size_t size;
    listing_t listing;
    int64_t made_ms;
} kept_t;

struct listing_store {
    pthread_mutex_t mutex;
    size_t max_bytes, bytes;
    kept_t kept[LISTINGS];
};

listing_store_t *
listing_store_new(size_t max_bytes)
{
    listing_store_t *store = calloc(1, sizeof(*store));

    if (store) {
        pthread_mutex_init(&store->mutex, NULL);
        store->max_bytes = max_bytes;
    }
    return store;
}

static void
drop(listing_store_t *store, kept_t *kept)
{
    store->bytes -= kept->size;
    free(kept->key);
    free(kept->bytes);
    *kept = (kept_t){0};
}

void
listing_store_free(listing_store_t *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < LISTINGS; i++)
        drop(store, &store->kept[i]);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

static kept_t *
find(listing_store_t *store, str_t key)
{
    for (size_t i = 0; i < LISTINGS; i++) {
        kept_t *kept = &store->kept[i];

        if (kept->key && str_eq(str_from(kept->key, kept->key_n), key))
            return kept;
    }
    return NULL;
}

/* A place for `bytes` more: a free one, as long as the budget lasts; else the oldest gives way. */
static kept_t *
make_room(listing_store_t *store, size_t bytes)
{
    for (;;) {
        kept_t *place = NULL, *oldest = NULL;

        for (size_t i = 0; i < LISTINGS; i++) {
            kept_t *kept = &store->kept[i];

            if (!kept->key)
                place = kept;
            else if (!oldest || kept->made_ms < oldest->made_ms)
                oldest = kept;
        }
        if (place && store->bytes + bytes <= store->max_bytes)
            return place;
        if (!oldest)
            return place;
        drop(store, oldest);
    }
}

/* Put a listing whose memory is made already; older ones give way. */
static void
take_place(listing_store_t *store, const kept_t *made)
{
    kept_t *place = find(store, str_from(made->key, made->key_n));

    if (place)
        drop(store, place);
    place = make_room(store, made->size);
    assert(place);
    *place = *made;
    store->bytes += made->size;
}

static size_t
bytes_of(const listing_t *listing)
{
    if (!listing->ends)
        return listing->n * LISTING_TAIL;
    return listing->n ? listing->ends[listing->n - 1] : 0;
}

/* The ends go first, as they must be aligned. */
static void
copy_listing(kept_t *kept, const listing_t *listing)
{
    size_t n_ends = listing->ends ? listing->n * sizeof(uint32_t) : 0;

    if (n_ends)
        memcpy(kept->bytes, listing->ends, n_ends);
    if (listing->n)
        memcpy(kept->bytes + n_ends, listing->bytes, bytes_of(listing));
    kept->listing = (listing_t){
        .bytes = kept->bytes + n_ends,
        .ends = listing->ends ? (const uint32_t *)(const void *)kept->bytes : NULL,
        .n = listing->n,
    };
}

bool
listing_put(listing_store_t *store, str_t key, const listing_t *listing, int64_t now_ms)
{
    kept_t made = {.key_n = key.n, .made_ms = now_ms};

    made.size = bytes_of(listing) + (listing->ends ? listing->n * sizeof(uint32_t) : 0);
    if (made.size > store->max_bytes)
        return false;
    made.key = malloc(key.n + 1);
    made.bytes = malloc(made.size + 1);
    if (!made.key || !made.bytes) {
        free(made.key);
        free(made.bytes);
        return false;
    }
    memcpy(made.key, key.p, key.n);
    copy_listing(&made, listing);
    pthread_mutex_lock(&store->mutex);
    take_place(store, &made);
    pthread_mutex_unlock(&store->mutex);
    return true;
}

bool
listing_get(listing_store_t *store, str_t key, int64_t now_ms, int64_t max_age_ms,
            const listing_cut_t *cut, listing_page_t *page)
{
    kept_t *kept;
    bool found;

    pthread_mutex_lock(&store->mutex);
    kept = find(store, key);
    found = kept && kept->made_ms >= now_ms - max_age_ms;
    if (found)
        listing_cut(&kept->listing, cut, page);
    pthread_mutex_unlock(&store->mutex);
    return found;
}
