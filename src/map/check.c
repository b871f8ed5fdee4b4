/* SPDX-License-Identifier: Apache-2.0 */
/* What only the whole map shows: whether entries made by it satisfy their classes, and whether
 * they are found again. */
#include "map/loading.h"

/* ---- object classes ---- */

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

static bool
is_always_made(const map_rule_t *rule)
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

    if (rule && is_always_made(rule))
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

/* Our own attributes stand in the class scimResource; without it the directory refuses them. */
static void
check_own_class(load_type_t *draft)
{
    for (size_t i = 0; i < draft->type->n_object_classes; i++) {
        if (str_istarts_with(draft->type->object_classes[i], STR("scim")) ||
            str_ieq(draft->type->object_classes[i], STR("extensibleObject")))
            return;
    }
    for (size_t i = 0; i < draft->n_slots; i++) {
        const load_slot_t *from = load_find_draft(draft, draft->slots[i].ldap);

        if (!str_istarts_with(draft->slots[i].ldap, STR("scim")))
            continue;
        load_warning(draft->load, from->member->value->at,
                     "%.*s belongs to the class scimResource; add \"auxiliary\": "
                     "[\"scimResource\"]",
                     STR_ARG(draft->slots[i].ldap));
        return;
    }
}

static void
check_rdn_rule(load_type_t *draft)
{
    const json_t *rdn = json_find_exact(draft->json, STR("rdn"));

    if (draft->type->rdn_rule && !is_always_made(draft->type->rdn_rule))
        load_error(draft->load, rdn->at,
                   "entries are named by %.*s, but every line of its rule needs a path that "
                   "may be absent; add one of required paths",
                   STR_ARG(draft->type->rdn));
}

/* ---- whether entries made here are found again ---- */

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

static bool
is_open(const load_type_t *draft, str_t attr)
{
    const ldap_attr_type_t *type = ldap_schema_find(draft->load->schema, attr);
    const map_rule_t *rule = load_find_rule(draft, attr);

    if (attr.n == 0 || load_find_draft(draft, attr) || (rule && !rule->constant))
        return true;
    return type && type->read_only; /* the directory's to say */
}

static ldap_truth_t
test_leaf(load_type_t *draft, const ldap_filter_t *filter, const ldap_entry_t *entry)
{
    if (is_open(draft, filter->attr) || filter->dn_attrs)
        return LDAP_UNDEFINED;
    return ldap_filter_test(draft->load->mem, filter, entry, draft->load->schema);
}

ldap_truth_t
load_test_made(load_type_t *draft, const ldap_filter_t *filter, const ldap_entry_t *entry)
{
    ldap_truth_t decisive = filter->kind == LDAP_F_OR ? LDAP_TRUE : LDAP_FALSE;
    ldap_truth_t result = filter->kind == LDAP_F_OR ? LDAP_FALSE : LDAP_TRUE;

    if (filter->kind == LDAP_F_NOT) {
        ldap_truth_t part = load_test_made(draft, filter->parts[0], entry);

        if (part == LDAP_UNDEFINED)
            return part;
        return part == LDAP_TRUE ? LDAP_FALSE : LDAP_TRUE;
    }
    if (filter->kind != LDAP_F_AND && filter->kind != LDAP_F_OR)
        return test_leaf(draft, filter, entry);
    for (size_t i = 0; i < filter->n_parts && result != decisive; i++) {
        ldap_truth_t part = load_test_made(draft, filter->parts[i], entry);

        if (part == decisive || part == LDAP_UNDEFINED)
            result = part;
    }
    return result;
}

static void
check_found_again(load_type_t *draft)
{
    load_t *load = draft->load;
    const map_scope_t *scope = draft->type->scope;
    const json_t *classes_json = json_find_exact(draft->json, STR("objectClass"));
    const ldap_entry_t *entry;
    str_t text;

    if (!scope || !classes_json)
        return;
    entry = load_bare_entry(draft);
    if (load_test_made(draft, scope->filter, entry) == LDAP_FALSE) {
        text = ldap_filter_format(load->mem, scope->filter);
        load_error(load, classes_json->at,
                   "entries made so would not be found again: the filter %.*s of the scope "
                   "\"%.*s\" does not match them; change the one or the other",
                   STR_ARG(text), STR_ARG(scope->name));
    }
    if (scope->protect && load_test_made(draft, scope->protect, entry) == LDAP_TRUE) {
        text = ldap_filter_format(load->mem, scope->protect);
        load_error(load, classes_json->at,
                   "entries made so would be protected at once: \"protect\" %.*s of the scope "
                   "\"%.*s\" matches them",
                   STR_ARG(text), STR_ARG(scope->name));
    }
}

void
load_check_type(load_type_t *draft)
{
    if (!draft->bad_attributes || draft->n_drafts > 0) {
        if (!draft->bad_rules) {
            check_musts(draft, "objectClass");
            check_musts(draft, "auxiliary");
            check_rdn_rule(draft);
        }
        check_own_class(draft);
        check_found_again(draft);
    }
}

/* ---- between types ---- */

/* An entry must not be two resources: where scopes overlap, what one type makes must not
 * match the other's filter. */
static void
check_pair(load_t *load, load_type_t *a, load_type_t *b)
{
    const map_scope_t *x = a->type->scope, *y = b->type->scope;
    uint32_t at = json_find_exact(b->json, STR("scope"))->at;
    const map_base_t *bases[2];

    if (x == y) {
        load_error(load, at,
                   "\"%.*s\" and \"%.*s\" share the scope \"%.*s\", so an entry would be both; "
                   "give each a scope with a filter of its own",
                   STR_ARG(a->member->name), STR_ARG(b->member->name), STR_ARG(x->name));
        return;
    }
    if (!map_scopes_overlap(x, y, &bases[0], &bases[1]))
        return;
    if (load_test_made(a, y->filter, load_bare_entry(a)) == LDAP_TRUE ||
        load_test_made(b, x->filter, load_bare_entry(b)) == LDAP_TRUE)
        load_error(load, at,
                   "the scopes \"%.*s\" and \"%.*s\" overlap, and an entry would be both a "
                   "%.*s and a %.*s; tell them apart by \"filter\", such as "
                   "(objectClass=groupOfNames)",
                   STR_ARG(x->name), STR_ARG(y->name), STR_ARG(a->member->name),
                   STR_ARG(b->member->name));
}

static bool
has_type(const load_t *load, const map_scope_t *scope)
{
    for (size_t i = 0; i < load->n_types; i++) {
        if (load->types[i].type->scope == scope)
            return true;
    }
    return false;
}

static void
check_references(load_t *load, const load_type_t *draft)
{
    for (size_t i = 0; i < draft->n_slots; i++) {
        const map_slot_t *slot = &draft->slots[i];
        const load_slot_t *from = load_find_draft(draft, slot->ldap);
        const json_t *array =
            slot->n_references > 0 ? json_find_exact(from->settings, STR("reference")) : NULL;

        for (size_t k = 0; k < slot->n_references; k++) {
            if (!has_type(load, slot->references[k]))
                load_error(load, array->u.array.items[k]->at,
                           "no resource lives in the scope \"%.*s\", so nothing in it has an "
                           "id; name the scope of a resource",
                           STR_ARG(slot->references[k]->name));
        }
    }
}

static bool
is_mapped(const load_t *load, const map_scope_t *scope, str_t ldap)
{
    for (size_t i = 0; i < load->n_types; i++) {
        const load_type_t *draft = &load->types[i];

        if (draft->type->scope != scope)
            continue;
        if (load_find_draft(draft, ldap))
            return true;
        for (size_t k = 0; k < draft->n_rules; k++)
            if (str_ieq(draft->rules[k].ldap, ldap))
                return true;
    }
    return false;
}

/* What no resource holds cannot be what tells resources apart: a slip of the pen. */
static void
check_unique(load_t *load, const load_scope_t *draft)
{
    const map_scope_t *scope = draft->scope;
    const json_t *array = json_find_exact(draft->member->value, STR("unique"));

    for (size_t i = 0; !draft->bad && i < scope->n_unique; i++)
        if (!is_mapped(load, scope, scope->unique[i]))
            load_error(load, array->u.array.items[i]->at,
                       "unique: no resource in the scope \"%.*s\" has the LDAP attribute "
                       "\"%.*s\"; name those that no two entries of the scope share, "
                       "such as uid",
                       STR_ARG(scope->name), STR_ARG(scope->unique[i]));
}

void
load_check_scopes(load_t *load)
{
    bool all = !load->bad_types;

    for (size_t i = 0; i < load->n_types; i++)
        all = all && load->types[i].type->scope && !load->types[i].bad_attributes &&
              !load->types[i].bad_rules;
    for (size_t i = 0; all && i < load->n_scopes; i++)
        check_unique(load, &load->scopes[i]);
    all = !load->bad_types;
    for (size_t i = 0; i < load->n_types; i++)
        all = all && load->types[i].type->scope;
    for (size_t i = 0; i < load->n_types; i++) {
        if (all)
            check_references(load, &load->types[i]);
        for (size_t k = 0; k < i; k++) {
            if (load->types[i].type->scope && load->types[k].type->scope)
                check_pair(load, &load->types[k], &load->types[i]);
        }
    }
}
