/* SPDX-License-Identifier: Apache-2.0 */
/* States that the place tells: "when": {"under": …}, and the step "move".
 *
 * The place becomes a base of the scope, so that every search reaches it; what is sought there is said by the
 * filter "under", which is true or false for a whole base. So no base may be in part the one and in part the other. */
#include "map/load/loading.h"

static const char *const under_keys[] = {"under", NULL};
static bool
read_dn(load_t *load, const json_t *value, const char *key, map_base_t *ret_base,
        ldap_dn_t *ret_dn)
{
    err_t err = ERR_INIT;

    if (!json_is(value, JSON_STRING))
        return load_error(load, value->at, "\"%s\" must be a DN", key);
    if (!ldap_dn_parse(load->mem, value->u.string, ret_dn, &err))
        return load_error(load, value->at, "\"%s\" is no DN: %s", key, err.detail);
    if (ret_dn->n == 0)
        return load_error(load, value->at, "\"%s\" must not be the root of the directory", key);
    *ret_base = (map_base_t){value->u.string, ldap_dn_normal_tree(load->mem, ret_dn)};
    return true;
}

/* ---- when ---- */

/* Entries of a base must be in the state all or none. */
static bool
check_apart(load_t *load, const map_scope_t *scope, const map_base_t *under, uint32_t at)
{
    for (size_t i = 0; i < scope->n_bases; i++) {
        const map_base_t *base = &scope->bases[i];
        bool deep = scope->depth == LDAP_DEPTH_SUB;

        if (str_eq(base->normal, under->normal))
            return load_error(load, at,
                              "\"under\": \"%.*s\" is %s of the scope \"%.*s\", so the place "
                              "would not tell the state; name a place beside it",
                              STR_ARG(under->dn),
                              i < scope->n_own ? "a base" : "the place of the other state",
                              STR_ARG(scope->name));
        if (ldap_dn_is_below(base->normal, under->normal) ||
            (deep && ldap_dn_is_below(under->normal, base->normal)))
            return load_error(
                load, at,
                "\"under\": \"%.*s\" and \"%.*s\" of the scope \"%.*s\" lie in one another, "
                "and not every directory can tell entries apart by their DN; name a place "
                "beside it%s",
                STR_ARG(under->dn), STR_ARG(base->dn), STR_ARG(scope->name),
                deep ? ", or let the scope's \"depth\" be \"one\"" : "");
    }
    return true;
}

static void
add_base(load_t *load, map_scope_t *scope, const map_base_t *base)
{
    map_base_t *bases = arena_array_of(load->mem, scope->n_bases + 1, map_base_t);

    memcpy(bases, scope->bases, scope->n_bases * sizeof(map_base_t));
    bases[scope->n_bases] = *base;
    scope->bases = bases;
    scope->n_bases++;
}

/* The type's scope, to be written to; NULL: it is bad. */
static map_scope_t *
own_scope(const load_type_t *draft)
{
    for (size_t i = 0; i < draft->load->n_scopes; i++)
        if (draft->load->scopes[i].scope == draft->type->scope)
            return draft->load->scopes[i].scope;
    return NULL;
}

bool
load_under(load_type_t *draft, const json_t *when, map_state_t *state)
{
    load_t *load = draft->load;
    const json_t *value = json_find_exact(when, STR("under"));
    map_base_t *under = arena_new_of(load->mem, map_base_t);
    map_scope_t *scope = own_scope(draft);
    ldap_dn_t dn;

    if (json_find_exact(when, STR("filter")))
        return load_error(
            load, json_find_member(when, STR("filter"))->at,
            "the place alone must tell the state, or a request that failed "
            "half-way could not be told from one that was done; remove \"filter\", "
            "and let \"do\" set it besides");
    if (!load_keys(load, when, "\"when\"", under_keys))
        return false;
    if (!value)
        return load_error(load, when->at, "write {\"under\": DN}, or an LDAP filter");
    if (!read_dn(load, value, "under", under, &dn))
        return false;
    if (!scope)
        return false; /* said before */
    if (scope->shared)
        return load_error(load, value->at,
                          "the scope \"%.*s\" is shared, and nothing is moved there; mark the "
                          "entries instead, such as by (scimDeletedAt=*)",
                          STR_ARG(scope->name));
    if (!check_apart(load, scope, under, value->at))
        return false;
    add_base(load, scope, under);
    state->under = under;
    state->when = ldap_filter_under(load->mem, under->normal);
    return true;
}

/* ---- move ---- */

static bool
read_move_to(load_steps_t *steps, const json_t *value, const map_base_t *under)
{
    load_t *load = steps->draft->load;
    const map_scope_t *scope = steps->draft->type->scope;
    map_base_t to;
    ldap_dn_t dn;
    map_step_t *step;

    if (!read_dn(load, value, "move", &to, &dn))
        return false;
    if (!str_eq(to.normal, under->normal) &&
        (scope->depth == LDAP_DEPTH_ONE || !ldap_dn_is_below(to.normal, under->normal)))
        return load_error(
            load, value->at,
            "what is moved to \"%.*s\" does not lie %sunder \"%.*s\", which \"when\" "
            "asks for; write that DN%s",
            STR_ARG(to.dn), scope->depth == LDAP_DEPTH_ONE ? "directly " : "",
            STR_ARG(under->dn), scope->depth == LDAP_DEPTH_ONE ? "" : ", or one below it");
    step = load_add_step(steps, MAP_STEP_MOVE, STR(""));
    step->to = dn;
    step->under = under->normal;
    return true;
}

bool
load_move(load_steps_t *steps, const json_t *value, bool deleted, bool undo)
{
    load_t *load = steps->draft->load;
    const map_type_t *type = steps->draft->type;
    const map_base_t *under = deleted ? type->deleted.under : type->inactive.under;
    bool parent = json_is(value, JSON_STRING) && str_eq(value->u.string, STR("parent"));

    if (undo && !parent)
        return load_error(load, value->at,
                          "in \"undo\" write {\"move\": \"parent\"}: back to where the map's "
                          "\"parent\" puts the entry");
    if (!undo && parent)
        return load_error(
            load, value->at,
            "in \"do\" write the DN to move to; \"parent\" belongs into \"undo\"");
    if (!under)
        return json_is(json_find_exact(steps->state, STR("when")), JSON_OBJECT) ||
               load_error(load, value->at,
                          "\"move\" needs \"when\": {\"under\": DN} in the same state, so that "
                          "the place tells it and entries are found there");
    if (undo) {
        load_add_step(steps, MAP_STEP_MOVE, STR(""));
        return true;
    }
    return read_move_to(steps, value, under);
}
