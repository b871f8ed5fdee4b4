/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a request that meets somebody: a resource is a conflict, an entry that nobody provisions is
 * adopted, the same person's tombstone is revived, another's gives up its name. */
#include "connector/create_task.h"

bool
create_refuse(const create_task_t *self, const ldap_entry_t *entry, const char *why, err_t *err)
{
    return err_set(err, ERR_UNIQUENESS, "%.*s: \"%.*s\" %s",
                   STR_ARG(exchange_of(&self->task)->type->scim->name), STR_ARG(entry->dn),
                   why);
}

static bool
name_freed(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!*(const bool *)reply->result && !create_next_name(self))
        return err_set(
            err, ERR_UNIQUENESS,
            "the name \"%.*s\" belongs to a deleted entry that does not give it up; name "
            "its naming attribute in the map's \"aside\"",
            STR_ARG(self->entry.dn));
    self->swept = STR("");
    return create_add_entry(self);
}

/* Somebody who is not meant has the name. */
static bool
give_way(create_task_t *self, const ldap_entry_t *entry, err_t *err)
{
    if (judge_entry(&self->task, entry) == STANDING_TOMBSTONE) {
        create_note_met(self, entry, MET_ASIDE);
        return set_aside(&self->task, entry->dn, name_freed);
    }
    create_note_met(self, entry, MET_NAMESAKE);
    if (create_next_name(self))
        return create_add_entry(self);
    return create_refuse(self, entry, "has the name already, and is another", err);
}

bool
create_meet(create_task_t *self, const ldap_entry_t *entry, bool in_the_way, err_t *err)
{
    if (entry && in_the_way && !create_is_match(self, entry))
        return give_way(self, entry, err);
    switch (judge_entry(&self->task, entry)) {
    case STANDING_NONE:
        return create_begin_adding(self);
    case STANDING_RESOURCE:
        create_note_met(self, entry, MET_RESOURCE);
        if (exchange_of(&self->task)->type->adopt)
            return take_over(&self->task, self->resource, entry, false);
        return create_refuse(self, entry, "exists already, and the map does not adopt", err);
    case STANDING_CLAIMED:
        create_note_met(self, entry, MET_CLAIMED);
        return create_refuse(self, entry, "exists already", err);
    case STANDING_PROTECTED:
        create_note_met(self, entry, MET_PROTECTED);
        return create_refuse(self, entry, "exists already and is protected by the map", err);
    case STANDING_FOREIGN:
        create_note_met(self, entry, MET_FOREIGN);
        return create_refuse(self, entry, "exists already, outside the map's scope", err);
    case STANDING_TOMBSTONE:
        break;
    }
    if (create_compare_person(self, entry) != PERSON_OTHER) {
        create_note_met(self, entry, MET_TOMBSTONE);
        return take_over(&self->task, self->resource, entry, true);
    }
    return in_the_way ? give_way(self, entry, err) : create_begin_adding(self);
}

/* Nobody has the name, and still the directory says twice that the entry exists: so it speaks of a value that it keeps
 * unique beyond the scope, as Active Directory does. */
static bool
taken_elsewhere(create_task_t *self, err_t *err)
{
    err_t ignored = ERR_INIT;

    self->name_was_free = false;
    if (next_unique(&self->task, self->resource, &self->choice) &&
        create_make_entry(self, &ignored))
        return create_add_entry(self);
    return err_set(
        err, ERR_UNIQUENESS,
        "nobody is called \"%.*s\", but the directory has another entry, perhaps beyond "
        "the map's scope, with a value that it keeps unique",
        STR_ARG(self->entry.dn));
}

static bool
name_read(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result && self->name_was_free && exchange_of(task)->type->n_unique > 0)
        return taken_elsewhere(self, err);
    self->name_was_free = !reply->result;
    if (++self->tries >= CREATE_TRIES)
        return err_set(err, ERR_UNAVAILABLE,
                       "the name \"%.*s\" is being taken and freed all the time",
                       STR_ARG(self->entry.dn));
    return create_meet(self, reply->result, true, err);
}

bool
create_look_at_name(create_task_t *self)
{
    return read_dn(&self->task, self->entry.dn, self->names, name_read);
}
