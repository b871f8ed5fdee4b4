/* SPDX-License-Identifier: Apache-2.0 */
#include "map/sort.h"

#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

static arena_t *mem;
static const map_t *people;

static void
setup(void)
{
    mem = arena_new(0);
    people = sample_map(mem, "people");
}

static void
teardown(void)
{
    arena_free(mem);
}

static bool
read_sort(const char *type, const char *path, map_sort_t *ret, err_t *err)
{
    scim_path_t parsed;

    ck_assert_msg(scim_path_parse(mem, str_from_c(path), &parsed, err), "%s", path);
    return map_sort_read(mem, people, sample_type(people, type), &parsed, ret, err);
}

static str_t
key_of(const char *type, const char *path, const char *lines)
{
    err_t err = ERR_INIT;
    map_sort_t sort;
    const ldap_entry_t *entry =
        sample_entry(mem, str_printf(mem,
                                     "dn: uid=x,ou=users,ou=people,dc=example,dc=com\n"
                                     "entryUUID: " ANNA_ID "\n%s",
                                     lines)
                              .p);

    ck_assert_msg(read_sort(type, path, &sort, &err), "%s: %s", path, err.detail);
    return map_sort_key(mem, people, sample_type(people, type), &sort, entry, SAMPLE_NOW);
}

static const struct {
    const char *path, *a, *b;
    int order; /* of a and b: -1, 0, 1 */
} rows[] = {
    {"title", "title: a", "title: b", -1},
    {"title", "title: b", "title: B", 0},
    {"title", "title: a", "title: B", -1},
    {"title", "title: A", "title: b", -1},
    {"title", "title: ab", "title: a", 1},
    {"title", "title: a b", "title: a  b", 0},
    {"title", "title: \xc3\x84rztin", "title: \xc3\xa4rztin", 0},
    {"title", "title: z", "uid: x", -1}, /* no value comes last */
    {"title", "uid: x", "uid: y", 0},
    {"externalId", "scimExternalId: B", "scimExternalId: a", -1}, /* caseExact */
    {"externalId", "scimExternalId: a", "scimExternalId: A", 1},
    {"name.familyName", "sn: Arm", "sn: bow", -1},
    {"emails", "mail: a@x", "mail: b@x", -1},
    {"emails.value", "mail: b@x", "mail: a@x", 1},
    {"emails.type", "mail: b@x", "mail: a@x", 0},
    {"phoneNumbers", "telephoneNumber: 2\nmobile: 1", "telephoneNumber: 2\nmobile: 9", 0},
    {"phoneNumbers", "mobile: 2", "telephoneNumber: 3", -1},
    {"roles", "scimRole: a\nscimRole: z", "scimRole: b", -1},
    {ENTERPRISE ":department", "departmentNumber: a", "departmentNumber: b", -1},
    {"department", "departmentNumber: a", "uid: x", -1},
    {"meta.created", "createTimestamp: 20260101100000Z", "createTimestamp: 20260101100001Z",
     -1},
    {"meta.created", "createTimestamp: 19600101100000Z", "createTimestamp: 19700101000000Z",
     -1},
    {"meta.lastModified", "modifyTimestamp: 20260101110000+0100",
     "modifyTimestamp: 20260101100000Z", 0},
    {"meta.resourceType", "uid: a", "uid: b", 0},
    {"id", "uid: a", "uid: b", 0},
};

START_TEST(test_order)
{
    str_t a = key_of("User", rows[_i].path, rows[_i].a);
    str_t b = key_of("User", rows[_i].path, rows[_i].b);
    int order = str_cmp(a, b);

    ck_assert_msg((order > 0) - (order < 0) == rows[_i].order, "%s: \"%.*s\" and \"%.*s\"",
                  rows[_i].path, STR_ARG(a), STR_ARG(b));
    ck_assert(a.n > 0 && str_find_char(a, '\0') == a.n);
}
END_TEST

START_TEST(test_nul)
{
    map_sort_t sort;
    err_t err = ERR_INIT;
    ldap_entry_t *entry = sample_entry(mem, "dn: uid=x,dc=example\n");
    str_t key;

    ldap_entry_add(mem, entry, STR("scimExternalId"), STR("a\0b"));
    ck_assert(read_sort("User", "externalId", &sort, &err));
    key = map_sort_key(mem, people, sample_type(people, "User"), &sort, entry, SAMPLE_NOW);
    ck_assert(str_find_char(key, '\0') == key.n);
}
END_TEST

static const struct {
    const char *type, *path, *why;
} refused[] = {
    {"User", "name", "sub-attribute"},
    {"User", "addresses", "sub-attribute"},
    {"User", "manager", "refers"},
    {"User", ENTERPRISE ":manager.value", "refers"},
    {"User", "password", "never shown"},
    {"User", "schemas", "nothing to sort by"},
    {"User", "meta", "nothing to sort by"},
    {"User", "meta.location", "nothing to sort by"},
    {"User", "meta.version", "nothing to sort by"},
    {"User", "emails[type eq \"work\"].value", "filter"},
    {"User", ENTERPRISE, "schema"},
    {"Group", "members", "refers"},
    {"Group", "members.value", "refers"},
};

START_TEST(test_refused)
{
    err_t err = ERR_INIT;
    map_sort_t sort;

    ck_assert_msg(!read_sort(refused[_i].type, refused[_i].path, &sort, &err), "%s",
                  refused[_i].path);
    ck_assert_int_eq(err.kind, ERR_INVALID_VALUE);
    ck_assert_msg(str_find(err_detail(&err), str_from_c(refused[_i].why)) < err_detail(&err).n,
                  "%s: %s", refused[_i].path, err.detail);
}
END_TEST

static const struct {
    const char *type, *path;
    map_sort_kind_t kind;
} kinds[] = {
    {"User", "nonsense", MAP_SORT_ABSENT},  {"User", "members", MAP_SORT_ABSENT},
    {"Group", "userName", MAP_SORT_ABSENT}, {"User", "active", MAP_SORT_VALUE},
    {"Group", "active", MAP_SORT_ABSENT},   {"User", "USERNAME", MAP_SORT_VALUE},
    {"Group", "id", MAP_SORT_ID},           {"Group", "meta.created", MAP_SORT_CREATED},
};

START_TEST(test_kind)
{
    err_t err = ERR_INIT;
    map_sort_t sort;

    ck_assert_msg(read_sort(kinds[_i].type, kinds[_i].path, &sort, &err), "%s: %s",
                  kinds[_i].path, err.detail);
    ck_assert_msg(sort.kind == kinds[_i].kind, "%s", kinds[_i].path);
    for (size_t i = 0; i < sort.names.n; i++)
        ck_assert_uint_gt(sort.names.names[i].n, 0);
    ck_assert_uint_gt(sort.names.n, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/sort");
    TCase *tests = tcase_create("sort");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_order, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_nul);
    tcase_add_loop_test(tests, test_refused, 0, (int)ARRAY_SIZE(refused));
    tcase_add_loop_test(tests, test_kind, 0, (int)ARRAY_SIZE(kinds));
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
