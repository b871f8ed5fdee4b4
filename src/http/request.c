/* SPDX-License-Identifier: Apache-2.0 */
#include "http/call.h"

method_t
request_method(str_t name)
{
    static const struct {
        str_t name;
        method_t method;
    } methods[] = {
        {STR_INIT("GET"), METHOD_GET},       {STR_INIT("HEAD"), METHOD_GET},
        {STR_INIT("POST"), METHOD_POST},     {STR_INIT("PATCH"), METHOD_PATCH},
        {STR_INIT("DELETE"), METHOD_DELETE}, {STR_INIT("PUT"), METHOD_PUT},
    };

    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (str_eq(name, methods[i].name))
            return methods[i].method;
    }
    return METHOD_OTHER;
}

str_t
http_header(const http_call_t *call, const char *name)
{
    return str_from_c(
        MHD_lookup_connection_value(call_of_const(call)->connection, MHD_HEADER_KIND, name));
}

int64_t
request_length(const call_t *call)
{
    str_t text = http_header(&call->public, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t length;

    return str_to_int64(text, &length) && length >= 0 ? length : -1;
}

/* --- framing ------------------------------------------------------------------------------ */

/* What says where a request ends and whom it is for. */
typedef struct {
    unsigned n_lengths, n_encodings, n_hosts;
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
    *ret_kind = ERR_NOT_IMPLEMENTED;
    if (framing.n_encodings > 0 && !str_ieq(framing.encoding, STR("chunked")))
        return "Transfer-Encoding must be chunked";
    *ret_kind = ERR_NONE;
    return NULL;
}

/* --- the rest ----------------------------------------------------------------------------- */

static bool
check_length(const call_t *call, err_t *err)
{
    int64_t length = request_length(call);

    if (length > 0 && (uint64_t)length > call->public.max_body)
        return err_set(err, ERR_TOO_LARGE, "the body is longer than %zu bytes",
                       call->public.max_body);
    return true;
}

/* RFC 7644 §3.1; parameters such as charset do not matter, JSON is UTF-8. */
static bool
check_type(const call_t *call, err_t *err)
{
    method_t method = call->public.request.method;
    str_t type = http_header(&call->public, MHD_HTTP_HEADER_CONTENT_TYPE);

    if (method != METHOD_POST && method != METHOD_PUT && method != METHOD_PATCH)
        return true;
    type = str_trim(str_slice(type, 0, str_find_char(type, ';')));
    if (str_ieq(type, STR("application/scim+json")) || str_ieq(type, STR("application/json")))
        return true;
    return err_set(err, ERR_MEDIA_TYPE,
                   "Content-Type must be application/scim+json or application/json");
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
    str_t host = http_header(public, MHD_HTTP_HEADER_HOST);
    const char *scheme = call->server->settings.tls ? "https" : "http";

    if (!is_host(host))
        return err_set(err, ERR_BAD_REQUEST, "the Host header is malformed");
    if (str_is_empty(host))
        host = str_from_c(call->server->settings.host);
    public->request.base_url = public->public_url
                                   ? str_printf(public->mem, "%s%.*s", public->public_url,
                                                STR_ARG(public->route.prefix))
                                   : str_printf(public->mem, "%s://%.*s%.*s", scheme,
                                                STR_ARG(host), STR_ARG(public->route.prefix));
    return true;
}

bool
request_check(call_t *call, str_t method, err_t *err)
{
    http_call_t *public = &call->public;
    route_kind_t kind = public->route.kind;

    public->request.route = kind;
    public->request.endpoint = public->route.endpoint;
    public->request.id = public->route.id;
    public->request.query = public->route.query;
    if (call->fault)
        return err_set(err, call->fault_kind, "%s", call->fault);
    if (!find_base_url(call, err))
        return false;
    if (!route_takes(kind, public->request.method)) {
        err_set(err, ERR_METHOD, "%.*s is not allowed here, but %s", STR_ARG(method),
                route_allow(kind));
        return false;
    }
    return check_length(call, err) && check_type(call, err);
}
