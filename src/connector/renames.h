/* SPDX-License-Identifier: Apache-2.0 */
/* connector/renames.h - renames under way, whose old names are still to be taken out of references.
 *
 * A note is made before the rename is sent, and removed when the references are in order; the next change of
 * the resource does what is left, or whoever is to be called by the old name. Bounded; shared by all
 * workers. What is forgotten leaves values that mean nobody. */
#ifndef CONNECTOR_RENAMES_H
#define CONNECTOR_RENAMES_H

#include "base/arena.h"
#include "base/macros.h"
#include "base/str.h"

#include <stdbool.h>

typedef struct renames renames_t;

renames_t *renames_new(void) MUST_USE;
void renames_free(renames_t *renames);

/* An older note of the same resource stays: its name is still to be cleared. `normal`: the old DN's normal form. */
void renames_note(renames_t *renames, str_t id, str_t old_dn, str_t normal);
bool renames_find(renames_t *renames, arena_t *mem, str_t id, str_t *ret_old_dn) MUST_USE;
/* Who was called so. By its hash: rarely somebody else, whose references are then looked through for nothing. */
bool renames_find_name(renames_t *renames, arena_t *mem, str_t normal, str_t *ret_id) MUST_USE;
void renames_clear(renames_t *renames, str_t id);

#endif
