/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes that no slot holds: id, schemas, meta, active. */
#include "map/filter_term.h"

#include "base/clock.h"
#include "map/anchor.h"

static bool
is_null(const json_t *value)
{
    return json_is(value, JSON_NULL);
}

/* An attribute that every resource has. */
static const ldap_filter_t *
always_there(scim_compare_t op)
{
    return filter_constant(op == SCIM_NE);
}

/* ---- id ---- */

static const ldap_filter_t *
filter_id(filter_ctx_t *ctx, scim_compare_t op, const json_t *value)
{
    const ldap_filter_t *equal;

    if (!value)
        return ldap_filter_true();
    if (op != SCIM_EQ && op != SCIM_NE)
        return FILTER_REFUSE(ctx, "id can be compared with eq and ne only");
    if (is_null(value))
        return always_there(op);
    if (!json_is(value, JSON_STRING))
        return FILTER_REFUSE(ctx, "id is a string, %.*s is not",
                             STR_ARG(filter_literal(ctx, value)));
    equal = map_anchor_is(ctx->mem, ctx->map, value->u.string);
    return op == SCIM_NE ? ldap_filter_not(ctx->mem, equal) : equal;
}

/* ---- meta ---- */

/* The directory's stamps are whole seconds, so a fraction in the filter rounds outwards. */
static const ldap_filter_t *
stamp_term(filter_ctx_t *ctx, str_t ldap, scim_compare_t op, clock_time_t time)
{
    bool fraction = time.ns > 0;
    int64_t at = time.s;
    bool answer;
    str_t text;

    if (op == SCIM_EQ && fraction)
        return ldap_filter_false();
    if (op == SCIM_GT || (op == SCIM_GE && fraction))
        at++;
    else if (op == SCIM_LT && !fraction)
        at--;
    if (filter_beyond_time(op, at, &answer))
        return filter_constant(answer);
    text = clock_format_generalized(ctx->mem, (clock_time_t){.s = at});
    if (op == SCIM_EQ)
        return ldap_filter_equal(ctx->mem, ldap, text);
    return op == SCIM_GT || op == SCIM_GE ? ldap_filter_greater(ctx->mem, ldap, text)
                                          : ldap_filter_less(ctx->mem, ldap, text);
}

static const ldap_filter_t *
filter_stamp(filter_ctx_t *ctx, str_t ldap, str_t path, scim_compare_t op, const json_t *value)
{
    clock_time_t time;

    if (str_is_empty(ldap))
        return FILTER_REFUSE(ctx, "the directory does not keep %.*s", STR_ARG(path));
    if (!value)
        return ldap_filter_true();
    if (is_null(value) && (op == SCIM_EQ || op == SCIM_NE))
        return always_there(op);
    if (op == SCIM_CO || op == SCIM_SW || op == SCIM_EW)
        return FILTER_REFUSE(ctx, "%.*s cannot be compared with %s: it is a dateTime",
                             STR_ARG(path), scim_compare_name(op));
    if (!json_is(value, JSON_STRING) || !clock_parse_datetime(value->u.string, &time))
        return FILTER_REFUSE(ctx, "%.*s is a dateTime, %.*s is not", STR_ARG(path),
                             STR_ARG(filter_literal(ctx, value)));
    if (op == SCIM_NE)
        return ldap_filter_not(ctx->mem, stamp_term(ctx, ldap, SCIM_EQ, time));
    return stamp_term(ctx, ldap, op, time);
}

static const ldap_filter_t *
filter_meta(filter_ctx_t *ctx, const scim_attr_t *sub, str_t path, scim_compare_t op,
            const json_t *value)
{
    const map_dialect_t *dialect = ctx->map->dialect;

    if (!sub && !value)
        return ldap_filter_true();
    if (sub && str_eq(sub->name, STR("resourceType")))
        return value ? filter_fixed(ctx, path, ctx->type->scim->name, true, op, value)
                     : ldap_filter_true();
    if (sub && str_eq(sub->name, STR("created")))
        return filter_stamp(ctx, dialect->created, path, op, value);
    if (sub && str_eq(sub->name, STR("lastModified")))
        return filter_stamp(ctx, dialect->modified, path, op, value);
    return FILTER_REFUSE(ctx, "%.*s cannot be searched", STR_ARG(path));
}

/* ---- schemas ---- */

/* A resource lists an extension when it has one of its attributes. */
static const ldap_filter_t *
has_extension(filter_ctx_t *ctx, const scim_schema_t *schema)
{
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; any && i < ctx->type->n_slots; i++) {
        const map_slot_t *slot = &ctx->type->slots[i];
        const ldap_filter_t *present;

        if (slot->schema != schema)
            continue;
        present = filter_present(ctx, slot);
        any = present ? ldap_filter_or2(ctx->mem, any, present) : NULL;
    }
    return any;
}

static const ldap_filter_t *
filter_schemas(filter_ctx_t *ctx, str_t path, scim_compare_t op, const json_t *value)
{
    const scim_type_t *type = ctx->type->scim;
    bool exact = scim_attr_schemas.case_exact;
    const ldap_filter_t *any;

    if (!value)
        return ldap_filter_true();
    if (is_null(value) && (op == SCIM_EQ || op == SCIM_NE))
        return always_there(op);
    if (op == SCIM_NE)
        return filter_refuse_ne(ctx, path, value);
    any = filter_fixed(ctx, path, type->core->id, exact, op, value);
    for (size_t i = 0; any && i < type->n_extensions; i++) {
        const ldap_filter_t *named =
            filter_fixed(ctx, path, type->extensions[i]->id, exact, op, value);
        const ldap_filter_t *has = has_extension(ctx, type->extensions[i]);

        any =
            has ? ldap_filter_or2(ctx->mem, any, ldap_filter_and2(ctx->mem, named, has)) : NULL;
    }
    return any;
}

/* ---- active ---- */

static const ldap_filter_t *
filter_active(filter_ctx_t *ctx, scim_compare_t op, const json_t *value)
{
    const ldap_filter_t *inactive;

    if (!value)
        return ldap_filter_true();
    if (op != SCIM_EQ && op != SCIM_NE)
        return FILTER_REFUSE(ctx, "active can be compared with eq and ne only");
    if (is_null(value))
        return always_there(op);
    if (!json_is(value, JSON_BOOLEAN))
        return FILTER_REFUSE(ctx, "active is a boolean, %.*s is not",
                             STR_ARG(filter_literal(ctx, value)));
    inactive = map_when(ctx->mem, &ctx->type->inactive, ctx->now_s);
    return value->u.boolean == (op == SCIM_EQ) ? ldap_filter_not(ctx->mem, inactive) : inactive;
}

const ldap_filter_t *
filter_common(filter_ctx_t *ctx, const scim_target_t *target, str_t path, scim_compare_t op,
              const json_t *value, bool *ret_handled)
{
    const scim_attr_t *attr = target->attr;

    *ret_handled = true;
    if (attr == &scim_attr_id)
        return filter_id(ctx, op, value);
    if (attr == &scim_attr_meta)
        return filter_meta(ctx, target->sub, path, op, value);
    if (attr == &scim_attr_schemas)
        return filter_schemas(ctx, path, op, value);
    if (map_is_active_attr(ctx->type, target))
        return filter_active(ctx, op, value);
    *ret_handled = false;
    return NULL;
}
