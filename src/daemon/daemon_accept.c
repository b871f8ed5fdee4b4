/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: taken, and dealt to the worker that has the least. */
#include "daemon/daemon_state.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ACCEPT_PER_TURN = 64, ACCEPT_PAUSE_MS = 100 /* when descriptors have run out */ };

static worker_t *
least_loaded(const daemon_t *daemon, unsigned *ret_total)
{
    worker_t *least = daemon->workers[0];

    *ret_total = 0;
    for (unsigned i = 0; i < daemon->n_workers; i++) {
        worker_t *worker = daemon->workers[i];

        *ret_total += worker_connections(worker);
        if (worker_connections(worker) < worker_connections(least))
            least = worker;
    }
    return least;
}

static void
pause_accepting(daemon_t *daemon)
{
    loop_unwatch(daemon->loop, &daemon->listener);
    loop_timer_set(daemon->loop, &daemon->accept_again,
                   loop_now(daemon->loop) + ACCEPT_PAUSE_MS);
}

/* false: none waits, or none can be taken now. */
static bool
accept_one(daemon_t *daemon)
{
    union {
        struct sockaddr_storage any;
        struct sockaddr plain;
    } from;
    socklen_t size = sizeof(from);
    unsigned total;
    worker_t *worker = least_loaded(daemon, &total);
    int fd = accept4(daemon->listener.fd, &from.plain, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            pause_accepting(daemon);
        return errno == EINTR || errno == ECONNABORTED;
    }
    if (total >= (unsigned)daemon->snapshot->config->limits.connections)
        close(fd);
    else
        worker_deal_take(worker, fd, &from.plain, size);
    return true;
}

static void
on_connections(loop_source_t *source, uint32_t events)
{
    daemon_t *daemon = CONTAINER_OF(source, daemon_t, listener);

    (void)events;
    for (int i = 0; i < ACCEPT_PER_TURN && accept_one(daemon); i++)
        ;
}

static void
on_accept_again(loop_timer_t *timer)
{
    daemon_t *daemon = CONTAINER_OF(timer, daemon_t, accept_again);
    err_t err = ERR_INIT;

    if (!daemon->draining && !loop_watch(daemon->loop, &daemon->listener, EPOLLIN, &err))
        pause_accepting(daemon);
}

bool
daemon_open_listener(daemon_t *daemon, err_t *err)
{
    int inherited = listener_inherited();

    if (inherited > 0) {
        if (!listener_adopt(LISTENER_INHERITED_FIRST, err))
            return false;
        daemon->listener.fd = LISTENER_INHERITED_FIRST;
    } else {
        daemon->listener.fd = listener_open(&daemon->snapshot->config->listen.socket, err);
    }
    if (daemon->listener.fd < 0)
        return false;
    if (!listener_name(daemon->listener.fd, daemon->listen_name, sizeof(daemon->listen_name)))
        snprintf(daemon->listen_name, sizeof(daemon->listen_name), "localhost");
    return true;
}

bool
daemon_accept(daemon_t *daemon, err_t *err)
{
    daemon->listener.ready = on_connections;
    daemon->accept_again.fire = on_accept_again;
    return loop_watch(daemon->loop, &daemon->listener, EPOLLIN, err);
}

void
daemon_accept_no_more(daemon_t *daemon)
{
    loop_timer_clear(daemon->loop, &daemon->accept_again);
    loop_unwatch(daemon->loop, &daemon->listener);
    if (daemon->listener.fd >= 0)
        close(daemon->listener.fd);
    daemon->listener.fd = -1;
}
