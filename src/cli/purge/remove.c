/* SPDX-License-Identifier: Apache-2.0 */
/* Each removed as its lifecycle says, or left where it is not what it was. */
#include "cli/purge/purge.h"

#include <stdio.h>

typedef struct {
    purge_t *purge;
    const candidate_t *candidate;
    arena_t *mem;
} one_t;

/* Counted, told and recorded. */
static void
conclude(one_t *one, const response_t *response, const char *detail)
{
    purge_t *purge = one->purge;
    bool good = response->status == 204;
    bool stays = response->status == 412 || response->status == 404;

    *(good ? &purge->removed : stays ? &purge->left : &purge->failed) += 1;
    purge_tell(purge, one->mem, one->candidate,
               good    ? "removed"
               : stays ? "left"
                       : "failed",
               good ? NULL : detail);
    record_result(&purge->record, one->candidate->dn, good ? "" : detail);
}

static void
remove_one(void *arg)
{
    one_t *one = arg;
    purge_t *purge = one->purge;
    const candidate_t *candidate = one->candidate;
    removal_t removal = {.type = candidate->type, .id = candidate->id, .dn = candidate->dn};
    exchange_t *exchange;
    const response_t *response;

    removal.still = ldap_filter_and2(
        one->mem, purge_filter(purge, one->mem, candidate->type, candidate->state),
        ldap_filter_equal(one->mem, candidate->state->stamp, candidate->stamp));
    record_resource(&purge->record, candidate->type, candidate->id);
    exchange = exchange_begin_removal(one->mem, purge->driver.bridge, &removal, purge->now_s);
    driver_run(&purge->driver, exchange_run(exchange));
    response = exchange_finish(exchange);
    conclude(one, response, exchange_facts(exchange).error_detail);
}

bool
purge_remove(purge_t *purge)
{
    for (size_t i = 0; i < purge->n; i++) {
        arena_t *mem ARENA_CLEANUP = arena_new(0);
        one_t one = {purge, &purge->candidates[i], mem};

        if (!mem || !arena_guard(mem, remove_one, &one))
            return err_set(&purge->err, ERR_UNAVAILABLE, "no memory");
        fflush(stdout);
    }
    return true;
}
