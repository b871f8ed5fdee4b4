/* SPDX-License-Identifier: Apache-2.0 */
/* Which operation of a bulk request waits for which. */
#include "connector/bulk.h"

#include "base/hash.h"

#include <stdlib.h>

/* ---- from a text to the operation that has it ---- */

typedef struct node {
    struct node *next;
    str_t key;
    size_t op;
} node_t;

typedef struct bulk_index {
    arena_t *mem;
    node_t **buckets;
    size_t n;
} index_t;

static index_t
make_index(arena_t *mem, size_t n)
{
    return (index_t){mem, arena_array_of(mem, n * 2 + 1, node_t *), n * 2 + 1};
}

static node_t **
find_node(const index_t *index, str_t key)
{
    node_t **at = &index->buckets[hash_bytes(key) % index->n];

    while (*at && !str_eq((*at)->key, key))
        at = &(*at)->next;
    return at;
}

static size_t
find(const index_t *index, str_t key)
{
    const node_t *node = *find_node(index, key);

    return node ? node->op : BULK_NONE;
}

/* Afterwards `op` has the key; returns who had it before. */
static size_t
put(const index_t *index, str_t key, size_t op)
{
    node_t **at = find_node(index, key);
    size_t before = *at ? (*at)->op : BULK_NONE;

    if (!*at) {
        *at = arena_new_of(index->mem, node_t);
        (*at)->key = key;
    }
    (*at)->op = op;
    return before;
}

/* ---- edges ---- */

static void
add(arena_t *mem, bulk_list_t *list, size_t item)
{
    if (list->n && list->items[list->n - 1] == item)
        return;
    if (list->n == list->size) {
        list->size = list->size ? list->size * 2 : 4;
        list->items = arena_grow(mem, list->items, list->n, list->size, sizeof(size_t));
    }
    list->items[list->n++] = item;
}

typedef struct {
    arena_t *mem;
    bulk_t *bulk;
    index_t *makers;   /* by bulkId: the POST */
    index_t resources; /* by endpoint and id: the last operation on it */
    index_t names;     /* by type and matching value: the last POST of it */
    index_t deleted;   /* by id or "bulkId:…": the DELETE */
    size_t op;         /* the one being looked at */
} planning_t;

static void
refuse_unknown(planning_t *planning, str_t bulk_id)
{
    bulk_op_t *op = &planning->bulk->ops[planning->op];

    if (op->error)
        return;
    op->error = arena_new_of(planning->mem, err_t);
    err_set(op->error, ERR_INVALID_VALUE, "no POST of this request has the bulkId \"%.*s\"",
            STR_ARG(bulk_id));
}

/* ---- what an operation refers to ---- */

static void
note_bulk_ids(planning_t *planning)
{
    bulk_t *bulk = planning->bulk;

    for (size_t i = 0; i < bulk->n; i++) {
        bulk_op_t *op = &bulk->ops[i];

        if (op->method != METHOD_POST || !op->bulk_id.n)
            continue;
        if (find(planning->makers, op->bulk_id) == BULK_NONE) {
            put(planning->makers, op->bulk_id, i);
        } else if (!op->error) {
            op->error = arena_new_of(planning->mem, err_t);
            err_set(op->error, ERR_INVALID_VALUE,
                    "the bulkId \"%.*s\" is an earlier operation's already",
                    STR_ARG(op->bulk_id));
        }
    }
}

static void
note_reference(void *arg, str_t *text)
{
    planning_t *planning = arg;
    bulk_op_t *ops = planning->bulk->ops;
    size_t self = planning->op, other;
    str_t bulk_id;

    if (bulk_is_reference(*text, &bulk_id)) {
        other = find(planning->makers, bulk_id);
        if (other == BULK_NONE)
            refuse_unknown(planning, bulk_id);
        else
            add(planning->mem, &ops[self].needs, other);
    }
    other = find(&planning->deleted, str_lower(planning->mem, *text));
    if (other == BULK_NONE || other == self)
        return;
    if (other < self)
        add(planning->mem, &ops[self].follows, other);
    else
        add(planning->mem, &ops[other].follows, self);
}

static void
note_references(planning_t *planning)
{
    const bulk_op_t *op = &planning->bulk->ops[planning->op];

    if (op->method != METHOD_DELETE)
        bulk_each_reference(planning->mem, op->type, op->method,
                            json_copy(planning->mem, op->data), note_reference, planning);
}

static void
note_path(planning_t *planning)
{
    bulk_op_t *op = &planning->bulk->ops[planning->op];
    str_t bulk_id;

    if (op->method == METHOD_POST || !bulk_is_reference(op->id, &bulk_id))
        return;
    op->resource = find(planning->makers, bulk_id);
    if (op->resource == BULK_NONE)
        refuse_unknown(planning, bulk_id);
    else
        add(planning->mem, &op->needs, op->resource);
}

/* ---- what else keeps the order of the request ---- */

/* Requests on one resource. */
static void
note_resource(planning_t *planning)
{
    bulk_op_t *op = &planning->bulk->ops[planning->op];
    str_t key;
    size_t before;

    if (op->method == METHOD_POST)
        return;
    key = str_printf(planning->mem, "%.*s/%.*s", STR_ARG(op->endpoint),
                     STR_ARG(str_lower(planning->mem, op->id)));
    before = put(&planning->resources, key, planning->op);
    if (before != BULK_NONE)
        add(planning->mem, &op->needs, before);
}

/* Of two that bring the same matching value the first has it, and the second meets the conflict. */
static void
note_names(planning_t *planning)
{
    bulk_op_t *op = &planning->bulk->ops[planning->op];

    for (size_t i = 0; op->method == METHOD_POST && i < op->type->n_match; i++) {
        const map_slot_t *slot = op->type->match[i];
        const json_t *value = json_find(op->data, slot->attr->name);
        size_t before;

        if (slot->sub || !json_is(value, JSON_STRING))
            continue;
        before = put(&planning->names,
                     str_printf(planning->mem, "%.*s %.*s %.*s", STR_ARG(op->endpoint),
                                STR_ARG(slot->attr->name),
                                STR_ARG(str_lower(planning->mem, value->u.string))),
                     planning->op);
        if (before != BULK_NONE)
            add(planning->mem, &op->follows, before);
    }
}

static bool
writes_name(arena_t *mem, const bulk_op_t *op, const json_t *operation)
{
    const json_t *path = json_find(operation, STR("path"));

    for (size_t i = 0; i < op->type->n_match; i++) {
        str_t name = op->type->match[i]->attr->name;
        str_t text = json_is(path, JSON_STRING) ? path->u.string : STR("");

        /* "userName", "urn:…:User:userName", "emails[…].value" */
        if (text.n ? str_find(str_lower(mem, text), str_lower(mem, name)) < text.n
                   : json_find(json_find(operation, STR("value")), name) != NULL)
            return true;
    }
    return false;
}

static void
note_freed_name(planning_t *planning)
{
    bulk_op_t *op = &planning->bulk->ops[planning->op];
    const json_t *operations = json_find(op->data, STR("Operations"));

    op->frees_name = op->method == METHOD_DELETE || op->method == METHOD_PUT;
    for (size_t i = 0; op->method == METHOD_PATCH && json_is(operations, JSON_ARRAY) &&
                       i < operations->u.array.n;
         i++)
        op->frees_name |= writes_name(planning->mem, op, operations->u.array.items[i]);
}

static void
note_deleted(planning_t *planning)
{
    const bulk_t *bulk = planning->bulk;

    for (size_t i = bulk->n; i-- > 0;)
        if (bulk->ops[i].method == METHOD_DELETE && !bulk->ops[i].error)
            put(&planning->deleted, str_lower(planning->mem, bulk->ops[i].id), i);
}

/* ---- the whole ---- */

static void
turn_edges(arena_t *mem, bulk_t *bulk)
{
    for (size_t i = 0; i < bulk->n; i++) {
        const bulk_op_t *op = &bulk->ops[i];

        for (size_t j = 0; j < op->needs.n; j++)
            add(mem, &bulk->ops[op->needs.items[j]].needed_by, i);
        for (size_t j = 0; j < op->follows.n; j++)
            add(mem, &bulk->ops[op->follows.items[j]].followed_by, i);
    }
}

size_t
bulk_find_maker(const bulk_t *bulk, str_t bulk_id)
{
    return find(bulk->makers, bulk_id);
}

static int
compare(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* A group may name one user a thousand times. */
static void
drop_doubles(bulk_list_t *list)
{
    size_t kept = 0;

    if (!list->n)
        return;
    qsort(list->items, list->n, sizeof(size_t), compare);
    for (size_t i = 0; i < list->n; i++)
        if (!kept || list->items[kept - 1] != list->items[i])
            list->items[kept++] = list->items[i];
    list->n = kept;
}

void
bulk_plan(arena_t *mem, bulk_t *bulk)
{
    planning_t planning = {.mem = mem,
                           .bulk = bulk,
                           .makers = arena_new_of(mem, index_t),
                           .resources = make_index(mem, bulk->n),
                           .names = make_index(mem, bulk->n),
                           .deleted = make_index(mem, bulk->n)};

    *planning.makers = make_index(mem, bulk->n);
    bulk->makers = planning.makers;
    note_bulk_ids(&planning);
    note_deleted(&planning);
    for (planning.op = 0; planning.op < bulk->n; planning.op++) {
        if (bulk->ops[planning.op].error)
            continue;
        note_path(&planning);
        note_references(&planning);
        note_resource(&planning);
        note_names(&planning);
        note_freed_name(&planning);
    }
    for (size_t i = 0; i < bulk->n; i++) {
        drop_doubles(&bulk->ops[i].needs);
        drop_doubles(&bulk->ops[i].follows);
    }
    bulk_find_circles(mem, bulk);
    turn_edges(mem, bulk);
}
