/* SPDX-License-Identifier: Apache-2.0 */
#include "map/to_entry.h"

#include "map/to_resource.h"
#include "support/suite_run.h"
#include "unit/map/random.h"
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

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define PERSON "objectClass: inetOrgPerson | scimResource\n"
#define GROUP "objectClass: groupOfNames | scimResource\n"

typedef struct {
    const char *name, *map, *type, *json; /* ' stands for " */
    size_t alternative;
    const char *lines; /* NULL: refused */
    err_kind_t kind;
    const char *error;
} row_t;

static const row_t rows[] = {
    {"least", "people", "User", "{'userName':'a'}", 0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON "uid: a\ncn: a\nsn: a", 0, NULL},
    {"rules from what there is", "people", "User",
     "{'userName':'a','displayName':'A B','name':{'familyName':'B'}}", 0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\ndisplayName: A B\nsn: B\ncn: A B",
     0, NULL},
    {"second alternative", "people", "User",
     "{'userName':'a','name':{'givenName':'A','familyName':'B'}}", 0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\nsn: B\ngivenName: A\ncn: A B",
     0, NULL},
    {"DN escaped", "people", "User", "{'userName':'a,b+c'}", 0,
     "dn: uid=a\\,b\\+c,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a,b+c\ncn: a,b+c\nsn: a,b+c",
     0, NULL},
    {"elements", "people", "User",
     "{'userName':'a','emails':[{'value':'h@x','type':'home'},{'value':'w@x','type':'WORK'},"
     "{'value':'i@x','type':'home'},{'value':'h@x','type':'home'}]}",
     0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\nmail: w@x\nscimHomeMail: h@x | i@x\ncn: a\nsn: a",
     0, NULL},
    {"equal to the directory", "people", "User",
     "{'userName':'a','emails':[{'value':'h@x','type':'home'},{'value':'H@x','type':'home'}]}",
     0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\nscimHomeMail: h@x\ncn: a\nsn: a",
     0, NULL},
    {"no type goes to primary", "people", "User", "{'userName':'a','emails':[{'value':'w@x'}]}",
     0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\nmail: w@x\ncn: a\nsn: a",
     0, NULL},
    {"no type goes to the only one", "people", "User",
     "{'userName':'a','ims':[{'value':'xmpp:a'}]}", 0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\nscimIms: xmpp:a\ncn: a\nsn: a",
     0, NULL},
    {"no type, several", "people", "User", "{'userName':'a','phoneNumbers':[{'value':'1'}]}", 0,
     NULL, ERR_INVALID_VALUE,
     "phoneNumbers: an element needs a type (mapped: work, home, mobile, fax, pager, other)"},
    {"type that is not mapped", "people", "User",
     "{'userName':'a','emails':[{'value':'w@x','type':'x'}]}", 0, NULL, ERR_INVALID_VALUE,
     "emails: no slot for type \"x\" (mapped: work, home, other)"},
    {"type of what is not mapped", "people", "User",
     "{'userName':'a','emails':[{'display':'W','type':'x'}]}", 0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON "uid: a\ncn: a\nsn: a", 0, NULL},
    {"second value", "people", "User",
     "{'userName':'a','emails':[{'value':'w@x','type':'work'},{'value':'v@x','type':'work'}]}",
     0, NULL, ERR_INVALID_VALUE, "emails[type eq \"work\"].value holds one value"},
    {"same value twice", "people", "User",
     "{'userName':'a','emails':[{'value':'w@x','type':'work'},{'value':'w@x','type':'work'}]}",
     0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\nmail: w@x\ncn: a\nsn: a",
     0, NULL},
    {"roles with type", "people", "User",
     "{'userName':'a','roles':[{'value':'r','type':'any','primary':true},{'value':'s'}]}", 0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\nscimRole: r | s\ncn: a\nsn: a",
     0, NULL},
    {"address", "people", "User",
     "{'userName':'a','addresses':[{'type':'work','locality':'Bern','formatted':'x\\ny'}]}", 0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\npostalAddress: x$y\nl: Bern\ncn: a\nsn: a",
     0, NULL},
    {"address twice", "people", "User",
     "{'userName':'a','addresses':[{'type':'work','locality':'Bern'},{'type':'work',"
     "'locality':'Bern'}]}",
     0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON "uid: a\nl: Bern\ncn: a\nsn: a",
     0, NULL},
    {"second address that fills in", "people", "User",
     "{'userName':'a','addresses':[{'type':'work','locality':'Bern'},{'type':'work',"
     "'region':'BE'}]}",
     0, NULL, ERR_INVALID_VALUE, "second element of this type"},
    {"manager and password", "people", "User",
     "{'userName':'a','password':'s3cret','" ENTERPRISE "':{'manager':{'value':'" ANNA_ID
     "'}}}",
     0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\nuserPassword: s3cret\nmanager: " ANNA_DN "\ncn: a\nsn: a",
     0, NULL},
    {"unknown manager", "people", "User",
     "{'userName':'a','" ENTERPRISE "':{'manager':{'value':'x'}}}", 0, NULL, ERR_INVALID_VALUE,
     "no User with id \"x\""},
    {"inactive", "people", "User", "{'userName':'a','active':false}", 0,
     "dn: uid=a,ou=users,ou=people,dc=example,dc=com\n" PERSON
     "uid: a\ncn: a\nsn: a\npwdEndTime: 19700101000000Z",
     0, NULL},
    {"missing", "people", "User", "{'displayName':'A'}", 0, NULL, ERR_INVALID_VALUE,
     "userName"},
    {"outside the syntax", "people", "User",
     "{'userName':'a','emails':[{'value':'é@x','type':'work'}]}", 0, NULL, ERR_INVALID_VALUE,
     "IA5 String"},

    {"visible", "sign-in-enterprise", "User",
     "{'userName':'a','name':{'givenName':'A','familyName':'B'},"
     "'emails':[{'value':'a@x','type':'work'}],'active':true}",
     0,
     "dn: uid=a,ou=users,ou=sign-in-enterprise,dc=example,dc=com\n" PERSON
     "uid: a\ngivenName: A\nsn: B\nmail: a@x\ncn: A B\nscimVisible: TRUE",
     0, NULL},
    {"hidden", "sign-in-enterprise", "User",
     "{'userName':'a','name':{'givenName':'A','familyName':'B'},"
     "'emails':[{'value':'a@x','type':'work'}],'active':false}",
     0,
     "dn: uid=a,ou=users,ou=sign-in-enterprise,dc=example,dc=com\n" PERSON
     "uid: a\ngivenName: A\nsn: B\nmail: a@x\ncn: A B\nscimVisible: FALSE\n"
     "scimInactiveSince: " SAMPLE_STAMP,
     0, NULL},
    {"required element", "sign-in-enterprise", "User",
     "{'userName':'a','name':{'givenName':'A','familyName':'B'}}", 0, NULL, ERR_INVALID_VALUE,
     "emails"},
    {"constant", "simple-in-out", "User", "{'userName':'a','displayName':'A','externalId':'1'}",
     0,
     "dn: uid=a,ou=users,ou=simple-in-out,dc=example,dc=com\n" PERSON
     "uid: a\ndisplayName: A\nscimExternalId: 1\ncn: A\nsn: A\nemployeeType: member",
     0, NULL},

    {"group", "people", "Group",
     "{'displayName':'G','members':[{'value':'" ANNA_ID "'},{'value':'" STAFF_ID
     "'},{'value':'" ANNA_ID "'}]}",
     0,
     "dn: cn=G,ou=groups,ou=people,dc=example,dc=com\n" GROUP "cn: G\nmember: " ANNA_DN
     " | " STAFF_DN,
     0, NULL},
    {"group of nobody", "people", "Group", "{'displayName':'G'}", 0,
     "dn: cn=G,ou=groups,ou=people,dc=example,dc=com\n" GROUP "cn: G\nmember: cn=nobody", 0,
     NULL},
    {"unknown member", "people", "Group", "{'displayName':'G','members':[{'value':'x'}]}", 0,
     NULL, ERR_INVALID_VALUE, "no User or Group with id \"x\""},
};

START_TEST(test_row)
{
    const row_t *row = &rows[_i];
    const map_t *map = sample_map(mem, row->map);
    const map_type_t *type = sample_type(map, row->type);
    map_choice_t choice = {.rules = arena_array_of(mem, type->n_rules + 1, size_t)};
    ldap_entry_t entry;
    err_t err = ERR_INIT;
    bool done;

    for (size_t i = 0; i < type->n_rules; i++)
        if (&type->rules[i] == type->rdn_rule)
            choice.rules[i] = row->alternative;
    done = map_to_entry(mem, map, type, sample_json(mem, row->json), sample_links(mem, map),
                        &choice, SAMPLE_NOW, &entry, &err);

    if (!row->lines) {
        ck_assert_msg(!done, "%s", row->name);
        ck_assert_int_eq(err.kind, row->kind);
        ck_assert_msg(str_find(err_detail(&err), str_from_c(row->error)) < err_detail(&err).n,
                      "%s: %s", row->name, err.detail);
        return;
    }
    ck_assert_msg(done, "%s: %s", row->name, err.detail);
    ck_assert_msg(str_eq(sample_lines(mem, &entry), str_from_c(row->lines)), "%s:\n%s\nnot\n%s",
                  row->name, sample_lines(mem, &entry).p, row->lines);
}
END_TEST

/* ---- names that the directory has no room for ---- */

typedef struct {
    const char *name, *unit; /* the name is `n` times the unit */
    size_t n;
    bool fits;
} length_row_t;

/* As measured with slapd 2.5 on back-mdb. */
static const length_row_t length_rows[] = {
    {"longest", "a", 241, true},
    {"too long", "a", 242, false},
    {"longest beyond ASCII", "é", 120, true},
    {"too long beyond ASCII", "é", 121, false},
    {"longest, escaped", ",", 80, true},
    {"too long, escaped", ",", 81, false},
    {"longest, equals signs", "=", 80, true},
    {"too long, equals signs", "=", 81, false},
    {"longest with a hash in front", "#", 239, true},
    {"too long with a hash in front", "#", 240, false},
    {"far too long", "abc", 10000, false},
};

static const char *
repeat(const char *unit, size_t n)
{
    buf_t buf;

    buf_init(&buf, mem, 100000);
    for (size_t i = 0; i < n; i++)
        buf_add_c(&buf, unit);
    return str_printf(mem, "%.*s", STR_ARG(buf_str(&buf))).p;
}

START_TEST(test_length)
{
    const length_row_t *row = &length_rows[_i];
    const map_t *map = sample_map(mem, "people");
    json_t *resource = json_object(mem);
    ldap_entry_t entry;
    err_t err = ERR_INIT;
    bool done;

    json_set(mem, resource, STR("userName"),
             json_string(mem, str_from_c(repeat(row->unit, row->n))));
    done = map_to_entry(mem, map, sample_type(map, "User"), resource, sample_links(mem, map),
                        NULL, SAMPLE_NOW, &entry, &err);
    ck_assert_msg(done == row->fits, "%s: %s", row->name, err.detail);
    if (row->fits)
        return;
    ck_assert_int_eq(err.kind, ERR_INVALID_VALUE);
    ck_assert_msg(str_starts_with(err_detail(&err), STR("userName names the entry and is too")),
                  "%s", err.detail);
}
END_TEST

/* ---- an entry shows the resource it was made of ---- */

START_TEST(test_round_trip)
{
    const map_t *map = sample_map(mem, "people");
    uint32_t seed = (uint32_t)_i * 7919 + 1;

    for (int i = 0; i < 200; i++) {
        const map_type_t *type = sample_type(map, i % 2 ? "User" : "Group");
        json_t *resource = random_resource(mem, type, &seed), *shown;
        ldap_entry_t entry;
        err_t err = ERR_INIT;

        ck_assert_msg(map_to_entry(mem, map, type, resource, sample_links(mem, map), NULL,
                                   SAMPLE_NOW, &entry, &err),
                      "%s: %s", sample_text(mem, resource).p, err.detail);
        shown = map_to_resource(mem, map, type, &entry, sample_links(mem, map), NULL,
                                SAMPLE_URL, SAMPLE_NOW);
        random_drop_derived(shown);
        ck_assert_msg(json_eq(shown, resource), "%s\nis shown as\n%s",
                      sample_text(mem, resource).p, sample_text(mem, shown).p);
    }
}
END_TEST

/* ---- before ---- */

START_TEST(test_ids)
{
    const map_t *map = sample_map(mem, "people");
    str_t *ids;
    size_t n;

    map_collect_ids(mem, sample_type(map, "Group"),
                    sample_json(mem, "{'members':[{'value':'a'},{'value':'b'},{'value':'a'}]}"),
                    &ids, &n);
    ck_assert_uint_eq(n, 2);
    ck_assert(str_eq(ids[1], STR("b")));
    map_collect_ids(mem, sample_type(map, "User"),
                    sample_json(mem, "{'" ENTERPRISE "':{'manager':{'value':'m'}}}"), &ids, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert(str_eq(ids[0], STR("m")));
}
END_TEST

typedef struct {
    const char *name, *map, *json, *filter, *first;
} match_row_t;

static const match_row_t match_rows[] = {
    {"the only", "people", "{'userName':'a*'}", "(uid=a\\2a)", "(uid=a\\2a)"},
    {"the first alone", "simple-in-out", "{'externalId':'1'}", "(scimExternalId=1)",
     "(scimExternalId=1)"},
    {"the first, or the next where the entry lacks it", "simple-in-out",
     "{'userName':'a','externalId':'1'}",
     "(|(scimExternalId=1)(&(!(scimExternalId=*))(uid=a)))", "(scimExternalId=1)"},
    {"the next", "simple-in-out", "{'userName':'a'}", "(uid=a)", "(uid=a)"},
    {"none", "simple-in-out", "{'displayName':'a'}", NULL, NULL},
};

START_TEST(test_match)
{
    const match_row_t *row = &match_rows[_i];
    const map_t *map = sample_map(mem, row->map);
    const ldap_filter_t *first = NULL;
    err_t err = ERR_INIT;
    const ldap_filter_t *filter = map_match_filter(mem, sample_type(map, "User"),
                                                   sample_json(mem, row->json), &first, &err);

    ck_assert_int_eq(err.kind, ERR_NONE);
    if (!row->filter) {
        ck_assert_ptr_null(filter);
        ck_assert_ptr_null(first);
        return;
    }
    ck_assert(str_eq(ldap_filter_format(mem, filter), str_from_c(row->filter)));
    ck_assert(str_eq(ldap_filter_format(mem, first), str_from_c(row->first)));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/to_entry");
    TCase *tests = tcase_create("resources");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_length, 0, (int)ARRAY_SIZE(length_rows));
    tcase_add_loop_test(tests, test_round_trip, 0, 5);
    tcase_add_test(tests, test_ids);
    tcase_add_loop_test(tests, test_match, 0, (int)ARRAY_SIZE(match_rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
