/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/quirk.h"

#include "scim/parse.h"
#include "scim/quirk_value.h"
#include "scim/resource.h"
#include "scim/value.h"

#include <assert.h>

/* Dotted keys that are taken of one body: each is merged into what is there. */
enum { KEYS_MAX = 256 };

#define BIT(quirk) ((scim_quirks_t)1 << (quirk))

const scim_quirks_t scim_quirks_none = 0;
const scim_quirks_t scim_quirks_default = (BIT(SCIM_QUIRK_COUNT) - 1) &
                                          ~BIT(SCIM_QUIRK_ADD_IS_REPLACE) &
                                          ~BIT(SCIM_QUIRK_JSON_STRING);

static const str_t names[SCIM_QUIRK_COUNT] = {
    [SCIM_QUIRK_OP_CASE] = STR_INIT("opCase"),
    [SCIM_QUIRK_BOOLEAN_STRING] = STR_INIT("booleanString"),
    [SCIM_QUIRK_UNQUOTED_FILTER] = STR_INIT("unquotedFilter"),
    [SCIM_QUIRK_ELEMENT_FILTER] = STR_INIT("elementFilter"),
    [SCIM_QUIRK_PLACEHOLDER_FILTER] = STR_INIT("placeholderFilter"),
    [SCIM_QUIRK_CREATE_ELEMENT] = STR_INIT("createElement"),
    [SCIM_QUIRK_DOTTED_KEYS] = STR_INIT("dottedKeys"),
    [SCIM_QUIRK_REFERENCE_SHAPE] = STR_INIT("referenceShape"),
    [SCIM_QUIRK_REMOVE_VALUES] = STR_INIT("removeValues"),
    [SCIM_QUIRK_REMOVE_WITH_VALUE] = STR_INIT("removeWithValue"),
    [SCIM_QUIRK_SCALAR_ARRAY] = STR_INIT("scalarArray"),
    [SCIM_QUIRK_EMPTY_VALUE] = STR_INIT("emptyValue"),
    [SCIM_QUIRK_EMPTY_OPERATIONS] = STR_INIT("emptyOperations"),
    [SCIM_QUIRK_ROOT_EXTENSION] = STR_INIT("rootExtension"),
    [SCIM_QUIRK_SCHEMAS_TYPO] = STR_INIT("schemasTypo"),
    [SCIM_QUIRK_UNMAPPED] = STR_INIT("unmapped"),
    [SCIM_QUIRK_ADD_IS_REPLACE] = STR_INIT("addIsReplace"),
    [SCIM_QUIRK_JSON_STRING] = STR_INIT("jsonString"),
};

const char *
scim_quirk_name(scim_quirk_t quirk)
{
    assert(quirk < SCIM_QUIRK_COUNT);
    return names[quirk].p;
}

bool
scim_quirk_find(str_t name, scim_quirk_t *ret_quirk)
{
    for (size_t i = 0; i < SCIM_QUIRK_COUNT; i++) {
        if (str_eq(names[i], name)) {
            *ret_quirk = (scim_quirk_t)i;
            return true;
        }
    }
    return false;
}

unsigned
scim_quirk_filter_leniency(scim_quirks_t quirks)
{
    unsigned leniency = 0;

    if (quirks & BIT(SCIM_QUIRK_UNQUOTED_FILTER))
        leniency |= SCIM_FILTER_UNQUOTED | SCIM_FILTER_TIGHT;
    if (quirks & BIT(SCIM_QUIRK_ELEMENT_FILTER))
        leniency |= SCIM_FILTER_ELEMENT_EQ;
    return leniency;
}

const scim_filter_t *
scim_quirk_filter(arena_t *mem, scim_quirks_t quirks, const scim_type_t *type,
                  const scim_filter_t *filter, scim_quirks_t *ret_fired)
{
    quirk_context_t ctx = {.mem = mem, .on = quirks, .type = type};
    const scim_filter_t *out = quirk_filter(&ctx, NULL, filter);

    if (ret_fired)
        *ret_fired |= ctx.fired;
    return out;
}

/* ---- bodies of POST and PUT ---- */

static bool
is_plain(str_t name)
{
    return scim_path_name_length(name) == name.n;
}

/* "urn:…:2.0User" is "urn:…:2.0:User": equal but for colons. */
static bool
eq_but_colons(str_t a, str_t b)
{
    size_t i = 0, k = 0;

    for (;;) {
        while (i < a.n && a.p[i] == ':')
            i++;
        while (k < b.n && b.p[k] == ':')
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (char_lower(a.p[i++]) != char_lower(b.p[k++]))
            return false;
    }
}

static str_t
mend_urn(quirk_context_t *ctx, str_t name, const json_t *body)
{
    if (is_plain(name) || scim_type_find_schema(ctx->type, name) ||
        !quirk_is_on(ctx, SCIM_QUIRK_SCHEMAS_TYPO))
        return name;
    for (size_t i = 0; i < ctx->type->n_extensions; i++) {
        str_t urn = ctx->type->extensions[i]->id;

        if (eq_but_colons(name, urn) && !json_find(body, urn) &&
            quirk_fire(ctx, SCIM_QUIRK_SCHEMAS_TYPO))
            return urn;
    }
    return name;
}

/* "name.givenName", "urn:…:User:department", "emails[type eq \"work\"].value" as keys. */
static bool
take_key(quirk_context_t *ctx, json_t *body, const json_member_t *member)
{
    scim_op_t op = {
        .kind = SCIM_ADD, .has_path = true, .value = member->value, .create_element = true};
    scim_patch_t patch = {.ops = &op, .n = 1};
    scim_target_t target;
    err_t ignored = ERR_INIT;

    if (is_plain(member->name) || scim_type_find_schema(ctx->type, member->name) ||
        !quirk_is_on(ctx, SCIM_QUIRK_DOTTED_KEYS))
        return false;
    if (!scim_path_parse_leniently(ctx->mem, member->name, scim_quirk_filter_leniency(ctx->on),
                                   &op.path, &ignored) ||
        !scim_path_resolve(ctx->type, &op.path, &target) || !target.attr)
        return false;
    if (target.filter)
        op.path.filter = quirk_filter(ctx, target.attr, target.filter);
    op.value = target.sub ? quirk_values(ctx, target.sub, op.value)
                          : quirk_values(ctx, target.attr, op.value);
    return scim_patch_apply(ctx->mem, ctx->type, body, &patch, &ignored) &&
           quirk_fire(ctx, SCIM_QUIRK_DOTTED_KEYS);
}

/* "department" or "manager" at the root. */
static bool
take_root(quirk_context_t *ctx, json_t *body, const json_member_t *member)
{
    scim_path_t path = {
        .text = member->name, .urn = STR(""), .attr = member->name, .sub = STR("")};
    scim_target_t target;

    if (!quirk_is_on(ctx, SCIM_QUIRK_ROOT_EXTENSION) ||
        !scim_path_resolve(ctx->type, &path, &target) || !target.schema ||
        target.schema == ctx->type->core)
        return false;
    json_t *part = scim_resource_make_part(ctx->mem, body, ctx->type, target.schema);
    /* What stands in its place wins. */
    if (!json_find(part, target.attr->name))
        json_set(ctx->mem, part, target.attr->name, member->value);
    return quirk_fire(ctx, SCIM_QUIRK_ROOT_EXTENSION);
}

/* Whether the member stands where it belongs, or nobody knows where that would be. */
static bool
is_in_place(const quirk_context_t *ctx, str_t name)
{
    return scim_schema_find(ctx->type->core, name) || scim_type_find_schema(ctx->type, name);
}

/* Put the members that stand in the wrong place where they belong. */
static void
move_members(quirk_context_t *ctx, json_t *body)
{
    size_t n = body->u.object.n, kept = 0, n_others = 0;
    json_member_t *members = arena_array_of(ctx->mem, n + 1, json_member_t);
    json_member_t *others = arena_array_of(ctx->mem, KEYS_MAX, json_member_t);

    for (size_t i = 0; i < n; i++) {
        json_member_t member = body->u.object.members[i];

        member.name = mend_urn(ctx, member.name, body);
        if (is_in_place(ctx, member.name) || n_others == KEYS_MAX)
            members[kept++] = member;
        else
            others[n_others++] = member;
    }
    body->u.object.members = members;
    body->u.object.n = kept;
    body->u.object.size = n + 1;
    for (size_t i = 0; i < n_others; i++)
        if (!take_key(ctx, body, &others[i]) && !take_root(ctx, body, &others[i]))
            json_set(ctx->mem, body, others[i].name, others[i].value);
}

static void
rewrite_part(quirk_context_t *ctx, const scim_schema_t *schema, json_t *part)
{
    for (size_t i = 0; i < part->u.object.n; i++) {
        json_member_t *member = &part->u.object.members[i];
        const scim_attr_t *attr = scim_schema_find(schema, member->name);

        if (attr)
            member->value = quirk_values(ctx, attr, member->value);
    }
}

void
scim_quirk_resource(arena_t *mem, scim_quirks_t quirks, const scim_type_t *type, json_t *body,
                    scim_quirks_t *ret_fired)
{
    quirk_context_t ctx = {.mem = mem, .on = quirks, .type = type};

    if (quirks && json_is(body, JSON_OBJECT)) {
        move_members(&ctx, body);
        rewrite_part(&ctx, type->core, body);
        for (size_t i = 0; i < type->n_extensions; i++) {
            json_t *part = json_find(body, type->extensions[i]->id);

            if (json_is(part, JSON_OBJECT))
                rewrite_part(&ctx, type->extensions[i], part);
        }
    }
    if (ret_fired)
        *ret_fired |= ctx.fired;
}
