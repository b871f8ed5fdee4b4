/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_patch.c - any JSON is either no PATCH or one that can be applied or is refused, as the
 * RFC has it and through all rewriters; what it leaves is a resource. */
#include "fuzz/fuzz.h"
#include "scim/patch.h"
#include "scim/quirk.h"
#include "scim/resource.h"

#include <stdint.h>
#include <stdlib.h>

enum { OPS_MAX = 100 };

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static const char person[] =
    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"1\",\"userName\":"
    "\"a\",\"active\":true,\"name\":{\"givenName\":\"A\",\"familyName\":\"B\"},"
    "\"emails\":[{\"type\":\"work\",\"value\":\"b\",\"primary\":true},{\"type\":\"home\","
    "\"value\":\"c\"}],\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":"
    "{\"department\":\"D\",\"manager\":{\"value\":\"2\"}}}";

static const json_t *
apply(arena_t *mem, const scim_type_t *type, const scim_patch_t *patch)
{
    err_t err = ERR_INIT;
    json_t *resource = json_parse(mem, str_from_c(person), &json_limits_request, &err);

    require(resource != NULL && patch->n <= patch->size);
    if (scim_patch_apply(mem, type, resource, patch, &err))
        return resource;
    require(err.kind != ERR_NONE && err.detail[0] != '\0');
    return NULL;
}

static void
run(void *arg)
{
    const input_t *input = arg;
    const scim_type_t *user = scim_type_builtin(STR("User"));
    err_t err = ERR_INIT;
    json_t *body = json_parse(input->mem, input->text, &json_limits_request, &err);
    scim_quirks_t fired = 0;
    scim_patch_t patch;

    if (!body)
        return;
    if (scim_patch_read(input->mem, body, OPS_MAX, &patch, &err))
        apply(input->mem, user, &patch);
    else
        require(err.kind != ERR_NONE);
    if (scim_quirk_patch(input->mem, scim_quirks_default, user, body, OPS_MAX, &patch, &fired,
                         &err))
        apply(input->mem, user, &patch);
    require((fired & ~scim_quirks_default) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(64 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    require(mem != NULL);
    if (size <= 65536)
        require(arena_guard(mem, run, &input));
    return 0;
}
