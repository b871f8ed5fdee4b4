/* SPDX-License-Identifier: Apache-2.0 */
/* attr[ filter ]: which elements satisfy a filter.
 *
 * The slots of one attribute and type make up one kind of element. Where each of them holds one
 * value there is one such element at most, and any filter over it is exact. Where a slot holds
 * several values, each is an element, and LDAP can say of one value only one thing. */
#include "map/filter_term.h"

typedef struct {
    filter_ctx_t *ctx;
    const map_slot_t *first; /* of the kind: gives attribute, type, primary */
    bool several;
    bool primary; /* elements of the kind are primary */
    bool asks_primary, negates;
} element_t;

static const ldap_filter_t *element_filter(element_t *element, const scim_filter_t *filter);

static const ldap_filter_t *
refuse_joint(element_t *element, const char *why)
{
    return FILTER_REFUSE(element->ctx, "%.*s: %s", STR_ARG(element->first->path), why);
}

/* The slot for a sub-attribute in this kind of element; NULL: this kind has none. *ret_mapped:
 * another kind has it. */
static const map_slot_t *
find_sub_slot(element_t *element, str_t sub, bool *ret_mapped)
{
    const map_type_t *type = element->ctx->type;

    *ret_mapped = false;
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];
        bool simple = slot->attr->kind != SCIM_COMPLEX;

        if (!map_slot_same_attr(slot, element->first) ||
            !str_ieq(simple ? STR("value") : map_slot_leaf(slot)->name, sub))
            continue;
        *ret_mapped = true;
        if (map_slot_same_element(slot, element->first))
            return slot;
    }
    return NULL;
}

static const ldap_filter_t *
primary_term(element_t *element, scim_compare_t op, const json_t *value)
{
    element->asks_primary = true;
    if (!value)
        return filter_constant(element->primary);
    if (json_is(value, JSON_NULL) && (op == SCIM_EQ || op == SCIM_NE))
        return filter_constant(element->primary == (op == SCIM_NE));
    if (!json_is(value, JSON_BOOLEAN) || (op != SCIM_EQ && op != SCIM_NE))
        return refuse_joint(element, "primary compares with eq and ne and a boolean");
    /* What does not say that it is primary is not (RFC 7643 §2.4). */
    return filter_constant((value->u.boolean == element->primary) == (op == SCIM_EQ));
}

static const ldap_filter_t *
type_term(element_t *element, scim_compare_t op, const json_t *value)
{
    str_t type = element->first->type;

    if (element->first->as == MAP_AS_REFERENCE)
        return refuse_joint(element, "type cannot be searched, as LDAP knows only the DN");
    if (!value)
        return filter_constant(type.n > 0);
    if (type.n == 0)
        return filter_constant(op == SCIM_NE || (op == SCIM_EQ && json_is(value, JSON_NULL)));
    return filter_fixed(element->ctx, STR("type"), type, false, op, value);
}

/* A condition on the element's own values. `value` NULL: presence. */
static const ldap_filter_t *
value_term(element_t *element, const scim_path_t *path, scim_compare_t op, const json_t *value)
{
    filter_ctx_t *ctx = element->ctx;
    bool mapped, negative = op == SCIM_NE && value;
    const map_slot_t *slot = find_sub_slot(element, path->attr, &mapped);
    const ldap_filter_t *term;

    if (!mapped)
        return FILTER_REFUSE(ctx, "%.*s.%.*s is not mapped",
                             STR_ARG(element->first->attr->name), STR_ARG(path->attr));
    if (json_is(value, JSON_NULL)) {
        if (op != SCIM_EQ && op != SCIM_NE)
            return refuse_joint(element, "null compares with eq and ne only");
        negative = op == SCIM_EQ;
        value = NULL;
    }
    if (!slot)
        return filter_constant(negative);
    if (element->several && !value) /* an element of a value has that value */
        return filter_constant(!negative);
    term = value ? filter_term(ctx, slot, op == SCIM_NE ? SCIM_EQ : op, value)
                 : filter_present(ctx, slot);
    if (!term || !negative)
        return term;
    if (element->several)
        return refuse_joint(element, "it has several values, and the directory cannot look for "
                                     "one that differs");
    element->negates = true;
    return ldap_filter_not(ctx->mem, term);
}

static const ldap_filter_t *
element_term(element_t *element, const scim_filter_t *filter)
{
    const json_t *value = filter->kind == SCIM_F_COMPARE ? filter->value : NULL;
    const scim_path_t *path = &filter->path;

    if (path->urn.n > 0 || path->sub.n > 0)
        return FILTER_REFUSE(element->ctx, "%.*s is no sub-attribute of %.*s",
                             STR_ARG(path->text), STR_ARG(element->first->attr->name));
    if (str_ieq(path->attr, STR("type")))
        return type_term(element, filter->op, value);
    if (str_ieq(path->attr, STR("primary")))
        return primary_term(element, filter->op, value);
    return value_term(element, path, filter->op, value);
}

/* The constant that settles an `and` or an `or` by itself. */
static bool
settles(const scim_filter_t *filter, const ldap_filter_t *side)
{
    return side && (filter->kind == SCIM_F_AND ? ldap_filter_is_false(side)
                                               : ldap_filter_is_true(side));
}

static const ldap_filter_t *
join(element_t *element, const scim_filter_t *filter, const ldap_filter_t *left,
     const ldap_filter_t *right)
{
    arena_t *mem = element->ctx->mem;

    if (filter->kind == SCIM_F_OR)
        return ldap_filter_or2(mem, left, right);
    if (element->several && !filter_is_constant(left) && !filter_is_constant(right))
        return refuse_joint(element, "it has several values, and the directory cannot hold one "
                                     "value against two conditions");
    return ldap_filter_and2(mem, left, right);
}

/* What cannot be asked of one kind of element does not matter where the other side, mostly the
 * type, rules that kind out. */
static const ldap_filter_t *
element_pair(element_t *element, const scim_filter_t *filter)
{
    err_t *err = element->ctx->err;
    const ldap_filter_t *left = element_filter(element, filter->left), *right;
    err_t refusal = *err;

    if (settles(filter, left))
        return left;
    right = element_filter(element, filter->right);
    if (settles(filter, right)) {
        *err = (err_t)ERR_INIT;
        return right;
    }
    if (!left)
        *err = refusal;
    return left && right ? join(element, filter, left, right) : NULL;
}

static const ldap_filter_t *
element_not(element_t *element, const scim_filter_t *filter)
{
    const ldap_filter_t *inner = element_filter(element, filter->left);

    if (!inner)
        return NULL;
    if (element->several && !filter_is_constant(inner))
        return refuse_joint(element,
                            "it has several values, and the directory cannot look for "
                            "one that differs; not (...) around all of it is possible");
    element->negates = element->negates || !filter_is_constant(inner);
    return ldap_filter_not(element->ctx->mem, inner);
}

static const ldap_filter_t *
element_filter(element_t *element, const scim_filter_t *filter)
{
    switch (filter->kind) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return element_pair(element, filter);
    case SCIM_F_NOT:
        return element_not(element, filter);
    case SCIM_F_PRESENT:
    case SCIM_F_COMPARE:
        return element_term(element, filter);
    case SCIM_F_VALUE_PATH:
        break;
    }
    return FILTER_REFUSE(element->ctx, "%.*s: no brackets within brackets",
                         STR_ARG(filter->path.text));
}

/* ---- kinds of elements ---- */

static const ldap_filter_t *
element_present(element_t *element)
{
    const map_type_t *type = element->ctx->type;
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; any && i < type->n_slots; i++) {
        const ldap_filter_t *present;

        if (!map_slot_same_element(&type->slots[i], element->first))
            continue;
        present = filter_present(element->ctx, &type->slots[i]);
        any = present ? ldap_filter_or2(element->ctx->mem, any, present) : NULL;
    }
    return any;
}

static element_t
begin_element(filter_ctx_t *ctx, const map_slot_t *first)
{
    element_t element = {.ctx = ctx, .first = first};

    for (size_t i = 0; i < ctx->type->n_slots; i++) {
        const map_slot_t *slot = &ctx->type->slots[i];

        if (!map_slot_same_element(slot, first))
            continue;
        element.several = element.several || slot->several;
        element.primary = element.primary || slot->primary;
    }
    return element;
}

/* Of several values one is the primary, if that is their kind, and nobody knows which one, or whether
 * there is a second. What is asked must be true of the one there always is, or of none. */
static const ldap_filter_t *
check_primary(element_t *element, const scim_filter_t *filter, const ldap_filter_t *found)
{
    const ldap_filter_t *others;

    if (!found || !element->several || !element->primary || !element->asks_primary)
        return found;
    element->primary = false;
    others = element_filter(element, filter);
    if (!others)
        return NULL;
    if (ldap_filter_is_true(found) ||
        (ldap_filter_is_false(found) && ldap_filter_is_false(others)))
        return found;
    return refuse_joint(element, "the directory does not know which of several values is "
                                 "the primary one");
}

static const ldap_filter_t *
one_kind(filter_ctx_t *ctx, const map_slot_t *first, const scim_filter_t *filter)
{
    element_t element = begin_element(ctx, first);
    const ldap_filter_t *found =
        check_primary(&element, filter, element_filter(&element, filter));
    const ldap_filter_t *present;

    if (!found || ldap_filter_is_false(found))
        return found;
    if (!element.negates && !ldap_filter_is_true(found))
        return found;
    present = element_present(&element);
    return present ? ldap_filter_and2(ctx->mem, present, found) : NULL;
}

/* Whether an earlier slot is of the same kind of element. */
static bool
is_repeated(const map_type_t *type, const map_slot_t *slot)
{
    for (const map_slot_t *other = type->slots; other < slot; other++)
        if (map_slot_same_element(other, slot))
            return true;
    return false;
}

const ldap_filter_t *
filter_elements(filter_ctx_t *ctx, const map_slot_t *slot, const scim_filter_t *filter)
{
    const map_type_t *type = ctx->type;
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; any && i < type->n_slots; i++) {
        const ldap_filter_t *found;

        if (!map_slot_same_attr(&type->slots[i], slot) || is_repeated(type, &type->slots[i]))
            continue;
        found = one_kind(ctx, &type->slots[i], filter);
        any = found ? ldap_filter_or2(ctx->mem, any, found) : NULL;
    }
    return any;
}
