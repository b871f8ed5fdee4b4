/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/lost.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { ROOM = 1024, LIFE_MS = 15 * 60 * 1000, ID_MAX = 128 };

typedef struct {
    uint64_t hash; /* two ids of one hash cost a write, no more */
    int64_t since_ms;
} note_t;

struct lost {
    pthread_mutex_t mutex;
    note_t notes[ROOM];
    size_t n;
    int64_t crowded_ms;   /* when there was no room */
    _Atomic bool crowded; /* then every id may be lost */
    _Atomic size_t any;   /* n, for those who only look: nearly always 0 */
};

lost_t *
lost_new(void)
{
    lost_t *lost = calloc(1, sizeof(*lost));

    if (lost)
        pthread_mutex_init(&lost->mutex, NULL);
    return lost;
}

void
lost_free(lost_t *lost)
{
    if (lost)
        pthread_mutex_destroy(&lost->mutex);
    free(lost);
}

static void
remove_at(lost_t *lost, size_t i)
{
    lost->notes[i] = lost->notes[--lost->n];
    atomic_store(&lost->any, lost->n);
}

static void
remove_old(lost_t *lost, int64_t now_ms)
{
    for (size_t i = lost->n; i-- > 0;)
        if (now_ms - lost->notes[i].since_ms > LIFE_MS)
            remove_at(lost, i);
    if (now_ms - lost->crowded_ms > LIFE_MS)
        atomic_store(&lost->crowded, false);
}

/* Without regard to case, and without memory, which a request that ends may have used up. */
static uint64_t
hash_of(str_t id)
{
    char lower[ID_MAX];
    size_t n = id.n < ID_MAX ? id.n : ID_MAX;

    for (size_t i = 0; i < n; i++)
        lower[i] = char_lower(id.p[i]);
    return hash_bytes(str_from(lower, n));
}

static size_t
find(const lost_t *lost, uint64_t hash)
{
    size_t i = 0;

    while (i < lost->n && lost->notes[i].hash != hash)
        i++;
    return i;
}

void
lost_note(lost_t *lost, str_t id, int64_t now_ms)
{
    uint64_t hash = hash_of(id);
    size_t i;

    pthread_mutex_lock(&lost->mutex);
    remove_old(lost, now_ms);
    i = find(lost, hash);
    if (i < ROOM) {
        lost->notes[i] = (note_t){hash, now_ms};
        lost->n = i < lost->n ? lost->n : i + 1;
        atomic_store(&lost->any, lost->n);
    } else {
        lost->crowded_ms = now_ms;
        atomic_store(&lost->crowded, true);
    }
    pthread_mutex_unlock(&lost->mutex);
}

bool
lost_has(lost_t *lost, str_t id, int64_t now_ms)
{
    bool has;

    if (atomic_load(&lost->any) == 0 && !atomic_load(&lost->crowded))
        return false;
    pthread_mutex_lock(&lost->mutex);
    remove_old(lost, now_ms);
    has = atomic_load(&lost->crowded) || find(lost, hash_of(id)) < lost->n;
    pthread_mutex_unlock(&lost->mutex);
    return has;
}

void
lost_clear(lost_t *lost, str_t id)
{
    size_t i;

    pthread_mutex_lock(&lost->mutex);
    i = find(lost, hash_of(id));
    if (i < lost->n)
        remove_at(lost, i);
    pthread_mutex_unlock(&lost->mutex);
}
