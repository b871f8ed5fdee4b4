/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daemon_state.h"

#include "base/clock.h"
#include "daemon/file.h"
#include "daemon/notify.h"

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
    DRAIN_POLL_MS = 20,
    ARENAS = 2, /* of malloc: each costs memory for good */
    KEPT_FREE =
        4 * 1024 * 1024, /* until a worker rests: pages given back are faulted in again */
    STALLED_MS = 10000
};

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

void
daemon_say(daemon_t *daemon, const char *level, const char *event, const char *detail)
{
    log_begin(&daemon->log, level, "daemon");
    log_add_c(&daemon->log, "event", event);
    log_add_c(&daemon->log, "detail", detail);
    log_end(&daemon->log);
    log_flush(&daemon->log);
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

    daemon_say(daemon, "warning", "stopping", "requests are in flight still");
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
    daemon_say(daemon, "info", "draining", NULL);
    daemon_accept_no_more(daemon);
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
            daemon_reload(daemon);
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

    daemon_say(daemon, "info", "listening", daemon->listen_name);
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
    daemon->drain_by.fire = on_drain_by;
    daemon->watchdog.fire = on_watchdog;
    daemon->watchdog_ms = notify_watchdog_ms();
    if (!block_signals(daemon, err))
        return false;
    daemon->snapshot = daemon_load(daemon, err);
    if (!daemon->snapshot || !daemon_open_listener(daemon, err) || !start_workers(daemon, err))
        return false;
    daemon->admin = (admin_t){.snapshot = &daemon->snapshot,
                              .workers = daemon->workers,
                              .n_workers = daemon->n_workers,
                              .metrics = daemon->metrics,
                              .draining = &daemon->draining,
                              .started_s = clock_real_s()};
    if (!open_admin(daemon, err) || !daemon_accept(daemon, err))
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
    daemon_accept_no_more(daemon);
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
        daemon_say(&daemon, "warning", "running as root", "a user of its own is enough");
    ldap_conn_setup();
    begun = begin(&daemon, err);
    if (begun)
        serve(&daemon);
    end(&daemon);
    if (begun) {
        daemon_say(&daemon, "info", "ended", NULL);
        if (options->ready_file)
            unlink(options->ready_file);
    }
    return begun;
}
