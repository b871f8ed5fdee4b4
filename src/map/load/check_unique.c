/* SPDX-License-Identifier: Apache-2.0 */
/* "unique" of a scope: a promise by which POST is spared the look before it adds. Where nothing comes
 * of it, the administrator should know why. */
#include "map/load/loading.h"

static const load_type_t *
find_type(const load_t *load, const map_scope_t *scope)
{
    for (size_t i = 0; i < load->n_types; i++) {
        if (load->types[i].type->scope == scope)
            return &load->types[i];
    }
    return NULL;
}

static void
guess_mapped(guess_t *guess, const load_type_t *draft)
{
    for (size_t i = 0; i < draft->n_drafts; i++)
        guess_add(guess, draft->drafts[i].slot.ldap);
    for (size_t i = 0; i < draft->n_rules; i++)
        guess_add(guess, draft->rules[i].ldap);
}

/* What no resource holds cannot be what tells resources apart: a slip of the pen. */
static bool
is_mapped(load_t *load, const load_type_t *draft, const map_scope_t *scope, str_t ldap,
          uint32_t at)
{
    guess_t guess = guess_begin(ldap);
    str_t hint;

    if (draft && (load_find_draft(draft, ldap) || load_find_rule(draft, ldap)))
        return true;
    if (draft)
        guess_mapped(&guess, draft);
    hint = guess_text(load->mem, &guess);
    return load_error(load, at,
                      "unique: no resource in the scope \"%.*s\" has the LDAP attribute "
                      "\"%.*s\"; name those that no two entries of the scope share, such as "
                      "uid%.*s",
                      STR_ARG(scope->name), STR_ARG(ldap), STR_ARG(hint));
}

/* Why a look is needed all the same; NULL: it is not. */
static const char *
why_in_vain(const load_type_t *draft, str_t ldap)
{
    const map_type_t *type = draft->type;

    if (!load_same_attr(draft->load->schema, ldap, type->rdn))
        return "entries are not named by it";
    if (!type->rdn_slot)
        return "a rule of \"entry\" makes it, so it is not what \"match\" looks for";
    if (type->n_match != 1 || type->match[0] != type->rdn_slot)
        return "\"match\" is not the path of the naming attribute alone";
    if (type->scope->n_bases > type->scope->n_own)
        return "the lifecycle moves entries, so that another place may have the same name";
    if (type->scope->n_bases != 1 || type->scope->depth != LDAP_DEPTH_ONE)
        return "the scope has not one base with \"depth\": \"one\"";
    return type->dn_unique ? NULL : "\"parent\" is not the scope's base";
}

static void
check_scope(load_t *load, const load_scope_t *scope)
{
    const map_scope_t *is = scope->scope;
    const json_t *array = json_find_exact(scope->member->value, STR("unique"));
    const load_type_t *draft = find_type(load, is);

    for (size_t i = 0; i < is->n_unique; i++) {
        uint32_t at = array->u.array.items[i]->at;
        const char *why;

        if (!is_mapped(load, draft, is, is->unique[i], at))
            continue;
        why = why_in_vain(draft, is->unique[i]);
        if (why)
            load_warning(load, at,
                         "unique: POST looks before it adds, whatever you promise of %.*s: %s; "
                         "remove it",
                         STR_ARG(is->unique[i]), why);
    }
}

void
load_check_unique(load_t *load)
{
    for (size_t i = 0; i < load->n_scopes; i++) {
        if (!load->scopes[i].bad)
            check_scope(load, &load->scopes[i]);
    }
}
