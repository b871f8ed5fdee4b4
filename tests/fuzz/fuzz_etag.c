/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_etag.c - the headers that name entity tags: what is read is written so that it reads
 * the same, and any version at all becomes a tag that is found again. */
#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "scim/etag.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static str_t
write_list(arena_t *mem, const scim_etags_t *etags)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    for (size_t i = 0; i < etags->n; i++) {
        buf_add_c(&buf, i > 0 ? ", \"" : "\"");
        buf_add(&buf, etags->tags[i]);
        buf_add_char(&buf, '"');
    }
    return str_dup(mem, buf_str(&buf));
}

static void
check_list(arena_t *mem, const scim_etags_t *etags)
{
    scim_etags_t again;
    err_t err = ERR_INIT;

    require(etags->given && etags->any == (etags->n == 0));
    if (etags->any)
        return;
    require(scim_etags_parse(mem, "If-Match", write_list(mem, etags), &again, &err));
    require(again.n == etags->n && !again.any);
    for (size_t i = 0; i < etags->n; i++) {
        require(str_eq(again.tags[i], etags->tags[i]));
        require(
            scim_etags_have(&again, str_printf(mem, "W/\"%.*s\"", STR_ARG(etags->tags[i]))));
    }
    require(!scim_etags_have(&again, STR("")));
}

static void
check_version(arena_t *mem, str_t version)
{
    str_t etag = scim_etag_format(mem, version);
    scim_etags_t etags;
    err_t err = ERR_INIT;

    require(scim_etags_parse(mem, "If-Match", etag, &etags, &err));
    require(etags.n == 1 && scim_etags_have(&etags, etag));
}

static void
run(void *arg)
{
    const input_t *input = arg;
    scim_etags_t etags;
    err_t err = ERR_INIT;

    if (scim_etags_parse(input->mem, "If-Match", input->text, &etags, &err))
        check_list(input->mem, &etags);
    else
        require(err.kind == ERR_BAD_REQUEST);
    if (input->text.n <= 4096)
        check_version(input->mem, input->text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(64 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    require(mem && arena_guard(mem, run, &input));
    return 0;
}
