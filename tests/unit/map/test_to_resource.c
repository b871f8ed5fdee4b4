/* SPDX-License-Identifier: Apache-2.0 */
#include "map/reference.h"
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

#define URL "https://scim.example/people/scim/v2"
#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

typedef struct {
    const char *name, *map, *type, *entry;
    const char *json; /* ' stands for " */
} row_t;

static const row_t rows[] = {
    {"simple", "people", "User", "dn: uid=a\nuid: a\ntitle: T\nsn: B\ngivenName: G",
     "{'userName':'a','title':'T','name':{'familyName':'B','givenName':'G'},'active':true}"},
    {"typed elements", "people", "User",
     "dn: uid=a\nuid: a\nmail: a@x\nscimHomeMail: h@x\nscimHomeMail: i@x\nmobile: 1",
     "{'userName':'a','emails':[{'value':'a@x','type':'work','primary':true},"
     "{'value':'h@x','type':'home'},{'value':'i@x','type':'home'}],"
     "'phoneNumbers':[{'value':'1','type':'mobile'}],'active':true}"},
    {"one value where one is mapped", "people", "User",
     "dn: uid=a\nuid: a\nmail: a@x\nmail: b@x",
     "{'userName':'a','emails':[{'value':'a@x','type':'work','primary':true}],'active':true}"},
    {"the first that can be shown", "people", "User",
     "dn: uid=a\nuid: a\ntitle: \xff\ntitle: T", "{'userName':'a','title':'T','active':true}"},
    {"the name that names", "people", "User", "dn: uid=b,ou=users\nuid: a\nuid: b",
     "{'userName':'b','active':true}"},
    {"one element of several parts", "people", "User",
     "dn: uid=a\nuid: a\nl: Bern\nst: BE\nhomePostalAddress: x$y",
     "{'userName':'a','addresses':[{'locality':'Bern','type':'work','region':'BE'},"
     "{'formatted':'x\\ny','type':'home'}],'active':true}"},
    {"plain values", "people", "User",
     "dn: uid=a\nuid: a\nscimRole: r\nscimRole: s\nuserCertificate;binary: abc",
     "{'userName':'a','roles':[{'value':'r'},{'value':'s'}],"
     "'x509Certificates':[{'value':'YWJj'}],'active':true}"},
    {"extension", "people", "User", "dn: uid=a\nuid: a\ndepartmentNumber: D\nmanager: " ANNA_DN,
     "{'userName':'a','" ENTERPRISE "':{'department':'D','manager':{'value':'" ANNA_ID
     "','$ref':'" URL "/Users/" ANNA_ID "'}},'active':true}"},
    {"manager who does not resolve", "people", "User", "dn: uid=a\nuid: a\nmanager: uid=x,dc=y",
     "{'userName':'a','active':true}"},
    {"inactive", "people", "User", "dn: uid=a\nuid: a\npwdEndTime: 20250101000000Z",
     "{'userName':'a','active':false}"},
    {"to be inactive later", "people", "User", "dn: uid=a\nuid: a\npwdEndTime: 20270101000000Z",
     "{'userName':'a','active':true}"},
    {"hidden", "sign-in-enterprise", "User", "dn: uid=a\nuid: a\nscimVisible: FALSE",
     "{'userName':'a','active':false}"},
    {"password", "people", "User", "dn: uid=a\nuid: a\nuserPassword: x",
     "{'userName':'a','active':true}"},
    {"unmapped", "people", "User", "dn: uid=a\nuid: a\nroomNumber: 7\ncn: A",
     "{'userName':'a','active':true}"},
    {"members", "people", "Group",
     "dn: cn=g\ncn: g\nmember: cn=nobody\nmember: " ANNA_DN "\nmember: " STAFF_DN
     "\nmember: uid=svc,dc=other",
     "{'displayName':'g','members':[{'value':'" ANNA_ID "','$ref':'" URL "/Users/" ANNA_ID
     "','type':'User'},{'value':'" STAFF_ID "','$ref':'" URL "/Groups/" STAFF_ID
     "','type':'Group'}]}"},
    {"no members", "people", "Group", "dn: cn=g\ncn: g\nmember: cn=nobody",
     "{'displayName':'g'}"},
};

/* References are scopes of one map, so the links must be of the map that is used. */
static const json_t *
show(const row_t *row)
{
    const map_t *map = sample_map(mem, row->map);

    return map_to_resource(mem, map, sample_type(map, row->type), sample_entry(mem, row->entry),
                           sample_links(mem, map), NULL, SAMPLE_URL, SAMPLE_NOW);
}

START_TEST(test_row)
{
    const json_t *resource = show(&rows[_i]);

    ck_assert_msg(json_eq(resource, sample_json(mem, rows[_i].json)), "%s: %s", rows[_i].name,
                  sample_text(mem, resource).p);
}
END_TEST

static scim_projection_t
project(const map_type_t *type, const char *attributes, const char *excluded)
{
    str_t only = str_from_c(attributes), except = str_from_c(excluded);
    scim_projection_t projection;
    err_t err = ERR_INIT;

    ck_assert(scim_projection_read(mem, type->scim, attributes ? &only : NULL,
                                   excluded ? &except : NULL, &projection, &err));
    return projection;
}

START_TEST(test_projection)
{
    const map_t *map = sample_map(mem, "people");
    const map_type_t *type = sample_type(map, "Group");
    const ldap_entry_t *entry =
        sample_entry(mem, "dn: cn=g\ncn: g\nmail: g@x\nmember: " ANNA_DN);
    scim_projection_t projection = project(type, NULL, "members");
    const json_t *resource = map_to_resource(mem, map, type, entry, sample_links(mem, map),
                                             &projection, SAMPLE_URL, SAMPLE_NOW);
    map_references_t references = {.dns = NULL};

    ck_assert_ptr_null(json_find(resource, STR("members")));
    ck_assert_ptr_nonnull(json_find(resource, STR("displayName")));
    map_collect_references(mem, type, entry, &projection, &references);
    ck_assert_uint_eq(references.n_dns, 0);
    map_collect_references(mem, type, entry, NULL, &references);
    ck_assert_uint_eq(references.n_dns, 1);
    ck_assert(str_eq(references.dns[0], STR(ANNA_DN)));
}
END_TEST

START_TEST(test_no_links)
{
    const map_t *map = sample_map(mem, "people");
    const json_t *resource = map_to_resource(
        mem, map, sample_type(map, "Group"),
        sample_entry(mem, "dn: cn=g\ncn: g\nmember: " ANNA_DN), NULL, NULL, SAMPLE_URL, 0);

    ck_assert_ptr_null(json_find(resource, STR("members")));
}
END_TEST

/* ---- envelope ---- */

START_TEST(test_envelope)
{
    const map_t *map = sample_map(mem, "people");
    scim_envelope_t envelope;
    err_t err = ERR_INIT;

    ck_assert(map_envelope(mem, map, sample_type(map, "User"),
                           sample_entry(mem, "dn: uid=a\nentryUUID: " ANNA_ID
                                             "\nentryCSN: 20260101.0Z#000#1%\"\n"
                                             "createTimestamp: 20260101100000Z\n"
                                             "modifyTimestamp: 20260102100000Z"),
                           SAMPLE_URL, &envelope, &err));
    ck_assert(str_eq(envelope.id, STR(ANNA_ID)));
    ck_assert(str_eq(envelope.location, STR(URL "/Users/" ANNA_ID)));
    ck_assert(str_eq(envelope.version, STR("W/\"20260101.0Z#000#1%25%22\"")));
    ck_assert(str_eq(envelope.created, STR("2026-01-01T10:00:00Z")));
    ck_assert(str_eq(envelope.last_modified, STR("2026-01-02T10:00:00Z")));
    ck_assert(!map_envelope(mem, map, sample_type(map, "User"), sample_entry(mem, "dn: uid=a"),
                            SAMPLE_URL, &envelope, &err));
    ck_assert_int_eq(err.kind, ERR_DIRECTORY);
    ck_assert(str_find(err_detail(&err), STR("entryUUID")) < err_detail(&err).n);
}
END_TEST

START_TEST(test_location)
{
    const map_t *map = sample_map(mem, "people");

    ck_assert(
        str_eq(map_location(mem, sample_type(map, "Group"), STR("http://h"), STR("a/b é")),
               STR("http://h/Groups/a%2Fb%20%C3%A9")));
}
END_TEST

/* ---- names ---- */

typedef struct {
    const char *name, *type, *attributes, *excluded;
    const char *has, *lacks; /* blank-separated */
} names_row_t;

static const names_row_t names_rows[] = {
    {"all", "User", NULL, NULL,
     "entryUUID entryCSN createTimestamp modifyTimestamp uid mail sn manager",
     "userPassword roomNumber objectClass"},
    {"group", "Group", NULL, NULL, "entryUUID cn member", "uid"},
    {"group without members", "Group", NULL, "members", "entryUUID cn", "member"},
    {"id alone", "User", "id", NULL, "entryUUID entryCSN pwdEndTime", "mail manager title"},
    {"some", "User", "emails,manager", NULL, "mail scimHomeMail manager", "title l"},
    {"members alone", "Group", "members", NULL, "member", "mail"},
};

static bool
all_among(ldap_names_t names, const char *words, bool want)
{
    str_t rest = str_from_c(words);

    while (rest.n > 0) {
        str_t word = str_slice(rest, 0, str_find_char(rest, ' '));
        bool found = false;

        for (size_t i = 0; i < names.n; i++)
            found = found || str_eq(names.names[i], word);
        if (found != want)
            return false;
        rest = str_skip(rest, word.n + 1);
    }
    return true;
}

START_TEST(test_names)
{
    const names_row_t *row = &names_rows[_i];
    const map_t *map = sample_map(mem, "people");
    const map_type_t *type = sample_type(map, row->type);
    scim_projection_t projection = project(type, row->attributes, row->excluded);
    ldap_names_t names = map_names(mem, map, type, &projection);

    ck_assert_msg(all_among(names, row->has, true), "%s: one is missing", row->name);
    ck_assert_msg(all_among(names, row->lacks, false), "%s: one too many", row->name);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/to_resource");
    TCase *tests = tcase_create("entries");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_projection);
    tcase_add_test(tests, test_no_links);
    tcase_add_test(tests, test_envelope);
    tcase_add_test(tests, test_location);
    tcase_add_loop_test(tests, test_names, 0, (int)ARRAY_SIZE(names_rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
