/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of "entry" beside all that else writes an entry. */
#include "map/load/loading.h"

#include "map/share.h"
#include "map/slot.h"

static void
check_rdn_rule(load_type_t *draft)
{
    const json_t *rdn = json_find_exact(draft->json, STR("rdn"));

    if (draft->type->rdn_rule && !load_is_always_made(draft->type->rdn_rule))
        load_error(draft->load, rdn->at,
                   "entries are named by %.*s, but every line of its rule needs a path that "
                   "may be absent; add one of required paths",
                   STR_ARG(draft->type->rdn));
}

/* A rule fills in what no slot says; but some of the values may be nobody's. */
static bool
check_shared(load_type_t *draft, const map_rule_t *rule, uint32_t at)
{
    const load_slot_t *slot = load_find_draft(draft, rule->ldap);

    return !slot || !map_is_shared(&slot->slot) ||
           load_error(draft->load, at,
                      "parts of %.*s are mapped, such as \"%.*s\", so a rule cannot say what "
                      "the whole is; remove it",
                      STR_ARG(rule->ldap), STR_ARG(slot->member->name));
}

static const load_slot_t *
find_writer(const load_type_t *draft, str_t ldap)
{
    const load_slot_t *slot = load_find_draft(draft, ldap);

    return slot && map_slot_writes(&slot->slot) ? slot : NULL;
}

/* What a path always writes leaves nothing to a rule. A reference may be to what is not there. */
static bool
check_used(load_type_t *draft, const map_rule_t *rule, uint32_t at)
{
    const load_slot_t *slot = find_writer(draft, rule->ldap);

    return !slot || !slot->slot.required || slot->slot.as == MAP_AS_REFERENCE ||
           load_error(
               draft->load, at,
               "\"%.*s\" is required and %.*s holds it, so this rule, which fills in what "
               "no path says, would never be used; remove it",
               STR_ARG(slot->member->name), STR_ARG(rule->ldap));
}

/* Which of the values of one path would go with which of another's is nobody's to say. */
static bool
check_several(load_type_t *draft, const map_rule_t *rule, const map_template_t *alternative,
              uint32_t at)
{
    const map_slot_t *first = NULL;

    for (size_t i = 0; i < alternative->n; i++) {
        const map_slot_t *slot = alternative->parts[i].slot;

        if (!slot || !slot->several || slot == first)
            continue;
        if (first)
            return load_error(
                draft->load, at,
                "\"%.*s\" and \"%.*s\" may each have several values, so it is not clear which "
                "of them %.*s puts together; write \"several\": \"refuse\" at one of the "
                "paths, "
                "or make the values of one path",
                STR_ARG(first->path), STR_ARG(slot->path), STR_ARG(rule->ldap));
        first = slot;
    }
    return true;
}

/* Where one value is made, it is of the first values. */
static bool
check_alternatives(load_type_t *draft, const map_rule_t *rule, const json_t *value)
{
    const json_t *from =
        json_is(value, JSON_OBJECT) ? json_find_exact(value, STR("from")) : value;
    bool good = true;

    if (!load_makes_several(draft, rule))
        return true;
    for (size_t i = 0; i < rule->n; i++)
        good =
            check_several(draft, rule, &rule->alternatives[i],
                          json_is(from, JSON_ARRAY) ? from->u.array.items[i]->at : from->at) &&
            good;
    return good;
}

/* Where the rule says what becomes of values that are there, they must be the rule's alone to write. */
static bool
check_conflict(load_type_t *draft, const map_rule_t *rule, const json_t *at)
{
    load_t *load = draft->load;
    const load_slot_t *slot = find_writer(draft, rule->ldap);

    if (rule->conflict == MAP_CONFLICT_PRESERVE)
        return true;
    if (rule->write != MAP_WRITE_ALWAYS)
        return load_error(
            load, at->at,
            "\"conflict\" does not go with \"write\": \"%s\", which leaves values "
            "alone that are there; remove the one or the other",
            rule->write == MAP_WRITE_CREATE ? "create" : "if-empty");
    if (slot)
        return load_error(load, at->at,
                          "\"%.*s\" says what %.*s holds, and this rule only fills in; remove "
                          "\"conflict\"",
                          STR_ARG(slot->member->name), STR_ARG(rule->ldap));
    if (rule == draft->type->rdn_rule)
        return load_error(load, at->at,
                          "%.*s names the entries, and an entry that is adopted keeps its name "
                          "until a path of the rule changes; remove \"conflict\"",
                          STR_ARG(rule->ldap));
    if (rule->conflict == MAP_CONFLICT_MERGE &&
        ldap_schema_get(load->schema, rule->ldap)->single)
        return load_error(load, at->at,
                          "%.*s has one value only, so nothing can come beside it; write "
                          "\"overwrite\" or \"preserve\"",
                          STR_ARG(rule->ldap));
    return true;
}

bool
load_makes_several(const load_type_t *draft, const map_rule_t *rule)
{
    return !rule->unique && rule != draft->type->rdn_rule &&
           !ldap_schema_get(draft->load->schema, rule->ldap)->single;
}

void
load_check_rules(load_type_t *draft)
{
    for (size_t i = 0; i < draft->n_rules; i++) {
        const map_rule_t *rule = &draft->rules[i];
        const json_member_t *member = draft->rule_members[i];

        if (check_shared(draft, rule, member->at) && check_used(draft, rule, member->at) &&
            check_alternatives(draft, rule, member->value))
            check_conflict(draft, rule, json_find_exact(member->value, STR("conflict")));
    }
    if (!draft->bad_rules && (!draft->bad_attributes || draft->n_drafts > 0))
        check_rdn_rule(draft);
}
