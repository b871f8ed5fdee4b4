/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection trusts, against a slapd whose certificate changes. */
#include "ldap/conn.h"

#include "base/clock.h"
#include "support/leaks.h"
#include "support/slapd.h"
#include "support/suite_run.h"

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 10000 };

static slapd_t slapd;
static arena_t *mem;

static str_t
path_of(const char *name, const char *suffix)
{
    return str_printf(mem, "%s/%s.%s", slapd.dir, name, suffix);
}

/* A certificate of its own authority, valid for one name. */
static bool
make_certificate(const char *name, const char *subject_alt_name)
{
    str_t key = path_of(name, "key"), cert = path_of(name, "crt");
    str_t san = str_printf(mem, "subjectAltName=%s", subject_alt_name);
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        execlp("openssl", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key.p, "-out", cert.p,
               "-days", "2", "-subj", "/CN=test", "-addext", san.p, (char *)NULL);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

/* Over the local socket the owner of the directory may change the configuration. */
static void
serve_certificate(const char *name)
{
    ldap_settings_t settings = {.url = slapd.ldapi, .connect_timeout_ms = 3000};
    ldap_mods_t mods = {NULL, 0, 0};
    err_t err = ERR_INIT;
    ldap_conn_t *conn = ldap_conn_open(&settings, &err);
    ldap_reply_t reply;
    ldap_op_t op;

    ck_assert_msg(conn != NULL, "%s", err.detail);
    ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_REPLACE, STR("olcTLSCertificateFile"),
                        path_of(name, "crt"));
    ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_REPLACE, STR("olcTLSCertificateKeyFile"),
                        path_of(name, "key"));
    op = (ldap_op_t){
        .kind = LDAP_OP_MODIFY, .dn = STR("cn=config"), .u.modify = {mods.mods, mods.n}};
    ldap_conn_perform(conn, &op, mem, WAIT_MS, &reply);
    ck_assert_int_eq(reply.fate, LDAP_ANSWERED);
    ck_assert_msg(reply.code == LDAP_RC_SUCCESS, "%.*s", STR_ARG(reply.diagnostic));
    ldap_conn_close(conn);
}

static ldap_conn_t *
open_trusting(const char *name, const char *priority, err_t *err)
{
    str_t ca = path_of(name, "crt");
    ldap_settings_t settings = {.url = slapd.url,
                                .bind_dn = slapd.bind_dn,
                                .password_file = slapd.password_file,
                                .start_tls = true,
                                .ca_file = ca.p,
                                .tls_priority = priority,
                                .connect_timeout_ms = 3000};

    return ldap_conn_open(&settings, err);
}

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    ck_assert(make_certificate("good", "IP:127.0.0.1"));
    ck_assert(make_certificate("other", "DNS:other.example"));
}

static void
teardown(void)
{
    static const char *const names[] = {"good.crt", "good.key", "other.crt", "other.key"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        unlink(str_printf(mem, "%s/%s", slapd.dir, names[i]).p);
    arena_free(mem);
}

START_TEST(certificates)
{
    static const struct {
        const char *name, *served, *trusted, *priority;
        err_kind_t kind;
    } rows[] = {
        {"as it should be", "good", "good", NULL, ERR_NONE},
        {"again, from the kept context", "good", "good", NULL, ERR_NONE},
        {"unknown authority", "good", "other", NULL, ERR_CONFIG},
        {"another name", "other", "other", NULL, ERR_CONFIG},
        {"TLS 1.2", "good", "good", "NORMAL:-VERS-ALL:+VERS-TLS1.2", ERR_NONE},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        err_t err = ERR_INIT;
        ldap_conn_t *conn;

        serve_certificate(rows[i].served);
        conn = open_trusting(rows[i].trusted, rows[i].priority, &err);
        ck_assert_msg((conn != NULL) == (rows[i].kind == ERR_NONE), "%s: %s", rows[i].name,
                      err.detail);
        ck_assert_msg(err.kind == rows[i].kind, "%s: %s", rows[i].name, err.detail);
        ldap_conn_close(conn);
    }
}
END_TEST

static void
count_done(void *arg, const ldap_reply_t *reply)
{
    ck_assert_int_eq(reply->fate, LDAP_ANSWERED);
    ck_assert_uint_gt(reply->n_entries, 5);
    ++*(int *)arg;
}

/* Records of TLS, reads of the socket and messages of LDAP have different ends: none is left
 * lying in a buffer. */
START_TEST(many_answers_over_tls)
{
    enum { N = 300 };
    static const str_t all_names[] = {STR_INIT("*"), STR_INIT("+")};
    ldap_op_t op = {.kind = LDAP_OP_SEARCH,
                    .dn = str_from_c(slapd.base),
                    .u.search = {.depth = LDAP_DEPTH_SUB, .attrs = {all_names, 2}}};
    int64_t until = clock_monotonic_ms() + WAIT_MS;
    err_t err = ERR_INIT;
    bool more = true;
    int n_done = 0;
    ldap_conn_t *conn;

    serve_certificate("good");
    conn = open_trusting("good", NULL, &err);
    ck_assert_msg(conn != NULL, "%s", err.detail);
    for (int i = 0; i < N; i++)
        ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, count_done, &n_done));
    while (n_done < N && clock_monotonic_ms() < until) {
        struct pollfd pollfd = {.fd = ldap_conn_fd(conn), .events = POLLIN};

        ck_assert(ldap_conn_write(conn));
        if (ldap_conn_wants_write(conn))
            pollfd.events |= POLLOUT;
        if (!more) /* a minute: what was left lying would not be found in time */
            (void)poll(&pollfd, 1, 60000);
        ck_assert(ldap_conn_read(conn, 7, &more));
    }
    ck_assert_int_eq(n_done, N);
    ldap_conn_close(conn);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("tls");
    TCase *tcase = tcase_create("tls");
    int failed;

    if (!slapd_is_installed())
        return 77;
    ldap_conn_setup();
    slapd_start(&slapd);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, certificates);
    tcase_add_test(tcase, many_answers_over_tls);
    suite_add_tcase(suite, tcase);
    failed = suite_run(suite);
    slapd_wipe(&slapd);
    return failed;
}
