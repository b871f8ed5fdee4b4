/* SPDX-License-Identifier: Apache-2.0 */
/* The change that takes an entry from one resource to another. */
#include "map/change_between.h"

#include "map/change_attr.h"
#include "map/index.h"
#include "map/lifecycle.h"
#include "map/old_name.h"
#include "map/parent.h"
#include "map/share.h"
#include "map/slot.h"
#include "map/template_apply.h"
#include "map/to_resource.h"
#include "map/value.h"
#include "map/values.h"

/* An empty group keeps the member that stands in for none, a group with members does not. */
static void
settle_placeholder(map_between_t *task, const map_slot_t *slot, map_attr_change_t *values)
{
    str_t placeholder = task->type->placeholder;
    size_t at = values->kept.n;

    if (slot != task->type->members || placeholder.n == 0)
        return;
    for (size_t i = 0; i < values->kept.n; i++)
        if (str_ieq(values->kept.values[i], placeholder))
            at = i;
    if (at < values->kept.n && values->kept.n - 1 + values->added.n > 0) {
        map_attr_remove(task->mem, values, values->kept.values[at]);
        values->kept.values[at] = values->kept.values[--values->kept.n];
    } else if (values->kept.n + values->added.n == 0) {
        map_attr_add(task->mem, values, placeholder);
    }
}

/* ---- slots ---- */

static map_index_t
index_values(map_between_t *task, const map_values_t *list)
{
    map_index_t index = {.n = 0};
    bool is_new;

    for (size_t i = 0; i < list->n; i++)
        *map_index_get(task->mem, &index, map_value_text(task->mem, list->values[i]), &is_new) =
            i;
    return index;
}

static bool
same_values(map_between_t *task, const map_values_t *a, const map_values_t *b)
{
    map_index_t index;

    if (a->n != b->n)
        return false;
    if (a->n <= 1)
        return a->n == 0 || str_eq(map_value_text(task->mem, a->values[0]),
                                   map_value_text(task->mem, b->values[0]));
    index = index_values(task, a);
    for (size_t i = 0; i < b->n; i++)
        if (!map_index_find(&index, map_value_text(task->mem, b->values[i])))
            return false;
    return true;
}

/* Whether the DN lies where the slot's references are: a deleted user's may come back. */
static bool
is_in_scope(map_between_t *task, const map_slot_t *slot, str_t dn)
{
    str_t normal = ldap_dn_normal(task->mem, dn);

    for (size_t i = 0; i < slot->n_references; i++)
        if (map_scope_holds(slot->references[i], normal))
            return true;
    return false;
}

/* A slot for one value is what its attribute is: further values, which would be shown in place of
 * the one that goes, go with it, and so do those that could not be shown, as in a change without
 * a look at the entry. Further names, and references to what is out of the scopes, stay. */
static bool
goes_unseen(map_between_t *task, const map_slot_t *slot, str_t value)
{
    return !slot->several && slot != task->type->rdn_slot &&
           (slot->as != MAP_AS_REFERENCE || is_in_scope(task, slot, value));
}

/* The resource's values against those of the entry: which stay, go, come. */
static bool
sort_values(map_between_t *task, const map_slot_t *slot, const map_values_t *after,
            const ldap_attr_t *there, map_attr_change_t *values)
{
    map_index_t wanted = index_values(task, after);
    bool *met = arena_array_of(task->mem, after->n + 1, bool);
    size_t shown_at = 0;

    if (there && !slot->several &&
        !map_shown_value(task->mem, task->type, slot, task->entry, there, task->links,
                         &shown_at))
        shown_at = there->n;
    for (size_t i = 0; there && i < there->n; i++) {
        const json_t *seen =
            slot != task->type->rdn_slot || slot->several || i == shown_at
                ? map_value_to_scim(task->mem, slot, there->values[i], task->links)
                : NULL;
        const size_t *at =
            seen ? map_index_find(&wanted, map_value_text(task->mem, seen)) : NULL;

        if (at)
            met[*at] = true;
        if (!at && (seen || goes_unseen(task, slot, there->values[i])))
            map_attr_remove(task->mem, values, there->values[i]);
        else
            map_attr_keep(task->mem, values, there->values[i]);
    }
    for (size_t i = 0; i < after->n; i++) {
        str_t value;

        if (met[i] || map_value_is_dropped(slot, after->values[i], task->links))
            continue;
        if (!map_value_to_ldap(task->mem, slot, after->values[i], task->links, &value,
                               task->err))
            return false;
        map_attr_add(task->mem, values, value);
    }
    return true;
}

/* Where a rule makes the attribute that a slot leaves empty, its value takes the place. */
static bool
fall_back(map_between_t *task, const map_slot_t *slot, map_attr_change_t *values)
{
    const map_rule_t *rule = map_rule_of_ldap(task->type, slot->ldap);
    str_t value;

    if (!rule || values->kept.n > 0 ||
        !map_rule_apply(task->mem, task->type, rule, task->after, 0, &value))
        return true;
    if (!map_rule_check(task->mem, task->map, rule, value, task->err))
        return false;
    if (!map_attr_unremove(values, value))
        map_attr_add(task->mem, values, value);
    return true;
}

static bool
write_slot(map_between_t *task, const map_slot_t *slot, const map_values_t *after)
{
    const ldap_attr_t *there = ldap_entry_find(task->entry, slot->ldap);
    map_attr_change_t values =
        map_attr_change_begin(slot->ldap, slot->ldap_type, slot->several);

    if (!sort_values(task, slot, after, there, &values))
        return false;
    if (after->n == 0 && !fall_back(task, slot, &values))
        return false;
    if (slot->n_none > 0 && values.kept.n == 0 && values.added.n == 0 &&
        !map_attr_unremove(&values, slot->none[0]))
        map_attr_add(task->mem, &values, slot->none[0]);
    settle_placeholder(task, slot, &values);
    map_attr_write(task->mem, &task->change->mods, &values);
    return true;
}

static bool
write_password(map_between_t *task, const map_slot_t *slot, const map_values_t *after)
{
    str_t value = STR("");

    if (after->n == 0 && slot->required)
        return err_set(task->err, ERR_MUTABILITY, "%.*s is required and cannot be removed",
                       STR_ARG(slot->path));
    if (after->n > 0 &&
        !map_value_to_ldap(task->mem, slot, after->values[0], task->links, &value, task->err))
        return false;
    map_mods_replace(task->mem, &task->change->mods, slot->ldap, &value, after->n > 0);
    return true;
}

/* A password that is absent is kept, one that is null goes: what is there was never shown. */
static bool
is_cleared_password(const map_between_t *task, const map_slot_t *slot)
{
    bool core = !slot->schema || slot->schema == task->type->scim->core;
    const json_t *part = core ? task->wanted : json_find(task->wanted, slot->schema->id);

    return slot->as == MAP_AS_PASSWORD && json_is(json_find(part, slot->attr->name), JSON_NULL);
}

/* ---- names ---- */

static bool
write_naming_slot(map_between_t *task, const map_slot_t *slot, const map_values_t *after)
{
    bool named;
    str_t value;

    if (after->n == 0)
        return err_set(task->err, ERR_MUTABILITY, "%.*s names the entry and cannot be removed",
                       STR_ARG(slot->path));
    if (!map_value_to_ldap(task->mem, slot, after->values[0], task->links, &value, task->err) ||
        !map_between_rename(task, value, &named))
        return false;
    return named || write_slot(task, slot, after);
}

/* ---- all slots ---- */

static bool
is_empty(map_between_t *task, const map_slot_t *slot)
{
    return !map_share_holds(slot, task->entry);
}

static void
keep_unwritten(map_between_t *task)
{
    for (size_t i = 0; i < task->type->n_slots; i++) {
        const map_slot_t *slot = &task->type->slots[i];

        if (!map_slot_writes(slot) ||
            (slot->write == MAP_WRITE_IF_EMPTY && !is_empty(task, slot)))
            task->after[i] = task->before[i];
    }
}

bool
map_between_begin(map_between_t *task, const json_t *before, const json_t *after)
{
    task->wanted = after;
    task->changed = arena_array_of(task->mem, task->type->n_slots + 1, bool);
    task->before = map_place(task->mem, task->type, before, task->err);
    task->after = task->before ? map_place(task->mem, task->type, after, task->err) : NULL;
    if (!task->after)
        return false;
    keep_unwritten(task);
    return true;
}

static bool
change_slot(map_between_t *task, size_t i)
{
    const map_slot_t *slot = &task->type->slots[i];
    const map_values_t *after = &task->after[i];

    if (!map_slot_writes(slot) ||
        (same_values(task, &task->before[i], after) && !is_cleared_password(task, slot)))
        return true;
    task->changed[i] = true;
    if (slot->as == MAP_AS_PASSWORD)
        return write_password(task, slot, after);
    if (slot->write == MAP_WRITE_CREATE)
        return err_set(task->err, ERR_MUTABILITY, "%.*s is written at creation only",
                       STR_ARG(slot->path));
    if (slot->required && after->n == 0)
        return err_set(task->err, ERR_MUTABILITY, "%.*s is required and cannot be removed",
                       STR_ARG(slot->path));
    for (size_t k = 0; k < slot->n_copies; k++)
        if (!write_slot(task, &slot->copies[k], after))
            return false;
    if (map_is_shared(slot))
        return true; /* all slots of the attribute together, when it is known which change */
    return slot == task->type->rdn_slot ? write_naming_slot(task, slot, after)
                                        : write_slot(task, slot, after);
}

static bool
is_first_changed(const map_between_t *task, size_t at)
{
    const map_slot_t *slots = task->type->slots;

    for (size_t i = 0; i < at; i++)
        if (task->changed[i] && map_is_shared(&slots[i]) &&
            str_ieq(slots[i].ldap, slots[at].ldap))
            return false;
    return task->changed[at] && map_is_shared(&slots[at]);
}

static bool
change_shared(map_between_t *task)
{
    for (size_t i = 0; i < task->type->n_slots; i++)
        if (is_first_changed(task, i) &&
            !map_share_write(task->mem, task->type, &task->type->slots[i], task->entry,
                             task->changed, task->before, task->after, &task->change->mods,
                             task->err))
            return false;
    return true;
}

/* Whether the place says, before or after, that the resource is inactive: it does not follow then. */
static bool
is_put_aside(const map_between_t *task, const json_t *before, const json_t *after)
{
    const map_state_t *inactive = &task->type->inactive;

    return map_state_places(task->mem, inactive, task->entry->dn) ||
           (inactive->under && map_is_active(after) != map_is_active(before));
}

static void
change_active(map_between_t *task, const json_t *before, const json_t *after, int64_t now_s)
{
    const map_state_t *inactive = &task->type->inactive;
    bool active = map_is_active(after);

    if (!map_has_active(task->type) || active == map_is_active(before))
        return;
    if (active)
        map_change_leave(task->mem, task->type, inactive, task->entry, now_s, task->change);
    else
        map_change_enter(task->mem, task->type, inactive, task->entry, now_s, task->change);
}

bool
map_change_between(arena_t *mem, const map_t *map, const map_type_t *type,
                   const ldap_entry_t *entry, const json_t *before, const json_t *after,
                   const map_links_t *links, int64_t now_s, map_change_t *ret_change,
                   err_t *err)
{
    map_change_t change = {.already = NULL};
    map_between_t task = {.mem = mem,
                          .map = map,
                          .type = type,
                          .entry = entry,
                          .links = links,
                          .change = &change,
                          .err = err};

    if (!map_between_begin(&task, before, after))
        return false;
    task.before = map_values_of_old_name(mem, map, type, entry, links, task.before);
    for (size_t i = 0; i < type->n_slots; i++)
        if (!change_slot(&task, i))
            return false;
    if (!change_shared(&task))
        return false;
    if (!map_between_rules(&task))
        return false;
    if (!is_put_aside(&task, before, after) &&
        !map_parent_follow(mem, type, entry->dn, &(map_placed_t){before, task.before},
                           &(map_placed_t){after, task.after}, &change, err))
        return false;
    change_active(&task, before, after, now_s);
    map_drop_old_name(mem, map, type, entry, links, task.before, task.after, &change);
    if (!map_change_return(mem, type, entry, after, &change, err))
        return false;
    map_reassert(mem, type, entry, &change);
    map_add_auxiliary(mem, type, entry, &change.mods);
    *ret_change = change;
    return true;
}
