/* SPDX-License-Identifier: Apache-2.0 */
/* Several LDAP attributes for one path: the first is read and searched, all are written. */
#include "map/load/loading.h"

#include "map/share.h"

static const char *const copy_keys[] = {"ldap",      "as", "values", "else",
                                        "reference", "by", NULL};

/* ---- before anything else is read ---- */

bool
load_split(load_type_t *draft, load_slot_t *slot)
{
    const json_t *array = slot->member->value;
    json_member_t *first;

    if (!json_is(array, JSON_ARRAY))
        return true;
    if (array->u.array.n == 0)
        return load_error(draft->load, array->at,
                          "name the LDAP attributes; the first is read, all are written");
    first = arena_new_of(draft->load->mem, json_member_t);
    *first = (json_member_t){slot->member->name, array->u.array.items[0], slot->member->at};
    slot->member = first;
    slot->more = array;
    return true;
}

/* ---- the further ones ---- */

static bool
check_first(load_type_t *draft, const load_slot_t *slot)
{
    const map_slot_t *s = &slot->slot;
    uint32_t at = slot->more->u.array.items[1]->at;

    if (s->as == MAP_AS_PASSWORD)
        return load_error(draft->load, at, "a password has one LDAP attribute; remove this");
    if (map_is_shared(s))
        return load_error(draft->load, at,
                          "a part of an attribute's values cannot be written to another one; "
                          "remove this, or \"prefix\" and \"pattern\"");
    if (!map_slot_writes(s))
        return load_error(draft->load, at,
                          "\"%.*s\" is never written, so only the first LDAP attribute serves; "
                          "remove this",
                          STR_ARG(slot->member->name));
    return true;
}

static bool
is_taken(const load_type_t *draft, size_t up_to, str_t ldap, str_t *ret_by)
{
    const ldap_schema_t *schema = draft->load->schema;

    for (size_t i = 0; i <= up_to; i++) {
        const load_slot_t *slot = &draft->drafts[i];

        *ret_by = slot->member->name;
        if (slot->slot.ldap.n > 0 && load_same_attr(schema, slot->slot.ldap, ldap))
            return true;
        for (size_t k = 0; k < slot->n_copies; k++)
            if (load_same_attr(schema, slot->copies[k].ldap, ldap))
                return true;
    }
    return false;
}

static bool
read_copy(load_type_t *draft, size_t at, const json_t *json)
{
    load_t *load = draft->load;
    load_slot_t *slot = &draft->drafts[at];
    json_member_t member = {slot->member->name, (json_t *)(uintptr_t)json, json->at};
    load_slot_t copy = {.member = &member, .slot = slot->slot};
    str_t by;

    if (json_is(json, JSON_OBJECT) &&
        !load_keys(load, json, "a further LDAP attribute", copy_keys))
        return false;
    copy.slot.ldap = STR("");
    copy.slot.ldap_type = NULL;
    copy.slot.table = NULL;
    copy.slot.n_table = 0;
    copy.slot.n_none = 0;
    copy.slot.otherwise = MAP_ELSE_REFUSE;
    copy.slot.by = STR("");
    if (!load_slot(draft, &copy) || !load_check_copy(draft, slot, &copy))
        return false;
    if (is_taken(draft, at, copy.slot.ldap, &by))
        return load_error(load, json->at, "the LDAP attribute %.*s holds \"%.*s\" already",
                          STR_ARG(copy.slot.ldap), STR_ARG(by));
    copy.slot.write = slot->slot.write;
    if (copy.slot.as ==
        MAP_AS_REFERENCE) /* what the first attribute refuses does not come here */
        copy.slot.missing = MAP_MISSING_DROP;
    slot->copies[slot->n_copies++] = copy.slot;
    return true;
}

bool
load_copies(load_type_t *draft, size_t at)
{
    load_slot_t *slot = &draft->drafts[at];
    size_t n = slot->more ? slot->more->u.array.n : 1;
    bool good = true;

    if (n < 2)
        return true;
    if (!check_first(draft, slot))
        return false;
    slot->copies = arena_array_of(draft->load->mem, n - 1, map_slot_t);
    for (size_t i = 1; i < n; i++)
        good = read_copy(draft, at, slot->more->u.array.items[i]) && good;
    slot->slot.copies = slot->copies;
    slot->slot.n_copies = slot->n_copies;
    return good;
}
