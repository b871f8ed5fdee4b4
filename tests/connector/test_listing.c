/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/listing.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>

enum { SIZE = LISTING_ANCHOR_SIZE, ROOM = 10, THREADS = 4, TURNS = 20000 };

static listing_store_t *store;

static void
set_up(void)
{
    store = listing_store_new(ROOM * SIZE);
    ck_assert_ptr_nonnull(store);
}

static void
tear_down(void)
{
    listing_store_free(store);
}

/* `n` anchors, all bytes of the i-th being base + i. */
static void
fill(unsigned char *anchors, unsigned char base, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memset(anchors + i * SIZE, (int)(base + i), SIZE);
}

static bool
put(str_t key, unsigned char base, size_t n, int64_t now_ms)
{
    unsigned char anchors[2 * ROOM * SIZE];

    fill(anchors, base, n);
    return listing_put(store, key, anchors, n, now_ms);
}

static const struct {
    const char *name;
    size_t from, max, n;
} slices[] = {
    {"all", 0, 10, 5},      {"the first", 0, 2, 2},   {"in the middle", 1, 3, 3},
    {"the last", 4, 10, 1}, {"at the end", 5, 10, 0}, {"behind the end", 50, 10, 0},
    {"nothing", 0, 0, 0},
};

START_TEST(test_slice)
{
    unsigned char anchors[ROOM * SIZE], expected[ROOM * SIZE];
    size_t n = 99, total = 99;

    ck_assert(put(STR("k"), 1, 5, 1000));
    ck_assert(listing_get(store, STR("k"), 1000, 50, slices[_i].from, slices[_i].max, anchors,
                          &n, &total));
    ck_assert_msg(n == slices[_i].n && total == 5, "%s: %zu of %zu", slices[_i].name, n, total);
    fill(expected, (unsigned char)(1 + slices[_i].from), n);
    ck_assert_msg(memcmp(anchors, expected, n * SIZE) == 0, "%s", slices[_i].name);
}
END_TEST

static bool
has(str_t key, int64_t now_ms)
{
    unsigned char anchors[ROOM * SIZE];
    size_t n, total;

    return listing_get(store, key, now_ms, 50, 0, ROOM, anchors, &n, &total);
}

START_TEST(test_age)
{
    ck_assert(put(STR("k"), 1, 5, 1000));
    ck_assert(has(STR("k"), 1050));
    ck_assert(!has(STR("k"), 1051));
    ck_assert(put(STR("k"), 1, 5, 1060));
    ck_assert(has(STR("k"), 1100));
    ck_assert(!has(STR("other"), 1060));
}
END_TEST

START_TEST(test_budget)
{
    ck_assert(!put(STR("large"), 1, ROOM + 1, 1000));
    ck_assert(put(STR("a"), 1, 4, 1000));
    ck_assert(put(STR("b"), 1, 4, 1001));
    ck_assert(put(STR("c"), 1, 4, 1002)); /* the oldest gives way */
    ck_assert(!has(STR("a"), 1002) && has(STR("b"), 1002) && has(STR("c"), 1002));
    ck_assert(put(STR("d"), 1, ROOM, 1003));
    ck_assert(!has(STR("b"), 1003) && !has(STR("c"), 1003) && has(STR("d"), 1003));
}
END_TEST

START_TEST(test_many_keys)
{
    char key[1];

    for (int i = 0; i < 100; i++) {
        key[0] = (char)(i + 1);
        ck_assert(put(str_from(key, 1), 1, 0, 1000 + i));
    }
    ck_assert(has(str_from(key, 1), 1099));
}
END_TEST

START_TEST(test_replaces)
{
    unsigned char anchors[ROOM * SIZE];
    size_t n, total;

    ck_assert(put(STR("k"), 1, 9, 1000));
    ck_assert(put(STR("k"), 7, 2, 1000));
    ck_assert(listing_get(store, STR("k"), 1000, 50, 0, ROOM, anchors, &n, &total));
    ck_assert(n == 2 && total == 2 && anchors[0] == 7);
}
END_TEST

static const struct {
    const char *text;
    bool good;
} texts[] = {
    {"01234567-89ab-cdef-0123-456789abcdef", true},
    {"01234567-89AB-CDEF-0123-456789ABCDEF", true},
    {"0123456789abcdef0123456789abcdef", true},
    {"01234567-89ab-cdef-0123-456789abcde", false},
    {"01234567-89ab-cdef-0123-456789abcdef0", false},
    {"g1234567-89ab-cdef-0123-456789abcdef", false},
    {"", false},
};

START_TEST(test_anchor)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    unsigned char anchor[SIZE];
    bool good = listing_anchor_parse(str_from_c(texts[_i].text), anchor);

    ck_assert_msg(good == texts[_i].good, "\"%s\"", texts[_i].text);
    ck_assert(!good || str_eq(listing_anchor_format(mem, anchor), str_from_c(texts[0].text)));
}
END_TEST

START_TEST(test_sort)
{
    unsigned char anchors[5 * SIZE], expected[5 * SIZE];

    fill(expected, 1, 5);
    for (size_t i = 0; i < 5; i++)
        memcpy(anchors + i * SIZE, expected + (i * 3 + 1) % 5 * SIZE, SIZE);
    listing_sort(anchors, 5);
    ck_assert(memcmp(anchors, expected, sizeof(anchors)) == 0);
    listing_sort(anchors, 0);
}
END_TEST

/* ---- threads: a listing is seen whole, as somebody put it ---- */

static void *
walk(void *arg)
{
    unsigned random = *(const unsigned *)arg;
    const str_t keys[] = {STR_INIT("a"), STR_INIT("b"), STR_INIT("c"), STR_INIT("d")};

    for (int i = 0; i < TURNS; i++) {
        unsigned char anchors[ROOM * SIZE], expected[ROOM * SIZE];
        size_t n = 0, total = 0;
        unsigned which;

        random = random * 1103515245u + 12345u;
        which = random / 65536u % 4;
        if (random / 1024 % 2) {
            put(keys[which], (unsigned char)(1 + which), 2 + which, i);
        } else if (listing_get(store, keys[which], i, TURNS, 0, ROOM, anchors, &n, &total)) {
            ck_assert(n == 2 + which && total == n);
            fill(expected, (unsigned char)(1 + which), n);
            ck_assert(memcmp(anchors, expected, n * SIZE) == 0);
        }
    }
    return NULL;
}

START_TEST(test_threads)
{
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i * 7919 + 1;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, walk, &seeds[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("listing");
    TCase *tests = tcase_create("listing");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, test_slice, 0, (int)ARRAY_SIZE(slices));
    tcase_add_test(tests, test_age);
    tcase_add_test(tests, test_budget);
    tcase_add_test(tests, test_many_keys);
    tcase_add_test(tests, test_replaces);
    tcase_add_loop_test(tests, test_anchor, 0, (int)ARRAY_SIZE(texts));
    tcase_add_test(tests, test_sort);
    tcase_add_test(tests, test_threads);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
