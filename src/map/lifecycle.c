/* SPDX-License-Identifier: Apache-2.0 */
#include "map/lifecycle.h"

#include "base/clock.h"
#include "map/slot.h"
#include "map/to_resource.h"

static str_t
stamp_now(arena_t *mem, int64_t now_s)
{
    return clock_format_generalized(mem, (clock_time_t){.s = now_s});
}

/* The values of a set step, with the time of the request in place of "now". */
static const str_t *
step_values(arena_t *mem, const map_step_t *step, int64_t now_s)
{
    str_t *now;

    if (step->n != 1 || !str_eq(step->values[0], STR("now")))
        return step->values;
    now = arena_new_of(mem, str_t);
    *now = stamp_now(mem, now_s);
    return now;
}

bool
map_state_holds(arena_t *mem, const map_t *map, const map_state_t *state,
                const ldap_entry_t *entry, int64_t now_s)
{
    return state->present &&
           ldap_filter_test(mem, map_when(mem, state, now_s), entry, map->schema) == LDAP_TRUE;
}

/* ---- modifications ---- */

void
map_mods_replace(arena_t *mem, ldap_mods_t *mods, str_t attr, const str_t *values, size_t n)
{
    ldap_attr_t *made = NULL;

    for (size_t i = 0; i < mods->n && !made; i++)
        if (mods->mods[i].op == LDAP_MOD_OP_REPLACE && str_ieq(mods->mods[i].attr.name, attr))
            made = &mods->mods[i].attr;
    if (!made)
        made = ldap_mods_add(mem, mods, LDAP_MOD_OP_REPLACE, attr);
    made->n = 0;
    for (size_t i = 0; i < n; i++)
        ldap_attr_add(mem, made, values[i]);
}

static bool
has_exactly(const ldap_entry_t *entry, str_t attr, const str_t *values, size_t n)
{
    const ldap_attr_t *there = entry ? ldap_entry_find(entry, attr) : NULL;

    if (!entry || (there ? there->n : 0) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!ldap_attr_has(there, values[i]))
            return false;
    return true;
}

/* A step that would change nothing is left out, unless an earlier one has touched the same. */
static void
set_attr(arena_t *mem, const ldap_entry_t *entry, str_t attr, const str_t *values, size_t n,
         map_change_t *change)
{
    for (size_t i = 0; i < change->mods.n; i++)
        if (str_ieq(change->mods.mods[i].attr.name, attr))
            entry = NULL;
    if (!has_exactly(entry, attr, values, n))
        map_mods_replace(mem, &change->mods, attr, values, n);
}

static void
run_steps(arena_t *mem, const map_step_t *steps, size_t n, const ldap_entry_t *entry,
          int64_t now_s, map_change_t *change)
{
    for (size_t i = 0; i < n; i++) {
        const map_step_t *step = &steps[i];

        switch (step->kind) {
        case MAP_STEP_SET:
            set_attr(mem, entry, step->attr, step_values(mem, step, now_s), step->n, change);
            break;
        case MAP_STEP_UNSET:
            set_attr(mem, entry, step->attr, NULL, 0, change);
            break;
        case MAP_STEP_STRIP_GROUPS:
            change->strip_groups = true;
            break;
        }
    }
}

static bool
has_class(const ldap_attr_t *classes, str_t name)
{
    for (size_t i = 0; i < classes->n; i++)
        if (str_ieq(classes->values[i], name))
            return true;
    return false;
}

void
map_claim(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry, ldap_mods_t *mods)
{
    const ldap_attr_t *classes = entry ? ldap_entry_find(entry, STR("objectClass")) : NULL;
    ldap_attr_t *added = NULL;

    if (!classes || classes->n == 0)
        return;
    for (size_t i = 0; i < mods->n; i++)
        if (str_ieq(mods->mods[i].attr.name, STR("objectClass")))
            return;
    for (size_t i = 0; i < type->n_auxiliary; i++) {
        if (has_class(classes, type->auxiliary[i]))
            continue;
        if (!added)
            added = ldap_mods_add(mem, mods, LDAP_MOD_OP_ADD, STR("objectClass"));
        ldap_attr_add(mem, added, type->auxiliary[i]);
    }
}

void
map_add_auxiliary(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                  ldap_mods_t *mods)
{
    if (mods->n > 0)
        map_claim(mem, type, entry, mods);
}

void
map_change_enter(arena_t *mem, const map_type_t *type, const map_state_t *state,
                 const ldap_entry_t *entry, int64_t now_s, map_change_t *change)
{
    str_t now = stamp_now(mem, now_s);

    run_steps(mem, state->perform, state->n_perform, entry, now_s, change);
    if (state->stamp.n)
        set_attr(mem, entry, state->stamp, &now, 1, change);
    change->entered = state;
    map_add_auxiliary(mem, type, entry, &change->mods);
}

void
map_change_leave(arena_t *mem, const map_type_t *type, const map_state_t *state,
                 const ldap_entry_t *entry, int64_t now_s, map_change_t *change)
{
    run_steps(mem, state->undo, state->n_undo, entry, now_s, change);
    if (state->stamp.n)
        set_attr(mem, entry, state->stamp, NULL, 0, change);
    change->left = state;
    map_add_auxiliary(mem, type, entry, &change->mods);
}

/* ---- new entries ---- */

static void
run_new(arena_t *mem, const map_step_t *steps, size_t n, ldap_entry_t *entry, int64_t now_s)
{
    for (size_t i = 0; i < n; i++) {
        const map_step_t *step = &steps[i];
        const str_t *values;

        if (step->kind == MAP_STEP_STRIP_GROUPS)
            continue;
        ldap_entry_remove(entry, step->attr);
        if (step->kind == MAP_STEP_UNSET)
            continue;
        values = step_values(mem, step, now_s);
        for (size_t j = 0; j < step->n; j++)
            ldap_entry_add(mem, entry, step->attr, values[j]);
    }
}

void
map_enter_new(arena_t *mem, const map_state_t *state, ldap_entry_t *entry, int64_t now_s)
{
    run_new(mem, state->perform, state->n_perform, entry, now_s);
    if (state->stamp.n) {
        ldap_entry_remove(entry, state->stamp);
        ldap_entry_add(mem, entry, state->stamp, stamp_now(mem, now_s));
    }
}

void
map_leave_new(arena_t *mem, const map_state_t *state, ldap_entry_t *entry, int64_t now_s)
{
    run_new(mem, state->undo, state->n_undo, entry, now_s);
}
