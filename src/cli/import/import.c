/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import/import.h"

#include "base/clock.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One listing, for as long as the import lasts. */
enum {
    LISTING_MAX = 512 * 1024 * 1024,
    LISTING_MS = 24 * 3600 * 1000,
    CLOCKS_APART_S = 60 /* how far the directory's clock may be behind ours */
};

/* --- types -------------------------------------------------------------------------------- */

/* Each page in memory of its own. */
static bool
with_memory(import_page_t *page, arena_fn *fn)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);

    page->mem = mem;
    page->good = false;
    if (!mem || !arena_guard(mem, fn, page))
        return err_set(&page->import->err, ERR_UNAVAILABLE, "no memory");
    return page->good;
}

static bool
import_type(import_t *import, const map_type_t *type, bool resumed)
{
    import_page_t page = {.import = import, .type = type, .cursor = STR("")};

    if (resumed && !import_go_on(&page))
        return false;
    while (!page.last) {
        if (!with_memory(&page, import_read_page))
            return false;
        import_report_progress(&import->report, type->scim->name, page.n, page.total);
    }
    if (!import->delta)
        return true;
    if (!type->deleted.present) {
        fprintf(stderr, "%.*s: what is deleted really goes, so a delta cannot tell of it\n",
                STR_ARG(type->scim->name));
        return true;
    }
    return with_memory(&page, import_write_stones);
}

static const map_type_t *
find_type(const import_t *import, str_t name)
{
    const map_type_t *type = map_find_type(import->of->map, name);

    return type ? type : map_find_endpoint(import->of->map, name);
}

static bool
import_types(import_t *import)
{
    const map_t *map = import->of->map;
    const map_type_t *only =
        import->state.only.n ? find_type(import, import->state.only) : NULL;
    const map_type_t *from =
        import->state.anchor.n ? find_type(import, import->state.type) : NULL;

    if (import->state.only.n && !only)
        return err_set(&import->err, ERR_CONFIG, "the map has no type \"%.*s\"",
                       STR_ARG(import->state.only));
    for (const map_type_t *type = from ? from : map->types; type < map->types + map->n_types;
         type++)
        if ((!only || type == only) && !import_type(import, type, type == from))
            return false;
    return true;
}

/* A date, a dateTime, or what an import printed, which is one. Rounded down to what LDAP's times
 * tell apart everywhere. */
static bool
read_time(const char *since, clock_time_t *ret_time)
{
    char text[64];

    if (strlen(since) == sizeof("2026-01-31") - 1)
        snprintf(text, sizeof(text), "%sT00:00:00Z", since);
    else
        snprintf(text, sizeof(text), "%s", since);
    if (!clock_parse_datetime(str_from_c(text), ret_time))
        return false;
    ret_time->ns = 0;
    return true;
}

static void
begin_delta(import_t *import)
{
    import->since = import->options->from;
    import->state.since = clock_format_datetime(import->mem, import->since);
    import->delta = true;
}

static void
import_all(void *arg)
{
    import_t *import = arg;
    const import_options_t *options = import->options;
    bool found;

    import->state = (import_state_t){
        .connector = import->of->name,
        .only = str_from_c(options->type),
        .since = STR(""),
        .type = STR(""),
        .anchor = STR(""),
        .began = clock_format_datetime(import->mem,
                                       (clock_time_t){.s = clock_real_s() - CLOCKS_APART_S})};
    if (options->since)
        begin_delta(import);
    if (options->resume &&
        !import_state_read(import->mem, options->resume, &import->state, &found, &import->err))
        return;
    import_report_init(&import->report);
    if (!import_types(import))
        return;
    if (options->resume)
        (void)unlink(options->resume);
    import_report_end(&import->report, &import->state);
    import->done = true;
}

/* --- the command -------------------------------------------------------------------------- */

static bool
prepare(import_t *import)
{
    const config_t *config =
        cli_load_connector(import->mem, import->options->config, import->options->connector,
                           &import->of, &import->err);
    connector_limits_t limits;

    if (!config)
        return false;
    limits = config->limits.connector;
    limits.max_page = limits.max_page < IMPORT_PAGE ? IMPORT_PAGE : limits.max_page;
    limits.max_listing_bytes = LISTING_MAX; /* one listing, for as long as the import lasts */
    limits.listing_ttl_ms = LISTING_MS;
    limits.cursor_ttl_s = IMPORT_CURSOR_S;
    if (!driver_open(&import->driver, import->of, &limits,
                     config->limits.ldap.operation_timeout_ms, &import->err))
        return false;
    import->driver.public_url = config->public_url;
    return true;
}

static int
import_connector(const import_options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    import_t import = {.mem = mem, .options = options, .err = ERR_INIT};
    bool done = mem && prepare(&import) && arena_guard(mem, import_all, &import) && import.done;

    driver_close(&import.driver);
    if (done)
        return CLI_OK;
    progress_end(&import.report.progress);
    fprintf(stderr, "scimbridge import: %s\n",
            import.err.kind == ERR_NONE ? "no memory" : import.err.detail);
    return CLI_FAILED;
}

static int
run(int argc, char **argv)
{
    import_options_t options = {.connector = ""};
    const option_t table[] = {{"config", 'c', &options.config, NULL},
                              {"connector", 'C', &options.connector, NULL},
                              {"type", 0, &options.type, NULL},
                              {"since", 0, &options.since, NULL},
                              {"resume", 0, &options.resume, NULL}};
    int status = options_read(&command_import, argc, argv, table, ARRAY_SIZE(table));

    if (status != OPTIONS_GO_ON)
        return status;
    if (!options.config || optind < argc)
        return cli_misuse(&command_import, "-c FILE is needed");
    if (options.since && !read_time(options.since, &options.from))
        return cli_misuse(&command_import,
                          "--since wants a time such as 2026-01-31T12:00:00Z, or a date");
    return import_connector(&options);
}

const command_t command_import = {
    .name = "import",
    .summary = "print all resources of a connector, or what changed",
    .help =
        "usage: scimbridge import -c FILE [-C CONNECTOR] [--type TYPE] [--since TIME]\n"
        "                         [--resume FILE]\n"
        "\n"
        "Prints the resources as a client sees them, one JSON object to a line, in the order "
        "of\n"
        "their ids. Nothing is changed. Progress is shown on a terminal; the last line on "
        "standard\n"
        "error says with which --since the next import has to begin.\n"
        "\n"
        "  -c, --config FILE          the configuration\n"
        "  -C, --connector CONNECTOR  which; without it the default one, or the only one\n"
        "  --type TYPE                only these, such as User\n"
        "  --since TIME               only what was changed then or later; of what was "
        "deleted\n"
        "                             and left a tombstone {\"id\":...,\"deleted\":true}\n"
        "  --resume FILE              keep in FILE how far it came, and go on from there; the\n"
        "                             last page may come twice. FILE is removed at the end\n"
        "\n"
        "Examples:\n"
        "  scimbridge import -c scimbridge.conf -C people >all.ndjson\n"
        "  scimbridge import -c scimbridge.conf -C people --since 2026-01-31T12:00:00Z\n"
        "  scimbridge import -c scimbridge.conf --type User --resume users.state "
        ">>users.ndjson\n",
    .run = run,
};
