/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs about a lifecycle: its steps are taken on an imagined entry, and its filters are asked
 * what they make of it. */
#include "map/load/loading.h"

#include "base/clock.h"

enum { THEN = 2000000000, LATER = THEN + 86400 };

static void
take_bits(arena_t *mem, const map_step_t *step, ldap_entry_t *entry)
{
    str_t first;
    int64_t bits = 0;

    if (!ldap_entry_first(entry, step->attr, &first) || !str_to_int64(first, &bits))
        bits = 0;
    bits = step->kind == MAP_STEP_SET_BITS ? bits | step->bits : bits & ~step->bits;
    ldap_entry_remove(entry, step->attr);
    ldap_entry_add(mem, entry, step->attr, str_printf(mem, "%lld", (long long)bits));
}

static void
move_values(arena_t *mem, ldap_entry_t *entry, str_t from, str_t to)
{
    const ldap_attr_t *found = ldap_entry_find(entry, from);
    ldap_attr_t values = found ? *found : (ldap_attr_t){.name = from};

    if (values.n == 0)
        return;
    ldap_entry_remove(entry, to);
    for (size_t i = 0; i < values.n; i++)
        ldap_entry_add(mem, entry, to, values.values[i]);
}

static void
take_set(arena_t *mem, const map_step_t *step, ldap_entry_t *entry)
{
    clock_time_t then = {.s = THEN};

    if (step->kind != MAP_STEP_ADD_CLASS)
        ldap_entry_remove(entry, step->attr);
    for (size_t i = 0; step->kind != MAP_STEP_UNSET && i < step->n; i++) {
        bool now = str_eq(step->values[i], STR("now"));

        ldap_entry_add(mem, entry, step->attr,
                       now ? clock_format_generalized(mem, then) : step->values[i]);
    }
}

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

static void
take_step(load_type_t *draft, const map_step_t *step, ldap_entry_t *entry)
{
    arena_t *mem = draft->load->mem;

    switch (step->kind) {
    case MAP_STEP_SET:
    case MAP_STEP_UNSET:
    case MAP_STEP_ADD_CLASS:
        take_set(mem, step, entry);
        break;
    case MAP_STEP_SET_BITS:
    case MAP_STEP_CLEAR_BITS:
        take_bits(mem, step, entry);
        break;
    case MAP_STEP_SAVE:
        if (!ldap_entry_find(entry, step->aside))
            move_values(mem, entry, step->attr, step->aside);
        break;
    case MAP_STEP_MOVE:
        put(mem, entry, step->to.n > 0 ? ldap_dn_format(mem, &step->to) : own_base(draft));
        break;
    case MAP_STEP_STRIP_GROUPS:
        break;
    }
}

static void
take(load_type_t *draft, const map_state_t *state, bool undo, ldap_entry_t *entry)
{
    static const str_t now = STR_INIT("now");
    const map_step_t *steps = undo ? state->undo : state->perform;
    map_step_t stamp = {.kind = undo ? MAP_STEP_UNSET : MAP_STEP_SET,
                        .attr = state->stamp,
                        .values = &now,
                        .n = 1};

    for (size_t i = 0; i < (undo ? state->n_undo : state->n_perform); i++)
        take_step(draft, &steps[i], entry);
    for (size_t i = 0; undo && i < state->n_perform; i++) {
        if (state->perform[i].kind != MAP_STEP_SAVE ||
            !ldap_entry_find(entry, state->perform[i].aside))
            continue;
        move_values(draft->load->mem, entry, state->perform[i].aside, state->perform[i].attr);
        ldap_entry_remove(entry, state->perform[i].aside);
    }
    if (state->stamp.n > 0)
        take_step(draft, &stamp, entry);
}

static ldap_truth_t
holds(load_type_t *draft, const map_state_t *state, const ldap_entry_t *entry, int64_t now_s)
{
    arena_t *mem = draft->load->mem;

    return ldap_filter_test(mem, map_when(mem, state, now_s), entry, draft->load->schema);
}

/* Entering from scratch and from the other state, and staying in it as time goes by. */
static bool
check_enter(load_type_t *draft, const map_state_t *state, const char *name, uint32_t at)
{
    for (int round = 0; round < 2; round++) {
        ldap_entry_t *entry = fresh_entry(draft);
        str_t when = when_text(draft, state);

        if (round == 1)
            take(draft, state, true, entry);
        take(draft, state, false, entry);
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
    for (int round = 0; round < 2; round++) {
        take(draft, state, round == 0, entry);
        if (round == 1)
            take(draft, state, true, entry);
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

void
load_check_state(load_type_t *draft, const map_state_t *state, const char *name, uint32_t at)
{
    const map_scope_t *scope = draft->type->scope;
    ldap_entry_t *entry = fresh_entry(draft);

    if (!check_enter(draft, state, name, at) || !check_leave(draft, state, name, at))
        return;
    if (!scope || state == &draft->type->deleted ||
        load_test_made(draft, scope->filter, entry) == LDAP_FALSE)
        return;
    take(draft, state, false, entry);
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
    take(draft, &type->deleted, false, entry);
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
    take(draft, &type->inactive, false, entry);
    if (holds(draft, &type->deleted, entry, THEN) == LDAP_TRUE) {
        load_error(draft->load, at,
                   "an entry that is merely inactive would count as deleted: \"when\" %.*s is "
                   "true of it; let the two states differ, such as by "
                   "\"stamp\": \"scimDeletedAt\" and \"when\": \"(scimDeletedAt=*)\"",
                   STR_ARG(when));
        return;
    }
    take(draft, &type->deleted, false, entry);
    take(draft, &type->deleted, true, entry);
    if (holds(draft, &type->deleted, entry, THEN) == LDAP_TRUE)
        load_error(draft->load, at,
                   "an inactive entry that was deleted cannot be revived: after \"undo\" "
                   "\"when\" %.*s is still true",
                   STR_ARG(when));
}
