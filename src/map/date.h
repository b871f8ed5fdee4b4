/* SPDX-License-Identifier: Apache-2.0 */
/* map/date.h - times that a directory keeps as numbers: Windows' FILETIME and days since 1970. */
#ifndef MAP_DATE_H
#define MAP_DATE_H

#include "base/clock.h"
#include "map/map.h"

static inline bool
map_is_date(const map_slot_t *slot)
{
    return slot->as == MAP_AS_FILETIME || slot->as == MAP_AS_EPOCH_DAYS;
}

/* The last number that is not after the time; *ret_exact: it is that time. */
int64_t map_date_to_number(map_as_t as, clock_time_t time, bool *ret_exact);

/* false: it is no time of the years 0 to 9999, which is all that dateTime can say. */
bool map_date_from_number(map_as_t as, int64_t number, clock_time_t *ret_time) MUST_USE;

#endif
