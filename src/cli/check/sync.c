/* SPDX-License-Identifier: Apache-2.0 */
/* A loop: whom Entra provisions into an Active Directory, Entra Connect takes back to Entra as somebody else.
 *
 * It is known by the accounts that its installation makes, and by the anchor that it writes to what
 * it has synchronized. */
#include "cli/check/check.h"

#include "base/clock.h"

static const char topic[] = "loop";

static const ldap_filter_t *
parse(arena_t *mem, const char *text)
{
    err_t err = ERR_INIT;

    return ldap_filter_parse(mem, str_from_c(text), &err);
}

/* Of the accounts by which Entra Connect logs in. */
static const ldap_entry_t *
find_account(check_t *check)
{
    live_t *live = check->live;
    const ldap_filter_t *filter = parse(
        live->mem, "(|(sAMAccountName=MSOL_*)(sAMAccountName=AAD_*)(sAMAccountName=ADSyncMSA*)"
                   ")");
    const ldap_attr_t *contexts =
        live->root ? ldap_entry_find(live->root, STR("namingContexts")) : NULL;

    for (size_t i = 0; contexts && i < contexts->n; i++) {
        ldap_reply_t reply;

        live_search(live, contexts->values[i], LDAP_DEPTH_SUB, filter, (ldap_names_t){NULL, 0},
                    1, &reply);
        if (reply.n_entries > 0)
            return reply.entries[0];
    }
    return NULL;
}

static const ldap_entry_t *
find_synchronized(check_t *check, const map_scope_t *scope)
{
    live_t *live = check->live;
    const ldap_filter_t *filter =
        ldap_filter_and2(live->mem, map_visible(live->mem, scope, clock_real_s()),
                         ldap_filter_present(live->mem, STR("mS-DS-ConsistencyGuid")));

    for (size_t i = 0; i < scope->n_bases; i++) {
        ldap_reply_t reply;

        live_search(live, scope->bases[i].dn, scope->depth, filter, (ldap_names_t){NULL, 0}, 1,
                    &reply);
        if (reply.n_entries > 0)
            return reply.entries[0];
    }
    return NULL;
}

static void
warn(check_t *check, const map_type_t *type, const ldap_entry_t *entry, const char *what)
{
    finding_t *finding = findings_add(
        check->findings, FINDING_WARNING, topic, check_about(check, type),
        "%.*s %s: what this connector makes here would go back to Entra as somebody else, and "
        "round again; leave its bases out of what Entra Connect synchronizes, or these people "
        "out of what Entra provisions",
        STR_ARG(entry->dn), what);

    if (type)
        places_scope(&check->places, type->scope, "bases", finding);
}

void
check_sync(check_t *check)
{
    const ldap_schema_t *schema = check->live->schema;
    size_t warnings = check->findings->warnings;
    const ldap_entry_t *account, *entry;

    if (!schema || !ldap_schema_has(schema, STR("sAMAccountName")))
        return; /* it is no Active Directory */
    account = find_account(check);
    if (account)
        warn(check, NULL, account, "is an account of Entra Connect");
    for (size_t i = 0; i < check->map->n_types; i++) {
        const map_type_t *type = &check->map->types[i];

        entry = ldap_schema_has(schema, STR("mS-DS-ConsistencyGuid"))
                    ? find_synchronized(check, type->scope)
                    : NULL;
        if (entry)
            warn(check, type, entry,
                 "is synchronized by Entra Connect (mS-DS-ConsistencyGuid)");
    }
    if (check->findings->warnings == warnings)
        findings_add(check->findings, FINDING_OK, topic, check_about(check, NULL),
                     "no sign of Entra Connect, which would take what is made here back to "
                     "Entra");
}
