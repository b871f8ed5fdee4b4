/* SPDX-License-Identifier: Apache-2.0 */
/* http/router.h - what a request's URI names.
 *
 * Works on the raw request target, before anybody decoded it: "%2F" in an id is not a slash of
 * the path. Understood are
 *   /{connector}/scim[/v2]/...  /ecma2host_{connector}/scim[/v2]/...  /scim[/v2]/...
 * the last for the default connector. Slashes may be doubled or trail, parameters that are not
 * known are passed over, and a flag of a tenant URL to which a client glued the rest
 * ("/scim/?aadOptscim062020/Users?count=1") is taken out of the way. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "connector/request.h"

#include <stdbool.h>

typedef struct {
    str_t connector; /* empty: the default one */
    str_t prefix; /* "/people/scim/v2": what comes before the endpoint, no slash at the end */
    route_kind_t kind;
    str_t endpoint; /* "Users" */
    str_t id;       /* decoded */
    query_t query;  /* decoded */
} route_t;

/* Strings live in `mem` or borrow from `uri`.
 * ERR_NOT_FOUND: no URL of a connector. ERR_BAD_REQUEST: malformed escapes, "%00", bytes that
 * are no UTF-8, a parameter given twice. */
bool route_parse(arena_t *mem, str_t uri, route_t *ret_route, err_t *err) MUST_USE NONNULL_ALL;

/* The host in an absolute target, which goes before the header Host (RFC 9112 §3.2.2); p NULL: the
 * target is a path. Borrows from `uri`. */
str_t route_authority(str_t uri);

/* "GET, POST": the methods of a route for an Allow header; NULL: the connector decides. */
const char *route_allow(route_kind_t kind);
/* Whether the route takes the method (or leaves it to the connector). */
bool route_takes(route_kind_t kind, method_t method);

enum { ROUTE_TEMPLATE_MAX = 128 };
/* "/Users/{id}": the route without anybody's data, for logs. `text` holds what is not constant:
 * the line of a request must come also where its arena has no more room. */
str_t route_template(const route_t *route, char text[ROUTE_TEMPLATE_MAX]);

#endif
