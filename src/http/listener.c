/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

typedef union {
    struct sockaddr_storage any;
    struct sockaddr plain;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address_t;

bool
listener_parse(const char *text, uint16_t port, listener_address_t *ret_address)
{
    address_t address = {.any = {.ss_family = AF_UNSPEC}};
    socklen_t size;

    if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons(port);
        size = sizeof(address.v4);
    } else if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) == 1) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons(port);
        size = sizeof(address.v6);
    } else {
        return false;
    }
    ret_address->socket = address.any;
    ret_address->size = size;
    return true;
}

bool
listener_is_loopback(const listener_address_t *address)
{
    address_t is = {.any = address->socket};

    if (is.plain.sa_family == AF_INET)
        return ntohl(is.v4.sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&is.v6.sin6_addr);
}

static void
format(const address_t *address, char *ret_name, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";

    if (address->plain.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
        snprintf(ret_name, size, "%s:%u", host, ntohs(address->v4.sin_port));
    } else {
        inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host));
        snprintf(ret_name, size, "[%s]:%u", host, ntohs(address->v6.sin6_port));
    }
}

int
listener_open(const listener_address_t *address, err_t *err)
{
    address_t to = {.any = address->socket};
    char name[64];
    int one = 1;
    int fd = socket(to.plain.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    format(&to, name, sizeof(name));
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
        bind(fd, &to.plain, address->size) == 0 && listen(fd, BACKLOG) == 0) {
        /* Accepted connections inherit it. */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        return fd;
    }
    err_set(err, ERR_CONFIG, "cannot listen on %s: %s", name, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static int64_t
environment_number(const char *name)
{
    int64_t number;

    return str_to_int64(str_from_c(getenv(name)), &number) ? number : -1;
}

int
listener_inherited(void)
{
    int64_t n = environment_number("LISTEN_FDS");

    if (environment_number("LISTEN_PID") != getpid() || n < 0 || n > 16)
        n = 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return (int)n;
}

bool
listener_adopt(int fd, err_t *err)
{
    int listening = 0;
    socklen_t size = sizeof(listening);
    int flags = fcntl(fd, F_GETFL);

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening)
        return err_set(err, ERR_CONFIG, "descriptor %d is no listening socket", fd);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return err_set(err, ERR_CONFIG, "descriptor %d: %s", fd, strerror(errno));
    return true;
}

bool
listener_name(int fd, char *ret_name, size_t size)
{
    address_t address = {.any = {.ss_family = AF_UNSPEC}};
    socklen_t length = sizeof(address);

    if (getsockname(fd, &address.plain, &length) != 0 ||
        (address.plain.sa_family != AF_INET && address.plain.sa_family != AF_INET6))
        return false;
    format(&address, ret_name, size);
    return true;
}
