/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/entry.h"

const ldap_attr_t *
ldap_entry_find(const ldap_entry_t *entry, str_t name)
{
    for (size_t i = 0; i < entry->n; i++)
        if (entry->attrs[i].name.n == name.n && str_ieq(entry->attrs[i].name, name))
            return &entry->attrs[i];
    return NULL;
}

bool
ldap_entry_first(const ldap_entry_t *entry, str_t name, str_t *ret_value)
{
    const ldap_attr_t *attr = ldap_entry_find(entry, name);

    if (attr == NULL || attr->n == 0)
        return false;
    *ret_value = attr->values[0];
    return true;
}

bool
ldap_attr_has(const ldap_attr_t *attr, str_t value)
{
    for (size_t i = 0; i < attr->n; i++)
        if (str_eq(attr->values[i], value))
            return true;
    return false;
}

void
ldap_attr_add(arena_t *mem, ldap_attr_t *attr, str_t value)
{
    if (attr->n == attr->size) {
        size_t size = attr->size ? attr->size * 2 : 1;

        attr->values = arena_grow(mem, attr->values, attr->n, size, sizeof(str_t));
        attr->size = size;
    }
    attr->values[attr->n++] = value;
}

ldap_attr_t *
ldap_entry_get(arena_t *mem, ldap_entry_t *entry, str_t name)
{
    for (size_t i = 0; i < entry->n; i++)
        if (str_ieq(entry->attrs[i].name, name))
            return &entry->attrs[i];
    if (entry->n == entry->size) {
        size_t size = entry->size ? entry->size * 2 : 16;

        entry->attrs = arena_grow(mem, entry->attrs, entry->n, size, sizeof(ldap_attr_t));
        entry->size = size;
    }
    entry->attrs[entry->n] = (ldap_attr_t){.name = name};
    return &entry->attrs[entry->n++];
}

void
ldap_entry_add(arena_t *mem, ldap_entry_t *entry, str_t name, str_t value)
{
    ldap_attr_add(mem, ldap_entry_get(mem, entry, name), value);
}

void
ldap_entry_remove(ldap_entry_t *entry, str_t name)
{
    size_t kept = 0;

    for (size_t i = 0; i < entry->n; i++)
        if (!str_ieq(entry->attrs[i].name, name))
            entry->attrs[kept++] = entry->attrs[i];
    entry->n = kept;
}

static str_t *
copy_values(arena_t *mem, const ldap_attr_t *attr)
{
    str_t *values = arena_array_of(mem, attr->n, str_t);

    for (size_t i = 0; i < attr->n; i++)
        values[i] = str_dup(mem, attr->values[i]);
    return values;
}

ldap_entry_t *
ldap_entry_copy(arena_t *mem, const ldap_entry_t *entry)
{
    ldap_entry_t *copy = arena_new_of(mem, ldap_entry_t);

    copy->dn = str_dup(mem, entry->dn);
    copy->attrs = arena_array_of(mem, entry->n, ldap_attr_t);
    copy->n = copy->size = entry->n;
    for (size_t i = 0; i < entry->n; i++) {
        const ldap_attr_t *attr = &entry->attrs[i];

        copy->attrs[i] = (ldap_attr_t){.name = str_dup(mem, attr->name),
                                       .values = copy_values(mem, attr),
                                       .n = attr->n,
                                       .size = attr->n};
    }
    return copy;
}

ldap_attr_t *
ldap_mods_add(arena_t *mem, ldap_mods_t *mods, ldap_mod_op_t op, str_t name)
{
    if (mods->n == mods->size) {
        size_t size = mods->size ? mods->size * 2 : 8;

        mods->mods = arena_grow(mem, mods->mods, mods->n, size, sizeof(ldap_mod_t));
        mods->size = size;
    }
    mods->mods[mods->n] = (ldap_mod_t){.op = op, .attr = {.name = name}};
    return &mods->mods[mods->n++].attr;
}

void
ldap_mods_add_value(arena_t *mem, ldap_mods_t *mods, ldap_mod_op_t op, str_t name, str_t value)
{
    ldap_attr_add(mem, ldap_mods_add(mem, mods, op, name), value);
}
