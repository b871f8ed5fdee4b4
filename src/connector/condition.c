/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/condition.h"

#include "connector/exchange.h"

bool
condition_read(arena_t *mem, const request_t *request, condition_t *ret_condition, err_t *err)
{
    condition_t condition = {.own = STR("")};

    if (!scim_etags_parse(mem, "If-Match", request->if_match, &condition.match, err) ||
        !scim_etags_parse(mem, "If-None-Match", request->if_none_match, &condition.none_match,
                          err))
        return false;
    if (request->method == METHOD_POST)
        condition.match.given = condition.none_match.given = false;
    *ret_condition = condition;
    return true;
}

/* In the order of RFC 9110 §13.2.2. */
verdict_t
condition_judge(arena_t *mem, const condition_t *condition, str_t version)
{
    str_t etag;

    if (!condition->match.given && !condition->none_match.given)
        return CONDITION_MET;
    if (condition->own.n && str_eq(condition->own, version))
        return CONDITION_MET;
    etag = version.n ? scim_etag_format(mem, version) : STR("");
    if (condition->match.given && !scim_etags_have(&condition->match, etag))
        return CONDITION_CHANGED;
    if (condition->none_match.given && scim_etags_have(&condition->none_match, etag))
        return CONDITION_UNCHANGED;
    return CONDITION_MET;
}

bool
check_condition(const task_t *task, str_t version, err_t *err)
{
    switch (condition_judge(task->mem, &exchange_of(task)->condition, version)) {
    case CONDITION_CHANGED:
        return err_set(err, ERR_PRECONDITION,
                       "the resource has another version than If-Match names: it was changed");
    case CONDITION_UNCHANGED:
        return err_set(err, ERR_PRECONDITION,
                       "the resource has a version that If-None-Match "
                       "names");
    case CONDITION_MET:
        break;
    }
    return true;
}

void
note_own_version(const task_t *task, const ldap_entry_t *entry)
{
    exchange_of(task)->condition.own = target_version(task, entry);
}

void
respond_version(const task_t *task, str_t version)
{
    exchange_of(task)->response.etag =
        version.n ? scim_etag_format(task->mem, version) : STR("");
}
