/* SPDX-License-Identifier: Apache-2.0 */
/* Rewriting the entries that refer to a DN, as members or otherwise: one search for each attribute that the map
 * has references in, then one modify for each entry found. */
#include "connector/holders.h"

enum { TRIES = 5 };

typedef struct {
    task_t task;
    rewrite_t want;
    const map_type_t *type; /* whose entries are being rewritten ... */
    const map_slot_t *slot; /* ... in this attribute, which holds the DNs of `want` as: */
    struct {
        str_t held, also, add, remove;
    } now;
    size_t n_types, n_slots; /* done with */
    size_t n_scopes;         /* of the slot: where nobody else has what is removed */
    const found_t *found;
    size_t next;
    unsigned tries;   /* with the entry at `next` */
    bool placeholder; /* it would be empty */
    bool has_new;     /* it has the value already that is to be added */
    bool sure;        /* that nobody has the name */
    bool moved;       /* an entry was not where it had been found */
    unsigned searches;
} holders_task_t;

static bool next_entry(holders_task_t *self);
static bool find_holders(holders_task_t *self);
static bool next_slot(holders_task_t *self);

/* The last member goes: the placeholder takes its place. Unless it stands there already, as others have put it there
 * and added somebody since. */
static bool
change_placeholder(holders_task_t *self, const ldap_reply_t *reply)
{
    bool wanted = reply_is(reply, LDAP_RC_OBJECT_CLASS_VIOLATION) && !self->placeholder;
    bool stands = reply_is(reply, LDAP_RC_VALUE_EXISTS) && self->placeholder;

    if (!self->type->placeholder.n || self->slot != self->type->members ||
        (!wanted && !stands) || ++self->tries == TRIES)
        return false;
    self->placeholder = wanted;
    return true;
}

/* What was to be added is there: then there is only the rest to do. */
static bool
leave_out_new(holders_task_t *self, const ldap_reply_t *reply)
{
    if (!self->now.add.n || self->has_new || !member_is_there(&self->task, reply))
        return false;
    self->has_new = true;
    return true;
}

static bool
entry_modified(task_t *task, const reply_t *reply, err_t *err)
{
    holders_task_t *self = (holders_task_t *)task;
    bool changed;

    if (leave_out_new(self, reply->ldap) || change_placeholder(self, reply->ldap))
        return next_entry(self);
    changed = reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) ||
              reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED);
    self->moved |= changed;
    if (!member_is_gone(task, reply->ldap) && !changed &&
        !reply_check(reply->ldap, self->want.what, err))
        return false;
    self->placeholder = self->has_new = false;
    self->tries = 0;
    self->next++;
    return next_entry(self);
}

static ldap_mods_t
make_mods(const holders_task_t *self)
{
    arena_t *mem = self->task.mem;
    ldap_mods_t mods = {0};

    if (self->placeholder)
        ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_ADD, self->slot->ldap,
                            self->type->placeholder);
    if (self->now.remove.n)
        ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_DELETE, self->slot->ldap, self->now.remove);
    if (self->now.add.n && !self->has_new)
        ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_ADD, self->slot->ldap, self->now.add);
    return mods;
}

static bool
has_new(const holders_task_t *self)
{
    const ldap_entry_t *entry = self->found->entries[self->next];
    const ldap_attr_t *attr = self->now.add.n ? ldap_entry_find(entry, self->slot->ldap) : NULL;
    arena_t *mem = self->task.mem;
    str_t wanted = attr ? map_reference_normal(mem, self->slot, self->now.add) : STR("");

    for (size_t i = 0; attr && i < attr->n; i++)
        if (str_eq(map_reference_normal(mem, self->slot, attr->values[i]), wanted))
            return true;
    return false;
}

static bool
modify_entry(holders_task_t *self)
{
    ldap_mods_t mods = make_mods(self);
    const ldap_entry_t *entry = self->found->entries[self->next];
    ask_t *ask = task_ask(&self->task, LDAP_OP_MODIFY, entry_modified);

    ask->op.dn = entry->dn;
    /* Names come and go: what was meant for one that meant nobody must not be done late. */
    if (!self->want.members_only)
        ask->op.guard = target_unchanged(&self->task, entry);
    ask->op.u.modify.mods = mods.mods;
    ask->op.u.modify.n = mods.n;
    return true;
}

static bool
next_entry(holders_task_t *self)
{
    for (; self->next < self->found->n; self->next++) {
        self->has_new = self->has_new || has_new(self);
        if (self->now.remove.n || !self->has_new)
            return modify_entry(self);
        self->has_new = false;
    }
    return self->moved ? find_holders(self) : next_slot(self);
}

/* Its own name in other letters is nobody else's, as long as it has the old ones. */
static bool
is_kept(const holders_task_t *self, const ldap_entry_t *entry)
{
    return self->want.keep.n && !names_differ(&self->task, entry->dn, self->want.keep);
}

/* Whom the directory denied by mistake would lose everything. */
static bool
held_read(task_t *task, const reply_t *reply, err_t *err)
{
    holders_task_t *self = (holders_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (reply->result && !is_kept(self, reply->result))
        return task_done(task, self);
    self->sure = true;
    return next_entry(self);
}

static bool
holders_found(task_t *task, const reply_t *reply, err_t *err)
{
    holders_task_t *self = (holders_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    self->found = reply->result;
    self->next = 0;
    self->moved = false;
    if (self->want.leftover && !self->sure && self->found->n > 0)
        return read_dn(task, self->want.held, target_names(task), held_read);
    /* Who repairs goes on until the deadline: it is others' success that makes it search again. */
    if (++self->searches > TRIES && self->want.members_only)
        return err_set(err, ERR_UNAVAILABLE, "groups are being renamed by others all the time");
    return next_entry(self);
}

/* Groups are those that clients see; who repairs references repairs those of tombstones too. */
static const ldap_filter_t *
searched_entries(const holders_task_t *self)
{
    const map_scope_t *scope = self->type->scope;
    arena_t *mem = self->task.mem;

    if (self->want.members_only)
        return map_visible(mem, scope, exchange_of(&self->task)->now_s);
    return scope->protect
               ? ldap_filter_and2(mem, scope->filter, ldap_filter_not(mem, scope->protect))
               : scope->filter;
}

/* Of the values only the one that is to be added (RFC 3876): who has it already is spared it. */
static void
ask_for_new(const holders_task_t *self, find_t *find)
{
    arena_t *mem = self->task.mem;
    str_t *names = arena_array_of(mem, find->names.n + 1, str_t);

    find->values = ldap_filter_equal(mem, self->slot->ldap, self->now.add);
    for (size_t i = 0; i < find->names.n; i++) {
        names[i] = find->names.names[i];
        find->values = ldap_filter_or2(mem, find->values, ldap_filter_present(mem, names[i]));
    }
    names[find->names.n] = self->slot->ldap;
    find->names = (ldap_names_t){names, find->names.n + 1};
}

static bool
find_holders(holders_task_t *self)
{
    arena_t *mem = self->task.mem;
    find_t find = {.scope = self->type->scope, .names = target_names(&self->task)};

    find.filter = ldap_filter_and2(mem, searched_entries(self),
                                   ldap_filter_equal(mem, self->slot->ldap, self->now.held));
    if (self->now.also.n)
        find.filter = ldap_filter_and2(
            mem, find.filter, ldap_filter_equal(mem, self->slot->ldap, self->now.also));
    if (self->now.add.n)
        ask_for_new(self, &find);
    return find_entries(&self->task, &find, holders_found);
}

/* ---- names that others have too ---- */

static bool
is_same_dn(const holders_task_t *self, str_t a, str_t b)
{
    return b.n && str_eq(ldap_dn_normal(self->task.mem, a), ldap_dn_normal(self->task.mem, b));
}

/* Whether the entry is another than the one that is seen to, and has its name. */
static bool
is_namesake(const holders_task_t *self, const ldap_entry_t *entry)
{
    return map_reference_is_same(self->task.mem, self->slot, entry->dn, self->want.held) &&
           !is_same_dn(self, entry->dn, self->want.held) &&
           !is_same_dn(self, entry->dn, self->want.add) &&
           !is_same_dn(self, entry->dn, self->want.keep);
}

static bool look_for_namesakes(holders_task_t *self);

/* What means several is nobody's, and stays. */
static bool
namesakes_found(task_t *task, const reply_t *reply, err_t *err)
{
    holders_task_t *self = (holders_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    for (size_t i = 0; i < found->n; i++)
        if (is_namesake(self, found->entries[i]))
            return next_slot(self);
    self->n_scopes++;
    return look_for_namesakes(self);
}

static bool
look_for_namesakes(holders_task_t *self)
{
    arena_t *mem = self->task.mem;
    find_t find = {.names = target_names(&self->task)};

    if (!self->now.remove.n || map_reference_is_unique(self->slot) ||
        self->n_scopes == self->slot->n_references)
        return find_holders(self);
    find.scope = self->slot->references[self->n_scopes];
    find.filter =
        ldap_filter_and2(mem, map_visible(mem, find.scope, exchange_of(&self->task)->now_s),
                         ldap_filter_equal(mem, self->slot->by, self->now.held));
    return find_entries(&self->task, &find, namesakes_found);
}

/* ---- which attributes ---- */

static bool
is_rewritten(const holders_task_t *self, const map_slot_t *slot)
{
    if (self->want.members_only)
        return true;
    /* Two values for a moment are more than such an attribute can have. */
    if (slot->ldap_type->single && self->want.add.n && !self->want.remove.n)
        return false;
    return slot->by.n > 0 || !self->want.names_only;
}

static str_t
held_as(const holders_task_t *self, const map_slot_t *slot, str_t dn)
{
    str_t value;

    return dn.n && map_reference_value(self->task.mem, slot, dn, &value) ? value : STR("");
}

/* Whether there is something to do: to this attribute two DNs may be the same. */
static bool
take_slot(holders_task_t *self, const map_slot_t *slot)
{
    const rewrite_t *want = &self->want;
    const str_t others[] = {want->also, want->add, want->keep};

    if (!is_rewritten(self, slot))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (others[i].n && map_reference_is_same(self->task.mem, slot, want->held, others[i]))
            return false;
    self->slot = slot;
    self->now.held = held_as(self, slot, want->held);
    self->now.also = held_as(self, slot, want->also);
    self->now.add = held_as(self, slot, want->add);
    self->now.remove = held_as(self, slot, want->remove);
    return self->now.held.n && (self->now.also.n || !want->also.n) &&
           (self->now.add.n || self->now.remove.n);
}

static const map_slot_t *
slot_at(const holders_task_t *self, size_t i)
{
    if (self->want.members_only)
        return self->type->members ? map_slot_part(self->type->members, i) : NULL;
    return i < self->type->n_holders ? self->type->holders[i] : NULL;
}

static bool
next_slot(holders_task_t *self)
{
    const map_t *map = exchange_of(&self->task)->map;
    const map_slot_t *slot;

    self->searches = 0;
    self->n_scopes = 0;
    for (; self->n_types < map->n_types; self->n_types++, self->n_slots = 0) {
        self->type = &map->types[self->n_types];
        while ((slot = slot_at(self, self->n_slots))) {
            self->n_slots++;
            if (take_slot(self, slot))
                return look_for_namesakes(self);
        }
    }
    return task_done(&self->task, NULL);
}

static bool
turn_come(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return next_slot((holders_task_t *)task);
}

/* One repair at a time: those of many renames change the same groups, and each would make the others search again.
 * No gate is entered behind this one, so nobody waits in a circle. */
static bool
holders_start(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    holders_task_t *self = (holders_task_t *)task;

    return self->want.members_only ? next_slot(self)
                                   : task_enter(task, STR("(references)"), turn_come);
}

bool
rewrite_holders(task_t *task, const rewrite_t *want, then_fn *then)
{
    holders_task_t *child = task_new_of(task->run, "holders", holders_task_t);

    child->want = *want;
    return task_call(task, &child->task, holders_start, then, 0);
}

bool
strip_groups(task_t *task, str_t dn, then_fn *then)
{
    rewrite_t want = {
        .held = dn, .remove = dn, .members_only = true, .what = "removing from a group"};

    return rewrite_holders(task, &want, then);
}
