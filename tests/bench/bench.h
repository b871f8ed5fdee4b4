/* SPDX-License-Identifier: Apache-2.0 */
/* bench/bench.h - what the parts of the benchmark share.
 *
 * One process drives both sides: HTTP requests to the bridge, and the same LDAP operations
 * straight to the same directory server. Errors of the benchmark itself end the program with a
 * message; what it started is ended first. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Print, end what was started, exit. */
NORETURN void bench_die(const char *format, ...) PRINTF_LIKE(1, 2);

/* A signal or the time limit asks for the end. Loops look at it. */
bool bench_is_stopped(void);

/* Monotonic nanoseconds. */
int64_t bench_now_ns(void);

/* Like snprintf, but what does not fit ends the program. */
size_t bench_print(char *to, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
