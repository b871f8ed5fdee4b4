/* SPDX-License-Identifier: Apache-2.0 */
/* POST (RFC 7644 §3.3): one add, where the DN alone proves that the name is free.
 *
 * Whoever stands in the way decides what happens: a resource is a conflict, an entry that nobody provisions is adopted,
 * the same person's tombstone is revived, another person's gives up its name. */
#include "connector/exchange.h"

#include "connector/password.h"

#include "map/to_entry.h"
#include "map/to_resource.h"

#include <stdlib.h>

enum { TRIES = 4, RIVAL_PAUSE_MS = 50, MATCHES = 20 };

typedef struct {
    task_t task;
    json_t *resource;
    ldap_entry_t entry;
    ldap_names_t names;
    const ldap_filter_t *match;
    map_choice_t choice; /* of names, values and places */
    unsigned tries;
    const ldap_entry_t *made;
    str_t swept;     /* the name that nothing refers to, so that it may be given; empty: none */
    err_t violation; /* why the server found a value not unique */
} create_task_t;

static bool look_for_match(create_task_t *self, err_t *err);
static bool add_entry(create_task_t *self);
static bool look_at_name(create_task_t *self);

/* ---- who stands in the way ---- */

/* A name alone is not who somebody is: two people may share one. */
static bool
is_match(const create_task_t *self, const ldap_entry_t *entry)
{
    return self->match && ldap_filter_test(self->task.mem, self->match, entry,
                                           exchange_of(&self->task)->map->schema) == LDAP_TRUE;
}

typedef enum { PERSON_OTHER, PERSON_PERHAPS, PERSON_SAME } person_t;

/* Where both have an external id and they differ, it is another person. */
static person_t
compare_person(const create_task_t *self, const ldap_entry_t *entry)
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

/* For whoever asks what came of the request. */
static void
note_met(const create_task_t *self, const ldap_entry_t *entry, met_kind_t kind)
{
    exchange_t *exchange = exchange_of(&self->task);
    met_t *met = &exchange->facts.met;
    const map_slot_t *by =
        is_match(self, entry)
            ? map_match_slot(self->task.mem, exchange->type, self->resource, entry)
            : NULL;

    *met = (met_t){.kind = kind,
                   .dn = entry->dn,
                   .path = by ? by->path : STR(""),
                   .stranger = compare_person(self, entry) == PERSON_OTHER,
                   .match = by ? self->match : NULL};
    if (!ldap_entry_first(entry, exchange->map->dialect->anchor, &met->id))
        met->id = STR("");
}

/* Nobody is told the one that is made here. */
static bool
add_password(create_task_t *self, err_t *err)
{
    const map_slot_t *slot = exchange_of(&self->task)->type->password;
    str_t password;

    if (!slot || slot->missing != MAP_MISSING_GENERATE ||
        ldap_entry_find(&self->entry, slot->ldap))
        return true;
    if (!password_generate(self->task.mem, &password, err))
        return false;
    ldap_entry_add(self->task.mem, &self->entry, slot->ldap, password);
    return true;
}

static bool
make_entry(create_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);

    if (!map_to_entry(self->task.mem, exchange->map, exchange->type, self->resource,
                      exchange_links(&self->task), &self->choice, exchange->now_s, &self->entry,
                      err) ||
        !add_password(self, err) || !check_unprotected(&self->task, &self->entry, NULL, err))
        return false;
    return true;
}

/* The next name that the map can make, where another's entry has the last one; false: none. */
static bool
next_name(create_task_t *self)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    err_t ignored = ERR_INIT;

    if (!type->rdn_rule)
        return false;
    self->tries = 0;
    self->choice.rules[type->rdn_rule - type->rules]++;
    return make_entry(self, &ignored);
}

static bool
refuse(const create_task_t *self, const ldap_entry_t *entry, const char *why, err_t *err)
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
    if (!*(const bool *)reply->result && !next_name(self))
        return err_set(
            err, ERR_UNIQUENESS,
            "the name \"%.*s\" belongs to a deleted entry that does not give it up; name "
            "its naming attribute in the map's \"aside\"",
            STR_ARG(self->entry.dn));
    self->swept = STR("");
    return add_entry(self);
}

/* Somebody who is not meant has the name. */
static bool
give_way(create_task_t *self, const ldap_entry_t *entry, err_t *err)
{
    if (judge_entry(&self->task, entry) == STANDING_TOMBSTONE) {
        note_met(self, entry, MET_ASIDE);
        return set_aside(&self->task, entry->dn, name_freed);
    }
    note_met(self, entry, MET_NAMESAKE);
    if (next_name(self))
        return add_entry(self);
    return refuse(self, entry, "has the name already, and is another", err);
}

static bool
values_chosen(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    return child_ended(reply, err) && make_entry(self, err) && add_entry(self);
}

static bool
values_free(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    return child_ended(reply, err) &&
           choose_unique(task, &self->entry, self->resource, self->choice.rules, values_chosen);
}

/* Nobody is in the way, as far as is known. */
static bool
begin_adding(create_task_t *self)
{
    if (exchange_of(&self->task)->type->n_unique == 0)
        return add_entry(self);
    return give_up_values(&self->task, unique_filter(&self->task, &self->entry, true),
                          values_free);
}

static bool
meet(create_task_t *self, const ldap_entry_t *entry, bool in_the_way, err_t *err)
{
    if (entry && in_the_way && !is_match(self, entry))
        return give_way(self, entry, err);
    switch (judge_entry(&self->task, entry)) {
    case STANDING_NONE:
        return begin_adding(self);
    case STANDING_RESOURCE:
        note_met(self, entry, MET_RESOURCE);
        if (exchange_of(&self->task)->type->adopt)
            return take_over(&self->task, self->resource, entry, false);
        return refuse(self, entry, "exists already, and the map does not adopt", err);
    case STANDING_CLAIMED:
        note_met(self, entry, MET_CLAIMED);
        return refuse(self, entry, "exists already", err);
    case STANDING_PROTECTED:
        note_met(self, entry, MET_PROTECTED);
        return refuse(self, entry, "exists already and is protected by the map", err);
    case STANDING_FOREIGN:
        note_met(self, entry, MET_FOREIGN);
        return refuse(self, entry, "exists already, outside the map's scope", err);
    case STANDING_TOMBSTONE:
        break;
    }
    if (compare_person(self, entry) != PERSON_OTHER) {
        note_met(self, entry, MET_TOMBSTONE);
        return take_over(&self->task, self->resource, entry, true);
    }
    return in_the_way ? give_way(self, entry, err) : begin_adding(self);
}

static bool
name_read(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (++self->tries >= TRIES)
        return err_set(err, ERR_UNAVAILABLE,
                       "the name \"%.*s\" is being taken and freed all the time",
                       STR_ARG(self->entry.dn));
    return meet(self, reply->result, true, err);
}

static bool
look_at_name(create_task_t *self)
{
    return read_dn(&self->task, self->entry.dn, self->names, name_read);
}

/* ---- who matches ---- */

enum { ALIVE = PERSON_SAME + 2 };

/* Who is met first: one that lives, then the same person's tombstone, then another's. */
static int
precedence(const create_task_t *self, const ldap_entry_t *entry)
{
    if (judge_entry(&self->task, entry) != STANDING_TOMBSTONE)
        return ALIVE;
    return 1 + (int)compare_person(self, entry);
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
            note_met(self, entry, MET_SEVERAL);
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
        note_met(self, chosen, MET_SEVERAL);
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

/* ---- a rival that another instance made at the same moment ---- */

static bool
look_again(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    return look_for_match((create_task_t *)task, err);
}

static bool own_withdrawn(task_t *task, const reply_t *reply, err_t *err);

/* Ours alone: the name may be another's by now. */
static bool
withdraw(create_task_t *self)
{
    str_t anchor = exchange_of(&self->task)->map->dialect->anchor, id;
    ask_t *ask = task_ask(&self->task, LDAP_OP_DELETE, own_withdrawn);

    ask->op.dn = self->made->dn;
    if (ldap_entry_first(self->made, anchor, &id))
        ask->op.guard = ldap_filter_equal(self->task.mem, anchor, id);
    return true;
}

static bool
own_reread(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    return reply->result ? withdraw(self) : task_pause(task, 0, look_again);
}

static bool
own_withdrawn(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (reply->ldap->fate != LDAP_ANSWERED && ++self->tries < TRIES)
        return read_dn(task, self->made->dn, self->names, own_reread);
    if (!reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT) &&
        !reply_is(reply->ldap, LDAP_RC_ASSERTION_FAILED) &&
        !reply_check(reply->ldap, "withdrawing a duplicate", err))
        return false;
    if (++self->tries >= TRIES)
        return err_set(err, ERR_UNIQUENESS,
                       "another entry with the same name is being created");
    return task_pause(task, RIVAL_PAUSE_MS + random() % RIVAL_PAUSE_MS, look_again);
}

static bool
rivals_known(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    const found_t *found = reply->result;

    if (!child_ended(reply, err))
        return false;
    if (found->n <= 1)
        return respond_entry(task, self->made, 201);
    target_forget(task, STR(""), self->made->dn);
    return withdraw(self);
}

static bool
look_for_rivals(create_task_t *self)
{
    const exchange_t *exchange = exchange_of(&self->task);
    find_t find = {.scope = exchange->type->scope,
                   .names = {&exchange->map->dialect->anchor, 1},
                   .limit = 2};

    find.filter = ldap_filter_and2(
        self->task.mem, map_visible(self->task.mem, find.scope, exchange->now_s),
        ldap_filter_or2(self->task.mem, self->match ? self->match : ldap_filter_false(),
                        unique_filter(&self->task, &self->entry, false)));
    return find_entries(&self->task, &find, rivals_known);
}

/* ---- adding ---- */

static bool
has_no_members(const create_task_t *self)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    const ldap_attr_t *members = ldap_entry_find(&self->entry, type->members->ldap);

    return members && members->n == 1 && str_eq(members->values[0], type->placeholder);
}

/* Whoever else makes the same resource at this moment makes it under the same DN, and only one
 * succeeds. */
static bool
is_guarded_by_dn(const map_type_t *type)
{
    return type->n_match == 1 && type->match[0] == type->rdn_slot && type->n_parents == 1 &&
           type->parents[0].constant;
}

static bool
made(create_task_t *self, const ldap_entry_t *entry, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);
    str_t id;

    self->made = entry;
    exchange_of(&self->task)->facts.is_new = true;
    if (is_born_inactive(&self->task, self->resource) &&
        !check_lifecycle(&self->task, &exchange->type->inactive, NULL, entry, err))
        return false;
    target_remember(&self->task, exchange->type, entry);
    if (exchange->type->placeholder.n && has_no_members(self) &&
        ldap_entry_first(entry, exchange->map->dialect->anchor, &id))
        target_set_empty(&self->task, id, entry->dn, true);
    if ((self->match && !is_guarded_by_dn(exchange->type)) || exchange->type->n_unique > 0)
        return look_for_rivals(self);
    return respond_entry(&self->task, entry, 201);
}

static bool
entry_read(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!reply->result)
        return err_set(err, ERR_UNAVAILABLE, "\"%.*s\" was added, but is not there to be read",
                       STR_ARG(self->entry.dn));
    return made(self, reply->result, err);
}

/* Whether what stands there is what was sent: an add whose answer was lost. */
static bool
is_what_was_sent(const create_task_t *self, const ldap_entry_t *entry)
{
    const map_type_t *type = exchange_of(&self->task)->type;

    for (size_t i = 0; i < self->entry.n; i++) {
        const ldap_attr_t *sent = &self->entry.attrs[i];
        const ldap_attr_t *found = ldap_entry_find(entry, sent->name);
        bool asked = false;

        for (size_t j = 0; j < self->names.n; j++)
            asked |= str_ieq(self->names.names[j], sent->name);
        if (!asked || (type->password && str_ieq(sent->name, type->password->ldap)))
            continue;
        for (size_t j = 0; j < sent->n; j++)
            if (!found || !ldap_attr_has(found, sent->values[j]))
                return false;
    }
    return true;
}

static bool
lost_read(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (reply->result && is_what_was_sent(self, reply->result))
        return made(self, reply->result, err);
    if (reply->result)
        return refuse(self, reply->result, "exists already", err);
    return err_set(err, ERR_UNAVAILABLE,
                   "add: the directory did not answer in time, and the entry is "
                   "not there");
}

static bool
violator_found(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    const ldap_entry_t *entry;

    if (!child_ended(reply, err) || !choose_match(self, reply->result, &entry, err))
        return false;
    if (entry)
        return meet(self, entry, true, err);
    *err = self->violation;
    return false;
}

/* The server keeps the matching value unique, and an entry of another name has it. */
static bool
look_for_violator(create_task_t *self, const ldap_reply_t *reply, err_t *err)
{
    reply_fail(reply, "add", &self->violation);
    if (++self->tries < TRIES)
        return search_matches(self, violator_found);
    *err = self->violation;
    return false;
}

static bool
parent_made(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && add_entry((create_task_t *)task);
}

/* It is made where the map says so; else the next line that applies takes its place. */
static bool
parent_missing(create_task_t *self, err_t *err)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    size_t line = self->choice.parent;
    str_t missing = ldap_dn_format(self->task.mem, &self->choice.parent_dn);
    err_t none = ERR_INIT;

    if (type->parents[line].create && self->tries++ < TRIES)
        return make_parent(&self->task, &self->choice.parent_dn, parent_made);
    self->choice.parent = line + 1;
    if (line + 1 < type->n_parents && make_entry(self, &none))
        return add_entry(self);
    self->choice.parent = line;
    return err_set(err, ERR_DIRECTORY,
                   "the parent \"%.*s\", where the map puts new entries, does not exist in the "
                   "directory",
                   STR_ARG(missing));
}

static bool
added(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (reply->ldap->fate == LDAP_UNKNOWN)
        return read_dn(task, self->entry.dn, self->names, lost_read);
    if (reply_is(reply->ldap, LDAP_RC_ALREADY_EXISTS))
        return look_at_name(self);
    if (reply_is(reply->ldap, LDAP_RC_CONSTRAINT_VIOLATION) &&
        exchange_of(task)->type->dn_unique && self->match)
        return look_for_violator(self, reply->ldap, err);
    if (reply_is(reply->ldap, LDAP_RC_CONSTRAINT_VIOLATION) &&
        next_unique(task, self->resource, self->choice.rules)) {
        err_t ignored = ERR_INIT;

        if (make_entry(self, &ignored))
            return add_entry(self);
    }
    if (reply_is(reply->ldap, LDAP_RC_NO_SUCH_OBJECT))
        return parent_missing(self, err);
    if (!reply_check(reply->ldap, "add", err))
        return false;
    if (reply_entry(reply->ldap))
        return made(self, reply_entry(reply->ldap), err);
    return read_dn(task, self->entry.dn, self->names, entry_read);
}

static bool
name_swept(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (!*(const bool *)reply->result)
        return look_at_name(self);
    self->swept = self->entry.dn;
    return add_entry(self);
}

static bool
add_entry(create_task_t *self)
{
    ask_t *ask;

    if (bridge_repairs(&self->task) && !str_eq(self->swept, self->entry.dn))
        return sweep_name(&self->task, STR(""), self->entry.dn, name_swept);
    ask = task_ask(&self->task, LDAP_OP_ADD, added);
    ask->op.dn = self->entry.dn;
    ask->op.post_read = &self->names;
    ask->op.u.add.entry = &self->entry;
    exchange_of(&self->task)->facts.target_dn = self->entry.dn;
    return true;
}

/* ---- before that ---- */

static bool
match_found(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    const ldap_entry_t *entry;

    return child_ended(reply, err) && choose_match(self, reply->result, &entry, err) &&
           meet(self, entry, false, err);
}

static bool
look_for_match(create_task_t *self, err_t *err UNUSED)
{
    if (!self->match || exchange_of(&self->task)->type->dn_unique)
        return begin_adding(self);
    return search_matches(self, match_found);
}

static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    return look_for_match((create_task_t *)task, err);
}

static bool
references_known(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    const exchange_t *exchange = exchange_of(task);
    const ldap_filter_t *first;

    if (reply && !child_ended(reply, err))
        return false;
    self->choice.rules = arena_array_of(task->mem, exchange->type->n_rules + 1, size_t);
    if (!make_entry(self, err))
        return false;
    self->names = judging_names(task, brings_members(&self->task, self->resource));
    self->match = map_match_filter(task->mem, exchange->type, self->resource, &first, err);
    if (!self->match && err->kind != ERR_NONE)
        return false;
    return task_enter(task,
                      self->match ? ldap_filter_format(task->mem, first)
                                  : ldap_dn_normal(task->mem, self->entry.dn),
                      entered);
}

static bool
create_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    exchange_t *exchange = exchange_of(task);
    str_t *ids;
    size_t n;

    self->resource = request_resource(task, err);
    if (!self->resource)
        return false;
    map_collect_ids(task->mem, exchange->type, self->resource, &ids, &n);
    if (n > exchange->connector->limits.max_members)
        return err_set(err, ERR_TOO_LARGE,
                       "%zu references in one request; at most %zu are allowed", n,
                       exchange->connector->limits.max_members);
    if (!n)
        return references_known(task, NULL, err);
    return resolve_ids(task, ids, n, references_known);
}

root_t
create_root(run_t *run)
{
    return (root_t){&task_new_of(run, "create", create_task_t)->task, create_start};
}
