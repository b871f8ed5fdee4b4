/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_media.c - Accept and Content-Type: whatever stands beside it, a type that is asked for
 * is given, and a body's type that is taken is one that can be asked for. */
#include "base/arena.h"
#include "fuzz/fuzz.h"
#include "http/media.h"

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
    str_t text = input->text;
    media_t chosen = media_choose(text);
    err_t err = ERR_INIT;

    require(chosen == MEDIA_NONE || media_name(chosen).n > 0);
    require(media_choose(str_printf(input->mem, "application/scim+json,%.*s", STR_ARG(text))) ==
            MEDIA_SCIM);
    require(media_choose(str_printf(input->mem, "application/json,%.*s", STR_ARG(text))) !=
            MEDIA_NONE);
    if (!media_check(text, &err)) {
        require(err.kind == ERR_MEDIA_TYPE);
        return;
    }
    require(media_check(str_printf(input->mem, " %.*s ", STR_ARG(text)), &err));
    /* Beyond the name a weight can say "not this one", and a comma begin another range. */
    if (str_find_char(text, ';') == text.n)
        require(chosen != MEDIA_NONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(64 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    require(mem != NULL);
    if (str_find_char(input.text, '\0') == size) /* a header is a C string */
        require(arena_guard(mem, run, &input));
    return 0;
}
