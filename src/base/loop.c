/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BATCH = 64 };

/* Messages in order of arrival. */
typedef struct {
    loop_message_t *first, **end;
} mailbox_t;

struct loop {
    int epoll, wake;
    int64_t now;

    /* What epoll reported and is not yet delivered; loop_unwatch blanks out what it removes. */
    struct epoll_event batch[BATCH];
    int batch_at, batch_n;

    /* A pairing heap: no memory of its own, so setting a timer cannot fail; and deadlines, which
     * come in order and are mostly cleared before they pass, cost a few assignments each. */
    loop_timer_t *earliest;
    size_t n_timers;

    pthread_mutex_t lock;
    mailbox_t posted;     /* under the lock */
    mailbox_t delivering; /* the loop's thread alone */
};

/* --- mailbox ------------------------------------------------------------------------------ */

static void
mailbox_clear(mailbox_t *box)
{
    box->first = NULL;
    box->end = &box->first;
}

static void
mailbox_append(mailbox_t *box, loop_message_t *message)
{
    message->next = NULL;
    *box->end = message;
    box->end = &message->next;
}

static bool
mailbox_remove(mailbox_t *box, loop_message_t *message)
{
    for (loop_message_t **at = &box->first; *at; at = &(*at)->next) {
        if (*at != message)
            continue;
        *at = message->next;
        if (box->end == &message->next)
            box->end = at;
        return true;
    }
    return false;
}

void
loop_post(loop_t *loop, loop_message_t *message)
{
    bool first;

    pthread_mutex_lock(&loop->lock);
    first = !loop->posted.first;
    mailbox_append(&loop->posted, message);
    pthread_mutex_unlock(&loop->lock);
    if (first)
        eventfd_write(loop->wake, 1);
}

bool
loop_unpost(loop_t *loop, loop_message_t *message)
{
    bool found;

    if (mailbox_remove(&loop->delivering, message))
        return true;
    pthread_mutex_lock(&loop->lock);
    found = mailbox_remove(&loop->posted, message);
    pthread_mutex_unlock(&loop->lock);
    return found;
}

/* What a message posts is delivered in the next turn. */
static void
deliver_messages(loop_t *loop)
{
    loop_message_t *message;

    pthread_mutex_lock(&loop->lock);
    if (loop->posted.first) {
        loop->delivering.first = loop->posted.first;
        loop->delivering.end = loop->posted.end;
    }
    mailbox_clear(&loop->posted);
    pthread_mutex_unlock(&loop->lock);

    while ((message = loop->delivering.first)) {
        mailbox_remove(&loop->delivering, message);
        message->deliver(message);
    }
}

/* --- timers ------------------------------------------------------------------------------- */

/* A set timer is the heap's root, or stands in its parent's list of children; `link` is where
 * the pointer to it is. */
static void
timer_put(loop_timer_t **link, loop_timer_t *timer)
{
    *link = timer;
    if (timer)
        timer->link = link;
}

/* The earlier of two heaps gets the other as its first child. */
static loop_timer_t *
timer_merge(loop_timer_t *a, loop_timer_t *b)
{
    loop_timer_t *first = b->at_ms < a->at_ms ? b : a;
    loop_timer_t *second = first == a ? b : a;

    timer_put(&second->next, first->child);
    timer_put(&first->child, second);
    return first;
}

/* One heap out of the children of a timer that leaves: in pairs from the front, then all pairs
 * together from the back. */
static loop_timer_t *
timer_merge_list(loop_timer_t *list)
{
    loop_timer_t *pairs = NULL, *heap = NULL;

    while (list) {
        loop_timer_t *a = list, *b = list->next;

        list = b ? b->next : NULL;
        if (b)
            a = timer_merge(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        loop_timer_t *next = pairs->next;

        heap = heap ? timer_merge(heap, pairs) : pairs;
        heap->next = NULL;
        pairs = next;
    }
    return heap;
}

void
loop_timer_set(loop_t *loop, loop_timer_t *timer, int64_t at_ms)
{
    loop_timer_clear(loop, timer);
    timer->at_ms = at_ms;
    timer->set = true;
    timer->child = timer->next = NULL;
    timer_put(&loop->earliest, loop->earliest ? timer_merge(loop->earliest, timer) : timer);
    loop->n_timers++;
}

void
loop_timer_clear(loop_t *loop, loop_timer_t *timer)
{
    loop_timer_t *children;

    if (!timer->set)
        return;
    timer->set = false;
    loop->n_timers--;
    children = timer_merge_list(timer->child);
    timer_put(timer->link, timer->next);
    if (children)
        timer_put(&loop->earliest,
                  loop->earliest ? timer_merge(loop->earliest, children) : children);
}

/* A timer that sets itself for now again waits for the next turn, so the count is bounded. */
static void
fire_timers(loop_t *loop)
{
    for (size_t n = loop->n_timers; n > 0 && loop->earliest; n--) {
        loop_timer_t *timer = loop->earliest;

        if (timer->at_ms > loop->now)
            break;
        loop_timer_clear(loop, timer);
        timer->fire(timer);
    }
}

/* --- descriptors -------------------------------------------------------------------------- */

bool
loop_watch(loop_t *loop, loop_source_t *source, uint32_t events, err_t *err)
{
    struct epoll_event event = {.events = events, .data.ptr = source};

    assert(events);
    if (source->events == events)
        return true;
    if (epoll_ctl(loop->epoll, source->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, source->fd,
                  &event) != 0)
        return err_set(err, ERR_UNAVAILABLE, "cannot watch a descriptor: %s", strerror(errno));
    source->events = events;
    return true;
}

void
loop_unwatch(loop_t *loop, loop_source_t *source)
{
    if (!source->events)
        return;
    /* Fails when the descriptor was closed, which has removed it already. */
    (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
    source->events = 0;
    for (int i = loop->batch_at; i < loop->batch_n; i++) {
        if (loop->batch[i].data.ptr == source)
            loop->batch[i].data.ptr = NULL;
    }
}

static void
deliver_events(loop_t *loop)
{
    while (loop->batch_at < loop->batch_n) {
        struct epoll_event *event = &loop->batch[loop->batch_at++];
        loop_source_t *source = event->data.ptr;
        eventfd_t count;

        if (event->data.ptr == loop)
            (void)eventfd_read(loop->wake, &count);
        else if (source)
            source->ready(source, event->events);
    }
    loop->batch_at = loop->batch_n = 0;
}

/* --- turns -------------------------------------------------------------------------------- */

static int
wait_ms(const loop_t *loop, int timeout_ms)
{
    int64_t until;

    if (!loop->earliest)
        return timeout_ms;
    until = loop->earliest->at_ms - clock_monotonic_ms();
    if (until < 0)
        until = 0;
    if (timeout_ms >= 0 && until > timeout_ms)
        return timeout_ms;
    return until > INT_MAX ? INT_MAX : (int)until;
}

void
loop_turn(loop_t *loop, int timeout_ms)
{
    int n = epoll_wait(loop->epoll, loop->batch, BATCH, wait_ms(loop, timeout_ms));

    assert(n >= 0 || errno == EINTR);
    loop->now = clock_monotonic_ms();
    loop->batch_at = 0;
    loop->batch_n = n > 0 ? n : 0;
    deliver_events(loop);
    fire_timers(loop);
    deliver_messages(loop);
}

int64_t
loop_now(const loop_t *loop)
{
    return loop->now;
}

static bool
watch_mailbox(loop_t *loop)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = loop};

    return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) == 0;
}

loop_t *
loop_new(err_t *err)
{
    loop_t *loop = calloc(1, sizeof(*loop));

    if (!loop) {
        err_set(err, ERR_UNAVAILABLE, "no memory for an event loop");
        return NULL;
    }
    pthread_mutex_init(&loop->lock, NULL);
    mailbox_clear(&loop->posted);
    mailbox_clear(&loop->delivering);
    loop->now = clock_monotonic_ms();
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll >= 0 && loop->wake >= 0 && watch_mailbox(loop))
        return loop;
    err_set(err, ERR_UNAVAILABLE, "no descriptor for an event loop: %s", strerror(errno));
    loop_free(loop);
    return NULL;
}

void
loop_free(loop_t *loop)
{
    if (!loop)
        return;
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->wake >= 0)
        close(loop->wake);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}
