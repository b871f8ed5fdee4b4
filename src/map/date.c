/* SPDX-License-Identifier: Apache-2.0 */
#include "map/date.h"

/* FILETIME counts steps of 100 nanoseconds from 1601-01-01T00:00:00Z on. */
#define EPOCH_1601 INT64_C(11644473600)
#define STEPS_PER_SECOND INT64_C(10000000)
#define SECONDS_PER_DAY INT64_C(86400)
#define YEAR_0 INT64_C(-62167219200)
#define YEAR_9999_END INT64_C(253402300799)

static int64_t
floor_divide(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

/* What is left by it. The quotient times `by` need not be a number of 64 bits. */
static int64_t
floor_rest(int64_t number, int64_t by)
{
    int64_t rest = number % by;

    return rest < 0 ? rest + by : rest;
}

int64_t
map_date_to_number(map_as_t as, clock_time_t time, bool *ret_exact)
{
    int64_t days = floor_divide(time.s, SECONDS_PER_DAY);

    if (as == MAP_AS_FILETIME) {
        *ret_exact = time.ns % 100 == 0;
        return (time.s + EPOCH_1601) * STEPS_PER_SECOND + (int64_t)(time.ns / 100);
    }
    *ret_exact = time.ns == 0 && time.s == days * SECONDS_PER_DAY;
    return days;
}

bool
map_date_from_number(map_as_t as, int64_t number, clock_time_t *ret_time)
{
    int64_t s;
    clock_time_t time = {0};

    if (as == MAP_AS_FILETIME) {
        s = floor_divide(number, STEPS_PER_SECOND);
        time.ns = (uint32_t)floor_rest(number, STEPS_PER_SECOND) * 100;
        s -= EPOCH_1601;
    } else {
        if (number < YEAR_0 / SECONDS_PER_DAY || number > YEAR_9999_END / SECONDS_PER_DAY)
            return false;
        s = number * SECONDS_PER_DAY;
    }
    if (s < YEAR_0 || s > YEAR_9999_END)
        return false;
    time.s = s;
    *ret_time = time;
    return true;
}
