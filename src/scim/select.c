/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/select.h"

#include "base/hash.h"

/* Members are removed by lists as long as the group: no list × list. */
static void
select_listed(arena_t *mem, const scim_attr_t *attr, const json_t *array, const str_t *values,
              size_t n, scim_selection_t *sel)
{
    const scim_attr_t *sub = scim_attr_find_sub(attr, STR("value"));
    bool exact = sub ? sub->case_exact : attr->case_exact;
    size_t n_buckets = 16;

    while (n_buckets < 2 * n)
        n_buckets *= 2;
    const str_t **buckets = arena_array_of(mem, n_buckets, const str_t *);
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)hash_name(values[i]) & (n_buckets - 1);

        while (buckets[at] &&
               !str_eq(*buckets[at], values[i])) /* the same again goes no further */
            at = (at + 1) & (n_buckets - 1);
        buckets[at] = &values[i];
    }
    for (size_t i = 0; i < array->u.array.n; i++) {
        const json_t *item = array->u.array.items[i];
        const json_t *value = json_is(item, JSON_OBJECT) ? json_find(item, STR("value")) : item;

        if (!json_is(value, JSON_STRING))
            continue;
        size_t at = (size_t)hash_name(value->u.string) & (n_buckets - 1);
        for (; buckets[at] && !sel->chosen[i]; at = (at + 1) & (n_buckets - 1))
            sel->chosen[i] = exact ? str_eq(*buckets[at], value->u.string)
                                   : str_ieq(*buckets[at], value->u.string);
        sel->n += sel->chosen[i];
    }
}

scim_selection_t
scim_select(arena_t *mem, const scim_attr_t *attr, const scim_filter_t *filter,
            const json_t *array)
{
    scim_selection_t sel = {.chosen = arena_array_of(mem, array->u.array.n + 1, bool)};
    const str_t *values;
    size_t n;

    if (filter && scim_filter_list_values(mem, filter, &values, &n)) {
        select_listed(mem, attr, array, values, n, &sel);
        return sel;
    }
    for (size_t i = 0; i < array->u.array.n; i++) {
        sel.chosen[i] =
            !filter || scim_filter_test(mem, filter, array->u.array.items[i], NULL, attr);
        sel.n += sel.chosen[i];
    }
    return sel;
}

void
scim_select_drop(json_t *array, const scim_selection_t *sel)
{
    size_t kept = 0;

    for (size_t i = 0; i < array->u.array.n; i++)
        if (!sel->chosen[i])
            array->u.array.items[kept++] = array->u.array.items[i];
    array->u.array.n = kept;
}
