/* SPDX-License-Identifier: Apache-2.0 */
/* --claim: entries that would be adopted are marked as the users'. */
#include "cli/match/match.h"

#include <stdio.h>
#include <unistd.h>

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
    record_resource(&match->record, match->type, row->id);
    exchange = exchange_begin_claim(one->mem, match->driver.bridge, &claim, match->now_s);
    driver_run(&match->driver, exchange_run(exchange));
    good = exchange_finish(exchange)->status == 204;
    detail = good ? "" : exchange_facts(exchange).error_detail;
    record_result(&match->record, row->dn, detail);
    row->claim = good ? "claimed" : "failed";
    row->reason = str_dup(match->mem, str_from_c(detail));
    match->failed += !good;
}

static bool
claim_rows(match_t *match)
{
    match->driver.instead = NULL;
    if (!record_open(&match->record, match->config, &match->driver, &match->err))
        return false;
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

static bool
supplies(const map_type_t *type)
{
    for (size_t i = 0; i < type->n_rules; i++)
        if (type->rules[i].counter || type->rules[i].demanded)
            return true;
    return false;
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
    fprintf(stderr, "%s; nothing else of them changes\n",
            supplies(type) ? ", what the classes demand" : "");
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

bool
match_claim(match_t *match)
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
