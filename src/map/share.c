/* SPDX-License-Identifier: Apache-2.0 */
#include "map/share.h"

#include "map/change_attr.h"
#include "map/value.h"

/* ---- one value ---- */

static bool
begins(const map_slot_t *slot, str_t value)
{
    return slot->share.exact ? str_starts_with(value, slot->share.head)
                             : str_istarts_with(value, slot->share.head);
}

static bool
ends(const map_slot_t *slot, str_t value)
{
    str_t end = str_skip(value, value.n - slot->share.tail.n);

    return slot->share.exact ? str_eq(end, slot->share.tail) : str_ieq(end, slot->share.tail);
}

bool
map_share_owns(const map_slot_t *slot, str_t value)
{
    return !map_is_shared(slot) || (value.n > slot->share.head.n + slot->share.tail.n &&
                                    begins(slot, value) && ends(slot, value));
}

const map_slot_t *
map_share_owner(const map_type_t *type, str_t ldap, str_t value)
{
    for (size_t i = 0; i < type->n_slots; i++)
        if (map_is_shared(&type->slots[i]) && str_ieq(type->slots[i].ldap, ldap) &&
            map_share_owns(&type->slots[i], value))
            return &type->slots[i];
    return NULL;
}

bool
map_share_holds(const map_slot_t *slot, const ldap_entry_t *entry)
{
    const ldap_attr_t *attr = ldap_entry_find(entry, slot->ldap);

    for (size_t i = 0; attr && i < attr->n; i++)
        if (map_share_owns(slot, attr->values[i]))
            return true;
    return false;
}

str_t
map_share_strip(const map_slot_t *slot, str_t value)
{
    return slot->share.kind == MAP_SHARE_PREFIX ? str_skip(value, slot->share.head.n) : value;
}

static str_t
join(arena_t *mem, str_t head, str_t text)
{
    return str_printf(mem, "%.*s%.*s", STR_ARG(head), STR_ARG(text));
}

str_t
map_share_wrap(arena_t *mem, const map_slot_t *slot, str_t text)
{
    return slot->share.kind == MAP_SHARE_PREFIX ? join(mem, slot->share.head, text) : text;
}

bool
map_share_is_blurred(const map_slot_t *slot)
{
    str_t head = slot->share.head;

    for (size_t i = 0; slot->share.kind == MAP_SHARE_PREFIX && i < head.n; i++)
        if ((head.p[i] & 0x80) || char_is_alpha(head.p[i]))
            return slot->ldap_type->equality != LDAP_RULE_CASE_EXACT;
    return false;
}

const ldap_filter_t *
map_share_present(arena_t *mem, const map_slot_t *slot)
{
    if (!map_is_shared(slot))
        return ldap_filter_present(mem, slot->ldap);
    if (map_share_is_blurred(slot) || slot->ldap_type->substrings == LDAP_RULE_NONE)
        return NULL;
    return ldap_filter_substrings(mem, slot->ldap, slot->share.head, STR(""), slot->share.tail);
}

/* ---- all values of the attribute ---- */

typedef struct {
    arena_t *mem;
    const map_type_t *type;
    const map_slot_t *first;
    const ldap_attr_t *there; /* or NULL */
    const bool *changed;
    const map_values_t *before, *after;
    ldap_attr_t wanted;
    const map_slot_t **owners; /* of what is wanted */
    map_index_t places;        /* normal forms of what is wanted -> its place */
    map_attr_change_t values;
    err_t *err;
} share_t;

static bool
is_partner(const share_t *share, const map_slot_t *slot)
{
    return map_is_shared(slot) && str_ieq(slot->ldap, share->first->ldap);
}

static str_t
normal_of(const share_t *share, str_t value)
{
    return ldap_rule_normal(share->mem, share->first->ldap_type->equality, value);
}

/* The place among what is wanted of what the directory takes for equal; false: there is none. */
static bool
find_wanted(const share_t *share, str_t value, size_t *ret_place)
{
    const size_t *place = map_index_find(&share->places, normal_of(share, value));

    if (place)
        *ret_place = *place;
    return place != NULL;
}

static void
want(share_t *share, const map_slot_t *owner, str_t value)
{
    size_t n = share->wanted.n;
    bool is_new;

    *map_index_get(share->mem, &share->places, normal_of(share, value), &is_new) = n;
    share->owners = arena_grow(share->mem, share->owners, n, n + 1, sizeof(*share->owners));
    share->owners[n] = owner;
    ldap_attr_add(share->mem, &share->wanted, value);
}

static bool
refuse_twin(const share_t *share, const map_slot_t *slot, str_t value)
{
    return err_set(
        share->err, ERR_INVALID_VALUE,
        "%.*s and another path cannot both be \"%.*s\": the directory takes that for "
        "one value",
        STR_ARG(slot->path), STR_ARG(map_share_strip(slot, value)));
}

static bool
want_values(share_t *share, const map_slot_t *slot, const map_values_t *list)
{
    for (size_t i = 0; i < list->n; i++) {
        size_t place;
        str_t value;

        if (!map_value_to_ldap(share->mem, slot, list->values[i], NULL, &value, share->err))
            return false;
        if (!find_wanted(share, value, &place))
            want(share, slot, value);
        else if (share->owners[place] != slot)
            return refuse_twin(share, slot, value);
    }
    return true;
}

/* The value that another one takes the place of is kept under another prefix. */
static bool
demote(share_t *share, const map_slot_t *slot, const map_values_t *old, const map_values_t *new)
{
    size_t place;
    str_t value;

    if (slot->share.demote.n == 0 || old->n == 0 || new->n == 0)
        return true;
    if (!map_value_to_ldap(share->mem, slot, old->values[0], NULL, &value, share->err))
        return false;
    value = join(share->mem, slot->share.demote, map_share_strip(slot, value));
    if (!find_wanted(share, value, &place))
        want(share, NULL, value);
    return true;
}

static bool
want_all(share_t *share)
{
    const map_type_t *type = share->type;

    for (size_t i = 0; i < type->n_slots; i++)
        if (is_partner(share, &type->slots[i]) && share->changed[i] &&
            !want_values(share, &type->slots[i], &share->after[i]))
            return false;
    for (size_t i = 0; i < type->n_slots; i++)
        if (is_partner(share, &type->slots[i]) && share->changed[i] &&
            !demote(share, &type->slots[i], &share->before[i], &share->after[i]))
            return false;
    return true;
}

/* Whether a value that is there and not wanted stays: it is nobody's, or of a slot that does not
 * change, or of several that cannot be shown. */
static bool
is_untouched(const share_t *share, const map_slot_t *owner, str_t value)
{
    if (!owner || !share->changed[map_slot_number(share->type, owner)])
        return true;
    return owner->several && !map_value_to_scim(share->mem, owner, value, NULL);
}

static bool
sort_value(share_t *share, str_t value)
{
    const map_slot_t *owner = map_share_owner(share->type, share->first->ldap, value);
    size_t place;

    if (ldap_attr_has(&share->wanted, value)) {
        map_attr_keep(share->mem, &share->values, value);
        return true;
    }
    if (!is_untouched(share, owner, value)) {
        map_attr_remove(share->mem, &share->values, value);
        return true;
    }
    if (!find_wanted(share, value, &place)) {
        map_attr_keep(share->mem, &share->values, value);
        return true;
    }
    if (!owner)
        return err_set(
            share->err, ERR_INVALID_VALUE,
            "the directory takes \"%.*s\" for a value that is there already and that "
            "the map does not show: \"%.*s\"",
            STR_ARG(share->wanted.values[place]), STR_ARG(value));
    if (!owner->several)
        return refuse_twin(share, owner, value);
    map_attr_remove(share->mem, &share->values, value); /* one of many: it moves */
    return true;
}

bool
map_share_write(arena_t *mem, const map_type_t *type, const map_slot_t *first,
                const ldap_entry_t *entry, const bool *changed, const map_values_t *before,
                const map_values_t *after, ldap_mods_t *mods, err_t *err)
{
    share_t share = {.mem = mem,
                     .type = type,
                     .first = first,
                     .there = ldap_entry_find(entry, first->ldap),
                     .changed = changed,
                     .before = before,
                     .after = after,
                     .values = map_attr_change_begin(first->ldap, first->ldap_type, true),
                     .err = err};

    if (!want_all(&share))
        return false;
    for (size_t i = 0; share.there && i < share.there->n; i++)
        if (!sort_value(&share, share.there->values[i]))
            return false;
    for (size_t i = 0; i < share.wanted.n; i++)
        map_attr_add(mem, &share.values, share.wanted.values[i]);
    map_attr_write(mem, mods, &share.values);
    return true;
}
