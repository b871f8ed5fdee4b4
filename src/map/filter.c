/* SPDX-License-Identifier: Apache-2.0 */
#include "map/filter.h"

#include "map/filter_term.h"

static const ldap_filter_t *translate(filter_ctx_t *ctx, const scim_filter_t *filter);

static bool
is_of(const map_slot_t *slot, const scim_target_t *target)
{
    return slot->schema == target->schema &&
           (!target->attr || str_ieq(slot->attr->name, target->attr->name)) &&
           (!target->sub || str_ieq(map_slot_leaf(slot)->name, target->sub->name));
}

static const map_slot_t *
find_slot(const map_type_t *type, const scim_target_t *target)
{
    for (size_t i = 0; i < type->n_slots; i++)
        if (is_of(&type->slots[i], target))
            return &type->slots[i];
    return NULL;
}

static bool
is_whole(const map_slot_t *slot)
{
    return slot && slot->as == MAP_AS_JSON;
}

/* Of what is kept as JSON the directory knows only whether it is there. */
static const ldap_filter_t *
refuse_whole(filter_ctx_t *ctx, const map_slot_t *slot, str_t path)
{
    return FILTER_REFUSE(
        ctx,
        "%.*s: the directory keeps %.*s as JSON, into which it cannot look; it "
        "can only be tested with %.*s pr",
        STR_ARG(path), STR_ARG(slot->path), STR_ARG(slot->path));
}

static const ldap_filter_t *
refuse_unmapped(filter_ctx_t *ctx, const scim_path_t *path)
{
    return FILTER_REFUSE(ctx, "%.*s is not mapped", STR_ARG(path->text));
}

/* ---- present ---- */

static const ldap_filter_t *
any_present(filter_ctx_t *ctx, const scim_target_t *target)
{
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; any && i < ctx->type->n_slots; i++) {
        const map_slot_t *slot = &ctx->type->slots[i];
        const ldap_filter_t *present;

        if (!is_of(slot, target))
            continue;
        present = filter_present(ctx, slot);
        any = present ? ldap_filter_or2(ctx->mem, any, present) : NULL;
    }
    return any;
}

/* emails.type, emails.primary: not held in LDAP but by the choice of slot. */
static bool
is_kind_sub(const scim_target_t *target)
{
    return target->sub && target->attr->multi &&
           (str_ieq(target->sub->name, STR("type")) ||
            str_ieq(target->sub->name, STR("primary")));
}

static bool
asks_null(const scim_filter_t *filter)
{
    return filter->kind == SCIM_F_COMPARE && json_is(filter->value, JSON_NULL) &&
           (filter->op == SCIM_EQ || filter->op == SCIM_NE);
}

/* The same condition as of one element: emails.type eq "work" is emails[type eq "work"]. But
 * eq null is said of all elements: none has one. */
static const ldap_filter_t *
as_element(filter_ctx_t *ctx, const map_slot_t *slot, const scim_filter_t *filter)
{
    scim_filter_t inner = *filter;
    const ldap_filter_t *found;

    inner.path.urn = STR("");
    inner.path.attr = filter->path.sub;
    inner.path.sub = STR("");
    if (!asks_null(filter))
        return filter_elements(ctx, slot, &inner);
    inner.kind = SCIM_F_PRESENT;
    found = filter_elements(ctx, slot, &inner);
    return found && filter->op == SCIM_EQ ? ldap_filter_not(ctx->mem, found) : found;
}

/* ---- compare ---- */

/* emails eq "x" is emails.value eq "x"; name eq "x" means nothing. */
static bool
choose_leaf(filter_ctx_t *ctx, const scim_filter_t *filter, scim_target_t *target)
{
    if (!target->attr)
        return err_set(ctx->err, ERR_INVALID_FILTER, "%.*s is a schema: name an attribute",
                       STR_ARG(filter->path.text));
    if (target->attr->kind != SCIM_COMPLEX || target->sub)
        return true;
    target->sub = scim_attr_find_sub(target->attr, STR("value"));
    if (!target->sub)
        return err_set(ctx->err, ERR_INVALID_FILTER, "%.*s is complex: name a sub-attribute",
                       STR_ARG(filter->path.text));
    return true;
}

const ldap_filter_t *
filter_refuse_ne(filter_ctx_t *ctx, str_t path, const json_t *value)
{
    return FILTER_REFUSE(ctx,
                         "%.*s has several values, of which the directory cannot look for one "
                         "that differs; for none that is equal write not (%.*s eq %.*s)",
                         STR_ARG(path), STR_ARG(path), STR_ARG(filter_literal(ctx, value)));
}

static const ldap_filter_t *
any_term(filter_ctx_t *ctx, const scim_target_t *target, scim_compare_t op, const json_t *value)
{
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; any && i < ctx->type->n_slots; i++) {
        const map_slot_t *slot = &ctx->type->slots[i];
        const ldap_filter_t *term;

        if (!is_of(slot, target))
            continue;
        term = filter_term(ctx, slot, op, value);
        any = term ? ldap_filter_or2(ctx->mem, any, term) : NULL;
    }
    return any;
}

static const ldap_filter_t *
compare_slots(filter_ctx_t *ctx, const scim_filter_t *filter, scim_target_t target)
{
    const ldap_filter_t *found;

    if (!choose_leaf(ctx, filter, &target))
        return NULL;
    if (filter->op == SCIM_NE && target.attr->multi)
        return filter_refuse_ne(ctx, filter->path.text, filter->value);
    if (!find_slot(ctx->type, &target))
        return refuse_unmapped(ctx, &filter->path);
    if (filter->op != SCIM_NE)
        return any_term(ctx, &target, filter->op, filter->value);
    found = any_term(ctx, &target, SCIM_EQ, filter->value);
    return found ? ldap_filter_not(ctx->mem, found) : NULL;
}

/* ---- both ---- */

static bool
resolve(filter_ctx_t *ctx, const scim_path_t *path, scim_target_t *target)
{
    if (path->filter)
        return err_set(ctx->err, ERR_INVALID_FILTER,
                       "%.*s: write the condition into the brackets", STR_ARG(path->text));
    if (!scim_path_resolve(ctx->type->scim, path, target))
        return err_set(ctx->err, ERR_INVALID_FILTER, "%.*s is not mapped", STR_ARG(path->text));
    return true;
}

static const ldap_filter_t *
translate_term(filter_ctx_t *ctx, const scim_filter_t *filter)
{
    const json_t *value = filter->kind == SCIM_F_COMPARE ? filter->value : NULL;
    scim_target_t target, whole;
    const map_slot_t *slot;
    const ldap_filter_t *found;
    bool common;

    if (!resolve(ctx, &filter->path, &target))
        return NULL;
    if (target.attr) {
        found = filter_common(ctx, &target, filter->path.text, filter->op, value, &common);
        if (common)
            return found;
    }
    whole = target;
    whole.sub = NULL;
    slot = find_slot(ctx->type, &whole);
    if (is_whole(slot) &&
        (target.sub || (filter->kind == SCIM_F_COMPARE && !asks_null(filter))))
        return refuse_whole(ctx, slot, filter->path.text);
    if (slot && is_kind_sub(&target) &&
        (asks_null(filter) || filter->kind != SCIM_F_COMPARE || filter->op != SCIM_NE))
        return as_element(ctx, slot, filter);
    if (value && !asks_null(filter))
        return compare_slots(ctx, filter, target);
    if (!slot || !find_slot(ctx->type, &target))
        return refuse_unmapped(ctx, &filter->path);
    found = any_present(ctx, &target);
    return found && value && filter->op == SCIM_EQ ? ldap_filter_not(ctx->mem, found) : found;
}

static const ldap_filter_t *
translate_value_path(filter_ctx_t *ctx, const scim_filter_t *filter)
{
    scim_target_t target;
    const map_slot_t *slot;

    if (!resolve(ctx, &filter->path, &target))
        return NULL;
    slot = target.attr && !target.sub ? find_slot(ctx->type, &target) : NULL;
    if (!slot && (target.attr == &scim_attr_meta || target.attr == &scim_attr_schemas))
        return FILTER_REFUSE(
            ctx, "%.*s is not searched with brackets: %.*s", STR_ARG(filter->path.text),
            STR_ARG(target.attr == &scim_attr_meta ? STR("write meta.created and the like")
                                                   : STR("write schemas eq \"urn:…\"")));
    if (!slot)
        return refuse_unmapped(ctx, &filter->path);
    if (is_whole(slot))
        return refuse_whole(ctx, slot, filter->path.text);
    return filter_elements(ctx, slot, filter->left);
}

/* ---- what is in no entry ---- */

static bool
is_groups(const map_type_t *type, const scim_target_t *target)
{
    return type->groups && target->attr == type->groups->attr;
}

static bool
asks_groups(const filter_ctx_t *ctx, const scim_filter_t *filter)
{
    scim_target_t target;

    return scim_path_resolve(ctx->type->scim, &filter->path, &target) &&
           is_groups(ctx->type, &target);
}

/* ---- several types ---- */

static bool
is_mapped(const map_type_t *type, const scim_path_t *path)
{
    scim_target_t target, whole;

    if (!scim_path_resolve(type->scim, path, &target))
        return false;
    if (!target.attr || !target.schema || map_is_active_attr(type, &target))
        return true;
    whole = target;
    whole.sub = NULL;
    return is_groups(type, &target) || find_slot(type, &target) ||
           is_whole(find_slot(type, &whole)) ||
           (find_slot(type, &whole) && is_kind_sub(&target));
}

/* No resource of this type has it, but those of another type that is asked may. */
static bool
is_absent_here(const filter_ctx_t *ctx, const scim_filter_t *filter)
{
    if (ctx->n_among < 2 || is_mapped(ctx->type, &filter->path))
        return false;
    for (size_t i = 0; i < ctx->n_among; i++)
        if (is_mapped(ctx->among[i], &filter->path))
            return true;
    return false;
}

static const ldap_filter_t *
translate_absent(const scim_filter_t *filter)
{
    bool differs = filter->kind == SCIM_F_COMPARE && filter->op == SCIM_NE;

    return filter_constant(asks_null(filter) ? !differs : differs);
}

static const ldap_filter_t *
translate(filter_ctx_t *ctx, const scim_filter_t *filter)
{
    const ldap_filter_t *left, *right;

    switch (filter->kind) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        left = translate(ctx, filter->left);
        right = left ? translate(ctx, filter->right) : NULL;
        if (!right)
            return NULL;
        return filter->kind == SCIM_F_AND ? ldap_filter_and2(ctx->mem, left, right)
                                          : ldap_filter_or2(ctx->mem, left, right);
    case SCIM_F_NOT:
        left = translate(ctx, filter->left);
        return left ? ldap_filter_not(ctx->mem, left) : NULL;
    case SCIM_F_VALUE_PATH:
    case SCIM_F_PRESENT:
    case SCIM_F_COMPARE:
        break;
    }
    if (is_absent_here(ctx, filter))
        return translate_absent(filter);
    if (asks_groups(ctx, filter))
        return FILTER_REFUSE(ctx,
                             "%.*s is in no entry: it is found by searching the groups, for "
                             "resources that are known; read the group's members instead",
                             STR_ARG(filter->path.text));
    return filter->kind == SCIM_F_VALUE_PATH ? translate_value_path(ctx, filter)
                                             : translate_term(ctx, filter);
}

/* A condition on an attribute of many slots becomes as many terms, and a directory's OR is slow. */
static size_t
count_terms(const ldap_filter_t *filter)
{
    size_t n = 0;

    if (filter->n_parts == 0)
        return 1;
    for (size_t i = 0; i < filter->n_parts; i++)
        n += count_terms(filter->parts[i]);
    return n;
}

const ldap_filter_t *
map_filter_among(arena_t *mem, const map_t *map, const map_type_t *type,
                 const map_type_t *const *among, size_t n_among, const scim_filter_t *filter,
                 const map_links_t *links, int64_t now_s, err_t *err)
{
    filter_ctx_t ctx = {.mem = mem,
                        .map = map,
                        .type = type,
                        .links = links,
                        .now_s = now_s,
                        .among = among,
                        .n_among = n_among,
                        .err = err};

    const ldap_filter_t *found = translate(&ctx, filter);

    if (found && count_terms(found) > MAP_FILTER_MAX_TERMS)
        return FILTER_REFUSE(&ctx, "the filter becomes more than %d LDAP terms",
                             MAP_FILTER_MAX_TERMS);
    return found;
}

const ldap_filter_t *
map_filter(arena_t *mem, const map_t *map, const map_type_t *type, const scim_filter_t *filter,
           const map_links_t *links, int64_t now_s, err_t *err)
{
    return map_filter_among(mem, map, type, &type, 1, filter, links, now_s, err);
}

/* ---- what must be resolved first ---- */

typedef struct {
    arena_t *mem;
    const map_type_t *type;
    str_t *ids;
    size_t n, size;
} ids_t;

static void
collect_term(ids_t *ids, const scim_filter_t *filter, const map_slot_t *within)
{
    const map_slot_t *slot = within;
    scim_target_t target;

    if (!slot && scim_path_resolve(ids->type->scim, &filter->path, &target)) {
        target.sub = NULL;
        slot = find_slot(ids->type, &target);
    }
    if (!slot || slot->as != MAP_AS_REFERENCE || !json_is(filter->value, JSON_STRING))
        return;
    if (ids->n == ids->size) {
        ids->size = ids->size ? ids->size * 2 : 8;
        ids->ids = arena_grow(ids->mem, ids->ids, ids->n, ids->size, sizeof(str_t));
    }
    ids->ids[ids->n++] = filter->value->u.string;
}

static void
collect(ids_t *ids, const scim_filter_t *filter, const map_slot_t *within)
{
    scim_target_t target;

    switch (filter->kind) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        collect(ids, filter->left, within);
        collect(ids, filter->right, within);
        break;
    case SCIM_F_NOT:
        collect(ids, filter->left, within);
        break;
    case SCIM_F_VALUE_PATH:
        if (scim_path_resolve(ids->type->scim, &filter->path, &target) && target.attr) {
            within = find_slot(ids->type, &target);
            if (within)
                collect(ids, filter->left, within);
        }
        break;
    case SCIM_F_COMPARE:
        collect_term(ids, filter, within);
        break;
    case SCIM_F_PRESENT:
        break;
    }
}

void
map_filter_ids(arena_t *mem, const map_type_t *type, const scim_filter_t *filter,
               str_t **ret_ids, size_t *ret_n)
{
    ids_t ids = {.mem = mem, .type = type};

    collect(&ids, filter, NULL);
    *ret_ids = ids.ids;
    *ret_n = ids.n;
}
