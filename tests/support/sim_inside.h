/* SPDX-License-Identifier: Apache-2.0 */
/* support/sim_inside.h - what the rooms of the simulation share: what is in flight.
 *
 * sim.c makes a simulation and its connectors, sim_call.c its calls, sim_drive.c takes their asks and
 * replies to them, sim_fault.c performs operations, well or not. */
#ifndef SUPPORT_SIM_INSIDE_H
#define SUPPORT_SIM_INSIDE_H

#include "support/sim.h"

#include <check.h>

/* An ask that a call has put to the driver. */
typedef struct {
    sim_call_t *call;
    ask_t *ask;
    bool ready; /* to be replied to: a gate that was granted, an operation that was performed */
    bool queued;     /* at a gate */
    unsigned number; /* of the LDAP operations of its call */
    ldap_reply_t reply;
} item_t;

struct sim {
    arena_t *mem;
    model_t *model;
    uint64_t random;
    connector_t *connectors[64];
    size_t n_connectors;
    sim_call_t *calls;
    item_t **items; /* in flight, in any order */
    size_t n_items, size_items;
    item_t *late[64]; /* nobody waits for them, but they will be performed */
    size_t n_late;
    unsigned fail_step;
    size_t fail_block;
};

/* ---- sim_fault.c ---- */

/* The operation, in the model. */
void item_perform(item_t *item);
/* The result code alone. */
void item_answer_code(item_t *item, int code);
/* Whether a server could answer so, without what the code says being true for ever: code 20 of
 * one value would mean that it is there. */
bool item_can_have(const ldap_op_t *op, sim_fault_t fault);
void item_perform_with_fault(item_t *item, sim_fault_t fault);
/* One of the operations that nobody waits for. false: there is none. */
bool sim_perform_late(sim_t *sim);

/* ---- sim_drive.c ---- */

/* The call has been begun, or given a reply: take what it asks now, or see that it has ended. */
void sim_after_step(sim_call_t *call);
void sim_cancel(run_t *run, const char *why);
/* Around whatever a connector does: the block that is to fail, does. */
void sim_arm_memory(sim_t *sim);
void sim_disarm_memory(void);

#endif
