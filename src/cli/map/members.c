/* SPDX-License-Identifier: Apache-2.0 */
/* Which members of a group come and go. */
#include "cli/map/diff.h"

#include <stdlib.h>

enum { NAMED = 2, TEXT_MAX = 64 << 10 };

typedef struct {
    str_t *items; /* sorted */
    size_t n;
} names_t;

static int
by_name(const void *a, const void *b)
{
    return str_cmp(*(const str_t *)a, *(const str_t *)b);
}

/* The `value` of each element. */
static names_t
names_of(arena_t *mem, const json_t *list)
{
    names_t names = {NULL, 0};

    if (!json_is(list, JSON_ARRAY))
        return names;
    names.items = arena_array_of(mem, list->u.array.n, str_t);
    for (size_t i = 0; i < list->u.array.n; i++) {
        const json_t *value = json_find(list->u.array.items[i], STR("value"));

        if (json_is(value, JSON_STRING))
            names.items[names.n++] = value->u.string;
    }
    if (names.n > 0)
        qsort(names.items, names.n, sizeof(str_t), by_name);
    return names;
}

/* Those of `a` that are not in `b`. */
static names_t
without(arena_t *mem, const names_t *a, const names_t *b)
{
    names_t rest = {arena_array_of(mem, a->n + 1, str_t), 0};
    size_t k = 0;

    for (size_t i = 0; i < a->n; i++) {
        while (k < b->n && str_cmp(b->items[k], a->items[i]) < 0)
            k++;
        if (k == b->n || !str_eq(b->items[k], a->items[i]))
            rest.items[rest.n++] = a->items[i];
    }
    return rest;
}

static void
write_some(buf_t *buf, const char *what, const names_t *names)
{
    if (!names->n)
        return;
    buf_printf(buf, "%s %zu (", what, names->n);
    for (size_t i = 0; i < names->n && i < NAMED; i++)
        buf_printf(buf, "%s%.*s", i ? "; " : "", STR_ARG(names->items[i]));
    buf_add_c(buf, names->n > NAMED ? "; ...)" : ")");
}

static str_t
example(arena_t *mem, str_t dn, const names_t *lost, const names_t *gained)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    buf_printf(&buf, "%.*s: ", STR_ARG(dn));
    write_some(&buf, "loses", lost);
    buf_add_c(&buf, lost->n && gained->n ? ", " : "");
    write_some(&buf, "gains", gained);
    return str_dup(mem, buf_str(&buf));
}

void
effect_add_members(arena_t *mem, arena_t *scratch, str_t dn, const json_t *a, const json_t *b,
                   member_effect_t *effect)
{
    names_t before = names_of(scratch, a), after = names_of(scratch, b);
    names_t lost = without(scratch, &before, &after),
            gained = without(scratch, &after, &before);
    tally_t *changed = &effect->changed;

    effect->lost += lost.n;
    effect->gained += gained.n;
    if (!lost.n && !gained.n)
        return;
    if (changed->n < EXAMPLES)
        changed->examples[changed->n] = example(mem, dn, &lost, &gained);
    changed->n++;
}
