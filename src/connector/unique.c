/* SPDX-License-Identifier: Apache-2.0 */
/* Values that no two entries may share though no name makes them so: looked for before an add. What
 * a rule makes has alternatives. */
#include "connector/exchange.h"

#include "map/slot.h"
#include "map/to_entry.h"

enum { HOLDERS = 100 }; /* of values that somebody has: more are not told apart */

typedef struct {
    task_t task;
    const ldap_entry_t *entry; /* as it would be added */
    const json_t *resource;
    map_choice_t *choice;
} unique_task_t;

static const ldap_filter_t *
any_of(arena_t *mem, const ldap_filter_t *any, str_t attr, const str_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        any = ldap_filter_or2(mem, any, ldap_filter_equal(mem, attr, values[i]));
    return any;
}

static size_t
alternatives_of(const unique_task_t *self, str_t attr, str_t **ret_values)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const map_rule_t *rule = map_rule_of_ldap(type, attr);

    return rule ? map_alternatives(self->task.mem, type, rule, self->resource, ret_values) : 0;
}

static bool
is_taken(const unique_task_t *self, const found_t *found, str_t attr, str_t value)
{
    const ldap_filter_t *equal = ldap_filter_equal(self->task.mem, attr, value);

    for (size_t i = 0; i < found->n; i++)
        if (ldap_filter_test(self->task.mem, equal, found->entries[i],
                             exchange_of(&self->task)->map->schema) == LDAP_TRUE)
            return true;
    return false;
}

/* Where a rule made the value: its next alternative that nobody has, or another number. */
static bool
choose(unique_task_t *self, const found_t *found, str_t attr, str_t value, err_t *err)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const map_rule_t *rule = map_rule_of_ldap(type, attr);
    str_t *made = NULL;
    size_t n = alternatives_of(self, attr, &made), k = n;

    if (rule && rule->counter) {
        self->choice->numbers[rule - type->rules] = STR("");
        return true;
    }
    for (size_t i = 0; i < n; i++)
        if (str_eq(made[i], value))
            k = i;
    for (; k < n; k++) {
        if (is_taken(self, found, attr, made[k]))
            continue;
        self->choice->rules[rule - type->rules] = k;
        return true;
    }
    return err_set(err, ERR_UNIQUENESS, "another entry has the %.*s \"%.*s\"%s", STR_ARG(attr),
                   STR_ARG(value),
                   n > 1 ? ", and whatever else the map can make for this resource" : "");
}

static bool
holders_found(task_t *task, const reply_t *reply, err_t *err)
{
    unique_task_t *self = (unique_task_t *)task;
    const map_type_t *type = exchange_of(task)->type;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    for (size_t i = 0; i < type->n_unique; i++) {
        const ldap_attr_t *attr = ldap_entry_find(self->entry, type->unique[i]);

        for (size_t j = 0; attr && j < attr->n; j++)
            if (is_taken(self, found, attr->name, attr->values[j]) &&
                !choose(self, found, attr->name, attr->values[j], err))
                return false;
    }
    return task_done(task, NULL);
}

static bool
unique_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    unique_task_t *self = (unique_task_t *)task;
    const map_type_t *type = exchange_of(task)->type;
    const ldap_filter_t *any = unique_filter(task, self->entry, false);
    find_t find = {
        .scope = type->scope, .names = {type->unique, type->n_unique}, .limit = HOLDERS};

    for (size_t i = 0; i < type->n_unique; i++) {
        str_t *made = NULL;
        size_t n = alternatives_of(self, type->unique[i], &made);

        any = any_of(task->mem, any, type->unique[i], made, n);
    }
    if (ldap_filter_is_false(any))
        return task_done(task, NULL);
    find.filter = any;
    return find_entries(task, &find, holders_found);
}

const ldap_filter_t *
unique_filter(const task_t *task, const ldap_entry_t *entry, bool given_up)
{
    const map_type_t *type = exchange_of(task)->type;
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; i < type->n_unique; i++) {
        const ldap_attr_t *attr = ldap_entry_find(entry, type->unique[i]);

        if (attr && (!given_up || gives_up(task, attr->name)))
            any = any_of(task->mem, any, attr->name, attr->values, attr->n);
    }
    return any;
}

bool
choose_unique(task_t *task, const ldap_entry_t *entry, const json_t *resource,
              map_choice_t *choice, then_fn *then)
{
    unique_task_t *child = task_new_of(task->run, "unique", unique_task_t);

    child->entry = entry;
    child->resource = resource;
    child->choice = choice;
    return task_call(task, &child->task, unique_start, then, 0);
}

bool
next_unique(const task_t *task, const json_t *resource, map_choice_t *choice)
{
    const map_type_t *type = exchange_of(task)->type;
    bool any = false;

    for (size_t i = 0; i < type->n_rules; i++) {
        const map_rule_t *rule = &type->rules[i];
        str_t *made;

        if (!rule->unique || rule == type->rdn_rule)
            continue;
        if (rule->counter)
            choice->numbers[i] = STR("");
        else if (choice->rules[i] + 1 <
                 map_alternatives(task->mem, type, rule, resource, &made))
            choice->rules[i]++;
        else
            continue;
        any = true;
    }
    return any;
}
