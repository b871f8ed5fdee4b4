/* SPDX-License-Identifier: Apache-2.0 */
/* cli/map/aspect.h - what a map says, as text that can be compared and shown.
 *
 * One property of a slot, a rule and so on; empty where it has none. */
#ifndef CLI_MAP_ASPECT_H
#define CLI_MAP_ASPECT_H

#include "base/arena.h"
#include "map/map.h"

#include <stdbool.h>

typedef struct {
    const char *aspect; /* NULL ends a table */
    str_t (*tell)(arena_t *mem, const void *of);
    const char *means;
} aspect_t;
extern const aspect_t aspects_of_map[], aspects_of_scope[], aspects_of_type[],
    aspects_of_slot[], aspects_of_rule[], aspects_of_state[];

/* ---- for those who tell ---- */

enum { ASPECT_MAX = 64 << 10 };

str_t aspect_yes_or_no(bool is);
str_t aspect_names(arena_t *mem, const str_t *names, size_t n);
str_t aspect_filter(arena_t *mem, const ldap_filter_t *filter);
str_t aspect_write(map_write_t write);

#endif
