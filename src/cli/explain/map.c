/* SPDX-License-Identifier: Apache-2.0 */
/* "explain --map": one SCIM path, as the map has it. */
#include "cli/explain/explain.h"

#include "cli/map/aspect.h"
#include "map/slot.h"

#include <stdio.h>

typedef struct {
    arena_t *mem;
    const map_type_t *type;
    size_t n;
} telling_t;

/* Who may change it, in words. */
static const char *
who_writes(const map_slot_t *slot)
{
    if (slot->attr->mutability == SCIM_READ_ONLY)
        return "nobody through SCIM";
    switch (slot->write) {
    case MAP_WRITE_ALWAYS:
        return "clients, at any time";
    case MAP_WRITE_CREATE:
        return "clients, when the resource is made";
    case MAP_WRITE_READ_ONLY:
        return "nobody through SCIM: a client that tries is refused";
    case MAP_WRITE_IF_EMPTY:
        return "clients, while the entry has no value";
    case MAP_WRITE_DISCARD:
        return "nobody through SCIM: what clients send is taken and dropped";
    }
    return "";
}

static bool
uses(const map_rule_t *rule, const map_slot_t *slot)
{
    for (size_t i = 0; i < rule->n; i++)
        for (size_t j = 0; j < rule->alternatives[i].n; j++)
            if (rule->alternatives[i].parts[j].slot == slot)
                return true;
    return false;
}

static void
tell_uses(const telling_t *telling, const map_slot_t *slot)
{
    const map_type_t *type = telling->type;

    if (type->rdn_slot == slot)
        printf("  names the entry: a change renames it\n");
    for (size_t i = 0; i < type->n_match; i++)
        if (type->match[i] == slot)
            printf("  recognises an entry that a POST meets, as number %zu of \"match\"\n",
                   i + 1);
    for (size_t i = 0; i < type->n_rules; i++)
        if (uses(&type->rules[i], slot))
            printf("  makes %.*s of the entry: %.*s\n", STR_ARG(type->rules[i].ldap),
                   STR_ARG(aspects_of_rule[0].tell(telling->mem, &type->rules[i])));
}

static void
tell_slot(void *arg, const map_slot_t *slot)
{
    telling_t *telling = arg;

    telling->n++;
    printf("%.*s %.*s\n", STR_ARG(telling->type->scim->name), STR_ARG(slot->path));
    for (const aspect_t *aspect = aspects_of_slot; aspect->aspect; aspect++) {
        str_t text = aspect->tell(telling->mem, slot);

        if (text.n > 0)
            printf("  %s: %.*s\n", aspect->aspect, STR_ARG(text));
    }
    printf("  changed by: %s\n", who_writes(slot));
    tell_uses(telling, slot);
}

static void
tell_active(const telling_t *telling)
{
    const map_state_t *state = &telling->type->inactive;

    printf("%.*s active\n", STR_ARG(telling->type->scim->name));
    for (const aspect_t *aspect = aspects_of_state; aspect->aspect; aspect++) {
        str_t text = aspect->tell(telling->mem, state);

        if (text.n > 0)
            printf("  false, %s: %.*s\n", aspect->aspect, STR_ARG(text));
    }
}

bool
explain_path(arena_t *mem, const map_t *map, const char *text, err_t *err)
{
    scim_path_t path;
    size_t n = 0;

    if (!scim_path_parse(mem, str_from_c(text), &path, err))
        return false;
    for (size_t i = 0; i < map->n_types; i++) {
        telling_t telling = {.mem = mem, .type = &map->types[i]};
        scim_target_t target;

        if (!scim_path_resolve(telling.type->scim, &path, &target))
            continue;
        if (map_has_active(telling.type) && map_is_active_attr(telling.type, &target)) {
            tell_active(&telling);
            telling.n++;
        } else {
            map_each_slot(telling.type, &target, tell_slot, &telling);
        }
        n += telling.n;
    }
    return n > 0 || err_set(err, ERR_INVALID_PATH, "the map holds no %s", text);
}
