/* SPDX-License-Identifier: Apache-2.0 */
#include "map/slot.h"

#include <assert.h>

const char *const map_as_names[] = {
    [MAP_AS_STRING] = "string",
    [MAP_AS_BOOLEAN] = "boolean",
    [MAP_AS_INTEGER] = "integer",
    [MAP_AS_TIME] = "generalizedTime",
    [MAP_AS_BASE64] = "base64",
    [MAP_AS_POSTAL] = "postalAddress",
    [MAP_AS_PASSWORD] = "password",
    [MAP_AS_FILETIME] = "filetime",
    [MAP_AS_EPOCH_DAYS] = "epochDays",
    [MAP_AS_DN] = "DN",
    [MAP_AS_JSON] = "json",
    [MAP_AS_REFERENCE] = NULL,
};

const scim_attr_t *
map_slot_leaf(const map_slot_t *slot)
{
    return slot->sub ? slot->sub : slot->attr;
}

scim_kind_t
map_slot_kind(const map_slot_t *slot)
{
    return map_slot_leaf(slot)->kind;
}

bool
map_slot_same_attr(const map_slot_t *a, const map_slot_t *b)
{
    return a->attr == b->attr ||
           (a->schema == b->schema && str_ieq(a->attr->name, b->attr->name));
}

bool
map_slot_same_element(const map_slot_t *a, const map_slot_t *b)
{
    return map_slot_same_attr(a, b) && str_ieq(a->type, b->type);
}

size_t
map_slot_number(const map_type_t *type, const map_slot_t *slot)
{
    assert(slot >= type->slots && slot < type->slots + type->n_slots);
    return (size_t)(slot - type->slots);
}

bool
map_slot_writes(const map_slot_t *slot)
{
    return slot->write != MAP_WRITE_READ_ONLY && slot->write != MAP_WRITE_DISCARD;
}

bool
map_slot_has_ldap(const map_slot_t *slot, str_t ldap)
{
    for (size_t i = 0; i < slot->n_copies; i++)
        if (str_ieq(slot->copies[i].ldap, ldap))
            return true;
    return str_ieq(slot->ldap, ldap);
}

const map_slot_t *
map_slot_of_ldap(const map_type_t *type, str_t ldap)
{
    for (size_t i = 0; i < type->n_slots; i++)
        if (map_slot_writes(&type->slots[i]) && map_slot_has_ldap(&type->slots[i], ldap))
            return &type->slots[i];
    return NULL;
}

const map_rule_t *
map_rule_of_ldap(const map_type_t *type, str_t ldap)
{
    for (size_t i = 0; i < type->n_rules; i++)
        if (str_ieq(type->rules[i].ldap, ldap))
            return &type->rules[i];
    return NULL;
}

json_t *
map_slot_find(const map_type_t *type, const map_slot_t *slot, const json_t *resource)
{
    bool core = !slot->schema || slot->schema == type->scim->core;
    const json_t *part = core ? resource : json_find(resource, slot->schema->id);
    json_t *value = json_find(part, slot->attr->name);

    return json_is(value, JSON_NULL) ? NULL : value;
}

bool
map_has_active(const map_type_t *type)
{
    return type->inactive.present && scim_schema_find(type->scim->core, STR("active")) != NULL;
}

bool
map_is_active_attr(const map_type_t *type, const scim_target_t *target)
{
    return target->attr && target->schema == type->scim->core &&
           str_eq(target->attr->name, STR("active")) && map_has_active(type);
}

bool
map_is_active(const json_t *resource)
{
    const json_t *active = json_find(resource, STR("active"));

    return !json_is(active, JSON_BOOLEAN) || active->u.boolean;
}
