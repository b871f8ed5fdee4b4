/* SPDX-License-Identifier: Apache-2.0 */
/* base/arena.h - memory of one request (or one configuration), freed as a whole.
 *
 * An arena hands out memory that is never freed singly. When it is exhausted (its limit is
 * reached or malloc fails), arena_alloc does not return: it unwinds to the innermost
 * arena_guard of that arena, whose caller answers 503. So the code that computes has no
 * out-of-memory branches, and there is one place to test.
 *
 * What follows from that: no arena allocation while a mutex is held or a long-lived structure
 * is half changed, and whatever a library allocated lives in a frame outside the guard. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct arena arena_t;

/* A new arena that will hold at most `limit` bytes (0: no limit of its own).
 * NULL when malloc fails. */
arena_t *arena_new(size_t limit) MUST_USE;

/* What several arenas may hold together, in any threads. Must outlive them. */
typedef struct {
    size_t limit;
    _Atomic size_t reserved;
} arena_budget_t;

/* The same within a budget (NULL: none). When that is spent the arena is exhausted, but for its
 * first ARENA_FREE bytes, which are counted and always granted: enough to say so. */
enum { ARENA_FREE = 8 * 1024 };
arena_t *arena_new_within(size_t limit, arena_budget_t *budget) MUST_USE;

/* An arena inside another, for a part of the work whose memory is given back before the rest is
 * done. What it holds counts in `outer`, against its limit and its budget; it is freed with
 * `outer` at the latest. Exhaustion unwinds to a guard of its own. NULL when malloc fails. */
arena_t *arena_new_inside(arena_t *outer) MUST_USE NONNULL_ALL;

/* Memory that is not an arena's but counts too, granted whatever the limit: what is left is for
 * arenas. `budget` may be NULL. */
void arena_budget_charge(arena_budget_t *budget, size_t size);
void arena_budget_release(arena_budget_t *budget, size_t size);

/* Free the arena, those inside it and all that came from them. NULL is allowed. */
void arena_free(arena_t *mem);

/* Zeroed memory, aligned for any type. Unwinds when the arena is exhausted. */
void *arena_alloc(arena_t *mem, size_t size) MUST_USE RETURNS_NONNULL NONNULL_ALL;

/* The same for `n` elements of `size` bytes; an overflowing product counts as exhaustion. */
void *arena_array(arena_t *mem, size_t n, size_t size) MUST_USE RETURNS_NONNULL NONNULL_ALL;

/* Grow an array of the arena: a zeroed block of `n` elements that begins with the `used` old
 * ones. */
void *arena_grow(arena_t *mem, const void *old, size_t used, size_t n, size_t size)
    MUST_USE RETURNS_NONNULL NONNULL(1);

#define arena_new_of(mem, type) ((type *)arena_alloc((mem), sizeof(type)))
#define arena_array_of(mem, n, type) ((type *)arena_array((mem), (n), sizeof(type)))

/* Scratch space: what was handed out since the mark is wiped and given back, so that a loop over
 * many things holds one of them at a time. Marks nest. */
typedef struct {
    void *block;
    size_t used;
} arena_mark_t;
arena_mark_t arena_mark(const arena_t *mem) NONNULL_ALL;
void arena_rewind(arena_t *mem, arena_mark_t mark) NONNULL_ALL;

/* Bytes handed out so far. */
size_t arena_used(const arena_t *mem) NONNULL_ALL;

/* Run `fn(arg)` so that exhaustion of `mem` ends it.
 * false: the arena was exhausted; what `fn` had begun is abandoned. Guards nest. */
typedef void arena_fn(void *arg);
bool arena_guard(arena_t *mem, arena_fn *fn, void *arg) MUST_USE NONNULL(1, 2);

/* Unwind to the innermost guard, as exhaustion does. */
NORETURN void arena_exhaust(arena_t *mem) NONNULL_ALL;

/* Test hook: make the n-th block request from now on fail, in this thread (0: never). */
void arena_fail_after(size_t n);

static inline void
arena_cleanup(arena_t **mem)
{
    arena_free(*mem);
}
#define ARENA_CLEANUP CLEANUP(arena_cleanup)

#endif
