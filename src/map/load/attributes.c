/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of "attributes": what each SCIM path means. */
#include "map/load/loading.h"

#include "scim/filter.h"

static bool
has_value_sub(const scim_attr_t *attr)
{
    return scim_attr_find_sub(attr, STR("value")) != NULL;
}

/* members, groups, manager: the value is the id of another resource. */
static bool
is_reference(const scim_attr_t *attr)
{
    return attr->kind == SCIM_COMPLEX && has_value_sub(attr) &&
           scim_attr_find_sub(attr, STR("$ref")) != NULL;
}

/* Attributes of SCIM's that no LDAP attribute holds. */
static bool
is_mappable(load_type_t *draft, const load_slot_t *slot, const scim_target_t *target)
{
    if (!target->attr)
        return load_error(draft->load, slot->member->at,
                          "this is the whole extension; map its attributes one by one");
    if (!target->schema)
        return load_error(draft->load, slot->member->at,
                          "\"%.*s\" is made by the bridge and needs no mapping; remove it",
                          STR_ARG(target->attr->name));
    if (target->schema == draft->declared->core && str_eq(target->attr->name, STR("active")))
        return load_error(draft->load, slot->member->at,
                          "\"active\" follows from the lifecycle; remove it here and write "
                          "\"lifecycle\": {\"inactive\": \"ppolicy-end\"} or \"hide\"");
    return true;
}

/* ---- schemas of the admin's own ---- */

static bool
is_known_urn(load_type_t *draft, const load_slot_t *slot, str_t urn)
{
    static const char *const urns[] = {SCIM_URN_USER, SCIM_URN_GROUP, SCIM_URN_ENTERPRISE};

    for (size_t i = 0; i < ARRAY_SIZE(urns); i++) {
        unsigned distance = str_distance(urn, str_from_c(urns[i]));

        if (distance == 0)
            return load_error(draft->load, slot->member->at,
                              "attributes of \"%s\" do not belong to a %.*s; write an "
                              "extension of your own, such as "
                              "urn:ietf:params:scim:schemas:extension:example:2.0:%.*s:…",
                              urns[i], STR_ARG(draft->declared->name),
                              STR_ARG(draft->declared->name));
        if (distance <= 3)
            return load_error(draft->load, slot->member->at,
                              "there is no schema \"%.*s\"; did you mean \"%s\"?", STR_ARG(urn),
                              urns[i]);
    }
    return true;
}

/* A path that names nothing, though its schema is one of the admin's own. */
static bool
refuse_own_path(load_type_t *draft, const load_slot_t *slot, const scim_path_t *path)
{
    load_schema_t *given = load_find_schema(draft->load, path->urn);

    if (given && !given->schema)
        return false; /* said of its definition */
    if (!is_known_urn(draft, slot, path->urn))
        return false;
    if (!load_is_urn(path->urn))
        return load_error(draft->load, slot->member->at,
                          "\"%.*s\" is no URN of a schema; write URN:name, such as "
                          "urn:ietf:params:scim:schemas:extension:example:2.0:%.*s:name",
                          STR_ARG(path->urn), STR_ARG(draft->declared->name));
    return load_error(draft->load, slot->member->at,
                      "\"%.*s\" is no name of an attribute; write URN:name",
                      STR_ARG(path->attr));
}

/* ---- which values of the attribute ---- */

static bool
read_type_filter(load_type_t *draft, load_slot_t *slot, const scim_filter_t *filter)
{
    const scim_attr_t *type = scim_attr_find_sub(slot->slot.attr, STR("type"));
    guess_t guess;
    bool known;

    if (filter->kind != SCIM_F_COMPARE || filter->op != SCIM_EQ ||
        !str_ieq(filter->path.attr, STR("type")) || !json_is(filter->value, JSON_STRING) ||
        filter->value->u.string.n == 0)
        return load_error(draft->load, slot->member->at,
                          "a map selects values only by type: %.*s[type eq \\\"work\\\"].value",
                          STR_ARG(slot->slot.attr->name));
    if (!type)
        return load_error(draft->load, slot->member->at, "\"%.*s\" has no types",
                          STR_ARG(slot->slot.attr->name));
    slot->slot.type = filter->value->u.string;
    guess = guess_begin(slot->slot.type);
    known = type->n_canonical == 0;
    for (size_t i = 0; i < type->n_canonical; i++) {
        known = known || str_eq(type->canonical[i], slot->slot.type);
        guess_add(&guess, type->canonical[i]);
    }
    if (!known && guess.best.n > 0)
        load_warning(draft->load, slot->member->at,
                     "\"%.*s\" is not one of SCIM's types of %.*s; did you mean \"%.*s\"?",
                     STR_ARG(slot->slot.type), STR_ARG(slot->slot.attr->name),
                     STR_ARG(guess.best));
    return true;
}

static bool
read_multi(load_type_t *draft, load_slot_t *slot, const scim_target_t *target)
{
    const scim_attr_t *attr = target->attr;
    const scim_attr_t *type = scim_attr_find_sub(attr, STR("type"));
    const char *leaf = has_value_sub(attr) ? "value" : "streetAddress";

    if (target->filter && !read_type_filter(draft, slot, target->filter))
        return false;
    if (!target->filter && type && type->n_canonical > 0)
        return load_error(draft->load, slot->member->at,
                          "the type of the values would be lost; write "
                          "\"%.*s[type eq \\\"work\\\"].%.*s\"",
                          STR_ARG(attr->name),
                          STR_ARG(target->sub ? target->sub->name : str_from_c(leaf)));
    if (target->sub)
        slot->slot.sub = target->sub;
    else if (!target->filter)
        slot->slot.sub = scim_attr_find_sub(attr, STR("value"));
    if (!slot->slot.sub)
        return load_error(draft->load, slot->member->at,
                          "an element has several parts; say which one, such as "
                          "%.*s[type eq \\\"work\\\"].%s",
                          STR_ARG(attr->name), leaf);
    if (str_ieq(slot->slot.sub->name, STR("type")) ||
        str_ieq(slot->slot.sub->name, STR("primary")))
        return load_error(draft->load, slot->member->at,
                          "\"%.*s\" of an element is not stored; it follows from the path, "
                          "and from \"primary\": true",
                          STR_ARG(slot->slot.sub->name));
    return true;
}

static bool
read_reference(load_type_t *draft, load_slot_t *slot, const scim_target_t *target)
{
    const scim_attr_t *value = scim_attr_find_sub(target->attr, STR("value"));

    if (target->filter || (target->sub && target->sub != value))
        return load_error(draft->load, slot->member->at,
                          "\"%.*s\" is mapped as a whole; write \"%.*s\"",
                          STR_ARG(target->attr->name), STR_ARG(target->attr->name));
    slot->slot.sub = value;
    return true;
}

/* The attribute as a whole: what its definition says it is, each element in one value. */
static bool
wants_whole(const load_slot_t *slot)
{
    const json_t *as = json_is(slot->member->value, JSON_OBJECT)
                           ? json_find_exact(slot->member->value, STR("as"))
                           : NULL;

    return json_is(as, JSON_STRING) && str_eq(as->u.string, STR("json"));
}

static bool
read_whole(load_type_t *draft, load_slot_t *slot, const scim_target_t *target)
{
    if (target->sub || target->filter)
        return load_error(draft->load, slot->member->at,
                          "JSON keeps all parts of every element; write \"%.*s\"",
                          STR_ARG(target->attr->name));
    return true;
}

static bool
read_leaf(load_type_t *draft, load_slot_t *slot, const scim_target_t *target)
{
    const scim_attr_t *attr = target->attr;

    if (target->filter && !attr->multi)
        return load_error(draft->load, slot->member->at,
                          "\"%.*s\" has one value; remove what stands in brackets",
                          STR_ARG(attr->name));
    if (is_reference(attr))
        return read_reference(draft, slot, target);
    if (attr->kind != SCIM_COMPLEX)
        return true;
    if (wants_whole(slot))
        return read_whole(draft, slot, target);
    if (attr->multi)
        return read_multi(draft, slot, target);
    slot->slot.sub = target->sub;
    if (!slot->slot.sub)
        return load_error(draft->load, slot->member->at,
                          "\"%.*s\" has several parts; map each, such as \"%.*s.%.*s\"",
                          STR_ARG(attr->name), STR_ARG(attr->name),
                          STR_ARG(attr->n_subs > 0 ? attr->subs[0].name : STR("value")));
    return true;
}

/* The path in one spelling, for messages: without the ".value" that goes without saying. */
static str_t
format_path(arena_t *mem, const load_slot_t *slot, const scim_target_t *target)
{
    scim_target_t full = *target;

    full.sub = slot->slot.sub;
    if (!full.filter && full.sub && str_eq(full.sub->name, STR("value")))
        full.sub = NULL;
    return scim_path_format(mem, &full);
}

/* What SCIM's own schemas require is the map's to say; what those of the map do, they have said. */
static bool
is_required(load_type_t *draft, const load_slot_t *slot)
{
    const scim_attr_t *attr = slot->slot.attr;

    return load_find_schema(draft->load, slot->slot.schema->id) && attr->required &&
           attr->mutability != SCIM_READ_ONLY && !attr->multi &&
           (!slot->slot.sub || slot->slot.sub->required);
}

bool
load_path(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    scim_path_t path;
    scim_target_t target = {0};
    err_t err = ERR_INIT;

    if (!scim_path_parse(load->mem, slot->member->name, &path, &err))
        return load_error(load, slot->member->at, "this is no SCIM path: %s", err.detail);
    if (path.urn.n > 0 && !scim_type_find_schema(draft->declared, path.urn) &&
        !scim_path_resolve(draft->declared, &path, &target))
        return refuse_own_path(draft, slot, &path);
    if (!scim_path_resolve(draft->declared, &path, &target))
        return load_guess_path(draft, slot, &path);
    if (!is_mappable(draft, slot, &target))
        return false;
    slot->slot.schema = target.schema;
    slot->slot.attr = target.attr;
    if (!read_leaf(draft, slot, &target))
        return false;
    slot->slot.path = format_path(load->mem, slot, &target);
    slot->slot.required = is_required(draft, slot);
    return true;
}

/* ---- all of them ---- */

static bool
same_path(const map_slot_t *a, const map_slot_t *b)
{
    return a->attr == b->attr && a->sub == b->sub && str_ieq(a->type, b->type);
}

/* Against those before it: each SCIM path and each LDAP attribute stands for one thing. */
static bool
check_twins(load_type_t *draft, size_t at)
{
    load_t *load = draft->load;
    const load_slot_t *slot = &draft->drafts[at];

    for (size_t i = 0; i < at; i++) {
        const load_slot_t *other = &draft->drafts[i];
        const map_slot_t *a = &slot->slot, *b = &other->slot;

        if (a->attr && same_path(a, b))
            return load_error(load, slot->member->at,
                              "this path is the same as \"%.*s\" above; remove one",
                              STR_ARG(other->member->name));
        if (a->attr && a->attr == b->attr && !a->sub != !b->sub)
            return load_error(load, slot->member->at,
                              "\"%.*s\" is mapped above, and one of the two is the whole, as "
                              "JSON; remove one",
                              STR_ARG(other->member->name));
        if (a->attr && a->attr == b->attr && a->attr->multi &&
            (a->type.n == 0) != (b->type.n == 0))
            return load_error(load, slot->member->at,
                              "\"%.*s\" is mapped above without a type, so every value would "
                              "have two places; remove one of the two",
                              STR_ARG(a->attr->name));
        if (a->ldap.n > 0 && b->ldap.n > 0 && load_same_attr(load->schema, a->ldap, b->ldap) &&
            !load_check_share(draft, slot, other))
            return false;
        for (size_t k = 0; a->ldap.n > 0 && k < other->n_copies; k++)
            if (load_same_attr(load->schema, a->ldap, other->copies[k].ldap))
                return load_error(load, slot->member->value->at,
                                  "the LDAP attribute %.*s holds \"%.*s\" already",
                                  STR_ARG(a->ldap), STR_ARG(other->member->name));
    }
    return true;
}

static bool
read_slot(load_type_t *draft, size_t i)
{
    load_slot_t *slot = &draft->drafts[i];
    bool good = load_path(draft, slot);

    if (!good)
        slot->slot.attr = NULL;
    /* The definition is read even for a bad path: its mistakes are shown too. */
    good = load_slot(draft, slot) && good;
    good = check_twins(draft, i) && good;
    return good && load_copies(draft, i);
}

void
load_attributes(load_type_t *draft)
{
    load_t *load = draft->load;
    const json_t *json = json_find_exact(draft->json, STR("attributes"));

    if (!json_is(json, JSON_OBJECT)) {
        load_error(load, json ? json->at : draft->member->at,
                   "\"attributes\" must be an object of SCIM paths: {\"userName\": \"uid\"}");
        draft->bad_attributes = true;
        load_declare(draft); /* the rest is looked at all the same */
        return;
    }
    draft->n_drafts = json->u.object.n;
    draft->drafts = arena_array_of(load->mem, draft->n_drafts, load_slot_t);
    for (size_t i = 0; i < draft->n_drafts; i++) {
        draft->drafts[i].member = &json->u.object.members[i];
        draft->drafts[i].slot.path = draft->drafts[i].slot.type = STR("");
        draft->drafts[i].slot.ldap = draft->drafts[i].slot.by = STR("");
        draft->drafts[i].bad = !load_split(draft, &draft->drafts[i]);
    }
    load_declare(draft);
    for (size_t i = 0; i < draft->n_drafts; i++)
        if (!draft->drafts[i].bad)
            draft->drafts[i].bad = !read_slot(draft, i);
    load_several(draft);
    for (size_t i = 0; i < draft->n_drafts; i++)
        draft->bad_attributes = draft->bad_attributes || draft->drafts[i].bad;
}
