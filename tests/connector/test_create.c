/* SPDX-License-Identifier: Apache-2.0 */
/* POST where somebody is there already: whose entry is taken over, and whose is not. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

/* People named by what they are called, groups with a state for the deleted; %s: match, unique. */
static const char map_text[] =
    "{'dialect':'openldap','integrity':'server','scopes':{"
    "'users':{'bases':['" USERS "'],'depth':'one','filter':"
    "'(&(objectClass=inetOrgPerson)(!(employeeType=external)))'%s},"
    "'groups':{'bases':['ou=groups,ou=people,dc=example,dc=com'],'depth':'one',"
    "'filter':'(objectClass=groupOfNames)'}},'resources':{"
    "'User':{'scope':'users','rdn':'%s','objectClass':['inetOrgPerson'],"
    "'auxiliary':['scimResource'],'parent':'" USERS "','match':[%s],'adopt':'match',"
    "'attributes':{'externalId':'scimExternalId','userName':{'ldap':'uid','required':true},"
    "'displayName':'displayName','title':'title','userType':'employeeType',"
    "'password':{'ldap':'userPassword','as':'password'}},"
    "'entry':{'cn':['{displayName}','{displayName} "
    "({userName})','{userName}'],'sn':['{userName}']},"
    "'lifecycle':{'inactive':'ppolicy-end','deleted':{'when':'(scimDeletedAt=*)',"
    "'stamp':'scimDeletedAt','do':['inactive',{'strip':['groups']}],"
    "'undo':[{'undo':'inactive'}],'aside':['%s']}}},"
    "'Group':{'scope':'groups','rdn':'cn','objectClass':['groupOfNames'],"
    "'auxiliary':['scimResource'],'parent':'ou=groups,ou=people,dc=example,dc=com',"
    "'match':['displayName'],'adopt':'match','attributes':{'externalId':'scimExternalId',"
    "'displayName':{'ldap':'cn','required':true},"
    "'members':{'ldap':'member','reference':['users'],'missing':'refuse'}},"
    "'emptyMember':'cn=nobody','lifecycle':{'deleted':{'when':'(scimDeletedAt=*)',"
    "'stamp':'scimDeletedAt','aside':['cn']}}}}}";

typedef struct {
    const char *unique, *rdn, *match;
} naming_t;

static const naming_t by_unique_uid = {",'unique':['uid']", "uid", "'userName'"};
static const naming_t by_cn = {"", "cn", "'userName'"};
static const naming_t by_user_name = {"", "uid", "'userName'"};
static const naming_t by_both = {"", "uid", "'externalId','userName'"};

static const map_t *
make_map(arena_t *mem, const naming_t *naming)
{
    str_t text =
        str_printf(mem, map_text, naming->unique, naming->rdn, naming->match, naming->rdn);

    return fixture_map(mem, text.p);
}

/* Entries beforehand, one POST, and what there is afterwards. */
typedef struct {
    const char *name;
    const naming_t *naming;
    const char *before[4]; /* beyond the object classes */
    const char *body;
    int status;
    const char *trace;
    const char *holds[2]; /* filters that exactly one entry matches */
} row_t;

#define DEAD \
    "objectClass: scimResource\nscimDeletedAt: 20250101000000Z\npwdEndTime: 20250101000000Z\n"
#define PERSON(rdn) "dn: " rdn "," USERS "\nobjectClass: inetOrgPerson\nsn: S\n"
#define JOHN PERSON("cn=John Smith") "cn: John Smith\nuid: jsmith\n"

static const row_t rows[] = {
    {"another John is called otherwise",
     &by_cn,
     {JOHN},
     "{'userName':'johnsm2','displayName':'John Smith','password':'secret'}",
     201,
     "search one limit 20; add post-read; search base; add post-read; search one limit 2",
     {"(&(cn=John Smith)(uid=jsmith)(!(userPassword=*)))", "(cn=John Smith \\28johnsm2\\29)"}},
    {"every name is taken",
     &by_cn,
     {JOHN, PERSON("cn=John Smith (johnsm2)") "cn: John Smith (johnsm2)\nuid: x\n",
      PERSON("cn=johnsm2") "cn: johnsm2\nuid: y\n"},
     "{'userName':'johnsm2','displayName':'John Smith'}",
     409,
     "search one limit 20; add post-read; search base; add post-read; search base; "
     "add post-read; search base",
     {"(&(cn=John Smith)(uid=jsmith))", "(uid=x)"}},
    {"another's tombstone gives up the name",
     &by_cn,
     {JOHN DEAD},
     "{'userName':'johnsm2','displayName':'John Smith'}",
     201,
     "search one limit 20; add post-read; search base; search base; rename guarded; search one "
     "limit 1; "
     "add post-read; search one limit 2",
     {"(&(uid=jsmith)(scimDeletedAt=*)(!(cn=John Smith)))", "(&(cn=John Smith)(uid=johnsm2))"}},
    {"the same John is adopted",
     &by_cn,
     {JOHN},
     "{'userName':'JSmith','displayName':'John Smith','title':'T'}",
     201,
     NULL,
     {"(&(cn=John Smith)(uid=jsmith)(title=T))"}},
    {"without an externalId the next path decides",
     &by_both,
     {PERSON("cn=Pat") "cn: Pat\nuid: pat\n"},
     "{'userName':'pat','externalId':'P1','displayName':'Pat'}",
     201,
     NULL,
     {"(uid=pat)", "(&(cn=Pat)(uid=pat)(scimExternalId=P1))"}},
    {"two tombstones of the same person",
     &by_both,
     {PERSON("cn=Pat") "cn: Pat\nuid: pat\n" DEAD,
      PERSON("uid=pat") "cn: Pat\nuid: pat\nscimExternalId: P1\n" DEAD},
     "{'userName':'pat','externalId':'P1','displayName':'Pat'}",
     201,
     NULL,
     {"(&(scimExternalId=P1)(!(scimDeletedAt=*)))",
      "(&(!(scimExternalId=*))(scimDeletedAt=*))"}},
    {"two tombstones of others",
     &by_user_name,
     {PERSON("cn=A") "cn: A\nuid: pat\nscimExternalId: P2\n" DEAD,
      PERSON("cn=B") "cn: B\nuid: pat\nscimExternalId: P3\n" DEAD},
     "{'userName':'pat','externalId':'P1','displayName':'Pat'}",
     201,
     NULL,
     {"(&(scimExternalId=P1)(!(scimDeletedAt=*)))"}},
    {"a name that nobody has takes one operation",
     &by_unique_uid,
     {JOHN},
     "{'userName':'pat'}",
     201,
     "add post-read",
     {"(uid=pat)"}},
    {"who is named otherwise is adopted",
     &by_unique_uid,
     {JOHN},
     "{'userName':'jsmith','title':'T'}",
     201,
     NULL,
     {"(uid=jsmith)", "(&(uid=jsmith)(title=T)(cn=John Smith))"}},
    {"who is named otherwise and provisioned",
     &by_unique_uid,
     {JOHN "objectClass: scimResource\nscimExternalId: J\n"},
     "{'userName':'jsmith','title':'T'}",
     409,
     "add post-read; search one limit 20",
     {"(&(uid=jsmith)(!(title=*)))"}},
    {"another of the values",
     &by_unique_uid,
     {PERSON("uid=john") "cn: J\nuid: john\nuid: jsmith\nobjectClass: scimResource\n"},
     "{'userName':'jsmith'}",
     409,
     "add post-read; search one limit 20",
     {"(uid=jsmith)"}},
    {"who is outside the filter",
     &by_unique_uid,
     {JOHN "employeeType: external\n"},
     "{'userName':'jsmith'}",
     409,
     "add post-read; search one limit 20",
     {"(uid=jsmith)"}},
    {"the same person's tombstone of another name",
     &by_unique_uid,
     {JOHN DEAD},
     "{'userName':'jsmith','title':'T'}",
     201,
     NULL,
     {"(&(uid=jsmith)(title=T)(!(scimDeletedAt=*)))"}},
    {"two who live",
     &by_both,
     {PERSON("cn=A") "cn: A\nuid: pat\n", PERSON("cn=B") "cn: B\nuid: pat\n"},
     "{'userName':'pat','externalId':'P1','displayName':'Pat'}",
     409,
     NULL,
     {NULL}},
};

/* A group that comes back has only whom the request names. */
START_TEST(test_group_revival)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(sim_seed());
    connector_t *connector = sim_connector(sim, make_map(mem, &by_user_name), 5000);
    str_t anna = sim_create(sim, connector, "Users", "{'userName':'anna'}"),
          ben = sim_create(sim, connector, "Users", "{'userName':'ben'}"),
          crew =
              sim_create(sim, connector, "Groups",
                         sim_format(sim, "{'displayName':'crew','members':[{'value':'%.*s'}]}",
                                    STR_ARG(anna)));
    const sim_call_t *call = sim_do(sim, connector, METHOD_DELETE,
                                    sim_format(sim, "Groups/%.*s", STR_ARG(crew)), NULL);

    ck_assert_int_eq(call->status, 204);
    call = sim_do(sim, connector, METHOD_POST, "Groups",
                  _i ? sim_format(sim, "{'displayName':'crew','members':[{'value':'%.*s'}]}",
                                  STR_ARG(ben))
                     : "{'displayName':'crew'}");
    ck_assert_int_eq(call->status, 201);
    ck_assert(sim_shows(call, crew));
    ck_assert_uint_eq(count_members(sim, crew), 1);
    ck_assert_msg(model_count(sim_model(sim),
                              _i ? "(member=uid=ben," USERS ")" : "(member=cn=nobody)") == 1,
                  "%.*s", STR_ARG(sim_directory(sim)));
    sim_free(sim);
}
END_TEST

/* What would be out of sight afterwards is refused, with or without a reading before. */
START_TEST(test_leave_scope)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(sim_seed());
    connector_t *connector = sim_connector(sim, make_map(mem, &by_user_name), 5000);
    str_t id = sim_create(sim, connector, "Users", "{'userName':'anna','userType':'staff'}");
    const char *path = sim_format(sim, "Users/%.*s", STR_ARG(id));
    const sim_call_t *call;

    if (_i)
        connector = sim_connector(sim, make_map(mem, &by_user_name), 5000);
    call = sim_do(sim, connector, METHOD_PATCH, path,
                  PATCH("{'op':'replace','path':'userType','value':'external'}"));
    ck_assert_msg(call->status == 400, "%d %.*s", call->status, STR_ARG(call->body));
    call = sim_do(sim, connector, METHOD_PATCH, path,
                  PATCH("{'op':'replace','path':'userType','value':'guest'}"));
    ck_assert_int_eq(call->status, 200);
    sim_free(sim);
}
END_TEST

START_TEST(test_row)
{
    const row_t *row = &rows[_i];
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(sim_seed());
    connector_t *connector = sim_connector(sim, make_map(mem, row->naming), 5000);
    const sim_call_t *call;

    if (row->naming->unique[0])
        model_unique(sim_model(sim), "uid");
    for (size_t i = 0; i < ARRAY_SIZE(row->before) && row->before[i]; i++)
        model_put(sim_model(sim), row->before[i]);
    call = sim_do(sim, connector, METHOD_POST, "Users", row->body);
    ck_assert_msg(call->status == row->status, "%s: %d %.*s (%.*s)", row->name, call->status,
                  STR_ARG(call->body), STR_ARG(call->trace));
    if (row->trace)
        ck_assert_msg(str_eq(call->trace, str_from_c(row->trace)), "%s: %.*s", row->name,
                      STR_ARG(call->trace));
    for (size_t i = 0; i < ARRAY_SIZE(row->holds) && row->holds[i]; i++)
        ck_assert_msg(model_count(sim_model(sim), row->holds[i]) == 1,
                      "%s: %s is not so in\n%.*s", row->name, row->holds[i],
                      STR_ARG(sim_directory(sim)));
    sim_free(sim);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("create");
    TCase *tests = tcase_create("rows");

    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_group_revival, 0, 2);
    tcase_add_loop_test(tests, test_leave_scope, 0, 2);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
