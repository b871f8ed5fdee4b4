/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/entry.h"
#include "support/suite_run.h"

#include <check.h>

static arena_t *mem;
static ldap_entry_t entry;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    entry = (ldap_entry_t){.dn = STR("cn=a,o=x")};
    ldap_entry_add(mem, &entry, STR("cn"), STR("a"));
    ldap_entry_add(mem, &entry, STR("sn"), STR("b"));
    ldap_entry_add(mem, &entry, STR("CN"), STR("c"));
}

static void
teardown(void)
{
    arena_free(mem);
}

START_TEST(names_compare_without_case)
{
    const ldap_attr_t *cn = ldap_entry_find(&entry, STR("Cn"));
    str_t first = STR("untouched");

    ck_assert_uint_eq(entry.n, 2);
    ck_assert_ptr_nonnull(cn);
    ck_assert_uint_eq(cn->n, 2);
    ck_assert(str_eq(cn->name, STR("cn")));
    ck_assert_ptr_null(ldap_entry_find(&entry, STR("c")));
    ck_assert_ptr_null(ldap_entry_find(&entry, STR("cn;lang-de")));
    ck_assert(!ldap_entry_first(&entry, STR("mail"), &first));
    ck_assert(str_eq(first, STR("untouched")));
    ck_assert(ldap_entry_first(&entry, STR("CN"), &first));
    ck_assert(str_eq(first, STR("a")));
}
END_TEST

START_TEST(an_empty_attribute_has_no_first_value)
{
    str_t first;

    ck_assert_ptr_eq(ldap_entry_get(mem, &entry, STR("mail")),
                     ldap_entry_find(&entry, STR("mail")));
    ck_assert_uint_eq(ldap_entry_find(&entry, STR("mail"))->n, 0);
    ck_assert(!ldap_entry_first(&entry, STR("mail"), &first));
}
END_TEST

START_TEST(values_compare_by_bytes)
{
    const ldap_attr_t *cn = ldap_entry_find(&entry, STR("cn"));

    ck_assert(ldap_attr_has(cn, STR("c")));
    ck_assert(!ldap_attr_has(cn, STR("C")));
    ck_assert(!ldap_attr_has(cn, STR("")));
}
END_TEST

START_TEST(an_entry_grows)
{
    enum { N = 1000 };
    const ldap_attr_t *attr;

    for (int i = 0; i < N; i++) {
        ldap_entry_add(mem, &entry, str_printf(mem, "attr-%d", i), STR("x"));
        ldap_entry_add(mem, &entry, STR("member"), str_printf(mem, "cn=%d", i));
    }
    ck_assert_uint_eq(entry.n, N + 3);
    attr = ldap_entry_find(&entry, STR("member"));
    ck_assert_uint_eq(attr->n, N);
    ck_assert(str_eq(attr->values[0], STR("cn=0")));
    ck_assert(str_eq(attr->values[N - 1], STR("cn=999")));
    ck_assert(str_eq(ldap_entry_find(&entry, STR("attr-999"))->values[0], STR("x")));
}
END_TEST

START_TEST(attributes_are_removed)
{
    ldap_entry_remove(&entry, STR("mail"));
    ck_assert_uint_eq(entry.n, 2);
    ldap_entry_remove(&entry, STR("CN"));
    ck_assert_uint_eq(entry.n, 1);
    ck_assert_ptr_null(ldap_entry_find(&entry, STR("cn")));
    ck_assert_ptr_nonnull(ldap_entry_find(&entry, STR("sn")));
}
END_TEST

START_TEST(a_copy_is_apart)
{
    char value[] = "changing";
    ldap_entry_t *copy;

    ldap_entry_add(mem, &entry, STR("mail"), str_from_c(value));
    copy = ldap_entry_copy(mem, &entry);
    value[0] = 'X';
    ldap_entry_add(mem, copy, STR("cn"), STR("d"));
    ldap_entry_add(mem, copy, STR("uid"), STR("e"));
    ck_assert(str_eq(copy->dn, entry.dn));
    ck_assert(str_eq(ldap_entry_find(copy, STR("mail"))->values[0], STR("changing")));
    ck_assert_uint_eq(ldap_entry_find(copy, STR("cn"))->n, 3);
    ck_assert_uint_eq(ldap_entry_find(&entry, STR("cn"))->n, 2);
    ck_assert_ptr_null(ldap_entry_find(&entry, STR("uid")));
}
END_TEST

START_TEST(modifications_keep_their_order)
{
    ldap_mods_t mods = {NULL, 0, 0};
    ldap_attr_t *attr;

    for (int i = 0; i < 20; i++)
        ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_REPLACE, STR("title"), STR("x"));
    attr = ldap_mods_add(mem, &mods, LDAP_MOD_OP_ADD, STR("cn"));
    ldap_attr_add(mem, attr, STR("a"));
    ldap_attr_add(mem, attr, STR("b"));
    ldap_mods_add(mem, &mods, LDAP_MOD_OP_DELETE, STR("cn"));
    ck_assert_uint_eq(mods.n, 22);
    ck_assert_int_eq(mods.mods[0].op, LDAP_MOD_OP_REPLACE);
    ck_assert_uint_eq(mods.mods[0].attr.n, 1);
    ck_assert_int_eq(mods.mods[20].op, LDAP_MOD_OP_ADD);
    ck_assert_uint_eq(mods.mods[20].attr.n, 2);
    ck_assert(str_eq(mods.mods[20].attr.values[1], STR("b")));
    ck_assert_int_eq(mods.mods[21].op, LDAP_MOD_OP_DELETE);
    ck_assert_uint_eq(mods.mods[21].attr.n, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("entry");
    TCase *tcase = tcase_create("entry");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, names_compare_without_case);
    tcase_add_test(tcase, an_empty_attribute_has_no_first_value);
    tcase_add_test(tcase, values_compare_by_bytes);
    tcase_add_test(tcase, an_entry_grows);
    tcase_add_test(tcase, attributes_are_removed);
    tcase_add_test(tcase, a_copy_is_apart);
    tcase_add_test(tcase, modifications_keep_their_order);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
