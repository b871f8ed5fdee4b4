/* SPDX-License-Identifier: Apache-2.0 */
/* Object classes: whether what a map makes has what they demand, and only what they allow, as far
 * as it is known without a directory. */
#include "map/loading.h"

typedef struct {
    const char *name, *sup;
    const char *must[5];
} class_t;

/* RFC 4519, RFC 4524, RFC 2798, RFC 2307 and the drafts that follow it. */
static const class_t classes[] = {
    {"top", NULL, {NULL}},
    {"person", "top", {"cn", "sn"}},
    {"organizationalPerson", "person", {NULL}},
    {"inetOrgPerson", "organizationalPerson", {NULL}},
    {"residentialPerson", "person", {"l"}},
    {"account", "top", {"uid"}},
    {"groupOfNames", "top", {"cn", "member"}},
    {"groupOfUniqueNames", "top", {"cn", "uniqueMember"}},
    {"groupOfMembers", "top", {"cn"}},
    {"groupOfURLs", "top", {"cn"}},
    {"organizationalRole", "top", {"cn"}},
    {"organizationalUnit", "top", {"ou"}},
    {"organization", "top", {"o"}},
    {"device", "top", {"cn"}},
    {"posixAccount", "top", {"cn", "uid", "uidNumber", "gidNumber", "homeDirectory"}},
    {"posixGroup", "top", {"cn", "gidNumber"}},
    {"shadowAccount", "top", {"uid"}},
    {"simpleSecurityObject", "top", {"userPassword"}},
    {"uidObject", "top", {"uid"}},
    {"dcObject", "top", {"dc"}},
    {"scimResource", "top", {NULL}},
};

static const class_t *
find_class(str_t name)
{
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        if (str_ieq(str_from_c(classes[i].name), name))
            return &classes[i];
    }
    return NULL;
}

static const class_t *
superior(const class_t *class)
{
    return class && class->sup ? find_class(str_from_c(class->sup)) : NULL;
}

/* ---- what is always there ---- */

static bool
is_certain(const map_template_t *alternative)
{
    for (size_t i = 0; i < alternative->n; i++) {
        const map_slot_t *slot = alternative->parts[i].slot;

        if (slot && !slot->required)
            return false;
    }
    return true;
}

bool
load_is_always_made(const map_rule_t *rule)
{
    for (size_t i = 0; i < rule->n; i++) {
        if (is_certain(&rule->alternatives[i]))
            return true;
    }
    return false;
}

static bool
is_always_there(const load_type_t *draft, str_t attr)
{
    const ldap_schema_t *schema = draft->load->schema;
    const map_rule_t *rule = load_find_rule(draft, attr);

    if (rule && load_is_always_made(rule))
        return true;
    for (size_t i = 0; i < draft->n_slots; i++) {
        const map_slot_t *slot = &draft->slots[i];

        if (!load_same_attr(schema, slot->ldap, attr))
            continue;
        return slot->required ||
               (slot == draft->type->members && draft->type->placeholder.n > 0);
    }
    return false;
}

static bool
complain_must(load_type_t *draft, const json_t *name, const char *must)
{
    load_t *load = draft->load;
    const load_slot_t *slot = load_find_draft(draft, str_from_c(must));
    const map_rule_t *rule = load_find_rule(draft, str_from_c(must));

    if (slot ? slot->bad : !rule && draft->bad_attributes)
        return false;
    if (slot && slot->slot.as == MAP_AS_REFERENCE)
        return load_error(load, name->at,
                          "%.*s demands %s, but a group may have no members; add "
                          "\"emptyMember\": \"cn=nobody\"",
                          STR_ARG(name->u.string), must);
    if (rule)
        return load_error(load, name->at,
                          "%.*s demands %s, but every line of its rule in \"entry\" needs a "
                          "path that may be absent; add one of required paths, such as "
                          "\"{userName}\"",
                          STR_ARG(name->u.string), must);
    if (slot)
        return load_error(load, name->at,
                          "%.*s demands %s, but \"%.*s\" may be absent; add \"required\": true "
                          "there, or \"%s\" to \"entry\"",
                          STR_ARG(name->u.string), must, STR_ARG(slot->member->name), must);
    return load_error(load, name->at,
                      "%.*s demands %s, but nothing in the map always provides it; map a "
                      "required path to it, or add it to \"entry\"",
                      STR_ARG(name->u.string), must);
}

static void
check_musts(load_type_t *draft, const char *key)
{
    const json_t *array = json_find_exact(draft->json, str_from_c(key));

    for (size_t i = 0; json_is(array, JSON_ARRAY) && i < array->u.array.n; i++) {
        const json_t *name = array->u.array.items[i];
        const class_t *class = json_is(name, JSON_STRING) ? find_class(name->u.string) : NULL;

        for (; class; class = superior(class)) {
            for (size_t k = 0; k < ARRAY_SIZE(class->must) && class->must[k]; k++) {
                if (!is_always_there(draft, str_from_c(class->must[k])))
                    complain_must(draft, name, class->must[k]);
            }
        }
    }
}

bool
load_is_must(const load_type_t *draft, str_t attr, str_t *ret_class)
{
    const map_type_t *type = draft->type;

    for (size_t i = 0; i < type->n_object_classes; i++) {
        const class_t *class = find_class(type->object_classes[i]);

        for (; class; class = superior(class)) {
            for (size_t k = 0; k < ARRAY_SIZE(class->must) && class->must[k]; k++) {
                if (!load_same_attr(draft->load->schema, attr, str_from_c(class->must[k])))
                    continue;
                *ret_class = type->object_classes[i];
                return true;
            }
        }
    }
    return false;
}

/* ---- our own attributes ---- */

/* Our own attributes stand in the class scimResource; what a class that is not known here
 * allows, the directory knows. */
static bool
allows_own(const map_type_t *type)
{
    for (size_t i = 0; i < type->n_object_classes; i++) {
        str_t name = type->object_classes[i];

        if (str_ieq(name, STR("scimResource")) || !find_class(name))
            return true;
    }
    return type->n_object_classes == 0; /* said before */
}

static bool
check_own(load_type_t *draft, str_t attr, uint32_t at)
{
    if (!str_istarts_with(attr, STR("scim")) || !ldap_schema_find(draft->load->schema, attr))
        return true;
    return load_error(
        draft->load, at,
        "no class of these entries allows %.*s, which belongs to scimResource; add "
        "\"auxiliary\": [\"scimResource\"]",
        STR_ARG(attr));
}

static bool
check_own_state(load_type_t *draft, const map_state_t *state, const char *name)
{
    const json_t *json = json_find_exact(draft->json, STR("lifecycle"));
    const json_t *at = state->present ? json_find_exact(json, str_from_c(name)) : NULL;

    for (size_t i = 0; at && i < state->n_perform; i++)
        if (!check_own(draft, state->perform[i].attr, at->at))
            return false;
    for (size_t i = 0; at && i < state->n_undo; i++)
        if (state->undo[i].kind == MAP_STEP_SET &&
            !check_own(draft, state->undo[i].attr, at->at))
            return false;
    return !at || check_own(draft, state->stamp, at->at);
}

/* The first one tells enough. */
static void
check_own_attrs(load_type_t *draft)
{
    if (allows_own(draft->type))
        return;
    for (size_t i = 0; i < draft->n_slots; i++) {
        const load_slot_t *from = load_find_draft(draft, draft->slots[i].ldap);

        if (!check_own(draft, draft->slots[i].ldap, load_place(from, "ldap")))
            return;
    }
    for (size_t i = 0; i < draft->n_rules; i++) {
        if (!check_own(draft, draft->rules[i].ldap, draft->rule_members[i]->at))
            return;
    }
    if (check_own_state(draft, &draft->type->inactive, "inactive"))
        (void)check_own_state(draft, &draft->type->deleted, "deleted");
}

void
load_check_classes(load_type_t *draft)
{
    check_musts(draft, "objectClass");
    check_musts(draft, "auxiliary");
    check_own_attrs(draft);
}

/* ---- an entry of what is certain ---- */

ldap_entry_t *
load_bare_entry(load_type_t *draft)
{
    arena_t *mem = draft->load->mem;
    const map_type_t *type = draft->type;
    ldap_entry_t *entry = arena_new_of(mem, ldap_entry_t);

    for (size_t i = 0; i < type->n_object_classes; i++) {
        const class_t *class = find_class(type->object_classes[i]);

        ldap_entry_add(mem, entry, STR("objectClass"), type->object_classes[i]);
        for (class = superior(class); class; class = superior(class))
            ldap_entry_add(mem, entry, STR("objectClass"), str_from_c(class->name));
    }
    for (size_t i = 0; i < draft->n_rules; i++) {
        const map_rule_t *rule = &draft->rules[i];

        if (rule->constant && rule->alternatives[0].n > 0)
            ldap_entry_add(mem, entry, rule->ldap, rule->alternatives[0].parts[0].literal);
    }
    return entry;
}
