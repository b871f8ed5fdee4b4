/* SPDX-License-Identifier: Apache-2.0 */
/* bench/report.h - the results, as a table and as JSON. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "bench/load.h"
#include "bench/work.h"

#include <stdbool.h>
#include <stdio.h>

enum { REPORT_MAX_ROUNDS = 32 };

/* What a cell of one operation and one number of connections gave. */
typedef struct {
    work_t work;
    unsigned lanes;
    double delay_ms; /* to the directory, each way; 0: beside it */
    load_t sides[SIDE_COUNT];
    double ratios[REPORT_MAX_ROUNDS]; /* bridge to direct, of each pair of slices */
    unsigned rounds;
    double bridge_cpu_us, load_cpu_us; /* per request */
    double slapd_cpu_us[SIDE_COUNT];   /* per request */
    double operations;                 /* LDAP operations per request */
} cell_t;

typedef struct {
    bool nosync;
    const char *file_system, *log;
    long processors;
    double seconds;       /* of a cell */
    double memory_mib[3]; /* idle after the start, peak, after the run */
} circumstances_t;

double report_rate(const load_t *load);
double report_median(const double *values, unsigned n);

void report_head(FILE *to, const circumstances_t *circumstances);
void report_cell(FILE *to, const cell_t *cell);
void report_foot(FILE *to, const circumstances_t *circumstances);
void report_json(FILE *to, const circumstances_t *circumstances, const cell_t *cells, size_t n);

#endif
