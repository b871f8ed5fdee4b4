/* SPDX-License-Identifier: Apache-2.0 */
#include "http/call.h"

#include <stdio.h>

static method_t
method_of(str_t name)
{
    static const struct {
        str_t name;
        method_t method;
    } methods[] = {
        {STR_INIT("GET"), METHOD_GET},         {STR_INIT("HEAD"), METHOD_GET},
        {STR_INIT("POST"), METHOD_POST},       {STR_INIT("PATCH"), METHOD_PATCH},
        {STR_INIT("DELETE"), METHOD_DELETE},   {STR_INIT("PUT"), METHOD_PUT},
        {STR_INIT("OPTIONS"), METHOD_OPTIONS},
    };

    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (str_eq(name, methods[i].name))
            return methods[i].method;
    }
    return METHOD_OTHER;
}

void
request_set_method(call_t *call, str_t name)
{
    size_t n = name.n < sizeof(call->method) ? name.n : sizeof(call->method) - 1;

    memcpy(call->method, name.p, n);
    call->public.method = str_from(call->method, n);
    call->public.request.method = method_of(name);
}

/* --- the request's id --------------------------------------------------------------------- */

static bool
is_sane_id(str_t id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return id.n > 0 && id.n < sizeof(((call_t *)NULL)->id);
}

void
request_identify(call_t *call, str_t given)
{
    http_server_t *server = call->server;
    int n = 0;

    if (is_sane_id(given))
        n = snprintf(call->id, sizeof(call->id), "%.*s", STR_ARG(given));
    else
        n = snprintf(call->id, sizeof(call->id), "%08x%08llx", server->id_prefix,
                     (unsigned long long)++server->id_last);
    call->public.request.request_id = str_from(call->id, (size_t)n);
}

/* --- headers ------------------------------------------------------------------------------ */

str_t
http_header(const http_call_t *call, const char *name)
{
    return str_from_c(
        MHD_lookup_connection_value(call_of_const(call)->connection, MHD_HEADER_KIND, name));
}

typedef struct {
    arena_t *mem;
    str_t name, all;
} gather_t;

static enum MHD_Result
gather(void *arg, enum MHD_ValueKind kind, const char *key, size_t key_size, const char *value,
       size_t value_size)
{
    gather_t *gather = arg;
    str_t text = value ? str_from(value, value_size) : STR("");

    (void)kind;
    if (!str_ieq(str_from(key, key_size), gather->name))
        return MHD_YES;
    gather->all = gather->all.p ? str_printf(gather->mem, "%.*s, %.*s", STR_ARG(gather->all),
                                             STR_ARG(text))
                                : str_dup(gather->mem, text);
    return MHD_YES;
}

/* A list's header may come in several lines (RFC 9110 §5.3). p NULL: absent. Exhaustion unwinds
 * out of the library, which has nothing open while it calls. */
static str_t
header_list(const call_t *call, const char *name)
{
    gather_t all = {.mem = call->public.mem, .name = str_from_c(name)};

    (void)MHD_get_connection_values_n(call->connection, MHD_HEADER_KIND, gather, &all);
    return all.all;
}

int64_t
request_length(const call_t *call)
{
    str_t text = http_header(&call->public, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t length;

    return str_to_int64(text, &length) && length >= 0 ? length : -1;
}

/* --- framing ------------------------------------------------------------------------------ */

/* What says where a request ends, whom it is for and who sends it. */
typedef struct {
    unsigned n_lengths, n_encodings, n_hosts, n_authorizations;
    str_t length, encoding;
    bool odd_name;
} framing_t;

/* RFC 9110 §5.6.2. */
static bool
is_token(str_t text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) &&
            str_find_char(STR("!#$%&'*+-.^_`|~"), c) == STR("!#$%&'*+-.^_`|~").n)
            return false;
    }
    return text.n > 0;
}

static bool
is_number(str_t text)
{
    int64_t number;

    return text.n > 0 && char_is_digit(text.p[0]) && str_to_int64(text, &number);
}

static enum MHD_Result
note_header(void *arg, enum MHD_ValueKind kind, const char *key, size_t key_size,
            const char *value, size_t value_size)
{
    framing_t *framing = arg;
    str_t name = str_from(key, key_size), text = value ? str_from(value, value_size) : STR("");

    (void)kind;
    framing->odd_name |= !is_token(name);
    framing->n_hosts += str_ieq(name, STR("Host"));
    framing->n_authorizations += str_ieq(name, STR("Authorization"));
    if (str_ieq(name, STR("Content-Length"))) {
        framing->n_lengths++;
        framing->length = text;
    } else if (str_ieq(name, STR("Transfer-Encoding"))) {
        framing->n_encodings++;
        framing->encoding = text;
    }
    return MHD_YES;
}

/* libmicrohttpd is more lenient here than a proxy in front may be, and where the two disagree on
 * the end of a request, another can be smuggled past the proxy (RFC 9112 §3.2, §5.1, §6). Even
 * what the standard lets us repair, such as the same length twice, no client of ours sends. */
const char *
request_find_fault(const call_t *call, str_t version, err_kind_t *ret_kind)
{
    framing_t framing = {.n_lengths = 0};
    bool is_1_0 = str_eq(version, STR("HTTP/1.0"));

    (void)MHD_get_connection_values_n(call->connection, MHD_HEADER_KIND, note_header, &framing);
    *ret_kind = ERR_BAD_REQUEST;
    if (framing.odd_name)
        return "a header's name is malformed";
    if (framing.n_lengths > 1)
        return "there is more than one Content-Length";
    if (framing.n_lengths == 1 && !is_number(framing.length))
        return "Content-Length is malformed";
    if (framing.n_encodings > 1 || (framing.n_encodings > 0 && is_1_0))
        return "there must not be that Transfer-Encoding";
    if (framing.n_encodings > 0 && framing.n_lengths > 0)
        return "the request has both Content-Length and Transfer-Encoding";
    if (framing.n_hosts > 1 || (framing.n_hosts == 0 && !is_1_0))
        return "there must be one Host header";
    if (framing.n_authorizations > 1)
        return "there is more than one Authorization";
    *ret_kind = ERR_NOT_IMPLEMENTED;
    if (framing.n_encodings > 0 && !str_ieq(framing.encoding, STR("chunked")))
        return "Transfer-Encoding must be chunked";
    *ret_kind = ERR_NONE;
    return NULL;
}

/* --- the rest ----------------------------------------------------------------------------- */

bool
request_too_long(const call_t *call, err_t *err)
{
    bool is_bulk = call->public.routed && call->public.route.kind == ROUTE_BULK;

    return err_set(err, ERR_TOO_LARGE, "the body is longer than %zu bytes%s",
                   call->public.max_body, is_bulk ? ", which is maxPayloadSize" : "");
}

static bool
check_length(const call_t *call, err_t *err)
{
    int64_t length = request_length(call);

    if (length > 0 && (uint64_t)length > call->public.max_body)
        return request_too_long(call, err);
    return true;
}

/* The first line and the headers, as far as the library has room for them: its limit is above
 * ours, so that a client is told in our own words. */
static bool
check_size(const call_t *call, err_t *err)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(call->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    size_t most = call->server->settings.header_bytes;

    if (!info || info->header_size <= most)
        return true;
    if (call->uri.n > most / 2)
        return err_set(err, ERR_URI_TOO_LONG, "the URL is longer than %zu bytes", most / 2);
    return err_set(err, ERR_HEAD_TOO_LARGE, "the headers are longer than %zu bytes", most);
}

/* Before anything is done, as an answer that cannot be given then would hide what was. */
static bool
choose_media(call_t *call, err_t *err)
{
    method_t method = call->public.request.method;
    media_t media = media_choose(header_list(call, MHD_HTTP_HEADER_ACCEPT));

    if (media != MEDIA_NONE)
        call->media = media;
    else if (method != METHOD_DELETE && method != METHOD_OPTIONS)
        return err_set(err, ERR_NOT_ACCEPTABLE,
                       "Accept must allow application/scim+json or application/json in UTF-8");
    return true;
}

static bool
check_type(const call_t *call, err_t *err)
{
    method_t method = call->public.request.method;
    str_t encoding = str_trim(header_list(call, MHD_HTTP_HEADER_CONTENT_ENCODING));

    if (method != METHOD_POST && method != METHOD_PUT && method != METHOD_PATCH)
        return true;
    if (encoding.n > 0 && !str_ieq(encoding, STR("identity")))
        return err_set(err, ERR_MEDIA_TYPE, "the body must not be compressed");
    return media_check(header_list(call, MHD_HTTP_HEADER_CONTENT_TYPE), err);
}

static bool
is_host(str_t host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && c != '.' && c != '-' && c != ':' &&
            c != '[' && c != ']' && c != '_')
            return false;
    }
    return host.n <= 255;
}

/* What the client calls us goes into every location. */
static bool
find_base_url(call_t *call, err_t *err)
{
    http_call_t *public = &call->public;
    str_t host = route_authority(call->uri);
    const char *scheme = call->server->settings.tls ? "https" : "http";

    if (!host.p)
        host = http_header(public, MHD_HTTP_HEADER_HOST);
    if (!is_host(host))
        return err_set(err, ERR_BAD_REQUEST, "the host's name is malformed");
    if (str_is_empty(host))
        host = str_from_c(call->server->settings.host);
    public->request.base_url = public->public_url
                                   ? str_printf(public->mem, "%s%.*s", public->public_url,
                                                STR_ARG(public->route.prefix))
                                   : str_printf(public->mem, "%s://%.*s%.*s", scheme,
                                                STR_ARG(host), STR_ARG(public->route.prefix));
    return true;
}

static void
fill_request(call_t *call)
{
    http_call_t *public = &call->public;
    request_t *request = &public->request;

    request->route = public->route.kind;
    request->endpoint = public->route.endpoint;
    request->id = public->route.id;
    request->query = public->route.query;
    request->if_match = header_list(call, MHD_HTTP_HEADER_IF_MATCH);
    request->if_none_match = header_list(call, MHD_HTTP_HEADER_IF_NONE_MATCH);
}

bool
request_check(call_t *call, err_t *err)
{
    http_call_t *public = &call->public;
    route_kind_t kind = public->route.kind;

    fill_request(call);
    if (call->fault)
        return err_set(err, call->fault_kind, "%s", call->fault);
    if (!check_size(call, err) || !find_base_url(call, err))
        return false;
    if (!route_takes(kind, public->request.method))
        return err_set(err, ERR_METHOD, "%.*s is not allowed here, but %s",
                       STR_ARG(public->method), route_allow(kind));
    return choose_media(call, err) && check_length(call, err) && check_type(call, err);
}
