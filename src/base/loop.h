/* SPDX-License-Identifier: Apache-2.0 */
/* base/loop.h - one thread's event loop: descriptors, timers and a mailbox.
 *
 * A loop belongs to one thread. Only loop_post may be called from others. Sources, timers and
 * messages are embedded in what uses them; the loop never allocates per event. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/err.h"
#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct loop loop_t;
typedef struct loop_source loop_source_t;
typedef struct loop_timer loop_timer_t;
typedef struct loop_message loop_message_t;

/* `events` are EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR. The source may remove itself or others. */
typedef void loop_ready_fn(loop_source_t *source, uint32_t events);
typedef void loop_timer_fn(loop_timer_t *timer);
typedef void loop_message_fn(loop_message_t *message);

struct loop_source {
    int fd;
    uint32_t events; /* watched now; 0: not in the loop */
    loop_ready_fn *ready;
};

struct loop_timer {
    int64_t at_ms; /* monotonic */
    loop_timer_fn *fire;
    bool set;                           /* for reading only */
    loop_timer_t *child, *next, **link; /* the loop's own */
};

struct loop_message {
    loop_message_fn *deliver;
    loop_message_t *next; /* the loop's own */
};

/* ERR_UNAVAILABLE when a descriptor or memory is missing. */
loop_t *loop_new(err_t *err) MUST_USE;
void loop_free(loop_t *loop);

/* Watch source->fd for `events` (level triggered). Also changes what is watched. */
bool loop_watch(loop_t *loop, loop_source_t *source, uint32_t events, err_t *err) MUST_USE;
/* Stop watching; safe from within any callback of this turn: it will not be called again. Does not close. */
void loop_unwatch(loop_t *loop, loop_source_t *source);

/* Fire once at timer->at_ms; moves a timer that is already set. */
void loop_timer_set(loop_t *loop, loop_timer_t *timer, int64_t at_ms);
void loop_timer_clear(loop_t *loop, loop_timer_t *timer);

/* From any thread: deliver in the loop's thread, in order. The message must stay until then. */
void loop_post(loop_t *loop, loop_message_t *message);
/* From the loop's thread: take back a message. false: it is not in the mailbox. */
bool loop_unpost(loop_t *loop, loop_message_t *message);

/* One turn: wait for at most `timeout_ms` (-1: until something happens), then sources, timers, mailbox. */
void loop_turn(loop_t *loop, int timeout_ms);

/* Monotonic milliseconds as of this turn. */
int64_t loop_now(const loop_t *loop);

#endif
