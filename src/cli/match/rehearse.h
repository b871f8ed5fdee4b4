/* SPDX-License-Identifier: Apache-2.0 */
/* cli/match/rehearse.h - many POST requests that write nothing: what each would do, after those before it.
 *
 * Searches go to the directory. The first write that would succeed ends the request; an entry that it would
 * have added is from then on found beside those that are there. */
#ifndef CLI_MATCH_REHEARSE_H
#define CLI_MATCH_REHEARSE_H

#include "base/arena.h"
#include "cli/driver.h"

#include <stdbool.h>
#include <stddef.h>

enum { REHEARSE_SLOTS = 1 << 14 };

typedef struct rehearsed rehearsed_t;

typedef struct {
    arena_t *mem; /* outlives the requests */
    const driver_t *driver;
    const map_type_t *type;
    bool wrote;         /* the request came to a write */
    ldap_op_kind_t how; /* which */
    size_t n_added;
    rehearsed_t *by_name[REHEARSE_SLOTS], *by_value[REHEARSE_SLOTS];
} rehearse_t;

/* The `instead` of a driver whose `arg` is a rehearse_t; set wrote to false before each request. */
bool rehearse_answer(void *arg, const ask_t *ask, ldap_reply_t *ret_reply);

#endif
