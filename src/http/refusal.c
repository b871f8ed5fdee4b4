/* SPDX-License-Identifier: Apache-2.0 */
/* What libmicrohttpd answers by itself: what it cannot read, or has no room for. It tells nobody
 * but its log, which is why that is listened to. */
#include "base/clock.h"
#include "http/call.h"

#include <stdio.h>

/* The status in "Error processing request (HTTP response code is 400 ('...')). ..."; 0: it is
 * another message. */
static int
status_in(str_t text)
{
    str_t sign = STR("response code is ");
    size_t at = str_find(text, sign);
    int64_t status;

    if (at == text.n || !str_to_int64(str_slice(text, at + sign.n, 3), &status))
        return 0;
    return status >= 400 && status < 600 ? (int)status : 0;
}

void
refusal_note(refusals_t *refusals, const char *format, va_list args)
{
    char text[512];
    int n = vsnprintf(text, sizeof(text), format, args);
    int status = n > 0 ? status_in(str_from_c(text)) : 0;

    if (!status || refusals->n == ARRAY_SIZE(refusals->statuses))
        return;
    refusals->statuses[refusals->n++] = status;
    refusals->since_ms = clock_monotonic_ms();
}

static const char *
reason_of(int status)
{
    switch (status) {
    case MHD_HTTP_CONTENT_TOO_LARGE:
        return "the body is too long, or a chunk of it";
    case MHD_HTTP_URI_TOO_LONG:
        return "the URL is too long";
    case MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE:
        return "the headers are too long";
    case MHD_HTTP_HTTP_VERSION_NOT_SUPPORTED:
        return "the HTTP version is not supported";
    default:
        return "the request is malformed";
    }
}

void
refusal_explain(refusals_t *refusals, enum MHD_RequestTerminationCode how, http_call_t *call)
{
    bool silent = how == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED;

    call->response = (response_t){.status = 0};
    call->detail =
        silent ? "the client was silent for too long" : "the client went away, or was too slow";
    if (silent || refusals->n == 0)
        return;
    call->response.status = refusals->statuses[0];
    call->detail = reason_of(call->response.status);
    refusals->n--;
    memmove(refusals->statuses, refusals->statuses + 1, refusals->n * sizeof(int));
}
