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

/* The entry that a change starts from. */
static ldap_entry_t *
before(const pretend_t *pretend, const ldap_op_t *op)
{
    ldap_op_t search = {.kind = LDAP_OP_SEARCH, .dn = op->dn};
    ldap_reply_t reply;

    if (is_at(pretend, op->dn))
        return ldap_entry_copy(pretend->mem, pretend->entry);
    if (!pretend->conn || !op->post_read)
        return NULL;
    search.u.search.depth = LDAP_DEPTH_BASE;
    search.u.search.filter = ldap_filter_present(pretend->mem, STR("objectClass"));
    search.u.search.attrs = *op->post_read;
    ldap_conn_perform(pretend->conn, &search, pretend->mem, pretend->timeout_ms, &reply);
    return reply.n_entries ? ldap_entry_copy(pretend->mem, reply.entries[0]) : NULL;
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
