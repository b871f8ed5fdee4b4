/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/pretend.h"

#include "base/clock.h"
#include "ldap/apply.h"

#include <inttypes.h>

/* An entry that was written, or would have been. */
struct pretended {
    pretended_t *next;
    const ldap_entry_t *entry;
    bool is_whole; /* it was added: nothing of it is unknown */
};

static pretended_t *
find_written(const pretend_t *pretend, str_t dn)
{
    str_t normal = ldap_dn_normal(pretend->mem, dn);

    for (pretended_t *at = pretend->written; at; at = at->next)
        if (str_eq(ldap_dn_normal(pretend->mem, at->entry->dn), normal))
            return at;
    return NULL;
}

static void
keep(pretend_t *pretend, pretended_t *written, const ldap_entry_t *entry, bool is_whole)
{
    if (!written) {
        written = arena_new_of(pretend->mem, pretended_t);
        written->next = pretend->written;
        pretend->written = written;
    }
    written->entry = entry;
    written->is_whole |= is_whole;
}

static void
drop(pretend_t *pretend, str_t dn)
{
    pretended_t *gone = find_written(pretend, dn);

    for (pretended_t **at = &pretend->written; gone && *at; at = &(*at)->next)
        if (*at == gone) {
            *at = gone->next;
            return;
        }
}

/* What a server would add to a new entry by itself. */
static void
stamp(pretend_t *pretend, ldap_entry_t *entry)
{
    const map_dialect_t *dialect = pretend->map->dialect;
    str_t now = clock_format_generalized(pretend->mem, (clock_time_t){.s = pretend->now_s});

    ldap_entry_add(
        pretend->mem, entry, dialect->anchor,
        str_printf(pretend->mem, "00000000-0000-0000-0000-%012x", pretend->n_added++));
    ldap_entry_add(pretend->mem, entry, dialect->created, now);
    ldap_entry_add(pretend->mem, entry, dialect->modified, now);
}

static const ldap_entry_t *
read_live(const pretend_t *pretend, str_t dn, ldap_names_t names)
{
    ldap_op_t search = {.kind = LDAP_OP_SEARCH, .dn = dn};
    ldap_reply_t reply;

    if (!pretend->conn)
        return NULL;
    search.u.search.depth = LDAP_DEPTH_BASE;
    search.u.search.filter = ldap_filter_present(pretend->mem, STR("objectClass"));
    search.u.search.attrs = names;
    ldap_conn_perform(pretend->conn, &search, pretend->mem, pretend->timeout_ms, &reply);
    return reply.n_entries ? reply.entries[0] : NULL;
}

/* A counter of a directory that is not asked: at its beginning. */
static ldap_entry_t *
untouched_counter(const pretend_t *pretend, const ldap_op_t *op)
{
    const map_counter_t *counter = map_find_counter(pretend->map, op->dn);
    ldap_entry_t *entry;

    if (!counter || pretend->conn)
        return NULL;
    entry = arena_new_of(pretend->mem, ldap_entry_t);
    entry->dn = op->dn;
    ldap_entry_add(pretend->mem, entry, counter->ldap,
                   str_printf(pretend->mem, "%" PRId64, counter->first));
    return entry;
}

/* The entry that a change starts from. */
static ldap_entry_t *
before(const pretend_t *pretend, const ldap_op_t *op)
{
    const pretended_t *written = find_written(pretend, op->dn);
    const ldap_entry_t *entry;

    if (written)
        return ldap_entry_copy(pretend->mem, written->entry);
    if (!op->post_read)
        return NULL;
    entry = read_live(pretend, op->dn, *op->post_read);
    return entry ? ldap_entry_copy(pretend->mem, entry) : untouched_counter(pretend, op);
}

/* The DN under another parent; `parent` empty: as it is. */
static str_t
moved_dn(arena_t *mem, str_t dn, str_t parent)
{
    ldap_dn_t tree;
    err_t err = ERR_INIT;

    if (parent.n == 0 || !ldap_dn_parse(mem, dn, &tree, &err) || tree.n == 0)
        return dn;
    return str_printf(mem, "%.*s,%.*s", STR_ARG(ldap_rdn_format(mem, &tree.rdns[0])),
                      STR_ARG(parent));
}

/* What an entry at `dn` would be called after the rename. */
static str_t
renamed_dn(const pretend_t *pretend, const ldap_op_t *op)
{
    ldap_entry_t entry = {.dn = op->dn};

    ldap_apply_rename(pretend->mem, pretend->map->schema, &entry, op->u.rename.rdn, false);
    return moved_dn(pretend->mem, entry.dn, op->u.rename.parent);
}

bool
pretend_is_taken(const pretend_t *pretend, const ldap_op_t *op)
{
    str_t dn = op->kind == LDAP_OP_RENAME ? renamed_dn(pretend, op) : op->dn;

    if (op->kind != LDAP_OP_ADD && op->kind != LDAP_OP_RENAME)
        return false;
    if (op->kind == LDAP_OP_RENAME &&
        str_eq(ldap_dn_normal(pretend->mem, dn), ldap_dn_normal(pretend->mem, op->dn)))
        return false; /* another spelling of its own name */
    return find_written(pretend, dn) || read_live(pretend, dn, (ldap_names_t){0});
}

const ldap_entry_t *
pretend_write(pretend_t *pretend, const ldap_op_t *op)
{
    const ldap_schema_t *schema = pretend->map->schema;
    pretended_t *written = find_written(pretend, op->dn);
    ldap_entry_t *entry = NULL;

    if (op->kind == LDAP_OP_ADD) {
        entry = ldap_entry_copy(pretend->mem, op->u.add.entry);
        stamp(pretend, entry);
    } else if (op->kind == LDAP_OP_MODIFY) {
        entry = before(pretend, op);
        if (entry)
            ldap_apply_mods(pretend->mem, schema, entry, op->u.modify.mods, op->u.modify.n);
    } else if (op->kind == LDAP_OP_RENAME) {
        entry = before(pretend, op);
        if (entry)
            ldap_apply_rename(pretend->mem, schema, entry, op->u.rename.rdn,
                              op->u.rename.delete_old);
        if (entry)
            entry->dn = moved_dn(pretend->mem, entry->dn, op->u.rename.parent);
    }
    if (op->kind == LDAP_OP_DELETE)
        drop(pretend, op->dn);
    if (entry)
        keep(pretend, written, entry, op->kind == LDAP_OP_ADD);
    return op->post_read ? entry : NULL;
}

static bool
is_base_search(const ldap_op_t *op)
{
    return op->kind == LDAP_OP_SEARCH && op->u.search.depth == LDAP_DEPTH_BASE;
}

const ldap_entry_t *
pretend_read(const pretend_t *pretend, const ldap_op_t *op)
{
    const pretended_t *written = is_base_search(op) ? find_written(pretend, op->dn) : NULL;

    return written ? written->entry : NULL;
}

/* With the name that a server shows as an attribute too. */
static bool
matches(const pretend_t *pretend, const ldap_entry_t *entry, const ldap_filter_t *filter)
{
    ldap_entry_t *shown = ldap_entry_copy(pretend->mem, entry);

    ldap_entry_add(pretend->mem, shown, pretend->map->dialect->dn, entry->dn);
    return ldap_filter_test(pretend->mem, filter, shown, pretend->map->schema) == LDAP_TRUE;
}

const ldap_entry_t **
pretend_find(const pretend_t *pretend, const ldap_op_t *op, size_t *ret_n)
{
    const ldap_entry_t **found =
        arena_array_of(pretend->mem, pretend->n_added, const ldap_entry_t *);
    bool searches = op->kind == LDAP_OP_SEARCH && !is_base_search(op);
    str_t base = ldap_dn_normal(pretend->mem, op->dn);

    *ret_n = 0;
    for (const pretended_t *at = pretend->written; searches && at; at = at->next)
        if (at->is_whole &&
            ldap_dn_is_below(ldap_dn_normal(pretend->mem, at->entry->dn), base) &&
            matches(pretend, at->entry, op->u.search.filter))
            found[(*ret_n)++] = at->entry;
    return found;
}
