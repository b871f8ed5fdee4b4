/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/cursor.h"
#include "connector/listing.h"
#include "support/suite_run.h"

#include <check.h>

#define NOW 1767261600
#define ITEM STR("1anna\0\1AAAAAAAAAAAAAAAA")

static arena_t *mem;
static mac_key_t key;
static const cursor_question_t question = {.connector = STR_INIT("people"),
                                           .endpoint = STR_INIT("Users"),
                                           .filter = STR_INIT("active eq true"),
                                           .sort_by = STR_INIT("username")};

static void
set_up(void)
{
    mem = arena_new(0);
    ck_assert(mac_key_from(STR("a secret of some length"), &key));
}

static void
tear_down(void)
{
    arena_free(mem);
}

static str_t
make(str_t item, bool before)
{
    cursor_t cursor = {.item = item, .before = before};

    return cursor_format(mem, &key, &question, &cursor, NOW + 60);
}

static err_kind_t
parse(const cursor_question_t *of, str_t text, int64_t now_s, cursor_t *ret)
{
    err_t err = ERR_INIT;
    bool good = cursor_parse(mem, &key, of, text, now_s, ret, &err);

    ck_assert(good == (err.kind == ERR_NONE));
    return err.kind;
}

START_TEST(test_round_trip)
{
    char bytes[LISTING_ITEM_MAX];
    size_t n = LISTING_TAIL + (size_t)_i;
    cursor_t cursor;
    str_t text;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 37 + (size_t)_i);
    text = make(str_from(bytes, n), _i % 2);
    for (size_t i = 0; i < text.n; i++)
        ck_assert(char_is_alpha(text.p[i]) || char_is_digit(text.p[i]) || text.p[i] == '-' ||
                  text.p[i] == '_');
    ck_assert_int_eq(parse(&question, text, NOW, &cursor), ERR_NONE);
    ck_assert(str_eq(cursor.item, str_from(bytes, n)) && cursor.before == (_i % 2));
}
END_TEST

/* Nothing of it can be changed. */
START_TEST(test_tampering)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    str_t text = make(ITEM, false);
    char *copy;
    cursor_t cursor;

    for (size_t i = 0; i < text.n; i++) {
        for (size_t j = 0; j < 64; j++) {
            copy = (char *)(uintptr_t)str_dup(mem, text).p;
            if (copy[i] == alphabet[j])
                continue;
            copy[i] = alphabet[j];
            if (i == text.n - 1) { /* bits of the last digit may stand for nothing */
                str_t same = make(ITEM, false);

                if (str_eq(str_slice(same, 0, i), str_from(copy, i)))
                    continue;
            }
            ck_assert_msg(parse(&question, str_from(copy, text.n), NOW, &cursor) ==
                              ERR_INVALID_CURSOR,
                          "%.*s", (int)text.n, copy);
        }
    }
}
END_TEST

static const struct {
    const char *name;
    cursor_question_t of;
} others[] = {
    {"connector",
     {STR_INIT("others"), STR_INIT("Users"), STR_INIT("active eq true"), STR_INIT("username"),
      false}},
    {"endpoint",
     {STR_INIT("people"), STR_INIT("Groups"), STR_INIT("active eq true"), STR_INIT("username"),
      false}},
    {"all types",
     {STR_INIT("people"), STR_INIT(""), STR_INIT("active eq true"), STR_INIT("username"),
      false}},
    {"filter",
     {STR_INIT("people"), STR_INIT("Users"), STR_INIT("active eq false"), STR_INIT("username"),
      false}},
    {"no filter",
     {STR_INIT("people"), STR_INIT("Users"), STR_INIT(""), STR_INIT("username"), false}},
    {"sort",
     {STR_INIT("people"), STR_INIT("Users"), STR_INIT("active eq true"), STR_INIT("title"),
      false}},
    {"order",
     {STR_INIT("people"), STR_INIT("Users"), STR_INIT("active eq true"), STR_INIT("username"),
      true}},
    {"shifted parts",
     {STR_INIT("people"), STR_INIT("Usersactive eq true"), STR_INIT(""), STR_INIT("username"),
      false}},
};

START_TEST(test_other_question)
{
    cursor_t cursor;

    ck_assert_msg(parse(&others[_i].of, make(ITEM, false), NOW, &cursor) == ERR_INVALID_CURSOR,
                  "%s", others[_i].name);
}
END_TEST

static const struct {
    const char *name, *text;
} strange[] = {
    {"one digit", "A"},           {"short", "AQAAAAAA"},
    {"padding", "AQAA===="},      {"standard alphabet", "AQAA+/AA"},
    {"a space", "AQAA AQAA"},     {"a word", "next"},
    {"not ASCII", "caf\xc3\xa9"},
};

START_TEST(test_strange)
{
    cursor_t cursor;

    ck_assert_msg(parse(&question, str_from_c(strange[_i].text), NOW, &cursor) ==
                      ERR_INVALID_CURSOR,
                  "%s", strange[_i].name);
}
END_TEST

START_TEST(test_long)
{
    char *text = arena_alloc(mem, 100000);
    cursor_t cursor;

    memset(text, 'A', 100000);
    ck_assert_int_eq(parse(&question, str_from(text, 100000), NOW, &cursor),
                     ERR_INVALID_CURSOR);
}
END_TEST

START_TEST(test_expiry)
{
    str_t text = make(ITEM, false);
    cursor_t cursor;

    ck_assert_int_eq(parse(&question, text, NOW + 60, &cursor), ERR_NONE);
    ck_assert_int_eq(parse(&question, text, NOW + 61, &cursor), ERR_EXPIRED_CURSOR);
}
END_TEST

START_TEST(test_other_key)
{
    str_t text = make(ITEM, false);
    cursor_t cursor;

    ck_assert(mac_key_from(STR("another secret of some length"), &key));
    ck_assert_int_eq(parse(&question, text, NOW, &cursor), ERR_INVALID_CURSOR);
    ck_assert(mac_key_from(STR("a secret of some length"), &key));
    ck_assert_int_eq(parse(&question, text, NOW, &cursor), ERR_NONE);
}
END_TEST

START_TEST(test_key_of_process)
{
    const mac_key_t *a = mac_key_of_process(), zero = {{0}};

    ck_assert_ptr_nonnull(a);
    ck_assert(a == mac_key_of_process());
    ck_assert(!mac_equal(a->bytes, zero.bytes, sizeof(zero.bytes)));
}
END_TEST

/* The parts do not run together. */
START_TEST(test_seal)
{
    unsigned char a[MAC_SIZE], b[MAC_SIZE];
    const str_t parts[] = {STR("ab"), STR("c")}, moved[] = {STR("a"), STR("bc")};

    ck_assert(mac_seal(&key, parts, 2, a) && mac_seal(&key, parts, 2, b));
    ck_assert(mac_equal(a, b, MAC_SIZE));
    ck_assert(mac_seal(&key, moved, 2, b));
    ck_assert(!mac_equal(a, b, MAC_SIZE));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("cursor");
    TCase *tests = tcase_create("cursor");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, test_round_trip, 0, LISTING_ITEM_MAX - LISTING_TAIL + 1);
    tcase_add_test(tests, test_tampering);
    tcase_add_loop_test(tests, test_other_question, 0, (int)ARRAY_SIZE(others));
    tcase_add_loop_test(tests, test_strange, 0, (int)ARRAY_SIZE(strange));
    tcase_add_test(tests, test_long);
    tcase_add_test(tests, test_expiry);
    tcase_add_test(tests, test_other_key);
    tcase_add_test(tests, test_key_of_process);
    tcase_add_test(tests, test_seal);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
