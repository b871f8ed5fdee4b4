/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "support/suite_run.h"

#include <check.h>

/* Every beginning of a text that crosses the 8-byte words, zeros included: no two alike. */
START_TEST(lengths_and_zeros_count)
{
    static const char text[40] = "abcdefgh";
    uint64_t seen[sizeof(text)];

    for (size_t n = 0; n < sizeof(text); n++) {
        seen[n] = hash_bytes(str_from(text, n));
        for (size_t i = 0; i < n; i++)
            ck_assert_uint_ne(seen[i], seen[n]);
    }
}
END_TEST

START_TEST(every_bit_counts)
{
    char text[20] = "0123456789abcdefghi";
    uint64_t whole = hash_bytes(str_from(text, sizeof(text)));

    for (size_t i = 0; i < sizeof(text) * 8; i++) {
        text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
        ck_assert_uint_ne(hash_bytes(str_from(text, sizeof(text))), whole);
        text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
    }
    ck_assert_uint_eq(hash_bytes(str_from(text, sizeof(text))), whole);
}
END_TEST

START_TEST(names_hash_without_case)
{
    ck_assert_uint_eq(hash_name(STR("userName")), hash_name(STR("USERNAME")));
    ck_assert_uint_eq(hash_name(STR("username")), hash_bytes(STR("username")));
    ck_assert_uint_ne(hash_bytes(STR("userName")), hash_bytes(STR("username")));
    ck_assert_uint_ne(hash_name(STR("userName")), hash_name(STR("userNam")));
    ck_assert_uint_ne(hash_name(STR("\xc3\xa4")), hash_name(STR("\xc3\x84")));
    ck_assert_uint_ne(hash_name(STR("[")), hash_name(STR("{")));
}
END_TEST

START_TEST(place_in_memory_does_not_count)
{
    char text[32] = "xuserName";

    ck_assert_uint_eq(hash_bytes(str_from(text + 1, 8)), hash_bytes(STR("userName")));
    ck_assert_uint_eq(hash_bytes(str_from(NULL, 0)), hash_bytes(STR("")));
    ck_assert_uint_eq(hash_bytes((str_t){0}), hash_bytes(STR("")));
}
END_TEST

/* Names as a client would count them up fill the buckets of a table about evenly. */
START_TEST(buckets_fill_evenly)
{
    enum { BUCKETS = 256, EACH = 64 };
    unsigned filled[BUCKETS] = {0};

    for (unsigned i = 0; i < BUCKETS * EACH; i++) {
        char name[4] = {'u', (char)(i & 63), (char)(i >> 6 & 63), (char)(i >> 12)};

        filled[hash_bytes(str_from(name, sizeof(name))) % BUCKETS]++;
    }
    for (size_t i = 0; i < BUCKETS; i++)
        ck_assert_msg(filled[i] > EACH / 4 && filled[i] < EACH * 2, "%u in a bucket",
                      filled[i]);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("hash");
    TCase *tcase = tcase_create("hash");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, lengths_and_zeros_count);
    tcase_add_test(tcase, every_bit_counts);
    tcase_add_test(tcase, names_hash_without_case);
    tcase_add_test(tcase, place_in_memory_does_not_count);
    tcase_add_test(tcase, buckets_fill_evenly);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
