/* SPDX-License-Identifier: Apache-2.0 */
/* What rules would have made of an entry, had it been made here: for one that is taken over. */
#include "map/change_between.h"

#include "map/lifecycle.h"
#include "map/template_apply.h"
#include "map/values.h"

static bool
is_written(const ldap_mods_t *mods, str_t attr)
{
    for (size_t i = 0; i < mods->n; i++)
        if (str_ieq(mods->mods[i].attr.name, attr))
            return true;
    return false;
}

static bool
is_wanting(const map_between_t *task, const map_rule_t *rule)
{
    return rule->write != MAP_WRITE_CREATE && rule != task->type->rdn_rule &&
           !ldap_entry_find(task->entry, rule->ldap) &&
           !is_written(&task->change->mods, rule->ldap);
}

static bool
add_values(map_between_t *task, const map_rule_t *rule, str_t number)
{
    arena_t *mem = task->mem;
    ldap_attr_t made = {.name = rule->ldap}, *to;

    if (!rule->counter)
        made = map_rule_values(mem, task->map, task->type, rule, task->after);
    else if (number.n > 0)
        ldap_attr_add(mem, &made, number);
    if (made.n == 0)
        return true;
    to = ldap_mods_add(mem, &task->change->mods, LDAP_MOD_OP_ADD, rule->ldap);
    for (size_t i = 0; i < made.n; i++) {
        if (!map_rule_check(mem, task->map, rule, made.values[i], task->err))
            return false;
        ldap_attr_add(mem, to, made.values[i]);
    }
    return true;
}

static bool
add_wanting(map_between_t *task, const map_rule_t *rule, str_t number)
{
    return !is_wanting(task, rule) || add_values(task, rule, number);
}

bool
map_change_complete(arena_t *mem, const map_t *map, const map_type_t *type,
                    const ldap_entry_t *entry, const json_t *before, const json_t *after,
                    const str_t *numbers, map_change_t *change, err_t *err)
{
    map_between_t task = {
        .mem = mem, .map = map, .type = type, .entry = entry, .change = change, .err = err};

    if (!map_between_begin(&task, before, after))
        return false;
    for (size_t i = 0; i < type->n_rules; i++) {
        const map_rule_t *rule = &type->rules[i];

        if (!(rule->conflict == MAP_CONFLICT_PRESERVE ? add_wanting(&task, rule, numbers[i])
                                                      : map_between_conflict(&task, rule)))
            return false;
    }
    map_add_auxiliary(mem, type, entry, &change->mods);
    return true;
}

bool
map_change_supply(arena_t *mem, const map_t *map, const map_type_t *type,
                  const ldap_entry_t *entry, const json_t *before, const str_t *numbers,
                  map_change_t *change, err_t *err)
{
    map_between_t task = {
        .mem = mem, .map = map, .type = type, .entry = entry, .change = change, .err = err};

    if (!map_between_begin(&task, before, before))
        return false;
    for (size_t i = 0; i < type->n_rules; i++)
        if ((type->rules[i].demanded || type->rules[i].counter) &&
            !add_wanting(&task, &type->rules[i], numbers[i]))
            return false;
    map_claim(mem, type, entry, &change->mods);
    return true;
}
