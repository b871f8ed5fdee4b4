/* SPDX-License-Identifier: Apache-2.0 */
/* cli/import/import.h - what the files of `scimbridge import` share.
 *
 *   import.c         the command; page after page
 *   state.c   what is kept in a file for going on later
 *   report.c  progress, and what is said at the end */
#ifndef CLI_IMPORT_IMPORT_H
#define CLI_IMPORT_IMPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where an import stands. Strings live as long as the import. */
typedef struct {
    str_t connector;
    str_t only;   /* --type; empty: all types */
    str_t since;  /* dateTime; empty: everything */
    str_t began;  /* dateTime: what the next delta has to begin with */
    str_t type;   /* of the resource that was written last, ... */
    str_t anchor; /* ... and its id; empty: none yet */
} import_state_t;

/* Read what an import of the same question left behind. *ret_found: whether there was anything. false:
 * the file cannot be read, or is about another question. */
bool import_state_read(arena_t *mem, const char *file, import_state_t *state, bool *ret_found,
                       err_t *err) MUST_USE;
bool import_state_write(arena_t *mem, const char *file, const import_state_t *state, err_t *err)
    MUST_USE;

typedef struct {
    bool terminal;
    int64_t began_us, told_us;
    size_t resources, deleted;
} import_report_t;

void import_report_init(import_report_t *report);
/* Of a type so many of `total` are done: told now and then, on a terminal only. */
void import_report_progress(import_report_t *report, str_t type, size_t n, size_t total);
void import_report_end(import_report_t *report, const import_state_t *state);

#endif
