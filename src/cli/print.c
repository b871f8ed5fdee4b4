/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { JSON_MAX = 128 << 20, DIAGS_MAX = 1 << 20, TELL_US = 200 * 1000 };

void
print_plain(str_t text)
{
    for (size_t i = 0; i < text.n; i++)
        putchar((unsigned char)text.p[i] < ' ' || text.p[i] == 127 ? '?' : text.p[i]);
}

void
print_json(arena_t *mem, const json_t *json)
{
    arena_mark_t mark = arena_mark(mem);
    buf_t buf;
    str_t text;

    buf_init(&buf, mem, JSON_MAX);
    json_write(&buf, json);
    buf_add_char(&buf, '\n');
    text = buf_str(&buf);
    (void)fwrite(text.p, 1, text.n, stdout);
    arena_rewind(mem, mark);
}

void
print_set(arena_t *mem, json_t *json, const char *name, str_t value)
{
    if (value.n > 0)
        json_set(mem, json, str_from_c(name), json_string(mem, value));
}

void
print_diags(arena_t *mem, diag_list_t *diags)
{
    buf_t buf;

    buf_init(&buf, mem, DIAGS_MAX);
    diag_write(&buf, diags);
    fprintf(stderr, "%.*s", STR_ARG(buf_str(&buf)));
}

void
progress_begin(progress_t *progress)
{
    *progress =
        (progress_t){.terminal = isatty(STDERR_FILENO), .began_us = clock_monotonic_us()};
}

double
progress_seconds(const progress_t *progress)
{
    double seconds = (double)(clock_monotonic_us() - progress->began_us) / 1e6;

    return seconds > 0.001 ? seconds : 0.001;
}

void
progress_tell(progress_t *progress, const char *format, ...)
{
    int64_t now_us = clock_monotonic_us();
    va_list args;

    if (!progress->terminal || now_us - progress->told_us < TELL_US)
        return;
    progress->told_us = now_us;
    progress->shown = true;
    fputc('\r', stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\033[K", stderr);
    fflush(stderr);
}

void
progress_end(progress_t *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
