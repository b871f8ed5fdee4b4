/* SPDX-License-Identifier: Apache-2.0 */
/* scim/select.h - the elements of a multi-valued attribute that a value path selects. For this
 * folder alone. */
#ifndef SCIM_SELECT_H
#define SCIM_SELECT_H

#include "base/arena.h"
#include "scim/filter.h"
#include "scim/schema.h"
#include "json/json.h"

typedef struct {
    bool *chosen; /* one per element */
    size_t n;     /* how many are */
} scim_selection_t;

/* Those of `array` that match; with `filter` NULL all. */
scim_selection_t scim_select(arena_t *mem, const scim_attr_t *attr, const scim_filter_t *filter,
                             const json_t *array);

/* Take the chosen ones out of the array. */
void scim_select_drop(json_t *array, const scim_selection_t *sel);

#endif
