/* SPDX-License-Identifier: Apache-2.0 */
#include "map/parent.h"

#include "map/template_apply.h"
#include "scim/filter.h"

bool
map_scope_takes(const map_scope_t *scope, str_t normal_parent)
{
    for (size_t i = 0; i < scope->n_own; i++)
        if (str_eq(scope->bases[i].normal, normal_parent) ||
            (scope->depth == LDAP_DEPTH_SUB &&
             ldap_dn_is_below(normal_parent, scope->bases[i].normal)))
            return true;
    return false;
}

/* The line's DN with the values put in: as values, so that they cannot become anything else. false:
 * one is missing. */
static bool
fill_in(arena_t *mem, const map_type_t *type, const map_parent_t *parent,
        const map_values_t *values, ldap_dn_t *ret_dn)
{
    ldap_dn_t dn = parent->dn;

    if (parent->constant) {
        *ret_dn = dn;
        return true;
    }
    dn.rdns = arena_array_of(mem, dn.n, ldap_rdn_t);
    memcpy(dn.rdns, parent->dn.rdns, dn.n * sizeof(ldap_rdn_t));
    for (size_t i = 0; i < dn.n; i++) {
        ldap_ava_t *ava;

        if (parent->values[i].n == 0)
            continue;
        ava = arena_new_of(mem, ldap_ava_t);
        ava->attr = dn.rdns[i].avas[0].attr;
        if (!map_template_apply(mem, type, &parent->values[i], values, &ava->value))
            return false;
        ava->value = str_trim(ava->value);
        if (ava->value.n == 0)
            return false;
        dn.rdns[i] = (ldap_rdn_t){ava, 1};
    }
    *ret_dn = dn;
    return true;
}

bool
map_parent_find(arena_t *mem, const map_type_t *type, const json_t *resource,
                const map_values_t *values, size_t *line, ldap_dn_t *ret_dn, err_t *err)
{
    for (; *line < type->n_parents; (*line)++) {
        const map_parent_t *parent = &type->parents[*line];

        if ((parent->condition &&
             !scim_filter_test(mem, parent->condition, resource, type->scim, NULL)) ||
            !fill_in(mem, type, parent, values, ret_dn))
            continue;
        if (parent->proved || map_scope_takes(type->scope, ldap_dn_normal_tree(mem, ret_dn)))
            return true;
        return err_set(err, ERR_INVALID_VALUE,
                       "the map would put this %.*s under \"%.*s\", which is outside the scope "
                       "\"%.*s\"",
                       STR_ARG(type->scim->name), STR_ARG(ldap_dn_format(mem, ret_dn)),
                       STR_ARG(type->scope->name));
    }
    return err_set(err, ERR_INVALID_VALUE,
                   "the map has no place for this %.*s: no line of \"parent\" applies",
                   STR_ARG(type->scim->name));
}

/* ---- following ---- */

void
map_plan_moves(arena_t *mem, str_t dn, const map_move_t *moves, size_t n, map_change_t *change)
{
    ldap_dn_t tree;
    err_t ignored = ERR_INIT;

    if (!change->rename && ldap_dn_parse(mem, dn, &tree, &ignored) && tree.n > 0) {
        change->rdn = tree.rdns[0];
        change->rename = change->keeps_name = true;
    }
    change->moves = moves;
    change->n_moves = n;
}

/* In normal form; empty: it has none. */
static str_t
parent_of(arena_t *mem, str_t dn)
{
    ldap_dn_t tree;
    err_t ignored = ERR_INIT;

    if (!ldap_dn_parse(mem, dn, &tree, &ignored) || tree.n == 0)
        return STR("");
    tree = ldap_dn_parent(&tree);
    return ldap_dn_normal_tree(mem, &tree);
}

bool
map_parent_return(arena_t *mem, const map_type_t *type, str_t dn, const map_placed_t *after,
                  map_change_t *change, err_t *err)
{
    map_move_t *moves = arena_array_of(mem, type->n_parents, map_move_t);
    str_t here = parent_of(mem, dn);
    err_t ignored = ERR_INIT;
    size_t n = 0;

    /* The lines that apply, up to the one where the entry is. */
    for (size_t line = 0; line < type->n_parents; line++) {
        map_move_t *move = &moves[n];

        if (!map_parent_find(mem, type, after->resource, after->values, &line, &move->dn,
                             n ? &ignored : err))
            break;
        move->create = type->parents[line].create;
        move->here = str_eq(ldap_dn_normal_tree(mem, &move->dn), here);
        n++;
        if (move->here)
            break;
    }
    if (n > 0)
        map_plan_moves(mem, dn, moves, n, change);
    return n > 0;
}

bool
map_parent_follow(arena_t *mem, const map_type_t *type, str_t dn, const map_placed_t *before,
                  const map_placed_t *after, map_change_t *change, err_t *err)
{
    ldap_dn_t then, now;
    err_t ignored = ERR_INIT;
    str_t here = parent_of(mem, dn);
    size_t line = 0;
    bool placed;

    if (!type->follow || here.n == 0)
        return true;
    placed =
        map_parent_find(mem, type, before->resource, before->values, &line, &then, &ignored);
    line = 0;
    if (!map_parent_find(mem, type, after->resource, after->values, &line, &now, err))
        return false;
    if ((placed && str_eq(ldap_dn_normal_tree(mem, &then), ldap_dn_normal_tree(mem, &now))) ||
        str_eq(ldap_dn_normal_tree(mem, &now), here))
        return true;
    return map_parent_return(mem, type, dn, after, change, err);
}

static bool
filter_uses(const scim_filter_t *filter, str_t attr)
{
    if (!filter)
        return false;
    if (filter->kind == SCIM_F_AND || filter->kind == SCIM_F_OR || filter->kind == SCIM_F_NOT)
        return filter_uses(filter->left, attr) || filter_uses(filter->right, attr);
    return str_ieq(filter->path.attr, attr);
}

static bool
template_uses(const map_template_t *template, str_t attr)
{
    for (size_t i = 0; i < template->n; i++)
        if (template->parts[i].slot && str_ieq(template->parts[i].slot->attr->name, attr))
            return true;
    return false;
}

bool
map_parent_uses(const map_type_t *type, str_t attr)
{
    for (size_t i = 0; type->follow && i < type->n_parents; i++) {
        const map_parent_t *parent = &type->parents[i];

        if (filter_uses(parent->condition, attr))
            return true;
        for (size_t k = 0; k < parent->dn.n; k++)
            if (template_uses(&parent->values[k], attr))
                return true;
    }
    return false;
}
