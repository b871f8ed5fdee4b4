/* SPDX-License-Identifier: Apache-2.0 */
/* cli/check/finding.h - what a check found, for people and, as JSON, for programs.
 *
 * A finding is about a connector (and a type of its map), or about a directory; about a place in a
 * file where somebody can mend it. Its message says what is wrong and what to do. */
#ifndef CLI_CHECK_FINDING_H
#define CLI_CHECK_FINDING_H

#include "base/arena.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum { FINDING_OK, FINDING_WARNING, FINDING_ERROR } finding_level_t;

typedef struct {
    finding_level_t level;
    str_t topic;      /* "rights", "schema": a word that stays the same */
    str_t about;      /* "connector people: User", "directory main"; may be empty */
    const char *file; /* NULL: no place */
    unsigned line, column;
    str_t message;
} finding_t;

typedef struct {
    arena_t *mem;
    finding_t *items;
    size_t n, size;
    size_t errors, warnings;
} findings_t;

void findings_init(findings_t *findings, arena_t *mem);
finding_t *findings_add(findings_t *findings, finding_level_t level, const char *topic,
                        str_t about, const char *format, ...) PRINTF_LIKE(5, 6);
/* What the loader of a file says. */
void findings_add_diags(findings_t *findings, const diag_list_t *diags);

/* Those from `from` on to standard output, one a line; in colour on a terminal. */
void findings_print(const findings_t *findings, size_t from);
/* All of them as one JSON object. */
void findings_print_json(const findings_t *findings);

#endif
