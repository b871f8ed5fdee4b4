/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "daemon/file.h"
#include "daemon/reader.h"
#include "ldap/schema.h"
#include "map/load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const char *config, *map;
    bool offline;
} options_t;

/* --- a map alone -------------------------------------------------------------------------- */

typedef struct {
    arena_t *mem;
    const char *file;
    bool good;
} map_check_t;

static void
load_map(void *arg)
{
    map_check_t *check = arg;
    diag_list_t diags;
    err_t err = ERR_INIT;
    str_t text;
    buf_t buf;

    diag_init(&diags, check->mem);
    if (file_read(check->mem, check->file, json_limits_file.max_bytes, &text, &err))
        check->good = map_load(check->mem, check->file, text, ldap_schema_builtin(), &diags);
    else
        diag_add(&diags, DIAG_ERROR, check->file, 0, 0, "%s", err.detail);
    buf_init(&buf, check->mem, 1 << 20);
    diag_write(&buf, &diags);
    fprintf(stderr, "%.*s", STR_ARG(buf_str(&buf)));
}

static int
check_map(arena_t *mem, const char *file)
{
    map_check_t check = {.mem = mem, .file = file};

    if (!arena_guard(mem, load_map, &check) || !check.good)
        return CLI_FAILED;
    printf("%s: the map is good\n", file);
    return CLI_OK;
}

/* --- the directories ---------------------------------------------------------------------- */

typedef struct {
    arena_t *mem;
    const config_t *config;
    const config_directory_t *directory;
    ldap_conn_t *conn;
    str_t
        *suffixes; /* the anchors of the naming contexts' entries, as far as they can be read */
    size_t n_suffixes;
    bool good;
} visit_t;

static void
read_entry(visit_t *visit, str_t dn, const str_t *names, size_t n, ldap_reply_t *ret_reply)
{
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = dn};

    op.u.search.depth = LDAP_DEPTH_BASE;
    op.u.search.filter = ldap_filter_present(visit->mem, STR("objectClass"));
    op.u.search.attrs = (ldap_names_t){names, n};
    ldap_conn_perform(visit->conn, &op, visit->mem,
                      visit->config->limits.ldap.operation_timeout_ms, ret_reply);
}

static void
print_values(const ldap_entry_t *entry, str_t name)
{
    const ldap_attr_t *attr = ldap_entry_find(entry, name);

    for (size_t i = 0; attr && i < attr->n; i++)
        printf("  %.*s: %.*s\n", STR_ARG(name), STR_ARG(attr->values[i]));
}

/* By these a server is known that has two names, or a replica. */
static void
read_suffixes(visit_t *visit, const ldap_entry_t *root)
{
    static const str_t anchors[] = {STR_INIT("entryUUID")};
    const ldap_attr_t *contexts = ldap_entry_find(root, STR("namingContexts"));
    ldap_reply_t reply;
    str_t anchor;

    visit->suffixes = arena_array_of(visit->mem, contexts ? contexts->n : 1, str_t);
    for (size_t i = 0; contexts && i < contexts->n; i++) {
        read_entry(visit, contexts->values[i], anchors, ARRAY_SIZE(anchors), &reply);
        if (reply.n_entries == 1 && ldap_entry_first(reply.entries[0], anchors[0], &anchor))
            visit->suffixes[visit->n_suffixes++] = anchor;
    }
}

static void
read_root(visit_t *visit)
{
    static const str_t names[] = {STR_INIT("vendorName"), STR_INIT("vendorVersion"),
                                  STR_INIT("namingContexts")};
    ldap_reply_t reply;

    read_entry(visit, STR(""), names, ARRAY_SIZE(names), &reply);
    if (reply.n_entries == 0) {
        printf("  the root DSE cannot be read\n");
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        print_values(reply.entries[0], names[i]);
    read_suffixes(visit, reply.entries[0]);
}

static void
read_base(visit_t *visit, str_t connector, const map_scope_t *scope, const map_base_t *base)
{
    static const str_t names[] = {STR_INIT("1.1")};
    err_t err = ERR_INIT;
    ldap_reply_t reply;

    read_entry(visit, base->dn, names, 1, &reply);
    if (reply.fate == LDAP_ANSWERED && reply.code == LDAP_RC_SUCCESS && reply.n_entries == 1) {
        printf("  connector %.*s, scope %.*s: %.*s is there\n", STR_ARG(connector),
               STR_ARG(scope->name), STR_ARG(base->dn));
        return;
    }
    visit->good = false;
    if (reply.fate != LDAP_ANSWERED)
        err_set(&err, ERR_UNAVAILABLE, "the directory does not answer");
    else if (reply.code == LDAP_RC_SUCCESS)
        err_set(&err, ERR_CONFIG, "the bind identity may not see it");
    else
        ldap_code_error(&err, reply.code, reply.matched, reply.diagnostic, "reading the base");
    printf("  connector %.*s, scope %.*s: %.*s: error: %s\n", STR_ARG(connector),
           STR_ARG(scope->name), STR_ARG(base->dn), err.detail);
}

static void
read_bases(visit_t *visit)
{
    for (size_t i = 0; i < visit->config->n_connectors; i++) {
        const config_connector_t *connector = &visit->config->connectors[i];

        if (connector->directory != visit->directory)
            continue;
        for (size_t s = 0; s < connector->map->n_scopes; s++) {
            const map_scope_t *scope = &connector->map->scopes[s];

            for (size_t b = 0; b < scope->n_bases; b++)
                read_base(visit, connector->name, scope, &scope->bases[b]);
        }
    }
}

static void
read_directory(void *arg)
{
    read_root(arg);
    read_bases(arg);
}

static bool
visit_directory(visit_t *visit)
{
    const config_directory_t *directory = visit->directory;
    err_t err = ERR_INIT;

    visit->conn = ldap_conn_open(&directory->settings, &err);
    if (!visit->conn) {
        printf("directory %.*s: error: %s\n", STR_ARG(directory->name), err.detail);
        return false;
    }
    printf("directory %.*s: connected and bound to %s\n", STR_ARG(directory->name),
           directory->settings.url);
    if (!arena_guard(visit->mem, read_directory, visit))
        visit->good = false;
    ldap_conn_close(visit->conn);
    return visit->good;
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

/* What loading refuses where it can see from the URLs that the server is the same. */
static bool
compare_directories(const visit_t *a, const visit_t *b)
{
    const config_t *config = a->config;
    config_overlap_t is;
    bool good = true;

    if (!are_one(a, b))
        return true;
    printf("directories %.*s and %.*s are one\n", STR_ARG(a->directory->name),
           STR_ARG(b->directory->name));
    for (size_t i = 0; i < config->n_connectors; i++) {
        for (size_t k = 0; k < config->n_connectors; k++) {
            const config_connector_t *x = &config->connectors[i], *y = &config->connectors[k];

            if (x->directory != a->directory || y->directory != b->directory ||
                !config_find_overlap(x, y, &is))
                continue;
            printf("  connectors %.*s and %.*s: error: they would write the same entries, as "
                   "their bases %.*s and %.*s overlap; give each connector bases of its own\n",
                   STR_ARG(x->name), STR_ARG(y->name), STR_ARG(is.bases[0]->dn),
                   STR_ARG(is.bases[1]->dn));
            good = false;
        }
    }
    return good;
}

static bool
visit_directories(arena_t *mem, const config_t *config)
{
    visit_t *visits = calloc(config->n_directories + 1, sizeof(visit_t));
    bool good = visits;

    ldap_conn_setup();
    for (size_t i = 0; visits && i < config->n_directories; i++) {
        visits[i] = (visit_t){
            .mem = mem, .config = config, .directory = &config->directories[i], .good = true};
        good &= visit_directory(&visits[i]);
        for (size_t k = 0; k < i; k++)
            good &= compare_directories(&visits[k], &visits[i]);
    }
    free(visits);
    return good;
}

static void
print_count(size_t n, const char *one, const char *many)
{
    printf("%zu %s", n, n == 1 ? one : many);
}

static int
check_config(arena_t *mem, const options_t *options)
{
    const config_t *config = cli_load(mem, options->config);

    if (!config)
        return CLI_FAILED;
    printf("%s: ", options->config);
    print_count(config->n_connectors, "connector, ", "connectors, ");
    print_count(config->n_directories, "directory, ", "directories, ");
    print_count(config->tokens.n, "token", "tokens");
    printf(": the files are good\n");
    if (options->offline)
        return CLI_OK;
    return visit_directories(mem, config) ? CLI_OK : CLI_FAILED;
}

/* --- the command -------------------------------------------------------------------------- */

static int
run(int argc, char **argv)
{
    static const struct option names[] = {{"config", required_argument, NULL, 'c'},
                                          {"map", required_argument, NULL, 'm'},
                                          {"offline", no_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    options_t options = {.config = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "c:m:h", names, NULL)) != -1) {
        if (option == 'c')
            options.config = optarg;
        else if (option == 'm')
            options.map = optarg;
        else if (option == 'o')
            options.offline = true;
        else if (option == 'h')
            return cli_help(&command_check);
        else
            return cli_misuse(&command_check, "unknown option");
    }
    if (!options.config == !options.map || optind < argc)
        return cli_misuse(&command_check, "either -c FILE or -m MAP is needed");
    if (!mem)
        return CLI_FAILED;
    return options.map ? check_map(mem, options.map) : check_config(mem, &options);
}

const command_t command_check = {
    .name = "check",
    .summary = "check the configuration, its maps and the directories",
    .help =
        "usage: scimbridge check -c FILE [--offline]\n"
        "       scimbridge check -m MAP\n"
        "\n"
        "Reads the configuration with all its maps and prints every mistake as\n"
        "file:line:column: error: what is wrong and what to do. Then connects to each\n"
        "directory, binds, and sees whether the maps' bases are there. Nothing is changed.\n"
        "\n"
        "  -c, --config FILE  the configuration\n"
        "  -m, --map MAP      a map file alone\n"
        "  --offline          the files only\n"
        "\n"
        "Example:\n"
        "  scimbridge check -c /etc/scimbridge/scimbridge.conf && "
        "systemctl reload scimbridge\n",
    .run = run,
};
