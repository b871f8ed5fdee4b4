/* SPDX-License-Identifier: Apache-2.0 */
/* "now" in the filters of lifecycle states, and the names of attributes in filters.
 *
 * While a map is loaded, the "now"s that mean the time are given one address, by which they are
 * known ever after: no look at the schema, no mistaking of a text that reads "now". */
#include "map/load/loading.h"

#include "base/clock.h"

const char map_now_text[] = "now";

typedef struct {
    arena_t *mem;
    const ldap_schema_t *schema; /* NULL: replace the marked ones by `value` */
    str_t value;
    bool found;
} rewrite_t;

static const ldap_filter_t *rewrite(rewrite_t *task, const ldap_filter_t *filter);

static bool
is_now(const rewrite_t *task, const ldap_filter_t *filter)
{
    if (!task->schema)
        return filter->value.p == map_now_text;
    return str_eq(filter->value, STR("now")) &&
           ldap_schema_get(task->schema, filter->attr)->syntax == LDAP_SYNTAX_TIME;
}

/* An entry has its attributes under their preferred names, whatever the map calls them. */
static const ldap_filter_t *
rename_leaf(rewrite_t *task, const ldap_filter_t *filter)
{
    const ldap_attr_type_t *type =
        task->schema ? ldap_schema_find(task->schema, filter->attr) : NULL;
    ldap_filter_t *copy;

    if (!type || str_ieq(type->name, filter->attr) ||
        str_find_char(filter->attr, ';') < filter->attr.n)
        return filter;
    copy = arena_new_of(task->mem, ldap_filter_t);
    *copy = *filter;
    copy->attr = type->name;
    return copy;
}

static const ldap_filter_t *
rewrite_leaf(rewrite_t *task, const ldap_filter_t *filter)
{
    ldap_filter_t *copy;

    if (!is_now(task, filter))
        return rename_leaf(task, filter);
    copy = arena_new_of(task->mem, ldap_filter_t);
    *copy = *rename_leaf(task, filter);
    copy->value = task->value;
    task->found = true;
    return copy;
}

static const ldap_filter_t *
rewrite_parts(rewrite_t *task, const ldap_filter_t *filter)
{
    ldap_filter_t *copy = arena_new_of(task->mem, ldap_filter_t);
    const ldap_filter_t **parts =
        arena_array_of(task->mem, filter->n_parts, const ldap_filter_t *);

    for (size_t i = 0; i < filter->n_parts; i++)
        parts[i] = rewrite(task, filter->parts[i]);
    *copy = *filter;
    copy->parts = parts;
    return copy;
}

static const ldap_filter_t *
rewrite(rewrite_t *task, const ldap_filter_t *filter)
{
    switch (filter->kind) {
    case LDAP_F_AND:
    case LDAP_F_OR:
    case LDAP_F_NOT:
        return filter->n_parts > 0 ? rewrite_parts(task, filter) : filter;
    case LDAP_F_EQUAL:
    case LDAP_F_GREATER:
    case LDAP_F_LESS:
        return rewrite_leaf(task, filter);
    case LDAP_F_APPROX:
    case LDAP_F_PRESENT:
    case LDAP_F_SUBSTRINGS:
    case LDAP_F_EXTENSIBLE:
        return rename_leaf(task, filter);
    case LDAP_F_UNDER:
        return filter;
    }
    return filter;
}

const ldap_filter_t *
map_prepare_filter(arena_t *mem, const ldap_schema_t *schema, const ldap_filter_t *filter,
                   bool *ret_uses)
{
    rewrite_t task = {mem, schema, {map_now_text, sizeof(map_now_text) - 1}, false};
    const ldap_filter_t *prepared = rewrite(&task, filter);

    *ret_uses = task.found;
    return prepared;
}

static const ldap_filter_t *
put_now(arena_t *mem, const ldap_filter_t *filter, int64_t now_s)
{
    clock_time_t now = {.s = now_s};
    rewrite_t task = {mem, NULL, clock_format_generalized(mem, now), false};

    return rewrite(&task, filter);
}

const ldap_filter_t *
map_when(arena_t *mem, const map_state_t *state, int64_t now_s)
{
    return state->when_uses_now ? put_now(mem, state->when, now_s) : state->when;
}

const ldap_filter_t *
map_visible(arena_t *mem, const map_scope_t *scope, int64_t now_s)
{
    return scope->visible_uses_now ? put_now(mem, scope->visible, now_s) : scope->visible;
}
