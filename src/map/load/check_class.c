/* SPDX-License-Identifier: Apache-2.0 */
/* Object classes: whether what a map makes has what they demand, and only what they allow, as far
 * as it is known without a directory. */
#include "map/load/loading.h"
#include "map/slot.h"
#include "map/transform.h"

/* What a class allows beyond what it demands: words. NULL: servers differ, or it is not known here. */
typedef struct {
    const char *name, *sup;
    const char *must[5];
    const char *may;
} class_t;

#define OURS "scimResource" /* allows whatever begins with scim, besides */

/* RFC 4519, RFC 4524, RFC 2798, RFC 2307 and the drafts that follow it. Those that no map makes
 * alone come last, so that a hint names the usual one. */
static const class_t classes[] = {
    {"top", NULL, {NULL}, "objectClass"},
    {"person", "top", {"cn", "sn"}, "userPassword telephoneNumber seeAlso description"},
    {"organizationalPerson",
     "person",
     {NULL},
     "title x121Address registeredAddress destinationIndicator preferredDeliveryMethod "
     "telexNumber teletexTerminalIdentifier internationaliSDNNumber facsimileTelephoneNumber "
     "street postOfficeBox postalCode postalAddress physicalDeliveryOfficeName ou st l"},
    {"inetOrgPerson",
     "organizationalPerson",
     {NULL},
     "audio businessCategory carLicense departmentNumber displayName employeeNumber "
     "employeeType givenName homePhone homePostalAddress initials jpegPhoto labeledURI mail "
     "manager mobile o pager photo roomNumber secretary uid userCertificate "
     "x500UniqueIdentifier preferredLanguage userSMIMECertificate userPKCS12"},
    {OURS, "top", {NULL}, "mail displayName description"},
    {"posixAccount",
     "top",
     {"cn", "uid", "uidNumber", "gidNumber", "homeDirectory"},
     "userPassword loginShell gecos description"},
    {"posixGroup", "top", {"cn", "gidNumber"}, "userPassword memberUid description"},
    {"shadowAccount",
     "top",
     {"uid"},
     "userPassword shadowLastChange shadowMin shadowMax shadowWarning shadowInactive "
     "shadowExpire shadowFlag description"},
    {"account", "top", {"uid"}, "description seeAlso l o ou host"},
    {"groupOfNames",
     "top",
     {"cn", "member"},
     "businessCategory seeAlso owner ou o description"},
    {"groupOfUniqueNames",
     "top",
     {"cn", "uniqueMember"},
     "businessCategory seeAlso owner ou o description"},
    {"groupOfMembers", "top", {"cn"}, NULL},
    {"groupOfURLs", "top", {"cn"}, NULL},
    {"residentialPerson", "person", {"l"}, NULL},
    {"organizationalRole", "top", {"cn"}, NULL},
    {"organizationalUnit", "top", {"ou"}, NULL},
    {"organization", "top", {"o"}, NULL},
    {"device", "top", {"cn"}, "serialNumber seeAlso owner ou o l description"},
    {"simpleSecurityObject", "top", {"userPassword"}, ""},
    {"uidObject", "top", {"uid"}, ""},
    {"dcObject", "top", {"dc"}, ""},
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

bool
load_is_certain(const map_template_t *alternative)
{
    for (size_t i = 0; i < alternative->n; i++) {
        const map_part_t *part = &alternative->parts[i];

        if (part->slot && !part->slot->required)
            return false;
        for (size_t k = 0; k < part->n_transforms; k++) {
            if (map_transform_may_empty(&part->transforms[k]))
                return false;
        }
    }
    return true;
}

bool
load_is_always_made(const map_rule_t *rule)
{
    if (rule->counter)
        return true;
    for (size_t i = 0; i < rule->n; i++) {
        if (load_is_certain(&rule->alternatives[i]))
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
               (slot == draft->type->members &&
                (draft->type->placeholder.n > 0 || draft->load->map->dialect->empty_groups));
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

static bool
is_in_must(const load_type_t *draft, const class_t *class, str_t attr)
{
    for (size_t i = 0; i < ARRAY_SIZE(class->must) && class->must[i]; i++) {
        if (load_same_attr(draft->load->schema, attr, str_from_c(class->must[i])))
            return true;
    }
    return false;
}

bool
load_is_must(const load_type_t *draft, str_t attr, str_t *ret_class)
{
    const map_type_t *type = draft->type;

    for (size_t i = 0; i < type->n_object_classes; i++) {
        const class_t *class = find_class(type->object_classes[i]);

        for (; class; class = superior(class)) {
            if (is_in_must(draft, class, attr)) {
                *ret_class = type->object_classes[i];
                return true;
            }
        }
    }
    return false;
}

/* ---- what classes allow ---- */

static bool
is_in_may(const load_type_t *draft, const class_t *class, str_t attr)
{
    str_t rest = str_from_c(class->may);

    if (str_istarts_with(attr, STR("scim")) && strcmp(class->name, OURS) == 0)
        return true;
    while (rest.n > 0) {
        size_t n = str_find_char(rest, ' ');

        if (load_same_attr(draft->load->schema, attr, str_slice(rest, 0, n)))
            return true;
        rest = str_skip(rest, n + 1);
    }
    return false;
}

/* Whether the class, or one above it, allows the attribute, or may do so for all that is known. */
static bool
allows(const load_type_t *draft, const class_t *class, str_t attr)
{
    for (; class; class = superior(class)) {
        if (!class->may || is_in_must(draft, class, attr) || is_in_may(draft, class, attr))
            return true;
    }
    return false;
}

static bool
is_allowed(const load_type_t *draft, str_t attr)
{
    const ldap_attr_type_t *attr_type = ldap_schema_find(draft->load->schema, attr);
    const map_type_t *type = draft->type;

    attr = str_slice(attr, 0, str_find_char(attr, ';')); /* a class allows it with any option */
    if (!attr_type || attr_type->operational || type->n_object_classes == 0)
        return true;
    for (size_t i = 0; i < type->n_object_classes; i++) {
        const class_t *class = find_class(type->object_classes[i]);

        if (!class || allows(draft, class, attr))
            return true;
    }
    return false;
}

/* "; the class posixGroup does" or nothing. */
static str_t
name_allowing(const load_type_t *draft, str_t attr)
{
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        if (classes[i].may && allows(draft, &classes[i], attr))
            return str_printf(draft->load->mem, "; the class %s does", classes[i].name);
    }
    return STR("");
}

/* Our own attributes no other class has; standard classes are sometimes changed by those who run
 * the server. */
static void
check_allowed(load_type_t *draft, str_t attr, uint32_t at, bool *said)
{
    if (attr.n == 0 || is_allowed(draft, attr))
        return;
    if (!str_istarts_with(attr, STR("scim"))) {
        load_warning(draft->load, at,
                     "no class of these entries allows %.*s, so the directory will refuse "
                     "it%.*s",
                     STR_ARG(attr), STR_ARG(name_allowing(draft, attr)));
        return;
    }
    if (!*said) /* the first one tells enough */
        load_error(draft->load, at,
                   "no class of these entries allows %.*s, which belongs to " OURS "; add "
                   "\"auxiliary\": [\"" OURS "\"]",
                   STR_ARG(attr));
    *said = true;
}

static void
check_allowed_by_state(load_type_t *draft, const map_state_t *state, const char *name,
                       bool *said)
{
    const json_t *json = json_find_exact(draft->json, STR("lifecycle"));
    const json_t *at = state->present ? json_find_exact(json, str_from_c(name)) : NULL;

    if (!at)
        return;
    for (size_t i = 0; i < state->n_perform; i++) {
        check_allowed(draft, state->perform[i].attr, at->at, said);
        check_allowed(draft, state->perform[i].aside, at->at, said);
    }
    for (size_t i = 0; i < state->n_undo; i++) {
        if (state->undo[i].kind == MAP_STEP_SET)
            check_allowed(draft, state->undo[i].attr, at->at, said);
    }
    check_allowed(draft, state->stamp, at->at, said);
}

static void
check_all_allowed(load_type_t *draft)
{
    bool said = false;

    for (size_t i = 0; i < draft->n_slots; i++) {
        const map_slot_t *slot = &draft->slots[i];

        if (map_slot_writes(slot))
            check_allowed(draft, slot->ldap,
                          load_place(load_find_draft(draft, slot->ldap), "ldap"), &said);
        for (size_t k = 0; k < slot->n_copies; k++)
            check_allowed(draft, slot->copies[k].ldap,
                          load_place(load_find_draft(draft, slot->ldap), "ldap"), &said);
    }
    for (size_t i = 0; i < draft->n_rules; i++) {
        if (!load_find_draft(draft, draft->rules[i].ldap))
            check_allowed(draft, draft->rules[i].ldap, draft->rule_members[i]->at, &said);
    }
    check_allowed_by_state(draft, &draft->type->inactive, "inactive", &said);
    check_allowed_by_state(draft, &draft->type->deleted, "deleted", &said);
}

void
load_check_classes(load_type_t *draft)
{
    check_musts(draft, "objectClass");
    check_musts(draft, "auxiliary");
    check_all_allowed(draft);
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
