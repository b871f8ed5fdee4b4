/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/memo.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>

/* Two tables of the same kind, id -> DN and normal DN -> id. Each is set-associative: a key may
 * stand in the few places of its set only, where the oldest gives way. */
enum { WAYS = 8, LOCKS = 64, TEXT_MAX = 512, VERSION_MAX = 64 };

typedef struct {
    char *text; /* key, then value, then version; NULL: free */
    uint64_t hash;
    int64_t seen_ms;
    uint16_t key_n, value_n;
    uint16_t tag;
    uint8_t version_n;
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

/* What stands in a place, or is to stand there. */
typedef struct {
    str_t key, value, version;
    unsigned tag;
    int64_t seen_ms;
} record_t;

static bool
has_value(const place_t *place, str_t value)
{
    return str_eq(str_from(place->text + place->key_n, place->value_n), value);
}

/* Most that is seen was seen before: its text then stays where it is. */
static bool
renew(place_t *place, const record_t *record)
{
    if (!has_value(place, record->value) ||
        (record->version.n && record->version.n != place->version_n))
        return false;
    memcpy(place->text + place->key_n + place->value_n, record->version.p, record->version.n);
    place->seen_ms = record->seen_ms;
    place->tag = (uint16_t)record->tag;
    return true;
}

/* NULL: too long, or no memory. */
static char *
text_of(const record_t *record)
{
    char *text;

    if (record->key.n > TEXT_MAX || record->value.n > TEXT_MAX)
        return NULL;
    text = malloc(record->key.n + record->value.n + record->version.n + 1);
    if (!text)
        return NULL;
    memcpy(text, record->key.p, record->key.n);
    memcpy(text + record->key.n, record->value.p, record->value.n);
    memcpy(text + record->key.n + record->value.n, record->version.p, record->version.n);
    return text;
}

/* Put `text` (taken; NULL: nothing) in the place of what is known of the key. */
static void
replace(table_t *table, uint64_t hash, const record_t *record, char *text)
{
    pthread_mutex_t *lock;
    place_t *set = lock_set(table, hash, &lock);
    place_t *place = find_place(set, hash, record->key);

    if (!place && text)
        place = oldest_place(set);
    if (place) {
        free(place->text);
        *place = (place_t){.text = text,
                           .hash = hash,
                           .seen_ms = record->seen_ms,
                           .key_n = (uint16_t)record->key.n,
                           .value_n = (uint16_t)record->value.n,
                           .version_n = (uint8_t)record->version.n,
                           .tag = (uint16_t)record->tag};
    }
    pthread_mutex_unlock(lock);
}

/* Without memory what was known before is forgotten: it is not so any more. */
static void
put(table_t *table, const record_t *record)
{
    uint64_t hash = hash_bytes(record->key);
    pthread_mutex_t *lock;
    place_t *set = lock_set(table, hash, &lock);
    place_t *place = find_place(set, hash, record->key);
    bool renewed = place && renew(place, record);

    pthread_mutex_unlock(lock);
    if (!renewed)
        replace(table, hash, record, text_of(record));
}

/* What was copied out under the lock, where nothing is allocated. */
typedef struct {
    char text[TEXT_MAX + VERSION_MAX];
    size_t value_n, version_n;
    unsigned tag;
} copy_t;

static bool
get(table_t *table, str_t key, int64_t oldest_ms, copy_t *ret)
{
    uint64_t hash = hash_bytes(key);
    pthread_mutex_t *lock;
    place_t *set = lock_set(table, hash, &lock);
    place_t *place = find_place(set, hash, key);
    bool found = place && place->seen_ms >= oldest_ms;

    if (found) {
        ret->value_n = place->value_n;
        ret->version_n = place->version_n;
        ret->tag = place->tag;
        memcpy(ret->text, place->text + place->key_n, ret->value_n + ret->version_n);
    }
    pthread_mutex_unlock(lock);
    return found;
}

void
memo_put(memo_t *memo, const memo_pair_t *pair, str_t normal_dn, int64_t now_ms)
{
    bool has_version = pair->version.n > 0 && pair->version.n <= VERSION_MAX;
    str_t version = has_version ? pair->version : STR("");
    record_t by_id = {pair->id, pair->dn, version, pair->tag, now_ms};
    record_t by_dn = {normal_dn, pair->id, STR(""), pair->tag, now_ms};

    put(&memo->by_id, &by_id);
    put(&memo->by_dn, &by_dn);
}

bool
memo_find_id(memo_t *memo, arena_t *mem, str_t id, int64_t now_ms, int64_t max_age_ms,
             memo_pair_t *ret_pair)
{
    copy_t copy;

    if (!get(&memo->by_id, id, now_ms - max_age_ms, &copy))
        return false;
    *ret_pair = (memo_pair_t){
        .id = id,
        .dn = str_dup(mem, str_from(copy.text, copy.value_n)),
        .version = str_dup(mem, str_from(copy.text + copy.value_n, copy.version_n)),
        .tag = copy.tag};
    return true;
}

bool
memo_find_dn(memo_t *memo, arena_t *mem, str_t normal_dn, int64_t now_ms, int64_t max_age_ms,
             memo_pair_t *ret_pair)
{
    copy_t copy;

    if (!get(&memo->by_dn, normal_dn, now_ms - max_age_ms, &copy))
        return false;
    *ret_pair = (memo_pair_t){.id = str_dup(mem, str_from(copy.text, copy.value_n)),
                              .dn = normal_dn,
                              .version = STR(""),
                              .tag = copy.tag};
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
