/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/connector.h"
#include "http/call.h"
#include "scim/error.h"

#include <stdio.h>

/* For when there is no memory to say anything else. */
static const response_t out_of_memory = {
    .status = 503,
    .body = STR_INIT("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],"
                     "\"status\":\"503\",\"detail\":\"no memory for this request\"}"),
    .retry_after_s = 5,
};

typedef struct {
    call_t *call;
    const err_t *err;
} refusal_t;

static void
make_refusal(void *arg)
{
    refusal_t *refusal = arg;
    http_call_t *call = &refusal->call->public;

    response_from_error(call->mem, refusal->err, &call->response);
    call->detail = str_dup_c(call->mem, err_detail(refusal->err));
}

void
response_refuse(call_t *call, const err_t *err)
{
    refusal_t refusal = {call, err};
    http_call_t *seen = &call->public;

    if (!arena_guard(seen->mem, make_refusal, &refusal))
        seen->response = out_of_memory;
    if (err->kind == ERR_UNAUTHORIZED)
        seen->challenge = "Bearer";
    if (err->kind == ERR_METHOD && seen->routed)
        seen->response.allow = route_allow(seen->route.kind);
}

void
response_allow_all(call_t *call)
{
    call->public.response =
        (response_t){.status = 204, .allow = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"};
}

void
http_refuse(http_call_t *call, const err_t *err)
{
    response_refuse(call_of(call), err);
}

/* A value with a line end in it would be refused by the library, and so is one of ours that a
 * directory's data got into: better no header than no response. */
static void
add_header(struct MHD_Response *response, const char *name, str_t value)
{
    char text[2048];

    if (value.n == 0 || value.n >= sizeof(text))
        return;
    memcpy(text, value.p, value.n);
    text[value.n] = '\0';
    (void)MHD_add_response_header(response, name, text);
}

static void
add_headers(const call_t *call, struct MHD_Response *response)
{
    const response_t *is = &call->public.response;
    const char *allow = is->allow;
    char number[16];

    if (is->body.n > 0)
        add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, media_name(call->media));
    if (is->status == MHD_HTTP_UNSUPPORTED_MEDIA_TYPE)
        add_header(response, MHD_HTTP_HEADER_ACCEPT, STR(MEDIA_TAKEN));
    if (call->public.routed && call->public.request.method == METHOD_OPTIONS &&
        is->status == 204)
        allow = route_allow(call->public.route.kind);
    add_header(response, MHD_HTTP_HEADER_LOCATION, is->location);
    add_header(response, MHD_HTTP_HEADER_ETAG, is->etag);
    add_header(response, "X-Request-Id", call->public.request.request_id);
    if (allow)
        add_header(response, MHD_HTTP_HEADER_ALLOW, str_from_c(allow));
    if (call->public.challenge)
        add_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                   str_from_c(call->public.challenge));
    if (is->retry_after_s > 0) {
        snprintf(number, sizeof(number), "%d", is->retry_after_s);
        add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, str_from_c(number));
    }
    if (call->public.close)
        add_header(response, MHD_HTTP_HEADER_CONNECTION, STR("close"));
}

/* The body is not copied. */
static struct MHD_Response *
response_of(str_t body)
{
    union {
        const char *borrowed;
        void *given;
    } bytes = {.borrowed = body.p};

    return MHD_create_response_from_buffer(body.n, bytes.given, MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result
response_queue_no_memory(struct MHD_Connection *connection)
{
    struct MHD_Response *response = response_of(out_of_memory.body);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, media_name(MEDIA_SCIM));
    add_header(response, MHD_HTTP_HEADER_CONNECTION, STR("close"));
    result = MHD_queue_response(connection, MHD_HTTP_SERVICE_UNAVAILABLE, response);
    MHD_destroy_response(response);
    return result;
}

/* The body stays in the call's arena until the library has sent it. */
enum MHD_Result
response_queue(call_t *call)
{
    struct MHD_Response *response = response_of(call->public.response.body);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    add_headers(call, response);
    result =
        MHD_queue_response(call->connection, (unsigned)call->public.response.status, response);
    MHD_destroy_response(response);
    call->state = CALL_ANSWERING;
    return result;
}
