/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/map/diff.h"

#include "map/slot.h"

void
differences_add(differences_t *list, difference_t difference)
{
    if (list->n == list->size) {
        list->size = list->size ? list->size * 2 : 32;
        list->items =
            arena_grow(list->mem, list->items, list->n, list->size, sizeof(difference_t));
    }
    list->items[list->n++] = difference;
}

static void
compare_aspects(differences_t *list, str_t of, str_t what, const aspect_t *aspects,
                const void *a, const void *b)
{
    for (; aspects->aspect; aspects++) {
        str_t from = aspects->tell(list->mem, a), to = aspects->tell(list->mem, b);

        if (!str_eq(from, to))
            differences_add(list, (difference_t){DIFFERENCE_CHANGED, of, what, aspects->aspect,
                                                 from, to, aspects->means});
    }
}

/* Something that only one of the maps has, with what its first aspect says. */
static void
add_whole(differences_t *list, difference_kind_t kind, str_t of, str_t what,
          const aspect_t *aspects, const void *item, const char *means)
{
    str_t text = aspects ? aspects->tell(list->mem, item) : STR("");

    differences_add(list, (difference_t){kind, of, what, NULL,
                                         kind == DIFFERENCE_REMOVED ? text : STR(""),
                                         kind == DIFFERENCE_ADDED ? text : STR(""), means});
}

static void
compare_state(differences_t *list, str_t type, str_t name, const map_state_t *a,
              const map_state_t *b)
{
    if (a->present && b->present)
        compare_aspects(list, type, name, aspects_of_state, a, b);
    else if (a->present)
        add_whole(list, DIFFERENCE_REMOVED, type, name, aspects_of_state, a,
                  "what is in this state is no longer told from the rest");
    else if (b->present)
        add_whole(list, DIFFERENCE_ADDED, type, name, aspects_of_state, b, NULL);
}

static const map_slot_t *
find_slot(const map_type_t *type, str_t path)
{
    for (size_t i = 0; i < type->n_slots; i++)
        if (str_ieq(type->slots[i].path, path))
            return &type->slots[i];
    return NULL;
}

static void
compare_slots(differences_t *list, const map_type_t *a, const map_type_t *b)
{
    str_t name = a->scim->name;

    for (size_t i = 0; i < a->n_slots; i++) {
        const map_slot_t *other = find_slot(b, a->slots[i].path);

        if (other)
            compare_aspects(list, name, a->slots[i].path, aspects_of_slot, &a->slots[i], other);
        else
            add_whole(list, DIFFERENCE_REMOVED, name, a->slots[i].path, aspects_of_slot,
                      &a->slots[i], "clients neither see nor write it; entries keep it");
    }
    for (size_t i = 0; i < b->n_slots; i++)
        if (!find_slot(a, b->slots[i].path))
            add_whole(list, DIFFERENCE_ADDED, name, b->slots[i].path, aspects_of_slot,
                      &b->slots[i], b->slots[i].required ? "required" : NULL);
}

static void
compare_rules(differences_t *list, const map_type_t *a, const map_type_t *b)
{
    arena_t *mem = list->mem;
    str_t name = a->scim->name;

    for (size_t i = 0; i < a->n_rules; i++) {
        const map_rule_t *rule = &a->rules[i], *other = map_rule_of_ldap(b, rule->ldap);
        str_t what = str_printf(mem, "entry %.*s", STR_ARG(rule->ldap));

        if (other)
            compare_aspects(list, name, what, aspects_of_rule, rule, other);
        else
            add_whole(list, DIFFERENCE_REMOVED, name, what, aspects_of_rule, rule,
                      "it is not written any more; entries keep it");
    }
    for (size_t i = 0; i < b->n_rules; i++)
        if (!map_rule_of_ldap(a, b->rules[i].ldap))
            add_whole(list, DIFFERENCE_ADDED, name,
                      str_printf(mem, "entry %.*s", STR_ARG(b->rules[i].ldap)), aspects_of_rule,
                      &b->rules[i], "existing entries get it when they are written");
}

static void
compare_types(differences_t *list, const map_t *a, const map_t *b)
{
    for (size_t i = 0; i < a->n_types; i++) {
        const map_type_t *type = &a->types[i], *other = map_find_type(b, type->scim->name);

        if (!other) {
            add_whole(list, DIFFERENCE_REMOVED, STR(""), type->scim->name, aspects_of_type,
                      type, "clients get 404 for all of it");
            continue;
        }
        compare_aspects(list, type->scim->name, STR(""), aspects_of_type, type, other);
        compare_slots(list, type, other);
        compare_rules(list, type, other);
        compare_state(list, type->scim->name, STR("inactive"), &type->inactive,
                      &other->inactive);
        compare_state(list, type->scim->name, STR("deleted"), &type->deleted, &other->deleted);
    }
    for (size_t i = 0; i < b->n_types; i++)
        if (!map_find_type(a, b->types[i].scim->name))
            add_whole(list, DIFFERENCE_ADDED, STR(""), b->types[i].scim->name, aspects_of_type,
                      &b->types[i], NULL);
}

static const map_scope_t *
find_scope(const map_t *map, str_t name)
{
    for (size_t i = 0; i < map->n_scopes; i++)
        if (str_eq(map->scopes[i].name, name))
            return &map->scopes[i];
    return NULL;
}

static void
compare_scopes(differences_t *list, const map_t *a, const map_t *b)
{
    for (size_t i = 0; i < a->n_scopes; i++) {
        const map_scope_t *scope = &a->scopes[i], *other = find_scope(b, scope->name);
        str_t of = str_printf(list->mem, "scope %.*s", STR_ARG(scope->name));

        if (other)
            compare_aspects(list, of, STR(""), aspects_of_scope, scope, other);
        else
            add_whole(list, DIFFERENCE_REMOVED, STR(""), of, aspects_of_scope, scope, NULL);
    }
    for (size_t i = 0; i < b->n_scopes; i++)
        if (!find_scope(a, b->scopes[i].name))
            add_whole(list, DIFFERENCE_ADDED, STR(""),
                      str_printf(list->mem, "scope %.*s", STR_ARG(b->scopes[i].name)),
                      aspects_of_scope, &b->scopes[i], NULL);
}

void
map_compare(differences_t *list, const map_t *a, const map_t *b)
{
    compare_aspects(list, STR(""), STR(""), aspects_of_map, a, b);
    compare_scopes(list, a, b);
    compare_types(list, a, b);
}
