/* SPDX-License-Identifier: Apache-2.0 */
#include "map/change.h"

#include "ldap/apply.h"
#include "map/slot.h"
#include "map/to_entry.h"
#include "map/to_resource.h"
#include "scim/quirk.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>
#include <stdlib.h>

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
#define END "19700101000000Z"

static void
check_error(const char *name, const err_t *err, err_kind_t kind, const char *part)
{
    ck_assert_msg(err->kind == kind, "%s: kind %d: %s", name, (int)err->kind, err->detail);
    ck_assert_msg(!part || str_find(err_detail(err), str_from_c(part)) < err_detail(err).n,
                  "%s: %s", name, err->detail);
}

static void
check_text(const char *name, const char *what, str_t is, const char *wanted)
{
    ck_assert_msg(str_eq(is, str_from_c(wanted)), "%s: %s is\n%.*s\nnot\n%s", name, what,
                  STR_ARG(is), wanted);
}

/* ---- direct ---- */

typedef struct {
    const char *name, *map, *operations; /* ' stands for " */
    const char *mods;                    /* NULL: not direct, or an error */
    const char *already;                 /* NULL: not known */
    err_kind_t kind;
    const char *error;
} direct_row_t;

static const direct_row_t direct_rows[] = {
    {"replace", "people", "[{'op':'replace','path':'title','value':'T'}]", "replace title: T",
     "(title=T)", 0, NULL},
    {"add to one value", "people", "[{'op':'add','path':'title','value':'T'}]",
     "replace title: T", "(title=T)", 0, NULL},
    {"remove", "people", "[{'op':'remove','path':'title'}]", "replace title: ", "(!(title=*))",
     0, NULL},
    {"two", "people",
     "[{'op':'replace','path':'title','value':'T'},{'op':'remove','path':'nickName'}]",
     "replace scimNickName: ; replace title: T", "(&(!(scimNickName=*))(title=T))", 0, NULL},
    {"the last wins", "people",
     "[{'op':'replace','path':'title','value':'T'},{'op':'replace','path':'title','value':'U'}"
     "]",
     "replace title: U", "(title=U)", 0, NULL},
    {"removed at last", "people",
     "[{'op':'replace','path':'title','value':'T'},{'op':'remove','path':'title'}]",
     "replace title: ", "(!(title=*))", 0, NULL},
    {"sub-attribute", "people", "[{'op':'replace','path':'name.middleName','value':'M'}]",
     "replace scimMiddleName: M", "(scimMiddleName=M)", 0, NULL},
    {"extension", "people", "[{'op':'replace','path':'" ENTERPRISE ":department','value':'D'}]",
     "replace departmentNumber: D", "(departmentNumber=D)", 0, NULL},
    {"manager", "people",
     "[{'op':'add','path':'" ENTERPRISE ":manager','value':{'value':'" ANNA_ID "'}}]", NULL,
     NULL, ERR_NONE, NULL},
    {"no manager", "people", "[{'op':'remove','path':'" ENTERPRISE ":manager'}]", NULL, NULL,
     ERR_NONE, NULL},
    {"element that may be missing", "people",
     "[{'op':'replace','path':'emails[type eq \\\"work\\\"].value','value':'w@x'}]", NULL, NULL,
     ERR_NONE, NULL},
    {"element to remove", "people", "[{'op':'remove','path':'emails[type eq \\\"work\\\"]'}]",
     "replace mail: ", "(!(mail=*))", 0, NULL},
    {"part to remove", "people",
     "[{'op':'remove','path':'addresses[type eq \\\"work\\\"].locality'}]",
     "replace l: ", "(!(l=*))", 0, NULL},
    {"element of several parts to remove", "people",
     "[{'op':'remove','path':'addresses[type eq \\\"work\\\"]'}]",
     "replace postalAddress: ; replace street: ; replace l: ; replace st: ; "
     "replace postalCode: ; replace scimCountry: ",
     "(&(!(postalAddress=*))(!(street=*))(!(l=*))(!(st=*))(!(postalCode=*))(!(scimCountry=*)))",
     0, NULL},
    {"element by value", "people", "[{'op':'remove','path':'emails[value eq \\\"a\\\"]'}]",
     NULL, NULL, ERR_NONE, NULL},
    {"inactive", "people", "[{'op':'replace','path':'active','value':false}]",
     "replace pwdEndTime: " END, "(pwdEndTime<=" SAMPLE_STAMP ")", 0, NULL},
    {"active", "people", "[{'op':'replace','path':'active','value':true}]", NULL, NULL,
     ERR_NONE, NULL},
    {"inactive, then not", "people",
     "[{'op':'replace','path':'active','value':false},"
     "{'op':'replace','path':'active','value':true}]",
     NULL, NULL, ERR_NONE, NULL},
    {"hidden", "sign-in-enterprise", "[{'op':'replace','path':'active','value':false}]",
     "replace scimVisible: FALSE; replace scimInactiveSince: " SAMPLE_STAMP,
     "(scimVisible=FALSE)", 0, NULL},
    {"shown", "sign-in-enterprise", "[{'op':'replace','path':'active','value':true}]", NULL,
     NULL, ERR_NONE, NULL},
    {"inactive and title", "people",
     "[{'op':'replace','path':'active','value':false},"
     "{'op':'replace','path':'title','value':'T'}]",
     "replace title: T; replace pwdEndTime: " END, "(&(title=T)(pwdEndTime<=" SAMPLE_STAMP "))",
     0, NULL},
    {"password", "people", "[{'op':'replace','path':'password','value':'s3cret'}]",
     "replace userPassword: s3cret", NULL, 0, NULL},
    {"password removed", "people", "[{'op':'remove','path':'password'}]",
     "replace userPassword: ", NULL, 0, NULL},
    {"password and title", "people",
     "[{'op':'replace','path':'title','value':'T'},"
     "{'op':'replace','path':'password','value':'s3cret'}]",
     "replace title: T; replace userPassword: s3cret", NULL, 0, NULL},
    {"name", "people", "[{'op':'replace','path':'userName','value':'b'}]", NULL, NULL, ERR_NONE,
     NULL},
    {"source of a rule", "people", "[{'op':'replace','path':'displayName','value':'b'}]", NULL,
     NULL, ERR_NONE, NULL},
    {"no equality rule", "people",
     "[{'op':'remove','path':'phoneNumbers[type eq \\\"fax\\\"]'}]", NULL, NULL, ERR_NONE,
     NULL},
    {"plain values", "people", "[{'op':'add','path':'roles','value':[{'value':'r'}]}]", NULL,
     NULL, ERR_NONE, NULL},
    {"complex as a whole", "people",
     "[{'op':'replace','path':'name','value':{'middleName':'M'}}]", NULL, NULL, ERR_NONE, NULL},
    {"one of two", "people",
     "[{'op':'replace','path':'title','value':'T'},"
     "{'op':'replace','path':'userName','value':'b'}]",
     NULL, NULL, ERR_NONE, NULL},
    {"unknown path", "people", "[{'op':'replace','path':'nothing','value':'T'}]", NULL, NULL,
     ERR_NONE, NULL},
    {"outside the syntax", "people", "[{'op':'replace','path':'preferredLanguage','value':''}]",
     NULL, NULL, ERR_INVALID_VALUE, "empty value"},
    {"required", "sign-in-enterprise",
     "[{'op':'remove','path':'emails[type eq \\\"work\\\"]'}]", NULL, NULL, ERR_MUTABILITY,
     "required"},
};

START_TEST(test_direct)
{
    const direct_row_t *row = &direct_rows[_i];
    const map_t *map = sample_map(mem, row->map);
    scim_patch_t patch = sample_patch(mem, row->operations);
    map_change_t change;
    err_t err = ERR_INIT;
    bool done = map_change_direct(mem, map, sample_type(map, "User"), &patch,
                                  sample_links(mem, map), SAMPLE_NOW, &change, &err);

    if (!row->mods) {
        ck_assert_msg(!done, "%s", row->name);
        check_error(row->name, &err, row->kind, row->error);
        return;
    }
    ck_assert_msg(done, "%s: %s", row->name, err.detail);
    check_text(row->name, "mods", sample_mods(mem, &change.mods), row->mods);
    ck_assert_msg((change.already == NULL) == (row->already == NULL), "%s", row->name);
    if (row->already)
        check_text(row->name, "already", ldap_filter_format(mem, change.already), row->already);
    ck_assert(!change.rename && !change.strip_groups);
}
END_TEST

START_TEST(test_direct_made_element)
{
    const map_t *map = sample_map(mem, "people");
    scim_patch_t patch = sample_patch(
        mem, "[{'op':'replace','path':'emails[type eq \\\"work\\\"].value','value':'w@x'},"
             "{'op':'replace','path':'addresses[type eq \\\"work\\\"].locality','value':'B'}]");
    map_change_t change;
    err_t err = ERR_INIT;

    patch.ops[0].create_element = patch.ops[1].create_element = true;
    ck_assert(map_change_direct(mem, map, sample_type(map, "User"), &patch, NULL, SAMPLE_NOW,
                                &change, &err));
    check_text("made", "mods", sample_mods(mem, &change.mods),
               "replace mail: w@x; replace l: B");
}
END_TEST

/* ---- between ---- */

typedef struct {
    const char *name, *map, *type, *entry;
    const char *operations; /* applied to what the entry shows */
    const char *mods;       /* NULL: refused */
    const char *rdn;        /* NULL: no rename */
    err_kind_t kind;
    const char *error;
} between_row_t;

#define PERSON                                                                     \
    "dn: uid=a,ou=users,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\n" \
    "objectClass: scimResource\nuid: a\ncn: A B\nsn: B\ngivenName: A\n"
#define GROUP                                                                     \
    "dn: cn=g,ou=groups,ou=people,dc=example,dc=com\nobjectClass: groupOfNames\n" \
    "objectClass: scimResource\ncn: g\n"

static const between_row_t between_rows[] = {
    {"nothing", "people", "User", PERSON "title: T",
     "[{'op':'replace','path':'title','value':'T'}]", "", NULL, 0, NULL},
    {"replace", "people", "User", PERSON "title: T",
     "[{'op':'replace','path':'title','value':'U'}]", "replace title: U", NULL, 0, NULL},
    {"case alone", "people", "User", PERSON "title: T",
     "[{'op':'replace','path':'title','value':'t'}]", "replace title: t", NULL, 0, NULL},
    {"first value", "people", "User", PERSON, "[{'op':'add','path':'title','value':'U'}]",
     "replace title: U", NULL, 0, NULL},
    {"remove", "people", "User", PERSON "title: T", "[{'op':'remove','path':'title'}]",
     "replace title: ", NULL, 0, NULL},
    {"further values would be seen", "people", "User", PERSON "title: T\ntitle: V",
     "[{'op':'replace','path':'title','value':'U'}]", "replace title: U", NULL, 0, NULL},
    {"a further value is wanted", "people", "User", PERSON "title: T\ntitle: V",
     "[{'op':'replace','path':'title','value':'V'}]", "delete title: T", NULL, 0, NULL},
    {"further values, removed", "people", "User", PERSON "title: T\ntitle: V",
     "[{'op':'remove','path':'title'}]", "replace title: ", NULL, 0, NULL},
    {"a further value that cannot be shown", "people", "User", PERSON "title: T\ntitle: \xff",
     "[{'op':'replace','path':'title','value':'U'}]", "replace title: U", NULL, 0, NULL},
    {"several", "people", "User", PERSON "scimRole: r\nscimRole: s",
     "[{'op':'replace','path':'roles','value':[{'value':'s'},{'value':'t'}]}]",
     "delete scimRole: r; add scimRole: t", NULL, 0, NULL},
    {"add one of several", "people", "User", PERSON "scimRole: r",
     "[{'op':'add','path':'roles','value':[{'value':'s'}]}]", "add scimRole: s", NULL, 0, NULL},
    {"case of one of several", "people", "User", PERSON "scimRole: r\nscimRole: s",
     "[{'op':'replace','path':'roles','value':[{'value':'R'},{'value':'s'}]}]",
     "delete scimRole: r; add scimRole: R", NULL, 0, NULL},
    {"all of several", "people", "User", PERSON "scimRole: r\nscimRole: s\nscimRole: \xff",
     "[{'op':'remove','path':'roles'}]", "delete scimRole: r | s", NULL, 0, NULL},
    {"no equality rule", "people", "User",
     PERSON "facsimileTelephoneNumber: 1\nfacsimileTelephoneNumber: 2",
     "[{'op':'remove','path':'phoneNumbers[value eq \\\"1\\\"]'}]",
     "replace facsimileTelephoneNumber: 2", NULL, 0, NULL},
    {"another type stays", "people", "User", PERSON "mail: w@x\nscimHomeMail: h@x",
     "[{'op':'replace','path':'emails[type eq \\\"work\\\"].value','value':'v@x'}]",
     "replace mail: v@x", NULL, 0, NULL},
    {"elements as a whole", "people", "User", PERSON "mail: w@x\nscimHomeMail: h@x",
     "[{'op':'replace','path':'emails','value':[{'type':'other','value':'o@x'}]}]",
     "replace mail: ; delete scimHomeMail: h@x; add scimAltMail: o@x", NULL, 0, NULL},
    {"second value", "people", "User", PERSON "mail: w@x",
     "[{'op':'add','path':'emails','value':[{'type':'work','value':'v@x'}]}]", NULL, NULL,
     ERR_INVALID_VALUE, "holds one value"},
    {"rename", "people", "User", PERSON "title: T",
     "[{'op':'replace','path':'userName','value':'b,c'}]", "", "uid=b\\,c", 0, NULL},
    {"rename of case alone", "people", "User", PERSON,
     "[{'op':'replace','path':'userName','value':'A'}]", "", "uid=A", 0, NULL},
    {"rename and title", "people", "User", PERSON "title: T",
     "[{'op':'replace','path':'userName','value':'b'},"
     "{'op':'replace','path':'title','value':'U'}]",
     "replace title: U", "uid=b", 0, NULL},
    {"rename, and what follows", "people", "User",
     "dn: uid=a,ou=users\nobjectClass: scimResource\nuid: a\ncn: a\nsn: a",
     "[{'op':'replace','path':'userName','value':'b'}]", "replace cn: b; delete uid: a",
     "uid=b", 0, NULL},
    {"renamed, and nothing followed", "people", "User",
     "dn: uid=b,ou=users\nobjectClass: scimResource\nuid: b\nuid: a\ncn: a\nsn: a",
     "[{'op':'replace','path':'userName','value':'b'}]", "replace cn: b; delete uid: a", NULL,
     0, NULL},
    {"renamed, nothing followed, and again", "people", "User",
     "dn: uid=b,ou=users\nobjectClass: scimResource\nuid: b\nuid: a\ncn: a\nsn: a",
     "[{'op':'replace','path':'userName','value':'c'}]",
     "replace cn: c; delete uid: a; delete uid: b", "uid=c", 0, NULL},
    {"a further name of which nothing is made", "people", "User",
     "dn: uid=b,ou=users\nobjectClass: scimResource\nuid: b\nuid: a\ncn: x\nsn: x",
     "[{'op':'replace','path':'userName','value':'b'}]", "", NULL, 0, NULL},
    {"a further name, and all is made of the first", "people", "User",
     "dn: uid=b,ou=users\nobjectClass: scimResource\nuid: b\nuid: a\ncn: b\ncn: a\nsn: b",
     "[{'op':'replace','path':'userName','value':'b'}]", "", NULL, 0, NULL},
    {"named by another attribute", "people", "User",
     "dn: employeeNumber=7,ou=users\nobjectClass: scimResource\nuid: a\nsn: B\ncn: A "
     "B\ngivenName: A",
     "[{'op':'replace','path':'userName','value':'b'}]", "replace uid: b", NULL, 0, NULL},
    {"named by two", "people", "User",
     "dn: uid=a+employeeNumber=7,ou=users\nobjectClass: scimResource\nuid: a\nsn: B\ncn: A "
     "B\ngivenName: A",
     "[{'op':'replace','path':'userName','value':'b'}]", "", "uid=b+employeeNumber=7", 0, NULL},
    {"rule follows", "people", "User", PERSON,
     "[{'op':'replace','path':'name.givenName','value':'C'}]",
     "replace givenName: C; replace cn: C B", NULL, 0, NULL},
    {"rule, other values stay", "people", "User", PERSON "cn: Alias",
     "[{'op':'replace','path':'name.givenName','value':'C'}]",
     "replace givenName: C; delete cn: A B; add cn: C B", NULL, 0, NULL},
    {"rule, in another spelling", "people", "User",
     "dn: uid=a,ou=users\nobjectClass: scimResource\nuid: a\ncn: Alias\ncn: a  b\nsn: B\n"
     "givenName: A",
     "[{'op':'replace','path':'name.givenName','value':'C'}]",
     "replace givenName: C; delete cn: a  b; add cn: C B", NULL, 0, NULL},
    {"rule, another's value", "people", "User",
     "dn: uid=robb,ou=users\nobjectClass: scimResource\nuid: robb\ncn: Robert B. Real\nsn: R",
     "[{'op':'replace','path':'userName','value':'robb2'}]", "", "uid=robb2", 0, NULL},
    {"rule, the name of the entry", "people", "User",
     "dn: cn=A B,ou=users\nobjectClass: scimResource\nuid: a\ncn: A B\nsn: B\ngivenName: A",
     "[{'op':'replace','path':'name.givenName','value':'C'}]", "replace givenName: C", NULL, 0,
     NULL},
    {"rule, a name of the entry, and its own", "people", "User",
     "dn: cn=X,ou=users\nobjectClass: scimResource\nuid: a\ncn: X\ncn: A B\nsn: B\n"
     "givenName: A",
     "[{'op':'replace','path':'name.givenName','value':'C'}]",
     "replace givenName: C; delete cn: A B; add cn: C B", NULL, 0, NULL},
    {"rule, no value", "people", "User",
     "dn: uid=a,ou=users\nobjectClass: scimResource\nuid: a\nsn: B\ngivenName: A",
     "[{'op':'replace','path':'name.givenName','value':'C'}]",
     "replace givenName: C; replace cn: C B", NULL, 0, NULL},
    {"rule, not changed", "people", "User", PERSON "displayName: X",
     "[{'op':'replace','path':'name.givenName','value':'C'}]", "replace givenName: C", NULL, 0,
     NULL},
    {"rule in place of a slot", "people", "User", PERSON,
     "[{'op':'remove','path':'name.familyName'}]", "replace sn: a; replace cn: a", NULL, 0,
     NULL},
    {"rule that made the same", "people", "User",
     "dn: uid=a,ou=users\nobjectClass: scimResource\nuid: a\ncn: a\nsn: a",
     "[{'op':'remove','path':'name.familyName'}]", "", NULL, 0, NULL},
    {"manager", "people", "User", PERSON "manager: " ANNA_DN,
     "[{'op':'replace','path':'" ENTERPRISE ":manager','value':{'value':'" BEN_ID "'}}]",
     "replace manager: " BEN_DN, NULL, 0, NULL},
    {"manager who is unseen", "people", "User", PERSON "manager: uid=x,dc=y",
     "[{'op':'add','path':'" ENTERPRISE ":manager','value':{'value':'" BEN_ID "'}}]",
     "add manager: " BEN_DN, NULL, 0, NULL},
    {"manager who is seen, and one who is not", "people", "User",
     PERSON "manager: uid=x,dc=y\nmanager: " ANNA_DN,
     "[{'op':'remove','path':'" ENTERPRISE ":manager'}]", "delete manager: " ANNA_DN, NULL, 0,
     NULL},
    {"manager who was deleted", "people", "User",
     PERSON "manager: uid=gone,ou=users,ou=people,dc=example,dc=com",
     "[{'op':'add','path':'" ENTERPRISE ":manager','value':{'value':'" BEN_ID "'}}]",
     "replace manager: " BEN_DN, NULL, 0, NULL},
    {"no manager but one who is unseen", "people", "User", PERSON "manager: uid=x,dc=y",
     "[{'op':'remove','path':'" ENTERPRISE ":manager'}]", "", NULL, 0, NULL},
    {"unknown manager", "people", "User", PERSON,
     "[{'op':'add','path':'" ENTERPRISE ":manager','value':{'value':'x'}}]", NULL, NULL,
     ERR_INVALID_VALUE, "no User with id"},
    {"inactive", "people", "User", PERSON, "[{'op':'replace','path':'active','value':false}]",
     "replace pwdEndTime: " END, NULL, 0, NULL},
    {"active", "people", "User", PERSON "pwdEndTime: " END,
     "[{'op':'replace','path':'active','value':true}]", "replace pwdEndTime: ", NULL, 0, NULL},
    {"still active", "people", "User", PERSON,
     "[{'op':'replace','path':'active','value':true}]", "", NULL, 0, NULL},
    {"password", "people", "User", PERSON, "[{'op':'add','path':'password','value':'s3cret'}]",
     "replace userPassword: s3cret", NULL, 0, NULL},
    {"password removed", "people", "User", PERSON, "[{'op':'remove','path':'password'}]",
     "replace userPassword: ", NULL, 0, NULL},
    {"password removed, with what is derived", "people", "User", PERSON,
     "[{'op':'replace','path':'name.givenName','value':'C'},"
     "{'op':'replace','path':'password','value':null}]",
     "replace userPassword: ; replace givenName: C; replace cn: C B", NULL, 0, NULL},
    {"password removed, then set", "people", "User", PERSON,
     "[{'op':'remove','path':'password'},"
     "{'op':'add','path':'password','value':'s3cret'}]",
     "replace userPassword: s3cret", NULL, 0, NULL},
    {"class that is lacking", "people", "User",
     "dn: uid=a,ou=users\nobjectClass: inetOrgPerson\nuid: a\ncn: A\nsn: B",
     "[{'op':'add','path':'nickName','value':'N'}]",
     "replace scimNickName: N; add objectClass: scimResource", NULL, 0, NULL},
    {"class that nothing needs", "people", "User",
     "dn: uid=a,ou=users\nobjectClass: inetOrgPerson\nuid: a\ncn: A\nsn: B\ntitle: T",
     "[{'op':'add','path':'title','value':'T'}]", "", NULL, 0, NULL},
    {"required", "sign-in-enterprise", "User",
     "dn: uid=a,ou=users\nobjectClass: scimResource\nuid: a\ngivenName: A\nsn: B\nmail: a@x",
     "[{'op':'remove','path':'emails[type eq \\\"work\\\"]'}]", NULL, NULL, ERR_MUTABILITY,
     "required"},

    {"group's name", "people", "Group", GROUP "member: cn=nobody",
     "[{'op':'replace','path':'displayName','value':'h'}]", "", "cn=h", 0, NULL},
    {"first member", "people", "Group", GROUP "member: cn=nobody",
     "[{'op':'add','path':'members','value':[{'value':'" ANNA_ID "'}]}]",
     "delete member: cn=nobody; add member: " ANNA_DN, NULL, 0, NULL},
    {"last member", "people", "Group", GROUP "member: " ANNA_DN,
     "[{'op':'remove','path':'members'}]", "delete member: " ANNA_DN "; add member: cn=nobody",
     NULL, 0, NULL},
    {"last member that is seen", "people", "Group",
     GROUP "member: " ANNA_DN "\nmember: uid=svc,dc=other",
     "[{'op':'remove','path':'members'}]", "delete member: " ANNA_DN, NULL, 0, NULL},
    {"other members", "people", "Group", GROUP "member: " ANNA_DN "\nmember: uid=svc,dc=other",
     "[{'op':'replace','path':'members','value':[{'value':'" BEN_ID "'}]}]",
     "delete member: " ANNA_DN "; add member: " BEN_DN, NULL, 0, NULL},
};

START_TEST(test_between)
{
    const between_row_t *row = &between_rows[_i];
    const map_t *map = sample_map(mem, row->map);
    const map_type_t *type = sample_type(map, row->type);
    const map_links_t *links = sample_links(mem, map);
    const ldap_entry_t *entry = sample_entry(mem, row->entry);
    json_t *before =
        map_to_resource(mem, map, type, entry, links, NULL, SAMPLE_URL, SAMPLE_NOW);
    json_t *after = json_copy(mem, before);
    scim_patch_t patch = sample_patch(mem, row->operations);
    map_change_t change;
    err_t err = ERR_INIT;
    bool done;

    ck_assert_msg(scim_patch_apply(mem, type->scim, after, &patch, &err) || !row->mods,
                  "%s: %s", row->name, err.detail);
    err = (err_t)ERR_INIT;
    done = map_change_between(mem, map, type, entry, before, after, links, SAMPLE_NOW, &change,
                              &err);
    if (!row->mods) {
        ck_assert_msg(!done, "%s", row->name);
        check_error(row->name, &err, row->kind, row->error);
        return;
    }
    ck_assert_msg(done, "%s: %s", row->name, err.detail);
    check_text(row->name, "mods", sample_mods(mem, &change.mods), row->mods);
    ck_assert_msg(change.rename == (row->rdn != NULL), "%s", row->name);
    if (row->rdn)
        check_text(row->name, "rdn", ldap_rdn_format(mem, &change.rdn), row->rdn);
}
END_TEST

/* ---- the only one of values that have neither type nor primary ---- */

static const struct {
    const char *name, *roles, *operation, *mods; /* mods NULL: noTarget */
} only_rows[] = {
    {"made", "", "{'op':'Add','path':'roles[primary eq \\\"True\\\"].value','value':'r'}",
     "add scimRole: r"},
    {"set", "scimRole: r\n",
     "{'op':'Replace','path':'roles[primary eq \\\"True\\\"].value','value':'s'}",
     "delete scimRole: r; add scimRole: s"},
    {"set again", "scimRole: s\n",
     "{'op':'Replace','path':'roles[primary eq true].value','value':'s'}", ""},
    {"removed", "scimRole: s\n", "{'op':'Remove','path':'roles[primary eq true].value'}",
     "delete scimRole: s"},
    {"none of several", "scimRole: r\nscimRole: s\n",
     "{'op':'Replace','path':'roles[primary eq true].value','value':'t'}", NULL},
    {"not primary", "", "{'op':'Add','path':'roles[primary eq false].value','value':'r'}",
     NULL},
};

START_TEST(test_only)
{
    const map_t *map = sample_map(mem, "people");
    const map_type_t *type = sample_type(map, "User");
    const map_links_t *links = sample_links(mem, map);
    const ldap_entry_t *entry =
        sample_entry(mem, str_printf(mem, PERSON "%s", only_rows[_i].roles).p);
    json_t *before =
        map_to_resource(mem, map, type, entry, links, NULL, SAMPLE_URL, SAMPLE_NOW);
    json_t *after = json_copy(mem, before);
    json_t *body = sample_json(mem, str_printf(mem, "{'schemas':['%s'],'Operations':[%s]}",
                                               SCIM_URN_PATCH, only_rows[_i].operation)
                                        .p);
    scim_patch_t patch;
    map_change_t change;
    err_t err = ERR_INIT;

    ck_assert(
        scim_quirk_patch(mem, scim_quirks_default, type->scim, body, 1, &patch, NULL, &err));
    if (!only_rows[_i].mods) {
        ck_assert(!scim_patch_apply(mem, type->scim, after, &patch, &err));
        check_error(only_rows[_i].name, &err, ERR_NO_TARGET, NULL);
        return;
    }
    ck_assert_msg(scim_patch_apply(mem, type->scim, after, &patch, &err), "%s", err.detail);
    ck_assert(map_change_between(mem, map, type, entry, before, after, links, SAMPLE_NOW,
                                 &change, &err));
    check_text(only_rows[_i].name, "mods", sample_mods(mem, &change.mods), only_rows[_i].mods);
}
END_TEST

/* ---- lifecycle ---- */

START_TEST(test_states)
{
    const map_t *map = sample_map(mem, "sign-in-enterprise");
    const map_type_t *type = sample_type(map, "User");
    const ldap_entry_t *entry =
        sample_entry(mem, "dn: uid=a\nobjectClass: inetOrgPerson\nuid: a\nscimVisible: FALSE");
    map_change_t change = {.rename = false};

    map_change_enter(mem, type, &type->deleted, NULL, SAMPLE_NOW, &change);
    ck_assert_ptr_eq(change.entered, &type->deleted);
    ck_assert(change.strip_groups);
    check_text("blind", "mods", sample_mods(mem, &change.mods),
               "replace scimVisible: FALSE; replace scimInactiveSince: " SAMPLE_STAMP
               "; replace scimDeletedAt: " SAMPLE_STAMP);
    change = (map_change_t){.rename = false};
    map_change_enter(mem, type, &type->deleted, entry, SAMPLE_NOW, &change);
    check_text("seen", "mods", sample_mods(mem, &change.mods),
               "replace scimInactiveSince: " SAMPLE_STAMP
               "; replace scimDeletedAt: " SAMPLE_STAMP "; add objectClass: scimResource");
    change = (map_change_t){.rename = false};
    map_change_leave(mem, type, &type->deleted, NULL, SAMPLE_NOW, &change);
    ck_assert_ptr_eq(change.left, &type->deleted);
    check_text(
        "left", "mods", sample_mods(mem, &change.mods),
        "replace scimVisible: TRUE; replace scimInactiveSince: ; replace scimDeletedAt: ");
}
END_TEST

/* ---- states that the place tells ---- */

#define BASE "ou=people,dc=example,dc=com"
#define AT(place) \
    "dn: uid=a,ou=" place "," BASE "\nobjectClass: scimResource\nuid: a\ncn: a\nsn: a\n"

static const struct {
    const char *name, *entry, *patch;
    const char *mods, *rdn; /* NULL: no rename */
    const char *to; /* the places; "!" before where it is, "last" where they come last */
} place_rows[] = {
    {"away", AT("users"), "{'op':'replace','path':'active','value':false}",
     "replace scimInactiveSince: " SAMPLE_STAMP, "uid=a", "last ou=inactive," BASE},
    {"away already", AT("inactive"), "{'op':'replace','path':'active','value':false}", "", NULL,
     ""},
    {"away, below the place", AT("x,ou=inactive"),
     "{'op':'replace','path':'active','value':false}", "", NULL, ""},
    {"back", AT("inactive") "scimInactiveSince: " SAMPLE_STAMP,
     "{'op':'replace','path':'active','value':true}", "replace scimInactiveSince: ", "uid=a",
     "last ou=users," BASE},
    {"back to one of two places", AT("inactive") "departmentNumber: D",
     "{'op':'replace','path':'active','value':true}", "", "uid=a",
     "last ou=D,ou=users," BASE " ou=users," BASE},
    {"follows", AT("users"), "{'op':'add','path':'department','value':'D'}",
     "replace departmentNumber: D", "uid=a", "ou=D,ou=users," BASE " !ou=users," BASE},
    {"does not follow while it is away", AT("inactive"),
     "{'op':'add','path':'department','value':'D'}", "replace departmentNumber: D", NULL, ""},
    {"goes away, and does not follow", AT("users") "scimInactiveSince: " SAMPLE_STAMP,
     "{'op':'replace','value':{'department':'D','active':false}}",
     "replace departmentNumber: D", "uid=a", "last ou=inactive," BASE},
    /* What names it and what is made of that: nothing need be kept for whoever finds it half done. */
    {"away under another name", AT("users"),
     "{'op':'replace','value':{'userName':'b','active':false}}",
     "replace cn: b; replace sn: b; replace scimInactiveSince: " SAMPLE_STAMP, "uid=b",
     "last ou=inactive," BASE},
};

static str_t
places_text(const map_change_t *change)
{
    buf_t buf;

    buf_init(&buf, mem, 4096);
    buf_add_c(&buf, change->n_moves > 0 && change->last ? "last " : "");
    for (size_t i = 0; i < change->n_moves; i++) {
        buf_add_c(&buf, i ? " " : "");
        buf_add_c(&buf, change->moves[i].here ? "!" : "");
        buf_add(&buf, ldap_dn_format(mem, &change->moves[i].dn));
    }
    return buf_str(&buf);
}

START_TEST(test_places)
{
    const map_t *map = sample_map(mem, "../../tests/data/maps/moves");
    const map_type_t *type = sample_type(map, "User");
    const char *name = place_rows[_i].name;
    const ldap_entry_t *entry = sample_entry(mem, place_rows[_i].entry);
    const map_links_t *links = sample_links(mem, map);
    const json_t *before =
        map_to_resource(mem, map, type, entry, links, NULL, SAMPLE_URL, SAMPLE_NOW);
    scim_patch_t patch = sample_patch(mem, str_printf(mem, "[%s]", place_rows[_i].patch).p);
    err_t error = ERR_INIT;
    json_t *after = json_copy(mem, before);
    map_change_t change;

    ck_assert_msg(scim_patch_apply(mem, type->scim, after, &patch, &error) &&
                      map_change_between(mem, map, type, entry, before, after, links,
                                         SAMPLE_NOW, &change, &error),
                  "%s: %s", name, error.detail);
    check_text(name, "mods", sample_mods(mem, &change.mods), place_rows[_i].mods);
    check_text(name, "rdn", change.rename ? ldap_rdn_format(mem, &change.rdn) : STR(""),
               place_rows[_i].rdn ? place_rows[_i].rdn : "");
    check_text(name, "places", places_text(&change), place_rows[_i].to);
    ck_assert_msg(!change.keeps_old_name, "%s", name);
}
END_TEST

/* ---- PUT ---- */

typedef struct {
    const char *name, *type, *before, *body, *after;
} put_row_t;

static const put_row_t put_rows[] = {
    {"omitted is cleared", "User", "{'userName':'a','title':'T','active':true}",
     "{'userName':'a'}", "{'userName':'a','active':true}"},
    {"active is kept", "User", "{'userName':'a','active':false}", "{'userName':'a'}",
     "{'userName':'a','active':false}"},
    {"active is set", "User", "{'userName':'a','active':false}",
     "{'userName':'a','active':true}", "{'userName':'a','active':true}"},
    {"password is taken", "User", "{'userName':'a','active':true}",
     "{'userName':'a','password':'x'}", "{'userName':'a','password':'x','active':true}"},
    {"members are kept", "Group", "{'displayName':'g','members':[{'value':'x'}]}",
     "{'displayName':'h'}", "{'displayName':'h','members':[{'value':'x'}]}"},
    {"members are kept by none", "Group", "{'displayName':'g','members':[{'value':'x'}]}",
     "{'displayName':'h','members':[]}", "{'displayName':'h','members':[{'value':'x'}]}"},
    {"members are replaced", "Group", "{'displayName':'g','members':[{'value':'x'}]}",
     "{'displayName':'h','members':[{'value':'y'}]}",
     "{'displayName':'h','members':[{'value':'y'}]}"},
};

START_TEST(test_put)
{
    const put_row_t *row = &put_rows[_i];
    const map_t *map = sample_map(mem, "people");
    const json_t *body = sample_json(mem, row->body);
    const json_t *after =
        map_put(mem, sample_type(map, row->type), sample_json(mem, row->before), body, NULL);

    ck_assert_msg(json_eq(after, sample_json(mem, row->after)), "%s: %s", row->name,
                  sample_text(mem, after).p);
    ck_assert_msg(json_eq(body, sample_json(mem, row->body)), "%s: the body is changed",
                  row->name);
}
END_TEST

/* The people map, but title, given name and work address are written at creation only. */
static map_type_t
create_only_type(void)
{
    const map_t *map = sample_map(mem, "people");
    map_type_t type = *sample_type(map, "User");
    map_slot_t *slots = arena_array_of(mem, type.n_slots, map_slot_t);

    for (size_t i = 0; i < type.n_slots; i++) {
        slots[i] = type.slots[i];
        if (str_eq(slots[i].ldap, STR("title")) || str_eq(slots[i].ldap, STR("givenName")) ||
            str_eq(slots[i].ldap, STR("mail")))
            slots[i].write = MAP_WRITE_CREATE;
    }
    type.slots = slots;
    return type;
}

/* RFC 7644 §3.5.1: immutable values must be those that there are. */
static const struct {
    const char *name, *body;
    const char *after; /* NULL: mutability */
    const char *kept;  /* the same where the body does not count; NULL: as after */
} create_only_rows[] = {
    {"omitted", "{'userName':'u','nickName':'N'}",
     "{'userName':'u','nickName':'N','title':'T','name':{'givenName':'A'},"
     "'emails':[{'type':'work','value':'w'}]}",
     NULL},
    {"the same",
     "{'userName':'u','title':'T','name':{'givenName':'A'},'emails':[{'type':'work','value':'w'"
     "}]}",
     "{'userName':'u','title':'T','name':{'givenName':'A'},'emails':[{'type':'work','value':'w'"
     "}]}",
     NULL},
    {"others beside",
     "{'userName':'u','name':{'familyName':'C'},'emails':[{'type':'home','value':'h'}]}",
     "{'userName':'u','name':{'givenName':'A','familyName':'C'},'emails':[{'type':'home','"
     "value':'h'},"
     "{'type':'work','value':'w'}],'title':'T'}",
     NULL},
    {"another", "{'userName':'u','title':'U'}", NULL,
     "{'userName':'u','title':'T','name':{'givenName':'A'},'emails':[{'type':'work','value':'w'"
     "}]}"},
    {"another part", "{'userName':'u','name':{'givenName':'B'}}", NULL,
     "{'userName':'u','title':'T','name':{'givenName':'A'},'emails':[{'type':'work','value':'w'"
     "}]}"},
    {"another element", "{'userName':'u','emails':[{'type':'work','value':'v'}]}", NULL,
     "{'userName':'u','title':'T','name':{'givenName':'A'},'emails':[{'type':'work','value':'w'"
     "}]}"},
};

START_TEST(test_put_create_only)
{
    const map_type_t type = create_only_type();
    const json_t *before = sample_json(
        mem, "{'userName':'u','title':'T','name':{'givenName':'A','familyName':'B'},"
             "'emails':[{'type':'work','value':'w'}]}");
    const char *wanted = create_only_rows[_i].after, *kept = create_only_rows[_i].kept;
    const json_t *body = sample_json(mem, create_only_rows[_i].body), *after;
    err_t err = ERR_INIT;

    after = map_put(mem, &type, before, body, &err);
    ck_assert_msg((after != NULL) == (wanted != NULL), "%s: %s", create_only_rows[_i].name,
                  err.detail);
    if (after)
        ck_assert_msg(json_eq(after, sample_json(mem, wanted)), "%s: %s",
                      create_only_rows[_i].name, sample_text(mem, after).p);
    else
        ck_assert_int_eq(err.kind, ERR_MUTABILITY);
    after = map_put(mem, &type, before, body, NULL);
    ck_assert_msg(json_eq(after, sample_json(mem, kept ? kept : wanted)), "%s, kept: %s",
                  create_only_rows[_i].name, sample_text(mem, after).p);
}
END_TEST

/* ---- members ---- */

typedef struct {
    const char *name, *operations;
    bool reset;
    const char *add, *remove; /* blank-separated; add NULL: refused */
    size_t rest;
    err_kind_t kind;
} members_row_t;

static const members_row_t members_rows[] = {
    {"add", "[{'op':'add','path':'members','value':[{'value':'a'},{'value':'b'}]}]", false,
     "a b", "", 0, 0},
    {"add one", "[{'op':'add','path':'members','value':{'value':'a'}}]", false, "a", "", 0, 0},
    {"add text", "[{'op':'add','path':'members','value':['a']}]", false, "a", "", 0, 0},
    {"add twice", "[{'op':'add','path':'members','value':[{'value':'a'},{'value':'a'}]}]",
     false, "a", "", 0, 0},
    {"remove one", "[{'op':'remove','path':'members[value eq \\\"a\\\"]'}]", false, "", "a", 0,
     0},
    {"remove some",
     "[{'op':'remove','path':'members[value eq \\\"a\\\" or value eq \\\"b\\\" or value eq "
     "\\\"c\\\"]'}]",
     false, "", "c a b", 0, 0},
    {"remove all", "[{'op':'remove','path':'members'}]", true, "", "", 0, 0},
    {"remove all, with a value", "[{'op':'remove','path':'members','value':[{'value':'a'}]}]",
     false, NULL, NULL, 0, ERR_INVALID_VALUE},
    {"remove all, with no value", "[{'op':'remove','path':'members','value':[]}]", false, NULL,
     NULL, 0, ERR_INVALID_VALUE},
    {"remove all, with null", "[{'op':'remove','path':'members','value':null}]", false, NULL,
     NULL, 0, ERR_INVALID_VALUE},
    {"replace", "[{'op':'replace','path':'members','value':[{'value':'a'}]}]", true, "a", "", 0,
     0},
    {"replace by none", "[{'op':'replace','path':'members','value':[]}]", true, "", "", 0, 0},
    {"the last wins",
     "[{'op':'add','path':'members','value':[{'value':'a'},{'value':'b'}]},"
     "{'op':'remove','path':'members[value eq \\\"a\\\"]'}]",
     false, "b", "a", 0, 0},
    {"added again",
     "[{'op':'remove','path':'members[value eq \\\"a\\\"]'},"
     "{'op':'add','path':'members','value':[{'value':'a'}]}]",
     false, "a", "", 0, 0},
    {"add in two spellings", "[{'op':'add','path':'members','value':['a','A']}]", false, "a",
     "", 0, 0},
    {"removed in another spelling",
     "[{'op':'add','path':'members','value':['a']},"
     "{'op':'remove','path':'members[value eq \\\"A\\\"]'}]",
     false, "", "a", 0, 0},
    {"replace by hollow", "[{'op':'replace','path':'members','value':[{'value':''}]}]", false,
     NULL, NULL, 0, ERR_INVALID_VALUE},
    {"reset and removed",
     "[{'op':'replace','path':'members','value':[{'value':'a'},{'value':'b'}]},"
     "{'op':'remove','path':'members[value eq \\\"a\\\"]'}]",
     true, "b", "", 0, 0},
    {"reset forgets",
     "[{'op':'add','path':'members','value':[{'value':'a'}]},{'op':'remove','path':'members'}]",
     true, "", "", 0, 0},
    {"others stay",
     "[{'op':'replace','path':'displayName','value':'g'},"
     "{'op':'add','path':'members','value':[{'value':'a'}]},"
     "{'op':'remove','path':'externalId'}]",
     false, "a", "", 2, 0},
    {"none", "[{'op':'replace','path':'displayName','value':'g'}]", false, "", "", 1, 0},
    {"no value", "[{'op':'add','path':'members','value':[{'display':'a'}]}]", false, NULL, NULL,
     0, ERR_INVALID_VALUE},
    {"selected otherwise", "[{'op':'remove','path':'members[type eq \\\"User\\\"]'}]", false,
     NULL, NULL, 0, ERR_INVALID_FILTER},
    {"selected by and",
     "[{'op':'remove','path':'members[value eq \\\"a\\\" and value eq \\\"b\\\"]'}]", false,
     NULL, NULL, 0, ERR_INVALID_FILTER},
    {"part of a member",
     "[{'op':'replace','path':'members[value eq \\\"a\\\"].value',"
     "'value':'b'}]",
     false, NULL, NULL, 0, ERR_MUTABILITY},
};

static str_t
joined(const str_t *ids, size_t n)
{
    buf_t buf;

    buf_init(&buf, mem, 1000);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(&buf, ' ');
        buf_add(&buf, ids[i]);
    }
    return buf_str(&buf);
}

START_TEST(test_members)
{
    const members_row_t *row = &members_rows[_i];
    const map_t *map = sample_map(mem, "people");
    scim_patch_t patch = sample_patch(mem, row->operations);
    map_member_delta_t delta;
    err_t err = ERR_INIT;
    bool done = map_take_members(mem, sample_type(map, "Group"), &patch, &delta, &err);

    if (!row->add) {
        ck_assert_msg(!done, "%s", row->name);
        check_error(row->name, &err, row->kind, NULL);
        return;
    }
    ck_assert_msg(done, "%s: %s", row->name, err.detail);
    ck_assert_msg(delta.reset == row->reset, "%s", row->name);
    check_text(row->name, "add", joined(delta.add, delta.n_add), row->add);
    check_text(row->name, "remove", joined(delta.remove, delta.n_remove), row->remove);
    ck_assert_uint_eq(patch.n, row->rest);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/change");
    TCase *tests = tcase_create("changes");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_direct, 0, (int)ARRAY_SIZE(direct_rows));
    tcase_add_test(tests, test_direct_made_element);
    tcase_add_loop_test(tests, test_between, 0, (int)ARRAY_SIZE(between_rows));
    tcase_add_loop_test(tests, test_only, 0, (int)ARRAY_SIZE(only_rows));
    tcase_add_test(tests, test_states);
    tcase_add_loop_test(tests, test_places, 0, (int)ARRAY_SIZE(place_rows));
    tcase_add_loop_test(tests, test_put, 0, (int)ARRAY_SIZE(put_rows));
    tcase_add_loop_test(tests, test_put_create_only, 0, (int)ARRAY_SIZE(create_only_rows));
    tcase_add_loop_test(tests, test_members, 0, (int)ARRAY_SIZE(members_rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
