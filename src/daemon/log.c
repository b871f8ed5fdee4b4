/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

void
log_init(log_t *log, int fd)
{
    log->fd = fd;
    log->n = log->line = 0;
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

void
log_begin(log_t *log, const char *level, const char *what)
{
    if (log->n + LOG_LINE_MAX > sizeof(log->text))
        log_flush(log);
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

/* A log that nobody takes must not stop the bridge: what cannot be written is lost. */
void
log_flush(log_t *log)
{
    size_t at = 0;

    while (at < log->n) {
        ssize_t n = write(log->fd, log->text + at, log->n - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    log->n = log->line = 0;
}

void
log_say(log_t *log, const char *level, const char *what, const char *key, const char *value)
{
    log_begin(log, level, what);
    log_add_c(log, key, value);
    log_end(log);
    log_flush(log);
}
