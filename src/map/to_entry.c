/* SPDX-License-Identifier: Apache-2.0 */
#include "map/to_entry.h"

#include "base/buf.h"
#include "map/index.h"
#include "map/lifecycle.h"
#include "map/parent.h"
#include "map/rdn.h"
#include "map/share.h"
#include "map/slot.h"
#include "map/template_apply.h"
#include "map/value.h"
#include "map/values.h"
#include "scim/resource.h"

typedef struct {
    arena_t *mem;
    const map_t *map;
    const map_type_t *type;
    const map_values_t *values;
    const map_links_t *links;
    map_choice_t *choice;
    ldap_entry_t *entry;
    err_t *err;
} make_t;

/* ---- LDAP values of one slot ---- */

/* Two values that the directory takes for one may not both be written. */
static bool
is_twin(arena_t *mem, const map_slot_t *slot, map_index_t *seen, str_t value)
{
    bool is_new;

    (void)map_index_get(mem, seen, ldap_rule_normal(mem, slot->ldap_type->equality, value),
                        &is_new);
    return !is_new;
}

bool
map_slot_to_ldap(arena_t *mem, const map_slot_t *slot, const map_values_t *values,
                 const map_links_t *links, ldap_attr_t *ret_attr, err_t *err)
{
    map_index_t seen = {.n = 0};
    ldap_attr_t attr = {.name = slot->ldap};

    for (size_t i = 0; i < values->n; i++) {
        str_t value;

        if (map_value_is_dropped(slot, values->values[i], links))
            continue;
        if (!map_value_to_ldap(mem, slot, values->values[i], links, &value, err))
            return false;
        if (values->n == 1 || !is_twin(mem, slot, &seen, value))
            ldap_attr_add(mem, &attr, value);
    }
    *ret_attr = attr;
    return true;
}

bool
map_check_required(arena_t *mem, const map_type_t *type, const json_t *resource,
                   const map_values_t *values, err_t *err)
{
    buf_t missing;

    buf_init(&missing, mem, ERR_DETAIL_SIZE);
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (!slot->required || !map_slot_writes(slot) || values[i].n > 0)
            continue;
        if (missing.n > 0)
            buf_add_c(&missing, ", ");
        buf_add(&missing, slot->path);
    }
    if (missing.n > 0)
        return err_set(err, ERR_INVALID_VALUE, "required and missing: %.*s",
                       STR_ARG(buf_str(&missing)));
    return scim_resource_check_required(type->scim, resource, err);
}

bool
map_rule_check(arena_t *mem, const map_t *map, const map_rule_t *rule, str_t value, err_t *err)
{
    const ldap_attr_type_t *ldap = ldap_schema_get(map->schema, rule->ldap);

    if (!ldap_syntax_accepts(mem, ldap->syntax, value))
        return err_set(err, ERR_INVALID_VALUE,
                       "the map makes LDAP attribute %.*s of this resource, and the value "
                       "\"%.*s\" is outside its syntax %s",
                       STR_ARG(rule->ldap), STR_ARG(value), ldap_syntax_name(ldap->syntax));
    return true;
}

/* ---- parts of a new entry ---- */

/* Of two slots that share an attribute, each gets values that the directory can tell apart. */
static bool
check_shared(make_t *make, const map_slot_t *slot, const ldap_attr_t *there,
             const ldap_attr_t *attr)
{
    ldap_rule_t rule = slot->ldap_type->equality;

    for (size_t i = 0; i < attr->n; i++)
        for (size_t j = 0; j < there->n; j++)
            if (str_eq(ldap_rule_normal(make->mem, rule, attr->values[i]),
                       ldap_rule_normal(make->mem, rule, there->values[j])))
                return err_set(
                    make->err, ERR_INVALID_VALUE,
                    "%.*s: another path has \"%.*s\" already, and the directory takes "
                    "that for one value",
                    STR_ARG(slot->path), STR_ARG(map_share_strip(slot, attr->values[i])));
    return true;
}

static bool
add_slot(make_t *make, const map_slot_t *slot, const map_values_t *values)
{
    ldap_attr_t attr, *there;

    if (!map_slot_to_ldap(make->mem, slot, values, make->links, &attr, make->err))
        return false;
    if (attr.n == 0)
        return true;
    there = ldap_entry_get(make->mem, make->entry, slot->ldap);
    if (map_is_shared(slot) && !check_shared(make, slot, there, &attr))
        return false;
    for (size_t j = 0; j < attr.n; j++)
        ldap_attr_add(make->mem, there, attr.values[j]);
    return true;
}

static bool
add_slots(make_t *make)
{
    for (size_t i = 0; i < make->type->n_slots; i++) {
        const map_slot_t *slot = &make->type->slots[i];

        if (!map_slot_writes(slot) || make->values[i].n == 0)
            continue;
        if (!add_slot(make, slot, &make->values[i]))
            return false;
        for (size_t k = 0; k < slot->n_copies; k++)
            if (!add_slot(make, &slot->copies[k], &make->values[i]))
                return false;
    }
    return true;
}

/* A rule fills in what no slot has written. */
static bool
add_values(make_t *make, const map_rule_t *rule)
{
    ldap_attr_t made = map_rule_values(make->mem, make->map, make->type, rule, make->values);

    for (size_t i = 0; i < made.n; i++) {
        if (!map_rule_check(make->mem, make->map, rule, made.values[i], make->err))
            return false;
        ldap_entry_add(make->mem, make->entry, rule->ldap, made.values[i]);
    }
    return true;
}

static bool
add_rule(make_t *make, const map_rule_t *rule, size_t skip)
{
    str_t value;

    if (rule->several)
        return add_values(make, rule);
    if (!map_rule_apply(make->mem, make->type, rule, make->values, skip, &value))
        return skip == 0 ||
               err_set(make->err, ERR_UNIQUENESS,
                       "every %s that the map can make for this resource is taken",
                       rule == make->type->rdn_rule ? "name"
                                                    : str_dup_c(make->mem, rule->ldap));
    if (!map_rule_check(make->mem, make->map, rule, value, make->err))
        return false;
    ldap_entry_add(make->mem, make->entry, rule->ldap, value);
    return true;
}

static void
add_number(make_t *make, const map_rule_t *rule, const str_t *number)
{
    if (number && number->n > 0)
        ldap_entry_add(make->mem, make->entry, rule->ldap, *number);
}

static bool
add_rules(make_t *make)
{
    const map_type_t *type = make->type;
    const map_choice_t *choice = make->choice;

    for (size_t i = 0; i < type->n_rules; i++) {
        const map_rule_t *rule = &type->rules[i];

        if (rule->counter)
            add_number(make, rule, choice->numbers ? &choice->numbers[i] : NULL);
        else if (!ldap_entry_find(make->entry, rule->ldap) &&
                 !add_rule(make, rule, choice->rules ? choice->rules[i] : 0))
            return false;
    }
    return true;
}

static void
add_lifecycle(make_t *make, const json_t *resource, int64_t now_s)
{
    const map_state_t *inactive = &make->type->inactive;

    if (!inactive->present)
        return;
    if (map_is_active(resource))
        map_leave_new(make->mem, inactive, make->entry, now_s);
    else
        make->choice->put = map_enter_new(make->mem, inactive, make->entry, now_s);
}

static void
add_placeholder(make_t *make)
{
    const map_type_t *type = make->type;
    const ldap_attr_t *members;

    if (!type->members || str_is_empty(type->placeholder))
        return;
    members = ldap_entry_find(make->entry, type->members->ldap);
    if (!members || members->n == 0)
        ldap_entry_add(make->mem, make->entry, type->members->ldap, type->placeholder);
}

static bool
name_entry(make_t *make, const json_t *resource)
{
    const map_type_t *type = make->type;
    ldap_dn_t dn;
    str_t value;

    if (!ldap_entry_first(make->entry, type->rdn, &value))
        return err_set(make->err, ERR_INVALID_VALUE,
                       "the entry cannot be named: %.*s has no value",
                       STR_ARG(type->rdn_slot ? type->rdn_slot->path : type->rdn));
    if (!map_parent_find(make->mem, type, resource, make->values, &make->choice->parent,
                         &make->choice->parent_dn, make->err))
        return false;
    if (make->choice->put)
        make->choice->parent_dn = *make->choice->put;
    dn = ldap_dn_child(make->mem, type->rdn, value, &make->choice->parent_dn);
    if (!map_rdn_check(make->mem, make->map, type, &dn.rdns[0], make->err))
        return false;
    make->entry->dn = ldap_dn_format(make->mem, &dn);
    return true;
}

bool
map_to_entry(arena_t *mem, const map_t *map, const map_type_t *type, const json_t *resource,
             const map_links_t *links, map_choice_t *choice, int64_t now_s,
             ldap_entry_t *ret_entry, err_t *err)
{
    ldap_entry_t entry = {.dn = STR("")};
    map_choice_t first = {.rules = NULL};
    make_t make = {.mem = mem,
                   .map = map,
                   .type = type,
                   .links = links,
                   .choice = choice ? choice : &first,
                   .entry = &entry,
                   .err = err};

    make.values = map_place(mem, type, resource, err);
    if (!make.values || !map_check_required(mem, type, resource, make.values, err))
        return false;
    for (size_t i = 0; i < type->n_object_classes; i++)
        ldap_entry_add(mem, &entry, STR("objectClass"), type->object_classes[i]);
    if (!add_slots(&make) || !add_rules(&make))
        return false;
    add_lifecycle(&make, resource, now_s);
    add_placeholder(&make);
    if (!name_entry(&make, resource))
        return false;
    *ret_entry = entry;
    return true;
}

/* ---- what is looked up before ---- */

size_t
map_alternatives(arena_t *mem, const map_type_t *type, const map_rule_t *rule,
                 const json_t *resource, str_t **ret_values)
{
    err_t err = ERR_INIT;
    const map_values_t *values = map_place(mem, type, resource, &err);
    str_t *made = arena_array_of(mem, rule->n, str_t);
    size_t n = 0;

    while (values && n < rule->n && map_rule_apply(mem, type, rule, values, n, &made[n]))
        n++;
    *ret_values = made;
    return n;
}

void
map_collect_ids(arena_t *mem, const map_type_t *type, const json_t *resource, str_t **ret_ids,
                size_t *ret_n)
{
    err_t err = ERR_INIT;
    const map_values_t *values = map_place(mem, type, resource, &err);
    size_t total = 0, n = 0;
    str_t *ids;

    for (size_t i = 0; values && i < type->n_slots; i++)
        total += type->slots[i].as == MAP_AS_REFERENCE ? values[i].n : 0;
    ids = arena_array_of(mem, total + 1, str_t);
    for (size_t i = 0; values && i < type->n_slots; i++)
        for (size_t j = 0; type->slots[i].as == MAP_AS_REFERENCE && j < values[i].n; j++)
            if (map_slot_writes(&type->slots[i]))
                ids[n++] = map_value_text(mem, values[i].values[j]);
    *ret_ids = ids;
    *ret_n = n;
}

/* "None of the paths before decides, and this one is equal." */
static const ldap_filter_t *
match_path(arena_t *mem, const ldap_filter_t *undecided, const map_slot_t *slot,
           const map_values_t *list, const ldap_filter_t **ret_equal, err_t *err)
{
    str_t value;

    if (!map_value_to_ldap(mem, slot, list->values[0], NULL, &value, err))
        return NULL;
    *ret_equal = ldap_filter_equal(mem, slot->ldap, value);
    return ldap_filter_and2(mem, undecided, *ret_equal);
}

const ldap_filter_t *
map_match_filter(arena_t *mem, const map_type_t *type, const json_t *resource,
                 const ldap_filter_t **ret_first, err_t *err)
{
    const map_values_t *values = map_place(mem, type, resource, err);
    const ldap_filter_t *undecided = ldap_filter_true(), *any = ldap_filter_false();

    *ret_first = NULL;
    if (!values)
        return NULL;
    for (size_t i = 0; i < type->n_match; i++) {
        const map_slot_t *slot = type->match[i];
        const map_values_t *list = &values[map_slot_number(type, slot)];
        const ldap_filter_t *equal, *path;

        if (list->n == 0)
            continue;
        path = match_path(mem, undecided, slot, list, &equal, err);
        if (!path)
            return NULL;
        any = ldap_filter_or2(mem, any, path);
        undecided = ldap_filter_and2(mem, undecided,
                                     ldap_filter_not(mem, map_share_present(mem, slot)));
        if (!*ret_first)
            *ret_first = equal;
    }
    return *ret_first ? any : NULL;
}

const map_slot_t *
map_match_slot(arena_t *mem, const map_type_t *type, const json_t *resource,
               const ldap_entry_t *entry)
{
    err_t ignored = ERR_INIT;
    const map_values_t *values = map_place(mem, type, resource, &ignored);

    for (size_t i = 0; values && i < type->n_match; i++) {
        const map_slot_t *slot = type->match[i];

        if (values[map_slot_number(type, slot)].n > 0 && ldap_entry_find(entry, slot->ldap))
            return slot;
    }
    return NULL;
}
