/* SPDX-License-Identifier: Apache-2.0 */
/* Values: read, compared, made, edited and written. */
#include "unit/json/json_test.h"

#include <inttypes.h>

START_TEST(kinds_have_names)
{
    ck_assert_str_eq(json_kind_name(JSON_NULL), "null");
    ck_assert_str_eq(json_kind_name(JSON_BOOLEAN), "a boolean");
    ck_assert_str_eq(json_kind_name(JSON_NUMBER), "a number");
    ck_assert_str_eq(json_kind_name(JSON_STRING), "a string");
    ck_assert_str_eq(json_kind_name(JSON_ARRAY), "an array");
    ck_assert_str_eq(json_kind_name(JSON_OBJECT), "an object");
}
END_TEST

/* --- numbers and equality --------------------------------------------------------------- */

typedef struct {
    const char *text;
    bool whole;
    int64_t value;
} whole_t;

static const whole_t wholes[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"0.000", true, 0},
    {"0e99", true, 0},
    {"42", true, 42},
    {"-42", true, -42},
    {"42.0", true, 42},
    {"4.2e1", true, 42},
    {"4200e-2", true, 42},
    {"1E+3", true, 1000},
    {"100", true, 100},
    {"9007199254740993", true, 9007199254740993},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"922337203685477580.7e1", true, INT64_MAX},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"1e19", false, 0},
    {"1e300", false, 0},
    {"0.5", false, 0},
    {"1e-1", false, 0},
    {"1e-99999999999999999999", false, 0},
    {"42.000000000000000001", false, 0},
    {"\"42\"", false, 0},
    {"true", false, 0},
    {"[1]", false, 0},
};

START_TEST(whole_numbers_are_exact)
{
    const whole_t *row = &wholes[_i];
    int64_t value = 7;

    ck_assert_msg(json_to_int64(parse_ok(str_from_c(row->text)), &value) == row->whole, "%s",
                  row->text);
    ck_assert_msg(value == (row->whole ? row->value : 7), "%s: %" PRId64, row->text, value);
}
END_TEST

typedef struct {
    const char *a, *b;
    bool eq;
} pair_t;

static const pair_t pairs[] = {
    {"null", "null", true},
    {"null", "false", false},
    {"true", "true", true},
    {"true", "false", false},
    {"1", "1.0", true},
    {"1", "10e-1", true},
    {"0", "-0.0e5", true},
    {"100", "1e2", true},
    {"1", "-1", false},
    {"1", "10", false},
    {"9007199254740992", "9007199254740993", false},
    {"1", "\"1\"", false},
    {"\"a\"", "\"\\u0061\"", true},
    {"\"a\"", "\"A\"", false},
    {"\"a\"", "\"aa\"", false},
    {"[]", "{}", false},
    {"[1,2]", "[1,2]", true},
    {"[1,2]", "[2,1]", false},
    {"[1]", "[1,1]", false},
    {"{\"a\":1,\"b\":[2]}", "{\"B\":[2.0],\"A\":1}", true},
    {"{\"a\":1}", "{\"a\":2}", false},
    {"{\"a\":1}", "{\"b\":1}", false},
    {"{\"a\":1}", "{\"a\":1,\"b\":1}", false},
    {"{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":"
     "11,\"l\":12,"
     "\"m\":13,\"n\":14,\"o\":15,\"p\":16,\"q\":17,\"r\":18}",
     "{\"R\":18,\"q\":17,\"p\":16,\"o\":15,\"n\":14,\"m\":13,\"l\":12,\"k\":11,\"j\":10,\"i\":"
     "9,\"h\":8,"
     "\"g\":7,\"f\":6,\"e\":5,\"d\":4,\"c\":3,\"b\":2,\"a\":1}",
     true},
    {"{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":"
     "11,\"l\":12,"
     "\"m\":13,\"n\":14,\"o\":15,\"p\":16,\"q\":17,\"r\":18}",
     "{\"r\":18,\"q\":17,\"p\":16,\"o\":15,\"n\":14,\"m\":13,\"l\":12,\"k\":11,\"j\":10,\"i\":"
     "9,\"h\":8,"
     "\"g\":0,\"f\":6,\"e\":5,\"d\":4,\"c\":3,\"b\":2,\"a\":1}",
     false},
};

START_TEST(equality)
{
    const pair_t *row = &pairs[_i];
    json_t *a = parse_ok(str_from_c(row->a)), *b = parse_ok(str_from_c(row->b));

    ck_assert_msg(json_eq(a, b) == row->eq, "%s, %s", row->a, row->b);
    ck_assert_msg(json_eq(b, a) == row->eq, "%s, %s", row->b, row->a);
    ck_assert_msg(json_eq(a, a) && json_eq(b, b), "%s, %s: itself", row->a, row->b);
}
END_TEST

START_TEST(equality_with_nothing)
{
    ck_assert(json_eq(NULL, NULL));
    ck_assert(!json_eq(json_null(mem), NULL));
    ck_assert(!json_eq(NULL, json_null(mem)));
}
END_TEST

/* --- making and editing ----------------------------------------------------------------- */

START_TEST(values_are_made)
{
    json_t *object = json_object(mem), *array = json_array(mem);

    json_set(mem, object, STR("null"), json_null(mem));
    json_set(mem, object, STR("yes"), json_boolean(mem, true));
    json_set(mem, object, STR("no"), json_boolean(mem, false));
    json_set(mem, object, STR("min"), json_integer(mem, INT64_MIN));
    json_set(mem, object, STR("text"), json_string(mem, STR("a\"b")));
    json_set(mem, object, STR("list"), array);
    for (int i = 0; i < 20; i++)
        json_append(mem, array, json_integer(mem, i));
    ck_assert(
        str_eq(written(object),
               STR("{\"null\":null,\"yes\":true,\"no\":false,\"min\":-9223372036854775808,"
                   "\"text\":\"a\\\"b\",\"list\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,"
                   "18,19]}")));
    ck_assert(json_is(array, JSON_ARRAY) && !json_is(array, JSON_OBJECT) &&
              !json_is(NULL, JSON_NULL));
}
END_TEST

START_TEST(members_are_found)
{
    json_t *object = parse_ok(STR("{\"userName\":1,\"b\":2}"));

    ck_assert_ptr_eq(json_find(object, STR("USERname")), object->u.object.members[0].value);
    ck_assert_ptr_null(json_find(object, STR("userNam")));
    ck_assert_ptr_null(json_find(object, STR("")));
    ck_assert_ptr_null(json_find(NULL, STR("b")));
    ck_assert_ptr_null(json_find(json_array(mem), STR("b")));
    ck_assert_ptr_null(json_find_exact(object, STR("username")));
    ck_assert_ptr_eq(json_find_exact(object, STR("userName")),
                     object->u.object.members[0].value);
    ck_assert_ptr_null(json_find_exact(NULL, STR("b")));
}
END_TEST

START_TEST(members_are_set_and_removed)
{
    json_t *object = parse_ok(STR("{\"A\":1,\"b\":2,\"c\":3}"));

    json_set(mem, object, STR("a"), json_null(mem));
    json_set(mem, object, STR("d"), json_array(mem));
    ck_assert(str_eq(written(object), STR("{\"A\":null,\"b\":2,\"c\":3,\"d\":[]}")));
    ck_assert(json_remove(object, STR("B")));
    ck_assert(!json_remove(object, STR("b")));
    ck_assert(str_eq(written(object), STR("{\"A\":null,\"c\":3,\"d\":[]}")));
    ck_assert(json_remove(object, STR("d")));
    ck_assert(json_remove(object, STR("a")));
    ck_assert(json_remove(object, STR("c")));
    ck_assert(!json_remove(object, STR("c")));
    ck_assert(!json_remove(json_null(mem), STR("c")));
    json_set(mem, object, STR("e"), json_null(mem));
    ck_assert(str_eq(written(object), STR("{\"e\":null}")));
}
END_TEST

START_TEST(items_are_removed)
{
    json_t *array = parse_ok(STR("[0,1,2,3]"));

    json_remove_at(array, 1);
    json_remove_at(array, 2);
    json_remove_at(array, 0);
    ck_assert(str_eq(written(array), STR("[2]")));
    json_remove_at(array, 0);
    json_append(mem, array, json_null(mem));
    ck_assert(str_eq(written(array), STR("[null]")));
}
END_TEST

START_TEST(a_copy_is_apart)
{
    json_t *value = parse_ok(STR("{\"a\":[1,{\"b\":\"x\"}],\"c\":null}"));
    json_t *copy = json_copy(mem, value);

    ck_assert(json_eq(value, copy));
    ck_assert_uint_eq(json_find(copy, STR("a"))->at, 5);
    json_append(mem, json_find(copy, STR("a")), json_null(mem));
    json_set(mem, json_find(copy, STR("a"))->u.array.items[1], STR("b"), json_null(mem));
    json_remove(copy, STR("c"));
    ck_assert(str_eq(written(copy), STR("{\"a\":[1,{\"b\":null},null]}")));
    ck_assert(str_eq(written(value), STR("{\"a\":[1,{\"b\":\"x\"}],\"c\":null}")));
    ck_assert(json_eq(json_copy(mem, json_array(mem)), json_array(mem)));
    ck_assert(json_eq(json_copy(mem, json_object(mem)), json_object(mem)));
}
END_TEST

/* --- writing ---------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    str_t value;
    const char *written;
} string_t;

static const string_t strings[] = {
    {"empty", T(""), "\"\""},
    {"plain", T("abc / 'x'"), "\"abc / 'x'\""},
    {"quote and backslash", T("\"\\"), "\"\\\"\\\\\""},
    {"short escapes", T("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
    {"NUL and controls", T("a\0b\x1f\x7f"), "\"a\\u0000b\\u001f\x7f\""},
    {"UTF-8", T("ä€😀"), "\"ä€😀\""},
    {"a byte that is not UTF-8",
     T("a\xff"
       "b"),
     "\"a\xef\xbf\xbd"
     "b\""},
    {"a sequence cut short", T("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"a surrogate", T("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
};

START_TEST(strings_are_escaped)
{
    const string_t *row = &strings[_i];
    str_t got = written(json_string(mem, row->value));

    ck_assert_msg(str_eq(got, str_from_c(row->written)), "%s: %.*s", row->name, STR_ARG(got));
}
END_TEST

START_TEST(names_are_escaped)
{
    json_t *object = json_object(mem);

    json_set(mem, object, STR("a\"\n"), json_null(mem));
    ck_assert(str_eq(written(object), STR("{\"a\\\"\\n\":null}")));
}
END_TEST

START_TEST(writing_stops_at_the_maximum)
{
    json_t *value = parse_ok(STR("[\"aaaaaaaaaa\",{\"b\":1}]"));
    buf_t buf;

    for (size_t max = 0; max < 24; max++) {
        buf_init(&buf, mem, max);
        json_write(&buf, value);
        ck_assert_msg(buf.failed == (max < 22) && buf.n <= max, "%zu", max);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("value");
    TCase *tcase = make_tcase(suite, "value");

    tcase_add_test(tcase, kinds_have_names);
    tcase_add_loop_test(tcase, whole_numbers_are_exact, 0, ARRAY_SIZE(wholes));
    tcase_add_loop_test(tcase, equality, 0, ARRAY_SIZE(pairs));
    tcase_add_test(tcase, equality_with_nothing);
    tcase_add_test(tcase, values_are_made);
    tcase_add_test(tcase, members_are_found);
    tcase_add_test(tcase, members_are_set_and_removed);
    tcase_add_test(tcase, items_are_removed);
    tcase_add_test(tcase, a_copy_is_apart);
    tcase_add_loop_test(tcase, strings_are_escaped, 0, ARRAY_SIZE(strings));
    tcase_add_test(tcase, names_are_escaped);
    tcase_add_test(tcase, writing_stops_at_the_maximum);
    return suite_run(suite);
}
