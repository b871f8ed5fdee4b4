/* SPDX-License-Identifier: Apache-2.0 */
/* bench/process.h - programs that are started, and what /proc says of them. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Run to its end and take what it prints, with its standard error left alone. Returns the exit
 * status. */
int process_capture(char *const argv[], char *to, size_t size);
/* Start something that is killed when we die; its output goes nowhere. */
pid_t process_start(char *const argv[]);
/* SIGTERM; SIGKILL when it is not gone in time. Ours only. */
void process_end(pid_t pid);

/* The value after "KEY=" at a line's beginning; empty when there is none. */
void process_take(const char *text, const char *key, char *to, size_t size);

/* User and system time so far. */
int64_t process_cpu_us(pid_t pid);
/* "VmRSS" or "VmHWM" in KiB. */
long process_memory_kib(pid_t pid, const char *name);

#endif
