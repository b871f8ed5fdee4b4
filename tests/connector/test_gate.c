/* SPDX-License-Identifier: Apache-2.0 */
/* Gates: first come, first served, and one at a time. */
#include "connector/gate.h"

#include <check.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { WAITS = 5, THREADS = 4, ENTERS = 25000, KEYS = 7 };

static gate_table_t *table;

static void
set_up(void)
{
    table = gate_table_new();
    ck_assert_ptr_nonnull(table);
}

static void
tear_down(void)
{
    ck_assert(gate_table_is_empty(table));
    gate_table_free(table);
}

typedef struct {
    gate_wait_t wait;
    int granted; /* when: 1 the first */
} waiter_t;

static int grants;

static void
count_grant(gate_wait_t *wait)
{
    CONTAINER_OF(wait, waiter_t, wait)->granted = ++grants;
}

static void
make_waiters(waiter_t *waiters, size_t n, str_t key)
{
    grants = 0;
    for (size_t i = 0; i < n; i++)
        waiters[i] = (waiter_t){.wait = {.key = key, .grant = count_grant}};
}

START_TEST(test_free)
{
    waiter_t waiters[WAITS];

    make_waiters(waiters, WAITS, STR("a"));
    for (size_t i = 0; i < WAITS; i++) {
        ck_assert(gate_enter(table, &waiters[i].wait));
        ck_assert(!gate_table_is_empty(table));
        gate_leave(table, &waiters[i].wait);
    }
    ck_assert_int_eq(grants, 0); /* who enters at once is not granted */
}
END_TEST

START_TEST(test_in_order)
{
    waiter_t waiters[WAITS];

    make_waiters(waiters, WAITS, STR("a"));
    for (size_t i = 0; i < WAITS; i++)
        ck_assert(gate_enter(table, &waiters[i].wait) == (i == 0));
    for (size_t i = 0; i < WAITS; i++) {
        ck_assert_int_eq(grants, (int)i);
        ck_assert_int_eq(waiters[i].granted, (int)i);
        gate_leave(table, &waiters[i].wait);
    }
}
END_TEST

START_TEST(test_other_keys)
{
    enum { MANY = 5000 }; /* more than there are buckets */
    waiter_t *waiters = calloc(MANY, sizeof(*waiters));
    char(*keys)[16] = calloc(MANY, sizeof(*keys));

    ck_assert(waiters && keys);
    for (size_t i = 0; i < MANY; i++) {
        int n = snprintf(keys[i], sizeof(keys[i]), "key %zu", i);

        waiters[i].wait = (gate_wait_t){.key = {keys[i], (size_t)n}, .grant = count_grant};
        ck_assert(gate_enter(table, &waiters[i].wait));
    }
    for (size_t i = 0; i < MANY; i++)
        gate_leave(table, &waiters[i * 7 % MANY].wait);
    free(waiters);
    free(keys);
}
END_TEST

/* Who gives up at the front, in the middle, at the end of the queue: the others keep their order. */
START_TEST(test_give_up)
{
    waiter_t waiters[WAITS];
    size_t who = (size_t)_i;

    make_waiters(waiters, WAITS, STR("a"));
    for (size_t i = 0; i < WAITS; i++)
        ck_assert(gate_enter(table, &waiters[i].wait) == (i == 0));
    ck_assert(gate_give_up(table, &waiters[who].wait));
    for (size_t i = 0, left = 0; i < WAITS; i++) {
        if (i == who)
            continue;
        ck_assert_int_eq(waiters[i].granted, (int)left++);
        gate_leave(table, &waiters[i].wait);
    }
    ck_assert_int_eq(waiters[who].granted, 0);
}
END_TEST

START_TEST(test_give_up_too_late)
{
    waiter_t waiters[2];

    make_waiters(waiters, 2, STR("a"));
    ck_assert(gate_enter(table, &waiters[0].wait));
    ck_assert(!gate_enter(table, &waiters[1].wait));
    gate_leave(table, &waiters[0].wait);
    ck_assert(!gate_give_up(table, &waiters[1].wait));
    ck_assert_int_eq(waiters[1].granted, 1);
    gate_leave(table, &waiters[1].wait);
}
END_TEST

/* ---- threads ---- */

typedef struct {
    gate_wait_t wait;
    sem_t granted;
    unsigned random;
} walker_t;

static int guarded[KEYS]; /* each changed only by who holds the gate of its key */
static atomic_int given_up;

static void
post_grant(gate_wait_t *wait)
{
    sem_post(&CONTAINER_OF(wait, walker_t, wait)->granted);
}

/* Enter, or wait; now and then do not wait. true: the gate is ours. */
static bool
come_in(walker_t *walker)
{
    if (gate_enter(table, &walker->wait))
        return true;
    if (walker->random % 16 == 0 && gate_give_up(table, &walker->wait)) {
        atomic_fetch_add(&given_up, 1);
        return false;
    }
    sem_wait(&walker->granted);
    return true;
}

static void *
walk(void *arg)
{
    static const char *const keys[KEYS] = {"a", "b", "c", "d", "e", "f", "g"};
    walker_t *walker = arg;

    for (int i = 0; i < ENTERS; i++) {
        unsigned key;

        walker->random = walker->random * 1103515245u + 12345u;
        key = walker->random / 65536u % KEYS;
        walker->wait = (gate_wait_t){.key = str_from_c(keys[key]), .grant = post_grant};
        if (!come_in(walker))
            continue;
        guarded[key]++;
        gate_leave(table, &walker->wait);
    }
    return NULL;
}

START_TEST(test_threads)
{
    walker_t walkers[THREADS];
    pthread_t threads[THREADS];
    int sum = 0;

    for (unsigned i = 0; i < THREADS; i++) {
        walkers[i].random = i * 7919 + 1;
        sem_init(&walkers[i].granted, 0, 0);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, walk, &walkers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sem_destroy(&walkers[i].granted);
    }
    for (unsigned i = 0; i < KEYS; i++)
        sum += guarded[i];
    ck_assert_int_eq(sum + atomic_load(&given_up), THREADS * ENTERS);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("gate");
    TCase *one = tcase_create("one thread"), *many = tcase_create("threads");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, test_free);
    tcase_add_test(one, test_in_order);
    tcase_add_test(one, test_other_keys);
    tcase_add_loop_test(one, test_give_up, 1, WAITS);
    tcase_add_test(one, test_give_up_too_late);
    suite_add_tcase(suite, one);
    tcase_add_checked_fixture(many, set_up, tear_down);
    tcase_add_test(many, test_threads);
    tcase_set_timeout(many, 120);
    suite_add_tcase(suite, many);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
