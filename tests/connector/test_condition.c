/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on the version of a resource: judged rightly, and nobody comes in between. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

#define SET(attr, value) PATCH("{'op':'replace','path':'" attr "','value':" value "}")
#define MEMBER(op, who) \
    PATCH("{'op':'" op "','path':'members','value':[{'value':'{" who "}'}]}")
#define SCHEMA "'schemas':['urn:ietf:params:scim:schemas:core:2.0:User']"

/* A request that changes something, and how that shows. */
typedef struct {
    const char *name, *path;
    method_t method;
    const char *body;
    int status;
    const char
        *holds; /* a filter that one entry matches if it was carried out, and none if not */
} write_t;

static const write_t writes[] = {
    {"PATCH", "Users/{anna}", METHOD_PATCH, SET("title", "'T'"), 200,
     "(&(entryUUID={anna})(title=T))"},
    {"PATCH that renames", "Users/{anna}", METHOD_PATCH, SET("userName", "'anne'"), 200,
     "(&(entryUUID={anna})(uid=anne))"},
    {"PATCH that renames, and more", "Users/{anna}", METHOD_PATCH,
     PATCH("{'op':'replace','path':'userName','value':'anne'},"
           "{'op':'replace','path':'title','value':'T'}"),
     200, "(&(entryUUID={anna})(uid=anne)(title=T))"},
    {"PATCH that disables", "Users/{anna}", METHOD_PATCH, SET("active", "false"), 200,
     "(&(entryUUID={anna})(pwdEndTime<=20260101100000Z))"},
    {"PUT", "Users/{anna}", METHOD_PUT, "{" SCHEMA ",'userName':'anna','title':'T'}", 200,
     "(&(entryUUID={anna})(title=T))"},
    {"DELETE that leaves a tombstone", "Users/{anna}", METHOD_DELETE, NULL, 204,
     "(&(entryUUID={anna})(scimDeletedAt=*))"},
    {"DELETE", "Groups/{staff}", METHOD_DELETE, NULL, 204, "(!(entryUUID={staff}))"},
    {"member added", "Groups/{staff}", METHOD_PATCH, MEMBER("add", "ben"), 204,
     "(&(entryUUID={staff})(" BEN_IS "))"},
    {"member removed", "Groups/{board}", METHOD_PATCH, MEMBER("remove", "ben"), 204,
     "(&(entryUUID={board})(!(" BEN_IS ")))"},
    {"member and name", "Groups/{staff}", METHOD_PATCH,
     PATCH("{'op':'add','path':'members','value':[{'value':'{ben}'}]},"
           "{'op':'replace','path':'displayName','value':'crew'}"),
     204, "(&(entryUUID={staff})(cn=crew)(" BEN_IS "))"},
    {"first member", "Groups/{empty}", METHOD_PATCH, MEMBER("add", "ben"), 204,
     "(&(entryUUID={empty})(" BEN_IS "))"},
};

static bool
is_done(sim_t *sim, const fixture_t *fixture, const write_t *row)
{
    size_t n = model_count(sim_model(sim), fixture_text(fixture, row->holds));

    /* "(!…)" is about an entry that is not there: all others match. */
    return row->holds[1] == '!'
               ? model_count(sim_model(sim), fixture_text(fixture, "(entryUUID={staff})")) == 0
               : n == 1;
}

/* The resource's version, as an instance that keeps out of the test sees it. */
static str_t
etag_of(sim_t *sim, const map_t *map, const char *path)
{
    const sim_call_t *call = sim_do(sim, sim_connector(sim, map, 0), METHOD_GET, path, NULL);

    ck_assert_int_eq(call->status, 200);
    ck_assert_uint_gt(call->etag.n, 0);
    return call->etag;
}

/* A change by somebody else, whose version nobody here has seen. */
static void
touch(sim_t *sim, const fixture_t *fixture, const map_t *map, const char *path)
{
    bool is_user = path[0] == 'U';
    const sim_call_t *call =
        sim_do(sim, sim_connector(sim, map, 0), METHOD_PATCH, path,
               fixture_text(fixture, is_user ? SET("nickName", "'touched'")
                                             : SET("externalId", "'touched'")));

    ck_assert_msg(sim_succeeded(call), "%d %.*s", call->status, STR_ARG(call->body));
}

/* --- what the conditions mean --------------------------------------------------------------- */

typedef enum {
    CURRENT,
    OLD_VERSION,
    STAR,
    OTHER,
    LIST,
    NONE_VERSION,
    NONE_STAR,
    NONE_OTHER,
    NONE_OLD,
    BOTH,
    BROKEN,
    FORMS
} form_t;

static const struct {
    const char *name;
    int status; /* 0: as without a condition */
} forms[FORMS] = {
    [CURRENT] = {"If-Match with the version", 0},
    [OLD_VERSION] = {"If-Match with an older version", 412},
    [STAR] = {"If-Match: *", 0},
    [OTHER] = {"If-Match with another tag", 412},
    [LIST] = {"If-Match with the version in a list", 0},
    [NONE_VERSION] = {"If-None-Match with the version", 412},
    [NONE_STAR] = {"If-None-Match: *", 412},
    [NONE_OTHER] = {"If-None-Match with another tag", 0},
    [NONE_OLD] = {"If-None-Match with an older version", 0},
    [BOTH] = {"both", 412},
    [BROKEN] = {"a malformed header", 400},
};

static void
set_condition(sim_call_t *call, form_t form, str_t old, str_t now)
{
    request_t *request = &call->request;
    str_t list = str_from_c(sim_format(call->sim, "\"x\", %.*s", STR_ARG(now)));

    switch (form) {
    case CURRENT:
        request->if_match = now;
        break;
    case OLD_VERSION:
        request->if_match = old;
        break;
    case STAR:
        request->if_match = STR("*");
        break;
    case OTHER:
        request->if_match = STR("\"other\"");
        break;
    case LIST:
        request->if_match = list;
        break;
    case NONE_VERSION:
        request->if_none_match = now;
        break;
    case NONE_STAR:
        request->if_none_match = STR("*");
        break;
    case NONE_OTHER:
        request->if_none_match = STR("W/\"other\"");
        break;
    case NONE_OLD:
        request->if_none_match = old;
        break;
    case BOTH:
        request->if_match = request->if_none_match = now;
        break;
    case BROKEN:
        request->if_match = STR("other");
        break;
    case FORMS:
        break;
    }
}

static void
run_form(const write_t *row, const map_t *map, fixture_state_t state, form_t form)
{
    sim_t *sim = sim_new(sim_seed());
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, map, state);
    const char *path = fixture_text(&fixture, row->path);
    int expected = forms[form].status ? forms[form].status : row->status;
    str_t old = etag_of(sim, map, path), now, before;
    sim_call_t *call;

    touch(sim, &fixture, map, path);
    now = etag_of(sim, map, path);
    ck_assert(!str_eq(old, now));
    before = sim_directory(sim);
    call = sim_call(sim, connector, row->method, path, fixture_text(&fixture, row->body));
    set_condition(call, form, old, now);
    sim_begin(call);
    sim_run(sim);
    ck_assert_msg(call->status == expected, "%s, %s: %d %.*s (%.*s)", row->name,
                  forms[form].name, call->status, STR_ARG(call->body), STR_ARG(call->trace));
    ck_assert_msg(is_done(sim, &fixture, row) == sim_succeeded(call), "%s, %s", row->name,
                  forms[form].name);
    if (!sim_succeeded(call))
        ck_assert_msg(str_eq(before, sim_directory(sim)), "%s, %s: %.*s", row->name,
                      forms[form].name, STR_ARG(sim_directory(sim)));
    else if (row->method != METHOD_DELETE)
        ck_assert_msg(str_eq(call->etag, etag_of(sim, map, path)), "%s, %s: ETag %.*s",
                      row->name, forms[form].name, STR_ARG(call->etag));
    sim_free(sim);
}

START_TEST(test_forms)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned form = 0; form < FORMS; form++) {
        run_form(&writes[_i], map, WARM, (form_t)form);
        run_form(&writes[_i], map, COLD, (form_t)form);
    }
}
END_TEST

/* RFC 9110 §13.2.1: what is not there is not there, with conditions or without. */
START_TEST(test_nothing)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    const write_t *row = &writes[_i];

    for (unsigned form = 0; form < FORMS; form++) {
        sim_t *sim = sim_new(sim_seed());
        fixture_t fixture;
        connector_t *connector = fixture_make_state(&fixture, sim, map, WARM);
        const char *path = row->path[0] == 'U' ? "Users/00000000-0000-4000-8000-000000000000"
                                               : "Groups/00000000-0000-4000-8000-000000000000";
        sim_call_t *call =
            sim_call(sim, connector, row->method, path, fixture_text(&fixture, row->body));

        set_condition(call, (form_t)form, STR("\"a\""), STR("\"b\""));
        sim_begin(call);
        sim_run(sim);
        ck_assert_msg(call->status == (form == BROKEN ? 400 : 404), "%s, %s: %d", row->name,
                      forms[form].name, call->status);
        sim_free(sim);
    }
}
END_TEST

/* RFC 9110 §13.1.2, §15.4.5: 304 for a GET of what the client has. */
START_TEST(test_get)
{
    static const int statuses[FORMS] = {200, 412, 200, 412, 200, 304, 304, 200, 200, 304, 400};
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    sim_t *sim = sim_new(sim_seed());
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, map, WARM);

    for (int i = 0; i < 2; i++) {
        const char *path = fixture_text(&fixture, i ? "Groups/{board}?attributes=displayName"
                                                    : "Users/{anna}");
        sim_call_t *call = sim_call(sim, connector, METHOD_GET, path, NULL);
        str_t old = etag_of(sim, map, path), now;

        touch(sim, &fixture, map,
              fixture_text(&fixture, i ? "Groups/{board}" : "Users/{anna}"));
        now = etag_of(sim, map, path);
        set_condition(call, (form_t)_i, old, now);
        sim_begin(call);
        sim_run(sim);
        ck_assert_msg(call->status == statuses[_i], "%s: %d", forms[_i].name, call->status);
        if (call->status == 304)
            ck_assert_msg(call->body.n == 0, "%.*s", STR_ARG(call->body));
        if (call->status < 400)
            ck_assert(str_eq(call->etag, now));
    }
    sim_free(sim);
}
END_TEST

/* --- races ---------------------------------------------------------------------------------- */

/* Two instances, one version: at most one of them changes it, and who is told 412 has not. */
static void
run_race(const write_t *row, const map_t *map, uint64_t seed)
{
    enum { RIVALS = 2 };
    static const sim_fault_t faults[] = {SIM_NO_FAULT, SIM_NO_FAULT, SIM_DONE_UNKNOWN,
                                         SIM_UNDONE_UNKNOWN};
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *connectors[RIVALS];
    sim_call_t *calls[RIVALS];
    const char *path;
    unsigned won = 0;
    str_t etag;

    connectors[0] = fixture_make_state(&fixture, sim, map, sim_random(sim, 2) ? WARM : COLD);
    connectors[1] = sim_random(sim, 2) ? connectors[0] : sim_connector(sim, map, 5000);
    path = fixture_text(&fixture, row->path);
    etag = etag_of(sim, map, path);
    calls[0] =
        sim_call(sim, connectors[0], row->method, path, fixture_text(&fixture, row->body));
    calls[1] = sim_call(sim, connectors[1], METHOD_PATCH, path,
                        row->path[0] == 'U' ? SET("nickName", "'rival'")
                                            : SET("externalId", "'rival'"));
    calls[0]->fault = faults[sim_random(sim, ARRAY_SIZE(faults))];
    calls[0]->fault_at = sim_random(sim, 3);
    for (size_t i = 0; i < RIVALS; i++) {
        calls[i]->request.if_match = etag;
        sim_begin(calls[i]);
    }
    sim_run(sim);
    for (size_t i = 0; i < RIVALS; i++) {
        won += sim_succeeded(calls[i]);
        ck_assert_msg(sim_succeeded(calls[i]) || calls[i]->status == 412 ||
                          calls[i]->status == 404 || calls[i]->status == 503,
                      "%s, seed %llu: %d %.*s", row->name, (unsigned long long)seed,
                      calls[i]->status, STR_ARG(calls[i]->body));
    }
    ck_assert_msg(won <= 1, "%s, seed %llu: both won", row->name, (unsigned long long)seed);
    ck_assert_msg(is_done(sim, &fixture, row) == sim_succeeded(calls[0]) ||
                      (calls[0]->faulted && calls[0]->status == 503),
                  "%s, seed %llu: %d (%.*s) and %d (%.*s), but the directory is\n%.*s",
                  row->name, (unsigned long long)seed, calls[0]->status,
                  STR_ARG(calls[0]->trace), calls[1]->status, STR_ARG(calls[1]->trace),
                  STR_ARG(sim_directory(sim)));
    sim_free(sim);
}

START_TEST(test_races)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < sim_rounds(100); i++)
        run_race(&writes[_i], map, sim_seed() + i);
}
END_TEST

/* --- faults --------------------------------------------------------------------------------- */

/* Success is shown by the directory, and 412 that nothing was done, whatever goes wrong meanwhile. */
static void
run_fault(const write_t *row, const map_t *map, sim_fault_t fault, unsigned at)
{
    sim_t *sim = sim_new(sim_seed() + at);
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, map, at % 2 ? WARM : COLD);
    const char *path = fixture_text(&fixture, row->path);
    sim_call_t *call =
        sim_call(sim, connector, row->method, path, fixture_text(&fixture, row->body));
    bool done;

    call->request.if_match = etag_of(sim, map, path);
    call->fault = fault;
    call->fault_at = at / 2;
    sim_begin(call);
    sim_run(sim);
    done = is_done(sim, &fixture, row);
    ck_assert_msg(!sim_succeeded(call) || done, "%s, %s at %u: %d (%.*s)", row->name,
                  sim_fault_name(fault), at / 2, call->status, STR_ARG(call->trace));
    ck_assert_msg(call->status != 412 || !done, "%s, %s at %u: 412 (%.*s), but it was done",
                  row->name, sim_fault_name(fault), at / 2, STR_ARG(call->trace));
    if (fault != SIM_BUSY && fault != SIM_DEADLINE && fault != SIM_LATE_UNKNOWN)
        ck_assert_msg(call->status != 412,
                      "%s, %s at %u: 412 (%.*s), but nobody else was there", row->name,
                      sim_fault_name(fault), at / 2, STR_ARG(call->trace));
    sim_free(sim);
}

START_TEST(test_faults)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned fault = 1; fault < SIM_FAULTS; fault++) {
        for (unsigned at = 0; at < 12; at++)
            run_fault(&writes[_i], map, (sim_fault_t)fault, at);
    }
}
END_TEST

/* After a write whose answer was lost, the next one gives the entry a version first: of its own, which the
 * condition does not mind; but only where it is met. */
static void
run_after_lost(const write_t *row, const map_t *map, bool stale)
{
    sim_t *sim = sim_new(sim_seed());
    fixture_t fixture;
    connector_t *connector = fixture_make_state(&fixture, sim, map, WARM);
    const char *path = fixture_text(&fixture, row->path);
    sim_call_t *lost =
        sim_call(sim, connector, METHOD_PATCH, path,
                 row->path[0] == 'U' ? SET("nickName", "'lost'") : SET("externalId", "'lost'"));
    str_t etag = etag_of(sim, map, path), before;
    sim_call_t *call;

    lost->fault = SIM_DEADLINE;
    lost->fault_at = 0;
    sim_begin(lost);
    sim_run(sim);
    ck_assert(!sim_succeeded(lost));
    before = sim_directory(sim);
    if (!stale)
        etag = etag_of(sim, map, path);
    else if (str_eq(etag, etag_of(sim, map, path)))
        etag = STR("\"stale\"");
    call = sim_call(sim, connector, row->method, path, fixture_text(&fixture, row->body));
    call->request.if_match = etag;
    sim_begin(call);
    sim_run(sim);
    ck_assert_msg(call->status == (stale ? 412 : row->status), "%s: %d %.*s (%.*s)", row->name,
                  call->status, STR_ARG(call->body), STR_ARG(call->trace));
    ck_assert(is_done(sim, &fixture, row) == !stale);
    if (stale)
        ck_assert(str_eq(before, sim_directory(sim)));
    sim_free(sim);
}

START_TEST(test_after_lost)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    run_after_lost(&writes[_i], map, false);
    run_after_lost(&writes[_i], map, true);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("condition");
    TCase *tests = tcase_create("condition");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_forms, 0, (int)ARRAY_SIZE(writes));
    tcase_add_loop_test(tests, test_nothing, 0, (int)ARRAY_SIZE(writes));
    tcase_add_loop_test(tests, test_get, 0, FORMS);
    tcase_add_loop_test(tests, test_races, 0, (int)ARRAY_SIZE(writes));
    tcase_add_loop_test(tests, test_faults, 0, (int)ARRAY_SIZE(writes));
    tcase_add_loop_test(tests, test_after_lost, 0, (int)ARRAY_SIZE(writes));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
