/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json.h"

#include <assert.h>
#include <stdlib.h>

#include "json/decimal.h"

/* Objects with more members are compared by sorting. */
enum { FEW_MEMBERS = 16 };

const char *
json_kind_name(json_kind_t kind)
{
    switch (kind) {
    case JSON_NULL:
        return "null";
    case JSON_BOOLEAN:
        return "a boolean";
    case JSON_NUMBER:
        return "a number";
    case JSON_STRING:
        return "a string";
    case JSON_ARRAY:
        return "an array";
    case JSON_OBJECT:
        return "an object";
    }
    return "nothing known";
}

/* --- making ----------------------------------------------------------------------------- */

static json_t *
make(arena_t *mem, json_kind_t kind)
{
    json_t *value = arena_new_of(mem, json_t);

    value->kind = kind;
    return value;
}

json_t *
json_null(arena_t *mem)
{
    return make(mem, JSON_NULL);
}

json_t *
json_boolean(arena_t *mem, bool boolean)
{
    json_t *value = make(mem, JSON_BOOLEAN);

    value->u.boolean = boolean;
    return value;
}

json_t *
json_integer(arena_t *mem, int64_t integer)
{
    json_t *value = make(mem, JSON_NUMBER);

    value->u.number.text = str_printf(mem, "%lld", (long long)integer);
    value->u.number.real = (double)integer;
    return value;
}

json_t *
json_string(arena_t *mem, str_t string)
{
    json_t *value = make(mem, JSON_STRING);

    value->u.string = string;
    return value;
}

json_t *
json_array(arena_t *mem)
{
    return make(mem, JSON_ARRAY);
}

json_t *
json_object(arena_t *mem)
{
    return make(mem, JSON_OBJECT);
}

/* --- looking ---------------------------------------------------------------------------- */

bool
json_to_int64(const json_t *value, int64_t *ret_value)
{
    json_decimal_t decimal;

    if (!json_is(value, JSON_NUMBER))
        return false;
    json_decimal_parse(value->u.number.text, &decimal);
    return json_decimal_to_int64(&decimal, ret_value);
}

json_member_t *
json_find_member(const json_t *object, str_t name)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    for (size_t i = 0; i < object->u.object.n; i++)
        if (str_ieq(object->u.object.members[i].name, name))
            return &object->u.object.members[i];
    return NULL;
}

json_t *
json_find(const json_t *object, str_t name)
{
    const json_member_t *member = json_find_member(object, name);

    return member ? member->value : NULL;
}

json_t *
json_find_exact(const json_t *object, str_t name)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    for (size_t i = 0; i < object->u.object.n; i++)
        if (str_eq(object->u.object.members[i].name, name))
            return object->u.object.members[i].value;
    return NULL;
}

/* --- editing ---------------------------------------------------------------------------- */

static size_t
grown_size(size_t size)
{
    return size ? size * 2 : 4;
}

void
json_set(arena_t *mem, json_t *object, str_t name, json_t *value)
{
    json_member_t *member = json_find_member(object, name);

    assert(object->kind == JSON_OBJECT);
    assert(value);
    if (member) {
        member->value = value;
        return;
    }
    if (object->u.object.n == object->u.object.size) {
        size_t size = grown_size(object->u.object.size);

        object->u.object.members = arena_grow(mem, object->u.object.members, object->u.object.n,
                                              size, sizeof(json_member_t));
        object->u.object.size = size;
    }
    object->u.object.members[object->u.object.n++] = (json_member_t){name, value, value->at};
}

bool
json_remove(json_t *object, str_t name)
{
    json_member_t *member = json_find_member(object, name);
    size_t after;

    if (!member)
        return false;
    after = (size_t)(object->u.object.members + object->u.object.n - (member + 1));
    memmove(member, member + 1, after * sizeof(*member));
    object->u.object.n--;
    return true;
}

void
json_append(arena_t *mem, json_t *array, json_t *item)
{
    assert(array->kind == JSON_ARRAY);
    assert(item);
    if (array->u.array.n == array->u.array.size) {
        size_t size = grown_size(array->u.array.size);

        array->u.array.items =
            arena_grow(mem, array->u.array.items, array->u.array.n, size, sizeof(json_t *));
        array->u.array.size = size;
    }
    array->u.array.items[array->u.array.n++] = item;
}

void
json_remove_at(json_t *array, size_t i)
{
    json_t **item;

    assert(array->kind == JSON_ARRAY && i < array->u.array.n);
    item = &array->u.array.items[i];
    memmove(item, item + 1, (array->u.array.n - i - 1) * sizeof(json_t *));
    array->u.array.n--;
}

json_t *
json_copy(arena_t *mem, const json_t *value)
{
    json_t *copy = arena_new_of(mem, json_t);

    *copy = *value;
    if (value->kind == JSON_ARRAY) {
        copy->u.array.size = value->u.array.n;
        copy->u.array.items = arena_array_of(mem, value->u.array.n, json_t *);
        for (size_t i = 0; i < value->u.array.n; i++)
            copy->u.array.items[i] = json_copy(mem, value->u.array.items[i]);
    } else if (value->kind == JSON_OBJECT) {
        copy->u.object.size = value->u.object.n;
        copy->u.object.members = arena_grow(mem, value->u.object.members, value->u.object.n,
                                            value->u.object.n, sizeof(json_member_t));
        for (size_t i = 0; i < value->u.object.n; i++)
            copy->u.object.members[i].value = json_copy(mem, value->u.object.members[i].value);
    }
    return copy;
}

/* --- comparing -------------------------------------------------------------------------- */

static bool
number_eq(const json_t *a, const json_t *b)
{
    json_decimal_t x, y;

    if (str_eq(a->u.number.text, b->u.number.text))
        return true;
    json_decimal_parse(a->u.number.text, &x);
    json_decimal_parse(b->u.number.text, &y);
    return json_decimal_eq(&x, &y);
}

static bool
array_eq(const json_t *a, const json_t *b)
{
    if (a->u.array.n != b->u.array.n)
        return false;
    for (size_t i = 0; i < a->u.array.n; i++)
        if (!json_eq(a->u.array.items[i], b->u.array.items[i]))
            return false;
    return true;
}

static int
compare_names(const void *a, const void *b)
{
    const json_member_t *const *x = a, *const *y = b;

    return str_icmp((*x)->name, (*y)->name);
}

static void
pointers_cleanup(const json_member_t ***pointers)
{
    free(*pointers);
}

/* The members in the order of their names, for free(); NULL when malloc fails. */
static const json_member_t **
sorted_members(const json_t *object)
{
    size_t n = object->u.object.n;
    const json_member_t **sorted = calloc(n, sizeof(*sorted));

    if (!sorted)
        return NULL;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &object->u.object.members[i];
    qsort(sorted, n, sizeof(*sorted), compare_names);
    return sorted;
}

static bool
few_members_eq(const json_t *a, const json_t *b)
{
    for (size_t i = 0; i < a->u.object.n; i++) {
        const json_t *other = json_find(b, a->u.object.members[i].name);

        if (!other || !json_eq(a->u.object.members[i].value, other))
            return false;
    }
    return true;
}

/* Heap, not arena: a comparison leaves nothing behind and does not unwind. Without memory the
 * slow way is taken. */
static bool
many_members_eq(const json_t *a, const json_t *b)
{
    const json_member_t **x CLEANUP(pointers_cleanup) = sorted_members(a);
    const json_member_t **y CLEANUP(pointers_cleanup) = sorted_members(b);

    if (!x || !y)
        return few_members_eq(a, b);
    for (size_t i = 0; i < a->u.object.n; i++)
        if (!str_ieq(x[i]->name, y[i]->name) || !json_eq(x[i]->value, y[i]->value))
            return false;
    return true;
}

static bool
object_eq(const json_t *a, const json_t *b)
{
    if (a->u.object.n != b->u.object.n)
        return false;
    return a->u.object.n <= FEW_MEMBERS ? few_members_eq(a, b) : many_members_eq(a, b);
}

bool
json_eq(const json_t *a, const json_t *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind)
        return false;
    switch (a->kind) {
    case JSON_NULL:
        return true;
    case JSON_BOOLEAN:
        return a->u.boolean == b->u.boolean;
    case JSON_NUMBER:
        return number_eq(a, b);
    case JSON_STRING:
        return str_eq(a->u.string, b->u.string);
    case JSON_ARRAY:
        return array_eq(a, b);
    case JSON_OBJECT:
        return object_eq(a, b);
    }
    return false;
}
