/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/server.h - the server to which an LDAP URL (RFC 4516) leads, as far as its text tells.
 *
 * Only the scheme, the host and the port are looked at. Nothing is resolved: two names of one
 * host are two hosts here. */
#ifndef LDAP_SERVER_H
#define LDAP_SERVER_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum { LDAP_SERVER_PLAIN, LDAP_SERVER_TLS, LDAP_SERVER_SOCKET } ldap_server_scheme_t;

typedef struct {
    ldap_server_scheme_t scheme;
    str_t
        host; /* without brackets; of a socket its path, escaped as it was; empty: the default */
    uint16_t port; /* as given, or the scheme's own; 0 of a socket */
} ldap_server_t;

/* false: no ldap://, ldaps:// or ldapi://, or a port that is none. The host borrows `url`. */
bool ldap_server_parse(str_t url, ldap_server_t *ret_server) MUST_USE;

/* The next of a list, which libldap takes with blanks or commas in between; *list is what is left.
 * false: none is left. */
bool ldap_server_next_url(str_t *list, str_t *ret_url) MUST_USE;

/* A socket, "localhost", an address of loopback, or no host at all. */
bool ldap_server_is_loopback(const ldap_server_t *server);
/* Whether the host is an address, so that no name service decides what it is. */
bool ldap_server_is_address(const ldap_server_t *server);
/* Whether both lead to one server; the ports 389 and 636 of a host are one. */
bool ldap_server_same(const ldap_server_t *a, const ldap_server_t *b);

#endif
