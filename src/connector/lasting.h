/* SPDX-License-Identifier: Apache-2.0 */
/* connector/lasting.h - what a connector hands on to the one that takes its place when the configuration is read again.
 *
 * Requests of both are under way at the same time then, and a write whose answer was lost before
 * may take effect after. Shared by all workers. Internal to connector/. */
#ifndef CONNECTOR_LASTING_H
#define CONNECTOR_LASTING_H

#include "connector/gate.h"
#include "connector/lost.h"
#include "connector/renames.h"

#include <stdint.h>

typedef struct {
    _Atomic unsigned refs;
    gate_table_t *gates;
    lost_t *lost;
    renames_t *renames;
    _Atomic int64_t written_ms; /* when a request here last changed something */
    _Atomic int64_t moved_ms;   /* when a rename or a deletion here last began or ended */
} lasting_t;

/* With one reference. NULL: no memory. */
lasting_t *lasting_new(void) MUST_USE;
lasting_t *lasting_ref(lasting_t *lasting);
void lasting_unref(lasting_t *lasting); /* NULL is allowed */

#endif
