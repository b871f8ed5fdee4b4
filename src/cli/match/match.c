/* SPDX-License-Identifier: Apache-2.0 */
/* "match": each row of an export goes the way of a POST that writes nothing. */
#include "cli/match/match.h"

#include "base/clock.h"
#include "base/hash.h"
#include "cli/options.h"
#include "daemon/audit.h"
#include "daemon/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TARGETS = 1 << 14, TELL_US = 200 * 1000, FILE_BYTES = 256 << 20 };

typedef struct {
    const char *config, *connector, *type, *file;
    bool claim, yes, json;
    wishes_t wishes;
} options_t;

/* Which row came to an entry first. */
typedef struct target {
    struct target *next;
    str_t dn; /* in normal form */
    size_t row;
} entry_of_row_t;

typedef struct {
    arena_t *mem;
    const options_t *options;
    const config_t *config;
    const config_connector_t *of;
    const map_type_t *type;
    driver_t driver;
    rehearse_t rehearse;
    columns_t columns;
    csv_t csv;
    row_t *rows;
    size_t n, size;
    entry_of_row_t *targets[TARGETS];
    log_t log;
    audit_command_t audit; /* fd -1: none is configured */
    int64_t now_s, told_us;
    size_t failed; /* claims */
    bool clean, done;
    err_t err;
} match_t;

/* --- judging ------------------------------------------------------------------------------ */

typedef struct {
    match_t *match;
    arena_t *mem; /* of this row */
    const csv_row_t *csv;
    row_t *row;
} judging_t;

static void
collide(row_t *row, const char *code, str_t reason)
{
    row->kind = ROW_COLLIDES;
    row->code = str_from_c(code);
    row->reason = reason;
}

/* Another entry is in the way, or the one that matches is not to be had. */
static void
judge_met(const match_t *match, const met_t *met, row_t *row)
{
    static const char *const codes[] = {
        [MET_NOBODY] = "taken",         [MET_RESOURCE] = "taken",
        [MET_CLAIMED] = "other-person", [MET_PROTECTED] = "protected",
        [MET_FOREIGN] = "outside",      [MET_TOMBSTONE] = "tombstone",
        [MET_ASIDE] = "tombstone",      [MET_NAMESAKE] = "other-person",
        [MET_SEVERAL] = "several"};

    if (met->kind == MET_RESOURCE && !match->type->adopt) {
        row->kind = ROW_REFUSED;
        row->reason = STR("");
    } else if (met->kind == MET_CLAIMED && !met->stranger) {
        row->kind = ROW_CLAIMED;
        row->reason = STR("");
    } else {
        collide(row, codes[met->kind], row->reason);
    }
    if (met->kind == MET_CLAIMED && met->stranger)
        row->reason = str_printf(match->mem, "it is provisioned for another externalId");
}

/* The request came to a write, or found that none is needed. */
static void
judge_success(const match_t *match, const exchange_facts_t *facts, row_t *row)
{
    row->kind = facts->met.kind == MET_RESOURCE ? ROW_ADOPT : ROW_CREATE;
    row->reason = STR("");
    if (facts->met.kind == MET_TOMBSTONE)
        collide(row, "tombstone",
                STR("it was deleted through SCIM, and would be brought back with its old id"));
    if (row->kind != ROW_CREATE)
        return;
    row->path = row->id = STR("");
    if (facts->met.kind == MET_NAMESAKE || facts->met.kind == MET_ASIDE)
        row->reason =
            str_printf(match->mem, "\"%.*s\" is another's, %s", STR_ARG(facts->met.dn),
                       facts->met.kind == MET_ASIDE ? "which is deleted and gives up its name"
                                                    : "so this name is taken instead");
    row->dn =
        str_dup(match->mem, facts->met.kind == MET_ASIDE ? facts->met.dn : facts->target_dn);
}

static void
judge(const judging_t *one, const response_t *response, const exchange_facts_t *facts)
{
    match_t *match = one->match;
    row_t *row = one->row;
    const met_t *met = &facts->met;

    row->reason = str_dup(match->mem, str_from_c(facts->error_detail));
    row->dn = str_dup(match->mem, met->dn.n ? met->dn : facts->target_dn);
    row->id = str_dup(match->mem, met->id);
    row->path = met->path;
    if (met->match)
        row->match = ldap_filter_format(match->mem, met->match);
    if (match->rehearse.wrote || response->status == 201)
        judge_success(match, facts, row);
    else if (response->status == 409)
        judge_met(match, met, row);
    else
        row->kind = response->status < 500 ? ROW_INVALID : ROW_FAILED;
}

static void
post_row(const judging_t *one, const json_t *resource)
{
    match_t *match = one->match;
    request_t request = {.method = METHOD_POST,
                         .route = ROUTE_RESOURCES,
                         .endpoint = str_skip(match->type->scim->endpoint, 1)};
    const json_t *external = json_find(resource, STR("externalId"));
    const response_t *response;
    exchange_t *exchange;
    exchange_facts_t facts;
    buf_t buf;

    if (json_is(external, JSON_STRING))
        one->row->external_id = str_dup(match->mem, external->u.string);
    buf_init(&buf, one->mem, 16 << 20);
    json_write(&buf, resource);
    request.body = buf_str(&buf);
    request.base_url = STR("https://localhost");
    request.request_id = STR("command");
    match->rehearse.wrote = false;
    exchange = exchange_begin(one->mem, match->driver.bridge, &request, match->now_s);
    driver_run(&match->driver, exchange_run(exchange));
    response = exchange_finish(exchange);
    facts = exchange_facts(exchange);
    judge(one, response, &facts);
}

static void
judge_row(void *arg)
{
    const judging_t *one = arg;
    match_t *match = one->match;
    const csv_row_t *csv = one->csv;
    err_t err = ERR_INIT;
    const json_t *resource =
        columns_resource(one->mem, match->type, &match->columns, csv, &err);

    one->row->name = str_dup(match->mem, match->columns.name_at < csv->n
                                             ? csv->fields[match->columns.name_at]
                                             : STR("?"));
    if (resource) {
        post_row(one, resource);
        return;
    }
    one->row->kind = ROW_INVALID;
    one->row->reason = str_dup(match->mem, err_detail(&err));
}

/* Two rows that come to one entry: neither is certain any more. */
static void
remember_target(match_t *match, arena_t *mem, size_t row)
{
    row_t *here = &match->rows[row], *other;
    str_t key = ldap_dn_normal(mem, here->dn);
    entry_of_row_t **slot = &match->targets[hash_bytes(key) % TARGETS], *item = *slot;

    if (here->dn.n == 0 || here->kind == ROW_INVALID || here->kind == ROW_FAILED)
        return;
    while (item && !str_eq(item->dn, key))
        item = item->next;
    if (item) {
        other = &match->rows[item->row];
        collide(here, "same-entry",
                str_printf(match->mem, "line %u (%.*s) comes to the same entry", other->line,
                           STR_ARG(other->name)));
        if (!str_eq(other->code, STR("same-entry")))
            collide(other, "same-entry",
                    str_printf(match->mem, "line %u (%.*s) comes to the same entry", here->line,
                               STR_ARG(here->name)));
        return;
    }
    item = arena_new_of(match->mem, entry_of_row_t);
    *item = (entry_of_row_t){*slot, str_dup(match->mem, key), row};
    *slot = item;
}

static row_t *
new_row(match_t *match, unsigned line)
{
    if (match->n == match->size) {
        size_t size = match->size ? match->size * 2 : 256;

        match->rows = arena_grow(match->mem, match->rows, match->n, size, sizeof(row_t));
        match->size = size;
    }
    match->rows[match->n] = (row_t){.line = line};
    return &match->rows[match->n++];
}

static void
progress(match_t *match, const char *what, size_t n)
{
    int64_t now_us = clock_monotonic_us();

    if (!isatty(STDERR_FILENO) || now_us - match->told_us < TELL_US)
        return;
    match->told_us = now_us;
    fprintf(stderr, "\r%s: %zu\033[K", what, n);
    fflush(stderr);
}

static void
end_progress(const match_t *match)
{
    if (match->told_us > 0)
        fputs("\r\033[K", stderr);
}

static bool
judge_rows(match_t *match)
{
    for (;;) {
        arena_t *mem ARENA_CLEANUP = arena_new(0);
        csv_row_t csv;
        judging_t one = {match, mem, &csv, NULL};

        if (!mem)
            return err_set(&match->err, ERR_UNAVAILABLE, "no memory");
        if (!csv_next(&match->csv, match->mem, &csv, &match->err))
            return match->err.kind == ERR_NONE;
        one.row = new_row(match, csv.line);
        if (!arena_guard(mem, judge_row, &one))
            return err_set(&match->err, ERR_UNAVAILABLE, "no memory");
        if (match->n == 1 && one.row->kind == ROW_FAILED)
            return err_set(&match->err, ERR_DIRECTORY, "line %u: %.*s", one.row->line,
                           STR_ARG(one.row->reason));
        remember_target(match, match->mem, match->n - 1);
        progress(match, "looked at", match->n);
    }
}

/* --- claiming ----------------------------------------------------------------------------- */

static bool
is_to_claim(const row_t *row)
{
    return (row->kind == ROW_ADOPT || row->kind == ROW_REFUSED) && row->id.n > 0;
}

static size_t
count_claims(const match_t *match)
{
    size_t n = 0;

    for (size_t i = 0; i < match->n; i++)
        n += is_to_claim(&match->rows[i]);
    return n;
}

typedef struct {
    match_t *match;
    row_t *row;
    arena_t *mem;
} claiming_t;

static void
note_write(void *arg, const ldap_op_t *op)
{
    const match_t *match = arg;

    if (match->audit.fd >= 0)
        audit_command_intent(&match->audit, op);
}

static void
claim_row(void *arg)
{
    const claiming_t *one = arg;
    match_t *match = one->match;
    row_t *row = one->row;
    claim_t claim = {
        .type = match->type, .id = row->id, .dn = row->dn, .external_id = row->external_id};
    exchange_t *exchange;
    const char *detail;
    err_t err = ERR_INIT;
    bool good;

    claim.still = ldap_filter_parse(one->mem, row->match, &err);
    match->audit.endpoint = str_skip(match->type->scim->endpoint, 1);
    match->audit.resource = row->id;
    exchange = exchange_begin_claim(one->mem, match->driver.bridge, &claim, match->now_s);
    driver_run(&match->driver, exchange_run(exchange));
    good = exchange_finish(exchange)->status == 204;
    detail = good ? "" : exchange_facts(exchange).error_detail;
    if (match->audit.fd >= 0)
        audit_command_result(&match->audit, row->dn, detail);
    row->claim = good ? "claimed" : "failed";
    row->reason = str_dup(match->mem, str_from_c(detail));
    match->failed += !good;
}

static bool
open_audit(match_t *match)
{
    const char *file = match->config->audit_file;

    if (!file)
        return true;
    match->audit.fd = audit_open(file, false, &match->err);
    if (match->audit.fd < 0)
        return err_prefix(&match->err, "the audit log");
    log_init(&match->log, match->audit.fd);
    return true;
}

static bool
claim_rows(match_t *match)
{
    if (!open_audit(match))
        return false;
    match->driver.instead = NULL;
    match->driver.writes = note_write;
    match->driver.arg = match;
    for (size_t i = 0; i < match->n; i++) {
        arena_t *mem ARENA_CLEANUP = arena_new(0);
        claiming_t one = {match, &match->rows[i], mem};

        if (!is_to_claim(&match->rows[i]))
            continue;
        if (!mem || !arena_guard(mem, claim_row, &one))
            return err_set(&match->err, ERR_UNAVAILABLE, "no memory");
        match_tell(match->mem, &match->rows[i], match->options->json);
        fflush(stdout);
    }
    return true;
}

/* What is going to be written, in words. */
static void
announce(const match_t *match, size_t n)
{
    const map_type_t *type = match->type;

    fprintf(stderr, "%zu entries are to be claimed:", n);
    for (size_t i = 0; i < type->n_auxiliary; i++)
        fprintf(stderr, "%s objectClass %.*s", i ? "," : "", STR_ARG(type->auxiliary[i]));
    if (type->external_id)
        fprintf(stderr, "%s the externalId in %.*s", type->n_auxiliary ? "," : "",
                STR_ARG(type->external_id->ldap));
    fputs("; nothing else of them changes\n", stderr);
}

static bool
is_confirmed(void)
{
    char answer[16] = "";

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        fputs("with --yes they are\n", stderr);
        return false;
    }
    fputs("Claim them? [y/N] ", stderr);
    return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static bool
claim_if_wanted(match_t *match)
{
    size_t n = count_claims(match);

    if (!match->options->claim)
        return true;
    if (n == 0) {
        fputs("nothing is to be claimed\n", stderr);
        return true;
    }
    announce(match, n);
    if (!match->options->yes && !is_confirmed())
        return true;
    if (!claim_rows(match))
        return false;
    fprintf(stderr, "%zu claimed, %zu failed\n", n - match->failed, match->failed);
    return true;
}

/* --- the command -------------------------------------------------------------------------- */

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
    const options_t *options = match->options;
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
    judged = judge_rows(match);
    end_progress(match);
    if (!judged)
        return;
    for (size_t i = 0; i < match->n; i++)
        match_tell(match->mem, &match->rows[i], match->options->json);
    match_sum_up(match->mem, match->rows, match->n, match->options->json);
    fflush(stdout);
    match->done = claim_if_wanted(match);
    match->clean = is_clean(match);
}

static bool
prepare(match_t *match)
{
    const options_t *options = match->options;
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
    match->audit.connector = match->of->name;
    if (!driver_open(&match->driver, match->of, &match->config->limits.connector,
                     match->config->limits.ldap.operation_timeout_ms, &match->err))
        return false;
    match->rehearse =
        (rehearse_t){.mem = match->mem, .driver = &match->driver, .type = match->type};
    match->driver.instead = rehearse_answer;
    match->driver.arg = &match->rehearse;
    return true;
}

static int
match_users(const options_t *options)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    match_t *match = mem ? calloc(1, sizeof(*match)) : NULL;
    int status = CLI_FAILED;

    if (!match)
        return CLI_FAILED;
    match->mem = mem;
    match->options = options;
    match->now_s = clock_real_s();
    match->audit = (audit_command_t){.log = &match->log, .command = "match", .fd = -1};
    if (!prepare(match) || !arena_guard(mem, match_all, match) || !match->done)
        fprintf(stderr, "scimbridge match: %s\n",
                match->err.kind == ERR_NONE ? "no memory" : match->err.detail);
    else if (match->clean)
        status = CLI_OK;
    driver_close(&match->driver);
    if (match->audit.fd >= 0)
        close(match->audit.fd);
    free(match);
    return status;
}

static int
run(int argc, char **argv)
{
    options_t options = {.connector = "", .type = "User"};
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
