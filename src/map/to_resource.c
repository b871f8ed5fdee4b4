/* SPDX-License-Identifier: Apache-2.0 */
#include "map/to_resource.h"

#include "map/reference.h"
#include "map/slot.h"
#include "map/value.h"

typedef struct {
    arena_t *mem;
    const map_type_t *type;
    const ldap_entry_t *entry;
    const map_links_t *links;
    str_t base_url;
    json_t *resource;
    map_trace_t *trace;
} show_t;

static bool
is_wanted(const scim_projection_t *projection, const map_slot_t *slot)
{
    return !projection || scim_projection_wants(projection, slot->schema, slot->attr, NULL);
}

/* ---- one value ---- */

/* The value of the naming attribute that stands in the entry's DN. */
static size_t
find_naming_value(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                  const ldap_attr_t *attr)
{
    err_t err = ERR_INIT;
    ldap_dn_t dn;
    str_t value;

    if (ldap_dn_parse(mem, entry->dn, &dn, &err) && ldap_dn_rdn_value(&dn, type->rdn, &value))
        for (size_t i = 0; i < attr->n; i++)
            if (str_eq(attr->values[i], value))
                return i;
    return attr->n;
}

json_t *
map_shown_value(arena_t *mem, const map_type_t *type, const map_slot_t *slot,
                const ldap_entry_t *entry, const ldap_attr_t *attr, const map_links_t *links,
                size_t *ret_at)
{
    size_t first = attr->n;
    json_t *value = NULL;

    if (slot == type->rdn_slot && attr->n > 1)
        first = find_naming_value(mem, type, entry, attr);
    if (first < attr->n)
        value = map_value_to_scim(mem, slot, attr->values[first], links);
    for (size_t i = 0; !value && i < attr->n; i++) {
        first = i;
        value = map_value_to_scim(mem, slot, attr->values[i], links);
    }
    if (value)
        *ret_at = first;
    return value;
}

/* ---- its place ---- */

static json_t *
part_of(show_t *show, const map_slot_t *slot)
{
    if (!slot->schema || slot->schema == show->type->scim->core)
        return show->resource;
    return scim_resource_make_part(show->mem, show->resource, show->type->scim, slot->schema);
}

static json_t *
get_member(show_t *show, json_t *object, str_t name, json_kind_t kind)
{
    json_t *value = json_find(object, name);

    if (value)
        return value;
    value = kind == JSON_ARRAY ? json_array(show->mem) : json_object(show->mem);
    json_set(show->mem, object, name, value);
    return value;
}

/* The element that other slots of its type have begun, as addresses have; else a new one. */
static json_t *
get_element(show_t *show, const map_slot_t *slot, json_t *array)
{
    json_t *element;

    for (size_t i = 0; !slot->several && i < array->u.array.n; i++) {
        const json_t *named = json_find(array->u.array.items[i], STR("type"));

        if (named ? str_ieq(named->u.string, slot->type) : str_is_empty(slot->type))
            return array->u.array.items[i];
    }
    element = json_object(show->mem);
    json_append(show->mem, array, element);
    return element;
}

static void
add_reference(show_t *show, const map_slot_t *slot, json_t *element, const map_link_t *link)
{
    if (!link->type)
        return;
    json_set(
        show->mem, element, STR("$ref"),
        json_string(show->mem, map_location(show->mem, link->type, show->base_url, link->id)));
    if (scim_attr_find_sub(slot->attr, STR("type")))
        json_set(show->mem, element, STR("type"),
                 json_string(show->mem, link->type->scim->name));
}

static void
fill_element(show_t *show, const map_slot_t *slot, json_t *element, json_t *value, bool primary)
{
    json_set(show->mem, element, map_slot_leaf(slot)->name, value);
    if (slot->type.n && !json_find(element, STR("type")))
        json_set(show->mem, element, STR("type"), json_string(show->mem, slot->type));
    if (primary)
        json_set(show->mem, element, STR("primary"), json_boolean(show->mem, true));
}

/* `link` is what a reference means, else NULL; `from` the LDAP value. */
static void
put_value(show_t *show, const map_slot_t *slot, json_t *value, const map_link_t *link,
          str_t from, bool primary)
{
    json_t *part = part_of(show, slot), *place = NULL;
    bool complex = slot->attr->kind == SCIM_COMPLEX && slot->as != MAP_AS_JSON;

    if (show->trace)
        show->trace->value(show->trace, value, slot, from);

    if (!slot->attr->multi && !complex) {
        json_set(show->mem, part, slot->attr->name, value);
        return;
    }
    place =
        get_member(show, part, slot->attr->name, slot->attr->multi ? JSON_ARRAY : JSON_OBJECT);
    if (!complex) {
        json_append(show->mem, place, value);
        return;
    }
    if (slot->attr->multi)
        place = get_element(show, slot, place);
    fill_element(show, slot, place, value, primary);
    if (link)
        add_reference(show, slot, place, link);
}

/* ---- slots ---- */

static void
show_reference(show_t *show, const map_slot_t *slot, const ldap_attr_t *attr)
{
    map_link_t link;

    for (size_t i = 0; i < attr->n; i++) {
        if (!map_reference_find(show->mem, slot, attr->values[i], show->links, &link))
            continue;
        put_value(show, slot, json_string(show->mem, link.id), &link, attr->values[i], false);
        if (!slot->several)
            return;
    }
}

static void
show_slot(show_t *show, const map_slot_t *slot)
{
    const ldap_attr_t *attr = ldap_entry_find(show->entry, slot->ldap);
    bool primary = slot->primary;
    json_t *value;
    size_t at;

    if (!attr || attr->n == 0)
        return;
    if (slot->as == MAP_AS_REFERENCE) {
        show_reference(show, slot, attr);
        return;
    }
    if (!slot->several) {
        value =
            map_shown_value(show->mem, show->type, slot, show->entry, attr, show->links, &at);
        if (value)
            put_value(show, slot, value, NULL, attr->values[at], primary);
        return;
    }
    for (size_t i = 0; i < attr->n; i++) {
        value = map_value_to_scim(show->mem, slot, attr->values[i], show->links);
        if (!value)
            continue;
        put_value(show, slot, value, NULL, attr->values[i], primary);
        primary = false;
    }
}

static bool
wants_active(const map_type_t *type, const scim_projection_t *projection)
{
    const scim_attr_t *active = scim_schema_find(type->scim->core, STR("active"));

    return map_has_active(type) &&
           (!projection || scim_projection_wants(projection, type->scim->core, active, NULL));
}

json_t *
map_trace_resource(arena_t *mem, const map_t *map, const map_type_t *type,
                   const ldap_entry_t *entry, const map_links_t *links,
                   const scim_projection_t *projection, str_t base_url, int64_t now_s,
                   map_trace_t *trace)
{
    show_t show = {.mem = mem,
                   .type = type,
                   .entry = entry,
                   .links = links,
                   .base_url = base_url,
                   .trace = trace};

    show.resource = json_object(mem);
    for (size_t i = 0; i < type->n_slots; i++)
        if (is_wanted(projection, &type->slots[i]))
            show_slot(&show, &type->slots[i]);
    if (type->groups && is_wanted(projection, type->groups))
        show_slot(&show, type->groups);
    if (wants_active(type, projection))
        json_set(mem, show.resource, STR("active"),
                 json_boolean(mem, !map_state_holds(mem, map, &type->inactive, entry, now_s)));
    return show.resource;
}

json_t *
map_to_resource(arena_t *mem, const map_t *map, const map_type_t *type,
                const ldap_entry_t *entry, const map_links_t *links,
                const scim_projection_t *projection, str_t base_url, int64_t now_s)
{
    return map_trace_resource(mem, map, type, entry, links, projection, base_url, now_s, NULL);
}
