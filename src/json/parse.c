/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json.h"

#include <assert.h>
#include <cJSON.h>
#include <math.h>

#include "base/hash.h"
#include "json/scan.h"

/* Objects with more members look for names that occur twice by hash. */
enum { FEW_MEMBERS = 8 };

typedef struct {
    arena_t *mem;
    str_t text; /* as it was given */
    const json_scan_t *scan;
    const cJSON *tree;
    json_t *values; /* one per place */
    size_t next;    /* index of the next value */
    json_t *root;   /* the result; NULL: *err is set */
    err_t *err;
} walk_t;

static json_t *walk_value(walk_t *walk, const cJSON *node);

static json_t *
refuse_twice(walk_t *walk, const json_member_t *first, const json_member_t *second)
{
    unsigned line, column;
    str_t name = str_slice(second->name, 0, 200);

    json_position(walk->text, first->at, &line, &column);
    while (!str_is_utf8(name))
        name.n--;
    err_set(walk->err, ERR_INVALID_SYNTAX,
            "\"%.*s\" occurs twice in an object, first at line %u, column %u", STR_ARG(name),
            line, column);
    json_point(walk->err, walk->text, second->at);
    return NULL;
}

static const json_member_t *
find_before(const json_member_t *members, size_t n, str_t name)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(members[i].name, name))
            return &members[i];
    return NULL;
}

/* Names seen so far: an open hash table of indices into `members`, plus one. */
typedef struct {
    const json_member_t *members;
    uint32_t *slots;
    size_t mask;
} name_set_t;

static name_set_t
make_name_set(arena_t *mem, const json_member_t *members, size_t n)
{
    size_t size = 16;

    while (size < n * 2)
        size *= 2;
    return (name_set_t){members, arena_array_of(mem, size, uint32_t), size - 1};
}

/* Add member `i`; the earlier one of the same name, if there is one. */
static const json_member_t *
add_name(name_set_t *set, size_t i)
{
    str_t name = set->members[i].name;
    size_t at = (size_t)hash_name(name) & set->mask;

    for (; set->slots[at]; at = (at + 1) & set->mask) {
        const json_member_t *other = &set->members[set->slots[at] - 1];

        if (str_ieq(other->name, name))
            return other;
    }
    set->slots[at] = (uint32_t)i + 1;
    return NULL;
}

static json_t *
walk_object(walk_t *walk, const cJSON *node, json_t *object, size_t count)
{
    json_member_t *members = arena_array_of(walk->mem, count, json_member_t);
    name_set_t set = {0};
    size_t n = 0;

    if (count > FEW_MEMBERS)
        set = make_name_set(walk->mem, members, count);
    for (const cJSON *child = node->child; child; child = child->next, n++) {
        const json_member_t *first;

        assert(n < count);
        members[n].name = str_dup(walk->mem, str_from_c(child->string));
        members[n].at = walk->scan->places[walk->next].name_at;
        first = set.slots ? add_name(&set, n) : find_before(members, n, members[n].name);
        if (first)
            return refuse_twice(walk, first, &members[n]);
        members[n].value = walk_value(walk, child);
        if (!members[n].value)
            return NULL;
    }
    assert(n == count);
    object->u.object.members = members;
    object->u.object.n = object->u.object.size = n;
    return object;
}

static json_t *
walk_array(walk_t *walk, const cJSON *node, json_t *array, size_t count)
{
    json_t **items = arena_array_of(walk->mem, count, json_t *);
    size_t n = 0;

    for (const cJSON *child = node->child; child; child = child->next) {
        assert(n < count);
        items[n] = walk_value(walk, child);
        if (!items[n++])
            return NULL;
    }
    assert(n == count);
    array->u.array.items = items;
    array->u.array.n = array->u.array.size = n;
    return array;
}

static json_t *
walk_number(walk_t *walk, const cJSON *node, json_t *number, size_t length)
{
    str_t text = str_slice(walk->text, number->at, length);

    if (!isfinite(node->valuedouble)) {
        err_set(walk->err, ERR_INVALID_SYNTAX, "%.*s is out of the range of numbers",
                STR_ARG(text));
        json_point(walk->err, walk->text, number->at);
        return NULL;
    }
    number->u.number.text = str_dup(walk->mem, text);
    number->u.number.real = node->valuedouble;
    return number;
}

/* The value that `node` is. Recursion goes as deep as the text, which the scanner limits. */
static json_t *
walk_value(walk_t *walk, const cJSON *node)
{
    const json_place_t *place = &walk->scan->places[walk->next];
    json_t *value = &walk->values[walk->next];

    assert(walk->next < walk->scan->n);
    walk->next++;
    value->at = place->at;
    if (cJSON_IsObject(node)) {
        value->kind = JSON_OBJECT;
        return walk_object(walk, node, value, place->count);
    }
    if (cJSON_IsArray(node)) {
        value->kind = JSON_ARRAY;
        return walk_array(walk, node, value, place->count);
    }
    if (cJSON_IsNumber(node)) {
        value->kind = JSON_NUMBER;
        return walk_number(walk, node, value, place->length);
    }
    if (cJSON_IsString(node)) {
        value->kind = JSON_STRING;
        value->u.string = str_dup(walk->mem, str_from_c(node->valuestring));
    } else if (cJSON_IsBool(node)) {
        value->kind = JSON_BOOLEAN;
        value->u.boolean = cJSON_IsTrue(node);
    }
    return value;
}

static void
walk_tree(void *arg)
{
    walk_t *walk = arg;

    walk->values = arena_array_of(walk->mem, walk->scan->n, json_t);
    walk->root = walk_value(walk, walk->tree);
}

static void
tree_cleanup(cJSON **tree)
{
    cJSON_Delete(*tree);
}

/* Have cJSON read the text and walk what it made.
 * false: out of memory. The guard is here so that this frame, which owns cJSON's tree, is
 * returned from and not jumped over. */
static bool
read_tree(walk_t *walk)
{
    str_t text = walk->scan->text;
    const char *end = NULL;
    cJSON *tree CLEANUP(tree_cleanup) = cJSON_ParseWithLengthOpts(text.p, text.n, &end, false);

    /* The scanner has accepted the text: nothing but a failed malloc is left. */
    if (!tree)
        return false;
    assert(str_is_empty(str_trim(str_skip(text, (size_t)(end - text.p)))));
    walk->tree = tree;
    return arena_guard(walk->mem, walk_tree, walk);
}

json_t *
json_parse(arena_t *mem, str_t text, const json_limits_t *limits, err_t *err)
{
    json_scan_t scan;
    walk_t walk = {.mem = mem, .text = text, .scan = &scan, .err = err};

    assert(limits->max_depth <= CJSON_NESTING_LIMIT);
    if (!json_scan(mem, text, limits, &scan, err))
        return NULL;
    if (!read_tree(&walk))
        arena_exhaust(mem);
    return walk.root;
}
