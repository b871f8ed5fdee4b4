/* SPDX-License-Identifier: Apache-2.0 */
/* connector/bulk_task.h - a bulk request under way. Internal to connector/bulk_*.c.
 *
 * Each operation is an exchange of its own, in a run within the run: what it resolved, how it
 * ended and the memory it took are nobody else's. */
#ifndef CONNECTOR_BULK_TASK_H
#define CONNECTOR_BULK_TASK_H

#include "connector/bulk.h"
#include "connector/exchange.h"

typedef enum {
    PART_WAITING,
    PART_BEGUN,
    PART_AGAIN,   /* met a conflict while earlier ones were under way: they decide first */
    PART_MADE,    /* of a circle: there, without what refers into the circle */
    PART_LINKING, /* that is being added */
    PART_LINKED,
    PART_UNDOING, /* the circle cannot be closed */
    PART_ENDED
} part_state_t;

/* An operation, as far as it has come. */
typedef struct {
    part_state_t state;
    size_t n_needs, n_follows; /* that have not ended */
    bool may_be_freed;         /* when it began one before it could give away its name */
    bool is_new;               /* its resource was not there before: it may be removed again */
    bool told;                 /* it has a result */
    str_t id;                  /* of the resource; empty: none */
    exchange_t *exchange;      /* under way */
    /* The result, in the bulk's memory. */
    int status;
    str_t body; /* of an error */
    str_t version;
} part_t;

typedef struct {
    size_t *members;
    size_t n;
    bool broken; /* a member could not be made, or linked */
} circle_t;

typedef struct bulk_task {
    task_t task;
    bulk_t bulk;
    part_t *parts;
    circle_t *circles;
    size_t in_flight, again, errors;
    size_t first_open;  /* all before it have ended, or are made */
    size_t *first_post; /* by type: no POST before it is open */
} bulk_task_t;

/* ---- bulk_task.c ---- */

/* Begin whatever can be begun; where nothing is under way any more, answer and end the task. */
bool bulk_go_on(bulk_task_t *self, err_t *err);
/* The part has its result: nobody waits for it any more. */
void bulk_end_part(bulk_task_t *self, size_t i);
/* Whether failOnErrors lets nothing more begin; whether as many are under way as may be. */
bool bulk_has_stopped(const bulk_task_t *self);
bool bulk_has_room(const bulk_task_t *self);
/* The response where the request was given up before all had ended: what is under way is not
 * known. */
bool bulk_respond_cut_off(exchange_t *exchange, const err_t *why);

/* ---- bulk_close.c ---- */

void bulk_make_circles(bulk_task_t *self);
/* Do what is next with each: link its members, once all are made, or remove them again. */
void bulk_advance_circles(bulk_task_t *self);
/* Whether some of a circle are there and have been neither closed in nor removed. */
bool bulk_has_open_circle(const bulk_task_t *self);

/* ---- bulk_part.c ---- */

/* Begin what the state of part `i` asks for: the operation (PART_BEGUN), the PATCH that links
 * it (PART_LINKING), the DELETE that removes it again (PART_UNDOING). `then` gets the number as
 * its tag. false: it could not be begun, and its result says why. */
bool bulk_begin_part(bulk_task_t *self, size_t i, then_fn *then);
/* Take the result of a part whose run has ended, and free its memory. */
void bulk_take_result(bulk_task_t *self, size_t i, run_t *run);

/* Set the result to an error. */
void bulk_fail_part(bulk_task_t *self, size_t i, const err_t *err);
bool bulk_part_failed(const part_t *part);

/* The response: of what has a result, in the order of the request. */
bool bulk_write_response(const bulk_task_t *self, err_t *err);

#endif
