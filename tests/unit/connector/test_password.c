/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/password.h"
#include "support/suite_run.h"

#include <check.h>
#include <string.h>

START_TEST(test_generate)
{
    const map_slot_t slot = {.ldap = STR("userPassword")};
    arena_t *mem = arena_new(0);
    str_t last = STR("");

    for (int i = 0; i < 1000; i++) {
        size_t capitals = 0, small = 0, digits = 0, marks = 0;
        str_t password;
        err_t err = ERR_INIT;

        ck_assert_msg(password_generate(mem, &slot, &password, &err), "%s", err.detail);
        ck_assert_uint_eq(password.n, 24);
        for (size_t k = 0; k < password.n; k++) {
            capitals += password.p[k] >= 'A' && password.p[k] <= 'Z';
            small += password.p[k] >= 'a' && password.p[k] <= 'z';
            digits += password.p[k] >= '0' && password.p[k] <= '9';
            marks += strchr("-_", password.p[k]) != NULL;
        }
        ck_assert(capitals && small && digits && marks);
        ck_assert_uint_eq(capitals + small + digits + marks, 24);
        ck_assert(!str_eq(password, last));
        last = password;
    }
    arena_free(mem);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connector/password");
    TCase *tests = tcase_create("password");

    tcase_add_test(tests, test_generate);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
