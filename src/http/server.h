/* SPDX-License-Identifier: Apache-2.0 */
/* http/server.h - one worker's HTTP server: connections in, calls out.
 *
 * It has no listening socket (connections are handed in) and no thread (its owner's loop runs
 * it). A call is one request and the response to it. It goes
 *   admit   the headers are there: is the request welcome?
 *   serve   the body is there: answer now, or later with http_answer
 *   done    the response has gone, or the connection has; then the call is freed
 * A call that is being served stays until it is answered, also when its client has left: the
 * owner sets a deadline. All functions belong to the owner's thread. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/loop.h"
#include "connector/request.h"
#include "http/router.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct http_server http_server_t;
typedef struct http_call http_call_t;

/* A request and its response. What the hooks may read and set; the rest is http/call.h. */
struct http_call {
    arena_t *mem;  /* dies with the call; NULL in `done` of a request that never became one */
    route_t route; /* valid when `routed` */
    bool routed;
    str_t method;      /* as the client wrote it; empty: the request did not get so far */
    request_t request; /* body only in serve */
    response_t response;
    const char *challenge;  /* WWW-Authenticate; NULL: none */
    const char *detail;     /* of an error that http/ or the hooks answered; NULL: none */
    bool close;             /* close the connection after the response */
    size_t max_body;        /* set by admit */
    const char *public_url; /* set by admit; NULL: the Host header decides */
    int64_t started_us;
    size_t body_bytes;
    void *user; /* the hooks' own */
};

typedef struct {
    /* Set max_body and public_url. false: refused with *err. Runs under an arena_guard. Not for what
     * names no connector, or was refused before. */
    bool (*admit)(void *arg, http_call_t *call, err_t *err);
    void (*serve)(void *arg, http_call_t *call);
    /* Once for each request, also for those that libmicrohttpd refused by itself: these were never
     * admitted, and `user` is NULL. `call->response` is what was sent, or would have been; of the
     * library's own answers only the status is known. Status 0: none was sent. */
    void (*done)(void *arg, http_call_t *call);
    /* A connection was closed. */
    void (*closed)(void *arg);
} http_hooks_t;

typedef struct {
    bool tls;
    const char *priority;             /* NULL: http_tls_priority_default */
    const char *host;                 /* "127.0.0.1:8080": for clients that send no Host */
    unsigned connections;             /* at most */
    unsigned connections_per_address; /* 0: no limit of its own */
    unsigned idle_timeout_s;
    int64_t receive_timeout_ms; /* from a first line to the end of the body */
    size_t header_bytes;        /* of one request: its first line and headers */
    size_t call_bytes;          /* of one call's arena */
    arena_budget_t *budget;     /* of all calls' arenas and all connections; NULL: none */
} http_settings_t;

/* The settings' strings and the hooks must outlive the server. */
http_server_t *http_server_new(loop_t *loop, const http_settings_t *settings,
                               const http_hooks_t *hooks, void *arg, err_t *err) MUST_USE;
/* No call may be waiting for its answer. */
void http_server_free(http_server_t *server);

/* After each turn of the loop: read, write and call the hooks, if there is anything to do. */
void http_server_run(http_server_t *server);
/* How many milliseconds the next turn may wait at most; -1: for as long as it likes. */
int http_server_wait_ms(const http_server_t *server) MUST_USE;

/* Serve an accepted, non-blocking connection. Takes the descriptor; false: it was closed. */
bool http_server_add_take(http_server_t *server, int fd, const struct sockaddr *address,
                          socklen_t size) MUST_USE;

/* Calls between their first line and `done`. */
size_t http_server_calls(const http_server_t *server);

/* The value of a request's header; empty when there is none. */
str_t http_header(const http_call_t *call, const char *name);

/* Make call->response say what `err` is; then http_answer. */
void http_refuse(http_call_t *call, const err_t *err);

/* The answer is in call->response: send it. Exactly once, from serve or after it. */
void http_answer(http_call_t *call);

#endif
