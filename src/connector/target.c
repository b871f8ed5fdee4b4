/* SPDX-License-Identifier: Apache-2.0 */
/* The entry that a write is for: where it was last seen, and what must still be true of it. */
#include "connector/exchange.h"

#include "base/clock.h"

enum {
    TARGET_AGE_MS = 10 * 60 * 1000,
    MOVE_MS = 10 * 1000,
    EMPTY_GROUP =
        0x8000 /* in a memo's tag: its placeholder was the only member when last seen */
};

/* NULL: there is none. */
static const ldap_filter_t *
version_is(const task_t *task, str_t version)
{
    return map_version_is(task->mem, exchange_of(task)->map, version);
}

bool
target_remembered(const task_t *task, str_t id, target_t *ret_target)
{
    const exchange_t *exchange = exchange_of(task);
    memo_pair_t pair;

    /* The guard has the scope's filter, not its bases: what lives in another type's is not ours. */
    if (!memo_find_id(exchange->connector->memo, task->mem, str_lower(task->mem, id),
                      exchange->now_ms, TARGET_AGE_MS, &pair) ||
        target_type(task, pair.tag) != exchange->type)
        return false;
    *ret_target = (target_t){pair.dn, version_is(task, pair.version), pair.version};
    return true;
}

static void
remember(const task_t *task, str_t id, str_t dn, str_t version, unsigned tag)
{
    const exchange_t *exchange = exchange_of(task);
    memo_pair_t pair = {str_lower(task->mem, id), dn, version, tag};

    memo_put(exchange->connector->memo, &pair, ldap_dn_normal(task->mem, dn), exchange->now_ms);
}

str_t
target_version(const task_t *task, const ldap_entry_t *entry)
{
    return map_version_of(exchange_of(task)->map->dialect, entry);
}

void
target_remember(const task_t *task, const map_type_t *type, const ldap_entry_t *entry)
{
    const exchange_t *exchange = exchange_of(task);
    unsigned tag = (unsigned)(type - exchange->map->types);
    str_t id;

    if (!map_anchor_of(task->mem, exchange->map, entry, &id))
        return;
    if (type->placeholder.n && target_is_empty(task, id))
        tag |= EMPTY_GROUP;
    remember(task, id, entry->dn, target_version(task, entry), tag);
}

const map_type_t *
target_type(const task_t *task, unsigned tag)
{
    const map_t *map = exchange_of(task)->map;
    unsigned index = tag & ~(unsigned)EMPTY_GROUP;

    return index < map->n_types ? &map->types[index] : NULL;
}

bool
target_is_empty(const task_t *task, str_t id)
{
    const exchange_t *exchange = exchange_of(task);
    memo_pair_t pair;

    return memo_find_id(exchange->connector->memo, task->mem, str_lower(task->mem, id),
                        exchange->now_ms, TARGET_AGE_MS, &pair) &&
           (pair.tag & EMPTY_GROUP);
}

void
target_set_empty(const task_t *task, str_t id, str_t dn, bool empty)
{
    const exchange_t *exchange = exchange_of(task);
    unsigned tag = (unsigned)(exchange->type - exchange->map->types);

    remember(task, id, dn, STR(""), empty ? tag | EMPTY_GROUP : tag);
}

void
target_forget(const task_t *task, str_t id, str_t dn)
{
    memo_t *memo = exchange_of(task)->connector->memo;

    memo_forget_id(memo, str_lower(task->mem, id));
    if (dn.n)
        memo_forget_dn(memo, ldap_dn_normal(task->mem, dn));
}

void
name_moves(const task_t *task)
{
    exchange_of(task)->connector->lasting->moved_ms = clock_monotonic_ms();
}

/* One that was sent takes effect at some moment before its answer, or its deadline. */
bool
names_have_moved(const task_t *task)
{
    return clock_monotonic_ms() - exchange_of(task)->connector->lasting->moved_ms < MOVE_MS;
}

ldap_names_t
target_names(const task_t *task)
{
    const map_dialect_t *dialect = exchange_of(task)->map->dialect;
    ldap_names_t versions = map_version_names(dialect);
    str_t *names = arena_array_of(task->mem, 1 + versions.n, str_t);

    names[0] = dialect->anchor;
    for (size_t i = 0; i < versions.n; i++)
        names[1 + i] = versions.names[i];
    return (ldap_names_t){names, 1 + versions.n};
}

const ldap_filter_t *
target_guard(const task_t *task, str_t id, const ldap_filter_t *more)
{
    const exchange_t *exchange = exchange_of(task);
    const ldap_filter_t *parts[3];

    parts[0] = map_anchor_is(task->mem, exchange->map, id);
    if (ldap_filter_is_false(parts[0]))
        return parts[0];
    parts[1] = map_visible(task->mem, exchange->type->scope, exchange->now_s);
    parts[2] = more;
    return ldap_filter_and(task->mem, parts, ARRAY_SIZE(parts));
}

const ldap_filter_t *
target_tombstone(const task_t *task, str_t id)
{
    const exchange_t *exchange = exchange_of(task);
    const map_scope_t *scope = exchange->type->scope;
    const ldap_filter_t *parts[] = {
        map_anchor_is(task->mem, exchange->map, id), scope->filter,
        scope->protect ? ldap_filter_not(task->mem, scope->protect) : NULL,
        map_when(task->mem, &exchange->type->deleted, exchange->now_s)};

    return ldap_filter_and(task->mem, parts, ARRAY_SIZE(parts));
}

target_t
target_of(const task_t *task, const ldap_entry_t *entry)
{
    return (target_t){entry->dn, target_unchanged(task, entry), target_version(task, entry)};
}

bool
target_writable(const task_t *task, target_t *ret_target)
{
    const exchange_t *exchange = exchange_of(task);
    err_t ignored = ERR_INIT;

    return target_remembered(task, exchange->request->id, ret_target) &&
           ret_target->unchanged && check_condition(task, ret_target->version, &ignored);
}

const ldap_filter_t *
target_unchanged(const task_t *task, const ldap_entry_t *entry)
{
    return version_is(task, target_version(task, entry));
}
