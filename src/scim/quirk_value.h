/* SPDX-License-Identifier: Apache-2.0 */
/* scim/quirk_value.h - rewriters of values and of filters' literals, which bodies of resources
 * and PATCH operations share. For this folder alone. */
#ifndef SCIM_QUIRK_VALUE_H
#define SCIM_QUIRK_VALUE_H

#include "scim/filter.h"
#include "scim/quirk.h"
#include "json/json.h"

typedef struct {
    arena_t *mem;
    scim_quirks_t on, fired;
    const scim_type_t *type;
} quirk_context_t;

static inline bool
quirk_is_on(const quirk_context_t *ctx, scim_quirk_t quirk)
{
    return (ctx->on >> quirk & 1) != 0;
}

/* Whether the quirk is on; then it counts as fired. */
static inline bool
quirk_fire(quirk_context_t *ctx, scim_quirk_t quirk)
{
    if (quirk_is_on(ctx, quirk))
        ctx->fired |= (scim_quirks_t)1 << quirk;
    return quirk_is_on(ctx, quirk);
}

/* Rewrite what was given for `attr`: all its values where it is multi-valued. null: nothing is
 * left; an element of a multi-valued reference of which nothing is left stays, as null. Arrays
 * and objects are edited in place. */
json_t *quirk_values(quirk_context_t *ctx, const scim_attr_t *attr, json_t *value);

/* Rewrite a filter on the elements of `attr`, or with NULL, on resources. */
const scim_filter_t *quirk_filter(quirk_context_t *ctx, const scim_attr_t *attr,
                                  const scim_filter_t *filter);

#endif
