/* SPDX-License-Identifier: Apache-2.0 */
/* An entry that is there becomes the resource that a POST asks for: nobody's by adoption, a
 * tombstone by revival. */
#include "connector/exchange.h"

#include "connector/password.h"

typedef struct {
    task_t task;
    change_request_t change;
    const json_t *resource;
    const ldap_entry_t *entry; /* as it was met */
    str_t *numbers;            /* that it is given: as map_choice_t */
} take_over_t;

static bool
existing_changed(task_t *task, const reply_t *reply, err_t *err)
{
    if (!child_ended(reply, err))
        return false;
    return respond_entry(task, reply->result, 201);
}

/* What the request names is written over what is there; the rest stays. */
static bool
plan_adoption(task_t *task, change_request_t *request, const ldap_entry_t *entry,
              const json_t *before, map_change_t *ret_change, err_t *err)
{
    const take_over_t *self = CONTAINER_OF(request, take_over_t, change);
    const exchange_t *exchange = exchange_of(task);
    json_t *after = json_copy(task->mem, before);

    if (judge_entry(task, entry) != STANDING_RESOURCE)
        return err_set(err, ERR_UNIQUENESS,
                       "\"%.*s\" has just been provisioned by somebody else",
                       STR_ARG(entry->dn));
    for (size_t i = 0; i < self->resource->u.object.n; i++) {
        const json_member_t *member = &self->resource->u.object.members[i];

        json_set(task->mem, after, member->name, member->value);
    }
    if (!map_change_between(task->mem, exchange->map, exchange->type, entry, before, after,
                            exchange_links(task), exchange->now_s, ret_change, err) ||
        !map_change_complete(task->mem, exchange->map, exchange->type, entry, before, after,
                             self->numbers, ret_change, err))
        return false;
    map_claim(task->mem, exchange->type, entry, &ret_change->mods);
    return true;
}

bool
is_born_inactive(const task_t *task, const json_t *resource)
{
    const json_t *active = json_find(resource, STR("active"));

    return exchange_of(task)->type->inactive.present && json_is(active, JSON_BOOLEAN) &&
           !active->u.boolean;
}

/* The old password goes, also where the request brings none. */
static bool
renew_password(task_t *task, const json_t *resource, ldap_mods_t *mods, err_t *err)
{
    const map_slot_t *slot = exchange_of(task)->type->password;
    ldap_attr_t *attr;
    str_t password;

    if (!slot || json_find(resource, slot->attr->name))
        return true;
    attr = ldap_mods_add(task->mem, mods, LDAP_MOD_OP_REPLACE, slot->ldap);
    if (slot->missing != MAP_MISSING_GENERATE)
        return true;
    if (!password_generate(task->mem, slot, &password, err))
        return false;
    ldap_attr_add(task->mem, attr, password);
    return true;
}

/* What of it the steps out of the deleted state have left: who was deleted while inactive may be known as that by
 * nothing any more. */
static void
leave_inactive(const task_t *task, const ldap_entry_t *entry, map_change_t *change)
{
    const exchange_t *exchange = exchange_of(task);

    map_change_leave(task->mem, exchange->type, &exchange->type->inactive, entry,
                     exchange->now_s, change);
    change->left = &exchange->type->deleted;
}

/* As by PUT, without the old password, the old memberships and the old members. Whether it ends up active is decided by
 * the request alone, never by what the tombstone was. */
static bool
plan_revival(task_t *task, change_request_t *request, const ldap_entry_t *entry,
             const json_t *before, map_change_t *ret_change, err_t *err)
{
    const take_over_t *self = CONTAINER_OF(request, take_over_t, change);
    const exchange_t *exchange = exchange_of(task);
    const map_type_t *type = exchange->type;
    json_t *from = json_copy(task->mem, before), *after;

    if (judge_entry(task, entry) != STANDING_TOMBSTONE)
        return err_set(err, ERR_UNIQUENESS,
                       "\"%.*s\" has just been provisioned by somebody else",
                       STR_ARG(entry->dn));
    after = map_put(task->mem, type, from, self->resource, NULL);
    if (type->members && !json_find(self->resource, type->members->attr->name))
        json_remove(after, type->members->attr->name);
    json_set(task->mem, from, STR("active"), json_boolean(task->mem, true));
    json_set(task->mem, after, STR("active"), json_boolean(task->mem, true));
    if (!map_change_between(task->mem, exchange->map, type, entry, from, after,
                            exchange_links(task), exchange->now_s, ret_change, err) ||
        !map_change_complete(task->mem, exchange->map, type, entry, from, after, self->numbers,
                             ret_change, err))
        return false;
    map_change_leave(task->mem, type, &type->deleted, entry, exchange->now_s, ret_change);
    if (is_born_inactive(task, self->resource))
        map_change_enter(task->mem, type, &type->inactive, entry, exchange->now_s, ret_change);
    else if (type->inactive.present)
        leave_inactive(task, entry, ret_change);
    if (!map_change_return(task->mem, type, entry, after, ret_change, err))
        return false;
    if (!renew_password(task, self->resource, &ret_change->mods, err))
        return false;
    map_reassert(task->mem, type, entry, ret_change);
    ret_change->strip_groups = true;
    return true;
}

bool
brings_members(const task_t *task, const json_t *resource)
{
    const map_type_t *type = exchange_of(task)->type;

    return type->members && json_find(resource, type->members->attr->name);
}

static bool
numbers_taken(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) &&
           change_resource(task, &((take_over_t *)task)->change, existing_changed);
}

static bool
take_over_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    const take_over_t *self = (const take_over_t *)task;

    return supply_numbers(task, self->entry, self->numbers, numbers_taken);
}

static bool
taken_over(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && task_done(task, NULL);
}

bool
take_over(task_t *task, const json_t *resource, const ldap_entry_t *entry, bool revive)
{
    take_over_t *child = task_new_of(task->run, "take over", take_over_t);
    exchange_t *exchange = exchange_of(task);
    const map_type_t *type = exchange->type;
    str_t id = STR("");

    if (!map_anchor_of(task->mem, exchange->map, entry, &id))
        id = STR("");
    child->resource = resource;
    child->entry = entry;
    child->numbers = arena_array_of(task->mem, type->n_rules + 1, str_t);
    exchange->taken_id = id;
    exchange->facts.is_new = revive;
    /* Members are read where the request brings some, or a tombstone has some: nobody else pays. */
    child->change = (change_request_t){
        .id = id,
        .plan = revive ? plan_revival : plan_adoption,
        .with_members = type->members && (revive || brings_members(task, resource)),
        .every_entry = true,
        .dn = entry->dn};
    return task_call(task, &child->task, take_over_start, taken_over, 0);
}
