/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/error.h"

#include "scim_test.h"

static const struct {
    err_kind_t kind;
    int status;
    const char *type;
} rows[] = {
    {ERR_INVALID_FILTER, 400, "invalidFilter"},
    {ERR_INVALID_PATH, 400, "invalidPath"},
    {ERR_INVALID_SYNTAX, 400, "invalidSyntax"},
    {ERR_INVALID_VALUE, 400, "invalidValue"},
    {ERR_INVALID_VERSION, 400, "invalidVers"},
    {ERR_MUTABILITY, 400, "mutability"},
    {ERR_NO_TARGET, 400, "noTarget"},
    {ERR_SENSITIVE, 400, "sensitive"},
    {ERR_TOO_MANY, 400, "tooMany"},
    {ERR_INVALID_CURSOR, 400, "invalidCursor"},
    {ERR_EXPIRED_CURSOR, 400, "expiredCursor"},
    {ERR_INVALID_COUNT, 400, "invalidCount"},
    {ERR_UNIQUENESS, 409, "uniqueness"},
    {ERR_BAD_REQUEST, 400, NULL},
    {ERR_UNAUTHORIZED, 401, NULL},
    {ERR_FORBIDDEN, 403, NULL},
    {ERR_NOT_FOUND, 404, NULL},
    {ERR_METHOD, 405, NULL},
    {ERR_NOT_ACCEPTABLE, 406, NULL},
    {ERR_CONFLICT, 409, NULL},
    {ERR_PRECONDITION, 412, NULL},
    {ERR_TOO_LARGE, 413, NULL},
    {ERR_URI_TOO_LONG, 414, NULL},
    {ERR_MEDIA_TYPE, 415, NULL},
    {ERR_HEAD_TOO_LARGE, 431, NULL},
    {ERR_INTERNAL, 500, NULL},
    {ERR_NOT_IMPLEMENTED, 501, NULL},
    {ERR_DIRECTORY, 502, NULL},
    {ERR_UNAVAILABLE, 503, NULL},
    {ERR_CONFIG, 500, NULL},
};

START_TEST(test_row)
{
    err_kind_t kind = rows[_i].kind;

    ck_assert_int_eq(scim_error_status(kind), rows[_i].status);
    ck_assert_pstr_eq(scim_error_type(kind), rows[_i].type);
}
END_TEST

START_TEST(test_every_kind_has_a_row)
{
    bool seen[ERR_KIND_COUNT] = {[ERR_NONE] = true};

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        seen[rows[i].kind] = true;
    for (size_t i = 0; i < ERR_KIND_COUNT; i++)
        ck_assert_msg(seen[i], "kind %zu", i);
}
END_TEST

static const char *
written(const err_t *err)
{
    buf_t buf;

    buf_init(&buf, mem, 4096);
    scim_error_write(&buf, err);
    return str_dup_c(mem, buf_str(&buf));
}

START_TEST(test_write)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_UNIQUENESS, "uid \"x\" is taken");
    ck_assert_str_eq(written(&err),
                     "{\"schemas\":[\"" SCIM_URN_ERROR "\"],"
                     "\"scimType\":\"uniqueness\","
                     "\"detail\":\"uid \\\"x\\\" is taken\",\"status\":\"409\"}");
    err_set(&err, ERR_NOT_FOUND, "gone");
    ck_assert_str_eq(written(&err), "{\"schemas\":[\"" SCIM_URN_ERROR "\"],"
                                    "\"detail\":\"gone\",\"status\":\"404\"}");
}
END_TEST

START_TEST(test_config_is_not_told)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_CONFIG, "secret path");
    ck_assert_ptr_null(strstr(written(&err), "secret"));
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("error");

    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_every_kind_has_a_row);
    tcase_add_test(tests, test_write);
    tcase_add_test(tests, test_config_is_not_told);
    return run_tests(tests, "scim/error");
}
