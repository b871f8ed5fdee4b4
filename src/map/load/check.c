/* SPDX-License-Identifier: Apache-2.0 */
/* What only the whole map shows: whether entries made by it are found again, and as what. */
#include "map/load/loading.h"

/* ---- whether entries made here are found again ---- */

static bool
is_open(const load_type_t *draft, str_t attr)
{
    const ldap_attr_type_t *type = ldap_schema_find(draft->load->schema, attr);
    const map_rule_t *rule = load_find_rule(draft, attr);

    if (attr.n == 0 || load_find_draft(draft, attr) || (rule && !rule->constant))
        return true;
    if (type && type->read_only) /* the directory's to say */
        return true;
    type = ldap_schema_find(ldap_schema_builtin(), attr); /* a live schema may not tell */
    return type && type->read_only;
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
    load_check_rules(draft);
    if (!draft->bad_attributes || draft->n_drafts > 0) {
        if (!draft->bad_rules)
            load_check_classes(draft);
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

void
load_check_scopes(load_t *load)
{
    bool all = !load->bad_types;

    for (size_t i = 0; i < load->n_types; i++)
        all = all && load->types[i].type->scope && !load->types[i].bad_attributes &&
              !load->types[i].bad_rules;
    if (all)
        load_check_unique(load);
    all = !load->bad_types;
    for (size_t i = 0; i < load->n_types; i++)
        all = all && load->types[i].type->scope;
    for (size_t i = 0; i < load->n_types; i++) {
        if (all)
            check_references(load, &load->types[i]);
        if (all)
            load_check_search(&load->types[i]);
        if (all)
            load_check_by(load, &load->types[i]);
        for (size_t k = 0; k < i; k++) {
            if (load->types[i].type->scope && load->types[k].type->scope)
                check_pair(load, &load->types[k], &load->types[i]);
        }
    }
}
