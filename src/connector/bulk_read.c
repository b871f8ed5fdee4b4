/* SPDX-License-Identifier: Apache-2.0 */
/* From the body of a bulk request to its operations. */
#include "connector/bulk.h"

#include "scim/schema.h"

/* What reading one operation needs. */
typedef struct {
    arena_t *mem;
    const map_t *map;
    str_t base_url;
} reading_t;

/* Refused for itself; the others go on. */
static err_t *
refuse(const reading_t *reading, bulk_op_t *op)
{
    op->error = arena_new_of(reading->mem, err_t);
    return op->error;
}

/* A member that is a string; one of another kind is refused, an absent one is empty. */
static str_t
read_text(const reading_t *reading, bulk_op_t *op, const json_t *from, str_t name)
{
    const json_t *value = json_find(from, name);

    if (json_is(value, JSON_STRING))
        return value->u.string;
    if (value && !json_is(value, JSON_NULL) && !op->error)
        err_set(refuse(reading, op), ERR_INVALID_VALUE, "\"%.*s\" must be a string, not %s",
                STR_ARG(name), json_kind_name(value->kind));
    return STR("");
}

static void
read_method(const reading_t *reading, bulk_op_t *op)
{
    static const method_t allowed[] = {METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE};

    op->method = METHOD_OTHER;
    for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
        if (str_ieq(op->method_name, str_from_c(method_name(allowed[i]))))
            op->method = allowed[i];
    if (op->method == METHOD_OTHER && !op->error)
        err_set(refuse(reading, op), ERR_INVALID_VALUE,
                "\"method\" must be POST, PUT, PATCH or DELETE, not \"%.*s\"",
                STR_ARG(op->method_name));
}

/* "https://host/scim/v2/Users/1", "/v2/Users/1", "Users/1" -> "Users/1" */
static str_t
without_prefix(const reading_t *reading, str_t path)
{
    if (reading->base_url.n && str_starts_with(path, reading->base_url))
        path = str_skip(path, reading->base_url.n);
    while (path.n && path.p[0] == '/')
        path = str_skip(path, 1);
    if (str_istarts_with(path, STR("v2/")))
        path = str_skip(path, 3);
    return path;
}

static bool
fail_path(str_t path, err_t *err)
{
    return err_set(err, ERR_INVALID_PATH, "the path \"%.*s\" is none of a resource",
                   STR_ARG(path));
}

static bool
split_path(const reading_t *reading, bulk_op_t *op, str_t path, err_t *err)
{
    str_t rest = without_prefix(reading, path);
    size_t slash;

    rest = str_slice(rest, 0, str_find_char(rest, '?'));
    if (rest.n && rest.p[rest.n - 1] == '/')
        rest = str_slice(rest, 0, rest.n - 1);
    slash = str_find_char(rest, '/');
    op->endpoint = str_slice(rest, 0, slash);
    rest = str_skip(rest, slash + 1);
    if (!op->endpoint.n || str_find_char(rest, '/') < rest.n ||
        !str_unescape_uri(reading->mem, rest, false, &op->id) || !str_is_utf8(op->id) ||
        str_find_char(op->id, '\0') < op->id.n)
        return fail_path(path, err);
    op->type = map_find_endpoint(reading->map, op->endpoint);
    if (!op->type)
        return err_set(err, ERR_NOT_FOUND,
                       "this connector serves no \"%.*s\" in a bulk request",
                       STR_ARG(op->endpoint));
    if (op->method == METHOD_POST && op->id.n)
        return err_set(err, ERR_METHOD, "POST is not allowed on one resource");
    if (op->method != METHOD_POST && !op->id.n)
        return err_set(err, ERR_METHOD, "%s needs the path of one resource, not \"%.*s\"",
                       method_name(op->method), STR_ARG(path));
    return true;
}

static void
read_path(const reading_t *reading, bulk_op_t *op, const json_t *from)
{
    str_t path = read_text(reading, op, from, STR("path"));
    err_t err = ERR_INIT;

    if (!op->error && !split_path(reading, op, path, &err))
        *refuse(reading, op) = err;
}

static void
check_whole(const reading_t *reading, bulk_op_t *op)
{
    if (op->error)
        return;
    if (op->method == METHOD_POST && !op->bulk_id.n)
        err_set(refuse(reading, op), ERR_INVALID_VALUE,
                "a POST in a bulk request needs a bulkId");
    else if (op->method != METHOD_DELETE && !json_is(op->data, JSON_OBJECT))
        err_set(refuse(reading, op), ERR_INVALID_SYNTAX,
                "%s needs \"data\", which must be an object", method_name(op->method));
}

static void
read_operation(const reading_t *reading, bulk_op_t *op, const json_t *from)
{
    *op = (bulk_op_t){.method = METHOD_OTHER,
                      .method_name = STR(""),
                      .bulk_id = STR(""),
                      .version = STR(""),
                      .endpoint = STR(""),
                      .id = STR(""),
                      .resource = BULK_NONE,
                      .circle = BULK_NONE};
    if (!json_is(from, JSON_OBJECT)) {
        err_set(refuse(reading, op), ERR_INVALID_SYNTAX,
                "an operation must be an object, not %s", json_kind_name(from->kind));
        return;
    }
    op->method_name = read_text(reading, op, from, STR("method"));
    op->bulk_id = read_text(reading, op, from, STR("bulkId"));
    op->version = read_text(reading, op, from, STR("version"));
    op->data = json_find(from, STR("data"));
    read_method(reading, op);
    read_path(reading, op, from);
    check_whole(reading, op);
}

static bool
lists_bulk(const json_t *schemas)
{
    for (size_t i = 0; json_is(schemas, JSON_ARRAY) && i < schemas->u.array.n; i++) {
        const json_t *item = schemas->u.array.items[i];

        if (json_is(item, JSON_STRING) && str_ieq(item->u.string, STR(SCIM_URN_BULK_REQUEST)))
            return true;
    }
    return false;
}

/* No member, null or 0: all are tried, whatever becomes of them. */
static bool
read_fail_on_errors(const json_t *body, size_t *ret_n, err_t *err)
{
    const json_t *value = json_find(body, STR("failOnErrors"));
    int64_t n = 0;

    if (value && !json_is(value, JSON_NULL) && (!json_to_int64(value, &n) || n < 0))
        return err_set(err, ERR_INVALID_VALUE,
                       "\"failOnErrors\" must be a whole number of errors");
    *ret_n = (size_t)n;
    return true;
}

bool
bulk_read(arena_t *mem, const map_t *map, const json_t *body, str_t base_url, size_t max,
          bool any_schemas, bulk_t *ret_bulk, err_t *err)
{
    const reading_t reading = {mem, map, base_url};
    const json_t *operations = json_find(body, STR("Operations"));
    bulk_t bulk = {.n = 0};

    if (!json_is(body, JSON_OBJECT) || !json_is(operations, JSON_ARRAY))
        return err_set(err, ERR_INVALID_SYNTAX,
                       "a bulk request must be an object with an array of \"Operations\"");
    if (!any_schemas && !lists_bulk(json_find(body, STR("schemas"))))
        return err_set(err, ERR_INVALID_SYNTAX,
                       "\"schemas\" must list \"" SCIM_URN_BULK_REQUEST "\"");
    if (operations->u.array.n > max)
        return err_set(err, ERR_TOO_LARGE,
                       "%zu operations are more than maxOperations, which is %zu",
                       operations->u.array.n, max);
    if (!read_fail_on_errors(body, &bulk.fail_on_errors, err))
        return false;
    bulk.n = operations->u.array.n;
    bulk.ops = arena_array_of(mem, bulk.n, bulk_op_t);
    for (size_t i = 0; i < bulk.n; i++)
        read_operation(&reading, &bulk.ops[i], operations->u.array.items[i]);
    *ret_bulk = bulk;
    return true;
}
