/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/log.h - one line per event in logfmt: key=value, quoted where needed.
 *
 * A log belongs to one thread. Lines gather in its buffer and go out in one write; control
 * characters are escaped, so that nobody can forge a line. When standard error takes nothing, they
 * wait in the buffer, and when that is full they are lost: nobody waits for a reader. */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_LINE_MAX = 4096, LOG_BUFFER = 16384 };

typedef struct {
    int fd;
    size_t n;
    size_t line; /* where the line that is being made begins */
    bool begun;  /* the buffer begins with the rest of a line that is half out */
    char text[LOG_BUFFER];
} log_t;

void log_init(log_t *log, int fd);

/* A line: log_begin, then its keys, then log_end. */
void log_begin(log_t *log, const char *level, const char *what);
void log_add(log_t *log, const char *key, str_t value); /* nothing when empty */
void log_add_c(log_t *log, const char *key, const char *value);
void log_add_int(log_t *log, const char *key, int64_t value);
/* Microseconds, written as milliseconds. */
void log_add_us(log_t *log, const char *key, int64_t us);
void log_end(log_t *log);

/* Write what has gathered, as far as it is taken. */
void log_flush(log_t *log);

/* A whole line, written at once. */
void log_say(log_t *log, const char *level, const char *what, const char *key,
             const char *value);

/* Lines lost in the whole process. From any thread. */
uint64_t log_lost(void);

#endif
