/* SPDX-License-Identifier: Apache-2.0 */
/* What a request needs before its task begins: its body, and its turn. */
#include "connector/exchange.h"

/* A bulk request has more: the data of an operation lies in an array in an object, and many do. */
enum { BULK_DEPTH = 3, BULK_NODES = 2 };

json_t *
request_json(const task_t *task, err_t *err)
{
    const exchange_t *exchange = exchange_of(task);
    json_limits_t limits = json_limits_request;

    if (exchange->json)
        return exchange->json;
    if (!str_trim(exchange->request->body).n) {
        err_set(err, ERR_INVALID_SYNTAX, "the request has no body");
        return NULL;
    }
    if (exchange->request->route == ROUTE_BULK) {
        limits.max_bytes = exchange->connector->limits.max_bulk_body;
        limits.max_depth += BULK_DEPTH;
        limits.max_nodes *= BULK_NODES;
    }
    return json_parse(task->mem, exchange->request->body, &limits, err);
}

json_t *
request_resource(const task_t *task, err_t *err)
{
    exchange_t *exchange = exchange_of(task);
    json_t *body = request_json(task, err);

    if (!body)
        return NULL;
    if ((exchange->connector->quirks & (1u << SCIM_QUIRK_SCHEMAS_TYPO)) == 0 &&
        !scim_resource_check_schemas(exchange->type->scim, body, err))
        return NULL;
    scim_quirk_resource(task->mem, exchange->connector->quirks, exchange->type->scim, body,
                        &exchange->facts.quirks);
    return scim_resource_read(task->mem, exchange->type->scim, body, &exchange->facts.ignored,
                              err);
}

bool
enter_resource_gate(task_t *task, str_t id, str_t offer, then_fn *then)
{
    return task_enter_or_offer(task, str_lower(task->mem, id), offer, then);
}
