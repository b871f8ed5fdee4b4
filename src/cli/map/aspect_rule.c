/* SPDX-License-Identifier: Apache-2.0 */
/* Of entry rules and the lifecycle. */
#include "cli/map/aspect.h"

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
counter_text(arena_t *mem, const map_counter_t *counter)
{
    return str_printf(mem, "the next number of %.*s of %.*s, from %lld to %lld",
                      STR_ARG(counter->ldap), STR_ARG(counter->dn), (long long)counter->first,
                      (long long)counter->last);
}

static str_t
rule_alternatives(arena_t *mem, const void *of)
{
    const map_rule_t *rule = of;
    buf_t buf;

    if (rule->counter)
        return counter_text(mem, rule->counter);
    buf_init(&buf, mem, ASPECT_MAX);
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
    return aspect_write(((const map_rule_t *)of)->write);
}

static str_t
rule_unique(arena_t *mem UNUSED, const void *of)
{
    return aspect_yes_or_no(((const map_rule_t *)of)->unique);
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
add_move(buf_t *buf, const map_step_t *step)
{
    if (step->to.n > 0)
        buf_printf(buf, "move it to \"%.*s\"", STR_ARG(ldap_dn_format(buf->mem, &step->to)));
    else
        buf_add_c(buf, "move it to where \"parent\" puts it");
}

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
    case MAP_STEP_MOVE:
        add_move(buf, step);
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

    buf_init(&buf, mem, ASPECT_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_add_c(&buf, i ? "; " : "");
        add_step(&buf, &steps[i]);
    }
    return buf_str(&buf);
}

static str_t
state_when(arena_t *mem, const void *of)
{
    const map_state_t *state = of;

    return state->under ? str_printf(mem, "under \"%.*s\"", STR_ARG(state->under->dn))
                        : aspect_filter(mem, state->when);
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
