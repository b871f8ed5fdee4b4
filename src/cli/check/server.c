/* SPDX-License-Identifier: Apache-2.0 */
/* What a server must do for a bridge: controls, limits, policies. */
#include "cli/check/check.h"

/* ---- controls ---- */

typedef struct {
    ldap_feature_t feature;
    const char *oid, *name, *without;
    finding_level_t level;
} control_t;

static const control_t controls[] = {
    {LDAP_FEATURE_ASSERTION, "1.3.6.1.1.12", "assertion (RFC 4528)",
     "each write costs a search more, and cannot rule out another's between the two",
     FINDING_WARNING},
    {LDAP_FEATURE_POST_READ, "1.3.6.1.1.13.2", "post-read (RFC 4527)",
     "each write costs a search more", FINDING_WARNING},
    {LDAP_FEATURE_VALUES, "1.2.826.0.1.3344810.2.3", "matched values (RFC 3876)",
     "large groups are read whole where one member would do", FINDING_WARNING},
};

static bool
is_needed(const control_t *control, const map_dialect_t *dialect)
{
    return (dialect->features & control->feature) != 0;
}

static void
check_controls(live_t *live, findings_t *findings, str_t about, const map_dialect_t *dialect)
{
    size_t missing = 0;

    for (size_t i = 0; i < ARRAY_SIZE(controls); i++) {
        if (!is_needed(&controls[i], dialect) ||
            live_has(live, "supportedControl", controls[i].oid))
            continue;
        findings_add(findings, controls[i].level, "controls", about,
                     "the server does not offer the control %s, so %s", controls[i].name,
                     controls[i].without);
        missing++;
    }
    if (missing == 0)
        findings_add(findings, FINDING_OK, "controls", about,
                     "the server offers the controls that the dialect \"%.*s\" uses",
                     STR_ARG(dialect->name));
}

static void
check_vendor(live_t *live, findings_t *findings, str_t about, const map_dialect_t *dialect)
{
    str_t vendor = STR("");

    (void)ldap_entry_first(live->root, STR("vendorName"), &vendor);
    if (!live->openldap && str_eq(dialect->name, STR("openldap")))
        findings_add(findings, FINDING_WARNING, "server", about,
                     "the map's dialect is \"openldap\", but the server does not say that it "
                     "is slapd%s%.*s; see that the maps are for it",
                     vendor.n ? ": " : "", STR_ARG(vendor));
    else
        findings_add(findings, FINDING_OK, "server", about, "the server is %s%.*s%s%.*s",
                     live->openldap ? "OpenLDAP" : "", live->openldap ? 0 : (int)vendor.n,
                     vendor.p, live->identity.n ? ", and knows us as " : "",
                     STR_ARG(live->identity));
}

/* slapd's rootdn stands above all access rules, so nothing shows whether they suffice. */
static void
check_root_dn(live_t *live, findings_t *findings, str_t about)
{
    str_t identity = ldap_dn_normal(live->mem, live->identity);
    str_t root;

    for (size_t i = 0; i < live->n_config && identity.n > 0; i++) {
        if (!ldap_entry_first(live->config[i], STR("olcRootDN"), &root) ||
            !str_eq(ldap_dn_normal(live->mem, root), identity))
            continue;
        findings_add(findings, FINDING_WARNING, "rights", about,
                     "the bind identity is the database's olcRootDN, which no rule binds; give "
                     "the bridge an identity of its own (\"scimbridge check --acl\" prints "
                     "rules for it)");
        return;
    }
}

void
check_directory(live_t *live, findings_t *findings, str_t about, const map_dialect_t *dialect)
{
    if (!live->root) {
        findings_add(findings, FINDING_WARNING, "server", about,
                     "the root DSE cannot be read, so what the server can do is not known; let "
                     "the bind identity read the entry \"\"");
        return;
    }
    check_vendor(live, findings, about, dialect);
    check_controls(live, findings, about, dialect);
    check_root_dn(live, findings, about);
}

/* ---- limits ---- */

/* ret_code: of the search that failed, -1 where there was no answer. */
static size_t
count_all(check_t *check, const map_scope_t *scope, int *ret_code)
{
    size_t n = 0;

    *ret_code = LDAP_RC_SUCCESS;
    for (size_t i = 0; i < scope->n_bases; i++) {
        arena_mark_t mark = arena_mark(check->live->mem);
        ldap_reply_t reply;

        live_search(check->live, scope->bases[i].dn, scope->depth, scope->filter,
                    (ldap_names_t){NULL, 0}, 0, &reply);
        n += reply.n_entries;
        if (reply.fate != LDAP_ANSWERED)
            *ret_code = -1;
        else if (reply.code != LDAP_RC_SUCCESS)
            *ret_code = reply.code;
        arena_rewind(check->live->mem, mark);
    }
    return n;
}

static void
limit_finding(check_t *check, finding_level_t level, str_t n)
{
    str_t identity = check->live->identity;

    findings_add(check->findings, level, "limits", check_about(check, NULL),
                 "the directory ends a search after %.*s entries, so longer lists fail; add to "
                 "the database: olcLimits: dn.exact=\"%.*s\" size=unlimited time=unlimited",
                 STR_ARG(n), STR_ARG(identity.n ? identity : STR("the bind identity")));
}

/* Whether a rule of the database lifts the limit for us; the words of others are not weighed. */
static bool
is_lifted(const live_t *live, const ldap_entry_t *database)
{
    const ldap_attr_t *limits = ldap_entry_find(database, STR("olcLimits"));

    for (size_t i = 0; limits && i < limits->n; i++) {
        str_t line = limits->values[i];

        if (str_find(line, live->identity) < line.n && str_find(line, STR("size")) < line.n &&
            str_find(line, STR("unlimited")) < line.n)
            return true;
    }
    return false;
}

/* The limit that slapd's configuration sets for us: the database's, else the frontend's. A search that
 * asks for more than it may is cut, not refused, so that nothing but entries shows the limit. */
static str_t
configured_limit(const live_t *live, str_t dn)
{
    const ldap_entry_t *database = live_database(live, dn);
    str_t limit = STR("500"), database_name;

    if (!database || is_lifted(live, database))
        return STR("unlimited");
    for (size_t i = 0; i < live->n_config; i++) {
        if (ldap_entry_first(live->config[i], STR("olcDatabase"), &database_name) &&
            str_ends_with(database_name, STR("frontend")))
            (void)ldap_entry_first(live->config[i], STR("olcSizeLimit"), &limit);
    }
    (void)ldap_entry_first(database, STR("olcSizeLimit"), &limit);
    return limit;
}

static void
check_limits(check_t *check)
{
    live_t *live = check->live;
    str_t limit = configured_limit(live, check->map->scopes[0].bases[0].dn);
    size_t total = 0;
    bool whole = true;

    for (size_t i = 0; i < check->map->n_types; i++) {
        int code;
        size_t n = count_all(check, check->map->types[i].scope, &code);

        total += n;
        if (code == LDAP_RC_SIZE_LIMIT || code == LDAP_RC_ADMIN_LIMIT) {
            limit_finding(check, FINDING_ERROR, str_printf(live->mem, "%zu", n));
            return;
        }
        if (code != LDAP_RC_SUCCESS &&
            code != LDAP_RC_NO_SUCH_OBJECT) /* of a base all is said */
            findings_add(check->findings, FINDING_ERROR, "limits",
                         check_about(check, &check->map->types[i]),
                         code < 0
                             ? "the directory does not answer when all entries are listed; "
                               "see its log, and \"ldapTimeout\" of the configuration"
                             : "the directory refuses to list the entries: LDAP code %d",
                         code);
        whole = whole && code == LDAP_RC_SUCCESS;
    }
    if (!whole)
        return;
    if (!str_istarts_with(limit, STR("unlimited")))
        limit_finding(check, FINDING_WARNING, limit);
    else
        findings_add(check->findings, FINDING_OK, "limits", check_about(check, NULL),
                     live->n_config > 0
                         ? "everything can be listed, and no limit is set (entries: %zu)"
                         : "everything that is there can be listed (entries: %zu)",
                     total);
}

/* ---- the password policy ---- */

static bool
names_policy(const map_state_t *state)
{
    for (size_t i = 0; state->present && i < state->n_perform; i++) {
        if (str_istarts_with(state->perform[i].attr, STR("pwd")))
            return true;
    }
    return false;
}

static bool
has_default_policy(const live_t *live)
{
    str_t dn;

    for (size_t i = 0; i < live->n_config; i++) {
        if (ldap_entry_first(live->config[i], STR("olcPPolicyDefault"), &dn))
            return true;
    }
    return false;
}

static bool
sees_policy(check_t *check)
{
    const ldap_attr_t *contexts =
        check->live->root ? ldap_entry_find(check->live->root, STR("namingContexts")) : NULL;
    const ldap_filter_t *filter =
        ldap_filter_equal(check->live->mem, STR("objectClass"), STR("pwdPolicy"));

    for (size_t i = 0; contexts && i < contexts->n; i++) {
        ldap_reply_t reply;

        live_search(check->live, contexts->values[i], LDAP_DEPTH_SUB, filter,
                    (ldap_names_t){NULL, 0}, 1, &reply);
        if (reply.n_entries > 0)
            return true;
    }
    return false;
}

static bool
has_own_policy(check_t *check, const map_type_t *type)
{
    const ldap_filter_t *filter =
        ldap_filter_present(check->live->mem, STR("pwdPolicySubentry"));
    ldap_reply_t reply;

    live_search(check->live, type->scope->bases[0].dn, type->scope->depth, filter,
                (ldap_names_t){NULL, 0}, 1, &reply);
    return reply.n_entries > 0;
}

static void
check_policy(check_t *check, const map_type_t *type)
{
    live_t *live = check->live;
    finding_t *finding;

    if (!names_policy(&type->inactive) && !names_policy(&type->deleted))
        return;
    if (live->schema && !ldap_schema_has(live->schema, STR("pwdEndTime")))
        return; /* said with the schema */
    if (has_default_policy(live) || has_own_policy(check, type) ||
        (live->n_config == 0 && sees_policy(check))) {
        findings_add(check->findings, FINDING_OK, "policy", check_about(check, type),
                     "the lifecycle locks by the password policy, and there is one");
        return;
    }
    finding = findings_add(
        check->findings, FINDING_WARNING, "policy", check_about(check, type),
        live->n_config > 0
            ? "the lifecycle locks by the password policy, but none is in effect: slapd then "
              "takes the password of a disabled account; set olcPPolicyDefault"
            : "the lifecycle locks by the password policy, but the bind identity sees none: "
              "without one in effect slapd takes the password of a disabled account; see that "
              "the ppolicy overlay has an olcPPolicyDefault");
    places_key(&check->places, type, "lifecycle", finding);
}

void
check_server(check_t *check)
{
    check_limits(check);
    for (size_t i = 0; i < check->map->n_types; i++)
        check_policy(check, &check->map->types[i]);
    check_overlays(check);
    check_sync(check);
}
