/* SPDX-License-Identifier: Apache-2.0 */
/* Changing one entry: blind under a guard where that is enough, else read, decide, and write what asserts
 * that nothing has changed meanwhile.
 *
 * Every way back leads through reading: a guard that failed, an answer that never came, another's
 * change. What was half done (a rename without its modify) is seen then, and finished. */
#include "connector/exchange.h"

#include "map/share.h"
#include "map/to_resource.h"

#include <stdlib.h>

enum { TRIES = 4 };

typedef struct {
    task_t task;
    change_request_t *request;
    unsigned tries;
    str_t dn;
    const ldap_entry_t *entry; /* as read */
    const json_t *first;       /* the resource as it was read first */
    map_change_t change;
    ldap_names_t names;
    bool renamed;
    unsigned backs; /* tries to take the rename back */
    bool unmet;     /* the conditions: of a reading after a write whose answer was lost */
    size_t move;    /* of the places that the change may lead to */
    str_t old_dn;   /* before a rename that was sent; empty: none was */
    bool swept;     /* references to the old name refer to the new one too */
    bool exists;    /* the rename failed as the name is taken ... */
    bool again;     /* ... or so that a reading may help */
    str_t aside;    /* the DN that a tombstone is to give up */
    err_t why;      /* what the last try met */
    err_t failure;  /* of the rename */
} change_task_t;

static bool read_entry(change_task_t *self, err_t *err);
static bool carry_out(change_task_t *self);
static bool look_at_place(change_task_t *self);
static bool modify(change_task_t *self, const ldap_filter_t *guard, then_fn *then);

/* Once more from the reading on, or give up with what went wrong. */
static bool
try_again(change_task_t *self, err_t *err)
{
    if (self->tries < TRIES)
        return read_entry(self, err);
    if (self->why.kind != ERR_NONE)
        *err = self->why;
    else
        err_set(err, ERR_UNAVAILABLE,
                "the entry \"%.*s\" is being changed by others all the time",
                STR_ARG(self->dn));
    return false;
}

static bool
settled(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    return child_ended(reply, err) && task_done(task, (void *)(uintptr_t)self->entry);
}

/* Nothing more to write. A rename is over when the directory has repaired what refers to it. */
static bool
end(change_task_t *self, const ldap_entry_t *entry)
{
    arena_t *mem = self->task.mem;

    self->entry = entry;
    if (self->old_dn.n &&
        !str_eq(ldap_dn_normal(mem, self->old_dn), ldap_dn_normal(mem, entry->dn)))
        return follow_rename(&self->task, self->request->id, self->old_dn, entry->dn, settled);
    return task_done(&self->task, (void *)(uintptr_t)entry);
}

static bool
finish(change_task_t *self, const ldap_entry_t *entry, err_t *err)
{
    return check_lifecycle(&self->task, self->change.entered, self->change.left, entry, err) &&
           end(self, entry);
}

static bool
entry_reread(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return err_set(err, ERR_UNAVAILABLE,
                       "\"%.*s\" was changed, but is not there to be read", STR_ARG(self->dn));
    return finish(self, reply->result, err);
}

/* The write has been acknowledged. */
static bool
written(change_task_t *self, const ldap_reply_t *reply, err_t *err)
{
    const ldap_entry_t *entry = reply_entry(reply);

    if (entry) {
        target_remember(&self->task, exchange_of(&self->task)->type, entry);
        return finish(self, entry, err);
    }
    return read_dn(&self->task, self->dn, self->names, entry_reread);
}

static bool
is_worth_another_reading(const ldap_reply_t *reply)
{
    return reply->fate == LDAP_UNKNOWN || reply_is(reply, LDAP_RC_ASSERTION_FAILED) ||
           reply_is(reply, LDAP_RC_NO_SUCH_OBJECT) ||
           reply_is(reply, LDAP_RC_NO_SUCH_ATTRIBUTE) || reply_is(reply, LDAP_RC_VALUE_EXISTS);
}

/* An entry that was moved or changed under our hands is nobody's error. */
static void
remember_why(change_task_t *self, const ldap_reply_t *reply, const err_t *err)
{
    bool moved =
        reply_is(reply, LDAP_RC_ASSERTION_FAILED) || reply_is(reply, LDAP_RC_NO_SUCH_OBJECT);

    self->why = moved ? (err_t)ERR_INIT : *err;
    self->request->answer_lost |= reply->fate == LDAP_UNKNOWN;
}

static void
tell_half_done(const change_task_t *self, err_t *err)
{
    *err = self->why;
    err_prefix(err, "the entry was renamed to \"%.*s\", but the rest of the change failed",
               STR_ARG(self->dn));
}

static bool send_back(change_task_t *self);

static bool
renamed_reread(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (reply->error || !reply->result) {
        tell_half_done(self, err);
        return false;
    }
    self->entry = reply->result;
    return send_back(self);
}

static bool
name_taken_back(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!reply->error)
        renames_clear(exchange_of(task)->connector->lasting->renames, self->request->id);
    *err = self->why;
    return false;
}

/* The rename was ours, so it can be taken back; if not even that works, the client is told. */
static bool
renamed_back(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    name_moves(task);
    target_forget(task, self->request->id, self->dn);
    if (reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED) && ++self->backs < TRIES)
        return read_dn(task, self->dn, self->names, renamed_reread);
    if (reply_is(reply->ldap, LDAP_RC_SUCCESS) && self->swept)
        return take_back_name(task, self->old_dn, self->dn, name_taken_back);
    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        *err = self->why;
    else
        tell_half_done(self, err);
    return false;
}

/* The parent of the DN, where it is not that of the entry; else empty. */
static str_t
parent_to_go_to(const change_task_t *self, str_t dn)
{
    arena_t *mem = self->task.mem;
    ldap_dn_t from, to;
    err_t ignored = ERR_INIT;

    if (!ldap_dn_parse(mem, self->dn, &from, &ignored) || !from.n ||
        !ldap_dn_parse(mem, dn, &to, &ignored) || !to.n)
        return STR("");
    from = ldap_dn_parent(&from);
    to = ldap_dn_parent(&to);
    if (str_eq(ldap_dn_normal_tree(mem, &from), ldap_dn_normal_tree(mem, &to)))
        return STR("");
    return ldap_dn_format(mem, &to);
}

/* It asserts the version too, or it could come late and undo what another request was told of. */
static bool
send_back(change_task_t *self)
{
    arena_t *mem = self->task.mem;
    str_t anchor = exchange_of(&self->task)->map->dialect->anchor;
    const ldap_filter_t *guard[] = {ldap_filter_equal(mem, anchor, self->request->id),
                                    target_unchanged(&self->task, self->entry)};
    ldap_dn_t old;
    err_t ignored = ERR_INIT;
    ask_t *ask;

    if (!ldap_dn_parse(mem, self->old_dn, &old, &ignored) || !old.n)
        return renamed_back(&self->task, &(reply_t){.ldap = &(ldap_reply_t){.code = -1}},
                            &self->why);
    ask = task_ask(&self->task, LDAP_OP_RENAME, renamed_back);
    ask->op.dn = self->dn;
    ask->op.guard = ldap_filter_and(mem, guard, ARRAY_SIZE(guard));
    ask->op.u.rename.rdn = ldap_rdn_format(mem, &old.rdns[0]);
    ask->op.u.rename.parent = parent_to_go_to(self, self->old_dn);
    ask->op.u.rename.delete_old = true;
    return true;
}

/* All or nothing: what cannot be completed must not stay half done. */
static bool
rename_back(change_task_t *self, const err_t *why)
{
    self->why = *why;
    return send_back(self);
}

static bool
modified(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return written(self, reply->ldap, err);
    reply_fail(reply->ldap, "modify", err);
    if (is_worth_another_reading(reply->ldap)) {
        remember_why(self, reply->ldap, err);
        return try_again(self, err);
    }
    return self->renamed && rename_back(self, err);
}

static bool
modify(change_task_t *self, const ldap_filter_t *guard, then_fn *then)
{
    ask_t *ask = task_ask(&self->task, LDAP_OP_MODIFY, then);

    ask->op.dn = self->dn;
    ask->op.guard = guard;
    ask->op.post_read = &self->names;
    ask->op.u.modify.mods = self->change.mods.mods;
    ask->op.u.modify.n = self->change.mods.n;
    return true;
}

/* ---- reading first ---- */

static const ldap_filter_t *
guard_of_reading(const change_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const ldap_filter_t *unchanged = target_unchanged(&self->task, self->entry);

    if (!self->request->every_entry)
        return target_guard(&self->task, self->request->id, unchanged);
    return unchanged ? unchanged
                     : ldap_filter_equal(self->task.mem, exchange->map->dialect->anchor,
                                         self->request->id);
}

static bool
aside_done(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!*(const bool *)reply->result)
        return err_set(err, ERR_UNIQUENESS, "the name \"%.*s\" is taken", STR_ARG(self->aside));
    return try_again(self, err);
}

static str_t
new_dn(const change_task_t *self)
{
    ldap_dn_t dn, renamed;
    err_t ignored = ERR_INIT;

    if (!ldap_dn_parse(self->task.mem, self->entry->dn, &dn, &ignored) || !dn.n)
        return self->entry->dn;
    dn = self->change.n_moves ? self->change.moves[self->move].dn : ldap_dn_parent(&dn);
    renamed = (ldap_dn_t){arena_array_of(self->task.mem, dn.n + 1, ldap_rdn_t), dn.n + 1};
    if (dn.n)
        memcpy(renamed.rdns + 1, dn.rdns, dn.n * sizeof(ldap_rdn_t));
    renamed.rdns[0] = self->change.rdn;
    return ldap_dn_format(self->task.mem, &renamed);
}

static bool
rename_undone(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (reply && !child_ended(reply, err))
        return false;
    if (self->exists) {
        self->aside = new_dn(self);
        return set_aside(task, self->aside, aside_done);
    }
    if (self->again)
        return try_again(self, err);
    *err = self->failure;
    return false;
}

/* Where it is certain that the entry has its old name, nothing may refer to the other. */
static bool
rename_failed(change_task_t *self, const ldap_reply_t *reply, err_t *err)
{
    bool swept = self->swept && reply->fate == LDAP_ANSWERED;

    self->exists = reply_is(reply, LDAP_RC_ALREADY_EXISTS);
    self->again = !self->exists && is_worth_another_reading(reply);
    if (self->again)
        remember_why(self, reply, &self->failure);
    if (!swept)
        return rename_undone(&self->task, NULL, err);
    self->swept = false;
    return take_back_name(&self->task, self->old_dn, new_dn(self), rename_undone);
}

static bool
renamed(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    const ldap_entry_t *entry = reply_entry(reply->ldap);

    target_forget(task, self->request->id, self->entry->dn);
    name_moves(task);
    if (!reply_is(reply->ldap, LDAP_RC_SUCCESS)) {
        reply_fail(reply->ldap, "rename", &self->failure);
        return rename_failed(self, reply->ldap, err);
    }
    if (entry)
        note_own_version(task, entry);
    self->renamed = true;
    self->dn = entry ? entry->dn : new_dn(self);
    self->change.rename = false;
    self->change.n_moves = 0;
    if (!self->change.mods.n)
        return written(self, reply->ldap, err);
    if (!entry)
        return try_again(self, err);
    self->entry = entry;
    return carry_out(self);
}

/* Whether the RDN is the one that the entry has, so that only the place is another. */
static bool
is_own_name(const change_task_t *self)
{
    ldap_dn_t dn;
    err_t ignored = ERR_INIT;

    return ldap_dn_parse(self->task.mem, self->entry->dn, &dn, &ignored) && dn.n &&
           str_eq(ldap_rdn_format(self->task.mem, &dn.rdns[0]),
                  ldap_rdn_format(self->task.mem, &self->change.rdn));
}

static bool
send_rename(change_task_t *self)
{
    ask_t *ask = task_ask(&self->task, LDAP_OP_RENAME, renamed);

    target_forget(&self->task, self->request->id, self->dn);
    name_moves(&self->task);
    ask->op.dn = self->dn;
    ask->op.guard = guard_of_reading(self);
    ask->op.post_read = &self->names;
    ask->op.u.rename.rdn = ldap_rdn_format(self->task.mem, &self->change.rdn);
    ask->op.u.rename.parent = parent_to_go_to(self, new_dn(self));
    ask->op.u.rename.delete_old = true;
    return true;
}

static bool
name_swept(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->swept = *(const bool *)reply->result;
    if (self->swept)
        renames_note(exchange_of(task)->connector->lasting->renames, self->request->id,
                     self->old_dn);
    return send_rename(self);
}

static bool
rename_entry(change_task_t *self)
{
    str_t dn = new_dn(self);

    self->old_dn = self->dn;
    if (bridge_repairs(&self->task) &&
        !str_eq(ldap_dn_normal(self->task.mem, dn), ldap_dn_normal(self->task.mem, self->dn)))
        return sweep_name(&self->task, self->old_dn, dn, name_swept);
    return send_rename(self);
}

/* ---- where to ---- */

static bool
place_made(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && rename_entry((change_task_t *)task);
}

static bool
place_read(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    const map_move_t *move = &self->change.moves[self->move];

    if (!child_ended(reply, err))
        return false;
    if (reply->result)
        return rename_entry(self);
    if (move->create)
        return make_parent(task, &move->dn, place_made);
    if (++self->move < self->change.n_moves)
        return look_at_place(self);
    return err_set(
        err, ERR_DIRECTORY,
        "\"%.*s\", where the map puts this entry now, does not exist in the directory",
        STR_ARG(ldap_dn_format(task->mem, &move->dn)));
}

/* The first place that there is; it may be where the entry is. */
static bool
look_at_place(change_task_t *self)
{
    const map_move_t *move = &self->change.moves[self->move];

    if (move->here && is_own_name(self)) {
        self->change.rename = false;
        return carry_out(self);
    }
    if (move->here)
        return rename_entry(self);
    return read_dn(&self->task, ldap_dn_format(self->task.mem, &move->dn),
                   target_names(&self->task), place_read);
}

static bool
carry_out(change_task_t *self)
{
    if (self->change.rename && self->change.n_moves) {
        self->move = 0;
        return look_at_place(self);
    }
    if (self->change.rename)
        return rename_entry(self);
    if (self->change.mods.n)
        return modify(self, guard_of_reading(self), modified);
    return end(self, self->entry);
}

/* ---- names that must be unique though no DN makes them so ---- */

static const ldap_filter_t *rival_of(const change_task_t *self, str_t ldap,
                                     const map_slot_t *slot);

static bool
values_free(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && carry_out((change_task_t *)task);
}

/* Nobody who lives has what is written: those who are deleted make room. */
static bool
take_values(change_task_t *self)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; i < type->n_unique; i++)
        if (gives_up(&self->task, type->unique[i]))
            any = ldap_filter_or2(self->task.mem, any, rival_of(self, type->unique[i], NULL));
    if (ldap_filter_is_false(any) || self->request->every_entry)
        return carry_out(self);
    return give_up_values(&self->task, any, values_free);
}

static bool
rivals_found(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    for (size_t i = 0; i < found->n; i++) {
        str_t id;

        if (ldap_entry_first(found->entries[i], exchange->map->dialect->anchor, &id) &&
            !str_ieq(id, self->request->id))
            return err_set(err, ERR_UNIQUENESS, "another %.*s has the same value: \"%.*s\"",
                           STR_ARG(exchange->type->scim->name), STR_ARG(found->entries[i]->dn));
    }
    return take_values(self);
}

/* Who else has what this change writes into the attribute (`slot` not NULL: of values that are the
 * slot's): false where it writes nothing there. */
static const ldap_filter_t *
rival_of(const change_task_t *self, str_t ldap, const map_slot_t *slot)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const ldap_mods_t *mods = &self->change.mods;
    const ldap_filter_t *any = ldap_filter_false();

    if (str_ieq(ldap, type->rdn) && self->change.rename)
        return ldap_filter_equal(self->task.mem, ldap, self->change.rdn.avas[0].value);
    for (size_t i = 0; i < mods->n; i++)
        for (size_t j = 0; j < mods->mods[i].attr.n; j++)
            if (mods->mods[i].op != LDAP_MOD_OP_DELETE &&
                str_ieq(mods->mods[i].attr.name, ldap) &&
                (!slot || map_share_owns(slot, mods->mods[i].attr.values[j])))
                any = ldap_filter_or2(
                    self->task.mem, any,
                    ldap_filter_equal(self->task.mem, ldap, mods->mods[i].attr.values[j]));
    return any;
}

/* Where the DN alone keeps the matching value unique, nobody needs to look. */
static const ldap_filter_t *
rivals_filter(const change_task_t *self)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const ldap_filter_t *any = ldap_filter_false();

    for (size_t i = 0; i < type->n_match; i++)
        if (type->match[i] != type->rdn_slot || !type->dn_unique)
            any = ldap_filter_or2(self->task.mem, any,
                                  rival_of(self, type->match[i]->ldap, type->match[i]));
    for (size_t i = 0; i < type->n_unique; i++)
        any = ldap_filter_or2(self->task.mem, any, rival_of(self, type->unique[i], NULL));
    return any;
}

static bool
check_rivals(change_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    find_t find = {.scope = exchange->type->scope,
                   .names = {&exchange->map->dialect->anchor, 1},
                   .limit = 2};
    const ldap_filter_t *any = rivals_filter(self);

    if (ldap_filter_is_false(any))
        return carry_out(self);
    find.filter = ldap_filter_and2(
        self->task.mem, map_visible(self->task.mem, find.scope, exchange->now_s), any);
    return find_entries(&self->task, &find, rivals_found);
}

static bool
stripped(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && check_rivals((change_task_t *)task);
}

/* What two connectors write keeps its name and its place. */
static bool
check_shared(change_task_t *self, err_t *err)
{
    const map_type_t *type = exchange_of(&self->task)->type;

    if (!type->scope->shared || !self->change.rename)
        return true;
    if (self->change.n_moves && is_own_name(self)) {
        self->change.rename = false;
        self->change.n_moves = 0;
        return true;
    }
    return err_set(err, ERR_FORBIDDEN,
                   "a %.*s is not renamed or moved here: the map shares the scope \"%.*s\" "
                   "with another connector",
                   STR_ARG(type->scim->name), STR_ARG(type->scope->name));
}

static bool
plan_change(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    exchange_t *exchange = exchange_of(task);
    const json_t *before;

    if (reply && !child_ended(reply, err))
        return false;
    before = map_to_resource(task->mem, exchange->map, exchange->type, self->entry,
                             exchange_links(task), NULL, exchange->request->base_url,
                             exchange->now_s);
    if (!self->first)
        self->first = before;
    if (self->old_dn
            .n) /* its new name may stand there: what follows from it is still to be done */
        before = self->first;
    self->change = (map_change_t){0};
    if (!self->request->plan(task, self->request, self->entry, before, &self->change, err) ||
        !check_unprotected(task, self->entry, &self->change, err) || !check_shared(self, err))
        return false;
    if (self->unmet && (self->change.rename || self->change.mods.n)) {
        *err = self->why;
        return self->renamed && rename_back(self, err);
    }
    if (self->change.strip_groups)
        return strip_groups(task, self->dn, stripped);
    return check_rivals(self);
}

/* What a write that lost its answer may have changed itself is not held against the conditions yet:
 * where nothing is left to be changed, it was carried out. */
static bool
check_reading(change_task_t *self, err_t *err)
{
    err_t changed = ERR_INIT;

    self->unmet =
        !check_condition(&self->task, target_version(&self->task, self->entry), &changed);
    if (self->unmet && (!self->request->answer_lost || self->why.kind == ERR_NONE))
        *err = self->why = changed;
    return !self->unmet || self->request->answer_lost;
}

static bool
entry_read(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    str_t *dns;
    size_t n;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return fail_not_found(task, err);
    self->entry = reply->result;
    self->dn = self->entry->dn;
    if (!check_reading(self, err))
        return self->renamed && rename_back(self, err);
    map_collect_references(task->mem, exchange_of(task)->type, self->entry, NULL, &dns, &n);
    if (!n)
        return plan_change(task, NULL, err);
    return resolve_dns(task, dns, n, plan_change);
}

static bool
read_entry(change_task_t *self, err_t *err UNUSED)
{
    self->tries++;
    if (self->request->every_entry)
        return read_dn(&self->task, self->request->dn, self->names, entry_read);
    return read_resource(&self->task, self->request->id, self->names, entry_read);
}

/* ---- without reading ---- */

static bool
direct_modified(task_t *task, const reply_t *reply, err_t *err)
{
    change_task_t *self = (change_task_t *)task;

    if (reply_is(reply->ldap, LDAP_RC_SUCCESS))
        return written(self, reply->ldap, err);
    reply_fail(reply->ldap, "modify", err);
    /* 122: a no-op, or not this resource any more. 65: an auxiliary class may be missing. Reading
     * tells. */
    if (is_worth_another_reading(reply->ldap) ||
        reply_is(reply->ldap, LDAP_RC_OBJECT_CLASS_VIOLATION)) {
        remember_why(self, reply->ldap, err);
        self->names = judging_names(task, self->request->with_members);
        return read_entry(self, err);
    }
    return false;
}

/* A write that would change nothing is not made: reading tells then. */
static const ldap_filter_t *
direct_guard(const change_task_t *self, const target_t *target)
{
    arena_t *mem = self->task.mem;
    const ldap_filter_t *already = self->request->direct->already;
    const ldap_filter_t *more = target->unchanged;

    if (already)
        more = ldap_filter_and2(mem, more, ldap_filter_not(mem, already));
    return target_guard(&self->task, self->request->id, more);
}

static bool
change_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    change_task_t *self = (change_task_t *)task;
    const map_change_t *direct = self->request->direct;
    target_t target;

    self->names = judging_names(task, self->request->with_members);
    if (!direct || direct->strip_groups || !target_writable(task, &target))
        return read_entry(self, err);
    self->dn = target.dn;
    self->change = *direct;
    if (!ldap_filter_is_false(rivals_filter(self)) || touches_protection(task, &self->change))
        return read_entry(self, err); /* what must be unique is looked for first */
    self->names = exchange_of(task)->type->names;
    return modify(self, direct_guard(self, &target), direct_modified);
}

bool
change_resource(task_t *task, change_request_t *request, then_fn *then)
{
    change_task_t *child = task_new_of(task->run, "change", change_task_t);

    child->request = request;
    return task_call(task, &child->task, change_start, then, 0);
}
