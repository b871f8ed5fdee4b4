/* SPDX-License-Identifier: Apache-2.0 */
/* connector/lost.h - which resources have a write under way whose answer was lost.
 *
 * Such a write may still take effect, though never upon a later one, whose version it does not know. A request
 * that finds nothing to change writes nothing, and so it must know. Bounded; shared by all workers. */
#ifndef CONNECTOR_LOST_H
#define CONNECTOR_LOST_H

#include "base/macros.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct lost lost_t;

lost_t *lost_new(void) MUST_USE;
void lost_free(lost_t *lost);

void lost_note(lost_t *lost, str_t id, int64_t now_ms);
/* Whether a write of `id` was lost in the last minutes; true of every id while too many are. */
bool lost_has(lost_t *lost, str_t id, int64_t now_ms) MUST_USE;
/* It cannot take effect any more. */
void lost_clear(lost_t *lost, str_t id);

#endif
