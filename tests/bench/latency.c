/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/latency.h"

/* Below LATENCY_STEPS a bucket is one nanosecond; above, each power of two has as many. */
static unsigned
bucket_of(uint64_t ns)
{
    unsigned power, bucket;

    if (ns < LATENCY_STEPS)
        return (unsigned)ns;
    power = 63 - (unsigned)__builtin_clzll(ns);
    bucket = (power - 4) * LATENCY_STEPS + (unsigned)(ns >> (power - 5)) - LATENCY_STEPS;
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static double
middle_of(unsigned bucket)
{
    unsigned power = bucket / LATENCY_STEPS + 4;

    if (bucket < LATENCY_STEPS)
        return bucket;
    return ((double)(bucket % LATENCY_STEPS) + LATENCY_STEPS + 0.5) *
           (double)(1ULL << (power - 5));
}

void
latency_add(latency_t *latency, int64_t ns)
{
    latency->buckets[bucket_of(ns > 0 ? (uint64_t)ns : 0)]++;
    latency->n++;
}

void
latency_merge(latency_t *into, const latency_t *from)
{
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    into->n += from->n;
}

double
latency_ms(const latency_t *latency, double share)
{
    double wanted = share * (double)latency->n;
    uint64_t seen = 0;

    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        seen += latency->buckets[i];
        if (seen > 0 && (double)seen >= wanted)
            return middle_of(i) / 1e6;
    }
    return 0;
}
