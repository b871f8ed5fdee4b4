/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/value.h"

#include "base/clock.h"
#include "base/hash.h"
#include "scim/resource.h"

bool
scim_value_is_absent(const json_t *value)
{
    return !value || value->kind == JSON_NULL ||
           (value->kind == JSON_ARRAY && value->u.array.n == 0) ||
           (value->kind == JSON_OBJECT && value->u.object.n == 0);
}

/* Whether a sub-attribute only describes the others. */
static bool
is_description(str_t sub)
{
    static const str_t names[] = {STR_INIT("type"), STR_INIT("primary"), STR_INIT("display"),
                                  STR_INIT("displayName"), STR_INIT("$ref")};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (str_ieq(sub, names[i]))
            return true;
    return false;
}

bool
scim_value_is_hollow(const scim_attr_t *attr, const json_t *value)
{
    bool describes_only = true;

    if (!json_is(value, JSON_OBJECT) || value->u.object.n == 0)
        return scim_value_is_absent(value);
    for (size_t i = 0; i < attr->n_subs && describes_only; i++)
        describes_only = is_description(attr->subs[i].name);
    for (size_t i = 0; i < value->u.object.n && !describes_only; i++)
        if (!is_description(value->u.object.members[i].name))
            return false;
    return !describes_only;
}

bool
scim_value_is_primary(const json_t *element)
{
    const json_t *primary = json_find(element, STR("primary"));

    return json_is(primary, JSON_BOOLEAN) && primary->u.boolean;
}

/* ---- into canonical form ---- */

static bool
is_base64(str_t text)
{
    size_t n = text.n;

    while (n > 0 && text.n - n < 2 && text.p[n - 1] == '=')
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = text.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && !strchr("+/-_", c))
            return false;
    }
    return n % 4 != 1;
}

static json_t *
wrong(err_t *err, str_t path, const char *expected, const json_t *value)
{
    err_set(err, ERR_INVALID_VALUE, "%.*s must be %s, not %s", STR_ARG(path), expected,
            json_kind_name(value->kind));
    return NULL;
}

static const char *
read_string(const scim_attr_t *attr, const json_t *value)
{
    clock_time_t time;

    if (value->kind != JSON_STRING)
        return "a string";
    if (attr->kind == SCIM_DATETIME && !clock_parse_datetime(value->u.string, &time))
        return "a dateTime such as 2011-05-13T04:42:34Z";
    if (attr->kind == SCIM_BINARY && !is_base64(value->u.string))
        return "base64";
    return NULL;
}

/* What a scalar should have been; NULL: it is. */
static const char *
check_scalar(const scim_attr_t *attr, const json_t *value)
{
    int64_t whole;

    switch (attr->kind) {
    case SCIM_STRING:
    case SCIM_REFERENCE:
    case SCIM_DATETIME:
    case SCIM_BINARY:
        return read_string(attr, value);
    case SCIM_BOOLEAN:
        return value->kind == JSON_BOOLEAN ? NULL : "a boolean";
    case SCIM_INTEGER:
        return json_to_int64(value, &whole) ? NULL : "a whole number";
    case SCIM_DECIMAL:
        return value->kind == JSON_NUMBER ? NULL : "a number";
    case SCIM_COMPLEX:
        break;
    }
    return "an object";
}

static json_t *read_array(arena_t *mem, const scim_attr_t *attr, const json_t *value,
                          str_t path, err_t *err);

static json_t *
read_sub(arena_t *mem, const scim_attr_t *sub, const json_t *value, str_t path, err_t *err)
{
    if (sub->multi)
        return read_array(mem, sub, value, path, err);
    return scim_value_read(mem, sub, value, path, err);
}

static json_t *
read_complex(arena_t *mem, const scim_attr_t *attr, const json_t *value, str_t path, err_t *err)
{
    json_t *out = json_object(mem);

    if (value->kind != JSON_OBJECT)
        return wrong(err, path, "an object", value);
    out->at = value->at;
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];
        const scim_attr_t *sub = scim_attr_find_sub(attr, member->name);
        err_t inner = ERR_INIT;

        if (!sub || scim_value_is_absent(member->value))
            continue;
        json_t *read = read_sub(mem, sub, member->value, sub->name, &inner);
        if (!read) {
            err_set(err, inner.kind, "%.*s.%.*s", STR_ARG(path), STR_ARG(err_detail(&inner)));
            return NULL;
        }
        if (!scim_value_is_absent(read))
            json_set(mem, out, sub->name, read);
    }
    return out;
}

json_t *
scim_value_read(arena_t *mem, const scim_attr_t *attr, const json_t *value, str_t path,
                err_t *err)
{
    const char *expected;

    if (attr->kind == SCIM_COMPLEX)
        return read_complex(mem, attr, value, path, err);
    expected = check_scalar(attr, value);
    if (!expected)
        return json_copy(mem, value);
    if (value->kind == JSON_STRING && attr->kind != SCIM_BOOLEAN) {
        err_set(err, ERR_INVALID_VALUE, "%.*s must be %s", STR_ARG(path), expected);
        return NULL;
    }
    return wrong(err, path, expected, value);
}

static json_t *
read_array(arena_t *mem, const scim_attr_t *attr, const json_t *value, str_t path, err_t *err)
{
    json_t *out = json_array(mem);
    bool primary = false;

    if (value->kind != JSON_ARRAY)
        return wrong(err, path, "an array", value);
    out->at = value->at;
    for (size_t i = 0; i < value->u.array.n; i++) {
        const json_t *item = value->u.array.items[i];

        if (scim_value_is_absent(item))
            continue;
        json_t *read = scim_value_read(mem, attr, item, path, err);
        if (!read)
            return NULL;
        if (scim_value_is_absent(read))
            continue;
        if (primary && scim_value_is_primary(read)) {
            err_set(err, ERR_INVALID_VALUE, "%.*s: two elements are primary", STR_ARG(path));
            return NULL;
        }
        primary = primary || scim_value_is_primary(read);
        json_append(mem, out, read);
    }
    return out;
}

json_t *
scim_values_read(arena_t *mem, const scim_attr_t *attr, const json_t *value, str_t path,
                 err_t *err)
{
    return read_sub(mem, attr, value, path, err);
}

/* ---- identity ---- */

static bool
is_reference(const scim_attr_t *attr)
{
    return scim_attr_find_sub(attr, STR("$ref")) != NULL;
}

/* Whether the sub-attribute says what the element is rather than how it is shown. */
static bool
tells_identity(const scim_attr_t *attr, str_t name)
{
    if (is_reference(attr))
        return str_ieq(name, STR("value"));
    return !str_ieq(name, STR("primary")) && !str_ieq(name, STR("display"));
}

static uint64_t
hash_value(const json_t *value)
{
    if (value->kind == JSON_STRING)
        return hash_name(value->u.string);
    if (value->kind == JSON_NUMBER)
        return hash_bytes(
            str_from((const char *)&value->u.number.real, sizeof(value->u.number.real)));
    return value->kind == JSON_BOOLEAN ? 1 + (uint64_t)value->u.boolean : 3;
}

static uint64_t
hash_element(const scim_attr_t *attr, const json_t *element)
{
    uint64_t hash = 0;

    if (element->kind != JSON_OBJECT)
        return hash_value(element);
    for (size_t i = 0; i < element->u.object.n; i++) {
        const json_member_t *member = &element->u.object.members[i];

        /* A sum, as the order of the members is not significant. */
        if (tells_identity(attr, member->name))
            hash += hash_name(member->name) * (hash_value(member->value) | 1);
    }
    return hash;
}

static bool
same_scalar(const scim_attr_t *attr, const json_t *a, const json_t *b)
{
    if (json_is(a, JSON_STRING) && json_is(b, JSON_STRING))
        return attr->case_exact ? str_eq(a->u.string, b->u.string)
                                : str_ieq(a->u.string, b->u.string);
    return json_eq(a, b);
}

static bool
same_element(const scim_attr_t *attr, const json_t *a, const json_t *b)
{
    if (attr->kind != SCIM_COMPLEX)
        return same_scalar(attr, a, b);
    for (size_t i = 0; i < attr->n_subs; i++) {
        const scim_attr_t *sub = &attr->subs[i];
        const json_t *x, *y;

        if (!tells_identity(attr, sub->name))
            continue;
        x = json_find(a, sub->name);
        y = json_find(b, sub->name);
        if (!x != !y || (x && y && !same_scalar(sub, x, y)))
            return false;
    }
    return true;
}

static void
place(scim_value_set_t *set, size_t at)
{
    size_t mask = set->n_buckets - 1;
    size_t i = (size_t)hash_element(set->attr, set->array->u.array.items[at]) & mask;

    while (set->buckets[i])
        i = (i + 1) & mask;
    set->buckets[i] = at + 1;
}

static void
resize(scim_value_set_t *set, size_t n_buckets)
{
    set->n_buckets = n_buckets;
    set->buckets = arena_array_of(set->mem, n_buckets, size_t);
    for (size_t i = 0; i < set->n; i++)
        place(set, i);
}

void
scim_value_set_init(scim_value_set_t *set, arena_t *mem, const scim_attr_t *attr,
                    const json_t *array)
{
    size_t n_buckets = 16;

    *set = (scim_value_set_t){.mem = mem, .attr = attr, .array = array, .n = array->u.array.n};
    while (n_buckets < 2 * set->n)
        n_buckets *= 2;
    resize(set, n_buckets);
}

void
scim_value_set_add(scim_value_set_t *set, size_t at)
{
    set->n = at + 1;
    if (2 * set->n > set->n_buckets)
        resize(set, 2 * set->n_buckets);
    else
        place(set, at);
}

json_t *
scim_value_set_find(const scim_value_set_t *set, const json_t *element)
{
    size_t mask = set->n_buckets - 1;
    size_t i = (size_t)hash_element(set->attr, element) & mask;

    for (; set->buckets[i]; i = (i + 1) & mask) {
        json_t *other = set->array->u.array.items[set->buckets[i] - 1];

        if (same_element(set->attr, other, element))
            return other;
    }
    return NULL;
}
