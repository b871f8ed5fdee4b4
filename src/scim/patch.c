/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/patch.h"

#include "scim/parse.h"
#include "scim/value.h"

static bool
lists_patch(const json_t *schemas)
{
    if (!json_is(schemas, JSON_ARRAY))
        return false;
    for (size_t i = 0; i < schemas->u.array.n; i++) {
        const json_t *item = schemas->u.array.items[i];

        if (json_is(item, JSON_STRING) && str_ieq(item->u.string, STR(SCIM_URN_PATCH)))
            return true;
    }
    return false;
}

static bool
find_kind(str_t name, bool any_case, scim_op_kind_t *ret_kind, bool *any_needed)
{
    static const str_t names[] = {
        [SCIM_ADD] = STR_INIT("add"),
        [SCIM_REPLACE] = STR_INIT("replace"),
        [SCIM_REMOVE] = STR_INIT("remove"),
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (any_case ? str_ieq(name, names[i]) : str_eq(name, names[i])) {
            *ret_kind = (scim_op_kind_t)i;
            *any_needed = *any_needed || !str_eq(name, names[i]);
            return true;
        }
    }
    return false;
}

static bool
read_kind(const json_t *from, bool any_case, scim_op_kind_t *ret_kind, bool *any_needed,
          err_t *err)
{
    const json_t *name = json_find(from, STR("op"));

    if (!json_is(name, JSON_STRING))
        return err_set(err, ERR_INVALID_SYNTAX, "\"op\" is missing or no string");
    if (!find_kind(name->u.string, any_case, ret_kind, any_needed))
        return err_set(err, ERR_INVALID_SYNTAX,
                       "op \"%.*s\" is none of \"add\", \"replace\" and \"remove\"",
                       STR_ARG(name->u.string));
    return true;
}

static bool
read_path(arena_t *mem, str_t text, const scim_patch_leniency_t *leniency, scim_op_t *op,
          scim_patch_leniency_t *needed, err_t *err)
{
    err_t ignored = ERR_INIT;

    op->has_path = true;
    if (scim_path_parse(mem, text, &op->path, leniency->leniency ? &ignored : err))
        return true;
    needed->leniency |= leniency->leniency;
    return leniency->leniency &&
           scim_path_parse_leniently(mem, text, leniency->leniency, &op->path, err);
}

/* A misspelt "value" would make of the removal of one the removal of all. */
static bool
check_removal(const json_t *from, err_t *err)
{
    static const char *const known[] = {"op", "path", "value"};

    for (size_t i = 0; i < from->u.object.n; i++) {
        str_t name = from->u.object.members[i].name;
        bool found = false;

        for (size_t j = 0; j < ARRAY_SIZE(known); j++)
            found |= str_ieq(name, str_from_c(known[j]));
        if (!found)
            return err_set(err, ERR_INVALID_SYNTAX,
                           "a remove without a \"value\" has \"%.*s\"; is that what \"value\" "
                           "was to be?",
                           STR_ARG(name));
    }
    return true;
}

static bool
read_op(arena_t *mem, const json_t *from, const scim_patch_leniency_t *leniency, scim_op_t *op,
        scim_patch_leniency_t *needed, err_t *err)
{
    const json_t *path = json_find(from, STR("path"));

    if (!json_is(from, JSON_OBJECT))
        return err_set(err, ERR_INVALID_SYNTAX, "an operation must be an object");
    if (!read_kind(from, leniency->op_case, &op->kind, &needed->op_case, err))
        return false;
    if (path && path->kind != JSON_NULL) {
        if (path->kind != JSON_STRING)
            return err_set(err, ERR_INVALID_PATH, "\"path\" must be a string");
        if (!read_path(mem, path->u.string, leniency, op, needed, err))
            return false;
    }
    op->value = json_find(from, STR("value"));
    /* RFC 7644 §3.5.2.2, §3.5.2.1. */
    if (op->kind == SCIM_REMOVE && !op->has_path)
        return err_set(err, ERR_NO_TARGET, "a remove needs a \"path\"");
    if (op->kind == SCIM_REMOVE && !op->value && !op->path.filter)
        return check_removal(from, err);
    if (op->kind != SCIM_REMOVE && !op->value)
        return err_set(err, ERR_INVALID_VALUE, "\"value\" is missing");
    return true;
}

void
scim_patch_append(arena_t *mem, scim_patch_t *patch, const scim_op_t *op)
{
    if (patch->n == patch->size) {
        patch->size = patch->size ? 2 * patch->size : 8;
        patch->ops = arena_grow(mem, patch->ops, patch->n, patch->size, sizeof(*patch->ops));
    }
    patch->ops[patch->n++] = *op;
}

static bool
check_body(const json_t *body, const json_t *list, size_t max_ops,
           const scim_patch_leniency_t *leniency, scim_patch_leniency_t *needed, err_t *err)
{
    needed->any_schemas = !lists_patch(json_find(body, STR("schemas")));
    needed->empty_operations = json_is(list, JSON_ARRAY) && list->u.array.n == 0;
    if (!json_is(body, JSON_OBJECT))
        return err_set(err, ERR_INVALID_SYNTAX, "the body of a PATCH must be an object");
    if (needed->any_schemas && !leniency->any_schemas)
        return err_set(err, ERR_INVALID_SYNTAX, "\"schemas\" must list \"" SCIM_URN_PATCH "\"");
    if (!json_is(list, JSON_ARRAY))
        return err_set(err, ERR_INVALID_SYNTAX, "\"Operations\" is missing or no array");
    if (needed->empty_operations && !leniency->empty_operations)
        return err_set(err, ERR_INVALID_SYNTAX, "\"Operations\" is empty");
    if (list->u.array.n > max_ops)
        return err_set(err, ERR_TOO_LARGE, "%zu operations, but no more than %zu are taken",
                       list->u.array.n, max_ops);
    return true;
}

bool
scim_patch_read_leniently(arena_t *mem, const json_t *body, size_t max_ops,
                          const scim_patch_leniency_t *leniency, scim_patch_t *ret_patch,
                          scim_patch_leniency_t *ret_needed, err_t *err)
{
    const json_t *list = json_find(body, STR("Operations"));
    scim_patch_leniency_t needed = {0};
    scim_patch_t patch = {0};

    if (!check_body(body, list, max_ops, leniency, &needed, err))
        return false;
    for (size_t i = 0; i < list->u.array.n; i++) {
        scim_op_t op = {.index = i};

        if (!read_op(mem, list->u.array.items[i], leniency, &op, &needed, err))
            return err_prefix(err, "operation %zu", i + 1);
        scim_patch_append(mem, &patch, &op);
    }
    *ret_needed = needed;
    *ret_patch = patch;
    return true;
}

bool
scim_patch_read(arena_t *mem, const json_t *body, size_t max_ops, scim_patch_t *ret_patch,
                err_t *err)
{
    const scim_patch_leniency_t strict = {0};
    scim_patch_leniency_t needed;

    return scim_patch_read_leniently(mem, body, max_ops, &strict, ret_patch, &needed, err);
}

/* ---- operations without a path ---- */

typedef struct {
    arena_t *mem;
    const scim_type_t *type;
    const scim_op_t *op;
    bool keys;
    unsigned leniency;
    scim_patch_t *patch;
    err_t *err;
} spread_t;

/* One operation on `text`; `urn`: the extension in whose object it stands, or empty. */
static bool
spread_member(const spread_t *s, str_t urn, str_t name, json_t *value)
{
    scim_op_t op = *s->op;
    str_t text = name;

    if (!str_is_empty(urn))
        text = str_printf(s->mem, "%.*s:%.*s", STR_ARG(urn), STR_ARG(name));
    if (!s->keys && scim_path_name_length(name) != name.n)
        return err_set(s->err, ERR_INVALID_PATH, "\"%.*s\" in the value is no attribute's name",
                       STR_ARG(name));
    if (!scim_path_parse_leniently(s->mem, text, s->leniency, &op.path, s->err))
        return false;
    op.has_path = true;
    op.value = value;
    scim_patch_append(s->mem, s->patch, &op);
    return true;
}

static bool
spread_members(const spread_t *s, str_t urn, const json_t *value)
{
    if (value->kind != JSON_OBJECT)
        return err_set(
            s->err, ERR_INVALID_VALUE, "%.*s must be an object, not %s",
            STR_ARG(str_is_empty(urn) ? STR("the value of an operation without path") : urn),
            json_kind_name(value->kind));
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];

        if (!spread_member(s, urn, member->name, member->value))
            return false;
    }
    return true;
}

/* A whole extension: null unassigns it, an object stands for its attributes. */
static bool
spread_extension(const spread_t *s, const scim_schema_t *schema, json_t *value)
{
    scim_op_t op = *s->op;

    if (value && value->kind != JSON_NULL)
        return spread_members(s, schema->id, value);
    if (s->op->kind == SCIM_ADD)
        return true;
    op.kind = SCIM_REMOVE;
    op.value = NULL;
    op.has_path = true;
    if (!scim_path_parse_leniently(s->mem, schema->id, 0, &op.path, s->err))
        return false;
    scim_patch_append(s->mem, s->patch, &op);
    return true;
}

static bool
spread_value(const spread_t *s)
{
    const json_t *value = s->op->value;

    if (!json_is(value, JSON_OBJECT))
        return spread_members(s, STR(""), value);
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];
        const scim_schema_t *schema = scim_type_find_schema(s->type, member->name);
        bool fine;

        if (schema && schema != s->type->core)
            fine = spread_extension(s, schema, member->value);
        else if (schema && s->keys && json_is(member->value, JSON_OBJECT))
            fine = spread_members(s, schema->id, member->value);
        else
            fine = spread_member(s, STR(""), member->name, member->value);
        if (!fine)
            return false;
    }
    return true;
}

/* A value without a path, or one whose path is but the core schema's URN. */
bool
scim_patch_is_pathless(const scim_type_t *type, const scim_op_t *op)
{
    return !op->has_path || (op->kind != SCIM_REMOVE && json_is(op->value, JSON_OBJECT) &&
                             str_ieq(op->path.text, type->core->id));
}

bool
scim_patch_spread(arena_t *mem, const scim_type_t *type, const scim_op_t *op, bool keys,
                  unsigned leniency, scim_patch_t *patch, err_t *err)
{
    spread_t s = {mem, type, op, keys, leniency, patch, err};
    scim_target_t target;

    if (scim_patch_is_pathless(type, op))
        return spread_value(&s);
    if (op->kind != SCIM_REMOVE && scim_path_resolve(type, &op->path, &target) && !target.attr)
        return spread_extension(&s, target.schema, op->value);
    scim_patch_append(mem, patch, op);
    return true;
}
