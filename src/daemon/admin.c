/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/admin.h"

#include "base/clock.h"

#include <stdio.h>

static void
write_health(http_page_t *page)
{
    page->status = 200;
    buf_add_c(&page->body, "ok\n");
}

/* How many are down. */
static size_t
write_directories(const admin_t *admin, buf_t *buf)
{
    const snapshot_t *snapshot = *admin->snapshot;
    size_t down = 0;

    for (size_t i = 0; i < snapshot->n_directories; i++) {
        directory_t *directory = snapshot->directories[i];
        err_t err = ERR_INIT;
        bool up = ldap_dialer_is_up(directory->dialer, &err);

        buf_printf(buf, "directory %.*s: %s%s\n", STR_ARG(directory->name),
                   up ? "up" : "down: ", up ? "" : err.detail);
        down += !up;
    }
    return down;
}

/* Not ready: a directory is down, or we are on our way out. */
static void
write_readiness(const admin_t *admin, http_page_t *page)
{
    size_t down = write_directories(admin, &page->body);

    if (*admin->draining)
        buf_add_c(&page->body, "draining\n");
    page->status = down > 0 || *admin->draining ? 503 : 200;
}

/* ---- what is in service ---- */

void
admin_note_reload(admin_t *admin, const err_t *err)
{
    admin->refused_s = err ? clock_real_s() : 0;
    snprintf(admin->refused, sizeof(admin->refused), "%s", err ? err->detail : "");
    if (!err)
        admin->reloaded_s = clock_real_s();
}

static void
write_since(buf_t *buf, int64_t s)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);

    if (mem)
        buf_add(buf, clock_format_datetime(mem, (clock_time_t){.s = s}));
}

static void
write_status(const admin_t *admin, http_page_t *page)
{
    const config_t *config = (*admin->snapshot)->config;
    buf_t *buf = &page->body;

    page->status = 200;
    buf_printf(buf, "%s, since ", PACKAGE_STRING);
    write_since(buf, admin->started_s);
    buf_add_c(buf, "\nconfiguration of ");
    write_since(buf, admin->reloaded_s ? admin->reloaded_s : admin->started_s);
    if (admin->refused_s) {
        buf_add_c(buf, "\nreload refused, ");
        write_since(buf, admin->refused_s);
        buf_printf(buf, ": %s", admin->refused);
    }
    buf_add_c(buf, "\n");
    for (size_t i = 0; i < config->n_connectors; i++)
        buf_printf(buf, "connector %.*s: %s\n", STR_ARG(config->connectors[i].name),
                   config->connectors[i].paused ? "paused" : "serving");
    write_directories(admin, buf);
    if (*admin->draining)
        buf_add_c(buf, "draining\n");
}

/* ---- metrics ---- */

typedef struct {
    const char *name, *help;
    size_t offset; /* in worker_pool_counts_t */
} pool_metric_t;

static const pool_metric_t pool_metrics[] = {
    {"scimbridge_ldap_operations_total", "LDAP operations sent or tried.",
     offsetof(worker_pool_counts_t, operations)},
    {"scimbridge_ldap_connects_total", "Connections made to the directory.",
     offsetof(worker_pool_counts_t, connects)},
    {"scimbridge_ldap_connect_failures_total", "Connections that failed.",
     offsetof(worker_pool_counts_t, connect_failures)},
    {"scimbridge_ldap_lost_total", "Connections that were lost.",
     offsetof(worker_pool_counts_t, lost)},
    {"scimbridge_ldap_late_writes_total", "Answers of writes that came after their request.",
     offsetof(worker_pool_counts_t, late_writes)},
    {"scimbridge_ldap_timeouts_total", "Operations that reached their deadline.",
     offsetof(worker_pool_counts_t, timeouts)},
};

static uint64_t
pool_count(const admin_t *admin, const directory_t *directory, const pool_metric_t *metric)
{
    union {
        worker_pool_counts_t counts;
        uint64_t words[sizeof(worker_pool_counts_t) / sizeof(uint64_t)];
    } sum = {.counts = {0}};

    for (unsigned i = 0; i < admin->n_workers; i++)
        worker_add_pool_counts(admin->workers[i], directory, &sum.counts);
    return sum.words[metric->offset / sizeof(uint64_t)];
}

static void
write_pools(const admin_t *admin, buf_t *buf)
{
    const snapshot_t *snapshot = *admin->snapshot;

    for (size_t m = 0; m < ARRAY_SIZE(pool_metrics); m++) {
        metrics_head(buf, pool_metrics[m].name, "counter", pool_metrics[m].help);
        for (size_t i = 0; i < snapshot->n_directories; i++)
            metrics_sample(buf, pool_metrics[m].name, "directory",
                           snapshot->directories[i]->name,
                           pool_count(admin, snapshot->directories[i], &pool_metrics[m]));
    }
    metrics_head(buf, "scimbridge_ldap_up", "gauge", "1 unless the last dial failed.");
    for (size_t i = 0; i < snapshot->n_directories; i++) {
        err_t err = ERR_INIT;

        metrics_sample(buf, "scimbridge_ldap_up", "directory", snapshot->directories[i]->name,
                       ldap_dialer_is_up(snapshot->directories[i]->dialer, &err));
    }
}

static void
write_gauge(buf_t *buf, const char *name, const char *help, uint64_t value)
{
    metrics_head(buf, name, "gauge", help);
    metrics_sample(buf, name, NULL, STR(""), value);
}

static void
write_metrics(const admin_t *admin, http_page_t *page)
{
    buf_t *buf = &page->body;
    uint64_t in_flight = 0, connections = 0;

    page->status = 200;
    page->type = "text/plain; version=0.0.4";
    for (unsigned i = 0; i < admin->n_workers; i++) {
        in_flight += worker_in_flight(admin->workers[i]);
        connections += worker_connections(admin->workers[i]);
    }
    metrics_write(buf, admin->metrics);
    write_pools(admin, buf);
    write_gauge(buf, "scimbridge_requests_in_flight", "Requests being served.", in_flight);
    write_gauge(buf, "scimbridge_connections", "HTTP connections.", connections);
    write_gauge(buf, "scimbridge_workers", "Threads that serve.", admin->n_workers);
    write_gauge(buf, "scimbridge_start_time_seconds", "When the process began.",
                (uint64_t)admin->started_s);
    metrics_head(buf, "scimbridge_reloads_total", "counter", "Configurations taken over.");
    metrics_sample(buf, "scimbridge_reloads_total", NULL, STR(""), admin->reloads);
    metrics_head(buf, "scimbridge_failed_reloads_total", "counter", "Configurations refused.");
    metrics_sample(buf, "scimbridge_failed_reloads_total", NULL, STR(""),
                   admin->failed_reloads);
}

void
admin_page(void *arg, str_t path, http_page_t *page)
{
    const admin_t *admin = arg;

    if (str_eq(path, STR("/healthz")))
        write_health(page);
    else if (str_eq(path, STR("/readyz")))
        write_readiness(admin, page);
    else if (str_eq(path, STR("/status")))
        write_status(admin, page);
    else if (str_eq(path, STR("/metrics")))
        write_metrics(admin, page);
}
