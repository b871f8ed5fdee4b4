/* SPDX-License-Identifier: Apache-2.0 */
#include "map/filter.h"

#include "unit/map/sample.h"

#include <check.h>
#include <stdlib.h>

static arena_t *mem;
static const map_t *people;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    people = sample_map(mem, "people");
}

static void
teardown(void)
{
    arena_free(mem);
}

typedef struct {
    const char *name, *type, *filter; /* ' stands for " */
    const char *ldap;                 /* NULL: refused */
    const char *error;                /* a part of the reason */
} row_t;

#define USER "User"
#define GROUP "Group"
#define URN "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define TRUE_FILTER "(&)"
#define FALSE_FILTER "(|)"

static const row_t rows[] = {
#include "unit/map/filter_rows.h"
};

static const scim_filter_t *
parse(const char *text)
{
    char *copy = arena_alloc(mem, strlen(text) + 1);
    err_t err = ERR_INIT;
    const scim_filter_t *filter;

    for (size_t i = 0; text[i]; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    filter = scim_filter_parse(mem, str_from_c(copy), 0, NULL, &err);
    ck_assert_msg(filter != NULL, "%s: %s", text, err.detail);
    return filter;
}

START_TEST(test_row)
{
    const row_t *row = &rows[_i];
    err_t err = ERR_INIT;
    const ldap_filter_t *ldap =
        map_filter(mem, people, sample_type(people, row->type), parse(row->filter),
                   sample_links(mem, people), SAMPLE_NOW, &err);

    if (row->ldap) {
        ck_assert_msg(ldap != NULL, "%s: %s: %s", row->name, row->filter, err.detail);
        ck_assert_msg(str_eq(ldap_filter_format(mem, ldap), str_from_c(row->ldap)),
                      "%s: %s is %s, not %s", row->name, row->filter,
                      ldap_filter_format(mem, ldap).p, row->ldap);
        return;
    }
    ck_assert_msg(ldap == NULL, "%s: %s is %s", row->name, row->filter,
                  ldap ? ldap_filter_format(mem, ldap).p : "");
    ck_assert_int_eq(err.kind, ERR_INVALID_FILTER);
    ck_assert_msg(str_find(err_detail(&err), str_from_c(row->error)) < err_detail(&err).n,
                  "%s: %s", row->name, err.detail);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/filter");
    TCase *rows_case = tcase_create("rows");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(rows_case, setup, teardown);
    tcase_add_loop_test(rows_case, test_row, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, rows_case);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
