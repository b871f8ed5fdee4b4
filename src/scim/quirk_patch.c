/* SPDX-License-Identifier: Apache-2.0 */
/* scim/quirk_patch.c - PATCH bodies, rewritten operation by operation. */
#include "scim/parse.h"
#include "scim/quirk.h"
#include "scim/quirk_value.h"
#include "scim/value.h"

/* Attributes of path-less values, beyond the operations that are allowed. */
enum { SPREAD_MAX = 256 };

/* One operation on its way through the rewriters. */
typedef struct {
    scim_op_t op;
    scim_target_t target;
    const scim_patch_t *before; /* what came before it in the request */
    bool dropped;
} draft_t;

static bool
is_nothing(const json_t *value)
{
    return !value || value->kind == JSON_NULL;
}

static bool
is_whole_multi(const draft_t *d)
{
    return d->target.attr->multi && !d->target.filter && !d->target.sub;
}

static bool
is_references(const draft_t *d)
{
    return is_whole_multi(d) && scim_attr_find_sub(d->target.attr, STR("$ref"));
}

/* ---- remove with values ---- */

static scim_filter_t *
new_eq(quirk_context_t *ctx, str_t name, const json_t *value)
{
    scim_filter_t *eq = arena_new_of(ctx->mem, scim_filter_t);

    eq->kind = SCIM_F_COMPARE;
    eq->op = SCIM_EQ;
    eq->path = (scim_path_t){.text = name, .urn = STR(""), .attr = name, .sub = STR("")};
    eq->value = value;
    return eq;
}

static const scim_filter_t *
new_both(quirk_context_t *ctx, scim_filter_kind_t kind, const scim_filter_t *left,
         const scim_filter_t *right)
{
    scim_filter_t *both = arena_new_of(ctx->mem, scim_filter_t);

    both->kind = kind;
    both->left = left;
    both->right = right;
    return both;
}

/* Balanced, so that its depth is no matter of how many there are. */
static const scim_filter_t *
any_of(quirk_context_t *ctx, const scim_filter_t *const *filters, size_t n)
{
    if (n == 1)
        return filters[0];
    return new_both(ctx, SCIM_F_OR, any_of(ctx, filters, n / 2),
                    any_of(ctx, filters + n / 2, n - n / 2));
}

/* The element to remove: its value, and the type where the same value may stand twice. */
static const scim_filter_t *
select_element(quirk_context_t *ctx, const scim_attr_t *attr, json_t *item)
{
    bool is_reference = scim_attr_find_sub(attr, STR("$ref")) != NULL;
    const json_t *value, *type = NULL;

    if (item->kind == JSON_OBJECT && is_reference)
        item = quirk_values(ctx, attr, item);
    value = item;
    if (item->kind == JSON_OBJECT) {
        value = json_find(item, STR("value"));
        if (!is_reference && scim_attr_find_sub(attr, STR("type")))
            type = json_find(item, STR("type"));
    }
    if (is_nothing(value) || value->kind == JSON_OBJECT || value->kind == JSON_ARRAY ||
        (value->kind == JSON_STRING && str_is_empty(value->u.string)))
        return NULL;
    const scim_filter_t *eq = new_eq(ctx, STR("value"), value);
    if (json_is(type, JSON_STRING))
        eq = new_both(ctx, SCIM_F_AND, eq, new_eq(ctx, STR("type"), type));
    return eq;
}

static const scim_filter_t *
select_listed(quirk_context_t *ctx, const draft_t *d, json_t *const *items, size_t n,
              err_t *err)
{
    const scim_filter_t **filters = arena_array_of(ctx->mem, n, const scim_filter_t *);

    for (size_t i = 0; i < n; i++) {
        filters[i] = select_element(ctx, d->target.attr, items[i]);
        if (!filters[i]) {
            err_set(err, ERR_INVALID_VALUE, "%.*s: element %zu of those to remove has no value",
                    STR_ARG(d->op.path.text), i + 1);
            return NULL;
        }
    }
    return any_of(ctx, filters, n);
}

/* remove members [{"value": "a"}]: those and no others, and none when there are none. */
static bool
remove_values(quirk_context_t *ctx, draft_t *d, err_t *err)
{
    json_t *value = d->op.value;
    bool list = json_is(value, JSON_ARRAY);

    if (d->op.kind != SCIM_REMOVE || !is_whole_multi(d) || is_nothing(value))
        return true;
    quirk_fire(ctx, SCIM_QUIRK_REMOVE_VALUES);
    if (list && value->u.array.n == 0) {
        d->dropped = true;
        return true;
    }
    d->target.filter = select_listed(ctx, d, list ? value->u.array.items : &value,
                                     list ? value->u.array.n : 1, err);
    if (!d->target.filter)
        return false;
    d->op.path.filter = d->target.filter;
    d->op.value = NULL;
    return true;
}

/* remove emails[type eq "work"].value with a value: to remove is what was meant. */
static bool
forget_value(quirk_context_t *ctx, draft_t *d, err_t *err)
{
    (void)err;
    if (d->op.kind != SCIM_REMOVE || !d->op.value ||
        (d->target.attr->multi && !d->target.filter))
        return true;
    d->op.value = NULL;
    quirk_fire(ctx, SCIM_QUIRK_REMOVE_WITH_VALUE);
    return true;
}

/* ---- the others ---- */

static bool
rewrite_filter(quirk_context_t *ctx, draft_t *d, err_t *err)
{
    (void)err;
    if (!d->target.filter)
        return true;
    d->target.filter = quirk_filter(ctx, d->target.attr, d->target.filter);
    d->op.path.filter = d->target.filter;
    return true;
}

/* To add references to nothing changes nothing. To replace by them is refused: what was meant is
 * not to remove them all, as null and the empty list mean. */
static bool
settle_hollow(draft_t *d, bool was_nothing, err_t *err)
{
    json_t *value = d->op.value;
    size_t n = value->kind == JSON_ARRAY ? value->u.array.n : 0, kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!is_nothing(value->u.array.items[i]))
            value->u.array.items[kept++] = value->u.array.items[i];
    if (d->op.kind == SCIM_REPLACE && (kept < n || (is_nothing(value) && !was_nothing)))
        return err_set(err, ERR_INVALID_VALUE, "%.*s: an element has no value",
                       STR_ARG(d->op.path.text));
    if (value->kind == JSON_ARRAY)
        value->u.array.n = kept;
    return true;
}

static bool
rewrite_value(quirk_context_t *ctx, draft_t *d, err_t *err)
{
    bool was_nothing = is_nothing(d->op.value);

    if (d->op.kind == SCIM_REMOVE || !d->op.value)
        return true;
    d->op.value =
        quirk_values(ctx, d->target.sub ? d->target.sub : d->target.attr, d->op.value);
    return !is_references(d) || settle_hollow(d, was_nothing, err);
}

static bool
has_null(const json_t *value)
{
    for (size_t i = 0; value->kind == JSON_OBJECT && i < value->u.object.n; i++)
        if (value->u.object.members[i].value->kind == JSON_NULL)
            return true;
    return false;
}

/* add or replace with nothing: remove, but to add nothing to many values changes nothing. */
static bool
remove_empty(quirk_context_t *ctx, draft_t *d, err_t *err)
{
    const json_t *value = d->op.value;

    (void)err;
    if (d->op.kind == SCIM_REMOVE)
        return true;
    if (!is_nothing(value) && !(value->kind == JSON_ARRAY && value->u.array.n == 0)) {
        /* Within a complex value null unassigns, which an add would not do. */
        if (has_null(value) && !is_whole_multi(d))
            d->op.kind = SCIM_REPLACE;
        return true;
    }
    quirk_fire(ctx, SCIM_QUIRK_EMPTY_VALUE);
    d->dropped = d->op.kind == SCIM_ADD && is_whole_multi(d);
    d->op.kind = SCIM_REMOVE;
    d->op.value = NULL;
    return true;
}

/* Whether the filter selects by what tells one element from another, and the operation does not
 * write it: or the same request, sent again, would not find what it made, and make another. */
static bool
selects_place(const draft_t *d, const scim_filter_t *filter)
{
    switch (filter->kind) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return selects_place(d, filter->left) && selects_place(d, filter->right);
    case SCIM_F_NOT:
        return selects_place(d, filter->left);
    case SCIM_F_COMPARE:
        return (str_ieq(filter->path.attr, STR("type")) ||
                str_ieq(filter->path.attr, STR("primary"))) &&
               (!d->target.sub || !str_ieq(filter->path.attr, d->target.sub->name));
    case SCIM_F_PRESENT:
    case SCIM_F_VALUE_PATH:
        break;
    }
    return false;
}

static bool
is_true(const json_t *value)
{
    return json_is(value, JSON_BOOLEAN)
               ? value->u.boolean
               : json_is(value, JSON_STRING) && str_ieq(str_trim(value->u.string), STR("true"));
}

/* roles[primary eq true] of values that have neither type nor primary: the only one is meant. */
static bool
selects_only(const draft_t *d)
{
    const scim_filter_t *filter = d->target.filter;

    return d->target.attr->multi && !scim_attr_find_sub(d->target.attr, STR("type")) &&
           !scim_attr_find_sub(d->target.attr, STR("primary")) &&
           filter->kind == SCIM_F_COMPARE && filter->op == SCIM_EQ && filter->path.sub.n == 0 &&
           str_ieq(filter->path.attr, STR("primary")) && is_true(filter->value);
}

static bool
allow_creation(quirk_context_t *ctx, draft_t *d, err_t *err)
{
    (void)err;
    if (!d->target.filter)
        return true;
    if (selects_only(d)) {
        d->op.only_element = true;
        quirk_fire(ctx, SCIM_QUIRK_CREATE_ELEMENT);
        return true;
    }
    if (d->op.kind == SCIM_REMOVE || !selects_place(d, d->target.filter))
        return true;
    d->op.create_element = true;
    quirk_fire(ctx, SCIM_QUIRK_CREATE_ELEMENT);
    return true;
}

static bool
came_before(const draft_t *d, const quirk_context_t *ctx)
{
    scim_target_t other;

    for (size_t i = 0; i < d->before->n; i++)
        if (scim_path_resolve(ctx->type, &d->before->ops[i].path, &other) &&
            other.attr == d->target.attr)
            return true;
    return false;
}

/* The first add of a request replaces what was there. Never the members of a group: those
 * come one by one. */
static bool
replace_added(quirk_context_t *ctx, draft_t *d, err_t *err)
{
    (void)err;
    if (d->op.kind != SCIM_ADD || !is_whole_multi(d) || is_references(d) || came_before(d, ctx))
        return true;
    d->op.kind = SCIM_REPLACE;
    quirk_fire(ctx, SCIM_QUIRK_ADD_IS_REPLACE);
    return true;
}

typedef bool rewrite_fn(quirk_context_t *ctx, draft_t *d, err_t *err);

/* In this order. Those without a quirk of their own ask the rewriters of quirk_value.c. */
static const struct {
    scim_quirk_t quirk; /* SCIM_QUIRK_COUNT: several */
    rewrite_fn *rewrite;
} rewriters[] = {
    {SCIM_QUIRK_REMOVE_VALUES, remove_values},  {SCIM_QUIRK_REMOVE_WITH_VALUE, forget_value},
    {SCIM_QUIRK_COUNT, rewrite_filter},         {SCIM_QUIRK_COUNT, rewrite_value},
    {SCIM_QUIRK_EMPTY_VALUE, remove_empty},     {SCIM_QUIRK_CREATE_ELEMENT, allow_creation},
    {SCIM_QUIRK_ADD_IS_REPLACE, replace_added},
};

/* ---- attributes that are not there ---- */

/* Whether SCIM itself has an attribute of this name. */
static bool
is_standard(const scim_type_t *type, const scim_path_t *path)
{
    scim_target_t target;

    if (!scim_schema_builtin(type->core->id))
        return false; /* nothing of it is SCIM's */
    return scim_path_resolve(scim_type_builtin(STR("User")), path, &target) ||
           scim_path_resolve(scim_type_builtin(STR("Group")), path, &target);
}

/* Whether the operation is left out. `spread`: it came from a path-less value. */
static bool
is_left_out(quirk_context_t *ctx, const draft_t *d, bool found, bool spread)
{
    bool out = found ? spread && d->target.attr && d->target.attr->mutability == SCIM_READ_ONLY
                     : spread || is_standard(ctx->type, &d->op.path);

    return out && quirk_fire(ctx, SCIM_QUIRK_UNMAPPED);
}

/* Whether what a path-less value names, and the type does not have, is meant to be `active`: of a
 * schema of SCIM's own, or with a part that a boolean does not have. */
static bool
names_active(const scim_op_t *op)
{
    bool standard = str_is_empty(op->path.urn) ||
                    str_istarts_with(op->path.urn, STR("urn:ietf:params:scim:schemas:"));

    return standard && (str_ieq(op->path.attr, STR("active")) ||
                        (op->path.urn.n > 0 && json_is(op->value, JSON_OBJECT) &&
                         json_find(op->value, STR("active"))));
}

/* `active` under a wrong name is never left out: who was to be shut out would not be, and the
 * client would take it for done. */
static bool
mend_active(quirk_context_t *ctx, draft_t *d, bool *found, err_t *err)
{
    const scim_attr_t *active = scim_schema_find(ctx->type->core, STR("active"));
    scim_path_t path = {
        .text = STR("active"), .urn = STR(""), .attr = STR("active"), .sub = STR("")};

    if (*found || !active || !names_active(&d->op))
        return true;
    if (d->op.path.sub.n > 0 || d->op.path.filter || !str_ieq(d->op.path.attr, STR("active")))
        return err_set(err, ERR_INVALID_PATH, "\"%.*s\": active is \"active\", a boolean",
                       STR_ARG(d->op.path.text));
    d->op.path = path;
    *found = scim_path_resolve(ctx->type, &path, &d->target);
    quirk_fire(ctx, SCIM_QUIRK_UNMAPPED);
    return true;
}

/* RFC 7644 §3.10: an extension's attribute is named with the extension's URN. */
static bool
check_root(quirk_context_t *ctx, const draft_t *d, bool found, err_t *err)
{
    const scim_schema_t *schema = d->target.schema;

    if (!found || !schema || schema == ctx->type->core || d->op.path.urn.n > 0)
        return true;
    return quirk_fire(ctx, SCIM_QUIRK_ROOT_EXTENSION) ||
           err_set(err, ERR_INVALID_PATH, "%.*s is of an extension: write %.*s:%.*s",
                   STR_ARG(d->op.path.text), STR_ARG(schema->id), STR_ARG(d->op.path.text));
}

static bool
rewrite_op(quirk_context_t *ctx, const scim_op_t *op, bool spread, scim_patch_t *to, err_t *err)
{
    draft_t d = {.op = *op, .before = to};
    bool found = scim_path_resolve(ctx->type, &op->path, &d.target);

    if (spread && quirk_is_on(ctx, SCIM_QUIRK_UNMAPPED) && !mend_active(ctx, &d, &found, err))
        return false;
    if (!check_root(ctx, &d, found, err))
        return false;
    if (is_left_out(ctx, &d, found, spread))
        return true;
    for (size_t i = 0; found && d.target.attr && i < ARRAY_SIZE(rewriters) && !d.dropped; i++) {
        scim_quirk_t quirk = rewriters[i].quirk;

        if (quirk != SCIM_QUIRK_COUNT && !quirk_is_on(ctx, quirk))
            continue;
        if (!rewriters[i].rewrite(ctx, &d, err))
            return false;
    }
    if (!d.dropped)
        scim_patch_append(ctx->mem, to, &d.op);
    return true;
}

/* Path-less operations and those on whole extensions become one per attribute. */
static bool
rewrite_spread(quirk_context_t *ctx, const scim_op_t *op, size_t max_ops, scim_patch_t *to,
               err_t *err)
{
    bool keys = quirk_is_on(ctx, SCIM_QUIRK_DOTTED_KEYS);
    bool pathless = scim_patch_is_pathless(ctx->type, op);
    scim_patch_t spread = {0};

    err_t strict = ERR_INIT;
    if (!scim_patch_spread(ctx->mem, ctx->type, op, false, 0, &spread, keys ? &strict : err)) {
        if (!quirk_fire(ctx, SCIM_QUIRK_DOTTED_KEYS))
            return false;
        spread.n = 0;
        if (!scim_patch_spread(ctx->mem, ctx->type, op, true,
                               scim_quirk_filter_leniency(ctx->on), &spread, err))
            return false;
    }
    for (size_t i = 0; i < spread.n; i++) {
        if (!rewrite_op(ctx, &spread.ops[i], pathless, to, err))
            return false;
        if (to->n > max_ops + SPREAD_MAX)
            return err_set(err, ERR_TOO_LARGE, "more than %zu attributes in one request",
                           max_ops + SPREAD_MAX);
    }
    return true;
}

bool
scim_quirk_patch(arena_t *mem, scim_quirks_t quirks, const scim_type_t *type, json_t *body,
                 size_t max_ops, scim_patch_t *ret_patch, scim_quirks_t *ret_fired, err_t *err)
{
    quirk_context_t ctx = {.mem = mem, .on = quirks, .type = type};
    scim_patch_leniency_t leniency = {
        .any_schemas = quirk_is_on(&ctx, SCIM_QUIRK_SCHEMAS_TYPO),
        .op_case = quirk_is_on(&ctx, SCIM_QUIRK_OP_CASE),
        .empty_operations = quirk_is_on(&ctx, SCIM_QUIRK_EMPTY_OPERATIONS),
        .leniency = scim_quirk_filter_leniency(quirks),
    };
    scim_patch_leniency_t needed = {0};
    scim_patch_t given, patch = {0};

    bool fine = scim_patch_read_leniently(mem, body, max_ops, &leniency, &given, &needed, err);
    if (fine && needed.any_schemas)
        quirk_fire(&ctx, SCIM_QUIRK_SCHEMAS_TYPO);
    if (fine && needed.op_case)
        quirk_fire(&ctx, SCIM_QUIRK_OP_CASE);
    if (fine && needed.empty_operations)
        quirk_fire(&ctx, SCIM_QUIRK_EMPTY_OPERATIONS);
    if (fine && needed.leniency)
        quirk_fire(&ctx, SCIM_QUIRK_UNQUOTED_FILTER);
    for (size_t i = 0; fine && i < given.n; i++) {
        fine = rewrite_spread(&ctx, &given.ops[i], max_ops, &patch, err);
        if (!fine)
            err_prefix(err, "operation %zu", i + 1);
    }
    if (fine)
        *ret_patch = patch;
    if (ret_fired)
        *ret_fired |= ctx.fired;
    return fine;
}
