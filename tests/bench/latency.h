/* SPDX-License-Identifier: Apache-2.0 */
/* bench/latency.h - a histogram of durations, 3 % wide buckets from 1 ns up. */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <stdint.h>

enum { LATENCY_STEPS = 32, LATENCY_BUCKETS = 60 * LATENCY_STEPS };

typedef struct {
    uint32_t buckets[LATENCY_BUCKETS];
    uint64_t n;
} latency_t;

void latency_add(latency_t *latency, int64_t ns);
void latency_merge(latency_t *into, const latency_t *from);
/* Milliseconds within which the share (0 to 1) of the durations lies; 0 without any. */
double latency_ms(const latency_t *latency, double share);

#endif
