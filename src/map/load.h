/* SPDX-License-Identifier: Apache-2.0 */
/* map/load.h - read and check an admin's map file.
 *
 * Whatever makes a map ambiguous, lossy or impossible is refused here, with place, reason and
 * fix; unknown keys with "did you mean". */
#ifndef MAP_LOAD_H
#define MAP_LOAD_H

#include "base/diag.h"
#include "map/map.h"

/* Compile `text`; `file` names it in diagnostics. `schema` may be the built-in one; the
 * map borrows from it. NULL when `diags` got an error; warnings do not stop it. The list of
 * `diags` may lie in another arena. */
const map_t *map_load(arena_t *mem, const char *file, str_t text, const ldap_schema_t *schema,
                      diag_list_t *diags) MUST_USE;

#endif
