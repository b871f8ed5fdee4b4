/* SPDX-License-Identifier: Apache-2.0 */
/* Entries as the client sees them: references resolved, mapped, projected, written. */
#include "connector/exchange.h"

#include "map/to_resource.h"

enum { BODY_MAX = 64 * 1024 * 1024, ROOM = 16 * 1024 };

typedef struct {
    task_t task;
    list_t list;
    bool single; /* the one resource of the list, by itself */
    int status;
} respond_task_t;

static bool
write_resource(const task_t *task, const shown_t *shown, const ldap_entry_t *entry, buf_t *buf,
               scim_envelope_t *ret_envelope, err_t *err)
{
    exchange_t *exchange = exchange_of(task);
    str_t base_url = exchange->request->base_url;
    map_trace_t *trace = exchange->request->trace;
    json_t *resource;

    if (!map_envelope(task->mem, exchange->map, shown->type, entry, base_url, ret_envelope,
                      err))
        return false;
    if (exchange->quiet)
        return true;
    resource =
        map_trace_resource(task->mem, exchange->map, shown->type, entry, exchange_links(task),
                           shown->projection, base_url, exchange->now_s, trace);
    if (trace)
        trace->resource = resource;
    scim_resource_write(buf, shown->type->scim, resource, ret_envelope, shown->projection);
    return true;
}

static bool
is_resolved(const task_t *task, const shown_t *shown, const ldap_entry_t *entry)
{
    map_references_t references = {.dns = NULL};

    if (wants_groups(shown))
        return false;
    map_collect_references(task->mem, shown->type, entry, shown->projection, &references);
    return references_resolved(task, &references);
}

/* What it is made of is given back at once, unless the text had to grow meanwhile, behind it. */
void
prepare_resource(const task_t *task, shown_t *shown, const ldap_entry_t *entry, buf_t *text)
{
    scim_envelope_t envelope;
    err_t err = ERR_INIT;
    size_t at = text->n;
    const char *place;
    arena_mark_t mark;

    if (text->size - text->n < ROOM)
        buf_reserve(text, text->n + ROOM);
    place = text->p;
    mark = arena_mark(task->mem);
    shown->written = is_resolved(task, shown, entry) &&
                     write_resource(task, shown, entry, text, &envelope, &err);
    if (!shown->written)
        buf_truncate(text, at);
    shown->at = at;
    shown->n = text->n - at;
    if (text->p == place)
        arena_rewind(task->mem, mark);
}

static void
write_cursor(buf_t *buf, const char *name, str_t cursor)
{
    if (cursor.n)
        buf_printf(buf, ",\"%s\":\"%.*s\"", name, STR_ARG(cursor));
}

static bool
write_list(respond_task_t *self, buf_t *buf, err_t *err)
{
    const list_t *list = &self->list;
    scim_envelope_t envelope;

    buf_printf(buf, "{\"schemas\":[\"" SCIM_URN_LIST "\"],\"totalResults\":%zu", list->total);
    if (list->start_index)
        buf_printf(buf, ",\"startIndex\":%zu", list->start_index);
    buf_printf(buf, ",\"itemsPerPage\":%zu", list->n);
    write_cursor(buf, "previousCursor", list->previous);
    write_cursor(buf, "nextCursor", list->next);
    buf_add_c(buf, ",\"Resources\":[");
    for (size_t i = 0; i < list->n; i++) {
        const shown_t *shown = &list->resources[i];
        size_t begins = buf->n;

        if (i)
            buf_add_char(buf, ',');
        if (shown->written)
            buf_add(buf, str_from(list->text->p + shown->at, shown->n));
        else if (!write_resource(&self->task, shown, shown->entry, buf, &envelope, err))
            return false;
        if (i == 0) /* the others will be about as long */
            buf_reserve(buf, (buf->n - begins) * list->n * 9 / 8);
    }
    buf_add_c(buf, "]}");
    return true;
}

static bool
write_response(respond_task_t *self, err_t *err)
{
    response_t *response = &exchange_of(&self->task)->response;
    scim_envelope_t envelope = {.id = STR("")};
    buf_t buf;

    buf_init(&buf, self->task.mem, BODY_MAX);
    if (!self->single) {
        if (!write_list(self, &buf, err))
            return false;
    } else {
        const shown_t *shown = &self->list.resources[0];

        if (!write_resource(&self->task, shown, shown->entry, &buf, &envelope, err))
            return false;
        exchange_of(&self->task)->facts.id = envelope.id;
        response->etag = envelope.version;
        response->location = envelope.location;
    }
    if (buf.failed || (self->list.text && self->list.text->failed))
        return err_set(err, ERR_TOO_MANY,
                       "the answer would be larger than %d MiB; ask for fewer "
                       "attributes (excludedAttributes=members) or a smaller page",
                       BODY_MAX / 1024 / 1024);
    response->status = self->status;
    response->body = buf_str(&buf);
    return true;
}

static bool
references_known(task_t *task, const reply_t *reply, err_t *err)
{
    respond_task_t *self = (respond_task_t *)task;

    if (reply && !child_ended(reply, err))
        return false;
    return write_response(self, err) && task_done(task, NULL);
}

static bool
groups_known(task_t *task, const reply_t *reply, err_t *err)
{
    respond_task_t *self = (respond_task_t *)task;
    map_references_t all = {.dns = NULL};

    if (reply && !child_ended(reply, err))
        return false;
    for (size_t i = 0; i < self->list.n && !exchange_of(task)->quiet; i++) {
        const shown_t *shown = &self->list.resources[i];

        if (!shown->written)
            map_collect_references(task->mem, shown->type, shown->entry, shown->projection,
                                   &all);
    }
    if (!all.n_dns && !all.n_names)
        return references_known(task, NULL, err);
    return resolve_references(task, &all, references_known);
}

static bool
respond_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    respond_task_t *self = (respond_task_t *)task;
    shown_t *shown;
    bool wanted = false;

    for (size_t i = 0; i < self->list.n && !exchange_of(task)->quiet; i++)
        wanted = wanted || wants_groups(&self->list.resources[i]);
    if (!wanted)
        return groups_known(task, NULL, err);
    shown = arena_array_of(task->mem, self->list.n, shown_t);
    memcpy(shown, self->list.resources, self->list.n * sizeof(*shown));
    self->list.resources = shown;
    return find_groups_of(task, shown, self->list.n, groups_known);
}

static bool
respond_ended(task_t *task, const reply_t *reply, err_t *err)
{
    if (!child_ended(reply, err))
        return false;
    return task_done(task, NULL);
}

bool
respond_entry(task_t *task, const ldap_entry_t *entry, int status)
{
    exchange_t *exchange = exchange_of(task);
    respond_task_t *child = task_new_of(task->run, "respond", respond_task_t);
    shown_t *shown = arena_new_of(task->mem, shown_t);

    *shown =
        (shown_t){.entry = entry, .type = exchange->type, .projection = &exchange->projection};
    child->list = (list_t){.resources = shown, .n = 1};
    child->single = true;
    child->status = status;
    return task_call(task, &child->task, respond_start, respond_ended, 0);
}

bool
respond_list(task_t *task, const list_t *list)
{
    respond_task_t *child = task_new_of(task->run, "respond", respond_task_t);

    child->list = *list;
    child->status = 200;
    return task_call(task, &child->task, respond_start, respond_ended, 0);
}

bool
respond_empty(task_t *task, int status)
{
    exchange_of(task)->response.status = status;
    return task_done(task, NULL);
}

bool
fail_not_found(const task_t *task, err_t *err)
{
    const exchange_t *exchange = exchange_of(task);

    return err_set(err, ERR_NOT_FOUND, "no %.*s has the id \"%.*s\"",
                   STR_ARG(exchange->type->scim->name), STR_ARG(exchange->request->id));
}

static bool
state_is(const task_t *task, const map_state_t *state, const ldap_entry_t *entry)
{
    const exchange_t *exchange = exchange_of(task);

    return map_state_holds(task->mem, exchange->map, state, entry, exchange->now_s);
}

/* Who is deleted cannot be in use either: the loader has seen that the steps to the one lead to the other. */
static bool
has_entered(const task_t *task, const map_state_t *entered, const ldap_entry_t *entry)
{
    const map_type_t *type = exchange_of(task)->type;

    return state_is(task, entered, entry) &&
           (entered != &type->deleted || !type->deleted_is_inactive ||
            state_is(task, &type->inactive, entry));
}

bool
check_lifecycle(const task_t *task, const map_state_t *entered, const map_state_t *left,
                const ldap_entry_t *entry, err_t *err)
{
    if (entered && !has_entered(task, entered, entry))
        return err_set(err, ERR_DIRECTORY,
                       "the directory accepted the change, but \"%.*s\" does not "
                       "show the state that was written: something there overrides "
                       "the lifecycle's \"do\"",
                       STR_ARG(entry->dn));
    if (entered && entered->stamp.n && !ldap_entry_find(entry, entered->stamp))
        return err_set(err, ERR_DIRECTORY,
                       "the directory accepted the change, but \"%.*s\" has no %.*s: something "
                       "there overrides the lifecycle's \"stamp\"",
                       STR_ARG(entry->dn), STR_ARG(entered->stamp));
    if (left && state_is(task, left, entry))
        return err_set(err, ERR_DIRECTORY,
                       "the directory accepted the change, but \"%.*s\" still "
                       "shows the state that it should have left: something there "
                       "overrides the lifecycle's \"undo\"",
                       STR_ARG(entry->dn));
    return true;
}
