/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain.h"

#include "cli/options.h"
#include "daemon/file.h"
#include "http/router.h"

#include <stdio.h>
#include <unistd.h>

/* --- the request -------------------------------------------------------------------------- */

static method_t
parse_method(const char *name)
{
    for (int method = METHOD_GET; method < METHOD_OTHER; method++) {
        if (str_ieq(str_from_c(name), str_from_c(method_name((method_t)method))))
            return (method_t)method;
    }
    return METHOD_OTHER;
}

/* "-" reads standard input, "@FILE" a file; anything else is the body itself. */
static bool
read_body(explain_t *explain, str_t *ret_body)
{
    const char *body = explain->options->body;
    const config_limits_t *limits = &explain->config->limits;
    size_t max = explain->request.route == ROUTE_BULK ? limits->connector.max_bulk_body
                                                      : (size_t)limits->body;

    if (!body) {
        *ret_body = STR("");
    } else if (body[0] == '@') {
        return file_read(explain->mem, body + 1, max, ret_body, &explain->err) ||
               err_prefix(&explain->err, "%s", body + 1);
    } else if (strcmp(body, "-") == 0) {
        char *bytes = arena_alloc(explain->mem, max + 1);

        *ret_body = str_from(bytes, fread(bytes, 1, max, stdin));
    } else {
        *ret_body = str_from_c(body);
    }
    return true;
}

/* A path such as "/Users?count=1" belongs to the connector; a whole URL is taken as it is. */
static bool
parse_path(explain_t *explain, route_t *ret_route)
{
    str_t path = str_from_c(explain->options->path), name = explain->of->name;
    err_t err = ERR_INIT;

    if (route_parse(explain->mem, path, ret_route, &err) &&
        (ret_route->connector.n == 0 || str_eq(ret_route->connector, name)))
        return true;
    path = str_printf(explain->mem, "/%.*s/scim/v2/%.*s", STR_ARG(name), STR_ARG(path));
    return route_parse(explain->mem, path, ret_route, &explain->err);
}

static bool
make_request(explain_t *explain)
{
    request_t *request = &explain->request;
    route_t route;

    request->method = parse_method(explain->options->method);
    if (!parse_path(explain, &route))
        return false;
    request->route = route.kind;
    if (!read_body(explain, &request->body))
        return false;
    request->endpoint = route.endpoint;
    request->id = route.id;
    request->query = route.query;
    request->request_id = STR("explain");
    request->base_url =
        str_printf(explain->mem, "https://localhost/%.*s/scim/v2", STR_ARG(explain->of->name));
    if (!route_takes(route.kind, request->method))
        return err_set(&explain->err, ERR_METHOD, "405: only %s here", route_allow(route.kind));
    return true;
}

/* --- the command -------------------------------------------------------------------------- */

static void
explain_all(void *arg)
{
    explain_t *explain = arg;

    if (explain->options->map_path) {
        explain->told = explain_path(explain);
        return;
    }
    if (!make_request(explain))
        return;
    if (explain->options->json) {
        explain->steps = json_array(explain->mem);
        explain->operations = json_array(explain->mem);
    }
    explain_carry_out(explain);
    explain_tell_end(explain);
}

static bool
prepare(explain_t *explain)
{
    const explain_options_t *options = explain->options;
    connector_limits_t limits;
    int timeout_ms;

    explain->config = cli_load_connector(explain->mem, options->config, options->connector,
                                         &explain->of, &explain->err);
    if (!explain->config)
        return false;
    limits = explain->config->limits.connector;
    limits.bulk_in_flight = 1; /* to be read, not to be fast */
    timeout_ms = explain->config->limits.ldap.operation_timeout_ms;
    return options->offline
               ? driver_begin(&explain->driver, explain->of, &limits, timeout_ms, &explain->err)
               : driver_open(&explain->driver, explain->of, &limits, timeout_ms, &explain->err);
}

static int
explain_request(const explain_options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    explain_t explain = {.mem = mem, .options = options, .err = ERR_INIT};
    bool done = mem && prepare(&explain) && arena_guard(mem, explain_all, &explain) &&
                (explain.response || explain.told);

    driver_close(&explain.driver);
    if (done)
        return CLI_OK;
    fprintf(stderr, "scimbridge explain: %s\n",
            explain.err.kind == ERR_NONE ? "no memory" : explain.err.detail);
    return CLI_FAILED;
}

static int
run(int argc, char **argv)
{
    explain_options_t options = {.connector = ""};
    const option_t table[] = {{"config", 'c', &options.config, NULL},
                              {"connector", 'C', &options.connector, NULL},
                              {"map", 0, &options.map_path, NULL},
                              {"offline", 0, NULL, &options.offline},
                              {"json", 0, NULL, &options.json}};
    int status = options_read(&command_explain, argc, argv, table, ARRAY_SIZE(table));

    if (status != OPTIONS_GO_ON)
        return status;
    if (options.map_path && options.config && optind == argc)
        return explain_request(&options);
    if (options.map_path || !options.config || argc - optind < 2 || argc - optind > 3)
        return cli_misuse(&command_explain, "-c FILE, a method and a path are needed");
    options.method = argv[optind];
    options.path = argv[optind + 1];
    options.body = argv[optind + 2];
    if (parse_method(options.method) == METHOD_OTHER)
        return cli_misuse(&command_explain, "\"%s\" is no method of SCIM", options.method);
    return explain_request(&options);
}

const command_t command_explain = {
    .name = "explain",
    .summary = "show what a request would do in the directory, and change nothing",
    .help =
        "usage: scimbridge explain -c FILE [-C CONNECTOR] [--offline] [--json] METHOD PATH "
        "[BODY]\n"
        "       scimbridge explain -c FILE [-C CONNECTOR] [--json] --map SCIMPATH\n"
        "\n"
        "Goes through a request step by step, and says of each why it is needed. Searches and\n"
        "comparisons are done; writes are printed as LDIF with their controls, not sent, and\n"
        "taken to have succeeded. Then which deviations of the client were rewritten "
        "(\"quirks\"\n"
        "of the configuration), what the map does not hold, and the answer.\n"
        "\n"
        "  -c, --config FILE          the configuration\n"
        "  -C, --connector CONNECTOR  which; without it the default one, or the only one\n"
        "  --offline                  ask the directory nothing: searches find nothing\n"
        "  --map SCIMPATH             tell of one attribute: where it comes from, where it\n"
        "                             goes, who may change it\n"
        "  --json                     one JSON object\n"
        "  PATH                       /Users?filter=..., or a whole path of a URL\n"
        "  BODY                       JSON, - for standard input, or @FILE\n"
        "\n"
        "Examples:\n"
        "  scimbridge explain -c scimbridge.conf -C people GET "
        "'/Users?filter=userName eq \"jyoung\"'\n"
        "  scimbridge explain -c scimbridge.conf -C people POST /Users @user.json\n"
        "  scimbridge explain -c scimbridge.conf --json PATCH /Users/ID - <patch.json | jq "
        ".steps\n"
        "  scimbridge explain -c scimbridge.conf -C people --map userName\n",
    .run = run,
};
