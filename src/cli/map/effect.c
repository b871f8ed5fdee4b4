/* SPDX-License-Identifier: Apache-2.0 */
/* What clients would see otherwise: each entry that either map shows, through both. */
#include "cli/map/diff.h"

#include "base/clock.h"
#include "map/slot.h"
#include "map/to_resource.h"

typedef struct {
    map_links_t links;
    const map_t *map;
    const map_type_t *type;
    const ldap_filter_t *visible;
    const seen_t *seen;
    int number;
} side_t;

typedef struct {
    arena_t *mem; /* of the effect */
    side_t a, b;
    const map_base_t **bases; /* that were searched, */
    size_t n_bases;
    ldap_depth_t depth; /* so deep */
    int64_t now_s;
    effect_t *effect;
    const ldap_entry_t *entry;
    arena_t *scratch;
    progress_t *progress;
    size_t n;
} effecting_t;

/* A reference is shown as the DN that it is, where the map shows whoever that is. */
static bool
link_by_dn(const map_links_t *links, str_t normal_dn, map_link_t *ret_link)
{
    const side_t *side = (const side_t *)(const void *)links; /* its first member */
    const map_type_t *type = seen_find(side->seen, side->number, normal_dn);

    *ret_link = (map_link_t){normal_dn, normal_dn, type};
    return type != NULL;
}

/* A name is shown as the DN of whom it means. */
static size_t
link_by_name(const map_links_t *links, const map_slot_t *slot, str_t normal,
             map_link_t *ret_link)
{
    const side_t *side = (const side_t *)(const void *)links;
    str_t dn;
    size_t n = seen_find_name(side->seen, slot, normal, &dn);

    return n == 1 && !link_by_dn(links, dn, ret_link) ? 0 : n;
}

static bool
link_by_id(const map_links_t *links UNUSED, str_t id UNUSED, map_link_t *ret_link UNUSED)
{
    return false;
}

static side_t
make_side(arena_t *mem, const seen_t *seen, int number, const map_type_t *type, int64_t now_s)
{
    return (side_t){.links = {link_by_id, link_by_dn, link_by_name},
                    .map = seen_map(seen, number),
                    .type = type,
                    .visible = map_visible(mem, type->scope, now_s),
                    .seen = seen,
                    .number = number};
}

static bool
sees(const effecting_t *self, const side_t *side, arena_t *mem)
{
    return map_scope_holds(side->type->scope, ldap_dn_normal(mem, self->entry->dn)) &&
           ldap_filter_test(mem, side->visible, self->entry, side->map->schema) == LDAP_TRUE;
}

static void
count(tally_t *tally, str_t example)
{
    if (tally->n < EXAMPLES)
        tally->examples[tally->n] = example;
    tally->n++;
}

/* ---- values ---- */

static str_t
text_of(arena_t *mem, const map_values_t *values)
{
    buf_t buf;

    buf_init(&buf, mem, 64 << 10);
    for (size_t i = 0; i < values->n; i++) {
        buf_add_c(&buf, i ? ", " : "");
        json_write(&buf, values->values[i]);
    }
    return buf_str(&buf);
}

static str_t
value_at(arena_t *mem, const side_t *side, const map_values_t *values, str_t path)
{
    for (size_t i = 0; values && i < side->type->n_slots; i++)
        if (str_ieq(side->type->slots[i].path, path))
            return text_of(mem, &values[i]);
    return STR("");
}

static void
compare_path(const effecting_t *self, path_effect_t *path, str_t from, str_t to)
{
    arena_t *mem = self->mem;
    str_t dn = self->entry->dn;

    if (str_eq(from, to))
        return;
    if (from.n > 0 && to.n > 0)
        count(&path->changed, path->changed.n < EXAMPLES
                                  ? str_printf(mem, "%.*s: %.*s becomes %.*s", STR_ARG(dn),
                                               STR_ARG(from), STR_ARG(to))
                                  : STR(""));
    else if (from.n > 0)
        count(&path->lost, path->lost.n < EXAMPLES
                               ? str_printf(mem, "%.*s: %.*s", STR_ARG(dn), STR_ARG(from))
                               : STR(""));
    else
        count(&path->gained, path->gained.n < EXAMPLES
                                 ? str_printf(mem, "%.*s: %.*s", STR_ARG(dn), STR_ARG(to))
                                 : STR(""));
}

static const json_t *
resource_of(const effecting_t *self, const side_t *side, arena_t *mem)
{
    return map_to_resource(mem, side->map, side->type, self->entry, &side->links, NULL,
                           STR("https://localhost"), self->now_s);
}

static str_t
active_text(const side_t *side, const json_t *resource)
{
    if (!map_has_active(side->type))
        return STR("");
    return map_is_active(resource) ? STR("true") : STR("false");
}

static const json_t *
members_of(const side_t *side, const json_t *resource)
{
    const map_slot_t *members = side->type->members;

    return members ? json_find(resource, members->attr->name) : NULL;
}

static void
compare_values(const effecting_t *self, arena_t *mem)
{
    const json_t *a = resource_of(self, &self->a, mem), *b = resource_of(self, &self->b, mem);
    err_t ignored = ERR_INIT;
    const map_values_t *of_a = map_place(mem, self->a.type, a, &ignored),
                       *of_b = map_place(mem, self->b.type, b, &ignored);
    path_effect_t *paths = self->effect->paths;

    compare_path(self, &paths[0], active_text(&self->a, a), active_text(&self->b, b));
    for (size_t i = 1; i < self->effect->n_paths; i++)
        compare_path(self, &paths[i], value_at(mem, &self->a, of_a, paths[i].path),
                     value_at(mem, &self->b, of_b, paths[i].path));
    if (self->effect->members_path.n)
        effect_add_members(self->mem, mem, self->entry->dn, members_of(&self->a, a),
                           members_of(&self->b, b), &self->effect->members);
}

/* ---- entries ---- */

static void
look_at(void *arg)
{
    const effecting_t *self = arg;
    arena_t *mem = self->scratch;
    effect_t *effect = self->effect;
    bool before = sees(self, &self->a, mem), after = sees(self, &self->b, mem);
    tally_t *tally = before ? &effect->hidden : &effect->shown;

    effect->before += before;
    effect->after += after;
    if (before && after)
        compare_values(self, mem);
    else if (before || after)
        count(tally, tally->n < EXAMPLES ? str_dup(self->mem, self->entry->dn) : STR(""));
}

/* Whether an earlier base held it, too. */
static bool
is_counted(const effecting_t *self, arena_t *mem)
{
    str_t dn = ldap_dn_normal(mem, self->entry->dn);

    for (size_t i = 0; i < self->n_bases; i++)
        if (self->depth == LDAP_DEPTH_ONE ? ldap_dn_is_child(dn, self->bases[i]->normal)
                                          : ldap_dn_is_below(dn, self->bases[i]->normal) ||
                                                str_eq(dn, self->bases[i]->normal))
            return true;
    return false;
}

static bool
take_entry(void *arg, const ldap_entry_t *entry)
{
    effecting_t *self = arg;
    arena_t *scratch ARENA_CLEANUP = arena_new(0);

    self->entry = entry;
    self->scratch = scratch;
    if (!scratch)
        arena_exhaust(self->mem);
    progress_tell(self->progress, "%.*s: %zu looked at", STR_ARG(self->effect->type),
                  ++self->n);
    if (!is_counted(self, scratch) && !arena_guard(scratch, look_at, self))
        return false;
    return true;
}

static ldap_names_t
both_names(arena_t *mem, ldap_names_t a, ldap_names_t b)
{
    str_t *names = arena_array_of(mem, a.n + b.n, str_t);
    size_t n = 0;

    for (size_t i = 0; i < a.n; i++)
        names[n++] = a.names[i];
    for (size_t i = 0; i < b.n; i++) {
        bool there = false;

        for (size_t j = 0; j < a.n; j++)
            there |= str_ieq(a.names[j], b.names[i]);
        if (!there)
            names[n++] = b.names[i];
    }
    return (ldap_names_t){names, n};
}

static bool
search_base(const driver_t *driver, effecting_t *self, const map_base_t *base, err_t *err)
{
    arena_t *mem = self->mem;
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = base->dn};
    ldap_reply_t reply;

    op.u.search.depth = self->depth;
    op.u.search.filter = ldap_filter_or2(mem, self->a.visible, self->b.visible);
    op.u.search.attrs = both_names(mem, self->a.type->names_to_change_with_members,
                                   self->b.type->names_to_change_with_members);
    driver_search(driver, mem, &op, take_entry, self, &reply);
    if (reply.fate != LDAP_ANSWERED)
        return err_set(err, ERR_UNAVAILABLE, "the directory did not answer");
    if (reply.code == LDAP_RC_NO_SUCH_OBJECT)
        return true; /* of a map that is for a place yet to be made */
    if (reply.code != LDAP_RC_SUCCESS)
        return ldap_code_error(err, reply.code, reply.matched, reply.diagnostic,
                               "searching below the base");
    return true;
}

static bool
search_bases(const driver_t *driver, effecting_t *self, const map_scope_t *scope, err_t *err)
{
    for (size_t i = 0; i < scope->n_bases; i++) {
        const map_base_t *base = &scope->bases[i];
        bool done = false;

        for (size_t j = 0; j < self->n_bases; j++)
            done |= str_eq(self->bases[j]->normal, base->normal);
        if (done)
            continue;
        if (!search_base(driver, self, base, err))
            return false;
        self->bases[self->n_bases++] = base;
    }
    return true;
}

static void
list_paths(arena_t *mem, const map_type_t *a, const map_type_t *b, effect_t *effect)
{
    effect->paths = arena_array_of(mem, a->n_slots + b->n_slots + 1, path_effect_t);
    effect->paths[effect->n_paths++].path = STR("active");
    for (size_t side = 0; side < 2; side++) {
        const map_type_t *type = side ? b : a;

        if (type->members)
            effect->members_path = type->members->path;
        for (size_t i = 0; i < type->n_slots; i++) {
            bool there = &type->slots[i] == type->members;

            for (size_t j = 0; j < effect->n_paths; j++)
                there |= str_ieq(effect->paths[j].path, type->slots[i].path);
            if (!there)
                effect->paths[effect->n_paths++].path = type->slots[i].path;
        }
    }
}

bool
map_effect(const driver_t *driver, arena_t *mem, const seen_t *seen,
           const map_type_t *const of[SEEN_SIDES], effect_t *ret_effect, progress_t *progress,
           err_t *err)
{
    effecting_t self = {
        .mem = mem, .now_s = clock_real_s(), .effect = ret_effect, .progress = progress};
    const map_scope_t *a = of[SEEN_A]->scope, *b = of[SEEN_B]->scope;

    *ret_effect = (effect_t){.type = of[SEEN_A]->scim->name};
    list_paths(mem, of[SEEN_A], of[SEEN_B], ret_effect);
    self.a = make_side(mem, seen, SEEN_A, of[SEEN_A], self.now_s);
    self.b = make_side(mem, seen, SEEN_B, of[SEEN_B], self.now_s);
    self.depth = a->depth == LDAP_DEPTH_ONE && b->depth == LDAP_DEPTH_ONE ? LDAP_DEPTH_ONE
                                                                          : LDAP_DEPTH_SUB;
    self.bases = arena_array_of(mem, a->n_bases + b->n_bases, const map_base_t *);
    return search_bases(driver, &self, a, err) && search_bases(driver, &self, b, err);
}
