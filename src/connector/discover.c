/* SPDX-License-Identifier: Apache-2.0 */
/* /Schemas, /ResourceTypes, /ServiceProviderConfig (RFC 7644 §4): what the map makes of them. */
#include "connector/exchange.h"

enum { BODY_MAX = 4 * 1024 * 1024 };

static bool
respond_json(task_t *task, const json_t *body)
{
    response_t *response = &exchange_of(task)->response;
    buf_t buf;

    buf_init(&buf, task->mem, BODY_MAX);
    json_write(&buf, body);
    response->status = 200;
    response->body = buf_str(&buf);
    return task_done(task, NULL);
}

static json_t *
list_of(arena_t *mem, json_t *resources)
{
    json_t *list = json_object(mem), *schemas = json_array(mem);
    int64_t n = (int64_t)resources->u.array.n;

    json_append(mem, schemas, json_string(mem, STR(SCIM_URN_LIST)));
    json_set(mem, list, STR("schemas"), schemas);
    json_set(mem, list, STR("totalResults"), json_integer(mem, n));
    json_set(mem, list, STR("startIndex"), json_integer(mem, 1));
    json_set(mem, list, STR("itemsPerPage"), json_integer(mem, n));
    json_set(mem, list, STR("Resources"), resources);
    return list;
}

/* The list, or the one that the URL names. */
static bool
respond_found(task_t *task, json_t *resources, str_t id, err_t *err)
{
    if (!id.n)
        return respond_json(task, list_of(task->mem, resources));
    for (size_t i = 0; i < resources->u.array.n; i++) {
        const json_t *found = json_find(resources->u.array.items[i], STR("id"));

        if (json_is(found, JSON_STRING) && str_ieq(found->u.string, id))
            return respond_json(task, resources->u.array.items[i]);
    }
    return err_set(err, ERR_NOT_FOUND, "there is no \"%.*s\" here", STR_ARG(id));
}

/* ---- one schema of several types ---- */

static const scim_attr_t *
find_attr(const scim_attr_t *attrs, size_t n, str_t name)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(attrs[i].name, name))
            return &attrs[i];
    return NULL;
}

/* What either has; what only one has, or requires, nobody must send. */
static size_t
join_attrs(arena_t *mem, const scim_attr_t *a, size_t n_a, const scim_attr_t *b, size_t n_b,
           const scim_attr_t **ret_attrs)
{
    scim_attr_t *all = arena_array_of(mem, n_a + n_b, scim_attr_t);
    size_t n = 0;

    for (size_t i = 0; i < n_a; i++) {
        const scim_attr_t *other = find_attr(b, n_b, a[i].name);

        all[n] = a[i];
        all[n].required = a[i].required && other && other->required;
        if (other && a[i].n_subs > 0)
            all[n].n_subs = join_attrs(mem, a[i].subs, a[i].n_subs, other->subs, other->n_subs,
                                       &all[n].subs);
        n++;
    }
    for (size_t i = 0; i < n_b; i++) {
        if (find_attr(a, n_a, b[i].name))
            continue;
        all[n] = b[i];
        all[n++].required = false;
    }
    *ret_attrs = all;
    return n;
}

/* Each type has its own part of a schema; clients see one, with everything. */
typedef struct {
    arena_t *mem;
    scim_schema_t *schemas;
    size_t n;
} catalogue_t;

static void
add_schema(catalogue_t *catalogue, const scim_schema_t *schema)
{
    for (size_t i = 0; i < catalogue->n; i++) {
        scim_schema_t *known = &catalogue->schemas[i];

        if (!str_ieq(known->id, schema->id))
            continue;
        known->n = join_attrs(catalogue->mem, known->attrs, known->n, schema->attrs, schema->n,
                              &known->attrs);
        return;
    }
    catalogue->schemas[catalogue->n++] = *schema;
}

static catalogue_t
list_schemas(arena_t *mem, const map_t *map)
{
    size_t n = 0;
    catalogue_t catalogue = {.mem = mem};

    for (size_t i = 0; i < map->n_types; i++)
        n += 1 + map->types[i].scim->n_extensions;
    catalogue.schemas = arena_array_of(mem, n, scim_schema_t);
    for (size_t i = 0; i < map->n_types; i++) {
        const scim_type_t *type = map->types[i].scim;

        add_schema(&catalogue, type->core);
        for (size_t j = 0; j < type->n_extensions; j++)
            add_schema(&catalogue, type->extensions[j]);
    }
    return catalogue;
}

/* RFC 7643 §8.7.2: the schemas of what discovery itself answers. They are served by name only: the
 * list is what clients offer an admin to map to. */
static const scim_schema_t *
schema_of_discovery(str_t urn)
{
    static const str_t urns[] = {
        STR_INIT("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"),
        STR_INIT("urn:ietf:params:scim:schemas:core:2.0:ResourceType"),
        STR_INIT("urn:ietf:params:scim:schemas:core:2.0:Schema"),
    };

    for (size_t i = 0; i < ARRAY_SIZE(urns); i++)
        if (str_ieq(urn, urns[i]))
            return scim_schema_builtin(urn);
    return NULL;
}

static bool
respond_schemas(task_t *task, err_t *err)
{
    const exchange_t *exchange = exchange_of(task);
    const scim_schema_t *named = schema_of_discovery(exchange->request->id);
    catalogue_t catalogue = list_schemas(task->mem, exchange->map);
    json_t *resources = json_array(task->mem);
    str_t base_url = exchange->request->base_url;

    if (named)
        json_append(task->mem, resources, scim_schema_to_json(task->mem, named, base_url));
    for (size_t i = 0; i < catalogue.n; i++)
        json_append(task->mem, resources,
                    scim_schema_to_json(task->mem, &catalogue.schemas[i], base_url));
    return respond_found(task, resources, exchange->request->id, err);
}

static bool
respond_types(task_t *task, err_t *err)
{
    const exchange_t *exchange = exchange_of(task);
    json_t *resources = json_array(task->mem);

    for (size_t i = 0; i < exchange->map->n_types; i++)
        json_append(task->mem, resources,
                    scim_type_to_json(task->mem, exchange->map->types[i].scim,
                                      exchange->request->base_url));
    return respond_found(task, resources, exchange->request->id, err);
}

/* ---- /ServiceProviderConfig (RFC 7643 §5): what is served, and nothing else ---- */

static json_t *
supported(arena_t *mem, json_t *config, str_t name, bool value)
{
    json_t *part = json_object(mem);

    json_set(mem, part, STR("supported"), json_boolean(mem, value));
    json_set(mem, config, name, part);
    return part;
}

static bool
takes_passwords(const map_t *map)
{
    for (size_t i = 0; i < map->n_types; i++) {
        const map_slot_t *slot = map->types[i].password;

        if (slot && slot->write == MAP_WRITE_ALWAYS)
            return true;
    }
    return false;
}

/* RFC 9865 §4. */
static json_t *
pagination(arena_t *mem, const connector_limits_t *limits)
{
    json_t *part = json_object(mem);

    json_set(mem, part, STR("cursor"), json_boolean(mem, true));
    json_set(mem, part, STR("index"), json_boolean(mem, true));
    json_set(mem, part, STR("defaultPaginationMethod"), json_string(mem, STR("index")));
    json_set(mem, part, STR("defaultPageSize"),
             json_integer(mem, (int64_t)limits->default_page));
    json_set(mem, part, STR("maxPageSize"), json_integer(mem, (int64_t)limits->max_page));
    json_set(mem, part, STR("cursorTimeout"), json_integer(mem, limits->cursor_ttl_s));
    return part;
}

static json_t *
bearer_scheme(arena_t *mem)
{
    json_t *scheme = json_object(mem), *schemes = json_array(mem);

    json_set(mem, scheme, STR("type"), json_string(mem, STR("oauthbearertoken")));
    json_set(mem, scheme, STR("name"), json_string(mem, STR("Bearer token")));
    json_set(
        mem, scheme, STR("description"),
        json_string(mem, STR("A token that the administrator of this service has issued")));
    json_set(mem, scheme, STR("primary"), json_boolean(mem, true));
    json_append(mem, schemes, scheme);
    return schemes;
}

static json_t *
meta_of_config(arena_t *mem, str_t base_url)
{
    json_t *meta = json_object(mem);

    json_set(mem, meta, STR("resourceType"), json_string(mem, STR("ServiceProviderConfig")));
    json_set(
        mem, meta, STR("location"),
        json_string(mem, str_printf(mem, "%.*s/ServiceProviderConfig", STR_ARG(base_url))));
    return meta;
}

static bool
respond_config(task_t *task)
{
    const exchange_t *exchange = exchange_of(task);
    const connector_limits_t *limits = &exchange->connector->limits;
    arena_t *mem = task->mem;
    json_t *config = json_object(mem), *schemas = json_array(mem), *part;

    json_append(
        mem, schemas,
        json_string(mem, STR("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig")));
    json_set(mem, config, STR("schemas"), schemas);
    supported(mem, config, STR("patch"), true);
    part = supported(mem, config, STR("bulk"), true);
    json_set(mem, part, STR("maxOperations"),
             json_integer(mem, (int64_t)limits->max_bulk_operations));
    json_set(mem, part, STR("maxPayloadSize"),
             json_integer(mem, (int64_t)limits->max_bulk_body));
    part = supported(mem, config, STR("filter"), true);
    json_set(mem, part, STR("maxResults"), json_integer(mem, (int64_t)limits->max_page));
    supported(mem, config, STR("changePassword"), takes_passwords(exchange->map));
    supported(mem, config, STR("sort"), true);
    supported(mem, config, STR("etag"), true);
    json_set(mem, config, STR("pagination"), pagination(mem, limits));
    json_set(mem, config, STR("authenticationSchemes"), bearer_scheme(mem));
    json_set(mem, config, STR("meta"), meta_of_config(mem, exchange->request->base_url));
    return respond_json(task, config);
}

/* RFC 7644 §4: a client shall not believe that its filter was applied; what else a query may say is
 * passed over. */
static bool
check_query(const query_t *query, err_t *err)
{
    return !query->filter.p ||
           err_set(err, ERR_FORBIDDEN, "what this endpoint lists takes no filter");
}

static bool
discover_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    if (!check_query(&exchange_of(task)->request->query, err))
        return false;
    switch (exchange_of(task)->request->route) {
    case ROUTE_SCHEMAS:
        return respond_schemas(task, err);
    case ROUTE_RESOURCE_TYPES:
        return respond_types(task, err);
    case ROUTE_SERVICE_PROVIDER_CONFIG:
        return respond_config(task);
    case ROUTE_ROOT:
    case ROUTE_SEARCH:
    case ROUTE_RESOURCES:
    case ROUTE_RESOURCE:
    case ROUTE_BULK:
    case ROUTE_ME:
    case ROUTE_UNKNOWN:
        break;
    }
    return err_set(err, ERR_NOT_FOUND, "there is nothing here");
}

root_t
discover_root(run_t *run)
{
    return (root_t){task_new(run, "discover", sizeof(task_t)), discover_start};
}
