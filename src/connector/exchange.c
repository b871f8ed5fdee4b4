/* SPDX-License-Identifier: Apache-2.0 */
/* One request, from its route to its response. */
#include "connector/exchange.h"

#include "base/clock.h"
#include "connector/bulk_task.h"
#include "scim/error.h"

#include <assert.h>

enum { RETRY_AFTER_S = 5 };

const char *
method_name(method_t method)
{
    static const char *const names[] = {"GET",    "POST",    "PUT",  "PATCH",
                                        "DELETE", "OPTIONS", "OTHER"};

    return names[method];
}

/* ---- routing ---- */

static bool
fail_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    const exchange_t *exchange = exchange_of(task);

    *err = exchange->run.err;
    return false;
}

/* A root that fails with what was found wrong before any task could begin. */
static root_t
failed_root(exchange_t *exchange, const err_t *err)
{
    exchange->run.err = *err;
    return (root_t){task_new(&exchange->run, "refuse", sizeof(task_t)), fail_start};
}

/* What is there and what it takes (RFC 9110 §9.3.7); the methods are told in the header Allow,
 * which http/ knows. */
static bool
options_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return respond_empty(task, 204);
}

static root_t
options_root(run_t *run)
{
    return (root_t){task_new(run, "options", sizeof(task_t)), options_start};
}

/* Of an endpoint that takes one method. */
static root_t
only_root(exchange_t *exchange, method_t method, root_t (*make_root)(run_t *run))
{
    method_t is = exchange->request->method;
    err_t err = ERR_INIT;

    if (is == method)
        return make_root(&exchange->run);
    if (is == METHOD_OPTIONS)
        return options_root(&exchange->run);
    err_set(&err, ERR_METHOD, "%s is not allowed here", method_name(is));
    return failed_root(exchange, &err);
}

static root_t
resource_root(exchange_t *exchange, err_t *err)
{
    run_t *run = &exchange->run;
    bool one = exchange->request->route == ROUTE_RESOURCE;

    if (exchange->request->route == ROUTE_SEARCH)
        return only_root(exchange, METHOD_POST, query_root);
    switch (exchange->request->method) {
    case METHOD_GET:
        return one ? get_root(run) : query_root(run);
    case METHOD_POST:
        if (!one)
            return create_root(run);
        break;
    case METHOD_PUT:
        if (one)
            return replace_root(run);
        break;
    case METHOD_PATCH:
        if (one)
            return patch_root(run);
        break;
    case METHOD_DELETE:
        if (one)
            return delete_root(run);
        break;
    case METHOD_OPTIONS:
        return options_root(run);
    case METHOD_OTHER:
        break;
    }
    err_set(err, ERR_METHOD, "%s is not allowed here", method_name(exchange->request->method));
    return failed_root(exchange, err);
}

static root_t
choose_root(exchange_t *exchange)
{
    const request_t *request = exchange->request;
    const query_t *query = &request->query;
    err_t err = ERR_INIT;

    switch (request->route) {
    case ROUTE_SCHEMAS:
    case ROUTE_RESOURCE_TYPES:
    case ROUTE_SERVICE_PROVIDER_CONFIG:
        return only_root(exchange, METHOD_GET, discover_root);
    case ROUTE_ROOT:
        return only_root(exchange, METHOD_GET, query_root);
    case ROUTE_SEARCH:
        if (!request->endpoint.n)
            return only_root(exchange, METHOD_POST, query_root);
        break;
    case ROUTE_BULK:
        return only_root(exchange, METHOD_POST, bulk_root);
    case ROUTE_ME:
        err_set(&err, ERR_NOT_IMPLEMENTED, "/Me is not served: a token stands for no person");
        return failed_root(exchange, &err);
    case ROUTE_UNKNOWN:
        err_set(&err, ERR_NOT_FOUND, "there is no such endpoint");
        return failed_root(exchange, &err);
    case ROUTE_RESOURCES:
    case ROUTE_RESOURCE:
        break;
    }
    exchange->type = map_find_endpoint(exchange->map, request->endpoint);
    if (!exchange->type) {
        err_set(&err, ERR_NOT_FOUND, "this connector serves no \"%.*s\"",
                STR_ARG(request->endpoint));
        return failed_root(exchange, &err);
    }
    if (!condition_read(exchange->mem, request, &exchange->condition, &err))
        return failed_root(exchange, &err);
    if (!scim_projection_read(exchange->mem, exchange->type->scim,
                              query->attributes.p ? &query->attributes : NULL,
                              query->excluded_attributes.p ? &query->excluded_attributes : NULL,
                              &exchange->projection, &err))
        return failed_root(exchange, &err);
    return resource_root(exchange, &err);
}

/* What is not known of the directory it is believed to do, as the dialect says. */
static ldap_features_t
features_of(connector_t *connector)
{
    ldap_features_t known = atomic_load(&connector->features);
    ldap_features_t used = connector->map->dialect->features;

    return known ? used & known : used;
}

/* For what this directory does otherwise than the tasks take it to. */
static void
stand_in(ask_t *ask)
{
    const exchange_t *exchange = ask->run->context;

    if (exchange->map->dialect->ranges && ask->op.kind == LDAP_OP_SEARCH)
        answer_ranged(ask);
    else if (!(exchange->can & LDAP_FEATURE_ASSERTION))
        answer_unguarded(ask);
}

static exchange_t *
new_exchange(arena_t *mem, connector_t *connector, const request_t *request, int64_t now_s)
{
    exchange_t *exchange = arena_new_of(mem, exchange_t);

    exchange->connector = connector;
    exchange->request = request;
    exchange->mem = mem;
    exchange->map = connector->map;
    exchange->can = features_of(connector);
    exchange->now_s = now_s;
    exchange->now_ms = clock_monotonic_ms();
    exchange->projection.all = true;
    links_init(&exchange->links, mem);
    run_init(&exchange->run, mem, connector->lasting->gates, exchange);
    exchange->run.lost = note_lost_write;
    if (!(exchange->can & LDAP_FEATURE_ASSERTION) || exchange->map->dialect->ranges)
        exchange->run.instead = stand_in;
    return exchange;
}

exchange_t *
exchange_make(arena_t *mem, connector_t *connector, const request_t *request, int64_t now_s,
              root_t *ret_root)
{
    exchange_t *exchange = new_exchange(mem, connector, request, now_s);

    *ret_root = choose_root(exchange);
    exchange->facts.what = ret_root->task->what;
    return exchange;
}

exchange_t *
exchange_begin(arena_t *mem, connector_t *connector, const request_t *request, int64_t now_s)
{
    root_t root;
    exchange_t *exchange = exchange_make(mem, connector, request, now_s, &root);

    run_start(&exchange->run, root.task, root.start);
    return exchange;
}

/* What a command does to one entry, and no client can ask for. */
static exchange_t *
new_command(arena_t *mem, connector_t *connector, const map_type_t *type, method_t method,
            str_t id, int64_t now_s)
{
    request_t *request = arena_new_of(mem, request_t);
    exchange_t *exchange = new_exchange(mem, connector, request, now_s);

    *request = (request_t){.method = method,
                           .route = ROUTE_RESOURCE,
                           .endpoint = str_skip(type->scim->endpoint, 1),
                           .id = id,
                           .request_id = STR("command")};
    exchange->type = type;
    return exchange;
}

static exchange_t *
begin_command(exchange_t *exchange, root_t root)
{
    exchange->facts.what = root.task->what;
    run_start(&exchange->run, root.task, root.start);
    return exchange;
}

exchange_t *
exchange_begin_removal(arena_t *mem, connector_t *connector, const removal_t *removal,
                       int64_t now_s)
{
    exchange_t *exchange =
        new_command(mem, connector, removal->type, METHOD_DELETE, removal->id, now_s);

    return begin_command(exchange, remove_root(&exchange->run, removal));
}

exchange_t *
exchange_begin_claim(arena_t *mem, connector_t *connector, const claim_t *claim, int64_t now_s)
{
    exchange_t *exchange =
        new_command(mem, connector, claim->type, METHOD_PATCH, claim->id, now_s);

    return begin_command(exchange, claim_root(&exchange->run, claim));
}

/* ---- operations of a bulk request ---- */

exchange_t *
exchange_asking(const ask_t *ask)
{
    return ask->run->context;
}

const request_t *
exchange_request(const exchange_t *exchange)
{
    return exchange->request;
}

const response_t *
exchange_response(const exchange_t *exchange)
{
    return &exchange->response;
}

bool
exchange_note_write(exchange_t *exchange, int64_t now_us)
{
    if (exchange->facts.written_us)
        return false;
    exchange->facts.written_us = now_us;
    return true;
}

void
exchange_watch(exchange_t *exchange, exchange_ended_fn *fn, void *arg)
{
    exchange->ended = fn;
    exchange->ended_arg = arg;
}

void
exchange_tell(const exchange_t *exchange, const exchange_t *operation)
{
    if (exchange->ended)
        exchange->ended(exchange->ended_arg, operation);
}

run_t *
exchange_run(exchange_t *exchange)
{
    return &exchange->run;
}

void
response_from_error(arena_t *mem, const err_t *err, response_t *ret_response)
{
    buf_t buf;

    buf_init(&buf, mem, 16 * 1024);
    scim_error_write(&buf, err);
    ret_response->status = scim_error_status(err->kind);
    ret_response->body = buf_str(&buf);
    ret_response->location = ret_response->etag = STR("");
    ret_response->retry_after_s = err->kind == ERR_UNAVAILABLE ? RETRY_AFTER_S : 0;
}

static bool
changes_something(const request_t *request)
{
    return request->method != METHOD_GET && request->method != METHOD_OPTIONS &&
           request->route != ROUTE_SEARCH;
}

/* A rewriter that is off, and would have helped, is named. */
static void
blame_switches(exchange_t *exchange, err_t *err)
{
    const request_t *request = exchange->request;
    scim_quirks_t on = exchange->connector->quirks, missed = 0;
    const map_type_t *type = exchange->type ? exchange->type : exchange->map->types;
    err_t ignored = ERR_INIT;
    json_t *body;

    if ((scim_quirks_default & ~on) == 0 || scim_error_status(err->kind) != 400 ||
        request->route == ROUTE_BULK)
        return;
    body = exchange->json; /* of an operation of a bulk request */
    if (request->body.n)
        body = json_parse(exchange->mem, request->body, &json_limits_request, &ignored);
    if (request->query.filter.p)
        missed = scim_quirk_missed_filter(exchange->mem, on, type->scim, request->query.filter);
    else if (body && request->route == ROUTE_SEARCH)
        missed = scim_quirk_missed_filter(exchange->mem, on, type->scim,
                                          json_is(json_find(body, STR("filter")), JSON_STRING)
                                              ? json_find(body, STR("filter"))->u.string
                                              : STR(""));
    else if (body && request->method == METHOD_PATCH)
        missed = scim_quirk_missed_patch(exchange->mem, on, type->scim, body);
    else if (body)
        missed = scim_quirk_missed_resource(exchange->mem, on, type->scim, body);
    scim_quirk_blame(missed, err);
}

void
exchange_tell_doubt(exchange_t *exchange, err_t *err)
{
    exchange->facts.joined |= exchange->run.in_doubt;
    if (exchange->facts.written_us || exchange->facts.joined)
        err_add(err, "whether the change was made is not known");
}

const response_t *
exchange_finish(exchange_t *exchange)
{
    run_t *run = &exchange->run;

    assert(run->ended);
    if (changes_something(exchange->request))
        exchange->connector->lasting->written_ms = clock_monotonic_ms();
    exchange->facts.operations = run->operations;
    if (!run->failed)
        return &exchange->response;
    if (run->cut_off)
        exchange_tell_doubt(exchange, &run->err);
    blame_switches(exchange, &run->err);
    exchange->facts.error_detail = run->err.detail;
    if (!exchange->bulk || !bulk_respond_cut_off(exchange, &run->err))
        response_from_error(exchange->mem, &run->err, &exchange->response);
    return &exchange->response;
}

exchange_facts_t
exchange_facts(const exchange_t *exchange)
{
    return exchange->facts;
}
