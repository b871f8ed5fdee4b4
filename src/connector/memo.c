/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/memo.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>

/* Two tables of the same kind, id -> DN and normal DN -> id. Each is set-associative: a key may
 * stand in the few places of its set only, where the oldest gives way. */
enum { WAYS = 8, LOCKS = 64, TEXT_MAX = 512 };

typedef struct {
    char *text; /* key, then value; NULL: free */
    uint64_t hash;
    int64_t seen_ms;
    uint16_t key_n, value_n;
    uint16_t tag;
} place_t;

typedef struct {
    place_t *places;
    size_t n_sets;
    pthread_mutex_t locks[LOCKS];
} table_t;

struct memo {
    table_t by_id, by_dn;
};

static bool
init_table(table_t *table, size_t max_entries)
{
    table->n_sets = max_entries / WAYS + 1;
    table->places = calloc(table->n_sets * WAYS, sizeof(place_t));
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&table->locks[i], NULL);
    return table->places != NULL;
}

static void
fini_table(table_t *table)
{
    for (size_t i = 0; table->places && i < table->n_sets * WAYS; i++)
        free(table->places[i].text);
    free(table->places);
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&table->locks[i]);
}

memo_t *
memo_new(size_t max_entries)
{
    memo_t *memo = calloc(1, sizeof(*memo));

    if (!memo)
        return NULL;
    if (!init_table(&memo->by_id, max_entries) | !init_table(&memo->by_dn, max_entries)) {
        memo_free(memo);
        return NULL;
    }
    return memo;
}

void
memo_free(memo_t *memo)
{
    if (!memo)
        return;
    fini_table(&memo->by_id);
    fini_table(&memo->by_dn);
    free(memo);
}

static place_t *
lock_set(table_t *table, uint64_t hash, pthread_mutex_t **ret_lock)
{
    size_t set = (size_t)(hash % table->n_sets);

    *ret_lock = &table->locks[set % LOCKS];
    pthread_mutex_lock(*ret_lock);
    return table->places + set * WAYS;
}

static place_t *
find_place(place_t *set, uint64_t hash, str_t key)
{
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].text && set[i].hash == hash &&
            str_eq(str_from(set[i].text, set[i].key_n), key))
            return &set[i];
    return NULL;
}

static place_t *
oldest_place(place_t *set)
{
    place_t *oldest = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (!set[i].text)
            return &set[i];
        if (set[i].seen_ms < oldest->seen_ms)
            oldest = &set[i];
    }
    return oldest;
}

static void
forget(table_t *table, str_t key)
{
    uint64_t hash = hash_bytes(key);
    pthread_mutex_t *lock;
    place_t *set = lock_set(table, hash, &lock);
    place_t *place = find_place(set, hash, key);

    if (place) {
        free(place->text);
        *place = (place_t){0};
    }
    pthread_mutex_unlock(lock);
}

static void
put(table_t *table, str_t key, str_t value, unsigned tag, int64_t now_ms)
{
    uint64_t hash = hash_bytes(key);
    pthread_mutex_t *lock;
    place_t *set, *place;
    char *text;

    text = key.n <= TEXT_MAX && value.n <= TEXT_MAX ? malloc(key.n + value.n + 1) : NULL;
    if (!text) {
        forget(table, key); /* what was known before is not so any more */
        return;
    }
    memcpy(text, key.p, key.n);
    memcpy(text + key.n, value.p, value.n);
    set = lock_set(table, hash, &lock);
    place = find_place(set, hash, key);
    if (!place)
        place = oldest_place(set);
    free(place->text);
    *place = (place_t){text, hash, now_ms, (uint16_t)key.n, (uint16_t)value.n, (uint16_t)tag};
    pthread_mutex_unlock(lock);
}

/* Copy the value out under the lock; nothing is allocated there. */
static bool
get(table_t *table, str_t key, int64_t oldest_ms, char value[TEXT_MAX], size_t *ret_n,
    unsigned *ret_tag)
{
    uint64_t hash = hash_bytes(key);
    pthread_mutex_t *lock;
    place_t *set = lock_set(table, hash, &lock);
    place_t *place = find_place(set, hash, key);
    bool found = place && place->seen_ms >= oldest_ms;

    if (found) {
        memcpy(value, place->text + place->key_n, place->value_n);
        *ret_n = place->value_n;
        *ret_tag = place->tag;
    }
    pthread_mutex_unlock(lock);
    return found;
}

void
memo_put(memo_t *memo, str_t id, str_t dn, str_t normal_dn, unsigned tag, int64_t now_ms)
{
    put(&memo->by_id, id, dn, tag, now_ms);
    put(&memo->by_dn, normal_dn, id, tag, now_ms);
}

bool
memo_find_id(memo_t *memo, arena_t *mem, str_t id, int64_t now_ms, int64_t max_age_ms,
             memo_pair_t *ret_pair)
{
    char dn[TEXT_MAX];
    size_t n;
    unsigned tag;

    if (!get(&memo->by_id, id, now_ms - max_age_ms, dn, &n, &tag))
        return false;
    *ret_pair = (memo_pair_t){id, str_dup(mem, str_from(dn, n)), tag};
    return true;
}

bool
memo_find_dn(memo_t *memo, arena_t *mem, str_t normal_dn, int64_t now_ms, int64_t max_age_ms,
             memo_pair_t *ret_pair)
{
    char id[TEXT_MAX];
    size_t n;
    unsigned tag;

    if (!get(&memo->by_dn, normal_dn, now_ms - max_age_ms, id, &n, &tag))
        return false;
    *ret_pair = (memo_pair_t){str_dup(mem, str_from(id, n)), normal_dn, tag};
    return true;
}

void
memo_forget_id(memo_t *memo, str_t id)
{
    forget(&memo->by_id, id);
}

void
memo_forget_dn(memo_t *memo, str_t normal_dn)
{
    forget(&memo->by_dn, normal_dn);
}
