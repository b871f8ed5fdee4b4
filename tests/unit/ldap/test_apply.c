/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/apply.h"

#include "support/suite_run.h"

#include <check.h>

/* One modification of an entry with "uidNumber: 41", "cn: a" and "cn: b". */
typedef struct {
    const char *name;
    ldap_mod_op_t op;
    const char *attr, *value; /* NULL: none */
    const char *number, *cns; /* afterwards; NULL: no such attribute */
} row_t;

static const row_t rows[] = {
    {"increment", LDAP_MOD_OP_INCREMENT, "uidNumber", "1", "42", "a b"},
    {"increment, in other letters", LDAP_MOD_OP_INCREMENT, "UIDNUMBER", "2", "43", "a b"},
    {"decrement", LDAP_MOD_OP_INCREMENT, "uidNumber", "-42", "-1", "a b"},
    {"increment beyond all numbers", LDAP_MOD_OP_INCREMENT, "uidNumber", "9223372036854775807",
     "41", "a b"},
    {"increment of text", LDAP_MOD_OP_INCREMENT, "cn", "1", "41", "a b"},
    {"increment of nothing", LDAP_MOD_OP_INCREMENT, "gidNumber", "1", "41", "a b"},
    {"add", LDAP_MOD_OP_ADD, "cn", "c", "41", "a b c"},
    {"add what is there", LDAP_MOD_OP_ADD, "cn", "A", "41", "a b"},
    {"delete", LDAP_MOD_OP_DELETE, "cn", "A", "41", "b"},
    {"delete all", LDAP_MOD_OP_DELETE, "cn", NULL, "41", NULL},
    {"replace", LDAP_MOD_OP_REPLACE, "uidNumber", "7", "7", "a b"},
    {"replace by nothing", LDAP_MOD_OP_REPLACE, "uidNumber", NULL, NULL, "a b"},
};

static str_t
joined(arena_t *mem, const ldap_entry_t *entry, const char *name)
{
    const ldap_attr_t *attr = ldap_entry_find(entry, str_from_c(name));
    str_t all = STR("");

    for (size_t i = 0; attr && i < attr->n; i++)
        all =
            str_printf(mem, "%.*s%s%.*s", STR_ARG(all), i ? " " : "", STR_ARG(attr->values[i]));
    return all;
}

START_TEST(test_mod)
{
    const row_t *row = &rows[_i];
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    ldap_entry_t entry = {.dn = STR("cn=a,dc=example")};
    ldap_mods_t mods = {.n = 0};
    ldap_attr_t *attr = ldap_mods_add(mem, &mods, row->op, str_from_c(row->attr));

    ldap_entry_add(mem, &entry, STR("uidNumber"), STR("41"));
    ldap_entry_add(mem, &entry, STR("cn"), STR("a"));
    ldap_entry_add(mem, &entry, STR("cn"), STR("b"));
    if (row->value)
        ldap_attr_add(mem, attr, str_from_c(row->value));
    ldap_apply_mods(mem, ldap_schema_builtin(), &entry, mods.mods, mods.n);
    ck_assert_msg(!ldap_entry_find(&entry, STR("gidNumber")), "%s", row->name);
    ck_assert_msg(str_eq(joined(mem, &entry, "uidNumber"), str_from_c(row->number)), "%s: %.*s",
                  row->name, STR_ARG(joined(mem, &entry, "uidNumber")));
    ck_assert_msg(str_eq(joined(mem, &entry, "cn"), str_from_c(row->cns)), "%s: %.*s",
                  row->name, STR_ARG(joined(mem, &entry, "cn")));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ldap/apply");
    TCase *tests = tcase_create("mods");

    tcase_add_loop_test(tests, test_mod, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
