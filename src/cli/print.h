/* SPDX-License-Identifier: Apache-2.0 */
/* cli/print.h - what commands print, for people and for programs. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/arena.h"
#include "base/diag.h"
#include "json/json.h"

#include <stdbool.h>
#include <stdint.h>

/* To standard output. What files, clients and directories say may steer no terminal: control
 * characters become "?". */
void print_plain(str_t text);

/* One line of JSON to standard output; nothing of it stays in `mem`. */
void print_json(arena_t *mem, const json_t *json);
/* A member of an object that is going to be printed; none of an empty value. */
void print_set(arena_t *mem, json_t *json, const char *name, str_t value);

/* What a loader said, to standard error. */
void print_diags(arena_t *mem, diag_list_t *diags);

/* A line on standard error that is written over, a few times a second; only on a terminal. */
typedef struct {
    bool terminal, shown;
    int64_t began_us, told_us;
} progress_t;

void progress_begin(progress_t *progress);
double progress_seconds(const progress_t *progress);
void progress_tell(progress_t *progress, const char *format, ...) PRINTF_LIKE(2, 3);
/* Wipe the line. */
void progress_end(progress_t *progress);

#endif
