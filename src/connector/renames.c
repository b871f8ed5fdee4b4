/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/renames.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 256, ID_MAX = 64, DN_MAX = 1024 };

typedef struct {
    char id[ID_MAX], dn[DN_MAX];
    size_t n_id, n_dn; /* n_id 0: free */
    uint64_t name;     /* hash of the DN's normal form */
} note_t;

struct renames {
    pthread_mutex_t mutex;
    note_t notes[ROOM];
    size_t next;        /* to be overwritten when there is no room */
    _Atomic size_t any; /* notes there are, for those who only look: nearly always 0 */
};

renames_t *
renames_new(void)
{
    renames_t *renames = calloc(1, sizeof(*renames));

    if (renames)
        pthread_mutex_init(&renames->mutex, NULL);
    return renames;
}

void
renames_free(renames_t *renames)
{
    if (renames)
        pthread_mutex_destroy(&renames->mutex);
    free(renames);
}

static note_t *
find(renames_t *renames, str_t id)
{
    for (size_t i = 0; i < ROOM; i++)
        if (renames->notes[i].n_id == id.n && memcmp(renames->notes[i].id, id.p, id.n) == 0)
            return &renames->notes[i];
    return NULL;
}

void
renames_note(renames_t *renames, str_t id, str_t old_dn, str_t normal)
{
    note_t *note;

    if (!id.n || id.n > ID_MAX || old_dn.n > DN_MAX)
        return;
    pthread_mutex_lock(&renames->mutex);
    note = find(renames, id) ? NULL : find(renames, STR(""));
    if (!note && !find(renames, id)) {
        note = &renames->notes[renames->next];
        renames->next = (renames->next + 1) % ROOM;
    }
    if (note) {
        atomic_fetch_add(&renames->any, note->n_id == 0);
        memcpy(note->id, id.p, id.n);
        memcpy(note->dn, old_dn.p, old_dn.n);
        note->n_id = id.n;
        note->n_dn = old_dn.n;
        note->name = hash_bytes(normal);
    }
    pthread_mutex_unlock(&renames->mutex);
}

bool
renames_find(renames_t *renames, arena_t *mem, str_t id, str_t *ret_old_dn)
{
    char dn[DN_MAX];
    const note_t *note;
    size_t n = 0;

    if (!id.n || atomic_load(&renames->any) == 0)
        return false;
    pthread_mutex_lock(&renames->mutex);
    note = find(renames, id);
    if (note) {
        n = note->n_dn;
        memcpy(dn, note->dn, n);
    }
    pthread_mutex_unlock(&renames->mutex);
    if (n > 0)
        *ret_old_dn = str_dup(mem, str_from(dn, n));
    return n > 0;
}

bool
renames_find_name(renames_t *renames, arena_t *mem, str_t normal, str_t *ret_id)
{
    uint64_t name = hash_bytes(normal);
    char id[ID_MAX];
    size_t n = 0;

    if (atomic_load(&renames->any) == 0)
        return false;
    pthread_mutex_lock(&renames->mutex);
    for (size_t i = 0; i < ROOM && n == 0; i++) {
        const note_t *note = &renames->notes[i];

        if (note->n_id > 0 && note->name == name) {
            n = note->n_id;
            memcpy(id, note->id, n);
        }
    }
    pthread_mutex_unlock(&renames->mutex);
    if (n > 0)
        *ret_id = str_dup(mem, str_from(id, n));
    return n > 0;
}

void
renames_clear(renames_t *renames, str_t id)
{
    note_t *note;

    pthread_mutex_lock(&renames->mutex);
    note = id.n ? find(renames, id) : NULL;
    if (note) {
        note->n_id = 0;
        atomic_fetch_sub(&renames->any, 1);
    }
    pthread_mutex_unlock(&renames->mutex);
}
