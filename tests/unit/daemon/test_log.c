/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static log_t is;
static int ends[2];

static void
setup(void)
{
    ck_assert_int_eq(pipe(ends), 0);
    log_init(&is, ends[1]);
}

static void
teardown(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* What was written, from " kind=" on: the time before it is nobody's to expect. */
static const char *
written(void)
{
    static char text[LOG_BUFFER * 2];
    ssize_t n;
    const char *at;

    log_flush(&is);
    n = read(ends[0], text, sizeof(text) - 1);
    ck_assert(n > 0);
    text[n] = '\0';
    at = strstr(text, " kind=");
    ck_assert_ptr_nonnull(at);
    return at + 1;
}

typedef struct {
    str_t value;
    const char *text;
} row_t;

static const row_t rows[] = {
    {STR_INIT("plain-1.2/{id}"), "kind=test key=plain-1.2/{id}\n"},
    {STR_INIT("two words"), "kind=test key=\"two words\"\n"},
    {STR_INIT(""), "kind=test\n"},
    {STR_INIT("say \"no\""), "kind=test key=\"say \\\"no\\\"\"\n"},
    {STR_INIT("back\\slash"), "kind=test key=\"back\\\\slash\"\n"},
    {STR_INIT("a=b"), "kind=test key=\"a=b\"\n"},
    {STR_INIT("forged\ntime=now level=info"),
     "kind=test key=\"forged\\x0atime=now level=info\"\n"},
    {STR_INIT("bell\x07\x1b[1m\x7f"), "kind=test key=\"bell\\x07\\x1b[1m\\x7f\"\n"},
    {STR_INIT("nul\0x"), "kind=test key=\"nul\\x00x\"\n"},
    {STR_INIT("\xc3\xa4"), "kind=test key=\"\xc3\xa4\"\n"},
    {STR_INIT("\xc2\x9b"
              "1m"),
     "kind=test key=\"\\xc2\\x9b1m\"\n"},
    {STR_INIT("\xff"), "kind=test key=\"\\xff\"\n"},
    {STR_INIT("cut \xc3"), "kind=test key=\"cut \\xc3\"\n"},
};

START_TEST(a_value)
{
    log_begin(&is, "info", "test");
    log_add(&is, "key", rows[_i].value);
    log_end(&is);
    ck_assert_str_eq(written(), rows[_i].text);
}
END_TEST

START_TEST(numbers)
{
    log_begin(&is, "info", "test");
    log_add_int(&is, "n", -5);
    log_add_us(&is, "ms", 1234567);
    log_add_c(&is, "none", NULL);
    log_end(&is);
    ck_assert_str_eq(written(), "kind=test n=-5 ms=1234.567\n");
}
END_TEST

/* However much is added, a line ends and the next one begins. */
START_TEST(long_lines)
{
    static char text[8000];
    const char *line;

    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 10; i++) {
        log_begin(&is, "info", "test");
        for (int k = 0; k < 10; k++)
            log_add(&is, "key", str_from(text, sizeof(text)));
        log_end(&is);
        log_flush(&is);
        line = written();
        ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
        ck_assert(strlen(line) < LOG_LINE_MAX);
    }
}
END_TEST

/* They gather, and none is lost when the buffer is full. */
START_TEST(many_lines)
{
    static char text[1 << 20];
    size_t n = 0, lines = 0;

    for (int i = 0; i < 400; i++) {
        log_begin(&is, "info", "test");
        log_add_int(&is, "i", i);
        log_end(&is);
    }
    log_flush(&is);
    close(ends[1]);
    for (ssize_t got; (got = read(ends[0], text + n, sizeof(text) - n)) > 0;)
        n += (size_t)got;
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    ck_assert_uint_eq(lines, 400);
}
END_TEST

/* --- a reader that does not read ------------------------------------------------------------ */

/* In a process of its own, as the log looks at standard error once. */
static void
become_standard_error(int fd)
{
    ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
    log_init(&is, STDERR_FILENO);
}

static void
say_many(int first, int last)
{
    static char text[900];

    memset(text, 'x', sizeof(text));
    for (int i = first; i < last; i++) {
        log_begin(&is, "info", "test");
        log_add(&is, "key", str_from(text, sizeof(text)));
        log_add_int(&is, "i", i);
        log_end(&is);
        log_flush(&is);
    }
}

/* Each line that came is whole, and they are in order. The last of the numbers. */
static int
check_lines(char *text, size_t *ret_lines)
{
    int last = -1, number;
    char *next;

    for (char *line = text; *line; line = next) {
        char *end = strchr(line, '\n');

        ck_assert_ptr_nonnull(end);
        *end = '\0';
        next = end + 1;
        ck_assert_int_eq(strncmp(line, "time=", 5), 0);
        ck_assert_ptr_null(strstr(line + 5, "time="));
        ck_assert_ptr_nonnull(strstr(line, " i="));
        number = (int)strtol(strstr(line, " i=") + 3, NULL, 10);
        ck_assert_int_gt(number, last);
        last = number;
        ++*ret_lines;
    }
    return last;
}

/* Take all, and flush until nothing more comes. */
static size_t
drain(int fd, char *text, size_t size)
{
    size_t n = 0;

    for (;;) {
        ssize_t got = recv(fd, text + n, size - n - 1, MSG_DONTWAIT);

        if (got < 0 && errno == ENOTSOCK)
            got = read(fd, text + n, size - n - 1);
        if (got > 0)
            n += (size_t)got;
        else if (is.n == 0)
            break;
        log_flush(&is);
    }
    text[n] = '\0';
    return n;
}

static void
check_nobody_reads(int out, int in)
{
    static char text[4 << 20];
    size_t lines = 0;

    become_standard_error(in);
    ck_assert_int_eq(fcntl(in, F_GETFL) & O_NONBLOCK, 0); /* others share it */
    say_many(0, 3000);
    ck_assert_uint_gt(log_lost(), 0);
    fcntl(out, F_SETFL, O_NONBLOCK);
    drain(out, text, sizeof(text));
    ck_assert_int_lt(check_lines(text, &lines), 3000);
    ck_assert_uint_eq(lines + log_lost(), 3000);
    say_many(3000, 3010);
    drain(out, text, sizeof(text));
    ck_assert_int_eq(check_lines(text, &lines), 3009);
    ck_assert_uint_eq(lines + log_lost(), 3010);
}

START_TEST(pipe_that_nobody_reads)
{
    int pair[2];

    ck_assert_int_eq(pipe(pair), 0);
    check_nobody_reads(pair[0], pair[1]);
}
END_TEST

START_TEST(socket_that_nobody_reads)
{
    int pair[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    check_nobody_reads(pair[0], pair[1]);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("log");
    TCase *tcase = tcase_create("log");
    TCase *full = tcase_create("full");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_value, 0, ARRAY_SIZE(rows));
    tcase_add_test(tcase, numbers);
    tcase_add_test(tcase, long_lines);
    tcase_add_test(tcase, many_lines);
    suite_add_tcase(suite, tcase);
    tcase_add_test(full, pipe_that_nobody_reads);
    tcase_add_test(full, socket_that_nobody_reads);
    suite_add_tcase(suite, full);
    runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_FORK);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
