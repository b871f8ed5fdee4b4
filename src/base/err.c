/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

/* A cut in the middle of a UTF-8 sequence takes the sequence away. Only the end is looked at:
 * what a directory says need not be UTF-8. */
static void
cut_at_character(char *text)
{
    size_t n = strlen(text), start = n;

    while (start > 0 && n - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xc0 &&
        !str_utf8_length(str_from(text + start - 1, n - start + 1)))
        text[start - 1] = '\0';
}

static void format_into(char *detail, const char *format, va_list args) PRINTF_LIKE(2, 0);

static void
format_into(char *detail, const char *format, va_list args)
{
    int n = vsnprintf(detail, ERR_DETAIL_SIZE, format, args);

    if (n >= ERR_DETAIL_SIZE)
        cut_at_character(detail);
}

bool
err_set(err_t *err, err_kind_t kind, const char *format, ...)
{
    va_list args;

    err->kind = kind;
    err->line = err->column = 0;
    err->file = NULL;
    va_start(args, format);
    format_into(err->detail, format, args);
    va_end(args);
    return false;
}

bool
err_prefix(err_t *err, const char *format, ...)
{
    char old[ERR_DETAIL_SIZE];
    va_list args;
    size_t n;

    memcpy(old, err->detail, sizeof(old));
    va_start(args, format);
    format_into(err->detail, format, args);
    va_end(args);
    n = strlen(err->detail);
    if (snprintf(err->detail + n, sizeof(err->detail) - n, ": %s", old) >=
        (int)(sizeof(err->detail) - n))
        cut_at_character(err->detail);
    return false;
}

bool
err_add(err_t *err, const char *text)
{
    size_t n = strlen(err->detail), room = sizeof(err->detail) - sizeof("; ");
    size_t keep = strlen(text) < room ? room - strlen(text) : 0;

    if (n > keep) {
        err->detail[keep] = '\0';
        cut_at_character(err->detail);
        n = strlen(err->detail);
    }
    (void)snprintf(err->detail + n, sizeof(err->detail) - n, "; %s", text);
    return false;
}

str_t
err_detail(const err_t *err)
{
    return str_from_c(err->detail);
}
