/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the values in question a group has, and what is left of the difference then. */
#include "connector/member_task.h"

const ldap_filter_t *
member_placeholder_stands(const member_task_t *self)
{
    return ldap_filter_equal(self->task.mem, self->type->members->ldap,
                             self->type->placeholder);
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
    member_remove_stale(self, &to);
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
        return member_find_group(self);
    }
    self->target = target_of(task, entry);
    self->mods = (ldap_mods_t){0};
    self->frees_placeholder = false;
    member_note_names(self);
    for (size_t i = 0; (part = map_slot_part(type->members, i)); i++)
        plan_rest(self, part, entry);
    if (!(self->answer_lost && !self->mods.n) && !member_meets_condition(self, err))
        return false;
    if (!self->mods.n) {
        respond_version(task, self->target.version);
        return member_finish(self, err);
    }
    self->needs_placeholder = false;
    if (self->frees_placeholder)
        ldap_mods_add_value(task->mem, &self->mods, LDAP_MOD_OP_DELETE, type->members->ldap,
                            type->placeholder);
    self->guard = member_guard(self, NULL);
    return member_send(self);
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
    if (n > MEMBER_ASK_MAX)
        return NULL;
    terms = arena_array_of(self->task.mem, n + 1 + versions.n, const ldap_filter_t *);
    for (size_t i = 0; i < self->stale.n; i++)
        used = add_terms(self, self->stale.values[i], terms, used);
    for (size_t i = 0; i < delta->n_add + delta->n_remove; i++)
        if (member_dn(&self->task,
                      i < delta->n_add ? delta->add[i] : delta->remove[i - delta->n_add], &dn))
            used = add_terms(self, dn, terms, used);
    if (self->type->placeholder.n)
        terms[used++] = member_placeholder_stands(self);
    /* the control is about the values of all attributes */
    for (size_t i = 0; used > 0 && i < versions.n; i++)
        terms[used++] = ldap_filter_present(self->task.mem, versions.names[i]);
    return ldap_filter_or(self->task.mem, terms, used);
}

bool
member_ask_values(member_task_t *self)
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
