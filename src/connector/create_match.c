/* SPDX-License-Identifier: Apache-2.0 */
/* Who is the same already, whatever its name: looked for before a resource is made. */
#include "connector/create_task.h"

#include "map/to_resource.h"

enum { MATCHES = 20 };

bool
create_is_match(const create_task_t *self, const ldap_entry_t *entry)
{
    return self->match && ldap_filter_test(self->task.mem, self->match, entry,
                                           exchange_of(&self->task)->map->schema) == LDAP_TRUE;
}

person_t
create_compare_person(const create_task_t *self, const ldap_entry_t *entry)
{
    const map_slot_t *slot = exchange_of(&self->task)->type->external_id;
    const json_t *wanted = slot ? json_find(self->resource, STR("externalId")) : NULL;
    const ldap_attr_t *attr = slot ? ldap_entry_find(entry, slot->ldap) : NULL;
    const json_t *stored;
    size_t at;

    if (!json_is(wanted, JSON_STRING) || !attr || attr->n == 0)
        return PERSON_PERHAPS;
    stored = map_shown_value(self->task.mem, exchange_of(&self->task)->type, slot, entry, attr,
                             NULL, &at);
    if (!json_is(stored, JSON_STRING))
        return PERSON_PERHAPS;
    return str_eq(wanted->u.string, stored->u.string) ? PERSON_SAME : PERSON_OTHER;
}

void
create_note_met(const create_task_t *self, const ldap_entry_t *entry, met_kind_t kind)
{
    exchange_t *exchange = exchange_of(&self->task);
    met_t *met = &exchange->facts.met;
    const map_slot_t *by =
        create_is_match(self, entry)
            ? map_match_slot(self->task.mem, exchange->type, self->resource, entry)
            : NULL;

    *met = (met_t){.kind = kind,
                   .dn = entry->dn,
                   .path = by ? by->path : STR(""),
                   .stranger = create_compare_person(self, entry) == PERSON_OTHER,
                   .match = by ? self->match : NULL};
    if (!map_anchor_of(self->task.mem, exchange->map, entry, &met->id))
        met->id = STR("");
}

/* ---- the search ---- */

enum { ALIVE = PERSON_SAME + 2 };

/* Who is met first: one that lives, then the same person's tombstone, then another's. */
static int
precedence(const create_task_t *self, const ldap_entry_t *entry)
{
    if (judge_entry(&self->task, entry) != STANDING_TOMBSTONE)
        return ALIVE;
    return 1 + (int)create_compare_person(self, entry);
}

/* Tombstones may be many: people come and go under one name. */
static bool
choose_match(const create_task_t *self, const found_t *found, const ldap_entry_t **ret_entry,
             err_t *err)
{
    const ldap_entry_t *chosen = NULL;
    int best = 0;

    for (size_t i = 0; i < found->n; i++) {
        const ldap_entry_t *entry = found->entries[i];
        int here = precedence(self, entry);

        if (here == ALIVE && best == ALIVE) {
            create_note_met(self, entry, MET_SEVERAL);
            return err_set(err, ERR_UNIQUENESS,
                           "several entries match already: \"%.*s\" and \"%.*s\"; the "
                           "directory must be put in order first",
                           STR_ARG(chosen->dn), STR_ARG(entry->dn));
        }
        if (here <= best)
            continue;
        best = here;
        chosen = entry;
    }
    if (found->more && best < ALIVE) {
        create_note_met(self, chosen, MET_SEVERAL);
        return err_set(err, ERR_UNIQUENESS,
                       "more than %d deleted entries match, such as \"%.*s\"; the directory "
                       "must be put in order first",
                       MATCHES, STR_ARG(chosen->dn));
    }
    *ret_entry = chosen;
    return true;
}

static bool
search_matches(create_task_t *self, then_fn *then)
{
    find_t find = {
        .scope = exchange_of(&self->task)->type->scope, .names = self->names, .limit = MATCHES};

    find.filter = ldap_filter_and2(self->task.mem, find.scope->filter, self->match);
    return find_entries(&self->task, &find, then);
}

static bool
violator_found(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    const ldap_entry_t *entry;

    if (!child_ended(reply, err) || !choose_match(self, reply->result, &entry, err))
        return false;
    if (entry)
        return create_meet(self, entry, true, err);
    *err = self->violation;
    return false;
}

bool
create_look_for_violator(create_task_t *self, const ldap_reply_t *reply, err_t *err)
{
    reply_fail(reply, "add", &self->violation);
    if (++self->tries < CREATE_TRIES)
        return search_matches(self, violator_found);
    *err = self->violation;
    return false;
}

static bool
match_found(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    const ldap_entry_t *entry;

    return child_ended(reply, err) && choose_match(self, reply->result, &entry, err) &&
           create_meet(self, entry, false, err);
}

bool
create_look_for_match(create_task_t *self)
{
    const map_type_t *type = exchange_of(&self->task)->type;

    /* A number that is taken before the name is found to be taken would be lost. */
    if (!self->match || (type->dn_unique && !gives_numbers(type)))
        return create_begin_adding(self);
    return search_matches(self, match_found);
}
