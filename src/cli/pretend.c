/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pretend.h"

#include "base/clock.h"
#include "ldap/apply.h"

static bool
is_at(const pretend_t *pretend, str_t dn)
{
    return pretend->entry && str_eq(ldap_dn_normal(pretend->mem, pretend->entry->dn),
                                    ldap_dn_normal(pretend->mem, dn));
}

/* What a server would add to a new entry by itself. */
static void
stamp(const pretend_t *pretend, ldap_entry_t *entry)
{
    const map_dialect_t *dialect = pretend->map->dialect;
    str_t now = clock_format_generalized(pretend->mem, (clock_time_t){.s = pretend->now_s});

    ldap_entry_add(pretend->mem, entry, dialect->anchor,
                   STR("00000000-0000-0000-0000-000000000000"));
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

/* The entry that a change starts from. */
static ldap_entry_t *
before(const pretend_t *pretend, const ldap_op_t *op)
{
    const ldap_entry_t *entry;

    if (is_at(pretend, op->dn))
        return ldap_entry_copy(pretend->mem, pretend->entry);
    if (!op->post_read)
        return NULL;
    entry = read_live(pretend, op->dn, *op->post_read);
    return entry ? ldap_entry_copy(pretend->mem, entry) : NULL;
}

/* What an entry at `dn` would be called after the rename. */
static str_t
renamed_dn(const pretend_t *pretend, const ldap_op_t *op)
{
    ldap_entry_t entry = {.dn = op->dn};

    ldap_apply_rename(pretend->mem, pretend->map->schema, &entry, op->u.rename.rdn, false);
    return entry.dn;
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
    return read_live(pretend, dn, (ldap_names_t){0}) != NULL;
}

const ldap_entry_t *
pretend_write(pretend_t *pretend, const ldap_op_t *op)
{
    const ldap_schema_t *schema = pretend->map->schema;
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
    }
    if (entry)
        pretend->entry = entry;
    return op->post_read ? entry : NULL;
}

const ldap_entry_t *
pretend_read(const pretend_t *pretend, const ldap_op_t *op)
{
    bool is_base = op->kind == LDAP_OP_SEARCH && op->u.search.depth == LDAP_DEPTH_BASE;

    return is_base && is_at(pretend, op->dn) ? pretend->entry : NULL;
}
