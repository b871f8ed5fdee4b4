/* SPDX-License-Identifier: Apache-2.0 */
/* "parent": under which entries new ones are made. */
#include "map/parent.h"
#include "base/buf.h"
#include "map/load/loading.h"
#include "scim/filter.h"

static const char *const parent_keys[] = {"dn", "if", "create", NULL};
static const char *const create_words[] = {"never", "always", NULL};

/* What stands in for the n-th pair of braces while the DN is parsed: no text has these bytes. */
enum { MARK = '\x01', MARK_END = '\x02', MAX_BRACES = 64 };

/* ---- the DN ---- */

/* The text with marks in place of braces; the pieces between them are kept as they were. */
static bool
mark_braces(load_type_t *draft, str_t text, uint32_t at, str_t *pieces, size_t *ret_n,
            str_t *ret_marked)
{
    load_t *load = draft->load;
    buf_t buf;

    *ret_n = 0;
    buf_init(&buf, load->mem, text.n * 4 + 16);
    if (str_find_char(text, MARK) < text.n || str_find_char(text, MARK_END) < text.n)
        return load_error(load, at, "\"parent\" is no DN: it has control characters");
    while (text.n > 0) {
        size_t open = str_find_char(text, '{'), close;

        buf_add(&buf, str_slice(text, 0, open));
        text = str_skip(text, open);
        if (text.n == 0)
            break;
        close = load_find_close(text);
        if (close == text.n)
            return load_error(load, at, "template: a \"{\" has no \"}\" after it");
        if (*ret_n == MAX_BRACES)
            return load_error(load, at, "template: too many paths");
        buf_printf(&buf, "%c%zu%c", MARK, *ret_n, MARK_END);
        pieces[(*ret_n)++] = str_slice(text, 0, close + 1);
        text = str_skip(text, close + 1);
        if (str_starts_with(str_trim(text), STR("=")))
            return load_error(load, at,
                              "a path in braces may be a value of the DN, not the name of an "
                              "attribute: write {\"dn\": \"ou={department},…\"}");
    }
    *ret_marked = buf_str(&buf);
    return true;
}

/* A value of the parsed DN as a template: marks become the paths that they stand for. */
static bool
read_value(load_type_t *draft, str_t value, const str_t *pieces, uint32_t at,
           map_template_t *ret_template)
{
    map_part_t *parts = arena_array_of(draft->load->mem, 2 * value.n + 1, map_part_t);
    size_t n = 0;

    while (value.n > 0) {
        size_t mark = str_find_char(value, MARK), end;
        bool found = mark < value.n;
        map_template_t one;
        int64_t number = 0;

        if (mark > 0)
            parts[n++] = (map_part_t){.literal = str_slice(value, 0, mark)};
        value = str_skip(value, mark + 1);
        if (!found)
            break;
        end = str_find_char(value, MARK_END);
        if (!str_to_int64(str_slice(value, 0, end), &number) ||
            !load_template(draft, pieces[number], at, &one))
            return false;
        parts[n++] = one.parts[0];
        value = str_skip(value, end + 1);
    }
    *ret_template = (map_template_t){parts, n};
    return true;
}

static bool
read_rdn(load_type_t *draft, const ldap_rdn_t *rdn, const str_t *pieces, uint32_t at,
         map_template_t *ret_template)
{
    bool marked = false;

    for (size_t i = 0; i < rdn->n; i++)
        marked = marked || str_find_char(rdn->avas[i].value, MARK) < rdn->avas[i].value.n;
    *ret_template = (map_template_t){NULL, 0};
    if (!marked)
        return true;
    if (rdn->n > 1)
        return load_error(draft->load, at,
                          "a path in braces cannot be one of several values joined by \"+\"");
    return read_value(draft, rdn->avas[0].value, pieces, at, ret_template);
}

static bool
read_dn(load_type_t *draft, str_t text, uint32_t at, map_parent_t *parent)
{
    load_t *load = draft->load;
    str_t pieces[MAX_BRACES], marked = STR("");
    map_template_t *values;
    size_t n = 0;
    err_t err = ERR_INIT;

    parent->text = text;
    if (!mark_braces(draft, text, at, pieces, &n, &marked))
        return false;
    if (!ldap_dn_parse(load->mem, marked, &parent->dn, &err))
        return load_error(load, at, "\"parent\" is no DN: %s", err.detail);
    parent->constant = n == 0;
    values = arena_array_of(load->mem, parent->dn.n + 1, map_template_t);
    parent->values = values;
    for (size_t i = 0; i < parent->dn.n; i++) {
        if (!read_rdn(draft, &parent->dn.rdns[i], pieces, at, &values[i]))
            return false;
    }
    return true;
}

/* ---- whether it lies in the scope ---- */

/* The part of the DN that is the same for all resources. */
static ldap_dn_t
constant_part(const map_parent_t *parent)
{
    size_t from = parent->dn.n;

    while (from > 0 && parent->values[from - 1].n == 0)
        from--;
    return (ldap_dn_t){parent->dn.rdns + from, parent->dn.n - from};
}

/* Whether a value could make of the constant part a DN in the scope. */
static bool
may_lie_in(arena_t *mem, const map_scope_t *scope, const ldap_dn_t *rest)
{
    str_t normal = ldap_dn_normal_tree(mem, rest);

    for (size_t i = 0; i < scope->n_bases; i++) {
        if (rest->n == 0 || ldap_dn_is_below(scope->bases[i].normal, normal))
            return true;
    }
    return false;
}

static bool
check_place(load_type_t *draft, map_parent_t *parent, uint32_t at)
{
    load_t *load = draft->load;
    const map_scope_t *scope = draft->type->scope;
    ldap_dn_t rest = constant_part(parent);

    if (!scope)
        return true;
    parent->proved = (parent->constant || scope->depth == LDAP_DEPTH_SUB) &&
                     map_scope_takes(scope, ldap_dn_normal_tree(load->mem, &rest));
    if (parent->proved || (!parent->constant && may_lie_in(load->mem, scope, &rest)))
        return true;
    return load_error(
        load, at,
        "entries made here would lie outside the scope \"%.*s\"; write one of its "
        "bases%s",
        STR_ARG(scope->name),
        scope->depth == LDAP_DEPTH_ONE ? " (\"depth\": \"one\" takes only its direct children)"
                                       : "");
}

/* ---- what else a line says ---- */

static bool
check_condition(load_type_t *draft, const scim_filter_t *filter, uint32_t at)
{
    scim_target_t target;

    if (!filter)
        return true;
    if (filter->kind == SCIM_F_AND || filter->kind == SCIM_F_OR || filter->kind == SCIM_F_NOT)
        return check_condition(draft, filter->left, at) &&
               check_condition(draft, filter->right, at);
    if (scim_path_resolve(draft->type->scim, &filter->path, &target) && target.attr)
        return true;
    return draft->bad_attributes ||
           load_error(draft->load, at,
                      "\"if\": \"%.*s\" is not mapped, so it never has a value; add it to "
                      "\"attributes\"",
                      STR_ARG(filter->path.text));
}

static bool
read_condition(load_type_t *draft, const json_t *json, map_parent_t *parent)
{
    const json_t *value = NULL;
    str_t text;
    err_t err = ERR_INIT;

    if (!load_string(draft->load, json, "if", false, &text, &value))
        return false;
    if (!value)
        return true;
    parent->condition = scim_filter_parse(draft->load->mem, text, 0, NULL, &err);
    if (!parent->condition)
        return load_error(draft->load, value->at, "\"if\" is no SCIM filter: %s", err.detail);
    return check_condition(draft, parent->condition, value->at);
}

/* What is made on the way is an organizationalUnit, up to a base, which must be there. */
static bool
check_create(load_type_t *draft, const map_parent_t *parent, uint32_t at)
{
    arena_t *mem = draft->load->mem;
    const map_scope_t *scope = draft->type->scope;

    for (size_t i = 0; scope && i < parent->dn.n; i++) {
        ldap_dn_t here = {parent->dn.rdns + i, parent->dn.n - i};
        const ldap_rdn_t *rdn = &parent->dn.rdns[i];
        str_t normal = ldap_dn_normal_tree(mem, &here);
        bool made = parent->values[i].n > 0;

        for (size_t k = 0; k < scope->n_bases; k++)
            made = made || ldap_dn_is_below(normal, scope->bases[k].normal);
        if (made &&
            (rdn->n > 1 || !load_same_attr(draft->load->schema, rdn->avas[0].attr, STR("ou"))))
            return load_error(
                draft->load, at,
                "\"create\" makes organizational units, which are named by ou, not "
                "by %.*s; remove it",
                STR_ARG(rdn->avas[0].attr));
    }
    return true;
}

static bool
read_line(load_type_t *draft, const json_t *json, map_parent_t *parent)
{
    load_t *load = draft->load;
    const json_t *value = json;
    size_t create = 0;
    str_t text;

    if (json->kind == JSON_STRING)
        return read_dn(draft, json->u.string, json->at, parent) &&
               check_place(draft, parent, json->at);
    if (json->kind != JSON_OBJECT)
        return load_error(load, json->at,
                          "write a DN, or {\"if\": …, \"dn\": …, \"create\": …}");
    if (!load_keys(load, json, "a line of \"parent\"", parent_keys) ||
        !load_string(load, json, "dn", true, &text, &value) ||
        !read_dn(draft, text, value->at, parent) || !check_place(draft, parent, value->at) ||
        !read_condition(draft, json, parent) ||
        !load_word(load, json, "create", create_words, NULL, &create))
        return false;
    parent->create = create == 1;
    return !parent->create ||
           check_create(draft, parent, json_find_exact(json, STR("create"))->at);
}

/* ---- all lines ---- */

static bool
is_certain(const map_parent_t *parent)
{
    for (size_t i = 0; i < parent->dn.n; i++) {
        if (!load_is_certain(&parent->values[i]))
            return false;
    }
    return !parent->condition;
}

/* A line after one that always applies and is always there is never reached. */
static void
check_reached(load_type_t *draft, const map_parent_t *parents, size_t n, const json_t *json)
{
    for (size_t i = 0; i + 1 < n; i++) {
        if (!is_certain(&parents[i]) || !parents[i].create)
            continue;
        load_error(
            draft->load, json->u.array.items[i + 1]->at,
            "this line is never reached, as the one before applies always; remove it, or "
            "put it first");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (is_certain(&parents[i]))
            return;
    }
    load_warning(draft->load, json->at,
                 "a %.*s to which no line applies is refused; end with a DN that has neither "
                 "\"if\" nor paths that may be absent",
                 STR_ARG(draft->member->name));
}

/* What stands for all of them where one DN is asked for: the last that is the same for all. */
static void
choose_common(map_type_t *type)
{
    for (size_t i = 0; i < type->n_parents; i++) {
        const map_parent_t *parent = &type->parents[i];

        if (!parent->constant || parent->condition)
            continue;
        type->parent = parent->text;
        type->parent_dn = parent->dn;
    }
}

static void
read_follow(load_type_t *draft)
{
    const json_t *json = json_find_exact(draft->json, STR("follow"));
    map_type_t *type = draft->type;
    bool moves = type->n_parents > 1 || !type->parents[0].constant;

    if (load_boolean(draft->load, draft->json, "follow", &type->follow) && type->follow &&
        !moves)
        load_error(draft->load, json->at,
                   "\"parent\" is the same for all, so there is nothing to follow; remove it");
    else if (type->follow && type->scope && type->scope->shared && json)
        load_error(
            draft->load, json->at,
            "the scope \"%.*s\" is shared, and nothing is moved there; remove \"follow\"",
            STR_ARG(type->scope->name));
}

void
load_parents(load_type_t *draft)
{
    const json_t *json = json_find_exact(draft->json, STR("parent"));
    bool many = json_is(json, JSON_ARRAY), good = true;
    map_parent_t *parents;
    size_t n = many ? json->u.array.n : 1;

    if (!json || n == 0) {
        load_error(draft->load, json ? json->at : draft->json->at,
                   json ? "\"parent\" needs at least one DN" : "\"parent\" is missing here");
        return;
    }
    parents = arena_array_of(draft->load->mem, n, map_parent_t);
    for (size_t i = 0; i < n; i++)
        good = read_line(draft, many ? json->u.array.items[i] : json, &parents[i]) && good;
    draft->type->parents = parents;
    draft->type->n_parents = n;
    if (!good)
        return;
    check_reached(draft, parents, n, json);
    choose_common(draft->type);
    read_follow(draft);
}
