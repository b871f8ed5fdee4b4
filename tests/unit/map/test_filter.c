/* SPDX-License-Identifier: Apache-2.0 */
#include "map/filter.h"

#include "map/load.h"
#include "map/to_resource.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

static arena_t *mem;
static const map_t *people;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    people = sample_map(mem, "people");
}

static void
teardown(void)
{
    arena_free(mem);
}

typedef struct {
    const char *rule, *name, *type, *filter; /* ' stands for " */
    const char *ldap;                        /* NULL: refused */
    const char *error;                       /* a part of the reason */
} row_t;

#define USER "User"
#define GROUP "Group"
#define URN "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define TRUE_FILTER "(&)"
#define FALSE_FILTER "(|)"

static const row_t rows[] = {
#include "unit/map/filter_rows.h"
};

/* ' stands for " */
static str_t
quoted(str_t text)
{
    char *copy = arena_alloc(mem, text.n + 1);

    for (size_t i = 0; i < text.n; i++)
        copy[i] = text.p[i] == '\'' ? '"' : text.p[i];
    return str_from(copy, text.n);
}

static const scim_filter_t *
parse(const char *text)
{
    err_t err = ERR_INIT;
    const scim_filter_t *filter =
        scim_filter_parse(mem, quoted(str_from_c(text)), 0, NULL, &err);

    ck_assert_msg(filter != NULL, "%s: %s", text, err.detail);
    return filter;
}

START_TEST(test_row)
{
    const row_t *row = &rows[_i];
    err_t err = ERR_INIT;
    const ldap_filter_t *ldap =
        map_filter(mem, people, sample_type(people, row->type), parse(row->filter),
                   sample_links(mem, people), SAMPLE_NOW, &err);

    if (row->ldap) {
        ck_assert_msg(ldap != NULL, "%s, %s: %s: %s", row->rule, row->name, row->filter,
                      err.detail);
        ck_assert_msg(str_eq(ldap_filter_format(mem, ldap), str_from_c(row->ldap)),
                      "%s, %s: %s is %s, not %s", row->rule, row->name, row->filter,
                      ldap_filter_format(mem, ldap).p, row->ldap);
        return;
    }
    ck_assert_msg(ldap == NULL, "%s, %s: %s is %s", row->rule, row->name, row->filter,
                  ldap ? ldap_filter_format(mem, ldap).p : "");
    ck_assert_int_eq(err.kind, ERR_INVALID_FILTER);
    ck_assert_msg(str_find(err_detail(&err), str_from_c(row->error)) < err_detail(&err).n,
                  "%s: %s", row->name, err.detail);
}
END_TEST

/* ---- where SCIM and the directory disagree about the case of letters ---- */

static const char odd_map[] =
    "{'dialect':'openldap','scopes':{'users':{'bases':['ou=users,dc=example,dc=com'],"
    "'filter':'(objectClass=inetOrgPerson)'}},'resources':{'User':{'scope':'users','rdn':'uid',"
    "'objectClass':['inetOrgPerson'],'auxiliary':['scimResource'],"
    "'parent':'ou=users,dc=example,dc=com','match':['userName'],'attributes':{"
    "'userName':{'ldap':'uid','required':true},'externalId':'%s','emails[type eq "
    "\\\"work\\\"].value':'scimHomeMail',"
    "'emails[type eq \\\"other\\\"].value':'scimProfileUrl'},"
    "'entry':{'cn':'{userName}','sn':'{userName}'},'lifecycle':{'deleted':'delete'}}}}";

typedef struct {
    const char *name, *ldap_attr, *filter, *ldap, *error;
} odd_row_t;

static const odd_row_t odd_rows[] = {
    {"exact over ignored", "employeeNumber", "externalId eq 'X1'",
     "(&(employeeNumber=X1)(employeeNumber:caseExactMatch:=X1))", NULL},
    {"exact over ignored, ne", "employeeNumber", "externalId ne 'X1'",
     "(!(&(employeeNumber=X1)(employeeNumber:caseExactMatch:=X1)))", NULL},
    {"exact over ignored, IA5", "mail", "externalId eq 'X1'",
     "(&(mail=X1)(mail:caseExactIA5Match:=X1))", NULL},
    {"exact over ignored, part", "employeeNumber", "externalId co 'X'", NULL,
     "substrings rule treats case differently"},
    {"exact over ignored, order", "employeeNumber", "externalId gt 'X'", NULL,
     "ordering rule treats case differently"},
    {"exact over a telephone number: the schema says otherwise", "mobile", "externalId eq 'X1'",
     "(|(mobile=X1)(mobile:caseIgnoreMatch:=X1))", NULL},
    {"exact over exact", "scimExternalId", "externalId eq 'X1'", "(scimExternalId=X1)", NULL},
    {"ignored over exact", "scimExternalId", "emails[type eq 'other' and value eq 'X1']",
     "(scimProfileUrl:caseIgnoreMatch:=X1)", NULL},
    {"ignored over exact, part", "scimExternalId", "emails[type eq 'other' and value sw 'X1']",
     NULL, "substrings rule treats case differently"},
    {"ignored over exact, order", "scimExternalId", "emails[type eq 'other' and value lt 'X1']",
     NULL, "ordering rule treats case differently"},
};

START_TEST(test_case)
{
    const odd_row_t *row = &odd_rows[_i];
    str_t text = quoted(str_printf(mem, odd_map, row->ldap_attr));
    diag_list_t diags;
    err_t err = ERR_INIT;
    buf_t said;
    const map_t *map;
    const ldap_filter_t *ldap;

    diag_init(&diags, mem);
    map = map_load(mem, "odd", text, ldap_schema_builtin(), &diags);
    buf_init(&said, mem, 10000);
    diag_write(&said, &diags);
    ck_assert_msg(map != NULL, "%s: %.*s", row->name, STR_ARG(buf_str(&said)));
    ldap = map_filter(mem, map, sample_type(map, "User"), parse(row->filter), NULL, SAMPLE_NOW,
                      &err);
    if (row->ldap) {
        ck_assert_msg(ldap != NULL, "%s: %s", row->name, err.detail);
        ck_assert_msg(str_eq(ldap_filter_format(mem, ldap), str_from_c(row->ldap)), "%s: %s",
                      row->name, ldap_filter_format(mem, ldap).p);
        return;
    }
    ck_assert_msg(ldap == NULL, "%s: %s", row->name,
                  ldap ? ldap_filter_format(mem, ldap).p : "");
    ck_assert_msg(str_find(err_detail(&err), str_from_c(row->error)) < err_detail(&err).n,
                  "%s: %s", row->name, err.detail);
}
END_TEST

/* ---- bounds ---- */

START_TEST(test_terms)
{
    const map_type_t *type = sample_type(people, "User");
    err_t err = ERR_INIT;
    buf_t buf;

    /* 150 times 7 terms */
    buf_init(&buf, mem, 100000);
    for (int i = 0; i < 150; i++)
        buf_printf(&buf, "%saddresses[type eq 'work' and locality ne 'B%d']", i ? " or " : "",
                   i);
    ck_assert_ptr_null(map_filter(mem, people, type,
                                  parse(str_printf(mem, "%.*s", STR_ARG(buf_str(&buf))).p),
                                  NULL, SAMPLE_NOW, &err));
    ck_assert_int_eq(err.kind, ERR_INVALID_FILTER);
    ck_assert_msg(str_find(err_detail(&err), STR("LDAP terms")) < err_detail(&err).n, "%s",
                  err.detail);
}
END_TEST

/* ---- the directory's answer is SCIM's answer ---- */

#define STAMPS \
    "\nentryCSN: 1\ncreateTimestamp: 20260101100000Z\nmodifyTimestamp: 20260101100001Z\n"

typedef struct {
    const char *name, *type, *lines;
} entry_row_t;

static const entry_row_t entries[] = {
    {"bare", USER, "dn: uid=anna\nuid: anna\nentryUUID: " ANNA_ID STAMPS},
    {"full", USER,
     "dn: uid=a*(b)\\c\nuid: a*(b)\\c\nentryUUID: " BEN_ID STAMPS
     "title: a\ndisplayName: Anna\nscimNickName: m\nsn: Berg\ngivenName: G\nmail: a@x\n"
     "scimHomeMail: b@x\nscimHomeMail: az\nscimAltMail: c@y\nl: Bern\nst: BE\n"
     "postalAddress: A$B\\24\nfacsimileTelephoneNumber: 1\nmanager: " ANNA_DN
     "\ndepartmentNumber: R\nscimExternalId: X1\nscimRole: r\nuserCertificate;binary: x"},
    {"cased", USER,
     "dn: uid=ANNA\nuid: ANNA\nentryUUID: " BEN_ID STAMPS
     "title: A\ndisplayName: b\nscimNickName: N\nsn: berg\nmail: A@X\nmail: unseen@x\n"
     "scimHomeMail: a@x\nscimExternalId: x1\ndepartmentNumber: r\nl: Bern\nst: ZH\n"
     "pwdEndTime: 20250101000000Z"},
    {"other", USER,
     "dn: uid=o\nuid: o\nentryUUID: " STAFF_ID
     "\ncreateTimestamp: 20260101095959Z\nmodifyTimestamp: 20260101100000Z\ntitle: b\n"
     "displayName: an\nscimAltMail: x\nst: BE\n"
     "pwdEndTime: 20270101000000Z"},
    {"group", GROUP,
     "dn: cn=Staff\ncn: Staff\nentryUUID: " STAFF_ID STAMPS "member: " ANNA_DN
     "\nmember: " STAFF_DN},
    {"both", GROUP,
     "dn: cn=Both\ncn: Both\nentryUUID: " BEN_ID STAMPS "member: " ANNA_DN "\nmember: " BEN_DN},
    {"empty", GROUP, "dn: cn=e\ncn: e\nentryUUID: " ANNA_ID STAMPS "member: cn=nobody"},
};

/* The resource as a client sees it, with what surrounds it. */
static json_t *
whole_resource(const map_type_t *type, const ldap_entry_t *entry)
{
    json_t *resource = map_to_resource(mem, people, type, entry, sample_links(mem, people),
                                       NULL, SAMPLE_URL, SAMPLE_NOW);
    json_t *meta = json_object(mem), *schemas = json_array(mem);
    scim_envelope_t envelope;
    err_t err = ERR_INIT;

    ck_assert(map_envelope(mem, people, type, entry, SAMPLE_URL, &envelope, &err));
    json_append(mem, schemas, json_string(mem, type->scim->core->id));
    for (size_t i = 0; i < type->scim->n_extensions; i++)
        if (json_find(resource, type->scim->extensions[i]->id))
            json_append(mem, schemas, json_string(mem, type->scim->extensions[i]->id));
    json_set(mem, meta, STR("resourceType"), json_string(mem, type->scim->name));
    json_set(mem, meta, STR("created"), json_string(mem, envelope.created));
    json_set(mem, meta, STR("lastModified"), json_string(mem, envelope.last_modified));
    json_set(mem, resource, STR("schemas"), schemas);
    json_set(mem, resource, STR("id"), json_string(mem, envelope.id));
    json_set(mem, resource, STR("meta"), meta);
    return resource;
}

/* What a rule named in the filter gives is the server's business; booleans in quotes are beyond
 * SCIM. */
static bool
is_testable(const row_t *row)
{
    str_t ldap = str_from_c(row->ldap);

    return ldap.n > 0 && str_find(ldap, STR("OrderingMatch")) == ldap.n &&
           !strstr(row->filter, "'True'") && !strstr(row->filter, "'False'");
}

START_TEST(test_agrees)
{
    const map_type_t *type = sample_type(people, entries[_i].type);
    const ldap_entry_t *entry = sample_entry(mem, entries[_i].lines);
    const json_t *resource = whole_resource(type, entry);
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const scim_filter_t *filter;
        const ldap_filter_t *ldap;
        ldap_truth_t answer;
        err_t err = ERR_INIT;

        if (!is_testable(&rows[i]) || strcmp(rows[i].type, entries[_i].type) != 0)
            continue;
        filter = parse(rows[i].filter);
        ldap =
            map_filter(mem, people, type, filter, sample_links(mem, people), SAMPLE_NOW, &err);
        answer = ldap_filter_test(mem, ldap, entry, people->schema);
        ck_assert_msg(answer != LDAP_UNDEFINED, "%s: undefined", rows[i].filter);
        ck_assert_msg((answer == LDAP_TRUE) ==
                          scim_filter_test(mem, filter, resource, type->scim, NULL),
                      "%s: of %s LDAP says %d: %s", rows[i].filter, entries[_i].name,
                      (int)answer, sample_text(mem, resource).p);
        n++;
    }
    ck_assert_uint_ge(n, 5);
}
END_TEST

/* ---- users and groups at once: RFC 7644 §3.4.2.1 ---- */

static const struct {
    const char *filter, *user, *group; /* NULL: refused */
} among_rows[] = {
    {"displayName eq 'x'", "(displayName=x)", "(cn=x)"},
    {"userName eq 'x'", "(uid=x)", FALSE_FILTER},
    {"userName ne 'x'", "(!(uid=x))", TRUE_FILTER},
    {"title pr", "(title=*)", FALSE_FILTER},
    {"not (title pr)", "(!(title=*))", TRUE_FILTER},
    {"title eq null", "(!(title=*))", TRUE_FILTER},
    {"title ne null", "(title=*)", FALSE_FILTER},
    {"title eq 'x' or displayName eq 'x'", "(|(title=x)(displayName=x))", "(cn=x)"},
    {"title eq 'x' and displayName eq 'x'", "(&(title=x)(displayName=x))", FALSE_FILTER},
    {"emails[type eq 'work']", "(mail=*)", FALSE_FILTER},
    {"emails.type eq 'work'", "(mail=*)", FALSE_FILTER},
    {"department eq 'x'", "(departmentNumber=x)", FALSE_FILTER},
    {"members eq '" ANNA_ID "'", FALSE_FILTER, "(member=" ANNA_DN ")"},
    {"members[value eq '" ANNA_ID "']", FALSE_FILTER, "(member=" ANNA_DN ")"},
    {SCIM_URN_USER ":displayName eq 'x'", "(displayName=x)", FALSE_FILTER},
    {"meta.resourceType eq 'Group'", FALSE_FILTER, TRUE_FILTER},
    {"id eq '" ANNA_ID "'", "(entryUUID=" ANNA_ID ")", "(entryUUID=" ANNA_ID ")"},
    {"nonsense pr", NULL, NULL},
    {"nonsense pr or displayName eq 'x'", NULL, NULL},
    {"name.nonsense pr", NULL, NULL},
    {"emails[display eq 'x']", NULL, FALSE_FILTER},
    {"title eq 5", NULL, FALSE_FILTER},
};

static void
check_among(const char *filter, const map_type_t *const types[2], size_t which,
            const char *expected)
{
    err_t err = ERR_INIT;
    const ldap_filter_t *ldap =
        map_filter_among(mem, people, types[which], types, 2, parse(filter),
                         sample_links(mem, people), SAMPLE_NOW, &err);

    ck_assert_msg(!ldap == !expected, "%s: %s", filter, err.detail);
    ck_assert_msg(ldap || err.kind == ERR_INVALID_FILTER, "%s", filter);
    if (ldap)
        ck_assert_msg(str_eq(ldap_filter_format(mem, ldap), str_from_c(expected)),
                      "%s is %s, not %s", filter, ldap_filter_format(mem, ldap).p, expected);
}

START_TEST(test_among)
{
    const map_type_t *types[] = {sample_type(people, USER), sample_type(people, GROUP)};

    check_among(among_rows[_i].filter, types, 0, among_rows[_i].user);
    check_among(among_rows[_i].filter, types, 1, among_rows[_i].group);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/filter");
    TCase *rows_case = tcase_create("rows");

    tcase_add_checked_fixture(rows_case, setup, teardown);
    tcase_add_loop_test(rows_case, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(rows_case, test_among, 0, (int)ARRAY_SIZE(among_rows));
    tcase_add_loop_test(rows_case, test_case, 0, (int)ARRAY_SIZE(odd_rows));
    tcase_add_test(rows_case, test_terms);
    tcase_add_loop_test(rows_case, test_agrees, 0, (int)ARRAY_SIZE(entries));
    suite_add_tcase(suite, rows_case);
    return suite_run(suite);
}
