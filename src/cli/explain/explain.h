/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explain/explain.h - "explain --map PATH". Internal to the command. */
#ifndef CLI_EXPLAIN_EXPLAIN_H
#define CLI_EXPLAIN_EXPLAIN_H

#include "base/arena.h"
#include "base/err.h"
#include "map/map.h"

#include <stdbool.h>

/* Print where the path comes from, where it goes and who may change it, for each type that has it.
 * ERR_INVALID_PATH: it is no path, or no type has it. */
bool explain_path(arena_t *mem, const map_t *map, const char *text, err_t *err) MUST_USE;

#endif
