/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"

#include <stdio.h>

#define ECMA_PREFIX STR("ecma2host_")

enum { MAX_SEGMENTS = 6 };

/* The path's parts that are not empty, still encoded. */
typedef struct {
    str_t part[MAX_SEGMENTS];
    size_t n;
    bool more;
} segments_t;

/* --- escapes ------------------------------------------------------------------------------ */

/* RFC 3986 §2.1; in a query "+" is a space as HTML forms have it, and Entra sends it. */
static bool
decode(arena_t *mem, str_t text, bool plus, str_t *ret_text, err_t *err)
{
    if (!str_unescape_uri(mem, text, plus, ret_text))
        return err_set(err, ERR_BAD_REQUEST, "malformed %%-escape in the URL");
    if (str_find_char(*ret_text, '\0') < ret_text->n)
        return err_set(err, ERR_BAD_REQUEST, "NUL in the URL");
    if (!str_is_utf8(*ret_text))
        return err_set(err, ERR_BAD_REQUEST, "the URL is not UTF-8");
    return true;
}

/* --- path --------------------------------------------------------------------------------- */

str_t
route_authority(str_t uri)
{
    size_t n = 0;

    if (!str_istarts_with(uri, STR("http://")) && !str_istarts_with(uri, STR("https://")))
        return (str_t){.p = NULL};
    uri = str_skip(uri, str_find(uri, STR("://")) + 3);
    while (n < uri.n && uri.p[n] != '/' && uri.p[n] != '?')
        n++;
    return str_slice(uri, 0, n);
}

/* "http://host/path" (RFC 9112 §3.2.2) -> "/path" */
static str_t
without_origin(str_t uri)
{
    str_t authority = route_authority(uri);

    return authority.p ? str_skip(uri, (size_t)(authority.p + authority.n - uri.p)) : uri;
}

static void
split_path(str_t path, segments_t *segments)
{
    while (path.n > 0) {
        size_t end = str_find_char(path, '/');

        if (end > 0 && segments->n == MAX_SEGMENTS)
            segments->more = true;
        else if (end > 0)
            segments->part[segments->n++] = str_slice(path, 0, end);
        path = str_skip(path, end + 1);
    }
}

static bool
find_connector(arena_t *mem, str_t segment, str_t *ret_name, err_t *err)
{
    if (!decode(mem, segment, false, ret_name, err))
        return false;
    if (str_istarts_with(*ret_name, ECMA_PREFIX))
        *ret_name = str_skip(*ret_name, ECMA_PREFIX.n);
    if (str_is_empty(*ret_name))
        return err_set(err, ERR_NOT_FOUND, "the URL names no connector");
    return true;
}

/* What stands before the endpoint; *ret_at is where the endpoint is. */
static bool
route_prefix(arena_t *mem, const segments_t *segments, route_t *route, size_t *ret_at,
             err_t *err)
{
    const str_t *part = segments->part;
    size_t at = 0;

    if (segments->n > 0 && str_ieq(part[0], STR("scim"))) {
        at = 1;
    } else if (segments->n > 1 && str_ieq(part[1], STR("scim"))) {
        if (!find_connector(mem, part[0], &route->connector, err))
            return false;
        at = 2;
    } else {
        return err_set(err, ERR_NOT_FOUND, "the URL is not one of a connector");
    }
    if (segments->n > at && str_ieq(part[at], STR("v2")))
        at++;
    for (size_t i = 0; i < at; i++)
        route->prefix = str_printf(mem, "%.*s/%.*s", STR_ARG(route->prefix), STR_ARG(part[i]));
    *ret_at = at;
    return true;
}

static route_kind_t
route_kind(str_t endpoint, size_t n)
{
    static const struct {
        str_t name;
        route_kind_t kind;
        size_t max;
    } fixed[] = {
        {STR_INIT("Schemas"), ROUTE_SCHEMAS, 2},
        {STR_INIT("ResourceTypes"), ROUTE_RESOURCE_TYPES, 2},
        {STR_INIT("ServiceProviderConfig"), ROUTE_SERVICE_PROVIDER_CONFIG, 1},
        {STR_INIT("ServiceProviderConfigs"), ROUTE_SERVICE_PROVIDER_CONFIG, 1},
        {STR_INIT("Me"), ROUTE_ME, MAX_SEGMENTS},
        {STR_INIT("Bulk"), ROUTE_BULK, 1},
        {STR_INIT(".search"), ROUTE_SEARCH, 1},
    };

    for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
        if (str_ieq(endpoint, fixed[i].name))
            return n <= fixed[i].max ? fixed[i].kind : ROUTE_UNKNOWN;
    }
    if (n == 1)
        return ROUTE_RESOURCES;
    return n == 2 ? ROUTE_RESOURCE : ROUTE_UNKNOWN;
}

/* /.search, /Users/.search: no resource is called so. */
static void
find_search(route_t *route)
{
    if (route->kind == ROUTE_SEARCH)
        route->endpoint = STR("");
    else if (route->kind == ROUTE_RESOURCE && str_ieq(route->id, STR(".search")))
        route->kind = ROUTE_SEARCH;
    if (route->kind == ROUTE_SEARCH)
        route->id = STR("");
}

static bool
parse_path(arena_t *mem, str_t path, route_t *route, err_t *err)
{
    segments_t segments = {.n = 0};
    size_t at, n;

    split_path(path, &segments);
    if (!route_prefix(mem, &segments, route, &at, err))
        return false;
    n = segments.n - at;
    route->kind = n == 0 ? ROUTE_ROOT : ROUTE_UNKNOWN;
    if (n == 0)
        return true;
    if (!decode(mem, segments.part[at], false, &route->endpoint, err))
        return false;
    if (n > 1 && !decode(mem, segments.part[at + 1], false, &route->id, err))
        return false;
    if (!segments.more)
        route->kind = route_kind(route->endpoint, n);
    find_search(route);
    return true;
}

/* --- query -------------------------------------------------------------------------------- */

static str_t *
query_place(query_t *query, str_t name)
{
    const struct {
        str_t name;
        str_t *place;
    } known[] = {
        {STR("filter"), &query->filter},
        {STR("attributes"), &query->attributes},
        {STR("excludedAttributes"), &query->excluded_attributes},
        {STR("startIndex"), &query->start_index},
        {STR("count"), &query->count},
        {STR("sortBy"), &query->sort_by},
        {STR("sortOrder"), &query->sort_order},
        {STR("cursor"), &query->cursor},
    };

    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if (str_ieq(name, known[i].name))
            return known[i].place;
    }
    return NULL;
}

static bool
parse_parameter(arena_t *mem, str_t text, query_t *query, err_t *err)
{
    size_t equals = str_find_char(text, '=');
    str_t name, *place;

    if (!decode(mem, str_slice(text, 0, equals), true, &name, err))
        return false;
    place = query_place(query, name);
    if (!place)
        return true;
    if (place->p)
        return err_set(err, ERR_BAD_REQUEST, "the parameter %.*s is given twice",
                       STR_ARG(name));
    return decode(mem, str_skip(text, equals + 1), true, place, err);
}

static bool
parse_query(arena_t *mem, str_t text, query_t *query, err_t *err)
{
    while (text.n > 0) {
        size_t end = str_find_char(text, '&');

        if (!parse_parameter(mem, str_slice(text, 0, end), query, err))
            return false;
        text = str_skip(text, end + 1);
    }
    return true;
}

/* How far the flag of a tenant URL reaches to which a client glued "/Users?…" or "?filter=…"; 0
 * when the query begins like any other. */
static size_t
glued_flag(str_t query)
{
    for (size_t i = 0; i < query.n; i++) {
        if (query.p[i] == '=' || query.p[i] == '&')
            return 0;
        if (query.p[i] == '/' || query.p[i] == '?')
            return i;
    }
    return 0;
}

static void
unglue(arena_t *mem, str_t *path, str_t *query)
{
    size_t flag = glued_flag(*query);
    str_t rest = str_skip(*query, flag);
    size_t end = str_find_char(rest, '?');

    if (flag == 0)
        return;
    if (end > 0)
        *path = str_printf(mem, "%.*s%.*s", STR_ARG(*path), STR_ARG(str_slice(rest, 0, end)));
    *query = str_skip(rest, end + 1);
}

bool
route_parse(arena_t *mem, str_t uri, route_t *ret_route, err_t *err)
{
    route_t route = {
        .connector = STR(""), .prefix = STR(""), .endpoint = STR(""), .id = STR("")};
    size_t end;
    str_t path, query;

    uri = without_origin(uri);
    uri = str_slice(uri, 0, str_find_char(uri, '#'));
    end = str_find_char(uri, '?');
    path = str_slice(uri, 0, end);
    query = str_skip(uri, end + 1);
    unglue(mem, &path, &query);
    if (!parse_path(mem, path, &route, err) || !parse_query(mem, query, &route.query, err))
        return false;
    *ret_route = route;
    return true;
}

/* --- methods ------------------------------------------------------------------------------ */

static const struct {
    const char *allow; /* with HEAD, which is GET here, and OPTIONS, which all take */
    unsigned methods;  /* bits 1 << method_t */
} methods_of[] = {
    [ROUTE_ROOT] = {"GET, HEAD, OPTIONS", 1U << METHOD_GET},
    [ROUTE_SEARCH] = {"OPTIONS, POST", 1U << METHOD_POST},
    [ROUTE_RESOURCES] = {"GET, HEAD, OPTIONS, POST", 1U << METHOD_GET | 1U << METHOD_POST},
    [ROUTE_RESOURCE] = {"GET, HEAD, OPTIONS, PUT, PATCH, DELETE",
                        1U << METHOD_GET | 1U << METHOD_PUT | 1U << METHOD_PATCH |
                            1U << METHOD_DELETE},
    [ROUTE_SCHEMAS] = {"GET, HEAD, OPTIONS", 1U << METHOD_GET},
    [ROUTE_RESOURCE_TYPES] = {"GET, HEAD, OPTIONS", 1U << METHOD_GET},
    [ROUTE_SERVICE_PROVIDER_CONFIG] = {"GET, HEAD, OPTIONS", 1U << METHOD_GET},
    [ROUTE_BULK] = {"OPTIONS, POST", 1U << METHOD_POST},
    [ROUTE_ME] = {NULL, 0},
    [ROUTE_UNKNOWN] = {NULL, 0},
};

const char *
route_allow(route_kind_t kind)
{
    return methods_of[kind].allow;
}

bool
route_takes(route_kind_t kind, method_t method)
{
    unsigned taken = methods_of[kind].methods | 1U << METHOD_OPTIONS;

    return !methods_of[kind].allow || (taken & 1U << method) != 0;
}

static const str_t templates[] = {
    [ROUTE_ROOT] = STR_INIT("/"),
    [ROUTE_SEARCH] = STR_INIT("/.search"),
    [ROUTE_RESOURCES] = STR_INIT(""),
    [ROUTE_RESOURCE] = STR_INIT("/{id}"),
    [ROUTE_SCHEMAS] = STR_INIT("/Schemas"),
    [ROUTE_RESOURCE_TYPES] = STR_INIT("/ResourceTypes"),
    [ROUTE_SERVICE_PROVIDER_CONFIG] = STR_INIT("/ServiceProviderConfig"),
    [ROUTE_BULK] = STR_INIT("/Bulk"),
    [ROUTE_ME] = STR_INIT("/Me"),
    [ROUTE_UNKNOWN] = STR_INIT("/?"),
};

str_t
route_template(const route_t *route, char text[ROUTE_TEMPLATE_MAX])
{
    str_t fixed = templates[route->kind];
    int n;

    if (route->kind != ROUTE_RESOURCES && route->kind != ROUTE_RESOURCE &&
        (route->kind != ROUTE_SEARCH || route->endpoint.n == 0))
        return fixed;
    if (route->endpoint.n + fixed.n + 2 > ROUTE_TEMPLATE_MAX)
        return templates[ROUTE_UNKNOWN];
    n = snprintf(text, ROUTE_TEMPLATE_MAX, "/%.*s%.*s", STR_ARG(route->endpoint),
                 STR_ARG(fixed));
    return str_from(text, (size_t)n);
}
