/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/report.h"

#include <stdlib.h>
#include <string.h>

static const double memory_hoped_mib = 20;

double
report_rate(const load_t *load)
{
    return load->ns > 0 ? (double)load->n * 1e9 / (double)load->ns : 0;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double
report_median(const double *values, unsigned n)
{
    double sorted[REPORT_MAX_ROUNDS];

    if (n == 0)
        return 0;
    memcpy(sorted, values, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), compare);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

void
report_head(FILE *to, const circumstances_t *circumstances)
{
    fprintf(to,
            "Bridge: HTTP/1.1, keep-alive, one thread with epoll for all connections. Direct: "
            "libldap,\nsynchronous, one thread a connection, the same operation on the same "
            "slapd, in turns with it.\n"
            "%ld processors shared by slapd, bridge and load; database on %s, %s; log level "
            "%s;\n%d users; %.1f s a row.\n\n",
            circumstances->processors, circumstances->file_system,
            circumstances->nosync ? "not synced" : "synced at each write", circumstances->log,
            WORK_USERS, circumstances->seconds);
    fprintf(to, "%-16s %5s |%25s |%25s |%12s |%29s |%12s\n", "", "", "bridge", "direct",
            "ratio", "CPU time, us a request", "LDAP ops");
    fprintf(to, "%-16s %5s |%8s %7s %8s |%8s %7s %8s |%6s %5s |%7s %6s %7s %6s |%6s %5s\n",
            "operation", "conns", "ops/s", "p50 ms", "p99 ms", "ops/s", "p50 ms", "p99 ms",
            "seen", "aim", "bridge", "slapd", "(direct", "load)", "seen", "aim");
}

static void
print_side(FILE *to, const load_t *load)
{
    fprintf(to, " |%8.0f %7.3f %8.3f", report_rate(load), latency_ms(&load->latency, 0.50),
            latency_ms(&load->latency, 0.99));
}

static void
print_errors(FILE *to, const cell_t *cell, side_t side, const char *name)
{
    const load_t *load = &cell->sides[side];

    if (load->errors > 0)
        fprintf(to, "    %llu of %llu %s operations failed: %s\n",
                (unsigned long long)load->errors, (unsigned long long)load->n, name,
                load->complaint);
}

void
report_cell(FILE *to, const cell_t *cell)
{
    const work_facts_t *facts = &work_facts[cell->work];
    char name[32];

    snprintf(name, sizeof(name), cell->delay_ms > 0 ? "%s, far" : "%s", facts->name);
    fprintf(to, "%-16s %5u", name, cell->lanes);
    for (side_t side = 0; side < SIDE_COUNT; side++)
        print_side(to, &cell->sides[side]);
    fprintf(to, " |%6.2f %5.1f", report_median(cell->ratios, cell->rounds), facts->ratio);
    fprintf(to, " |%7.1f %6.1f %7.1f %6.1f", cell->bridge_cpu_us,
            cell->slapd_cpu_us[SIDE_BRIDGE], cell->slapd_cpu_us[SIDE_DIRECT],
            cell->load_cpu_us);
    fprintf(to, " |%6.2f %5.0f\n", cell->operations, facts->operations);
    print_errors(to, cell, SIDE_BRIDGE, "bridge");
    print_errors(to, cell, SIDE_DIRECT, "direct");
    fflush(to);
}

void
report_foot(FILE *to, const circumstances_t *circumstances)
{
    const double *memory = circumstances->memory_mib;

    fprintf(to,
            "\nBridge's resident memory, MiB: %.1f idle after the start, %.1f peak, %.1f after "
            "the run (aim: below %.0f).\n",
            memory[0], memory[1], memory[2], memory_hoped_mib);
}

/* --- JSON --------------------------------------------------------------------------------- */

static void
write_side(FILE *to, const char *name, const load_t *load)
{
    fprintf(to,
            "\"%s\": {\"rate\": %.1f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"n\": %llu, "
            "\"errors\": %llu}, ",
            name, report_rate(load), latency_ms(&load->latency, 0.50),
            latency_ms(&load->latency, 0.99), (unsigned long long)load->n,
            (unsigned long long)load->errors);
}

static void
write_cell(FILE *to, const cell_t *cell)
{
    const work_facts_t *facts = &work_facts[cell->work];

    fprintf(to, "{\"operation\": \"%s\", \"connections\": %u, \"delay_ms\": %g, ", facts->key,
            cell->lanes, cell->delay_ms);
    write_side(to, "bridge", &cell->sides[SIDE_BRIDGE]);
    write_side(to, "direct", &cell->sides[SIDE_DIRECT]);
    fprintf(to, "\"ratio\": %.4f, \"ratio_aim\": %.1f, \"bridge_cpu_us\": %.2f, ",
            report_median(cell->ratios, cell->rounds), facts->ratio, cell->bridge_cpu_us);
    fprintf(
        to, "\"slapd_cpu_us\": %.2f, \"slapd_cpu_direct_us\": %.2f, \"load_cpu_us\": %.2f, ",
        cell->slapd_cpu_us[SIDE_BRIDGE], cell->slapd_cpu_us[SIDE_DIRECT], cell->load_cpu_us);
    fprintf(to, "\"ldap_operations\": %.3f, \"ldap_operations_aim\": %g}", cell->operations,
            facts->operations);
}

void
report_json(FILE *to, const circumstances_t *circumstances, const cell_t *cells, size_t n)
{
    const double *memory = circumstances->memory_mib;

    fprintf(to,
            "{\"processors\": %ld, \"file_system\": \"%s\", \"synced\": %s, \"log\": \"%s\",\n",
            circumstances->processors, circumstances->file_system,
            circumstances->nosync ? "false" : "true", circumstances->log);
    fprintf(to, " \"users\": %d, \"seconds\": %g,\n", WORK_USERS, circumstances->seconds);
    fprintf(to, " \"memory_mib\": {\"idle\": %.2f, \"peak\": %.2f, \"after\": %.2f},\n",
            memory[0], memory[1], memory[2]);
    fprintf(to, " \"cells\": [");
    for (size_t i = 0; i < n; i++) {
        fprintf(to, "%s\n  ", i > 0 ? "," : "");
        write_cell(to, &cells[i]);
    }
    fprintf(to, "\n ]}\n");
}
