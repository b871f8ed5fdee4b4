/* SPDX-License-Identifier: Apache-2.0 */
/* Calls: made of a path and a body, begun, and what came of them. */
#include "support/sim_inside.h"

static str_t
take_parameter(const sim_call_t *call, str_t query, const char *name)
{
    arena_t *mem = call->sim->mem;

    while (query.n) {
        str_t part = str_slice(query, 0, str_find_char(query, '&'));
        size_t equals = str_find_char(part, '=');

        query = str_skip(query, part.n + 1);
        if (str_eq(str_slice(part, 0, equals), str_from_c(name)))
            return str_dup(mem, str_skip(part, equals + 1));
    }
    return (str_t){NULL, 0};
}

static route_kind_t
route_of(const request_t *request)
{
    if (str_eq(request->endpoint, STR(".search")) || str_eq(request->id, STR(".search")))
        return ROUTE_SEARCH;
    if (!request->endpoint.n)
        return ROUTE_ROOT;
    if (str_eq(request->endpoint, STR("Bulk")))
        return ROUTE_BULK;
    return request->id.n ? ROUTE_RESOURCE : ROUTE_RESOURCES;
}

static void
read_path(sim_call_t *call, str_t path)
{
    size_t mark = str_find_char(path, '?');
    str_t query = str_skip(path, mark + 1);
    size_t slash;

    path = str_slice(path, 0, mark);
    slash = str_find_char(path, '/');
    call->request.endpoint = str_slice(path, 0, slash);
    call->request.id = str_skip(path, slash + 1);
    call->request.route = route_of(&call->request);
    if (call->request.route == ROUTE_SEARCH) {
        if (!call->request.id.n)
            call->request.endpoint = STR("");
        call->request.id = STR("");
    }
    call->request.query = (query_t){
        .filter = take_parameter(call, query, "filter"),
        .attributes = take_parameter(call, query, "attributes"),
        .excluded_attributes = take_parameter(call, query, "excludedAttributes"),
        .start_index = take_parameter(call, query, "startIndex"),
        .count = take_parameter(call, query, "count"),
        .sort_by = take_parameter(call, query, "sortBy"),
        .sort_order = take_parameter(call, query, "sortOrder"),
        .cursor = take_parameter(call, query, "cursor"),
    };
}

static str_t
with_quotes(arena_t *mem, const char *text)
{
    str_t copy = str_dup(mem, str_from_c(text));
    char *p = (char *)(uintptr_t)copy.p;

    for (size_t i = 0; i < copy.n; i++)
        if (p[i] == '\'')
            p[i] = '"';
    return copy;
}

sim_call_t *
sim_call(sim_t *sim, connector_t *connector, method_t method, const char *path,
         const char *body)
{
    sim_call_t *call = arena_new_of(sim->mem, sim_call_t);

    call->sim = sim;
    call->connector = connector;
    call->request.method = method;
    read_path(call, with_quotes(sim->mem, path));
    call->request.body = body ? with_quotes(sim->mem, body) : STR("");
    call->request.base_url = STR("https://scim.example/test/scim/v2");
    call->request.request_id = STR("sim");
    buf_init(&call->traced, sim->mem, 1024 * 1024);
    call->next = sim->calls;
    sim->calls = call;
    return call;
}

static void
begin(void *arg)
{
    sim_call_t *call = arg;

    call->exchange = exchange_begin(call->mem, call->connector, &call->request, SIM_NOW);
}

void
sim_begin_limited(sim_call_t *call, size_t limit)
{
    bool begun;

    call->mem = arena_new(limit);
    call->replies = arena_new(0);
    ck_assert(call->mem && call->replies);
    sim_arm_memory(call->sim);
    begun = arena_guard(call->mem, begin, call);
    sim_disarm_memory();
    if (begun) {
        sim_after_step(call);
    } else {
        call->exchange = NULL; /* not even a run: the listener answers */
        call->ended = true;
        call->status = 503;
        call->trace = STR("");
    }
}

void
sim_begin(sim_call_t *call)
{
    sim_begin_limited(call, 0);
}

sim_call_t *
sim_do(sim_t *sim, connector_t *connector, method_t method, const char *path, const char *body)
{
    sim_call_t *call = sim_call(sim, connector, method, path, body);

    sim_begin(call);
    sim_run(sim);
    return call;
}

str_t
sim_create(sim_t *sim, connector_t *connector, const char *path, const char *body)
{
    const sim_call_t *call = sim_do(sim, connector, METHOD_POST, path, body);

    ck_assert_msg(call->status == 201, "POST %s %s: %d %.*s", path, body, call->status,
                  STR_ARG(call->body));
    return sim_text(call, "id");
}

json_t *
sim_json(const sim_call_t *call)
{
    err_t err = ERR_INIT;
    json_t *json = json_parse(call->sim->mem, call->body, &json_limits_file, &err);

    ck_assert_msg(json != NULL, "%s in \"%.*s\"", err.detail, STR_ARG(call->body));
    return json;
}

str_t
sim_text(const sim_call_t *call, const char *name)
{
    const json_t *value = json_find(sim_json(call), str_from_c(name));

    ck_assert_msg(json_is(value, JSON_STRING), "no \"%s\" in %.*s", name, STR_ARG(call->body));
    return value->u.string;
}
