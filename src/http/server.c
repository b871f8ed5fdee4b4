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

enum {
    /* Of a refused request's body so much is read before the connection is closed instead, as a
     * client that is still sending may never see an answer. */
    PASS_OVER_STRANGER = 64 * 1024,
    PASS_OVER_CLIENT = 16 * 1024 * 1024,
    BODY_FIRST = 4096,
    REFUSAL_MS = 5000
};

/* --- the body ----------------------------------------------------------------------------- */

typedef struct {
    call_t *call;
    const char *bytes;
    size_t n;
} piece_t;

static void
append_piece(void *arg)
{
    piece_t *piece = arg;
    call_t *call = piece->call;
    http_call_t *public = &call->public;
    size_t used = public->body_bytes;

    if (used + piece->n > call->body_size) {
        int64_t length = request_length(call);
        size_t size = call->body_size ? 2 * call->body_size : BODY_FIRST;

        if (length > 0)
            size = (size_t)length;
        if (size < used + piece->n)
            size = used + piece->n;
        call->body = arena_grow(public->mem, call->body, used, size, 1);
        call->body_size = size;
    }
    memcpy(call->body + used, piece->bytes, piece->n);
    public->body_bytes = used + piece->n;
}

static void
refuse(call_t *call, const err_t *err)
{
    response_refuse(call, err);
    call->state = CALL_DECIDED;
}

static void
collect(call_t *call, const char *bytes, size_t n)
{
    piece_t piece = {call, bytes, n};
    err_t err = ERR_INIT;

    if (n > call->public.max_body - call->public.body_bytes)
        request_too_long(call, &err);
    else if (!arena_guard(call->public.mem, append_piece, &piece))
        err_set(&err, ERR_UNAVAILABLE, "no memory for the body");
    if (err.kind != ERR_NONE)
        refuse(call, &err);
}

/* --- the steps of a call ------------------------------------------------------------------ */

typedef struct {
    call_t *call;
    bool welcome;
    err_t err;
} look_t;

static bool
is_about_the_server(const call_t *call)
{
    return call->public.request.method == METHOD_OPTIONS && str_eq(call->uri, STR("*"));
}

/* Who asks is settled before what is wrong with the request. */
static void
first_look(void *arg)
{
    look_t *look = arg;
    call_t *call = look->call;
    http_call_t *public = &call->public;
    http_server_t *server = call->server;

    if (is_about_the_server(call) && !call->fault) {
        response_allow_all(call);
        call->state = CALL_DECIDED;
        return;
    }
    if (!route_parse(public->mem, call->uri, &public->route, &look->err))
        return;
    public->routed = true;
    call->admitted = server->hooks->admit(server->arg, public, &look->err);
    look->welcome = call->admitted && request_check(call, &look->err);
}

static size_t
most_to_pass_over(const call_t *call)
{
    return call->admitted ? PASS_OVER_CLIENT : PASS_OVER_STRANGER;
}

/* A body that is not worth reading: answer at once and close. So it is when the client waits for
 * leave to send it. */
static bool
too_much_to_pass_over(const call_t *call)
{
    const http_call_t *public = &call->public;
    int64_t length = request_length(call);

    if (call->fault || http_header(public, MHD_HTTP_HEADER_EXPECT).n > 0)
        return true;
    if (http_header(public, MHD_HTTP_HEADER_TRANSFER_ENCODING).n > 0)
        return !call->admitted;
    return length > (int64_t)most_to_pass_over(call);
}

static enum MHD_Result
begin(call_t *call, str_t method, str_t version)
{
    look_t look = {.call = call, .err = ERR_INIT};

    call->state = CALL_READING;
    request_set_method(call, method);
    request_identify(call, http_header(&call->public, "X-Request-Id"));
    call->fault = request_find_fault(call, version, &call->fault_kind);
    if (!arena_guard(call->public.mem, first_look, &look)) {
        look.welcome = false;
        err_set(&look.err, ERR_UNAVAILABLE, "no memory for the request");
    }
    if (look.welcome)
        return MHD_YES;
    if (call->state != CALL_DECIDED)
        refuse(call, &look.err);
    if (!too_much_to_pass_over(call))
        return MHD_YES;
    call->public.close = true;
    return response_queue(call);
}

static enum MHD_Result
serve(call_t *call)
{
    http_call_t *public = &call->public;

    public->request.body = str_from(call->body, public->body_bytes);
    call->state = CALL_SERVING;
    sender_await(call->connection, 0);
    call->server->hooks->serve(call->server->arg, public);
    if (call->answered)
        return response_queue(call);
    call->suspended = true;
    MHD_suspend_connection(call->connection);
    return MHD_YES;
}

static enum MHD_Result
pass_over(call_t *call, size_t n)
{
    call->passed_over += n;
    return call->passed_over <= most_to_pass_over(call) ? MHD_YES : MHD_NO;
}

static enum MHD_Result
go_on(call_t *call, const char *bytes, size_t n)
{
    switch (call->state) {
    case CALL_READING:
        if (n == 0)
            return serve(call);
        collect(call, bytes, n);
        return MHD_YES;
    case CALL_DECIDED:
        return n == 0 ? response_queue(call) : pass_over(call, n);
    case CALL_SERVING:
        return call->answered ? response_queue(call) : MHD_NO;
    case CALL_NEW:
    case CALL_ANSWERING:
        break;
    }
    return MHD_NO;
}

void
http_answer(http_call_t *public)
{
    call_t *call = call_of(public);

    call->answered = true;
    if (!call->suspended)
        return;
    call->suspended = false;
    call->server->pending = true;
    MHD_resume_connection(call->connection);
}

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
        return begin(call, str_from_c(method), str_from_c(version));
    *upload_size = 0;
    return go_on(call, upload, n);
}

/* Between requests, and for the first line of one. */
static int64_t
idle_ms(const http_server_t *server)
{
    return (int64_t)server->settings.idle_timeout_s * 1000;
}

static void
parse_place(void *arg)
{
    call_t *call = arg;
    err_t ignored = ERR_INIT;

    call->public.routed =
        route_parse(call->public.mem, call->uri, &call->public.route, &ignored);
}

/* What a request was for whose headers never came, or were not understood: for its line. */
static void
find_place(call_t *call)
{
    request_identify(call, STR(""));
    if (!arena_guard(call->public.mem, parse_place, call))
        call->public.routed = false;
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
        find_place(call);
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
    if (*context && sender_babbled(*context))
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
