/* SPDX-License-Identifier: Apache-2.0 */
/* Why an entry is no resource. The directory itself is asked whether the entry matches: it knows its
 * schema, and what the bind identity may see. */
#include "cli/show/show.h"

typedef struct {
    show_t *show;
    const map_type_t *type;
    const map_scope_t *scope;
    bool failed; /* the directory does not answer */
} judge_t;

void
show_add_why(show_t *show, const char *code, str_t reason, str_t advice)
{
    if (show->n_whys < SHOW_WHYS_MAX)
        show->whys[show->n_whys++] = (show_why_t){code, reason, advice};
}

static bool
matches(judge_t *judge, const ldap_filter_t *filter)
{
    ldap_reply_t reply;

    if (show_read(judge->show, judge->show->user->dn, filter, STR("1.1"), &reply))
        return reply.n_entries == 1;
    judge->failed = true;
    return false;
}

/* The filter's parts that decide, by name: those of an AND that fail, or of an OR that match. */
static str_t
deciding_parts(judge_t *judge, const ldap_filter_t *filter, ldap_filter_kind_t kind, bool match)
{
    arena_t *mem = judge->show->mem;
    size_t n = 0;
    buf_t buf;

    buf_init(&buf, mem, 64 * 1024);
    for (size_t i = 0; filter->kind == kind && i < filter->n_parts; i++) {
        if (matches(judge, filter->parts[i]) != match)
            continue;
        buf_add_c(&buf, n++ == 0 ? "" : " and ");
        ldap_filter_write(&buf, filter->parts[i]);
    }
    return buf_str(&buf);
}

static void
judge_filter(judge_t *judge)
{
    arena_t *mem = judge->show->mem;
    const map_scope_t *scope = judge->scope;
    str_t parts;

    if (!scope->filter || matches(judge, scope->filter))
        return;
    parts = deciding_parts(judge, scope->filter, LDAP_F_AND, false);
    show_add_why(
        judge->show, "filter",
        str_printf(mem, "it does not match the filter of the scope \"%.*s\", %.*s%s%.*s",
                   STR_ARG(scope->name), STR_ARG(ldap_filter_format(mem, scope->filter)),
                   parts.n ? "; what fails is " : "", STR_ARG(parts)),
        STR("give the entry what the filter asks for, or widen the scope's \"filter\" "
            "in the map"));
}

static void
judge_protection(judge_t *judge)
{
    arena_t *mem = judge->show->mem;
    const map_scope_t *scope = judge->scope;
    str_t parts;

    if (!scope->protect || !matches(judge, scope->protect))
        return;
    parts = deciding_parts(judge, scope->protect, LDAP_F_OR, true);
    show_add_why(judge->show, "protected",
                 str_printf(mem, "it is protected by %.*s of the scope \"%.*s\"%s%.*s",
                            STR_ARG(ldap_filter_format(mem, scope->protect)),
                            STR_ARG(scope->name), parts.n ? "; what matches is " : "",
                            STR_ARG(parts)),
                 STR("that is meant for entries that no client may see or change; narrow "
                     "\"protect\" in the map if this is none of them"));
}

static str_t
stamp_text(const show_t *show, const map_state_t *state)
{
    const ldap_attr_t *stamp = state->stamp.n ? show_find_attr(show, state->stamp) : NULL;

    return stamp && stamp->n ? str_printf(show->mem, ", since %.*s", STR_ARG(stamp->values[0]))
                             : STR("");
}

static void
judge_place(show_t *show, const map_type_t *type)
{
    show_add_why(
        show, "deleted",
        str_printf(show->mem,
                   "it lies under \"%.*s\", where the map keeps what was deleted%.*s",
                   STR_ARG(type->deleted.under->dn), STR_ARG(stamp_text(show, &type->deleted))),
        STR("a POST of the same person or group brings it back; scimbridge purge removes "
            "it after its period"));
}

/* A scope shows no tombstone of any type that lives in it. */
static void
judge_mark(judge_t *judge)
{
    show_t *show = judge->show;
    const map_t *map = show_map(show);

    for (size_t i = 0; i < map->n_types; i++) {
        const map_type_t *type = &map->types[i];
        const ldap_filter_t *when;

        if (type->scope != judge->scope || !type->deleted.present)
            continue;
        when = map_when(show->mem, &type->deleted, show->now_s);
        if (!matches(judge, when))
            continue;
        if (type->deleted.under) {
            judge_place(show, type);
            return;
        }
        show_add_why(
            show, "deleted",
            str_printf(show->mem, "it is marked as deleted by %.*s%.*s",
                       STR_ARG(ldap_filter_format(show->mem, when)),
                       STR_ARG(stamp_text(show, &type->deleted))),
            STR("a POST of the same person or group brings it back; scimbridge purge removes "
                "it after its period"));
        return;
    }
}

static void
judge_anchor(judge_t *judge)
{
    show_t *show = judge->show;
    str_t anchor = show_map(show)->dialect->anchor;

    if (show->id.n)
        return;
    show_add_why(show, "anchor",
                 str_printf(show->mem, "its id, %.*s, cannot be read", STR_ARG(anchor)),
                 str_printf(show->mem,
                            "let the bind identity read and search %.*s of the entries in the "
                            "scope",
                            STR_ARG(anchor)));
}

/* What the parts do not tell, the whole does. */
static void
judge_whole(judge_t *judge)
{
    show_t *show = judge->show;
    const ldap_filter_t *visible = map_visible(show->mem, judge->scope, show->now_s);

    if (matches(judge, visible))
        return;
    show_add_why(show, "unseen",
                 str_printf(show->mem, "the directory does not find it by %.*s",
                            STR_ARG(ldap_filter_format(show->mem, visible))),
                 STR("let the bind identity search the attributes that the filter names"));
}

/* Whether the entry is a resource of the type. */
static bool
judge_type(judge_t *judge, const map_type_t *type)
{
    size_t before = judge->show->n_whys;

    judge->type = type;
    judge->scope = type->scope;
    judge_filter(judge);
    judge_protection(judge);
    judge_mark(judge);
    judge_anchor(judge);
    if (!judge->failed && judge->show->n_whys == before)
        judge_whole(judge);
    return !judge->failed && judge->show->n_whys == before;
}

static void
judge_outside(show_t *show)
{
    const map_t *map = show_map(show);
    buf_t buf;

    buf_init(&buf, show->mem, 64 * 1024);
    buf_add_c(&buf, "it lies outside every base of the connector:");
    for (size_t i = 0; i < map->n_scopes; i++) {
        const map_scope_t *scope = &map->scopes[i];

        for (size_t b = 0; b < scope->n_bases; b++)
            buf_printf(&buf, "%s %.*s (scope \"%.*s\"%s)", i + b > 0 ? "," : "",
                       STR_ARG(scope->bases[b].dn), STR_ARG(scope->name),
                       scope->depth == LDAP_DEPTH_ONE ? ", direct children only" : "");
    }
    show_add_why(show, "outside", buf_str(&buf),
                 STR("move the entry, or add a base to a scope of the map"));
}

bool
show_judge(show_t *show)
{
    const map_t *map = show_map(show);
    str_t normal = ldap_dn_normal(show->mem, show->user->dn);
    judge_t judge = {.show = show};

    for (size_t i = 0; i < map->n_types; i++) {
        const map_type_t *type = &map->types[i];

        if (!map_scope_holds(type->scope, normal))
            continue;
        show->type = type;
        if (judge_type(&judge, type)) {
            show->n_whys = 0;
            return true;
        }
        if (judge.failed)
            return err_set(&show->err, ERR_UNAVAILABLE,
                           "the directory did not answer when asked about %.*s",
                           STR_ARG(show->user->dn));
    }
    if (!show->type)
        judge_outside(show);
    return true;
}
