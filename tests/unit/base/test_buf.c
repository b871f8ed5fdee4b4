/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
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
    mem = NULL;
}

START_TEST(text_is_appended)
{
    buf_t buf;
    str_t got;

    buf_init(&buf, mem, 1000);
    buf_add(&buf, STR("ab\0"));
    buf_add_c(&buf, "cd");
    buf_add_c(&buf, NULL);
    buf_add_char(&buf, 'e');
    buf_add_int(&buf, INT64_MIN);
    buf_add_int(&buf, INT64_MAX);
    buf_printf(&buf, "%s=%d", "x", 7);
    buf_printf(&buf, "%s", "");
    got = buf_str(&buf);
    ck_assert(str_eq(got, STR("ab\0cde-92233720368547758089223372036854775807x=7")));
    ck_assert_int_eq(got.p[got.n], '\0');
    ck_assert(!buf.failed);
}
END_TEST

START_TEST(empty_buffer_allocates_nothing)
{
    buf_t buf;
    size_t used = arena_used(mem);

    buf_init(&buf, mem, 1000);
    buf_add(&buf, STR(""));
    buf_add(&buf, (str_t){0});
    ck_assert(str_eq(buf_str(&buf), STR("")));
    ck_assert_int_eq(buf_str(&buf).p[0], '\0');
    ck_assert_uint_eq(arena_used(mem), used);
}
END_TEST

/* Of every length around the sizes at which the buffer grows. */
START_TEST(growth_keeps_the_text)
{
    for (size_t n = 250; n < 1030; n++) {
        buf_t buf;
        str_t got;

        buf_init(&buf, mem, 5000);
        for (size_t i = 0; i < n; i++)
            buf_add_char(&buf, (char)('a' + i % 26));
        got = buf_str(&buf);
        ck_assert_uint_eq(got.n, n);
        ck_assert_int_eq(got.p[n], '\0');
        for (size_t i = 0; i < n; i++)
            ck_assert_int_eq(got.p[i], (char)('a' + i % 26));
    }
}
END_TEST

START_TEST(large_pieces_fit)
{
    str_t piece = str_printf(mem, "%70000d", 1);
    buf_t buf;

    buf_init(&buf, mem, 140000);
    buf_add(&buf, piece);
    buf_printf(&buf, "%.*s", STR_ARG(piece));
    ck_assert(!buf.failed);
    ck_assert_uint_eq(buf_str(&buf).n, 140000);
    ck_assert(str_ends_with(buf_str(&buf), piece));
}
END_TEST

typedef void append_fn(buf_t *buf);

static void
append_text(buf_t *buf)
{
    buf_add(buf, STR("1234"));
}

static void
append_c(buf_t *buf)
{
    buf_add_c(buf, "1234");
}

static void
append_int(buf_t *buf)
{
    buf_add_int(buf, 1234);
}

static void
append_printf(buf_t *buf)
{
    buf_printf(buf, "%d", 1234);
}

static append_fn *const appends[] = {append_text, append_c, append_int, append_printf};

START_TEST(maximum_is_hard_and_failure_sticks)
{
    buf_t buf;

    buf_init(&buf, mem, 7);
    appends[_i](&buf);
    ck_assert(!buf.failed);
    appends[_i](&buf);
    ck_assert(buf.failed);
    ck_assert(str_eq(buf_str(&buf), STR("1234")));
    buf_add_char(&buf, 'x'); /* would fit, but after a gap */
    ck_assert(buf.failed && str_eq(buf_str(&buf), STR("1234")));
    buf_init(&buf, mem, 8);
    appends[_i](&buf);
    appends[_i](&buf);
    buf_add(&buf, STR(""));
    ck_assert(!buf.failed && str_eq(buf_str(&buf), STR("12341234")));
    buf_add_char(&buf, 'x');
    ck_assert(buf.failed && buf.n == 8);
}
END_TEST

START_TEST(nothing_fits_in_nothing)
{
    buf_t buf;

    buf_init(&buf, mem, 0);
    buf_add_char(&buf, 'x');
    ck_assert(buf.failed && str_eq(buf_str(&buf), STR("")));
}
END_TEST

START_TEST(buffer_is_cut_back)
{
    buf_t buf;

    buf_init(&buf, mem, 100);
    buf_truncate(&buf, 3);
    buf_add(&buf, STR("abcdef"));
    buf_truncate(&buf, 9);
    ck_assert_uint_eq(buf.n, 6);
    buf_truncate(&buf, 2);
    buf_add_char(&buf, 'x');
    ck_assert(str_eq(buf_str(&buf), STR("abx")));
    buf_truncate(&buf, 0);
    ck_assert(str_eq(buf_str(&buf), STR("")));
}
END_TEST

/* RFC 4648 §10, and bytes that need all 64 digits. */
typedef struct {
    str_t bytes;
    const char *text;
} base64_t;

static const base64_t base64s[] = {
    {STR_INIT(""), ""},
    {STR_INIT("f"), "Zg=="},
    {STR_INIT("fo"), "Zm8="},
    {STR_INIT("foo"), "Zm9v"},
    {STR_INIT("foob"), "Zm9vYg=="},
    {STR_INIT("fooba"), "Zm9vYmE="},
    {STR_INIT("foobar"), "Zm9vYmFy"},
    {STR_INIT("\0\0\0"), "AAAA"},
    {STR_INIT("\xff\xff\xff\xff"), "/////w=="},
    {STR_INIT("\xfb\xef\xbe"), "++++"},
    {STR_INIT(
         "\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b"
         "\x71\xd7\x9f\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7"
         "\xe3\x9e\xbb\xf3\xdf\xbf"),
     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"},
};

START_TEST(base64)
{
    buf_t buf;

    buf_init(&buf, mem, 100);
    buf_add_base64(&buf, base64s[_i].bytes);
    ck_assert_str_eq(buf_str(&buf).p, base64s[_i].text);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("buf");
    TCase *tcase = tcase_create("buf");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, text_is_appended);
    tcase_add_test(tcase, empty_buffer_allocates_nothing);
    tcase_add_test(tcase, growth_keeps_the_text);
    tcase_add_test(tcase, large_pieces_fit);
    tcase_add_loop_test(tcase, maximum_is_hard_and_failure_sticks, 0, ARRAY_SIZE(appends));
    tcase_add_test(tcase, nothing_fits_in_nothing);
    tcase_add_test(tcase, buffer_is_cut_back);
    tcase_add_loop_test(tcase, base64, 0, ARRAY_SIZE(base64s));
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
