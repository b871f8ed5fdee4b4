/* SPDX-License-Identifier: Apache-2.0 */
/* connector/gate.h - my turn on a key: requests on one resource keep their order.
 *
 * A gate is a queue per key, first come first served, within this process only: correctness
 * between instances never rests on it. A table is shared by all workers; a mutex of its shard
 * is held for one look-up.
 *
 * Who waits may offer what it wants to do to whoever holds the gate, who may do it along with
 * its own. */
#ifndef CONNECTOR_GATE_H
#define CONNECTOR_GATE_H

#include "base/str.h"

#include <stdbool.h>

typedef struct gate_table gate_table_t;
typedef struct gate_wait gate_wait_t;

/* My turn has come: called by whoever leaves, in that thread. Must only pass it on (loop_post). */
typedef void gate_grant_fn(gate_wait_t *wait);

/* Embedded in what waits; must live until the gate is left or given up. */
struct gate_wait {
    str_t key;
    str_t offer; /* what the holder may do for me, as bytes; empty: nothing */
    gate_grant_fn *grant;
    bool settled;   /* granted because it was done: the gate was not entered */
    bool left_open; /* a holder went with the offer and left without a word; the table's own */
    bool has_collected;     /* as the holder; the table's own */
    size_t ticket;          /* the place among the holder's offers, from 1; the table's own */
    gate_wait_t *next;      /* who comes after me; the table's own */
    gate_wait_t *next_gate; /* of the bucket; the table's own */
    gate_wait_t *next_held; /* the holder's own list */
};

gate_table_t *gate_table_new(void);
void gate_table_free(gate_table_t *table);
/* Whether nobody holds any gate. */
bool gate_table_is_empty(gate_table_t *table);

/* true: entered at once. false: queued; wait->grant will be called. */
bool gate_enter(gate_table_t *table, gate_wait_t *wait) MUST_USE;
/* Leave a gate that was entered; the next in the queue is granted. */
void gate_leave(gate_table_t *table, gate_wait_t *wait);
/* Wait no longer. true: it will not be granted. false: it has been, leave it when the word of
 * that arrives. */
bool gate_give_up(gate_table_t *table, gate_wait_t *wait) MUST_USE;

/* Copies of offers. */
typedef struct {
    char *bytes; /* room for `size` */
    size_t size;
    str_t *offers; /* room for `max` */
    size_t max, n;
} gate_offers_t;

/* Whether the next in the holder's queue offers anything. */
bool gate_is_awaited(gate_table_t *table, const gate_wait_t *holder) MUST_USE;
/* Copy the offers of those who wait, in their order, up to one who offers nothing, or does not
 * fit. */
void gate_collect(gate_table_t *table, gate_wait_t *holder, gate_offers_t *offers);
/* The first `n` of what was collected is about to be done; the others wait on as if it had not
 * been. 0: nothing of it was done, nor will be. */
void gate_take(gate_table_t *table, gate_wait_t *holder, size_t n);
/* What was taken is done: those of them who still wait are granted, settled; how many. */
size_t gate_settle(gate_table_t *table, gate_wait_t *holder);
/* Whether what `wait` offers may have been done by another, or will be. */
bool gate_is_in_doubt(gate_table_t *table, const gate_wait_t *wait) MUST_USE;

#endif
