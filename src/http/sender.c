/* SPDX-License-Identifier: Apache-2.0 */
#include "http/sender.h"

#include "base/clock.h"

#include <linux/tcp.h> /* newer than netinet/tcp.h: counts bytes */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { SWEEP_MS = 500 };

/* The library sees the end of the stream and closes in its own way. */
static void
cut(senders_t *senders, sender_t *sender)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(sender->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (info)
        (void)shutdown(info->connect_fd, SHUT_RDWR);
    sender->until_ms = 0;
    *senders->interrupted = true;
}

static void
sweep(loop_timer_t *timer)
{
    senders_t *senders = CONTAINER_OF(timer, senders_t, sweep);
    int64_t now = clock_monotonic_ms();

    for (sender_t *sender = senders->head.next; sender != &senders->head; sender = sender->next)
        if (sender->until_ms && sender->until_ms < now)
            cut(senders, sender);
    if (senders->head.next != &senders->head)
        loop_timer_set(senders->loop, timer, now + SWEEP_MS);
}

void
senders_init(senders_t *senders, loop_t *loop, bool *interrupted)
{
    *senders = (senders_t){.loop = loop, .sweep = {.fire = sweep}, .interrupted = interrupted};
    senders->head.next = senders->head.prev = &senders->head;
}

void
senders_fini(senders_t *senders)
{
    loop_timer_clear(senders->loop, &senders->sweep);
    while (senders->head.next != &senders->head)
        sender_remove(senders->head.next);
}

sender_t *
sender_add(senders_t *senders, struct MHD_Connection *connection, int64_t within_ms)
{
    sender_t *sender = calloc(1, sizeof(*sender));

    if (!sender)
        return NULL;
    sender->connection = connection;
    sender->until_ms = clock_monotonic_ms() + within_ms;
    sender->prev = &senders->head;
    sender->next = senders->head.next;
    sender->next->prev = sender->prev->next = sender;
    if (!senders->sweep.set)
        loop_timer_set(senders->loop, &senders->sweep, clock_monotonic_ms() + SWEEP_MS);
    return sender;
}

void
sender_remove(sender_t *sender)
{
    sender->prev->next = sender->next;
    sender->next->prev = sender->prev;
    free(sender);
}

bool
sender_babbled(const sender_t *sender)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(sender->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct tcp_info tcp = {.tcpi_bytes_received = 0};
    socklen_t size = sizeof(tcp);

    if (sender->spoke || !info)
        return false;
    (void)getsockopt(info->connect_fd, IPPROTO_TCP, TCP_INFO, &tcp, &size);
    return tcp.tcpi_bytes_received > 0;
}

void
sender_await(struct MHD_Connection *connection, int64_t within_ms)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    sender_t *sender = info ? info->socket_context : NULL;

    if (!sender)
        return;
    sender->until_ms = within_ms ? clock_monotonic_ms() + within_ms : 0;
    sender->spoke = true;
}
