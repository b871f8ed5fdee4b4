/* SPDX-License-Identifier: Apache-2.0 */
/* GET of one resource (RFC 7644 §3.4.1): one search. */
#include "connector/exchange.h"

#include "map/to_resource.h"

static bool
entry_read(task_t *task, const reply_t *reply, err_t *err)
{
    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return fail_not_found(task, err);
    return respond_entry(task, reply->result, 200);
}

static bool
read_shown(task_t *task, then_fn *then)
{
    const exchange_t *exchange = exchange_of(task);

    return read_resource(
        task, exchange->request->id,
        map_names(task->mem, exchange->map, exchange->type, &exchange->projection), then);
}

bool
respond_resource(task_t *task)
{
    return read_shown(task, entry_read);
}

/* What the client has already is not sent again (RFC 9110 §15.4.5). */
static bool
entry_asked(task_t *task, const reply_t *reply, err_t *err)
{
    const exchange_t *exchange = exchange_of(task);
    str_t version;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return fail_not_found(task, err);
    version = target_version(task, reply->result);
    if (condition_judge(task->mem, &exchange->condition, version) == CONDITION_UNCHANGED) {
        respond_version(task, version);
        return respond_empty(task, 304);
    }
    return check_condition(task, version, err) && respond_entry(task, reply->result, 200);
}

static bool
get_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return read_shown(task, entry_asked);
}

root_t
get_root(run_t *run)
{
    return (root_t){task_new(run, "get", sizeof(task_t)), get_start};
}
