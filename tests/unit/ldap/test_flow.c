/* SPDX-License-Identifier: Apache-2.0 */
/* Many operations outstanding on a connection to a real slapd, as workers have them, and what becomes of
 * them when it ends. */
#include "unit/ldap/conn_fixture.h"

#include "base/clock.h"
#include "support/suite_run.h"

#include <check.h>
#include <poll.h>
#include <signal.h>

/* --- pipelining ----------------------------------------------------------------------------- */

typedef struct {
    int n_done, n_entries, code, n_late, stop_after;
    ldap_fate_t fate;
} tally_t;

static void
tally_done(void *arg, const ldap_reply_t *reply)
{
    tally_t *tally = arg;

    tally->n_done++;
    tally->n_entries += (int)reply->n_entries;
    tally->fate = reply->fate;
    tally->code = reply->code;
}

static bool
tally_entry(void *arg, const ldap_entry_t *entry)
{
    tally_t *tally = arg;

    ck_assert_uint_gt(entry->dn.n, 0);
    return ++tally->n_entries != tally->stop_after;
}

static void
tally_late(void *arg, int code)
{
    tally_t *tally = arg;

    tally->n_late++;
    tally->code = code;
}

/* Move bytes until `*counter` reaches `n`, or the time is over, or the connection lost. */
static bool
pump(const int *counter, int n, int timeout_ms)
{
    int64_t until = clock_monotonic_ms() + timeout_ms;
    bool more = false;

    while (*counter < n && clock_monotonic_ms() < until) {
        struct pollfd pollfd = {.fd = ldap_conn_fd(conn), .events = POLLIN};

        if (!ldap_conn_write(conn))
            return false;
        if (ldap_conn_wants_write(conn))
            pollfd.events |= POLLOUT;
        if (!more)
            (void)poll(&pollfd, 1, 20);
        if (!ldap_conn_read(conn, 100, &more))
            return false;
    }
    return *counter >= n;
}

START_TEST(thousand_searches_at_once)
{
    enum { N = 1000 };
    tally_t tally = {.n_done = 0};
    ldap_op_t op;

    add_person("popular");
    op = op_search(people, LDAP_DEPTH_SUB, by_uid("popular"), anchors);
    for (int i = 0; i < N; i++)
        ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally));
    ck_assert_uint_eq(ldap_conn_outstanding(conn), N);
    ck_assert(pump(&tally.n_done, N, WAIT_MS));
    ck_assert_int_eq(tally.n_entries, N);
    ck_assert_uint_eq(ldap_conn_outstanding(conn), 0);
}
END_TEST

START_TEST(entries_are_shown_one_by_one_until_enough)
{
    static const struct {
        const char *name;
        int stop_after, n_entries;
    } rows[] = {{"all", 0, 5}, {"the first", 1, 1}, {"three", 3, 3}};
    static const char *const uids[] = {"each-1", "each-2", "each-3", "each-4", "each-5"};
    ldap_op_t op = op_search(
        people, LDAP_DEPTH_SUB,
        ldap_filter_substrings(mem, STR("uid"), STR("each-"), STR(""), STR("")), anchors);

    for (size_t i = 0; i < ARRAY_SIZE(uids); i++)
        add_person(uids[i]);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        tally_t tally = {.stop_after = rows[i].stop_after};

        ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, tally_entry, tally_done, &tally));
        ck_assert(pump(&tally.n_done, 1, WAIT_MS));
        ck_assert_msg(tally.n_entries == rows[i].n_entries, "%s", rows[i].name);
        ck_assert_int_eq(tally.fate, LDAP_ANSWERED);
        ck_assert_int_eq(tally.code, LDAP_RC_SUCCESS);
        ck_assert_uint_eq(ldap_conn_outstanding(conn), 0);
    }
}
END_TEST

static ldap_call_t *forgotten;

static bool
forget_at_entry(void *arg, const ldap_entry_t *entry)
{
    (void)arg;
    (void)entry;
    ldap_conn_forget(conn, forgotten, NULL, NULL);
    return true;
}

START_TEST(forgotten_searches_are_silent)
{
    enum { N = 100 };
    tally_t tally = {.n_done = 0}, last = {.n_done = 0};
    ldap_op_t op = op_search(str_from_c(slapd.base), LDAP_DEPTH_SUB, NULL, anchors);

    for (int i = 0; i < N; i++) {
        ldap_call_t *call = ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally);

        ck_assert_ptr_nonnull(call);
        ldap_conn_forget(conn, call, tally_late, &tally);
    }
    forgotten = ldap_conn_send(conn, &op, mem, forget_at_entry, tally_done, &tally);
    ck_assert_ptr_nonnull(forgotten);
    ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &last));
    ck_assert(pump(&last.n_done, 1, WAIT_MS));
    ck_assert_int_gt(last.n_entries, 5);
    for (int i = 0; i < 100 && ldap_conn_outstanding(conn); i++)
        (void)pump(&tally.n_done, 1, 20); /* slapd may answer the last one first */
    ck_assert_int_eq(tally.n_done, 0);
    ck_assert_int_eq(tally.n_late, 0);
    ck_assert_uint_eq(ldap_conn_outstanding(conn), 0);
}
END_TEST

START_TEST(forgotten_write_reports_late)
{
    tally_t tally = {.n_done = 0};
    ldap_op_t op = op_title("forgotten", LDAP_MOD_OP_REPLACE, "late");
    ldap_call_t *call;

    add_person("forgotten");
    call = ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally);
    ck_assert_ptr_nonnull(call);
    tally.code = -1;
    ldap_conn_forget(conn, call, tally_late, &tally);
    ck_assert(pump(&tally.n_late, 1, WAIT_MS));
    ck_assert_int_eq(tally.code, LDAP_RC_SUCCESS);
    ck_assert_int_eq(tally.n_done, 0);
}
END_TEST

/* --- loss ----------------------------------------------------------------------------------- */

START_TEST(close_tells_sent_from_not_sent)
{
    tally_t sent = {.n_done = 0}, unsent = {.n_done = 0};
    ldap_op_t op = op_title("nobody", LDAP_MOD_OP_REPLACE, "x");

    slapd_signal(&slapd, SIGSTOP);
    ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &sent));
    ck_assert(ldap_conn_write(conn));
    ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &unsent));
    ldap_conn_close(conn);
    conn = NULL;
    slapd_signal(&slapd, SIGCONT);
    ck_assert_int_eq(sent.n_done, 1);
    ck_assert_int_eq(sent.fate, LDAP_UNKNOWN);
    ck_assert_int_eq(unsent.n_done, 1);
    ck_assert_int_eq(unsent.fate, LDAP_NOT_SENT);
}
END_TEST

START_TEST(frozen_server_fills_the_queue_and_blocks_nobody)
{
    tally_t tally = {.n_done = 0};
    ldap_entry_t *entry = person("blocked");
    char *blob = arena_alloc(mem, 1024 * 1024);
    int64_t began = clock_monotonic_ms();
    ldap_op_t op;
    int n = 0;

    ldap_entry_add(mem, entry, STR("jpegPhoto"), str_from(blob, 1024 * 1024));
    op = op_add(entry);
    slapd_signal(&slapd, SIGSTOP);
    while (n < 100 && ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally)) {
        ck_assert(ldap_conn_write(conn));
        n++;
    }
    ck_assert_int_gt(n, 10);
    ck_assert_int_lt(n, 100);
    ck_assert(ldap_conn_wants_write(conn));
    ck_assert_int_lt(clock_monotonic_ms() - began, WAIT_MS);
    slapd_signal(&slapd, SIGCONT);
    ck_assert(pump(&tally.n_done, n, 3 * WAIT_MS));
    ck_assert(!ldap_conn_wants_write(conn));
}
END_TEST

START_TEST(perform_ends_in_time)
{
    ldap_op_t op = op_search(people, LDAP_DEPTH_BASE, NULL, (ldap_names_t){NULL, 0});
    int64_t began = clock_monotonic_ms();
    ldap_reply_t reply;

    slapd_signal(&slapd, SIGSTOP);
    ldap_conn_perform(conn, &op, mem, 200, &reply);
    slapd_signal(&slapd, SIGCONT);
    ck_assert_int_eq(reply.fate, LDAP_UNKNOWN);
    ck_assert_int_ge(clock_monotonic_ms() - began, 200);
    ck_assert_int_lt(clock_monotonic_ms() - began, 5000);
    ck_assert_int_eq(perform(&op).code, LDAP_RC_SUCCESS);
}
END_TEST

START_TEST(killed_server_is_noticed)
{
    tally_t tally = {.n_done = 0};
    ldap_op_t op = op_search(people, LDAP_DEPTH_BASE, NULL, (ldap_names_t){NULL, 0});

    slapd_signal(&slapd, SIGSTOP);
    ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally));
    ck_assert(ldap_conn_write(conn));
    slapd_signal(&slapd, SIGKILL);
    ck_assert(!pump(&tally.n_done, 1, WAIT_MS));
    ck_assert_int_eq(tally.n_done, 0);
    ck_assert_int_eq(perform(&op).fate, LDAP_NOT_SENT);
    ldap_conn_close(conn);
    conn = NULL;
    ck_assert_int_eq(tally.n_done, 1);
    ck_assert_int_eq(tally.fate, LDAP_UNKNOWN);
}
END_TEST

static void
restart(void)
{
    slapd_restart(&slapd);
}

static Suite *
flow_suite(void)
{
    const TTest *const tests[] = {
        thousand_searches_at_once,      entries_are_shown_one_by_one_until_enough,
        forgotten_searches_are_silent,  forgotten_write_reports_late,
        close_tells_sent_from_not_sent, frozen_server_fills_the_queue_and_blocks_nobody,
        perform_ends_in_time,
    };
    Suite *suite = suite_create("flow");
    TCase *tcase = tcase_create("flow");
    TCase *killing = tcase_create("killing");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, conn_setup, conn_teardown);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    tcase_set_timeout(killing, 60);
    tcase_add_unchecked_fixture(killing, NULL, restart);
    tcase_add_checked_fixture(killing, conn_setup, conn_teardown);
    tcase_add_test(killing, killed_server_is_noticed);
    suite_add_tcase(suite, killing);
    return suite;
}

int
main(void)
{
    int failed;

    if (!slapd_is_installed())
        return 77;
    ldap_conn_setup();
    slapd_start(&slapd);
    failed = suite_run(flow_suite());
    slapd_wipe(&slapd);
    return failed;
}
