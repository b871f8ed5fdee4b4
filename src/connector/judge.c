/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry that stands in a new resource's way is, and how a tombstone gives up its name. */
#include "connector/exchange.h"

#include "ldap/apply.h"
#include "map/share.h"
#include "map/to_resource.h"

ldap_names_t
judging_names(const task_t *task, bool with_members)
{
    const map_type_t *type = exchange_of(task)->type;

    return with_members ? type->names_to_change_with_members : type->names_to_change;
}

/* ---- what it is ---- */

static bool
matches(const task_t *task, const ldap_filter_t *filter, const ldap_entry_t *entry)
{
    return filter && ldap_filter_test(task->mem, filter, entry,
                                      exchange_of(task)->map->schema) == LDAP_TRUE;
}

static bool
is_our_own(str_t class)
{
    return str_istarts_with(class, STR("scim"));
}

/* Of the auxiliary classes one of our own schema is the mark; entries that nobody provisioned may have the others. Where
 * there is none of ours, any will do. */
static bool
is_mark(const map_type_t *type, str_t class)
{
    bool ours = false, listed = false;

    for (size_t i = 0; i < type->n_auxiliary; i++) {
        ours = ours || is_our_own(type->auxiliary[i]);
        listed = listed || str_ieq(type->auxiliary[i], class);
    }
    return listed && (!ours || is_our_own(class));
}

/* It bears our mark: an external id, or a class. */
static bool
is_claimed(const map_type_t *type, const ldap_entry_t *entry)
{
    const ldap_attr_t *classes = ldap_entry_find(entry, STR("objectClass"));

    if (type->external_id && map_share_holds(type->external_id, entry))
        return true;
    for (size_t i = 0; classes && i < classes->n; i++)
        if (is_mark(type, classes->values[i]))
            return true;
    return false;
}

standing_t
judge_entry(const task_t *task, const ldap_entry_t *entry)
{
    const exchange_t *exchange = exchange_of(task);
    const map_type_t *type = exchange->type;

    if (!entry)
        return STANDING_NONE;
    if (matches(task, type->scope->protect, entry))
        return STANDING_PROTECTED;
    if (!matches(task, type->scope->filter, entry) ||
        !map_scope_holds(type->scope, ldap_dn_normal(task->mem, entry->dn)))
        return STANDING_FOREIGN;
    if (type->deleted.present &&
        map_state_holds(task->mem, exchange->map, &type->deleted, entry, exchange->now_s))
        return STANDING_TOMBSTONE;
    return is_claimed(type, entry) ? STANDING_CLAIMED : STANDING_RESOURCE;
}

/* ---- what a write would make of it ---- */

typedef struct {
    const ldap_mods_t *mods;
    bool found;
} touch_t;

static void
compare_name(void *arg, str_t name)
{
    touch_t *touch = arg;

    for (size_t i = 0; i < touch->mods->n; i++)
        touch->found |= str_ieq(touch->mods->mods[i].attr.name, name);
}

bool
touches_protection(const task_t *task, const map_change_t *change)
{
    const map_scope_t *scope = exchange_of(task)->type->scope;
    touch_t touch = {.mods = &change->mods};

    if (scope->protect)
        ldap_filter_each_attr(scope->protect, compare_name, &touch);
    ldap_filter_each_attr(scope->filter, compare_name, &touch);
    return touch.found;
}

static const ldap_entry_t *
entry_after(const task_t *task, const ldap_entry_t *before, const map_change_t *change)
{
    const ldap_schema_t *schema = exchange_of(task)->map->schema;
    ldap_entry_t *entry = ldap_entry_copy(task->mem, before);

    if (change->rename)
        ldap_apply_rename(task->mem, schema, entry, ldap_rdn_format(task->mem, &change->rdn),
                          !change->keeps_old_name);
    ldap_apply_mods(task->mem, schema, entry, change->mods.mods, change->mods.n);
    return entry;
}

bool
check_unprotected(const task_t *task, const ldap_entry_t *entry, const map_change_t *change,
                  err_t *err)
{
    const exchange_t *exchange = exchange_of(task);
    const ldap_entry_t *after = change ? entry_after(task, entry, change) : entry;

    if (change && !matches(task, exchange->type->scope->filter, after))
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s: with such values \"%.*s\" would leave the scope of the map, "
                       "and nobody could see or change it any more",
                       STR_ARG(exchange->type->scim->name), STR_ARG(entry->dn));
    if (!matches(task, exchange->type->scope->protect, after))
        return true;
    return err_set(err, ERR_UNIQUENESS,
                   "%.*s: such values are reserved for entries that the map protects",
                   STR_ARG(exchange->type->scim->name));
}

/* ---- giving up a name ---- */

typedef struct {
    task_t task;
    str_t dn;
    const ldap_entry_t *entry;
    str_t new_dn;
    bool freed;
} aside_task_t;

/* ",ou=users,…": what stays of a DN when its entry is renamed. */
static str_t
after_rdn(arena_t *mem, str_t text)
{
    ldap_dn_t dn;
    err_t ignored = ERR_INIT;

    if (!ldap_dn_parse(mem, text, &dn, &ignored) || dn.n < 2)
        return STR("");
    dn.rdns++;
    dn.n--;
    return str_printf(mem, ",%.*s", STR_ARG(ldap_dn_format(mem, &dn)));
}

static const ldap_filter_t *
tombstone_guard(const aside_task_t *self, str_t id)
{
    const exchange_t *exchange = exchange_of(&self->task);

    return ldap_filter_and2(
        self->task.mem, map_anchor_is(self->task.mem, exchange->map, id),
        map_when(self->task.mem, &exchange->type->deleted, exchange->now_s));
}

/* Nothing refers to the name any more that is about to be given to somebody else. */
static bool
tombstone_settled(task_t *task, const reply_t *reply, err_t *err)
{
    aside_task_t *self = (aside_task_t *)task;

    return child_ended(reply, err) && task_done(task, &self->freed);
}

static bool
tombstone_renamed(task_t *task, const reply_t *reply, err_t *err)
{
    aside_task_t *self = (aside_task_t *)task;

    /* Somebody else may have freed the name, or revived the entry: whoever asked looks again. */
    if (!reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED) &&
        !reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_check(reply->ldap, "freeing the name of a deleted entry", err))
        return false;
    self->freed = true;
    name_moves(task);
    /* Otherwise the name may be somebody's who has references. */
    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return follow_rename(task, STR(""), self->entry->dn, self->new_dn, tombstone_settled);
    if (exchange_of(task)->map->repairs)
        return task_done(task, &self->freed);
    return settle_references(task, self->entry->dn, tombstone_settled);
}

bool
gives_up_name(const map_type_t *type)
{
    for (size_t i = 0; i < type->n_aside; i++)
        if (str_ieq(type->aside[i], type->rdn))
            return true;
    return false;
}

/* The tombstone is named by its own id from now on. */
static bool
tombstone_read(task_t *task, const reply_t *reply, err_t *err)
{
    aside_task_t *self = (aside_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    str_t id;
    ldap_ava_t ava;
    ldap_rdn_t rdn = {&ava, 1};
    ask_t *ask;

    if (!child_ended(reply, err))
        return false;
    self->entry = reply->result;
    if (judge_entry(task, self->entry) != STANDING_TOMBSTONE || exchange->type->scope->shared ||
        !gives_up_name(exchange->type) ||
        !map_anchor_of(task->mem, exchange->map, self->entry, &id))
        return task_done(task, &self->freed);
    ava = (ldap_ava_t){exchange->type->rdn, id};
    ask = task_ask(task, LDAP_OP_RENAME, tombstone_renamed);
    ask->op.dn = self->entry->dn;
    ask->op.guard = tombstone_guard(self, id);
    ask->op.u.rename.rdn = ldap_rdn_format(task->mem, &rdn);
    ask->op.u.rename.delete_old = true;
    self->new_dn = str_printf(task->mem, "%.*s%.*s", STR_ARG(ask->op.u.rename.rdn),
                              STR_ARG(after_rdn(task->mem, self->entry->dn)));
    target_forget(task, id, self->entry->dn);
    name_moves(task);
    return true;
}

static bool
aside_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    aside_task_t *self = (aside_task_t *)task;

    return read_dn(task, self->dn, judging_names(task, false), tombstone_read);
}

bool
set_aside(task_t *task, str_t dn, then_fn *then)
{
    aside_task_t *child = task_new_of(task->run, "aside", aside_task_t);

    child->dn = dn;
    return task_call(task, &child->task, aside_start, then, 0);
}
