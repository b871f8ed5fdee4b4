/* SPDX-License-Identifier: Apache-2.0 */
/* What rules would have made of an entry, had it been made here: for one that is taken over. */
#include "map/change.h"

#include "map/lifecycle.h"
#include "map/template_apply.h"
#include "map/values.h"

typedef struct {
    arena_t *mem;
    const map_t *map;
    const map_type_t *type;
    const ldap_entry_t *entry;
    const map_values_t *values;
    const str_t *numbers;
    ldap_mods_t *mods;
} complete_t;

static bool
is_written(const ldap_mods_t *mods, str_t attr)
{
    for (size_t i = 0; i < mods->n; i++)
        if (str_ieq(mods->mods[i].attr.name, attr))
            return true;
    return false;
}

static bool
is_wanting(const complete_t *complete, const map_rule_t *rule)
{
    return rule->write != MAP_WRITE_CREATE && rule != complete->type->rdn_rule &&
           !ldap_entry_find(complete->entry, rule->ldap) &&
           !is_written(complete->mods, rule->ldap);
}

static bool
add_values(complete_t *complete, size_t at, err_t *err)
{
    const map_rule_t *rule = &complete->type->rules[at];
    arena_t *mem = complete->mem;
    ldap_attr_t made = {.name = rule->ldap}, *to;

    if (!rule->counter)
        made = map_rule_values(mem, complete->map, complete->type, rule, complete->values);
    else if (complete->numbers[at].n > 0)
        ldap_attr_add(mem, &made, complete->numbers[at]);
    if (made.n == 0)
        return true;
    to = ldap_mods_add(mem, complete->mods, LDAP_MOD_OP_ADD, rule->ldap);
    for (size_t i = 0; i < made.n; i++) {
        if (!map_rule_check(mem, complete->map, rule, made.values[i], err))
            return false;
        ldap_attr_add(mem, to, made.values[i]);
    }
    return true;
}

bool
map_change_complete(arena_t *mem, const map_t *map, const map_type_t *type,
                    const ldap_entry_t *entry, const json_t *after, const str_t *numbers,
                    map_change_t *change, err_t *err)
{
    complete_t complete = {.mem = mem,
                           .map = map,
                           .type = type,
                           .entry = entry,
                           .numbers = numbers,
                           .mods = &change->mods};

    complete.values = map_place(mem, type, after, err);
    if (!complete.values)
        return false;
    for (size_t i = 0; i < type->n_rules; i++)
        if (is_wanting(&complete, &type->rules[i]) && !add_values(&complete, i, err))
            return false;
    map_add_auxiliary(mem, type, entry, &change->mods);
    return true;
}
