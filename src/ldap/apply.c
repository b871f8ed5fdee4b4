/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/apply.h"

#include <inttypes.h>

static size_t
find_value(arena_t *mem, const ldap_schema_t *schema, const ldap_attr_t *attr, str_t value)
{
    ldap_rule_t rule = ldap_schema_get(schema, attr->name)->equality;
    str_t normal = ldap_rule_normal(mem, rule, value);

    for (size_t i = 0; i < attr->n; i++)
        if (str_eq(ldap_rule_normal(mem, rule, attr->values[i]), normal))
            return i;
    return attr->n;
}

static void
add_value(arena_t *mem, const ldap_schema_t *schema, ldap_entry_t *entry, str_t name,
          str_t value)
{
    ldap_attr_t *attr = ldap_entry_get(mem, entry, name);

    if (find_value(mem, schema, attr, value) == attr->n)
        ldap_attr_add(mem, attr, value);
}

static void
delete_value(arena_t *mem, const ldap_schema_t *schema, ldap_entry_t *entry, str_t name,
             str_t value)
{
    ldap_attr_t *attr = ldap_entry_get(mem, entry, name);
    size_t at = find_value(mem, schema, attr, value);

    for (size_t i = at + 1; i < attr->n; i++)
        attr->values[i - 1] = attr->values[i];
    if (at < attr->n)
        attr->n--;
    if (!attr->n)
        ldap_entry_remove(entry, name);
}

/* RFC 4525 §2: each value of an integer, by the same number. */
static void
increment(arena_t *mem, ldap_entry_t *entry, const ldap_attr_t *by)
{
    const ldap_attr_t *there = ldap_entry_find(entry, by->name);
    int64_t value, step, sum;

    for (size_t i = 0; there && by->n == 1 && i < there->n; i++)
        if (str_to_int64(there->values[i], &value) && str_to_int64(by->values[0], &step) &&
            !__builtin_add_overflow(value, step, &sum))
            there->values[i] = str_printf(mem, "%" PRId64, sum);
}

static void
apply_mod(arena_t *mem, const ldap_schema_t *schema, ldap_entry_t *entry, const ldap_mod_t *mod)
{
    const ldap_attr_t *attr = &mod->attr;

    if (mod->op == LDAP_MOD_OP_INCREMENT) {
        increment(mem, entry, attr);
        return;
    }
    if (mod->op == LDAP_MOD_OP_REPLACE || (mod->op == LDAP_MOD_OP_DELETE && !attr->n))
        ldap_entry_remove(entry, attr->name);
    for (size_t i = 0; i < attr->n; i++) {
        if (mod->op == LDAP_MOD_OP_DELETE)
            delete_value(mem, schema, entry, attr->name, attr->values[i]);
        else
            add_value(mem, schema, entry, attr->name, attr->values[i]);
    }
}

void
ldap_apply_mods(arena_t *mem, const ldap_schema_t *schema, ldap_entry_t *entry,
                const ldap_mod_t *mods, size_t n)
{
    for (size_t i = 0; i < n; i++)
        apply_mod(mem, schema, entry, &mods[i]);
}

void
ldap_apply_rename(arena_t *mem, const ldap_schema_t *schema, ldap_entry_t *entry, str_t rdn,
                  bool delete_old)
{
    ldap_dn_t old, named;
    err_t err = ERR_INIT;

    if (!ldap_dn_parse(mem, entry->dn, &old, &err) || !old.n ||
        !ldap_dn_parse(mem, rdn, &named, &err) || named.n != 1)
        return;
    for (size_t i = 0; delete_old && i < old.rdns[0].n; i++)
        delete_value(mem, schema, entry, old.rdns[0].avas[i].attr, old.rdns[0].avas[i].value);
    for (size_t i = 0; i < named.rdns[0].n; i++)
        add_value(mem, schema, entry, named.rdns[0].avas[i].attr, named.rdns[0].avas[i].value);
    old.rdns[0] = named.rdns[0];
    entry->dn = ldap_dn_format(mem, &old);
}
