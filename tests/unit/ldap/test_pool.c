/* SPDX-License-Identifier: Apache-2.0 */
/* The pool and its dialer against a real slapd that freezes, dies and comes back. */
#include "ldap/pool.h"

#include "base/clock.h"
#include "support/slapd.h"
#include "support/suite_run.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 15000, TIMEOUT_MS = 400 };

static slapd_t slapd;
static arena_t *mem;
static loop_t *loop;
static ldap_dialer_t *dialer;
static ldap_pool_t *pool;
static err_t err;
static str_t base;
static int n_late, late_code;

static void
note_late(void *arg, int code)
{
    ck_assert_ptr_eq(arg, &n_late);
    n_late++;
    late_code = code;
}

static ldap_pool_t *
new_pool(size_t max_outstanding)
{
    ldap_pool_limits_t limits = {.max_outstanding = max_outstanding,
                                 .operation_timeout_ms = TIMEOUT_MS,
                                 .idle_timeout_ms = 200};
    ldap_pool_t *made = ldap_pool_new(loop, dialer, &limits, note_late, &n_late, &err);

    ck_assert_msg(made != NULL, "%s", err.detail);
    return made;
}

static void
new_dialer(const char *url)
{
    ldap_settings_t settings = {.url = url,
                                .bind_dn = slapd.bind_dn,
                                .password_file = slapd.password_file,
                                .connect_timeout_ms = 500};

    dialer = ldap_dialer_new(&settings, &err);
    ck_assert_msg(dialer != NULL, "%s", err.detail);
}

static void
setup_for(const char *url)
{
    err = (err_t)ERR_INIT;
    n_late = 0;
    late_code = -1;
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    base = str_from_c(slapd.base);
    loop = loop_new(&err);
    ck_assert_msg(loop != NULL, "%s", err.detail);
    new_dialer(url);
    pool = new_pool(1000);
}

static void
setup(void)
{
    slapd_signal(&slapd, SIGCONT); /* after a test that failed half-way */
    setup_for(slapd.url);
}

static void
setup_nobody(void)
{
    setup_for("ldap://127.0.0.1:1");
}

static void
teardown(void)
{
    ldap_pool_free(pool);
    ldap_dialer_free(dialer);
    loop_free(loop);
    arena_free(mem);
}

/* --- asking --------------------------------------------------------------------------------- */

typedef struct {
    int n_done, n_entries, code;
    ldap_fate_t fate;
    int64_t at;
} tally_t;

static void
tally_done(void *arg, const ldap_reply_t *reply)
{
    tally_t *tally = arg;

    tally->n_done++;
    tally->n_entries += (int)reply->n_entries;
    tally->fate = reply->fate;
    tally->code = reply->code;
    tally->at = clock_monotonic_ms();
}

static const str_t some_names[] = {STR_INIT("entryUUID")};

static ldap_op_t
op_read(void)
{
    return (ldap_op_t){.kind = LDAP_OP_SEARCH,
                       .dn = base,
                       .u.search = {.depth = LDAP_DEPTH_BASE, .attrs = {some_names, 1}}};
}

static ldap_op_t
op_write(const char *value)
{
    ldap_mods_t *mods = arena_new_of(mem, ldap_mods_t);

    ldap_mods_add_value(mem, mods, LDAP_MOD_OP_REPLACE, STR("description"), str_from_c(value));
    return (ldap_op_t){.kind = LDAP_OP_MODIFY, .dn = base, .u.modify = {mods->mods, mods->n}};
}

static ldap_task_t *
ask(const ldap_op_t *op, tally_t *tally)
{
    return ldap_pool_send(pool, op, mem, INT64_MAX, NULL, tally_done, tally);
}

static bool
run_until(const int *counter, int n, int timeout_ms)
{
    int64_t until = clock_monotonic_ms() + timeout_ms;

    while (*counter < n && clock_monotonic_ms() < until)
        loop_turn(loop, 20);
    return *counter >= n;
}

static void
run_for(int ms)
{
    int64_t until = clock_monotonic_ms() + ms;

    while (clock_monotonic_ms() < until)
        loop_turn(loop, 10);
}

/* Ask until one read succeeds. */
static bool
recovers(int timeout_ms)
{
    int64_t until = clock_monotonic_ms() + timeout_ms;

    while (clock_monotonic_ms() < until) {
        ldap_op_t op = op_read();
        tally_t tally = {.n_done = 0};

        ck_assert_ptr_nonnull(ask(&op, &tally));
        ck_assert(run_until(&tally.n_done, 1, WAIT_MS));
        if (tally.fate == LDAP_ANSWERED)
            return true;
        run_for(50);
    }
    return false;
}

/* --- a server that answers ------------------------------------------------------------------ */

START_TEST(operations_wait_for_the_first_connection)
{
    ldap_op_t op = op_read();
    tally_t tally = {.n_done = 0};

    ck_assert(ldap_pool_is_up(pool));
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_nonnull(ask(&op, &tally));
    ck_assert_int_eq(tally.n_done, 0);
    ck_assert(run_until(&tally.n_done, 100, WAIT_MS));
    ck_assert_int_eq(tally.n_entries, 100);
    ck_assert_int_eq(tally.fate, LDAP_ANSWERED);
    ck_assert_uint_eq(ldap_pool_stats(pool)->connects, 1);
    ck_assert_uint_eq(ldap_pool_stats(pool)->operations, 100);
    ck_assert(ldap_dialer_is_up(dialer, &err));
}
END_TEST

START_TEST(too_many_are_not_taken)
{
    ldap_op_t op = op_read();
    tally_t tally = {.n_done = 0};

    ldap_pool_free(pool);
    pool = new_pool(3);
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(ask(&op, &tally));
    ck_assert_ptr_null(ask(&op, &tally));
    ck_assert(run_until(&tally.n_done, 3, WAIT_MS));
    ck_assert_ptr_nonnull(ask(&op, &tally));
    ck_assert(run_until(&tally.n_done, 4, WAIT_MS));
}
END_TEST

START_TEST(bulk_connection_comes_and_goes)
{
    ldap_op_t op = op_read();
    tally_t tally = {.n_done = 0};

    op.lane = LDAP_LANE_BULK;
    ck_assert(recovers(WAIT_MS));
    ck_assert_uint_eq(ldap_pool_stats(pool)->connects, 1);
    for (int round = 1; round <= 2; round++) {
        ck_assert_ptr_nonnull(ask(&op, &tally));
        ck_assert(run_until(&tally.n_done, round, WAIT_MS));
        ck_assert_int_eq(tally.fate, LDAP_ANSWERED);
        ck_assert_uint_eq(ldap_pool_stats(pool)->connects, 2);
    }
    run_for(500); /* longer than idle_timeout_ms */
    ck_assert_ptr_nonnull(ask(&op, &tally));
    ck_assert(run_until(&tally.n_done, 3, WAIT_MS));
    ck_assert_int_eq(tally.fate, LDAP_ANSWERED);
    ck_assert_uint_eq(ldap_pool_stats(pool)->connects, 3);
    ck_assert_uint_eq(ldap_pool_stats(pool)->lost, 0);
}
END_TEST

START_TEST(cancelled_operations_are_silent)
{
    ldap_op_t read = op_read();
    ldap_op_t write = op_write("cancelled");
    tally_t cancelled = {.n_done = 0}, last = {.n_done = 0};
    ldap_task_t *waiting = ask(&read, &cancelled);
    ldap_task_t *sent[2];

    ldap_pool_cancel(pool, waiting);
    ck_assert(recovers(WAIT_MS));
    sent[0] = ask(&read, &cancelled);
    sent[1] = ask(&write, &cancelled);
    ldap_pool_cancel(pool, sent[0]);
    ldap_pool_cancel(pool, sent[1]);
    ck_assert_ptr_nonnull(ask(&read, &last));
    ck_assert(run_until(&last.n_done, 1, WAIT_MS));
    ck_assert(run_until(&n_late, 1, WAIT_MS));
    ck_assert_int_eq(late_code, LDAP_RC_SUCCESS);
    ck_assert_int_eq(cancelled.n_done, 0);
}
END_TEST

START_TEST(free_ends_what_is_outstanding)
{
    ldap_op_t op = op_read();
    tally_t waiting = {.n_done = 0}, sent = {.n_done = 0};

    ck_assert_ptr_nonnull(ask(&op, &waiting));
    ldap_pool_free(pool);
    ck_assert_int_eq(waiting.n_done, 1);
    ck_assert_int_eq(waiting.fate, LDAP_NOT_SENT);
    pool = new_pool(10);
    ck_assert(recovers(WAIT_MS));
    slapd_signal(&slapd, SIGSTOP);
    ck_assert_ptr_nonnull(ask(&op, &sent));
    run_for(50);
    ldap_pool_free(pool);
    slapd_signal(&slapd, SIGCONT);
    ck_assert_int_eq(sent.n_done, 1);
    ck_assert_int_eq(sent.fate, LDAP_UNKNOWN);
    pool = NULL;
}
END_TEST

/* The first to be told cancels the others, as a run does that ends with its first failure. */
typedef struct {
    ldap_task_t *tasks[4];
    int n_done;
} siblings_t;

static void
cancel_siblings(void *arg, const ldap_reply_t *reply)
{
    siblings_t *siblings = arg;

    ck_assert_int_eq(reply->fate, LDAP_UNKNOWN);
    siblings->n_done++;
    for (size_t i = 1; i < ARRAY_SIZE(siblings->tasks); i++)
        ldap_pool_cancel(pool, siblings->tasks[i]);
}

START_TEST(siblings_are_cancelled_while_the_connection_ends)
{
    siblings_t siblings = {.n_done = 0};
    ldap_op_t read = op_read(), write = op_write("sibling");

    ck_assert(recovers(WAIT_MS));
    slapd_signal(&slapd, SIGSTOP);
    for (size_t i = 0; i < ARRAY_SIZE(siblings.tasks); i++) {
        siblings.tasks[i] = ldap_pool_send(pool, i == 2 ? &write : &read, mem, INT64_MAX, NULL,
                                           cancel_siblings, &siblings);
        ck_assert_ptr_nonnull(siblings.tasks[i]);
    }
    run_for(50);
    ldap_pool_free(pool);
    slapd_signal(&slapd, SIGCONT);
    ck_assert_int_eq(siblings.n_done, 1);
    pool = NULL;
}
END_TEST

/* --- a server that does not ----------------------------------------------------------------- */

START_TEST(frozen_server_costs_the_deadline_then_the_connection)
{
    ldap_op_t op = op_read();
    int64_t began;

    ck_assert(recovers(WAIT_MS));
    slapd_signal(&slapd, SIGSTOP);
    for (uint64_t i = 1; i <= 3; i++) {
        tally_t tally = {.n_done = 0};

        loop_turn(loop, 0); /* the time that counts is the turn's */
        began = clock_monotonic_ms();
        ck_assert_ptr_nonnull(ask(&op, &tally));
        ck_assert(run_until(&tally.n_done, 1, WAIT_MS));
        ck_assert_int_eq(tally.fate, LDAP_UNKNOWN);
        ck_assert_int_ge(tally.at - began, TIMEOUT_MS - 5);
        ck_assert_int_lt(tally.at - began, TIMEOUT_MS + 2000);
        ck_assert_uint_eq(ldap_pool_stats(pool)->timeouts, i);
        ck_assert_uint_eq(ldap_pool_stats(pool)->lost, i == 3);
    }
    slapd_signal(&slapd, SIGCONT);
    ck_assert(recovers(WAIT_MS));
    ck_assert(ldap_pool_is_up(pool));
}
END_TEST

START_TEST(answers_in_between_keep_the_connection)
{
    ldap_op_t op = op_read();

    for (int round = 0; round < 4; round++) {
        tally_t tally = {.n_done = 0};

        ck_assert(recovers(WAIT_MS));
        slapd_signal(&slapd, SIGSTOP);
        ck_assert_ptr_nonnull(ask(&op, &tally));
        ck_assert(run_until(&tally.n_done, 1, WAIT_MS));
        slapd_signal(&slapd, SIGCONT);
        ck_assert_int_eq(tally.fate, LDAP_UNKNOWN);
    }
    ck_assert_uint_eq(ldap_pool_stats(pool)->timeouts, 4);
    ck_assert_uint_eq(ldap_pool_stats(pool)->lost, 0);
}
END_TEST

START_TEST(earlier_deadline_of_the_asker_counts)
{
    ldap_op_t op = op_read();
    tally_t soon = {.n_done = 0}, later = {.n_done = 0};
    int64_t began;

    ck_assert(recovers(WAIT_MS));
    slapd_signal(&slapd, SIGSTOP);
    loop_turn(loop, 0);
    began = clock_monotonic_ms();
    ck_assert_ptr_nonnull(ask(&op, &later));
    ck_assert_ptr_nonnull(ldap_pool_send(pool, &op, mem, began + 100, NULL, tally_done, &soon));
    ck_assert(run_until(&later.n_done, 1, WAIT_MS));
    slapd_signal(&slapd, SIGCONT);
    ck_assert_int_eq(soon.n_done, 1);
    ck_assert_int_ge(soon.at - began, 100);
    ck_assert_int_lt(soon.at, later.at);
}
END_TEST

START_TEST(late_answer_to_a_write_is_told)
{
    ldap_op_t op = op_write("late");
    tally_t tally = {.n_done = 0};

    ck_assert(recovers(WAIT_MS));
    slapd_signal(&slapd, SIGSTOP);
    ck_assert_ptr_nonnull(ask(&op, &tally));
    ck_assert(run_until(&tally.n_done, 1, WAIT_MS));
    ck_assert_int_eq(tally.fate, LDAP_UNKNOWN);
    ck_assert_int_eq(n_late, 0);
    slapd_signal(&slapd, SIGCONT);
    ck_assert(run_until(&n_late, 1, WAIT_MS));
    ck_assert_int_eq(late_code, LDAP_RC_SUCCESS);
    ck_assert_uint_eq(ldap_pool_stats(pool)->late_writes, 1);
    ck_assert_int_eq(tally.n_done, 1);
}
END_TEST

START_TEST(nobody_listening_is_told_at_once)
{
    ldap_op_t op = op_read();
    tally_t first = {.n_done = 0}, second = {.n_done = 0}, bulk = {.n_done = 0};
    int64_t began = clock_monotonic_ms();

    ck_assert_ptr_nonnull(ask(&op, &first));
    ck_assert(run_until(&first.n_done, 1, WAIT_MS));
    ck_assert_int_eq(first.fate, LDAP_NOT_SENT);
    ck_assert_int_lt(first.at - began, TIMEOUT_MS);
    ck_assert(!ldap_pool_is_up(pool));
    ck_assert(!ldap_dialer_is_up(dialer, &err));
    ck_assert_int_eq(err.kind, ERR_UNAVAILABLE);
    run_for(1500); /* some pauses of the back-off */
    began = clock_monotonic_ms();
    ck_assert_ptr_nonnull(ask(&op, &second));
    ck_assert_int_eq(second.n_done, 0);
    ck_assert(run_until(&second.n_done, 1, WAIT_MS));
    ck_assert_int_eq(second.fate, LDAP_NOT_SENT);
    ck_assert_int_lt(second.at - began, TIMEOUT_MS / 2);
    op.lane = LDAP_LANE_BULK;
    ck_assert_ptr_nonnull(ask(&op, &bulk));
    ck_assert(run_until(&bulk.n_done, 1, WAIT_MS));
    ck_assert_int_eq(bulk.fate, LDAP_NOT_SENT);
    ck_assert_uint_ge(ldap_pool_stats(pool)->connect_failures, 3);
    ck_assert_uint_le(ldap_pool_stats(pool)->connect_failures, 8);
}
END_TEST

/* What `done` sends is taken or refused, never forgotten. */
typedef struct {
    ldap_op_t op;
    tally_t tally;
    int left;
} again_t;

static void
ask_again(void *arg, const ldap_reply_t *reply)
{
    again_t *again = arg;

    tally_done(&again->tally, reply);
    if (again->left-- > 0)
        ck_assert_ptr_nonnull(
            ldap_pool_send(pool, &again->op, mem, INT64_MAX, NULL, ask_again, again));
}

START_TEST(killed_server_is_dialled_until_it_is_back)
{
    ldap_op_t op = op_read();
    tally_t tally = {.n_done = 0};
    again_t again = {.op = op, .left = 3};

    ck_assert(recovers(WAIT_MS));
    slapd_signal(&slapd, SIGSTOP);
    ck_assert_ptr_nonnull(ask(&op, &tally));
    ck_assert_ptr_nonnull(ldap_pool_send(pool, &op, mem, INT64_MAX, NULL, ask_again, &again));
    run_for(50);
    slapd_signal(&slapd, SIGKILL);
    ck_assert(run_until(&tally.n_done, 1, WAIT_MS));
    ck_assert_int_eq(tally.fate, LDAP_UNKNOWN);
    ck_assert(run_until(&again.tally.n_done, 4, WAIT_MS));
    ck_assert_int_eq(again.tally.fate, LDAP_NOT_SENT);
    ck_assert(!ldap_pool_is_up(pool));
    slapd_restart(&slapd);
    ck_assert(recovers(WAIT_MS));
    ck_assert(ldap_pool_is_up(pool));
    ck_assert_uint_eq(ldap_pool_stats(pool)->lost, 1);
    ck_assert_uint_eq(ldap_pool_stats(pool)->connects, 2);
    slapd_signal(&slapd, SIGKILL); /* the next test knows the first process only */
}
END_TEST

static void
restart(void)
{
    slapd_restart(&slapd);
}

/* Two pools on one dialer, as two workers have, and one ends while its dial runs. */
START_TEST(pools_share_a_dialer)
{
    ldap_pool_t *first = pool;
    ldap_op_t op = op_read();
    tally_t tally = {.n_done = 0};

    ck_assert_ptr_nonnull(ask(&op, &tally));
    pool = new_pool(10);
    ck_assert_ptr_nonnull(ask(&op, &tally));
    for (int i = 0; i < 20; i++)
        ldap_pool_free(new_pool(10));
    ck_assert(run_until(&tally.n_done, 2, WAIT_MS));
    ck_assert_int_eq(tally.n_entries, 2);
    ldap_pool_free(first);
}
END_TEST

/* It takes connections and never says a word. */
START_TEST(dialer_is_freed_while_it_dials)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int mute = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char url[64];
    int64_t began;

    ck_assert_int_eq(bind(mute, (const struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(mute, 5), 0);
    ck_assert_int_eq(getsockname(mute, (struct sockaddr *)&address, &size), 0);
    snprintf(url, sizeof(url), "ldap://127.0.0.1:%d", ntohs(address.sin_port));
    ldap_pool_free(pool);
    ldap_dialer_free(dialer);
    new_dialer(url);
    pool = new_pool(10);
    run_for(100);
    began = clock_monotonic_ms();
    ldap_pool_free(pool);
    ldap_dialer_free(dialer);
    ck_assert_int_lt(clock_monotonic_ms() - began, 200);
    pool = NULL;
    dialer = NULL;
    close(mute); /* and so its dial */
    for (int i = 0; i < 500 && !ldap_dialers_have_ended(); i++)
        run_for(10);
    ck_assert(ldap_dialers_have_ended());
}
END_TEST

static Suite *
pool_suite(void)
{
    const TTest *const tests[] = {
        operations_wait_for_the_first_connection,
        too_many_are_not_taken,
        bulk_connection_comes_and_goes,
        cancelled_operations_are_silent,
        free_ends_what_is_outstanding,
        siblings_are_cancelled_while_the_connection_ends,
        frozen_server_costs_the_deadline_then_the_connection,
        answers_in_between_keep_the_connection,
        earlier_deadline_of_the_asker_counts,
        late_answer_to_a_write_is_told,
        pools_share_a_dialer,
        dialer_is_freed_while_it_dials,
    };
    Suite *suite = suite_create("pool");
    TCase *tcase = tcase_create("pool");
    TCase *nobody = tcase_create("nobody");
    TCase *killing = tcase_create("killing");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    tcase_set_timeout(nobody, 60);
    tcase_add_checked_fixture(nobody, setup_nobody, teardown);
    tcase_add_test(nobody, nobody_listening_is_told_at_once);
    suite_add_tcase(suite, nobody);
    tcase_set_timeout(killing, 60);
    tcase_add_unchecked_fixture(killing, NULL, restart);
    tcase_add_checked_fixture(killing, setup, teardown);
    tcase_add_test(killing, killed_server_is_dialled_until_it_is_back);
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
    failed = suite_run(pool_suite());
    slapd_wipe(&slapd);
    return failed;
}
