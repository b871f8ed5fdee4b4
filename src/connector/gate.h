/* SPDX-License-Identifier: Apache-2.0 */
/* connector/gate.h - my turn on a key: requests on one resource keep their order.
 *
 * A gate is a queue per key, first come first served, within this process only: correctness between instances never
 * rests on it. A table is shared by all workers; a mutex of its shard is held for one look-up. */
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
    gate_grant_fn *grant;
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
/* Wait no longer. true: it will not be granted. false: it has been, leave it when the word of that arrives. */
bool gate_give_up(gate_table_t *table, gate_wait_t *wait) MUST_USE;

#endif
