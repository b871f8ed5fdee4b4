/* SPDX-License-Identifier: Apache-2.0 */
/* http/sender.h - clients that are waited for: each has a deadline by which its request must be
 * here whole.
 *
 * libmicrohttpd closes connections that are silent; one that sends a byte now and then would
 * keep its place for ever. */
#ifndef HTTP_SENDER_H
#define HTTP_SENDER_H

#include "base/loop.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct sender sender_t;

struct sender {
    sender_t *next, *prev;
    struct MHD_Connection *connection;
    int64_t until_ms; /* monotonic; 0: it is being served */
    bool spoke;       /* the first line of a request has come */
};

typedef struct {
    sender_t head; /* of a ring */
    loop_t *loop;
    loop_timer_t sweep;
    bool *interrupted; /* set when a connection was cut */
} senders_t;

void senders_init(senders_t *senders, loop_t *loop, bool *interrupted);
void senders_fini(senders_t *senders);

/* A connection has come; NULL: no memory, it has no deadline. */
sender_t *sender_add(senders_t *senders, struct MHD_Connection *connection, int64_t within_ms);
void sender_remove(sender_t *sender);

/* Whether it sent something in which nobody found the first line of a request. */
bool sender_babbled(const sender_t *sender);

/* The next thing awaited of it must be here within so many milliseconds; 0: nothing is awaited. */
void sender_await(struct MHD_Connection *connection, int64_t within_ms);

#endif
