/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <assert.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef ARENA_SEPARATE
enum {
    BLOCK_SIZE = 1
}; /* each allocation its own block, so that the sanitizer sees its ends */
#else
enum { BLOCK_SIZE = 8 * 1024 - 64 };
#endif
enum { BLOCK_SIZE_MAX = 256 * 1024 };

typedef struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) char data[];
} block_t;

struct arena {
    block_t *blocks; /* the newest first; only its rest is handed out */
    size_t limit, used;
    size_t reserved; /* with what those inside it hold */
    size_t own;      /* without */
    arena_budget_t *budget;
    jmp_buf *guard;
    arena_t *outer, *inside, *next, *prev; /* inside: the first of those, which form a list */
};

static _Thread_local size_t fail_after;

static bool
told_to_fail(void)
{
    return fail_after > 0 && --fail_after == 0;
}

arena_t *
arena_new_within(size_t limit, arena_budget_t *budget)
{
    arena_t *mem = calloc(1, sizeof(*mem));

    if (mem) {
        mem->limit = limit;
        mem->budget = budget;
    }
    return mem;
}

arena_t *
arena_new(size_t limit)
{
    return arena_new_within(limit, NULL);
}

arena_t *
arena_new_inside(arena_t *outer)
{
    arena_t *mem = arena_new_within(0, outer->budget);

    if (!mem)
        return NULL;
    mem->outer = outer;
    mem->next = outer->inside;
    if (mem->next)
        mem->next->prev = mem;
    outer->inside = mem;
    return mem;
}

static void
leave_outer(arena_t *mem)
{
    if (mem->next)
        mem->next->prev = mem->prev;
    if (mem->prev)
        mem->prev->next = mem->next;
    else
        mem->outer->inside = mem->next;
    for (arena_t *outer = mem->outer; outer; outer = outer->outer)
        outer->reserved -= mem->reserved;
}

/* The arena at the outside, whose limit counts. */
static const arena_t *
outermost(const arena_t *mem)
{
    while (mem->outer)
        mem = mem->outer;
    return mem;
}

void
arena_budget_charge(arena_budget_t *budget, size_t size)
{
    if (budget)
        atomic_fetch_add_explicit(&budget->reserved, size, memory_order_relaxed);
}

void
arena_budget_release(arena_budget_t *budget, size_t size)
{
    if (budget)
        atomic_fetch_sub_explicit(&budget->reserved, size, memory_order_relaxed);
}

static void
give_back(const arena_t *mem, size_t size)
{
    arena_budget_release(mem->budget, size);
}

/* Taken first and given back when it was too much, so that two cannot take the last of it. */
static bool
take_from_budget(const arena_t *mem, size_t size)
{
    arena_budget_t *budget = mem->budget;
    size_t before;

    if (!budget)
        return true;
    before = atomic_fetch_add_explicit(&budget->reserved, size, memory_order_relaxed);
    if (outermost(mem)->reserved + size <= ARENA_FREE ||
        (before <= budget->limit && size <= budget->limit - before))
        return true;
    give_back(mem, size);
    return false;
}

void
arena_free(arena_t *mem)
{
    if (!mem)
        return;
    while (mem->inside)
        arena_free(mem->inside);
    if (mem->outer)
        leave_outer(mem);
    for (block_t *block = mem->blocks, *next; block; block = next) {
        next = block->next;
        explicit_bzero(block->data, block->used); /* requests carry passwords and tokens */
        free(block);
    }
    give_back(mem, mem->own);
    free(mem);
}

void
arena_exhaust(arena_t *mem)
{
    assert(mem->guard);
    longjmp(*mem->guard, 1);
}

/* Blocks grow with the arena, so that a large request takes few of them. */
static size_t
next_block_size(const arena_t *mem, size_t wanted)
{
    size_t size = BLOCK_SIZE;

    if (BLOCK_SIZE > 1 && mem->own > size)
        size = mem->own < BLOCK_SIZE_MAX ? mem->own : BLOCK_SIZE_MAX;
    return size > wanted ? size : wanted;
}

/* What the limit and the budget grant: more than is wanted, or that, or 0. */
static size_t
grant(const arena_t *mem, size_t wanted)
{
    size_t sizes[] = {next_block_size(mem, wanted), wanted};
    const arena_t *limited = outermost(mem);

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        if (limited->limit && sizes[i] > limited->limit - limited->reserved)
            continue;
        if (take_from_budget(mem, sizes[i]))
            return sizes[i];
    }
    return 0;
}

static void
add_block(arena_t *mem, size_t wanted)
{
    size_t size;
    block_t *block = NULL;

    if (wanted > PTRDIFF_MAX / 2) /* or the sums would overflow */
        arena_exhaust(mem);
    size = grant(mem, wanted);
    if (size > 0 && !told_to_fail())
        block = malloc(sizeof(*block) + size);
    if (!block) {
        give_back(mem, size);
        arena_exhaust(mem);
    }
    block->next = mem->blocks;
    block->size = size;
    block->used = 0;
    mem->blocks = block;
    mem->own += size;
    for (arena_t *at = mem; at; at = at->outer)
        at->reserved += size;
}

void *
arena_alloc(arena_t *mem, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t rounded = (size + align - 1) & ~(align - 1);
    void *p;

    if (rounded < size)
        arena_exhaust(mem);
    if (rounded == 0)
        rounded = align;
#ifdef ARENA_SEPARATE
    rounded = size ? size : 1;
    add_block(mem, rounded);
#else
    if (!mem->blocks || mem->blocks->size - mem->blocks->used < rounded)
        add_block(mem, rounded);
#endif
    p = mem->blocks->data + mem->blocks->used;
    mem->blocks->used += rounded;
    mem->used += rounded;
    return memset(p, 0, rounded);
}

void *
arena_array(arena_t *mem, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        arena_exhaust(mem);
    return arena_alloc(mem, bytes);
}

void *
arena_grow(arena_t *mem, const void *old, size_t used, size_t n, size_t size)
{
    char *grown = arena_array(mem, n, size);

    assert(used <= n);
    if (used)
        memcpy(grown, old, used * size);
    return grown;
}

arena_mark_t
arena_mark(const arena_t *mem)
{
    return (arena_mark_t){mem->blocks, mem->blocks ? mem->blocks->used : 0};
}

static void
drop_block(arena_t *mem)
{
    block_t *block = mem->blocks;

    mem->blocks = block->next;
    mem->own -= block->size;
    for (arena_t *at = mem; at; at = at->outer)
        at->reserved -= block->size;
    mem->used -= block->used;
    give_back(mem, block->size);
    explicit_bzero(block->data, block->used);
    free(block);
}

void
arena_rewind(arena_t *mem, arena_mark_t mark)
{
    while (mem->blocks != mark.block)
        drop_block(mem);
    if (!mem->blocks)
        return;
    assert(mark.used <= mem->blocks->used);
    explicit_bzero(mem->blocks->data + mark.used, mem->blocks->used - mark.used);
    mem->used -= mem->blocks->used - mark.used;
    mem->blocks->used = mark.used;
}

size_t
arena_used(const arena_t *mem)
{
    return mem->used;
}

bool
arena_guard(arena_t *mem, arena_fn *fn, void *arg)
{
    jmp_buf here;
    jmp_buf *outer = mem->guard;

    if (_setjmp(here)) {
        mem->guard = outer;
        return false;
    }
    mem->guard = &here;
    fn(arg);
    mem->guard = outer;
    return true;
}

void
arena_fail_after(size_t n)
{
    fail_after = n;
}
