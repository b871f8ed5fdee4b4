/* SPDX-License-Identifier: Apache-2.0 */
#include "map/transform.h"
#include "support/suite_run.h"

#include <check.h>

static arena_t *mem;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
}

#define KIND(k) MAP_TRANSFORM_##k
#define ONE(k, t, b, number)                          \
    {                                                 \
        {                                             \
            KIND(k), STR_INIT(t), STR_INIT(b), number \
        }                                             \
    }

static const struct {
    const char *name;
    map_transform_t transforms[2];
    const char *value, *expected;
} rows[] = {
    {"lower", ONE(LOWER, "", "", 0), "ÄRGER Ω", "ärger ω"},
    {"upper, ASCII alone", ONE(UPPER, "", "", 0), "straße", "STRAßE"},
    {"ascii", ONE(ASCII, "", "", 0), "Zoë Müller-Łęcki, Ærø, ẞ", "Zoe Muller-Lecki, AEro, SS"},
    {"ascii, decomposed", ONE(ASCII, "", "", 0), "e\xcc\x81", "e"},
    {"ascii of another script", ONE(ASCII, "", "", 0), "東京", ""},
    {"ascii, not UTF-8", ONE(ASCII, "", "", 0),
     "a\xff"
     "b",
     "ab"},
    {"slug", ONE(SLUG, "", "", 0), "  Ärzte & Co. (O'Neil)", "arzte-co-oneil"},
    {"slug of nothing but marks", ONE(SLUG, "", "", 0), "-&-", ""},
    {"before", ONE(BEFORE, "@", "", 0), "a@b@c", "a"},
    {"before what is not there", ONE(BEFORE, "@", "", 0), "ab", "ab"},
    {"before the beginning", ONE(BEFORE, "@", "", 0), "@ab", "@ab"},
    {"after", ONE(AFTER, "@", "", 0), "a@b@c", "b@c"},
    {"after what is not there", ONE(AFTER, "@", "", 0), "ab", "ab"},
    {"after the end", ONE(AFTER, "@", "", 0), "ab@", "ab@"},
    {"replace", ONE(REPLACE, " ", ".", 0), "a b  c", "a.b..c"},
    {"replace by nothing", ONE(REPLACE, "ab", "", 0), "xababy", "xy"},
    {"truncate counts characters", ONE(TRUNCATE, "", "", 3), "äöüß", "äöü"},
    {"truncate what is short", ONE(TRUNCATE, "", "", 3), "ab ", "ab "},
    {"truncate leaves no blank", ONE(TRUNCATE, "", "", 3), "ab cd", "ab"},
    {"pad", ONE(PAD, "0", "", 6), "42", "000042"},
    {"pad counts characters", ONE(PAD, "-", "", 3), "äö", "-äö"},
    {"pad what is long", ONE(PAD, "0", "", 2), "123", "123"},
    {"hash is the same for ever", ONE(HASH, "", "", 16), "anna", "cc121689c086b9b9"},
    {"hash, its first digits", ONE(HASH, "", "", 4), "anna", "cc12"},
    {"one after the other",
     {{MAP_TRANSFORM_BEFORE, STR_INIT("@"), STR_INIT(""), 0},
      {MAP_TRANSFORM_UPPER, STR_INIT(""), STR_INIT(""), 0}},
     "a@b",
     "A"},
    {"nothing stays nothing", ONE(PAD, "0", "", 6), "", ""},
};

START_TEST(test_row)
{
    size_t n = rows[_i].transforms[1].text.p ? 2 : 1;
    str_t value = map_transform(mem, rows[_i].transforms, n, str_from_c(rows[_i].value));

    ck_assert_msg(str_eq(value, str_from_c(rows[_i].expected)), "%s: %.*s", rows[_i].name,
                  STR_ARG(value));
}
END_TEST

/* What loses nothing that the attribute would tell apart may be made of its own path. */
START_TEST(test_loses)
{
    static const map_transform_t low = {.kind = MAP_TRANSFORM_LOWER},
                                 cut = {.kind = MAP_TRANSFORM_TRUNCATE, .n = 1};

    ck_assert(!map_transform_loses(&low, LDAP_RULE_CASE_IGNORE));
    ck_assert(map_transform_loses(&low, LDAP_RULE_CASE_EXACT));
    ck_assert(map_transform_loses(&cut, LDAP_RULE_CASE_IGNORE));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/transform");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_loses);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
