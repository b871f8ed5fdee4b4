/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/metrics.h"

#include "daemon/log.h"

#include <stdatomic.h>
#include <stdlib.h>

static const int statuses[] = {200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 409,
                               412, 413, 414, 415, 431, 500, 501, 502, 503, 0};
static const int64_t bounds_us[] = {1000,   2500,   5000,    10000,   25000,   50000,
                                    100000, 250000, 1000000, 5000000, 30000000};

enum {
    STATUSES = (int)ARRAY_SIZE(statuses), /* the last: all others */
    BOUNDS = (int)ARRAY_SIZE(bounds_us),
    METHODS = METHOD_OTHER + 1
};

struct metrics_series {
    metrics_series_t *next;
    str_t connector;
    _Atomic uint64_t requests[METHODS][STATUSES];
    _Atomic uint64_t within[BOUNDS + 1];
    _Atomic uint64_t duration_us, operations;
    char name[];
};

struct metrics {
    metrics_series_t *first;
    metrics_series_t *refused;
};

static metrics_series_t *
add_series(metrics_t *metrics, str_t connector)
{
    metrics_series_t *series = calloc(1, sizeof(*series) + connector.n + 1);

    if (!series)
        return NULL;
    memcpy(series->name, connector.p, connector.n);
    series->connector = str_from(series->name, connector.n);
    series->next = metrics->first;
    metrics->first = series;
    return series;
}

metrics_t *
metrics_new(void)
{
    metrics_t *metrics = calloc(1, sizeof(*metrics));

    if (!metrics)
        return NULL;
    metrics->refused = add_series(metrics, STR(""));
    if (metrics->refused)
        return metrics;
    free(metrics);
    return NULL;
}

void
metrics_free(metrics_t *metrics)
{
    if (!metrics)
        return;
    for (metrics_series_t *series = metrics->first, *next; series; series = next) {
        next = series->next;
        free(series);
    }
    free(metrics);
}

metrics_series_t *
metrics_series(metrics_t *metrics, str_t connector)
{
    for (metrics_series_t *series = metrics->first; series; series = series->next) {
        if (str_eq(series->connector, connector))
            return series;
    }
    return add_series(metrics, connector);
}

metrics_series_t *
metrics_refused(metrics_t *metrics)
{
    return metrics->refused;
}

static void
add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t
get(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void
metrics_count(metrics_series_t *series, method_t method, int status, int64_t us,
              unsigned ldap_operations)
{
    int at = 0, bound = 0;

    while (at < STATUSES - 1 && statuses[at] != status)
        at++;
    while (bound < BOUNDS && us > bounds_us[bound])
        bound++;
    add(&series->requests[method][at], 1);
    add(&series->within[bound], 1);
    add(&series->duration_us, us > 0 ? (uint64_t)us : 0);
    add(&series->operations, ldap_operations);
}

void
metrics_head(buf_t *buf, const char *name, const char *type, const char *help)
{
    buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
write_label(buf_t *buf, str_t value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"' || value.p[i] == '\\')
            buf_add_char(buf, '\\');
        buf_add_char(buf, value.p[i] == '\n' ? ' ' : value.p[i]);
    }
}

void
metrics_sample(buf_t *buf, const char *name, const char *label, str_t value, uint64_t count)
{
    buf_add_c(buf, name);
    if (label) {
        buf_printf(buf, "{%s=\"", label);
        write_label(buf, value);
        buf_add_c(buf, "\"}");
    }
    buf_printf(buf, " %llu\n", (unsigned long long)count);
}

static void
write_requests(buf_t *buf, const metrics_series_t *series)
{
    for (int method = 0; method < METHODS; method++) {
        for (int at = 0; at < STATUSES; at++) {
            uint64_t count = get(&series->requests[method][at]);

            if (count == 0)
                continue;
            buf_add_c(buf, "scimbridge_requests_total{connector=\"");
            write_label(buf, series->connector);
            buf_printf(buf, "\",method=\"%s\",status=\"%d\"} %llu\n",
                       method == METHOD_OTHER ? "other" : method_name((method_t)method),
                       statuses[at], (unsigned long long)count);
        }
    }
}

static void
write_durations(buf_t *buf, const metrics_series_t *series)
{
    const char *name = "scimbridge_request_duration_seconds";
    uint64_t count = 0;

    for (int at = 0; at <= BOUNDS; at++) {
        count += get(&series->within[at]);
        buf_printf(buf, "%s_bucket{connector=\"", name);
        write_label(buf, series->connector);
        if (at < BOUNDS)
            buf_printf(buf, "\",le=\"%g\"} ", (double)bounds_us[at] / 1e6);
        else
            buf_add_c(buf, "\",le=\"+Inf\"} ");
        buf_printf(buf, "%llu\n", (unsigned long long)count);
    }
    buf_printf(buf, "%s_sum{connector=\"", name);
    write_label(buf, series->connector);
    buf_printf(buf, "\"} %.6f\n", (double)get(&series->duration_us) / 1e6);
    buf_printf(buf, "%s_count{connector=\"", name);
    write_label(buf, series->connector);
    buf_printf(buf, "\"} %llu\n", (unsigned long long)count);
}

void
metrics_write(buf_t *buf, const metrics_t *metrics)
{
    metrics_head(buf, "scimbridge_requests_total", "counter", "Requests answered.");
    for (const metrics_series_t *series = metrics->first; series; series = series->next)
        write_requests(buf, series);
    metrics_head(buf, "scimbridge_request_duration_seconds", "histogram",
                 "From a request's first line to the end of its response.");
    for (const metrics_series_t *series = metrics->first; series; series = series->next)
        write_durations(buf, series);
    metrics_head(buf, "scimbridge_request_ldap_operations_total", "counter",
                 "LDAP operations that requests asked for.");
    for (const metrics_series_t *series = metrics->first; series; series = series->next)
        metrics_sample(buf, "scimbridge_request_ldap_operations_total", "connector",
                       series->connector, get(&series->operations));
    metrics_head(buf, "scimbridge_log_lines_lost_total", "counter",
                 "Lines of the log that nobody took.");
    metrics_sample(buf, "scimbridge_log_lines_lost_total", NULL, STR(""), log_lost());
}
