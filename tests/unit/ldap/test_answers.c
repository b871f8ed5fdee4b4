/* SPDX-License-Identifier: Apache-2.0 */
/* What a server may answer: bytes that are no LDAP, answers to questions that nobody asked, and
 * half of an answer. The server is a thread that binds anybody and then says what the test has. */
#include "ldap/conn.h"

#include "base/clock.h"
#include "support/leaks.h"
#include "support/suite_run.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 5000, QUIET_MS = 50 };

/* LDAP messages. The bind is message 1; after it a test sends a search as 2 and a modify as 3. */
#define BYTES(literal)               \
    {                                \
        literal, sizeof(literal) - 1 \
    }
#define RESULT "\x0a\x01\x00\x04\x00\x04\x00"
#define BOUND "\x30\x0c\x02\x01\x01\x61\x07" RESULT
#define ENTRY "\x30\x0c\x02\x01\x02\x64\x07\x04\x03o=x\x30\x00"
#define FOUND "\x30\x0c\x02\x01\x02\x65\x07" RESULT
#define MODIFIED "\x30\x0c\x02\x01\x03\x67\x07" RESULT

#define HTTP                                                      \
    "HTTP/1.1 400 Bad Request\r\nServer: no directory at all\r\n" \
    "Content-Type: text/html; charset=utf-8\r\n\r\n"

static arena_t *mem;

/* --- the server ----------------------------------------------------------------------------- */

typedef struct {
    int listener, fd;
    str_t greeting; /* what it answers to the first request */
    pthread_t thread;
    str_t url;
} server_t;

static void *
greet(void *arg)
{
    server_t *server = arg;
    char request[512];

    server->fd = accept(server->listener, NULL, NULL);
    if (server->fd >= 0 && recv(server->fd, request, sizeof(request), 0) > 0)
        (void)!write(server->fd, server->greeting.p, server->greeting.n);
    return NULL;
}

static void
server_start(server_t *server, str_t greeting)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(own);

    *server = (server_t){.listener = socket(AF_INET, SOCK_STREAM, 0), .greeting = greeting};
    ck_assert_int_eq(bind(server->listener, (struct sockaddr *)&own, sizeof(own)), 0);
    ck_assert_int_eq(listen(server->listener, 1), 0);
    ck_assert_int_eq(getsockname(server->listener, (struct sockaddr *)&own, &size), 0);
    server->url = str_printf(mem, "ldap://127.0.0.1:%d", ntohs(own.sin_port));
    ck_assert_int_eq(pthread_create(&server->thread, NULL, greet, server), 0);
}

static void
server_say(const server_t *server, str_t bytes)
{
    ck_assert_int_eq(write(server->fd, bytes.p, bytes.n), (ssize_t)bytes.n);
}

static void
server_stop(server_t *server)
{
    close(server->fd);
    close(server->listener);
}

static ldap_conn_t *
open_with(server_t *server, str_t greeting, bool start_tls, err_t *err)
{
    ldap_settings_t settings = {
        .bind_dn = "", .start_tls = start_tls, .connect_timeout_ms = WAIT_MS};
    const char *top = getenv("top_srcdir");
    ldap_conn_t *conn;

    /* A machine may trust nobody. */
    settings.ca_file = str_printf(mem, "%s/tests/data/tls/authority.pem", top ? top : ".").p;
    server_start(server, greeting);
    settings.url = server->url.p;
    conn = ldap_conn_open(&settings, err);
    pthread_join(server->thread, NULL);
    return conn;
}

/* --- the client ----------------------------------------------------------------------------- */

typedef struct {
    bool done, late;
    ldap_fate_t fate;
    size_t n_entries;
} outcome_t;

static void
note(void *arg, const ldap_reply_t *reply)
{
    outcome_t *outcome = arg;

    ck_assert(!outcome->done);
    *outcome = (outcome_t){.done = true, .fate = reply->fate, .n_entries = reply->n_entries};
}

static void
note_late(void *arg, int code)
{
    outcome_t *outcome = arg;

    ck_assert_int_eq(code, LDAP_RC_SUCCESS);
    outcome->late = true;
}

static ldap_call_t *
ask(ldap_conn_t *conn, const ldap_op_t *op, outcome_t *outcome)
{
    ldap_call_t *call = ldap_conn_send(conn, op, mem, NULL, note, outcome);

    ck_assert_ptr_nonnull(call);
    ck_assert(ldap_conn_write(conn));
    return call;
}

static ldap_op_t
search(void)
{
    return (ldap_op_t){.kind = LDAP_OP_SEARCH, .dn = STR("o=x")};
}

static ldap_op_t
modify(void)
{
    ldap_mods_t *mods = arena_new_of(mem, ldap_mods_t);

    ldap_mods_add_value(mem, mods, LDAP_MOD_OP_REPLACE, STR("cn"), STR("x"));
    return (ldap_op_t){
        .kind = LDAP_OP_MODIFY, .dn = STR("o=x"), .u.modify = {mods->mods, mods->n}};
}

/* Read until it is quiet. false: the connection is lost. */
static bool
listen_to(ldap_conn_t *conn)
{
    struct pollfd pollfd = {.fd = ldap_conn_fd(conn), .events = POLLIN};
    bool more = true;

    while (more || poll(&pollfd, 1, QUIET_MS) > 0) {
        if (!ldap_conn_read(conn, 10, &more))
            return false;
    }
    return true;
}

/* --- the tests ------------------------------------------------------------------------------ */

/* How it ends: both are answered, the search perhaps with its entry; or the connection is lost,
 * CUT after the server has closed its half. */
typedef enum { ANSWERED, WITH_ENTRY, LOST, CUT } way_t;

typedef struct {
    const char *name;
    struct {
        const char *p;
        size_t n;
    } first, second; /* said one after the other, with a pause in between */
    way_t way;
} answer_t;

static const answer_t answers[] = {
    {"both, in another order", BYTES(MODIFIED), BYTES(ENTRY FOUND), WITH_ENTRY},
    {"cut, and the rest later", BYTES(MODIFIED "\x30\x0c\x02\x01"),
     BYTES("\x02\x65\x07" RESULT), ANSWERED},
    {"cut in its length", BYTES("\x30"), BYTES("\x0c\x02\x01\x02\x65\x07" RESULT MODIFIED),
     ANSWERED},
    {"to a message that was never sent", BYTES("\x30\x0c\x02\x01\x63\x65\x07" RESULT),
     BYTES(FOUND MODIFIED), ANSWERED},
    {"an entry for one", BYTES("\x30\x0c\x02\x01\x63\x64\x07\x04\x03o=x\x30\x00"),
     BYTES(FOUND MODIFIED), ANSWERED},
    {"twice", BYTES(FOUND FOUND), BYTES(MODIFIED MODIFIED), ANSWERED},
    {"an entry after the end", BYTES(FOUND ENTRY), BYTES(MODIFIED), ANSWERED},
    {"a reference and an intermediate response on the way",
     BYTES("\x30\x0a\x02\x01\x02\x73\x05\x04\x03l:/\x30\x05\x02\x01\x02\x79\x00"),
     BYTES(ENTRY FOUND MODIFIED), WITH_ENTRY},
    {"a notification of success", BYTES("\x30\x0c\x02\x01\x00\x78\x07" RESULT),
     BYTES(FOUND MODIFIED), ANSWERED},
    {"nothing, and hangs up", BYTES(""), BYTES(""), CUT},
    {"cut, and hangs up", BYTES("\x30\x0c\x02\x01\x02\x65"), BYTES(""), CUT},
    {"HTTP", BYTES(HTTP), BYTES(""), LOST},
    {"zeros", BYTES("\0\0\0\0\0\0\0\0\0\0\0\0"), BYTES(""), LOST},
    {"a length of 4 GB", BYTES("\x30\x84\xff\xff\xff\xff\x02\x01\x02"), BYTES(""), LOST},
    {"a length of 1 GB", BYTES("\x30\x84\x40\x00\x00\x00\x02\x01\x02"), BYTES(""), LOST},
    {"no message id", BYTES("\x30\x02\x04\x00"), BYTES(""), LOST},
    {"an entry that ends early", BYTES("\x30\x0c\x02\x01\x02\x64\x07\x04\x7fo=x\x30\x00"),
     BYTES(""), LOST},
    {"a modify for the search", BYTES("\x30\x0c\x02\x01\x02\x67\x07" RESULT), BYTES(""), LOST},
    {"an entry for the modify", BYTES("\x30\x0c\x02\x01\x03\x64\x07\x04\x03o=x\x30\x00"),
     BYTES(""), LOST},
    {"an extended response without a name",
     BYTES("\x30\x0e\x02\x01\x02\x78\x09" RESULT "\x8a\x00"), BYTES(""), LOST},
    {"notice of disconnection",
     BYTES("\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x34\x04\x00\x04\x00\x8a\x16"
           "1.3.6.1.4.1.1466.20036"),
     BYTES(""), LOST},
    {"notice of disconnection without its name",
     BYTES("\x30\x0e\x02\x01\x00\x78\x09\x0a\x01\x34\x04\x00\x04\x00\x8a\x00"), BYTES(""),
     LOST},
    {"a notification that is none", BYTES("\x30\x0c\x02\x01\x00\x65\x07" RESULT),
     BYTES(FOUND MODIFIED), ANSWERED},
};

/* What is lost was sent, so nobody knows whether it was done. */
static void
check_outcome(const answer_t *row, const char *what, const outcome_t *outcome, size_t n_entries)
{
    ldap_fate_t fate = row->way >= LOST ? LDAP_UNKNOWN : LDAP_ANSWERED;

    ck_assert_msg(outcome->done, "%s: the %s has no end", row->name, what);
    ck_assert_msg(outcome->fate == fate, "%s: the %s ends with %d", row->name, what,
                  (int)outcome->fate);
    ck_assert_msg(outcome->n_entries == n_entries, "%s: the %s has %zu entries", row->name,
                  what, outcome->n_entries);
}

START_TEST(answer)
{
    const answer_t *row = &answers[_i];
    outcome_t found = {.done = false}, modified = {.done = false};
    ldap_op_t first = search(), second = modify();
    server_t server;
    err_t err = ERR_INIT;
    ldap_conn_t *conn = open_with(&server, STR(BOUND), false, &err);
    bool alive;

    ck_assert_msg(conn != NULL, "%s: %s", row->name, err.detail);
    ask(conn, &first, &found);
    ask(conn, &second, &modified);
    server_say(&server, str_from(row->first.p, row->first.n));
    if (row->way == CUT)
        ck_assert_int_eq(shutdown(server.fd, SHUT_WR), 0);
    alive = listen_to(conn);
    if (alive && row->second.n > 0) {
        server_say(&server, str_from(row->second.p, row->second.n));
        alive = listen_to(conn);
    }
    ck_assert_msg(alive == (row->way < LOST), "%s: the connection is %s", row->name,
                  alive ? "alive" : "lost");
    ldap_conn_close(conn);
    server_stop(&server);
    check_outcome(row, "search", &found, row->way == WITH_ENTRY);
    check_outcome(row, "modify", &modified, 0);
}
END_TEST

START_TEST(forgotten_write_has_no_entries)
{
    outcome_t outcome = {.done = false};
    ldap_op_t op = modify();
    server_t server;
    err_t err = ERR_INIT;
    ldap_conn_t *conn = open_with(&server, STR(BOUND), false, &err);

    ck_assert_msg(conn != NULL, "%s", err.detail);
    ldap_conn_forget(conn, ask(conn, &op, &outcome), note_late, &outcome);
    server_say(&server, STR(ENTRY)); /* for message 2, which it is */
    ck_assert(!listen_to(conn));
    ldap_conn_close(conn);
    server_stop(&server);
    ck_assert(!outcome.done && !outcome.late);
}
END_TEST

/* --- greetings ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    struct {
        const char *p;
        size_t n;
    } bytes;
    bool start_tls;
    const char *detail;
} greetings[] = {
    {"bind: HTTP", BYTES(HTTP), false, "bind failed"},
    {"bind: refused", BYTES("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00"), false,
     "Invalid credentials"},
    {"StartTLS: HTTP", BYTES(HTTP), true, "StartTLS failed"},
    {"StartTLS: refused", BYTES("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00"),
     true, "StartTLS failed: Protocol error"},
    {"StartTLS: a response without a name",
     BYTES("\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x34\x04\x00\x04\x00\x8a\x00"), true,
     "StartTLS failed"},
};

START_TEST(greeting)
{
    server_t server;
    err_t err = ERR_INIT;
    str_t bytes = str_from(greetings[_i].bytes.p, greetings[_i].bytes.n);

    ck_assert_msg(!open_with(&server, bytes, greetings[_i].start_tls, &err), "%s: opened",
                  greetings[_i].name);
    ck_assert_msg(strstr(err.detail, greetings[_i].detail) != NULL, "%s: %s",
                  greetings[_i].name, err.detail);
    server_stop(&server);
}
END_TEST

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
}

int
main(void)
{
    Suite *suite = suite_create("answers");
    TCase *tcase = tcase_create("answers");

    ldap_conn_setup();
    tcase_set_timeout(tcase, 30);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, answer, 0, (int)ARRAY_SIZE(answers));
    tcase_add_test(tcase, forgotten_write_has_no_entries);
    tcase_add_loop_test(tcase, greeting, 0, (int)ARRAY_SIZE(greetings));
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
