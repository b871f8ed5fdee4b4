/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/show.h"

#include "base/clock.h"
#include "cli/options.h"
#include "map/anchor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    const char *config, *connector, *asked;
    bool json;
} options_t;

/* --- finding the entry -------------------------------------------------------------------- */

bool
show_read(const show_t *show, str_t dn, const ldap_filter_t *filter, str_t names,
          ldap_reply_t *ret_reply)
{
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = dn};

    op.u.search.depth = LDAP_DEPTH_BASE;
    op.u.search.filter = filter;
    op.u.search.attrs = (ldap_names_t){&names, 1};
    driver_perform(&show->driver, show->mem, &op, ret_reply);
    return ret_reply->fate == LDAP_ANSWERED && ret_reply->code == LDAP_RC_SUCCESS;
}

static bool
search_below(const show_t *show, str_t base, const ldap_filter_t *filter, str_t *ret_dn)
{
    str_t none = STR("1.1");
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = base};
    ldap_reply_t reply;

    op.u.search.depth = LDAP_DEPTH_SUB;
    op.u.search.filter = filter;
    op.u.search.attrs = (ldap_names_t){&none, 1};
    driver_perform(&show->driver, show->mem, &op, &reply);
    if (reply.n_entries == 0)
        return false;
    *ret_dn = reply.entries[0]->dn;
    return true;
}

/* Where the connector looks, and then anywhere. */
static bool
find_id(const show_t *show, str_t *ret_dn)
{
    const map_t *map = show_map(show);
    const ldap_filter_t *filter = map_anchor_is(show->mem, map, show->asked);
    const ldap_attr_t *contexts = NULL;
    ldap_reply_t reply;

    for (size_t i = 0; i < map->n_scopes; i++)
        for (size_t b = 0; b < map->scopes[i].n_bases; b++)
            if (search_below(show, map->scopes[i].bases[b].dn, filter, ret_dn))
                return true;
    if (show_read(show, STR(""), ldap_filter_present(show->mem, STR("objectClass")),
                  STR("namingContexts"), &reply) &&
        reply.n_entries == 1)
        contexts = ldap_entry_find(reply.entries[0], STR("namingContexts"));
    for (size_t i = 0; contexts && i < contexts->n; i++)
        if (search_below(show, contexts->values[i], filter, ret_dn))
            return true;
    return false;
}

static bool
is_id(const show_t *show)
{
    return !ldap_filter_is_false(map_anchor_is(show->mem, show_map(show), show->asked));
}

/* A DN has an "=", which no id has. */
static bool
find_dn(show_t *show, str_t *ret_dn)
{
    ldap_dn_t dn;

    *ret_dn = show->asked;
    if (str_find_char(show->asked, '=') < show->asked.n)
        return ldap_dn_parse(show->mem, show->asked, &dn, &show->err);
    if (!is_id(show))
        return err_set(&show->err, ERR_INVALID_VALUE,
                       "\"%.*s\" is neither a DN nor an id (%.*s)", STR_ARG(show->asked),
                       STR_ARG(show_map(show)->dialect->anchor));
    if (find_id(show, ret_dn))
        return true;
    show_add_why(show, "absent",
                 str_printf(show->mem, "no entry of the directory has the %.*s %.*s",
                            STR_ARG(show_map(show)->dialect->anchor), STR_ARG(show->asked)),
                 STR("it was really deleted, or the bind identity may not find it"));
    return true;
}

static void
add_absent(show_t *show, const ldap_reply_t *reply)
{
    str_t reason = STR("there is no such entry");

    if (reply->matched.n)
        reason = str_printf(show->mem,
                            "there is no such entry; the nearest above it that is there is "
                            "%.*s",
                            STR_ARG(reply->matched));
    show_add_why(show, "absent", reason,
                 STR("look for a slip in the DN; or the bind identity may not read it"));
}

static bool
read_entry(show_t *show, str_t dn)
{
    const ldap_filter_t *any = ldap_filter_present(show->mem, STR("objectClass"));
    ldap_reply_t reply;

    if (!show_read(show, dn, any, STR("*"), &reply)) {
        if (reply.fate != LDAP_ANSWERED)
            return err_set(&show->err, ERR_UNAVAILABLE, "the directory does not answer");
        if (reply.code != LDAP_RC_NO_SUCH_OBJECT)
            return ldap_code_error(&show->err, reply.code, reply.matched, reply.diagnostic,
                                   "reading the entry");
        add_absent(show, &reply);
        return true;
    }
    if (reply.n_entries == 0) {
        add_absent(show, &reply);
        return true;
    }
    show->user = reply.entries[0];
    if (show_read(show, dn, any, STR("+"), &reply) && reply.n_entries == 1)
        show->operational = reply.entries[0];
    if (!map_anchor_of(show->mem, show_map(show), show->user, &show->id) && show->operational &&
        !map_anchor_of(show->mem, show_map(show), show->operational, &show->id))
        show->id = STR("");
    return true;
}

/* --- its resource ------------------------------------------------------------------------- */

static bool
get_resource(show_t *show)
{
    static const json_limits_t limits = {
        .max_bytes = 128u << 20, .max_depth = 32, .max_nodes = 10 * 1000 * 1000};
    request_t request = {.method = METHOD_GET,
                         .route = ROUTE_RESOURCE,
                         .endpoint = str_skip(show->type->scim->endpoint, 1),
                         .id = show->id,
                         .trace = &show->trace};
    const response_t *response = driver_request(&show->driver, show->mem, &request);

    if (response->status != 200)
        return err_set(&show->err, ERR_DIRECTORY, "GET %.*s/%.*s gives %d: %.*s",
                       STR_ARG(show->type->scim->endpoint), STR_ARG(show->id), response->status,
                       STR_ARG(response->body));
    show->resource = json_parse(show->mem, response->body, &limits, &show->err);
    return show->resource != NULL;
}

static bool
look(show_t *show)
{
    str_t dn;

    if (!find_dn(show, &dn))
        return false;
    if (show->n_whys > 0)
        return true;
    if (!read_entry(show, dn))
        return false;
    if (!show->user)
        return true;
    if (!show_judge(show))
        return false;
    if (show->n_whys > 0)
        return true;
    if (!get_resource(show))
        return false;
    show_relate(show);
    return true;
}

typedef struct {
    show_t show;
    const options_t *options;
    bool done;
} work_t;

static void
work(void *arg)
{
    work_t *it = arg;

    it->done = look(&it->show);
    if (!it->done)
        return;
    if (it->options->json)
        show_print_json(&it->show);
    else
        show_print(&it->show, cli_has_colour(stdout));
}

/* --- the command -------------------------------------------------------------------------- */

static bool
prepare(work_t *it)
{
    show_t *show = &it->show;
    const config_t *config = cli_load_connector(show->mem, it->options->config,
                                                it->options->connector, &show->of, &show->err);

    if (!config || !driver_open(&show->driver, show->of, &config->limits.connector,
                                config->limits.ldap.operation_timeout_ms, &show->err))
        return false;
    show->driver.public_url = config->public_url;
    return true;
}

static int
show_one(const options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    work_t it = {.options = options,
                 .show = {.mem = mem,
                          .asked = str_trim(str_from_c(options->asked)),
                          .now_s = clock_real_s(),
                          .trace = {.value = show_take_origin},
                          .err = ERR_INIT}};
    bool done = mem && prepare(&it) && arena_guard(mem, work, &it) && it.done;

    driver_close(&it.show.driver);
    if (done)
        return it.show.resource ? CLI_OK : CLI_FAILED;
    fprintf(stderr, "scimbridge show: %s\n",
            it.show.err.kind == ERR_NONE ? "no memory" : it.show.err.detail);
    return CLI_FAILED;
}

static int
run(int argc, char **argv)
{
    options_t options = {.connector = ""};
    const option_t table[] = {{"config", 'c', &options.config, NULL},
                              {"connector", 'C', &options.connector, NULL},
                              {"json", 0, NULL, &options.json}};
    int status = options_read(&command_show, argc, argv, table, ARRAY_SIZE(table));

    if (status != OPTIONS_GO_ON)
        return status;
    if (!options.config || argc - optind != 1 || !argv[optind][0])
        return cli_misuse(&command_show, "-c FILE and one DN or id are needed");
    options.asked = argv[optind];
    return show_one(&options);
}

const command_t command_show = {
    .name = "show",
    .summary = "show the resource that clients see of an entry, or why they see none",
    .help =
        "usage: scimbridge show -c FILE [-C CONNECTOR] [--json] DN|ID\n"
        "\n"
        "Prints the resource as a client gets it, and beside each value the LDAP attribute "
        "and\n"
        "the value that it comes from; then what of the entry is not mapped or not shown. Of "
        "an\n"
        "entry that no client sees, each reason and what to do. Nothing is changed.\n"
        "\n"
        "  -c, --config FILE          the configuration\n"
        "  -C, --connector CONNECTOR  which; without it the default one, or the only one\n"
        "  --json                     one JSON value for programs\n"
        "\n"
        "Exit status: 0 it is seen, 1 it is not, or that cannot be told; 2 the command line "
        "is\n"
        "wrong. Passwords are never printed.\n"
        "\n"
        "Examples:\n"
        "  scimbridge show -c scimbridge.conf -C people uid=ada,ou=users,dc=example,dc=com\n"
        "  scimbridge show -c scimbridge.conf 8d2f3c1a-5b0e-103f-9a3d-0d5f1c2b3a49 --json\n",
    .run = run,
};
