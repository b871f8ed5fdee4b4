/* SPDX-License-Identifier: Apache-2.0 */
/* One resource type: where its entries lie, what they are, how they are recognised. */
#include "map/load/loading.h"
#include "map/share.h"

static const char *const type_keys[] = {
    "endpoint",   "schema", "description", "scope",     "rdn",    "objectClass",
    "auxiliary",  "parent", "match",       "adopt",     "unique", "follow",
    "attributes", "entry",  "emptyMember", "lifecycle", NULL};
static const char *const adopt_words[] = {"never", "match", NULL};

/* ---- object classes ---- */

static bool
check_class(load_type_t *draft, str_t name, size_t n_before, uint32_t at)
{
    if (!load_is_attr_name(name) || str_find_char(name, ';') < name.n)
        return load_error(draft->load, at, "\"%.*s\" is no name of an object class",
                          STR_ARG(name));
    for (size_t i = 0; i < n_before; i++) {
        if (str_ieq(draft->type->object_classes[i], name))
            return load_error(draft->load, at, "the object class %.*s is named twice",
                              STR_ARG(name));
    }
    return true;
}

static void
read_classes(load_type_t *draft)
{
    load_t *load = draft->load;
    const str_t *own = NULL, *auxiliary = NULL;
    size_t n_own = 0, n_auxiliary = 0;
    str_t *all;

    load_strings(load, draft->json, "objectClass", true, &own, &n_own);
    load_strings(load, draft->json, "auxiliary", false, &auxiliary, &n_auxiliary);
    all = arena_array_of(load->mem, n_own + n_auxiliary, str_t);
    draft->type->object_classes = all;
    for (size_t i = 0; i < n_own + n_auxiliary; i++) {
        const json_t *array =
            json_find_exact(draft->json, i < n_own ? STR("objectClass") : STR("auxiliary"));

        all[i] = i < n_own ? own[i] : auxiliary[i - n_own];
        check_class(draft, all[i], i, array->u.array.items[i < n_own ? i : i - n_own]->at);
    }
    draft->type->n_object_classes = n_own + n_auxiliary;
    draft->type->auxiliary = auxiliary;
    draft->type->n_auxiliary = n_auxiliary;
}

/* ---- place ---- */

static void
read_place(load_type_t *draft)
{
    const json_t *value = NULL;
    str_t name;

    if (load_string(draft->load, draft->json, "scope", true, &name, &value))
        draft->type->scope = load_find_scope(draft->load, name, value->at);
}

/* ---- naming ---- */

static bool
is_fit_for_rdn(load_type_t *draft, const map_slot_t *slot, uint32_t at)
{
    load_t *load = draft->load;

    if (!slot->required)
        return load_error(load, at,
                          "entries are named by %.*s, so \"%.*s\" must be \"required\": true",
                          STR_ARG(slot->ldap), STR_ARG(slot->path));
    if (slot->several)
        return load_error(load, at,
                          "entries are named by one value, but \"%.*s\" may have several; add "
                          "\"several\": \"refuse\"",
                          STR_ARG(slot->path));
    if (map_is_shared(slot))
        return load_error(load, at,
                          "entries are named by %.*s, of which \"%.*s\" is a part only; map it "
                          "to an attribute alone",
                          STR_ARG(slot->ldap), STR_ARG(slot->path));
    if (slot->as != MAP_AS_STRING)
        return load_error(load, at, "entries cannot be named by \"%.*s\", which is not text",
                          STR_ARG(slot->path));
    return true;
}

static bool
find_rdn(load_type_t *draft, uint32_t at)
{
    map_type_t *type = draft->type;
    const load_slot_t *slot = load_find_draft(draft, type->rdn);

    for (size_t i = 0; i < draft->n_slots; i++) {
        if (load_same_attr(draft->load->schema, draft->slots[i].ldap, type->rdn))
            type->rdn_slot = &draft->slots[i];
    }
    if (type->rdn_slot)
        return is_fit_for_rdn(draft, type->rdn_slot, at);
    type->rdn_rule = load_find_rule(draft, type->rdn);
    if (type->rdn_rule && type->rdn_rule->counter)
        return load_error(
            draft->load, at,
            "entries are named by %.*s, whose number is taken when the name has to "
            "be known already; name them by another attribute, such as uid",
            STR_ARG(type->rdn));
    if (type->rdn_rule || (slot && slot->bad) || draft->bad_attributes || draft->bad_rules)
        return true;
    return load_error(draft->load, at,
                      "nothing in the map gives %.*s a value; map a required path to it, or "
                      "add it to \"entry\"",
                      STR_ARG(type->rdn));
}

static bool
read_rdn(load_type_t *draft)
{
    const json_t *value = NULL;

    if (!load_string(draft->load, draft->json, "rdn", true, &draft->type->rdn, &value))
        return false;
    if (!load_is_attr_name(draft->type->rdn))
        return load_error(draft->load, value->at, "\"%.*s\" is no name of an LDAP attribute",
                          STR_ARG(draft->type->rdn));
    draft->type->rdn = load_attr_name(draft->load, draft->type->rdn);
    return find_rdn(draft, value->at);
}

/* ---- recognition ---- */

static bool
is_fit_for_match(load_type_t *draft, const map_slot_t *slot, uint32_t at)
{
    if (slot->as == MAP_AS_REFERENCE || slot->as == MAP_AS_PASSWORD || slot->as == MAP_AS_JSON)
        return load_error(draft->load, at,
                          "an entry cannot be recognised by \"%.*s\"; use a path such as "
                          "userName or externalId",
                          STR_ARG(slot->path));
    if (slot->ldap_type->equality == LDAP_RULE_NONE)
        return load_error(draft->load, at,
                          "the directory cannot search for a value of %.*s, which has no "
                          "equality rule; use another path",
                          STR_ARG(slot->ldap));
    if (slot->write == MAP_WRITE_READ_ONLY)
        return load_error(draft->load, at,
                          "\"%.*s\" is read-only, so no client gives it; use another path",
                          STR_ARG(slot->path));
    if (!map_share_present(draft->load->mem, slot))
        return load_error(draft->load, at,
                          "the directory cannot look for the values of %.*s that are "
                          "\"%.*s\" alone; use another path",
                          STR_ARG(slot->ldap), STR_ARG(slot->path));
    if (slot->write == MAP_WRITE_DISCARD)
        return load_error(draft->load, at,
                          "\"%.*s\" is never written, so what is made here would not be "
                          "recognised by it; use another path",
                          STR_ARG(slot->path));
    return true;
}

static void
read_match(load_type_t *draft)
{
    load_t *load = draft->load;
    const json_t *array = json_find_exact(draft->json, STR("match"));
    const str_t *paths = NULL;
    const map_slot_t **match;
    size_t n = 0, n_good = 0;

    if (!load_strings(load, draft->json, "match", true, &paths, &n))
        return;
    match = arena_array_of(load->mem, n, const map_slot_t *);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = array->u.array.items[i]->at;

        match[n_good] = load_find_slot(draft, paths[i], at, "match");
        if (!match[n_good] || !is_fit_for_match(draft, match[n_good], at))
            continue;
        for (size_t k = 0; k < n_good; k++) {
            if (match[k] == match[n_good])
                load_error(load, at, "match: \"%.*s\" is named twice", STR_ARG(paths[i]));
        }
        n_good++;
    }
    draft->type->match = match;
    draft->type->n_match = n_good;
}

/* ---- what is unique ---- */

static bool
check_unique_attr(load_type_t *draft, str_t attr, uint32_t at)
{
    load_t *load = draft->load;
    guess_t guess = guess_begin(attr);

    if (ldap_schema_get(load->schema, attr)->equality == LDAP_RULE_NONE)
        return load_error(load, at,
                          "the directory cannot search for a value of %.*s, which has no "
                          "equality rule; remove it",
                          STR_ARG(attr));
    for (size_t i = 0; i < draft->n_drafts; i++) {
        guess_add(&guess, draft->drafts[i].slot.ldap);
        if (load_same_attr(load->schema, draft->drafts[i].slot.ldap, attr))
            return true;
    }
    for (size_t i = 0; i < draft->n_rules; i++) {
        guess_add(&guess, draft->rules[i].ldap);
        if (!load_same_attr(load->schema, draft->rules[i].ldap, attr))
            continue;
        draft->rules[i].unique = true;
        return !draft->rules[i].constant ||
               load_error(load, at, "every entry has the same %.*s, by \"entry\"; remove it",
                          STR_ARG(attr));
    }
    return draft->bad_attributes || draft->bad_rules ||
           load_error(load, at,
                      "unique: the map does not write %.*s; name an LDAP attribute of "
                      "\"attributes\" or \"entry\"%.*s",
                      STR_ARG(attr), STR_ARG(guess_text(load->mem, &guess)));
}

static void
read_unique(load_type_t *draft)
{
    load_t *load = draft->load;
    const json_t *array = json_find_exact(draft->json, STR("unique"));
    const str_t *names = NULL;
    str_t *unique;
    size_t n = 0;

    if (!load_strings(load, draft->json, "unique", false, &names, &n))
        return;
    unique = arena_array_of(load->mem, n, str_t);
    for (size_t i = 0; i < n; i++) {
        unique[i] = load_spelling(draft, load_attr_name(load, names[i]));
        check_unique_attr(draft, unique[i], array->u.array.items[i]->at);
    }
    draft->type->unique = unique;
    draft->type->n_unique = n;
}

/* ---- members ---- */

static bool
check_placeholder(load_type_t *draft, uint32_t at)
{
    load_t *load = draft->load;
    const map_type_t *type = draft->type;
    ldap_dn_t dn;
    err_t err = ERR_INIT;
    str_t normal;

    if (!ldap_dn_parse(load->mem, type->placeholder, &dn, &err))
        return load_error(load, at, "\"emptyMember\" is no DN: %s", err.detail);
    if (!type->members)
        return draft->bad_attributes ||
               load_error(load, at,
                          "\"emptyMember\" serves only where \"members\" is mapped; "
                          "remove it");
    normal = ldap_dn_normal_tree(load->mem, &dn);
    if (type->members->by.n > 0)
        return load_error(load, at,
                          "\"emptyMember\" is a DN, but %.*s holds members by %.*s, so a group "
                          "needs none; remove it, or name the attribute with DNs first",
                          STR_ARG(type->members->ldap), STR_ARG(type->members->by));
    for (size_t i = 0; i < type->members->n_references; i++) {
        const map_scope_t *scope = type->members->references[i];

        if (map_scope_holds(scope, normal))
            return load_error(load, at,
                              "\"emptyMember\" lies in the scope \"%.*s\", so it would be "
                              "shown; name a DN outside, such as cn=nobody",
                              STR_ARG(scope->name));
    }
    return true;
}

static void
read_members(load_type_t *draft)
{
    map_type_t *type = draft->type;
    const json_t *value = NULL;

    for (size_t i = 0; i < draft->n_slots; i++) {
        const map_slot_t *slot = &draft->slots[i];
        bool core = slot->schema == type->scim->core;

        if (core && str_eq(slot->attr->name, STR("members")) && slot->attr->multi &&
            slot->as == MAP_AS_REFERENCE)
            type->members = slot;
        else if (core && str_eq(slot->attr->name, STR("externalId")))
            type->external_id = slot;
        else if (slot->as == MAP_AS_PASSWORD)
            type->password = slot;
    }
    if (load_string(draft->load, draft->json, "emptyMember", false, &type->placeholder,
                    &value) &&
        value)
        check_placeholder(draft, value->at);
}

static bool
keeps_unique(const load_type_t *draft, const map_scope_t *scope)
{
    for (size_t i = 0; i < scope->n_unique; i++)
        if (load_same_attr(draft->load->schema, scope->unique[i], draft->type->rdn))
            return true;
    return false;
}

/* An entry may have the naming value and another name, so the DN alone proves nothing. */
static bool
names_itself(const load_type_t *draft)
{
    const map_type_t *type = draft->type;
    const map_scope_t *scope = type->scope;

    return scope && type->n_parents == 1 && scope->n_bases == 1 &&
           scope->depth == LDAP_DEPTH_ONE && type->n_match == 1 && type->rdn_slot &&
           type->match[0] == type->rdn_slot && keeps_unique(draft, scope) &&
           str_eq(ldap_dn_normal_tree(draft->load->mem, &type->parent_dn),
                  scope->bases[0].normal);
}

/* `active` is shown where the lifecycle has an inactive state, good or bad. */
static bool
has_active(const load_type_t *draft)
{
    const json_t *lifecycle = json_find_exact(draft->json, STR("lifecycle"));

    return lifecycle && json_find_exact(lifecycle, STR("inactive"));
}

void
load_type(load_type_t *draft)
{
    load_t *load = draft->load;
    size_t adopt = 0;

    load_keys(load, draft->json, "a resource", type_keys);
    if (!draft->json || draft->json->kind != JSON_OBJECT)
        return;
    read_classes(draft);
    load_narrow(draft, has_active(draft));
    load_entry(draft);
    load_parents(draft);
    read_rdn(draft);
    read_match(draft);
    read_unique(draft);
    if (load_word(load, draft->json, "adopt", adopt_words, NULL, &adopt))
        draft->type->adopt = adopt == 1;
    read_members(draft);
    load_lifecycle(draft);
    draft->type->dn_unique = names_itself(draft);
    load_check_type(draft);
}

void
load_type_place(load_type_t *draft)
{
    if (!json_is(draft->json, JSON_OBJECT))
        return;
    read_place(draft);
    load_attributes(draft);
}
