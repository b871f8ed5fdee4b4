/* SPDX-License-Identifier: Apache-2.0 */
/* Removing for good: what is asked of the directory, and what its answers lead to. */
#include "connector/steps.h"
#include "support/suite_run.h"

#define USER_DN "uid=ada,ou=users,ou=people,dc=example,dc=com"
#define ID "8d2f3c1a-5b0e-103f-9a3d-0d5f1c2b3a49"
#define USER "dn: " USER_DN "\nentryUUID: " ID "\n"
#define GROUP "dn: cn=staff,ou=groups,ou=people,dc=example,dc=com\nentryUUID: " ID "\n"
#define STILL "(scimDeletedAt=20240101000000Z)"

static const steps_row_t rows[] = {
    {"a member",
     {{'s', 0, USER, 0}, {'s', 0, GROUP, 0}, {'m', 0, NULL, 0}, {'d', 0, NULL, 0}},
     204,
     NULL},
    {"in no group", {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', 0, NULL, 0}}, 204, NULL},
    {"changed before: nothing is written", {{'s', 0, NULL, 0}}, 412, "stays"},
    {"gone before", {{'s', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}}, 404, "no User"},
    {"changed meanwhile",
     {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', LDAP_RC_ASSERTION_FAILED, NULL, 0}},
     412,
     "taken out of its groups"},
    {"gone meanwhile",
     {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}},
     404,
     "no User"},
    {"the answer is lost, but it was done",
     {{'s', 0, USER, 0},
      {'s', 0, NULL, 0},
      {'d', 0, NULL, LDAP_UNKNOWN},
      {'s', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}},
     204,
     NULL},
    {"the answer is lost, and it is there",
     {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', 0, NULL, LDAP_UNKNOWN}, {'s', 0, USER, 0}},
     503,
     "still there"},
    {"the answer is lost, and it has changed",
     {{'s', 0, USER, 0}, {'s', 0, NULL, 0}, {'d', 0, NULL, LDAP_UNKNOWN}, {'s', 0, NULL, 0}},
     503,
     "still there"},
    {"a group that cannot be written",
     {{'s', 0, USER, 0}, {'s', 0, GROUP, 0}, {'m', LDAP_RC_INSUFFICIENT_ACCESS, NULL, 0}},
     502,
     "insufficientAccess"},
    {"not sent", {{'s', 0, NULL, LDAP_NOT_SENT}}, 503, "cannot be reached"},
};

static void
check_delete(const char *name, const ldap_op_t *op)
{
    str_t guard;

    if (op->kind != LDAP_OP_DELETE)
        return;
    ck_assert_msg(op->guard != NULL, "%s: no guard", name);
    guard = ldap_filter_format(mem, op->guard);
    ck_assert_msg(str_eq(guard, STR("(&(entryUUID=" ID ")" STILL ")")), "%s: %.*s", name,
                  STR_ARG(guard));
    ck_assert(str_eq(op->dn, STR(USER_DN)));
}

START_TEST(test_rows)
{
    removal_t removal = {
        .type = map_find_type(map, STR("User")),
        .id = STR(ID),
        .dn = STR(USER_DN),
        .still = ldap_filter_equal(mem, STR("scimDeletedAt"), STR("20240101000000Z"))};

    steps_run(&rows[_i], exchange_begin_removal(mem, connector, &removal, 1700000000),
              check_delete);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("remove");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
