/* SPDX-License-Identifier: Apache-2.0 */
/* Whose period is over. */
#include "cli/purge/purge.h"

#include "base/clock.h"
#include "map/anchor.h"

/* One state of one type. */
typedef struct {
    purge_t *purge;
    const map_type_t *type;
    const map_state_t *state;
} search_t;

static bool
take_candidate(void *arg, const ldap_entry_t *entry)
{
    const search_t *search = arg;
    purge_t *purge = search->purge;
    candidate_t found = {.type = search->type, .state = search->state};

    if (!map_anchor_of(purge->mem, purge->of->map, entry, &found.id) ||
        !ldap_entry_first(entry, search->state->stamp, &found.stamp))
        return true;
    found.dn = str_dup(purge->mem, entry->dn);
    found.id = str_dup(purge->mem, found.id);
    found.stamp = str_dup(purge->mem, found.stamp);
    if (purge->n == purge->size) {
        purge->size = purge->size ? purge->size * 2 : 64;
        purge->candidates = arena_grow(purge->mem, purge->candidates, purge->n, purge->size,
                                       sizeof(candidate_t));
    }
    purge->candidates[purge->n++] = found;
    return true;
}

const ldap_filter_t *
purge_filter(const purge_t *purge, arena_t *mem, const map_type_t *type,
             const map_state_t *state)
{
    const map_scope_t *scope = type->scope;
    const ldap_filter_t *parts[3];

    parts[0] = map_when(mem, state, purge->now_s);
    if (state == &type->inactive)
        return ldap_filter_and2(mem, parts[0], map_visible(mem, scope, purge->now_s));
    parts[1] = scope->filter;
    parts[2] = scope->protect ? ldap_filter_not(mem, scope->protect) : NULL;
    return ldap_filter_and(mem, parts, ARRAY_SIZE(parts));
}

static bool
search_base(search_t *search, ldap_op_t *op, str_t base)
{
    purge_t *purge = search->purge;
    ldap_reply_t reply;

    op->dn = base;
    driver_search(&purge->driver, purge->mem, op, take_candidate, search, &reply);
    if (reply.fate != LDAP_ANSWERED)
        return err_set(&purge->err, ERR_UNAVAILABLE, "the directory did not answer");
    if (reply.code != LDAP_RC_SUCCESS)
        return ldap_code_error(&purge->err, reply.code, reply.matched, reply.diagnostic,
                               "searching for them");
    return true;
}

static bool
find_in_state(purge_t *purge, const map_type_t *type, const map_state_t *state)
{
    search_t search = {purge, type, state};
    str_t names[] = {purge->of->map->dialect->anchor, state->stamp};
    clock_time_t limit = {.s = purge->now_s - state->purge_s};
    ldap_op_t op = {.kind = LDAP_OP_SEARCH};

    op.u.search.depth = type->scope->depth;
    op.u.search.attrs = (ldap_names_t){names, ARRAY_SIZE(names)};
    op.u.search.filter =
        ldap_filter_and2(purge->mem, purge_filter(purge, purge->mem, type, state),
                         ldap_filter_less(purge->mem, state->stamp,
                                          clock_format_generalized(purge->mem, limit)));
    for (size_t i = 0; i < type->scope->n_bases; i++)
        if (!search_base(&search, &op, type->scope->bases[i].dn))
            return false;
    return true;
}

bool
purge_find(purge_t *purge, bool *ret_any)
{
    const map_t *map = purge->of->map;

    *ret_any = false;
    for (size_t i = 0; i < map->n_types; i++) {
        const map_type_t *type = &map->types[i];
        bool deleted =
            !type->scope->shared && type->deleted.present && type->deleted.purge_s > 0;
        bool inactive = !type->scope->shared && purge->options->inactive &&
                        type->inactive.present && type->inactive.purge_s > 0;

        *ret_any |= deleted || inactive;
        if ((deleted && !find_in_state(purge, type, &type->deleted)) ||
            (inactive && !find_in_state(purge, type, &type->inactive)))
            return false;
    }
    return true;
}
