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

static bool
is_same_dn(const member_task_t *self, str_t a, str_t b)
{
    return str_eq(ldap_dn_normal(self->task.mem, a), ldap_dn_normal(self->task.mem, b));
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
        if (self->sent[i].n && !is_same_dn(self, add[i], self->sent[i]))
            ldap_attr_add(self->task.mem, &self->stale, self->sent[i]);
    for (size_t i = 0; i < delta->n_remove; i++)
        changed |= !is_same_dn(self, remove[i], self->sought[i]);
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
member_is(const member_task_t *self, str_t dn)
{
    return ldap_filter_equal(self->task.mem, self->type->members->ldap, dn);
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
    stands = member_is(self, self->type->placeholder);
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
    const map_member_delta_t *delta;

    join_waiting(self);
    delta = self->delta;
    self->mods = (ldap_mods_t){0};
    note_names(self);
    member_values(task, self->type, delta->remove, delta->n_remove, LDAP_MOD_OP_DELETE, NULL,
                  &self->mods);
    member_values(task, self->type, delta->add, delta->n_add, LDAP_MOD_OP_ADD, NULL,
                  &self->mods);
    if (!self->mods.n)
        return ask_about_values(self); /* nothing to write, but the group must exist */
    self->guard = guard_of(self, assume_placeholder(self));
    return send(self);
}

/* ---- looking ---- */

/* What was written for somebody who had another name by then; not what somebody else who is to be added
 * is called now. */
static void
remove_stale(member_task_t *self, const dn_set_t *present)
{
    const map_member_delta_t *delta = self->delta;

    for (size_t i = 0; i < self->stale.n; i++) {
        bool wanted = false;

        for (size_t j = 0; j < delta->n_add; j++)
            wanted |= self->sent[j].n && is_same_dn(self, self->sent[j], self->stale.values[i]);
        if (!wanted &&
            dn_set_has(present, ldap_dn_normal(self->task.mem, self->stale.values[i])))
            ldap_mods_add_value(self->task.mem, &self->mods, LDAP_MOD_OP_DELETE,
                                self->type->members->ldap, self->stale.values[i]);
    }
}

static bool
values_known(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;
    const ldap_entry_t *entry = reply_entry(reply->ldap);
    const map_type_t *type = self->type;
    dn_set_t present;
    bool has_placeholder;

    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_check(reply->ldap, "reading members", err))
        return false;
    if (!entry) {
        target_forget(task, exchange_of(task)->request->id, self->target.dn);
        return find_group(self);
    }
    self->target = target_of(task, entry);
    present = dn_set_of(task->mem, ldap_entry_find(entry, type->members->ldap));
    has_placeholder = type->placeholder.n &&
                      dn_set_has(&present, ldap_dn_normal(task->mem, type->placeholder));
    self->mods = (ldap_mods_t){0};
    note_names(self);
    member_values(task, type, self->delta->remove, self->delta->n_remove, LDAP_MOD_OP_DELETE,
                  &present, &self->mods);
    self->unsure |= member_count(&self->mods, LDAP_MOD_OP_DELETE) < self->delta->n_remove;
    remove_stale(self, &present);
    member_values(task, type, self->delta->add, self->delta->n_add, LDAP_MOD_OP_ADD, &present,
                  &self->mods);
    if (!(self->answer_lost && !self->mods.n) && !meets_condition(self, err))
        return false;
    if (!self->mods.n) {
        respond_version(task, self->target.version);
        return finish(self, err);
    }
    self->needs_placeholder = false;
    if (has_placeholder && member_count(&self->mods, LDAP_MOD_OP_ADD))
        ldap_mods_add_value(task->mem, &self->mods, LDAP_MOD_OP_DELETE, type->members->ldap,
                            type->placeholder);
    self->guard = guard_of(self, NULL);
    return send(self);
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

    if (n + self->stale.n > ASK_VALUES_MAX)
        return NULL;
    terms = arena_array_of(self->task.mem, n + self->stale.n + 1 + versions.n,
                           const ldap_filter_t *);
    for (size_t i = 0; i < self->stale.n; i++)
        terms[used++] = member_is(self, self->stale.values[i]);
    for (size_t i = 0; i < n; i++)
        if (member_dn(&self->task,
                      i < delta->n_add ? delta->add[i] : delta->remove[i - delta->n_add], &dn))
            terms[used++] = member_is(self, dn);
    if (self->type->placeholder.n)
        terms[used++] = member_is(self, self->type->placeholder);
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
    size_t n = self->target_names.n;
    str_t *names = arena_array_of(task->mem, n + 1, str_t);
    ask_t *ask = task_ask(task, LDAP_OP_SEARCH, values_known);

    memcpy(names, self->target_names.names, n * sizeof(str_t));
    names[n] = self->type->members->ldap;
    ask->op.dn = self->target.dn;
    ask->op.u.search.depth = LDAP_DEPTH_BASE;
    ask->op.u.search.filter = target_guard(task, exchange->request->id, NULL);
    ask->op.u.search.attrs = (ldap_names_t){names, n + 1};
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
