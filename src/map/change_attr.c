/* SPDX-License-Identifier: Apache-2.0 */
#include "map/change_attr.h"

map_attr_change_t
map_attr_change_begin(str_t name, const ldap_attr_type_t *type, bool several)
{
    return (map_attr_change_t){
        .name = name, .rule = type->equality, .several = several, .single = type->single};
}

void
map_attr_keep(arena_t *mem, map_attr_change_t *values, str_t value)
{
    bool is_new;

    (void)map_index_get(mem, &values->twins, ldap_rule_normal(mem, values->rule, value),
                        &is_new);
    ldap_attr_add(mem, &values->kept, value);
}

void
map_attr_remove(arena_t *mem, map_attr_change_t *values, str_t value)
{
    ldap_attr_add(mem, &values->removed, value);
}

bool
map_attr_unremove(map_attr_change_t *values, str_t value)
{
    ldap_attr_t *removed = &values->removed;

    for (size_t i = 0; i < removed->n; i++)
        if (str_eq(removed->values[i], value)) {
            removed->values[i] = removed->values[--removed->n];
            return true;
        }
    return false;
}

void
map_attr_add(arena_t *mem, map_attr_change_t *values, str_t value)
{
    bool is_new;

    (void)map_index_get(mem, &values->twins, ldap_rule_normal(mem, values->rule, value),
                        &is_new);
    if (is_new)
        ldap_attr_add(mem, &values->added, value);
}

static void
write_some(arena_t *mem, ldap_mods_t *mods, ldap_mod_op_t op, str_t name,
           const ldap_attr_t *values)
{
    ldap_attr_t *attr;

    if (values->n == 0)
        return;
    attr = ldap_mods_add(mem, mods, op, name);
    for (size_t i = 0; i < values->n; i++)
        ldap_attr_add(mem, attr, values->values[i]);
}

void
map_attr_write(arena_t *mem, ldap_mods_t *mods, const map_attr_change_t *values)
{
    ldap_attr_t *attr;

    if (values->removed.n == 0 && values->added.n == 0)
        return;
    if (values->rule != LDAP_RULE_NONE && !values->single &&
        (values->several || values->kept.n > 0)) {
        write_some(mem, mods, LDAP_MOD_OP_DELETE, values->name, &values->removed);
        write_some(mem, mods, LDAP_MOD_OP_ADD, values->name, &values->added);
        return;
    }
    attr = ldap_mods_add(mem, mods, LDAP_MOD_OP_REPLACE, values->name);
    for (size_t i = 0; i < values->kept.n && !values->single; i++)
        ldap_attr_add(mem, attr, values->kept.values[i]);
    for (size_t i = 0; i < values->added.n; i++)
        ldap_attr_add(mem, attr, values->added.values[i]);
}
