/* SPDX-License-Identifier: Apache-2.0 */
/* support/sim.h - requests run against a model of a directory, in a random order, with faults.
 *
 * One thread. Each call is one SCIM request; several may be under way, also of several
 * connectors (instances) on the same directory. A step either performs an operation in the
 * model or gives a reply back, of whatever call, so replies come late and out of order. All is
 * decided by the seed. */
#ifndef SUPPORT_SIM_H
#define SUPPORT_SIM_H

#include "connector/connector.h"
#include "support/model.h"
#include "json/json.h"

typedef enum {
    SIM_NO_FAULT,
    SIM_NOT_SENT,
    SIM_DONE_UNKNOWN,   /* performed, but the answer is lost */
    SIM_UNDONE_UNKNOWN, /* not performed, and no answer */
    SIM_LATE_UNKNOWN,   /* a write: no answer, and performed at any time later */
    SIM_BUSY,           /* the result code alone, nothing performed: 51 */
    SIM_NO_OBJECT,      /* 32, of what is guarded or a search: else it would be a lie */
    SIM_ASSERTION,      /* 122, of what is guarded */
    SIM_VALUE_EXISTS,   /* 20, of a guarded modify that adds several values */
    SIM_NO_ATTRIBUTE,   /* 16, of one that deletes several */
    SIM_DEADLINE,       /* the request is given up; the operation may be performed or not */
    SIM_FAULTS
} sim_fault_t;

const char *sim_fault_name(sim_fault_t fault);

typedef struct sim sim_t;

typedef struct sim_call {
    /* What is asked. Strings are copied. */
    connector_t *connector;
    request_t request;
    sim_fault_t fault; /* injected once, at ... */
    unsigned fault_at; /* ... the first LDAP operation from this number (0-based) on that can
                         * have it */
    /* What came of it. */
    bool faulted;
    bool ended;
    int status;
    str_t body, location, etag;
    unsigned operations; /* LDAP operations that a driver saw */
    str_t trace;         /* "search base; modify guarded post-read; ..." */
    ldap_op_t ops[64];   /* the first of them */
    exchange_facts_t facts;
    /* The driver's own. */
    sim_t *sim;
    arena_t *mem, *replies;
    exchange_t *exchange;
    buf_t traced;
    size_t waiting; /* asks taken and not replied to */
    struct sim_call *next;
} sim_call_t;

/* The clock of all requests, in seconds. */
#define SIM_NOW 1767261600 /* 2026-01-01T10:00:00Z */

/* From now on, in this process, directories know no controls. */
void sim_go_bare(void);
bool sim_is_bare(void);

sim_t *sim_new(uint64_t seed);
void sim_free(sim_t *sim);
model_t *sim_model(sim_t *sim);
/* Memory that lives as long as the simulation. */
arena_t *sim_mem(sim_t *sim);
/* A random number below `n`. */
unsigned sim_random(sim_t *sim, unsigned n);

/* A connector with the default quirks and limits, but for the given life of references; freed with the
 * simulation. The bases of the map are made in the model. */
connector_t *sim_connector(sim_t *sim, const map_t *map, int reference_ttl_ms);

/* Another in the place of `before`, which serves on whoever has it. */
connector_t *sim_reload(sim_t *sim, const connector_t *before, const map_t *map,
                        int reference_ttl_ms);

/* A call that has not begun. `body` is JSON in which ' stands for " (NULL: none); `path` is
 * "Users", "Users/{id}", "Users/.search", ".search" or "", with "?filter=…&count=…" (not encoded) behind it. */
sim_call_t *sim_call(sim_t *sim, connector_t *connector, method_t method, const char *path,
                     const char *body);
/* Begin a call: its first asks are there to be taken. */
void sim_begin(sim_call_t *call);
/* The same with an arena that can hold `limit` bytes (0: any number). */
void sim_begin_limited(sim_call_t *call, size_t limit);
/* One step of whatever call; false: there is nothing left to do. */
bool sim_step(sim_t *sim);
/* Its time is over, whatever it waits for. */
void sim_give_up(sim_call_t *call);
/* Until nothing is left to do. Fails the test when a call has not ended by then, or a gate is held. */
void sim_run(sim_t *sim);
/* Make, begin and run a call. */
sim_call_t *sim_do(sim_t *sim, connector_t *connector, method_t method, const char *path,
                   const char *body);
/* Test hook: before each step of a connector, its n-th block of memory fails; 0: never. */
void sim_fail_memory(sim_t *sim, unsigned step, size_t n);

/* A member of the response by name ("id"); fails the test when it is not a string. */
str_t sim_text(const sim_call_t *call, const char *name);
json_t *sim_json(const sim_call_t *call);
/* POST, which must be answered with 201; its id. */
str_t sim_create(sim_t *sim, connector_t *connector, const char *path, const char *body);
/* printf into the memory of the simulation. */
const char *sim_format(sim_t *sim, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
