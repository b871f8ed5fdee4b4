/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/at.h"

#include "ldap/dn.h"

typedef struct {
    arena_t *mem;
    str_t dn; /* in normal form */
    ldap_depth_t depth;
} place_t;

static bool
has_under(const ldap_filter_t *filter)
{
    for (size_t i = 0; i < filter->n_parts; i++)
        if (has_under(filter->parts[i]))
            return true;
    return filter->kind == LDAP_F_UNDER;
}

static const ldap_filter_t *
decide(const place_t *place, const ldap_filter_t *filter)
{
    str_t base = filter->value;
    bool inside = place->depth != LDAP_DEPTH_BASE && str_eq(place->dn, base);

    if (inside || ldap_dn_is_below(place->dn, base))
        return ldap_filter_true();
    if (place->depth == LDAP_DEPTH_SUB && ldap_dn_is_below(base, place->dn))
        return filter;
    return ldap_filter_false();
}

static const ldap_filter_t *
fold(const place_t *place, const ldap_filter_t *filter)
{
    const ldap_filter_t **parts;

    if (filter->kind == LDAP_F_UNDER)
        return decide(place, filter);
    if (filter->n_parts == 0)
        return filter;
    parts = arena_array_of(place->mem, filter->n_parts, const ldap_filter_t *);
    for (size_t i = 0; i < filter->n_parts; i++)
        parts[i] = fold(place, filter->parts[i]);
    if (filter->kind == LDAP_F_NOT)
        return ldap_filter_not(place->mem, parts[0]);
    return filter->kind == LDAP_F_AND ? ldap_filter_and(place->mem, parts, filter->n_parts)
                                      : ldap_filter_or(place->mem, parts, filter->n_parts);
}

const ldap_filter_t *
ldap_filter_at(arena_t *mem, const ldap_filter_t *filter, str_t dn, ldap_depth_t depth)
{
    if (!filter || !has_under(filter))
        return filter;
    return fold(&(place_t){mem, ldap_dn_normal(mem, dn), depth}, filter);
}

ldap_op_t
ldap_op_at(arena_t *mem, const ldap_op_t *op)
{
    ldap_op_t placed = *op;

    placed.guard = ldap_filter_at(mem, op->guard, op->dn, LDAP_DEPTH_BASE);
    if (op->kind == LDAP_OP_SEARCH)
        placed.u.search.filter =
            ldap_filter_at(mem, op->u.search.filter, op->dn, op->u.search.depth);
    return placed;
}
