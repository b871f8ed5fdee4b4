/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/probe.h"

static int64_t
least(const int64_t *us)
{
    int64_t found = us[0];

    for (int i = 1; i < PROBE_TRIES; i++)
        found = us[i] < found ? us[i] : found;
    return found;
}

bool
probe_is_slow(const probe_t *probe, int64_t *ret_us)
{
    *ret_us = least(probe->look_up_us) - least(probe->read_us);
    return *ret_us >= PROBE_SLOW_US;
}
