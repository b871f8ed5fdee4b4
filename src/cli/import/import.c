/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import/import.h"

#include "base/clock.h"
#include "cli/driver.h"
#include "cli/options.h"
#include "connector/cursor.h"
#include "connector/listing.h"
#include "scim/filter.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PAGE = 500,
    LISTING_MAX = 512 * 1024 * 1024,
    LISTING_MS = 24 * 3600 * 1000,
    CURSOR_S = 24 * 3600,
    CLOCKS_APART_S = 60, /* how far the directory's clock may be behind ours */
    LINE_MAX_BYTES = 128 * 1024 * 1024
};

typedef struct {
    const char *config, *connector, *type, *since, *resume;
} options_t;

typedef struct {
    arena_t *mem;
    const options_t *options;
    const config_connector_t *of;
    driver_t driver;
    import_state_t state;
    import_report_t report;
    clock_time_t since;
    bool delta, done;
    err_t err;
} import_t;

/* One page; everything of it is given back before the next one. */
typedef struct {
    import_t *import;
    arena_t *mem;
    const map_type_t *type;
    str_t cursor; /* in the import's memory; empty: the first page */
    bool good, last;
    size_t n, total;
} page_t;

/* --- writing ------------------------------------------------------------------------------ */

static void
write_line(page_t *page, const json_t *value)
{
    arena_mark_t mark = arena_mark(page->mem);
    buf_t buf;
    str_t text;

    buf_init(&buf, page->mem, LINE_MAX_BYTES);
    json_write(&buf, value);
    buf_add_char(&buf, '\n');
    text = buf_str(&buf);
    (void)fwrite(text.p, 1, text.n, stdout);
    arena_rewind(page->mem, mark);
}

static bool
flush(import_t *import)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return err_set(&import->err, ERR_CONFIG, "cannot write to standard output: %s",
                   strerror(errno));
}

static bool
keep_state(page_t *page)
{
    const char *file = page->import->options->resume;

    return !file ||
           import_state_write(page->mem, file, &page->import->state, &page->import->err);
}

/* --- resources ---------------------------------------------------------------------------- */

/* Strings of a page that outlive it are few and as long as ids and cursors are. */
static str_t
keep(import_t *import, str_t text)
{
    return str_dup(import->mem, text);
}

static str_t
string_of(const json_t *object, str_t name)
{
    const json_t *value = json_find(object, name);

    return json_is(value, JSON_STRING) ? value->u.string : STR("");
}

static bool
write_page(page_t *page, const json_t *list)
{
    import_t *import = page->import;
    const json_t *resources = json_find(list, STR("Resources"));
    const json_t *total = json_find(list, STR("totalResults"));
    int64_t n = 0;

    for (size_t i = 0; json_is(resources, JSON_ARRAY) && i < resources->u.array.n; i++) {
        write_line(page, resources->u.array.items[i]);
        import->report.resources++;
        page->n++;
    }
    if (!flush(import))
        return false;
    if (json_is(resources, JSON_ARRAY) && resources->u.array.n) {
        import->state.type = page->type->scim->name;
        import->state.anchor = keep(
            import, string_of(resources->u.array.items[resources->u.array.n - 1], STR("id")));
    }
    page->cursor = keep(import, string_of(list, STR("nextCursor")));
    page->last = page->cursor.n == 0;
    if (total && json_to_int64(total, &n))
        page->total = (size_t)n;
    return keep_state(page);
}

static str_t
filter_text(const import_t *import, arena_t *mem)
{
    return str_printf(mem, "meta.lastModified ge \"%.*s\"", STR_ARG(import->state.since));
}

static void
read_page(void *arg)
{
    static const json_limits_t limits = {
        .max_bytes = 128u << 20, .max_depth = 32, .max_nodes = 50 * 1000 * 1000};
    page_t *page = arg;
    import_t *import = page->import;
    request_t request = {.method = METHOD_GET,
                         .route = ROUTE_RESOURCES,
                         .endpoint = str_skip(page->type->scim->endpoint, 1)};
    const response_t *response;
    const json_t *list;

    request.query.cursor = page->cursor;
    request.query.count = str_printf(page->mem, "%d", PAGE);
    if (import->delta)
        request.query.filter = filter_text(import, page->mem);
    response = driver_request(&import->driver, page->mem, &request);
    if (response->status != 200) {
        err_set(&import->err, ERR_DIRECTORY, "%.*s: %.*s", STR_ARG(page->type->scim->name),
                STR_ARG(response->body));
        return;
    }
    list = json_parse(page->mem, response->body, &limits, &import->err);
    page->good = list && write_page(page, list);
}

/* In memory of its own. */
static bool
with_memory(page_t *page, arena_fn *fn)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);

    page->mem = mem;
    page->good = false;
    if (!mem || !arena_guard(mem, fn, page))
        return err_set(&page->import->err, ERR_UNAVAILABLE, "no memory");
    return page->good;
}

/* The cursor of the page behind the resource that was written last. */
static bool
go_on(page_t *page)
{
    import_t *import = page->import;
    unsigned char item[LISTING_TAIL];
    cursor_question_t question = {.connector = import->of->name,
                                  .endpoint = str_skip(page->type->scim->endpoint, 1),
                                  .filter = STR(""),
                                  .sort_by = STR("")};
    const cursor_t cursor = {.item = str_from((const char *)item, sizeof(item))};
    unsigned used = 0;
    buf_t buf;

    item[0] = (unsigned char)(page->type - import->of->map->types);
    if (!listing_anchor_parse(import->state.anchor, item + 1))
        return err_set(&import->err, ERR_CONFIG, "%s holds no id", import->options->resume);
    if (import->delta) {
        const scim_filter_t *filter = scim_filter_parse(
            import->mem, filter_text(import, import->mem), 0, &used, &import->err);

        if (!filter)
            return false;
        buf_init(&buf, import->mem, 64 * 1024);
        scim_filter_write(&buf, filter);
        question.filter = buf_str(&buf);
    }
    page->cursor = cursor_format(import->mem, mac_key_of_process(), &question, &cursor,
                                 clock_real_s() + CURSOR_S);
    return page->cursor.n > 0;
}

/* --- tombstones --------------------------------------------------------------------------- */

typedef struct {
    listing_draft_t draft;
    str_t anchor;
} stones_t;

static bool
take_stone(void *arg, const ldap_entry_t *entry)
{
    stones_t *stones = arg;
    unsigned char anchor[LISTING_ANCHOR_SIZE];
    str_t id;

    if (ldap_entry_first(entry, stones->anchor, &id) && listing_anchor_parse(id, anchor))
        listing_draft_add(&stones->draft, STR(""), 0, anchor);
    return true;
}

static const ldap_filter_t *
stones_filter(const page_t *page)
{
    const import_t *import = page->import;
    const map_scope_t *scope = page->type->scope;
    const ldap_filter_t *parts[4];

    parts[0] = map_when(page->mem, &page->type->deleted, clock_real_s());
    parts[1] = ldap_filter_greater(page->mem, import->of->map->dialect->modified,
                                   clock_format_generalized(page->mem, import->since));
    parts[2] = scope->filter;
    parts[3] = scope->protect ? ldap_filter_not(page->mem, scope->protect) : NULL;
    return ldap_filter_and(page->mem, parts, ARRAY_SIZE(parts));
}

static bool
list_stones(page_t *page, stones_t *stones)
{
    const map_scope_t *scope = page->type->scope;
    ldap_op_t op = {.kind = LDAP_OP_SEARCH};

    op.u.search.depth = scope->depth;
    op.u.search.filter = stones_filter(page);
    op.u.search.attrs = (ldap_names_t){&stones->anchor, 1};
    for (size_t i = 0; i < scope->n_bases; i++) {
        ldap_reply_t reply;

        op.dn = scope->bases[i].dn;
        driver_search(&page->import->driver, page->mem, &op, take_stone, stones, &reply);
        if (reply.fate != LDAP_ANSWERED)
            return err_set(&page->import->err, ERR_UNAVAILABLE,
                           "the directory did not answer while tombstones were listed");
        if (reply.code != LDAP_RC_SUCCESS)
            return ldap_code_error(&page->import->err, reply.code, reply.matched,
                                   reply.diagnostic, "listing tombstones");
    }
    return true;
}

static void
write_stones(void *arg)
{
    page_t *page = arg;
    stones_t stones = {.anchor = page->import->of->map->dialect->anchor};
    listing_t listing;

    listing_draft_init(&stones.draft, page->mem, false);
    if (!list_stones(page, &stones))
        return;
    listing = listing_finish(&stones.draft);
    for (size_t i = 0; i < listing.n; i++) {
        json_t *line = json_object(page->mem);

        json_set(page->mem, line, STR("id"),
                 json_string(page->mem, listing_anchor_format(
                                            page->mem, listing.bytes + i * LISTING_TAIL + 1)));
        json_set(page->mem, line, STR("deleted"), json_boolean(page->mem, true));
        json_set(page->mem, line, STR("resourceType"),
                 json_string(page->mem, page->type->scim->name));
        write_line(page, line);
        page->import->report.deleted++;
    }
    page->good = flush(page->import);
}

/* --- types -------------------------------------------------------------------------------- */

static bool
import_type(import_t *import, const map_type_t *type, bool resumed)
{
    page_t page = {.import = import, .type = type, .cursor = STR("")};

    if (resumed && !go_on(&page))
        return false;
    while (!page.last) {
        if (!with_memory(&page, read_page))
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
    return with_memory(&page, write_stones);
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
read_since(import_t *import)
{
    str_t text = str_from_c(import->options->since);

    if (text.n == sizeof("2026-01-31") - 1)
        text = str_printf(import->mem, "%.*sT00:00:00Z", STR_ARG(text));
    if (!clock_parse_datetime(text, &import->since))
        return err_set(&import->err, ERR_INVALID_VALUE,
                       "--since is not a time such as 2026-01-31T12:00:00Z: %s",
                       import->options->since);
    import->since.ns = 0;
    import->state.since = clock_format_datetime(import->mem, import->since);
    import->delta = true;
    return true;
}

static void
import_all(void *arg)
{
    import_t *import = arg;
    const options_t *options = import->options;
    bool found;

    import->state = (import_state_t){
        .connector = import->of->name,
        .only = str_from_c(options->type),
        .since = STR(""),
        .type = STR(""),
        .anchor = STR(""),
        .began = clock_format_datetime(import->mem,
                                       (clock_time_t){.s = clock_real_s() - CLOCKS_APART_S})};
    if (options->since && !read_since(import))
        return;
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
    limits.max_page = limits.max_page < PAGE ? PAGE : limits.max_page;
    limits.max_listing_bytes = LISTING_MAX; /* one listing, for as long as the import lasts */
    limits.listing_ttl_ms = LISTING_MS;
    limits.cursor_ttl_s = CURSOR_S;
    if (!driver_open(&import->driver, import->of, &limits,
                     config->limits.ldap.operation_timeout_ms, &import->err))
        return false;
    import->driver.public_url = config->public_url;
    return true;
}

static int
import_connector(const options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    import_t import = {.mem = mem, .options = options, .err = ERR_INIT};
    bool done = mem && prepare(&import) && arena_guard(mem, import_all, &import) && import.done;

    driver_close(&import.driver);
    if (done)
        return CLI_OK;
    fprintf(stderr, "%sscimbridge import: %s\n", import.report.terminal ? "\r\033[K" : "",
            import.err.kind == ERR_NONE ? "no memory" : import.err.detail);
    return CLI_FAILED;
}

static int
run(int argc, char **argv)
{
    options_t options = {.connector = ""};
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
