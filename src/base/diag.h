/* SPDX-License-Identifier: Apache-2.0 */
/* base/diag.h - what is wrong in a file that an admin wrote, all of it and where.
 *
 * A check goes on after the first mistake, so that one run shows everything. Each diagnostic
 * says what is wrong and what to do. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum { DIAG_WARNING, DIAG_ERROR } diag_severity_t;

typedef struct {
    diag_severity_t severity;
    const char *file;
    unsigned line, column; /* 1-based; 0: no place */
    str_t message;
} diag_t;

typedef struct {
    arena_t *mem;
    diag_t *items;
    size_t n, size;
    size_t errors;
} diag_list_t;

void diag_init(diag_list_t *list, arena_t *mem);
/* Always false, so that failing is one line. */
bool diag_add(diag_list_t *list, diag_severity_t severity, const char *file, unsigned line,
              unsigned column, const char *format, ...) PRINTF_LIKE(6, 7);
/* By file and place. */
void diag_sort(diag_list_t *list);
/* "file:line:column: error: message\n". */
void diag_write_one(buf_t *buf, const diag_t *diag);
/* All of them, sorted. */
void diag_write(buf_t *buf, diag_list_t *list);

#endif
