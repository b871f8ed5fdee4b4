/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cli/driver.h"
#include "cli/options.h"
#include "daemon/audit.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    const char *config, *connector;
    bool yes, inactive, json;
} options_t;

/* An entry whose period is over. */
typedef struct {
    const map_type_t *type;
    const map_state_t *state;
    str_t dn, id, stamp; /* the stamp as LDAP has it */
} candidate_t;

typedef struct {
    arena_t *mem;
    const options_t *options;
    const config_t *config;
    const config_connector_t *of;
    driver_t driver;
    log_t log;
    audit_command_t audit; /* fd -1: none is configured */
    int64_t now_s;
    candidate_t *candidates;
    size_t n, size;
    size_t removed, left, failed;
    bool done;
    err_t err;
} purge_t;

/* --- finding ------------------------------------------------------------------------------ */

/* One state of one type. */
typedef struct {
    purge_t *purge;
    const map_type_t *type;
    const map_state_t *state;
} search_t;

static bool
take_candidate(void *arg, const ldap_entry_t *entry)
{
    const search_t *search = arg;
    purge_t *purge = search->purge;
    candidate_t found = {.type = search->type, .state = search->state};

    if (!ldap_entry_first(entry, purge->of->map->dialect->anchor, &found.id) ||
        !ldap_entry_first(entry, search->state->stamp, &found.stamp))
        return true;
    found.dn = str_dup(purge->mem, entry->dn);
    found.id = str_dup(purge->mem, found.id);
    found.stamp = str_dup(purge->mem, found.stamp);
    if (purge->n == purge->size) {
        purge->size = purge->size ? purge->size * 2 : 64;
        purge->candidates = arena_grow(purge->mem, purge->candidates, purge->n, purge->size,
                                       sizeof(candidate_t));
    }
    purge->candidates[purge->n++] = found;
    return true;
}

/* What must hold of an entry of the scope that is in the state: tombstones are not visible, inactive
 * ones are. */
static const ldap_filter_t *
state_filter(const purge_t *purge, arena_t *mem, const map_type_t *type,
             const map_state_t *state)
{
    const map_scope_t *scope = type->scope;
    const ldap_filter_t *parts[3];

    parts[0] = map_when(mem, state, purge->now_s);
    if (state == &type->inactive)
        return ldap_filter_and2(mem, parts[0], map_visible(mem, scope, purge->now_s));
    parts[1] = scope->filter;
    parts[2] = scope->protect ? ldap_filter_not(mem, scope->protect) : NULL;
    return ldap_filter_and(mem, parts, ARRAY_SIZE(parts));
}

static bool
search_base(search_t *search, ldap_op_t *op, str_t base)
{
    purge_t *purge = search->purge;
    ldap_reply_t reply;

    op->dn = base;
    driver_search(&purge->driver, purge->mem, op, take_candidate, search, &reply);
    if (reply.fate != LDAP_ANSWERED)
        return err_set(&purge->err, ERR_UNAVAILABLE, "the directory did not answer");
    if (reply.code != LDAP_RC_SUCCESS)
        return ldap_code_error(&purge->err, reply.code, reply.matched, reply.diagnostic,
                               "searching for them");
    return true;
}

static bool
find_in_state(purge_t *purge, const map_type_t *type, const map_state_t *state)
{
    search_t search = {purge, type, state};
    str_t names[] = {purge->of->map->dialect->anchor, state->stamp};
    clock_time_t limit = {.s = purge->now_s - state->purge_s};
    ldap_op_t op = {.kind = LDAP_OP_SEARCH};

    op.u.search.depth = type->scope->depth;
    op.u.search.attrs = (ldap_names_t){names, ARRAY_SIZE(names)};
    op.u.search.filter =
        ldap_filter_and2(purge->mem, state_filter(purge, purge->mem, type, state),
                         ldap_filter_less(purge->mem, state->stamp,
                                          clock_format_generalized(purge->mem, limit)));
    for (size_t i = 0; i < type->scope->n_bases; i++)
        if (!search_base(&search, &op, type->scope->bases[i].dn))
            return false;
    return true;
}

static bool
find_candidates(purge_t *purge, bool *ret_any)
{
    const map_t *map = purge->of->map;

    *ret_any = false;
    for (size_t i = 0; i < map->n_types; i++) {
        const map_type_t *type = &map->types[i];
        bool deleted =
            !type->scope->shared && type->deleted.present && type->deleted.purge_s > 0;
        bool inactive = !type->scope->shared && purge->options->inactive &&
                        type->inactive.present && type->inactive.purge_s > 0;

        *ret_any |= deleted || inactive;
        if ((deleted && !find_in_state(purge, type, &type->deleted)) ||
            (inactive && !find_in_state(purge, type, &type->inactive)))
            return false;
    }
    return true;
}

/* --- telling ------------------------------------------------------------------------------ */

static const char *
state_name(const candidate_t *candidate)
{
    return candidate->state == &candidate->type->deleted ? "deleted" : "inactive";
}

/* As a dateTime where it is a time. */
static str_t
since_text(arena_t *mem, const candidate_t *candidate)
{
    clock_time_t time;

    return clock_parse_generalized(candidate->stamp, &time) ? clock_format_datetime(mem, time)
                                                            : candidate->stamp;
}

/* `what` became of it; `why` only where it stays. */
static void
tell(const purge_t *purge, arena_t *mem, const candidate_t *candidate, const char *what,
     const char *why)
{
    str_t since = since_text(mem, candidate);
    json_t *json;
    buf_t buf;

    if (!purge->options->json) {
        printf("%-12s %.*s %s since %.*s: %.*s%s%s\n", what,
               STR_ARG(candidate->type->scim->name), state_name(candidate), STR_ARG(since),
               STR_ARG(candidate->dn), why ? ": " : "", why ? why : "");
        return;
    }
    json = json_object(mem);
    json_set(mem, json, STR("dn"), json_string(mem, candidate->dn));
    json_set(mem, json, STR("id"), json_string(mem, candidate->id));
    json_set(mem, json, STR("resourceType"), json_string(mem, candidate->type->scim->name));
    json_set(mem, json, STR("state"), json_string(mem, str_from_c(state_name(candidate))));
    json_set(mem, json, STR("since"), json_string(mem, since));
    json_set(mem, json, STR("result"), json_string(mem, str_from_c(what)));
    if (why)
        json_set(mem, json, STR("error"), json_string(mem, str_from_c(why)));
    buf_init(&buf, mem, 1 << 20);
    json_write(&buf, json);
    printf("%.*s\n", STR_ARG(buf_str(&buf)));
}

/* --- removing ----------------------------------------------------------------------------- */

static void
note_write(void *arg, const ldap_op_t *op)
{
    const purge_t *purge = arg;

    audit_command_intent(&purge->audit, op);
}

typedef struct {
    purge_t *purge;
    const candidate_t *candidate;
    arena_t *mem;
} one_t;

/* Counted, told and recorded. */
static void
conclude(one_t *one, const response_t *response, const char *detail)
{
    purge_t *purge = one->purge;
    bool good = response->status == 204;
    bool stays = response->status == 412 || response->status == 404;

    *(good ? &purge->removed : stays ? &purge->left : &purge->failed) += 1;
    tell(purge, one->mem, one->candidate,
         good    ? "removed"
         : stays ? "left"
                 : "failed",
         good ? NULL : detail);
    if (purge->audit.fd >= 0)
        audit_command_result(&purge->audit, one->candidate->dn, good ? "" : detail);
}

static void
remove_one(void *arg)
{
    one_t *one = arg;
    purge_t *purge = one->purge;
    const candidate_t *candidate = one->candidate;
    removal_t removal = {.type = candidate->type, .id = candidate->id, .dn = candidate->dn};
    exchange_t *exchange;
    const response_t *response;

    removal.still = ldap_filter_and2(
        one->mem, state_filter(purge, one->mem, candidate->type, candidate->state),
        ldap_filter_equal(one->mem, candidate->state->stamp, candidate->stamp));
    purge->audit.endpoint = str_skip(candidate->type->scim->endpoint, 1);
    purge->audit.resource = candidate->id;
    exchange = exchange_begin_removal(one->mem, purge->driver.bridge, &removal, purge->now_s);
    driver_run(&purge->driver, exchange_run(exchange));
    response = exchange_finish(exchange);
    conclude(one, response, exchange_facts(exchange).error_detail);
}

/* Each in memory of its own. */
static bool
remove_all(purge_t *purge)
{
    for (size_t i = 0; i < purge->n; i++) {
        arena_t *mem ARENA_CLEANUP = arena_new(0);
        one_t one = {purge, &purge->candidates[i], mem};

        if (!mem || !arena_guard(mem, remove_one, &one))
            return err_set(&purge->err, ERR_UNAVAILABLE, "no memory");
        fflush(stdout);
    }
    return true;
}

static bool
open_audit(purge_t *purge)
{
    const char *file = purge->config->audit_file;

    if (!file)
        return true;
    purge->audit.fd = audit_open(file, false, &purge->err);
    if (purge->audit.fd < 0)
        return err_prefix(&purge->err, "the audit log");
    log_init(&purge->log, purge->audit.fd);
    purge->driver.writes = note_write;
    purge->driver.arg = purge;
    return true;
}

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

static void
purge_all(void *arg)
{
    purge_t *purge = arg;
    bool any;

    if (!find_candidates(purge, &any))
        return;
    if (!any)
        fprintf(stderr,
                "the map of connector %.*s gives no %speriod: add \"purge\", such as \"P90D\", "
                "to a state\n",
                STR_ARG(purge->of->name), purge->options->inactive ? "" : "deleted state a ");
    if (purge->options->yes && (!open_audit(purge) || !remove_all(purge)))
        return;
    for (size_t i = 0; !purge->options->yes && i < purge->n; i++)
        tell(purge, purge->mem, &purge->candidates[i], "to remove", NULL);
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
    purge->audit.log = &purge->log;
    purge->audit.connector = purge->of->name;
    return driver_open(&purge->driver, purge->of, &purge->config->limits.connector,
                       purge->config->limits.ldap.operation_timeout_ms, &purge->err);
}

static int
purge_connector(const options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    purge_t *purge = mem ? calloc(1, sizeof(*purge)) : NULL; /* a log is large */
    bool done = false;

    if (!purge)
        return CLI_FAILED;
    *purge = (purge_t){.mem = mem,
                       .options = options,
                       .now_s = clock_real_s(),
                       .audit = {.command = "purge", .fd = -1},
                       .err = ERR_INIT};
    done = prepare(purge) && arena_guard(mem, purge_all, purge) && purge->done;
    driver_close(&purge->driver);
    if (purge->audit.fd >= 0)
        close(purge->audit.fd);
    if (!done)
        fprintf(stderr, "scimbridge purge: %s\n",
                purge->err.kind == ERR_NONE ? "no memory" : purge->err.detail);
    free(purge);
    return done ? CLI_OK : CLI_FAILED;
}

static int
run(int argc, char **argv)
{
    options_t options = {.connector = ""};
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
