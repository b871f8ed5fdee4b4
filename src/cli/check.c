/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/live.h"
#include "daemon/file.h"
#include "daemon/reader.h"
#include "http/tls.h"
#include "ldap/schema.h"
#include "map/load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const char *config, *map;
    bool offline, acl, json;
} options_t;

/* What is found goes to standard output at once, or all of it at the end as JSON. */
typedef struct {
    arena_t *mem;
    const options_t *options;
    const config_t *config;
    findings_t findings;
    size_t printed;
} checking_t;

static void
show(checking_t *checking)
{
    if (!checking->options->json)
        findings_print(&checking->findings, checking->printed);
    checking->printed = checking->findings.n;
}

/* --- files -------------------------------------------------------------------------------- */

/* What a loader said: to standard error, where it also is when the bridge starts. */
static void
tell_diags(checking_t *checking, diag_list_t *diags)
{
    buf_t buf;

    if (checking->options->json) {
        findings_add_diags(&checking->findings, diags);
        return;
    }
    buf_init(&buf, checking->mem, 1 << 20);
    diag_write(&buf, diags);
    fprintf(stderr, "%.*s", STR_ARG(buf_str(&buf)));
}

static bool
check_map(checking_t *checking, const char *file)
{
    diag_list_t diags;
    err_t err = ERR_INIT;
    bool good = false;
    str_t text;

    diag_init(&diags, checking->mem);
    if (file_read(checking->mem, file, json_limits_file.max_bytes, &text, &err))
        good = map_load(checking->mem, file, text, ldap_schema_builtin(), &diags);
    else
        diag_add(&diags, DIAG_ERROR, file, 0, 0, "%s", err.detail);
    tell_diags(checking, &diags);
    if (good && !checking->options->json)
        printf("%s: the map is good\n", file);
    return good;
}

static void
print_count(size_t n, const char *one, const char *many)
{
    printf("%zu %s", n, n == 1 ? one : many);
}

static bool
load_config(checking_t *checking)
{
    const char *file = checking->options->config;
    const config_t *config;
    diag_list_t diags;

    diag_init(&diags, checking->mem);
    config = config_load(checking->mem, file, &diags);
    tell_diags(checking, &diags);
    checking->config = config;
    if (!config || checking->options->json || checking->options->acl)
        return config;
    printf("%s: ", file);
    print_count(config->n_connectors, "connector, ", "connectors, ");
    print_count(config->n_directories, "directory, ", "directories, ");
    print_count(config->tokens.n, "token", "tokens");
    printf(": the files are good\n");
    return true;
}

/* --- certificates ------------------------------------------------------------------------- */

enum { DAY_S = 86400, SOON_DAYS = 30 };

static void
judge_expiry(checking_t *checking, str_t about, const char *what, long long expires_s)
{
    long long days = (expires_s - clock_real_s()) / DAY_S;

    if (expires_s <= clock_real_s())
        findings_add(&checking->findings, FINDING_ERROR, "certificates", about,
                     "%s has expired; renew it", what);
    else
        findings_add(&checking->findings, days < SOON_DAYS ? FINDING_WARNING : FINDING_OK,
                     "certificates", about, "%s expires in %lld days%s", what, days,
                     days < SOON_DAYS ? "; renew it" : "");
}

static void
check_certificate(checking_t *checking, const config_listen_t *listen)
{
    err_t err = ERR_INIT;
    http_tls_t *tls;

    if (!listen->certificate)
        return;
    tls = http_tls_load(listen->certificate, listen->key, &err);
    if (!tls) {
        findings_add(&checking->findings, FINDING_ERROR, "certificates", STR(""), "%s",
                     err.detail);
        return;
    }
    judge_expiry(checking, STR(""),
                 str_printf(checking->mem, "the certificate %s", listen->certificate).p,
                 http_tls_expires(tls));
    http_tls_free(tls);
}

/* A directory whose certificate has expired is not connected to. */
static void
check_peer(checking_t *checking, str_t about, const ldap_conn_t *conn)
{
    str_t der = ldap_conn_certificate(conn, checking->mem);
    err_t err = ERR_INIT;
    long long expires_s;

    if (der.n > 0 && http_tls_read_expiry(der.p, der.n, &expires_s, &err))
        judge_expiry(checking, about, "the directory's certificate", expires_s);
}

/* --- the directories ---------------------------------------------------------------------- */

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

        check_schema(&check, type);
        check_sample(&check, type, &entry);
        check_rights(&check, type, entry);
        check_indexes(&check, type);
        show(checking);
    }
    check_server(&check);
    show(checking);
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
    show(checking);
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
        show(checking);
        return;
    }
    findings_add(&checking->findings, FINDING_OK, "connection", visit->about,
                 "connected and bound to %s", directory->settings.url);
    if (checking->options->acl)
        checking->printed = checking->findings.n;
    show(checking);
    if (!arena_guard(checking->mem, read_directory, visit))
        findings_add(&checking->findings, FINDING_ERROR, "connection", visit->about,
                     "no memory to look at it");
    ldap_conn_close(visit->live.conn);
}

/* --- directories that are one ------------------------------------------------------------- */

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
    show(checking);
}

static void
visit_directories(checking_t *checking)
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

static void
check_all(void *arg)
{
    checking_t *checking = arg;
    const options_t *options = checking->options;
    bool good;

    findings_init(&checking->findings, checking->mem);
    good = options->map ? check_map(checking, options->map) : load_config(checking);
    if (good && !options->map && !options->acl) {
        check_certificate(checking, &checking->config->listen);
        show(checking);
    }
    if (good && !options->map && !options->offline)
        visit_directories(checking);
    if (!good && checking->findings.errors == 0)
        checking->findings.errors = 1;
    if (options->json)
        findings_print_json(&checking->findings);
}

static void
sum_up(const checking_t *checking)
{
    if (checking->options->json || checking->options->offline || checking->options->map ||
        checking->options->acl || !checking->config)
        return;
    print_count(checking->findings.errors, "error, ", "errors, ");
    print_count(checking->findings.warnings, "warning\n", "warnings\n");
}

/* --- the command -------------------------------------------------------------------------- */

static int
run(int argc, char **argv)
{
    static const struct option names[] = {{"config", required_argument, NULL, 'c'},
                                          {"map", required_argument, NULL, 'm'},
                                          {"offline", no_argument, NULL, 'o'},
                                          {"acl", no_argument, NULL, 'a'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    options_t options = {.config = NULL};
    checking_t checking = {.mem = mem, .options = &options};
    int option;

    while ((option = getopt_long(argc, argv, "c:m:h", names, NULL)) != -1) {
        if (option == 'c')
            options.config = optarg;
        else if (option == 'm')
            options.map = optarg;
        else if (option == 'o')
            options.offline = true;
        else if (option == 'a')
            options.acl = true;
        else if (option == 'j')
            options.json = true;
        else if (option == 'h')
            return cli_help(&command_check);
        else
            return cli_misuse(&command_check, "unknown option");
    }
    if (!options.config == !options.map || optind < argc)
        return cli_misuse(&command_check, "either -c FILE or -m MAP is needed");
    if (options.acl && (options.map || options.offline || options.json))
        return cli_misuse(&command_check, "--acl goes with -c FILE alone");
    if (!mem || !arena_guard(mem, check_all, &checking)) {
        fputs("scimbridge check: no memory\n", stderr);
        return CLI_FAILED;
    }
    sum_up(&checking);
    return checking.findings.errors > 0 ? CLI_FAILED : CLI_OK;
}

const command_t command_check = {
    .name = "check",
    .summary = "check the configuration, its maps and the directories",
    .help =
        "usage: scimbridge check -c FILE [--offline] [--json]\n"
        "       scimbridge check -c FILE --acl\n"
        "       scimbridge check -m MAP [--json]\n"
        "\n"
        "Reads the configuration with all its maps and prints every mistake as\n"
        "file:line:column: error: what is wrong and what to do. Then connects to each\n"
        "directory, and holds the maps against its schema, its entries, its limits and\n"
        "indexes, and the rights of the bind identity. Nothing is changed: rights are tried\n"
        "with writes that cannot succeed. Exit status 0: usable, perhaps with warnings;\n"
        "1: there are errors.\n"
        "\n"
        "  -c, --config FILE  the configuration\n"
        "  -m, --map MAP      a map file alone\n"
        "  --offline          the files only\n"
        "  --acl              print the access rules that the bind identity needs, no more\n"
        "  --json             print the findings as one JSON object\n"
        "\n"
        "Examples:\n"
        "  scimbridge check -c /etc/scimbridge/scimbridge.conf && "
        "systemctl reload scimbridge\n"
        "  scimbridge check -c scimbridge.conf --json | jq '.findings[] | "
        "select(.level != \"ok\")'\n",
    .run = run,
};
