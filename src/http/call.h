/* SPDX-License-Identifier: Apache-2.0 */
/* http/call.h - what the parts of http/ share about a call. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include "http/media.h"
#include "http/sender.h"
#include "http/server.h"

#include <microhttpd.h>
#include <stdarg.h>

typedef enum {
    CALL_NEW,      /* the first line was read */
    CALL_READING,  /* admitted: the body is collected */
    CALL_DECIDED,  /* answered as it is once the rest of the body has been passed over */
    CALL_SERVING,  /* with the owner, suspended unless `answered` */
    CALL_ANSWERING /* the response is queued */
} call_state_t;

typedef struct {
    http_call_t public;
    http_server_t *server;
    struct MHD_Connection *connection;
    call_state_t state;
    bool admitted, suspended, answered;
    str_t uri;
    char id[65];       /* of the request */
    char method[16];   /* as the client wrote it; a longer one is cut */
    media_t media;     /* of the response */
    const char *fault; /* why nobody can say where the request ends; NULL: all is well */
    err_kind_t fault_kind;
    char *body;
    size_t body_size, passed_over;
} call_t;

/* What the library has answered by itself, and nobody yet been told, oldest first. */
typedef struct {
    int statuses[16];
    size_t n;
    int64_t since_ms; /* the last of them */
} refusals_t;

struct http_server {
    struct MHD_Daemon *daemon;
    uint32_t id_prefix; /* request ids differ between servers, and between starts */
    uint64_t id_last;
    refusals_t refusals;
    loop_t *loop;
    loop_source_t source; /* the library's own epoll descriptor */
    bool pending;         /* something happened since the last run */
    int64_t due_ms;       /* when the library wants to run by itself; 0: never */
    size_t calls;
    senders_t senders;
    http_settings_t settings;
    const http_hooks_t *hooks;
    void *arg;
};

static inline call_t *
call_of(http_call_t *call)
{
    return CONTAINER_OF(call, call_t, public);
}

static inline const call_t *
call_of_const(const http_call_t *call)
{
    return (const call_t *)(const void *)call; /* `public` comes first */
}

/* http/call.c: the headers are there. What the access handler returns, as do the next. */
enum MHD_Result call_begin(call_t *call, str_t method, str_t version);
/* http/call.c: a piece of the body, or its end (0 bytes), or the call was resumed. */
enum MHD_Result call_go_on(call_t *call, const char *bytes, size_t n);
/* http/call.c: where a request was going whose headers were never understood, for its line. */
void call_find_place(call_t *call);

/* http/request.c: give the request its id: the client's X-Request-Id where that is harmless in a
 * log, else one of ours. */
void request_identify(call_t *call, str_t given);
/* http/request.c: take down the method. */
void request_set_method(call_t *call, str_t name);
/* http/request.c: what one look at the headers decides, after routing and admission. Fills
 * the request but for its body, and `media`. */
bool request_check(call_t *call, err_t *err) MUST_USE;
/* http/request.c: ERR_TOO_LARGE for the body, always false. */
bool request_too_long(const call_t *call, err_t *err);
/* http/request.c: what is wrong with the headers that delimit the request, in a way after which
 * the connection is of no further use (RFC 9112 §6.3). NULL: nothing. */
const char *request_find_fault(const call_t *call, str_t version, err_kind_t *ret_kind)
    MUST_USE;
/* http/request.c: Content-Length; -1: none, or none that is a number. */
int64_t request_length(const call_t *call);

/* http/response.c: queue call->public.response. MHD_NO when there is no memory: the connection
 * is then closed. */
enum MHD_Result response_queue(call_t *call);
/* http/response.c: make the response of an error, also when the arena has no room. */
void response_refuse(call_t *call, const err_t *err);
/* http/response.c: the response to OPTIONS of the server as a whole (RFC 9110 §9.3.7). */
void response_allow_all(call_t *call);
/* http/response.c: answer a request for which there was no memory at all. */
enum MHD_Result response_queue_no_memory(struct MHD_Connection *connection);

/* http/refusal.c: what the library logs; of interest is what it answers by itself. */
void refusal_note(refusals_t *refusals, const char *format, va_list args) PRINTF_LIKE(2, 0);
/* http/refusal.c: the response of a request that the library has ended in its own way. */
void refusal_explain(refusals_t *refusals, enum MHD_RequestTerminationCode how,
                     http_call_t *call);

#endif
