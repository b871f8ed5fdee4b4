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

/* The first attribute of the body that the type does not have; of a schema that it has not, the whole. */
static str_t
find_unmapped(arena_t *mem, const scim_type_t *type, const json_t *body)
{
    for (size_t i = 0; i < body->u.object.n; i++) {
        const json_member_t *member = &body->u.object.members[i];
        const scim_schema_t *schema = scim_type_find_schema(type, member->name);
        bool common = str_ieq(member->name, STR("schemas")) ||
                      str_ieq(member->name, STR("id")) || str_ieq(member->name, STR("meta"));

        if (!schema && !common && !scim_schema_find(type->core, member->name))
            return member->name;
        for (size_t k = 0;
             schema && json_is(member->value, JSON_OBJECT) && k < member->value->u.object.n;
             k++) {
            str_t name = member->value->u.object.members[k].name;

            if (!scim_schema_find(schema, name))
                return str_printf(mem, "%.*s:%.*s", STR_ARG(schema->id), STR_ARG(name));
        }
    }
    return STR("an attribute");
}

static bool
check_unmapped(const exchange_t *exchange, const json_t *body, err_t *err)
{
    if (exchange->facts.ignored == 0 || !exchange->map->refuses_unmapped)
        return true;
    return err_set(err, ERR_INVALID_VALUE,
                   "%.*s is not mapped, and this connector's map refuses what is not",
                   STR_ARG(find_unmapped(exchange->mem, exchange->type->scim, body)));
}

scim_quirks_t
patch_quirks(const task_t *task)
{
    const exchange_t *exchange = exchange_of(task);
    scim_quirks_t quirks = exchange->connector->quirks;

    return exchange->map->refuses_unmapped ? quirks & ~(1u << SCIM_QUIRK_UNMAPPED) : quirks;
}

json_t *
request_resource(const task_t *task, err_t *err)
{
    exchange_t *exchange = exchange_of(task);
    json_t *body = request_json(task, err), *resource;

    if (!body)
        return NULL;
    if ((exchange->connector->quirks & (1u << SCIM_QUIRK_SCHEMAS_TYPO)) == 0 &&
        !scim_resource_check_schemas(exchange->type->scim, body, err))
        return NULL;
    scim_quirk_resource(task->mem, exchange->connector->quirks, exchange->type->scim, body,
                        &exchange->facts.quirks);
    resource = scim_resource_read(task->mem, exchange->type->scim, body,
                                  &exchange->facts.ignored, err);
    return resource && check_unmapped(exchange, body, err) ? resource : NULL;
}

bool
enter_resource_gate(task_t *task, str_t id, str_t offer, then_fn *then)
{
    return task_enter_or_offer(task, str_lower(task->mem, id), offer, then);
}
