/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "support/suite_run.h"

#include <check.h>
#include <signal.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    arena_t *mem;
    size_t size, n; /* n allocations of `size` bytes */
    size_t done;
    bool inner_ok, outer_went_on;
} job_t;

static void
allocate(void *arg)
{
    job_t *job = arg;

    for (job->done = 0; job->done < job->n; job->done++) {
        char *p = arena_alloc(job->mem, job->size);

        memset(p, 0x5a, job->size);
    }
}

static bool
is_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

START_TEST(memory_is_zeroed_aligned_and_apart)
{
    static const size_t sizes[] = {0, 1, 2, 15, 16, 17, 100, 4096, 8128, 8192, 300000, 3, 7};
    arena_t *mem = arena_new(0);
    char *blocks[ARRAY_SIZE(sizes)];

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        blocks[i] = arena_alloc(mem, sizes[i]);
        ck_assert_uint_eq((uintptr_t)blocks[i] % alignof(max_align_t), 0);
        ck_assert_msg(is_zero(blocks[i], sizes[i]), "%zu bytes", sizes[i]);
        memset(blocks[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
        for (size_t j = 0; j < sizes[i]; j++)
            ck_assert_int_eq(blocks[i][j], (char)(i + 1));
    ck_assert_uint_ge(arena_used(mem), 300000);
    arena_free(mem);
}
END_TEST

START_TEST(nothing_may_be_freed)
{
    arena_t *mem = NULL;

    arena_free(NULL);
    arena_cleanup(&mem);
    arena_free(arena_new(0));
}
END_TEST

START_TEST(arrays_grow_with_their_elements)
{
    arena_t *mem = arena_new(0);
    int *old = arena_array_of(mem, 3, int);
    int *grown;

    for (int i = 0; i < 3; i++)
        old[i] = i + 1;
    grown = arena_grow(mem, old, 3, 6, sizeof(int));
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(grown[i], i < 3 ? i + 1 : 0);
    ck_assert_ptr_ne(grown, old);
    ck_assert(is_zero(arena_grow(mem, NULL, 0, 6, 10), 60));
    arena_free(mem);
}
END_TEST

typedef struct {
    const char *name;
    size_t limit, size, n;
    bool fits;
} limit_row_t;

static const limit_row_t limits[] = {
    {"one within", 1024, 512, 1, true},
    {"one just within", 1024, 1024, 1, true},
    {"one beyond", 1024, 1040, 1, false},
    {"many within", 65536, 64, 1000, true},
    {"many beyond", 65536, 64, 1025, false},
    {"large within", 1 << 20, 1 << 19, 2, true},
    {"large beyond", 1 << 20, 1 << 19, 3, false},
    {"no limit of its own", 0, 1 << 20, 8, true},
    {"more than memory can be", 0, SIZE_MAX / 2, 1, false},
    {"overflows with the header", 0, SIZE_MAX - 31, 1, false},
    {"overflows when rounded", 0, SIZE_MAX, 1, false},
    {"overflows within a limit", 4096, SIZE_MAX - 31, 1, false},
};

START_TEST(limit_is_kept)
{
    const limit_row_t *row = &limits[_i];
    job_t job = {.mem = arena_new(row->limit), .size = row->size, .n = row->n};

    ck_assert_msg(arena_guard(job.mem, allocate, &job) == row->fits, "%s", row->name);
    ck_assert_msg((job.done == row->n) == row->fits, "%s", row->name);
    if (row->limit)
        ck_assert_msg(arena_used(job.mem) <= row->limit, "%s", row->name);
    arena_free(job.mem);
}
END_TEST

static void
allocate_too_many_elements(void *arg)
{
    job_t *job = arg;
    char *p = arena_array(job->mem, SIZE_MAX / 2, 4);

    p[0] = 1;
    job->done = 1;
}

START_TEST(product_that_overflows_is_exhaustion)
{
    job_t job = {.mem = arena_new(0)};

    ck_assert(!arena_guard(job.mem, allocate_too_many_elements, &job));
    ck_assert_uint_eq(job.done, 0);
    arena_free(job.mem);
}
END_TEST

START_TEST(exhausted_arena_serves_what_still_fits)
{
    job_t job = {.mem = arena_new(4096), .size = 1 << 20, .n = 1};

    ck_assert(!arena_guard(job.mem, allocate, &job));
    job.size = 64;
    ck_assert(arena_guard(job.mem, allocate, &job));
    arena_free(job.mem);
}
END_TEST

static void
guard_within(void *arg)
{
    job_t *job = arg;

    job->inner_ok = arena_guard(job->mem, allocate, job);
    job->outer_went_on = true;
    if (!job->inner_ok)
        arena_exhaust(job->mem);
}

START_TEST(guards_nest)
{
    job_t job = {.mem = arena_new(4096), .size = 64, .n = 1};

    ck_assert(arena_guard(job.mem, guard_within, &job));
    ck_assert(job.inner_ok && job.outer_went_on);
    job.outer_went_on = false;
    job.size = 8192;
    /* The inner guard takes it first; passed on, it reaches the outer one. */
    ck_assert(!arena_guard(job.mem, guard_within, &job));
    ck_assert(!job.inner_ok && job.outer_went_on);
    /* Both are gone again. */
    job.size = 16;
    ck_assert(arena_guard(job.mem, guard_within, &job));
    arena_free(job.mem);
}
END_TEST

static void
exhaust(void *arg)
{
    arena_exhaust(arg);
}

static void
guard_another(void *arg)
{
    job_t *job = arg;
    arena_t *other = arena_new(0);

    job->inner_ok = arena_guard(other, exhaust, other);
    job->outer_went_on = true;
    arena_free(other);
}

START_TEST(guards_belong_to_their_arena)
{
    job_t job = {.mem = arena_new(0), .inner_ok = true};

    ck_assert(arena_guard(job.mem, guard_another, &job));
    ck_assert(!job.inner_ok && job.outer_went_on);
    arena_free(job.mem);
}
END_TEST

START_TEST(exhaustion_without_guard_aborts)
{
    arena_exhaust(arena_new(0));
}
END_TEST

START_TEST(nth_block_request_fails_once)
{
    for (size_t n = 1; n <= 5; n++) {
        job_t job = {.mem = arena_new(0), .size = 1 << 20, .n = 8};

        arena_fail_after(n);
        ck_assert(!arena_guard(job.mem, allocate, &job));
        ck_assert_uint_eq(job.done, n - 1);
        ck_assert(arena_guard(job.mem, allocate, &job));
        arena_free(job.mem);
    }
}
END_TEST

START_TEST(failing_is_switched_off)
{
    job_t job = {.mem = arena_new(0), .size = 1 << 20, .n = 8};

    arena_fail_after(1);
    arena_fail_after(0);
    ck_assert(arena_guard(job.mem, allocate, &job));
    arena_free(job.mem);
}
END_TEST

/* What else counts is granted, and leaves less for arenas. */
START_TEST(budget_is_charged)
{
    arena_budget_t budget = {.limit = 1 << 20};
    job_t job = {.mem = arena_new_within(0, &budget), .size = 1 << 19, .n = 1};

    arena_budget_charge(&budget, 1 << 20);
    ck_assert_uint_ge(budget.reserved, 1 << 20);
    ck_assert(!arena_guard(job.mem, allocate, &job));
    arena_budget_release(&budget, 1 << 20);
    ck_assert(arena_guard(job.mem, allocate, &job));
    arena_free(job.mem);
    ck_assert_uint_eq(budget.reserved, 0);
    arena_budget_charge(NULL, 1);
    arena_budget_release(NULL, 1);
}
END_TEST

START_TEST(budget_is_shared_and_given_back)
{
    arena_budget_t budget = {.limit = 1 << 20};
    job_t first = {.mem = arena_new_within(0, &budget), .size = 3 << 18, .n = 1};
    job_t second = {.mem = arena_new_within(0, &budget), .size = 1 << 19, .n = 1};
    job_t small = {.mem = arena_new_within(0, &budget), .size = 1024, .n = 4};

    ck_assert(arena_guard(first.mem, allocate, &first));
    ck_assert_uint_ge(budget.reserved, 3 << 18);
    ck_assert(!arena_guard(second.mem, allocate, &second));
    second.size = 1 << 18; /* just what is left */
    ck_assert(arena_guard(second.mem, allocate, &second));
    ck_assert_uint_eq(budget.reserved, budget.limit);
    ck_assert(arena_guard(small.mem, allocate, &small)); /* enough to answer with */
    small.n = 16;
    ck_assert(!arena_guard(small.mem, allocate, &small));
    arena_free(first.mem);
    ck_assert(arena_guard(small.mem, allocate, &small));
    arena_fail_after(1);
    small.size = 1 << 18;
    ck_assert(!arena_guard(small.mem, allocate, &small));
    arena_free(second.mem);
    arena_free(small.mem);
    ck_assert_uint_eq(budget.reserved, 0);
}
END_TEST

/* What an inner arena holds counts outside, until it is given back. */
START_TEST(inner_counts_outside)
{
    arena_budget_t budget = {.limit = 1 << 20};
    arena_t *outer = arena_new_within(1 << 19, &budget);
    job_t big = {.mem = arena_new_inside(outer), .size = 3 << 17, .n = 1};
    job_t other = {.mem = arena_new_inside(outer), .size = 3 << 17, .n = 1};
    job_t rest = {.mem = outer, .size = 3 << 17, .n = 1};

    ck_assert(arena_guard(big.mem, allocate, &big));
    ck_assert(!arena_guard(other.mem, allocate, &other));
    ck_assert(!arena_guard(outer, allocate, &rest));
    ck_assert_uint_ge(budget.reserved, 3 << 17);
    arena_free(big.mem);
    ck_assert_uint_eq(budget.reserved, 0);
    ck_assert(arena_guard(other.mem, allocate, &other));
    ck_assert(!arena_guard(outer, allocate, &rest));
    arena_free(outer); /* and `other` with it */
    ck_assert_uint_eq(budget.reserved, 0);
}
END_TEST

START_TEST(inner_arenas_nest)
{
    arena_budget_t budget = {.limit = 1 << 20};
    arena_t *outer = arena_new_within(0, &budget), *middle = arena_new_inside(outer);
    arena_t *first = arena_new_inside(middle), *second = arena_new_inside(middle);
    job_t job = {.mem = first, .size = 100, .n = 3};

    ck_assert(arena_guard(first, allocate, &job));
    job.mem = second;
    ck_assert(arena_guard(second, allocate, &job));
    arena_free(first);
    ck_assert(arena_guard(second, allocate, &job));
    arena_free(middle);
    ck_assert_uint_eq(budget.reserved, 0);
    arena_free(outer);
}
END_TEST

START_TEST(rewinding_gives_back_what_came_since)
{
    static const size_t sizes[] = {0, 1, 100, 7000, 9000, 300000};
    arena_budget_t budget = {.limit = 8 << 20};
    arena_t *mem = arena_new_within(0, &budget);
    char *kept = arena_alloc(mem, 40), *p;
    size_t used = arena_used(mem), reserved = budget.reserved;

    memset(kept, 7, 40);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        for (int turn = 0; turn < 50; turn++) {
            arena_mark_t mark = arena_mark(mem), inner;

            memset(arena_alloc(mem, sizes[i]), 0xa5, sizes[i]);
            inner = arena_mark(mem);
            memset(arena_alloc(mem, 3 * sizes[i]), 0xa5, 3 * sizes[i]);
            arena_rewind(mem, inner);
            p = arena_alloc(mem, 3 * sizes[i]);
            ck_assert_msg(is_zero(p, 3 * sizes[i]), "%zu bytes", sizes[i]);
            arena_rewind(mem, mark);
            ck_assert_uint_eq(arena_used(mem), used);
            ck_assert_uint_eq(budget.reserved, reserved);
        }
    }
    for (size_t i = 0; i < 40; i++)
        ck_assert_int_eq(kept[i], 7);
    arena_free(mem);
    ck_assert_uint_eq(budget.reserved, 0);
}
END_TEST

START_TEST(empty_arena_can_be_rewound)
{
    arena_t *mem = arena_new(0);
    arena_mark_t mark = arena_mark(mem);

    memset(arena_alloc(mem, 100), 1, 100);
    arena_rewind(mem, mark);
    ck_assert_uint_eq(arena_used(mem), 0);
    memset(arena_alloc(mem, 100), 1, 100);
    arena_free(mem);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tcase = tcase_create("arena");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, memory_is_zeroed_aligned_and_apart);
    tcase_add_test(tcase, nothing_may_be_freed);
    tcase_add_test(tcase, arrays_grow_with_their_elements);
    tcase_add_loop_test(tcase, limit_is_kept, 0, ARRAY_SIZE(limits));
    tcase_add_test(tcase, product_that_overflows_is_exhaustion);
    tcase_add_test(tcase, exhausted_arena_serves_what_still_fits);
    tcase_add_test(tcase, guards_nest);
    tcase_add_test(tcase, guards_belong_to_their_arena);
    tcase_add_test_raise_signal(tcase, exhaustion_without_guard_aborts, SIGABRT);
    tcase_add_test(tcase, nth_block_request_fails_once);
    tcase_add_test(tcase, failing_is_switched_off);
    tcase_add_test(tcase, budget_is_charged);
    tcase_add_test(tcase, budget_is_shared_and_given_back);
    tcase_add_test(tcase, inner_counts_outside);
    tcase_add_test(tcase, inner_arenas_nest);
    tcase_add_test(tcase, rewinding_gives_back_what_came_since);
    tcase_add_test(tcase, empty_arena_can_be_rewound);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
