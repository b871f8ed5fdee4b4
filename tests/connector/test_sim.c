/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true whatever order replies come in, and whatever fails in between.
 *
 * SIM_ROUNDS (default 2) multiplies the random schedules of each test; SIM_SEED is the first
 * seed. A failure names the seed that shows it. */
#include "connector/fixture.h"
#include "unit/map/sample.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define USERS "ou=users,ou=people,dc=example,dc=com"

static uint64_t
first_seed(void)
{
    const char *text = getenv("SIM_SEED");
    int64_t seed;

    return text && str_to_int64(str_from_c(text), &seed) ? (uint64_t)seed : 1;
}

static unsigned
rounds(unsigned each)
{
    const char *text = getenv("SIM_ROUNDS");
    int64_t n;

    return each * (text && str_to_int64(str_from_c(text), &n) && n > 0 ? (unsigned)n : 2);
}

static bool
is_success(const sim_call_t *call)
{
    return call->status >= 200 && call->status < 300;
}

static str_t
text_of(sim_t *sim)
{
    return model_text(sim_model(sim), sim_mem(sim));
}

/* ---- one request, every fault ---- */

typedef struct {
    const fixture_row_t *row;
    const map_t *map;
    int status;
    str_t body, text; /* of a run without faults, and the directory after it */
    unsigned operations;
} expected_t;

static sim_call_t *
make_call(const fixture_row_t *row, const fixture_t *fixture, connector_t *connector)
{
    return sim_call(fixture->sim, connector, row->method, fixture_text(fixture, row->path),
                    fixture_text(fixture, row->body));
}

static expected_t
expect(arena_t *mem, const fixture_row_t *row)
{
    expected_t expected = {.row = row, .map = sample_map(mem, row->map)};
    sim_t *sim = sim_new(1);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, expected.map, row->state);
    sim_call_t *call = make_call(row, &fixture, connector);

    sim_begin(call);
    sim_run(sim);
    expected.status = call->status;
    expected.body = str_dup(mem, call->body);
    expected.operations = call->operations;
    expected.text = model_text(sim_model(sim), mem);
    sim_free(sim);
    return expected;
}

/* A success is told only of what the directory shows; a read that succeeds tells the truth. */
static void
check_faulted(const expected_t *expected, const sim_call_t *call, bool first, const char *what)
{
    sim_t *sim = call->sim;

    ck_assert_msg(call->status != 0 && call->status != 500, "%s: status %d: %.*s (%.*s)", what,
                  call->status, STR_ARG(call->body), STR_ARG(call->trace));
    if (!is_success(call))
        return;
    ck_assert_msg(str_eq(text_of(sim), expected->text),
                  "%s: %d was told (%.*s), but the directory is\n%.*sinstead of\n%.*s", what,
                  call->status, STR_ARG(call->trace), STR_ARG(text_of(sim)),
                  STR_ARG(expected->text));
    if (expected->row->method == METHOD_GET && first)
        ck_assert_msg(str_eq(call->body, expected->body), "%s: %.*s instead of %.*s", what,
                      STR_ARG(call->body), STR_ARG(expected->body));
}

static bool
is_documented(const expected_t *expected, const sim_call_t *call)
{
    return is_success(call) || call->status == expected->status ||
           (expected->row->method == METHOD_DELETE && call->status == 404) ||
           (expected->row->method == METHOD_POST && call->status == 409);
}

/* Some faulted runs, then one without: it must come to what it would have come to. */
static void
run_faulted(const expected_t *expected, sim_fault_t fault, unsigned at, unsigned times,
            uint64_t seed)
{
    const fixture_row_t *row = expected->row;
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, expected->map, row->state);
    const char *what = sim_format(sim, "%s, seed %llu: %s at %u", row->name,
                                  (unsigned long long)seed, sim_fault_name(fault), at);
    sim_call_t *call;

    for (unsigned i = 0; i < times; i++) {
        call = make_call(row, &fixture, connector);
        call->fault = i ? 1 + sim_random(sim, SIM_FAULTS - 1) : fault;
        call->fault_at = i ? sim_random(sim, expected->operations + 2) : at;
        sim_begin(call);
        sim_run(sim);
        check_faulted(expected, call, i == 0, what);
    }
    call = make_call(row, &fixture, connector);
    sim_begin(call);
    sim_run(sim);
    ck_assert_msg(is_documented(expected, call), "%s: repeated: %d: %.*s (%.*s)", what,
                  call->status, STR_ARG(call->body), STR_ARG(call->trace));
    ck_assert_msg(str_eq(text_of(sim), expected->text),
                  "%s: repeated: %d (%.*s), and the directory is\n%.*sinstead of\n%.*s", what,
                  call->status, STR_ARG(call->trace), STR_ARG(text_of(sim)),
                  STR_ARG(expected->text));
    sim_free(sim);
}

START_TEST(test_one_fault)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    expected_t expected = expect(mem, &fixture_rows[_i]);

    for (unsigned fault = 1; fault < SIM_FAULTS; fault++)
        for (unsigned at = 0; at <= expected.operations; at++)
            run_faulted(&expected, (sim_fault_t)fault, at, 1, first_seed() + fault + at);
}
END_TEST

START_TEST(test_several_faults)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    expected_t expected = expect(mem, &fixture_rows[_i]);
    unsigned n = expected.operations ? rounds(4) : 1;

    for (unsigned i = 0; i < n; i++)
        run_faulted(&expected, (sim_fault_t)(1 + i % (SIM_FAULTS - 1)),
                    i % (expected.operations + 1), 1 + i % 3, first_seed() + i);
}
END_TEST

/* ---- memory that runs out ---- */

/* A run whose memory ends somewhere; then one without limits. false: it was enough. */
static bool
run_short(const expected_t *expected, size_t limit, unsigned step, size_t block)
{
    const fixture_row_t *row = expected->row;
    sim_t *sim = sim_new(1);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, expected->map, row->state);
    const char *what =
        sim_format(sim, "%s, limit %zu, step %u, block %zu", row->name, limit, step, block);
    sim_call_t *call = make_call(row, &fixture, connector);
    bool is_short;

    sim_fail_memory(sim, step, block);
    sim_begin_limited(call, limit);
    sim_run(sim);
    sim_fail_memory(sim, 0, 0);
    is_short = call->status == 503;
    ck_assert_msg(is_short || call->status == expected->status, "%s: %d %.*s", what,
                  call->status, STR_ARG(call->body));
    check_faulted(expected, call, true, what);
    call = make_call(row, &fixture, connector);
    sim_begin(call);
    sim_run(sim);
    ck_assert_msg(is_documented(expected, call), "%s: repeated: %d: %.*s", what, call->status,
                  STR_ARG(call->body));
    ck_assert_msg(str_eq(text_of(sim), expected->text), "%s: repeated: the directory is\n%.*s",
                  what, STR_ARG(text_of(sim)));
    sim_free(sim);
    return is_short;
}

static const char *const short_rows[] = {
    "post a user with a manager", "patch what is derived",      "patch userName and title",
    "post revives a tombstone",   "patch replaces the members", "a page of a longer list"};

static const fixture_row_t *
find_row(const char *name)
{
    for (size_t i = 0; i < fixture_n_rows; i++)
        if (strcmp(fixture_rows[i].name, name) == 0)
            return &fixture_rows[i];
    ck_abort_msg("no row is called \"%s\"", name);
    return NULL;
}

START_TEST(test_memory_limit)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    expected_t expected = expect(mem, find_row(short_rows[_i]));
    size_t limit = 64, failures = 0;

    while (run_short(&expected, limit, 0, 0)) {
        limit += limit / 16 + 16;
        failures++;
    }
    ck_assert_msg(failures > 10, "%s: %zu bytes are enough", short_rows[_i], limit);
}
END_TEST

START_TEST(test_memory_block)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    expected_t expected = expect(mem, find_row(short_rows[_i]));

    for (unsigned step = 0; step <= expected.operations; step++) {
        size_t block = 1;

        while (run_short(&expected, 0, step, block))
            block += 1 + block / 16;
    }
}
END_TEST

/* ---- two requests for the same new resource ---- */

typedef struct {
    const char *name, *map;
    bool two_instances;
    const char *bodies[2];
    const char *filter; /* counts what was made */
    bool always_one;    /* else possibly none: both may give way */
} race_t;

static const race_t races[] = {
    {"one instance",
     "people",
     false,
     {"{'userName':'new'}", "{'userName':'new'}"},
     "(uid=new)",
     true},
    {"two instances",
     "people",
     true,
     {"{'userName':'new'}", "{'userName':'NEW'}"},
     "(uid=new)",
     true},
    {"one instance, externalId",
     "simple-in-out",
     false,
     {"{'userName':'new1','displayName':'N','externalId':'n'}",
      "{'userName':'new2','displayName':'N','externalId':'n'}"},
     "(scimExternalId=n)",
     true},
    {"two instances, externalId",
     "simple-in-out",
     true,
     {"{'userName':'new1','displayName':'N','externalId':'n'}",
      "{'userName':'new2','displayName':'N','externalId':'n'}"},
     "(scimExternalId=n)",
     false},
    {"two instances, all the same",
     "simple-in-out",
     true,
     {"{'userName':'new','displayName':'N','externalId':'n'}",
      "{'userName':'new','displayName':'N','externalId':'n'}"},
     "(scimExternalId=n)",
     true},
    {"revival twice",
     "people",
     true,
     {"{'userName':'ben','externalId':'x-ben'}", "{'userName':'ben','externalId':'x-ben'}"},
     "(&(uid=ben)(!(scimDeletedAt=*)))",
     true},
    {"adoption twice",
     "people",
     true,
     {"{'userName':'wild','externalId':'a'}", "{'userName':'wild','externalId':'b'}"},
     "(&(uid=wild)(scimExternalId=*))",
     true},
};

static void
run_race(const race_t *race, const map_t *map, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connectors[2];
    sim_call_t *calls[2];
    size_t made = 0;

    connectors[0] = connectors[1] = fixture_make_state(
        &fixture, sim, map, strcmp(race->name, "revival twice") == 0 ? TOMB : WARM);
    if (race->two_instances)
        connectors[1] = sim_connector(sim, map, 5000);
    for (size_t i = 0; i < 2; i++)
        calls[i] = sim_call(sim, connectors[i], METHOD_POST, "Users", race->bodies[i]);
    for (size_t i = 0; i < 2; i++)
        sim_begin(calls[i]);
    sim_run(sim);
    for (size_t i = 0; i < 2; i++) {
        made += calls[i]->status == 201;
        ck_assert_msg(calls[i]->status == 201 || calls[i]->status == 409,
                      "%s, seed %llu: %d %.*s", race->name, (unsigned long long)seed,
                      calls[i]->status, STR_ARG(calls[i]->body));
    }
    ck_assert_msg(made == 1 || (made == 0 && !race->always_one), "%s, seed %llu: %zu made",
                  race->name, (unsigned long long)seed, made);
    ck_assert_msg(model_count(sim_model(sim), race->filter) == made,
                  "%s, seed %llu: %d and %d told, but there are %zu (%.*s | %.*s)", race->name,
                  (unsigned long long)seed, calls[0]->status, calls[1]->status,
                  model_count(sim_model(sim), race->filter), STR_ARG(calls[0]->trace),
                  STR_ARG(calls[1]->trace));
    sim_free(sim);
}

START_TEST(test_race)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, races[_i].map);

    for (unsigned i = 0; i < rounds(30); i++)
        run_race(&races[_i], map, first_seed() + i);
}
END_TEST

/* ---- many members of one group at once ---- */

enum { PEOPLE = 8 };

typedef struct {
    str_t id, dn;
    bool was, is; /* a member */
    const sim_call_t *call;
} person_t;

static const char *
member_patch(sim_t *sim, const char *op, str_t id)
{
    return sim_format(sim, PATCH("{'op':'%s','path':'members','value':[{'value':'%.*s'}]}"), op,
                      STR_ARG(id));
}

static str_t
person_made(sim_t *sim, connector_t *connector)
{
    return sim_create(sim, connector, "Users", "{'userName':'late'}");
}

/* Half of them are members; each is added or removed once, all at the same moment. */
static void
run_members(const map_t *map, uint64_t seed, bool faults, bool two_instances)
{
    sim_t *sim = sim_new(seed);
    connector_t *connectors[2] = {sim_connector(sim, map, 5000), sim_connector(sim, map, 5000)};
    person_t people[PEOPLE] = {{.was = false}};
    str_t group = sim_create(sim, connectors[0], "Groups", "{'displayName':'crowd'}");
    const ldap_entry_t *entry;
    size_t members = 0;

    for (size_t i = 0; i < PEOPLE; i++) {
        person_t *person = &people[i];

        person->id =
            sim_create(sim, connectors[0], "Users", sim_format(sim, "{'userName':'p%zu'}", i));
        person->dn = model_find_id(sim_model(sim), person->id)->dn;
        person->was = sim_random(sim, 2);
        if (person->was)
            ck_assert_int_eq(
                sim_do(sim, connectors[0], METHOD_PATCH,
                       sim_format(sim, "Groups/%.*s", STR_ARG(group)),
                       sim_format(sim,
                                  PATCH("{'op':'add','path':'members','value':[{'value':'%.*s'}"
                                        "]}"),
                                  STR_ARG(person->id)))
                    ->status,
                204);
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        person_t *person = &people[i];
        bool add = sim_random(sim, 2);
        sim_call_t *call;

        person->is = add;
        call = sim_call(sim, connectors[two_instances ? sim_random(sim, 2) : 0], METHOD_PATCH,
                        sim_format(sim, "Groups/%.*s", STR_ARG(group)),
                        sim_format(sim,
                                   PATCH("{'op':'%s','path':'members','value':[{'value':'%.*s'}"
                                         "]}"),
                                   add ? "add" : "remove", STR_ARG(person->id)));
        if (faults && sim_random(sim, 2)) {
            call->fault = 1 + sim_random(sim, SIM_FAULTS - 1);
            call->fault_at = sim_random(sim, 3);
        }
        person->call = call;
    }
    for (size_t i = 0; i < PEOPLE; i++)
        sim_begin((sim_call_t *)(uintptr_t)people[i].call);
    sim_run(sim);
    entry = model_find_id(sim_model(sim), group);
    for (size_t i = 0; i < PEOPLE; i++) {
        const person_t *person = &people[i];
        bool has = model_has(entry, "member", person->dn);

        members += has;
        ck_assert_msg(!is_success(person->call) || has == person->is,
                      "seed %llu: p%zu was %s, and %d told (%.*s)", (unsigned long long)seed, i,
                      person->is ? "added" : "removed", person->call->status,
                      STR_ARG(person->call->trace));
        ck_assert_msg(has == person->is || has == person->was, "seed %llu: p%zu",
                      (unsigned long long)seed, i);
        ck_assert_msg(faults || is_success(person->call), "seed %llu: p%zu: %d %.*s (%.*s)",
                      (unsigned long long)seed, i, person->call->status,
                      STR_ARG(person->call->body), STR_ARG(person->call->trace));
    }
    ck_assert_msg(model_has(entry, "member", STR("cn=nobody")) || members > 0,
                  "seed %llu: the group is empty", (unsigned long long)seed);
    /* Two instances may leave the placeholder beside a member; whoever adds the next clears up. */
    if (two_instances)
        ck_assert_int_eq(sim_do(sim, connectors[0], METHOD_PATCH,
                                sim_format(sim, "Groups/%.*s", STR_ARG(group)),
                                member_patch(sim, "add", person_made(sim, connectors[0])))
                             ->status,
                         204);
    entry = model_find_id(sim_model(sim), group);
    ck_assert_msg(model_has(entry, "member", STR("cn=nobody")) ==
                      (members == 0 && !two_instances),
                  "seed %llu: the placeholder stands beside %zu members",
                  (unsigned long long)seed, members);
    sim_free(sim);
}

START_TEST(test_members)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < rounds(60); i++)
        run_members(map, first_seed() + i, _i & 1, _i & 2);
}
END_TEST

/* ---- many changes of one person at once ---- */

static const struct {
    const char *op, *holds;
} changes[] = {
    {"{'op':'replace','path':'title','value':'T'}", "(title=T)"},
    {"{'op':'replace','path':'nickName','value':'N'}", "(scimNickName=N)"},
    {"{'op':'replace','path':'displayName','value':'D'}", "(&(displayName=D)(cn=D))"},
    {"{'op':'replace','path':'name.familyName','value':'F'}", "(sn=F)"},
    {"{'op':'replace','path':'active','value':false}", "(pwdEndTime<=20260101100000Z)"},
    {"{'op':'replace','path':'userName','value':'anne'}", "(uid=anne)"},
    {"{'op':'add','path':'emails[type eq \\\"home\\\"].value','value':'h@example.com'}",
     "(scimHomeMail=h@example.com)"},
    {"{'op':'remove','path':'emails[type eq \\\"work\\\"].value'}", "(!(mail=*))"},
};

static void
run_changes(const map_t *map, uint64_t seed, bool faults)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connectors[2] = {fixture_make_state(&fixture, sim, map, WARM),
                                  sim_connector(sim, map, 5000)};
    sim_call_t *calls[ARRAY_SIZE(changes)];
    const char *path = fixture_text(&fixture, "Users/{anna}");

    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        calls[i] = sim_call(sim, connectors[sim_random(sim, 2)], METHOD_PATCH, path,
                            sim_format(sim, PATCH("%s"), changes[i].op));
        if (faults && sim_random(sim, 3) == 0) {
            calls[i]->fault = 1 + sim_random(sim, SIM_FAULTS - 1);
            calls[i]->fault_at = sim_random(sim, 3);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
        sim_begin(calls[i]);
    sim_run(sim);
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        const char *filter =
            sim_format(sim, "(&(entryUUID=%.*s)%s)", STR_ARG(fixture_id(&fixture, "anna")),
                       changes[i].holds);

        ck_assert_msg(!is_success(calls[i]) || model_count(sim_model(sim), filter) == 1,
                      "seed %llu: %s was told %d (%.*s), but the directory is\n%.*s",
                      (unsigned long long)seed, changes[i].op, calls[i]->status,
                      STR_ARG(calls[i]->trace), STR_ARG(text_of(sim)));
        ck_assert_msg(is_success(calls[i]) || calls[i]->status == 503 || faults,
                      "seed %llu: %s: %d %.*s", (unsigned long long)seed, changes[i].op,
                      calls[i]->status, STR_ARG(calls[i]->body));
    }
    sim_free(sim);
}

START_TEST(test_changes)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < rounds(60); i++)
        run_changes(map, first_seed() + i, _i == 1);
}
END_TEST

/* ---- pairs of requests that meet ---- */

typedef struct {
    method_t method;
    const char *path, *body;
} request_row_t;

typedef struct {
    const char *name;
    fixture_state_t state;
    request_row_t requests[2];
    /* What holds afterwards of exactly one entry if the first (the second, both) was told a
     * success; NULL: nothing is promised. */
    const char *holds[3];
} meeting_t;

#define ANNA_IS "member=uid=anna," USERS
#define BEN_IS "member=uid=ben," USERS

static const meeting_t meetings[] = {
    {"delete and patch",
     WARM,
     {{METHOD_DELETE, "Users/{anna}", NULL},
      {METHOD_PATCH, "Users/{anna}", PATCH("{'op':'replace','path':'active','value':true}")}},
     {"(&(entryUUID={anna})(scimDeletedAt=*)(pwdEndTime=*))", NULL, NULL}},
    {"delete and change of a name",
     WARM,
     {{METHOD_DELETE, "Users/{anna}", NULL},
      {METHOD_PATCH, "Users/{anna}",
       PATCH("{'op':'replace','value':{'userName':'anne',"
             "'displayName':'Anne'}}")}},
     {"(&(entryUUID={anna})(scimDeletedAt=*)(pwdEndTime=*))", "(&(entryUUID={anna})(uid=anne))",
      NULL}},
    {"delete and put",
     WARM,
     {{METHOD_DELETE, "Users/{anna}", NULL},
      {METHOD_PUT, "Users/{anna}", "{'userName':'anna','title':'Put','active':true}"}},
     {"(&(entryUUID={anna})(scimDeletedAt=*)(pwdEndTime=*))", NULL, NULL}},
    {"delete twice",
     WARM,
     {{METHOD_DELETE, "Users/{anna}", NULL}, {METHOD_DELETE, "Users/{anna}", NULL}},
     {"(&(entryUUID={anna})(scimDeletedAt=*))", "(&(entryUUID={anna})(scimDeletedAt=*))",
      NULL}},
    {"two disjoint changes",
     WARM,
     {{METHOD_PATCH, "Users/{anna}", PATCH("{'op':'replace','path':'title','value':'T'}")},
      {METHOD_PATCH, "Users/{anna}",
       PATCH("{'op':'replace','path':'displayName','value':'D'}")}},
     {"(&(entryUUID={anna})(title=T))", "(&(entryUUID={anna})(displayName=D)(cn=D))",
      "(&(entryUUID={anna})(title=T)(displayName=D))"}},
    {"two names for one",
     WARM,
     {{METHOD_PATCH, "Users/{anna}",
       PATCH("{'op':'replace','path':'userName','value':'same'}")},
      {METHOD_PATCH, "Users/{ben}",
       PATCH("{'op':'replace','path':'userName','value':'same'}")}},
     {"(&(entryUUID={anna})(uid=same))", "(&(entryUUID={ben})(uid=same))", "(uid=impossible)"}},
    {"a name changed and made",
     WARM,
     {{METHOD_PATCH, "Users/{anna}",
       PATCH("{'op':'replace','path':'userName','value':'same'}")},
      {METHOD_POST, "Users", "{'userName':'same','externalId':'other'}"}},
     {"(&(entryUUID={anna})(uid=same))", "(&(uid=same)(scimExternalId=other))",
      "(uid=impossible)"}},
    {"revived and its name taken",
     TOMB,
     {{METHOD_POST, "Users", "{'userName':'ben','externalId':'x-ben'}"},
      {METHOD_POST, "Users", "{'userName':'ben','externalId':'other'}"}},
     {"(&(uid=ben)(scimExternalId=x-ben)(!(scimDeletedAt=*)))",
      "(&(uid=ben)(scimExternalId=other)(!(scimDeletedAt=*)))", "(uid=impossible)"}},
    {"revived and renamed over",
     TOMB,
     {{METHOD_POST, "Users", "{'userName':'ben','externalId':'x-ben'}"},
      {METHOD_PATCH, "Users/{anna}",
       PATCH("{'op':'replace','path':'userName','value':'ben'}")}},
     {"(&(scimExternalId=x-ben)(!(scimDeletedAt=*))(uid=ben))",
      "(&(entryUUID={anna})(uid=ben))", "(uid=impossible)"}},
    {"first and last member",
     WARM,
     {{METHOD_PATCH, "Groups/{staff}",
       PATCH("{'op':'remove','path':'members','value':[{'value':'{anna}'}]}")},
      {METHOD_PATCH, "Groups/{staff}",
       PATCH("{'op':'add','path':'members','value':[{'value':'{ben}'}]}")}},
     {"(&(entryUUID={staff})(!(" ANNA_IS ")))", "(&(entryUUID={staff})(" BEN_IS "))",
      "(&(entryUUID={staff})(" BEN_IS ")(!(" ANNA_IS ")))"}},
    {"a group renamed and joined",
     WARM,
     {{METHOD_PATCH, "Groups/{staff}",
       PATCH("{'op':'replace','path':'displayName','value':'crew'}")},
      {METHOD_PATCH, "Groups/{staff}",
       PATCH("{'op':'add','path':'members','value':[{'value':'{ben}'}]}")}},
     {"(&(entryUUID={staff})(cn=crew))", "(&(entryUUID={staff})(" BEN_IS "))",
      "(&(cn=crew)(" BEN_IS ")(" ANNA_IS "))"}},
    {"a group put and joined",
     WARM,
     {{METHOD_PUT, "Groups/{staff}", "{'displayName':'staff','externalId':'s'}"},
      {METHOD_PATCH, "Groups/{staff}",
       PATCH("{'op':'add','path':'members','value':[{'value':'{ben}'}]}")}},
     {"(&(entryUUID={staff})(scimExternalId=s)(" ANNA_IS "))",
      "(&(entryUUID={staff})(" BEN_IS "))",
      "(&(entryUUID={staff})(scimExternalId=s)(" BEN_IS "))"}},
    {"members replaced and joined",
     WARM,
     {{METHOD_PATCH, "Groups/{board}",
       PATCH("{'op':'replace','path':'members','value':[{'value':'{cora}'}]}")},
      {METHOD_PATCH, "Groups/{board}",
       PATCH("{'op':'add','path':'members','value':[{'value':'{cora}'}]}")}},
     {"(&(entryUUID={board})(!(" ANNA_IS "))(member=uid=cora," USERS "))",
      "(&(entryUUID={board})(member=uid=cora," USERS "))", NULL}},
    {"a group deleted and joined",
     WARM,
     {{METHOD_DELETE, "Groups/{staff}", NULL},
      {METHOD_PATCH, "Groups/{staff}",
       PATCH("{'op':'add','path':'members','value':[{'value':'{ben}'}]}")}},
     {NULL, NULL, NULL}},
    {"a group made twice",
     WARM,
     {{METHOD_POST, "Groups", "{'displayName':'new','members':[{'value':'{anna}'}]}"},
      {METHOD_POST, "Groups", "{'displayName':'new','members':[{'value':'{ben}'}]}"}},
     {"(&(cn=new)(" ANNA_IS ")(!(" BEN_IS ")))", "(&(cn=new)(" BEN_IS ")(!(" ANNA_IS ")))",
      "(cn=impossible)"}},
    {"a member renamed and another removed",
     WARM,
     {{METHOD_PATCH, "Users/{anna}",
       PATCH("{'op':'replace','path':'userName','value':'anne'}")},
      {METHOD_PATCH, "Groups/{board}",
       PATCH("{'op':'remove','path':'members','value':[{'value':'{ben}'}]}")}},
     {"(&(entryUUID={board})(member=uid=anne," USERS "))",
      "(&(entryUUID={board})(!(" BEN_IS ")))", NULL}},
};

static bool
is_allowed(int status)
{
    return (status >= 200 && status < 300) || status == 404 || status == 409 || status == 503;
}

static void
check_holds(const meeting_t *meeting, const fixture_t *fixture, const char *holds,
            sim_call_t *const calls[2], uint64_t seed)
{
    sim_t *sim = fixture->sim;

    ck_assert_msg(model_count(sim_model(sim), fixture_text(fixture, holds)) == 1,
                  "%s, seed %llu: %d (%.*s) and %d (%.*s), but not %s:\n%.*s", meeting->name,
                  (unsigned long long)seed, calls[0]->status, STR_ARG(calls[0]->trace),
                  calls[1]->status, STR_ARG(calls[1]->trace), holds, STR_ARG(text_of(sim)));
}

static void
run_meeting(const meeting_t *meeting, const map_t *map, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connectors[2];
    sim_call_t *calls[2];
    bool faults = seed % 3 == 0;

    connectors[0] = connectors[1] = fixture_make_state(&fixture, sim, map, meeting->state);
    if (sim_random(sim, 2))
        connectors[1] = sim_connector(sim, map, 5000);
    for (size_t i = 0; i < 2; i++) {
        calls[i] = sim_call(sim, connectors[i], meeting->requests[i].method,
                            fixture_text(&fixture, meeting->requests[i].path),
                            fixture_text(&fixture, meeting->requests[i].body));
        calls[i]->fault = faults ? sim_random(sim, SIM_FAULTS) : SIM_NO_FAULT;
        calls[i]->fault_at = sim_random(sim, 4);
    }
    for (size_t i = 0; i < 2; i++)
        sim_begin(calls[i]);
    sim_run(sim);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_msg(faults || is_allowed(calls[i]->status), "%s, seed %llu: %d %.*s (%.*s)",
                      meeting->name, (unsigned long long)seed, calls[i]->status,
                      STR_ARG(calls[i]->body), STR_ARG(calls[i]->trace));
        if (is_success(calls[i]) && !is_success(calls[1 - i]) && meeting->holds[i] && !faults)
            check_holds(meeting, &fixture, meeting->holds[i], calls, seed);
    }
    if (is_success(calls[0]) && is_success(calls[1]) && meeting->holds[2])
        check_holds(meeting, &fixture, meeting->holds[2], calls, seed);
    sim_free(sim);
}

START_TEST(test_meeting)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < rounds(40); i++)
        run_meeting(&meetings[_i], map, first_seed() + i);
}
END_TEST

/* ---- who is deleted while somebody makes a member of him ---- */

static bool
shows(const sim_call_t *call, str_t id)
{
    return str_find(call->body, id) < call->body.n;
}

static void
run_late_member(const map_t *map, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, map, WARM),
                *other = sim_connector(sim, map, 5000);
    str_t ben = fixture_id(&fixture, "ben");
    sim_call_t *calls[2];

    calls[0] =
        sim_call(sim, connector, METHOD_DELETE, fixture_text(&fixture, "Users/{ben}"), NULL);
    calls[1] = sim_call(sim, other, METHOD_PATCH, fixture_text(&fixture, "Groups/{staff}"),
                        member_patch(sim, "add", ben));
    for (size_t i = 0; i < 2; i++)
        sim_begin(calls[i]);
    sim_run(sim);
    ck_assert_int_eq(calls[0]->status, 204);
    ck_assert(!shows(sim_do(sim, connector, METHOD_GET, "Groups", NULL), ben));
    ck_assert(!shows(sim_do(sim, sim_connector(sim, map, 0), METHOD_GET, "Groups", NULL), ben));
    ck_assert(str_eq(
        sim_create(sim, connector, "Users", "{'userName':'ben','externalId':'x-ben'}"), ben));
    ck_assert_msg(!shows(sim_do(sim, connector, METHOD_GET, "Groups", NULL), ben),
                  "seed %llu: a member by an old membership", (unsigned long long)seed);
    sim_free(sim);
}

START_TEST(test_late_member)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < rounds(30); i++)
        run_late_member(map, first_seed() + i);
}
END_TEST

static size_t
count_members(sim_t *sim, str_t group)
{
    const ldap_attr_t *members =
        ldap_entry_find(model_find_id(sim_model(sim), group), STR("member"));

    return members ? members->n : 0;
}

/* ---- a cached DN never leads to the wrong entry ---- */

static size_t
count_titled(sim_t *sim, const char *title)
{
    return model_count(sim_model(sim), sim_format(sim, "(title=%s)", title));
}

/* What another instance does to Anna, at the same moment or before: 0 renames her and makes
 * another person of her old name; 1 deletes her, and a new Anna of another externalId takes the
 * name; 2 deletes and revives her. */
enum { BEHIND = 3 };

static void
act_behind(fixture_t *fixture, connector_t *other, unsigned kind)
{
    sim_t *sim = fixture->sim;
    const char *path = fixture_text(fixture, "Users/{anna}");

    if (kind == 0) {
        ck_assert_int_eq(sim_do(sim, other, METHOD_PATCH, path,
                                PATCH("{'op':'replace','path':'userName','value':'anne'}"))
                             ->status,
                         200);
        sim_create(sim, other, "Users", "{'userName':'anna','externalId':'mallory'}");
        return;
    }
    ck_assert_int_eq(sim_do(sim, other, METHOD_DELETE, path, NULL)->status, 204);
    if (kind == 1) {
        str_t id =
            sim_create(sim, other, "Users", "{'userName':'anna','externalId':'mallory'}");

        ck_assert(!str_eq(id, fixture_id(fixture, "anna")));
    } else {
        str_t id = sim_create(sim, other, "Users", "{'userName':'anna','externalId':'x-anna'}");

        ck_assert(str_eq(id, fixture_id(fixture, "anna")));
    }
}

/* Afterwards this instance, which still believes the old, writes. */
static void
run_stale(const map_t *map, unsigned kind, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *stale = sim_connector(sim, map, 0), *other = sim_connector(sim, map, 0);
    const sim_call_t *call;
    const ldap_entry_t *anna;
    bool gone = kind == 1;
    str_t id;

    fixture_make(&fixture, sim, stale);
    id = fixture_id(&fixture, "anna");
    act_behind(&fixture, other, kind);
    call = sim_do(sim, stale, METHOD_PATCH, fixture_text(&fixture, "Users/{anna}"),
                  PATCH("{'op':'replace','path':'title','value':'Stale'}"));
    anna = model_find_id(sim_model(sim), id);
    ck_assert_int_eq(call->status, gone ? 404 : 200);
    ck_assert_uint_eq(count_titled(sim, "Stale"), gone ? 0 : 1);
    ck_assert(gone || model_has(anna, "title", STR("Stale")));
    call = sim_do(sim, stale, METHOD_PATCH, fixture_text(&fixture, "Groups/{empty}"),
                  member_patch(sim, "add", id));
    ck_assert_int_eq(call->status, gone ? 400 : 204);
    ck_assert_uint_eq(model_count(sim_model(sim), sim_format(sim, "(&(cn=empty)(member=%.*s))",
                                                             STR_ARG(anna->dn))),
                      gone ? 0 : 1);
    call = sim_do(sim, stale, METHOD_PATCH, fixture_text(&fixture, "Users/{cora}"),
                  fixture_text(&fixture, PATCH("{'op':'add','path':'" ENTERPRISE
                                               ":manager','value':'{anna}'}")));
    ck_assert_int_eq(call->status, gone ? 400 : 200);
    ck_assert(gone || model_has(model_find_id(sim_model(sim), fixture_id(&fixture, "cora")),
                                "manager", anna->dn));
    call = sim_do(sim, stale, METHOD_DELETE, fixture_text(&fixture, "Users/{anna}"), NULL);
    ck_assert_int_eq(call->status, gone ? 404 : 204);
    ck_assert(ldap_entry_find(model_find_id(sim_model(sim), id), STR("scimDeletedAt")));
    ck_assert_uint_eq(
        model_count(sim_model(sim), "(&(scimExternalId=mallory)(!(scimDeletedAt=*)))"),
        kind == 2 ? 0 : 1);
    sim_free(sim);
}

START_TEST(test_stale)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < rounds(5); i++)
        run_stale(map, (unsigned)_i, first_seed() + i);
}
END_TEST

/* Groups: another one has the name that this instance remembers for the first. */
START_TEST(test_stale_group)
{
    static const struct {
        method_t method;
        const char *body, *holds;
        int status;
    } writes[] = {
        {METHOD_PATCH, PATCH("{'op':'add','path':'members','value':[{'value':'{cora}'}]}"),
         "(&(cn=crew)(member=uid=cora," USERS "))", 204},
        {METHOD_PATCH, PATCH("{'op':'replace','path':'externalId','value':'e'}"),
         "(&(cn=crew)(scimExternalId=e))", 204},
        {METHOD_PUT, "{'displayName':'third','externalId':'e'}",
         "(&(cn=third)(scimExternalId=e)(" ANNA_IS "))", 200},
        {METHOD_DELETE, NULL, "(&(cn=staff)(!(cn=crew)))", 204},
    };
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    sim_t *sim = sim_new(first_seed());
    fixture_t fixture;
    connector_t *stale = fixture_make_state(&fixture, sim, map, WARM),
                *other = sim_connector(sim, map, 5000);
    const char *path = fixture_text(&fixture, "Groups/{staff}");
    const sim_call_t *call;
    str_t id;

    ck_assert_int_eq(sim_do(sim, other, METHOD_PATCH, path,
                            PATCH("{'op':'replace','path':'displayName','value':'crew'}"))
                         ->status,
                     204);
    id = sim_create(sim, other, "Groups", "{'displayName':'staff'}");
    call = sim_do(sim, stale, writes[_i].method, path, fixture_text(&fixture, writes[_i].body));
    ck_assert_msg(call->status == writes[_i].status, "%d %.*s (%.*s)", call->status,
                  STR_ARG(call->body), STR_ARG(call->trace));
    ck_assert_uint_eq(model_count(sim_model(sim), writes[_i].holds), 1);
    ck_assert(model_has(model_find_id(sim_model(sim), id), "cn", STR("staff")));
    ck_assert(model_has(model_find_id(sim_model(sim), id), "member", STR("cn=nobody")));
    ck_assert_uint_eq(count_members(sim, id), 1);
    ck_assert((model_find_id(sim_model(sim), fixture_id(&fixture, "staff")) == NULL) ==
              (writes[_i].method == METHOD_DELETE));
    sim_free(sim);
}
END_TEST

/* The same at the same moment: the write may come before or after, but never elsewhere. */
static void
run_crossing(const map_t *map, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *a = fixture_make_state(&fixture, sim, map, WARM),
                *b = sim_connector(sim, map, 5000);
    str_t id = fixture_id(&fixture, "anna"), value;
    const char *path = fixture_text(&fixture, "Users/{anna}");
    unsigned kind = sim_random(sim, 2);
    sim_call_t *calls[4];
    const ldap_entry_t *anna;

    calls[0] = sim_call(sim, a, METHOD_PATCH, path,
                        PATCH("{'op':'replace','path':'title','value':'Crossing'}"));
    calls[1] = kind ? sim_call(sim, b, METHOD_DELETE, path, NULL)
                    : sim_call(sim, b, METHOD_PATCH, path,
                               PATCH("{'op':'replace','path':'userName','value':'anne'}"));
    calls[2] = sim_call(sim, b, METHOD_POST, "Users",
                        "{'userName':'anna','externalId':'mallory','title':'M'}");
    calls[3] = sim_call(sim, a, METHOD_PATCH, path,
                        PATCH("{'op':'replace','path':'displayName','value':'Dis'}"));
    for (size_t i = 0; i < 4; i++)
        sim_begin(calls[i]);
    sim_run(sim);
    anna = model_find_id(sim_model(sim), id);
    ck_assert_msg(count_titled(sim, "Crossing") == model_has(anna, "title", STR("Crossing")),
                  "seed %llu: somebody else got Anna's title\n%.*s", (unsigned long long)seed,
                  STR_ARG(text_of(sim)));
    ck_assert_msg(model_count(sim_model(sim), "(displayName=Dis)") ==
                      model_has(anna, "displayName", STR("Dis")),
                  "seed %llu: somebody else got Anna's name", (unsigned long long)seed);
    ck_assert_msg(calls[0]->status != 200 || model_has(anna, "title", STR("Crossing")),
                  "seed %llu: %.*s", (unsigned long long)seed, STR_ARG(calls[0]->trace));
    ck_assert_msg(calls[2]->status == 201 || calls[2]->status == 409 || calls[2]->status == 503,
                  "seed %llu: POST %d %.*s", (unsigned long long)seed, calls[2]->status,
                  STR_ARG(calls[2]->body));
    if (calls[2]->status == 201) {
        value = sim_text(calls[2], "id");
        ck_assert(!str_eq(value, id));
        ck_assert(model_has(model_find_id(sim_model(sim), value), "title", STR("M")));
    }
    sim_free(sim);
}

START_TEST(test_crossing)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < rounds(100); i++)
        run_crossing(map, first_seed() + i);
}
END_TEST

/* ---- a long walk of two instances: what is deleted is never seen ---- */

enum { WALKERS = 5, STEPS = 60 };

typedef struct {
    sim_t *sim;
    const map_t *map;
    connector_t *connectors[2];
    uint64_t seed;
    str_t ids[WALKERS], group; /* of the persons w0, w1 ...; empty: never made */
    bool alive[WALKERS];
    bool active[WALKERS];
    bool member[WALKERS];
} walk_t;

static connector_t *
any_connector(walk_t *walk)
{
    return walk->connectors[sim_random(walk->sim, 2)];
}

static const sim_call_t *
walk_do(walk_t *walk, method_t method, const char *path, const char *body)
{
    return sim_do(walk->sim, any_connector(walk), method, path, body);
}

static void
step_make(walk_t *walk, unsigned who)
{
    const sim_call_t *call =
        walk_do(walk, METHOD_POST, "Users",
                sim_format(walk->sim, "{'userName':'w%u','externalId':'x%u'}", who, who));
    str_t id;

    ck_assert_msg(call->status == (walk->alive[who] ? 409 : 201),
                  "seed %llu: POST w%u: %d %.*s", (unsigned long long)walk->seed, who,
                  call->status, STR_ARG(call->body));
    if (call->status != 201)
        return;
    id = sim_text(call, "id");
    ck_assert_msg(!walk->ids[who].n || str_eq(id, walk->ids[who]),
                  "seed %llu: w%u was revived under another id", (unsigned long long)walk->seed,
                  who);
    walk->ids[who] = id;
    walk->alive[who] = walk->active[who] = true;
    walk->member[who] = false;
}

static const char *
user_path(walk_t *walk, unsigned who)
{
    return sim_format(walk->sim, "Users/%.*s", STR_ARG(walk->ids[who]));
}

static void
step_delete(walk_t *walk, unsigned who)
{
    const sim_call_t *call = walk_do(walk, METHOD_DELETE, user_path(walk, who), NULL);

    ck_assert_msg(call->status == (walk->alive[who] ? 204 : 404), "seed %llu: DELETE w%u: %d",
                  (unsigned long long)walk->seed, who, call->status);
    walk->alive[who] = walk->member[who] = false;
}

static void
step_activate(walk_t *walk, unsigned who)
{
    bool active = sim_random(walk->sim, 2);
    const sim_call_t *call =
        walk_do(walk, METHOD_PATCH, user_path(walk, who),
                sim_format(walk->sim, PATCH("{'op':'Replace','path':'active','value':'%s'}"),
                           active ? "True" : "False"));

    ck_assert_msg(call->status == (walk->alive[who] ? 200 : 404), "seed %llu: w%u: %d",
                  (unsigned long long)walk->seed, who, call->status);
    if (walk->alive[who])
        walk->active[who] = active;
}

static void
step_member(walk_t *walk, unsigned who)
{
    bool add = sim_random(walk->sim, 2);
    const sim_call_t *call =
        walk_do(walk, METHOD_PATCH, sim_format(walk->sim, "Groups/%.*s", STR_ARG(walk->group)),
                member_patch(walk->sim, add ? "add" : "remove", walk->ids[who]));

    ck_assert_msg(call->status == (add && !walk->alive[who] ? 400 : 204),
                  "seed %llu: %s w%u: %d %.*s (%.*s)", (unsigned long long)walk->seed,
                  add ? "add" : "remove", who, call->status, STR_ARG(call->body),
                  STR_ARG(call->trace));
    if (walk->alive[who])
        walk->member[who] = add;
}

/* Every read of either instance shows exactly what there is. */
static void
check_world(walk_t *walk)
{
    for (size_t i = 0; i < 2; i++) {
        const sim_call_t *users =
            sim_do(walk->sim, walk->connectors[i], METHOD_GET, "Users", NULL);
        const sim_call_t *groups =
            sim_do(walk->sim, walk->connectors[i], METHOD_GET, "Groups", NULL);

        for (unsigned who = 0; who < WALKERS; who++) {
            const sim_call_t *one;

            if (!walk->ids[who].n)
                continue;
            ck_assert_msg(shows(users, walk->ids[who]) == walk->alive[who],
                          "seed %llu: w%u in the list", (unsigned long long)walk->seed, who);
            ck_assert_msg(shows(groups, walk->ids[who]) == walk->member[who],
                          "seed %llu: w%u in the group: %.*s", (unsigned long long)walk->seed,
                          who, STR_ARG(groups->body));
            one =
                sim_do(walk->sim, walk->connectors[i], METHOD_GET, user_path(walk, who), NULL);
            ck_assert_int_eq(one->status, walk->alive[who] ? 200 : 404);
            if (walk->alive[who]) {
                const json_t *active = json_find(sim_json(one), STR("active"));

                ck_assert_msg(json_is(active, JSON_BOOLEAN) &&
                                  active->u.boolean == walk->active[who],
                              "seed %llu: w%u: active", (unsigned long long)walk->seed, who);
            }
        }
    }
}

static void
run_walk(const map_t *map, uint64_t seed)
{
    walk_t walk = {.sim = sim_new(seed), .map = map, .seed = seed};

    for (size_t i = 0; i < 2; i++)
        walk.connectors[i] = sim_connector(walk.sim, map, 0);
    walk.group =
        sim_create(walk.sim, walk.connectors[0], "Groups", "{'displayName':'walkers'}");
    for (unsigned i = 0; i < STEPS; i++) {
        unsigned who = sim_random(walk.sim, WALKERS), what = sim_random(walk.sim, 8);

        if (!walk.ids[who].n || what < 2)
            step_make(&walk, who);
        else if (what == 2)
            step_delete(&walk, who);
        else if (what < 5)
            step_activate(&walk, who);
        else
            step_member(&walk, who);
        if (i % 10 == 9)
            check_world(&walk);
    }
    sim_free(walk.sim);
}

START_TEST(test_walk)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < rounds(8); i++)
        run_walk(map, first_seed() + i);
}
END_TEST

/* ---- many at once: batches ---- */

enum { CROWD = 250 };

static const char *
crowd_patch(sim_t *sim, const char *op, const str_t *ids, size_t n)
{
    buf_t buf;

    buf_init(&buf, sim_mem(sim), 1024 * 1024);
    buf_printf(&buf,
               "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':["
               "{'op':'%s','path':'members','value':[",
               op);
    for (size_t i = 0; i < n; i++)
        buf_printf(&buf, "%s{'value':'%.*s'}", i ? "," : "", STR_ARG(ids[i]));
    buf_add_c(&buf, "]}]}");
    return buf_str(&buf).p;
}

static size_t
count_shown(const sim_call_t *call, const str_t *ids)
{
    size_t n = 0;

    for (size_t i = 0; i < CROWD; i++)
        n += shows(call, ids[i]);
    return n;
}

static void
check_crowd_patch(sim_t *sim, connector_t *connector, const char *path, const char *body,
                  const char *trace)
{
    const sim_call_t *call = sim_do(sim, connector, METHOD_PATCH, path, body);

    ck_assert_msg(call->status == 204, "%d %.*s", call->status, STR_ARG(call->body));
    ck_assert_msg(str_eq(call->trace, str_from_c(trace)), "%.*s", STR_ARG(call->trace));
}

START_TEST(test_crowd)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    sim_t *sim = sim_new(first_seed());
    connector_t *connector = sim_connector(sim, map, 5000);
    str_t ids[CROWD], group;
    const char *path;
    const sim_call_t *call;

    for (unsigned i = 0; i < CROWD; i++)
        ids[i] = sim_create(sim, connector, "Users", sim_format(sim, "{'userName':'u%u'}", i));
    group = sim_create(sim, connector, "Groups", "{'displayName':'crowd'}");
    path = sim_format(sim, "Groups/%.*s", STR_ARG(group));
    /* Ids are asked for by the hundred, at the same time. */
    check_crowd_patch(sim, sim_connector(sim, map, 5000), path,
                      crowd_patch(sim, "add", ids, 120),
                      "search one; search one; search one limit 2; modify guarded; "
                      "search base; modify guarded");
    ck_assert_uint_eq(count_members(sim, group), 120);
    /* More are in question than are asked for one by one: all members are read. */
    check_crowd_patch(sim, sim_connector(sim, map, 5000), path,
                      crowd_patch(sim, "add", ids, CROWD),
                      "search one; search one; search one; search one limit 2; modify guarded; "
                      "search base; modify guarded");
    ck_assert_uint_eq(count_members(sim, group), CROWD);
    call = sim_do(sim, sim_connector(sim, map, 5000), METHOD_GET, path, NULL);
    ck_assert_uint_eq(count_shown(call, ids), CROWD);
    ck_assert(
        str_eq(call->trace, STR("search one limit 2; search one; search one; search one")));
    call = sim_do(sim, connector, METHOD_GET, "Users?count=240", NULL);
    ck_assert_uint_eq(count_shown(call, ids), 240);
    ck_assert(
        str_eq(call->trace,
               STR("search one limit 241; search one; search one; search one; search one")));
    call = sim_do(sim, connector, METHOD_GET, "Users?startIndex=241&count=240", NULL);
    ck_assert_uint_eq(count_shown(call, ids), 10);
    ck_assert(str_eq(call->trace, STR("search one")));
    check_crowd_patch(sim, connector, path, crowd_patch(sim, "remove", ids + 1, CROWD - 1),
                      "modify guarded");
    ck_assert_uint_eq(count_members(sim, group), 1);
    check_crowd_patch(sim, connector, path, crowd_patch(sim, "remove", ids, CROWD),
                      "modify guarded; search base; modify guarded; modify guarded");
    ck_assert_uint_eq(count_members(sim, group), 1); /* the placeholder */
    sim_free(sim);
}
END_TEST

/* ---- a directory in which the lifecycle's steps have no effect ---- */

static const struct {
    const char *name, *attr;
    method_t method;
    const char *path, *body;
} overridden[] = {
    {"disable", "pwdEndTime", METHOD_PATCH, "Users/{anna}",
     PATCH("{'op':'replace','path':'active','value':false}")},
    {"disable with more", "pwdEndTime", METHOD_PATCH, "Users/{anna}",
     PATCH("{'op':'replace','value':{'active':false,'displayName':'D'}}")},
    {"enable", "pwdEndTime", METHOD_PATCH, "Users/{cora}",
     PATCH("{'op':'replace','path':'active','value':true}")},
    {"delete", "scimDeletedAt", METHOD_DELETE, "Users/{anna}", NULL},
    {"make inactive", "pwdEndTime", METHOD_POST, "Users", "{'userName':'new','active':false}"},
};

/* No success is told of what cannot be seen. */
START_TEST(test_overridden)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(first_seed());
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, sample_map(mem, "people"), WARM);
    const sim_call_t *call;

    model_override(sim_model(sim), overridden[_i].attr);
    call = sim_do(sim, connector, overridden[_i].method,
                  fixture_text(&fixture, overridden[_i].path),
                  fixture_text(&fixture, overridden[_i].body));
    ck_assert_msg(call->status == 502, "%s: %d %.*s", overridden[_i].name, call->status,
                  STR_ARG(call->body));
    sim_free(sim);
}
END_TEST

/* ---- paging ---- */

/* Every resource is on exactly one page, whatever the sizes. */
START_TEST(test_pages)
{
    enum { MANY = 23 };
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    sim_t *sim = sim_new(first_seed() + (unsigned)_i);
    connector_t *connector = sim_connector(sim, map, 5000);
    str_t ids[MANY];
    unsigned seen[MANY] = {0}, count = 1 + sim_random(sim, MANY + 2);

    for (unsigned i = 0; i < MANY; i++)
        ids[i] = sim_create(sim, connector, "Users", sim_format(sim, "{'userName':'u%u'}", i));
    for (unsigned start = 1; start <= MANY; start += count) {
        const sim_call_t *call =
            sim_do(sim, connector, METHOD_GET,
                   sim_format(sim, "Users?startIndex=%u&count=%u", start, count), NULL);
        const json_t *total = json_find(sim_json(call), STR("totalResults"));
        int64_t n;

        ck_assert_int_eq(call->status, 200);
        ck_assert(json_to_int64(total, &n) && n == MANY);
        for (unsigned i = 0; i < MANY; i++)
            seen[i] += shows(call, ids[i]);
    }
    for (unsigned i = 0; i < MANY; i++)
        ck_assert_msg(seen[i] == 1, "pages of %u: u%u was seen %u times", count, i, seen[i]);
    sim_free(sim);
}
END_TEST

/* Who pages at the same time shares one listing; where it fails, another makes it. */
static void
run_pages_together(const map_t *map, uint64_t seed)
{
    enum { READERS = 4, PEOPLE_THERE = 9 };
    sim_t *sim = sim_new(seed);
    connector_t *connector = sim_connector(sim, map, 5000);
    sim_call_t *calls[READERS];
    str_t ids[PEOPLE_THERE];
    unsigned seen[PEOPLE_THERE] = {0}, listings = 0;
    bool faults = seed % 2;

    for (unsigned i = 0; i < PEOPLE_THERE; i++)
        ids[i] = sim_create(sim, connector, "Users", sim_format(sim, "{'userName':'u%u'}", i));
    for (unsigned i = 0; i < READERS; i++) {
        calls[i] = sim_call(sim, connector, METHOD_GET,
                            sim_format(sim, "Users?startIndex=%u&count=3", 1 + i * 3), NULL);
        calls[i]->fault = faults && i == 0 ? 1 + sim_random(sim, SIM_FAULTS - 1) : SIM_NO_FAULT;
        calls[i]->fault_at = sim_random(sim, 3);
    }
    for (unsigned i = 0; i < READERS; i++)
        sim_begin(calls[i]);
    sim_run(sim);
    for (unsigned i = 0; i < READERS; i++) {
        ck_assert_msg(calls[i]->status == 200 || calls[i]->faulted, "seed %llu: %d %.*s",
                      (unsigned long long)seed, calls[i]->status, STR_ARG(calls[i]->body));
        for (unsigned j = 0; j < PEOPLE_THERE; j++)
            seen[j] += calls[i]->status == 200 && shows(calls[i], ids[j]);
        for (unsigned j = 0; j < calls[i]->operations; j++)
            listings += calls[i]->ops[j].lane == LDAP_LANE_BULK;
    }
    for (unsigned j = 0; j < PEOPLE_THERE; j++)
        ck_assert_msg(seen[j] == 1 || (faults && seen[j] == 0), "seed %llu: u%u %u times",
                      (unsigned long long)seed, j, seen[j]);
    /* Who begins anew takes none from before what was written in this very millisecond. */
    ck_assert_msg(listings >= 1 && listings <= (faults ? 3 : 2), "seed %llu: %u listings",
                  (unsigned long long)seed, listings);
    sim_free(sim);
}

START_TEST(test_pages_together)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < rounds(20); i++)
        run_pages_together(map, first_seed() + i);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim");
    TCase *faults = tcase_create("faults"), *memory = tcase_create("memory"),
          *races_case = tcase_create("races"), *walks = tcase_create("walks");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(faults, test_one_fault, 0, (int)fixture_n_rows);
    tcase_add_loop_test(faults, test_several_faults, 0, (int)fixture_n_rows);
    tcase_add_loop_test(memory, test_memory_limit, 0, (int)ARRAY_SIZE(short_rows));
    tcase_add_loop_test(memory, test_memory_block, 0, (int)ARRAY_SIZE(short_rows));
    tcase_add_loop_test(races_case, test_race, 0, (int)ARRAY_SIZE(races));
    tcase_add_loop_test(races_case, test_members, 0, 4);
    tcase_add_loop_test(races_case, test_changes, 0, 2);

    tcase_add_loop_test(races_case, test_meeting, 0, (int)ARRAY_SIZE(meetings));
    tcase_add_test(races_case, test_late_member);
    tcase_add_loop_test(walks, test_stale, 0, BEHIND);
    tcase_add_loop_test(walks, test_stale_group, 0, 4);
    tcase_add_test(walks, test_crossing);
    tcase_add_test(walks, test_walk);
    tcase_add_test(walks, test_crowd);
    tcase_add_loop_test(walks, test_overridden, 0, (int)ARRAY_SIZE(overridden));
    tcase_add_loop_test(walks, test_pages, 0, 10);
    tcase_add_test(walks, test_pages_together);
    suite_add_tcase(suite, faults);
    suite_add_tcase(suite, memory);
    suite_add_tcase(suite, races_case);
    suite_add_tcase(suite, walks);
    for (size_t i = 0; i < 4; i++)
        tcase_set_timeout((TCase *[]){faults, memory, races_case, walks}[i], 600);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
