/* SPDX-License-Identifier: Apache-2.0 */
/* connector/task.h - what a request asks, and how it goes on when the reply comes.
 *
 * A task is functions that run top to bottom, each ending by asking and naming the function
 * that takes the reply. An ask is an LDAP operation, a gate, a pause or another task; several
 * may be in flight. There is no I/O here: a driver (a worker, a command, a test) takes asks
 * from the run and gives the replies back in any order. */
#ifndef CONNECTOR_TASK_H
#define CONNECTOR_TASK_H

#include "base/arena.h"
#include "base/err.h"
#include "connector/gate.h"
#include "ldap/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct run run_t; /* one request: the tree of its tasks and the asks not yet taken */
typedef struct task task_t;
typedef struct ask ask_t;
typedef struct reply reply_t;

/* Go on. false: the task fails with *err set. */
typedef bool then_fn(task_t *task, const reply_t *reply, err_t *err);
/* An entry of a search, borrowed; must not allocate from the run's arena more than it has to.
 * false: abandon the search. */
typedef bool each_fn(task_t *task, const ldap_entry_t *entry);

typedef enum {
    ASK_LDAP,
    ASK_GATE,  /* my turn on a key, first come first served; left when the task ends */
    ASK_PAUSE, /* until a time */
    ASK_TASK   /* never seen by a driver */
} ask_kind_t;

struct ask {
    ask_kind_t kind;
    uint32_t tag;        /* the asker's own: which batch, which value */
    then_fn *then;       /* called once; never after its task has ended */
    each_fn *each;       /* a search's entries go here instead of into the reply; may be NULL */
    task_t *by;          /* NULL: the task has ended, the reply is dropped */
    run_t *run;          /* of the task; its memory is where an answer goes */
    ldap_op_t op;        /* ASK_LDAP: fill before returning */
    bool beside;         /* a write, but none to what the request is about: a number is taken */
    gate_wait_t gate;    /* ASK_GATE */
    int64_t pause_ms;    /* ASK_PAUSE: how long */
    bool instead;        /* ASK_TASK: it was an LDAP operation (`op`), see task_answer_by */
    task_t *child;       /* ASK_TASK: that, ... */
    run_t *part;         /* ... or a run within the run */
    ask_t *next;         /* of the asks not yet taken */
    ask_t *next_of_task; /* of the asks in flight of a task */
    void *driver;        /* the driver's own */
};

struct reply {
    uint32_t tag;
    const ldap_reply_t *ldap; /* ASK_LDAP */
    void *result;             /* ASK_TASK: what the child gave to task_done, or the run_t ... */
    const err_t *error;       /* ... or why it failed; NULL: it did not */
    bool settled; /* ASK_GATE: what was offered was done; the gate was not entered */
};

/* First member of each task's own struct. */
struct task {
    run_t *run;
    arena_t *mem;
    const char *what; /* "group.patch": for logs, explain and asserts */
    const char *why;  /* it reads first, for explain; NULL: nothing says more than `what` */
    ask_t *asked_by;  /* the parent's ask; NULL: the root */
    ask_t *in_flight;
    gate_wait_t *held; /* gates entered, left when the task ends */
    uint16_t writes;   /* in flight: at most one */
    bool ended;
    task_t *next_of_run;
    void *result; /* ASK_TASK: for the parent */
    const err_t *error;
};

/* ---- for tasks ---- */

/* Zeroed memory for a task of `size` bytes, whose first member is a task_t. */
task_t *task_new(run_t *run, const char *what, size_t size);
#define task_new_of(run, what, type) ((type *)(void *)task_new((run), (what), sizeof(type)))

/* Ask for an LDAP operation; fill ask->op before returning. */
ask_t *task_ask(task_t *task, ldap_op_kind_t kind, then_fn *then);
/* Wait for my turn on `key` (bytes that live as long as the run). */
bool task_enter(task_t *task, str_t key, then_fn *then);
/* The same, offering what is to be done there to whoever holds the gate meanwhile
 * (connector/gate.h); the reply tells whether it did. */
bool task_enter_or_offer(task_t *task, str_t key, str_t offer, then_fn *then);
/* Of the gate that the task has entered: gate_is_awaited, gate_collect, gate_take and
 * gate_settle. */
bool task_is_awaited(const task_t *task) MUST_USE;
void task_collect(task_t *task, gate_offers_t *offers);
void task_take(task_t *task, size_t n);
void task_settle(task_t *task);
bool task_pause(task_t *task, int64_t ms, then_fn *then);
/* Run a child, begun with `start`, whose end is the reply. */
bool task_call(task_t *task, task_t *child, then_fn *start, then_fn *then, uint32_t tag);
/* For run->instead: a child, begun with `start`, answers the LDAP operation; what it gives to
 * task_done is the ldap_reply_t. It must not fail. */
void task_answer_by(ask_t *ask, task_t *child, then_fn *start);
/* Begin another run within this one: what it asks is taken from and given back to the outermost
 * one, but its memory, its context and its end are its own. `part` is made by run_init, with an
 * arena of its own, its root not yet begun. The reply comes when it has ended, however: its
 * result is `part`. */
bool task_call_run(task_t *task, run_t *part, task_t *root, then_fn *start, then_fn *then,
                   uint32_t tag);
/* Nobody will look at a run that has ended any more: its arena is freed once no driver holds an
 * ask of it. */
void run_release(run_t *part);
/* End with success: return task_done(…). No write may be in flight; reads in flight are
 * dropped. */
bool task_done(task_t *task, void *result);

/* ---- for drivers ---- */

struct run {
    arena_t *mem;
    gate_table_t *gates; /* may be NULL: every gate is free */
    void *context;       /* connector/context.h */
    run_t *outer;        /* whose part it is; NULL: the request's own */
    ask_t *asked_by;     /* then: the outer run's ask */
    run_t *parts, *next; /* that are in it and were not released; of the outer run */
    ask_t *first, *last; /* not yet taken; of the outermost run alone */
    ask_t *ready;        /* asks for tasks that have ended: their askers go on next */
    size_t out;          /* asks that were asked and not given back */
    bool released;
    task_t *tasks; /* all of them */
    task_t *root;
    bool ended;
    void *result;
    bool failed;
    err_t err;           /* when failed */
    bool cut_off;        /* it failed from outside: called off, or its memory was exhausted */
    bool in_doubt;       /* then: another may have done what it offered at a gate */
    unsigned operations; /* LDAP operations asked for */
    /* Told when the answer to a write will not come, before any gate is left; may be NULL. */
    void (*lost)(const task_t *task);
    /* Sees each LDAP operation before a driver does, and may answer it otherwise
     * (task_answer_by); may be NULL. */
    void (*instead)(ask_t *ask);
};

/* Begin with `start` of the root task. After this and after each run_give, take all asks that
 * are there. */
void run_start(run_t *run, task_t *root, then_fn *start);
/* For making the root task before run_start. */
void run_init(run_t *run, arena_t *mem, gate_table_t *gates, void *context);
/* The next ask; NULL: none for now. */
ask_t *run_take(run_t *run);
/* The reply to an LDAP ask (`ldap`; borrowed), a pause that is over or a gate that was granted
 * (NULL). */
void run_give(run_t *run, ask_t *ask, const ldap_reply_t *ldap);
/* End now, with `err`: nobody waits any more (deadline, shutdown), or its memory is exhausted.
 * Gates are left; replies may still be given and are dropped. A part's end is told to its
 * asker. */
void run_cancel(run_t *run, const err_t *err);

#endif
