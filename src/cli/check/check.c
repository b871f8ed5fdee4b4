/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/check.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "daemon/file.h"
#include "daemon/reader.h"
#include "ldap/schema.h"
#include "map/load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

void
check_show(checking_t *checking)
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
    if (checking->options->json)
        findings_add_diags(&checking->findings, diags);
    else
        print_diags(checking->mem, diags);
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

static void
check_all(void *arg)
{
    checking_t *checking = arg;
    const check_options_t *options = checking->options;
    bool good;

    findings_init(&checking->findings, checking->mem);
    good = options->map ? check_map(checking, options->map) : load_config(checking);
    if (good && !options->map && !options->acl) {
        check_listener(checking, &checking->config->listen);
        check_show(checking);
    }
    if (good && !options->map && !options->offline)
        check_directories(checking);
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
    check_options_t options = {.config = NULL};
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
