/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a connection: what is refused, why, and how soon. */
#include "ldap/handle.h"

#include "base/clock.h"
#include "support/leaks.h"
#include "support/slapd.h"
#include "support/suite_run.h"

#include <arpa/inet.h>
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static slapd_t slapd;
static arena_t *mem;
static err_t err;

static ldap_settings_t
settings_of_slapd(void)
{
    return (ldap_settings_t){.url = slapd.url,
                             .bind_dn = slapd.bind_dn,
                             .password_file = slapd.password_file,
                             .connect_timeout_ms = 5000};
}

static void
setup(void)
{
    slapd_signal(&slapd, SIGCONT); /* after a test that failed half-way */
    err = (err_t)ERR_INIT;
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
    mem = NULL;
}

static const char *
password_file(const char *text, mode_t mode)
{
    str_t path = str_printf(mem, "%s/test-password-%d", slapd.dir, (int)getpid());
    FILE *file = fopen(path.p, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(chmod(path.p, mode), 0);
    return path.p;
}

static void
expect_refusal(const char *name, const ldap_settings_t *settings, err_kind_t kind,
               const char *detail)
{
    err_t why = ERR_INIT;
    ldap_conn_t *opened = ldap_conn_open(settings, &why);

    ck_assert_msg(!opened, "%s: opened", name);
    ck_assert_msg(why.kind == kind, "%s: %d %s", name, (int)why.kind, why.detail);
    ck_assert_msg(strstr(why.detail, detail) != NULL, "%s: %s", name, why.detail);
    ck_assert_msg(strstr(why.detail, "s3cret") == NULL, "%s: %s", name, why.detail);
}

START_TEST(credentials_that_are_refused)
{
    static const struct {
        const char *name, *text;
        mode_t mode;
        const char *detail;
    } rows[] = {
        {"wrong", "s3cret", 0600, "Invalid credentials"},
        {"group may read", "s3cret", 0640, "open to group"},
        {"others may read", "s3cret", 0604, "open to group"},
        {"empty", "", 0600, "empty"},
        {"only a line end", "\n", 0600, "empty"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        ldap_settings_t settings = settings_of_slapd();

        settings.password_file = password_file(rows[i].text, rows[i].mode);
        expect_refusal(rows[i].name, &settings, ERR_CONFIG, rows[i].detail);
        unlink(settings.password_file);
    }
}
END_TEST

START_TEST(settings_that_are_refused)
{
    ldap_settings_t settings = settings_of_slapd();

    settings.password_file = "/nonexistent/password";
    expect_refusal("no file", &settings, ERR_CONFIG, "/nonexistent/password");
    settings.password_file = slapd.dir;
    expect_refusal("a directory", &settings, ERR_CONFIG, "");
    settings.password_file = NULL;
    expect_refusal("no password", &settings, ERR_CONFIG, "without a password");
    settings.bind_dn = NULL;
    expect_refusal("no bind DN", &settings, ERR_CONFIG, "no bind DN");
    settings = settings_of_slapd();
    settings.url = "http://127.0.0.1/";
    expect_refusal("not LDAP", &settings, ERR_CONFIG, "not an LDAP URL");
    settings = settings_of_slapd();
    settings.start_tls = true;
    settings.ca_file = "/dev/null"; /* a bare system has none of its own */
    expect_refusal("no TLS there", &settings, ERR_CONFIG, "StartTLS");
    settings.ca_file = "/nonexistent/ca.pem";
    expect_refusal("no CA file", &settings, ERR_CONFIG, "/nonexistent/ca.pem");
    settings = settings_of_slapd();
    settings.start_tls = true;
    settings.ca_file = "/dev/null";
    settings.tls_priority = "NONSENSE";
    expect_refusal("priority", &settings, ERR_CONFIG, "NONSENSE");
}
END_TEST

START_TEST(password_file_may_end_in_a_line_end)
{
    ldap_settings_t settings = settings_of_slapd();
    char text[256] = "";
    FILE *file = fopen(slapd.password_file, "r");
    ldap_conn_t *opened;

    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(text, sizeof(text) - 2, file));
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
    settings.password_file = password_file(str_printf(mem, "%s\n", text).p, 0600);
    opened = ldap_conn_open(&settings, &err);
    ck_assert_msg(opened != NULL, "%s", err.detail);
    ldap_conn_close(opened);
    unlink(settings.password_file);
}
END_TEST

START_TEST(socket_bind_is_external)
{
    ldap_settings_t settings = {.url = slapd.ldapi, .connect_timeout_ms = 2000};
    ldap_op_t op = {.kind = LDAP_OP_SEARCH,
                    .dn = str_from_c(slapd.base),
                    .u.search = {.depth = LDAP_DEPTH_BASE}};
    ldap_conn_t *opened = ldap_conn_open(&settings, &err);
    ldap_reply_t reply;

    ck_assert_msg(opened != NULL, "%s", err.detail);
    ldap_conn_perform(opened, &op, mem, 5000, &reply);
    ck_assert_int_eq(reply.code, LDAP_RC_SUCCESS);
    ck_assert_uint_eq(reply.n_entries, 1);
    ldap_conn_close(opened);
}
END_TEST

/* An address of this host that is not loopback, or empty. */
static str_t
outer_address(void)
{
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in own = {0};
    socklen_t size = sizeof(own);
    char text[INET_ADDRSTRLEN] = "";
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    /* Connecting a datagram socket sends nothing; it only asks the routing table. */
    inet_pton(AF_INET, "192.0.2.1", &far.sin_addr);
    if (connect(fd, (struct sockaddr *)&far, sizeof(far)) == 0 &&
        getsockname(fd, (struct sockaddr *)&own, &size) == 0)
        inet_ntop(AF_INET, &own.sin_addr, text, sizeof(text));
    close(fd);
    return str_dup(mem, str_from_c(text));
}

START_TEST(clear_password_stays_on_loopback)
{
    str_t address = outer_address();
    struct sockaddr_in own = {.sin_family = AF_INET};
    ldap_settings_t settings = settings_of_slapd();
    socklen_t size = sizeof(own);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (str_is_empty(address) || str_starts_with(address, STR("127."))) {
        close(fd);
        return;
    }
    inet_pton(AF_INET, address.p, &own.sin_addr);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
    ck_assert_int_eq(listen(fd, 4), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&own, &size), 0);
    settings.url = str_printf(mem, "ldap://%s:%d", address.p, ntohs(own.sin_port)).p;
    expect_refusal("clear", &settings, ERR_CONFIG, "clear text");
    /* Allowed, it is sent, and this server never answers. */
    settings.clear_allowed = true;
    settings.connect_timeout_ms = 300;
    expect_refusal("allowed", &settings, ERR_UNAVAILABLE, "no answer in time");
    close(fd);
}
END_TEST

START_TEST(nobody_listening_is_told_fast)
{
    ldap_settings_t settings = settings_of_slapd();
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(own);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int64_t began = clock_monotonic_ms();

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&own, &size), 0);
    settings.url = str_printf(mem, "ldap://127.0.0.1:%d", ntohs(own.sin_port)).p;
    expect_refusal("refused", &settings, ERR_UNAVAILABLE, settings.url);
    ck_assert_int_lt(clock_monotonic_ms() - began, 3000);
    close(fd);
}
END_TEST

START_TEST(frozen_server_is_given_up)
{
    ldap_settings_t settings = settings_of_slapd();
    int64_t began = clock_monotonic_ms();

    settings.connect_timeout_ms = 500;
    slapd_signal(&slapd, SIGSTOP);
    expect_refusal("frozen", &settings, ERR_UNAVAILABLE, "no answer in time");
    slapd_signal(&slapd, SIGCONT);
    ck_assert_int_lt(clock_monotonic_ms() - began, 5000);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        credentials_that_are_refused,        settings_that_are_refused,
        password_file_may_end_in_a_line_end, socket_bind_is_external,
        clear_password_stays_on_loopback,    nobody_listening_is_told_fast,
        frozen_server_is_given_up,
    };
    Suite *suite = suite_create("handle");
    TCase *tcase = tcase_create("handle");
    int failed;

    if (!slapd_is_installed())
        return 77;
    ldap_conn_setup();
    slapd_start(&slapd);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    failed = suite_run(suite);
    slapd_wipe(&slapd);
    return failed;
}
