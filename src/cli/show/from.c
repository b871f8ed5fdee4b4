/* SPDX-License-Identifier: Apache-2.0 */
/* Which LDAP value each value of a resource comes from, and what of the entry is not in it. */
#include "cli/show/show.h"

#include "map/share.h"
#include "map/slot.h"
#include "map/version.h"

/* ---- origins ---- */

void
show_take_origin(map_trace_t *trace, const json_t *value, const map_slot_t *slot, str_t ldap)
{
    show_t *show = (show_t *)trace;

    if (show->n_origins == show->n_room) {
        show->n_room = show->n_room ? show->n_room * 2 : 64;
        show->origins = arena_grow(show->mem, show->origins, show->n_origins, show->n_room,
                                   sizeof(show_origin_t));
    }
    show->origins[show->n_origins++] = (show_origin_t){value, slot, ldap};
}

/* Where a value stands, as a key. */
static str_t
key_of(show_t *show, const json_t *value)
{
    return str_dup(show->mem, str_from((const char *)&value, sizeof(value)));
}

const show_origin_t *
show_find_origin(const show_t *show, const json_t *value)
{
    const size_t *number =
        map_index_find(&show->by_value, str_from((const char *)&value, sizeof(value)));

    return number ? &show->origins[*number - 1] : NULL;
}

/* `made` is the map's own value, `shown` what became of it. */
static void
relate_value(show_t *show, const map_index_t *by_made, json_t *shown, const json_t *made)
{
    const size_t *number = map_index_find(by_made, str_from((const char *)&made, sizeof(made)));
    bool is_new;

    if (!number)
        return;
    *map_index_get(show->mem, &show->by_value, key_of(show, shown), &is_new) = *number;
    if (ldap_attr_is_secret(show->origins[*number - 1].slot->ldap))
        *shown = *json_string(show->mem, STR("(secret)"));
}

static void
relate(show_t *show, const map_index_t *by_made, json_t *shown, const json_t *made)
{
    if (!made || made->kind != shown->kind)
        return;
    if (shown->kind == JSON_OBJECT) {
        for (size_t i = 0; i < shown->u.object.n; i++)
            relate(show, by_made, shown->u.object.members[i].value,
                   json_find(made, shown->u.object.members[i].name));
    } else if (shown->kind == JSON_ARRAY && shown->u.array.n == made->u.array.n) {
        for (size_t i = 0; i < shown->u.array.n; i++)
            relate(show, by_made, shown->u.array.items[i], made->u.array.items[i]);
    } else if (shown->kind != JSON_ARRAY) {
        relate_value(show, by_made, shown, made);
    }
}

/* The attribute that the version shown is from. */
static str_t
shown_version(const show_t *show)
{
    ldap_names_t names = map_version_names(show_map(show)->dialect);

    for (size_t i = 0; i < names.n; i++)
        if (show_find_attr(show, names.names[i]))
            return names.names[i];
    return STR("");
}

str_t
show_envelope_attr(const show_t *show, str_t name, bool in_meta)
{
    const map_dialect_t *dialect = show_map(show)->dialect;

    if (!in_meta)
        return str_eq(name, STR("id")) ? dialect->anchor : STR("");
    if (str_eq(name, STR("created")))
        return dialect->created;
    if (str_eq(name, STR("lastModified")))
        return dialect->modified;
    return str_eq(name, STR("version")) ? shown_version(show) : STR("");
}

/* ---- attributes that are not mapped ---- */

const ldap_attr_t *
show_find_attr(const show_t *show, str_t name)
{
    const ldap_attr_t *attr = ldap_entry_find(show->user, name);

    return attr || !show->operational ? attr : ldap_entry_find(show->operational, name);
}

/* The first of those that show the attribute; NULL: none. */
static const map_slot_t *
slot_of(const map_type_t *type, str_t name)
{
    for (size_t i = 0; i < type->n_slots; i++)
        if (map_slot_has_ldap(&type->slots[i], name))
            return &type->slots[i];
    return NULL;
}

typedef struct {
    str_t name;
    bool found;
} sought_t;

static void
compare_name(void *arg, str_t attr)
{
    sought_t *sought = arg;

    sought->found |= str_ieq(attr, sought->name);
}

static bool
is_in_state(const map_state_t *state, str_t name)
{
    sought_t sought = {name, str_ieq(state->stamp, name)};

    if (state->present)
        ldap_filter_each_attr(state->when, compare_name, &sought);
    return sought.found;
}

static bool
is_mapped(const show_t *show, str_t name)
{
    const map_type_t *type = show->type;
    const map_dialect_t *dialect = show_map(show)->dialect;
    const str_t known[] = {STR("objectClass"), dialect->anchor, dialect->versions[0],
                           dialect->created, dialect->modified};

    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (str_ieq(known[i], name))
            return true;
    return slot_of(type, name) || map_rule_of_ldap(type, name) ||
           is_in_state(&type->inactive, name) || is_in_state(&type->deleted, name);
}

static show_names_t
unmapped_of(show_t *show, const ldap_entry_t *entry)
{
    show_names_t names = {arena_array_of(show->mem, entry ? entry->n : 1, str_t), 0};

    for (size_t i = 0; entry && i < entry->n; i++)
        if (!is_mapped(show, entry->attrs[i].name))
            names.names[names.n++] = entry->attrs[i].name;
    return names;
}

/* ---- values that are not shown ---- */

static const char *
reason_of(const show_t *show, const map_slot_t *slot, str_t value)
{
    if (slot == show->type->members && str_ieq(value, show->type->placeholder))
        return "stands for no member";
    if (map_is_shared(slot) && !map_share_owner(show->type, slot->ldap, value))
        return "is of no part that the map names";
    if (slot->as == MAP_AS_REFERENCE)
        return "is no resource that a client sees";
    if (slot->attr->returned == SCIM_RETURNED_REQUEST)
        return "is returned on request only";
    if (slot->attr->returned == SCIM_RETURNED_NEVER)
        return "is never returned";
    if (!slot->several)
        return "is not the one value that is shown";
    return "cannot be shown";
}

static void
find_unseen_of(show_t *show, const map_slot_t *slot, const ldap_attr_t *attr)
{
    map_index_t seen = {0};
    bool is_new;

    for (size_t i = 0; i < show->n_origins; i++)
        if (str_ieq(show->origins[i].slot->ldap, attr->name))
            map_index_get(show->mem, &seen, show->origins[i].ldap, &is_new);
    show->unseen = arena_grow(show->mem, show->unseen, show->n_unseen, show->n_unseen + attr->n,
                              sizeof(show_unseen_t));
    for (size_t i = 0; i < attr->n; i++)
        if (!map_index_find(&seen, attr->values[i]))
            show->unseen[show->n_unseen++] = (show_unseen_t){
                attr->name, attr->values[i], reason_of(show, slot, attr->values[i])};
}

/* Each attribute once, however many slots share it. */
static void
find_unseen(show_t *show)
{
    const map_type_t *type = show->type;

    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];
        const ldap_attr_t *attr = show_find_attr(show, slot->ldap);

        if (attr && slot->as != MAP_AS_PASSWORD && !ldap_attr_is_secret(slot->ldap) &&
            slot_of(type, slot->ldap) == slot)
            find_unseen_of(show, slot, attr);
    }
}

void
show_relate(show_t *show)
{
    map_index_t by_made = {0};
    bool is_new;

    for (size_t i = 0; i < show->n_origins; i++)
        *map_index_get(show->mem, &by_made, key_of(show, show->origins[i].value), &is_new) =
            i + 1;
    relate(show, &by_made, show->resource, show->trace.resource);
    show->unmapped = unmapped_of(show, show->user);
    show->other = unmapped_of(show, show->operational);
    find_unseen(show);
}
