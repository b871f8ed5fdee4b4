/* SPDX-License-Identifier: Apache-2.0 */
/* "explain --map": one SCIM path, as the map has it. */
#include "cli/explain/explain.h"

#include "cli/map/aspect.h"
#include "cli/print.h"
#include "map/slot.h"

#include <stdio.h>

typedef struct {
    arena_t *mem;
    const map_type_t *type;
    json_t *list; /* of what is told of each slot */
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
uses_slot(const map_rule_t *rule, const map_slot_t *slot)
{
    for (size_t i = 0; i < rule->n; i++)
        for (size_t j = 0; j < rule->alternatives[i].n; j++)
            if (rule->alternatives[i].parts[j].slot == slot)
                return true;
    return false;
}

static void
tell_uses(const telling_t *telling, const map_slot_t *slot, json_t *uses)
{
    const map_type_t *type = telling->type;
    arena_t *mem = telling->mem;

    if (type->rdn_slot == slot)
        json_append(mem, uses, json_string(mem, STR("names the entry: a change renames it")));
    for (size_t i = 0; i < type->n_match; i++)
        if (type->match[i] == slot)
            json_append(mem, uses,
                        json_string(mem, str_printf(mem,
                                                    "recognises an entry that a POST meets, as "
                                                    "number %zu of \"match\"",
                                                    i + 1)));
    for (size_t i = 0; i < type->n_rules; i++) {
        const map_rule_t *rule = &type->rules[i];
        str_t made = aspects_of_rule[0].tell(mem, rule);

        if (uses_slot(rule, slot))
            json_append(mem, uses,
                        json_string(mem, str_printf(mem, "makes %.*s of the entry: %.*s",
                                                    STR_ARG(rule->ldap), STR_ARG(made))));
        if (str_ieq(rule->ldap, slot->ldap))
            json_append(mem, uses,
                        json_string(mem, str_printf(mem,
                                                    "where no client says it, \"entry\" does: "
                                                    "%.*s",
                                                    STR_ARG(made))));
    }
}

/* What the map says of one path of the type; `prefix` goes before each aspect. */
static json_t *
begin_path(const telling_t *telling, str_t path, const aspect_t *aspects, const void *of,
           const char *prefix)
{
    arena_t *mem = telling->mem;
    json_t *json = json_object(mem), *says = json_object(mem);

    print_set(mem, json, "type", telling->type->scim->name);
    print_set(mem, json, "path", path);
    for (; aspects->aspect; aspects++)
        print_set(mem, says, str_printf(mem, "%s%s", prefix, aspects->aspect).p,
                  aspects->tell(mem, of));
    json_set(mem, json, STR("says"), says);
    json_append(mem, telling->list, json);
    return json;
}

static void
tell_slot(void *arg, const map_slot_t *slot)
{
    const telling_t *telling = arg;
    json_t *json = begin_path(telling, slot->path, aspects_of_slot, slot, "");
    json_t *uses = json_array(telling->mem);

    print_set(telling->mem, json, "changedBy", str_from_c(who_writes(slot)));
    tell_uses(telling, slot, uses);
    json_set(telling->mem, json, STR("uses"), uses);
}

/* ---- for people ---- */

static void
print_text(const json_t *json, const char *name)
{
    const json_t *text = json_find(json, str_from_c(name));

    if (text)
        print_plain(text->u.string);
}

static void
print_path(const json_t *json)
{
    const json_t *says = json_find(json, STR("says")), *uses = json_find(json, STR("uses"));

    print_text(json, "type");
    putchar(' ');
    print_text(json, "path");
    putchar('\n');
    for (size_t i = 0; i < says->u.object.n; i++) {
        printf("  %.*s: ", STR_ARG(says->u.object.members[i].name));
        print_plain(says->u.object.members[i].value->u.string);
        putchar('\n');
    }
    if (json_find(json, STR("changedBy"))) {
        fputs("  changed by: ", stdout);
        print_text(json, "changedBy");
        putchar('\n');
    }
    for (size_t i = 0; uses && i < uses->u.array.n; i++) {
        fputs("  ", stdout);
        print_plain(uses->u.array.items[i]->u.string);
        putchar('\n');
    }
}

/* ---- all types ---- */

static void
tell_type(telling_t *telling, const scim_path_t *path)
{
    scim_target_t target;

    if (!scim_path_resolve(telling->type->scim, path, &target))
        return;
    if (map_has_active(telling->type) && map_is_active_attr(telling->type, &target))
        (void)begin_path(telling, STR("active"), aspects_of_state, &telling->type->inactive,
                         "false, ");
    else
        map_each_slot(telling->type, &target, tell_slot, telling);
}

bool
explain_path(explain_t *explain)
{
    arena_t *mem = explain->mem;
    const map_t *map = explain->of->map;
    telling_t telling = {.mem = mem, .list = json_array(mem)};
    const char *text = explain->options->map_path;
    json_t *json;
    scim_path_t path;

    if (!scim_path_parse(mem, str_from_c(text), &path, &explain->err))
        return false;
    for (size_t i = 0; i < map->n_types; i++) {
        telling.type = &map->types[i];
        tell_type(&telling, &path);
    }
    if (!telling.list->u.array.n)
        return err_set(&explain->err, ERR_INVALID_PATH, "the map holds no %s", text);
    if (explain->options->json) {
        json = json_object(mem);
        json_set(mem, json, STR("paths"), telling.list);
        print_json(mem, json);
        return true;
    }
    for (size_t i = 0; i < telling.list->u.array.n; i++)
        print_path(telling.list->u.array.items[i]);
    return true;
}
