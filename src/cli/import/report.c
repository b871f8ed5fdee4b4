/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import/import.h"

#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { TELL_US = 200 * 1000 };

void
import_report_init(import_report_t *report)
{
    *report =
        (import_report_t){.terminal = isatty(STDERR_FILENO), .began_us = clock_monotonic_us()};
}

static double
seconds_of(const import_report_t *report, int64_t now_us)
{
    double seconds = (double)(now_us - report->began_us) / 1e6;

    return seconds > 0.001 ? seconds : 0.001;
}

void
import_report_progress(import_report_t *report, str_t type, size_t n, size_t total)
{
    int64_t now_us = clock_monotonic_us();

    if (!report->terminal || now_us - report->told_us < TELL_US)
        return;
    report->told_us = now_us;
    fprintf(stderr, "\r%.*s: %zu of %zu, %.0f a second\033[K", STR_ARG(type), n, total,
            (double)report->resources / seconds_of(report, now_us));
    fflush(stderr);
}

void
import_report_end(import_report_t *report, const import_state_t *state)
{
    if (report->terminal)
        fputs("\r\033[K", stderr);
    fprintf(stderr, "imported %zu resources and %zu deletions in %.1f s\n", report->resources,
            report->deleted, seconds_of(report, clock_monotonic_us()));
    fprintf(stderr, "next: --since %.*s\n", STR_ARG(state->began));
}
