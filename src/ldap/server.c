/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/server.h"

#include <arpa/inet.h>

enum { PORT_PLAIN = 389, PORT_TLS = 636 };

static const struct {
    str_t prefix;
    ldap_server_scheme_t scheme;
    uint16_t port;
} schemes[] = {{STR_INIT("ldap://"), LDAP_SERVER_PLAIN, PORT_PLAIN},
               {STR_INIT("ldaps://"), LDAP_SERVER_TLS, PORT_TLS},
               {STR_INIT("ldapi://"), LDAP_SERVER_SOCKET, 0}};

/* "host", "host:port", "[address]", "[address]:port" */
static bool
parse_host(str_t text, ldap_server_t *server)
{
    bool bracket = str_starts_with(text, STR("["));
    size_t end = str_find_char(text, bracket ? ']' : ':');
    str_t rest = str_skip(text, bracket ? end + 1 : end);
    int64_t port;

    if (bracket && end == text.n)
        return false;
    server->host = bracket ? str_slice(text, 1, end - 1) : str_slice(text, 0, end);
    if (rest.n == 0)
        return true;
    if (rest.p[0] != ':' || !str_to_int64(str_skip(rest, 1), &port) || port < 1 ||
        port > UINT16_MAX)
        return false;
    server->port = (uint16_t)port;
    return true;
}

bool
ldap_server_parse(str_t url, ldap_server_t *ret_server)
{
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
        ldap_server_t server = {.scheme = schemes[i].scheme, .port = schemes[i].port};
        str_t rest = str_skip(url, schemes[i].prefix.n);

        if (!str_istarts_with(url, schemes[i].prefix))
            continue;
        rest = str_slice(rest, 0, str_find_char(rest, '/'));
        rest = str_slice(rest, 0, str_find_char(rest, '?'));
        if (server.scheme == LDAP_SERVER_SOCKET)
            server.host = rest;
        else if (!parse_host(rest, &server))
            return false;
        *ret_server = server;
        return true;
    }
    return false;
}

static bool
is_between(char c)
{
    return c == ' ' || c == ',';
}

bool
ldap_server_next_url(str_t *list, str_t *ret_url)
{
    size_t n = 0;

    while (list->n > 0 && is_between(list->p[0]))
        *list = str_skip(*list, 1);
    while (n < list->n && !is_between(list->p[n]))
        n++;
    *ret_url = str_slice(*list, 0, n);
    *list = str_skip(*list, n);
    return n > 0;
}

/* The address family of the host; 0: it is a name. */
static int
family(const ldap_server_t *server, unsigned char ret_bytes[16])
{
    char text[INET6_ADDRSTRLEN];

    if (server->host.n >= sizeof(text))
        return 0;
    memcpy(text, server->host.p, server->host.n);
    text[server->host.n] = '\0';
    if (inet_pton(AF_INET, text, ret_bytes) == 1)
        return AF_INET;
    return inet_pton(AF_INET6, text, ret_bytes) == 1 ? AF_INET6 : 0;
}

bool
ldap_server_is_address(const ldap_server_t *server)
{
    unsigned char bytes[16];

    return server->scheme != LDAP_SERVER_SOCKET && server->host.n > 0 &&
           family(server, bytes) != 0;
}

bool
ldap_server_is_loopback(const ldap_server_t *server)
{
    static const unsigned char one[16] = {[15] = 1};
    unsigned char bytes[16];

    if (server->scheme == LDAP_SERVER_SOCKET || server->host.n == 0 ||
        str_ieq(server->host, STR("localhost")))
        return true;
    switch (family(server, bytes)) {
    case AF_INET:
        return bytes[0] == 127;
    case AF_INET6:
        return memcmp(bytes, one, sizeof(one)) == 0;
    default:
        return false;
    }
}

bool
ldap_server_same(const ldap_server_t *a, const ldap_server_t *b)
{
    bool sockets = a->scheme == LDAP_SERVER_SOCKET;
    uint16_t x = a->port == PORT_TLS ? PORT_PLAIN : a->port;
    uint16_t y = b->port == PORT_TLS ? PORT_PLAIN : b->port;

    if (sockets != (b->scheme == LDAP_SERVER_SOCKET) || x != y)
        return false;
    return str_ieq(a->host, b->host) ||
           (!sockets && ldap_server_is_loopback(a) && ldap_server_is_loopback(b));
}
