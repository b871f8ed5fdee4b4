/* SPDX-License-Identifier: Apache-2.0 */
/* States that the place tells: entering and leaving them moves the entry, also where operations fail. */
#include "connector/placement.h"
#include "support/suite_run.h"

#include <check.h>

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

static const row_t rows[] = {
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
    Suite *suite = suite_create("moves");
    TCase *tests = tcase_create("rows");

    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_faults, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_name_taken_between, 0, 2);
    tcase_add_test(tests, test_state_race);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
