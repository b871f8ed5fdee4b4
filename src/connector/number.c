/* SPDX-License-Identifier: Apache-2.0 */
/* The next number of a counter: an entry of the directory that holds it (the map's "allocate").
 *
 * Where the server increments (RFC 4525) and shows what came of it (RFC 4527), one modify takes a number. Else the
 * counter is read, and its value replaced by removing it and adding the next one: that fails when somebody else was
 * quicker. Either way a number is ours only once the server has said so: one whose answer is lost is nobody's. */
#include "connector/exchange.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    TRIES = 4,  /* answers that may be lost */
    SWAPS = 40, /* of those who were quicker; of this process but one takes part */
    SWAP_PAUSE_MS = 10
};

typedef struct {
    task_t task;
    const map_rule_t *rule;
    const map_counter_t *counter;
    ldap_names_t names;
    ldap_mods_t mods;
    unsigned lost, beaten;
    int64_t next; /* swap: what the counter had */
    str_t number;
} number_task_t;

static bool increment(number_task_t *self);
static bool read_counter(number_task_t *self);

static bool
fail(const number_task_t *self, const char *why, err_t *err)
{
    return err_set(err, ERR_DIRECTORY, "no number for %.*s: %.*s of the counter \"%.*s\" %s",
                   STR_ARG(self->rule->ldap), STR_ARG(self->counter->ldap),
                   STR_ARG(self->counter->dn), why);
}

static bool
give(number_task_t *self, int64_t number)
{
    self->number = str_printf(self->task.mem, "%" PRId64, number);
    return task_done(&self->task, &self->number);
}

static bool
check_range(const number_task_t *self, int64_t number, err_t *err)
{
    const map_counter_t *counter = self->counter;

    if (number >= counter->first && number <= counter->last)
        return true;
    return err_set(err, ERR_DIRECTORY,
                   "no number for %.*s: the counter \"%.*s\" is at %" PRId64
                   ", and the map gives those from %" PRId64 " to %" PRId64
                   "; set it to one above the highest in use, or change \"range\"",
                   STR_ARG(self->rule->ldap), STR_ARG(counter->dn), number, counter->first,
                   counter->last);
}

/* The one value of the counter; false: it has none, or the entry does not show it. */
static bool
counter_value(const number_task_t *self, const ldap_entry_t *entry, int64_t *ret_value)
{
    str_t value;

    return entry && ldap_entry_first(entry, self->counter->ldap, &value) &&
           str_to_int64(value, ret_value);
}

/* What no other way would mend. */
static bool
reply_refused(const number_task_t *self, const ldap_reply_t *reply, err_t *err)
{
    if (reply_is(reply, LDAP_RC_NO_SUCH_OBJECT))
        return fail(
            self,
            "cannot be had, as there is no such entry, or the bind identity may not see "
            "it; make it, and let it hold the first number",
            err);
    if (reply_is(reply, LDAP_RC_NO_SUCH_ATTRIBUTE))
        return fail(self, "has no value; set it to one above the highest number in use", err);
    return reply_fail(reply, "taking a number of the counter", err);
}

static ask_t *
ask_modify(number_task_t *self, then_fn *then)
{
    ask_t *ask = task_ask(&self->task, LDAP_OP_MODIFY, then);

    ask->beside = true;
    ask->op.dn = self->counter->dn;
    ask->op.u.modify.mods = self->mods.mods;
    ask->op.u.modify.n = self->mods.n;
    return ask;
}

/* ---- delete the old value, add the next one ---- */

static bool
look_again(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return read_counter((number_task_t *)task);
}

static bool
swapped(task_t *task, const reply_t *reply, err_t *err)
{
    number_task_t *self = (number_task_t *)task;

    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return give(self, self->next);
    if (reply->ldap->fate == LDAP_UNKNOWN && ++self->lost < TRIES)
        return read_counter(self);
    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_ATTRIBUTE))
        return reply_refused(self, reply->ldap, err);
    if (++self->beaten == SWAPS)
        return err_set(
            err, ERR_UNAVAILABLE,
            "no number for %.*s: others take numbers of the counter \"%.*s\" all the "
            "time; repeating the request is safe",
            STR_ARG(self->rule->ldap), STR_ARG(self->counter->dn));
    return task_pause(task, random() % SWAP_PAUSE_MS, look_again);
}

static bool
counter_read(task_t *task, const reply_t *reply, err_t *err)
{
    number_task_t *self = (number_task_t *)task;
    const ldap_entry_t *entry = reply_entry(reply->ldap);
    str_t ldap = self->counter->ldap;

    if (!reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return reply_refused(self, reply->ldap, err);
    if (!counter_value(self, entry, &self->next))
        return fail(
            self,
            "shows no number; see that it has one, and that the bind identity may read it",
            err);
    if (!check_range(self, self->next, err))
        return false;
    self->mods = (ldap_mods_t){.n = 0};
    ldap_mods_add_value(task->mem, &self->mods, LDAP_MOD_OP_DELETE, ldap,
                        ldap_entry_find(entry, ldap)->values[0]);
    ldap_mods_add_value(task->mem, &self->mods, LDAP_MOD_OP_ADD, ldap,
                        str_printf(task->mem, "%" PRId64, self->next + 1));
    (void)ask_modify(self, swapped);
    return true;
}

static bool
read_counter(number_task_t *self)
{
    ask_t *ask = task_ask(&self->task, LDAP_OP_SEARCH, counter_read);

    ask->op.dn = self->counter->dn;
    ask->op.u.search.depth = LDAP_DEPTH_BASE;
    ask->op.u.search.filter = ldap_filter_present(self->task.mem, STR("objectClass"));
    ask->op.u.search.attrs = self->names;
    return true;
}

static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return read_counter((number_task_t *)task);
}

/* One after the other, so that those of this process do not beat each other. */
static bool
swap(number_task_t *self)
{
    return task_enter(
        &self->task, str_printf(self->task.mem, "counter:%.*s", STR_ARG(self->counter->normal)),
        entered);
}

/* ---- increment ---- */

static bool
incremented(task_t *task, const reply_t *reply, err_t *err)
{
    number_task_t *self = (number_task_t *)task;
    int64_t next;

    if (reply_is(reply->ldap, LDAP_RC_PROTOCOL_ERROR)) /* whatever its root DSE says */
        return swap(self);
    if (reply->ldap->fate == LDAP_UNKNOWN && ++self->lost < TRIES)
        return increment(self);
    if (!reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return reply_refused(self, reply->ldap, err);
    if (!counter_value(self, reply_entry(reply->ldap), &next))
        return fail(self, "was incremented, but is not shown; let the bind identity read it",
                    err);
    return check_range(self, next - 1, err) && give(self, next - 1);
}

static bool
increment(number_task_t *self)
{
    self->mods = (ldap_mods_t){.n = 0};
    ldap_mods_add_value(self->task.mem, &self->mods, LDAP_MOD_OP_INCREMENT, self->counter->ldap,
                        STR("1"));
    ask_modify(self, incremented)->op.post_read = &self->names;
    return true;
}

static bool
number_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    number_task_t *self = (number_task_t *)task;

    return directory_can(task, LDAP_FEATURE_INCREMENT) &&
                   directory_can(task, LDAP_FEATURE_POST_READ)
               ? increment(self)
               : swap(self);
}

bool
take_number(task_t *task, const map_rule_t *rule, then_fn *then)
{
    number_task_t *child = task_new_of(task->run, "number", number_task_t);

    child->rule = rule;
    child->counter = rule->counter;
    child->names = (ldap_names_t){&rule->counter->ldap, 1};
    return task_call(task, &child->task, number_start, then, 0);
}

bool
gives_numbers(const map_type_t *type)
{
    for (size_t i = 0; i < type->n_rules; i++)
        if (type->rules[i].counter)
            return true;
    return false;
}

const map_rule_t *
lacks_number(const map_type_t *type, const str_t *numbers, const ldap_entry_t *entry)
{
    for (size_t i = 0; i < type->n_rules; i++) {
        const map_rule_t *rule = &type->rules[i];

        if (rule->counter && numbers[i].n == 0 &&
            (!entry ||
             (rule->write == MAP_WRITE_IF_EMPTY && !ldap_entry_find(entry, rule->ldap))))
            return rule;
    }
    return NULL;
}

/* ---- of an entry that is there ---- */

typedef struct {
    task_t task;
    const ldap_entry_t *entry;
    str_t *numbers;
    const map_rule_t *rule; /* whose number is being taken */
} supply_task_t;

static bool supply_next(task_t *task, const reply_t *reply, err_t *err);

static bool
number_taken(task_t *task, const reply_t *reply, err_t *err)
{
    supply_task_t *self = (supply_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->numbers[self->rule - exchange_of(task)->type->rules] = *(const str_t *)reply->result;
    return supply_next(task, NULL, err);
}

static bool
supply_next(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    supply_task_t *self = (supply_task_t *)task;

    self->rule = lacks_number(exchange_of(task)->type, self->numbers, self->entry);
    return self->rule ? take_number(task, self->rule, number_taken) : task_done(task, NULL);
}

bool
supply_numbers(task_t *task, const ldap_entry_t *entry, str_t *numbers, then_fn *then)
{
    supply_task_t *child = task_new_of(task->run, "numbers", supply_task_t);

    child->entry = entry;
    child->numbers = numbers;
    return task_call(task, &child->task, supply_next, then, 0);
}
