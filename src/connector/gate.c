/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/gate.h"

#include "base/hash.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { SHARDS = 64, BUCKETS = 32 };

typedef struct {
    pthread_mutex_t mutex;
    gate_wait_t *holders[BUCKETS]; /* each with its queue behind it in `next` */
} shard_t;

struct gate_table {
    shard_t shards[SHARDS];
};

gate_table_t *
gate_table_new(void)
{
    gate_table_t *table = calloc(1, sizeof(*table));

    for (size_t i = 0; table && i < SHARDS; i++)
        pthread_mutex_init(&table->shards[i].mutex, NULL);
    return table;
}

void
gate_table_free(gate_table_t *table)
{
    for (size_t i = 0; table && i < SHARDS; i++)
        pthread_mutex_destroy(&table->shards[i].mutex);
    free(table);
}

bool
gate_table_is_empty(gate_table_t *table)
{
    bool is_empty = true;

    for (size_t i = 0; i < SHARDS; i++) {
        shard_t *shard = &table->shards[i];

        pthread_mutex_lock(&shard->mutex);
        for (size_t j = 0; j < BUCKETS; j++)
            is_empty &= shard->holders[j] == NULL;
        pthread_mutex_unlock(&shard->mutex);
    }
    return is_empty;
}

static shard_t *
lock_shard(gate_table_t *table, str_t key, size_t *ret_bucket)
{
    uint64_t hash = hash_bytes(key);
    shard_t *shard = &table->shards[hash % SHARDS];

    *ret_bucket = (size_t)(hash / SHARDS % BUCKETS);
    pthread_mutex_lock(&shard->mutex);
    return shard;
}

/* Where the holder of `key` is linked, or the end of the bucket. */
static gate_wait_t **
find_holder(shard_t *shard, size_t bucket, str_t key)
{
    gate_wait_t **at = &shard->holders[bucket];

    while (*at && !str_eq((*at)->key, key))
        at = &(*at)->next_gate;
    return at;
}

bool
gate_enter(gate_table_t *table, gate_wait_t *wait)
{
    size_t bucket;
    shard_t *shard = lock_shard(table, wait->key, &bucket);
    gate_wait_t **at = find_holder(shard, bucket, wait->key);
    bool is_free = *at == NULL;

    wait->next = wait->next_gate = NULL;
    wait->settled = wait->left_open = wait->has_collected = false;
    wait->ticket = 0;
    if (is_free) {
        *at = wait;
    } else {
        gate_wait_t *last = *at;

        while (last->next)
            last = last->next;
        last->next = wait;
    }
    pthread_mutex_unlock(&shard->mutex);
    return is_free;
}

/* All but the first `n`. */
static void
forget_tickets(gate_wait_t *holder, size_t n)
{
    for (gate_wait_t *wait = holder->next; holder->has_collected && wait; wait = wait->next)
        if (wait->ticket > n)
            wait->ticket = 0;
    holder->has_collected &= n > 0;
}

static void
leave_open(gate_wait_t *holder)
{
    for (gate_wait_t *wait = holder->next; holder->has_collected && wait; wait = wait->next)
        wait->left_open |= wait->ticket > 0;
    forget_tickets(holder, 0);
}

void
gate_leave(gate_table_t *table, gate_wait_t *wait)
{
    size_t bucket;
    shard_t *shard;
    gate_wait_t **at, *heir;

    if (wait->settled) /* it never was inside */
        return;
    shard = lock_shard(table, wait->key, &bucket);
    at = find_holder(shard, bucket, wait->key);
    heir = wait->next;
    assert(*at == wait);
    leave_open(wait);
    if (heir) {
        heir->next_gate = wait->next_gate;
        *at = heir;
        heir->grant(heir);
    } else {
        *at = wait->next_gate;
    }
    pthread_mutex_unlock(&shard->mutex);
}

bool
gate_give_up(gate_table_t *table, gate_wait_t *wait)
{
    size_t bucket;
    shard_t *shard = lock_shard(table, wait->key, &bucket);
    gate_wait_t *before = *find_holder(shard, bucket, wait->key);
    bool waits = before != wait && !wait->settled;

    if (waits) {
        while (before && before->next != wait)
            before = before->next;
        assert(before);
        before->next = wait->next;
    }
    pthread_mutex_unlock(&shard->mutex);
    return waits;
}

/* ---- offers ---- */

bool
gate_is_awaited(gate_table_t *table, const gate_wait_t *holder)
{
    size_t bucket;
    shard_t *shard = lock_shard(table, holder->key, &bucket);
    bool awaited = holder->next && holder->next->offer.n > 0;

    pthread_mutex_unlock(&shard->mutex);
    return awaited;
}

static bool
copy_offer(gate_offers_t *offers, size_t *used, str_t offer)
{
    if (!offer.n || offers->n == offers->max || offer.n > offers->size - *used)
        return false;
    memcpy(offers->bytes + *used, offer.p, offer.n);
    offers->offers[offers->n++] = str_from(offers->bytes + *used, offer.n);
    *used += offer.n;
    return true;
}

void
gate_collect(gate_table_t *table, gate_wait_t *holder, gate_offers_t *offers)
{
    size_t bucket, used = 0;
    shard_t *shard = lock_shard(table, holder->key, &bucket);

    forget_tickets(holder, 0);
    offers->n = 0;
    for (gate_wait_t *wait = holder->next; wait; wait = wait->next) {
        if (!copy_offer(offers, &used, wait->offer))
            break;
        wait->ticket = offers->n;
        holder->has_collected = true;
    }
    pthread_mutex_unlock(&shard->mutex);
}

void
gate_take(gate_table_t *table, gate_wait_t *holder, size_t n)
{
    size_t bucket;
    shard_t *shard = lock_shard(table, holder->key, &bucket);

    forget_tickets(holder, n);
    pthread_mutex_unlock(&shard->mutex);
}

size_t
gate_settle(gate_table_t *table, gate_wait_t *holder)
{
    size_t bucket, settled = 0;
    shard_t *shard = lock_shard(table, holder->key, &bucket);

    for (gate_wait_t **at = &holder->next; *at;) {
        gate_wait_t *wait = *at;

        if (wait->ticket == 0) {
            at = &wait->next;
            continue;
        }
        *at = wait->next;
        wait->settled = true;
        wait->grant(wait);
        settled++;
    }
    forget_tickets(holder, 0);
    pthread_mutex_unlock(&shard->mutex);
    return settled;
}

bool
gate_is_in_doubt(gate_table_t *table, const gate_wait_t *wait)
{
    size_t bucket;
    shard_t *shard = lock_shard(table, wait->key, &bucket);
    bool in_doubt = wait->settled || wait->ticket > 0 || wait->left_open;

    pthread_mutex_unlock(&shard->mutex);
    return in_doubt;
}
