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

bool
target_remembered(const task_t *task, str_t id, str_t *ret_dn)
{
    const exchange_t *exchange = exchange_of(task);
    memo_pair_t pair;

    /* The guard has the scope's filter, not its bases: what lives in another type's is not ours. */
    if (!memo_find_id(exchange->connector->memo, task->mem, str_lower(task->mem, id),
                      exchange->now_ms, TARGET_AGE_MS, &pair) ||
        target_type(task, pair.tag) != exchange->type)
        return false;
    *ret_dn = pair.dn;
    return true;
}

static void
remember(const task_t *task, str_t id, str_t dn, unsigned tag)
{
    const exchange_t *exchange = exchange_of(task);

    memo_put(exchange->connector->memo, str_lower(task->mem, id), dn,
             ldap_dn_normal(task->mem, dn), tag, exchange->now_ms);
}

void
target_remember(const task_t *task, const map_type_t *type, const ldap_entry_t *entry)
{
    const exchange_t *exchange = exchange_of(task);
    unsigned tag = (unsigned)(type - exchange->map->types);
    str_t id;

    if (!ldap_entry_first(entry, exchange->map->dialect->anchor, &id))
        return;
    if (type->placeholder.n && target_is_empty(task, id))
        tag |= EMPTY_GROUP;
    remember(task, id, entry->dn, tag);
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

    remember(task, id, dn, empty ? tag | EMPTY_GROUP : tag);
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
    exchange_of(task)->connector->moved_ms = clock_monotonic_ms();
}

/* One that was sent takes effect at some moment before its answer, or its deadline. */
bool
names_have_moved(const task_t *task)
{
    return clock_monotonic_ms() - exchange_of(task)->connector->moved_ms < MOVE_MS;
}

const ldap_filter_t *
target_guard(const task_t *task, str_t id, const ldap_filter_t *more)
{
    const exchange_t *exchange = exchange_of(task);
    const ldap_attr_type_t *anchor =
        ldap_schema_get(exchange->map->schema, exchange->map->dialect->anchor);
    const ldap_filter_t *parts[3];

    if (!ldap_syntax_accepts(task->mem, anchor->syntax, id))
        return ldap_filter_false();
    parts[0] = ldap_filter_equal(task->mem, exchange->map->dialect->anchor, id);
    parts[1] = map_visible(task->mem, exchange->type->scope, exchange->now_s);
    parts[2] = more;
    return ldap_filter_and(task->mem, parts, ARRAY_SIZE(parts));
}

const ldap_filter_t *
target_unchanged(const task_t *task, const ldap_entry_t *entry)
{
    str_t attr = exchange_of(task)->map->dialect->version;
    str_t version;

    if (!attr.n || !ldap_entry_first(entry, attr, &version))
        return NULL;
    return ldap_filter_equal(task->mem, attr, version);
}
