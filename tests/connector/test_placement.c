/* SPDX-License-Identifier: Apache-2.0 */
/* What a map's places and entry rules make of requests, also where operations fail. */
#include "connector/placement.h"
#include "support/suite_run.h"

#include <check.h>

/* ---- entry rules ---- */

static const shape_t accounts = {
    .more = "'unique':['employeeNumber']",
    .entry = ",'employeeNumber':{'from':['{userName | before \\'@\\' | lower | truncate 4}',"
             "'{userName | lower | truncate 2}-{userName | hash 4}'],'write':'create'},"
             "'description':{'from':'made for {displayName}','write':'if-empty'}"};

/* ---- places ---- */

static const shape_t places = {
    .parent = "[{'if':'userType eq \\'Contractor\\'','dn':'ou=guests,dc=example,dc=com'},"
              "{'dn':'ou={title | upper},ou={department},ou=staff,dc=example,dc=com',"
              "'create':'always'},"
              "'ou={department},ou=staff,dc=example,dc=com',"
              "'ou=staff,dc=example,dc=com']"};

/* The first part of the DN decides whether it lies in the scope at all. */
static const shape_t open_places = {.parent = "'ou={title},dc=example,dc=com'"};

static const shape_t follows = {
    .more = "'follow':true",
    .parent = "[{'if':'userType eq \\'Contractor\\' and active eq "
              "true','dn':'ou=guests,dc=example,dc=com'},"
              "{'dn':'ou={title},ou={department},ou=staff,dc=example,dc=com',"
              "'create':'always'},"
              "'ou={department},ou=staff,dc=example,dc=com',"
              "'ou=staff,dc=example,dc=com']"};

static const row_t rows[] = {
    {"an entry follows",
     &follows,
     {UNIT("a"), UNIT("b"),
      "dn: cn=g,ou=groups,dc=example,dc=com\nobjectClass: groupOfNames\ncn: g\nmember: "
      "uid=anna,ou=a,ou=staff,dc=example,dc=com\n"},
     ANNA_IN("A"),
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','path':'department','value':'B'}"),
     200,
     NULL,
     {"(&(entryDN=uid=anna,ou=b,ou=staff,dc=example,dc=com)(departmentNumber=B))",
      "(member=uid=anna,ou=b,ou=staff,dc=example,dc=com)"}},
    {"an entry follows to where there is a place",
     &follows,
     {UNIT("a")},
     ANNA_IN("A"),
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','path':'department','value':'B'}"),
     200,
     NULL,
     {"(&(entryDN=uid=anna,ou=staff,dc=example,dc=com)(departmentNumber=B))"}},
    {"an entry follows to a place that is made",
     &follows,
     {UNIT("a")},
     ANNA_IN("A"),
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'add','path':'title','value':'T'}"),
     200,
     NULL,
     {"(&(entryDN=uid=anna,ou=t,ou=a,ou=staff,dc=example,dc=com)(title=T))"}},
    {"an entry follows and is renamed",
     &follows,
     {UNIT("a"), UNIT("b")},
     ANNA_IN("A"),
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','value':{'userName':'ann','" ENTERPRISE ":department':'B'}}"),
     200,
     NULL,
     {"(&(entryDN=uid=ann,ou=b,ou=staff,dc=example,dc=com)(uid=ann)(!(uid=anna)))"}},
    {"another answer, the same place",
     &follows,
     {NULL},
     ANNA_IN("A"),
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','path':'department','value':'B'}"),
     200,
     NULL,
     {"(&(entryDN=uid=anna,ou=staff,dc=example,dc=com)(departmentNumber=B))"}},
    {"the same answer",
     &follows,
     {UNIT("a")},
     ANNA_IN("A"),
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'add','path':'displayName','value':'T'}"),
     200,
     "modify guarded post-read",
     {"(entryDN=uid=anna,ou=a,ou=staff,dc=example,dc=com)"}},
    {"a condition on active",
     &follows,
     {UNIT("a")},
     "{'userName':'anna','userType':'Contractor'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("false"),
     200,
     NULL,
     {"(&(entryDN=uid=anna,ou=staff,dc=example,dc=com)(pwdEndTime=*))"}},
    {"the name is taken where it goes",
     &follows,
     {UNIT("a"), UNIT("b"),
      "dn: uid=anna,ou=b,ou=staff,dc=example,dc=com\nobjectClass: account\nuid: anna\n"},
     ANNA_IN("A"),
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','path':'department','value':'B'}"),
     409,
     NULL,
     {"(&(entryDN=uid=anna,ou=a,ou=staff,dc=example,dc=com)(departmentNumber=A))"}},
    {"a condition that holds",
     &places,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo','userType':'contractor','title':'T'}",
     201,
     "search sub limit 20; search sub limit 20; add post-read; search sub limit 2; "
     "search sub limit 2",
     {"(entryDN=uid=jo,ou=guests,dc=example,dc=com)"}},
    {"two units that are missing",
     &places,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo','title':'t, "
     "x','urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'"
     ":{'department':'R&D+1'}}",
     201,
     "search sub limit 20; search sub limit 20; add post-read; add; add; add; add post-read; "
     "search sub limit 2; search sub limit 2",
     {"(entryDN=uid=jo,ou=T\\5c, X,ou=R&D\\5c+1,ou=staff,dc=example,dc=com)",
      "(&(objectClass=organizationalUnit)(ou=T, X))"}},
    {"a unit that is there",
     &places,
     {"dn: ou=a,ou=staff,dc=example,dc=com\nobjectClass: organizationalUnit\nou: a\n"},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo','urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'"
     ":{'department':'A'}}",
     201,
     NULL,
     {"(entryDN=uid=jo,ou=a,ou=staff,dc=example,dc=com)"}},
    {"the next line where a unit is missing",
     &places,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo','urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'"
     ":{'department':'A'}}",
     201,
     "search sub limit 20; search sub limit 20; add post-read; add post-read; "
     "search sub limit 2; search sub limit 2",
     {"(entryDN=uid=jo,ou=staff,dc=example,dc=com)"}},
    {"a place in the scope",
     &open_places,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo','title':'Guests'}",
     201,
     NULL,
     {"(entryDN=uid=jo,ou=guests,dc=example,dc=com)"}},
    {"a place outside the scope",
     &open_places,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo','title':'groups'}",
     400,
     "",
     {NULL}},
    {"no place",
     &open_places,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo'}",
     400,
     "",
     {NULL}},
    {"a unique value that is free",
     &accounts,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'Josephine@example.com'}",
     201,
     "search sub limit 20; search sub limit 20; search sub limit 100; search sub limit 100; "
     "add post-read; search sub limit 2; search sub limit 2",
     {"(employeeNumber=jose)"}},
    {"a unique value that somebody has",
     &accounts,
     {PERSON("uid=x" STAFF) "uid: x\nemployeeNumber: JOSE\n"},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'Josephine@example.com'}",
     201,
     NULL,
     {"(employeeNumber=jo-*)", "(employeeNumber=jose)"}},
    {"every unique value is taken",
     &accounts,
     {PERSON("uid=x" STAFF) "uid: x\nemployeeNumber: jo\n",
      PERSON("uid=y" STAFF) "uid: y\nemployeeNumber: jo-24e3\n"},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo'}",
     409,
     NULL,
     {"(uid=x)"}},
    {"what is empty is filled",
     &accounts,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'add','path':'displayName','value':'Anna'}"),
     200,
     NULL,
     {"(description=made for Anna)"}},
    {"what is not empty stays",
     &accounts,
     {NULL},
     "{'userName':'anna','displayName':'Anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','path':'displayName','value':'Ann'}"),
     200,
     NULL,
     {"(&(displayName=Ann)(description=made for Anna))"}},
};

START_TEST(test_row)
{
    check_row(&rows[_i]);
}
END_TEST

START_TEST(test_faults)
{
    check_row_faulted(&rows[_i]);
}
END_TEST

/* ---- two at the same moment ---- */

/* Both need the same units, which neither finds. */
START_TEST(test_units_race)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, &places);

    for (unsigned i = 0; i < sim_rounds(100); i++) {
        sim_t *sim = sim_new(sim_seed() + i);
        sim_call_t *calls[2];

        for (size_t k = 0; k < 2; k++)
            calls[k] = sim_call(sim, sim_connector(sim, map, 5000), METHOD_POST, "Users",
                                sim_format(sim,
                                           "{'userName':'jo%zu','title':'T','" ENTERPRISE
                                           "':{'department':'D'}}",
                                           k));
        sim_begin(calls[0]);
        sim_begin(calls[1]);
        sim_run(sim);
        for (size_t k = 0; k < 2; k++)
            ck_assert_msg(calls[k]->status == 201, "%u: %d %.*s", i, calls[k]->status,
                          STR_ARG(calls[k]->body));
        ck_assert_uint_eq(model_count(sim_model(sim), "(ou=T)"), 1);
        sim_free(sim);
    }
}
END_TEST

/* Whoever comes last: the entry is where its department says. */
START_TEST(test_follow_race)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, &follows);

    for (unsigned i = 0; i < sim_rounds(100); i++) {
        sim_t *sim = sim_new(sim_seed() + i);
        connector_t *connectors[] = {sim_connector(sim, map, 5000),
                                     sim_connector(sim, map, 5000)};
        static const char *const units[] = {UNIT("a"), UNIT("b"), UNIT("c")};
        sim_call_t *calls[3];
        str_t id;

        for (size_t k = 0; k < ARRAY_SIZE(units); k++)
            model_put(sim_model(sim), units[k]);
        id = sim_create(sim, connectors[0], "Users", ANNA_IN("a"));
        for (size_t k = 0; k < ARRAY_SIZE(calls); k++) {
            static const char *const bodies[] = {
                PATCH("{'op':'replace','path':'department','value':'b'}"),
                PATCH("{'op':'replace','path':'department','value':'c'}"),
                PATCH("{'op':'replace','path':'displayName','value':'x'}")};

            calls[k] = sim_call(sim, connectors[k % 2], METHOD_PATCH,
                                with_id(sim, "Users/{anna}", id), bodies[k]);
            sim_begin(calls[k]);
        }
        sim_run(sim);
        for (size_t k = 0; k < ARRAY_SIZE(calls); k++)
            ck_assert_msg(sim_succeeded(calls[k]) || calls[k]->status == 503, "%u: %d %.*s", i,
                          calls[k]->status, STR_ARG(calls[k]->body));
        ck_assert_msg(
            model_count(
                sim_model(sim),
                "(|(&(departmentNumber=b)(entryDN=uid=anna,ou=b,ou=staff,dc=example,dc=com))"
                "(&(departmentNumber=c)(entryDN=uid=anna,ou=c,ou=staff,dc=example,dc=com)))") ==
                1,
            "%u:\n%.*s", i, STR_ARG(sim_directory(sim)));
        sim_free(sim);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("placement");
    TCase *tests = tcase_create("rows");

    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_faults, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_units_race);
    tcase_add_test(tests, test_follow_race);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
