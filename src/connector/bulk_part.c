/* SPDX-License-Identifier: Apache-2.0 */
/* One operation of a bulk request, from its data to its result. */
#include "connector/bulk_task.h"

#include "map/to_resource.h"
#include "scim/error.h"

enum { ERROR_MAX = 16 * 1024, BODY_MAX = 64 * 1024 * 1024 };

/* An exchange being made in its own memory. */
typedef struct {
    bulk_task_t *self;
    size_t op;
    arena_t *mem;
    exchange_t *exchange;
    root_t root;
} making_t;

/* ---- references ---- */

/* bulkId:… -> the id. */
static void
put_id(void *arg, str_t *text)
{
    const making_t *making = arg;
    str_t bulk_id;
    size_t maker;

    if (!bulk_is_reference(*text, &bulk_id))
        return;
    maker = bulk_find_maker(&making->self->bulk, bulk_id);
    if (maker != BULK_NONE)
        *text = making->self->parts[maker].id;
}

static bool
is_in_circle(void *arg, str_t text)
{
    const making_t *making = arg;
    const bulk_t *bulk = &making->self->bulk;
    str_t bulk_id;
    size_t maker;

    if (!bulk_is_reference(text, &bulk_id))
        return false;
    maker = bulk_find_maker(bulk, bulk_id);
    return maker != BULK_NONE && bulk->ops[maker].circle == bulk->ops[making->op].circle;
}

/* ---- the request ---- */

static json_t *
operation_data(making_t *making)
{
    const bulk_op_t *op = &making->self->bulk.ops[making->op];
    bool links = making->self->parts[making->op].state == PART_LINKING;
    method_t method = op->method;
    json_t *data = json_copy(making->mem, op->data), *taken = NULL;

    if (op->circle != BULK_NONE)
        taken = bulk_take_references(making->mem, op->type, data, is_in_circle, making);
    if (links) {
        data = taken;
        method = METHOD_PATCH;
    }
    bulk_each_reference(making->mem, op->type, method, data, put_id, making);
    return data;
}

static request_t *
make_request(making_t *making)
{
    const bulk_task_t *self = making->self;
    const bulk_op_t *op = &self->bulk.ops[making->op];
    const part_t *part = &self->parts[making->op];
    const request_t *whole = exchange_of(&self->task)->request;
    request_t *request = arena_new_of(making->mem, request_t);

    *request =
        (request_t){.method = op->method,
                    .route = ROUTE_RESOURCE,
                    .endpoint = op->endpoint,
                    .id = op->resource == BULK_NONE ? op->id : self->parts[op->resource].id,
                    .body = STR(""),
                    .base_url = whole->base_url,
                    .request_id = whole->request_id,
                    .operation = making->op + 1};
    if (part->state != PART_BEGUN) {
        request->method = part->state == PART_LINKING ? METHOD_PATCH : METHOD_DELETE;
        request->id = part->id;
    } else if (op->method == METHOD_POST) {
        request->route = ROUTE_RESOURCES;
    } else {
        request->if_match = op->version.n ? op->version : (str_t){NULL, 0};
    }
    return request;
}

static void
make_exchange(void *arg)
{
    making_t *making = arg;
    const exchange_t *whole = exchange_of(&making->self->task);
    request_t *request = make_request(making);

    making->exchange =
        exchange_make(making->mem, whole->connector, request, whole->now_s, &making->root);
    making->exchange->quiet = true;
    if (request->method != METHOD_DELETE)
        making->exchange->json = operation_data(making);
}

/* ---- results ---- */

bool
bulk_part_failed(const part_t *part)
{
    return part->told && part->status >= 400;
}

void
bulk_fail_part(bulk_task_t *self, size_t i, const err_t *err)
{
    part_t *part = &self->parts[i];
    buf_t buf;

    buf_init(&buf, self->task.mem, ERROR_MAX);
    scim_error_write(&buf, err);
    part->told = true;
    part->status = scim_error_status(err->kind);
    part->body = buf_str(&buf);
    part->version = STR("");
}

/* `exchange` is NULL where it was not begun. */
static bool
fail_memory(bulk_task_t *self, size_t i, exchange_t *exchange)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "the operation needs more memory than is left");
    if (exchange)
        exchange_tell_doubt(exchange, &err);
    bulk_fail_part(self, i, &err);
    return false;
}

bool
bulk_begin_part(bulk_task_t *self, size_t i, then_fn *then)
{
    making_t making = {.self = self, .op = i, .mem = arena_new_inside(self->task.mem)};

    if (!making.mem)
        return fail_memory(self, i, NULL);
    if (!arena_guard(making.mem, make_exchange, &making)) {
        arena_free(making.mem);
        return fail_memory(self, i, NULL);
    }
    self->parts[i].exchange = making.exchange;
    self->in_flight++;
    return task_call_run(&self->task, exchange_run(making.exchange), making.root.task,
                         making.root.start, then, (uint32_t)i);
}

typedef struct {
    exchange_t *exchange;
    const response_t *response; /* NULL: it did not fit */
} finishing_t;

static void
finish(void *arg)
{
    finishing_t *finishing = arg;

    finishing->response = exchange_finish(finishing->exchange);
}

/* Of the operation itself. */
static void
take_response(bulk_task_t *self, size_t i, const exchange_t *exchange,
              const response_t *response)
{
    part_t *part = &self->parts[i];
    arena_t *mem = self->task.mem;

    part->told = true;
    part->status = response->status;
    part->body = response->status >= 400 ? str_dup(mem, response->body) : STR("");
    part->version = str_dup(mem, response->etag);
    if (response->status < 300 && exchange->request->method == METHOD_POST) {
        part->id = str_dup(mem, exchange->facts.id);
        part->is_new = exchange->facts.is_new;
    }
}

/* Of what came after it, because of a circle. */
static void
take_sequel(bulk_task_t *self, size_t i, const exchange_t *exchange, const response_t *response)
{
    part_t *part = &self->parts[i];
    bool undoes = part->state == PART_UNDOING;
    err_t err = ERR_INIT;

    if (response->status < 300 || (undoes && response->status == 404)) {
        part->version = undoes ? STR("") : str_dup(self->task.mem, response->etag);
        part->id = undoes ? STR("") : part->id;
        return;
    }
    err = exchange->run.err;
    if (undoes)
        err_prefix(&err,
                   "it was made, but what refers to it was not, and it could not be removed "
                   "again");
    else
        err_prefix(&err, "adding the references of a circle");
    bulk_fail_part(self, i, &err);
}

void
bulk_take_result(bulk_task_t *self, size_t i, run_t *run)
{
    finishing_t finishing = {.exchange = run->context};
    exchange_t *whole = exchange_of(&self->task);

    self->parts[i].exchange = NULL;
    self->in_flight--;
    if (arena_guard(run->mem, finish, &finishing)) {
        exchange_tell(whole, finishing.exchange);
        if (self->parts[i].state == PART_BEGUN)
            take_response(self, i, finishing.exchange, finishing.response);
        else
            take_sequel(self, i, finishing.exchange, finishing.response);
    } else {
        exchange_tell(whole, finishing.exchange);
        fail_memory(self, i, finishing.exchange);
    }
    run_release(run);
}

/* ---- the response (RFC 7644 §3.7.3) ---- */

static void
write_member(buf_t *buf, const char *name, str_t value)
{
    if (!value.n)
        return;
    buf_printf(buf, ",\"%s\":", name);
    json_write_string(buf, value);
}

static str_t
location(const bulk_task_t *self, size_t i)
{
    const bulk_op_t *op = &self->bulk.ops[i];
    str_t id = op->method == METHOD_POST   ? self->parts[i].id
               : op->resource != BULK_NONE ? self->parts[op->resource].id
                                           : op->id;
    str_t bulk_id;

    /* A bulkId that was made into nothing is nowhere. */
    if (!op->type || !id.n || bulk_is_reference(id, &bulk_id))
        return STR("");
    return map_location(self->task.mem, op->type, exchange_of(&self->task)->request->base_url,
                        id);
}

static void
write_part(const bulk_task_t *self, size_t i, buf_t *buf)
{
    const bulk_op_t *op = &self->bulk.ops[i];
    const part_t *part = &self->parts[i];

    buf_add_c(buf, "{\"method\":");
    json_write_string(buf, op->method == METHOD_OTHER ? op->method_name
                                                      : str_from_c(method_name(op->method)));
    write_member(buf, "bulkId", op->bulk_id);
    write_member(buf, "location", location(self, i));
    write_member(buf, "version", part->version);
    buf_printf(buf, ",\"status\":\"%d\"", part->status);
    if (part->body.n) {
        buf_add_c(buf, ",\"response\":");
        buf_add(buf, part->body);
    }
    buf_add_char(buf, '}');
}

bool
bulk_write_response(const bulk_task_t *self, err_t *err)
{
    response_t *response = &exchange_of(&self->task)->response;
    size_t written = 0;
    buf_t buf;

    buf_init(&buf, self->task.mem, BODY_MAX);
    buf_add_c(&buf, "{\"schemas\":[\"" SCIM_URN_BULK_RESPONSE "\"],\"Operations\":[");
    for (size_t i = 0; i < self->bulk.n; i++) {
        if (!self->parts[i].told)
            continue;
        if (written++)
            buf_add_char(&buf, ',');
        write_part(self, i, &buf);
    }
    buf_add_c(&buf, "]}");
    if (buf.failed)
        return err_set(err, ERR_UNAVAILABLE, "the results do not fit into one response");
    response->status = 200;
    response->body = buf_str(&buf);
    return true;
}
