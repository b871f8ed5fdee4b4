/* SPDX-License-Identifier: Apache-2.0 */
/* cli/check/probe.h - what the time that searches take tells of an index. */
#ifndef CLI_CHECK_PROBE_H
#define CLI_CHECK_PROBE_H

#include "base/macros.h"

#include <stdbool.h>
#include <stdint.h>

enum { PROBE_TRIES = 3, PROBE_SLOW_US = 4000 };

/* Microseconds that it took to find that nobody has a value, and to read one entry, which tells the way to the
 * server. */
typedef struct {
    int64_t look_up_us[PROBE_TRIES], read_us[PROBE_TRIES];
} probe_t;

/* Whether the look-up took so much longer than the reading, *ret_us, as only a scan explains. Of each the least counts:
 * others may have been at work. */
bool probe_is_slow(const probe_t *probe, int64_t *ret_us) NONNULL_ALL;

#endif
