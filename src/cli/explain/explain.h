/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explain/explain.h - what the files of `scimbridge explain` share.
 *
 *   explain.c    the command; the request
 *   step.c       carrying it out, without its writes
 *   pretend.c    what would be read after them
 *   why.c        why a step is needed; what a rewriter does
 *   tell.c       for people and for programs
 *   path.c       --map */
#ifndef CLI_EXPLAIN_EXPLAIN_H
#define CLI_EXPLAIN_EXPLAIN_H

#include "cli/driver.h"
#include "cli/explain/pretend.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *config, *connector, *map_path, *method, *path, *body;
    bool offline, json;
} explain_options_t;

/* One request that is carried out by this thread, without its writes. */
typedef struct {
    arena_t *mem;
    const explain_options_t *options;
    const config_t *config;
    const config_connector_t *of;
    driver_t driver;
    pretend_t pretend;
    request_t request;
    const response_t *response;
    exchange_facts_t facts;
    unsigned step;
    json_t *steps, *operations; /* --json; else NULL */
    bool told;                  /* --map */
    size_t operation;           /* of a bulk request, whose steps are being printed */
    method_t operation_is;
    err_t err;
} explain_t;

void explain_carry_out(explain_t *explain);

/* ---- telling ---- */

/* How a step went on: it was asked, or not, for that reason. */
typedef struct {
    const char *instead;        /* "not sent; …"; NULL: it was asked */
    const ldap_reply_t *reply;  /* of the directory; NULL: it was not asked */
    const ldap_entry_t **added; /* what was not sent, and would be found, too */
    size_t n_added;
} explain_course_t;

/* Before it is asked, and after. */
void explain_tell_step(explain_t *explain, const ask_t *ask);
void explain_tell_course(explain_t *explain, const explain_course_t *course);
/* An operation of a bulk request is over. */
void explain_tell_operation(explain_t *explain, const exchange_t *operation);
void explain_tell_end(explain_t *explain);

/* Why it is asked; NULL: nothing is known. */
const char *explain_why(const ask_t *ask);
/* What the rewriter did, in words. */
const char *explain_quirk(scim_quirk_t quirk);

/* Where the path comes from, where it goes and who may change it, for each type that has it.
 * ERR_INVALID_PATH: it is no path, or no type has it. */
bool explain_path(explain_t *explain) MUST_USE;

#endif
