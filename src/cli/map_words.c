/* SPDX-License-Identifier: Apache-2.0 */
/* What a map says, as text that can be compared and shown. */
#include "cli/map_diff.h"

#include "scim/filter.h"

enum { WORDS = 64 << 10 };

static str_t
yes_or_no(bool is)
{
    return is ? STR("yes") : STR("no");
}

static str_t
list_names(arena_t *mem, const str_t *names, size_t n)
{
    buf_t buf;

    buf_init(&buf, mem, WORDS);
    for (size_t i = 0; i < n; i++)
        buf_printf(&buf, "%s%.*s", i ? ", " : "", STR_ARG(names[i]));
    return buf_str(&buf);
}

static str_t
filter_text(arena_t *mem, const ldap_filter_t *filter)
{
    return filter ? ldap_filter_format(mem, filter) : STR("");
}

/* ---- the map, scopes ---- */

static str_t
map_dialect_name(arena_t *mem UNUSED, const void *of)
{
    return ((const map_t *)of)->dialect->name;
}

static str_t
scope_bases(arena_t *mem, const void *of)
{
    const map_scope_t *scope = of;
    buf_t buf;

    buf_init(&buf, mem, WORDS);
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
    return filter_text(mem, ((const map_scope_t *)of)->filter);
}

static str_t
scope_protect(arena_t *mem, const void *of)
{
    return filter_text(mem, ((const map_scope_t *)of)->protect);
}

static str_t
scope_unique(arena_t *mem, const void *of)
{
    return list_names(mem, ((const map_scope_t *)of)->unique,
                      ((const map_scope_t *)of)->n_unique);
}

/* ---- types ---- */

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

    return list_names(mem, type->object_classes, type->n_object_classes);
}

static str_t
type_auxiliary(arena_t *mem, const void *of)
{
    return list_names(mem, ((const map_type_t *)of)->auxiliary,
                      ((const map_type_t *)of)->n_auxiliary);
}

static str_t
type_parents(arena_t *mem, const void *of)
{
    const map_type_t *type = of;
    buf_t buf;

    buf_init(&buf, mem, WORDS);
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
type_match(arena_t *mem, const void *of)
{
    const map_type_t *type = of;
    buf_t buf;

    buf_init(&buf, mem, WORDS);
    for (size_t i = 0; i < type->n_match; i++)
        buf_printf(&buf, "%s%.*s", i ? ", then " : "", STR_ARG(type->match[i]->path));
    return buf_str(&buf);
}

static str_t
type_unique(arena_t *mem, const void *of)
{
    return list_names(mem, ((const map_type_t *)of)->unique,
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
    return list_names(mem, ((const map_type_t *)of)->aside, ((const map_type_t *)of)->n_aside);
}

static str_t
type_groups(arena_t *mem UNUSED, const void *of)
{
    return ((const map_type_t *)of)->groups ? STR("by searching") : STR("");
}

/* ---- slots ---- */

static str_t
write_name(map_write_t write)
{
    switch (write) {
    case MAP_WRITE_ALWAYS:
        return STR("always");
    case MAP_WRITE_CREATE:
        return STR("create");
    case MAP_WRITE_READ_ONLY:
        return STR("read-only");
    case MAP_WRITE_IF_EMPTY:
        return STR("if-empty");
    case MAP_WRITE_DISCARD:
        return STR("discard-writes");
    }
    return STR("");
}

static str_t
slot_ldap(arena_t *mem, const void *of)
{
    const map_slot_t *slot = of;
    buf_t buf;

    buf_init(&buf, mem, WORDS);
    buf_add(&buf, slot->ldap);
    for (size_t i = 0; i < slot->n_copies; i++)
        buf_printf(&buf, ", written to %.*s too", STR_ARG(slot->copies[i].ldap));
    return buf_str(&buf);
}

static str_t
slot_as(arena_t *mem UNUSED, const void *of)
{
    static const char *const names[] = {
        [MAP_AS_STRING] = "string",     [MAP_AS_BOOLEAN] = "boolean",
        [MAP_AS_INTEGER] = "integer",   [MAP_AS_TIME] = "generalizedTime",
        [MAP_AS_BASE64] = "base64",     [MAP_AS_POSTAL] = "postalAddress",
        [MAP_AS_PASSWORD] = "password", [MAP_AS_REFERENCE] = "reference"};
    const map_slot_t *slot = of;

    return slot->as < ARRAY_SIZE(names) && names[slot->as] ? str_from_c(names[slot->as])
                                                           : STR("other");
}

static str_t
slot_write(arena_t *mem UNUSED, const void *of)
{
    return write_name(((const map_slot_t *)of)->write);
}

static str_t
slot_required(arena_t *mem UNUSED, const void *of)
{
    return yes_or_no(((const map_slot_t *)of)->required);
}

static str_t
slot_several(arena_t *mem UNUSED, const void *of)
{
    return yes_or_no(((const map_slot_t *)of)->several);
}

static str_t
slot_primary(arena_t *mem UNUSED, const void *of)
{
    return yes_or_no(((const map_slot_t *)of)->primary);
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
    return str_printf(mem, "those like \"%.*s*%.*s\"", STR_ARG(share->head),
                      STR_ARG(share->tail));
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
    buf_init(&buf, mem, WORDS);
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

    buf_init(&buf, mem, WORDS);
    for (size_t i = 0; i < slot->n_references; i++)
        buf_printf(&buf, "%s%.*s", i ? ", " : "", STR_ARG(slot->references[i]->name));
    return buf_str(&buf);
}

/* ---- rules ---- */

static void
add_part(buf_t *buf, const map_part_t *part)
{
    static const char *const names[] = {
        [MAP_TRANSFORM_LOWER] = "lower",     [MAP_TRANSFORM_UPPER] = "upper",
        [MAP_TRANSFORM_ASCII] = "ascii",     [MAP_TRANSFORM_SLUG] = "slug",
        [MAP_TRANSFORM_BEFORE] = "before",   [MAP_TRANSFORM_AFTER] = "after",
        [MAP_TRANSFORM_REPLACE] = "replace", [MAP_TRANSFORM_TRUNCATE] = "truncate",
        [MAP_TRANSFORM_PAD] = "pad",         [MAP_TRANSFORM_HASH] = "hash"};

    if (!part->slot) {
        buf_add(buf, part->literal);
        return;
    }
    buf_printf(buf, "{%.*s", STR_ARG(part->slot->path));
    for (size_t i = 0; i < part->n_transforms; i++) {
        const map_transform_t *transform = &part->transforms[i];

        buf_printf(buf, " | %s", names[transform->kind]);
        if (transform->n > 0)
            buf_printf(buf, " %zu", transform->n);
        if (transform->text.n > 0)
            buf_printf(buf, " \"%.*s\"", STR_ARG(transform->text));
        if (transform->kind == MAP_TRANSFORM_REPLACE)
            buf_printf(buf, " \"%.*s\"", STR_ARG(transform->by));
    }
    buf_add_c(buf, "}");
}

static str_t
rule_alternatives(arena_t *mem, const void *of)
{
    const map_rule_t *rule = of;
    buf_t buf;

    buf_init(&buf, mem, WORDS);
    for (size_t i = 0; i < rule->n; i++) {
        buf_add_c(&buf, i ? ", else \"" : "\"");
        for (size_t j = 0; j < rule->alternatives[i].n; j++)
            add_part(&buf, &rule->alternatives[i].parts[j]);
        buf_add_c(&buf, "\"");
    }
    return buf_str(&buf);
}

static str_t
rule_write(arena_t *mem UNUSED, const void *of)
{
    return write_name(((const map_rule_t *)of)->write);
}

static str_t
rule_unique(arena_t *mem UNUSED, const void *of)
{
    return yes_or_no(((const map_rule_t *)of)->unique);
}

static str_t
rule_conflict(arena_t *mem UNUSED, const void *of)
{
    static const char *const names[] = {[MAP_CONFLICT_OVERWRITE] = "overwrite",
                                        [MAP_CONFLICT_MERGE] = "merge",
                                        [MAP_CONFLICT_PRESERVE] = "preserve"};

    return str_from_c(names[((const map_rule_t *)of)->conflict]);
}

/* ---- lifecycle ---- */

static void
add_step(buf_t *buf, const map_step_t *step)
{
    switch (step->kind) {
    case MAP_STEP_SET:
        buf_printf(buf, "set %.*s to ", STR_ARG(step->attr));
        break;
    case MAP_STEP_UNSET:
        buf_printf(buf, "remove %.*s", STR_ARG(step->attr));
        break;
    case MAP_STEP_SET_BITS:
        buf_printf(buf, "set the bits %lld of %.*s", (long long)step->bits,
                   STR_ARG(step->attr));
        break;
    case MAP_STEP_CLEAR_BITS:
        buf_printf(buf, "clear the bits %lld of %.*s", (long long)step->bits,
                   STR_ARG(step->attr));
        break;
    case MAP_STEP_ADD_CLASS:
        buf_add_c(buf, "add the class ");
        break;
    case MAP_STEP_SAVE:
        buf_printf(buf, "save %.*s in %.*s", STR_ARG(step->attr), STR_ARG(step->aside));
        break;
    case MAP_STEP_STRIP_GROUPS:
        buf_add_c(buf, "take it out of its groups");
        break;
    }
    for (size_t i = 0; i < step->n; i++)
        buf_printf(buf, "%s%.*s", i ? ", " : "", STR_ARG(step->values[i]));
}

static str_t
steps_text(arena_t *mem, const map_step_t *steps, size_t n)
{
    buf_t buf;

    buf_init(&buf, mem, WORDS);
    for (size_t i = 0; i < n; i++) {
        buf_add_c(&buf, i ? "; " : "");
        add_step(&buf, &steps[i]);
    }
    return buf_str(&buf);
}

static str_t
state_when(arena_t *mem, const void *of)
{
    return filter_text(mem, ((const map_state_t *)of)->when);
}

static str_t
state_do(arena_t *mem, const void *of)
{
    return steps_text(mem, ((const map_state_t *)of)->perform,
                      ((const map_state_t *)of)->n_perform);
}

static str_t
state_undo(arena_t *mem, const void *of)
{
    return steps_text(mem, ((const map_state_t *)of)->undo, ((const map_state_t *)of)->n_undo);
}

static str_t
state_stamp(arena_t *mem UNUSED, const void *of)
{
    return ((const map_state_t *)of)->stamp;
}

static str_t
state_purge(arena_t *mem, const void *of)
{
    const map_state_t *state = of;

    return state->purge_s > 0 ? str_printf(mem, "%lld days", (long long)state->purge_s / 86400)
                              : STR("");
}

/* ---- the tables ---- */

const aspect_t aspects_of_map[] = {
    {"dialect", map_dialect_name, "ids may come from another attribute"}, {NULL, NULL, NULL}};

const aspect_t aspects_of_scope[] = {
    {"bases", scope_bases, "other entries may be seen"},
    {"depth", scope_depth, "other entries may be seen"},
    {"filter", scope_filter, "other entries may be seen"},
    {"protect", scope_protect, "what matches is never seen or written"},
    {"unique", scope_unique, NULL},
    {NULL, NULL, NULL}};

const aspect_t aspects_of_type[] = {
    {"scope", type_scope, "other entries may be seen"},
    {"rdn", type_rdn,
     "new entries are named by it; existing ones keep their names until changed"},
    {"objectClass", type_classes, "of new entries"},
    {"auxiliary", type_auxiliary, "marks what is provisioned"},
    {"parent", type_parents, "new entries only"},
    {"match", type_match, "by which a POST recognises an entry"},
    {"unique", type_unique, NULL},
    {"adopt", type_adopt, "whether a POST takes over an entry that nobody provisions"},
    {"placeholder", type_placeholder, "the member of a group without members"},
    {"groups", type_groups, NULL},
    {"aside", type_aside, "given up by a deleted entry when another needs it"},
    {NULL, NULL, NULL}};

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
    {"reference", slot_references, "what may be referred to"},
    {NULL, NULL, NULL}};

const aspect_t aspects_of_rule[] = {
    {"value", rule_alternatives, "existing entries keep theirs until they are written"},
    {"write", rule_write, NULL},
    {"unique", rule_unique, NULL},
    {"conflict", rule_conflict, "when an entry is adopted"},
    {NULL, NULL, NULL}};

const aspect_t aspects_of_state[] = {
    {"when", state_when, "entries in the old state may not be in the new one"},
    {"do", state_do, NULL},
    {"undo", state_undo, NULL},
    {"stamp", state_stamp, NULL},
    {"purge", state_purge, NULL},
    {NULL, NULL, NULL}};
