/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include "base/clock.h"
#include "http/call.h"
#include "http/tls.h"
#include "http/tls_callback.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

enum { REFUSAL_MS = 5000 }; /* after which they are told of without their request */

/* --- requests that never became calls ------------------------------------------------------- */

/* They leave their line nevertheless. */
static void
report_stray(http_server_t *server, int status, const char *detail)
{
    call_t stray = {.server = server,
                    .public = {.started_us = clock_monotonic_us(),
                               .request = {.method = METHOD_OTHER},
                               .response = {.status = status},
                               .detail = detail}};

    request_identify(&stray, STR(""));
    server->hooks->done(server->arg, &stray.public);
}

static void
report_refused(http_server_t *server)
{
    http_call_t told;

    refusal_explain(&server->refusals, MHD_REQUEST_TERMINATED_WITH_ERROR, &told);
    report_stray(server, told.response.status,
                 told.response.status ? told.detail : "what came was no HTTP request");
}

/* The library answers by itself what it cannot read. Most of it is told when the request or the
 * connection ends, which may have to wait for a client that is slow to read. */
static void
report_old_refusals(http_server_t *server)
{
    int64_t now = clock_monotonic_ms();

    while (server->refusals.n > 0 && server->refusals.since_ms < now - REFUSAL_MS)
        report_refused(server);
}

/* --- what the library calls --------------------------------------------------------------- */

typedef struct {
    arena_t *mem;
    const char *uri;
    call_t *call;
} first_line_t;

static void
make_call(void *arg)
{
    first_line_t *line = arg;
    str_t uri = str_dup(line->mem, str_from_c(line->uri));

    line->call = arena_new_of(line->mem, call_t);
    line->call->uri = uri;
    line->call->public.request.method = METHOD_OTHER;
}

/* The only sight of the request's target before the library has decoded it. */
static void *
on_first_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    http_server_t *server = cls;
    const http_settings_t *settings = &server->settings;
    first_line_t line = {.mem = arena_new_within(settings->call_bytes, settings->budget),
                         .uri = uri};

    if (!line.mem || !arena_guard(line.mem, make_call, &line)) {
        arena_free(line.mem);
        return NULL;
    }
    line.call->public.mem = line.mem;
    line.call->public.started_us = clock_monotonic_us();
    line.call->server = server;
    line.call->connection = connection;
    server->calls++;
    sender_await(connection, server->settings.receive_timeout_ms);
    return line.call;
}

static enum MHD_Result
on_access(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
          const char *version, const char *upload, size_t *upload_size, void **context)
{
    call_t *call = *context;
    size_t n = *upload_size;

    (void)url;
    if (!call) {
        report_stray(cls, MHD_HTTP_SERVICE_UNAVAILABLE, "no memory for this request");
        *upload_size = 0;
        return response_queue_no_memory(connection);
    }
    if (call->state == CALL_NEW)
        return call_begin(call, str_from_c(method), str_from_c(version));
    *upload_size = 0;
    return call_go_on(call, upload, n);
}

/* Between requests, and for the first line of one. */
static int64_t
idle_ms(const http_server_t *server)
{
    return (int64_t)server->settings.idle_timeout_s * 1000;
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **context,
             enum MHD_RequestTerminationCode how)
{
    http_server_t *server = cls;
    call_t *call = *context;

    sender_await(connection, idle_ms(server));
    if (!call)
        return;
    *context = NULL;
    server->calls--;
    if (call->state == CALL_NEW)
        call_find_place(call);
    if (call->state != CALL_ANSWERING)
        refusal_explain(&server->refusals, how, &call->public);
    server->hooks->done(server->arg, &call->public);
    arena_free(call->public.mem);
}

/* What the library may use for one connection: enough to read more than we allow, with what it
 * notes of each header, so that the client is refused in our words. */
static size_t
connection_bytes(const http_settings_t *settings)
{
    return 2 * settings->header_bytes + 8192;
}

static void
on_connection(void *cls, struct MHD_Connection *connection, void **context,
              enum MHD_ConnectionNotificationCode what)
{
    http_server_t *server = cls;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = sender_add(&server->senders, connection, idle_ms(server));
        arena_budget_charge(server->settings.budget, connection_bytes(&server->settings));
        return;
    }
    /* Under TLS it may have been a handshake alone, as load balancers make to see who is there. */
    if (*context && sender_babbled(*context) &&
        (!server->settings.tls || server->refusals.n > 0))
        report_refused(server);
    if (*context)
        sender_remove(*context);
    *context = NULL;
    arena_budget_release(server->settings.budget, connection_bytes(&server->settings));
    server->hooks->closed(server->arg);
}

static void PRINTF_LIKE(2, 0) on_log(void *cls, const char *format, va_list args)
{
    http_server_t *server = cls;

    refusal_note(&server->refusals, format, args);
}

/* --- the server --------------------------------------------------------------------------- */

static void
on_readable(loop_source_t *source, uint32_t events)
{
    (void)events;
    CONTAINER_OF(source, http_server_t, source)->pending = true;
}

static struct MHD_Daemon *
start(http_server_t *server)
{
    const http_settings_t *settings = &server->settings;
    const char *priority = settings->priority ? settings->priority : http_tls_priority_default;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)priority},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)(intptr_t)http_tls_retrieve},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_TURBO | MHD_USE_ERROR_LOG;

    return MHD_start_daemon(
        settings->tls ? flags | MHD_USE_TLS : flags, 0, NULL, NULL, on_access, server,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, server,          /* first, or it misses some */
        MHD_OPTION_URI_LOG_CALLBACK, on_first_line, server,  /**/
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,   /**/
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, /**/
        MHD_OPTION_CONNECTION_LIMIT, settings->connections,  /**/
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->connections_per_address, /**/
        MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_timeout_s,               /**/
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_bytes(settings),        /**/
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,                                  /**/
        MHD_OPTION_ARRAY, settings->tls ? tls : &tls[2], MHD_OPTION_END);
}

static bool
watch(http_server_t *server, err_t *err)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    if (!info)
        return err_set(err, ERR_INTERNAL, "libmicrohttpd was built without epoll");
    server->source = (loop_source_t){.fd = info->epoll_fd, .ready = on_readable};
    return loop_watch(server->loop, &server->source, EPOLLIN, err);
}

http_server_t *
http_server_new(loop_t *loop, const http_settings_t *settings, const http_hooks_t *hooks,
                void *arg, err_t *err)
{
    http_server_t *server = calloc(1, sizeof(*server));

    if (!server) {
        err_set(err, ERR_UNAVAILABLE, "no memory for an HTTP server");
        return NULL;
    }
    *server = (http_server_t){.loop = loop, .settings = *settings, .hooks = hooks, .arg = arg};
    (void)!getrandom(&server->id_prefix, sizeof(server->id_prefix), 0);
    senders_init(&server->senders, loop, &server->pending);
    server->daemon = start(server);
    if (!server->daemon)
        err_set(err, ERR_CONFIG, "libmicrohttpd did not start (TLS settings, descriptors?)");
    else if (watch(server, err))
        return server;
    http_server_free(server);
    return NULL;
}

void
http_server_free(http_server_t *server)
{
    if (!server)
        return;
    loop_unwatch(server->loop, &server->source);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    senders_fini(&server->senders);
    free(server);
}

int
http_server_wait_ms(const http_server_t *server)
{
    int64_t left = server->due_ms - clock_monotonic_ms();

    if (server->pending)
        return 0;
    if (server->due_ms == 0)
        return -1;
    if (left < 0)
        return 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

void
http_server_run(http_server_t *server)
{
    MHD_UNSIGNED_LONG_LONG timeout;

    if (http_server_wait_ms(server) != 0)
        return;
    server->pending = false;
    (void)MHD_run(server->daemon);
    report_old_refusals(server);
    server->due_ms = 0;
    if (MHD_get_timeout(server->daemon, &timeout) == MHD_YES) {
        if (timeout == 0)
            server->pending = true;
        else
            server->due_ms = clock_monotonic_ms() + (int64_t)timeout;
    }
}

bool
http_server_add_take(http_server_t *server, int fd, const struct sockaddr *address,
                     socklen_t size)
{
    server->pending = true;
    return MHD_add_connection(server->daemon, fd, address, size) == MHD_YES;
}

size_t
http_server_calls(const http_server_t *server)
{
    return server->calls;
}
