/* SPDX-License-Identifier: Apache-2.0 */
/* The resource type with everything that a path of it may name: SCIM's own attributes, those that
 * "schemas" defines, and those of schemas that nobody defines, which follow from the paths. */
#include "map/load/loading.h"

enum {
    OWN_PARTS = 4
}; /* sub-attributes that do not come from a path, and room for one that does */

/* ---- schemas that follow from the paths ---- */

static str_t
last_segment(str_t urn)
{
    return str_skip(urn, str_find_last_char(urn, ':') + 1);
}

static load_derived_t *
find_derived(const load_type_t *draft, str_t urn)
{
    for (size_t i = 0; i < draft->n_derived; i++) {
        if (str_ieq(draft->derived[i].schema.id, urn))
            return &draft->derived[i];
    }
    return NULL;
}

static load_derived_t *
add_derived(load_type_t *draft, str_t urn)
{
    load_derived_t *derived = &draft->derived[draft->n_derived++];

    derived->attrs = arena_array_of(draft->load->mem, draft->n_drafts + 2, scim_attr_t);
    derived->schema = (scim_schema_t){
        .id = urn,
        .name = last_segment(urn),
        .description = STR("Further attributes"),
        .attrs = derived->attrs,
    };
    return derived;
}

static scim_attr_t *
get_attr(load_derived_t *derived, str_t name)
{
    scim_attr_t *attr;

    for (size_t i = 0; i < derived->schema.n; i++) {
        if (str_ieq(derived->attrs[i].name, name))
            return &derived->attrs[i];
    }
    attr = &derived->attrs[derived->schema.n++];
    *attr = (scim_attr_t){.name = name, .description = STR(""), .kind = SCIM_STRING};
    return attr;
}

/* As members of a group, or as the manager of a user. */
static void
make_reference(load_type_t *draft, scim_attr_t *attr)
{
    static const scim_attr_t parts[] = {
        {.name = STR_INIT("value"),
         .description = STR_INIT("The resource's id."),
         .case_exact = true},
        {.name = STR_INIT("$ref"),
         .description = STR_INIT("The resource's address."),
         .kind = SCIM_REFERENCE,
         .case_exact = true,
         .mutability = SCIM_READ_ONLY},
    };
    const scim_schema_t *group = scim_type_builtin(STR("Group"))->core;
    scim_attr_t *subs;

    if (str_ieq(attr->name, STR("members"))) {
        *attr = *scim_schema_find(group, STR("members"));
        return;
    }
    subs = arena_array_of(draft->load->mem, ARRAY_SIZE(parts), scim_attr_t);
    memcpy(subs, parts, sizeof(parts));
    attr->kind = SCIM_COMPLEX;
    attr->subs = subs;
    attr->n_subs = ARRAY_SIZE(parts);
}

static void
add_part(load_type_t *draft, scim_attr_t *attr, str_t name, scim_kind_t kind)
{
    scim_attr_t *subs;

    attr->kind = SCIM_COMPLEX;
    if (scim_attr_find_sub(attr, name))
        return;
    subs = arena_array_of(draft->load->mem, draft->n_drafts + OWN_PARTS, scim_attr_t);
    if (attr->n_subs > 0)
        memcpy(subs, attr->subs, attr->n_subs * sizeof(*subs));
    subs[attr->n_subs] = (scim_attr_t){.name = name, .description = STR(""), .kind = kind};
    attr->subs = subs;
    attr->n_subs++;
}

/* What the attribute must be for the path to make sense. */
static void
shape_attr(load_type_t *draft, scim_attr_t *attr, const scim_path_t *path, const json_t *slot)
{
    bool refers = json_is(slot, JSON_OBJECT) && json_find_exact(slot, STR("reference"));

    if (refers && attr->n_subs == 0)
        make_reference(draft, attr);
    if (refers)
        return;
    if (path->filter) {
        attr->multi = true;
        add_part(draft, attr, STR("type"), SCIM_STRING);
        add_part(draft, attr, STR("primary"), SCIM_BOOLEAN);
    }
    if (path->sub.n > 0 || path->filter)
        add_part(draft, attr, path->sub.n > 0 ? path->sub : STR("value"), SCIM_STRING);
}

/* ---- schemas that are defined ---- */

static void
add_extension(load_type_t *draft, const scim_schema_t *schema)
{
    scim_schema_t *copy = arena_new_of(draft->load->mem, scim_schema_t);

    if (scim_type_find_schema(draft->declared, schema->id))
        return;
    *copy = *schema;
    copy->core = false;
    draft->extensions[draft->declared->n_extensions++] = copy;
}

/* Schemas of SCIM's own that a type of another core schema cannot have are refused where the path is
 * read. */
static bool
is_for_others(str_t urn)
{
    static const char *const urns[] = {SCIM_URN_USER, SCIM_URN_GROUP, SCIM_URN_ENTERPRISE};

    for (size_t i = 0; i < ARRAY_SIZE(urns); i++) {
        if (str_distance(urn, str_from_c(urns[i])) <= 3)
            return true;
    }
    return false;
}

/* Of a core schema: id, meta, externalId and so on are what they are in every resource. */
static bool
is_fixed(const load_derived_t *derived, str_t name)
{
    for (size_t i = 0; i < derived->n_fixed; i++) {
        if (str_ieq(derived->attrs[i].name, name))
            return true;
    }
    return derived->schema.core &&
           (str_ieq(name, scim_attr_id.name) || str_ieq(name, scim_attr_meta.name) ||
            str_ieq(name, scim_attr_schemas.name));
}

static void
declare_path(load_type_t *draft, const json_member_t *member)
{
    load_schema_t *whole = load_find_schema(draft->load, member->name), *given;
    load_derived_t *derived;
    scim_path_t path;
    err_t err = ERR_INIT;
    str_t urn;

    if (whole && whole->schema)
        add_extension(draft, whole->schema); /* to be told that it is no attribute */
    if (whole || !scim_path_parse(draft->load->mem, member->name, &path, &err))
        return;
    urn = path.urn.n > 0 ? path.urn : draft->declared->core->id;
    given = load_find_schema(draft->load, urn);
    if (given && given->schema) {
        given->used = true;
        add_extension(draft, given->schema);
    }
    derived = find_derived(draft, urn);
    if (given || !load_is_scim_name(path.attr) ||
        (!derived && (scim_type_find_schema(draft->declared, urn) ||
                      scim_type_find_schema(draft->declared, member->name) ||
                      is_for_others(urn) || !load_is_urn(urn))))
        return;
    if (!derived) {
        derived = add_derived(draft, urn);
        draft->extensions[draft->declared->n_extensions++] = &derived->schema;
    }
    if (!is_fixed(derived, path.attr))
        shape_attr(draft, get_attr(derived, path.attr), &path, member->value);
}

/* ---- the type ---- */

/* A core schema of one's own has externalId and active, as every resource may. */
static size_t
add_usual(scim_attr_t *attrs, const scim_schema_t *schema)
{
    const scim_type_t *user = scim_type_builtin(STR("User"));
    const scim_attr_t *usual[] = {&scim_attr_external_id,
                                  scim_schema_find(user->core, STR("active"))};
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
        if (!schema || !scim_schema_find(schema, usual[i]->name))
            attrs[n++] = *usual[i];
    }
    return n;
}

static const scim_schema_t *
copy_core(load_type_t *draft, const scim_schema_t *schema)
{
    scim_schema_t *core = arena_new_of(draft->load->mem, scim_schema_t);
    scim_attr_t *attrs = arena_array_of(draft->load->mem, schema->n + 2, scim_attr_t);
    size_t n = add_usual(attrs, schema);

    *core = *schema;
    if (schema->n > 0)
        memcpy(attrs + n, schema->attrs, schema->n * sizeof(*attrs));
    core->attrs = attrs;
    core->n = n + schema->n;
    core->core = true;
    return core;
}

static const scim_schema_t *
derive_core(load_type_t *draft, str_t urn)
{
    load_derived_t *derived = add_derived(draft, urn);

    derived->schema.core = true;
    derived->schema.name = draft->declared->name;
    derived->schema.description = draft->declared->description;
    derived->schema.n = derived->n_fixed = add_usual(derived->attrs, NULL);
    return &derived->schema;
}

/* A type of one's own whose core schema is one of SCIM's. */
static bool
take_core(load_type_t *draft, str_t urn)
{
    static const char *const names[] = {"User", "Group"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const scim_type_t *type = scim_type_builtin(str_from_c(names[i]));

        if (!str_ieq(type->core->id, urn))
            continue;
        draft->declared->core = type->core;
        for (size_t k = 0; k < type->n_extensions; k++)
            draft->extensions[draft->declared->n_extensions++] = type->extensions[k];
        return true;
    }
    return false;
}

static void
declare_core(load_type_t *draft)
{
    load_schema_t *given = load_find_schema(draft->load, draft->core_urn);

    if (take_core(draft, draft->core_urn))
        return;
    if (given)
        given->used = true;
    draft->declared->core = given && given->schema ? copy_core(draft, given->schema)
                                                   : derive_core(draft, draft->core_urn);
}

void
load_declare(load_type_t *draft)
{
    arena_t *mem = draft->load->mem;
    scim_type_t *type = draft->declared = arena_new_of(mem, scim_type_t);

    draft->extensions = arena_array_of(mem, draft->n_drafts + 2, const scim_schema_t *);
    draft->derived = arena_array_of(mem, draft->n_drafts + 1, load_derived_t);
    *type = (scim_type_t){.name = draft->member->name,
                          .endpoint = draft->endpoint,
                          .description = draft->description,
                          .extensions = draft->extensions};
    declare_core(draft);
    for (size_t i = 0; i < draft->n_drafts; i++)
        declare_path(draft, draft->drafts[i].member);
}

/* ---- what is still open of a derived attribute ---- */

/* The attribute, where it follows from the paths alone. What is derived lies in this load's own memory. */
static scim_attr_t *
open_attr(const load_type_t *draft, const load_slot_t *slot)
{
    for (size_t i = 0; i < draft->n_derived; i++) {
        load_derived_t *derived = &draft->derived[i];

        if (slot->slot.schema == &derived->schema &&
            slot->slot.attr >= derived->attrs + derived->n_fixed)
            return &derived->attrs[slot->slot.attr - derived->attrs];
    }
    return NULL;
}

scim_attr_t *
load_open_type(const load_type_t *draft, const load_slot_t *slot)
{
    scim_attr_t *attr = open_attr(draft, slot);

    if (!attr || !slot->slot.sub)
        return attr;
    if (scim_attr_find_sub(attr, STR("$ref")))
        return NULL;
    return (scim_attr_t *)(uintptr_t)slot->slot.sub;
}

scim_attr_t *
load_open_multi(const load_type_t *draft, const load_slot_t *slot)
{
    scim_attr_t *attr = open_attr(draft, slot);

    if (!attr || (slot->slot.sub && !scim_attr_find_sub(attr, STR("$ref"))) ||
        str_ieq(attr->name, STR("members")))
        return NULL;
    return attr;
}
