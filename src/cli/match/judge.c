/* SPDX-License-Identifier: Apache-2.0 */
/* Each row of an export goes the way of a POST that writes nothing. */
#include "cli/match/match.h"

#include "base/hash.h"

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
    entry_of_row_t **slot = &match->targets[hash_bytes(key) % MATCH_TARGETS], *item = *slot;

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

bool
match_judge_rows(match_t *match)
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
        progress_tell(&match->progress, "looked at: %zu", match->n);
    }
}
