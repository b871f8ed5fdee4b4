/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_time.c - times in both spellings, and as the numbers that Windows and shadow(5) count:
 * what is read is written so that it reads the same. */
#include "fuzz/fuzz.h"
#include "map/date.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static bool
same(clock_time_t a, clock_time_t b)
{
    return a.s == b.s && a.ns == b.ns;
}

static bool
not_after(clock_time_t a, clock_time_t b)
{
    return a.s < b.s || (a.s == b.s && a.ns <= b.ns);
}

static void
check_number(map_as_t as, clock_time_t time)
{
    clock_time_t again;
    bool exact, still;
    int64_t number = map_date_to_number(as, time, &exact);

    if (!map_date_from_number(as, number, &again))
        abort();
    require(not_after(again, time) && exact == same(again, time));
    require(map_date_to_number(as, again, &still) == number && still);
}

/* An offset can lead out of the years that have a spelling. */
static void
check_time(arena_t *mem, clock_time_t time)
{
    str_t datetime = clock_format_datetime(mem, time);
    str_t generalized = clock_format_generalized(mem, time);
    clock_time_t again;

    require(time.ns < 1000000000 && (datetime.n > 0) == (generalized.n > 0));
    if (datetime.n == 0)
        return;
    require(clock_parse_datetime(datetime, &again) && same(again, time));
    require(clock_parse_generalized(generalized, &again) && same(again, time));
    check_number(MAP_AS_FILETIME, time);
    check_number(MAP_AS_EPOCH_DAYS, time);
}

static void
run(void *arg)
{
    const input_t *input = arg;
    clock_time_t time;
    int64_t number;

    if (clock_parse_datetime(input->text, &time))
        check_time(input->mem, time);
    if (clock_parse_generalized(input->text, &time))
        check_time(input->mem, time);
    if (!str_to_int64(input->text, &number))
        return;
    if (map_date_from_number(MAP_AS_FILETIME, number, &time))
        check_time(input->mem, time);
    if (map_date_from_number(MAP_AS_EPOCH_DAYS, number, &time))
        check_time(input->mem, time);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(1 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    require(mem && arena_guard(mem, run, &input));
    return 0;
}
