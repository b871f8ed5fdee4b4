/* SPDX-License-Identifier: Apache-2.0 */
/* Group members: one modify of the difference, whatever the group's size.
 *
 * The difference is sent without looking. Where the directory refuses because a value is there already, or is not, nothing of
 * it was applied; then only the values in question are asked about, and what is left of the difference is sent. */
#include "connector/exchange.h"

#include <stdlib.h>

enum { TRIES = 4, ASK_VALUES_MAX = 100 };

typedef struct {
    task_t task;
    const map_type_t *type;
    const map_member_delta_t *delta;
    str_t dn;
    unsigned tries;
    ldap_mods_t mods;
    const ldap_filter_t *guard;
    bool needs_placeholder; /* without it the group would be empty */
} member_task_t;

static bool ask_about_values(member_task_t *self);
static bool find_group(member_task_t *self);

/* ---- sets of DNs in normal form ---- */

typedef struct {
    str_t *normals;
    size_t n;
} dn_set_t;

static int
by_text(const void *a, const void *b)
{
    return str_cmp(*(const str_t *)a, *(const str_t *)b);
}

static dn_set_t
set_of_values(arena_t *mem, const ldap_attr_t *attr)
{
    dn_set_t set = {.n = attr ? attr->n : 0};

    set.normals = arena_array_of(mem, set.n, str_t);
    for (size_t i = 0; i < set.n; i++)
        set.normals[i] = ldap_dn_normal(mem, attr->values[i]);
    if (set.n > 1)
        qsort(set.normals, set.n, sizeof(str_t), by_text);
    return set;
}

static bool
set_has(const dn_set_t *set, str_t normal)
{
    return set->n && bsearch(&normal, set->normals, set->n, sizeof(str_t), by_text) != NULL;
}

/* ---- ids ---- */

str_t *
delta_ids(const task_t *task, const map_member_delta_t *delta, const str_t *ids, size_t n,
          size_t *ret_n)
{
    str_t *all =
        arena_grow(task->mem, ids, n, n + delta->n_add + delta->n_remove, sizeof(str_t));

    for (size_t i = 0; i < delta->n_add; i++)
        all[n++] = delta->add[i];
    for (size_t i = 0; i < delta->n_remove; i++)
        all[n++] = delta->remove[i];
    *ret_n = n;
    return all;
}

static bool
may_be_member(const map_slot_t *slot, const map_type_t *type)
{
    for (size_t i = 0; type && i < slot->n_references; i++)
        if (slot->references[i] == type->scope)
            return true;
    return false;
}

bool
check_members(const task_t *task, const map_member_delta_t *delta, err_t *err)
{
    const map_links_t *links = exchange_links(task);
    map_link_t link;

    for (size_t i = 0; i < delta->n_add; i++)
        if (!links->by_id(links, delta->add[i], &link) ||
            !may_be_member(exchange_of(task)->type->members, link.type))
            return err_set(
                err, ERR_INVALID_VALUE,
                "members: nothing that may be a member has the id \"%.*s\"; no member was "
                "changed",
                STR_ARG(delta->add[i]));
    return true;
}

/* The DN of an id; false: it has none, so it is no member either. */
static bool
dn_of(const task_t *task, str_t id, str_t *ret_dn)
{
    const map_links_t *links = exchange_links(task);
    map_link_t link;

    if (!links->by_id(links, id, &link))
        return false;
    *ret_dn = link.dn;
    return true;
}

/* ---- differences ---- */

static void
add_values(const task_t *task, const map_type_t *type, const str_t *ids, size_t n,
           ldap_mod_op_t op, const dn_set_t *present, ldap_mods_t *mods)
{
    ldap_attr_t *attr = NULL;
    str_t dn;

    for (size_t i = 0; i < n; i++) {
        if (!dn_of(task, ids[i], &dn))
            continue;
        if (present &&
            set_has(present, ldap_dn_normal(task->mem, dn)) == (op == LDAP_MOD_OP_ADD))
            continue;
        if (!attr)
            attr = ldap_mods_add(task->mem, mods, op, type->members->ldap);
        ldap_attr_add(task->mem, attr, dn);
    }
}

static size_t
count_values(const ldap_mods_t *mods, ldap_mod_op_t op)
{
    size_t n = 0;

    for (size_t i = 0; i < mods->n; i++)
        if (mods->mods[i].op == op)
            n += mods->mods[i].attr.n;
    return n;
}

/* Values of a reset that are seen, and not wanted. */
static void
remove_seen(const task_t *task, const map_type_t *type, const map_member_delta_t *delta,
            const ldap_attr_t *attr, ldap_mods_t *mods)
{
    const map_links_t *links = exchange_links(task);
    ldap_attr_t wanted = {0}, *gone = NULL;
    dn_set_t keep;
    str_t dn;

    for (size_t i = 0; i < delta->n_add; i++)
        if (dn_of(task, delta->add[i], &dn))
            ldap_attr_add(task->mem, &wanted, dn);
    keep = set_of_values(task->mem, &wanted);
    for (size_t i = 0; attr && i < attr->n; i++) {
        str_t normal = ldap_dn_normal(task->mem, attr->values[i]);
        map_link_t link;

        if (set_has(&keep, normal) || !links->by_dn(links, normal, &link))
            continue;
        if (!gone)
            gone = ldap_mods_add(task->mem, mods, LDAP_MOD_OP_DELETE, type->members->ldap);
        ldap_attr_add(task->mem, gone, attr->values[i]);
    }
}

void
plan_members(const task_t *task, const map_member_delta_t *delta, const ldap_entry_t *entry,
             ldap_mods_t *mods)
{
    const map_type_t *type = exchange_of(task)->type;
    const ldap_attr_t *attr = ldap_entry_find(entry, type->members->ldap);
    dn_set_t present = set_of_values(task->mem, attr);
    bool has_placeholder =
        type->placeholder.n && set_has(&present, ldap_dn_normal(task->mem, type->placeholder));
    ldap_mods_t change = {0};
    size_t left;

    if (delta->reset)
        remove_seen(task, type, delta, attr, &change);
    else
        add_values(task, type, delta->remove, delta->n_remove, LDAP_MOD_OP_DELETE, &present,
                   &change);
    add_values(task, type, delta->add, delta->n_add, LDAP_MOD_OP_ADD, &present, &change);
    left = present.n - (has_placeholder ? 1 : 0) - count_values(&change, LDAP_MOD_OP_DELETE) +
           count_values(&change, LDAP_MOD_OP_ADD);
    if (type->placeholder.n && left == 0 && !has_placeholder)
        ldap_mods_add_value(task->mem, mods, LDAP_MOD_OP_ADD, type->members->ldap,
                            type->placeholder);
    if (has_placeholder && left > 0 && change.n)
        ldap_mods_add_value(task->mem, &change, LDAP_MOD_OP_DELETE, type->members->ldap,
                            type->placeholder);
    for (size_t i = 0; i < change.n; i++) {
        const ldap_attr_t *values = &change.mods[i].attr;
        ldap_attr_t *to = ldap_mods_add(task->mem, mods, change.mods[i].op, values->name);

        for (size_t j = 0; j < values->n; j++)
            ldap_attr_add(task->mem, to, values->values[j]);
    }
}

/* ---- writing ---- */

static bool
is_one_value(const ldap_mods_t *mods)
{
    return mods->n == 1 && mods->mods[0].attr.n == 1;
}

static bool send(member_task_t *self);

static bool
members_modified(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;
    const ldap_reply_t *ldap = reply->ldap;
    bool is_there = reply_is(ldap, LDAP_RC_VALUE_EXISTS);
    bool is_gone = reply_is(ldap, LDAP_RC_NO_SUCH_ATTRIBUTE);

    if (reply_is(ldap, LDAP_RC_SUCCESS)) {
        if (self->type->placeholder.n && (self->needs_placeholder || self->delta->n_add))
            target_set_empty(task, exchange_of(task)->request->id, self->dn,
                             self->needs_placeholder);
        return task_done(task, NULL);
    }
    if (is_one_value(&self->mods) && ((is_there && self->mods.mods[0].op == LDAP_MOD_OP_ADD) ||
                                      (is_gone && self->mods.mods[0].op == LDAP_MOD_OP_DELETE)))
        return task_done(task, NULL);
    if (reply_is(ldap, LDAP_RC_OBJECT_CLASS_VIOLATION) && self->type->placeholder.n &&
        !self->needs_placeholder) {
        self->needs_placeholder = true;
        return send(self);
    }
    reply_fail(ldap, "changing members", err);
    if (ldap->fate != LDAP_UNKNOWN && !is_there && !is_gone &&
        !reply_is(ldap, LDAP_RC_ASSERTION_FAILED) && !reply_is(ldap, LDAP_RC_NO_SUCH_OBJECT))
        return false;
    if (++self->tries >= TRIES)
        return err->kind == ERR_UNAVAILABLE
                   ? false
                   : err_set(err, ERR_UNAVAILABLE,
                             "the group is being changed by others all the time");
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
    ask->op.dn = self->dn;
    ask->op.guard = self->guard;
    ask->op.permissive = exchange_of(&self->task)->map->dialect->permissive;
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

/* The whole difference, unseen. */
static bool
send_blind(member_task_t *self)
{
    task_t *task = &self->task;
    const map_member_delta_t *delta = self->delta;

    self->mods = (ldap_mods_t){0};
    add_values(task, self->type, delta->remove, delta->n_remove, LDAP_MOD_OP_DELETE, NULL,
               &self->mods);
    add_values(task, self->type, delta->add, delta->n_add, LDAP_MOD_OP_ADD, NULL, &self->mods);
    if (!self->mods.n)
        return ask_about_values(self); /* nothing to write, but the group must exist */
    self->guard = target_guard(task, exchange_of(task)->request->id, assume_placeholder(self));
    return send(self);
}

/* ---- looking ---- */

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
        target_forget(task, exchange_of(task)->request->id, self->dn);
        return find_group(self);
    }
    present = set_of_values(task->mem, ldap_entry_find(entry, type->members->ldap));
    has_placeholder =
        type->placeholder.n && set_has(&present, ldap_dn_normal(task->mem, type->placeholder));
    self->mods = (ldap_mods_t){0};
    add_values(task, type, self->delta->remove, self->delta->n_remove, LDAP_MOD_OP_DELETE,
               &present, &self->mods);
    add_values(task, type, self->delta->add, self->delta->n_add, LDAP_MOD_OP_ADD, &present,
               &self->mods);
    if (!self->mods.n)
        return task_done(task, NULL);
    self->needs_placeholder = false;
    if (has_placeholder && count_values(&self->mods, LDAP_MOD_OP_ADD))
        ldap_mods_add_value(task->mem, &self->mods, LDAP_MOD_OP_DELETE, type->members->ldap,
                            type->placeholder);
    self->guard = target_guard(task, exchange_of(task)->request->id, NULL);
    return send(self);
}

/* Which of the values in question are there (RFC 3876); too many of them, and all are read. */
static const ldap_filter_t *
values_filter(const member_task_t *self)
{
    const map_member_delta_t *delta = self->delta;
    size_t n = delta->n_add + delta->n_remove, used = 0;
    const ldap_filter_t **terms;
    str_t dn;

    if (n > ASK_VALUES_MAX)
        return NULL;
    terms = arena_array_of(self->task.mem, n + 1, const ldap_filter_t *);
    for (size_t i = 0; i < n; i++)
        if (dn_of(&self->task,
                  i < delta->n_add ? delta->add[i] : delta->remove[i - delta->n_add], &dn))
            terms[used++] = member_is(self, dn);
    if (self->type->placeholder.n)
        terms[used++] = member_is(self, self->type->placeholder);
    return ldap_filter_or(self->task.mem, terms, used);
}

static bool
ask_about_values(member_task_t *self)
{
    task_t *task = &self->task;
    const exchange_t *exchange = exchange_of(task);
    str_t *names = arena_array_of(task->mem, 2, str_t);
    ask_t *ask = task_ask(task, LDAP_OP_SEARCH, values_known);

    names[0] = exchange->map->dialect->anchor;
    names[1] = self->type->members->ldap;
    ask->op.dn = self->dn;
    ask->op.u.search.depth = LDAP_DEPTH_BASE;
    ask->op.u.search.filter = target_guard(task, exchange->request->id, NULL);
    ask->op.u.search.attrs = (ldap_names_t){names, 2};
    ask->op.u.search.values = values_filter(self);
    if (!ask->op.u.search.values)
        ask->op.lane = LDAP_LANE_BULK;
    else if (ldap_filter_is_false(ask->op.u.search.values))
        ask->op.u.search.attrs.n = 1;
    return true;
}

/* ---- finding the group ---- */

static bool
group_found(task_t *task, const reply_t *reply, err_t *err)
{
    member_task_t *self = (member_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return fail_not_found(task, err);
    self->dn = ((const ldap_entry_t *)reply->result)->dn;
    if (++self->tries >= TRIES)
        return err_set(err, ERR_UNAVAILABLE,
                       "the group is being renamed by others all the time");
    return send_blind(self);
}

static bool
find_group(member_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);

    return read_resource(&self->task, exchange->request->id,
                         (ldap_names_t){&exchange->map->dialect->anchor, 1}, group_found);
}

static bool
members_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    member_task_t *self = (member_task_t *)task;
    const exchange_t *exchange = exchange_of(task);

    if (!exchange->map->dialect->assertion ||
        !target_remembered(task, exchange->request->id, &self->dn))
        return find_group(self);
    return send_blind(self);
}

bool
change_members(task_t *task, const map_member_delta_t *delta, then_fn *then)
{
    member_task_t *child = task_new_of(task->run, "members", member_task_t);

    child->type = exchange_of(task)->type;
    child->delta = delta;
    return task_call(task, &child->task, members_start, then, 0);
}
