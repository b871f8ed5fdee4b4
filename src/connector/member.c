/* SPDX-License-Identifier: Apache-2.0 */
/* Group members: one modify of the difference, whatever the group's size.
 *
 * The difference is sent without looking. Where the directory refuses because a value is there already, or is not, nothing of
 * it was applied; then only the values in question are asked about, and what is left of the difference is sent. */
#include "connector/member.h"

#include "connector/merge.h"

enum { TRIES = 6, ASK_VALUES_MAX = MERGE_VALUES_MAX };

typedef struct {
    task_t task;
    const map_type_t *type;
    const map_member_delta_t *delta;
    target_t target;
    ldap_names_t target_names; /* read with each look and each write */
    unsigned tries;
    ldap_mods_t mods;
    const ldap_filter_t *guard;
    bool written, answer_lost;
    task_t *holder;                /* of the group's gate */
    const map_member_delta_t *own; /* without what others offered */
    map_member_delta_t joint;
    size_t joined;          /* offers that are in `delta`; 0: none */
    bool alone;             /* what failed together is not joined again */
    bool needs_placeholder; /* without it the group would be empty */
    bool frees_placeholder; /* it stands there, and somebody comes */
    bool unsure;          /* a value to remove was not there under the name it was sought by */
    str_t *sent, *sought; /* the DNs that the ids of delta had when they were sent */
    ldap_attr_t stale;    /* of those, which mean nobody, or somebody else, by now */
} member_task_t;

static bool ask_about_values(member_task_t *self);
static bool find_group(member_task_t *self);

/* ---- writing ---- */

static bool
is_one_value(const ldap_mods_t *mods)
{
    return mods->n == 1 && mods->mods[0].attr.n == 1;
}

/* Too many values to be asked for one by one. */
static bool
is_large(const map_member_delta_t *delta)
{
    return delta->n_add + delta->n_remove > ASK_VALUES_MAX;
}

static bool send(member_task_t *self);
static bool send_blind(member_task_t *self);

/* What follows upon a write of ours only mends it. */
static bool
meets_condition(const member_task_t *self, err_t *err)
{
    return self->written || check_condition(&self->task, self->target.version, err);
}

/* ---- names that moved meanwhile ---- */

static str_t *
dns_of(const member_task_t *self, const str_t *ids, size_t n)
{
    str_t *dns = arena_array_of(self->task.mem, n, str_t);

    for (size_t i = 0; i < n; i++)
        if (!member_dn(&self->task, ids[i], &dns[i]))
            dns[i] = STR("");
    return dns;
}

static void
note_names(member_task_t *self)
{
    self->sent = dns_of(self, self->delta->add, self->delta->n_add);
    self->sought = dns_of(self, self->delta->remove, self->delta->n_remove);
}

/* Whether every attribute holds them by the same value. */
static bool
is_same_name(const member_task_t *self, str_t a, str_t b)
{
    const map_slot_t *part;

    for (size_t i = 0; (part = map_slot_part(self->type->members, i)); i++)
        if (!map_reference_is_same(self->task.mem, part, a, b))
            return false;
    return true;
}

/* Whether somebody has another name than the one that was written, which is stale then, or that
 * was sought. */
static bool
names_changed(member_task_t *self)
{
    const map_member_delta_t *delta = self->delta;
    const str_t *add = dns_of(self, delta->add, delta->n_add);
    const str_t *remove = dns_of(self, delta->remove, delta->n_remove);
    bool changed = false;

    self->stale.n = 0;
    for (size_t i = 0; i < delta->n_add; i++)
        if (self->sent[i].n && !is_same_name(self, add[i], self->sent[i]))
            ldap_attr_add(self->task.mem, &self->stale, self->sent[i]);
    for (size_t i = 0; i < delta->n_remove; i++)
        changed |= !is_same_name(self, remove[i], self->sought[i]);
    return changed || self->stale.n > 0;
}

static bool
end(member_task_t *self)
{
    if (self->joined)
        task_settle(self->holder);
    return task_done(&self->task, NULL);
}

static bool
names_known(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->unsure = false;
    return names_changed(self) ? ask_about_values(self) : end(self);
}

/* Done, if every name that was written still means whom it meant, and whom it did not find is
 * certainly none. */
static bool
finish(member_task_t *self, err_t *err)
{
    bool remembered = self->joined || exchange_of(&self->task)->links_remembered;
    str_t *ids;
    size_t n;

    if (!names_have_moved(&self->task) && !(self->unsure && remembered))
        return end(self);
    if (++self->tries >= TRIES)
        return err_set(err, ERR_UNAVAILABLE,
                       "members are being renamed by others all the time");
    ids = delta_ids(&self->task, self->delta, NULL, 0, &n);
    return resolve_ids_anew(&self->task, ids, n, names_known);
}

/* ---- the answer to a modify ---- */

static void
note_change(member_task_t *self, const ldap_entry_t *entry)
{
    if (self->type->placeholder.n && (self->needs_placeholder || self->delta->n_add))
        target_set_empty(&self->task, exchange_of(&self->task)->request->id, self->target.dn,
                         self->needs_placeholder);
    if (!entry) {
        self->target.version = STR("");
        return;
    }
    target_remember(&self->task, self->type, entry);
    self->target = target_of(&self->task, entry);
}

/* Nothing of it was applied, and whose value it was that the directory does not take is not known. */
static bool
go_alone(member_task_t *self)
{
    task_take(self->holder, 0);
    self->joined = 0;
    self->alone = true;
    self->delta = self->own;
    self->needs_placeholder = false;
    return send_blind(self);
}

static bool
members_modified(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;
    const ldap_reply_t *ldap = reply->ldap;
    bool is_there = reply_is(ldap, LDAP_RC_VALUE_EXISTS);
    bool is_gone = reply_is(ldap, LDAP_RC_NO_SUCH_ATTRIBUTE);

    if (reply_is(ldap, LDAP_RC_SUCCESS)) {
        self->written = true;
        note_change(self, reply_entry(ldap));
        respond_version(task, self->target.version);
        return finish(self, err);
    }
    if (is_one_value(&self->mods) &&
        ((is_there && self->mods.mods[0].op == LDAP_MOD_OP_ADD) ||
         (is_gone && self->mods.mods[0].op == LDAP_MOD_OP_DELETE))) {
        self->unsure = is_gone; /* the version was asserted before the value was looked at */
        respond_version(task, self->target.version);
        return finish(self, err);
    }
    if (reply_is(ldap, LDAP_RC_OBJECT_CLASS_VIOLATION) && self->type->placeholder.n &&
        !self->needs_placeholder) {
        self->needs_placeholder = true;
        return send(self);
    }
    reply_fail(ldap, "changing members", err);
    self->answer_lost |= ldap->fate == LDAP_UNKNOWN;
    if (ldap->fate != LDAP_UNKNOWN && !is_there && !is_gone &&
        !reply_is(ldap, LDAP_RC_ASSERTION_FAILED) && !reply_is(ldap, LDAP_RC_NO_SUCH_OBJECT))
        return self->joined && go_alone(self);
    if (++self->tries >= TRIES)
        return err->kind == ERR_UNAVAILABLE
                   ? false
                   : err_set(err, ERR_UNAVAILABLE,
                             "the group is being changed by others all the time");
    /* Mostly it is only the version, which costs less to read than so many values. */
    if (reply_is(ldap, LDAP_RC_ASSERTION_FAILED) && self->tries == 1 && is_large(self->delta))
        return find_group(self);
    return ask_about_values(self);
}

static bool
send(member_task_t *self)
{
    ldap_mods_t mods = {0};
    ask_t *ask;

    if (self->needs_placeholder)
        ldap_mods_add_value(self->task.mem, &mods, LDAP_MOD_OP_ADD, self->type->members->ldap,
                            self->type->placeholder);
    mods.mods = arena_grow(self->task.mem, mods.mods, mods.n, mods.n + self->mods.n,
                           sizeof(ldap_mod_t));
    memcpy(mods.mods + mods.n, self->mods.mods, self->mods.n * sizeof(ldap_mod_t));
    mods.n += self->mods.n;
    ask = task_ask(&self->task, LDAP_OP_MODIFY, members_modified);
    ask->op.dn = self->target.dn;
    ask->op.guard = self->guard;
    ask->op.post_read = &self->target_names;
    ask->op.permissive = directory_can(&self->task, LDAP_FEATURE_PERMISSIVE);
    ask->op.u.modify.mods = mods.mods;
    ask->op.u.modify.n = mods.n;
    return true;
}

static const ldap_filter_t *
placeholder_stands(const member_task_t *self)
{
    return ldap_filter_equal(self->task.mem, self->type->members->ldap,
                             self->type->placeholder);
}

/* What is assumed of the placeholder, and asserted: that it stands in for the members of a group known to be
 * empty, and goes; or that there is none. */
static const ldap_filter_t *
assume_placeholder(member_task_t *self)
{
    task_t *task = &self->task;
    const ldap_filter_t *stands;

    if (!self->delta->n_add || !self->type->placeholder.n)
        return NULL;
    stands = placeholder_stands(self);
    if (!target_is_empty(task, exchange_of(task)->request->id))
        return ldap_filter_not(task->mem, stands);
    ldap_mods_add_value(task->mem, &self->mods, LDAP_MOD_OP_DELETE, self->type->members->ldap,
                        self->type->placeholder);
    return stands;
}

static const ldap_filter_t *
guard_of(const member_task_t *self, const ldap_filter_t *more)
{
    const ldap_filter_t *parts[] = {self->target.unchanged, more};

    return target_guard(&self->task, exchange_of(&self->task)->request->id,
                        ldap_filter_and(self->task.mem, parts, ARRAY_SIZE(parts)));
}

/* Once: what came in since is for the next. */
static void
join_waiting(member_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    bool conditional = exchange->condition.match.given || exchange->condition.none_match.given;

    if (self->joined || self->alone || self->written || conditional)
        return;
    self->joined = merge_join(self->holder, self->own, &self->joint);
    if (self->joined)
        self->delta = &self->joint;
}

/* The whole difference, unseen. */
static bool
send_blind(member_task_t *self)
{
    task_t *task = &self->task;

    join_waiting(self);
    self->mods = (ldap_mods_t){0};
    note_names(self);
    member_delta(task, self->delta, &self->mods);
    if (!self->mods.n)
        return ask_about_values(self); /* nothing to write, but the group must exist */
    self->guard = guard_of(self, assume_placeholder(self));
    return send(self);
}

/* ---- looking ---- */

/* Whether the attribute is to hold somebody else by the same value now. */
static bool
is_wanted(const member_task_t *self, const map_slot_t *slot, str_t dn)
{
    for (size_t i = 0; i < self->delta->n_add; i++)
        if (self->sent[i].n && map_reference_is_same(self->task.mem, slot, self->sent[i], dn))
            return true;
    return false;
}

/* What was written for somebody who had another name by then. */
static void
remove_stale(const member_task_t *self, const member_mods_t *to)
{
    arena_t *mem = self->task.mem;
    str_t value;

    for (size_t i = 0; i < self->stale.n; i++) {
        str_t dn = self->stale.values[i];

        if (!is_wanted(self, to->slot, dn) && value_set_has(mem, to->present, to->slot, dn) &&
            map_reference_value(mem, to->slot, dn, &value))
            ldap_mods_add_value(mem, to->mods, LDAP_MOD_OP_DELETE, to->slot->ldap, value);
    }
}

/* What is left of the difference, where it is known what is there. */
static void
plan_rest(member_task_t *self, const map_slot_t *slot, const ldap_entry_t *entry)
{
    task_t *task = &self->task;
    const map_member_delta_t *delta = self->delta;
    value_set_t present = value_set_of(task->mem, slot, ldap_entry_find(entry, slot->ldap));
    member_mods_t to = {slot, &present, &self->mods};
    size_t n = self->mods.n;

    member_values(task, &to, delta->remove, delta->n_remove, LDAP_MOD_OP_DELETE);
    self->unsure |= member_count(&self->mods, LDAP_MOD_OP_DELETE, slot->ldap) < delta->n_remove;
    remove_stale(self, &to);
    member_values(task, &to, delta->add, delta->n_add, LDAP_MOD_OP_ADD);
    if (slot == self->type->members && self->mods.n > n && self->type->placeholder.n &&
        value_set_has(task->mem, &present, slot, self->type->placeholder))
        self->frees_placeholder = member_count(&self->mods, LDAP_MOD_OP_ADD, slot->ldap) > 0;
}

static bool
values_known(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;
    const ldap_entry_t *entry = reply_entry(reply->ldap);
    const map_type_t *type = self->type;
    const map_slot_t *part;

    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_check(reply->ldap, "reading members", err))
        return false;
    if (!entry) {
        target_forget(task, exchange_of(task)->request->id, self->target.dn);
        return find_group(self);
    }
    self->target = target_of(task, entry);
    self->mods = (ldap_mods_t){0};
    self->frees_placeholder = false;
    note_names(self);
    for (size_t i = 0; (part = map_slot_part(type->members, i)); i++)
        plan_rest(self, part, entry);
    if (!(self->answer_lost && !self->mods.n) && !meets_condition(self, err))
        return false;
    if (!self->mods.n) {
        respond_version(task, self->target.version);
        return finish(self, err);
    }
    self->needs_placeholder = false;
    if (self->frees_placeholder)
        ldap_mods_add_value(task->mem, &self->mods, LDAP_MOD_OP_DELETE, type->members->ldap,
                            type->placeholder);
    self->guard = guard_of(self, NULL);
    return send(self);
}

/* The values by which the attributes hold it, or would. */
static size_t
add_terms(const member_task_t *self, str_t dn, const ldap_filter_t **terms, size_t used)
{
    arena_t *mem = self->task.mem;
    const map_slot_t *part;
    str_t value;

    for (size_t i = 0; (part = map_slot_part(self->type->members, i)); i++)
        if (map_reference_value(mem, part, dn, &value))
            terms[used++] = ldap_filter_equal(mem, part->ldap, value);
    return used;
}

/* Which of the values in question are there (RFC 3876); too many of them, and all are read. */
static const ldap_filter_t *
values_filter(const member_task_t *self)
{
    const map_member_delta_t *delta = self->delta;
    size_t n = delta->n_add + delta->n_remove, used = 0;
    ldap_names_t versions = map_version_names(exchange_of(&self->task)->map->dialect);
    const ldap_filter_t **terms;
    str_t dn;

    n = (n + self->stale.n) * (1 + self->type->members->n_copies);
    if (n > ASK_VALUES_MAX)
        return NULL;
    terms = arena_array_of(self->task.mem, n + 1 + versions.n, const ldap_filter_t *);
    for (size_t i = 0; i < self->stale.n; i++)
        used = add_terms(self, self->stale.values[i], terms, used);
    for (size_t i = 0; i < delta->n_add + delta->n_remove; i++)
        if (member_dn(&self->task,
                      i < delta->n_add ? delta->add[i] : delta->remove[i - delta->n_add], &dn))
            used = add_terms(self, dn, terms, used);
    if (self->type->placeholder.n)
        terms[used++] = placeholder_stands(self);
    /* the control is about the values of all attributes */
    for (size_t i = 0; used > 0 && i < versions.n; i++)
        terms[used++] = ldap_filter_present(self->task.mem, versions.names[i]);
    return ldap_filter_or(self->task.mem, terms, used);
}

static bool
ask_about_values(member_task_t *self)
{
    task_t *task = &self->task;
    const exchange_t *exchange = exchange_of(task);
    size_t n = self->target_names.n, n_members = 0;
    str_t *names = arena_array_of(task->mem, n + 1 + self->type->members->n_copies, str_t);
    ask_t *ask = task_ask(task, LDAP_OP_SEARCH, values_known);
    const map_slot_t *part;

    memcpy(names, self->target_names.names, n * sizeof(str_t));
    for (; (part = map_slot_part(self->type->members, n_members)); n_members++)
        names[n + n_members] = part->ldap;
    ask->op.dn = self->target.dn;
    ask->op.u.search.depth = LDAP_DEPTH_BASE;
    ask->op.u.search.filter = target_guard(task, exchange->request->id, NULL);
    ask->op.u.search.attrs = (ldap_names_t){names, n + n_members};
    ask->op.u.search.values = values_filter(self);
    if (!ask->op.u.search.values)
        ask->op.lane = LDAP_LANE_BULK;
    else if (ldap_filter_is_false(ask->op.u.search.values))
        ask->op.u.search.attrs.n = n;
    return true;
}

/* ---- finding the group ---- */

static bool
group_found(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;
    const ldap_entry_t *entry = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (!entry)
        return fail_not_found(task, err);
    self->target = target_of(task, entry);
    if (++self->tries >= TRIES)
        return err_set(err, ERR_UNAVAILABLE,
                       "the group is being renamed by others all the time");
    if (meets_condition(self, err))
        return send_blind(self);
    return self->answer_lost && ask_about_values(self); /* was that the change? */
}

static bool
find_group(member_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);

    return read_resource(&self->task, exchange->request->id, self->target_names, group_found);
}

static bool
members_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    member_task_t *self = (member_task_t *)task;

    return target_writable(task, &self->target) ? send_blind(self) : find_group(self);
}

bool
change_members(task_t *task, const map_member_delta_t *delta, then_fn *then)
{
    member_task_t *child = task_new_of(task->run, "members", member_task_t);

    child->type = exchange_of(task)->type;
    child->holder = task;
    child->delta = child->own = delta;
    child->target_names = target_names(task);
    return task_call(task, &child->task, members_start, then, 0);
}
