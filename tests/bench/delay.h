/* SPDX-License-Identifier: Apache-2.0 */
/* bench/delay.h - a relay on loopback that hands every byte on late, in order: a network
 * between the bridge and its directory. */
#ifndef BENCH_DELAY_H
#define BENCH_DELAY_H

#include "base/macros.h"

#include <stdint.h>

/* Listen on a free port of loopback; returns the descriptor. */
int delay_listen(int *ret_port);

/* Relay from the listening socket to `port`, each way `delay_ns` late. For a process of its own:
 * ends only with it. */
NORETURN void delay_run(int listener, int port, int64_t delay_ns);

#endif
