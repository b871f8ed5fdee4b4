/* SPDX-License-Identifier: Apache-2.0 */
/* Gates: first come, first served, and one at a time. */
#include "connector/gate.h"
#include "support/suite_run.h"

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

/* ---- offers ---- */

typedef struct {
    char bytes[8];
    str_t offers[4];
    gate_offers_t list;
} room_t;

static void
collect(room_t *room, waiter_t *holder)
{
    room->list = (gate_offers_t){
        .bytes = room->bytes, .size = sizeof(room->bytes), .offers = room->offers, .max = 4};
    gate_collect(table, &holder->wait, &room->list);
}

static void
enter_all(waiter_t *waiters, const char *const offers[WAITS])
{
    make_waiters(waiters, WAITS, STR("a"));
    for (size_t i = 0; i < WAITS; i++) {
        waiters[i].wait.offer = str_from_c(offers[i]);
        ck_assert(gate_enter(table, &waiters[i].wait) == (i == 0));
    }
}

static void
leave_from(waiter_t *waiters, size_t first)
{
    for (size_t i = first; i < WAITS; i++)
        gate_leave(table, &waiters[i].wait);
}

/* In order, up to who offers nothing, or to what does not fit. */
static const struct {
    const char *offers[WAITS];
    size_t collected;
} collections[] = {
    {{"0", "one", "two", "3", ""}, 3},      {{"0", "one", "", "three", "four"}, 1},
    {{"0", "", "two", "three", ""}, 0},     {{"0", "1", "2", "3", "4"}, 4},
    {{"0", "one", "seven77", "3", "4"}, 1},
};

START_TEST(test_collect)
{
    waiter_t waiters[WAITS];
    room_t room;

    enter_all(waiters, collections[_i].offers);
    ck_assert(gate_is_awaited(table, &waiters[0].wait) == (collections[_i].collected > 0));
    collect(&room, &waiters[0]);
    ck_assert_uint_eq(room.list.n, collections[_i].collected);
    for (size_t i = 0; i < room.list.n; i++)
        ck_assert(str_eq(room.offers[i], str_from_c(collections[_i].offers[i + 1])));
    gate_take(table, &waiters[0].wait, 0);
    gate_settle(table, &waiters[0].wait);
    ck_assert_int_eq(grants, 0);
    leave_from(waiters, 0);
    ck_assert_int_eq(grants, WAITS - 1);
}
END_TEST

START_TEST(test_settle)
{
    static const char *const offers[WAITS] = {"0", "1", "2", "3", "4"};
    waiter_t waiters[WAITS];
    room_t room;

    enter_all(waiters, offers);
    collect(&room, &waiters[0]);
    ck_assert(gate_give_up(table, &waiters[2].wait)); /* what it offered is done all the same */
    gate_take(table, &waiters[0].wait, 3);
    gate_settle(table, &waiters[0].wait);
    ck_assert(waiters[1].wait.settled && waiters[1].granted == 1);
    ck_assert(!waiters[2].wait.settled && waiters[2].granted == 0);
    ck_assert(waiters[3].wait.settled && waiters[3].granted == 2);
    ck_assert(!waiters[4].wait.settled && waiters[4].granted == 0);
    ck_assert(!gate_give_up(table, &waiters[1].wait)); /* the word of it is on its way */
    gate_leave(table, &waiters[1].wait);               /* changes nothing */
    gate_leave(table, &waiters[0].wait);
    ck_assert_int_eq(waiters[4].granted, 3);
    gate_leave(table, &waiters[4].wait);
}
END_TEST

/* Who comes after a holder that has failed is not told what that one collected. */
START_TEST(test_settle_after_failure)
{
    static const char *const offers[WAITS] = {"0", "1", "2", "3", ""};
    waiter_t waiters[WAITS];
    room_t room;

    enter_all(waiters, offers);
    collect(&room, &waiters[0]);
    gate_leave(table, &waiters[0].wait);
    gate_settle(table, &waiters[1].wait);
    ck_assert_int_eq(grants, 1);
    collect(&room, &waiters[1]);
    ck_assert_uint_eq(room.list.n, 2);
    gate_take(table, &waiters[1].wait, 1);
    gate_settle(table, &waiters[1].wait);
    ck_assert(waiters[2].wait.settled && !waiters[3].wait.settled);
    gate_leave(table, &waiters[1].wait);
    leave_from(waiters, 3);
}
END_TEST

/* Whose offer is with the holder, was done, or went with one that left without a word, does not know. */
START_TEST(test_doubt)
{
    static const char *const offers[WAITS] = {"0", "1", "2", "3", "4"};
    waiter_t waiters[WAITS];
    room_t room;

    enter_all(waiters, offers);
    collect(&room, &waiters[0]);
    gate_take(table, &waiters[0].wait, 2);
    ck_assert(gate_is_in_doubt(table, &waiters[2].wait));
    ck_assert(!gate_is_in_doubt(table, &waiters[3].wait));
    gate_take(table, &waiters[0].wait, 0);
    ck_assert(!gate_is_in_doubt(table, &waiters[1].wait));
    collect(&room, &waiters[0]);
    gate_take(table, &waiters[0].wait, 1);
    gate_settle(table, &waiters[0].wait);
    ck_assert(gate_is_in_doubt(table, &waiters[1].wait));
    ck_assert(!gate_is_in_doubt(table, &waiters[2].wait));
    gate_leave(table, &waiters[1].wait);
    collect(&room, &waiters[0]);
    gate_take(table, &waiters[0].wait, 2);
    gate_leave(table, &waiters[0].wait);
    ck_assert(gate_is_in_doubt(table, &waiters[3].wait));
    ck_assert(!gate_is_in_doubt(table, &waiters[4].wait));
    leave_from(waiters, 2);
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

/* How many settled: those who gave up meanwhile are not among them. */
static int
do_for_others(gate_wait_t *holder)
{
    room_t room = {.list = {.n = 0}};

    room.list = (gate_offers_t){
        .bytes = room.bytes, .size = sizeof(room.bytes), .offers = room.offers, .max = 4};
    gate_collect(table, holder, &room.list);
    return (int)gate_settle(table, holder);
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
        walker->wait =
            (gate_wait_t){.key = str_from_c(keys[key]), .offer = STR("+"), .grant = post_grant};
        if (!come_in(walker) || walker->wait.settled)
            continue;
        guarded[key]++;
        if (walker->random % 4 == 0)
            guarded[key] += do_for_others(&walker->wait);
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

    tcase_add_checked_fixture(one, set_up, tear_down);
    tcase_add_test(one, test_free);
    tcase_add_test(one, test_in_order);
    tcase_add_test(one, test_other_keys);
    tcase_add_loop_test(one, test_give_up, 1, WAITS);
    tcase_add_test(one, test_give_up_too_late);
    tcase_add_loop_test(one, test_collect, 0, (int)ARRAY_SIZE(collections));
    tcase_add_test(one, test_settle);
    tcase_add_test(one, test_settle_after_failure);
    tcase_add_test(one, test_doubt);
    suite_add_tcase(suite, one);
    tcase_add_checked_fixture(many, set_up, tear_down);
    tcase_add_test(many, test_threads);
    tcase_set_timeout(many, 120);
    suite_add_tcase(suite, many);
    return suite_run(suite);
}
