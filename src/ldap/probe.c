/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a server what it can do. */
#include "ldap/conn.h"

#include "ldap/filter.h"

enum { ROOM = 256 * 1024 };

typedef struct {
    ldap_conn_t *conn;
    arena_t *mem;
    int timeout_ms;
    ldap_features_t features;
} probe_t;

static void
read_root(void *arg)
{
    probe_t *probe = arg;
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = STR("")};
    ldap_reply_t reply;

    op.u.search.depth = LDAP_DEPTH_BASE;
    op.u.search.filter = ldap_filter_present(probe->mem, STR("objectClass"));
    op.u.search.attrs = ldap_features_names();
    ldap_conn_perform(probe->conn, &op, probe->mem, probe->timeout_ms, &reply);
    if (reply.fate == LDAP_ANSWERED && reply.code == LDAP_RC_SUCCESS && reply.n_entries == 1)
        probe->features = ldap_features_of(reply.entries[0]);
}

ldap_features_t
ldap_conn_probe(ldap_conn_t *conn, int timeout_ms)
{
    arena_t *mem ARENA_CLEANUP = arena_new(ROOM);
    probe_t probe = {.conn = conn, .mem = mem, .timeout_ms = timeout_ms};

    if (!mem || !arena_guard(mem, read_root, &probe))
        return 0;
    return probe.features;
}
