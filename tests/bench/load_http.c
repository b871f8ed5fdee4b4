/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load.h"

#include "bench/bench.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 256 * 1024, HEAD_MAX = 2048, WAIT_MS = 20000, EVENTS = 64 };

/* A connection and the response it is reading. */
typedef struct {
    int fd;
    bool busy;
    lane_t *lane;
    int64_t begun_ns;
    size_t head_bytes; /* so far in `head`, while the head is incomplete */
    size_t left;       /* of the body, once it is complete */
    bool in_body;
    char head[HEAD_MAX];
} wire_t;

struct load_http {
    const fixture_t *fixture;
    wire_t *wires;
    unsigned n_wires, busy;
    int epoll;
    char *bytes; /* what was read last */
    /* of the slice */
    work_t work;
    load_t *load;
    int64_t end_ns;
    bool over;
};

static int
connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = WAIT_MS / 1000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        bench_die("cannot connect to port %d: %s", port, strerror(errno));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

load_http_t *
load_http_new(const fixture_t *fixture, lane_t *lanes, unsigned n_lanes)
{
    load_http_t *http = calloc(1, sizeof(*http));

    if (!http || !(http->wires = calloc(n_lanes, sizeof(*http->wires))) ||
        !(http->bytes = malloc(READ_SIZE)))
        bench_die("no memory");
    http->fixture = fixture;
    http->n_wires = n_lanes;
    http->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < n_lanes; i++) {
        wire_t *wire = &http->wires[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = wire};

        wire->fd = connect_to(fixture->port);
        wire->lane = &lanes[i];
        if (epoll_ctl(http->epoll, EPOLL_CTL_ADD, wire->fd, &event) != 0)
            bench_die("epoll: %s", strerror(errno));
    }
    return http;
}

void
load_http_free(load_http_t *http)
{
    if (!http)
        return;
    for (unsigned i = 0; i < http->n_wires; i++)
        close(http->wires[i].fd);
    close(http->epoll);
    free(http->wires);
    free(http->bytes);
    free(http);
}

static void
complain(load_http_t *http, const char *what, size_t n)
{
    load_t *load = http->load;
    size_t most = sizeof(load->complaint) - 1;

    load->errors++;
    if (load->complaint[0])
        return;
    memcpy(load->complaint, what, n < most ? n : most);
    for (char *p = load->complaint; *p; p++) {
        if (*p < ' ')
            *p = ' ';
    }
}

static void
send_next(load_http_t *http, wire_t *wire)
{
    char request[WORK_REQUEST_SIZE];
    size_t n = work_request(http->fixture, http->work, wire->lane, request);

    wire->begun_ns = bench_now_ns();
    wire->head_bytes = 0;
    wire->in_body = false;
    /* A request fits into an idle connection's send buffer. */
    if (send(wire->fd, request, n, MSG_NOSIGNAL) != (ssize_t)n)
        bench_die("the bridge closed a connection: %s", strerror(errno));
    wire->lane->done[http->work]++;
    wire->busy = true;
    http->busy++;
}

/* The number of the Content-Length field; a 204 has none. */
static size_t
content_length(const char *head, const char *end)
{
    static const char name[] = "\r\ncontent-length:";

    for (const char *p = head; p + sizeof(name) <= end; p++) {
        if (*p == '\r' && strncasecmp(p, name, sizeof(name) - 1) == 0)
            return strtoul(p + sizeof(name) - 1, NULL, 10);
    }
    return 0;
}

static void
judge(load_http_t *http, const char *head, size_t n, const char *body)
{
    const work_facts_t *facts = &work_facts[http->work];
    size_t body_bytes = n - (size_t)(body - head);

    if (n < 12 || strtol(head + 9, NULL, 10) != facts->status)
        complain(http, head, n);
    else if (facts->must && !memmem(body, body_bytes, facts->must, strlen(facts->must)))
        complain(http, body, body_bytes);
}

/* Look at the beginning of a response. false: the head is not complete yet. */
static bool
take_head(load_http_t *http, wire_t *wire, const char *bytes, size_t n)
{
    const char *end = memmem(bytes, n, "\r\n\r\n", 4);
    size_t length, have;

    if (!end)
        return false;
    judge(http, bytes, n, end + 4);
    length = content_length(bytes, end + 4);
    have = n - (size_t)(end + 4 - bytes);
    if (have > length)
        bench_die("the bridge sent more than it was asked for");
    wire->left = length - have;
    wire->in_body = true;
    return true;
}

/* The usual response arrives whole and is looked at where it is. */
static void
take(load_http_t *http, wire_t *wire, size_t n)
{
    if (wire->in_body) {
        wire->left -= n < wire->left ? n : wire->left;
        return;
    }
    if (wire->head_bytes == 0 && take_head(http, wire, http->bytes, n))
        return;
    if (wire->head_bytes + n > HEAD_MAX)
        bench_die("the head of a response is too long");
    memcpy(wire->head + wire->head_bytes, http->bytes, n);
    wire->head_bytes += n;
    (void)take_head(http, wire, wire->head, wire->head_bytes);
}

static void
on_readable(load_http_t *http, wire_t *wire)
{
    ssize_t n = recv(wire->fd, http->bytes, READ_SIZE, 0);
    int64_t now_ns;

    if (n <= 0)
        bench_die("the bridge closed a connection or does not answer");
    if (!wire->busy)
        bench_die("the bridge sent something unasked");
    take(http, wire, (size_t)n);
    if (!wire->in_body || wire->left > 0)
        return;
    now_ns = bench_now_ns();
    latency_add(&http->load->latency, now_ns - wire->begun_ns);
    http->load->n++;
    wire->busy = false;
    http->busy--;
    http->over = now_ns >= http->end_ns || bench_is_stopped();
    if (!http->over)
        send_next(http, wire);
}

/* A single connection needs no epoll: waiting for bytes is waiting for it. */
static void
turn(load_http_t *http)
{
    struct epoll_event events[EVENTS];
    int n;

    if (http->n_wires == 1) {
        on_readable(http, &http->wires[0]);
        return;
    }
    n = epoll_wait(http->epoll, events, EVENTS, WAIT_MS);
    if (n == 0 || (n < 0 && errno != EINTR))
        bench_die("the bridge does not answer");
    for (int i = 0; i < n; i++)
        on_readable(http, events[i].data.ptr);
}

void
load_http_run(load_http_t *http, work_t work, double seconds, load_t *load)
{
    int64_t begun_ns = bench_now_ns();

    http->work = work;
    http->load = load;
    http->over = false;
    http->end_ns = begun_ns + (int64_t)(seconds * 1e9);
    for (unsigned i = 0; i < http->n_wires; i++)
        send_next(http, &http->wires[i]);
    while (http->busy > 0)
        turn(http);
    load->ns += bench_now_ns() - begun_ns;
}

void
load_http_fetch(int port, const char *path, char *to, size_t size)
{
    int fd = connect_to(port);
    char request[256];
    size_t got = 0, n;
    ssize_t more;

    n = bench_print(request, sizeof(request),
                    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", path,
                    port);
    if (send(fd, request, n, MSG_NOSIGNAL) != (ssize_t)n)
        bench_die("cannot ask for %s", path);
    while (got + 1 < size && (more = recv(fd, to + got, size - got - 1, 0)) > 0)
        got += (size_t)more;
    to[got] = '\0';
    close(fd);
}
