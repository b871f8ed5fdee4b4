/* SPDX-License-Identifier: Apache-2.0 */
/* scim/filter_test.c - whether a value matches a filter. */
#include "scim/filter.h"

#include "base/clock.h"

typedef struct {
    arena_t *mem;
    const scim_type_t *type; /* of a resource */
    const scim_attr_t *attr; /* of an element */
} context_t;

/* Where a path leads in a value: what stands there and what is known about it. */
typedef struct {
    const json_t *base; /* NULL: absent */
    str_t sub;          /* of base or its elements; empty: none */
    const scim_attr_t *def;
} place_t;

/* ---- finding ---- */

/* `schemas` of a resource in canonical form, which does not list them. */
static const json_t *
list_schemas(const context_t *ctx, const json_t *resource)
{
    const json_t *listed = json_find(resource, STR("schemas"));

    if (listed)
        return listed;
    json_t *list = json_array(ctx->mem);
    json_append(ctx->mem, list, json_string(ctx->mem, ctx->type->core->id));
    for (size_t i = 0; i < ctx->type->n_extensions; i++)
        if (json_find(resource, ctx->type->extensions[i]->id))
            json_append(ctx->mem, list, json_string(ctx->mem, ctx->type->extensions[i]->id));
    return list;
}

/* What is compared when no sub-attribute is named. */
static const scim_attr_t *
compared_part(const scim_attr_t *attr)
{
    const scim_attr_t *value =
        attr->kind == SCIM_COMPLEX ? scim_attr_find_sub(attr, STR("value")) : NULL;

    return value ? value : attr;
}

static place_t
find_in_type(const context_t *ctx, const scim_path_t *path, const json_t *resource)
{
    scim_target_t target;
    place_t place = {.sub = STR("")};

    if (!scim_path_resolve(ctx->type, path, &target))
        return place;
    const json_t *part = resource;
    if (target.schema && target.schema != ctx->type->core)
        part = json_find(resource, target.schema->id);
    if (target.attr == &scim_attr_schemas)
        place.base = list_schemas(ctx, resource);
    else
        place.base = target.attr ? json_find(part, target.attr->name) : part;
    if (target.sub) {
        place.sub = target.sub->name;
        place.def = target.sub;
    } else if (target.attr) {
        place.def = compared_part(target.attr);
    }
    return place;
}

static place_t
find_in_element(const scim_attr_t *attr, const scim_path_t *path, const json_t *element)
{
    place_t place = {.sub = STR("")};

    if (!json_is(element, JSON_OBJECT)) {
        if (str_ieq(path->attr, STR("value"))) {
            place.base = element;
            place.def = compared_part(attr);
        }
        return place;
    }
    place.base = element;
    place.sub = path->attr;
    place.def = scim_attr_find_sub(attr, path->attr);
    return place;
}

/* Without a schema: the member of that name, of the extension's object where the path is
 * qualified. An element that is no object is its own `value`. */
static place_t
find_anywhere(const scim_path_t *path, const json_t *value)
{
    place_t place = {.sub = path->sub};
    const json_t *part = value;

    if (!json_is(value, JSON_OBJECT)) {
        if (str_ieq(path->attr, STR("value")))
            place.base = value;
        return place;
    }
    if (!str_is_empty(path->urn)) {
        place.base = json_find(value, path->text);
        if (place.base)
            return (place_t){.base = place.base, .sub = STR("")};
        part = json_find(value, path->urn);
        if (!part && str_find(path->urn, STR(":core:")) < path->urn.n)
            part = value;
    }
    place.base = json_find(part, path->attr);
    return place;
}

static place_t
find_place(const context_t *ctx, const scim_path_t *path, const json_t *value)
{
    if (ctx->type)
        return find_in_type(ctx, path, value);
    if (ctx->attr)
        return find_in_element(ctx->attr, path, value);
    return find_anywhere(path, value);
}

/* ---- comparing ---- */

static bool
order_matches(int order, scim_compare_t op)
{
    switch (op) {
    case SCIM_EQ:
    case SCIM_NE: /* asked as "not eq" by the caller */
        return order == 0;
    case SCIM_GT:
        return order > 0;
    case SCIM_GE:
        return order >= 0;
    case SCIM_LT:
        return order < 0;
    case SCIM_LE:
        return order <= 0;
    case SCIM_CO:
    case SCIM_SW:
    case SCIM_EW:
        return false;
    }
    return false;
}

static bool
contains(str_t text, str_t part, bool exact)
{
    for (size_t i = 0; i + part.n <= text.n; i++) {
        str_t here = str_slice(text, i, part.n);

        if (exact ? str_eq(here, part) : str_ieq(here, part))
            return true;
    }
    return false;
}

static bool
text_matches(str_t text, scim_compare_t op, str_t wanted, bool exact)
{
    str_t part = text;

    switch (op) {
    case SCIM_CO:
        return contains(text, wanted, exact);
    case SCIM_SW:
        part = str_slice(text, 0, wanted.n);
        break;
    case SCIM_EW:
        part = text.n >= wanted.n ? str_skip(text, text.n - wanted.n) : text;
        break;
    case SCIM_EQ:
    case SCIM_NE:
        break;
    case SCIM_GT:
    case SCIM_GE:
    case SCIM_LT:
    case SCIM_LE:
        return order_matches(exact ? str_cmp(text, wanted) : str_icmp(text, wanted), op);
    }
    return exact ? str_eq(part, wanted) : str_ieq(part, wanted);
}

static bool
is_part_match(scim_compare_t op)
{
    return op == SCIM_CO || op == SCIM_SW || op == SCIM_EW;
}

static bool
string_matches(const scim_attr_t *def, str_t text, scim_compare_t op, str_t wanted)
{
    clock_time_t a, b;

    if (!is_part_match(op) && (!def || def->kind == SCIM_DATETIME) &&
        clock_parse_datetime(text, &a) && clock_parse_datetime(wanted, &b)) {
        int order = (a.s > b.s) - (a.s < b.s);

        return order_matches(order ? order : (a.ns > b.ns) - (a.ns < b.ns), op);
    }
    return text_matches(text, op, wanted, def && def->case_exact);
}

static bool
number_matches(const json_t *value, scim_compare_t op, const json_t *wanted)
{
    int64_t a, b;
    double x = value->u.number.real, y = wanted->u.number.real;

    if (json_to_int64(value, &a) && json_to_int64(wanted, &b))
        return order_matches((a > b) - (a < b), op);
    return order_matches((x > y) - (x < y), op);
}

static bool
scalar_matches(const scim_attr_t *def, const json_t *value, scim_compare_t op,
               const json_t *wanted)
{
    if (value->kind != wanted->kind)
        return false;
    if (value->kind == JSON_STRING)
        return string_matches(def, value->u.string, op, wanted->u.string);
    if (value->kind == JSON_NUMBER)
        return number_matches(value, op, wanted);
    /* RFC 7644 §3.4.2.2: booleans have no order. */
    return value->kind == JSON_BOOLEAN && (op == SCIM_EQ || op == SCIM_NE) &&
           value->u.boolean == wanted->u.boolean;
}

static bool
is_present(const json_t *value)
{
    if (!value)
        return false;
    switch (value->kind) {
    case JSON_NULL:
        return false;
    case JSON_BOOLEAN:
    case JSON_NUMBER:
        return true;
    case JSON_STRING:
        return !str_is_empty(value->u.string);
    case JSON_ARRAY:
        for (size_t i = 0; i < value->u.array.n; i++)
            if (is_present(value->u.array.items[i]))
                return true;
        return false;
    case JSON_OBJECT:
        for (size_t i = 0; i < value->u.object.n; i++)
            if (is_present(value->u.object.members[i].value))
                return true;
        return false;
    }
    return false;
}

/* RFC 7643 §2.4: where primary is not said it compares as false, though it is not present. */
static const json_t *
find_part(const json_t *base, str_t sub, const json_t *wanted)
{
    static const json_t not_primary = {.kind = JSON_BOOLEAN, .u.boolean = false};
    const json_t *part = json_find(base, sub);

    return !part && wanted && str_ieq(sub, STR("primary")) ? &not_primary : part;
}

/* Whether any of the values at `base` passes: its elements, of them the sub-attribute. With
 * `wanted` NULL: is present. */
static bool
any_matches(const place_t *place, const json_t *base, str_t sub, scim_compare_t op,
            const json_t *wanted)
{
    if (!base)
        return false;
    if (base->kind == JSON_ARRAY) {
        for (size_t i = 0; i < base->u.array.n; i++)
            if (any_matches(place, base->u.array.items[i], sub, op, wanted))
                return true;
        return false;
    }
    if (!str_is_empty(sub))
        return any_matches(place, find_part(base, sub, wanted), STR(""), op, wanted);
    if (!wanted)
        return is_present(base);
    if (base->kind == JSON_OBJECT) {
        base = json_find(base, STR("value"));
        if (!base || base->kind == JSON_OBJECT || base->kind == JSON_ARRAY)
            return false;
    }
    return scalar_matches(place->def, base, op, wanted);
}

static bool
compare(const context_t *ctx, const scim_filter_t *filter, const json_t *value)
{
    place_t place = find_place(ctx, &filter->path, value);
    bool unequal = filter->op == SCIM_NE;

    /* RFC 7643 §2.5: null and absent are the same. */
    if (filter->value->kind == JSON_NULL)
        return (filter->op == SCIM_EQ || unequal) &&
               any_matches(&place, place.base, place.sub, SCIM_EQ, NULL) == unequal;
    return any_matches(&place, place.base, place.sub, filter->op, filter->value) != unequal;
}

static bool test(const context_t *ctx, const scim_filter_t *filter, const json_t *value);

static bool
test_elements(const context_t *ctx, const scim_filter_t *filter, const json_t *value)
{
    place_t place = find_place(ctx, &filter->path, value);
    context_t inner = {.mem = ctx->mem};
    scim_target_t target;

    if (!place.base)
        return false;
    if (ctx->type && scim_path_resolve(ctx->type, &filter->path, &target))
        inner.attr = target.attr;
    if (place.base->kind != JSON_ARRAY)
        return test(&inner, filter->left, place.base);
    for (size_t i = 0; i < place.base->u.array.n; i++)
        if (test(&inner, filter->left, place.base->u.array.items[i]))
            return true;
    return false;
}

static bool
test(const context_t *ctx, const scim_filter_t *filter, const json_t *value)
{
    switch (filter->kind) {
    case SCIM_F_AND:
        return test(ctx, filter->left, value) && test(ctx, filter->right, value);
    case SCIM_F_OR:
        return test(ctx, filter->left, value) || test(ctx, filter->right, value);
    case SCIM_F_NOT:
        return !test(ctx, filter->left, value);
    case SCIM_F_PRESENT: {
        place_t place = find_place(ctx, &filter->path, value);

        return any_matches(&place, place.base, place.sub, SCIM_EQ, NULL);
    }
    case SCIM_F_COMPARE:
        return compare(ctx, filter, value);
    case SCIM_F_VALUE_PATH:
        return test_elements(ctx, filter, value);
    }
    return false;
}

bool
scim_filter_test(arena_t *mem, const scim_filter_t *filter, const json_t *value,
                 const scim_type_t *type, const scim_attr_t *attr)
{
    context_t ctx = {.mem = mem, .type = attr ? NULL : type, .attr = attr};

    return test(&ctx, filter, value);
}

/* ---- lists of values ---- */

static size_t
count_listed(const scim_filter_t *filter)
{
    if (filter->kind == SCIM_F_OR) {
        size_t left = count_listed(filter->left);
        size_t right = left ? count_listed(filter->right) : 0;

        return right ? left + right : 0;
    }
    return filter->kind == SCIM_F_COMPARE && filter->op == SCIM_EQ &&
           str_ieq(filter->path.text, STR("value")) && filter->value->kind == JSON_STRING;
}

static str_t *
collect_listed(const scim_filter_t *filter, str_t *to)
{
    if (filter->kind == SCIM_F_OR)
        return collect_listed(filter->right, collect_listed(filter->left, to));
    *to = filter->value->u.string;
    return to + 1;
}

bool
scim_filter_list_values(arena_t *mem, const scim_filter_t *filter, const str_t **ret_values,
                        size_t *ret_n)
{
    size_t n = count_listed(filter);

    if (n == 0)
        return false;
    str_t *values = arena_array_of(mem, n, str_t);
    collect_listed(filter, values);
    *ret_values = values;
    *ret_n = n;
    return true;
}
