/* SPDX-License-Identifier: Apache-2.0 */
/* cli/import/import.h - what the files of `scimbridge import` share.
 *
 *   import.c   the command; type after type, page after page
 *   page.c     a page of resources
 *   stones.c   tombstones
 *   state.c    what is kept in a file for going on later
 *   report.c   progress, and what is said at the end */
#ifndef CLI_IMPORT_IMPORT_H
#define CLI_IMPORT_IMPORT_H

#include "base/clock.h"
#include "cli/driver.h"
#include "cli/print.h"

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
    progress_t progress;
    size_t resources, deleted;
} import_report_t;

void import_report_init(import_report_t *report);
/* Of a type so many of `total` are done: told now and then, on a terminal only. */
void import_report_progress(import_report_t *report, str_t type, size_t n, size_t total);
void import_report_end(import_report_t *report, const import_state_t *state);

/* ---- the import ---- */

enum { IMPORT_PAGE = 500, IMPORT_CURSOR_S = 24 * 3600 };

typedef struct {
    const char *config, *connector, *type, *since, *resume;
    clock_time_t from; /* what since says */
} import_options_t;

typedef struct {
    arena_t *mem;
    const import_options_t *options;
    const config_connector_t *of;
    driver_t driver;
    import_state_t state;
    import_report_t report;
    clock_time_t since;
    bool delta, done;
    err_t err;
} import_t;

/* One page; everything of it is given back before the next one. */
typedef struct {
    import_t *import;
    arena_t *mem;
    const map_type_t *type;
    str_t cursor; /* in the import's memory; empty: the first page */
    bool good, last;
    size_t n, total;
} import_page_t;

/* The functions of a page run under its guard, and set page->good. */
void import_read_page(void *page);
void import_write_stones(void *page);
/* Begin behind the resource that was written last. */
bool import_go_on(import_page_t *page) MUST_USE;
bool import_flush(import_t *import) MUST_USE;

#endif
