/* SPDX-License-Identifier: Apache-2.0 */
#include "map/reference.h"

#include "ldap/schema.h"

bool
map_reference_has_scope(const map_slot_t *slot, const map_scope_t *scope)
{
    for (size_t i = 0; i < slot->n_references; i++)
        if (slot->references[i] == scope)
            return true;
    return false;
}

/* In one place no two entries have the same name. */
bool
map_reference_is_unique(const map_slot_t *slot)
{
    return slot->by.n == 0 || (slot->n_references == 1 && slot->references[0]->n_bases == 1 &&
                               slot->references[0]->depth == LDAP_DEPTH_ONE);
}

/* ---- values ---- */

/* A name of two parts could be shared with an entry whose name has but the one. */
bool
map_reference_value(arena_t *mem, const map_slot_t *slot, str_t dn, str_t *ret_value)
{
    err_t ignored = ERR_INIT;
    ldap_dn_t tree;

    *ret_value = dn;
    return slot->by.n == 0 ||
           (ldap_dn_parse(mem, dn, &tree, &ignored) && tree.n > 0 && tree.rdns[0].n == 1 &&
            ldap_dn_rdn_value(&tree, slot->by, ret_value));
}

str_t
map_reference_normal(arena_t *mem, const map_slot_t *slot, str_t value)
{
    return slot->by.n == 0 ? ldap_dn_normal(mem, value)
                           : ldap_rule_normal(mem, slot->ldap_type->equality, value);
}

bool
map_reference_is_same(arena_t *mem, const map_slot_t *slot, str_t dn, str_t other)
{
    str_t a, b;
    bool has_a = map_reference_value(mem, slot, dn, &a);
    bool has_b = map_reference_value(mem, slot, other, &b);

    return has_a == has_b && (!has_a || str_eq(map_reference_normal(mem, slot, a),
                                               map_reference_normal(mem, slot, b)));
}

static size_t
count_named(arena_t *mem, const map_slot_t *slot, str_t value, const map_links_t *links,
            map_link_t *ret_link)
{
    return links && links->by_name
               ? links->by_name(links, slot, map_reference_normal(mem, slot, value), ret_link)
               : 0;
}

bool
map_reference_check(arena_t *mem, const map_slot_t *slot, str_t dn, const map_links_t *links,
                    str_t *ret_value, err_t *err)
{
    map_link_t ignored;

    if (!map_reference_value(mem, slot, dn, ret_value))
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s: LDAP attribute %.*s holds others by %.*s, which does not name "
                       "\"%.*s\"",
                       STR_ARG(slot->path), STR_ARG(slot->ldap), STR_ARG(slot->by),
                       STR_ARG(dn));
    if (slot->by.n > 0 && count_named(mem, slot, *ret_value, links, &ignored) > 1)
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s: several entries are named %.*s=%.*s, so that LDAP attribute %.*s "
                       "cannot tell \"%.*s\" from the others; one of them must be renamed",
                       STR_ARG(slot->path), STR_ARG(slot->by), STR_ARG(*ret_value),
                       STR_ARG(slot->ldap), STR_ARG(dn));
    return true;
}

/* ---- resources ---- */

static bool
is_referenced(const map_slot_t *slot, const map_type_t *type)
{
    return !type || slot->n_references == 0 || map_reference_has_scope(slot, type->scope);
}

bool
map_reference_find_id(const map_slot_t *slot, str_t id, const map_links_t *links,
                      map_link_t *ret_link)
{
    map_link_t link = {.type = NULL};

    if (!links || !links->by_id(links, id, &link) || !is_referenced(slot, link.type))
        return false;
    *ret_link = link;
    return true;
}

bool
map_reference_find(arena_t *mem, const map_slot_t *slot, str_t value, const map_links_t *links,
                   map_link_t *ret_link)
{
    map_link_t link = {.type = NULL};
    bool found = slot->by.n > 0
                     ? count_named(mem, slot, value, links, &link) == 1
                     : links && links->by_dn(links, ldap_dn_normal(mem, value), &link);

    if (!found || !is_referenced(slot, link.type))
        return false;
    *ret_link = link;
    return true;
}

/* ---- of an entry ---- */

static void
make_room(arena_t *mem, map_references_t *all, size_t n)
{
    if (all->n_dns + n > all->dns_size) {
        all->dns_size = (all->n_dns + n) * 2;
        all->dns = arena_grow(mem, all->dns, all->n_dns, all->dns_size, sizeof(*all->dns));
    }
    if (all->n_names + n > all->names_size) {
        all->names_size = (all->n_names + n) * 2;
        all->names =
            arena_grow(mem, all->names, all->n_names, all->names_size, sizeof(*all->names));
    }
}

static void
add_values(const map_type_t *type, const map_slot_t *slot, const ldap_attr_t *attr,
           map_references_t *all)
{
    for (size_t i = 0; i < attr->n; i++) {
        if (slot->by.n > 0)
            all->names[all->n_names++] = (map_name_t){slot, attr->values[i]};
        else if (str_is_empty(type->placeholder) ||
                 !str_ieq(attr->values[i], type->placeholder))
            all->dns[all->n_dns++] = attr->values[i];
    }
}

static void
add_slot(arena_t *mem, const map_type_t *type, const map_slot_t *slot,
         const ldap_entry_t *entry, map_references_t *all)
{
    const ldap_attr_t *attr = ldap_entry_find(entry, slot->ldap);

    if (!attr)
        return;
    make_room(mem, all, attr->n);
    add_values(type, slot, attr, all);
}

void
map_collect_references(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                       const scim_projection_t *projection, map_references_t *references)
{
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (slot->as != MAP_AS_REFERENCE ||
            (projection && !scim_projection_wants(projection, slot->schema, slot->attr, NULL)))
            continue;
        add_slot(mem, type, slot, entry, references);
        for (size_t k = 0; !projection && k < slot->n_copies; k++)
            add_slot(mem, type, &slot->copies[k], entry, references);
    }
}
