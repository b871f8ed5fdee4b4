/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- standard error ----------------------------------------------------------------------- */

/* Others may have the same open file, so it is not made non-blocking, but opened once more. */
static struct {
    int fd;
    bool is_pipe, is_socket, may_block;
} standard_error = {.fd = STDERR_FILENO};

static pthread_once_t looked = PTHREAD_ONCE_INIT;
static _Atomic uint64_t lost_lines;

static void
look_at_standard_error(void)
{
    struct stat is;
    int fd;

    if (fstat(STDERR_FILENO, &is) != 0)
        return;
    standard_error.is_socket = S_ISSOCK(is.st_mode);
    standard_error.is_pipe = S_ISFIFO(is.st_mode);
    if (!S_ISFIFO(is.st_mode) && !S_ISCHR(is.st_mode))
        return;
    fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_APPEND | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        standard_error.fd = fd;
    else
        standard_error.may_block = true; /* another user's: then it is asked first */
}

static bool
is_writable(int fd)
{
    struct pollfd pollfd = {.fd = fd, .events = POLLOUT};

    return poll(&pollfd, 1, 0) == 1;
}

/* As write(2), but of standard error only what it takes at once. */
static ssize_t
write_at_once(int fd, const char *bytes, size_t n)
{
    if (fd != STDERR_FILENO)
        return write(fd, bytes, n);
    if (standard_error.is_socket)
        return send(fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (standard_error.may_block && !is_writable(fd))
        return 0;
    return write(standard_error.fd, bytes, n);
}

uint64_t
log_lost(void)
{
    return atomic_load_explicit(&lost_lines, memory_order_relaxed);
}

/* --- lines -------------------------------------------------------------------------------- */

void
log_init(log_t *log, int fd)
{
    (void)pthread_once(&looked, look_at_standard_error);
    log->fd = fd;
    log->n = log->line = 0;
    log->begun = false;
}

/* What no longer fits in the line is left out; room for the line's end stays. */
static void
put(log_t *log, const char *bytes, size_t n)
{
    if (log->n - log->line + n < LOG_LINE_MAX - 1 && log->n + n < sizeof(log->text) - 1) {
        memcpy(log->text + log->n, bytes, n);
        log->n += n;
    }
}

static void
put_c(log_t *log, const char *text)
{
    put(log, text, strlen(text));
}

static void
put_time(log_t *log)
{
    struct timespec now;
    struct tm tm;
    char text[64];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    snprintf(text, sizeof(text), "time=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
             now.tv_nsec / 1000000);
    put_c(log, text);
}

static bool
is_plain(str_t value)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];

        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
            return false;
    }
    return true;
}

/* A terminal shows what is left of U+0080 to U+009F as control characters too. */
static void
put_quoted(log_t *log, str_t value)
{
    char escape[8];

    put(log, "\"", 1);
    for (size_t i = 0; i < value.n;) {
        size_t length = str_utf8_length(str_skip(value, i));
        unsigned char c = (unsigned char)value.p[i];

        if (c == '"' || c == '\\') {
            snprintf(escape, sizeof(escape), "\\%c", c);
            put_c(log, escape);
        } else if (c < ' ' || c == 0x7f || length == 0 ||
                   (c == 0xc2 && (unsigned char)value.p[i + 1] < 0xa0)) {
            snprintf(escape, sizeof(escape), "\\x%02x", c);
            put_c(log, escape);
            length = 1;
        } else {
            put(log, value.p + i, length);
        }
        i += length;
    }
    put(log, "\"", 1);
}

static void
put_key(log_t *log, const char *key)
{
    put(log, " ", 1);
    put_c(log, key);
    put(log, "=", 1);
}

/* From `at` to behind the line's end. */
static size_t
line_length(const log_t *log, size_t at)
{
    const char *end = memchr(log->text + at, '\n', log->n - at);

    return end ? (size_t)(end - (log->text + at)) + 1 : log->n - at;
}

/* A log that nobody takes must not stop the bridge: lines that have waited until there is no more
 * room are lost, but for the rest of one that has been begun. */
static void
make_room(log_t *log)
{
    size_t kept;

    log_flush(log);
    if (log->n + LOG_LINE_MAX <= sizeof(log->text))
        return;
    kept = log->begun ? line_length(log, 0) : 0;
    for (size_t at = kept; at < log->n; at += line_length(log, at))
        atomic_fetch_add_explicit(&lost_lines, 1, memory_order_relaxed);
    log->n = kept;
}

void
log_begin(log_t *log, const char *level, const char *what)
{
    if (log->n + LOG_LINE_MAX > sizeof(log->text))
        make_room(log);
    log->line = log->n;
    put_time(log);
    put_key(log, "level");
    put_c(log, level);
    put_key(log, "kind");
    put_c(log, what);
}

void
log_add(log_t *log, const char *key, str_t value)
{
    size_t most = LOG_LINE_MAX / 4;

    if (value.n == 0)
        return;
    put_key(log, key);
    value = str_slice(value, 0, value.n < most ? value.n : most);
    if (is_plain(value))
        put(log, value.p, value.n);
    else
        put_quoted(log, value);
}

void
log_add_c(log_t *log, const char *key, const char *value)
{
    log_add(log, key, str_from_c(value));
}

void
log_add_int(log_t *log, const char *key, int64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", (long long)value);
    put_key(log, key);
    put_c(log, text);
}

void
log_add_us(log_t *log, const char *key, int64_t us)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld.%03lld", (long long)us / 1000, (long long)us % 1000);
    put_key(log, key);
    put_c(log, text);
}

void
log_end(log_t *log)
{
    log->text[log->n++] = '\n';
    log->line = log->n;
}

/* A pipe takes so much as a whole or not at all, so that lines of several threads do not mix. */
static size_t
piece_length(const log_t *log, size_t at)
{
    size_t n = line_length(log, at);

    if (log->fd != STDERR_FILENO || !standard_error.is_pipe)
        return log->n - at;
    while (at + n < log->n && n + line_length(log, at + n) <= PIPE_BUF)
        n += line_length(log, at + n);
    return n;
}

void
log_flush(log_t *log)
{
    size_t at = 0;

    while (at < log->n) {
        ssize_t n = write_at_once(log->fd, log->text + at, piece_length(log, at));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    if (at > 0)
        log->begun = log->text[at - 1] != '\n';
    memmove(log->text, log->text + at, log->n - at);
    log->n -= at;
    log->line = log->n;
}

void
log_say(log_t *log, const char *level, const char *what, const char *key, const char *value)
{
    log_begin(log, level, what);
    log_add_c(log, key, value);
    log_end(log);
    log_flush(log);
}
