/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_path.c - attribute paths: parsed, resolved, written, and parsed again. */
#include "fuzz/fuzz.h"
#include "scim/filter.h"
#include "scim/path.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static void
run(void *arg)
{
    const input_t *input = arg;
    const scim_type_t *user = scim_type_builtin(STR("User"));
    scim_path_t path, again;
    scim_target_t target, other;
    err_t err = ERR_INIT;

    if (!scim_path_parse(input->mem, input->text, &path, &err)) {
        if (err.kind != ERR_INVALID_PATH && err.kind != ERR_INVALID_FILTER)
            abort();
        return;
    }
    if (!scim_path_resolve(user, &path, &target))
        return;
    str_t text = scim_path_format(input->mem, &target);
    if (text.n > SCIM_FILTER_MAX_BYTES)
        return;
    if (!scim_path_parse(input->mem, text, &again, &err) ||
        !scim_path_resolve(user, &again, &other) || other.schema != target.schema ||
        other.attr != target.attr || other.sub != target.sub ||
        !str_eq(scim_path_format(input->mem, &other), text))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(64 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    if (!mem || !arena_guard(mem, run, &input))
        abort();
    return 0;
}
