/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/test_random.c - what holds of every map, resource and PATCH: the shipped map, and maps
 * that nobody wrote. */
#include "map/change.h"

#include "ldap/apply.h"
#include "map/lifecycle.h"
#include "map/slot.h"
#include "map/to_entry.h"
#include "map/to_resource.h"
#include "scim/resource.h"
#include "support/suite_run.h"
#include "unit/map/generate.h"
#include "unit/map/random.h"
#include "unit/map/sample.h"

#include <check.h>
#include <stdlib.h>

static arena_t *mem;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
}

/* ---- an entry, and what changes make of it ---- */

static str_t
normal(const map_t *map, str_t attr, str_t value)
{
    return ldap_rule_normal(mem, ldap_schema_get(map->schema, attr)->equality, value);
}

/* As a server does: a value to delete must be there, one to add must not. */
static void
apply_mod(const map_t *map, ldap_entry_t *entry, const ldap_mod_t *mod)
{
    ldap_attr_t *there = ldap_entry_get(mem, entry, mod->attr.name);

    if (mod->op == LDAP_MOD_OP_REPLACE)
        there->n = 0;
    for (size_t i = 0; i < mod->attr.n; i++) {
        str_t wanted = normal(map, mod->attr.name, mod->attr.values[i]);
        size_t at = 0;

        while (at < there->n && !str_eq(normal(map, mod->attr.name, there->values[at]), wanted))
            at++;
        ck_assert_msg((at < there->n) == (mod->op == LDAP_MOD_OP_DELETE), "%s %s",
                      mod->attr.name.p, mod->attr.values[i].p);
        if (mod->op == LDAP_MOD_OP_DELETE)
            there->values[at] = there->values[--there->n];
        else
            ldap_attr_add(mem, there, mod->attr.values[i]);
    }
    if (there->n == 0)
        ldap_entry_remove(entry, mod->attr.name);
}

static ldap_entry_t
copy_entry(const ldap_entry_t *entry)
{
    ldap_entry_t copy = {.dn = entry->dn};

    for (size_t i = 0; i < entry->n; i++)
        for (size_t k = 0; k < entry->attrs[i].n; k++)
            ldap_entry_add(mem, &copy, entry->attrs[i].name, entry->attrs[i].values[k]);
    return copy;
}

static void
apply_change(const map_t *map, ldap_entry_t *entry, const map_change_t *change)
{
    if (change->rename)
        ldap_apply_rename(mem, map->schema, entry, ldap_rdn_format(mem, &change->rdn),
                          !change->keeps_old_name);
    for (size_t i = 0; i < change->mods.n; i++)
        apply_mod(map, entry, &change->mods.mods[i]);
}

/* ---- resources as texts that do not depend on the order of values ---- */

static int
compare_texts(const void *a, const void *b)
{
    return str_cmp(*(const str_t *)a, *(const str_t *)b);
}

/* primary is the slot's to say, not the client's. */
static str_t unordered(const json_t *value);

static str_t
unordered_member(const json_member_t *member)
{
    if (str_eq(member->name, STR("primary")))
        return STR("");
    return str_printf(mem, "%.*s: %.*s", STR_ARG(member->name),
                      STR_ARG(unordered(member->value)));
}

/* A text that is the same for the same values in any order. Elements that a value path has made
 * equal are one: LDAP values are a set (RFC 7643 §2.4: a type and value SHOULD NOT be twice). */
static str_t
unordered(const json_t *value)
{
    bool object = json_is(value, JSON_OBJECT);
    size_t n = object ? value->u.object.n : json_is(value, JSON_ARRAY) ? value->u.array.n : 0;
    str_t *parts = arena_array_of(mem, n + 1, str_t);
    buf_t buf;

    if (!object && !json_is(value, JSON_ARRAY))
        return sample_text(mem, value);
    for (size_t i = 0; i < n; i++)
        parts[i] = object ? unordered_member(&value->u.object.members[i])
                          : unordered(value->u.array.items[i]);
    qsort(parts, n, sizeof(str_t), compare_texts);
    buf_init(&buf, mem, 1 << 20);
    buf_add_char(&buf, object ? '{' : '[');
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n == 0 || (i > 0 && str_eq(parts[i], parts[i - 1])))
            continue;
        buf_add(&buf, parts[i]);
        buf_add_c(&buf, ", ");
    }
    buf_add_char(&buf, object ? '}' : ']');
    return buf_str(&buf);
}

/* ---- a map by chance, and a resource of it ---- */

typedef struct {
    const map_t *map;
    const map_type_t *type;
    const map_links_t *links;
    uint32_t *seed;
} world_t;

/* Every fifth time the shipped map. */
static world_t
random_world(int which, uint32_t *seed)
{
    bool shipped = which % 5 == 0;
    const map_t *map = shipped ? sample_map(mem, "people") : generate_map(mem, seed);
    const char *other = shipped ? "Group" : "Device";

    return (world_t){map, sample_type(map, random_below(seed, 4) ? "User" : other),
                     sample_links(mem, map), seed};
}

static json_t *
show(const world_t *world, const ldap_entry_t *entry)
{
    json_t *shown = map_to_resource(mem, world->map, world->type, entry, world->links, NULL,
                                    SAMPLE_URL, SAMPLE_NOW);

    random_drop_derived(shown);
    return shown;
}

static void
set_attr(const world_t *world, json_t *resource, const map_slot_t *slot, const json_t *value)
{
    json_t *part = scim_resource_make_part(mem, resource, world->type->scim, slot->schema);

    if (value)
        json_set(mem, part, slot->attr->name, json_copy(mem, value));
    else
        json_remove(part, slot->attr->name);
    if (part != resource && part->u.object.n == 0)
        json_remove(resource, slot->schema->id);
}

static bool
is_part(const json_t *a, const json_t *b)
{
    bool part = a != b && a->u.object.n < b->u.object.n;

    for (size_t i = 0; part && i < a->u.object.n; i++) {
        const json_t *other = json_find(b, a->u.object.members[i].name);

        part = other && json_eq(other, a->u.object.members[i].value);
    }
    return part;
}

/* An element that says nothing but what another one of its type says is that element. */
static void
drop_parts(json_t *array)
{
    for (size_t i = array ? array->u.array.n : 0; i-- > 0;)
        for (size_t k = 0; k < array->u.array.n; k++)
            if (is_part(array->u.array.items[i], array->u.array.items[k])) {
                json_remove_at(array, i);
                break;
            }
}

/* What becomes of `wanted`, where the map does not write all that clients say: a new resource when
 * `before` is NULL. Modes other than "always" are those of whole attributes. */
static json_t *
settle(const world_t *world, const json_t *before, const json_t *wanted)
{
    json_t *settled = json_copy(mem, wanted);

    for (size_t i = 0; i < world->type->n_slots; i++) {
        const map_slot_t *slot = &world->type->slots[i];
        const json_t *was = before ? map_slot_find(world->type, slot, before) : NULL;

        if (!map_slot_writes(slot) || (slot->write == MAP_WRITE_IF_EMPTY && was) ||
            (slot->write == MAP_WRITE_CREATE && before && !str_eq(slot->ldap, STR("uid"))))
            set_attr(world, settled, slot, was);
        if (slot->attr->multi && slot->type.n > 0)
            drop_parts(map_slot_find(world->type, slot, settled));
    }
    return settled;
}

static bool
same(const json_t *a, const json_t *b)
{
    return str_eq(unordered(a), unordered(b));
}

/* An entry of the resource, with values that are nobody's. */
static ldap_entry_t
make_entry(const world_t *world, const json_t *resource)
{
    ldap_entry_t entry;
    err_t err = ERR_INIT;

    ck_assert_msg(map_to_entry(mem, world->map, world->type, resource, world->links, NULL,
                               SAMPLE_NOW, &entry, &err),
                  "%s: %s", sample_text(mem, resource).p, err.detail);
    return entry;
}

static void
add_unseen(const world_t *world, ldap_entry_t *entry)
{
    ldap_entry_add(mem, entry, STR("x500UniqueIdentifier"), STR("unseen"));
    for (size_t i = 0; i < world->type->n_slots; i++) {
        const map_slot_t *slot = &world->type->slots[i];

        if (slot->write == MAP_WRITE_ALWAYS && slot->several && slot->as == MAP_AS_STRING &&
            slot->n_table == 0 && slot->n_copies == 0)
            ldap_entry_add(mem, entry, slot->ldap, STR("\xff"));
    }
    if (world->type->members)
        ldap_entry_add(mem, entry, STR("member"), STR("uid=svc,dc=other"));
}

static void
check_unseen(const world_t *world, const ldap_entry_t *entry, const ldap_entry_t *first)
{
    static const char *const unseen[] = {"unseen", "\xff", "uid=svc,dc=other"};

    for (size_t i = 0; i < first->n; i++)
        for (size_t k = 0; k < ARRAY_SIZE(unseen); k++)
            ck_assert_msg(!ldap_attr_has(&first->attrs[i], str_from_c(unseen[k])) ||
                              ldap_attr_has(ldap_entry_find(entry, first->attrs[i].name),
                                            str_from_c(unseen[k])),
                          "%.*s of %.*s is gone", STR_ARG(first->attrs[i].name),
                          STR_ARG(world->type->scim->name));
}

/* ---- to and fro ---- */

/* What was written is read. */
START_TEST(test_identity)
{
    uint32_t seed = (uint32_t)_i * 2654435761U + 12345;
    world_t world = random_world(_i, &seed);

    for (int i = 0; i < 20; i++) {
        json_t *resource = random_resource(mem, world.type, &seed);
        json_t *wanted = settle(&world, NULL, resource);
        ldap_entry_t entry = make_entry(&world, resource);

        ck_assert_msg(same(show(&world, &entry), wanted), "%s\nis shown as\n%s",
                      sample_text(mem, wanted).p, sample_text(mem, show(&world, &entry)).p);
        add_unseen(&world, &entry);
        ck_assert_msg(same(show(&world, &entry), wanted), "%s\nis shown as\n%s",
                      sample_text(mem, wanted).p, sample_text(mem, show(&world, &entry)).p);
    }
}
END_TEST

/* One resource becomes another by one change, a second one is none, and what is unseen stays. */
START_TEST(test_change)
{
    uint32_t seed = (uint32_t)_i * 104729 + 7;
    world_t world = random_world(_i, &seed);

    for (int i = 0; i < 20; i++) {
        json_t *first = random_resource(mem, world.type, &seed), *before, *after;
        ldap_entry_t entry = make_entry(&world, first), old;
        map_change_t change;
        err_t err = ERR_INIT;

        add_unseen(&world, &entry);
        old = copy_entry(&entry);
        before = show(&world, &entry);
        after = settle(&world, before, random_resource(mem, world.type, &seed));
        ck_assert_msg(map_change_between(mem, world.map, world.type, &entry, before, after,
                                         world.links, SAMPLE_NOW, &change, &err),
                      "%s", err.detail);
        apply_change(world.map, &entry, &change);
        ck_assert_msg(same(show(&world, &entry), after), "%s\nbecomes\n%s\nby %s\nnot\n%s",
                      sample_text(mem, before).p, sample_text(mem, show(&world, &entry)).p,
                      sample_mods(mem, &change.mods).p, sample_text(mem, after).p);
        check_unseen(&world, &entry, &old);
        ck_assert(map_change_between(mem, world.map, world.type, &entry, show(&world, &entry),
                                     after, world.links, SAMPLE_NOW, &change, &err));
        ck_assert_msg(change.mods.n == 0 && !change.rename, "%s",
                      sample_mods(mem, &change.mods).p);
    }
}
END_TEST

/* ---- PATCH through the map is PATCH on the resource ---- */

typedef struct {
    const map_type_t *type;
    const json_t *other; /* values come from here */
    uint32_t *seed;
} dice_t;

static uint32_t
below(const dice_t *dice, uint32_t n)
{
    return random_below(dice->seed, n);
}

/* "emails[type eq \"work\"]", "name.givenName", "title" and their URNs; `part`: without the last
 * sub-attribute. */
static str_t
path_of(const map_slot_t *slot, bool part)
{
    str_t path = slot->path;
    size_t dot = str_find_last_char(path, '.');
    bool cut =
        part && slot->sub && dot < path.n && dot > str_find_last_char(path, ':') % path.n;

    return cut ? str_slice(path, 0, dot) : path;
}

/* Only what rules make of nothing cannot go: the family name. */
static bool
may_go(const map_slot_t *slot)
{
    return !slot->required && !str_eq(slot->attr->name, STR("name"));
}

static const json_t *
value_of(const dice_t *dice, const map_slot_t *slot)
{
    const json_t *value = map_slot_find(dice->type, slot, dice->other);

    if (json_is(value, JSON_ARRAY) &&
        (slot->attr->kind != SCIM_COMPLEX || slot->as == MAP_AS_JSON))
        return value;
    for (size_t i = 0; json_is(value, JSON_ARRAY) && i < value->u.array.n; i++) {
        const json_t *type = json_find(value->u.array.items[i], STR("type"));

        if (type ? str_eq(type->u.string, slot->type) : slot->type.n == 0)
            return json_find(value->u.array.items[i], map_slot_leaf(slot)->name);
    }
    if (json_is(value, JSON_ARRAY))
        return NULL;
    return slot->sub ? json_find(value, slot->sub->name) : value;
}

static json_t *
random_op(const dice_t *dice)
{
    static const char *const kinds[] = {"add", "replace", "remove"};
    const map_slot_t *slot = &dice->type->slots[below(dice, (uint32_t)dice->type->n_slots)];
    uint32_t kind = below(dice, may_go(slot) ? 3 : 2), shape = below(dice, 4);
    const json_t *value = map_slot_find(dice->type, slot, dice->other);
    json_t *op = json_object(mem);
    str_t path = slot->schema == dice->type->scim->core
                     ? slot->attr->name
                     : str_printf(mem, "%.*s:%.*s", STR_ARG(slot->schema->id),
                                  STR_ARG(slot->attr->name));

    if (shape > 1) {
        path = kind == 2 ? path_of(slot, shape == 2) : slot->path;
        value = value_of(dice, slot);
    }
    if (shape == 3 && slot->as == MAP_AS_JSON && !slot->attr->multi) {
        const scim_attr_t *sub = &slot->attr->subs[below(dice, (uint32_t)slot->attr->n_subs)];

        path = str_printf(mem, "%.*s.%.*s", STR_ARG(slot->path), STR_ARG(sub->name));
        value = json_find(value, sub->name);
    }
    if (slot->as == MAP_AS_PASSWORD || (kind < 2 && !value))
        return NULL;
    json_set(mem, op, STR("op"), json_string(mem, str_from_c(kinds[kind])));
    if (kind < 2 && shape == 1 && slot->schema == dice->type->scim->core) {
        json_t *object = json_object(mem); /* without a path */

        json_set(mem, object, path, json_copy(mem, value));
        json_set(mem, op, STR("value"), object);
        return op;
    }
    json_set(mem, op, STR("path"), json_string(mem, path));
    if (kind < 2)
        json_set(mem, op, STR("value"), json_copy(mem, value));
    return op;
}

static scim_patch_t
random_patch(const dice_t *dice, bool creates, json_t **ret_ops)
{
    json_t *body = json_object(mem), *ops = json_array(mem), *schemas = json_array(mem);
    scim_patch_t patch;
    err_t err = ERR_INIT;

    for (uint32_t n = 1 + below(dice, 4); ops->u.array.n < n;) {
        json_t *op = random_op(dice);

        if (op)
            json_append(mem, ops, op);
    }
    json_append(mem, schemas, json_string(mem, STR(SCIM_URN_PATCH)));
    json_set(mem, body, STR("schemas"), schemas);
    json_set(mem, body, STR("Operations"), ops);
    ck_assert_msg(scim_patch_read(mem, body, 100, &patch, &err), "%s: %s",
                  sample_text(mem, ops).p, err.detail);
    for (size_t i = 0; i < patch.n; i++)
        patch.ops[i].create_element = creates;
    *ret_ops = ops;
    return patch;
}

typedef struct {
    const world_t *world;
    const ldap_entry_t *entry;
    const json_t *before, *after, *ops;
} patched_t;

/* The entry so changed shows what the operations make of the resource; what is unseen stays. */
static void
check_patched(const patched_t *is, const map_change_t *change, bool direct)
{
    ldap_entry_t entry = copy_entry(is->entry);

    if (direct) /* values that are there already may be added */
        ldap_apply_mods(mem, is->world->map->schema, &entry, change->mods.mods, change->mods.n);
    else
        apply_change(is->world->map, &entry, change);
    ck_assert_msg(same(show(is->world, &entry), is->after),
                  "%s%s\non %s\nshows %s\nnot %s\nby %s", direct ? "direct: " : "",
                  sample_text(mem, is->ops).p, sample_text(mem, is->before).p,
                  sample_text(mem, show(is->world, &entry)).p, sample_text(mem, is->after).p,
                  sample_mods(mem, &change->mods).p);
    ck_assert(
        ldap_attr_has(ldap_entry_find(&entry, STR("x500UniqueIdentifier")), STR("unseen")));
    if (!direct && same(is->before, is->after))
        ck_assert_msg(change->mods.n == 0 && !change->rename, "%s changes nothing, but %s",
                      sample_text(mem, is->ops).p, sample_mods(mem, &change->mods).p);
}

/* What a slot cannot hold is refused, and so is what there is no element for. */
static bool
is_refusal(err_kind_t kind)
{
    return kind == ERR_INVALID_VALUE || kind == ERR_NO_TARGET || kind == ERR_MUTABILITY;
}

START_TEST(test_patch)
{
    uint32_t seed = (uint32_t)_i * 15485863 + 3;
    world_t world = random_world(_i, &seed);
    size_t done = 0;

    for (int i = 0; i < 60; i++) {
        json_t *first = random_resource(mem, world.type, &seed), *after, *ops;
        dice_t dice = {world.type, random_resource(mem, world.type, &seed), &seed};
        scim_patch_t patch = random_patch(&dice, i % 2, &ops);
        ldap_entry_t entry = make_entry(&world, first);
        patched_t is = {.world = &world, .entry = &entry, .ops = ops};
        map_change_t change;
        err_t err = ERR_INIT, refused = ERR_INIT;

        ldap_entry_add(mem, &entry, STR("x500UniqueIdentifier"), STR("unseen"));
        is.before = show(&world, &entry);
        after = json_copy(mem, is.before);
        if (!scim_patch_apply(mem, world.type->scim, after, &patch, &refused) ||
            !map_change_between(mem, world.map, world.type, &entry, is.before, after,
                                world.links, SAMPLE_NOW, &change, &refused)) {
            ck_assert_msg(is_refusal(refused.kind), "%s: %s", sample_text(mem, ops).p,
                          refused.detail);
            continue;
        }
        is.after = settle(&world, is.before, after);
        check_patched(&is, &change, false);
        done++;
        if (map_change_direct(mem, world.map, world.type, &patch, world.links, SAMPLE_NOW,
                              &change, &err))
            check_patched(&is, &change, true);
        ck_assert_msg(err.kind == ERR_NONE, "%s: %s", sample_text(mem, ops).p, err.detail);
    }
    ck_assert_msg(done > 10, "%zu done: a poor test", done);
}
END_TEST

/* ---- states ---- */

static void
random_values(ldap_entry_t *entry, uint32_t *seed)
{
    static const char *const values[][2] = {
        {"scimVisible", "TRUE"},  {"employeeType", "gone"},
        {"employeeType", "here"}, {"businessCategory", "gone"},
        {"shadowFlag", "6"},      {"shadowFlag", "9"},
        {"street", "here"},       {"homePhone", "+1 2"},
        {"scimLocale", "de"},     {"pwdEndTime", "20990101000000Z"}};

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        str_t name = str_from_c(values[i][0]);

        if (random_below(seed, 2) && !ldap_entry_find(entry, name))
            ldap_entry_add(mem, entry, name, str_from_c(values[i][1]));
    }
    ldap_entry_add(mem, entry, STR("x500UniqueIdentifier"), STR("unseen"));
}

static void
check_same_values(const ldap_entry_t *old, const ldap_entry_t *entry, str_t attr)
{
    const ldap_attr_t *was = ldap_entry_find(old, attr), *is = ldap_entry_find(entry, attr);

    ck_assert_msg((was ? was->n : 0) == (is ? is->n : 0), "%.*s", STR_ARG(attr));
    for (size_t i = 0; was && i < was->n; i++)
        ck_assert_msg(ldap_attr_has(is, was->values[i]), "%.*s", STR_ARG(attr));
}

static bool
saves(const map_state_t *state)
{
    for (size_t i = 0; i < state->n_perform; i++)
        if (state->perform[i].kind == MAP_STEP_SAVE)
            return true;
    return false;
}

/* What is written, and where the entry then is. */
static void
go(const world_t *world, ldap_entry_t *entry, map_change_t *change)
{
    json_t *resource = show(world, entry);
    err_t err = ERR_INIT;
    ldap_dn_t dn;

    ck_assert_msg(map_change_return(mem, world->type, entry, resource, change, &err), "%s",
                  err.detail);
    ldap_apply_mods(mem, world->map->schema, entry, change->mods.mods, change->mods.n);
    if (change->n_moves == 0)
        return;
    ck_assert(ldap_dn_parse(mem, entry->dn, &dn, &err));
    entry->dn = str_printf(mem, "%.*s,%.*s", STR_ARG(ldap_rdn_format(mem, &dn.rdns[0])),
                           STR_ARG(ldap_dn_format(mem, &change->moves[0].dn)));
}

/* Twice, of which the second time changes nothing. But a state that puts values back is left once:
 * then they are not the state's any more. */
static void
turn(const world_t *world, ldap_entry_t *entry, const map_state_t *state, bool enter,
     int64_t now_s)
{
    bool once = !enter && saves(state);

    if (once && !map_state_holds(mem, world->map, state, entry, now_s))
        return;
    for (int again = 0; again < (once ? 1 : 2); again++) {
        map_change_t change = {.rename = false};
        ldap_entry_t old = copy_entry(entry);

        if (enter)
            map_change_enter(mem, world->type, state, entry, now_s, &change);
        else
            map_change_leave(mem, world->type, state, entry, now_s, &change);
        go(world, entry, &change);
        ck_assert_msg(map_state_holds(mem, world->map, state, entry, now_s) == enter,
                      "%s of a state: %s\nleads to\n%s", enter ? "do" : "undo",
                      sample_mods(mem, &change.mods).p, sample_lines(mem, entry).p);
        ck_assert(state->stamp.n == 0 || !ldap_entry_find(entry, state->stamp) == !enter);
        for (size_t i = 0; again && i < old.n; i++)
            check_same_values(&old, entry, old.attrs[i].name);
    }
}

/* "do" leads into the state, "undo" out of it, from wherever they begin; what they do not name
 * stays, and what was saved comes back. A tombstone's `active` is nobody's to change. */
START_TEST(test_states)
{
    uint32_t seed = (uint32_t)_i * 7919 + 11;
    const map_t *map = generate_lifecycle(mem, &seed);
    world_t world = {map, sample_type(map, "User"), sample_links(mem, map), &seed};
    const map_state_t *inactive = &world.type->inactive, *deleted = &world.type->deleted;

    for (int i = 0; i < 20; i++) {
        json_t *resource = random_resource(mem, world.type, &seed);
        ldap_entry_t entry = make_entry(&world, resource), first;
        int64_t now_s = SAMPLE_NOW;

        ck_assert(map_state_holds(mem, map, inactive, &entry, SAMPLE_NOW) !=
                  map_is_active(resource));
        ck_assert(!map_state_holds(mem, map, deleted, &entry, SAMPLE_NOW));
        random_values(&entry, &seed);
        turn(&world, &entry, inactive, false, now_s);
        first = copy_entry(&entry);
        turn(&world, &entry, inactive, true, ++now_s);
        for (int k = 0; k < 4; k++) {
            bool is_deleted = map_state_holds(mem, map, deleted, &entry, now_s);

            turn(&world, &entry, !is_deleted && random_below(&seed, 2) ? inactive : deleted,
                 random_below(&seed, 2) == 0, ++now_s);
        }
        turn(&world, &entry, deleted, false, ++now_s);
        turn(&world, &entry, inactive, false, ++now_s);
        check_same_values(&first, &entry, STR("x500UniqueIdentifier"));
        for (size_t k = 0; k < inactive->n_perform; k++)
            if (inactive->perform[k].kind == MAP_STEP_SAVE)
                check_same_values(&first, &entry, inactive->perform[k].attr);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/random");
    TCase *tests = tcase_create("random");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_identity, 0, 200);
    tcase_add_loop_test(tests, test_change, 0, 200);
    tcase_add_loop_test(tests, test_patch, 0, 100);
    tcase_add_loop_test(tests, test_states, 0, 100);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
