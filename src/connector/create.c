/* SPDX-License-Identifier: Apache-2.0 */
/* POST (RFC 7644 §3.3): one add, where the DN alone proves that the name is free. */
#include "connector/create_task.h"

#include "connector/password.h"

/* ---- the entry ---- */

void
create_drop_numbers(create_task_t *self)
{
    size_t n = exchange_of(&self->task)->type->n_rules;

    self->choice.numbers = arena_array_of(self->task.mem, n + 1, str_t);
}

static const map_rule_t *
number_lacking(const create_task_t *self)
{
    return lacks_number(exchange_of(&self->task)->type, self->choice.numbers, NULL);
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
    if (!password_generate(self->task.mem, slot, &password, err))
        return false;
    ldap_entry_add(self->task.mem, &self->entry, slot->ldap, password);
    return true;
}

bool
create_make_entry(create_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);

    if (!map_to_entry(self->task.mem, exchange->map, exchange->type, self->resource,
                      exchange_links(&self->task), &self->choice, exchange->now_s, &self->entry,
                      err) ||
        !add_password(self, err) || !check_unprotected(&self->task, &self->entry, NULL, err))
        return false;
    return true;
}

bool
create_next_name(create_task_t *self)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    err_t ignored = ERR_INIT;

    if (!type->rdn_rule)
        return false;
    self->tries = 0;
    self->choice.rules[type->rdn_rule - type->rules]++;
    return create_make_entry(self, &ignored);
}

/* ---- adding it ---- */

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
           type->parents[0].constant && !type->inactive.under;
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
        map_anchor_of(self->task.mem, exchange->map, entry, &id))
        target_set_empty(&self->task, id, entry->dn, true);
    if ((self->match && !is_guarded_by_dn(exchange->type)) || exchange->type->n_unique > 0)
        return create_check_rivals(self);
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
        return create_refuse(self, reply->result, "exists already", err);
    return err_set(err, ERR_UNAVAILABLE,
                   "add: the directory did not answer in time, and the entry is "
                   "not there");
}

static bool
parent_made(task_t *task, const reply_t *reply, err_t *err)
{
    return child_ended(reply, err) && create_add_entry((create_task_t *)task);
}

/* It is made where the map says so; else the next line that applies takes its place. */
static bool
parent_missing(create_task_t *self, err_t *err)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    size_t line = self->choice.parent;
    str_t missing = ldap_dn_format(self->task.mem, &self->choice.parent_dn);
    err_t none = ERR_INIT;

    if (self->choice.put)
        return err_set(err, ERR_DIRECTORY,
                       "\"%.*s\", where the map's lifecycle puts what is inactive, does not "
                       "exist in the directory",
                       STR_ARG(missing));
    if (type->parents[line].create && self->tries++ < CREATE_TRIES)
        return make_parent(&self->task, &self->choice.parent_dn, parent_made);
    self->choice.parent = line + 1;
    if (line + 1 < type->n_parents && create_make_entry(self, &none))
        return create_add_entry(self);
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
        return create_look_at_name(self);
    if (reply_is(reply->ldap, LDAP_RC_CONSTRAINT_VIOLATION) &&
        exchange_of(task)->type->dn_unique && self->match)
        return create_look_for_violator(self, reply->ldap, err);
    if (reply_is(reply->ldap, LDAP_RC_CONSTRAINT_VIOLATION) &&
        next_unique(task, self->resource, &self->choice)) {
        err_t ignored = ERR_INIT;

        if (create_make_entry(self, &ignored))
            return create_add_entry(self);
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
        return create_look_at_name(self);
    self->swept = self->entry.dn;
    return create_add_entry(self);
}

bool
create_add_entry(create_task_t *self)
{
    ask_t *ask;

    if (number_lacking(self))
        return create_begin_adding(self);
    if (needs_sweep(&self->task, self->entry.dn) && !str_eq(self->swept, self->entry.dn))
        return sweep_name(&self->task, STR(""), self->entry.dn, name_swept);
    ask = task_ask(&self->task, LDAP_OP_ADD, added);
    ask->op.dn = self->entry.dn;
    ask->op.post_read = &self->names;
    ask->op.u.add.entry = &self->entry;
    exchange_of(&self->task)->facts.target_dn = self->entry.dn;
    return true;
}

static bool
values_chosen(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    return child_ended(reply, err) && create_make_entry(self, err) && create_add_entry(self);
}

static bool
values_free(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;

    return child_ended(reply, err) &&
           choose_unique(task, &self->entry, self->resource, &self->choice, values_chosen);
}

static bool
number_taken(task_t *task, const reply_t *reply, err_t *err)
{
    create_task_t *self = (create_task_t *)task;
    const map_rule_t *rule = number_lacking(self);

    if (!child_ended(reply, err))
        return false;
    if (++self->n_numbers > CREATE_NUMBERS)
        return err_set(err, ERR_DIRECTORY,
                       "%d numbers of the counter \"%.*s\" are in use already; set it to one "
                       "above the highest %.*s",
                       CREATE_NUMBERS, STR_ARG(rule->counter->dn), STR_ARG(rule->ldap));
    self->choice.numbers[rule - exchange_of(task)->type->rules] = *(const str_t *)reply->result;
    return create_make_entry(self, err) && create_begin_adding(self);
}

/* Numbers are taken as late as can be: what is taken for nothing is lost. */
bool
create_begin_adding(create_task_t *self)
{
    const map_rule_t *rule = number_lacking(self);

    exchange_of(&self->task)->facts.target_dn = self->entry.dn;
    if (rule)
        return take_number(&self->task, rule, number_taken);
    if (exchange_of(&self->task)->type->n_unique == 0)
        return create_add_entry(self);
    return give_up_values(&self->task, unique_filter(&self->task, &self->entry, true),
                          values_free);
}

/* ---- before that ---- */

static bool
entered(task_t *task, const reply_t *reply UNUSED, err_t *err UNUSED)
{
    return create_look_for_match((create_task_t *)task);
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
    create_drop_numbers(self);
    if (!create_make_entry(self, err))
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
