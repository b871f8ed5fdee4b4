/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import/import.h"

#include <stdio.h>

void
import_report_init(import_report_t *report)
{
    *report = (import_report_t){.resources = 0};
    progress_begin(&report->progress);
}

void
import_report_progress(import_report_t *report, str_t type, size_t n, size_t total)
{
    progress_tell(&report->progress, "%.*s: %zu of %zu, %.0f a second", STR_ARG(type), n, total,
                  (double)report->resources / progress_seconds(&report->progress));
}

void
import_report_end(import_report_t *report, const import_state_t *state)
{
    progress_end(&report->progress);
    fprintf(stderr, "imported %zu resources and %zu deletions in %.1f s\n", report->resources,
            report->deleted, progress_seconds(&report->progress));
    fprintf(stderr, "next: --since %.*s\n", STR_ARG(state->began));
}
