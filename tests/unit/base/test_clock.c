/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "support/suite_run.h"

#include <check.h>
#include <inttypes.h>

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

typedef bool parse_fn(str_t text, clock_time_t *ret_time);

typedef struct {
    parse_fn *parse;
    const char *text;
    bool ok;
    int64_t s;
    uint32_t ns;
} parse_t;

#define D clock_parse_datetime
#define G clock_parse_generalized

static const parse_t parses[] = {
    /* the SCIM spelling */
    {D, "1970-01-01T00:00:00Z", true, 0, 0},
    {D, "2011-05-13T04:42:34Z", true, 1305261754, 0},
    {D, "2011-05-13t04:42:34z", true, 1305261754, 0},
    {D, "2011-05-13 04:42:34Z", true, 1305261754, 0},
    {D, "2011-05-13T04:42:34", true, 1305261754, 0},
    {D, "2011-05-13T04:42Z", true, 1305261720, 0},
    {D, "2011-05-13", true, 1305244800, 0},
    {D, "2011-05-13T04:42:34.5Z", true, 1305261754, 500000000},
    {D, "2011-05-13T04:42:34,5Z", true, 1305261754, 500000000},
    {D, "2011-05-13T04:42:34.000000001Z", true, 1305261754, 1},
    {D, "2011-05-13T04:42:34.1234567899Z", true, 1305261754, 123456789},
    {D, "2011-05-13T04:42:34.1234567+02:00", true, 1305254554, 123456700},
    {D, "2011-05-13T04:42:34+0200", true, 1305254554, 0},
    {D, "2011-05-13T04:42:34+02", true, 1305254554, 0},
    {D, "2011-05-13T04:42:34-02:30", true, 1305270754, 0},
    {D, "2011-05-13T04:42:34-00:00", true, 1305261754, 0},
    {D, "1969-12-31T23:59:59.25Z", true, -1, 250000000},
    {D, "0001-01-01T00:00:00Z", true, -62135596800, 0},
    {D, "9999-12-31T23:59:59Z", true, 253402300799, 0},
    {D, "2000-02-29T00:00:00Z", true, 951782400, 0},
    {D, "2024-02-29T12:00:00Z", true, 1709208000, 0},
    {D, "2016-12-31T23:59:60Z", true, 1483228800, 0},
    {D, "2017-01-01T00:59:60.5+01:00", true, 1483228800, 500000000},
    {D, "2023-02-29T00:00:00Z", false, 0, 0},
    {D, "1900-02-29T00:00:00Z", false, 0, 0},
    {D, "2011-02-30T23:59:60Z", false, 0, 0},
    {D, "2011-04-31T00:00:00Z", false, 0, 0},
    {D, "2011-00-13T00:00:00Z", false, 0, 0},
    {D, "2011-13-13T00:00:00Z", false, 0, 0},
    {D, "2011-05-00T00:00:00Z", false, 0, 0},
    {D, "2011-05-32", false, 0, 0},
    {D, "2011-05-13T24:00:00Z", false, 0, 0},
    {D, "2011-05-13T23:60:00Z", false, 0, 0},
    {D, "2011-05-13T23:59:61Z", false, 0, 0},
    {D, "2011-05-13T04:42:34.Z", false, 0, 0},
    {D, "2011-05-13T04:42.5Z", false, 0, 0},
    {D, "2011-05-13T04Z", false, 0, 0},
    {D, "2011-05-13T", false, 0, 0},
    {D, "2011-05-13Z", false, 0, 0},
    {D, "2011-05-13T04:42:34ZZ", false, 0, 0},
    {D, "2011-05-13T04:42:34+24:00", false, 0, 0},
    {D, "2011-05-13T04:42:34+02:60", false, 0, 0},
    {D, "2011-05-13T04:42:34+02:", false, 0, 0},
    {D, "2011-05-13T04:42:34+2", false, 0, 0},
    {D, "2011-05-13T04:42:34+02:000", false, 0, 0},
    {D, "2011-05-13T04:42:34 Z", false, 0, 0},
    {D, " 2011-05-13T04:42:34Z", false, 0, 0},
    {D, "2011-5-13T04:42:34Z", false, 0, 0},
    {D, "11-05-13T04:42:34Z", false, 0, 0},
    {D, "+2011-05-13T04:42:34Z", false, 0, 0},
    {D, "20110513044234Z", false, 0, 0},
    {D, "", false, 0, 0},
    {D, "yesterday", false, 0, 0},
    /* the LDAP spelling */
    {G, "19700101000000Z", true, 0, 0},
    {G, "20110513044234Z", true, 1305261754, 0},
    {G, "20110513044234z", true, 1305261754, 0},
    {G, "20110513044234", true, 1305261754, 0},
    {G, "20110513044234.5Z", true, 1305261754, 500000000},
    {G, "20110513044234,123456Z", true, 1305261754, 123456000},
    {G, "20110513044234.0Z", true, 1305261754, 0},
    {G, "20110513044234.0+0200", true, 1305254554, 0},
    {G, "20110513044234-0230", true, 1305270754, 0},
    {G, "20110513044234-02", true, 1305270754 - 1800, 0},
    {G, "201105130442Z", true, 1305261720, 0},
    {G, "201105130442.5Z", true, 1305261750, 0},
    {G, "2011051304Z", true, 1305259200, 0},
    {G, "2011051304.25Z", true, 1305260100, 0},
    {G, "2011051304.0001-0100", true, 1305262800, 360000000},
    {G, "20161231235960Z", true, 1483228800, 0},
    {G, "16010101000000.0Z", true, -11644473600, 0},
    {G, "20230229000000Z", false, 0, 0},
    {G, "20110230235960Z", false, 0, 0},
    {G, "20111301000000Z", false, 0, 0},
    {G, "20110500000000Z", false, 0, 0},
    {G, "20110513240000Z", false, 0, 0},
    {G, "20110513236000Z", false, 0, 0},
    {G, "20110513235961Z", false, 0, 0},
    {G, "2011051304423Z", false, 0, 0},
    {G, "201105130Z", false, 0, 0},
    {G, "20110513Z", false, 0, 0},
    {G, "20110513044234.Z", false, 0, 0},
    {G, "20110513044234+", false, 0, 0},
    {G, "20110513044234+9900", false, 0, 0},
    {G, "20110513044234Zx", false, 0, 0},
    {G, "110513044234Z", false, 0, 0},
    {G, "2011-05-13T04:42:34Z", false, 0, 0},
    {G, "", false, 0, 0},
};

START_TEST(times_are_read)
{
    const parse_t *row = &parses[_i];
    clock_time_t time = {77, 7};
    bool ok = row->parse(str_from_c(row->text), &time);

    ck_assert_msg(ok == row->ok, "%s", row->text);
    ck_assert_msg(time.s == (ok ? row->s : 77) && time.ns == (ok ? row->ns : 7),
                  "%s: %" PRId64 ".%09u", row->text, time.s, time.ns);
}
END_TEST

typedef struct {
    clock_time_t time;
    const char *datetime, *generalized;
} format_t;

static const format_t formats[] = {
    {{0, 0}, "1970-01-01T00:00:00Z", "19700101000000Z"},
    {{1305261754, 0}, "2011-05-13T04:42:34Z", "20110513044234Z"},
    {{1305261754, 500000000}, "2011-05-13T04:42:34.5Z", "20110513044234.5Z"},
    {{1305261754, 1}, "2011-05-13T04:42:34.000000001Z", "20110513044234.000000001Z"},
    {{1305261754, 123456000}, "2011-05-13T04:42:34.123456Z", "20110513044234.123456Z"},
    {{-1, 250000000}, "1969-12-31T23:59:59.25Z", "19691231235959.25Z"},
    {{-62135596800, 0}, "0001-01-01T00:00:00Z", "00010101000000Z"},
    {{253402300799, 999999999}, "9999-12-31T23:59:59.999999999Z", "99991231235959.999999999Z"},
    {{951782400, 0}, "2000-02-29T00:00:00Z", "20000229000000Z"},
};

START_TEST(times_are_written_and_read_back)
{
    const format_t *row = &formats[_i];
    clock_time_t back = {0};

    ck_assert_str_eq(clock_format_datetime(mem, row->time).p, row->datetime);
    ck_assert_str_eq(clock_format_generalized(mem, row->time).p, row->generalized);
    ck_assert(clock_parse_datetime(str_from_c(row->datetime), &back));
    ck_assert(back.s == row->time.s && back.ns == row->time.ns);
    ck_assert(clock_parse_generalized(str_from_c(row->generalized), &back));
    ck_assert(back.s == row->time.s && back.ns == row->time.ns);
}
END_TEST

START_TEST(time_that_no_year_holds)
{
    clock_time_t time = {INT64_MAX, 0};

    ck_assert(str_is_empty(clock_format_datetime(mem, time)));
}
END_TEST

START_TEST(clocks_run)
{
    int64_t us = clock_monotonic_us(), ms = clock_monotonic_ms();

    ck_assert_int_ge(ms, us / 1000);
    ck_assert_int_lt(ms - us / 1000, 1000);
    ck_assert_int_ge(clock_monotonic_us(), us);
    ck_assert_int_gt(clock_real_s(), 1700000000);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("clock");
    TCase *tcase = tcase_create("clock");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, times_are_read, 0, ARRAY_SIZE(parses));
    tcase_add_loop_test(tcase, times_are_written_and_read_back, 0, ARRAY_SIZE(formats));
    tcase_add_test(tcase, time_that_no_year_holds);
    tcase_add_test(tcase, clocks_run);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
