/* SPDX-License-Identifier: Apache-2.0 */
/* connector/request.h - a SCIM request as http/ has decoded it, and the response to it. */
#ifndef CONNECTOR_REQUEST_H
#define CONNECTOR_REQUEST_H

#include "base/str.h"

#include <stdbool.h>

typedef enum {
    METHOD_GET,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_OTHER
} method_t;

/* What the URL's path behind the connector names. */
typedef enum {
    ROUTE_ROOT,      /* the base itself: resources of all types */
    ROUTE_SEARCH,    /* /Users/.search; /.search, without endpoint: of all types */
    ROUTE_RESOURCES, /* /Users */
    ROUTE_RESOURCE,  /* /Users/{id} */
    ROUTE_SCHEMAS,   /* /Schemas, /Schemas/{urn} */
    ROUTE_RESOURCE_TYPES,
    ROUTE_SERVICE_PROVIDER_CONFIG,
    ROUTE_BULK,
    ROUTE_ME,
    ROUTE_UNKNOWN
} route_kind_t;

/* Decoded query parameters; p NULL: absent. Names are matched without regard to case. */
typedef struct {
    str_t filter, attributes, excluded_attributes, start_index, count, sort_by, sort_order,
        cursor;
} query_t;

struct map_trace;

/* Strings live in the request's arena. */
typedef struct {
    method_t method;
    route_kind_t route;
    str_t endpoint; /* "Users" */
    str_t id;       /* of the resource, the schema or the type; empty: none */
    query_t query;
    str_t body;
    str_t base_url; /* "https://host:port/people/scim/v2", without a slash at the end */
    str_t request_id;
    size_t operation; /* of a bulk request: its number, from 1; 0: a request of its own */
    /* Entity tags as a header has them (RFC 9110 §13.1): "*" or a list; p NULL: absent. */
    str_t if_match, if_none_match;
    struct map_trace *trace; /* map/to_resource.h, for a GET of one resource; NULL: none */
} request_t;

typedef struct {
    int status;
    str_t body;        /* application/scim+json; empty: none */
    str_t location;    /* empty: none */
    str_t etag;        /* empty: none */
    const char *allow; /* 405: the methods; NULL: none */
    int retry_after_s; /* 503; 0: none */
} response_t;

const char *method_name(method_t method);

#endif
