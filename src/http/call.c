/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a call: admitted, its body collected, served, answered. */
#include "http/call.h"

enum {
    /* Of a refused request's body so much is read before the connection is closed instead, as a
     * client that is still sending may never see an answer. */
    PASS_OVER_STRANGER = 64 * 1024,
    PASS_OVER_CLIENT = 16 * 1024 * 1024,
    BODY_FIRST = 4096
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

enum MHD_Result
call_begin(call_t *call, str_t method, str_t version)
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

enum MHD_Result
call_go_on(call_t *call, const char *bytes, size_t n)
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

/* --- what never got so far ---------------------------------------------------------------- */

static void
parse_place(void *arg)
{
    call_t *call = arg;
    err_t ignored = ERR_INIT;

    call->public.routed =
        route_parse(call->public.mem, call->uri, &call->public.route, &ignored);
}

/* What a request was for whose headers never came, or were not understood: for its line. */
void
call_find_place(call_t *call)
{
    request_identify(call, STR(""));
    if (!arena_guard(call->public.mem, parse_place, call))
        call->public.routed = false;
}
