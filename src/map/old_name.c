/* SPDX-License-Identifier: Apache-2.0 */
#include "map/old_name.h"

#include "map/template_apply.h"
#include "map/value.h"

static bool
is_kept(const map_t *map, const map_type_t *type)
{
    return map->dialect->keeps_old_name && type->rdn_slot &&
           type->rdn_slot->write == MAP_WRITE_ALWAYS;
}

static bool
rdn_value(arena_t *mem, const map_type_t *type, str_t dn, str_t *ret_value)
{
    err_t ignored = ERR_INIT;
    ldap_dn_t parsed;

    return ldap_dn_parse(mem, dn, &parsed, &ignored) &&
           ldap_dn_rdn_value(&parsed, type->rdn, ret_value);
}

static bool
matches(arena_t *mem, const map_t *map, str_t attr, str_t a, str_t b)
{
    ldap_rule_t rule = ldap_schema_get(map->schema, attr)->equality;

    return str_eq(ldap_rule_normal(mem, rule, a), ldap_rule_normal(mem, rule, b));
}

static bool
has_value(arena_t *mem, const map_t *map, const ldap_entry_t *entry, str_t attr, str_t value)
{
    const ldap_attr_t *there = ldap_entry_find(entry, attr);

    for (size_t i = 0; there && i < there->n; i++)
        if (matches(mem, map, attr, there->values[i], value))
            return true;
    return false;
}

/* ---- finding it ---- */

/* What the entry shows of one attribute that follows from the name. */
typedef enum { SHOWS_NEITHER, SHOWS_OLD, SHOWS_NEW } shown_t;

static shown_t
shows(arena_t *mem, const map_t *map, const ldap_entry_t *entry, str_t attr, str_t old,
      str_t made)
{
    if (matches(mem, map, attr, old, made))
        return SHOWS_NEITHER;
    if (has_value(mem, map, entry, attr, made))
        return SHOWS_NEW;
    return has_value(mem, map, entry, attr, old) ? SHOWS_OLD : SHOWS_NEITHER;
}

static shown_t
rule_shows(arena_t *mem, const map_t *map, const map_type_t *type, const map_rule_t *rule,
           const ldap_entry_t *entry, const map_values_t *before, const map_values_t *values)
{
    const map_slot_t *slot = map_slot_of_ldap(type, rule->ldap);
    str_t old, made;

    if (rule->write != MAP_WRITE_ALWAYS || rule->constant ||
        !map_rule_uses(rule, type->rdn_slot) ||
        (slot && values[map_slot_number(type, slot)].n > 0) ||
        !map_rule_apply(mem, type, rule, before, 0, &old) ||
        !map_rule_apply(mem, type, rule, values, 0, &made))
        return SHOWS_NEITHER;
    return shows(mem, map, entry, rule->ldap, old, made);
}

/* The modify is one: where anything is made of the new name, it was made. */
static bool
is_old_name(arena_t *mem, const map_t *map, const map_type_t *type, const ldap_entry_t *entry,
            const map_values_t *before, const map_values_t *values, str_t old, str_t name)
{
    bool shows_old = false;

    for (size_t i = 0; i < type->rdn_slot->n_copies; i++) {
        shown_t shown = shows(mem, map, entry, type->rdn_slot->copies[i].ldap, old, name);

        if (shown == SHOWS_NEW)
            return false;
        shows_old |= shown == SHOWS_OLD;
    }
    for (size_t i = 0; i < type->n_rules; i++) {
        shown_t shown = rule_shows(mem, map, type, &type->rules[i], entry, before, values);

        if (shown == SHOWS_NEW)
            return false;
        shows_old |= shown == SHOWS_OLD;
    }
    return shows_old;
}

/* The values, with this one in the naming slot. */
static map_values_t *
with_name(arena_t *mem, const map_type_t *type, const map_values_t *values, const json_t *name)
{
    map_values_t *named = arena_array_of(mem, type->n_slots, map_values_t);
    const json_t **value = arena_array_of(mem, 1, const json_t *);

    *value = name;
    memcpy(named, values, type->n_slots * sizeof(map_values_t));
    named[map_slot_number(type, type->rdn_slot)] = (map_values_t){value, 1, 1};
    return named;
}

map_values_t *
map_values_of_old_name(arena_t *mem, const map_t *map, const map_type_t *type,
                       const ldap_entry_t *entry, const map_links_t *links,
                       map_values_t *values)
{
    const ldap_attr_t *names = ldap_entry_find(entry, type->rdn);
    str_t name;

    if (!names || names->n < 2 || !is_kept(map, type) ||
        !rdn_value(mem, type, entry->dn, &name))
        return values;
    for (size_t i = 0; i < names->n; i++) {
        const json_t *old = map_value_to_scim(mem, type->rdn_slot, names->values[i], links);
        map_values_t *before;

        if (!old || matches(mem, map, type->rdn, names->values[i], name))
            continue;
        before = with_name(mem, type, values, old);
        if (is_old_name(mem, map, type, entry, before, values, names->values[i], name))
            return before;
    }
    return values;
}

/* ---- letting it go ---- */

static bool
is_written(const map_change_t *change, str_t attr)
{
    for (size_t i = 0; i < change->mods.n; i++)
        if (str_ieq(change->mods.mods[i].attr.name, attr))
            return true;
    return false;
}

static str_t
new_name(const map_change_t *change, const map_type_t *type)
{
    for (size_t i = 0; i < change->rdn.n; i++)
        if (str_ieq(change->rdn.avas[i].attr, type->rdn))
            return change->rdn.avas[i].value;
    return STR("");
}

/* Where it would not be recognised, it goes with the rename. */
static bool
would_tell(arena_t *mem, const map_t *map, const map_type_t *type, const ldap_entry_t *entry,
           const map_values_t *before, const map_values_t *after, str_t now, str_t name)
{
    const map_values_t *wanted = &after[map_slot_number(type, type->rdn_slot)];

    return wanted->n > 0 && !matches(mem, map, type->rdn, name, now) &&
           is_old_name(mem, map, type, entry, before,
                       with_name(mem, type, before, wanted->values[0]), now, name);
}

void
map_drop_old_name(arena_t *mem, const map_t *map, const map_type_t *type,
                  const ldap_entry_t *entry, const map_links_t *links,
                  const map_values_t *before, const map_values_t *after, map_change_t *change)
{
    const map_values_t *known;
    err_t ignored = ERR_INIT;
    str_t now, name, old;

    if (!is_kept(map, type) || is_written(change, type->rdn) ||
        !rdn_value(mem, type, entry->dn, &now))
        return;
    known = &before[map_slot_number(type, type->rdn_slot)];
    name = change->rename ? new_name(change, type) : now;
    if (known->n > 0 &&
        map_value_to_ldap(mem, type->rdn_slot, known->values[0], links, &old, &ignored) &&
        !matches(mem, map, type->rdn, old, name) && !matches(mem, map, type->rdn, old, now) &&
        has_value(mem, map, entry, type->rdn, old))
        ldap_mods_add_value(mem, &change->mods, LDAP_MOD_OP_DELETE, type->rdn, old);
    change->keeps_old_name =
        change->rename && would_tell(mem, map, type, entry, before, after, now, name);
    if (change->keeps_old_name)
        ldap_mods_add_value(mem, &change->mods, LDAP_MOD_OP_DELETE, type->rdn, now);
}

static void
remove_value(ldap_attr_t *attr, str_t value)
{
    size_t kept = 0;

    for (size_t i = 0; i < attr->n; i++)
        if (!str_eq(attr->values[i], value))
            attr->values[kept++] = attr->values[i];
    attr->n = kept;
}

void
map_keep_no_old_name(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                     map_change_t *change)
{
    size_t kept = 0;
    str_t now;

    if (!change->keeps_old_name || !rdn_value(mem, type, entry->dn, &now))
        return;
    change->keeps_old_name = false;
    for (size_t i = 0; i < change->mods.n; i++) {
        ldap_mod_t *mod = &change->mods.mods[i];
        bool named = mod->op == LDAP_MOD_OP_DELETE && str_ieq(mod->attr.name, type->rdn);

        if (named)
            remove_value(&mod->attr, now);
        if (!named || mod->attr.n > 0)
            change->mods.mods[kept++] = *mod;
    }
    change->mods.n = kept;
}
