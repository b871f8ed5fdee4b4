/* SPDX-License-Identifier: Apache-2.0 */
/* Bulk requests (RFC 7644 §3.7), their operations answered in any order and with faults. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

#define BULK(more, ops)                                                       \
    "{'schemas':['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],'" more \
    "Operations':[" ops "]}"
#define ALL(ops) BULK("", ops)
#define FAIL_ON(n, ops) BULK("failOnErrors':" n ",'", ops)
#define POST(type, id, more) \
    "{'method':'POST','path':'/" type "','bulkId':'" id "','data':{" more "}}"
#define USER(id, name, more)                                                   \
    POST("Users", id,                                                          \
         "'userName':'" name "','displayName':'" name                          \
         "','name':{'familyName':'N'},'emails':[{'type':'work','value':'" name \
         "@x.com'}]" more)
#define GROUP(id, name, members) \
    POST("Groups", id, "'displayName':'" name "','members':[" members "]")
#define MANAGER(id) ",'" ENTERPRISE "':{'manager':{'value':'" id "'}}"
#define CHANGE(method, path, more) "{'method':'" method "','path':'/" path "'" more "}"
#define TITLE(path, title) \
    CHANGE("PATCH", path,  \
           ",'data':" PATCH("{'op':'replace','path':'title','value':'" title "'}"))
#define MEMBER(path, kind, id) \
    CHANGE(                    \
        "PATCH", path,         \
        ",'data':" PATCH("{'op':'" kind "','path':'members','value':[{'value':'" id "'}]}"))
#define MEMBER_OF "(member=uid="

/* A bulk request, the statuses of its results, and what the directory has afterwards. */
static const struct {
    const char *name, *body, *statuses;
    const char *filters[4]; /* each of exactly one entry */
    fixture_state_t state;
} rows[] = {
    {"nothing", ALL(""), "", {NULL}, 0},
    {"one user", ALL(USER("q", "dora", "")), "201", {"(uid=dora)"}, 0},
    {"RFC 7644 3.7.2: a group of a new user",
     ALL(USER("q", "dora", "") "," GROUP("y", "guides", "{'value':'bulkId:q'}")),
     "201 201",
     {"(&(cn=guides)(member=uid=dora," USERS "))"},
     0},
    {"the group comes first",
     ALL(GROUP("y", "guides", "{'value':'bulkId:q'},{'value':'{anna}'}") "," USER("q", "dora",
                                                                                  "")),
     "201 201",
     {"(&(cn=guides)(member=uid=dora," USERS ")(" ANNA_IS "))"},
     0},
    {"a reference as a mere string",
     ALL(GROUP("y", "guides", "'bulkId:q'") "," USER("q", "dora", "")),
     "201 201",
     {"(&(cn=guides)(member=uid=dora," USERS "))"},
     0},
    {"a new manager",
     ALL(USER("a", "dora", MANAGER("bulkId:b")) "," USER("b", "emil", "")),
     "201 201",
     {"(&(uid=dora)(manager=uid=emil," USERS "))"},
     0},
    {"a chain, backwards",
     ALL(USER("a", "dora", MANAGER("bulkId:b")) "," USER(
         "b", "emil", MANAGER("bulkId:c")) "," USER("c", "fritz", "")),
     "201 201 201",
     {"(&(uid=dora)(manager=uid=emil," USERS "))",
      "(&(uid=emil)(manager=uid=fritz," USERS "))"},
     0},
    {"RFC 7644 3.7.1: two groups of each other",
     ALL(GROUP("q", "one", "{'type':'Group','value':'bulkId:y'}") "," GROUP(
         "y", "two", "{'type':'Group','value':'bulkId:q'}")),
     "201 201",
     {"(&(cn=one)(member=cn=two,ou=groups,ou=people,dc=example,dc=com))",
      "(&(cn=two)(member=cn=one,ou=groups,ou=people,dc=example,dc=com))"},
     0},
    {"managers of each other, and others besides",
     ALL(USER("a", "dora", MANAGER("bulkId:b")) "," USER(
         "b", "emil", MANAGER("bulkId:a")) "," GROUP("g", "guides",
                                                     "{'value':'bulkId:a'},{'value':'bulkId:b'}"
                                                     ",{'value':'{ben}'}")),
     "201 201 201",
     {"(&(uid=dora)(manager=uid=emil," USERS "))", "(&(uid=emil)(manager=uid=dora," USERS "))",
      "(&(cn=guides)(member=uid=dora," USERS ")(member=uid=emil," USERS ")(" BEN_IS "))"},
     0},
    {"her own manager",
     ALL(USER("a", "dora", MANAGER("bulkId:a"))),
     "201",
     {"(&(uid=dora)(manager=uid=dora," USERS "))"},
     0},
    {"a circle whose other half fails",
     ALL(USER("a", "dora", MANAGER("bulkId:b")) "," USER("b", "anna", MANAGER("bulkId:a"))),
     "409 409",
     {"(&(uid=dora)(scimDeletedAt=*))"},
     0},
    {"a circle of three, and who refers to it",
     ALL(USER("a", "dora", MANAGER("bulkId:b")) "," USER(
         "b", "emil",
         MANAGER("bulkId:c")) "," USER("c", "anna",
                                       MANAGER("bulkId:a")) "," GROUP("g", "guides",
                                                                      "{'value':'bulkId:a'}")),
     "409 409 409 409",
     {NULL},
     0},
    {"what a failed operation would have made",
     ALL(USER("a", "anna", "") "," GROUP("g", "guides",
                                         "{'value':'bulkId:a'}") "," USER("b", "dora", "")),
     "409 409 201",
     {"(uid=dora)"},
     0},
    {"a bulkId that nobody brings",
     ALL(GROUP("g", "guides", "{'value':'bulkId:x'}") "," USER("b", "dora", "")),
     "400 201",
     {"(uid=dora)"},
     0},
    {"a title is no reference",
     ALL(USER("a", "dora", ",'title':'bulkId:x'")),
     "201",
     {"(&(uid=dora)(title=bulkId:x))"},
     0},
    {"in a path, forwards",
     ALL(TITLE("Users/bulkId:a", "New") "," USER("a", "dora", "")),
     "200 201",
     {"(&(uid=dora)(title=New))"},
     0},
    {"in a value filter",
     ALL(USER("a", "dora", "") "," GROUP(
         "g", "guides",
         "{'value':'bulkId:a'},{'value':'{anna}'}") "," CHANGE("PATCH", "Groups/bulkId:g",
                                                               ",'data':" PATCH(
                                                                   "{'op':'remove','path':'"
                                                                   "members[value eq "
                                                                   "\\'bulkId:a\\']'}"))),
     "201 201 204",
     {"(&(cn=guides)(" ANNA_IS ")(!(member=uid=dora," USERS ")))"},
     0},
    {"one resource, in the order of the request",
     ALL(TITLE("Users/{anna}", "1") "," TITLE("Users/{anna}", "2") "," TITLE(
         "Users/{anna}", "3") "," TITLE("Users/{anna}", "4")),
     "200 200 200 200",
     {"(&(uid=anna)(title=4))"},
     0},
    {"all methods",
     ALL(USER("a", "dora", "") "," CHANGE(
         "PUT", "Users/{anna}",
         ",'data':{'userName':'anna','displayName':'A','name':{'familyName':'N'},'title':'Put'"
         "}") "," TITLE("Users/{ben}", "Patched") "," CHANGE("DELETE", "Users/{cora}", "")),
     "201 200 200 204",
     {"(uid=dora)", "(title=Put)", "(title=Patched)", "(&(uid=cora)(scimDeletedAt=*))"},
     0},
    {"made, changed and deleted again",
     ALL(GROUP("g", "guides", "") "," MEMBER("Groups/bulkId:g", "add", "{anna}") "," CHANGE(
         "DELETE", "Groups/bulkId:g", "")),
     "201 204 204",
     {NULL},
     0},
    {"one name twice: the first has it",
     ALL(USER("a", "dora", ",'title':'First'" MANAGER("{anna}")) "," USER("b", "dora",
                                                                          ",'title':'Second'")),
     "201 409",
     {"(&(uid=dora)(title=First))"},
     COLD},
    {"a name that is freed too late",
     ALL(USER("a", "ben", MANAGER("{anna}")) "," CHANGE("DELETE", "Users/{ben}", "")),
     "409 204",
     {"(&(uid=ben)(scimDeletedAt=*))"},
     COLD},
    {"a name that is given away too late",
     ALL(USER("a", "ben", MANAGER("{anna}")) "," CHANGE(
         "PATCH", "Users/{ben}",
         ",'data':" PATCH("{'op':'replace','value':{'userName':'benny'}}"))),
     "409 200",
     {"(uid=benny)"},
     COLD},
    {"failOnErrors keeps the order also where one waits",
     FAIL_ON("2", USER("a", "anna", "") "," USER("b", "anna", MANAGER("{ben}")) "," USER(
                      "c", "dora", "") "," USER("d", "emil", "")),
     "409 409",
     {NULL},
     COLD},
    {"failOnErrors 1 with a reference forwards",
     FAIL_ON("1", GROUP("g", "guides", "{'value':'bulkId:a'}") "," USER("a", "dora", "")),
     "201 201",
     {"(&(cn=guides)(member=uid=dora," USERS "))"},
     0},
    {"a name that a deletion frees",
     ALL(CHANGE("DELETE", "Groups/{staff}", "") "," GROUP("g", "staff", "{'value':'{ben}'}")),
     "204 201",
     {"(&(cn=staff)(" BEN_IS "))"},
     0},
    {"a name that a change frees",
     ALL(CHANGE("PATCH", "Users/{anna}",
                ",'data':" PATCH(
                    "{'op':'replace','path':'userName','value':'annabel'}")) "," USER("b",
                                                                                      "anna",
                                                                                      "")),
     "200 201",
     {"(uid=annabel)", "(uid=anna)"},
     0},
    {"who is deleted first is no member",
     ALL(CHANGE("DELETE", "Users/{cora}", "") "," MEMBER("Groups/{empty}", "add", "{cora}")),
     "204 400",
     {"(&(cn=empty)(!(member=uid=cora," USERS ")))"},
     COLD},
    {"who is deleted afterwards was one",
     ALL(MEMBER("Groups/{empty}", "add", "{cora}") "," CHANGE("DELETE", "Users/{cora}", "")),
     "204 204",
     {"(&(cn=empty)(!(member=uid=cora," USERS ")))"},
     COLD},
    {"revival",
     ALL(USER("a", "ben", "") "," GROUP("g", "guides", "{'value':'bulkId:a'}")),
     "201 201",
     {"(&(cn=guides)(" BEN_IS "))"},
     TOMB},
    {"what is wrong with one is no matter of the others",
     ALL("7,"
         "{}," CHANGE("GET", "Users/{anna}", "") "," CHANGE("DELETE", "Users", "") "," CHANGE("DELETE", "Bulk", "") "," CHANGE(
             "DELETE", "Things/1",
             "") "," CHANGE("DELETE", "Users/1/2",
                            "") "," CHANGE("PUT", "Users/{anna}",
                                           "") "," POST("Users/{anna}", "p",
                                                        "'userName':'p'") ","
                                                                          "{'method':'POST','"
                                                                          "path':'/"
                                                                          "Users','data':{'"
                                                                          "userName':'x'}},"
                                                                          "{'method':'POST','"
                                                                          "path':'/"
                                                                          "Users','bulkId':7,'"
                                                                          "data':{'userName':'"
                                                                          "x'}},"
                                                                          "{'method':'POST','"
                                                                          "path':'/"
                                                                          "Users','bulkId':'s',"
                                                                          "'data':'x'}," CHANGE(
                                                                              "DELETE",
                                                                              "Users/nobody",
                                                                              "") "," USER("q",
                                                                                           "dor"
                                                                                           "a",
                                                                                           "") "," USER("q",
                                                                                                        "emil",
                                                                                                        "")),
     "400 400 400 405 404 404 400 400 405 400 400 400 404 201 400",
     {"(uid=dora)"},
     0},
    {"no schemas, a path without slash, one with, a method in lower case",
     "{'Operations':[{'method':'post','path':'Users/','bulkId':'q','data':"
     "{'userName':'dora','displayName':'D','name':{'familyName':'N'},"
     "'emails':[{'type':'work','value':'d@x.com'}]}}]}",
     "201",
     {"(uid=dora)"},
     0},
    {"failOnErrors 1: nothing after the first error",
     FAIL_ON("1", USER("a", "dora", "") "," USER("b", "anna", "") "," USER("c", "emil", "")),
     "201 409",
     {"(uid=dora)"},
     0},
    {"failOnErrors 2",
     FAIL_ON("2", USER("a", "anna", "") "," USER("b", "dora", "") "," USER(
                      "c", "ben", "") "," USER("d", "emil", "") "," USER("e", "fritz", "")),
     "409 201 409",
     {"(uid=dora)"},
     0},
    {"failOnErrors is not reached",
     FAIL_ON("3", USER("a", "anna", "") "," USER("b", "dora", "") "," USER(
                      "c", "ben", "") "," USER("d", "emil", "")),
     "409 201 409 201",
     {"(uid=emil)"},
     0},
    {"failOnErrors 0",
     FAIL_ON("0", USER("a", "anna", "") "," USER("b", "dora", "")),
     "409 201",
     {"(uid=dora)"},
     0},
    {"failOnErrors 1 with a circle",
     FAIL_ON("1",
             USER("a", "dora", MANAGER("bulkId:b")) "," USER("b", "emil", MANAGER("bulkId:a"))),
     "201 201",
     {"(&(uid=dora)(manager=uid=emil," USERS "))", "(&(uid=emil)(manager=uid=dora," USERS "))"},
     0},
    {"failOnErrors 1 before a circle is whole",
     FAIL_ON("1", USER("a", "dora", MANAGER("bulkId:b")) "," USER("x", "anna", "") "," USER(
                      "b", "emil", MANAGER("bulkId:a"))),
     "409 409",
     {NULL},
     0},
    {"they wait for each other only for the order's sake",
     ALL(USER("a", "dora", MANAGER("bulkId:b")) "," USER("b", "dora", "")),
     "409 201",
     {"(uid=dora)"},
     0},
};

static str_t
statuses(const sim_call_t *call)
{
    const json_t *operations = json_find(sim_json(call), STR("Operations"));
    buf_t buf;

    ck_assert_msg(json_is(operations, JSON_ARRAY), "%.*s", STR_ARG(call->body));
    buf_init(&buf, sim_mem(call->sim), 64 * 1024);
    for (size_t i = 0; i < operations->u.array.n; i++) {
        const json_t *status = json_find(operations->u.array.items[i], STR("status"));

        ck_assert_msg(json_is(status, JSON_STRING), "%.*s", STR_ARG(call->body));
        if (i)
            buf_add_char(&buf, ' ');
        buf_add(&buf, status->u.string);
    }
    return buf_str(&buf);
}

static sim_call_t *
make_call(sim_t *sim, connector_t *connector, const fixture_t *fixture, const char *body)
{
    return sim_call(sim, connector, METHOD_POST, "Bulk", fixture_text(fixture, body));
}

START_TEST(test_rows)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned round = 0; round < sim_rounds(8); round++) {
        sim_t *sim = sim_new(sim_seed() + round);
        fixture_t fixture;
        connector_t *connector = fixture_make_state(&fixture, sim, map, rows[_i].state);
        sim_call_t *call = make_call(sim, connector, &fixture, rows[_i].body);

        sim_begin(call);
        sim_run(sim);
        ck_assert_msg(call->status == 200, "%s: %d %.*s", rows[_i].name, call->status,
                      STR_ARG(call->body));
        ck_assert_msg(str_eq(statuses(call), str_from_c(rows[_i].statuses)),
                      "%s, round %u: %.*s", rows[_i].name, round, STR_ARG(call->body));
        for (size_t i = 0; i < ARRAY_SIZE(rows[_i].filters) && rows[_i].filters[i]; i++)
            ck_assert_msg(model_count(sim_model(sim), rows[_i].filters[i]) == 1,
                          "%s, round %u: no %s in\n%.*s", rows[_i].name, round,
                          rows[_i].filters[i], STR_ARG(sim_directory(sim)));
        sim_free(sim);
    }
}
END_TEST

/* ---- how many are under way ---- */

START_TEST(test_in_flight)
{
    static const struct {
        const char *name, *body;
        size_t at_once;
    } cases[] = {
        {"independent ones, but not all",
         ALL(TITLE("Users/1", "x") "," TITLE("Users/2", "x") "," TITLE("Users/3", "x") "," TITLE(
             "Users/4",
             "x") "," TITLE("Users/5",
                            "x") "," TITLE("Users/6",
                                           "x") "," TITLE("Users/7",
                                                          "x") "," TITLE("Users/8",
                                                                         "x") "," TITLE("Users/"
                                                                                        "9",
                                                                                        "x")),
         8},
        {"those of one resource one by one",
         ALL(TITLE("Users/1", "x") "," TITLE("Users/1", "y") "," TITLE("Users/1", "z")), 1},
        {"failOnErrors 1: one by one",
         FAIL_ON("1",
                 TITLE("Users/1", "x") "," TITLE("Users/2", "y") "," TITLE("Users/3", "z")),
         1},
        {"failOnErrors 2: two",
         FAIL_ON("2",
                 TITLE("Users/1", "x") "," TITLE("Users/2", "y") "," TITLE("Users/3", "z")),
         2},
        {"what is referred to first",
         ALL(GROUP("g", "guides", "{'value':'bulkId:a'},{'value':'bulkId:b'}") "," USER(
             "a", "dora", "") "," USER("b", "emil", "")),
         2},
    };
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    sim_t *sim = sim_new(sim_seed());
    connector_t *connector = sim_connector(sim, map, 0);

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        sim_call_t *call = sim_call(sim, connector, METHOD_POST, "Bulk", cases[i].body);

        sim_begin(call);
        ck_assert_msg(call->waiting == cases[i].at_once, "%s: %zu", cases[i].name,
                      call->waiting);
        sim_run(sim);
    }
    sim_free(sim);
}
END_TEST

/* ---- faults ---- */

/* What a run without faults comes to. */
typedef struct {
    const map_t *map;
    str_t statuses, text;
    unsigned operations;
} expected_t;

static expected_t
expect(arena_t *mem, size_t row)
{
    expected_t expected = {.map = sample_map(mem, "people")};
    sim_t *sim = sim_new(1);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, expected.map, rows[row].state);
    sim_call_t *call = make_call(sim, connector, &fixture, rows[row].body);

    sim_begin(call);
    sim_run(sim);
    expected.statuses = str_dup(mem, statuses(call));
    expected.operations = call->operations;
    expected.text = model_text(sim_model(sim), mem);
    sim_free(sim);
    return expected;
}

static str_t
text_of(const json_t *object, const char *name)
{
    const json_t *value = json_find(object, str_from_c(name));

    return json_is(value, JSON_STRING) ? value->u.string : STR("");
}

/* What became of one resource, if the results say: 200, 404, or 0: they do not. */
static int
told_of(const json_t *operations, str_t location)
{
    int told = 0;

    for (size_t i = 0; i < operations->u.array.n; i++) {
        const json_t *result = operations->u.array.items[i];
        bool ok = str_starts_with(text_of(result, "status"), STR("2"));

        if (!str_eq(text_of(result, "location"), location))
            continue;
        if (str_eq(text_of(result, "method"), STR("DELETE")))
            told = ok ? 404 : 0;
        else if (ok)
            told = 200;
    }
    return told;
}

/* A success is told only of what is there. */
static void
check_results(const sim_call_t *call, connector_t *connector, const char *what)
{
    sim_t *sim = call->sim;
    const json_t *operations = json_find(sim_json(call), STR("Operations"));
    str_t base = STR("https://scim.example/test/scim/v2/");

    for (size_t i = 0; i < operations->u.array.n; i++) {
        str_t location = text_of(operations->u.array.items[i], "location");
        int told = told_of(operations, location);
        const sim_call_t *look;

        if (!location.n || !told)
            continue;
        look = sim_do(sim, connector, METHOD_GET,
                      sim_format(sim, "%.*s", STR_ARG(str_skip(location, base.n))), NULL);
        ck_assert_msg(look->status == told, "%s: %.*s is %d after %.*s", what,
                      STR_ARG(location), look->status, STR_ARG(call->body));
    }
}

/* The lines of `text` that `other` has not: whole directories do not fit into a message. */
static str_t
lines_missing(arena_t *mem, str_t text, str_t other)
{
    buf_t buf;

    buf_init(&buf, mem, 2048);
    while (text.n) {
        str_t line = str_slice(text, 0, str_find_char(text, '\n') + 1);

        text = str_skip(text, line.n);
        if (str_find(other, line) == other.n)
            buf_add(&buf, line);
    }
    return buf_str(&buf);
}

static void
check_directory(const expected_t *expected, const sim_call_t *call, const char *what)
{
    arena_t *mem = sim_mem(call->sim);
    str_t text = sim_directory(call->sim);

    if (!str_eq(text, expected->text))
        ck_abort_msg("%s: %.*s was told, but there is\n%.*s instead of\n%.*s", what,
                     STR_ARG(str_slice(call->body, 0, 2000)),
                     STR_ARG(lines_missing(mem, text, expected->text)),
                     STR_ARG(lines_missing(mem, expected->text, text)));
}

static void
check_faulted(const expected_t *expected, const sim_call_t *call, connector_t *connector,
              const char *what)
{
    ck_assert_msg(call->status == 200 || call->status == 503, "%s: %d %.*s", what, call->status,
                  STR_ARG(call->body));
    if (call->status != 200)
        return;
    check_results(call, connector, what);
    if (str_eq(statuses(call), expected->statuses))
        check_directory(expected, call, what);
}

/* Where what a faulted run has done decides otherwise about the next: another has the name, the conflicts with the
 * first run's own resources are errors that count. */
static const char *const decided_otherwise[] = {
    "one name twice: the first has it", "failOnErrors is not reached",
    "a name that is freed too late", "a name that is given away too late"};
/* These are made whole or not at all, so they can be tried again. */
static const char *const whole_circles[] = {"RFC 7644 3.7.1: two groups of each other",
                                            "her own manager", "failOnErrors 1 with a circle"};

static bool
is_among(size_t row, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[row].name, names[i]) == 0)
            return true;
    return false;
}

/* Repeated, it comes to what it would have come to; unless it refers to what the first run made, which
 * only that could have referred to by its bulkId. */
static bool
converges(size_t row, bool cut_off)
{
    str_t body = str_from_c(rows[row].body);

    if (is_among(row, whole_circles, ARRAY_SIZE(whole_circles)))
        return !cut_off;
    return str_find(body, STR("bulkId:")) == body.n &&
           !is_among(row, decided_otherwise, ARRAY_SIZE(decided_otherwise));
}

static void
check_repeated(const expected_t *expected, size_t row, sim_t *sim, connector_t *connector,
               const fixture_t *fixture, bool cut_off, const char *what)
{
    sim_call_t *call = make_call(sim, connector, fixture, rows[row].body);

    sim_begin(call);
    sim_run(sim);
    ck_assert_msg(call->status == 200, "%s: repeated: %d %.*s", what, call->status,
                  STR_ARG(call->body));
    check_results(call, connector, what);
    if (converges(row, cut_off))
        check_directory(expected, call, what);
}

static void
run_faulted(const expected_t *expected, size_t row, sim_fault_t fault, unsigned at,
            uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, expected->map, rows[row].state);
    sim_call_t *call = make_call(sim, connector, &fixture, rows[row].body);
    const char *what = sim_format(sim, "%s, seed %llu: %s at %u", rows[row].name,
                                  (unsigned long long)seed, sim_fault_name(fault), at);

    call->fault = fault;
    call->fault_at = at;
    sim_begin(call);
    sim_run(sim);
    check_faulted(expected, call, connector, what);
    check_repeated(expected, row, sim, connector, &fixture, fault == SIM_DEADLINE, what);
    sim_free(sim);
}

START_TEST(test_one_fault)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    expected_t expected = expect(mem, (size_t)_i);

    for (unsigned fault = 1; fault < SIM_FAULTS; fault++)
        for (unsigned at = 0; at <= expected.operations; at++)
            run_faulted(&expected, (size_t)_i, (sim_fault_t)fault, at, sim_seed() + fault + at);
}
END_TEST

/* Memory that ends somewhere: an operation fails, or all of them. One whose answer did not fit may have been done, so
 * that a circle may stay open. */
static bool
run_short(const expected_t *expected, size_t row, size_t limit, unsigned step, size_t block)
{
    sim_t *sim = sim_new(1);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, expected->map, rows[row].state);
    sim_call_t *call = make_call(sim, connector, &fixture, rows[row].body);
    const char *what = sim_format(sim, "%s, limit %zu, step %u, block %zu", rows[row].name,
                                  limit, step, block);
    bool is_short;

    sim_fail_memory(sim, step, block);
    sim_begin_limited(call, limit);
    sim_run(sim);
    sim_fail_memory(sim, 0, 0);
    is_short = call->status != 200 || !str_eq(statuses(call), expected->statuses);
    check_faulted(expected, call, connector, what);
    check_repeated(expected, row, sim, connector, &fixture, true, what);
    sim_free(sim);
    return is_short;
}

START_TEST(test_memory)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    expected_t expected = expect(mem, (size_t)_i);
    size_t limit = 64;

    while (run_short(&expected, (size_t)_i, limit, 0, 0))
        limit += limit / 8 + 16;
    for (unsigned step = 0; step <= expected.operations; step++) {
        size_t block = 1;

        while (run_short(&expected, (size_t)_i, 0, step, block))
            block += 1 + block / 4;
    }
}
END_TEST

/* ---- many ---- */

START_TEST(test_many)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(sim_seed());
    connector_t *connector = sim_connector(sim, sample_map(mem, "people"), 0);
    sim_call_t *call;
    buf_t ops;

    buf_init(&ops, mem, 4 << 20);
    for (int i = 0; i < 1000; i++)
        buf_printf(&ops, "%s" USER("u%d", "user%d", ""), i ? "," : "", i, i, i, i);
    call = sim_call(sim, connector, METHOD_POST, "Bulk",
                    sim_format(sim, ALL("%.*s"), STR_ARG(buf_str(&ops))));
    sim_begin_limited(call, 32 << 20); /* the default of limits.memory */
    sim_run(sim);
    ck_assert_int_eq(call->status, 200);
    ck_assert_uint_eq(model_count(sim_model(sim), "(uid=user*)"), 1000);
    ck_assert_msg(str_find(call->body, STR("\"status\":\"5")) == call->body.n, "%.*s",
                  STR_ARG(call->body));
    sim_free(sim);
}
END_TEST

/* ---- the request as a whole ---- */

START_TEST(test_refused)
{
    static const struct {
        const char *body;
        int status;
        const char *says;
    } cases[] = {
        {"", 400, "no body"},
        {"[]", 400, "object"},
        {"{'schemas':['urn:ietf:params:scim:api:messages:2.0:BulkRequest']}", 400,
         "Operations"},
        {BULK("Operations':{},'x':1,'", ""), 400, "twice"},
        {FAIL_ON("-1", ""), 400, "failOnErrors"},
        {FAIL_ON("1.5", ""), 400, "failOnErrors"},
        {FAIL_ON("'1'", ""), 400, "failOnErrors"},
    };
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(sim_seed());
    connector_t *connector = sim_connector(sim, sample_map(mem, "people"), 0);

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const sim_call_t *call = sim_do(sim, connector, METHOD_POST, "Bulk", cases[i].body);

        ck_assert_msg(call->status == cases[i].status &&
                          str_find(call->body, str_from_c(cases[i].says)) < call->body.n,
                      "%s: %d %.*s", cases[i].body, call->status, STR_ARG(call->body));
    }
    sim_free(sim);
}
END_TEST

START_TEST(test_too_many)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(sim_seed());
    connector_t *connector = sim_connector(sim, sample_map(mem, "people"), 0);
    const sim_call_t *call;
    buf_t ops;

    buf_init(&ops, mem, 1 << 20);
    for (int i = 0; i < 1001; i++)
        buf_printf(&ops, "%s" CHANGE("DELETE", "Users/%d", ""), i ? "," : "", i);
    call = sim_do(sim, connector, METHOD_POST, "Bulk",
                  sim_format(sim, ALL("%.*s"), STR_ARG(buf_str(&ops))));
    ck_assert_int_eq(call->status, 413);
    ck_assert_msg(str_find(call->body, STR("maxOperations")) < call->body.n, "%.*s",
                  STR_ARG(call->body));
    ck_assert_uint_eq(call->operations, 0);
    sim_free(sim);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bulk");
    TCase *tests = tcase_create("bulk");

    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_in_flight);
    tcase_add_loop_test(tests, test_one_fault, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_memory, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_many);
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_too_many);
    tcase_set_timeout(tests, 600);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
