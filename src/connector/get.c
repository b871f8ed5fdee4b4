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

bool
respond_resource(task_t *task)
{
    const exchange_t *exchange = exchange_of(task);

    return read_resource(
        task, exchange->request->id,
        map_names(task->mem, exchange->map, exchange->type, &exchange->projection), entry_read);
}

static bool
get_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return respond_resource(task);
}

root_t
get_root(run_t *run)
{
    return (root_t){task_new(run, "get", sizeof(task_t)), get_start};
}
