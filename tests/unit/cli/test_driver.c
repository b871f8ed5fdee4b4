/* SPDX-License-Identifier: Apache-2.0 */
/* The blocking driver against a real slapd: what a client would get, and what a dead directory does. */
#include "cli/driver.h"

#include "base/clock.h"
#include "support/slapd.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"
#include "json/json.h"

#include <check.h>
#include <signal.h>

enum { TIMEOUT_MS = 8000, SHORT_MS = 300 };

static slapd_t slapd;
static arena_t *mem;
static err_t err;
static config_directory_t directory;
static config_connector_t of;
static driver_t driver;
static unsigned writes; /* told before they went out */

static void
note_write(void *arg, const ldap_op_t *op)
{
    ck_assert_ptr_eq(arg, &writes);
    ck_assert(ldap_op_is_write(op));
    writes++;
}

static void
setup(void)
{
    slapd_signal(&slapd, SIGCONT);
    mem = arena_new(0);
    err = (err_t)ERR_INIT;
    writes = 0;
    directory = (config_directory_t){.settings = {.url = slapd.url,
                                                  .bind_dn = slapd.bind_dn,
                                                  .password_file = slapd.password_file,
                                                  .connect_timeout_ms = 5000}};
    of = (config_connector_t){
        .name = STR("people"), .directory = &directory, .map = sample_map(mem, "people")};
    ck_assert_msg(driver_open(&driver, &of, &connector_limits_default, TIMEOUT_MS, &err), "%s",
                  err.detail);
    driver.writes = note_write;
    driver.arg = &writes;
}

static void
teardown(void)
{
    driver_close(&driver);
    arena_free(mem);
}

static const response_t *
request(method_t method, const char *id, const char *body)
{
    request_t *made = arena_new_of(mem, request_t);

    *made = (request_t){.method = method,
                        .route = *id ? ROUTE_RESOURCE : ROUTE_RESOURCES,
                        .endpoint = STR("Users"),
                        .id = str_from_c(id),
                        .body = str_from_c(body)};
    return driver_request(&driver, mem, made);
}

static const char *
new_user(const char *name)
{
    str_t body = str_printf(
        mem,
        "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"%s\"}",
        name);
    const response_t *response = request(METHOD_POST, "", body.p);
    json_t *json;

    ck_assert_msg(response->status == 201, "%d %.*s", response->status,
                  STR_ARG(response->body));
    json = json_parse(mem, response->body, &json_limits_file, &err);
    return str_dup_c(mem, json_find(json, STR("id"))->u.string);
}

START_TEST(test_requests)
{
    const char *id = new_user("requested");
    const response_t *response = request(METHOD_GET, id, "");

    ck_assert_uint_eq(writes, 1);
    ck_assert_int_eq(response->status, 200);
    ck_assert(str_find(response->body, STR("https://localhost/people/scim/v2/Users/")) <
              response->body.n);
    driver.public_url = "https://bridge.example.com";
    response = request(METHOD_GET, id, "");
    ck_assert(
        str_find(response->body, STR("https://bridge.example.com/people/scim/v2/Users/")) <
        response->body.n);
    ck_assert_uint_eq(writes, 1);
    ck_assert_int_eq(request(METHOD_DELETE, id, "")->status, 204);
    ck_assert_uint_ge(writes, 2);
    ck_assert_int_eq(request(METHOD_GET, id, "")->status, 404);
}
END_TEST

static bool
count_entry(void *arg, const ldap_entry_t *entry)
{
    unsigned *n = arg;

    ck_assert(entry->dn.n > 0);
    return ++*n < 2;
}

START_TEST(test_search)
{
    str_t none = STR("1.1");
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = of.map->scopes[0].bases[0].dn};
    ldap_reply_t reply;
    unsigned n = 0;

    new_user("first");
    new_user("second");
    new_user("third");
    op.u.search.depth = LDAP_DEPTH_ONE;
    op.u.search.filter = ldap_filter_present(mem, STR("objectClass"));
    op.u.search.attrs = (ldap_names_t){&none, 1};
    driver_search(&driver, mem, &op, count_entry, &n, &reply);
    ck_assert_uint_eq(n, 2); /* it was abandoned */
    ck_assert_int_eq(reply.fate, LDAP_ANSWERED);
    ck_assert_uint_eq(reply.n_entries, 0);
    driver_perform(&driver, mem, &op, &reply);
    ck_assert_uint_ge(reply.n_entries, 3);
}
END_TEST

START_TEST(test_frozen)
{
    int64_t before;
    const response_t *response;

    driver.timeout_ms = SHORT_MS;
    slapd_signal(&slapd, SIGSTOP);
    before = clock_monotonic_ms();
    response = request(METHOD_GET, "8d2f3c1a-5b0e-103f-9a3d-0d5f1c2b3a49", "");
    ck_assert_int_eq(response->status, 503);
    ck_assert_int_ge(clock_monotonic_ms() - before, SHORT_MS);
    ck_assert_int_lt(clock_monotonic_ms() - before, 20 * SHORT_MS);
    slapd_signal(&slapd, SIGCONT);
}
END_TEST

START_TEST(test_not_there)
{
    driver_t other;

    directory.settings.url = "ldap://127.0.0.1:1";
    ck_assert(!driver_open(&other, &of, &connector_limits_default, TIMEOUT_MS, &err));
    ck_assert_int_eq(err.kind, ERR_UNAVAILABLE);
    driver_close(&other);
    driver_close(&other);
}
END_TEST

typedef struct {
    task_t task;
    bool paused;
} pausing_t;

static bool
over(task_t *task, const reply_t *reply UNUSED, err_t *error UNUSED)
{
    ((pausing_t *)task)->paused = true;
    return task_done(task, NULL);
}

static bool
start_pause(task_t *task, const reply_t *reply UNUSED, err_t *error UNUSED)
{
    return task_pause(task, 50, over);
}

START_TEST(test_pause)
{
    run_t run;
    pausing_t *task;
    int64_t before = clock_monotonic_ms();

    run_init(&run, mem, NULL, NULL);
    task = task_new_of(&run, "pausing", pausing_t);
    run_start(&run, &task->task, start_pause);
    driver_run(&driver, &run);
    ck_assert(run.ended && task->paused);
    ck_assert_int_ge(clock_monotonic_ms() - before, 50);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("cli/driver");
    TCase *tests = tcase_create("slapd");
    int failed;

    if (!slapd_is_installed())
        return 77;
    slapd_start(&slapd);
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_requests);
    tcase_add_test(tests, test_search);
    tcase_add_test(tests, test_frozen);
    tcase_add_test(tests, test_not_there);
    tcase_add_test(tests, test_pause);
    suite_add_tcase(suite, tests);
    failed = suite_run(suite);
    slapd_wipe(&slapd);
    return failed;
}
