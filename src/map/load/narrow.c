/* SPDX-License-Identifier: Apache-2.0 */
/* The resource type as clients see it: only what is mapped (RFC 7643 §6, §7). */
#include "map/load/loading.h"
#include "map/share.h"

static bool
holds(const load_slot_t *draft, const scim_attr_t *attr)
{
    return !draft->bad && draft->slot.attr == attr;
}

static size_t
count_slots(const load_type_t *draft, const scim_attr_t *attr)
{
    size_t n = 0;

    for (size_t i = 0; i < draft->n_drafts; i++)
        n += holds(&draft->drafts[i], attr);
    return n;
}

/* ---- properties that follow from the slots ---- */

static scim_mutability_t
mutability(const load_slot_t *slot, scim_mutability_t usual)
{
    if (slot->slot.write == MAP_WRITE_READ_ONLY)
        return SCIM_READ_ONLY;
    if (slot->slot.write == MAP_WRITE_CREATE)
        return SCIM_IMMUTABLE;
    return slot->returned == SCIM_RETURNED_NEVER ? SCIM_WRITE_ONLY : usual;
}

/* Whether text compares by case is what the directory's equality rule says. But where SCIM wants
 * it and the rule ignores it, a filter can name the exact rule besides. */
static bool
case_exact(const load_type_t *draft, const map_slot_t *slot, bool usual)
{
    const map_dialect_t *dialect = draft->load->map->dialect;

    if (slot->n_table > 0 && slot->otherwise != MAP_ELSE_PASS)
        return usual; /* it is the map's words that are compared */
    if (map_share_is_blurred(slot))
        return true; /* the exact rule alone tells the prefixes apart */
    switch (slot->ldap_type->equality) {
    case LDAP_RULE_CASE_EXACT:
    case LDAP_RULE_OCTETS:
        return true;
    case LDAP_RULE_CASE_IGNORE_LIST:
    case LDAP_RULE_TELEPHONE:
    case LDAP_RULE_NUMERIC_STRING:
        return false;
    case LDAP_RULE_DN:
        return slot->as != MAP_AS_DN; /* the value that clients see is an id */
    case LDAP_RULE_CASE_IGNORE:
        return usual && (!dialect || dialect->names_rules);
    case LDAP_RULE_NONE:
    case LDAP_RULE_INTEGER:
    case LDAP_RULE_BOOLEAN:
    case LDAP_RULE_TIME:
    case LDAP_RULE_UUID:
    case LDAP_RULE_OBJECT_IDENTIFIER:
        return usual;
    }
    return usual;
}

/* Put into `narrow` what all slots of `attr` (with `sub`: of that sub-attribute) agree on; where
 * they differ, what SCIM says stays. */
static void
set_properties(const load_type_t *draft, const scim_attr_t *attr, const scim_attr_t *sub,
               scim_attr_t *narrow)
{
    const load_slot_t *first = NULL;
    bool same_write = true, same_returned = true, same_case = true;

    for (size_t i = 0; i < draft->n_drafts; i++) {
        const load_slot_t *slot = &draft->drafts[i];

        if (!holds(slot, attr) || (sub && slot->slot.sub != sub))
            continue;
        if (!first) {
            first = slot;
            continue;
        }
        same_write = same_write && slot->slot.write == first->slot.write;
        same_returned = same_returned && slot->returned == first->returned;
        same_case = same_case && case_exact(draft, &slot->slot, narrow->case_exact) ==
                                     case_exact(draft, &first->slot, narrow->case_exact);
    }
    if (!first)
        return;
    if (same_write)
        narrow->mutability = mutability(first, narrow->mutability);
    if (same_returned)
        narrow->returned = first->returned;
    if (same_case && narrow->kind != SCIM_COMPLEX)
        narrow->case_exact = case_exact(draft, &first->slot, narrow->case_exact);
    if (!attr->multi || !first->slot.sub)
        narrow->required = first->slot.required;
}

/* ---- sub-attributes ---- */

/* The types for which there are slots, each once. */
static void
narrow_types(const load_type_t *draft, const scim_attr_t *attr, scim_attr_t *narrow)
{
    str_t *types = arena_array_of(draft->load->mem, draft->n_drafts, str_t);
    size_t n = 0;

    for (size_t i = 0; i < draft->n_drafts; i++) {
        const load_slot_t *slot = &draft->drafts[i];
        bool known = !holds(slot, attr) || slot->slot.type.n == 0;

        for (size_t k = 0; k < n; k++)
            known = known || str_ieq(types[k], slot->slot.type);
        if (!known)
            types[n++] = slot->slot.type;
    }
    narrow->canonical = types;
    narrow->n_canonical = n;
}

/* The resource types that live in the scopes a reference names. */
static void
narrow_references(const load_type_t *draft, const scim_attr_t *attr, scim_attr_t *narrow,
                  bool canonical)
{
    load_t *load = draft->load;
    str_t *types = arena_array_of(load->mem, load->n_types, str_t);
    size_t n = 0;

    for (size_t t = 0; t < load->n_types; t++) {
        bool named = false;

        for (size_t i = 0; i < draft->n_drafts; i++) {
            const map_slot_t *slot = &draft->drafts[i].slot;

            for (size_t k = 0; holds(&draft->drafts[i], attr) && k < slot->n_references; k++)
                named = named || slot->references[k] == load->types[t].type->scope;
        }
        if (named)
            types[n++] = load->types[t].member->name;
    }
    if (canonical) {
        narrow->canonical = types;
        narrow->n_canonical = n;
    } else {
        narrow->references = types;
        narrow->n_references = n;
    }
}

typedef struct {
    bool typed, primary, reference;
} traits_t;

static traits_t
find_traits(const load_type_t *draft, const scim_attr_t *attr)
{
    traits_t traits = {0};

    for (size_t i = 0; i < draft->n_drafts; i++) {
        const load_slot_t *slot = &draft->drafts[i];

        if (!holds(slot, attr))
            continue;
        traits.typed = traits.typed || slot->slot.type.n > 0;
        traits.primary = traits.primary || slot->slot.primary;
        traits.reference = traits.reference || slot->slot.as == MAP_AS_REFERENCE;
    }
    return traits;
}

static bool
has_slot(const load_type_t *draft, const scim_attr_t *attr, const scim_attr_t *sub)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        if (holds(&draft->drafts[i], attr) && draft->drafts[i].slot.sub == sub)
            return true;
    }
    return false;
}

/* Whether clients see the sub-attribute, and how. */
static bool
narrow_sub(const load_type_t *draft, const scim_attr_t *attr, const scim_attr_t *sub,
           const traits_t *traits, scim_attr_t *ret_narrow)
{
    bool members = traits->reference && str_eq(attr->name, STR("members"));

    *ret_narrow = *sub;
    if (has_slot(draft, attr, sub)) {
        set_properties(draft, attr, sub, ret_narrow);
        if (attr->multi)
            ret_narrow->returned = sub->returned; /* the attribute says it for all */
        if (traits->reference)
            ret_narrow->mutability = sub->mutability;
        return true;
    }
    if (traits->reference && str_eq(sub->name, STR("$ref"))) {
        narrow_references(draft, attr, ret_narrow, false);
        return true;
    }
    if (str_eq(sub->name, STR("type")) && members)
        narrow_references(draft, attr, ret_narrow, true);
    else if (str_eq(sub->name, STR("type")) && traits->typed)
        narrow_types(draft, attr, ret_narrow);
    else
        return traits->primary && str_eq(sub->name, STR("primary"));
    return true;
}

static void
narrow_subs(const load_type_t *draft, const scim_attr_t *attr, scim_attr_t *narrow)
{
    traits_t traits = find_traits(draft, attr);
    scim_attr_t *subs = arena_array_of(draft->load->mem, attr->n_subs, scim_attr_t);
    size_t n = 0;

    for (size_t i = 0; i < attr->n_subs; i++)
        n += narrow_sub(draft, attr, &attr->subs[i], &traits, &subs[n]);
    narrow->subs = subs;
    narrow->n_subs = n;
}

/* ---- attributes, schemas, the type ---- */

static void
move_slot(map_slot_t *slot, const scim_schema_t *schema, const scim_attr_t *narrow)
{
    slot->schema = schema;
    slot->attr = narrow;
    if (slot->sub)
        slot->sub = scim_attr_find_sub(narrow, slot->sub->name);
}

/* Make the slots of `attr` point at what it became. */
static void
move_slots(load_type_t *draft, const scim_schema_t *schema, const scim_attr_t *attr,
           const scim_attr_t *narrow)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        load_slot_t *slot = &draft->drafts[i];

        if (!holds(slot, attr))
            continue;
        move_slot(&slot->slot, schema, narrow);
        for (size_t k = 0; k < slot->n_copies; k++)
            move_slot(&slot->copies[k], schema, narrow);
    }
}

/* Where one part or one type of value is required, no resource is without the whole: "required"
 * (RFC 7643 §7) says what a client must send, and the error names the rest of it. */
static bool
is_needed(const load_type_t *draft, const scim_attr_t *attr)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        if (holds(&draft->drafts[i], attr) && draft->drafts[i].slot.required)
            return true;
    }
    return false;
}

static void
narrow_attr(load_type_t *draft, const scim_schema_t *schema, const scim_attr_t *attr,
            scim_attr_t *narrow)
{
    bool whole = has_slot(draft, attr, NULL); /* simple, or with all its parts */

    *narrow = *attr;
    if (!whole)
        narrow_subs(draft, attr, narrow);
    if (whole || attr->multi || find_traits(draft, attr).reference)
        set_properties(draft, attr, NULL, narrow);
    narrow->required = narrow->required || is_needed(draft, attr);
    move_slots(draft, schema, attr, narrow);
}

/* NULL when nothing of the schema is mapped; the core schema stays. */
static const scim_schema_t *
narrow_schema(load_type_t *draft, const scim_schema_t *schema, bool active)
{
    arena_t *mem = draft->load->mem;
    bool core = schema == draft->declared->core;
    scim_schema_t *narrow = arena_new_of(mem, scim_schema_t);
    scim_attr_t *attrs = arena_array_of(mem, schema->n, scim_attr_t);
    size_t n = 0;

    *narrow = *schema;
    for (size_t i = 0; i < schema->n; i++) {
        const scim_attr_t *attr = &schema->attrs[i];

        if (count_slots(draft, attr) > 0)
            narrow_attr(draft, narrow, attr, &attrs[n++]);
        else if (core && active && str_eq(attr->name, STR("active")))
            attrs[n++] = *attr;
    }
    narrow->attrs = attrs;
    narrow->n = n;
    return n > 0 || core ? narrow : NULL;
}

/* The good slots, in the order of the file. */
static void
collect_slots(load_type_t *draft)
{
    draft->slots = arena_array_of(draft->load->mem, draft->n_drafts, map_slot_t);
    for (size_t i = 0; i < draft->n_drafts; i++) {
        if (!draft->drafts[i].bad && draft->drafts[i].slot.searched)
            draft->type->groups = &draft->drafts[i].slot;
        else if (!draft->drafts[i].bad)
            draft->slots[draft->n_slots++] = draft->drafts[i].slot;
    }
    draft->type->slots = draft->slots;
    draft->type->n_slots = draft->n_slots;
}

void
load_narrow(load_type_t *draft, bool active)
{
    arena_t *mem = draft->load->mem;
    const scim_type_t *declared = draft->declared;
    scim_type_t *narrow = arena_new_of(mem, scim_type_t);
    size_t n = 0;
    const scim_schema_t **extensions =
        arena_array_of(mem, declared->n_extensions, const scim_schema_t *);

    *narrow = *declared;
    narrow->core = narrow_schema(draft, declared->core, active);
    for (size_t i = 0; i < declared->n_extensions; i++) {
        extensions[n] = narrow_schema(draft, declared->extensions[i], active);
        n += extensions[n] != NULL;
    }
    narrow->extensions = extensions;
    narrow->n_extensions = n;
    draft->type->scim = narrow;
    collect_slots(draft);
}
