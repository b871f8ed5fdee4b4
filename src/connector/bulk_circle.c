/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of a bulk request that need each other: Tarjan's strongly connected components, without
 * recursion. */
#include "connector/bulk.h"

typedef struct {
    size_t *order, *low; /* by operation; order 0: not visited */
    size_t *next_edge;
    bool *open; /* on `stack` */
    size_t *stack, n_stack;
    size_t *path, n_path; /* from the operation where the walk began */
    size_t visited;
} search_t;

static void
visit(search_t *search, size_t op)
{
    search->order[op] = search->low[op] = ++search->visited;
    search->stack[search->n_stack++] = op;
    search->path[search->n_path++] = op;
    search->open[op] = true;
}

static bool
needs_itself(const bulk_op_t *op, size_t self)
{
    for (size_t i = 0; i < op->needs.n; i++)
        if (op->needs.items[i] == self)
            return true;
    return false;
}

/* The component that `op` is the first of: a circle, unless it is alone. */
static void
close_component(search_t *search, bulk_t *bulk, size_t op)
{
    bool is_circle =
        search->stack[search->n_stack - 1] != op || needs_itself(&bulk->ops[op], op);
    size_t member;

    do {
        member = search->stack[--search->n_stack];
        search->open[member] = false;
        if (is_circle)
            bulk->ops[member].circle = bulk->n_circles;
    } while (member != op);
    if (is_circle)
        bulk->n_circles++;
}

static void
leave(search_t *search, bulk_t *bulk, size_t op)
{
    search->n_path--;
    if (search->low[op] == search->order[op])
        close_component(search, bulk, op);
    if (search->n_path) {
        size_t from = search->path[search->n_path - 1];

        if (search->low[op] < search->low[from])
            search->low[from] = search->low[op];
    }
}

static void
search_from(search_t *search, bulk_t *bulk, size_t first)
{
    visit(search, first);
    while (search->n_path) {
        size_t op = search->path[search->n_path - 1], to;

        if (search->next_edge[op] == bulk->ops[op].needs.n) {
            leave(search, bulk, op);
            continue;
        }
        to = bulk->ops[op].needs.items[search->next_edge[op]++];
        if (!search->order[to])
            visit(search, to);
        else if (search->open[to] && search->order[to] < search->low[op])
            search->low[op] = search->order[to];
    }
}

static void
search_all(arena_t *mem, bulk_t *bulk)
{
    size_t n = bulk->n;
    search_t search = {.order = arena_array_of(mem, n, size_t),
                       .low = arena_array_of(mem, n, size_t),
                       .next_edge = arena_array_of(mem, n, size_t),
                       .open = arena_array_of(mem, n, bool),
                       .stack = arena_array_of(mem, n, size_t),
                       .path = arena_array_of(mem, n, size_t)};

    for (size_t i = 0; i < n; i++)
        if (!search.order[i])
            search_from(&search, bulk, i);
}

/* Within a circle nobody waits: what refers into it is added at the end. */
static void
open_circles(bulk_t *bulk)
{
    for (size_t i = 0; i < bulk->n; i++) {
        bulk_op_t *op = &bulk->ops[i];
        size_t kept = 0;

        for (size_t j = 0; op->circle != BULK_NONE && j < op->needs.n; j++)
            if (bulk->ops[op->needs.items[j]].circle != op->circle)
                op->needs.items[kept++] = op->needs.items[j];
        if (op->circle != BULK_NONE)
            op->needs.n = kept;
    }
}

void
bulk_find_circles(arena_t *mem, bulk_t *bulk)
{
    search_all(mem, bulk);
    open_circles(bulk);
}
