/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/driver.h"

#include "base/clock.h"
#include "connector/exchange.h"
#include "ldap/at.h"

#include <time.h>

bool
driver_begin(driver_t *driver, const config_connector_t *of, const connector_limits_t *limits,
             int timeout_ms, err_t *err)
{
    *driver = (driver_t){.of = of, .timeout_ms = timeout_ms};
    driver->bridge = connector_new(of->name, of->map, of->quirks, limits);
    if (!driver->bridge)
        return err_set(err, ERR_UNAVAILABLE, "no memory for the connector");
    return true;
}

bool
driver_open(driver_t *driver, const config_connector_t *of, const connector_limits_t *limits,
            int timeout_ms, err_t *err)
{
    if (!driver_begin(driver, of, limits, timeout_ms, err))
        return false;
    ldap_conn_setup();
    driver->conn = ldap_conn_open(&of->directory->settings, err);
    if (!driver->conn)
        return false;
    connector_set_features(driver->bridge, ldap_conn_probe(driver->conn, timeout_ms));
    return true;
}

void
driver_close(driver_t *driver)
{
    ldap_conn_close(driver->conn);
    connector_free(driver->bridge);
    *driver = (driver_t){.of = NULL};
}

/* --- operations --------------------------------------------------------------------------- */

typedef struct {
    arena_t *mem;
    ldap_each_fn *each;
    void *arg;
    const ldap_entry_t *entry;
    bool more, exhausted;
} seen_t;

static void
show_entry(void *arg)
{
    seen_t *seen = arg;

    seen->more = seen->each(seen->arg, seen->entry);
}

/* Exhaustion must not unwind past the connection, which is in the midst of its work. */
static bool
each_entry(void *arg, const ldap_entry_t *entry)
{
    seen_t *seen = arg;

    seen->entry = entry;
    if (!arena_guard(seen->mem, show_entry, seen))
        seen->exhausted = true;
    return seen->more && !seen->exhausted;
}

/* Where no entry can match, by its place alone. */
static bool
finds_nothing(arena_t *mem, const ldap_op_t *op)
{
    return op->kind == LDAP_OP_SEARCH && op->u.search.filter &&
           ldap_filter_is_false(
               ldap_filter_at(mem, op->u.search.filter, op->dn, op->u.search.depth));
}

void
driver_search(const driver_t *driver, arena_t *mem, const ldap_op_t *op, ldap_each_fn *each,
              void *arg, ldap_reply_t *ret_reply)
{
    seen_t seen = {.mem = mem, .each = each, .arg = arg, .more = true};

    if (finds_nothing(mem, op)) {
        *ret_reply = (ldap_reply_t){.fate = LDAP_ANSWERED, .code = LDAP_RC_SUCCESS};
        return;
    }
    if (driver->writes && ldap_op_is_write(op))
        driver->writes(driver->arg, op);
    ldap_conn_perform_each(driver->conn, op, mem, driver->timeout_ms, each ? each_entry : NULL,
                           &seen, ret_reply);
    if (seen.exhausted)
        arena_exhaust(mem);
}

void
driver_perform(const driver_t *driver, arena_t *mem, const ldap_op_t *op,
               ldap_reply_t *ret_reply)
{
    driver_search(driver, mem, op, NULL, NULL, ret_reply);
}

static bool
check_base(const driver_t *driver, arena_t *mem, const map_scope_t *scope, size_t base,
           err_t *err)
{
    str_t none = STR("1.1");
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = scope->bases[base].dn};
    ldap_reply_t reply;

    op.u.search.depth = LDAP_DEPTH_BASE;
    op.u.search.filter = ldap_filter_present(mem, STR("objectClass"));
    op.u.search.attrs = (ldap_names_t){&none, 1};
    driver_perform(driver, mem, &op, &reply);
    return base_check(&reply, scope, base, "reading a base", err);
}

bool
driver_check_bases(const driver_t *driver, arena_t *mem, const map_t *map, err_t *err)
{
    for (size_t i = 0; i < map->n_scopes; i++)
        for (size_t k = 0; k < map->scopes[i].n_bases; k++)
            if (!check_base(driver, mem, &map->scopes[i], k, err))
                return false;
    return true;
}

/* --- what a run asks ---------------------------------------------------------------------- */

static bool
entry_of_ask(void *arg, const ldap_entry_t *entry)
{
    const ask_t *ask = arg;

    return ask->each(ask->by, entry);
}

/* To an asker who wants them one by one. */
static void
show_entries(const ask_t *ask, ldap_reply_t *reply)
{
    for (size_t i = 0; ask->each && i < reply->n_entries; i++)
        if (!ask->each(ask->by, reply->entries[i]))
            break;
    if (ask->each)
        reply->n_entries = 0;
}

static void
answer_ldap(const driver_t *driver, run_t *run, ask_t *ask)
{
    ldap_reply_t reply;

    if (driver->instead && driver->instead(driver->arg, ask, &reply))
        show_entries(ask, &reply);
    else
        driver_search(driver, ask->run->mem, &ask->op, ask->each ? entry_of_ask : NULL, ask,
                      &reply);
    run_give(run, ask, &reply);
}

static void
pause_for(int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    while (nanosleep(&time, &time) != 0)
        ;
}

/* One run has all gates to itself, so that to wait at one would be to wait for ever. */
static void
enter_gate(run_t *run, ask_t *ask)
{
    if (!run->gates || gate_enter(run->gates, &ask->gate))
        run_give(run, ask, NULL);
}

static void
answer_ask(const driver_t *driver, run_t *run, ask_t *ask)
{
    switch (ask->kind) {
    case ASK_LDAP:
        answer_ldap(driver, run, ask);
        break;
    case ASK_GATE:
        enter_gate(run, ask);
        break;
    case ASK_PAUSE:
        if (!driver->instead)
            pause_for(ask->pause_ms);
        run_give(run, ask, NULL);
        break;
    case ASK_TASK:
        break;
    }
}

void
driver_run(const driver_t *driver, run_t *run)
{
    err_t err = ERR_INIT;
    ask_t *ask;

    while (!run->ended && (ask = run_take(run)))
        answer_ask(driver, run, ask);
    if (run->ended)
        return;
    err_set(&err, ERR_INTERNAL, "the request waits for something for ever");
    run_cancel(run, &err);
}

const response_t *
driver_request(const driver_t *driver, arena_t *mem, request_t *request)
{
    exchange_t *exchange;

    if (!request->base_url.n)
        request->base_url =
            str_printf(mem, "%s/%.*s/scim/v2",
                       driver->public_url ? driver->public_url : "https://localhost",
                       STR_ARG(driver->of->name));
    if (!request->request_id.n)
        request->request_id = STR("command");
    exchange = exchange_begin(mem, driver->bridge, request, clock_real_s());
    driver_run(driver, exchange_run(exchange));
    return exchange_finish(exchange);
}
