/* SPDX-License-Identifier: Apache-2.0 */
/* Of the map, its scopes and types. */
#include "cli/map/aspect.h"

#include "scim/filter.h"

/* ---- the map, scopes ---- */

static str_t
map_dialect_name(arena_t *mem UNUSED, const void *of)
{
    return ((const map_t *)of)->dialect->name;
}

static str_t
map_integrity(arena_t *mem UNUSED, const void *of)
{
    return ((const map_t *)of)->repairs ? STR("bridge") : STR("server");
}

static str_t
map_unmapped(arena_t *mem UNUSED, const void *of)
{
    return ((const map_t *)of)->refuses_unmapped ? STR("refuse") : STR("ignore");
}

static str_t
scope_bases(arena_t *mem, const void *of)
{
    const map_scope_t *scope = of;
    buf_t buf;

    buf_init(&buf, mem, ASPECT_MAX);
    for (size_t i = 0; i < scope->n_bases; i++)
        buf_printf(&buf, "%s\"%.*s\"", i ? ", " : "", STR_ARG(scope->bases[i].dn));
    return buf_str(&buf);
}

static str_t
scope_depth(arena_t *mem UNUSED, const void *of)
{
    return ((const map_scope_t *)of)->depth == LDAP_DEPTH_ONE ? STR("one") : STR("subtree");
}

static str_t
scope_filter(arena_t *mem, const void *of)
{
    return aspect_filter(mem, ((const map_scope_t *)of)->filter);
}

static str_t
scope_protect(arena_t *mem, const void *of)
{
    return aspect_filter(mem, ((const map_scope_t *)of)->protect);
}

static str_t
scope_unique(arena_t *mem, const void *of)
{
    return aspect_names(mem, ((const map_scope_t *)of)->unique,
                        ((const map_scope_t *)of)->n_unique);
}

/* ---- types ---- */

static str_t
scope_shared(arena_t *mem UNUSED, const void *of)
{
    return aspect_yes_or_no(((const map_scope_t *)of)->shared);
}

static str_t
type_scope(arena_t *mem UNUSED, const void *of)
{
    return ((const map_type_t *)of)->scope->name;
}

static str_t
type_rdn(arena_t *mem UNUSED, const void *of)
{
    return ((const map_type_t *)of)->rdn;
}

static str_t
type_classes(arena_t *mem, const void *of)
{
    const map_type_t *type = of;

    return aspect_names(mem, type->object_classes, type->n_object_classes);
}

static str_t
type_auxiliary(arena_t *mem, const void *of)
{
    return aspect_names(mem, ((const map_type_t *)of)->auxiliary,
                        ((const map_type_t *)of)->n_auxiliary);
}

static str_t
type_parents(arena_t *mem, const void *of)
{
    const map_type_t *type = of;
    buf_t buf;

    buf_init(&buf, mem, ASPECT_MAX);
    for (size_t i = 0; i < type->n_parents; i++) {
        const map_parent_t *parent = &type->parents[i];

        buf_printf(&buf, "%s\"%.*s\"", i ? ", else " : "", STR_ARG(parent->text));
        if (parent->condition) {
            buf_add_c(&buf, " if ");
            scim_filter_write(&buf, parent->condition);
        }
        buf_add_c(&buf, parent->create ? " (made where it is missing)" : "");
    }
    return buf_str(&buf);
}

static str_t
type_follow(arena_t *mem UNUSED, const void *of)
{
    return aspect_yes_or_no(((const map_type_t *)of)->follow);
}

static str_t
type_match(arena_t *mem, const void *of)
{
    const map_type_t *type = of;
    buf_t buf;

    buf_init(&buf, mem, ASPECT_MAX);
    for (size_t i = 0; i < type->n_match; i++)
        buf_printf(&buf, "%s%.*s", i ? ", then " : "", STR_ARG(type->match[i]->path));
    return buf_str(&buf);
}

static str_t
type_unique(arena_t *mem, const void *of)
{
    return aspect_names(mem, ((const map_type_t *)of)->unique,
                        ((const map_type_t *)of)->n_unique);
}

static str_t
type_adopt(arena_t *mem UNUSED, const void *of)
{
    return ((const map_type_t *)of)->adopt ? STR("match") : STR("never");
}

static str_t
type_placeholder(arena_t *mem UNUSED, const void *of)
{
    return ((const map_type_t *)of)->placeholder;
}

static str_t
type_aside(arena_t *mem, const void *of)
{
    return aspect_names(mem, ((const map_type_t *)of)->aside,
                        ((const map_type_t *)of)->n_aside);
}

static str_t
type_groups(arena_t *mem UNUSED, const void *of)
{
    return ((const map_type_t *)of)->groups ? STR("by searching") : STR("");
}

const aspect_t aspects_of_map[] = {
    {"dialect", map_dialect_name, "ids may come from another attribute"},
    {"integrity", map_integrity, "who repairs references after renames and deletions"},
    {"unmapped", map_unmapped, "what a client sends that the map does not hold"},
    {NULL, NULL, NULL}};

const aspect_t aspects_of_scope[] = {
    {"bases", scope_bases, "other entries may be seen"},
    {"depth", scope_depth, "other entries may be seen"},
    {"filter", scope_filter, "other entries may be seen"},
    {"protect", scope_protect, "what matches is never seen or written"},
    {"unique", scope_unique, NULL},
    {"shared", scope_shared, "yes: nothing is renamed, moved or deleted"},
    {NULL, NULL, NULL}};

const aspect_t aspects_of_type[] = {
    {"scope", type_scope, "other entries may be seen"},
    {"rdn", type_rdn,
     "new entries are named by it; existing ones keep their names until changed"},
    {"objectClass", type_classes, "of new entries"},
    {"auxiliary", type_auxiliary, "marks what is provisioned"},
    {"parent", type_parents, "new entries only"},
    {"follow", type_follow, "whether entries move when their parent changes"},
    {"match", type_match, "by which a POST recognises an entry"},
    {"unique", type_unique, NULL},
    {"adopt", type_adopt, "whether a POST takes over an entry that nobody provisions"},
    {"placeholder", type_placeholder, "the member of a group without members"},
    {"groups", type_groups, NULL},
    {"aside", type_aside, "given up by a deleted entry when another needs it"},
    {NULL, NULL, NULL}};
