/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/result.h"
#include "support/suite_run.h"

#include <check.h>

static const struct {
    int code;
    const char *name;
    err_kind_t kind;
} codes[] = {
    {0, "success", ERR_NONE},
    {1, "operationsError", ERR_UNAVAILABLE},
    {2, "protocolError", ERR_DIRECTORY},
    {3, "timeLimitExceeded", ERR_UNAVAILABLE},
    {4, "sizeLimitExceeded", ERR_TOO_MANY},
    {5, "compareFalse", ERR_NONE},
    {6, "compareTrue", ERR_NONE},
    {7, "authMethodNotSupported", ERR_DIRECTORY},
    {8, "strongerAuthRequired", ERR_DIRECTORY},
    {10, "referral", ERR_DIRECTORY},
    {11, "adminLimitExceeded", ERR_DIRECTORY},
    {12, "unavailableCriticalExtension", ERR_DIRECTORY},
    {13, "confidentialityRequired", ERR_DIRECTORY},
    {14, "saslBindInProgress", ERR_DIRECTORY},
    {16, "noSuchAttribute", ERR_CONFLICT},
    {17, "undefinedAttributeType", ERR_DIRECTORY},
    {18, "inappropriateMatching", ERR_DIRECTORY},
    {19, "constraintViolation", ERR_INVALID_VALUE},
    {20, "attributeOrValueExists", ERR_CONFLICT},
    {21, "invalidAttributeSyntax", ERR_INVALID_VALUE},
    {32, "noSuchObject", ERR_NOT_FOUND},
    {33, "aliasProblem", ERR_DIRECTORY},
    {34, "invalidDNSyntax", ERR_INVALID_VALUE},
    {36, "aliasDereferencingProblem", ERR_DIRECTORY},
    {48, "inappropriateAuthentication", ERR_DIRECTORY},
    {49, "invalidCredentials", ERR_DIRECTORY},
    {50, "insufficientAccessRights", ERR_DIRECTORY},
    {51, "busy", ERR_UNAVAILABLE},
    {52, "unavailable", ERR_UNAVAILABLE},
    {53, "unwillingToPerform", ERR_CONFLICT},
    {54, "loopDetect", ERR_DIRECTORY},
    {64, "namingViolation", ERR_INVALID_VALUE},
    {65, "objectClassViolation", ERR_INVALID_VALUE},
    {66, "notAllowedOnNonLeaf", ERR_CONFLICT},
    {67, "notAllowedOnRDN", ERR_MUTABILITY},
    {68, "entryAlreadyExists", ERR_UNIQUENESS},
    {69, "objectClassModsProhibited", ERR_DIRECTORY},
    {71, "affectsMultipleDSAs", ERR_DIRECTORY},
    {80, "other", ERR_DIRECTORY},
    {122, "assertionFailed", ERR_PRECONDITION},
    {123, NULL, ERR_DIRECTORY},
    {-1, NULL, ERR_DIRECTORY},
    {4096, NULL, ERR_DIRECTORY},
};

START_TEST(unique_overlay)
{
    err_t err = ERR_INIT;

    ck_assert(!ldap_code_error(&err, 19, STR(""), STR("some attributes not unique"), "add"));
    ck_assert_int_eq(err.kind, ERR_UNIQUENESS);
    err = (err_t)ERR_INIT;
    ck_assert(!ldap_code_error(&err, 19, STR(""),
                               STR("non-unique attributes found with (|(uid=a))"), "modify"));
    ck_assert_int_eq(err.kind, ERR_UNIQUENESS);
    err = (err_t)ERR_INIT;
    ck_assert(!ldap_code_error(&err, 19, STR(""), STR("Password is too short"), "add"));
    ck_assert_int_eq(err.kind, ERR_INVALID_VALUE);
}
END_TEST

START_TEST(codes_have_names_and_kinds)
{
    err_t err = ERR_INIT;
    err_kind_t kind = codes[_i].kind;

    if (codes[_i].name == NULL)
        ck_assert_ptr_null(ldap_code_name(codes[_i].code));
    else
        ck_assert_str_eq(ldap_code_name(codes[_i].code), codes[_i].name);
    ck_assert_msg(ldap_code_kind(codes[_i].code) == kind, "%d: kind %d, want %d",
                  codes[_i].code, (int)ldap_code_kind(codes[_i].code), (int)kind);

    /* What is reported as an error is one, whatever its code. */
    ck_assert(!ldap_code_error(&err, codes[_i].code, STR(""), STR(""), "modify"));
    ck_assert_int_eq(err.kind, kind == ERR_NONE ? ERR_DIRECTORY : kind);
}
END_TEST

static const struct {
    const char *name;
    int code;
    str_t matched, diagnostic;
    const char *detail;
} details[] = {
    {"nothing more", 65, STR_INIT(""), STR_INIT(""), "add: LDAP objectClassViolation (65)"},
    {"diagnostic", 65, STR_INIT(""), STR_INIT("object class 'x' requires attribute 'sn'"),
     "add: LDAP objectClassViolation (65): object class 'x' requires attribute 'sn'"},
    {"matched DN", 32, STR_INIT("o=x"), STR_INIT(""),
     "add: LDAP noSuchObject (32), matched DN o=x"},
    {"both", 32, STR_INIT("o=x"), STR_INIT("gone"),
     "add: LDAP noSuchObject (32): gone, matched DN o=x"},
    {"a hint", 50, STR_INIT(""), STR_INIT("no write access"),
     "add: LDAP insufficientAccessRights (50): no write access; the bridge's own identity may "
     "not do this"},
    {"unknown code", 123, STR_INIT(""), STR_INIT(""), "add: LDAP result code (123)"},
    {"control characters", 80, STR_INIT("o=\x1b[2J"),
     STR_INIT("a\r\nb\0c\x7f"
              "d"),
     "add: LDAP other (80): a  b c d, matched DN o= [2J"},
    {"Active Directory's NUL", 53, STR_INIT(""), STR_INIT("0000001F: SvcErr\n\0"),
     "add: LDAP unwillingToPerform (53): 0000001F: SvcErr"},
    {"UTF-8", 80, STR_INIT(""), STR_INIT("J\xc3\xb6rg"), "add: LDAP other (80): J\xc3\xb6rg"},
    {"no UTF-8", 80, STR_INIT(""), STR_INIT("J\xf6rg"), "add: LDAP other (80): J rg"},
};

START_TEST(details_say_what_the_server_said)
{
    err_t err = ERR_INIT;

    ck_assert(!ldap_code_error(&err, details[_i].code, details[_i].matched,
                               details[_i].diagnostic, "add"));
    ck_assert_msg(strcmp(err.detail, details[_i].detail) == 0, "%s: <%s>", details[_i].name,
                  err.detail);
}
END_TEST

START_TEST(a_long_diagnostic_is_cut)
{
    enum { N = 4001 };
    char text[N];
    err_t err = ERR_INIT;

    for (int i = 0; i < N; i++)
        text[i] = i % 2 ? '\xb6' : '\xc3';
    text[N - 1] = 'x';
    ldap_code_error(&err, 50, str_from(text, N), str_from(text, N), "add");
    ck_assert(str_is_utf8(err_detail(&err)));
    ck_assert_uint_gt(err_detail(&err).n, 500);
    ck_assert_uint_lt(err_detail(&err).n, ERR_DETAIL_SIZE);
    ck_assert_ptr_nonnull(strstr(err.detail, ", matched DN \xc3\xb6"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("result");
    TCase *tcase = tcase_create("result");

    tcase_add_test(tcase, unique_overlay);
    tcase_add_loop_test(tcase, codes_have_names_and_kinds, 0, ARRAY_SIZE(codes));
    tcase_add_loop_test(tcase, details_say_what_the_server_said, 0, ARRAY_SIZE(details));
    tcase_add_test(tcase, a_long_diagnostic_is_cut);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
