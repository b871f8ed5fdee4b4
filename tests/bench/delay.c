/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/delay.h"

#include "bench/bench.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { PIECE_SIZE = 64 * 1024, EVENTS = 128 };

/* One end of a relayed connection. */
typedef struct end end_t;

/* Bytes on their way to `to`. */
typedef struct piece {
    struct piece *next;
    end_t *to;
    int64_t due_ns;
    size_t n, sent;
    char bytes[];
} piece_t;

typedef struct {
    piece_t *first, **last;
} queue_t;

struct end {
    int fd;
    bool closed, hung_up; /* nothing more can be sent; nothing more will come */
    end_t *other;
    queue_t stuck; /* due, but the socket is full */
};

/* The delay is the same for all, so one queue is in the order of what is due. */
typedef struct {
    int epoll, timer, port;
    int64_t delay_ns;
    queue_t waiting;
    char bytes[PIECE_SIZE];
} relay_t;

static void
queue_init(queue_t *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

static void
queue_add(queue_t *queue, piece_t *piece)
{
    piece->next = NULL;
    *queue->last = piece;
    queue->last = &piece->next;
}

static piece_t *
queue_take(queue_t *queue)
{
    piece_t *piece = queue->first;

    queue->first = piece->next;
    if (!queue->first)
        queue->last = &queue->first;
    return piece;
}

int
delay_listen(int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 512) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        bench_die("the relay cannot listen: %s", strerror(errno));
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void
watch(const relay_t *relay, end_t *end, int op, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = end};

    (void)epoll_ctl(relay->epoll, op, end->fd, &event);
}

static end_t *
add_end(const relay_t *relay, int fd)
{
    end_t *end = calloc(1, sizeof(*end));
    int one = 1;

    if (!end)
        _exit(EXIT_FAILURE);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    end->fd = fd;
    queue_init(&end->stuck);
    watch(relay, end, EPOLL_CTL_ADD, EPOLLIN);
    return end;
}

static void
accept_one(const relay_t *relay, int listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)relay->port)};
    int near = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    end_t *a, *b;

    if (near < 0 || far < 0 ||
        connect(far, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(near);
        close(far);
        return;
    }
    a = add_end(relay, near);
    b = add_end(relay, far);
    a->other = b;
    b->other = a;
}

/* An empty piece is the end of what comes from there. */
static void
on_readable(relay_t *relay, end_t *end)
{
    ssize_t n = recv(end->fd, relay->bytes, sizeof(relay->bytes), MSG_DONTWAIT);
    piece_t *piece;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    piece = malloc(sizeof(*piece) + (n > 0 ? (size_t)n : 0));
    if (!piece)
        _exit(EXIT_FAILURE);
    *piece = (piece_t){.to = end->other, .due_ns = bench_now_ns() + relay->delay_ns};
    if (n > 0) {
        piece->n = (size_t)n;
        memcpy(piece->bytes, relay->bytes, (size_t)n);
    } else {
        end->hung_up = true;
        watch(relay, end, EPOLL_CTL_DEL, 0);
    }
    queue_add(&relay->waiting, piece);
}

/* false: the socket is full. */
static bool
send_piece(piece_t *piece)
{
    ssize_t n;

    if (piece->n == 0) {
        (void)shutdown(piece->to->fd, SHUT_WR);
        return true;
    }
    while (piece->sent < piece->n && !piece->to->closed) {
        n = send(piece->to->fd, piece->bytes + piece->sent, piece->n - piece->sent,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0)
            piece->sent += (size_t)n;
        else if (errno == EAGAIN)
            return false;
        else if (errno != EINTR)
            piece->to->closed = true;
    }
    return true;
}

static void
on_writable(const relay_t *relay, end_t *end)
{
    while (end->stuck.first) {
        if (!send_piece(end->stuck.first))
            return;
        free(queue_take(&end->stuck));
    }
    watch(relay, end, EPOLL_CTL_MOD, EPOLLIN);
}

static void
hand_on(relay_t *relay)
{
    int64_t now_ns = bench_now_ns();

    while (relay->waiting.first && relay->waiting.first->due_ns <= now_ns) {
        piece_t *piece = queue_take(&relay->waiting);
        end_t *to = piece->to;

        if (!to->stuck.first && send_piece(piece)) {
            free(piece);
            continue;
        }
        if (!to->stuck.first)
            watch(relay, to, to->hung_up ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                  to->hung_up ? EPOLLOUT : EPOLLIN | EPOLLOUT);
        queue_add(&to->stuck, piece);
    }
}

static void
set_timer(const relay_t *relay)
{
    struct itimerspec at = {{0, 0}, {0, 0}};

    if (relay->waiting.first) {
        at.it_value.tv_sec = relay->waiting.first->due_ns / 1000000000;
        at.it_value.tv_nsec = relay->waiting.first->due_ns % 1000000000;
    }
    (void)timerfd_settime(relay->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

/* The listener and the timer are told by their data: NULL and the relay itself. */
static void
turn(relay_t *relay, int listener)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(relay->epoll, events, EVENTS, -1);

    for (int i = 0; i < n; i++) {
        void *what = events[i].data.ptr;

        if (!what) {
            accept_one(relay, listener);
        } else if (what != relay) {
            if (events[i].events & EPOLLOUT)
                on_writable(relay, what);
            if (events[i].events & ~(uint32_t)EPOLLOUT)
                on_readable(relay, what);
        }
    }
    hand_on(relay);
    set_timer(relay);
}

void
delay_run(int listener, int port, int64_t delay_ns)
{
    relay_t *relay = calloc(1, sizeof(*relay));
    struct epoll_event event = {.events = EPOLLIN};

    if (!relay)
        _exit(EXIT_FAILURE);
    relay->epoll = epoll_create1(EPOLL_CLOEXEC);
    relay->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    relay->port = port;
    relay->delay_ns = delay_ns;
    queue_init(&relay->waiting);
    (void)epoll_ctl(relay->epoll, EPOLL_CTL_ADD, listener, &event);
    event.data.ptr = relay;
    (void)epoll_ctl(relay->epoll, EPOLL_CTL_ADD, relay->timer, &event);
    for (;;)
        turn(relay, listener);
}
