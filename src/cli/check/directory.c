/* SPDX-License-Identifier: Apache-2.0 */
/* Each directory in turn, with its connectors; then whether two of them are one. */
#include "cli/check/check.h"

typedef struct {
    checking_t *checking;
    const config_directory_t *directory;
    live_t live;
    str_t about;
    str_t
        *suffixes; /* the anchors of the naming contexts' entries, as far as they can be read */
    size_t n_suffixes;
} visit_t;

/* By these a server is known that has two names, or a replica. */
static void
read_suffixes(visit_t *visit)
{
    static const str_t anchors[] = {STR_INIT("entryUUID")};
    const ldap_attr_t *contexts =
        visit->live.root ? ldap_entry_find(visit->live.root, STR("namingContexts")) : NULL;
    str_t anchor;

    visit->suffixes = arena_array_of(visit->live.mem, contexts ? contexts->n : 1, str_t);
    for (size_t i = 0; contexts && i < contexts->n; i++) {
        const ldap_entry_t *entry = live_entry(&visit->live, contexts->values[i],
                                               (ldap_names_t){anchors, ARRAY_SIZE(anchors)});

        if (entry && ldap_entry_first(entry, anchors[0], &anchor))
            visit->suffixes[visit->n_suffixes++] = anchor;
    }
}

static void
check_connector(visit_t *visit, const config_connector_t *connector)
{
    checking_t *checking = visit->checking;
    check_t check = {.live = &visit->live,
                     .findings = &checking->findings,
                     .connector = connector,
                     .map = connector->map};
    const ldap_entry_t *entry;

    places_load(&check.places, checking->mem, connector->map_file);
    for (size_t i = 0; i < connector->map->n_types; i++) {
        const map_type_t *type = &connector->map->types[i];
        bool there;

        check_schema(&check, type);
        there = check_sample(&check, type, &entry);
        check_rights(&check, type, entry);
        check_counters(&check, type);
        if (there)
            check_indexes(&check, type);
        check_show(checking);
    }
    check_server(&check);
    check_show(checking);
}

static void
read_directory(void *arg)
{
    visit_t *visit = arg;
    checking_t *checking = visit->checking;
    const config_t *config = checking->config;
    const map_dialect_t *dialect = NULL;

    live_read(&visit->live);
    if (checking->options->acl) {
        check_print_acl(&visit->live, config, visit->directory);
        return;
    }
    for (size_t i = 0; i < config->n_connectors && !dialect; i++) {
        if (config->connectors[i].directory == visit->directory)
            dialect = config->connectors[i].map->dialect;
    }
    check_peer(checking, visit->about, visit->live.conn);
    read_suffixes(visit);
    if (dialect)
        check_directory(&visit->live, &checking->findings, visit->about, dialect);
    check_show(checking);
    for (size_t i = 0; i < config->n_connectors; i++) {
        if (config->connectors[i].directory == visit->directory)
            check_connector(visit, &config->connectors[i]);
    }
}

static void
visit_directory(visit_t *visit)
{
    const config_directory_t *directory = visit->directory;
    checking_t *checking = visit->checking;
    err_t err = ERR_INIT;

    visit->about = str_printf(checking->mem, "directory %.*s", STR_ARG(directory->name));
    visit->live.conn = ldap_conn_open(&directory->settings, &err);
    if (!visit->live.conn) {
        findings_add(&checking->findings, FINDING_ERROR, "connection", visit->about, "%s",
                     err.detail);
        check_show(checking);
        return;
    }
    findings_add(&checking->findings, FINDING_OK, "connection", visit->about,
                 "connected and bound to %s", directory->settings.url);
    if (checking->options->acl)
        checking->printed = checking->findings.n;
    check_show(checking);
    if (!arena_guard(checking->mem, read_directory, visit))
        findings_add(&checking->findings, FINDING_ERROR, "connection", visit->about,
                     "no memory to look at it");
    ldap_conn_close(visit->live.conn);
}

/* ---- directories that are one ---- */

static bool
are_one(const visit_t *a, const visit_t *b)
{
    for (size_t i = 0; i < a->n_suffixes; i++) {
        for (size_t k = 0; k < b->n_suffixes; k++) {
            if (str_eq(a->suffixes[i], b->suffixes[k]))
                return true;
        }
    }
    return false;
}

static void
compare_connectors(checking_t *checking, const config_connector_t *x,
                   const config_connector_t *y)
{
    config_overlap_t is;

    if (config_find_overlap(x, y, &is))
        findings_add(&checking->findings, FINDING_ERROR, "overlap",
                     str_printf(checking->mem, "connectors %.*s and %.*s", STR_ARG(x->name),
                                STR_ARG(y->name)),
                     "they would write the same entries, as their bases %.*s and %.*s overlap; "
                     "give each connector bases of its own",
                     STR_ARG(is.bases[0]->dn), STR_ARG(is.bases[1]->dn));
}

/* What loading refuses where it can see from the URLs that the server is the same. */
static void
compare_directories(const visit_t *a, const visit_t *b)
{
    checking_t *checking = a->checking;
    const config_t *config = checking->config;

    if (!are_one(a, b))
        return;
    findings_add(&checking->findings, FINDING_OK, "overlap", STR(""),
                 "the directories %.*s and %.*s are one", STR_ARG(a->directory->name),
                 STR_ARG(b->directory->name));
    for (size_t i = 0; i < config->n_connectors; i++) {
        for (size_t k = 0; k < config->n_connectors; k++) {
            const config_connector_t *x = &config->connectors[i], *y = &config->connectors[k];

            if (x->directory == a->directory && y->directory == b->directory)
                compare_connectors(checking, x, y);
        }
    }
    check_show(checking);
}

void
check_directories(checking_t *checking)
{
    const config_t *config = checking->config;
    visit_t *visits = arena_array_of(checking->mem, config->n_directories + 1, visit_t);

    ldap_conn_setup();
    for (size_t i = 0; i < config->n_directories; i++) {
        visits[i] =
            (visit_t){.checking = checking,
                      .directory = &config->directories[i],
                      .live = {.mem = checking->mem,
                               .timeout_ms = (int)config->limits.ldap.operation_timeout_ms}};
        visit_directory(&visits[i]);
        for (size_t k = 0; k < i; k++)
            compare_directories(&visits[k], &visits[i]);
    }
}
