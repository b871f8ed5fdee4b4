/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
diag_init(diag_list_t *list, arena_t *mem)
{
    *list = (diag_list_t){.mem = mem};
}

static diag_t *
append(diag_list_t *list)
{
    if (list->n == list->size) {
        size_t size = list->size ? list->size * 2 : 8;

        list->items = arena_grow(list->mem, list->items, list->n, size, sizeof(diag_t));
        list->size = size;
    }
    return &list->items[list->n++];
}

bool
diag_add(diag_list_t *list, diag_severity_t severity, const char *file, unsigned line,
         unsigned column, const char *format, ...)
{
    char text[2048];
    va_list args;
    diag_t *diag = append(list);

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *diag = (diag_t){severity, file, line, column, str_dup(list->mem, str_from_c(text))};
    if (severity == DIAG_ERROR)
        list->errors++;
    return false;
}

static int
by_place(const void *left, const void *right)
{
    const diag_t *a = left, *b = right;
    int files = strcmp(a->file ? a->file : "", b->file ? b->file : "");

    if (files)
        return files;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

void
diag_sort(diag_list_t *list)
{
    if (list->n > 1)
        qsort(list->items, list->n, sizeof(diag_t), by_place);
}

void
diag_write_one(buf_t *buf, const diag_t *diag)
{
    if (diag->file)
        buf_printf(buf, "%s:", diag->file);
    if (diag->line)
        buf_printf(buf, "%u:%u:", diag->line, diag->column);
    buf_printf(buf, "%s%s: ", diag->file || diag->line ? " " : "",
               diag->severity == DIAG_ERROR ? "error" : "warning");
    buf_add(buf, diag->message);
    buf_add_char(buf, '\n');
}

void
diag_write(buf_t *buf, diag_list_t *list)
{
    diag_sort(list);
    for (size_t i = 0; i < list->n; i++)
        diag_write_one(buf, &list->items[i]);
}
