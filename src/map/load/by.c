/* SPDX-License-Identifier: Apache-2.0 */
/* "by": references that are held by what names the other entry, not by its DN.
 *
 * The naming attribute is the one that every entry has, once, and that changes only by a rename,
 * which the bridge follows. */
#include "map/load/loading.h"
#include "map/reference.h"

static bool
refuse_syntax(load_type_t *draft, const load_slot_t *slot)
{
    const map_slot_t *s = &slot->slot;

    return load_error(draft->load, load_place(slot, "ldap"),
                      "%.*s (%s) does not hold DNs, so it cannot hold references; use an "
                      "attribute such as member or manager, or say what names the others, as "
                      "in \"by\": \"uid\"",
                      STR_ARG(s->ldap), ldap_syntax_name(s->ldap_type->syntax));
}

bool
load_by(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    map_slot_t *s = &slot->slot;
    bool holds_dns = s->ldap_type->syntax == LDAP_SYNTAX_DN;
    const json_t *value = NULL;

    if (!load_string(load, slot->settings, "by", false, &s->by, &value))
        return false;
    if (!value)
        return holds_dns || !ldap_schema_find(load->schema, s->ldap) ||
               refuse_syntax(draft, slot);
    if (!load_is_attr_name(s->by))
        return load_error(load, value->at, "\"%.*s\" is no name of an LDAP attribute",
                          STR_ARG(s->by));
    s->by = load_attr_name(load, s->by);
    if (holds_dns)
        return load_error(
            load, value->at,
            "%.*s holds DNs, which mean one entry each; remove \"by\", or name an "
            "attribute such as memberUid",
            STR_ARG(s->ldap));
    if (s->ldap_type->equality == LDAP_RULE_NONE)
        return load_error(load, load_place(slot, "ldap"),
                          "the directory cannot search for a value of %.*s, which has no "
                          "equality rule, so what it refers to could not be kept right; name "
                          "another attribute",
                          STR_ARG(s->ldap));
    return true;
}

bool
load_check_copy(load_type_t *draft, const load_slot_t *first, const load_slot_t *copy)
{
    const json_t *array = json_find_exact(copy->settings, STR("reference"));

    for (size_t i = 0; array && i < copy->slot.n_references; i++)
        if (!map_reference_has_scope(&first->slot, copy->slot.references[i]))
            return load_error(draft->load, array->u.array.items[i]->at,
                              "only the first attribute, %.*s, is read, and it does not refer "
                              "to the scope \"%.*s\"; remove it here, or name it there too",
                              STR_ARG(first->slot.ldap),
                              STR_ARG(copy->slot.references[i]->name));
    return true;
}

/* ---- once all types are known ---- */

static bool
check_named(load_t *load, const map_slot_t *slot, const map_scope_t *scope, uint32_t at)
{
    for (size_t i = 0; i < load->n_types; i++) {
        const map_type_t *type = load->types[i].type;

        if (type->scope == scope && type->rdn.n > 0 &&
            !load_same_attr(load->schema, type->rdn, slot->by))
            return load_error(load, at,
                              "entries of the scope \"%.*s\" are named by %.*s; of %.*s they "
                              "may have none or several, and others the same; write \"by\": "
                              "\"%.*s\", name a %.*s by %.*s (\"rdn\"), or remove the scope",
                              STR_ARG(scope->name), STR_ARG(type->rdn), STR_ARG(slot->by),
                              STR_ARG(type->rdn), STR_ARG(type->scim->name), STR_ARG(slot->by));
    }
    return true;
}

static const json_t *
settings_of(const load_slot_t *draft, size_t part)
{
    return part == 0 ? draft->settings : draft->more->u.array.items[part];
}

void
load_check_by(load_t *load, load_type_t *draft)
{
    const map_slot_t *part;

    for (size_t i = 0; i < draft->n_drafts; i++) {
        load_slot_t *slot = &draft->drafts[i];

        for (size_t k = 0; !slot->bad && (part = map_slot_part(&slot->slot, k)); k++)
            for (size_t j = 0; part->by.n > 0 && j < part->n_references; j++)
                if (!check_named(load, part, part->references[j],
                                 json_find_exact(settings_of(slot, k), STR("by"))->at))
                    break;
    }
}
