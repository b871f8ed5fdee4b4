/* SPDX-License-Identifier: Apache-2.0 */
#include "map/map.h"

#include "scim/filter.h"

const map_counter_t *
map_find_counter(const map_t *map, str_t dn)
{
    for (size_t i = 0; i < map->n_types; i++)
        for (size_t k = 0; k < map->types[i].n_rules; k++) {
            const map_counter_t *counter = map->types[i].rules[k].counter;

            if (counter && str_eq(counter->dn, dn))
                return counter;
        }
    return NULL;
}

const map_type_t *
map_find_endpoint(const map_t *map, str_t endpoint)
{
    for (size_t i = 0; i < map->n_types; i++) {
        if (str_eq(str_skip(map->types[i].scim->endpoint, 1), endpoint))
            return &map->types[i];
    }
    return NULL;
}

const map_type_t *
map_find_type(const map_t *map, str_t name)
{
    for (size_t i = 0; i < map->n_types; i++) {
        if (str_ieq(map->types[i].scim->name, name))
            return &map->types[i];
    }
    return NULL;
}

/* ---- which slots a value filter can select ---- */

static ldap_truth_t
truth(bool value)
{
    return value ? LDAP_TRUE : LDAP_FALSE;
}

static ldap_truth_t
negate(ldap_truth_t value)
{
    return value == LDAP_UNDEFINED ? value : truth(value == LDAP_FALSE);
}

static ldap_truth_t
combine(bool all, ldap_truth_t a, ldap_truth_t b)
{
    ldap_truth_t decisive = all ? LDAP_FALSE : LDAP_TRUE;

    if (a == decisive || b == decisive)
        return decisive;
    return a == LDAP_UNDEFINED ? a : b;
}

/* Type and primary are known of a slot without looking at any value; the rest is not. */
static ldap_truth_t
test_compare(const map_slot_t *slot, const scim_filter_t *filter)
{
    bool equal;

    if ((filter->op != SCIM_EQ && filter->op != SCIM_NE) || slot->as == MAP_AS_JSON)
        return LDAP_UNDEFINED;
    if (str_ieq(filter->path.attr, STR("type")) && json_is(filter->value, JSON_STRING) &&
        slot->as != MAP_AS_REFERENCE)
        equal = str_ieq(slot->type, filter->value->u.string);
    else if (str_ieq(filter->path.attr, STR("primary")) && json_is(filter->value, JSON_BOOLEAN))
        equal = slot->primary == filter->value->u.boolean;
    else
        return LDAP_UNDEFINED;
    return truth(equal == (filter->op == SCIM_EQ));
}

static ldap_truth_t
test_slot(const map_slot_t *slot, const scim_filter_t *filter)
{
    switch (filter->kind) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return combine(filter->kind == SCIM_F_AND, test_slot(slot, filter->left),
                       test_slot(slot, filter->right));
    case SCIM_F_NOT:
        return negate(test_slot(slot, filter->left));
    case SCIM_F_COMPARE:
        return test_compare(slot, filter);
    case SCIM_F_PRESENT:
    case SCIM_F_VALUE_PATH:
        return LDAP_UNDEFINED;
    }
    return LDAP_UNDEFINED;
}

/* "type", "primary" and "$ref" are held by no slot: they follow from every one. */
static bool
is_held(const map_type_t *type, const scim_target_t *target)
{
    for (size_t i = 0; i < type->n_slots; i++) {
        if (type->slots[i].attr == target->attr && type->slots[i].sub == target->sub)
            return true;
    }
    return false;
}

size_t
map_each_slot(const map_type_t *type, const scim_target_t *target, map_slot_fn *fn, void *arg)
{
    bool by_sub = target->attr && target->sub && is_held(type, target);
    size_t n = 0;

    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (target->attr ? slot->attr != target->attr : slot->schema != target->schema)
            continue;
        if (by_sub && slot->sub != target->sub)
            continue;
        if (target->filter && test_slot(slot, target->filter) == LDAP_FALSE)
            continue;
        fn(arg, slot);
        n++;
    }
    return n;
}

bool
map_scope_holds(const map_scope_t *scope, str_t normal_dn)
{
    for (size_t i = 0; i < scope->n_bases; i++) {
        str_t base = scope->bases[i].normal;

        if (scope->depth == LDAP_DEPTH_ONE ? ldap_dn_is_child(normal_dn, base)
                                           : ldap_dn_is_below(normal_dn, base))
            return true;
    }
    return false;
}

/* A scope holds what is strictly below its bases, so two meet where one base lies in the other
 * scope, or is its base. */
static bool
bases_meet(const map_scope_t *a, str_t x, const map_scope_t *b, str_t y)
{
    return str_eq(x, y) || (b->depth == LDAP_DEPTH_SUB && ldap_dn_is_below(x, y)) ||
           (a->depth == LDAP_DEPTH_SUB && ldap_dn_is_below(y, x));
}

bool
map_scopes_overlap(const map_scope_t *a, const map_scope_t *b, const map_base_t **ret_a,
                   const map_base_t **ret_b)
{
    for (size_t i = 0; i < a->n_bases; i++) {
        for (size_t k = 0; k < b->n_bases; k++) {
            if (!bases_meet(a, a->bases[i].normal, b, b->bases[k].normal))
                continue;
            *ret_a = &a->bases[i];
            *ret_b = &b->bases[k];
            return true;
        }
    }
    return false;
}
