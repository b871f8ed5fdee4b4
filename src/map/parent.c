/* SPDX-License-Identifier: Apache-2.0 */
#include "map/parent.h"

#include "map/template_apply.h"
#include "scim/filter.h"

bool
map_scope_takes(const map_scope_t *scope, str_t normal_parent)
{
    for (size_t i = 0; i < scope->n_bases; i++)
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
