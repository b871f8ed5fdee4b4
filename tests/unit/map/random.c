/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/map/random.h"

#include "map/slot.h"
#include "unit/map/sample.h"

uint32_t
random_below(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % n;
}

/* What the slot's conversion, table or part of an attribute allows; NULL: any text does. */
static json_t *
random_special(arena_t *mem, const map_type_t *type, const map_slot_t *slot, unsigned number)
{
    static const char *const times[] = {"2026-01-01T00:00:00Z", "1950-05-05T00:00:00Z"};
    size_t which = map_slot_number(type, slot);
    bool prefix = slot->share.kind == MAP_SHARE_PREFIX;

    if (slot->n_table > 0)
        return json_copy(mem, slot->table[number % slot->n_table].value);
    if (slot->share.kind != MAP_SHARE_ALL)
        return json_string(
            mem, str_printf(mem, "%.*s%zu é %u%.*s", prefix ? 0 : (int)slot->share.head.n,
                            slot->share.head.p, which, number, STR_ARG(slot->share.tail)));
    if (slot->as == MAP_AS_FILETIME || slot->as == MAP_AS_EPOCH_DAYS || slot->as == MAP_AS_TIME)
        return json_string(mem, str_from_c(times[number % 2]));
    if (slot->as == MAP_AS_DN)
        return json_string(mem, str_printf(mem, "cn=\\,%u,o=é", number));
    if (slot->as == MAP_AS_BOOLEAN)
        return json_boolean(mem, number % 2 == 0);
    if (slot->as == MAP_AS_INTEGER)
        return json_integer(mem, (int64_t)number * 7 - 5);
    if (map_slot_kind(slot) == SCIM_DECIMAL)
        return sample_json(mem, number ? "-1.50" : "0.5");
    return NULL;
}

static json_t *
random_sub(arena_t *mem, const scim_attr_t *sub, unsigned number, uint32_t *seed)
{
    static const char *const texts[] = {"a",    "A",     "é  \\", "  ", "\xf0\x9f\x98\x80",
                                        "{\"}", "\x7f\t"};
    json_t *value = NULL;

    switch (sub->kind) {
    case SCIM_STRING:
    case SCIM_REFERENCE:
        value = json_string(mem, str_printf(mem, "%s%u", texts[random_below(seed, 7)], number));
        break;
    case SCIM_BOOLEAN:
        value = json_boolean(mem, random_below(seed, 2) == 0);
        break;
    case SCIM_INTEGER:
    case SCIM_DECIMAL:
        value = json_integer(mem, (int64_t)random_below(seed, 100) - 50);
        break;
    case SCIM_DATETIME:
        value = json_string(mem, STR("2026-01-01T00:00:00.50+01:00"));
        break;
    case SCIM_BINARY:
        value = json_string(mem, STR("AAEC"));
        break;
    case SCIM_COMPLEX:
        break;
    }
    if (value && sub->multi) {
        json_t *array = json_array(mem);

        json_append(mem, array, value);
        return array;
    }
    return value;
}

/* Some of the parts, in any order; the number tells it from others. */
static json_t *
random_whole(arena_t *mem, const scim_attr_t *attr, unsigned number, uint32_t *seed)
{
    json_t *object = json_object(mem);
    size_t from = random_below(seed, (uint32_t)attr->n_subs);
    bool told = false;

    for (size_t i = 0; i < attr->n_subs; i++) {
        const scim_attr_t *sub = &attr->subs[(from + i) % attr->n_subs];
        bool tells = sub->kind == SCIM_STRING && !sub->multi && !told;

        if (str_eq(sub->name, STR("primary")) || (!tells && random_below(seed, 2)))
            continue;
        told = told || tells;
        json_set(mem, object, sub->name, random_sub(mem, sub, number, seed));
    }
    return object;
}

/* Text that the directory takes as it is and that no two values of a list share. */
static json_t *
random_value(arena_t *mem, const map_type_t *type, const map_slot_t *slot, unsigned number,
             uint32_t *seed)
{
    static const char *const parts[] = {"a", "B ", "é", "$", "\\", "<", "€", "\"", "*("};
    bool ascii = slot->ldap_type->syntax != LDAP_SYNTAX_DIRECTORY_STRING &&
                 slot->ldap_type->syntax != LDAP_SYNTAX_POSTAL_ADDRESS;
    buf_t buf;

    if (slot->as == MAP_AS_JSON)
        return random_whole(mem, slot->attr, number, seed);
    if (random_special(mem, type, slot, number))
        return random_special(mem, type, slot, number);
    if (slot->as == MAP_AS_BASE64)
        return json_string(mem, number ? STR("YWJj") : STR("AAEC"));
    if (slot->as == MAP_AS_REFERENCE)
        return json_string(mem, number ? STR(BEN_ID) : STR(ANNA_ID));
    buf_init(&buf, mem, 1000);
    buf_printf(&buf, "%u", number);
    for (uint32_t n = 1 + random_below(seed, 4); !ascii && n > 0; n--)
        buf_add_c(&buf, parts[random_below(seed, ARRAY_SIZE(parts))]);
    if (slot->as == MAP_AS_POSTAL)
        buf_add_c(&buf, "\nline");
    buf_add_char(&buf, 'z');
    return json_string(mem, buf_str(&buf));
}

static json_t *
get_object(arena_t *mem, json_t *parent, str_t name, bool array)
{
    json_t *value = json_find(parent, name);

    if (!value) {
        value = array ? json_array(mem) : json_object(mem);
        json_set(mem, parent, name, value);
    }
    return value;
}

static json_t *
find_element(json_t *array, str_t type)
{
    for (size_t i = 0; i < array->u.array.n; i++) {
        json_t *name = json_find(array->u.array.items[i], STR("type"));

        if (name && str_eq(name->u.string, type))
            return array->u.array.items[i];
    }
    return NULL;
}

static void
add_random_value(arena_t *mem, const map_type_t *type, const map_slot_t *slot, json_t *resource,
                 unsigned number, uint32_t *seed)
{
    json_t *value = random_value(mem, type, slot, number, seed), *place = resource;

    if (slot->schema != type->scim->core)
        place = get_object(mem, resource, slot->schema->id, false);
    if (slot->attr->kind != SCIM_COMPLEX || slot->as == MAP_AS_JSON) {
        if (slot->attr->multi)
            json_append(mem, get_object(mem, place, slot->attr->name, true), value);
        else
            json_set(mem, place, slot->attr->name, value);
        return;
    }
    place = get_object(mem, place, slot->attr->name, slot->attr->multi);
    if (slot->attr->multi) {
        json_t *element = slot->several ? NULL : find_element(place, slot->type);

        if (!element) {
            element = json_object(mem);
            json_append(mem, place, element);
            if (slot->type.n)
                json_set(mem, element, STR("type"), json_string(mem, slot->type));
        }
        if (slot->primary)
            json_set(mem, element, STR("primary"), json_boolean(mem, true));
        place = element;
    }
    json_set(mem, place, slot->sub->name, value);
}

json_t *
random_resource(arena_t *mem, const map_type_t *type, uint32_t *seed)
{
    json_t *resource = json_object(mem);

    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];
        uint32_t n = slot->several ? random_below(seed, 3) : random_below(seed, 2);

        /* what MUST be there is made by rules, and shown */
        if (slot->required || str_eq(slot->ldap, STR("sn")))
            n = 1;
        if (slot->as == MAP_AS_PASSWORD)
            continue;
        for (uint32_t k = 0; k < n; k++)
            add_random_value(mem, type, slot, resource,
                             slot->several ? k : random_below(seed, 2), seed);
    }
    if (type->inactive.present)
        json_set(mem, resource, STR("active"), json_boolean(mem, random_below(seed, 2) == 0));
    return resource;
}

void
random_drop_derived(json_t *resource)
{
    json_t *part = json_find(resource, STR(SCIM_URN_ENTERPRISE));
    json_t *members = json_find(resource, STR("members"));

    if (json_find(part, STR("manager")))
        json_remove(json_find(part, STR("manager")), STR("$ref"));
    for (size_t i = 0; members && i < members->u.array.n; i++) {
        json_remove(members->u.array.items[i], STR("$ref"));
        json_remove(members->u.array.items[i], STR("type"));
    }
}
