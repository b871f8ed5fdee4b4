/* SPDX-License-Identifier: Apache-2.0 */
/* cli/match/match.h - what the files of `scimbridge match` share.
 *
 *   match.c      the command
 *   csv.c        the export
 *   columns.c    which column holds which path
 *   judge.c      what each user would meet
 *   rehearse.c   POST requests that write nothing
 *   claim.c      --claim
 *   tell.c       for people and for programs */
#ifndef CLI_MATCH_MATCH_H
#define CLI_MATCH_MATCH_H

#include "cli/match/csv.h"
#include "cli/match/rehearse.h"
#include "cli/print.h"
#include "cli/record.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>

/* What a POST of the row would come to. */
typedef enum {
    ROW_ADOPT,    /* an entry that nobody has provisioned becomes the resource */
    ROW_CLAIMED,  /* the entry is provisioned already */
    ROW_CREATE,   /* nobody is met */
    ROW_REFUSED,  /* as ROW_ADOPT, but the map does not adopt */
    ROW_COLLIDES, /* `code` and `reason` say with whom */
    ROW_INVALID,  /* it could not be stored, whoever is there */
    ROW_FAILED,   /* the directory did not tell */
    ROW_KINDS
} row_kind_t;

typedef struct {
    unsigned line;
    row_kind_t kind;
    str_t name; /* of the user, for people */
    str_t dn, id;
    str_t path;        /* that decided; empty: none */
    str_t external_id; /* of the row; empty: none */
    str_t code, reason;
    str_t match;       /* LDAP filter by which the entry was recognised; empty: none */
    const char *claim; /* what came of it; NULL: it was not tried */
} row_t;

/* ---- columns ---- */

/* A column of the export that the map has a place for. */
typedef struct {
    size_t at; /* in a row */
    scim_path_t path;
    scim_kind_t kind;
} column_t;
typedef struct {
    column_t *items;
    size_t n;
    size_t name_at; /* the column that tells people who it is */
} columns_t;

/* A wish of --column, "SCIMPATH=NAME". */
typedef struct {
    const char *const *texts;
    size_t n;
} wishes_t;

/* Find the columns. ERR_CONFIG: a wish is none, names a path that the type does not have, or a column
 * that is not there; or no path of the map's match list has a column. */
bool columns_find(arena_t *mem, const map_type_t *type, const csv_row_t *head,
                  const wishes_t *wishes, columns_t *ret_columns, err_t *err) MUST_USE;
/* The body of a POST for the row. NULL: ERR_INVALID_VALUE. */
json_t *columns_resource(arena_t *mem, const map_type_t *type, const columns_t *columns,
                         const csv_row_t *row, err_t *err) MUST_USE;

/* ---- the command ---- */

enum { MATCH_TARGETS = 1 << 14 };

typedef struct {
    const char *config, *connector, *type, *file;
    bool claim, yes, json;
    wishes_t wishes;
} match_options_t;

/* Which row came to an entry first. */
typedef struct target {
    struct target *next;
    str_t dn; /* in normal form */
    size_t row;
} entry_of_row_t;

typedef struct {
    arena_t *mem;
    const match_options_t *options;
    const config_t *config;
    const config_connector_t *of;
    const map_type_t *type;
    driver_t driver;
    rehearse_t rehearse;
    columns_t columns;
    csv_t csv;
    row_t *rows;
    size_t n, size;
    entry_of_row_t *targets[MATCH_TARGETS];
    record_t record;
    progress_t progress;
    int64_t now_s;
    size_t failed; /* claims */
    bool clean, done;
    err_t err;
} match_t;

/* Fill the rows. */
bool match_judge_rows(match_t *match) MUST_USE;
/* With --claim: say what would be written, ask, and write it. */
bool match_claim(match_t *match) MUST_USE;

/* ---- telling ---- */

const char *row_kind_name(row_kind_t kind);
void match_tell(arena_t *mem, const row_t *row, bool json);
void match_sum_up(arena_t *mem, const row_t *rows, size_t n, bool json);

#endif
