/* SPDX-License-Identifier: Apache-2.0 */
/* cli/map/diff.h - "map diff": what is different between two maps. Internal to the command. */
#ifndef CLI_MAP_DIFF_H
#define CLI_MAP_DIFF_H

#include "base/arena.h"
#include "base/err.h"
#include "cli/driver.h"
#include "cli/map/aspect.h"
#include "map/map.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum { DIFFERENCE_ADDED, DIFFERENCE_REMOVED, DIFFERENCE_CHANGED } difference_kind_t;

typedef struct {
    difference_kind_t kind;
    str_t of;           /* "User"; "scope users"; empty: the map */
    str_t what;         /* "userName", "entry cn", "inactive", "parent" */
    const char *aspect; /* "LDAP attribute"; NULL: all of it */
    str_t from, to;     /* empty: none */
    const char *means;  /* in words of an admin; NULL: nothing more */
} difference_t;

typedef struct {
    arena_t *mem;
    difference_t *items;
    size_t n, size;
} differences_t;

void map_compare(differences_t *list, const map_t *a, const map_t *b);
void differences_add(differences_t *list, difference_t difference);

/* ---- with a directory ---- */

enum { EXAMPLES = 3 };

typedef struct {
    size_t n;
    str_t examples[EXAMPLES];
} tally_t;

/* What clients would see otherwise at one path. */
typedef struct {
    str_t path;
    tally_t changed, lost, gained; /* another value; none any more; one that was not */
} path_effect_t;

typedef struct {
    str_t type;
    size_t before, after;  /* entries that are seen */
    tally_t hidden, shown; /* no more; only now */
    path_effect_t *paths;
    size_t n_paths;
} effect_t;

/* Look at all entries that either map shows for the type, which both have. */
bool map_effect(const driver_t *driver, arena_t *mem, const map_t *a, const map_t *b,
                const map_type_t *of_a, const map_type_t *of_b, effect_t *ret_effect,
                err_t *err) MUST_USE;

#endif
