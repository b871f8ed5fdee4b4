/* SPDX-License-Identifier: Apache-2.0 */
#include "map/sort.h"

#include "base/clock.h"
#include "map/anchor.h"
#include "map/slot.h"
#include "map/to_resource.h"

#include <math.h>

/* What a key begins with. */
#define PRESENT "1"
#define ABSENT "2"

/* ---- what the path means ---- */

static bool
refuse(str_t path, const char *why, err_t *err)
{
    return err_set(err, ERR_INVALID_VALUE, "sortBy: %.*s %s", STR_ARG(path), why);
}

static bool
is_of(const map_slot_t *slot, const scim_target_t *target)
{
    return slot->schema == target->schema && str_ieq(slot->attr->name, target->attr->name);
}

/* The slots of emails hold emails.type and emails.primary too; JSON holds every part. */
static bool
holds(const map_slot_t *slot, const scim_target_t *target)
{
    return !target->sub || slot->as == MAP_AS_JSON ||
           str_ieq(map_slot_leaf(slot)->name, target->sub->name) ||
           (slot->attr->multi && (str_ieq(target->sub->name, STR("type")) ||
                                  str_ieq(target->sub->name, STR("primary"))));
}

static bool
choose_sub(scim_target_t *target, str_t path, err_t *err)
{
    if (target->attr->kind != SCIM_COMPLEX || target->sub)
        return true;
    target->sub = scim_attr_find_sub(target->attr, STR("value"));
    return target->sub || refuse(path, "is complex: name a sub-attribute", err);
}

static bool
check_order(const map_type_t *type, const scim_target_t *target, str_t path, err_t *err)
{
    const scim_attr_t *leaf = target->sub ? target->sub : target->attr;

    if (leaf->returned == SCIM_RETURNED_NEVER || target->attr->returned == SCIM_RETURNED_NEVER)
        return refuse(path, "is never shown", err);
    if (leaf->kind == SCIM_BINARY)
        return refuse(path, "is binary, which has no order", err);
    if (type->groups && target->attr == type->groups->attr)
        return refuse(path, "refers to other resources, by which nothing is sorted", err);
    for (size_t i = 0; i < type->n_slots; i++)
        if (is_of(&type->slots[i], target) && type->slots[i].as == MAP_AS_REFERENCE)
            return refuse(path, "refers to other resources, by which nothing is sorted", err);
    return true;
}

static bool
is_mapped(const map_type_t *type, const scim_target_t *target)
{
    for (size_t i = 0; i < type->n_slots; i++)
        if (is_of(&type->slots[i], target) && holds(&type->slots[i], target))
            return true;
    return map_is_active_attr(type, target);
}

static bool
read_value(arena_t *mem, const map_t *map, const map_type_t *type, str_t path, map_sort_t *sort,
           err_t *err)
{
    scim_target_t *only = arena_new_of(mem, scim_target_t);

    if (!choose_sub(&sort->target, path, err) || !check_order(type, &sort->target, path, err))
        return false;
    if (!is_mapped(type, &sort->target))
        return true;
    *only = (scim_target_t){.schema = sort->target.schema, .attr = sort->target.attr};
    sort->kind = MAP_SORT_VALUE;
    sort->projection = (scim_projection_t){.only = only, .n_only = 1};
    sort->names = map_names(mem, map, type, &sort->projection);
    return true;
}

static bool
read_meta(const scim_attr_t *sub, str_t path, map_sort_t *sort, err_t *err)
{
    if (sub && str_eq(sub->name, STR("resourceType")))
        sort->kind = MAP_SORT_TYPE;
    else if (sub && str_eq(sub->name, STR("created")))
        sort->kind = MAP_SORT_CREATED;
    else if (sub && str_eq(sub->name, STR("lastModified")))
        sort->kind = MAP_SORT_MODIFIED;
    else
        return refuse(path, "is nothing to sort by", err);
    return true;
}

static ldap_names_t
envelope_names(arena_t *mem, const map_dialect_t *dialect)
{
    const str_t wanted[] = {dialect->anchor, dialect->created, dialect->modified};
    str_t *names = arena_array_of(mem, ARRAY_SIZE(wanted), str_t);
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
        if (!str_is_empty(wanted[i]))
            names[n++] = wanted[i];
    return (ldap_names_t){.names = names, .n = n};
}

bool
map_sort_read(arena_t *mem, const map_t *map, const map_type_t *type, const scim_path_t *path,
              map_sort_t *ret_sort, err_t *err)
{
    map_sort_t sort = {.kind = MAP_SORT_ABSENT};
    scim_target_t *target = &sort.target;
    bool good = true;

    if (path->filter)
        return refuse(path->text, "has a filter: name the attribute alone", err);
    sort.names = envelope_names(mem, map->dialect);
    if (!scim_path_resolve(type->scim, path, target)) {
        *ret_sort = sort;
        return true;
    }
    if (!target->attr)
        return refuse(path->text, "is a schema: name an attribute", err);
    if (target->attr == &scim_attr_id)
        sort.kind = MAP_SORT_ID;
    else if (target->attr == &scim_attr_meta)
        good = read_meta(target->sub, path->text, &sort, err);
    else if (target->attr == &scim_attr_schemas)
        good = refuse(path->text, "is nothing to sort by", err);
    else
        good = read_value(mem, map, type, path->text, &sort, err);
    if (good)
        *ret_sort = sort;
    return good;
}

/* ---- keys ---- */

/* Numbers whose order is that of the values, as 16 hexadecimal digits. */
static str_t
ordered(arena_t *mem, uint64_t value)
{
    return str_printf(mem, PRESENT "%016llx", (unsigned long long)value);
}

static str_t
integer_key(arena_t *mem, int64_t value)
{
    return ordered(mem, (uint64_t)value ^ (UINT64_C(1) << 63));
}

static str_t
decimal_key(arena_t *mem, double value)
{
    uint64_t bits;

    value = value == 0 || isnan(value) ? 0 : value;
    memcpy(&bits, &value, sizeof(bits));
    return ordered(mem, bits >> 63 ? ~bits : bits | UINT64_C(1) << 63);
}

static str_t
text_key(arena_t *mem, str_t value, bool exact)
{
    str_t text = exact ? value : ldap_rule_normal(mem, LDAP_RULE_CASE_IGNORE, value);
    char *key = arena_alloc(mem, text.n + 1);

    key[0] = PRESENT[0];
    for (size_t i = 0; i < text.n; i++)
        key[i + 1] = text.p[i] ? text.p[i] : '\1';
    return str_from(key, text.n + 1);
}

static str_t
time_key(arena_t *mem, str_t value)
{
    clock_time_t time;

    if (!clock_parse_datetime(value, &time))
        return text_key(mem, value, true);
    return str_printf(mem, "%s%09u", integer_key(mem, time.s).p, (unsigned)time.ns);
}

static str_t
value_key(arena_t *mem, const scim_attr_t *leaf, const json_t *value)
{
    int64_t number;

    switch (value->kind) {
    case JSON_BOOLEAN:
        return value->u.boolean ? STR(PRESENT "1") : STR(PRESENT "0");
    case JSON_NUMBER:
        return leaf->kind == SCIM_INTEGER && json_to_int64(value, &number)
                   ? integer_key(mem, number)
                   : decimal_key(mem, value->u.number.real);
    case JSON_STRING:
        return leaf->kind == SCIM_DATETIME ? time_key(mem, value->u.string)
                                           : text_key(mem, value->u.string, leaf->case_exact);
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return STR(ABSENT);
}

/* The primary element, else the first. */
static const json_t *
choose_element(const json_t *array)
{
    for (size_t i = 0; i < array->u.array.n; i++) {
        const json_t *primary = json_find(array->u.array.items[i], STR("primary"));

        if (json_is(primary, JSON_BOOLEAN) && primary->u.boolean)
            return array->u.array.items[i];
    }
    return array->u.array.n ? array->u.array.items[0] : NULL;
}

static str_t
shown_key(arena_t *mem, const map_t *map, const map_type_t *type, const map_sort_t *sort,
          const ldap_entry_t *entry, int64_t now_s)
{
    const scim_target_t *target = &sort->target;
    json_t *resource =
        map_to_resource(mem, map, type, entry, NULL, &sort->projection, STR(""), now_s);
    const json_t *value =
        json_find(scim_resource_part(resource, type->scim, target->schema), target->attr->name);

    if (json_is(value, JSON_ARRAY))
        value = choose_element(value);
    if (target->sub && value)
        value = json_find(value, target->sub->name);
    return value ? value_key(mem, target->sub ? target->sub : target->attr, value)
                 : STR(ABSENT);
}

static str_t
stamp_key(arena_t *mem, const ldap_entry_t *entry, str_t attr)
{
    clock_time_t time;
    str_t value;

    if (str_is_empty(attr) || !ldap_entry_first(entry, attr, &value) ||
        !clock_parse_generalized(value, &time))
        return STR(ABSENT);
    return integer_key(mem, time.s);
}

str_t
map_sort_key(arena_t *mem, const map_t *map, const map_type_t *type, const map_sort_t *sort,
             const ldap_entry_t *entry, int64_t now_s)
{
    str_t value;

    switch (sort->kind) {
    case MAP_SORT_ABSENT:
        break;
    case MAP_SORT_ID:
        return map_anchor_of(mem, map, entry, &value) ? text_key(mem, value, false)
                                                      : STR(ABSENT);
    case MAP_SORT_CREATED:
        return stamp_key(mem, entry, map->dialect->created);
    case MAP_SORT_MODIFIED:
        return stamp_key(mem, entry, map->dialect->modified);
    case MAP_SORT_TYPE:
        return text_key(mem, type->scim->name, true);
    case MAP_SORT_VALUE:
        return shown_key(mem, map, type, sort, entry, now_s);
    }
    return STR(ABSENT);
}
