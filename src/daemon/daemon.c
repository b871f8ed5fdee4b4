/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "daemon/admin.h"
#include "daemon/file.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "http/tls.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ACCEPT_PER_TURN = 64,
    ACCEPT_PAUSE_MS = 100, /* when descriptors have run out */
    DRAIN_POLL_MS = 20,
    ARENAS = 2, /* of malloc: each costs memory for good */
    KEPT_FREE =
        4 * 1024 * 1024, /* until a worker rests: pages given back are faulted in again */
    STALLED_MS = 10000
};

typedef struct {
    const daemon_options_t *options;
    loop_t *loop;
    log_t log;
    metrics_t *metrics;
    snapshot_t *snapshot;
    worker_t **workers;
    unsigned n_workers;
    http_settings_t http;
    arena_budget_t budget; /* of all requests */
    char listen_name[64], admin_name[64];
    loop_source_t listener, signals;
    loop_timer_t accept_again, watchdog, drain_by;
    http_pages_t *pages;
    admin_t admin;
    bool draining, stopping;
    int64_t watchdog_ms;
} daemon_t;

/* --- the process -------------------------------------------------------------------------- */

static void
harden(void)
{
    struct rlimit files;

    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    umask(077);
    mallopt(M_ARENA_MAX, ARENAS);
    mallopt(M_MMAP_THRESHOLD, KEPT_FREE);
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    signal(SIGPIPE, SIG_IGN);
}

static bool
block_signals(daemon_t *daemon, err_t *err)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    daemon->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (daemon->signals.fd < 0)
        return err_set(err, ERR_UNAVAILABLE, "no descriptor for signals: %s", strerror(errno));
    return loop_watch(daemon->loop, &daemon->signals, EPOLLIN, err);
}

static void
say(daemon_t *daemon, const char *level, const char *event, const char *detail)
{
    log_begin(&daemon->log, level, "daemon");
    log_add_c(&daemon->log, "event", event);
    log_add_c(&daemon->log, "detail", detail);
    log_end(&daemon->log);
    log_flush(&daemon->log);
}

/* --- configuration ------------------------------------------------------------------------ */

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

/* The file as a snapshot in service; NULL when it is bad, which is said. */
static snapshot_t *
load_snapshot(daemon_t *daemon, err_t *err)
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
    say(daemon, "warning", "reload", text);
}

/* A bad file leaves the old one in service. */
static void
reload(daemon_t *daemon)
{
    snapshot_t *before = daemon->snapshot, *snapshot;
    err_t err = ERR_INIT;

    notify_reloading();
    snapshot = load_snapshot(daemon, &err);
    if (!snapshot) {
        daemon->admin.failed_reloads++;
        admin_note_reload(&daemon->admin, &err);
        say(daemon, "error", "reload refused, the configuration before stays", err.detail);
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
    say(daemon, "info", "reloaded", daemon->options->config_file);
    notify_send("READY=1\nSTATUS=");
}

/* --- connections -------------------------------------------------------------------------- */

static worker_t *
least_loaded(const daemon_t *daemon, unsigned *ret_total)
{
    worker_t *least = daemon->workers[0];

    *ret_total = 0;
    for (unsigned i = 0; i < daemon->n_workers; i++) {
        worker_t *worker = daemon->workers[i];

        *ret_total += worker_connections(worker);
        if (worker_connections(worker) < worker_connections(least))
            least = worker;
    }
    return least;
}

static void
pause_accepting(daemon_t *daemon)
{
    loop_unwatch(daemon->loop, &daemon->listener);
    loop_timer_set(daemon->loop, &daemon->accept_again,
                   loop_now(daemon->loop) + ACCEPT_PAUSE_MS);
}

/* false: none waits, or none can be taken now. */
static bool
accept_one(daemon_t *daemon)
{
    union {
        struct sockaddr_storage any;
        struct sockaddr plain;
    } from;
    socklen_t size = sizeof(from);
    unsigned total;
    worker_t *worker = least_loaded(daemon, &total);
    int fd = accept4(daemon->listener.fd, &from.plain, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            pause_accepting(daemon);
        return errno == EINTR || errno == ECONNABORTED;
    }
    if (total >= (unsigned)daemon->snapshot->config->limits.connections)
        close(fd);
    else
        worker_deal_take(worker, fd, &from.plain, size);
    return true;
}

static void
on_connections(loop_source_t *source, uint32_t events)
{
    daemon_t *daemon = CONTAINER_OF(source, daemon_t, listener);

    (void)events;
    for (int i = 0; i < ACCEPT_PER_TURN && accept_one(daemon); i++)
        ;
}

static void
on_accept_again(loop_timer_t *timer)
{
    daemon_t *daemon = CONTAINER_OF(timer, daemon_t, accept_again);
    err_t err = ERR_INIT;

    if (!daemon->draining && !loop_watch(daemon->loop, &daemon->listener, EPOLLIN, &err))
        pause_accepting(daemon);
}

/* --- the end ------------------------------------------------------------------------------ */

static void
stop(daemon_t *daemon)
{
    if (daemon->stopping)
        return;
    daemon->stopping = true;
    for (unsigned i = 0; i < daemon->n_workers; i++)
        worker_stop(daemon->workers[i]);
}

static void
on_drain_by(loop_timer_t *timer)
{
    daemon_t *daemon = CONTAINER_OF(timer, daemon_t, drain_by);

    say(daemon, "warning", "stopping", "requests are in flight still");
    stop(daemon);
}

static void
drain(daemon_t *daemon)
{
    int64_t by = loop_now(daemon->loop) + daemon->snapshot->config->limits.drain_timeout_ms;

    if (daemon->draining) {
        stop(daemon);
        return;
    }
    daemon->draining = true;
    notify_send("STOPPING=1");
    say(daemon, "info", "draining", NULL);
    loop_timer_clear(daemon->loop, &daemon->accept_again);
    loop_unwatch(daemon->loop, &daemon->listener);
    close(daemon->listener.fd);
    daemon->listener.fd = -1;
    for (unsigned i = 0; i < daemon->n_workers; i++)
        worker_drain(daemon->workers[i]);
    loop_timer_set(daemon->loop, &daemon->drain_by, by);
}

static void
on_signals(loop_source_t *source, uint32_t events)
{
    daemon_t *daemon = CONTAINER_OF(source, daemon_t, signals);
    struct signalfd_siginfo info;

    (void)events;
    while (read(source->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGHUP && !daemon->draining)
            reload(daemon);
        else if (info.ssi_signo != SIGHUP)
            drain(daemon);
    }
}

static bool
all_ended(const daemon_t *daemon)
{
    for (unsigned i = 0; i < daemon->n_workers; i++) {
        if (!worker_has_ended(daemon->workers[i]))
            return false;
    }
    return true;
}

/* Nothing is said when a worker hangs, so that systemd sees it. */
static void
on_watchdog(loop_timer_t *timer)
{
    daemon_t *daemon = CONTAINER_OF(timer, daemon_t, watchdog);
    int64_t now = loop_now(daemon->loop);
    bool turning = true;

    for (unsigned i = 0; i < daemon->n_workers; i++)
        turning = turning && now - worker_turned(daemon->workers[i]) < STALLED_MS;
    if (turning)
        notify_send("WATCHDOG=1");
    loop_timer_set(daemon->loop, timer, now + daemon->watchdog_ms);
}

/* --- the beginning ------------------------------------------------------------------------ */

static bool
open_listener(daemon_t *daemon, err_t *err)
{
    int inherited = listener_inherited();

    if (inherited > 0) {
        if (!listener_adopt(LISTENER_INHERITED_FIRST, err))
            return false;
        daemon->listener.fd = LISTENER_INHERITED_FIRST;
    } else {
        daemon->listener.fd = listener_open(&daemon->snapshot->config->listen.socket, err);
    }
    if (daemon->listener.fd < 0)
        return false;
    if (!listener_name(daemon->listener.fd, daemon->listen_name, sizeof(daemon->listen_name)))
        snprintf(daemon->listen_name, sizeof(daemon->listen_name), "localhost");
    return true;
}

static bool
open_admin(daemon_t *daemon, err_t *err)
{
    const config_t *config = daemon->snapshot->config;
    int fd;

    if (!config->admin)
        return true;
    fd = listener_open(&config->admin_listen.socket, err);
    if (fd < 0)
        return false;
    if (!listener_name(fd, daemon->admin_name, sizeof(daemon->admin_name)))
        daemon->admin_name[0] = '\0';
    daemon->pages = http_pages_new_take(daemon->loop, fd, admin_page, &daemon->admin, err);
    return daemon->pages;
}

static unsigned
share(int64_t total, unsigned workers)
{
    return total == 0 ? 0 : (unsigned)((total + workers - 1) / workers);
}

static bool
start_workers(daemon_t *daemon, err_t *err)
{
    const config_t *config = daemon->snapshot->config;
    worker_settings_t settings = {.metrics = daemon->metrics,
                                  .http = &daemon->http,
                                  .workers = config->workers,
                                  .heartbeat = daemon->watchdog_ms > 0};

    daemon->budget.limit = (size_t)config->limits.memory_total;
    daemon->http = (http_settings_t){
        .tls = config->listen.certificate,
        .priority = config->listen.priority,
        .host = daemon->listen_name,
        .connections = (unsigned)config->limits.connections,
        .connections_per_address =
            share(config->limits.connections_per_address, config->workers),
        .idle_timeout_s = (unsigned)(config->limits.idle_timeout_ms / 1000),
        .receive_timeout_ms = config->limits.request_timeout_ms,
        .header_bytes = (size_t)config->limits.header_bytes,
        .call_bytes = (size_t)config->limits.memory,
        .budget = &daemon->budget,
    };
    daemon->workers = calloc(config->workers, sizeof(worker_t *));
    if (!daemon->workers)
        return err_set(err, ERR_UNAVAILABLE, "no memory for workers");
    for (unsigned i = 0; i < config->workers; i++) {
        daemon->workers[i] = worker_new(&settings, daemon->snapshot, err);
        if (!daemon->workers[i])
            return false;
        daemon->n_workers++;
    }
    for (unsigned i = 0; i < daemon->n_workers; i++) {
        if (!worker_start(daemon->workers[i], err))
            return false;
    }
    return true;
}

static bool
tell_ready(daemon_t *daemon, err_t *err)
{
    char text[512];
    const char *scheme = daemon->http.tls ? "https" : "http";

    say(daemon, "info", "listening", daemon->listen_name);
    if (daemon->options->ready_file) {
        snprintf(text, sizeof(text), "URL=%s://%s\nADMIN_URL=%s%s\nPID=%ld\n", scheme,
                 daemon->listen_name, daemon->pages ? "http://" : "", daemon->admin_name,
                 (long)getpid());
        if (!file_replace(daemon->options->ready_file, str_from_c(text), err))
            return false;
    }
    notify_send("READY=1");
    return true;
}

static bool
begin(daemon_t *daemon, err_t *err)
{
    daemon->loop = loop_new(err);
    daemon->metrics = metrics_new();
    if (!daemon->loop)
        return false;
    if (!daemon->metrics)
        return err_set(err, ERR_UNAVAILABLE, "no memory for metrics");
    daemon->signals.ready = on_signals;
    daemon->listener.ready = on_connections;
    daemon->accept_again.fire = on_accept_again;
    daemon->drain_by.fire = on_drain_by;
    daemon->watchdog.fire = on_watchdog;
    daemon->watchdog_ms = notify_watchdog_ms();
    if (!block_signals(daemon, err))
        return false;
    daemon->snapshot = load_snapshot(daemon, err);
    if (!daemon->snapshot || !open_listener(daemon, err) || !start_workers(daemon, err))
        return false;
    daemon->admin = (admin_t){.snapshot = &daemon->snapshot,
                              .workers = daemon->workers,
                              .n_workers = daemon->n_workers,
                              .metrics = daemon->metrics,
                              .draining = &daemon->draining,
                              .started_s = clock_real_s()};
    if (!open_admin(daemon, err) || !loop_watch(daemon->loop, &daemon->listener, EPOLLIN, err))
        return false;
    if (daemon->watchdog_ms > 0)
        loop_timer_set(daemon->loop, &daemon->watchdog,
                       loop_now(daemon->loop) + daemon->watchdog_ms);
    return tell_ready(daemon, err);
}

static void
serve(daemon_t *daemon)
{
    int wait_ms = 0;

    while (!daemon->draining || !all_ended(daemon)) {
        if (daemon->draining && (wait_ms < 0 || wait_ms > DRAIN_POLL_MS))
            wait_ms = DRAIN_POLL_MS;
        loop_turn(daemon->loop, wait_ms);
        wait_ms = daemon->pages ? http_pages_run(daemon->pages) : -1;
    }
}

/* Nothing of what is being freed may be called for in the last turns. */
static void
stop_listening(daemon_t *daemon)
{
    if (!daemon->loop)
        return;
    loop_unwatch(daemon->loop, &daemon->signals);
    loop_unwatch(daemon->loop, &daemon->listener);
    loop_timer_clear(daemon->loop, &daemon->accept_again);
    loop_timer_clear(daemon->loop, &daemon->watchdog);
    loop_timer_clear(daemon->loop, &daemon->drain_by);
}

/* Snapshots and directories post themselves to the loop to be freed, one after the other. */
static void
end(daemon_t *daemon)
{
    stop_listening(daemon);
    for (unsigned i = 0; i < daemon->n_workers; i++)
        worker_stop(daemon->workers[i]);
    for (unsigned i = 0; i < daemon->n_workers; i++)
        worker_free(daemon->workers[i]);
    free(daemon->workers);
    http_pages_free(daemon->pages);
    snapshot_unref(daemon->snapshot);
    if (daemon->listener.fd >= 0)
        close(daemon->listener.fd);
    for (int i = 0; daemon->loop && i < 3; i++)
        loop_turn(daemon->loop, 0);
    if (daemon->signals.fd >= 0)
        close(daemon->signals.fd);
    loop_free(daemon->loop);
    metrics_free(daemon->metrics);
}

bool
daemon_run(const daemon_options_t *options, err_t *err)
{
    daemon_t daemon = {.options = options, .listener = {.fd = -1}, .signals = {.fd = -1}};
    bool begun;

    harden();
    log_init(&daemon.log, STDERR_FILENO);
    if (getuid() == 0)
        say(&daemon, "warning", "running as root", "a user of its own is enough");
    ldap_conn_setup();
    begun = begin(&daemon, err);
    if (begun)
        serve(&daemon);
    end(&daemon);
    if (begun) {
        say(&daemon, "info", "ended", NULL);
        if (options->ready_file)
            unlink(options->ready_file);
    }
    return begun;
}
