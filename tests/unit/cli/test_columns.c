/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/match/match.h"

#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

enum { WISHES = 3 };

/* The body that comes of head and row, ' for "; or what is said. */
static const struct {
    const char *name, *text, *wishes[WISHES], *body, *says;
} rows[] = {
    {"the portal's names",
     "userPrincipalName,displayName,surname,mail,objectId\na@x,Ann,Archer,ann@x,1\n",
     {NULL},
     "{'externalId':'1','userName':'a@x','displayName':'Ann','name':{'familyName':'Archer'},"
     "'emails':[{'type':'work','value':'ann@x'}],"
     "'schemas':['urn:ietf:params:scim:schemas:core:2.0:User']}",
     NULL},
    {"a template's heading",
     "User name [userPrincipalName] Required\na@x\n",
     {NULL},
     "{'userName':'a@x','schemas':['urn:ietf:params:scim:schemas:core:2.0:User']}",
     NULL},
    {"a wish goes before what is known",
     "userPrincipalName,mailNickname\na@x,ann\n",
     {"userName=mailNickname"},
     "{'userName':'ann','nickName':'ann',"
     "'schemas':['urn:ietf:params:scim:schemas:core:2.0:User']}",
     NULL},
    {"not this column",
     "userPrincipalName,displayName\na@x,Ann\n",
     {"displayName="},
     "{'userName':'a@x','schemas':['urn:ietf:params:scim:schemas:core:2.0:User']}",
     NULL},
    {"booleans",
     "upn,accountEnabled\na,FALSE\n",
     {NULL},
     "{'userName':'a','active':false,"
     "'schemas':['urn:ietf:params:scim:schemas:core:2.0:User']}",
     NULL},
    {"empty and missing fields are none",
     "upn,displayName,surname\na, \n",
     {NULL},
     "{'userName':'a','schemas':['urn:ietf:params:scim:schemas:core:2.0:User']}",
     NULL},
    {"an extension's path",
     "upn,cc\na,12\n",
     {ENTERPRISE ":costCenter=cc"},
     "{'" ENTERPRISE "':{'costCenter':'12'},'userName':'a',"
     "'schemas':['urn:ietf:params:scim:schemas:core:2.0:User']}",
     NULL},
    {"no equals sign", "upn\na\n", {"userName"}, NULL, "SCIMPATH=NAME is wanted"},
    {"no path", "upn\na\n", {"emails[=upn"}, NULL, "--column emails[=upn: "},
    {"a path that is not mapped", "upn\na\n", {"shoeSize=upn"}, NULL, "has no shoeSize"},
    {"a slip in a name",
     "upn,surname\na,b\n",
     {"name.familyName=surnam"},
     NULL,
     "did you mean \"surname\"?"},
    {"nothing to be known by",
     "displayName\nAnn\n",
     {NULL},
     NULL,
     "no column of the file holds userName"},
    {"not even by wish",
     "upn\na\n",
     {"userName="},
     NULL,
     "no column of the file holds userName"},
};

static arena_t *mem;
static const map_type_t *type;

static void
setup(void)
{
    mem = arena_new(0);
    type = sample_type(sample_map(mem, "people"), "User");
}

static void
teardown(void)
{
    arena_free(mem);
}

static json_t *
make(const char *text, const char *const *wishes, err_t *err)
{
    wishes_t wanted = {wishes, 0};
    csv_row_t head, row;
    columns_t columns;
    csv_t csv;

    while (wanted.n < WISHES && wishes[wanted.n])
        wanted.n++;
    ck_assert(csv_open(&csv, str_from_c(text), err));
    ck_assert(csv_next(&csv, mem, &head, err) && csv_next(&csv, mem, &row, err));
    if (!columns_find(mem, type, &head, &wanted, &columns, err))
        return NULL;
    return columns_resource(mem, type, &columns, &row, err);
}

START_TEST(test_rows)
{
    err_t err = ERR_INIT;
    json_t *body = make(rows[_i].text, rows[_i].wishes, &err);
    str_t found = body ? sample_text(mem, body) : STR("");
    str_t wanted = rows[_i].body ? sample_text(mem, sample_json(mem, rows[_i].body)) : STR("");

    ck_assert_msg(str_eq(found, wanted), "%s: %.*s %s", rows[_i].name, STR_ARG(found),
                  err.detail);
    if (rows[_i].says)
        ck_assert_msg(strstr(err.detail, rows[_i].says) != NULL, "%s: %s", rows[_i].name,
                      err.detail);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("columns");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
