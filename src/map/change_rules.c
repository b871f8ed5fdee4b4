/* SPDX-License-Identifier: Apache-2.0 */
/* What rules make of a changed resource: names, and attributes that no path holds. */
#include "map/change_between.h"

#include "ldap/apply.h"
#include "map/change_attr.h"
#include "map/lifecycle.h"
#include "map/rdn.h"
#include "map/slot.h"
#include "map/template_apply.h"
#include "map/values.h"

/* ---- names ---- */

bool
map_between_rename(map_between_t *task, str_t value, bool *ret_named)
{
    map_change_t *change = task->change;
    ldap_dn_t dn;
    ldap_ava_t *avas;
    str_t now;

    *ret_named = false;
    if (!ldap_dn_parse(task->mem, task->entry->dn, &dn, task->err))
        return err_prefix(task->err, "the directory's DN \"%.*s\"", STR_ARG(task->entry->dn));
    if (!ldap_dn_rdn_value(&dn, task->type->rdn, &now))
        return true;
    *ret_named = true;
    if (str_eq(now, value))
        return true;
    avas = arena_array_of(task->mem, dn.rdns[0].n, ldap_ava_t);
    for (size_t i = 0; i < dn.rdns[0].n; i++) {
        avas[i] = dn.rdns[0].avas[i];
        if (str_ieq(avas[i].attr, task->type->rdn))
            avas[i].value = value;
    }
    change->rename = true;
    change->rdn = (ldap_rdn_t){.avas = avas, .n = dn.rdns[0].n};
    return map_rdn_check(task->mem, task->map, task->type, &change->rdn, task->err);
}

/* ---- rules ---- */

static bool
has_changed_source(map_between_t *task, const map_rule_t *rule)
{
    for (size_t i = 0; i < task->type->n_slots; i++)
        if (task->changed[i] && map_rule_uses(rule, &task->type->slots[i]))
            return true;
    return false;
}

/* A slot that has a value, or that change_slot has seen to, goes before the rule. */
static bool
is_covered(map_between_t *task, const map_rule_t *rule)
{
    const map_slot_t *slot = map_slot_of_ldap(task->type, rule->ldap);
    size_t i = slot ? map_slot_number(task->type, slot) : 0;

    return slot && (task->changed[i] || task->after[i].n > 0);
}

/* A name that a collision has led to stays while one of the alternatives still makes it. */
static bool
write_naming_rule(map_between_t *task, const map_rule_t *rule, bool *ret_named)
{
    ldap_dn_t dn;
    str_t value, now;

    *ret_named = false;
    if (!map_rule_apply(task->mem, task->type, rule, task->after, 0, &value))
        return true;
    if (!map_rule_check(task->mem, task->map, rule, value, task->err))
        return false;
    if (ldap_dn_parse(task->mem, task->entry->dn, &dn, task->err) &&
        ldap_dn_rdn_value(&dn, task->type->rdn, &now)) {
        str_t other;

        *ret_named = true;
        for (size_t k = 0; map_rule_apply(task->mem, task->type, rule, task->after, k, &other);
             k++)
            if (str_eq(other, now))
                return true;
    }
    return map_between_rename(task, value, ret_named);
}

static bool
matches(map_between_t *task, ldap_rule_t rule, str_t a, str_t b)
{
    return str_eq(ldap_rule_normal(task->mem, rule, a), ldap_rule_normal(task->mem, rule, b));
}

/* Whether the value is the one that names the entry: it does not go but by a rename. */
static bool
names_entry(map_between_t *task, const map_rule_t *rule, ldap_rule_t equality, str_t value)
{
    err_t ignored = ERR_INIT;
    ldap_dn_t dn;
    str_t name;

    return ldap_dn_parse(task->mem, task->entry->dn, &dn, &ignored) &&
           ldap_dn_rdn_value(&dn, rule->ldap, &name) && matches(task, equality, name, value);
}

/* Whether an alternative of the rule makes this value of these. */
static bool
makes(map_between_t *task, const map_rule_t *rule, ldap_rule_t equality,
      const map_values_t *values, str_t value)
{
    str_t made;

    for (size_t k = 0; map_rule_apply(task->mem, task->type, rule, values, k, &made); k++)
        if (matches(task, equality, made, value))
            return true;
    return false;
}

/* A value that a collision has led to stays, as a name does. */
static bool
keeps_unique(map_between_t *task, const map_rule_t *rule, const ldap_attr_type_t *type,
             const ldap_attr_t *there)
{
    for (size_t i = 0; rule->unique && there && i < there->n; i++)
        if (makes(task, rule, type->equality, task->after, there->values[i]))
            return true;
    return false;
}

/* Whether the rule had made it. */
static bool
was_made(map_between_t *task, const map_rule_t *rule, ldap_rule_t equality, str_t value)
{
    str_t old;

    if (rule->unique)
        return makes(task, rule, equality, task->before, value);
    return map_rule_apply(task->mem, task->type, rule, task->before, 0, &old) &&
           matches(task, equality, old, value);
}

/* Only the value that the rule had made goes. Where there are but others, which are not ours, the
 * attribute stays as it is. */
static bool
write_rule(map_between_t *task, const map_rule_t *rule)
{
    const ldap_attr_type_t *type = ldap_schema_get(task->map->schema, rule->ldap);
    const ldap_attr_t *there = ldap_entry_find(task->entry, rule->ldap);
    map_attr_change_t values = map_attr_change_begin(rule->ldap, type, false);
    str_t old, value;
    bool had_old = map_rule_apply(task->mem, task->type, rule, task->before, 0, &old);
    bool met = false;

    if (!map_rule_apply(task->mem, task->type, rule, task->after, 0, &value) ||
        (had_old && str_eq(old, value)) || keeps_unique(task, rule, type, there))
        return true;
    if (rule->write == MAP_WRITE_IF_EMPTY && there && there->n > 0)
        return true;
    if (!map_rule_check(task->mem, task->map, rule, value, task->err))
        return false;
    for (size_t i = 0; there && i < there->n; i++) {
        str_t have = there->values[i];
        bool ours = was_made(task, rule, type->equality, have) &&
                    !names_entry(task, rule, type->equality, have);

        met = met || ours;
        if (ours && !str_eq(have, value))
            map_attr_remove(task->mem, &values, have);
        else
            map_attr_keep(task->mem, &values, have);
    }
    if (there && there->n > 0 && !met)
        return true;
    map_attr_add(task->mem, &values, value);
    map_attr_write(task->mem, &task->change->mods, &values);
    return true;
}

static bool
has_value(map_between_t *task, ldap_rule_t equality, const ldap_attr_t *attr, str_t value)
{
    for (size_t i = 0; i < attr->n; i++)
        if (matches(task, equality, attr->values[i], value))
            return true;
    return false;
}

/* Of several, those go that are made no more, and those come that are made now; the others stay, whose
 * ever they are. */
static bool
write_values(map_between_t *task, const map_rule_t *rule)
{
    const ldap_attr_type_t *type = ldap_schema_get(task->map->schema, rule->ldap);
    const ldap_attr_t *there = ldap_entry_find(task->entry, rule->ldap);
    map_attr_change_t values = map_attr_change_begin(rule->ldap, type, true);
    ldap_attr_t old = map_rule_values(task->mem, task->map, task->type, rule, task->before);
    ldap_attr_t new = map_rule_values(task->mem, task->map, task->type, rule, task->after);

    if (rule->write == MAP_WRITE_IF_EMPTY && there && there->n > 0)
        return true;
    for (size_t i = 0; there && i < there->n; i++) {
        str_t have = there->values[i];

        if (has_value(task, type->equality, &old, have) &&
            !has_value(task, type->equality, &new, have))
            map_attr_remove(task->mem, &values, have);
        else
            map_attr_keep(task->mem, &values, have);
    }
    for (size_t i = 0; i < new.n; i++) {
        if (has_value(task, type->equality, &old, new.values[i]))
            continue;
        if (!map_rule_check(task->mem, task->map, rule, new.values[i], task->err))
            return false;
        map_attr_add(task->mem, &values, new.values[i]);
    }
    map_attr_write(task->mem, &task->change->mods, &values);
    return true;
}

/* The values of the entry after the modifications so far. */
static const ldap_attr_t *
written(map_between_t *task, const map_rule_t *rule)
{
    const ldap_attr_t *there = ldap_entry_find(task->entry, rule->ldap);
    ldap_entry_t entry = {.dn = task->entry->dn};

    for (size_t i = 0; there && i < there->n; i++)
        ldap_entry_add(task->mem, &entry, rule->ldap, there->values[i]);
    for (size_t i = 0; i < task->change->mods.n; i++)
        if (str_ieq(task->change->mods.mods[i].attr.name, rule->ldap))
            ldap_apply_mods(task->mem, task->map->schema, &entry, &task->change->mods.mods[i],
                            1);
    return ldap_entry_get(task->mem, &entry, rule->ldap);
}

bool
map_between_conflict(map_between_t *task, const map_rule_t *rule)
{
    const ldap_attr_type_t *type = ldap_schema_get(task->map->schema, rule->ldap);
    const ldap_attr_t *there = ldap_entry_find(task->entry, rule->ldap);
    const ldap_attr_t *now = written(task, rule);
    ldap_attr_t made = map_rule_values(task->mem, task->map, task->type, rule, task->after);
    map_attr_change_t values = map_attr_change_begin(rule->ldap, type, !type->single);
    bool merge = rule->conflict == MAP_CONFLICT_MERGE;
    bool kept = keeps_unique(task, rule, type, now);

    if (made.n == 0)
        return true;
    map_mods_drop(&task->change->mods, rule->ldap);
    for (size_t i = 0; there && i < there->n; i++) {
        str_t have = there->values[i];

        if ((merge && has_value(task, type->equality, now, have)) ||
            (kept ? makes(task, rule, type->equality, task->after, have)
                  : has_value(task, type->equality, &made, have)) ||
            names_entry(task, rule, type->equality, have))
            map_attr_keep(task->mem, &values, have);
        else
            map_attr_remove(task->mem, &values, have);
    }
    for (size_t i = 0; !kept && i < made.n; i++) {
        if (!map_rule_check(task->mem, task->map, rule, made.values[i], task->err))
            return false;
        map_attr_add(task->mem, &values, made.values[i]);
    }
    map_attr_write(task->mem, &task->change->mods, &values);
    return true;
}

bool
map_between_rules(map_between_t *task)
{
    for (size_t i = 0; i < task->type->n_rules; i++) {
        const map_rule_t *rule = &task->type->rules[i];
        bool named = false;

        if (rule->write == MAP_WRITE_CREATE || rule->constant ||
            !has_changed_source(task, rule) || is_covered(task, rule))
            continue;
        if (rule == task->type->rdn_rule && !write_naming_rule(task, rule, &named))
            return false;
        if (!named && !(rule->several ? write_values(task, rule) : write_rule(task, rule)))
            return false;
    }
    return true;
}
