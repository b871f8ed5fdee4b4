/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of a map's lifecycle make of requests, also where operations fail. */
#include "connector/placement.h"
#include "support/suite_run.h"

#include <check.h>

static const shape_t bits = {
    .entry = ",'uidNumber':{'from':'512','write':'create'}",
    .inactive =
        "{'when':'(uidNumber:1.2.840.113556.1.4.803:=2)','do':[{'setBits':{'uidNumber':2}}],"
        "'undo':[{'clearBits':{'uidNumber':2}}]}"};

static const shape_t saves = {
    .inactive = "{'when':'(l=gone)','stamp':'scimInactiveSince','do':[{'save':{'l':'street'}},"
                "{'addClass':['dcObject']},{'set':{'dc':'x','l':'gone'}}],"
                "'undo':[{'unset':['l']}]}"};

static const shape_t locks = {.inactive = "'ppolicy-lock'"};

static const shape_t gives = {
    .more = "'unique':['employeeNumber','scimExternalId']",
    .entry = ",'employeeNumber':['{title}','{title}-{userName}']",
    .deleted = "{'when':'(scimDeletedAt=*)','stamp':'scimDeletedAt','do':['inactive',"
               "{'strip':['groups']}],'undo':[{'undo':'inactive'}],"
               "'aside':['uid','employeeNumber','scimExternalId']}"};

static const row_t rows[] = {
    {"a tombstone gives up what must be unique",
     &gives,
     {NULL},
     "{'userName':'anna','title':'T','externalId':'e'}",
     NULL,
     true,
     METHOD_POST,
     "Users",
     "{'userName':'jo','title':'T','externalId':'e'}",
     201,
     NULL,
     {"(&(uid=jo)(employeeNumber=T)(scimExternalId=e))",
      "(&(uid=anna)(!(employeeNumber=*))(!(scimExternalId=*)))"}},
    {"a tombstone gives up what is changed to",
     &gives,
     {PERSON("uid=jo" STAFF) "uid: jo\nscimExternalId: e\nscimDeletedAt: 20250101000000Z\n"
                             "objectClass: scimResource\npwdEndTime: 20250101000000Z\n"},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'add','path':'externalId','value':'e'}"),
     200,
     NULL,
     {"(&(uid=anna)(scimExternalId=e))", "(&(uid=jo)(!(scimExternalId=*)))"}},
    {"who lives gives up nothing",
     &gives,
     {NULL},
     "{'userName':'anna','title':'T','externalId':'e'}",
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo','title':'T','externalId':'e'}",
     409,
     NULL,
     {"(&(uid=anna)(scimExternalId=e))"}},
    {"bits are set",
     &bits,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("false"),
     200,
     "search base; modify guarded post-read",
     {"(uidNumber=514)"}},
    {"bits are cleared",
     &bits,
     {NULL},
     "{'userName':'anna','active':false}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("true"),
     200,
     NULL,
     {"(uidNumber=512)"}},
    {"bits of one who is deleted",
     &bits,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_DELETE,
     "Users/{anna}",
     NULL,
     204,
     NULL,
     {"(&(uidNumber=514)(scimDeletedAt=*))"}},
    {"bits of one who comes back",
     &bits,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     true,
     METHOD_POST,
     "Users",
     "{'userName':'anna'}",
     201,
     NULL,
     {"(&(uidNumber=512)(!(scimDeletedAt=*)))"}},
    {"born with bits set",
     &bits,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'jo','active':false}",
     201,
     NULL,
     {"(uidNumber=514)"}},
    {"a value is saved, a class added",
     &saves,
     {PERSON("uid=anna" STAFF) "uid: anna\nl: Bern\n"},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("false"),
     200,
     NULL,
     {"(&(l=gone)(street=Bern)(objectClass=dcObject)(objectClass=scimResource)"
      "(scimInactiveSince=*))"}},
    {"a value is put back",
     &saves,
     {PERSON("uid=anna" STAFF) "uid: anna\nl: Bern\n"},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("true"),
     200,
     NULL,
     {"(&(l=Bern)(!(street=*))(!(scimInactiveSince=*)))"}},
    {"one who was inactive is deleted",
     &saves,
     {PERSON("uid=anna" STAFF) "uid: anna\nl: Bern\n"},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_DELETE,
     "Users/{anna}",
     NULL,
     204,
     NULL,
     {"(&(l=gone)(street=Bern)(scimDeletedAt=*))"}},
    {"one who comes back inactive",
     &saves,
     {PERSON("uid=anna" STAFF) "uid: anna\nl: Bern\n"},
     "{'userName':'anna'}",
     ACTIVE("false"),
     true,
     METHOD_POST,
     "Users",
     "{'userName':'anna','active':false}",
     201,
     NULL,
     {"(&(l=gone)(street=Bern)(!(scimDeletedAt=*)))"}},
    {"nothing to be put back",
     &saves,
     {NULL},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("true"),
     200,
     NULL,
     {"(&(uid=anna)(!(l=*)))"}},
    {"a lock",
     &locks,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("false"),
     200,
     "modify guarded post-read",
     {"(pwdAccountLockedTime=000001010000Z)"}},
    {"a lock that a new password leaves",
     &locks,
     {NULL},
     "{'userName':'anna','active':false}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','path':'password','value':'secret-9'}"),
     200,
     "search base; modify guarded post-read",
     {"(&(pwdAccountLockedTime=000001010000Z)(userPassword=secret-9))"}},
    {"a lock that goes with a new password",
     &locks,
     {NULL},
     "{'userName':'anna','active':false}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','value':{'password':'secret-9','active':true}}"),
     200,
     NULL,
     {"(&(!(pwdAccountLockedTime=*))(userPassword=secret-9))"}},
    {"a lock that comes with a new password",
     &locks,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','value':{'password':'secret-9','active':false}}"),
     200,
     NULL,
     {"(&(pwdAccountLockedTime=000001010000Z)(userPassword=secret-9))"}},
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

int
main(void)
{
    Suite *suite = suite_create("steps");
    TCase *tests = tcase_create("rows");

    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_faults, 0, (int)ARRAY_SIZE(rows));
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
