/* SPDX-License-Identifier: Apache-2.0 */
/* scim/quirk_blame.c - which rewriters have been at work, or would have helped. */
#include "scim/quirk.h"
#include "scim/resource.h"

#include <stdio.h>

enum { OPS_MAX = 100000 }; /* the limit has been seen to */

#define BIT(quirk) ((scim_quirks_t)1 << SCIM_QUIRK_##quirk)

/* By the kind of error: what leads to it when it is not rewritten. */
static const struct {
    err_kind_t kind;
    scim_quirks_t quirks;
} causes[] = {
    {ERR_INVALID_SYNTAX, BIT(OP_CASE) | BIT(EMPTY_OPERATIONS) | BIT(SCHEMAS_TYPO)},
    {ERR_INVALID_VALUE, BIT(BOOLEAN_STRING) | BIT(REFERENCE_SHAPE) | BIT(REMOVE_VALUES) |
                            BIT(SCALAR_ARRAY) | BIT(EMPTY_VALUE) | BIT(SCHEMAS_TYPO) |
                            BIT(ROOT_EXTENSION) | BIT(DOTTED_KEYS)},
    {ERR_INVALID_FILTER, BIT(BOOLEAN_STRING) | BIT(UNQUOTED_FILTER) | BIT(ELEMENT_FILTER) |
                             BIT(PLACEHOLDER_FILTER)},
    {ERR_INVALID_PATH, BIT(DOTTED_KEYS) | BIT(UNMAPPED) | BIT(ROOT_EXTENSION)},
    {ERR_MUTABILITY, BIT(UNMAPPED) | BIT(EMPTY_VALUE) | BIT(REMOVE_VALUES)},
    {ERR_NO_TARGET, BIT(CREATE_ELEMENT) | BIT(BOOLEAN_STRING)},
};

scim_quirks_t
scim_quirk_of_leniency(unsigned used)
{
    scim_quirks_t quirks = 0;

    if (used & (SCIM_FILTER_UNQUOTED | SCIM_FILTER_TIGHT))
        quirks |= BIT(UNQUOTED_FILTER);
    if (used & SCIM_FILTER_ELEMENT_EQ)
        quirks |= BIT(ELEMENT_FILTER);
    return quirks;
}

bool
scim_quirk_is_placeholder(const scim_filter_t *filter)
{
    return filter->kind == SCIM_F_COMPARE && str_eq(filter->path.attr, STR("PLACEHOLDER"));
}

scim_quirks_t
scim_quirk_missed_patch(arena_t *mem, scim_quirks_t on, const scim_type_t *type, json_t *body)
{
    scim_quirks_t fired = 0;
    err_t ignored = ERR_INIT;
    scim_patch_t patch;

    (void)!scim_quirk_patch(mem, on | scim_quirks_default, type, body, OPS_MAX, &patch, &fired,
                            &ignored);
    return fired & ~on;
}

scim_quirks_t
scim_quirk_missed_resource(arena_t *mem, scim_quirks_t on, const scim_type_t *type,
                           json_t *body)
{
    scim_quirks_t fired = 0;
    err_t ignored = ERR_INIT;

    if (!scim_resource_check_schemas(type, body, &ignored))
        fired |= BIT(SCHEMAS_TYPO);
    scim_quirk_resource(mem, on | scim_quirks_default, type, body, &fired);
    return fired & ~on;
}

scim_quirks_t
scim_quirk_missed_filter(arena_t *mem, scim_quirks_t on, const scim_type_t *type, str_t text)
{
    scim_quirks_t all = on | scim_quirks_default, fired = 0;
    err_t ignored = ERR_INIT;
    unsigned used = 0;
    const scim_filter_t *filter =
        scim_filter_parse(mem, text, scim_quirk_filter_leniency(all), &used, &ignored);

    if (str_eq(str_trim(text), STR("PLACEHOLDER")) ||
        (filter && scim_quirk_is_placeholder(filter)))
        fired |= BIT(PLACEHOLDER_FILTER);
    if (filter)
        (void)scim_quirk_filter(mem, all, type, filter, &fired);
    return (fired | scim_quirk_of_leniency(used)) & ~on;
}

void
scim_quirk_blame(scim_quirks_t missed, err_t *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
        scim_quirks_t named = causes[i].kind == err->kind ? causes[i].quirks & missed : 0;

        for (unsigned k = 0; k < SCIM_QUIRK_COUNT; k++) {
            size_t n = strlen(err->detail);

            if (named >> k & 1)
                (void)snprintf(err->detail + n, sizeof(err->detail) - n, " (%s is off)",
                               scim_quirk_name((scim_quirk_t)k));
        }
    }
}
