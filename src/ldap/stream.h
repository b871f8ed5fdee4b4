/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/stream.h - the buffered bytes between libldap and a socket.
 *
 * A layer of liblber's I/O stack, just above the socket and so below TLS. libldap never sees a
 * write that would block: what it would do then (refuse the next request, cut an abandon in
 * the middle of another message) cannot be mended from outside. Many requests go out in one
 * system call, and many answers come in by one. */
#ifndef LDAP_STREAM_H
#define LDAP_STREAM_H

#include "base/macros.h"

#include <ldap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ldap_stream ldap_stream_t;

/* Put the layer under a connected handle, whose descriptor becomes non-blocking. NULL: no
 * memory. Free it after the handle. */
ldap_stream_t *ldap_stream_new(LDAP *handle, int fd) MUST_USE NONNULL_ALL;
void ldap_stream_free(ldap_stream_t *stream);

/* Send what the socket takes. false: the connection is lost. */
bool ldap_stream_flush(ldap_stream_t *stream) MUST_USE NONNULL_ALL;
/* Bytes that wait to be sent. */
size_t ldap_stream_pending(const ldap_stream_t *stream) NONNULL_ALL;
/* Bytes accepted from libldap, and bytes given to the socket, since the layer was made: what
 * begins at or behind the second has not left. */
uint64_t ldap_stream_accepted(const ldap_stream_t *stream) NONNULL_ALL;
uint64_t ldap_stream_sent(const ldap_stream_t *stream) NONNULL_ALL;
/* Drop what waits, and whatever libldap will yet write. */
void ldap_stream_discard(ldap_stream_t *stream) NONNULL_ALL;

/* Take what the socket has, without waiting. */
typedef enum { LDAP_STREAM_FILLED, LDAP_STREAM_EMPTY, LDAP_STREAM_ENDED } ldap_stream_state_t;
ldap_stream_state_t ldap_stream_fill(ldap_stream_t *stream) MUST_USE NONNULL_ALL;

#endif
