/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/test_change_complete.c - what rules make of an entry that is adopted. */
#include "ldap/apply.h"
#include "map/change.h"
#include "map/to_resource.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

static arena_t *mem;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
}

#define NAMED(dn)                                       \
    "dn: " dn ",ou=users,ou=people,dc=example,dc=com\n" \
    "objectClass: inetOrgPerson\nobjectClass: scimResource\nuid: a\n"
/* As the rules of the map make it of userName alone. */
#define AS_MADE \
    "sn: a\nemployeeNumber: a\npreferredLanguage: en\nphysicalDeliveryOfficeName: x\n"
#define PERSON NAMED("uid=a") "cn: a\n" AS_MADE

static const struct {
    const char *name, *entry;
    const char *request; /* its members go over those of the entry; ' stands for " */
    const char *mods;    /* nothing but these */
} rows[] = {
    {"as it would be made", PERSON "l: here\no: Example\n", "{}", ""},
    {"nothing there", PERSON, "{}", "add l: here; add o: Example"},
    {"merged", PERSON "l: there\no: Example\n", "{}", "add l: here"},
    {"merged, in other letters", PERSON "l: HERE\no: Example\n", "{}", ""},
    {"overwritten", PERSON "l: here\no: Elsewhere\no: Nowhere\n", "{}",
     "delete o: Elsewhere | Nowhere; add o: Example"},
    {"one of them stays", PERSON "l: here\no: example\no: Nowhere\n", "{}",
     "delete o: Nowhere"},
    {"overwritten, one value",
     NAMED("uid=a") "cn: a\nsn: a\nemployeeNumber: a\nl: here\n"
                    "o: Example\nphysicalDeliveryOfficeName: x\npreferredLanguage: de\n",
     "{}", "replace preferredLanguage: en"},
    {"preserved",
     NAMED("uid=a") "cn: a\nsn: b\nemployeeNumber: a\npreferredLanguage: en\nl: here\n"
                    "o: Example\nphysicalDeliveryOfficeName: y\n",
     "{}", ""},
    {"of what the request says", PERSON "l: here\no: Example\ndisplayName: A\n",
     "{'displayName':'B'}", "replace displayName: B; delete o: Example; add o: B"},
    {"what was made goes, what is another's too",
     PERSON "l: here\no: A\no: Nowhere\ndisplayName: A\n", "{'displayName':'B'}",
     "replace displayName: B; delete o: A | Nowhere; add o: B"},
    {"no value is made", PERSON "l: here\no: Example\nst: there\n", "{}", ""},
    {"of what is not written", PERSON "l: here\no: Example\ntitle: T\nst: there\n",
     "{'title':'U'}", "delete st: there; add st: T"},
    {"several merged",
     PERSON "l: here\no: Example\nou: there\nou: r\ncarLicense: r\nscimRole: r\n",
     "{'roles':[{'value':'s'}]}",
     "delete scimRole: r; add scimRole: s; delete ou: r; add ou: s; "
     "delete carLicense: r; add carLicense: s"},
    {"several overwritten", PERSON "l: here\no: Example\ncarLicense: there\n",
     "{'roles':[{'value':'r'},{'value':'s'}]}",
     "add scimRole: r | s; add ou: r | s; delete carLicense: there; add carLicense: r | s"},
    {"a unique value that was given way to",
     NAMED(
         "uid=a") "cn: a\nsn: a\nemployeeNumber: a2\n"
                  "l: here\no: Example\npreferredLanguage: en\nphysicalDeliveryOfficeName: x\n",
     "{}", ""},
    {"another unique value",
     NAMED(
         "uid=a") "cn: a\nsn: a\nemployeeNumber: 7\n"
                  "l: here\no: Example\npreferredLanguage: en\nphysicalDeliveryOfficeName: x\n",
     "{}", "replace employeeNumber: a"},
    {"what names the entry stays",
     NAMED("cn=Anna") "cn: Anna\ncn: Annie\n" AS_MADE "l: here\no: Example\n", "{}",
     "delete cn: Annie; add cn: a"},
};

static void
check_mods(const char *name, const map_change_t *change, const char *wanted)
{
    str_t is = sample_mods(mem, &change->mods);

    ck_assert_msg(str_eq(is, str_from_c(wanted)), "%s: %.*s\nnot %s", name, STR_ARG(is),
                  wanted);
}

static map_change_t
adopt(const map_t *map, const ldap_entry_t *entry, const json_t *request)
{
    const map_type_t *type = sample_type(map, "User");
    const map_links_t *links = sample_links(mem, sample_map(mem, "people"));
    json_t *before =
        map_to_resource(mem, map, type, entry, links, NULL, SAMPLE_URL, SAMPLE_NOW);
    json_t *after = json_copy(mem, before);
    str_t *numbers = arena_array_of(mem, type->n_rules + 1, str_t);
    map_change_t change;
    err_t err = ERR_INIT;

    for (size_t i = 0; i < request->u.object.n; i++)
        json_set(mem, after, request->u.object.members[i].name,
                 request->u.object.members[i].value);
    ck_assert_msg(
        map_change_between(mem, map, type, entry, before, after, links, SAMPLE_NOW, &change,
                           &err) &&
            map_change_complete(mem, map, type, entry, before, after, numbers, &change, &err),
        "%s", err.detail);
    return change;
}

/* And the second time there is nothing to be done. */
START_TEST(test_rows)
{
    const map_t *map = sample_map(mem, "../../tests/data/maps/adopted");
    ldap_entry_t *entry = sample_entry(mem, rows[_i].entry);
    const json_t *request = sample_json(mem, rows[_i].request);
    map_change_t change = adopt(map, entry, request);

    check_mods(rows[_i].name, &change, rows[_i].mods);
    ldap_apply_mods(mem, map->schema, entry, change.mods.mods, change.mods.n);
    change = adopt(map, entry, request);
    check_mods(rows[_i].name, &change, "");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/change_complete");
    TCase *tests = tcase_create("adoption");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
