/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "support/suite_run.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>

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
    mem = NULL;
}

#define T(text) STR_INIT(text)

/* --- comparing -------------------------------------------------------------------------- */

typedef struct {
    str_t a, b;
    int order, folded;          /* of str_cmp and str_icmp */
    bool starts, istarts, ends; /* a with b */
} compare_t;

static const compare_t compares[] = {
    {T(""), T(""), 0, 0, true, true, true},
    {{0}, {0}, 0, 0, true, true, true},
    {T("a"), {0}, 1, 1, true, true, true},
    {{0}, T("a"), -1, -1, false, false, false},
    {T("abc"), T("abc"), 0, 0, true, true, true},
    {T("abc"), T("ABC"), 1, 0, false, true, false},
    {T("abc"), T("ab"), 1, 1, true, true, false},
    {T("ab"), T("abc"), -1, -1, false, false, false},
    {T("abc"), T("bc"), -1, -1, false, false, true},
    {T("aB"), T("Ac"), 1, -1, false, false, false},
    {T("a\0b"), T("a\0c"), -1, -1, false, false, false},
    {T("a\0"), T("a"), 1, 1, true, true, false},
    {T("\xc3\xa4"), T("\xc3\x84"), 1, 1, false, false, false},
    {T("\xff"), T("a"), 1, 1, false, false, false},
    {T("Z"), T("["), -1, 1, false, false, false},
    {T("@"), T("`"), -1, -1, false, false, false},
};

static int
sign(int order)
{
    return (order > 0) - (order < 0);
}

START_TEST(comparing)
{
    const compare_t *row = &compares[_i];

    ck_assert_int_eq(sign(str_cmp(row->a, row->b)), row->order);
    ck_assert_int_eq(sign(str_cmp(row->b, row->a)), -row->order);
    ck_assert_int_eq(sign(str_icmp(row->a, row->b)), row->folded);
    ck_assert_int_eq(sign(str_icmp(row->b, row->a)), -row->folded);
    ck_assert(str_eq(row->a, row->b) == (row->order == 0));
    ck_assert(str_ieq(row->a, row->b) == (row->folded == 0));
    ck_assert(str_starts_with(row->a, row->b) == row->starts);
    ck_assert(str_istarts_with(row->a, row->b) == row->istarts);
    ck_assert(str_ends_with(row->a, row->b) == row->ends);
}
END_TEST

/* --- finding and cutting ---------------------------------------------------------------- */

typedef struct {
    str_t s, part;
    size_t first, last; /* of part, and of its first byte from behind */
} find_t;

static const find_t finds[] = {
    {T("banana"), T("an"), 1, 5},
    {T("banana"), T("nab"), 6, 4},
    {T("banana"), T("banana"), 0, 0},
    {T("banana"), T("bananas"), 6, 0},
    {T("a\0b\0"), T("\0"), 1, 3},
    {T(""), T("a"), 0, 0},
    {{0}, T("a"), 0, 0},
};

START_TEST(finding)
{
    const find_t *row = &finds[_i];

    ck_assert_uint_eq(str_find(row->s, row->part), row->first);
    ck_assert_uint_eq(str_find_last_char(row->s, row->part.p[0]), row->last);
    ck_assert_uint_eq(str_find_char(row->s, row->part.p[0]),
                      str_find(row->s, str_slice(row->part, 0, 1)));
}
END_TEST

START_TEST(nothing_is_found_first)
{
    ck_assert_uint_eq(str_find(STR("abc"), STR("")), 0);
    ck_assert_uint_eq(str_find(STR("abc"), (str_t){0}), 0);
    ck_assert_uint_eq(str_find((str_t){0}, (str_t){0}), 0);
}
END_TEST

START_TEST(slices_stay_within)
{
    str_t s = STR("abcdef");

    ck_assert(str_eq(str_skip(s, 2), STR("cdef")));
    ck_assert(str_eq(str_skip(s, 6), STR("")));
    ck_assert(str_eq(str_skip(s, SIZE_MAX), STR("")));
    ck_assert(str_eq(str_slice(s, 1, 2), STR("bc")));
    ck_assert(str_eq(str_slice(s, 4, 9), STR("ef")));
    ck_assert(str_eq(str_slice(s, 4, SIZE_MAX), STR("ef")));
    ck_assert(str_eq(str_slice(s, 9, 1), STR("")));
    ck_assert(str_is_empty(str_from(NULL, 5)) && str_is_empty(str_from_c(NULL)));
    ck_assert_ptr_nonnull(str_from(NULL, 5).p);
    ck_assert_ptr_nonnull(str_from_c(NULL).p);
}
END_TEST

typedef struct {
    str_t s, trimmed;
} trim_t;

static const trim_t trims[] = {
    {T(""), T("")},        {T("a"), T("a")},
    {T(" \t\r\n"), T("")}, {T("  a  b\n"), T("a  b")},
    {T("a\f"), T("a\f")},  {T("\xc2\xa0"), T("\xc2\xa0")},
};

START_TEST(trimming)
{
    ck_assert(str_eq(str_trim(trims[_i].s), trims[_i].trimmed));
}
END_TEST

/* --- copies ----------------------------------------------------------------------------- */

START_TEST(copies_end_in_nul)
{
    str_t s = STR("Ab\0\xc3\x84");
    str_t copy = str_dup(mem, s), lower = str_lower(mem, s);

    ck_assert(str_eq(copy, s) && copy.p != s.p && copy.p[copy.n] == '\0');
    ck_assert(str_eq(lower, STR("ab\0\xc3\x84")) && lower.p[lower.n] == '\0');
    ck_assert_str_eq(str_dup_c(mem, STR("abc")), "abc");
    ck_assert_str_eq(str_dup(mem, (str_t){0}).p, "");
    ck_assert_str_eq(str_lower(mem, (str_t){0}).p, "");
    ck_assert(
        str_eq(str_printf(mem, "%s-%d-%.*s", "a", 7, STR_ARG(STR("xyz"))), STR("a-7-xyz")));
    ck_assert(str_eq(str_printf(mem, "%s", ""), STR("")));
    ck_assert_uint_eq(str_printf(mem, "%1000d", 1).n, 1000);
}
END_TEST

/* --- numbers ---------------------------------------------------------------------------- */

typedef struct {
    str_t s;
    bool ok;
    int64_t value;
} number_t;

static const number_t numbers[] = {
    {T("0"), true, 0},
    {T("-0"), true, 0},
    {T("7"), true, 7},
    {T("-7"), true, -7},
    {T("007"), true, 7},
    {T("9223372036854775807"), true, INT64_MAX},
    {T("9223372036854775808"), false, 0},
    {T("-9223372036854775808"), true, INT64_MIN},
    {T("-9223372036854775809"), false, 0},
    {T("92233720368547758070"), false, 0},
    {T("99999999999999999999999"), false, 0},
    {T("000000000000000000000000000001"), true, 1},
    {T(""), false, 0},
    {{0}, false, 0},
    {T("-"), false, 0},
    {T("--1"), false, 0},
    {T("+1"), false, 0},
    {T(" 1"), false, 0},
    {T("1 "), false, 0},
    {T("1\0"), false, 0},
    {T("1.0"), false, 0},
    {T("0x1"), false, 0},
    {T("1e3"), false, 0},
    {T("\xd9\xa1"), false, 0},
};

START_TEST(whole_numbers)
{
    const number_t *row = &numbers[_i];
    int64_t value = 42;

    ck_assert_msg(str_to_int64(row->s, &value) == row->ok, "%.*s", STR_ARG(row->s));
    ck_assert_msg(value == (row->ok ? row->value : 42), "%.*s: %" PRId64, STR_ARG(row->s),
                  value);
}
END_TEST

/* --- UTF-8 ------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    str_t s;
    size_t length; /* of the first sequence; 0: malformed */
} utf8_t;

static const utf8_t sequences[] = {
    {"nothing", T(""), 0},
    {"NUL", T("\0"), 1},
    {"ASCII", T("a"), 1},
    {"DEL", T("\x7f"), 1},
    {"first of two", T("\xc2\x80"), 2},
    {"last of two", T("\xdf\xbf"), 2},
    {"first of three", T("\xe0\xa0\x80"), 3},
    {"before the surrogates", T("\xed\x9f\xbf"), 3},
    {"after the surrogates", T("\xee\x80\x80"), 3},
    {"last of three", T("\xef\xbf\xbf"), 3},
    {"first of four", T("\xf0\x90\x80\x80"), 4},
    {"last of four", T("\xf4\x8f\xbf\xbf"), 4},
    {"continuation alone", T("\x80"), 0},
    {"overlong NUL", T("\xc0\x80"), 0},
    {"overlong DEL", T("\xc1\xbf"), 0},
    {"overlong of three", T("\xe0\x9f\xbf"), 0},
    {"overlong of four", T("\xf0\x8f\xbf\xbf"), 0},
    {"first surrogate", T("\xed\xa0\x80"), 0},
    {"last surrogate", T("\xed\xbf\xbf"), 0},
    {"beyond the last character", T("\xf4\x90\x80\x80"), 0},
    {"five bytes", T("\xf8\x88\x80\x80\x80"), 0},
    {"0xfe", T("\xfe"), 0},
    {"0xff", T("\xff"), 0},
    {"two, cut", T("\xc3"), 0},
    {"three, cut", T("\xe2\x82"), 0},
    {"four, cut", T("\xf0\x9f\x98"), 0},
    {"two, no continuation", T("\xc3\x28"), 0},
    {"three, last no continuation", T("\xe2\x82\x28"), 0},
    {"three, last a new start", T("\xe2\x82\xc3"), 0},
    {"four, last no continuation", T("\xf0\x9f\x98\x28"), 0},
};

START_TEST(utf8_sequences)
{
    const utf8_t *row = &sequences[_i];
    char *exact = malloc(row->s.n + 1); /* the sanitizer sees a read beyond */
    str_t s = {exact + 1, row->s.n};

    memcpy(exact + 1, row->s.p, row->s.n);
    exact[0] = 'a';
    ck_assert_msg(str_utf8_length(s) == row->length, "%s", row->name);
    ck_assert_msg(str_is_utf8(s) == (row->length > 0 || !s.n), "%s", row->name);
    ck_assert_msg(str_is_utf8(str_from(exact, s.n + 1)) == (row->length > 0 || !s.n),
                  "%s after a letter", row->name);
    free(exact);
}
END_TEST

START_TEST(utf8_sequences_in_a_row)
{
    ck_assert(str_is_utf8(STR("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z")));
    ck_assert_uint_eq(str_utf8_length(STR("\xc3\xa4\xff")), 2);
    ck_assert(!str_is_utf8(STR("\xc3\xa4\xff")));
}
END_TEST

/* --- distance --------------------------------------------------------------------------- */

typedef struct {
    const char *a, *b;
    unsigned distance;
} distance_t;

static const distance_t distances[] = {
    {"", "", 0},
    {"", "abc", 3},
    {"userName", "username", 0},
    {"userName", "userNam", 1},
    {"userName", "uesrName", 1},
    {"userName", "usrName", 1},
    {"userName", "userrName", 1},
    {"userName", "uzerName", 1},
    {"ab", "ba", 1},
    {"ca", "abc", 3},
    {"kitten", "sitting", 3},
    {"abcdefgh", "ijklmnop", 8},
    {"abcdefghi", "jklmnopqr", 9},
    {"abcdefghij", "klmnopqrst", 9},
    {"", "abcdefghijklmnop", 9},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 1},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a", 9},
};

START_TEST(distance_of_words)
{
    const distance_t *row = &distances[_i];
    str_t a = str_from_c(row->a), b = str_from_c(row->b);

    ck_assert_msg(str_distance(a, b) == row->distance, "%s, %s: %u", row->a, row->b,
                  str_distance(a, b));
    ck_assert_msg(str_distance(b, a) == row->distance, "%s, %s: %u", row->b, row->a,
                  str_distance(b, a));
}
END_TEST

START_TEST(characters)
{
    for (int c = 0; c < 256; c++) {
        char ch = (char)c;
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z',
             digit = c >= '0' && c <= '9';
        int hex = digit                  ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;

        ck_assert_int_eq(char_lower(ch), upper ? (char)(c + 32) : ch);
        ck_assert_int_eq(char_is_alpha(ch), upper || lower);
        ck_assert_int_eq(char_is_digit(ch), digit);
        ck_assert_int_eq(char_hex(ch), hex);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("str");
    TCase *tcase = tcase_create("str");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, comparing, 0, ARRAY_SIZE(compares));
    tcase_add_loop_test(tcase, finding, 0, ARRAY_SIZE(finds));
    tcase_add_test(tcase, nothing_is_found_first);
    tcase_add_test(tcase, slices_stay_within);
    tcase_add_loop_test(tcase, trimming, 0, ARRAY_SIZE(trims));
    tcase_add_test(tcase, copies_end_in_nul);
    tcase_add_loop_test(tcase, whole_numbers, 0, ARRAY_SIZE(numbers));
    tcase_add_loop_test(tcase, utf8_sequences, 0, ARRAY_SIZE(sequences));
    tcase_add_test(tcase, utf8_sequences_in_a_row);
    tcase_add_loop_test(tcase, distance_of_words, 0, ARRAY_SIZE(distances));
    tcase_add_test(tcase, characters);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
