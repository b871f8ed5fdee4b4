/* SPDX-License-Identifier: Apache-2.0 */
/* "groups": {"search": […]}: a user's groups, where no attribute of the user's entry has them. */
#include "map/load/loading.h"

static const char *const search_keys[] = {"search", NULL};

bool
load_is_search(const load_slot_t *slot)
{
    return json_is(slot->member->value, JSON_OBJECT) &&
           json_find_exact(slot->member->value, STR("search"));
}

bool
load_search(load_type_t *draft, load_slot_t *slot)
{
    map_slot_t *s = &slot->slot;
    const scim_attr_t *attr = s->attr;

    slot->settings = slot->member->value;
    slot->returned = SCIM_RETURNED_REQUEST;
    s->ldap_type = ldap_schema_get(draft->load->schema, STR("member"));
    s->ldap = STR("memberOf");
    s->as = MAP_AS_REFERENCE;
    s->write = MAP_WRITE_READ_ONLY;
    s->searched = true;
    if (!load_keys(draft->load, slot->settings, "a path that is searched for", search_keys) ||
        !attr)
        return false;
    if (!attr->multi || attr->mutability != SCIM_READ_ONLY ||
        !scim_attr_find_sub(attr, STR("$ref")))
        return load_error(draft->load, load_place(slot, "search"),
                          "only \"groups\" of a User is searched for; write \"ldap\" with the "
                          "attribute that holds \"%.*s\"",
                          STR_ARG(slot->member->name));
    return load_reference_scopes(draft, slot, "search");
}

/* ---- once all types are known ---- */

static bool
refers_to(const map_type_t *type, const map_scope_t *scope)
{
    for (size_t i = 0; type->members && i < type->members->n_references; i++) {
        if (type->members->references[i] == scope)
            return true;
    }
    return false;
}

/* Whether resources in `scope` may be members of those in `groups`. */
static bool
has_members_of(const load_t *load, const map_scope_t *groups, const map_scope_t *scope)
{
    for (size_t i = 0; i < load->n_types; i++) {
        const map_type_t *type = load->types[i].type;

        if (type->scope == groups && refers_to(type, scope))
            return true;
    }
    return false;
}

static void
check_scopes(load_type_t *draft, const load_slot_t *slot)
{
    const json_t *array = json_find_exact(slot->settings, STR("search"));
    const map_scope_t *own = draft->type->scope;

    for (size_t i = 0; i < slot->slot.n_references; i++) {
        const map_scope_t *scope = slot->slot.references[i];

        if (!has_members_of(draft->load, scope, own))
            load_error(draft->load, array->u.array.items[i]->at,
                       "no resource of the scope \"%.*s\" has \"members\" that refer to "
                       "\"%.*s\", so nobody is found there",
                       STR_ARG(scope->name), STR_ARG(own->name));
    }
}

void
load_check_search(load_type_t *draft)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        if (!draft->drafts[i].bad && draft->drafts[i].slot.searched)
            check_scopes(draft, &draft->drafts[i]);
    }
}
