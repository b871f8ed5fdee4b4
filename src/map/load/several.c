/* SPDX-License-Identifier: Apache-2.0 */
/* What the slots of one SCIM attribute mean together: "several", "primary", "returned". */
#include "map/load/loading.h"

static const char *const several_words[] = {"refuse", "allow", NULL};

enum { UNSAID = SIZE_MAX };

/* Whether other slots hold further parts of the same elements. */
static bool
shares_elements(const load_type_t *draft, const load_slot_t *slot)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        const map_slot_t *other = &draft->drafts[i].slot;

        if (other != &slot->slot && other->attr == slot->slot.attr &&
            str_ieq(other->type, slot->slot.type))
            return true;
    }
    return false;
}

static bool
minds_case(const map_slot_t *slot)
{
    return slot->ldap_type->equality == LDAP_RULE_CASE_EXACT ||
           slot->ldap_type->equality == LDAP_RULE_OCTETS ||
           slot->ldap_type->equality == LDAP_RULE_NONE;
}

/* Why a slot cannot hold more than one value; NULL: it can. */
static const char *
why_one(const load_type_t *draft, const load_slot_t *slot, bool custom)
{
    const map_slot_t *s = &slot->slot;

    if (!s->attr->multi && !custom)
        return "the SCIM attribute has one value";
    if (s->ldap_type->single)
        return "the LDAP attribute is single-valued";
    for (size_t i = 0; i < s->n_copies; i++)
        if (s->copies[i].ldap_type->single)
            return "one of the LDAP attributes is single-valued";
    if (s->as == MAP_AS_JSON && !minds_case(s))
        return "the LDAP attribute ignores the case of letters, in which JSON texts may differ";
    if (shares_elements(draft, slot))
        return "values of several LDAP attributes could not be paired";
    if (s->n_none > 0)
        return "\"none\" is about one value";
    if (s->primary)
        return "only one value can be the primary one";
    return NULL;
}

static bool
read_several(load_type_t *draft, load_slot_t *slot)
{
    size_t several = UNSAID;
    scim_attr_t *custom = load_open_multi(draft, slot);
    const char *why = why_one(draft, slot, custom != NULL);

    if (slot->settings &&
        !load_word(draft->load, slot->settings, "several", several_words, NULL, &several))
        return false;
    if (several == UNSAID)
        several = !why && !custom;
    if (several && why)
        return load_error(draft->load, load_place(slot, "several"),
                          "\"several\" cannot be \"allow\": %s; write \"refuse\"", why);
    if (slot->slot.as == MAP_AS_REFERENCE && slot->slot.attr->multi && !several)
        return load_error(draft->load, load_place(slot, why ? "ldap" : "several"),
                          "\"%.*s\" has many values%s%s; use an attribute such as member",
                          STR_ARG(slot->member->name), why ? ", but " : "", why ? why : "");
    if (custom)
        custom->multi = several;
    slot->slot.several = several;
    for (size_t i = 0; i < slot->n_copies; i++)
        slot->copies[i].several = several;
    return true;
}

/* ---- primary, returned ---- */

static bool
check_primary(load_type_t *draft, size_t at)
{
    const load_slot_t *slot = &draft->drafts[at];

    for (size_t i = 0; i < at && slot->slot.primary; i++) {
        const load_slot_t *other = &draft->drafts[i];

        if (other->slot.primary && other->slot.attr == slot->slot.attr &&
            !str_ieq(other->slot.type, slot->slot.type))
            return load_error(draft->load, load_place(slot, "primary"),
                              "\"%.*s\" is the primary one already; remove one of the two",
                              STR_ARG(other->member->name));
    }
    return true;
}

/* Clients see `returned` on the whole attribute, so its types cannot differ in it. */
static bool
check_returned(load_type_t *draft, size_t at)
{
    const load_slot_t *slot = &draft->drafts[at];

    for (size_t i = 0; i < at && slot->slot.attr->multi; i++) {
        const load_slot_t *other = &draft->drafts[i];

        if (other->slot.attr == slot->slot.attr && other->returned != slot->returned)
            return load_error(draft->load, load_place(slot, "returned"),
                              "\"returned\" must be the same as for \"%.*s\"",
                              STR_ARG(other->member->name));
    }
    return true;
}

void
load_several(load_type_t *draft)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        load_slot_t *slot = &draft->drafts[i];

        if (!slot->slot.attr || !slot->slot.ldap_type)
            continue;
        if (!read_several(draft, slot) || !check_primary(draft, i) || !check_returned(draft, i))
            slot->bad = true;
    }
}
