/* SPDX-License-Identifier: Apache-2.0 */
/* A bulk request (RFC 7644 §3.7): which operation begins when.
 *
 * As many as allowed are under way at once, but the results are those of one after the other: what depends on an
 * earlier one waits, and a conflict that an unfinished earlier one may have caused is looked at again once that has
 * ended. None begins that failOnErrors might have kept from it. */
#include "connector/bulk_task.h"

/* ---- states ---- */

static bool
is_open(const part_t *part)
{
    return part->state == PART_WAITING || part->state == PART_BEGUN ||
           part->state == PART_AGAIN;
}

/* All before `i` have ended, or are made and wait for their circle. */
static bool
is_first(bulk_task_t *self, size_t i)
{
    while (self->first_open < self->bulk.n && !is_open(&self->parts[self->first_open]))
        self->first_open++;
    return self->first_open >= i;
}

/* Whether one before `i` may yet give away the name that it is refused for. */
static bool
may_be_freed(bulk_task_t *self, size_t i)
{
    const bulk_op_t *ops = self->bulk.ops;

    for (size_t j = self->first_open; !is_first(self, i) && j < i; j++)
        if (ops[j].frees_name && ops[j].type == ops[i].type && is_open(&self->parts[j]))
            return true;
    return false;
}

void
bulk_end_part(bulk_task_t *self, size_t i)
{
    const bulk_op_t *op = &self->bulk.ops[i];

    self->parts[i].state = PART_ENDED;
    self->errors += bulk_part_failed(&self->parts[i]);
    for (size_t j = 0; j < op->needed_by.n; j++)
        self->parts[op->needed_by.items[j]].n_needs--;
    for (size_t j = 0; j < op->followed_by.n; j++)
        self->parts[op->followed_by.items[j]].n_follows--;
}

bool
bulk_has_stopped(const bulk_task_t *self)
{
    return self->bulk.fail_on_errors && self->errors >= self->bulk.fail_on_errors;
}

bool
bulk_has_room(const bulk_task_t *self)
{
    return self->in_flight < exchange_of(&self->task)->connector->limits.bulk_in_flight;
}

/* ---- one operation ---- */

static bool
part_ended(task_t *task, const reply_t *reply, err_t *err)
{
    bulk_task_t *self = (bulk_task_t *)task;
    size_t i = reply->tag;
    part_t *part = &self->parts[i];

    bulk_take_result(self, i, reply->result);
    if (part->status == 409 && part->may_be_freed) {
        part->state = PART_AGAIN;
        self->again++;
    } else if (!bulk_part_failed(part) && self->bulk.ops[i].circle != BULK_NONE) {
        part->state = PART_MADE;
    } else {
        bulk_end_part(self, i);
    }
    return bulk_go_on(self, err);
}

/* What the operation refers to could not be made. */
static bool
has_failed_need(bulk_task_t *self, size_t i)
{
    const bulk_op_t *op = &self->bulk.ops[i];
    err_t err = ERR_INIT;

    for (size_t j = 0; j < op->needs.n; j++) {
        const bulk_op_t *needed = &self->bulk.ops[op->needs.items[j]];

        if (needed->method != METHOD_POST || self->parts[op->needs.items[j]].id.n)
            continue;
        err_set(&err, ERR_CONFLICT, "it refers to \"bulkId:%.*s\", which could not be made",
                STR_ARG(needed->bulk_id));
        bulk_fail_part(self, i, &err);
        return true;
    }
    return false;
}

static void
begin(bulk_task_t *self, size_t i)
{
    part_t *part = &self->parts[i];

    if (part->state == PART_AGAIN)
        self->again--;
    if (self->bulk.ops[i].error) {
        bulk_fail_part(self, i, self->bulk.ops[i].error);
        bulk_end_part(self, i);
        return;
    }
    part->state = PART_BEGUN;
    part->may_be_freed = may_be_freed(self, i);
    if (has_failed_need(self, i) || !bulk_begin_part(self, i, part_ended))
        bulk_end_part(self, i);
}

/* ---- who is next ---- */

/* Whether a POST of the same type stands before `i` and has not ended: a name that `i` gives away is taken
 * when that one comes to it. */
static bool
overtakes_post(bulk_task_t *self, size_t i)
{
    const bulk_op_t *ops = self->bulk.ops;
    size_t *first = &self->first_post[ops[i].type - exchange_of(&self->task)->map->types];

    while (*first < self->bulk.n &&
           (ops[*first].method != METHOD_POST || ops[*first].type != ops[i].type ||
            !is_open(&self->parts[*first])))
        ++*first;
    return *first < i;
}

static bool
is_ready(bulk_task_t *self, size_t i)
{
    const part_t *part = &self->parts[i];

    if (part->state == PART_AGAIN)
        return is_first(self, i);
    return part->state == PART_WAITING && !part->n_needs && !part->n_follows &&
           !(self->bulk.ops[i].frees_name && overtakes_post(self, i));
}

/* The first that is ready, unless those before it could still reach the limit of errors. */
static bool
begin_next(bulk_task_t *self)
{
    size_t limit = self->bulk.fail_on_errors, open = 0;

    (void)is_first(self, 0);
    for (size_t i = self->first_open; i < self->bulk.n && bulk_has_room(self); i++) {
        if (!is_open(&self->parts[i]))
            continue;
        if (limit && self->errors + open++ >= limit)
            return false;
        if (is_ready(self, i)) {
            begin(self, i);
            return true;
        }
    }
    return false;
}

/* Nothing is under way and nobody is ready: some wait for each other only to keep the order of the request. */
static bool
force_next(bulk_task_t *self)
{
    for (size_t i = 0; i < self->bulk.n && !bulk_has_stopped(self); i++)
        if (self->parts[i].state == PART_AGAIN ||
            (self->parts[i].state == PART_WAITING && !self->parts[i].n_needs)) {
            self->first_open = self->bulk.n; /* its verdict is final: nothing comes before it */
            begin(self, i);
            self->first_open = 0;
            return true;
        }
    return false;
}

/* No more are tried: what is to be tried again has failed. */
static void
end_again(bulk_task_t *self)
{
    for (size_t i = 0; i < self->bulk.n && self->again && bulk_has_stopped(self); i++)
        if (self->parts[i].state == PART_AGAIN) {
            self->again--;
            bulk_end_part(self, i);
        }
}

bool
bulk_go_on(bulk_task_t *self, err_t *err)
{
    do {
        end_again(self);
        bulk_advance_circles(self);
    } while (begin_next(self) ||
             (!self->in_flight && (force_next(self) || bulk_has_open_circle(self))));
    if (self->in_flight)
        return true;
    return bulk_write_response(self, err) && task_done(&self->task, NULL);
}

/* ---- beginning and end ---- */

static bool
bulk_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    bulk_task_t *self = (bulk_task_t *)task;
    exchange_t *exchange = exchange_of(task);
    const connector_t *connector = exchange->connector;
    const json_t *body = request_json(task, err);
    bool any_schemas = connector->quirks & 1U << SCIM_QUIRK_SCHEMAS_TYPO;

    if (!body ||
        !bulk_read(task->mem, exchange->map, body, exchange->request->base_url,
                   connector->limits.max_bulk_operations, any_schemas, &self->bulk, err))
        return false;
    bulk_plan(task->mem, &self->bulk);
    self->parts = arena_array_of(task->mem, self->bulk.n, part_t);
    for (size_t i = 0; i < self->bulk.n; i++)
        self->parts[i] = (part_t){.n_needs = self->bulk.ops[i].needs.n,
                                  .n_follows = self->bulk.ops[i].follows.n,
                                  .id = STR(""),
                                  .body = STR(""),
                                  .version = STR("")};
    self->first_post = arena_array_of(task->mem, exchange->map->n_types, size_t);
    bulk_make_circles(self);
    exchange->bulk = self;
    return bulk_go_on(self, err);
}

/* For the audit log: it may have been done. */
static void
tell_cut_off(exchange_t *whole, exchange_t *operation, const err_t *why)
{
    operation->response.status = 503;
    operation->run.err = *why;
    exchange_tell_doubt(operation, &operation->run.err);
    operation->facts.error_detail = operation->run.err.detail;
    exchange_tell(whole, operation);
}

/* What the client shall know of a part when its time is over. */
static void
cut_off(bulk_task_t *self, size_t i, const err_t *why)
{
    part_t *part = &self->parts[i];
    err_t err = *why;

    if (part->state == PART_ENDED || part->state == PART_AGAIN)
        return;
    if (part->state == PART_WAITING)
        err_set(&err, ERR_UNAVAILABLE, "the operation was not begun: %s", why->detail);
    else if (part->state != PART_BEGUN)
        err_set(&err, ERR_UNAVAILABLE,
                "it is made, but its circle of references could not be closed: %s",
                why->detail);
    else if (part->exchange)
        err = part->exchange->run.err;
    bulk_fail_part(self, i, &err);
}

bool
bulk_respond_cut_off(exchange_t *exchange, const err_t *why)
{
    bulk_task_t *self = exchange->bulk;
    err_t err = ERR_INIT;

    for (size_t i = 0; i < self->bulk.n; i++)
        if (self->parts[i].exchange)
            tell_cut_off(exchange, self->parts[i].exchange, why);
    for (size_t i = 0; i < self->bulk.n; i++)
        cut_off(self, i, why);
    return bulk_write_response(self, &err);
}

root_t
bulk_root(run_t *run)
{
    return (root_t){&task_new_of(run, "bulk", bulk_task_t)->task, bulk_start};
}
