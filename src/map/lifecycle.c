/* SPDX-License-Identifier: Apache-2.0 */
#include "map/lifecycle.h"

#include "base/clock.h"
#include "map/old_name.h"
#include "map/parent.h"
#include "map/slot.h"
#include "map/to_resource.h"

static str_t
stamp_now(arena_t *mem, int64_t now_s)
{
    return clock_format_generalized(mem, (clock_time_t){.s = now_s});
}

static bool
sets_now(const map_step_t *step)
{
    return step->kind == MAP_STEP_SET && step->n == 1 && str_eq(step->values[0], STR("now"));
}

/* The values of a set step, with the time of the request in place of "now". */
static const str_t *
step_values(arena_t *mem, const map_step_t *step, int64_t now_s)
{
    str_t *now;

    if (!sets_now(step))
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

bool
map_state_places(arena_t *mem, const map_state_t *state, str_t dn)
{
    return state->present && state->under &&
           ldap_dn_is_below(ldap_dn_normal(mem, dn), state->under->normal);
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

void
map_mods_drop(ldap_mods_t *mods, str_t attr)
{
    size_t kept = 0;

    for (size_t i = 0; i < mods->n; i++)
        if (!str_ieq(mods->mods[i].attr.name, attr))
            mods->mods[kept++] = mods->mods[i];
    mods->n = kept;
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

/* What the attribute will have after the modifications so far. */
static ldap_attr_t
current(const ldap_entry_t *entry, const map_change_t *change, str_t attr)
{
    const ldap_attr_t *there = entry ? ldap_entry_find(entry, attr) : NULL;

    for (size_t i = change->mods.n; i-- > 0;)
        if (str_ieq(change->mods.mods[i].attr.name, attr) &&
            change->mods.mods[i].op == LDAP_MOD_OP_REPLACE)
            return change->mods.mods[i].attr;
    return there ? *there : (ldap_attr_t){.name = attr};
}

/* The bits of the first value with those of the step; false: they are as they should be. */
static bool
step_bits(arena_t *mem, const map_step_t *step, const ldap_attr_t *there, str_t *ret_value)
{
    int64_t have = 0, want;

    if (there->n > 0 && !str_to_int64(there->values[0], &have))
        have = 0;
    want = step->kind == MAP_STEP_SET_BITS ? have | step->bits : have & ~step->bits;
    *ret_value = str_printf(mem, "%lld", (long long)want);
    return want != have;
}

static void
change_bits(arena_t *mem, const map_step_t *step, const ldap_entry_t *entry,
            map_change_t *change)
{
    ldap_attr_t there = current(entry, change, step->attr);
    str_t value;

    if (step_bits(mem, step, &there, &value))
        map_mods_replace(mem, &change->mods, step->attr, &value, 1);
}

/* Whether the value is the time when the state was entered: what else was set to that time tells. */
static bool
is_time_of(const map_state_t *state, const ldap_entry_t *entry, const ldap_attr_t *attr)
{
    bool found = !str_ieq(state->stamp, attr->name) &&
                 has_exactly(entry, state->stamp, attr->values, attr->n);

    for (size_t i = 0; i < state->n_perform && !found; i++)
        found = sets_now(&state->perform[i]) && !str_ieq(state->perform[i].attr, attr->name) &&
                has_exactly(entry, state->perform[i].attr, attr->values, attr->n);
    return found;
}

/* Whether the steps that follow would write the attribute as it is: they have been taken. */
static bool
is_written(arena_t *mem, const map_state_t *state, size_t at, const ldap_entry_t *entry,
           const ldap_attr_t *attr)
{
    const ldap_entry_t is = {.attrs = (ldap_attr_t *)(uintptr_t)attr, .n = 1};
    str_t value;

    for (size_t i = at; i < state->n_perform; i++) {
        const map_step_t *step = &state->perform[i];

        if (!str_ieq(step->attr, attr->name))
            continue;
        if (sets_now(step))
            return is_time_of(state, entry, attr);
        if (step->kind == MAP_STEP_SET)
            return has_exactly(&is, attr->name, step->values, step->n);
        if (step->kind == MAP_STEP_SET_BITS || step->kind == MAP_STEP_CLEAR_BITS)
            return !step_bits(mem, step, attr, &value);
    }
    return false;
}

/* Twice saved would be to save what the steps have written. */
static void
save(arena_t *mem, const map_state_t *state, size_t at, const ldap_entry_t *entry,
     map_change_t *change)
{
    const map_step_t *step = &state->perform[at];
    ldap_attr_t from = current(entry, change, step->attr);

    if (from.n > 0 && current(entry, change, step->aside).n == 0 &&
        !is_written(mem, state, at + 1, entry, &from))
        map_mods_replace(mem, &change->mods, step->aside, from.values, from.n);
}

static void
put_back(arena_t *mem, const map_step_t *step, const ldap_entry_t *entry, map_change_t *change)
{
    ldap_attr_t saved = current(entry, change, step->aside);

    if (saved.n == 0)
        return;
    set_attr(mem, entry, step->attr, saved.values, saved.n, change);
    map_mods_replace(mem, &change->mods, step->aside, NULL, 0);
}

static bool has_class(const ldap_attr_t *classes, str_t name);
static ldap_attr_t *added_classes(const ldap_mods_t *mods);

static void
add_class(arena_t *mem, const map_step_t *step, const ldap_entry_t *entry, map_change_t *change)
{
    const ldap_attr_t *classes = entry ? ldap_entry_find(entry, step->attr) : NULL;

    for (size_t i = 0; i < step->n; i++) {
        ldap_attr_t *added = added_classes(&change->mods);

        if ((classes && has_class(classes, step->values[i])) ||
            (added && has_class(added, step->values[i])))
            continue;
        if (!added)
            added = ldap_mods_add(mem, &change->mods, LDAP_MOD_OP_ADD, step->attr);
        ldap_attr_add(mem, added, step->values[i]);
    }
}

/* The last of several moves counts. */
static void
move(arena_t *mem, const map_step_t *step, const ldap_entry_t *entry, map_change_t *change)
{
    map_move_t *to;

    if (change->keeps_name)
        change->rename = change->keeps_name = false;
    change->n_moves = 0;
    change->back = step->to.n == 0;
    if (change->back || ldap_dn_is_below(ldap_dn_normal(mem, entry->dn), step->under))
        return;
    to = arena_new_of(mem, map_move_t);
    to->dn = step->to;
    map_plan_moves(mem, entry->dn, to, 1, change);
}

static void
run_steps(arena_t *mem, const map_state_t *state, bool undo, const ldap_entry_t *entry,
          int64_t now_s, map_change_t *change)
{
    const map_step_t *steps = undo ? state->undo : state->perform;

    for (size_t i = 0; i < (undo ? state->n_undo : state->n_perform); i++) {
        const map_step_t *step = &steps[i];

        switch (step->kind) {
        case MAP_STEP_SET:
            set_attr(mem, entry, step->attr, step_values(mem, step, now_s), step->n, change);
            break;
        case MAP_STEP_UNSET:
            set_attr(mem, entry, step->attr, NULL, 0, change);
            break;
        case MAP_STEP_SET_BITS:
        case MAP_STEP_CLEAR_BITS:
            change_bits(mem, step, entry, change);
            break;
        case MAP_STEP_ADD_CLASS:
            add_class(mem, step, entry, change);
            break;
        case MAP_STEP_SAVE:
            save(mem, state, i, entry, change);
            break;
        case MAP_STEP_MOVE:
            move(mem, step, entry, change);
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

/* The modification that adds object classes already, or NULL. */
static ldap_attr_t *
added_classes(const ldap_mods_t *mods)
{
    for (size_t i = 0; i < mods->n; i++)
        if (mods->mods[i].op == LDAP_MOD_OP_ADD &&
            str_ieq(mods->mods[i].attr.name, STR("objectClass")))
            return &mods->mods[i].attr;
    return NULL;
}

void
map_claim(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry, ldap_mods_t *mods)
{
    const ldap_attr_t *classes = entry ? ldap_entry_find(entry, STR("objectClass")) : NULL;
    ldap_attr_t *added = added_classes(mods);

    if (!classes || classes->n == 0)
        return;
    for (size_t i = 0; i < mods->n; i++)
        if (str_ieq(mods->mods[i].attr.name, STR("objectClass")) &&
            &mods->mods[i].attr != added)
            return;
    for (size_t i = 0; i < type->n_auxiliary; i++) {
        if (has_class(classes, type->auxiliary[i]) ||
            (added && has_class(added, type->auxiliary[i])))
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

/* What tells the state is written last, so that a request which fails half-way finds the entry as it
 * found it, and does all of it again. Of two states the first decides. */
static void
note_order(const map_state_t *state, map_change_t *change)
{
    if (!change->entered && !change->left)
        change->last = state->under != NULL;
}

void
map_change_enter(arena_t *mem, const map_type_t *type, const map_state_t *state,
                 const ldap_entry_t *entry, int64_t now_s, map_change_t *change)
{
    str_t now = stamp_now(mem, now_s);

    note_order(state, change);
    run_steps(mem, state, false, entry, now_s, change);
    if (state->stamp.n)
        set_attr(mem, entry, state->stamp, &now, 1, change);
    change->entered = state;
    map_add_auxiliary(mem, type, entry, &change->mods);
}

void
map_change_leave(arena_t *mem, const map_type_t *type, const map_state_t *state,
                 const ldap_entry_t *entry, int64_t now_s, map_change_t *change)
{
    note_order(state, change);
    run_steps(mem, state, true, entry, now_s, change);
    for (size_t i = 0; i < state->n_perform; i++)
        if (state->perform[i].kind == MAP_STEP_SAVE)
            put_back(mem, &state->perform[i], entry, change);
    if (state->stamp.n)
        set_attr(mem, entry, state->stamp, NULL, 0, change);
    change->left = state;
    map_add_auxiliary(mem, type, entry, &change->mods);
}

bool
map_change_return(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                  const json_t *after, map_change_t *change, err_t *err)
{
    const map_values_t *values;

    if (change->back) {
        values = map_place(mem, type, after, err);
        if (!values || !map_parent_return(mem, type, entry->dn, &(map_placed_t){after, values},
                                          change, err))
            return false;
    }
    if (change->last && change->n_moves > 0)
        map_keep_no_old_name(mem, type, entry, change);
    return true;
}

/* ---- what a password takes with it ---- */

static bool
writes(const ldap_mods_t *mods, str_t attr)
{
    for (size_t i = 0; i < mods->n; i++)
        if (str_ieq(mods->mods[i].attr.name, attr))
            return true;
    return false;
}

void
map_reassert(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
             map_change_t *change)
{
    str_t attr = type->inactive.reassert;
    ldap_attr_t wanted;

    if (attr.n == 0 || !type->password || !writes(&change->mods, type->password->ldap))
        return;
    wanted = current(entry, change, attr);
    map_mods_drop(&change->mods, attr);
    if (ldap_entry_find(entry, attr))
        ldap_mods_add(mem, &change->mods, LDAP_MOD_OP_DELETE, attr);
    if (wanted.n > 0)
        *ldap_mods_add(mem, &change->mods, LDAP_MOD_OP_ADD, attr) = wanted;
}

/* ---- new entries ---- */

static void
set_new_bits(arena_t *mem, const map_step_t *step, ldap_entry_t *entry)
{
    const ldap_attr_t *found = ldap_entry_find(entry, step->attr);
    ldap_attr_t there = found ? *found : (ldap_attr_t){.name = step->attr};
    str_t value;

    if (!step_bits(mem, step, &there, &value))
        return;
    ldap_entry_remove(entry, step->attr);
    ldap_entry_add(mem, entry, step->attr, value);
}

static void
set_new(arena_t *mem, const map_step_t *step, ldap_entry_t *entry, int64_t now_s)
{
    const str_t *values = step_values(mem, step, now_s);

    ldap_entry_remove(entry, step->attr);
    for (size_t i = 0; i < step->n; i++)
        ldap_entry_add(mem, entry, step->attr, values[i]);
}

static void
add_new_classes(arena_t *mem, const map_step_t *step, ldap_entry_t *entry)
{
    for (size_t i = 0; i < step->n; i++)
        if (!has_class(ldap_entry_get(mem, entry, step->attr), step->values[i]))
            ldap_entry_add(mem, entry, step->attr, step->values[i]);
}

static void
run_new(arena_t *mem, const map_step_t *steps, size_t n, ldap_entry_t *entry, int64_t now_s)
{
    for (size_t i = 0; i < n; i++) {
        const map_step_t *step = &steps[i];

        switch (step->kind) {
        case MAP_STEP_SET:
            set_new(mem, step, entry, now_s);
            break;
        case MAP_STEP_UNSET:
            ldap_entry_remove(entry, step->attr);
            break;
        case MAP_STEP_SET_BITS:
        case MAP_STEP_CLEAR_BITS:
            set_new_bits(mem, step, entry);
            break;
        case MAP_STEP_ADD_CLASS:
            add_new_classes(mem, step, entry);
            break;
        case MAP_STEP_MOVE: /* it is made there */
        case MAP_STEP_SAVE: /* a new entry has nothing to save */
        case MAP_STEP_STRIP_GROUPS:
            break;
        }
    }
}

const ldap_dn_t *
map_enter_new(arena_t *mem, const map_state_t *state, ldap_entry_t *entry, int64_t now_s)
{
    const ldap_dn_t *to = NULL;

    run_new(mem, state->perform, state->n_perform, entry, now_s);
    if (state->stamp.n) {
        ldap_entry_remove(entry, state->stamp);
        ldap_entry_add(mem, entry, state->stamp, stamp_now(mem, now_s));
    }
    for (size_t i = 0; i < state->n_perform; i++)
        if (state->perform[i].kind == MAP_STEP_MOVE)
            to = &state->perform[i].to;
    return to;
}

void
map_leave_new(arena_t *mem, const map_state_t *state, ldap_entry_t *entry, int64_t now_s)
{
    run_new(mem, state->undo, state->n_undo, entry, now_s);
}
