/* SPDX-License-Identifier: Apache-2.0 */
#include "map/reference.h"

#include "map/template_apply.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

static arena_t *mem;
static const map_t *both;
static const map_slot_t *by_dn, *by_name; /* member and memberUid */

static void
setup(void)
{
    mem = arena_new(0);
    both = sample_map(mem, "people+both");
    by_dn = sample_type(both, "Group")->members;
    by_name = map_slot_part(by_dn, 1);
    ck_assert(by_name && !map_slot_part(by_dn, 2));
}

static void
teardown(void)
{
    arena_free(mem);
}

/* ---- what holds a DN ---- */

static const struct {
    const char *name, *dn, *value; /* NULL: it is not named so */
} values[] = {
    {"named so", "uid=ada,ou=users", "ada"},
    {"in other letters", "UID=Ada,ou=users", "Ada"},
    {"escaped", "uid=a\\2cb,ou=users", "a,b"},
    {"named otherwise", "cn=Ada,ou=users", NULL},
    {"named by two", "uid=ada+cn=Ada,ou=users", NULL},
    {"below one that is", "cn=x,uid=ada", NULL},
    {"nobody", "", NULL},
    {"no DN", "ada", NULL},
};

START_TEST(test_value)
{
    const char *dn = values[_i].dn, *wanted = values[_i].value;
    str_t value;
    bool found = map_reference_value(mem, by_name, str_from_c(dn), &value);

    ck_assert_msg(found == (wanted != NULL), "%s", values[_i].name);
    ck_assert_msg(!found || str_eq(value, str_from_c(wanted)), "%s: %.*s", values[_i].name,
                  STR_ARG(value));
    ck_assert(map_reference_value(mem, by_dn, str_from_c(dn), &value) &&
              str_eq(value, str_from_c(dn)));
}
END_TEST

/* ---- what is the same ---- */

static const struct {
    const char *name, *a, *b;
    bool dn, held; /* whether member, and memberUid, hold them by one value */
} pairs[] = {
    {"one", "uid=ada,ou=a", "uid=ada,ou=a", true, true},
    {"blanks and letters of the rest", "uid=ada,ou=a", "UID=ada, OU=A", true, true},
    {"memberUid minds letters", "uid=ada,ou=a", "uid=Ada,ou=a", true, false},
    {"moved", "uid=ada,ou=a", "uid=ada,ou=b", false, true},
    {"renamed", "uid=ada,ou=a", "uid=eve,ou=a", false, false},
    {"one named otherwise", "uid=ada,ou=a", "cn=ada,ou=a", false, false},
    {"both named otherwise", "cn=ada,ou=a", "cn=eve,ou=a", false, true},
};

START_TEST(test_same)
{
    str_t a = str_from_c(pairs[_i].a), b = str_from_c(pairs[_i].b);

    ck_assert_msg(map_reference_is_same(mem, by_dn, a, b) == pairs[_i].dn, "%s: DN",
                  pairs[_i].name);
    ck_assert_msg(map_reference_is_same(mem, by_name, a, b) == pairs[_i].held, "%s: name",
                  pairs[_i].name);
}
END_TEST

/* ---- where names are unique ---- */

START_TEST(test_unique)
{
    const map_t *open = sample_map(mem, "people+open");
    const map_slot_t *members = sample_type(open, "Group")->members;

    ck_assert(map_reference_is_unique(by_dn) && map_reference_is_unique(by_name));
    ck_assert(map_reference_is_unique(members));
    ck_assert(!map_reference_is_unique(map_slot_part(members, 1)));
    ck_assert(both->holds_names && both->repairs && open->holds_names && !open->repairs);
    ck_assert(!sample_map(mem, "people")->holds_names);
}
END_TEST

/* ---- who is meant ---- */

/* As many as the text has letters; the link is of the first. */
static size_t
count_letters(const map_links_t *links UNUSED, const map_slot_t *slot UNUSED, str_t normal,
              map_link_t *ret_link)
{
    *ret_link = (map_link_t){normal, normal, sample_type(both, "User")};
    return normal.n;
}

START_TEST(test_find)
{
    const map_links_t links = {.by_name = count_letters}, nobody = {.by_name = NULL};
    map_link_t link;
    err_t err = ERR_INIT;
    str_t value;

    ck_assert(map_reference_find(mem, by_name, STR("a"), &links, &link));
    ck_assert(str_eq(link.id, STR("a")));
    ck_assert(!map_reference_find(mem, by_name, STR("ab"), &links, &link));
    ck_assert(!map_reference_find(mem, by_name, STR("a"), &nobody, &link));
    ck_assert(!map_reference_find(mem, by_name, STR("a"), NULL, &link));
    ck_assert(map_reference_check(mem, by_name, STR("uid=a,ou=x"), &links, &value, &err));
    ck_assert(!map_reference_check(mem, by_name, STR("uid=ab,ou=x"), &links, &value, &err));
    ck_assert_str_eq(
        err.detail,
        "members: several entries are named uid=ab, so that LDAP attribute memberUid "
        "cannot tell \"uid=ab,ou=x\" from the others; one of them must be renamed");
    ck_assert(map_reference_check(mem, by_name, STR("uid=ab,ou=x"), &nobody, &value, &err));
    ck_assert(!map_reference_check(mem, by_name, STR("cn=a,ou=x"), &links, &value, &err));
    ck_assert_str_eq(err.detail,
                     "members: LDAP attribute memberUid holds others by uid, which does "
                     "not name \"cn=a,ou=x\"");
}
END_TEST

/* ---- what an entry has ---- */

START_TEST(test_collect)
{
    const map_type_t *group = sample_type(both, "Group");
    const ldap_entry_t *entry = sample_entry(
        mem, "dn: cn=g\nmember: uid=a,ou=x\nmember: cn=nobody\nmemberUid: a\nmemberUid: b");
    map_references_t all = {.dns = NULL};

    map_collect_references(mem, group, entry, NULL, &all);
    ck_assert_uint_eq(all.n_dns, 1);
    ck_assert_uint_eq(all.n_names, 2);
    ck_assert(all.names[1].slot == by_name && str_eq(all.names[1].value, STR("b")));
    map_collect_references(mem, group, entry, NULL, &all);
    ck_assert_uint_eq(all.n_dns, 2);
    ck_assert_uint_eq(all.n_names, 4);
}
END_TEST

/* ---- templates over several values ---- */

START_TEST(test_rule_values)
{
    const map_t *map = sample_map(mem, "university");
    const map_type_t *user = sample_type(map, "User");
    err_t err = ERR_INIT;
    const json_t *resource = json_parse(
        mem,
        STR("{\"userName\":\"ada\",\"roles\":[{\"value\":\"Staff\"},{\"value\":\"staff\"},"
            "{\"value\":\"Alum\"}]}"),
        &json_limits_file, &err);
    const map_values_t *placed = map_place(mem, user, resource, &err);
    const map_rule_t *rule = map_rule_of_ldap(user, STR("eduPersonScopedAffiliation"));
    ldap_attr_t made = map_rule_values(mem, map, user, rule, placed);

    ck_assert(rule->several);
    ck_assert_uint_eq(made.n, 2);
    ck_assert(str_eq(made.values[0], STR("staff@uni.example")));
    ck_assert(str_eq(made.values[1], STR("alum@uni.example")));
    rule = map_rule_of_ldap(user, STR("eduPersonPrincipalName"));
    ck_assert(!rule->several);
    made = map_rule_values(mem, map, user, rule, placed);
    ck_assert(made.n == 1 && str_eq(made.values[0], STR("ada@uni.example")));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/reference");
    TCase *tests = tcase_create("reference");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_value, 0, (int)ARRAY_SIZE(values));
    tcase_add_loop_test(tests, test_same, 0, (int)ARRAY_SIZE(pairs));
    tcase_add_test(tests, test_unique);
    tcase_add_test(tests, test_find);
    tcase_add_test(tests, test_collect);
    tcase_add_test(tests, test_rule_values);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
