/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/listing.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { LISTINGS = 32 };

typedef struct {
    char *key;
    size_t key_n;
    unsigned char *anchors;
    size_t n;
    int64_t made_ms;
} listing_t;

struct listing_store {
    pthread_mutex_t mutex;
    size_t max_bytes, bytes;
    listing_t listings[LISTINGS];
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
drop(listing_store_t *store, listing_t *listing)
{
    store->bytes -= listing->n * LISTING_ANCHOR_SIZE;
    free(listing->key);
    free(listing->anchors);
    *listing = (listing_t){0};
}

void
listing_store_free(listing_store_t *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < LISTINGS; i++)
        drop(store, &store->listings[i]);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

static listing_t *
find(listing_store_t *store, str_t key)
{
    for (size_t i = 0; i < LISTINGS; i++) {
        listing_t *listing = &store->listings[i];

        if (listing->key && str_eq(str_from(listing->key, listing->key_n), key))
            return listing;
    }
    return NULL;
}

/* A place for `bytes` more: a free one, as long as the budget lasts; else the oldest gives way. */
static listing_t *
make_room(listing_store_t *store, size_t bytes)
{
    for (;;) {
        listing_t *place = NULL, *oldest = NULL;

        for (size_t i = 0; i < LISTINGS; i++) {
            listing_t *listing = &store->listings[i];

            if (!listing->key)
                place = listing;
            else if (!oldest || listing->made_ms < oldest->made_ms)
                oldest = listing;
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
take_place(listing_store_t *store, const listing_t *made)
{
    listing_t *place = find(store, str_from(made->key, made->key_n));

    if (place)
        drop(store, place);
    place = make_room(store, made->n * LISTING_ANCHOR_SIZE);
    assert(place);
    *place = *made;
    store->bytes += made->n * LISTING_ANCHOR_SIZE;
}

bool
listing_put(listing_store_t *store, str_t key, const unsigned char *anchors, size_t n,
            int64_t now_ms)
{
    listing_t made = {.key_n = key.n, .n = n, .made_ms = now_ms};

    if (n > store->max_bytes / LISTING_ANCHOR_SIZE)
        return false;
    made.key = malloc(key.n + 1);
    made.anchors = malloc(n * LISTING_ANCHOR_SIZE + 1);
    if (!made.key || !made.anchors) {
        free(made.key);
        free(made.anchors);
        return false;
    }
    memcpy(made.key, key.p, key.n);
    memcpy(made.anchors, anchors, n * LISTING_ANCHOR_SIZE);
    pthread_mutex_lock(&store->mutex);
    take_place(store, &made);
    pthread_mutex_unlock(&store->mutex);
    return true;
}

bool
listing_get(listing_store_t *store, str_t key, int64_t now_ms, int64_t max_age_ms, size_t from,
            size_t max, unsigned char *ret_anchors, size_t *ret_n, size_t *ret_total)
{
    listing_t *listing;
    bool found;

    pthread_mutex_lock(&store->mutex);
    listing = find(store, key);
    found = listing && listing->made_ms >= now_ms - max_age_ms;
    if (found) {
        size_t n = from < listing->n ? listing->n - from : 0;

        *ret_n = n < max ? n : max;
        *ret_total = listing->n;
        memcpy(ret_anchors,
               listing->anchors + (from < listing->n ? from : 0) * LISTING_ANCHOR_SIZE,
               *ret_n * LISTING_ANCHOR_SIZE);
    }
    pthread_mutex_unlock(&store->mutex);
    return found;
}

bool
listing_anchor_parse(str_t text, unsigned char anchor[LISTING_ANCHOR_SIZE])
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        int digit = char_hex(text.p[i]);

        if (text.p[i] == '-')
            continue;
        if (digit < 0 || n == 2 * LISTING_ANCHOR_SIZE)
            return false;
        anchor[n / 2] = (unsigned char)(n % 2 ? anchor[n / 2] | digit : digit << 4);
        n++;
    }
    return n == 2 * LISTING_ANCHOR_SIZE;
}

str_t
listing_anchor_format(arena_t *mem, const unsigned char anchor[LISTING_ANCHOR_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(mem, 37);
    size_t n = 0;

    for (size_t i = 0; i < LISTING_ANCHOR_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[n++] = '-';
        text[n++] = digits[anchor[i] >> 4];
        text[n++] = digits[anchor[i] & 15];
    }
    return str_from(text, n);
}

static int
by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, LISTING_ANCHOR_SIZE);
}

void
listing_sort(unsigned char *anchors, size_t n)
{
    if (n > 1)
        qsort(anchors, n, LISTING_ANCHOR_SIZE, by_bytes);
}
