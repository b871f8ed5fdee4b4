/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/match/csv.h"

#include "base/buf.h"

bool
csv_open(csv_t *csv, str_t text, err_t *err)
{
    str_t first;

    if (str_starts_with(text, STR("\xEF\xBB\xBF")))
        text = str_skip(text, 3);
    if (!str_is_utf8(text))
        return err_set(err, ERR_INVALID_SYNTAX,
                       "it is not UTF-8; save it as \"CSV UTF-8 (comma delimited)\"");
    *csv = (csv_t){.rest = text, .line = 1, .separator = ','};
    first = str_slice(text, 0, str_find_char(text, '\n'));
    if (str_find_char(first, ',') == first.n && str_find_char(first, ';') < first.n)
        csv->separator = ';';
    else if (str_find_char(first, ',') == first.n && str_find_char(first, '\t') < first.n)
        csv->separator = '\t';
    return true;
}

static bool
ends_field(const csv_t *csv, char c)
{
    return c == csv->separator || c == '\r' || c == '\n';
}

static bool
read_quoted(csv_t *csv, arena_t *mem, str_t *ret_field, err_t *err)
{
    unsigned began = csv->line;
    size_t at = 1;
    buf_t buf;

    buf_init(&buf, mem, csv->rest.n);
    for (;; at++) {
        char c = at < csv->rest.n ? csv->rest.p[at] : '\0';

        if (at >= csv->rest.n)
            return err_set(err, ERR_INVALID_SYNTAX,
                           "line %u: a field that begins with a quotation mark does not end",
                           began);
        csv->line += c == '\n';
        if (c == '"' && ++at < csv->rest.n && csv->rest.p[at] != '"')
            break;
        if (at >= csv->rest.n)
            break;
        buf_add_char(&buf, c);
    }
    csv->rest = str_skip(csv->rest, at);
    if (csv->rest.n > 0 && !ends_field(csv, csv->rest.p[0]))
        return err_set(err, ERR_INVALID_SYNTAX,
                       "line %u: something follows the quotation mark that ends a field; one "
                       "within a field is written twice",
                       csv->line);
    *ret_field = buf_str(&buf);
    return true;
}

static bool
read_field(csv_t *csv, arena_t *mem, str_t *ret_field, err_t *err)
{
    size_t n = 0;

    if (csv->rest.n > 0 && csv->rest.p[0] == '"')
        return read_quoted(csv, mem, ret_field, err);
    while (n < csv->rest.n && !ends_field(csv, csv->rest.p[n]))
        n++;
    *ret_field = str_slice(csv->rest, 0, n);
    csv->rest = str_skip(csv->rest, n);
    return true;
}

static void
add_field(arena_t *mem, csv_row_t *row, str_t field)
{
    if (row->n == row->size) {
        size_t size = row->size ? row->size * 2 : 16;

        row->fields = arena_grow(mem, row->fields, row->n, size, sizeof(str_t));
        row->size = size;
    }
    row->fields[row->n++] = field;
}

static void
end_line(csv_t *csv)
{
    if (csv->rest.n == 0)
        return;
    csv->rest = str_skip(csv->rest, str_starts_with(csv->rest, STR("\r\n")) ? 2 : 1);
    csv->line++;
}

bool
csv_next(csv_t *csv, arena_t *mem, csv_row_t *ret_row, err_t *err)
{
    csv_row_t row = {0};

    while (csv->rest.n > 0 && (csv->rest.p[0] == '\r' || csv->rest.p[0] == '\n'))
        end_line(csv);
    if (csv->rest.n == 0)
        return false;
    row.line = csv->line;
    for (;;) {
        str_t field;

        if (!read_field(csv, mem, &field, err))
            return false;
        add_field(mem, &row, field);
        if (csv->rest.n == 0 || csv->rest.p[0] != csv->separator)
            break;
        csv->rest = str_skip(csv->rest, 1);
    }
    end_line(csv);
    *ret_row = row;
    return true;
}
