/* SPDX-License-Identifier: Apache-2.0 */
/* cli/map/diff.h - what the files of `scimbridge map diff` share.
 *
 *   diff.c      the command; for people and for programs
 *   compare.c   what the maps say
 *   aspect*.c   in words
 *   effect.c    what clients would see otherwise
 *   members.c   of groups
 *   seen.c      which entries a reference leads to, by each map */
#ifndef CLI_MAP_DIFF_H
#define CLI_MAP_DIFF_H

#include "base/arena.h"
#include "base/err.h"
#include "cli/driver.h"
#include "cli/map/aspect.h"
#include "cli/print.h"
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

/* Members are compared one by one: in how many groups some come or go, and how many do. */
typedef struct {
    tally_t changed;
    size_t gained, lost;
} member_effect_t;

typedef struct {
    str_t type;
    size_t before, after;  /* entries that are seen */
    tally_t hidden, shown; /* no more; only now */
    path_effect_t *paths;
    size_t n_paths;
    str_t members_path; /* empty: neither map has members for the type */
    member_effect_t members;
} effect_t;

/* Which entries each of two maps shows, and as what: what a reference to one of them comes to. Of
 * an entry nothing but the DN is read and 16 bytes are kept; the DN too, where references are by
 * name. */
typedef struct seen seen_t;
enum { SEEN_A, SEEN_B, SEEN_SIDES };

/* List what the reference slots of the maps may refer to. NULL: *err. */
seen_t *seen_list(const driver_t *driver, arena_t *mem, const map_t *a, const map_t *b,
                  int64_t now_s, progress_t *progress, err_t *err) MUST_USE;
const map_t *seen_map(const seen_t *seen, int side);
/* How many the slot means by what it holds, for one with `by`; *ret_dn is one of them. */
size_t seen_find_name(const seen_t *seen, const map_slot_t *slot, str_t normal, str_t *ret_dn);
/* As which type the map of that side shows it; NULL: not at all. */
const map_type_t *seen_find(const seen_t *seen, int side, str_t normal_dn);

/* Look at all entries that either map shows for the type, which both have. */
bool map_effect(const driver_t *driver, arena_t *mem, const seen_t *seen,
                const map_type_t *const of[SEEN_SIDES], effect_t *ret_effect,
                progress_t *progress, err_t *err) MUST_USE;
/* Add to the effect what becomes of the members of one entry: `a` and `b` are its resources. */
void effect_add_members(arena_t *mem, arena_t *scratch, str_t dn, const json_t *a,
                        const json_t *b, member_effect_t *effect);

#endif
