/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain.h"
#include "base/clock.h"
#include "cli/driver.h"
#include "cli/explain/pretend.h"
#include "cli/options.h"
#include "daemon/file.h"
#include "http/router.h"

#include <stdio.h>
#include <unistd.h>

typedef struct {
    const char *config, *connector, *map_path, *method, *path, *body;
    bool offline;
} options_t;

/* One request that is carried out by this thread, without its writes. */
typedef struct {
    arena_t *mem;
    const options_t *options;
    const config_t *config;
    const config_connector_t *of;
    driver_t driver;
    pretend_t pretend;
    request_t request;
    const response_t *response;
    unsigned step;
    bool told;        /* --map */
    size_t operation; /* of a bulk request, whose steps are being printed */
    method_t operation_is;
    err_t err;
} explain_t;

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
        return file_read(explain->mem, body + 1, max, ret_body, &explain->err);
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

/* --- carrying it out ---------------------------------------------------------------------- */

static void
print_operation(const explain_t *explain, const ldap_op_t *op)
{
    buf_t buf;

    buf_init(&buf, explain->mem, 16 << 20);
    ldap_op_write_ldif(&buf, op);
    printf("%.*s", STR_ARG(buf_str(&buf)));
}

static void
print_reply(const ldap_reply_t *reply)
{
    const char *name = ldap_code_name(reply->code);

    if (reply->fate != LDAP_ANSWERED) {
        printf("# no answer\n\n");
        return;
    }
    printf("# %s (%d)", name ? name : "result code", reply->code);
    if (reply->diagnostic.n > 0)
        printf(": %.*s", STR_ARG(reply->diagnostic));
    printf(", %zu entries\n", reply->n_entries);
    for (size_t i = 0; i < reply->n_entries; i++)
        printf("#   %.*s\n", STR_ARG(reply->entries[i]->dn));
    putchar('\n');
}

static void
reply_with(explain_t *explain, const ldap_entry_t *entry, ldap_reply_t *reply)
{
    const ldap_entry_t **entries = arena_new_of(explain->mem, const ldap_entry_t *);

    entries[0] = entry;
    reply->entries = entries;
    reply->n_entries = entry ? 1 : 0;
}

/* What was not sent is found beside what is there. */
static void
add_pretended(explain_t *explain, const ldap_op_t *op, ldap_reply_t *reply)
{
    size_t n;
    const ldap_entry_t **added = pretend_find(&explain->pretend, op, &n), **all;

    if (!n)
        return;
    all = arena_grow(explain->mem, reply->entries, reply->n_entries, reply->n_entries + n,
                     sizeof(*all));
    for (size_t i = 0; i < n; i++) {
        printf("# and %.*s, which was not sent\n", STR_ARG(added[i]->dn));
        all[reply->n_entries + i] = added[i];
    }
    putchar('\n');
    reply->entries = all;
    reply->n_entries += n;
}

static void
perform(explain_t *explain, const ask_t *ask, ldap_reply_t *ret_reply)
{
    const ldap_entry_t *pretended;

    *ret_reply =
        (ldap_reply_t){.fate = LDAP_ANSWERED, .matched = STR(""), .diagnostic = STR("")};
    if (ldap_op_is_write(&ask->op) && pretend_is_taken(&explain->pretend, &ask->op)) {
        ret_reply->code = LDAP_RC_ALREADY_EXISTS;
        printf("# not sent; it would be refused, as an entry has that name\n\n");
        return;
    }
    if (ldap_op_is_write(&ask->op)) {
        printf("# not sent; going on as if it had succeeded\n\n");
        reply_with(explain, pretend_write(&explain->pretend, &ask->op), ret_reply);
        return;
    }
    pretended = pretend_read(&explain->pretend, &ask->op);
    if (pretended) {
        printf("# not asked; going on with what was not sent\n\n");
        reply_with(explain, pretended, ret_reply);
        return;
    }
    if (!explain->driver.conn) {
        printf("# not asked (--offline); going on as if nothing were found\n\n");
    } else {
        driver_perform(&explain->driver, explain->mem, &ask->op, ret_reply);
        print_reply(ret_reply);
    }
    add_pretended(explain, &ask->op, ret_reply);
}

/* Of a bulk request: which operation the steps that follow are of. */
static void
print_which(explain_t *explain, const ask_t *ask)
{
    const request_t *request = exchange_request(exchange_asking(ask));

    if (!request->operation ||
        (request->operation == explain->operation && request->method == explain->operation_is))
        return;
    explain->operation = request->operation;
    explain->operation_is = request->method;
    printf("# operation %zu: %s /%.*s", request->operation, method_name(request->method),
           STR_ARG(request->endpoint));
    printf("%s%.*s\n\n", request->id.n ? "/" : "", STR_ARG(request->id));
}

/* The `instead` of the driver. */
static bool
answer(void *arg, const ask_t *ask, ldap_reply_t *ret_reply)
{
    explain_t *explain = arg;

    print_which(explain, ask);
    printf("# step %u: %s, %s\n", ++explain->step, ask->by->what, ldap_op_name(ask->op.kind));
    print_operation(explain, &ask->op);
    perform(explain, ask, ret_reply);
    return true;
}

static void
carry_out(explain_t *explain)
{
    explain->pretend = (pretend_t){.mem = explain->mem,
                                   .map = explain->of->map,
                                   .conn = explain->driver.conn,
                                   .timeout_ms = explain->driver.timeout_ms,
                                   .now_s = clock_real_s()};
    explain->driver.instead = answer;
    explain->driver.arg = explain;
    explain->response = driver_request(&explain->driver, explain->mem, &explain->request);
}

static void
print_response(const explain_t *explain)
{
    const response_t *response = explain->response;

    printf("# the answer would be %d\n", response->status);
    if (response->body.n > 0)
        printf("%.*s\n", STR_ARG(response->body));
}

static void
explain_all(void *arg)
{
    explain_t *explain = arg;

    if (explain->options->map_path) {
        explain->told = explain_path(explain->mem, explain->of->map, explain->options->map_path,
                                     &explain->err);
        return;
    }
    if (!make_request(explain))
        return;
    carry_out(explain);
    print_response(explain);
}

/* --- the command -------------------------------------------------------------------------- */

static bool
prepare(explain_t *explain)
{
    const options_t *options = explain->options;
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
explain_request(const options_t *options)
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
    options_t options = {.connector = ""};
    const option_t table[] = {{"config", 'c', &options.config, NULL},
                              {"connector", 'C', &options.connector, NULL},
                              {"map", 0, &options.map_path, NULL},
                              {"offline", 0, NULL, &options.offline}};
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
        "usage: scimbridge explain -c FILE [-C CONNECTOR] [--offline] METHOD PATH [BODY]\n"
        "       scimbridge explain -c FILE [-C CONNECTOR] --map SCIMPATH\n"
        "\n"
        "Goes through a request step by step. Searches and comparisons are done; writes are\n"
        "printed as LDIF, not sent, and taken to have succeeded.\n"
        "\n"
        "  -c, --config FILE          the configuration\n"
        "  -C, --connector CONNECTOR  which; without it the default one, or the only one\n"
        "  --offline                  ask the directory nothing: searches find nothing\n"
        "  --map SCIMPATH             tell of one attribute: where it comes from, where it\n"
        "                             goes, who may change it\n"
        "  PATH                       /Users?filter=..., or a whole path of a URL\n"
        "  BODY                       JSON, - for standard input, or @FILE\n"
        "\n"
        "Examples:\n"
        "  scimbridge explain -c scimbridge.conf -C people GET "
        "'/Users?filter=userName eq \"jyoung\"'\n"
        "  scimbridge explain -c scimbridge.conf -C people POST /Users @user.json\n"
        "  scimbridge explain -c scimbridge.conf -C people --map userName\n",
    .run = run,
};
