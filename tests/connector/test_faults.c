/* SPDX-License-Identifier: Apache-2.0 */
/* Every request with every fault at every operation, and with too little memory: a success is told
 * only of what is there, and the request repeated comes to what it would have come to. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

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
    if (!sim_succeeded(call))
        return;
    ck_assert_msg(str_eq(sim_directory(sim), expected->text),
                  "%s: %d was told (%.*s), but the directory is\n%.*sinstead of\n%.*s", what,
                  call->status, STR_ARG(call->trace), STR_ARG(sim_directory(sim)),
                  STR_ARG(expected->text));
    if (expected->row->method == METHOD_GET && first)
        ck_assert_msg(str_eq(call->body, expected->body), "%s: %.*s instead of %.*s", what,
                      STR_ARG(call->body), STR_ARG(expected->body));
}

static bool
is_documented(const expected_t *expected, const sim_call_t *call)
{
    return sim_succeeded(call) || call->status == expected->status ||
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
    ck_assert_msg(str_eq(sim_directory(sim), expected->text),
                  "%s: repeated: %d (%.*s), and the directory is\n%.*sinstead of\n%.*s", what,
                  call->status, STR_ARG(call->trace), STR_ARG(sim_directory(sim)),
                  STR_ARG(expected->text));
    sim_free(sim);
}

START_TEST(test_one_fault)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    expected_t expected = expect(mem, &fixture_rows[_i]);

    for (unsigned fault = 1; fault < SIM_FAULTS; fault++)
        for (unsigned at = 0; at <= expected.operations; at++)
            run_faulted(&expected, (sim_fault_t)fault, at, 1, sim_seed() + fault + at);
}
END_TEST

START_TEST(test_several_faults)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    expected_t expected = expect(mem, &fixture_rows[_i]);
    unsigned n = expected.operations ? sim_rounds(4) : 1;

    for (unsigned i = 0; i < n; i++)
        run_faulted(&expected, (sim_fault_t)(1 + i % (SIM_FAULTS - 1)),
                    i % (expected.operations + 1), 1 + i % 3, sim_seed() + i);
}
END_TEST

/* ---- what follows from a name, when the rename was done and the rest was not ---- */

static const struct {
    method_t method;
    const char *body;
} rename_rows[] = {
    {METHOD_PATCH, PATCH("{'op':'replace','path':'userName','value':'dana'}")},
    {METHOD_PUT, "{'userName':'dana','title':'T'}"},
};

static void
check_renamed(const sim_call_t *call, const char *what)
{
    sim_t *sim = call->sim;

    ck_assert_msg(
        model_count(sim_model(sim), "(&(uid=dana)(cn=dana)(!(cn=dan))(!(uid=dan)))") == 1,
        "%s: %d (%.*s), but the directory is\n%.*s", what, call->status, STR_ARG(call->trace),
        STR_ARG(sim_directory(sim)));
}

/* The request, and the same once more at another instance: who served the first may have died. Whether the first
 * left it half done. */
static bool
run_renamed(const map_t *map, size_t row, sim_fault_t fault, unsigned at, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    connector_t *connector = sim_connector(sim, map, 5000);
    str_t id = sim_create(sim, connector, "Users", "{'userName':'dan'}");
    const char *path = sim_format(sim, "Users/%.*s", STR_ARG(id)),
               *what = sim_format(sim, "%s at %u, seed %llu", sim_fault_name(fault), at,
                                  (unsigned long long)seed);
    sim_call_t *call =
        sim_call(sim, connector, rename_rows[row].method, path, rename_rows[row].body);
    bool half;

    call->fault = fault;
    call->fault_at = at;
    sim_begin(call);
    sim_run(sim);
    if (sim_succeeded(call))
        check_renamed(call, what);
    half = model_count(sim_model(sim), "(&(uid=dana)(cn=dan))") == 1;
    call = sim_do(sim, sim_connector(sim, map, 5000), rename_rows[row].method, path,
                  rename_rows[row].body);
    ck_assert_msg(call->status == 200, "%s: %d", what, call->status);
    check_renamed(call, what);
    sim_free(sim);
    return half;
}

START_TEST(test_derived)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    unsigned half = 0;

    for (unsigned fault = 1; fault < SIM_FAULTS; fault++)
        for (unsigned at = 0; at < 8; at++)
            for (unsigned i = 0; i < sim_rounds(4); i++)
                half +=
                    run_renamed(map, (size_t)_i, (sim_fault_t)fault, at, sim_seed() + at + i);
    ck_assert_uint_gt(half, 0);
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
    ck_assert_msg(str_eq(sim_directory(sim), expected->text),
                  "%s: repeated: the directory is\n%.*s", what, STR_ARG(sim_directory(sim)));
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

int
main(void)
{
    Suite *suite = suite_create("faults");
    TCase *tests = tcase_create("faults");

    tcase_add_loop_test(tests, test_one_fault, 0, (int)fixture_n_rows);
    tcase_add_loop_test(tests, test_several_faults, 0, (int)fixture_n_rows);
    tcase_add_loop_test(tests, test_derived, 0, (int)ARRAY_SIZE(rename_rows));
    tcase_add_loop_test(tests, test_memory_limit, 0, (int)ARRAY_SIZE(short_rows));
    tcase_add_loop_test(tests, test_memory_block, 0, (int)ARRAY_SIZE(short_rows));
    tcase_set_timeout(tests, 600);
    suite_add_tcase(suite, tests);
    tests = tcase_create("faults without controls");
    tcase_add_checked_fixture(tests, sim_go_bare, NULL);
    tcase_add_loop_test(tests, test_one_fault, 0, (int)fixture_n_rows);
    tcase_add_loop_test(tests, test_several_faults, 0, (int)fixture_n_rows);
    tcase_add_loop_test(tests, test_derived, 0, (int)ARRAY_SIZE(rename_rows));
    tcase_set_timeout(tests, 600);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
