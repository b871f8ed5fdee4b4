/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/purge/purge.h"

#include "base/clock.h"
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
sum_up(const purge_t *purge)
{
    if (purge->options->json)
        return;
    if (purge->options->yes)
        printf("%zu removed, %zu left, %zu failed\n", purge->removed, purge->left,
               purge->failed);
    else if (purge->n > 0)
        printf("%zu to be removed; with --yes they are\n", purge->n);
    else
        printf("nothing to be removed\n");
}

static bool
is_shared(const map_t *map)
{
    for (size_t i = 0; i < map->n_types; i++)
        if (map->types[i].scope->shared &&
            (map->types[i].deleted.purge_s > 0 || map->types[i].inactive.purge_s > 0))
            return true;
    return false;
}

static void
purge_all(void *arg)
{
    purge_t *purge = arg;
    bool any;

    if (!purge_find(purge, &any))
        return;
    if (!any && is_shared(purge->of->map))
        fprintf(
            stderr,
            "the map of connector %.*s shares its scopes with another connector, so nothing is "
            "removed there\n",
            STR_ARG(purge->of->name));
    else if (!any)
        fprintf(stderr,
                "the map of connector %.*s gives no %speriod: add \"purge\", such as \"P90D\", "
                "to a state\n",
                STR_ARG(purge->of->name), purge->options->inactive ? "" : "deleted state a ");
    if (purge->options->yes &&
        (!record_open(&purge->record, purge->config, &purge->driver, &purge->err) ||
         !purge_remove(purge)))
        return;
    for (size_t i = 0; !purge->options->yes && i < purge->n; i++)
        purge_tell(purge, purge->mem, &purge->candidates[i], "to remove", NULL);
    sum_up(purge);
    purge->done = purge->failed == 0;
    if (!purge->done)
        err_set(&purge->err, ERR_DIRECTORY, "%zu could not be removed", purge->failed);
}

/* --- the command -------------------------------------------------------------------------- */

static bool
prepare(purge_t *purge)
{
    purge->config = cli_load_connector(purge->mem, purge->options->config,
                                       purge->options->connector, &purge->of, &purge->err);
    if (!purge->config)
        return false;
    return driver_open(&purge->driver, purge->of, &purge->config->limits.connector,
                       purge->config->limits.ldap.operation_timeout_ms, &purge->err) &&
           driver_check_bases(&purge->driver, purge->mem, purge->of->map, &purge->err);
}

static int
purge_connector(const purge_options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    purge_t *purge = mem ? calloc(1, sizeof(*purge)) : NULL; /* a log is large */
    bool done = false;

    if (!purge)
        return CLI_FAILED;
    purge->mem = mem;
    purge->options = options;
    purge->now_s = clock_real_s();
    record_init(&purge->record, "purge");
    done = prepare(purge) && arena_guard(mem, purge_all, purge) && purge->done;
    driver_close(&purge->driver);
    record_close(&purge->record);
    if (!done)
        fprintf(stderr, "scimbridge purge: %s\n",
                purge->err.kind == ERR_NONE ? "no memory" : purge->err.detail);
    free(purge);
    return done ? CLI_OK : CLI_FAILED;
}

static int
run(int argc, char **argv)
{
    purge_options_t options = {.connector = ""};
    const option_t table[] = {{"config", 'c', &options.config, NULL},
                              {"connector", 'C', &options.connector, NULL},
                              {"inactive", 0, NULL, &options.inactive},
                              {"yes", 0, NULL, &options.yes},
                              {"json", 0, NULL, &options.json}};
    int status = options_read(&command_purge, argc, argv, table, ARRAY_SIZE(table));

    if (status != OPTIONS_GO_ON)
        return status;
    if (!options.config || optind < argc)
        return cli_misuse(&command_purge, "-c FILE is needed");
    return purge_connector(&options);
}

const command_t command_purge = {
    .name = "purge",
    .summary = "remove tombstones whose period is over",
    .help =
        "usage: scimbridge purge -c FILE [-C CONNECTOR] [--inactive] [--yes] [--json]\n"
        "\n"
        "Lists the tombstones whose period, \"purge\" of the map's deleted state, is over; "
        "with\n"
        "--yes they are taken out of all groups and deleted, each only if it still is what it "
        "was\n"
        "when it was listed. The audit log, if one is configured, tells of it.\n"
        "\n"
        "  -c, --config FILE          the configuration\n"
        "  -C, --connector CONNECTOR  which; without it the default one, or the only one\n"
        "  --inactive                 also what is inactive for longer than \"purge\" of the\n"
        "                             inactive state\n"
        "  --yes                      remove them\n"
        "  --json                     one JSON object to a line\n"
        "\n"
        "Examples:\n"
        "  scimbridge purge -c scimbridge.conf -C people\n"
        "  scimbridge purge -c scimbridge.conf -C people --yes\n",
    .run = run,
};
