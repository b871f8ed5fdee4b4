/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_filter.c - filters: parsed, written, parsed again to the same, and tested. The
 * lowest bits of the first byte are the leniency. */
#include "fuzz/fuzz.h"
#include "scim/filter.h"
#include "scim/quirk.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
    unsigned leniency;
} input_t;

static str_t
write_filter(arena_t *mem, const scim_filter_t *filter)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    scim_filter_write(&buf, filter);
    return str_dup(mem, buf_str(&buf));
}

static void
run(void *arg)
{
    static const char person[] = "{\"userName\":\"a\",\"emails\":[{\"type\":\"work\",\"value\":"
                                 "\"b\",\"primary\":true}],\"tags\":[\"x\",1,null]}";
    const input_t *input = arg;
    const scim_type_t *user = scim_type_builtin(STR("User"));
    err_t err = ERR_INIT;
    const json_t *resource =
        json_parse(input->mem, str_from_c(person), &json_limits_request, &err);
    const scim_filter_t *filter =
        scim_filter_parse(input->mem, input->text, input->leniency, NULL, &err);

    if (!filter) {
        if (err.kind != ERR_INVALID_FILTER)
            abort();
        return;
    }
    scim_filter_test(input->mem, filter, resource, NULL, NULL);
    scim_filter_test(input->mem, filter, resource, user, NULL);
    scim_quirk_filter(input->mem, scim_quirks_default, user, filter, NULL);

    str_t text = write_filter(input->mem, filter);
    if (text.n > SCIM_FILTER_MAX_BYTES)
        return;
    const scim_filter_t *again = scim_filter_parse(input->mem, text, 0, NULL, &err);
    if (!again || !str_eq(write_filter(input->mem, again), text))
        abort();
    if (scim_filter_test(input->mem, filter, resource, NULL, NULL) !=
        scim_filter_test(input->mem, again, resource, NULL, NULL))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(64 << 20);
    input_t input = {.mem = mem};

    if (!mem || size == 0)
        return 0;
    input.leniency = data[0] & 7;
    input.text = str_from((const char *)data + 1, size - 1);
    if (!arena_guard(mem, run, &input))
        abort();
    return 0;
}
