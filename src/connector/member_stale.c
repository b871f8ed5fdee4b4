/* SPDX-License-Identifier: Apache-2.0 */
/* Members that are renamed while their values are written: what was written by the old name is
 * stale. */
#include "connector/member_task.h"

static str_t *
dns_of(const member_task_t *self, const str_t *ids, size_t n)
{
    str_t *dns = arena_array_of(self->task.mem, n, str_t);

    for (size_t i = 0; i < n; i++)
        if (!member_dn(&self->task, ids[i], &dns[i]))
            dns[i] = STR("");
    return dns;
}

void
member_note_names(member_task_t *self)
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

bool
member_names_changed(member_task_t *self)
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

/* Whether the attribute is to hold somebody else by the same value now. */
static bool
is_wanted(const member_task_t *self, const map_slot_t *slot, str_t dn)
{
    for (size_t i = 0; i < self->delta->n_add; i++)
        if (self->sent[i].n && map_reference_is_same(self->task.mem, slot, self->sent[i], dn))
            return true;
    return false;
}

void
member_remove_stale(const member_task_t *self, const member_mods_t *to)
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
