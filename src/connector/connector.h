/* SPDX-License-Identifier: Apache-2.0 */
/* connector/connector.h - one bridge: a map, and what is remembered of one directory.
 *
 * Shared by all workers and by the requests in flight. Everything it remembers (DNs of ids,
 * listings, gates) another instance could rebuild. */
#ifndef CONNECTOR_CONNECTOR_H
#define CONNECTOR_CONNECTOR_H

#include "base/arena.h"
#include "base/err.h"
#include "connector/gate.h"
#include "connector/mac.h"
#include "connector/request.h"
#include "connector/task.h"
#include "ldap/features.h"
#include "map/map.h"
#include "scim/quirk.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t max_body;       /* bytes; also told in /ServiceProviderConfig */
    size_t max_operations; /* of one PATCH */
    size_t max_members;    /* values of one request */
    size_t max_bulk_body;  /* bytes of a bulk request */
    size_t max_bulk_operations;
    size_t bulk_in_flight; /* operations of one bulk request that are under way at once */
    size_t max_page;       /* resources in one ListResponse */
    size_t default_page;
    size_t max_references;    /* remembered pairs of id and DN */
    size_t max_listing_bytes; /* of listings remembered for paging */
    int reference_ttl_ms; /* how long a remembered pair may be written into an entry; 0: never */
    int listing_ttl_ms;
    int64_t cursor_ttl_s; /* how long a walk may rest between two pages */
} connector_limits_t;

extern const connector_limits_t connector_limits_default;

typedef struct connector connector_t;

/* `map` must outlive the connector. NULL: no memory. */
connector_t *connector_new(str_t name, const map_t *map, scim_quirks_t quirks,
                           const connector_limits_t *limits) MUST_USE;
/* It takes the place of `before`, whose requests may still be under way: turns are taken among
 * those of both, and what is not known of writes stays so. Before it serves any request. */
void connector_follow(connector_t *connector, const connector_t *before);
/* The key of its cursors, which other instances share; before that, one of this process alone. */
void connector_set_cursor_key(connector_t *connector, const mac_key_t *key);
/* What its directory says it can do; before that, what the map's dialect expects. Thread-safe. */
void connector_set_features(connector_t *connector, ldap_features_t features);
void connector_free(connector_t *connector);

const map_t *connector_map(const connector_t *connector);
gate_table_t *connector_gates(connector_t *connector);

/* ---- one request ---- */

typedef struct exchange exchange_t;

/* Make the run of a request. Everything lives in `mem`, which must have an arena_guard around
 * this call; the strings of the request must live as long. `now_s` is real time. Then:
 * run_start is already done; take asks from *exchange_run, give replies, until run->ended; then
 * exchange_finish. */
exchange_t *exchange_begin(arena_t *mem, connector_t *connector, const request_t *request,
                           int64_t now_s);
run_t *exchange_run(exchange_t *exchange);

/* An entry that is to be removed for good, whatever clients see of it. */
typedef struct {
    const map_type_t *type;
    str_t id, dn;
    const ldap_filter_t *still; /* what must be true of it, besides its id, when it goes */
} removal_t;
/* The same for a removal: out of the groups, then away, if it is still what it was. 204; 404:
 * it is gone; 412: it is so no longer, and stays. `removal` must live as long as the exchange. */
exchange_t *exchange_begin_removal(arena_t *mem, connector_t *connector,
                                   const removal_t *removal, int64_t now_s);

/* An entry that nobody has provisioned, and that is to bear our mark from now on. */
typedef struct {
    const map_type_t *type;
    str_t id, dn;
    str_t external_id; /* to be stored, where the map has a place for it; empty: none */
    const ldap_filter_t *still; /* what must be true of it, besides its id */
} claim_t;
/* The same for a claim. 204; 404: it is gone; 409: somebody else has provisioned it meanwhile;
 * 412: it is no longer what it was. `claim` must live as long as the exchange. */
exchange_t *exchange_begin_claim(arena_t *mem, connector_t *connector, const claim_t *claim,
                                 int64_t now_s);

/* The response, once the run has ended. Errors have become bodies. */
const response_t *exchange_finish(exchange_t *exchange);
/* Why there is no result, of an exchange that was cut off: with the word that the change may
 * have been made, where it may. */
void exchange_tell_doubt(exchange_t *exchange, err_t *err);

/* Whom a POST found in its way, by the values that match or by the name alone. */
typedef enum {
    MET_NOBODY,
    MET_RESOURCE,  /* nobody's: it is adopted, where the map does */
    MET_CLAIMED,   /* it is provisioned already */
    MET_PROTECTED, /* by the map */
    MET_FOREIGN,   /* outside the map's scope */
    MET_TOMBSTONE, /* of the same person, as far as is known: it is revived */
    MET_ASIDE,     /* a tombstone that is somebody else, and has the name */
    MET_NAMESAKE,  /* it has the name, and is another */
    MET_SEVERAL
} met_kind_t;
typedef struct {
    met_kind_t kind;
    str_t dn, id;
    str_t path;                 /* the one of the map's `match` that decided; empty: the name */
    bool stranger;              /* both have an external id, and they differ */
    const ldap_filter_t *match; /* by which it was recognised; NULL: by its name alone */
} met_t;

/* Facts for the log, once it has ended. */
typedef struct {
    unsigned operations;  /* LDAP operations */
    const char *what;     /* "user.patch" */
    str_t target_dn;      /* of a change; empty: none */
    scim_quirks_t quirks; /* that fired */
    size_t ignored;       /* attributes of the body that are not mapped */
    bool joined; /* another request's write made the change along with its own, or may have */
    const char *error_detail; /* NULL: success */
    str_t id;                 /* of the resource that was answered with; empty: none */
    bool is_new;              /* a POST made it, or brought it back */
    int64_t written_us;       /* when exchange_note_write was first called; 0: never */
    met_t met;                /* of a POST: who was met last */
} exchange_facts_t;
exchange_facts_t exchange_facts(const exchange_t *exchange);

/* ---- the operations of a bulk request are exchanges too ---- */

/* Whose ask it is: the request's own, or an operation's. */
exchange_t *exchange_asking(const ask_t *ask);
const request_t *exchange_request(const exchange_t *exchange);
/* A driver is about to send a write; whether it is the first of this exchange. */
bool exchange_note_write(exchange_t *exchange, int64_t now_us);
/* Called for each operation whose end is known, before its memory goes. */
typedef void exchange_ended_fn(void *arg, const exchange_t *operation);
void exchange_watch(exchange_t *exchange, exchange_ended_fn *fn, void *arg);
/* What an exchange has answered. */
const response_t *exchange_response(const exchange_t *exchange);

/* The response for an error met outside a run (401, 404 of an unknown connector, 413 …). */
void response_from_error(arena_t *mem, const err_t *err, response_t *ret_response);

#endif
