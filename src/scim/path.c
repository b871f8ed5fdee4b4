/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/path.h"

#include "scim/filter.h"
#include "scim/parse.h"

enum { FORMAT_MAX = 64 * 1024 };

/* ATTRNAME of RFC 7644 §3.4.2.2, and "$ref". */
size_t
scim_path_name_length(str_t s)
{
    size_t n = s.n > 0 && s.p[0] == '$' ? 1 : 0;

    if (n == s.n || !char_is_alpha(s.p[n]))
        return 0;
    while (n < s.n &&
           (char_is_alpha(s.p[n]) || char_is_digit(s.p[n]) || s.p[n] == '-' || s.p[n] == '_'))
        n++;
    return n;
}

static bool
is_name(str_t s)
{
    return s.n > 0 && scim_path_name_length(s) == s.n;
}

static bool
is_delimiter(char c)
{
    return c <= ' ' || c == 127 || c == '"' || c == '(' || c == ')' || c == '[' || c == ']' ||
           c == ',' || c == '\\';
}

size_t
scim_path_token(str_t text, size_t at)
{
    size_t n = 0;

    while (at + n < text.n && !is_delimiter(text.p[at + n]))
        n++;
    return n;
}

/* The last part of a URN is no attribute, so it need not be spelt as one: "urn:example:2.0". */
static bool
is_urn_part(str_t s)
{
    return s.n > 0 && scim_path_token(s, 0) == s.n;
}

bool
scim_path_split(str_t token, scim_path_t *ret_path)
{
    size_t colon = str_find_last_char(token, ':');
    scim_path_t path = {.text = token, .urn = STR(""), .sub = STR("")};
    str_t rest = token;

    if (colon < token.n) {
        path.urn = str_slice(token, 0, colon);
        rest = str_skip(token, colon + 1);
        if (!is_urn_part(path.urn) || !char_is_alpha(path.urn.p[0]))
            return false;
    }
    size_t dot = str_find_char(rest, '.');
    path.attr = str_slice(rest, 0, dot);
    if (dot < rest.n) {
        path.sub = str_skip(rest, dot + 1);
        if (!is_name(path.sub) && (path.urn.n == 0 || !is_urn_part(path.sub)))
            return false;
    }
    if (!is_name(path.attr) && (path.urn.n == 0 || !is_urn_part(path.attr)))
        return false;
    *ret_path = path;
    return true;
}

static bool
fail(err_t *err, str_t text, size_t at, const char *expected)
{
    return err_set(err, ERR_INVALID_PATH, "path \"%.*s\": expected %s at byte %zu",
                   STR_ARG(text), expected, at);
}

static bool
parse_tail(str_t text, size_t at, scim_path_t *path, err_t *err)
{
    if (at == text.n)
        return true;
    if (text.p[at] != '.')
        return fail(err, text, at, "'.' or the end");
    path->sub = str_skip(text, at + 1);
    if (!is_name(path->sub))
        return fail(err, text, at + 1, "a sub-attribute's name");
    return true;
}

static bool
parse_value_path(arena_t *mem, str_t text, unsigned leniency, size_t at, scim_path_t *path,
                 err_t *err)
{
    bool ended = false;

    if (!str_is_empty(path->sub))
        return fail(err, text, at, "no '[' after a sub-attribute");
    at++;
    path->filter = scim_filter_parse_brackets(mem, text, leniency, &at, &ended, err);
    if (!path->filter) {
        if (ended)
            err->kind = ERR_INVALID_PATH;
        return err_prefix(err, "path \"%.*s\"", STR_ARG(text));
    }
    path->text = text;
    return parse_tail(text, at, path, err);
}

bool
scim_path_parse_leniently(arena_t *mem, str_t text, unsigned leniency, scim_path_t *ret_path,
                          err_t *err)
{
    scim_path_t path;
    size_t n = scim_path_token(text, 0);

    if (text.n > SCIM_FILTER_MAX_BYTES)
        return err_set(err, ERR_INVALID_PATH, "a path is limited to %d bytes",
                       SCIM_FILTER_MAX_BYTES);
    if (!scim_path_split(str_slice(text, 0, n), &path))
        return fail(err, text, 0, "attribute, attribute.sub or URN:attribute");
    if (n < text.n) {
        if (text.p[n] != '[')
            return fail(err, text, n, "'[', '.' or the end");
        if (!parse_value_path(mem, text, leniency, n, &path, err))
            return false;
    }
    *ret_path = path;
    return true;
}

bool
scim_path_parse(arena_t *mem, str_t text, scim_path_t *ret_path, err_t *err)
{
    return scim_path_parse_leniently(mem, text, 0, ret_path, err);
}

static const scim_attr_t *
find_common(str_t name)
{
    const scim_attr_t *const common[] = {&scim_attr_id, &scim_attr_meta, &scim_attr_schemas};

    for (size_t i = 0; i < ARRAY_SIZE(common); i++)
        if (str_ieq(common[i]->name, name))
            return common[i];
    return NULL;
}

static bool
find_in_core(const scim_type_t *type, str_t name, scim_target_t *target)
{
    target->schema = type->core;
    target->attr = scim_schema_find(type->core, name);
    if (!target->attr) {
        target->schema = NULL;
        target->attr = find_common(name);
    }
    return target->attr != NULL;
}

static bool
find_in_extensions(const scim_type_t *type, str_t name, scim_target_t *target)
{
    size_t found = 0;

    for (size_t i = 0; i < type->n_extensions; i++) {
        const scim_attr_t *attr = scim_schema_find(type->extensions[i], name);

        if (!attr)
            continue;
        target->schema = type->extensions[i];
        target->attr = attr;
        found++;
    }
    return found == 1;
}

static bool
find_qualified(const scim_type_t *type, const scim_path_t *path, scim_target_t *target)
{
    const scim_schema_t *schema = scim_type_find_schema(type, path->urn);

    if (!schema)
        return false;
    if (schema == type->core)
        return find_in_core(type, path->attr, target);
    target->schema = schema;
    target->attr = scim_schema_find(schema, path->attr);
    return target->attr != NULL;
}

static const scim_schema_t *
find_whole_extension(const scim_type_t *type, const scim_path_t *path)
{
    const scim_schema_t *schema = path->filter ? NULL : scim_type_find_schema(type, path->text);

    return schema == type->core ? NULL : schema;
}

bool
scim_path_resolve(const scim_type_t *type, const scim_path_t *path, scim_target_t *ret_target)
{
    scim_target_t target = {.filter = path->filter};

    if (!str_is_empty(path->urn)) {
        target.schema = find_whole_extension(type, path);
        if (target.schema) {
            *ret_target = target;
            return true;
        }
        if (!find_qualified(type, path, &target))
            return false;
    } else if (!find_in_core(type, path->attr, &target) &&
               !find_in_extensions(type, path->attr, &target)) {
        return false;
    }
    if (!str_is_empty(path->sub)) {
        target.sub = scim_attr_find_sub(target.attr, path->sub);
        if (!target.sub)
            return false;
    }
    *ret_target = target;
    return true;
}

str_t
scim_path_format(arena_t *mem, const scim_target_t *target)
{
    buf_t buf;

    buf_init(&buf, mem, FORMAT_MAX);
    if (target->schema && !target->schema->core) {
        buf_add(&buf, target->schema->id);
        if (target->attr)
            buf_add_char(&buf, ':');
    }
    if (target->attr)
        buf_add(&buf, target->attr->name);
    if (target->filter) {
        buf_add_char(&buf, '[');
        scim_filter_write(&buf, target->filter);
        buf_add_char(&buf, ']');
    }
    if (target->sub) {
        buf_add_char(&buf, '.');
        buf_add(&buf, target->sub->name);
    }
    return buf_str(&buf);
}
