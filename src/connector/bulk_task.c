/* SPDX-License-Identifier: Apache-2.0 */
/* A bulk request (RFC 7644 §3.7): which operation begins when, and what becomes of circles.
 *
 * As many as allowed are under way at once, but the results are those of one after the other: what depends on an
 * earlier one waits, and a conflict that an unfinished earlier one may have caused is looked at again once that has
 * ended. None begins that failOnErrors might have kept from it. */
#include "connector/bulk_task.h"

static bool go_on(bulk_task_t *self, err_t *err);

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

static void
end_part(bulk_task_t *self, size_t i)
{
    const bulk_op_t *op = &self->bulk.ops[i];

    self->parts[i].state = PART_ENDED;
    self->errors += bulk_part_failed(&self->parts[i]);
    for (size_t j = 0; j < op->needed_by.n; j++)
        self->parts[op->needed_by.items[j]].n_needs--;
    for (size_t j = 0; j < op->followed_by.n; j++)
        self->parts[op->followed_by.items[j]].n_follows--;
}

static bool
has_stopped(const bulk_task_t *self)
{
    return self->bulk.fail_on_errors && self->errors >= self->bulk.fail_on_errors;
}

static bool
has_room(const bulk_task_t *self)
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

    bulk_end_part(self, i, reply->result);
    if (part->status == 409 && part->may_be_freed) {
        part->state = PART_AGAIN;
        self->again++;
    } else if (!bulk_part_failed(part) && self->bulk.ops[i].circle != BULK_NONE) {
        part->state = PART_MADE;
    } else {
        end_part(self, i);
    }
    return go_on(self, err);
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
        end_part(self, i);
        return;
    }
    part->state = PART_BEGUN;
    part->may_be_freed = may_be_freed(self, i);
    if (has_failed_need(self, i) || !bulk_begin_part(self, i, part_ended))
        end_part(self, i);
}

/* ---- circles ---- */

static void
break_circle(bulk_task_t *self, circle_t *circle)
{
    err_t err = ERR_INIT;

    circle->broken = true;
    err_set(
        &err, ERR_CONFLICT,
        "it belongs to a circle of references that could not be closed, and was removed again");
    for (size_t i = 0; i < circle->n; i++) {
        const part_t *part = &self->parts[circle->members[i]];

        if (part->state != PART_WAITING && !bulk_part_failed(part))
            bulk_fail_part(self, circle->members[i], &err);
    }
}

static bool
link_ended(task_t *task, const reply_t *reply, err_t *err)
{
    bulk_task_t *self = (bulk_task_t *)task;
    part_t *part = &self->parts[reply->tag];

    bulk_end_part(self, reply->tag, reply->result);
    part->state = PART_LINKED;
    if (bulk_part_failed(part))
        self->circles[self->bulk.ops[reply->tag].circle].broken = true;
    return go_on(self, err);
}

static bool
undo_ended(task_t *task, const reply_t *reply, err_t *err)
{
    bulk_task_t *self = (bulk_task_t *)task;

    bulk_end_part(self, reply->tag, reply->result);
    end_part(self, reply->tag);
    return go_on(self, err);
}

static size_t
count_state(const bulk_task_t *self, const circle_t *circle, part_state_t state)
{
    size_t n = 0;

    for (size_t i = 0; i < circle->n; i++)
        n += self->parts[circle->members[i]].state == state;
    return n;
}

static void
link_members(bulk_task_t *self, circle_t *circle)
{
    for (size_t i = 0; i < circle->n && has_room(self) && !circle->broken; i++) {
        size_t member = circle->members[i];

        if (self->parts[member].state != PART_MADE)
            continue;
        self->parts[member].state = PART_LINKING;
        if (bulk_begin_part(self, member, link_ended))
            continue;
        self->parts[member].state = PART_LINKED;
        circle->broken = true;
    }
}

/* An entry that was there before was nobody's to remove. */
static void
undo_member(bulk_task_t *self, size_t member)
{
    part_t *part = &self->parts[member];
    err_t err = ERR_INIT;

    if (!part->is_new) {
        err_set(&err, ERR_CONFLICT,
                "it belongs to a circle of references that could not be closed; the entry was "
                "there before and was changed");
        bulk_fail_part(self, member, &err);
        end_part(self, member);
        return;
    }
    part->state = PART_UNDOING;
    if (!bulk_begin_part(self, member, undo_ended))
        end_part(self, member);
}

static void
undo_members(bulk_task_t *self, circle_t *circle)
{
    break_circle(self, circle);
    for (size_t i = 0; i < circle->n && has_room(self); i++) {
        part_state_t state = self->parts[circle->members[i]].state;

        if (state == PART_MADE || state == PART_LINKED)
            undo_member(self, circle->members[i]);
    }
}

static void
close_circle(bulk_task_t *self, circle_t *circle)
{
    for (size_t i = 0; i < circle->n; i++)
        end_part(self, circle->members[i]);
}

/* A circle is made whole, or not at all: first all its members, then what refers to each other. */
static void
advance_circle(bulk_task_t *self, circle_t *circle)
{
    size_t waiting = count_state(self, circle, PART_WAITING);
    size_t ended = count_state(self, circle, PART_ENDED);

    if (ended == circle->n || count_state(self, circle, PART_BEGUN) ||
        count_state(self, circle, PART_AGAIN) || (waiting && !has_stopped(self)))
        return;
    if (ended || waiting || circle->broken) {
        if (!count_state(self, circle, PART_LINKING))
            undo_members(self, circle);
    } else if (count_state(self, circle, PART_LINKED) == circle->n) {
        close_circle(self, circle);
    } else {
        link_members(self, circle);
    }
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
    for (size_t i = self->first_open; i < self->bulk.n && has_room(self); i++) {
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
    for (size_t i = 0; i < self->bulk.n && !has_stopped(self); i++)
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
    for (size_t i = 0; i < self->bulk.n && self->again && has_stopped(self); i++)
        if (self->parts[i].state == PART_AGAIN) {
            self->again--;
            end_part(self, i);
        }
}

/* Whether some of a circle are there and have neither been closed in nor removed. */
static bool
has_open_circle(const bulk_task_t *self)
{
    for (size_t i = 0; i < self->bulk.n_circles; i++)
        if (count_state(self, &self->circles[i], PART_MADE) ||
            count_state(self, &self->circles[i], PART_LINKED))
            return true;
    return false;
}

static bool
go_on(bulk_task_t *self, err_t *err)
{
    do {
        end_again(self);
        for (size_t i = 0; i < self->bulk.n_circles; i++)
            advance_circle(self, &self->circles[i]);
    } while (begin_next(self) ||
             (!self->in_flight && (force_next(self) || has_open_circle(self))));
    if (self->in_flight)
        return true;
    return bulk_write_response(self, err) && task_done(&self->task, NULL);
}

/* ---- beginning and end ---- */

static void
make_circles(bulk_task_t *self)
{
    const bulk_t *bulk = &self->bulk;

    self->circles = arena_array_of(self->task.mem, bulk->n_circles, circle_t);
    for (size_t i = 0; i < bulk->n; i++)
        if (bulk->ops[i].circle != BULK_NONE)
            self->circles[bulk->ops[i].circle].n++;
    for (size_t i = 0; i < bulk->n_circles; i++) {
        self->circles[i].members = arena_array_of(self->task.mem, self->circles[i].n, size_t);
        self->circles[i].n = 0;
    }
    for (size_t i = 0; i < bulk->n; i++) {
        circle_t *circle;

        if (bulk->ops[i].circle == BULK_NONE)
            continue;
        circle = &self->circles[bulk->ops[i].circle];
        circle->members[circle->n++] = i;
    }
}

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
    make_circles(self);
    exchange->bulk = self;
    return go_on(self, err);
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
