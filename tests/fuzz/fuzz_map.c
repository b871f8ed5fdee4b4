/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_map.c - any text is either a map or has at least one error, each with something to
 * say and a place in the text. */
#include "fuzz/fuzz.h"
#include "map/load.h"

#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static void
look_at(const map_t *map)
{
    require(map->dialect && map->n_types > 0);
    for (size_t i = 0; i < map->n_types; i++) {
        const map_type_t *type = &map->types[i];

        require(type->scim && type->scope && type->scope->visible);
        require(type->rdn_slot || type->rdn_rule);
        require(type->n_match > 0 && type->n_object_classes > 0);
        for (size_t k = 0; k < type->n_slots; k++)
            require(type->slots[k].attr && type->slots[k].ldap.n > 0);
    }
}

static void
run(void *arg)
{
    const input_t *input = arg;
    diag_list_t diags;
    const map_t *map;

    diag_init(&diags, input->mem);
    map = map_load(input->mem, "map", input->text, ldap_schema_builtin(), &diags);
    require((map != NULL) == (diags.errors == 0));
    if (map)
        look_at(map);
    for (size_t i = 0; i < diags.n; i++)
        require(diags.items[i].line > 0 && diags.items[i].message.n > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t input = {.mem = arena_new(0)};

    require(input.mem != NULL);
    input.text = str_from((const char *)data, size);
    require(arena_guard(input.mem, run, &input));
    arena_free(input.mem);
    return 0;
}
