/* SPDX-License-Identifier: Apache-2.0 */
/* An entry that was there before the bridge gets our mark: the auxiliary classes with what they demand, and the external
 * id of whom it is meant to be. Nothing else of it changes.
 *
 * It is read, judged, and written under the condition that it is still as it was read. */
#include "connector/exchange.h"

typedef struct {
    task_t task;
    change_request_t change;
    const claim_t *claim;
    const ldap_entry_t *entry; /* as it was when numbers were taken for it */
    str_t *numbers;            /* as map_choice_t */
} claim_task_t;

/* The mark may be ours: of a write whose answer was lost. */
static bool
has_our_id(const claim_task_t *self, const json_t *before)
{
    const map_slot_t *slot = exchange_of(&self->task)->type->external_id;
    const json_t *id = slot ? json_find(before, slot->attr->name) : NULL;

    return str_eq(json_is(id, JSON_STRING) ? id->u.string : STR(""), self->claim->external_id);
}

/* What was listed may have changed since; another may even have its name. */
static bool
check_still(const claim_task_t *self, const ldap_entry_t *entry, const json_t *before,
            err_t *err)
{
    const task_t *task = &self->task;
    const exchange_t *exchange = exchange_of(task);
    const claim_t *claim = self->claim;
    str_t id;

    if (!map_anchor_of(task->mem, exchange->map, entry, &id) || !str_ieq(id, claim->id) ||
        (claim->still &&
         ldap_filter_test(task->mem, claim->still, entry, exchange->map->schema) != LDAP_TRUE))
        return err_set(err, ERR_PRECONDITION,
                       "\"%.*s\" is no longer what it was when it was listed",
                       STR_ARG(entry->dn));
    if (judge_entry(task, entry) != STANDING_RESOURCE &&
        !(self->change.answer_lost && has_our_id(self, before)))
        return err_set(err, ERR_UNIQUENESS,
                       "\"%.*s\" has just been provisioned by somebody else",
                       STR_ARG(entry->dn));
    return true;
}

static bool
plan_claim(task_t *task, change_request_t *request, const ldap_entry_t *entry,
           const json_t *before, map_change_t *ret_change, err_t *err)
{
    const claim_task_t *self = CONTAINER_OF(request, claim_task_t, change);
    const exchange_t *exchange = exchange_of(task);
    const map_slot_t *slot = exchange->type->external_id;
    json_t *after = json_copy(task->mem, before);

    if (!check_still(self, entry, before, err))
        return false;
    if (slot && self->claim->external_id.n > 0)
        json_set(task->mem, after, slot->attr->name,
                 json_string(task->mem, self->claim->external_id));
    if (!map_change_between(task->mem, exchange->map, exchange->type, entry, before, after,
                            exchange_links(task), exchange->now_s, ret_change, err))
        return false;
    return map_change_supply(task->mem, exchange->map, exchange->type, entry, before,
                             self->numbers, ret_change, err);
}

static bool
claimed(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && respond_empty(task, 204);
}

static bool
change(claim_task_t *self)
{
    self->change = (change_request_t){
        .id = self->claim->id, .plan = plan_claim, .every_entry = true, .dn = self->claim->dn};
    return change_resource(&self->task, &self->change, claimed);
}

static bool
numbers_taken(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && change((claim_task_t *)task);
}

/* Who is not there any more gets no number. */
static bool
looked(task_t *task, const reply_t *reply, err_t *err)
{
    claim_task_t *self = (claim_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->entry = reply->result;
    return self->entry ? supply_numbers(task, self->entry, self->numbers, numbers_taken)
                       : change(self);
}

static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    claim_task_t *self = (claim_task_t *)task;
    const map_type_t *type = exchange_of(task)->type;

    self->numbers = arena_array_of(task->mem, type->n_rules + 1, str_t);
    return gives_numbers(type) ? read_dn(task, self->claim->dn, type->names_to_change, looked)
                               : change(self);
}

static bool
claim_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return enter_resource_gate(task, ((claim_task_t *)task)->claim->id, STR(""), entered);
}

root_t
claim_root(run_t *run, const claim_t *claim)
{
    claim_task_t *self = task_new_of(run, "claim", claim_task_t);

    self->claim = claim;
    return (root_t){&self->task, claim_start};
}
