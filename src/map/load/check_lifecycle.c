/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs about a lifecycle: what a write does is done to an imagined entry, and its filters are asked
 * what they make of it. */
#include "map/load/loading.h"

#include "ldap/apply.h"
#include "map/lifecycle.h"

enum { THEN = 2000000000, LATER = THEN + 86400 };

/* No line of "parent" ends in the place of a state, so any base of the scope stands for them. */
static str_t
own_base(const load_type_t *draft)
{
    const map_scope_t *scope = draft->type->scope;

    return scope && scope->n_own > 0 ? scope->bases[0].dn : STR("");
}

static void
put(arena_t *mem, ldap_entry_t *entry, str_t parent)
{
    entry->dn = str_printf(mem, "cn=x,%.*s", STR_ARG(parent));
}

/* An entry that nothing was done to. */
static ldap_entry_t *
fresh_entry(load_type_t *draft)
{
    ldap_entry_t *entry = load_bare_entry(draft);

    put(draft->load->mem, entry, own_base(draft));
    return entry;
}

/* As the map has it. */
static str_t
when_text(load_type_t *draft, const map_state_t *state)
{
    arena_t *mem = draft->load->mem;

    return state->under ? str_printf(mem, "{\"under\": \"%.*s\"}", STR_ARG(state->under->dn))
                        : ldap_filter_format(mem, state->when);
}

/* Into the state, or with `undo` out of it: what a write does. */
static void
take(load_type_t *draft, const map_state_t *state, bool undo, int64_t now_s,
     ldap_entry_t *entry)
{
    arena_t *mem = draft->load->mem;
    map_change_t change = {.rename = false};

    if (undo)
        map_change_leave(mem, draft->type, state, entry, now_s, &change);
    else
        map_change_enter(mem, draft->type, state, entry, now_s, &change);
    ldap_apply_mods(mem, draft->load->schema, entry, change.mods.mods, change.mods.n);
    if (change.back)
        put(mem, entry, own_base(draft));
    else if (change.n_moves > 0)
        put(mem, entry, ldap_dn_format(mem, &change.moves[0].dn));
}

/* A new entry is made in the state, or out of it. */
static ldap_entry_t *
born(load_type_t *draft, const map_state_t *state, bool undo)
{
    arena_t *mem = draft->load->mem;
    ldap_entry_t *entry = fresh_entry(draft);
    const ldap_dn_t *to = NULL;

    if (undo)
        map_leave_new(mem, state, entry, THEN);
    else
        to = map_enter_new(mem, state, entry, THEN);
    if (to)
        put(mem, entry, ldap_dn_format(mem, to));
    return entry;
}

static ldap_truth_t
holds(load_type_t *draft, const map_state_t *state, const ldap_entry_t *entry, int64_t now_s)
{
    arena_t *mem = draft->load->mem;

    return ldap_filter_test(mem, map_when(mem, state, now_s), entry, draft->load->schema);
}

/* Entering from scratch, from the other state and by birth, and staying in it as time goes by. */
static bool
check_enter(load_type_t *draft, const map_state_t *state, const char *name, uint32_t at)
{
    for (int round = 0; round < 3; round++) {
        ldap_entry_t *entry = round == 2 ? born(draft, state, false) : fresh_entry(draft);
        str_t when = when_text(draft, state);

        if (round == 1)
            take(draft, state, true, THEN, entry);
        if (round < 2)
            take(draft, state, false, THEN, entry);
        if (holds(draft, state, entry, THEN) != LDAP_TRUE)
            return load_error(draft->load, at,
                              "\"do\" does not lead to the %s state: after it \"when\" %.*s is "
                              "not true; let \"do\" %s what \"when\" asks for",
                              name, STR_ARG(when),
                              state->under ? "end with a \"move\" to" : "set");
        if (holds(draft, state, entry, LATER) != LDAP_TRUE)
            return load_error(draft->load, at,
                              "the %s state would end by itself: a day after \"do\", \"when\" "
                              "%.*s is not true any more; turn the comparison with now round",
                              name, STR_ARG(when));
    }
    return true;
}

static bool
check_leave(load_type_t *draft, const map_state_t *state, const char *name, uint32_t at)
{
    ldap_entry_t *entry = fresh_entry(draft);
    str_t when = when_text(draft, state);

    if (holds(draft, state, entry, THEN) == LDAP_TRUE)
        return load_error(
            draft->load, at,
            "an entry that nothing was done to would be in the %s state: \"when\" "
            "%.*s is true of it; ask for a value that only \"do\" sets",
            name, STR_ARG(when));
    for (int round = 0; round < 3; round++) {
        if (round < 2)
            take(draft, state, round == 0, THEN, entry);
        else
            entry = born(draft, state, true);
        if (round == 1)
            take(draft, state, true, THEN, entry);
        if (holds(draft, state, entry, THEN) == LDAP_TRUE ||
            holds(draft, state, entry, LATER) == LDAP_TRUE)
            return load_error(draft->load, at,
                              "\"undo\" does not lead out of the %s state: after it \"when\" "
                              "%.*s is still true; %s",
                              name, STR_ARG(when),
                              state->under ? "add {\"move\": \"parent\"} to \"undo\""
                                           : "let \"undo\" take back what \"do\" sets");
    }
    return true;
}

static bool
has_same(const ldap_entry_t *a, const ldap_entry_t *b, str_t attr)
{
    const ldap_attr_t *x = ldap_entry_find(a, attr), *y = ldap_entry_find(b, attr);

    for (size_t i = 0; x && y && i < x->n; i++)
        if (!ldap_attr_has(y, x->values[i]))
            return false;
    return (x ? x->n : 0) == (y ? y->n : 0);
}

/* Whoever is inactive may be deleted, and a request that failed half-way comes again. */
static bool
check_again(load_type_t *draft, const map_state_t *state, const char *name, uint32_t at)
{
    ldap_entry_t *once = fresh_entry(draft), *twice = fresh_entry(draft);

    take(draft, state, false, THEN, once);
    take(draft, state, false, THEN, twice);
    take(draft, state, false, LATER, twice);
    take(draft, state, true, LATER, once);
    take(draft, state, true, LATER, twice);
    for (size_t i = 0; i < state->n_perform; i++) {
        const map_step_t *step = &state->perform[i];

        if (step->kind == MAP_STEP_SAVE && !has_same(once, twice, step->attr))
            return load_error(
                draft->load, at,
                "%.*s of an entry that enters the %s state twice would be saved as "
                "\"do\" has set it: nothing tells that time from others; add a "
                "\"stamp\", which is set to the same",
                STR_ARG(step->attr), name);
    }
    return true;
}

void
load_check_state(load_type_t *draft, const map_state_t *state, const char *name, uint32_t at)
{
    const map_scope_t *scope = draft->type->scope;
    ldap_entry_t *entry = fresh_entry(draft);

    if (!check_enter(draft, state, name, at) || !check_leave(draft, state, name, at) ||
        !check_again(draft, state, name, at))
        return;
    if (!scope || state == &draft->type->deleted ||
        load_test_made(draft, scope->filter, entry) == LDAP_FALSE)
        return;
    take(draft, state, false, THEN, entry);
    if (load_test_made(draft, scope->filter, entry) == LDAP_FALSE)
        load_error(draft->load, at,
                   "an inactive entry would not be found any more: the filter of the scope "
                   "\"%.*s\" does not match it; take the condition out of the filter",
                   STR_ARG(scope->name));
}

static bool
strips_groups(const map_state_t *state)
{
    for (size_t i = 0; i < state->n_perform; i++) {
        if (state->perform[i].kind == MAP_STEP_STRIP_GROUPS)
            return true;
    }
    return false;
}

/* What a deleted account must not keep: its rights. */
static void
check_rights(load_type_t *draft, uint32_t at)
{
    map_type_t *type = draft->type;
    bool both_places = type->inactive.under && type->deleted.under;
    ldap_entry_t *entry = fresh_entry(draft);

    if (!type->deleted.present)
        return;
    take(draft, &type->deleted, false, THEN, entry);
    type->deleted_is_inactive =
        type->inactive.present && holds(draft, &type->inactive, entry, THEN) == LDAP_TRUE;
    if (type->inactive.present && !type->deleted_is_inactive && !both_places)
        load_warning(draft->load, at,
                     "a deleted account would stay active, so whoever has its password could "
                     "still use it; let \"do\" begin with \"inactive\"");
    if (!strips_groups(&type->deleted))
        load_warning(
            draft->load, at,
            "a deleted entry would stay in its groups; add {\"strip\": [\"groups\"]} to "
            "\"do\"");
}

void
load_check_states(load_type_t *draft, uint32_t at)
{
    const map_type_t *type = draft->type;
    ldap_entry_t *entry;
    str_t when;

    check_rights(draft, at);
    if (!type->inactive.present || !type->deleted.present)
        return;
    when = when_text(draft, &type->deleted);
    entry = fresh_entry(draft);
    take(draft, &type->inactive, false, THEN, entry);
    if (holds(draft, &type->deleted, entry, THEN) == LDAP_TRUE) {
        load_error(draft->load, at,
                   "an entry that is merely inactive would count as deleted: \"when\" %.*s is "
                   "true of it; let the two states differ, such as by "
                   "\"stamp\": \"scimDeletedAt\" and \"when\": \"(scimDeletedAt=*)\"",
                   STR_ARG(when));
        return;
    }
    take(draft, &type->deleted, false, THEN, entry);
    take(draft, &type->deleted, true, THEN, entry);
    if (holds(draft, &type->deleted, entry, THEN) == LDAP_TRUE)
        load_error(draft->load, at,
                   "an inactive entry that was deleted cannot be revived: after \"undo\" "
                   "\"when\" %.*s is still true",
                   STR_ARG(when));
}
