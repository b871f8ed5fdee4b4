/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/memo.h"
#include "support/suite_run.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, TURNS = 20000, NAMES = 40 };

static memo_t *memo;
static arena_t *mem;

static void
set_up(void)
{
    memo = memo_new(64);
    mem = arena_new(0);
    ck_assert(memo && mem);
}

static void
tear_down(void)
{
    memo_free(memo);
    arena_free(mem);
}

static void
put(str_t id, str_t dn, str_t normal_dn, unsigned tag, int64_t now_ms)
{
    memo_put(memo, &(memo_pair_t){id, dn, STR(""), tag}, normal_dn, now_ms);
}

static str_t
numbered(arena_t *to, const char *what, unsigned i)
{
    return str_printf(to, "%s%u", what, i);
}

START_TEST(test_both_ways)
{
    memo_pair_t pair;

    put(STR("id1"), STR("UID=a,dc=x"), STR("uid=a,dc=x"), 7, 1000);
    ck_assert(memo_find_id(memo, mem, STR("id1"), 1000, 50, &pair));
    ck_assert(str_eq(pair.dn, STR("UID=a,dc=x")) && str_eq(pair.id, STR("id1")));
    ck_assert_uint_eq(pair.tag, 7);
    ck_assert(memo_find_dn(memo, mem, STR("uid=a,dc=x"), 1000, 50, &pair));
    ck_assert(str_eq(pair.id, STR("id1")));
    ck_assert_uint_eq(pair.tag, 7);
    ck_assert(!memo_find_id(memo, mem, STR("id2"), 1000, 50, &pair));
    ck_assert(!memo_find_dn(memo, mem, STR("UID=a,dc=x"), 1000, 50, &pair));
}
END_TEST

START_TEST(test_age)
{
    memo_pair_t pair;

    put(STR("id1"), STR("uid=a"), STR("uid=a"), 0, 1000);
    ck_assert(memo_find_id(memo, mem, STR("id1"), 1050, 50, &pair));
    ck_assert(!memo_find_id(memo, mem, STR("id1"), 1051, 50, &pair));
    ck_assert(memo_find_dn(memo, mem, STR("uid=a"), 1050, 50, &pair));
    ck_assert(!memo_find_dn(memo, mem, STR("uid=a"), 1051, 50, &pair));
    put(STR("id1"), STR("uid=b"), STR("uid=b"), 0, 1040);
    ck_assert(memo_find_id(memo, mem, STR("id1"), 1090, 50, &pair));
    ck_assert(str_eq(pair.dn, STR("uid=b")));
}
END_TEST

START_TEST(test_forget)
{
    memo_pair_t pair;

    put(STR("id1"), STR("uid=a"), STR("uid=a"), 0, 1000);
    memo_forget_id(memo, STR("id1"));
    ck_assert(!memo_find_id(memo, mem, STR("id1"), 1000, 50, &pair));
    ck_assert(memo_find_dn(memo, mem, STR("uid=a"), 1000, 50, &pair));
    memo_forget_dn(memo, STR("uid=a"));
    ck_assert(!memo_find_dn(memo, mem, STR("uid=a"), 1000, 50, &pair));
    memo_forget_dn(memo, STR("uid=a"));
}
END_TEST

/* More than it can hold: what it still has is right, and some of the newest is there. */
START_TEST(test_full)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < 1000; i++)
        put(numbered(mem, "id", i), numbered(mem, "uid=", i), numbered(mem, "uid=", i), i,
            1000 + i);
    for (unsigned i = 0; i < 1000; i++) {
        memo_pair_t pair;

        if (!memo_find_id(memo, mem, numbered(mem, "id", i), 2000, 2000, &pair))
            continue;
        kept++;
        ck_assert(str_eq(pair.dn, numbered(mem, "uid=", i)));
        ck_assert_uint_eq(pair.tag, i);
    }
    ck_assert_uint_ge(kept, 32);
    ck_assert_uint_le(kept, 72);
}
END_TEST

START_TEST(test_long)
{
    char text[2000];
    memo_pair_t pair;
    str_t dn;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = 'x';
    dn = str_from(text, sizeof(text));
    put(STR("id1"), dn, dn, 0, 1000);
    ck_assert(!memo_find_id(memo, mem, STR("id1"), 1000, 50, &pair));
    ck_assert(!memo_find_dn(memo, mem, dn, 1000, 50, &pair));
}
END_TEST

static void
check_version(const char *dn, const char *version, const char *expected)
{
    memo_pair_t pair = {STR("id1"), str_from_c(dn), str_from_c(version), 0};

    memo_put(memo, &pair, str_from_c(dn), 1000);
    ck_assert(memo_find_id(memo, mem, STR("id1"), 1000, 50, &pair));
    ck_assert_msg(str_eq(pair.dn, str_from_c(dn)), "%.*s", STR_ARG(pair.dn));
    ck_assert_msg(str_eq(pair.version, str_from_c(expected)), "%.*s, not %s",
                  STR_ARG(pair.version), expected);
}

/* One that is not given leaves the one that is known, unless the entry was renamed. */
START_TEST(test_version)
{
    check_version("uid=a", "", "");
    check_version("uid=a", "v1", "v1");
    check_version("uid=a", "v2", "v2");
    check_version("uid=a", "", "v2");
    check_version("uid=a", "v333", "v333");
    check_version("uid=b", "", "");
    check_version("uid=b", "v4", "v4");
}
END_TEST

/* A name that has become too long must not stay remembered as it was. */
START_TEST(test_long_after_short)
{
    char text[2000];
    memo_pair_t pair;
    str_t dn;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = 'x';
    dn = str_from(text, sizeof(text));
    put(STR("id1"), STR("uid=a"), STR("uid=a"), 0, 1000);
    put(STR("id1"), dn, dn, 0, 1001);
    ck_assert(!memo_find_id(memo, mem, STR("id1"), 1001, 50, &pair));
}
END_TEST

/* ---- threads: whatever is found belongs together ---- */

static void *
walk(void *arg)
{
    unsigned random = *(const unsigned *)arg;

    for (unsigned i = 0; i < TURNS; i++) {
        arena_t *scratch ARENA_CLEANUP = arena_new(0);
        unsigned who;
        memo_pair_t pair;

        random = random * 1103515245u + 12345u;
        who = random / 65536u % NAMES;
        switch (random / 1024 % 4) {
        case 0:
            put(numbered(scratch, "id", who), numbered(scratch, "uid=", who),
                numbered(scratch, "uid=", who), who, i);
            break;
        case 1:
            memo_forget_id(memo, numbered(scratch, "id", who));
            break;
        case 2:
            ck_assert(
                !memo_find_id(memo, scratch, numbered(scratch, "id", who), i, TURNS, &pair) ||
                (pair.tag == who && str_eq(pair.dn, numbered(scratch, "uid=", who))));
            break;
        default:
            ck_assert(
                !memo_find_dn(memo, scratch, numbered(scratch, "uid=", who), i, TURNS, &pair) ||
                (pair.tag == who && str_eq(pair.id, numbered(scratch, "id", who))));
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
    Suite *suite = suite_create("memo");
    TCase *tests = tcase_create("memo");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_both_ways);
    tcase_add_test(tests, test_age);
    tcase_add_test(tests, test_forget);
    tcase_add_test(tests, test_full);
    tcase_add_test(tests, test_long);
    tcase_add_test(tests, test_version);
    tcase_add_test(tests, test_long_after_short);
    tcase_add_test(tests, test_threads);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
