/* SPDX-License-Identifier: Apache-2.0 */
/* http/listener.h - listening sockets: our own, or the one systemd hands over. */
#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include "base/err.h"
#include "base/macros.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* A numeric address with its port, for sockets and messages. */
typedef struct {
    struct sockaddr_storage socket;
    socklen_t size;
} listener_address_t;

/* "127.0.0.1", "::1", "::": numeric only, so that a name server's answer never decides where we
 * listen. false: it is none. */
bool listener_parse(const char *address, uint16_t port, listener_address_t *ret_address)
    MUST_USE NONNULL_ALL;
bool listener_is_loopback(const listener_address_t *address) NONNULL_ALL;

/* A non-blocking listening socket, or -1. ERR_CONFIG with the address and the reason. */
int listener_open(const listener_address_t *address, err_t *err) MUST_USE NONNULL_ALL;

/* The sockets that systemd handed over (sd_listen_fds(3)): how many; the first is 3. Takes the
 * environment variables away. */
int listener_inherited(void);
enum { LISTENER_INHERITED_FIRST = 3 };
/* Make one of them ready for use; it must be a listening stream socket. */
bool listener_adopt(int fd, err_t *err) MUST_USE NONNULL_ALL;

/* "127.0.0.1:8080", "[::1]:8080": where the socket listens. */
bool listener_name(int fd, char *ret_name, size_t size) MUST_USE NONNULL_ALL;

#endif
