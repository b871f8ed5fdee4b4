/* SPDX-License-Identifier: Apache-2.0 */
/* connector/merge.h - changes of one group's members that wait for each other, made as one.
 *
 * Whoever waits for a group's gate with nothing but members to add or remove offers them. Whoever holds it takes
 * what is offered into its own modify, and tells them when it was done. What fails together is tried
 * by each alone. Internal to connector/. */
#ifndef CONNECTOR_MERGE_H
#define CONNECTOR_MERGE_H

#include "connector/exchange.h"

enum {
    MERGE_VALUES_MAX = 100
}; /* of one joint change: as many as can be asked for one by one */

/* What may be done for this change by another, as bytes. Empty: it wants to be made by itself. */
str_t merge_offer(const task_t *task, const map_member_delta_t *delta);

/* Take what is offered to `holder`, which holds the gate of the request's group, into one change with `delta`. The
 * ids of others become known links. The number of offers that are in *ret_joint; 0: *ret_joint is not set. */
size_t merge_join(task_t *holder, const map_member_delta_t *delta,
                  map_member_delta_t *ret_joint);

#endif
