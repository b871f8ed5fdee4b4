/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: loaded, put into service, replaced. */
#include "daemon/daemon_state.h"

#include "daemon/notify.h"
#include "http/tls.h"

#include <stdio.h>

typedef struct {
    const char *file;
    arena_t *mem;
    diag_list_t diags;
    const config_t *config;
    str_t *lines; /* of diags */
} loading_t;

static void
load(void *arg)
{
    loading_t *loading = arg;
    diag_list_t *diags = &loading->diags;

    diag_init(diags, loading->mem);
    loading->config = config_load(loading->mem, loading->file, diags);
    diag_sort(diags);
    loading->lines = arena_array_of(loading->mem, diags->n + 1, str_t);
    for (size_t i = 0; i < diags->n; i++) {
        buf_t buf;

        buf_init(&buf, loading->mem, 4096);
        diag_write_one(&buf, &diags->items[i]);
        loading->lines[i] = str_trim(buf_str(&buf));
    }
}

/* What is wrong with the file goes to the log, a line each. */
static void
say_diagnostics(daemon_t *daemon, const loading_t *loading)
{
    for (size_t i = 0; i < loading->diags.n; i++) {
        bool error = loading->diags.items[i].severity == DIAG_ERROR;

        log_begin(&daemon->log, error ? "error" : "warning", "config");
        log_add(&daemon->log, "detail", loading->lines[i]);
        log_end(&daemon->log);
    }
    log_flush(&daemon->log);
}

static bool
install_certificate(const config_t *config, err_t *err)
{
    http_tls_t *tls;

    if (!config->listen.certificate)
        return true;
    tls = http_tls_load(config->listen.certificate, config->listen.key, err);
    if (tls)
        http_tls_install_take(tls);
    return tls;
}

/* The first of its mistakes; the log has them all. */
static bool
fail_loading(const loading_t *loading, err_t *err)
{
    for (size_t i = 0; i < loading->diags.n; i++)
        if (loading->diags.items[i].severity == DIAG_ERROR)
            return err_set(err, ERR_CONFIG, "%s is not usable: %.*s", loading->file,
                           STR_ARG(loading->lines[i]));
    return err_set(err, ERR_CONFIG, "%s is not usable", loading->file);
}

snapshot_t *
daemon_load(daemon_t *daemon, err_t *err)
{
    loading_t loading = {.file = daemon->options->config_file, .mem = arena_new(0)};
    snapshot_t *snapshot;

    if (!loading.mem || !arena_guard(loading.mem, load, &loading)) {
        arena_free(loading.mem);
        err_set(err, ERR_UNAVAILABLE, "no memory for the configuration");
        return NULL;
    }
    say_diagnostics(daemon, &loading);
    if (!loading.config) {
        fail_loading(&loading, err);
        arena_free(loading.mem);
        return NULL;
    }
    snapshot = snapshot_new_take(loading.mem, loading.config, daemon->snapshot, daemon->loop,
                                 daemon->metrics, err);
    if (snapshot && install_certificate(snapshot->config, err))
        return snapshot;
    snapshot_unref(snapshot);
    return NULL;
}

static bool
same_address(const config_listen_t *a, const config_listen_t *b)
{
    return a->port == b->port && str_eq(str_from_c(a->address), str_from_c(b->address));
}

static bool
same_text(const char *a, const char *b)
{
    return a && b ? str_eq(str_from_c(a), str_from_c(b)) : a == b;
}

/* What a reload cannot change; NULL: nothing that has changed. */
static const char *
needs_restart(const config_t *before, const config_t *after)
{
    const config_limits_t *old = &before->limits, *new = &after->limits;

    if (!same_address(&before->listen, &after->listen) ||
        !before->listen.certificate != !after->listen.certificate ||
        !same_text(before->listen.priority, after->listen.priority))
        return "\"listen\" has changed, which";
    if (before->admin != after->admin ||
        (after->admin && !same_address(&before->admin_listen, &after->admin_listen)))
        return "\"admin\" has changed, which";
    if (before->workers != after->workers)
        return "\"workers\" has changed, which";
    if (old->connections != new->connections ||
        old->connections_per_address != new->connections_per_address ||
        old->header_bytes != new->header_bytes || old->memory != new->memory ||
        old->memory_total != new->memory_total || old->idle_timeout_ms != new->idle_timeout_ms)
        return "a limit of connections, headerBytes, memory or idleTimeout has changed, which";
    return NULL;
}

/* All that has changed is in service but for that. */
static void
say_restart(daemon_t *daemon, const config_t *before, const config_t *after)
{
    const char *what = needs_restart(before, after);
    char text[160];

    if (!what)
        return;
    snprintf(text, sizeof(text), "%s takes effect at a restart only", what);
    daemon_say(daemon, "warning", "reload", text);
}

void
daemon_reload(daemon_t *daemon)
{
    snapshot_t *before = daemon->snapshot, *snapshot;
    err_t err = ERR_INIT;

    notify_reloading();
    snapshot = daemon_load(daemon, &err);
    if (!snapshot) {
        daemon->admin.failed_reloads++;
        admin_note_reload(&daemon->admin, &err);
        daemon_say(daemon, "error", "reload refused, the configuration before stays",
                   err.detail);
        notify_send(
            "READY=1\nSTATUS=reload refused, the configuration before stays: see the log");
        return;
    }
    say_restart(daemon, before->config, snapshot->config);
    daemon->snapshot = snapshot;
    for (unsigned i = 0; i < daemon->n_workers; i++)
        worker_adopt(daemon->workers[i], snapshot);
    snapshot_unref(before);
    daemon->admin.reloads++;
    admin_note_reload(&daemon->admin, NULL);
    daemon_say(daemon, "info", "reloaded", daemon->options->config_file);
    notify_send("READY=1\nSTATUS=");
}
