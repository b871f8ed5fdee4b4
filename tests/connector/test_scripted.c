/* SPDX-License-Identifier: Apache-2.0 */
/* The LDAP operations that each kind of request takes, and its answer. */
#include "support/sim.h"
#include "unit/map/sample.h"

#include <check.h>
#include <stdlib.h>

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define PATCH(ops) \
    "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':[" ops "]}"

/* The resources that stand ready; "{anna}" in a row is her id. */
typedef struct {
    const char *name, *path, *body;
} resource_t;

static const resource_t resources[] = {
    {"anna", "Users",
     "{'userName':'anna','displayName':'Anna','title':'Boss','externalId':'x-anna',"
     "'name':{'givenName':'Anna','familyName':'Arm'},"
     "'emails':[{'type':'work','value':'anna@example.com'}]}"},
    {"ben", "Users",
     "{'userName':'ben','displayName':'Ben','externalId':'x-ben',"
     "'name':{'givenName':'Ben','familyName':'Bow'},"
     "'emails':[{'type':'work','value':'ben@example.com'}],"
     "'" ENTERPRISE "':{'manager':'{anna}'}}"},
    {"cora", "Users",
     "{'userName':'cora','displayName':'Cora','externalId':'x-cora','active':false,"
     "'name':{'givenName':'Cora','familyName':'Cox'},"
     "'emails':[{'type':'work','value':'cora@example.com'}]}"},
    {"staff", "Groups", "{'displayName':'staff','members':[{'value':'{anna}'}]}"},
    {"board", "Groups",
     "{'displayName':'board','members':[{'value':'{anna}'},{'value':'{ben}'}]}"},
    {"empty", "Groups", "{'displayName':'empty'}"},
};

typedef enum {
    WARM, /* all of it has just been made through this connector */
    COLD, /* another instance made it */
    TOMB  /* as WARM, and ben was deleted */
} state_t;

typedef struct {
    const char *name, *map;
    state_t state;
    method_t method;
    const char *path, *body;
    int status;
    const char *trace;
    const char *holds; /* an LDAP filter that exactly one entry matches afterwards; NULL: any */
} row_t;

static const row_t rows[] = {
#include "connector/scripted_rows.h"
};

static str_t ids[ARRAY_SIZE(resources)];

static const char *
with_ids(sim_t *sim, const char *text, size_t known)
{
    str_t expanded = str_from_c(text);

    for (size_t i = 0; text && i < known; i++) {
        str_t name = str_printf(sim_mem(sim), "{%s}", resources[i].name);
        size_t at;

        while ((at = str_find(expanded, name)) < expanded.n)
            expanded =
                str_printf(sim_mem(sim), "%.*s%.*s%.*s", STR_ARG(str_slice(expanded, 0, at)),
                           STR_ARG(ids[i]), STR_ARG(str_skip(expanded, at + name.n)));
    }
    return text ? str_dup_c(sim_mem(sim), expanded) : NULL;
}

static void
prepare(sim_t *sim, connector_t *connector)
{
    for (size_t i = 0; i < ARRAY_SIZE(resources); i++)
        ids[i] =
            sim_create(sim, connector, resources[i].path, with_ids(sim, resources[i].body, i));
    /* Nobody provisions these two. */
    if (model_find(sim_model(sim), STR("ou=users,ou=people,dc=example,dc=com"))) {
        model_put(sim_model(sim),
                  "dn: uid=wild,ou=users,ou=people,dc=example,dc=com\n"
                  "objectClass: inetOrgPerson\nuid: wild\ncn: Wild\nsn: One\ntitle: Old\n"
                  "roomNumber: 7\n");
        model_put(sim_model(sim), "dn: uid=robot,ou=users,ou=people,dc=example,dc=com\n"
                                  "objectClass: account\nuid: robot\n");
    }
}

static void
check_row(const row_t *row, uint64_t seed)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, row->map);
    sim_t *sim = sim_new(seed);
    connector_t *connector = sim_connector(sim, map, 5000);
    const sim_call_t *call;

    prepare(sim, connector);
    if (row->state == COLD)
        connector = sim_connector(sim, map, 5000);
    if (row->state == TOMB)
        ck_assert_int_eq(
            sim_do(sim, connector, METHOD_DELETE, with_ids(sim, "Users/{ben}", 2), NULL)
                ->status,
            204);
    call = sim_do(sim, connector, row->method, with_ids(sim, row->path, ARRAY_SIZE(resources)),
                  with_ids(sim, row->body, ARRAY_SIZE(resources)));
    ck_assert_msg(call->status == row->status, "%s: %d instead of %d: %.*s (%.*s)", row->name,
                  call->status, row->status, STR_ARG(call->body), STR_ARG(call->trace));
    ck_assert_msg(str_eq(call->trace, str_from_c(row->trace)), "%s: \"%.*s\" instead of \"%s\"",
                  row->name, STR_ARG(call->trace), row->trace);
    ck_assert_msg(call->operations == call->facts.operations, "%s: %u operations, %u told",
                  row->name, call->operations, call->facts.operations);
    if (row->holds) {
        const char *holds = with_ids(sim, row->holds, ARRAY_SIZE(resources));

        ck_assert_msg(model_count(sim_model(sim), holds) == 1, "%s: %s is not so in\n%.*s",
                      row->name, holds, STR_ARG(model_text(sim_model(sim), sim_mem(sim))));
    }
    sim_free(sim);
}

START_TEST(test_rows)
{
    check_row(&rows[_i], (uint64_t)_i + 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("scripted");
    TCase *rows_case = tcase_create("rows");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(rows_case, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, rows_case);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
