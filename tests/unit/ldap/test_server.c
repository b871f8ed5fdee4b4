/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/server.h"
#include "support/suite_run.h"

#include <check.h>

static const struct {
    const char *text;
    bool good;
    ldap_server_scheme_t scheme;
    const char *host;
    uint16_t port;
    bool loopback, address;
} rows[] = {
    {"ldap://h", true, LDAP_SERVER_PLAIN, "h", 389, false, false},
    {"LDAPS://H:1636/", true, LDAP_SERVER_TLS, "H", 1636, false, false},
    {"ldap://h:389/dc=x?cn?sub", true, LDAP_SERVER_PLAIN, "h", 389, false, false},
    {"ldap://h?x", true, LDAP_SERVER_PLAIN, "h", 389, false, false},
    {"ldaps://192.0.2.1", true, LDAP_SERVER_TLS, "192.0.2.1", 636, false, true},
    {"ldap://127.0.0.5:38901", true, LDAP_SERVER_PLAIN, "127.0.0.5", 38901, true, true},
    {"ldap://127.example.com", true, LDAP_SERVER_PLAIN, "127.example.com", 389, false, false},
    {"ldap://[::1]:3389", true, LDAP_SERVER_PLAIN, "::1", 3389, true, true},
    {"ldap://[2001:db8::1]", true, LDAP_SERVER_PLAIN, "2001:db8::1", 389, false, true},
    {"ldap://LocalHost", true, LDAP_SERVER_PLAIN, "LocalHost", 389, true, false},
    {"ldap:///", true, LDAP_SERVER_PLAIN, "", 389, true, false},
    {"ldapi://%2Frun%2Fldapi/x", true, LDAP_SERVER_SOCKET, "%2Frun%2Fldapi", 0, true, false},
    {"ldapi:///", true, LDAP_SERVER_SOCKET, "", 0, true, false},
    {"ldap://h:0", false, 0, "", 0, false, false},
    {"ldap://h:65536", false, 0, "", 0, false, false},
    {"ldap://h:ldap", false, 0, "", 0, false, false},
    {"ldap://[::1", false, 0, "", 0, false, false},
    {"ldap://[::1]x", false, 0, "", 0, false, false},
    {"http://h", false, 0, "", 0, false, false},
    {"ldap:h", false, 0, "", 0, false, false},
    {"", false, 0, "", 0, false, false},
};

START_TEST(parses)
{
    ldap_server_t url = {0};
    bool good = ldap_server_parse(str_from_c(rows[_i].text), &url);

    ck_assert_msg(good == rows[_i].good, "%s", rows[_i].text);
    if (!good)
        return;
    ck_assert_msg(url.scheme == rows[_i].scheme && url.port == rows[_i].port &&
                      str_eq(url.host, str_from_c(rows[_i].host)),
                  "%s: %.*s %d", rows[_i].text, STR_ARG(url.host), url.port);
    ck_assert_msg(ldap_server_is_loopback(&url) == rows[_i].loopback, "%s", rows[_i].text);
    ck_assert_msg(ldap_server_is_address(&url) == rows[_i].address, "%s", rows[_i].text);
}
END_TEST

static const struct {
    const char *a, *b;
    bool same;
} pairs[] = {
    {"ldap://h", "ldap://H:389/", true},
    {"ldap://h", "ldaps://h", true},
    {"ldap://h:3389", "ldaps://h:3636", false},
    {"ldap://h", "ldap://h2", false},
    {"ldap://localhost:38901", "ldap://[::1]:38901", true},
    {"ldap://localhost:38901", "ldap://127.0.0.1:38902", false},
    {"ldapi://%2Frun%2fa", "ldapi://%2frun%2Fa", true},
    {"ldapi://%2Frun%2Fa", "ldapi://%2Frun%2Fb", false},
    {"ldapi:///", "ldap://localhost", false},
};

START_TEST(compares)
{
    ldap_server_t a, b;

    ck_assert(ldap_server_parse(str_from_c(pairs[_i].a), &a));
    ck_assert(ldap_server_parse(str_from_c(pairs[_i].b), &b));
    ck_assert_msg(ldap_server_same(&a, &b) == pairs[_i].same, "%s %s", pairs[_i].a,
                  pairs[_i].b);
    ck_assert_msg(ldap_server_same(&b, &a) == pairs[_i].same, "%s %s", pairs[_i].b,
                  pairs[_i].a);
}
END_TEST

START_TEST(lists)
{
    str_t list = STR(" ldap://a,ldap://b  ldap://c,"), url;

    ck_assert(ldap_server_next_url(&list, &url) && str_eq(url, STR("ldap://a")));
    ck_assert(ldap_server_next_url(&list, &url) && str_eq(url, STR("ldap://b")));
    ck_assert(ldap_server_next_url(&list, &url) && str_eq(url, STR("ldap://c")));
    ck_assert(!ldap_server_next_url(&list, &url));
    ck_assert(!ldap_server_next_url(&list, &url));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ldap/server");
    TCase *tcase = tcase_create("server");

    tcase_add_loop_test(tcase, parses, 0, ARRAY_SIZE(rows));
    tcase_add_loop_test(tcase, compares, 0, ARRAY_SIZE(pairs));
    tcase_add_test(tcase, lists);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
