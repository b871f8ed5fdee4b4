/* SPDX-License-Identifier: Apache-2.0 */
/* Of paths. */
#include "cli/map/aspect.h"

#include "map/slot.h"

static str_t
slot_ldap(arena_t *mem, const void *of)
{
    const map_slot_t *slot = of;
    buf_t buf;

    buf_init(&buf, mem, ASPECT_MAX);
    buf_add(&buf, slot->ldap);
    for (size_t i = 0; i < slot->n_copies; i++)
        buf_printf(&buf, ", written to %.*s too%s%.*s", STR_ARG(slot->copies[i].ldap),
                   slot->copies[i].by.n ? ", by " : "", STR_ARG(slot->copies[i].by));
    return buf_str(&buf);
}

static str_t
slot_as(arena_t *mem, const void *of)
{
    const map_slot_t *slot = of;

    if (slot->by.n > 0)
        return str_printf(mem, "reference by %.*s", STR_ARG(slot->by));
    return slot->as == MAP_AS_REFERENCE ? STR("reference") : str_from_c(map_as_names[slot->as]);
}

static str_t
slot_none(arena_t *mem, const void *of)
{
    return aspect_names(mem, ((const map_slot_t *)of)->none, ((const map_slot_t *)of)->n_none);
}

static str_t
slot_write(arena_t *mem UNUSED, const void *of)
{
    return aspect_write(((const map_slot_t *)of)->write);
}

static str_t
slot_required(arena_t *mem UNUSED, const void *of)
{
    return aspect_yes_or_no(((const map_slot_t *)of)->required);
}

static str_t
slot_several(arena_t *mem UNUSED, const void *of)
{
    return aspect_yes_or_no(((const map_slot_t *)of)->several);
}

static str_t
slot_primary(arena_t *mem UNUSED, const void *of)
{
    return aspect_yes_or_no(((const map_slot_t *)of)->primary);
}

static str_t
slot_missing(arena_t *mem UNUSED, const void *of)
{
    static const char *const names[] = {[MAP_MISSING_REFUSE] = "refuse",
                                        [MAP_MISSING_DROP] = "drop",
                                        [MAP_MISSING_GENERATE] = "generate"};

    return str_from_c(names[((const map_slot_t *)of)->missing]);
}

static str_t
slot_share(arena_t *mem, const void *of)
{
    const map_share_t *share = &((const map_slot_t *)of)->share;

    if (share->kind == MAP_SHARE_ALL)
        return STR("");
    return str_printf(mem, "those like \"%.*s*%.*s\"%s%.*s", STR_ARG(share->head),
                      STR_ARG(share->tail), share->demote.n ? ", replaced ones kept as " : "",
                      STR_ARG(share->demote));
}

static str_t
slot_values(arena_t *mem, const void *of)
{
    static const char *const others[] = {
        [MAP_ELSE_REFUSE] = "refuse", [MAP_ELSE_DROP] = "drop", [MAP_ELSE_PASS] = "pass"};
    const map_slot_t *slot = of;
    buf_t buf;

    if (!slot->n_table)
        return STR("");
    buf_init(&buf, mem, ASPECT_MAX);
    for (size_t i = 0; i < slot->n_table; i++)
        buf_printf(&buf, "\"%.*s\" as \"%.*s\", ", STR_ARG(slot->table[i].scim),
                   STR_ARG(slot->table[i].ldap));
    buf_printf(&buf, "else %s", others[slot->otherwise]);
    return buf_str(&buf);
}

static str_t
slot_references(arena_t *mem, const void *of)
{
    const map_slot_t *slot = of;
    buf_t buf;

    buf_init(&buf, mem, ASPECT_MAX);
    for (size_t i = 0; i < slot->n_references; i++)
        buf_printf(&buf, "%s%.*s", i ? ", " : "", STR_ARG(slot->references[i]->name));
    if (slot->by.n > 0)
        buf_printf(&buf, " by %.*s", STR_ARG(slot->by));
    return buf_str(&buf);
}

const aspect_t aspects_of_slot[] = {
    {"LDAP attribute", slot_ldap,
     "existing resources answer with the new attribute's values; nothing is copied"},
    {"as", slot_as, "the same values are read in another way"},
    {"write", slot_write, NULL},
    {"required", slot_required, "yes: a resource without it is refused"},
    {"several", slot_several, "no: a second value is refused"},
    {"primary", slot_primary, NULL},
    {"missing", slot_missing, NULL},
    {"share", slot_share, "which of the attribute's values are meant"},
    {"values", slot_values, NULL},
    {"none", slot_none, "what the directory has for no value"},
    {"reference", slot_references, "what may be referred to"},
    {NULL, NULL, NULL}};
