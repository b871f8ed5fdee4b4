/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/match/match.h"

#include "base/clock.h"
#include "cli/options.h"
#include "daemon/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_BYTES = 256 << 20 };

static bool
is_clean(const match_t *match)
{
    bool clean = match->failed == 0;

    for (size_t i = 0; i < match->n; i++)
        clean &= match->rows[i].kind < ROW_REFUSED ||
                 (match->rows[i].kind == ROW_REFUSED && match->rows[i].claim);
    return clean;
}

static bool
read_head(match_t *match)
{
    const match_options_t *options = match->options;
    csv_row_t head;
    str_t text;

    if (!file_read(match->mem, options->file, FILE_BYTES, &text, &match->err) ||
        !csv_open(&match->csv, text, &match->err) ||
        (!csv_next(&match->csv, match->mem, &head, &match->err) &&
         (match->err.kind != ERR_NONE ||
          !err_set(&match->err, ERR_INVALID_SYNTAX, "it is empty"))))
        return err_prefix(&match->err, "%s", options->file);
    return columns_find(match->mem, match->type, &head, &options->wishes, &match->columns,
                        &match->err) ||
           err_prefix(&match->err, "%s", options->file);
}

static void
match_all(void *arg)
{
    match_t *match = arg;
    bool judged;

    if (!read_head(match))
        return;
    judged = match_judge_rows(match);
    progress_end(&match->progress);
    if (!judged)
        return;
    for (size_t i = 0; i < match->n; i++)
        match_tell(match->mem, &match->rows[i], match->options->json);
    match_sum_up(match->mem, match->rows, match->n, match->options->json);
    fflush(stdout);
    match->done = match_claim(match);
    match->clean = is_clean(match);
}

static bool
prepare(match_t *match)
{
    const match_options_t *options = match->options;
    str_t type = str_from_c(options->type);

    match->config = cli_load_connector(match->mem, options->config, options->connector,
                                       &match->of, &match->err);
    if (!match->config)
        return false;
    match->type = map_find_type(match->of->map, type);
    if (!match->type)
        return err_set(&match->err, ERR_CONFIG, "the map of connector %.*s has no type %.*s",
                       STR_ARG(match->of->name), STR_ARG(type));
    if (options->claim && !match->type->external_id && !match->type->n_auxiliary)
        return err_set(&match->err, ERR_CONFIG,
                       "the map has nothing to claim %.*s with: neither an externalId nor an "
                       "auxiliary class",
                       STR_ARG(type));
    if (!driver_open(&match->driver, match->of, &match->config->limits.connector,
                     match->config->limits.ldap.operation_timeout_ms, &match->err) ||
        !driver_check_bases(&match->driver, match->mem, match->of->map, &match->err))
        return false;
    match->rehearse =
        (rehearse_t){.mem = match->mem, .driver = &match->driver, .type = match->type};
    match->driver.instead = rehearse_answer;
    match->driver.arg = &match->rehearse;
    return true;
}

static int
match_users(const match_options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    match_t *match = mem ? calloc(1, sizeof(*match)) : NULL;
    int status = CLI_FAILED;

    if (!match)
        return CLI_FAILED;
    match->mem = mem;
    match->options = options;
    match->now_s = clock_real_s();
    progress_begin(&match->progress);
    record_init(&match->record, "match");
    if (!prepare(match) || !arena_guard(mem, match_all, match) || !match->done)
        fprintf(stderr, "scimbridge match: %s\n",
                match->err.kind == ERR_NONE ? "no memory" : match->err.detail);
    else if (match->clean)
        status = CLI_OK;
    driver_close(&match->driver);
    record_close(&match->record);
    free(match);
    return status;
}

static int
run(int argc, char **argv)
{
    match_options_t options = {.connector = "", .type = "User"};
    const option_t table[] = {
        {"config", 'c', &options.config, NULL}, {"connector", 'C', &options.connector, NULL},
        {"type", 0, &options.type, NULL},       {"claim", 0, NULL, &options.claim},
        {"yes", 0, NULL, &options.yes},         {"json", 0, NULL, &options.json}};
    const char **texts = calloc((size_t)argc + 1, sizeof(*texts));
    option_list_t columns = {"column", texts, 0};
    int status;

    if (!texts)
        return CLI_FAILED;
    status = options_read_list(&command_match, argc, argv, table, ARRAY_SIZE(table), &columns);
    options.wishes = (wishes_t){columns.texts, columns.n};
    if (status == OPTIONS_GO_ON && (!options.config || optind + 1 != argc))
        status = cli_misuse(&command_match, "-c FILE and one file of users are needed");
    if (status == OPTIONS_GO_ON) {
        options.file = argv[optind];
        status = match_users(&options);
    }
    free(texts);
    return status;
}

const command_t command_match = {
    .name = "match",
    .summary = "hold an export of users against the directory, before they are provisioned",
    .help =
        "usage: scimbridge match -c FILE [-C CONNECTOR] [--type TYPE] [--column PATH=NAME]...\n"
        "                        [--claim [--yes]] [--json] USERS.csv\n"
        "\n"
        "For the day before Entra is switched on. USERS.csv is what the portal exports\n"
        "(Users, Download users). For each row: what a POST of it would come to.\n"
        "\n"
        "  adopt     an entry matches that nobody has provisioned; it becomes the user's\n"
        "  claimed   an entry matches that is provisioned already\n"
        "  create    no entry matches: a new one, of the name that is shown\n"
        "  refused   as adopt, but the map says \"adopt\": \"never\"\n"
        "  collides  two rows come to one entry, several entries match, or the entry is\n"
        "            protected, another's, or a deleted one that would be brought back\n"
        "  invalid   the map cannot store the row\n"
        "\n"
        "Nothing is written without --claim. Exit status 1 when something collides, or is\n"
        "refused or invalid.\n"
        "\n"
        "  -c, --config FILE          the configuration\n"
        "  -C, --connector CONNECTOR  which; without it the default one, or the only one\n"
        "  --type TYPE                the resource type (User)\n"
        "  --column PATH=NAME         the column NAME holds the SCIM path; without NAME, none\n"
        "                             does. Known are userPrincipalName, displayName,\n"
        "                             givenName, surname, mail, jobTitle, department,\n"
        "                             employeeId, accountEnabled, objectId, and others\n"
        "  --claim                    mark what would be adopted, or is refused only for want\n"
        "                             of \"adopt\": the map's auxiliary class and externalId\n"
        "  --yes                      without asking\n"
        "  --json                     one JSON object to a line, the summary last\n"
        "\n"
        "Examples:\n"
        "  scimbridge match -c scimbridge.conf -C people users.csv\n"
        "  scimbridge match -c scimbridge.conf -C people --column userName=mailNickname "
        "users.csv\n"
        "  scimbridge match -c scimbridge.conf -C people --claim users.csv\n",
    .run = run,
};
