/* SPDX-License-Identifier: Apache-2.0 */
/* cli/match/csv.h - comma-separated values (RFC 4180), as spreadsheets and portals write them.
 *
 * Lines may end in CRLF, LF or CR; a byte order mark is passed over; where the first line has semicolons or tabs and no
 * comma, these separate. */
#ifndef CLI_MATCH_CSV_H
#define CLI_MATCH_CSV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    str_t rest;
    unsigned line; /* where `rest` begins, from 1 */
    char separator;
} csv_t;

typedef struct {
    str_t *fields;
    size_t n, size;
    unsigned line; /* where it begins */
} csv_row_t;

/* ERR_INVALID_SYNTAX: the text is no UTF-8. It must live as long as the rows. */
bool csv_open(csv_t *csv, str_t text, err_t *err) MUST_USE;

/* The next row, in `mem`; empty lines are passed over. false: there is none, or, with *err set, a quoted
 * field does not end or goes on after its end. */
bool csv_next(csv_t *csv, arena_t *mem, csv_row_t *ret_row, err_t *err) MUST_USE;

#endif
