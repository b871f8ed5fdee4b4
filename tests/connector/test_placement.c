/* SPDX-License-Identifier: Apache-2.0 */
/* What a map's entry rules, placement and lifecycle steps make of requests, also where operations fail. */
#include "connector/fixture.h"
#include "support/suite_run.h"

#include <check.h>

/* People; %s: further settings, "parent", "entry", "inactive", "deleted". */
static const char map_text[] =
    "{'dialect':'openldap','integrity':'%s','scopes':{"
    "'users':{'bases':['ou=staff,dc=example,dc=com','ou=guests,dc=example,dc=com'],"
    "'filter':'(objectClass=inetOrgPerson)'},"
    "'groups':{'bases':['ou=groups,dc=example,dc=com'],'filter':'(objectClass=groupOfNames)'}},"
    "'resources':{'User':{'scope':'users','rdn':'uid','objectClass':['inetOrgPerson'],"
    "'auxiliary':['scimResource'],'match':['userName'],'adopt':'match',"
    "'attributes':{'userName':{'ldap':'uid','required':true},'displayName':'displayName',"
    "'title':'title','userType':'employeeType','externalId':'scimExternalId',"
    "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department':'departmentNumber'"
    ","
    "'password':{'ldap':'userPassword','as':'password'}},"
    "%s,'parent':%s,'entry':{'cn':'Some','sn':'Body'%s},"
    "'lifecycle':{'inactive':%s,'deleted':%s}},"
    "'Group':{'scope':'groups','rdn':'cn','objectClass':['groupOfNames'],"
    "'parent':'ou=groups,dc=example,dc=com','match':['displayName'],"
    "'attributes':{'displayName':{'ldap':'cn','required':true},"
    "'members':{'ldap':'member','reference':['users'],'missing':'refuse'}},"
    "'emptyMember':'cn=nobody','lifecycle':{'deleted':'delete'}}}}";

typedef struct {
    const char *more, *parent, *entry, *inactive, *deleted; /* NULL: as usual */
    bool repairs;                                           /* references: the bridge */
} shape_t;

static const map_t *
make_map(arena_t *mem, const shape_t *shape)
{
    str_t text = str_printf(
        mem, map_text, shape->repairs ? "bridge" : "server",
        shape->more ? shape->more : "'unique':[]",
        shape->parent ? shape->parent : "'ou=staff,dc=example,dc=com'",
        shape->entry ? shape->entry : "", shape->inactive ? shape->inactive : "'ppolicy-end'",
        shape->deleted ? shape->deleted
                       : "{'when':'(scimDeletedAt=*)','stamp':'scimDeletedAt','do':['inactive',"
                         "{'strip':['groups']}],'undo':[{'undo':'inactive'}],'aside':['uid']}");

    return fixture_map(mem, text.p);
}

/* Entries beforehand, perhaps a person "anna" made through the connector, and one request. */
typedef struct {
    const char *name;
    const shape_t *shape;
    const char *before[3];
    const char *anna; /* the body of her POST; NULL: she is not there */
    const char *then; /* a PATCH of hers before the request; NULL: none */
    bool deleted;     /* or she was deleted */
    method_t method;
    const char *path, *body; /* "{anna}": her id */
    int status;
    const char *trace;
    const char *holds[2]; /* filters that exactly one entry matches afterwards */
} row_t;

#define PERSON(dn) "dn: " dn "\nobjectClass: inetOrgPerson\nsn: S\ncn: C\n"
#define STAFF ",ou=staff,dc=example,dc=com"

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

#define ANNA_IN(department) \
    "{'userName':'anna','" ENTERPRISE "':{'department':'" department "'}}"
#define UNIT(name)                                                                           \
    "dn: ou=" name ",ou=staff,dc=example,dc=com\nobjectClass: organizationalUnit\nou: " name \
    "\n"

/* ---- lifecycle steps ---- */

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

/* ---- states that the place tells ---- */

#define MOVES_TO(place) "{'move':'ou=" place ",dc=example,dc=com'}"
#define UNDER(place) "'when':{'under':'ou=" place ",dc=example,dc=com'}"
#define AWAY                                                                               \
    "{" UNDER("away") ",'stamp':'scimInactiveSince','do':[{'set':{'l':'gone'}}," MOVES_TO( \
        "away") "],'undo':[{'move':'parent'},{'unset':['l']}]}"
#define IN_AWAY ",ou=away,dc=example,dc=com"
#define IN_LEFT ",ou=left,dc=example,dc=com"

static const shape_t moves = {
    .more = "'follow':true",
    .parent = "['ou={department},ou=staff,dc=example,dc=com','ou=staff,dc=example,dc=com']",
    .inactive = AWAY,
    .deleted = "{" UNDER("left") ",'stamp':'scimDeletedAt','do':[{'strip':['groups']},"
                                 "{'save':{'st':'street'}},{'unset':['st']}," MOVES_TO(
                                     "left") "],'undo':[{'move':'parent'}],'aside':['uid']}"};

/* One by its place, the other by a mark; and the other way round, with a name that is not given up. */
static const shape_t left = {
    .deleted = "{" UNDER("left") ",'stamp':'scimDeletedAt','do':['inactive'," MOVES_TO(
        "left") "],'undo':[{'move':'parent'},{'undo':'inactive'}]}"};
static const shape_t away = {.inactive = AWAY};
static const shape_t bridged = {.inactive = AWAY, .repairs = true};

#define ANNA_SAYS(value)                                                                     \
    "dn: cn=g,ou=groups,dc=example,dc=com\nobjectClass: groupOfNames\ncn: g\nmember: " value \
    "\n"

#define ACTIVE(value) PATCH("{'op':'replace','path':'active','value':" value "}")

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
    {"inactive by its place",
     &moves,
     {ANNA_SAYS("uid=anna" STAFF)},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("false"),
     200,
     "search base; search base; search base; modify guarded post-read; rename guarded "
     "post-read; search sub limit 1",
     {"(&(entryDN=uid=anna" IN_AWAY ")(l=gone)(scimInactiveSince=*))",
      "(member=uid=anna" IN_AWAY ")"}},
    {"inactive by its place already",
     &moves,
     {NULL},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("false"),
     200,
     "search base",
     {"(&(entryDN=uid=anna" IN_AWAY ")(l=gone)(scimInactiveSince=*))"}},
    {"active by its place",
     &moves,
     {NULL},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("true"),
     200,
     NULL,
     {"(&(entryDN=uid=anna" STAFF ")(!(l=*))(!(scimInactiveSince=*)))"}},
    {"active, renamed and placed anew",
     &moves,
     {UNIT("b")},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','value':{'userName':'ann','active':true,'" ENTERPRISE
           ":department':'B'}}"),
     200,
     NULL,
     {"(&(entryDN=uid=ann,ou=b" STAFF ")(departmentNumber=B)(uid=ann)(!(uid=anna))(!(l=*)))"}},
    {"inactive and renamed",
     &moves,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','value':{'userName':'ann','active':false}}"),
     200,
     NULL,
     {"(&(entryDN=uid=ann" IN_AWAY ")(!(uid=anna))(l=gone))"}},
    {"who is inactive does not follow",
     &moves,
     {UNIT("b")},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','path':'department','value':'B'}"),
     200,
     "search base; modify guarded post-read",
     {"(&(entryDN=uid=anna" IN_AWAY ")(departmentNumber=B))"}},
    {"who is inactive is renamed there",
     &moves,
     {NULL},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_PATCH,
     "Users/{anna}",
     PATCH("{'op':'replace','path':'userName','value':'ann'}"),
     200,
     NULL,
     {"(&(entryDN=uid=ann" IN_AWAY ")(l=gone))"}},
    {"born inactive",
     &moves,
     {NULL},
     NULL,
     NULL,
     false,
     METHOD_POST,
     "Users",
     "{'userName':'anna','active':false}",
     201,
     NULL,
     {"(&(entryDN=uid=anna" IN_AWAY ")(l=gone)(scimInactiveSince=*))"}},
    {"born where somebody inactive has the name",
     &moves,
     {NULL},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_POST,
     "Users",
     "{'userName':'anna'}",
     409,
     NULL,
     {"(&(entryDN=uid=anna" IN_AWAY ")(l=gone)(scimInactiveSince=*))"}},
    {"the name is taken where it is inactive",
     &moves,
     {"dn: uid=anna" IN_AWAY "\nobjectClass: account\nuid: anna\n"},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("false"),
     409,
     NULL,
     {"(&(entryDN=uid=anna" STAFF ")(!(l=*))(!(scimInactiveSince=*)))"}},
    {"the name is taken where it was",
     &moves,
     {NULL},
     "{'userName':'anna'}",
     ACTIVE("false"),
     false,
     METHOD_PUT,
     "Users/{anna}",
     "{'userName':'anna','active':false,'title':'T'}",
     200,
     NULL,
     {"(&(entryDN=uid=anna" IN_AWAY ")(title=T))"}},
    {"deleted by its place",
     &moves,
     {ANNA_SAYS("uid=anna" STAFF)},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_DELETE,
     "Users/{anna}",
     NULL,
     204,
     NULL,
     {"(&(entryDN=uid=anna" IN_LEFT ")(scimDeletedAt=*))",
      "(&(cn=g)(member=cn=nobody)(!(member=uid=anna" IN_LEFT ")))"}},
    {"deleted where a stranger has the name",
     &moves,
     {"dn: uid=anna" IN_LEFT "\nobjectClass: account\nuid: anna\n"},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_DELETE,
     "Users/{anna}",
     NULL,
     204,
     NULL,
     {"(&(scimDeletedAt=*)(!(uid=anna)))"}},
    {"deleted where a tombstone has the name, which is made free",
     &moves,
     {PERSON("uid=anna" IN_LEFT) "uid: anna\nobjectClass: scimResource\nscimExternalId: f\n"},
     "{'userName':'anna','externalId':'e'}",
     NULL,
     false,
     METHOD_DELETE,
     "Users/{anna}",
     NULL,
     204,
     NULL,
     {"(&(entryDN=uid=anna" IN_LEFT ")(scimExternalId=e))",
      "(&(scimExternalId=f)(!(uid=anna)))"}},
    {"back by its place",
     &moves,
     {NULL},
     "{'userName':'anna','externalId':'e'}",
     NULL,
     true,
     METHOD_POST,
     "Users",
     "{'userName':'anna','externalId':'e'}",
     201,
     NULL,
     {"(&(entryDN=uid=anna" STAFF ")(!(scimDeletedAt=*)))"}},
    {"back from the one and the other",
     &moves,
     {NULL},
     "{'userName':'anna'}",
     ACTIVE("false"),
     true,
     METHOD_POST,
     "Users",
     "{'userName':'anna'}",
     201,
     NULL,
     {"(&(entryDN=uid=anna" STAFF ")(!(l=*))(!(scimInactiveSince=*))(!(scimDeletedAt=*)))"}},
    {"back to where somebody inactive is",
     &moves,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     true,
     METHOD_POST,
     "Users",
     "{'userName':'anna','active':false,'title':'T'}",
     201,
     NULL,
     {"(&(entryDN=uid=anna" IN_AWAY ")(!(scimDeletedAt=*))(l=gone)(title=T))"}},
    {"another person with the name",
     &moves,
     {NULL},
     "{'userName':'anna','externalId':'e'}",
     NULL,
     true,
     METHOD_POST,
     "Users",
     "{'userName':'anna','externalId':'f'}",
     201,
     NULL,
     {"(&(entryDN=uid=anna" STAFF ")(scimExternalId=f))",
      "(&(entryDN=uid=anna" IN_LEFT ")(scimExternalId=e))"}},
    {"deleted by its place, inactive by a mark",
     &left,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_DELETE,
     "Users/{anna}",
     NULL,
     204,
     NULL,
     {"(&(entryDN=uid=anna" IN_LEFT ")(scimDeletedAt=*)(pwdEndTime=*))"}},
    {"a stranger has the name, which is not given up",
     &left,
     {"dn: uid=anna" IN_LEFT "\nobjectClass: account\nuid: anna\n"},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_DELETE,
     "Users/{anna}",
     NULL,
     409,
     NULL,
     {"(&(entryDN=uid=anna" STAFF ")(!(pwdEndTime=*)))"}},
    {"back by its place, inactive by a mark",
     &left,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     true,
     METHOD_POST,
     "Users",
     "{'userName':'anna'}",
     201,
     NULL,
     {"(&(entryDN=uid=anna" STAFF ")(!(pwdEndTime=*)))"}},
    {"deleted by a mark, inactive by its place",
     &away,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_DELETE,
     "Users/{anna}",
     NULL,
     204,
     NULL,
     {"(&(entryDN=uid=anna" IN_AWAY ")(scimDeletedAt=*)(l=gone))"}},
    {"back by a mark, inactive by its place",
     &away,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     true,
     METHOD_POST,
     "Users",
     "{'userName':'anna'}",
     201,
     NULL,
     {"(&(entryDN=uid=anna" STAFF ")(!(l=*))(!(scimDeletedAt=*)))"}},
    {"inactive by its place, references by the bridge",
     &bridged,
     {NULL},
     "{'userName':'anna'}",
     NULL,
     false,
     METHOD_PATCH,
     "Users/{anna}",
     ACTIVE("false"),
     200,
     NULL,
     {"(&(entryDN=uid=anna" IN_AWAY ")(l=gone)(scimInactiveSince=*))"}},
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

/* ---- rows ---- */

typedef struct {
    sim_t *sim;
    connector_t *connector;
    const char *path;
} made_t;

static const char *
with_id(sim_t *sim, const char *path, str_t id)
{
    size_t at = str_find(str_from_c(path), STR("{anna}"));

    return at < strlen(path) ? sim_format(sim, "%.*s%.*s%s", (int)at, path, STR_ARG(id),
                                          path + at + strlen("{anna}"))
                             : path;
}

static made_t
make_row(const row_t *row, const map_t *map, uint64_t seed)
{
    made_t made = {.sim = sim_new(seed), .path = row->path};
    str_t id = STR("");

    made.connector = sim_connector(made.sim, map, 5000);
    model_leave_references(sim_model(made.sim), map->repairs);
    for (size_t i = 0; i < ARRAY_SIZE(row->before) && row->before[i]; i++)
        model_put(sim_model(made.sim), row->before[i]);
    if (row->anna)
        id = sim_create(made.sim, made.connector, "Users", row->anna);
    if (row->then)
        ck_assert_int_eq(sim_do(made.sim, made.connector, METHOD_PATCH,
                                with_id(made.sim, "Users/{anna}", id), row->then)
                             ->status,
                         200);
    if (row->deleted)
        ck_assert_int_eq(sim_do(made.sim, made.connector, METHOD_DELETE,
                                with_id(made.sim, "Users/{anna}", id), NULL)
                             ->status,
                         204);
    made.path = with_id(made.sim, row->path, id);
    return made;
}

START_TEST(test_row)
{
    const row_t *row = &rows[_i];
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    made_t made = make_row(row, make_map(mem, row->shape), sim_seed());
    const sim_call_t *call =
        sim_do(made.sim, made.connector, row->method, made.path, row->body);

    ck_assert_msg(call->status == row->status, "%s: %d %.*s (%.*s)", row->name, call->status,
                  STR_ARG(call->body), STR_ARG(call->trace));
    if (row->trace)
        ck_assert_msg(str_eq(call->trace, str_from_c(row->trace)), "%s: %.*s", row->name,
                      STR_ARG(call->trace));
    for (size_t i = 0; i < ARRAY_SIZE(row->holds) && row->holds[i]; i++)
        ck_assert_msg(model_count(sim_model(made.sim), row->holds[i]) == 1,
                      "%s: %s is not so in\n%.*s", row->name, row->holds[i],
                      STR_ARG(sim_directory(made.sim)));
    sim_free(made.sim);
}
END_TEST

/* ---- the same with a fault at each operation, and repeated ---- */

/* "There is no such parent" is believed, as it is by nothing else. */
static bool
is_lie_about_place(const sim_call_t *call)
{
    for (unsigned i = call->fault_at; i < call->operations && i < ARRAY_SIZE(call->ops); i++)
        if (call->ops[i].kind == LDAP_OP_SEARCH)
            return call->fault == SIM_NO_OBJECT &&
                   str_istarts_with(call->ops[i].dn, STR("ou=")) &&
                   call->ops[i].u.search.depth == LDAP_DEPTH_BASE;
    return false;
}

static void
run_faulted(const row_t *row, const map_t *map, sim_fault_t fault, unsigned at, str_t expected)
{
    made_t made = make_row(row, map, sim_seed() + at);
    sim_call_t *call = sim_call(made.sim, made.connector, row->method, made.path, row->body);
    str_t before = sim_directory(made.sim);
    const char *what =
        sim_format(made.sim, "%s: %s at %u", row->name, sim_fault_name(fault), at);

    call->fault = fault;
    call->fault_at = at;
    sim_begin(call);
    sim_run(made.sim);
    ck_assert_msg(call->status != 0 && call->status != 500, "%s: %d %.*s", what, call->status,
                  STR_ARG(call->body));
    if (is_lie_about_place(call)) {
        sim_free(made.sim);
        return;
    }
    /* Taken back, but for a unit or a name that was made. */
    if (str_ends_with(call->trace, STR("; rename guarded")) && !strstr(row->name, "is made"))
        ck_assert_msg(str_ieq(sim_directory(made.sim), before), "%s: half done (%.*s):\n%.*s",
                      what, STR_ARG(call->trace), STR_ARG(sim_directory(made.sim)));
    if (sim_succeeded(call))
        ck_assert_msg(str_eq(sim_directory(made.sim), expected),
                      "%s: %d was told (%.*s), but the directory is\n%.*sinstead of\n%.*s",
                      what, call->status, STR_ARG(call->trace),
                      STR_ARG(sim_directory(made.sim)), STR_ARG(expected));
    call = sim_do(made.sim, made.connector, row->method, made.path, row->body);
    ck_assert_msg(str_eq(sim_directory(made.sim), expected),
                  "%s: repeated: %d %.*s (%.*s), and the directory is\n%.*sinstead of\n%.*s",
                  what, call->status, STR_ARG(call->body), STR_ARG(call->trace),
                  STR_ARG(sim_directory(made.sim)), STR_ARG(expected));
    sim_free(made.sim);
}

START_TEST(test_faults)
{
    const row_t *row = &rows[_i];
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, row->shape);
    made_t made = make_row(row, map, sim_seed());
    const sim_call_t *call =
        sim_do(made.sim, made.connector, row->method, made.path, row->body);
    unsigned n = call->operations;
    str_t expected = model_text(sim_model(made.sim), mem);

    sim_free(made.sim);
    for (unsigned fault = 1; fault < SIM_FAULTS; fault++)
        for (unsigned at = 0; at <= n; at++)
            run_faulted(row, map, (sim_fault_t)fault, at, expected);
}
END_TEST

/* ---- a stranger takes the name between the modify and the move ---- */

START_TEST(test_name_taken_between)
{
    static const sim_fault_t faults[] = {SIM_NO_FAULT, SIM_DONE_UNKNOWN};
    static const row_t row = {.anna = "{'userName':'anna'}", .path = "Users/{anna}"};
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    made_t made = make_row(&row, make_map(mem, &moves), sim_seed());
    model_t *model = sim_model(made.sim);
    sim_call_t *call =
        sim_call(made.sim, made.connector, METHOD_PATCH, made.path, ACTIVE("false"));
    bool taken = false;

    call->fault = faults[_i];
    call->fault_at = 3; /* the modify */
    sim_begin(call);
    while (sim_step(made.sim))
        if (!taken && model_count(model, "(l=gone)") == 1) {
            taken = true;
            model_put(model, "dn: uid=anna" IN_AWAY "\nobjectClass: account\nuid: anna\n");
        }
    ck_assert_msg(taken && call->status == 409, "%s: %d %.*s", sim_fault_name(faults[_i]),
                  call->status, STR_ARG(call->body));
    ck_assert_msg(model_count(model, "(&(entryDN=uid=anna" STAFF ")(!(l=*)))") == 1,
                  "%s: half done (%.*s): %.*s\n%.*s", sim_fault_name(faults[_i]),
                  STR_ARG(call->trace), STR_ARG(call->body), STR_ARG(sim_directory(made.sim)));
    sim_free(made.sim);
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

/* Whoever comes last: the entry is in one place, and says what belongs there. */
START_TEST(test_state_race)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, &moves);

    for (unsigned i = 0; i < sim_rounds(200); i++) {
        static const char *const bodies[] = {
            ACTIVE("false"), ACTIVE("true"),
            PATCH("{'op':'replace','value':{'userName':'ann','title':'x'}}"), ACTIVE("false")};
        sim_t *sim = sim_new(sim_seed() + i);
        connector_t *connectors[] = {sim_connector(sim, map, 5000),
                                     sim_connector(sim, map, 5000)};
        str_t id = sim_create(sim, connectors[0], "Users", "{'userName':'anna'}");
        const char *path = with_id(sim, "Users/{anna}", id);
        sim_call_t *calls[5];
        bool given_up = false;

        for (size_t k = 0; k < ARRAY_SIZE(calls); k++) {
            bool deletes = k == ARRAY_SIZE(bodies);

            calls[k] = sim_call(sim, connectors[k % 2], deletes ? METHOD_DELETE : METHOD_PATCH,
                                path, deletes ? NULL : bodies[k]);
            if (!deletes || i % 2)
                sim_begin(calls[k]);
        }
        sim_run(sim);
        for (size_t k = 0; k < ARRAY_SIZE(calls); k++) {
            ck_assert_msg(calls[k]->status < 300 || calls[k]->status == 503 ||
                              (i % 2 && calls[k]->status == 404),
                          "%u: %d %.*s", i, calls[k]->status, STR_ARG(calls[k]->body));
            given_up |= calls[k]->status == 503;
        }
        ck_assert_uint_eq(model_count(sim_model(sim), "(uid=*)"), 1);
        if (!given_up)
            ck_assert_msg(model_count(sim_model(sim),
                                      i % 2 ? "(scimDeletedAt=*)"
                                            : "(|(&(l=gone)(scimInactiveSince=*)(|(entryDN=uid="
                                              "ann" IN_AWAY ")(entryDN=uid=anna" IN_AWAY ")))"
                                              "(&(!(l=*))(|(entryDN=uid=ann" STAFF
                                              ")(entryDN=uid=anna" STAFF "))))") == 1,
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
    tcase_add_loop_test(tests, test_name_taken_between, 0, 2);
    tcase_add_test(tests, test_units_race);
    tcase_add_test(tests, test_follow_race);
    tcase_add_test(tests, test_state_race);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
