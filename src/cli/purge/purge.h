/* SPDX-License-Identifier: Apache-2.0 */
/* cli/purge/purge.h - what the files of `scimbridge purge` share.
 *
 *   purge.c    the command
 *   find.c     whose period is over
 *   remove.c   each in turn
 *   tell.c     for people and for programs */
#ifndef CLI_PURGE_PURGE_H
#define CLI_PURGE_PURGE_H

#include "cli/driver.h"
#include "cli/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *config, *connector;
    bool yes, inactive, json;
} purge_options_t;

/* An entry whose period is over. */
typedef struct {
    const map_type_t *type;
    const map_state_t *state;
    str_t dn, id, stamp; /* the stamp as LDAP has it */
} candidate_t;

typedef struct {
    arena_t *mem;
    const purge_options_t *options;
    const config_t *config;
    const config_connector_t *of;
    driver_t driver;
    record_t record;
    int64_t now_s;
    candidate_t *candidates;
    size_t n, size;
    size_t removed, left, failed;
    bool done;
    err_t err;
} purge_t;

/* What must hold of an entry of the scope that is in the state: tombstones are not visible,
 * inactive ones are. */
const ldap_filter_t *purge_filter(const purge_t *purge, arena_t *mem, const map_type_t *type,
                                  const map_state_t *state);
/* Fill the candidates. *ret_any: whether the map gives any state a period. */
bool purge_find(purge_t *purge, bool *ret_any) MUST_USE;
/* Each in memory of its own. */
bool purge_remove(purge_t *purge) MUST_USE;

/* `what` became of it; `why` only where it stays, else NULL. */
void purge_tell(const purge_t *purge, arena_t *mem, const candidate_t *candidate,
                const char *what, const char *why);

#endif
