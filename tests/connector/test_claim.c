/* SPDX-License-Identifier: Apache-2.0 */
/* Claiming an entry: what is asked of the directory, and what its answers lead to. */
#include "connector/steps.h"
#include "support/suite_run.h"

#define PLAIN                                             \
    "dn: " ANNA_DN "\nentryUUID: " ANNA_ID                \
    "\nobjectClass: inetOrgPerson\nuid: anna\ncn: Anna\n" \
    "sn: Ames\n"
#define OURS PLAIN "objectClass: scimResource\nscimExternalId: x-1\n"
#define THEIRS PLAIN "objectClass: scimResource\nscimExternalId: x-2\n"
#define ANOTHER                                           \
    "dn: " ANNA_DN "\nentryUUID: " BEN_ID                 \
    "\nobjectClass: inetOrgPerson\nuid: anna\ncn: Anna\n" \
    "sn: Ames\n"
#define RENAMED                                          \
    "dn: " ANNA_DN "\nentryUUID: " ANNA_ID               \
    "\nobjectClass: inetOrgPerson\nuid: ann\ncn: Anna\n" \
    "sn: Ames\n"

static const steps_row_t rows[] = {
    {"nobody's", {{'s', 0, PLAIN, 0}, {'m', 0, OURS, 0}}, 204, NULL},
    {"another person's by now", {{'s', 0, THEIRS, 0}}, 409, "provisioned by somebody else"},
    {"another entry has its name", {{'s', 0, ANOTHER, 0}}, 412, "no longer what it was"},
    {"it does not match any more", {{'s', 0, RENAMED, 0}}, 412, "no longer what it was"},
    {"it is gone", {{'s', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}}, 404, "no User"},
    {"it changes meanwhile",
     {{'s', 0, PLAIN, 0},
      {'m', LDAP_RC_ASSERTION_FAILED, NULL, 0},
      {'s', 0, PLAIN, 0},
      {'m', 0, OURS, 0}},
     204,
     NULL},
    {"somebody else was faster",
     {{'s', 0, PLAIN, 0}, {'m', LDAP_RC_ASSERTION_FAILED, NULL, 0}, {'s', 0, THEIRS, 0}},
     409,
     "provisioned by somebody else"},
    {"the answer is lost, but it was done",
     {{'s', 0, PLAIN, 0}, {'m', 0, NULL, LDAP_UNKNOWN}, {'s', 0, OURS, 0}},
     204,
     NULL},
    {"the answer is lost, and it was not done",
     {{'s', 0, PLAIN, 0}, {'m', 0, NULL, LDAP_UNKNOWN}, {'s', 0, PLAIN, 0}, {'m', 0, OURS, 0}},
     204,
     NULL},
    {"it must not be written",
     {{'s', 0, PLAIN, 0}, {'m', LDAP_RC_INSUFFICIENT_ACCESS, NULL, 0}},
     502,
     "insufficientAccess"},
    {"not sent", {{'s', 0, NULL, LDAP_NOT_SENT}}, 503, "cannot be reached"},
};

/* Its mark, and nothing else, of the entry that was read. */
static void
check_modify(const char *name, const ldap_op_t *op)
{
    const ldap_mods_t mods = {.mods = (ldap_mod_t *)(uintptr_t)op->u.modify.mods,
                              .n = op->u.modify.n};
    str_t text, guard;

    if (op->kind != LDAP_OP_MODIFY)
        return;
    text = sample_mods(mem, &mods);

    ck_assert_msg(str_eq(op->dn, STR(ANNA_DN)), "%s: %.*s", name, STR_ARG(op->dn));
    ck_assert_msg(str_find(text, STR("objectClass: scimResource")) < text.n &&
                      str_find(text, STR("scimExternalId: x-1")) < text.n &&
                      op->u.modify.n == 2,
                  "%s: %.*s", name, STR_ARG(text));
    ck_assert_msg(op->guard != NULL, "%s: no guard", name);
    guard = ldap_filter_format(mem, op->guard);
    ck_assert_msg(str_find(guard, STR(ANNA_ID)) < guard.n, "%s: %.*s", name, STR_ARG(guard));
}

START_TEST(test_rows)
{
    claim_t claim = {.type = map_find_type(map, STR("User")),
                     .id = STR(ANNA_ID),
                     .dn = STR(ANNA_DN),
                     .external_id = STR("x-1"),
                     .still = ldap_filter_equal(mem, STR("uid"), STR("anna"))};

    steps_run(&rows[_i], exchange_begin_claim(mem, connector, &claim, SAMPLE_NOW),
              check_modify);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("claim");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
