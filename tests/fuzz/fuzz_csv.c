/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_csv.c - exports of users: any text gives rows or an error with a line, and rows that are written
 * with quotation marks come back as they were. */
#include "cli/match/csv.h"

#include "base/buf.h"
#include "fuzz/fuzz.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static void
write_row(buf_t *buf, const csv_row_t *row)
{
    for (size_t i = 0; i < row->n; i++) {
        buf_add_c(buf, i ? ",\"" : "\"");
        for (size_t k = 0; k < row->fields[i].n; k++) {
            if (row->fields[i].p[k] == '"')
                buf_add_char(buf, '"');
            buf_add_char(buf, row->fields[i].p[k]);
        }
        buf_add_char(buf, '"');
    }
    buf_add_c(buf, "\r\n");
}

static void
expect(const csv_row_t *row, const csv_row_t *again)
{
    if (row->n != again->n)
        abort();
    for (size_t i = 0; i < row->n; i++)
        if (!str_eq(row->fields[i], again->fields[i]))
            abort();
}

/* Behind a line that says what separates. */
static void
read_again(arena_t *mem, const csv_row_t *row)
{
    err_t err = ERR_INIT;
    csv_row_t again;
    csv_t csv;
    buf_t buf;

    buf_init(&buf, mem, 16 << 20);
    buf_add_c(&buf, "a,b\r\n");
    write_row(&buf, row);
    if (!csv_open(&csv, buf_str(&buf), &err) || !csv_next(&csv, mem, &again, &err) ||
        !csv_next(&csv, mem, &again, &err))
        abort();
    expect(row, &again);
    if (csv_next(&csv, mem, &again, &err) || err.kind != ERR_NONE)
        abort();
}

static void
run(void *arg)
{
    const input_t *input = arg;
    unsigned line = 0;
    err_t err = ERR_INIT;
    csv_row_t row;
    csv_t csv;

    if (!csv_open(&csv, input->text, &err)) {
        if (err.kind != ERR_INVALID_SYNTAX)
            abort();
        return;
    }
    while (csv_next(&csv, input->mem, &row, &err)) {
        if (row.n == 0 || row.line <= line)
            abort();
        line = row.line;
        read_again(input->mem, &row);
    }
    if (err.kind == ERR_NONE ? csv.rest.n != 0 : err.kind != ERR_INVALID_SYNTAX)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(256 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    if (!mem || !arena_guard(mem, run, &input))
        abort();
    return 0;
}
