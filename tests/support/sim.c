/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sim.h"

#include "connector/gate.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* An ask that a call has put to the driver. */
typedef struct {
    sim_call_t *call;
    ask_t *ask;
    bool ready; /* to be replied to: a gate that was granted, an operation that was performed */
    bool queued;     /* at a gate */
    unsigned number; /* of the LDAP operations of its call */
    ldap_reply_t reply;
} item_t;

enum { LATE_BY = 20 /* steps, on average */, STEPS_MAX = 100000 };

struct sim {
    arena_t *mem;
    model_t *model;
    uint64_t random;
    connector_t *connectors[64];
    size_t n_connectors;
    sim_call_t *calls;
    item_t **items; /* in flight, in any order */
    size_t n_items, size_items;
    item_t *late[64]; /* nobody waits for them, but they will be performed */
    size_t n_late;
    unsigned fail_step;
    size_t fail_block;
};

static const char *const fault_names[SIM_FAULTS] = {"none",
                                                    "not sent",
                                                    "done, unknown",
                                                    "undone, unknown",
                                                    "late, unknown",
                                                    "busy (51)",
                                                    "noSuchObject (32)",
                                                    "assertionFailed (122)",
                                                    "valueExists (20)",
                                                    "noSuchAttribute (16)",
                                                    "deadline"};

const char *
sim_fault_name(sim_fault_t fault)
{
    return fault_names[fault];
}

/* ---- chance: splitmix64 ---- */

static uint64_t
next_random(sim_t *sim)
{
    uint64_t z = sim->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

unsigned
sim_random(sim_t *sim, unsigned n)
{
    return (unsigned)(next_random(sim) % n);
}

/* ---- faults ---- */

static size_t
count_values(const ldap_op_t *op, ldap_mod_op_t kind)
{
    size_t n = 0;

    for (size_t i = 0; op->kind == LDAP_OP_MODIFY && i < op->u.modify.n; i++)
        n += op->u.modify.mods[i].op == kind ? op->u.modify.mods[i].attr.n : 0;
    return n;
}

/* Whether a server could answer so, without what the code says being true for ever: code 20 of
 * one value would mean that it is there. */
static bool
can_have(const ldap_op_t *op, sim_fault_t fault)
{
    switch (fault) {
    case SIM_NOT_SENT:
    case SIM_DONE_UNKNOWN:
    case SIM_UNDONE_UNKNOWN:
    case SIM_BUSY:
    case SIM_DEADLINE:
        return true;
    case SIM_LATE_UNKNOWN:
        return ldap_op_is_write(op);
    case SIM_NO_OBJECT:
        return op->guard != NULL || op->kind == LDAP_OP_SEARCH;
    case SIM_ASSERTION:
        return op->guard != NULL;
    case SIM_VALUE_EXISTS:
        return op->guard != NULL && count_values(op, LDAP_MOD_OP_ADD) > 1;
    case SIM_NO_ATTRIBUTE:
        return op->guard != NULL && count_values(op, LDAP_MOD_OP_DELETE) > 1;
    case SIM_NO_FAULT:
    case SIM_FAULTS:
        break;
    }
    return false;
}

static void
answer_code(item_t *item, int code)
{
    item->reply = (ldap_reply_t){.code = code, .matched = STR(""), .diagnostic = STR("fault")};
}

static bool bare;

void
sim_go_bare(void)
{
    bare = true;
}

bool
sim_is_bare(void)
{
    return bare;
}

static ldap_reply_t
answer(sim_t *sim, arena_t *mem, const ldap_op_t *op)
{
    ldap_op_t plain = *op;

    ck_assert_msg(!bare || !op->guard, "a control that the directory does not know");
    if (bare)
        plain.post_read = NULL;
    return model_answer(sim->model, mem, &plain);
}

static void
perform(item_t *item)
{
    item->reply = answer(item->call->sim, item->call->replies, &item->ask->op);
}

static void
put_off(item_t *item)
{
    sim_t *sim = item->call->sim;

    /* What is a part's goes with it. */
    if (ldap_op_is_write(&item->ask->op) && !item->ask->run->outer &&
        sim->n_late < ARRAY_SIZE(sim->late))
        sim->late[sim->n_late++] = item;
}

/* Whether there was one. */
static bool
perform_late(sim_t *sim)
{
    size_t at;

    if (!sim->n_late)
        return false;
    at = sim_random(sim, (unsigned)sim->n_late);
    (void)answer(sim, sim->mem, &sim->late[at]->ask->op);
    sim->late[at] = sim->late[--sim->n_late];
    return true;
}

static void
give_up(run_t *run, const char *why)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "%s", why);
    run_cancel(run, &err);
}

static void
perform_with_fault(item_t *item, sim_fault_t fault)
{
    static const int codes[SIM_FAULTS] = {[SIM_BUSY] = LDAP_RC_BUSY,
                                          [SIM_NO_OBJECT] = LDAP_RC_NO_SUCH_OBJECT,
                                          [SIM_ASSERTION] = LDAP_RC_ASSERTION_FAILED,
                                          [SIM_VALUE_EXISTS] = LDAP_RC_VALUE_EXISTS,
                                          [SIM_NO_ATTRIBUTE] = LDAP_RC_NO_SUCH_ATTRIBUTE};

    item->call->faulted = true;
    answer_code(item, codes[fault]);
    switch (fault) {
    case SIM_NOT_SENT:
        item->reply.fate = LDAP_NOT_SENT;
        break;
    case SIM_DONE_UNKNOWN:
        perform(item);
        answer_code(item, 0);
        item->reply.fate = LDAP_UNKNOWN;
        break;
    case SIM_UNDONE_UNKNOWN:
        item->reply.fate = LDAP_UNKNOWN;
        break;
    case SIM_LATE_UNKNOWN:
        item->reply.fate = LDAP_UNKNOWN;
        put_off(item);
        break;
    case SIM_DEADLINE:
        if (sim_random(item->call->sim, 2))
            perform(item);
        else
            put_off(item);
        give_up(exchange_run(item->call->exchange), "the deadline has passed");
        break;
    case SIM_BUSY:
    case SIM_NO_OBJECT:
    case SIM_ASSERTION:
    case SIM_VALUE_EXISTS:
    case SIM_NO_ATTRIBUTE:
    case SIM_NO_FAULT:
    case SIM_FAULTS:
        break;
    }
}

/* ---- what was asked, in short ---- */

static void
trace_op(sim_call_t *call, const ldap_op_t *op)
{
    static const char *const depths[] = {"base", "one", "sub"};
    buf_t *buf = &call->traced;

    if (buf->n)
        buf_add_c(buf, "; ");
    buf_add_c(buf, ldap_op_name(op->kind));
    if (op->kind == LDAP_OP_SEARCH) {
        buf_printf(buf, " %s", depths[op->u.search.depth]);
        if (op->u.search.size_limit)
            buf_printf(buf, " limit %u", op->u.search.size_limit);
        if (op->u.search.values)
            buf_add_c(buf, " values");
    }
    if (op->guard)
        buf_add_c(buf, " guarded");
    if (op->post_read)
        buf_add_c(buf, " post-read");
}

/* ---- taking asks ---- */

static void
granted(gate_wait_t *wait)
{
    ask_t *ask = CONTAINER_OF(wait, ask_t, gate);

    ((item_t *)ask->driver)->ready = true;
}

static void
take_gate(item_t *item)
{
    item->ask->gate.grant = granted;
    item->queued = true;
    if (gate_enter(connector_gates(item->call->connector), &item->ask->gate))
        item->ready = true;
}

static void
add_item(sim_call_t *call, ask_t *ask)
{
    sim_t *sim = call->sim;
    item_t *item = arena_new_of(sim->mem, item_t);

    if (sim->n_items == sim->size_items) {
        sim->size_items = sim->size_items ? sim->size_items * 2 : 64;
        sim->items =
            arena_grow(sim->mem, sim->items, sim->n_items, sim->size_items, sizeof(item_t *));
    }
    sim->items[sim->n_items++] = item;
    item->call = call;
    item->ask = ask;
    ask->driver = item;
    call->waiting++;
    if (ask->kind == ASK_GATE) {
        take_gate(item);
    } else if (ask->kind == ASK_LDAP) {
        if (call->operations < ARRAY_SIZE(call->ops))
            call->ops[call->operations] = ask->op;
        item->number = call->operations++;
        if (ldap_op_is_write(&ask->op))
            exchange_note_write(exchange_asking(ask), 1);
        trace_op(call, &ask->op);
    } else {
        item->ready = true;
    }
}

static void
finish(void *arg)
{
    sim_call_t *call = arg;
    const response_t *response = exchange_finish(call->exchange);

    call->status = response->status;
    call->body = str_dup(call->sim->mem, response->body);
    call->location = str_dup(call->sim->mem, response->location);
    call->etag = str_dup(call->sim->mem, response->etag);
    call->facts = exchange_facts(call->exchange);
}

/* What is queued at a gate does not wait any more; what was granted is left when its turn comes. */
static void
forget_gates(sim_call_t *call)
{
    sim_t *sim = call->sim;
    size_t kept = 0;

    for (size_t i = 0; i < sim->n_items; i++) {
        item_t *item = sim->items[i];

        if (item->call == call && item->queued && !item->ready &&
            gate_give_up(connector_gates(call->connector), &item->ask->gate))
            call->waiting--;
        else
            sim->items[kept++] = item;
    }
    sim->n_items = kept;
}

static void
after_step(sim_call_t *call)
{
    run_t *run = exchange_run(call->exchange);
    ask_t *ask;

    while ((ask = run_take(run)) != NULL)
        add_item(call, ask);
    if (!run->ended || call->ended)
        return;
    call->ended = true;
    forget_gates(call);
    if (!arena_guard(call->mem, finish, call))
        call->status = 503;
    call->trace = buf_str(&call->traced);
}

/* ---- memory that fails ---- */

static void
arm(sim_t *sim)
{
    if (sim->fail_block && sim->fail_step-- == 0)
        arena_fail_after(sim->fail_block);
}

static void
disarm(void)
{
    arena_fail_after(0);
}

void
sim_fail_memory(sim_t *sim, unsigned step, size_t n)
{
    sim->fail_step = step;
    sim->fail_block = n;
}

/* ---- giving replies ---- */

typedef struct {
    ask_t *ask;
    const ldap_entry_t *entry;
    bool more;
} seen_t;

static void
see_entry(void *arg)
{
    seen_t *seen = arg;

    seen->more = seen->ask->each(seen->ask->by, seen->entry);
}

/* Each entry is gone once it was shown. */
static void
show_entries(item_t *item)
{
    seen_t seen = {.ask = item->ask, .more = true};

    for (size_t i = 0; i < item->reply.n_entries && item->ask->by && seen.more; i++) {
        arena_t *mem ARENA_CLEANUP = arena_new(0);

        seen.entry = ldap_entry_copy(mem, item->reply.entries[i]);
        if (!arena_guard(item->ask->run->mem, see_entry, &seen)) {
            give_up(item->ask->run, "the answer does not fit");
            break;
        }
    }
    item->reply.entries = NULL;
    item->reply.n_entries = 0;
}

static void
give(item_t *item)
{
    sim_call_t *call = item->call;
    run_t *run = exchange_run(call->exchange);

    call->waiting--;
    if (item->ask->kind == ASK_LDAP && item->ask->each && item->ask->by)
        show_entries(item);
    arm(call->sim);
    run_give(run, item->ask, item->ask->kind == ASK_LDAP ? &item->reply : NULL);
    disarm();
    after_step(call);
}

static bool
is_open(const item_t *item)
{
    return item->ready || item->ask->kind == ASK_LDAP;
}

static item_t *
choose(sim_t *sim, size_t *ret_at)
{
    size_t open = 0, nth;

    for (size_t i = 0; i < sim->n_items; i++)
        open += is_open(sim->items[i]);
    if (!open)
        return NULL;
    nth = sim_random(sim, (unsigned)open);
    for (size_t i = 0;; i++)
        if (is_open(sim->items[i]) && nth-- == 0) {
            *ret_at = i;
            return sim->items[i];
        }
}

/* An operation of a call that has ended may still be performed, or never leave. */
static void
perform_item(item_t *item)
{
    sim_call_t *call = item->call;

    item->ready = true;
    if (call->ended && sim_random(call->sim, 2))
        answer_code(item, LDAP_RC_UNAVAILABLE);
    else if (call->fault && !call->faulted && !call->ended && item->number >= call->fault_at &&
             can_have(&item->ask->op, call->fault))
        perform_with_fault(item, call->fault);
    else
        perform(item);
    after_step(call);
}

void
sim_give_up(sim_call_t *call)
{
    give_up(exchange_run(call->exchange), "its time is over");
    after_step(call);
}

bool
sim_step(sim_t *sim)
{
    size_t at = 0;
    item_t *item = choose(sim, &at);

    if (!item)
        return perform_late(sim);
    if (sim->n_late && sim_random(sim, LATE_BY) == 0)
        return perform_late(sim);
    if (!item->ready) {
        perform_item(item);
        return true;
    }
    sim->items[at] = sim->items[--sim->n_items];
    give(item);
    return true;
}

static void
fail_endless(const sim_t *sim)
{
    for (const sim_call_t *call = sim->calls; call; call = call->next)
        ck_assert_msg(!call->exchange || call->ended,
                      "%s %.*s does not come to an end: %.1000s",
                      method_name(call->request.method), STR_ARG(call->request.endpoint),
                      call->traced.p ? call->traced.p : "nothing");
    ck_abort_msg("there is no end to what is done");
}

void
sim_run(sim_t *sim)
{
    unsigned steps = 0;

    while (sim_step(sim))
        if (++steps == STEPS_MAX)
            fail_endless(sim);
    for (const sim_call_t *call = sim->calls; call; call = call->next)
        ck_assert_msg(!call->exchange || call->ended, "%s %.*s has not ended after: %s",
                      method_name(call->request.method), STR_ARG(call->request.endpoint),
                      call->traced.p ? call->traced.p : "nothing");
    for (size_t i = 0; i < sim->n_connectors; i++)
        ck_assert_msg(gate_table_is_empty(connector_gates(sim->connectors[i])),
                      "a gate is held by nobody");
}

/* ---- calls ---- */

static str_t
take_parameter(const sim_call_t *call, str_t query, const char *name)
{
    arena_t *mem = call->sim->mem;

    while (query.n) {
        str_t part = str_slice(query, 0, str_find_char(query, '&'));
        size_t equals = str_find_char(part, '=');

        query = str_skip(query, part.n + 1);
        if (str_eq(str_slice(part, 0, equals), str_from_c(name)))
            return str_dup(mem, str_skip(part, equals + 1));
    }
    return (str_t){NULL, 0};
}

static route_kind_t
route_of(const request_t *request)
{
    if (str_eq(request->endpoint, STR(".search")) || str_eq(request->id, STR(".search")))
        return ROUTE_SEARCH;
    if (!request->endpoint.n)
        return ROUTE_ROOT;
    if (str_eq(request->endpoint, STR("Bulk")))
        return ROUTE_BULK;
    return request->id.n ? ROUTE_RESOURCE : ROUTE_RESOURCES;
}

static void
read_path(sim_call_t *call, str_t path)
{
    size_t mark = str_find_char(path, '?');
    str_t query = str_skip(path, mark + 1);
    size_t slash;

    path = str_slice(path, 0, mark);
    slash = str_find_char(path, '/');
    call->request.endpoint = str_slice(path, 0, slash);
    call->request.id = str_skip(path, slash + 1);
    call->request.route = route_of(&call->request);
    if (call->request.route == ROUTE_SEARCH) {
        if (!call->request.id.n)
            call->request.endpoint = STR("");
        call->request.id = STR("");
    }
    call->request.query = (query_t){
        .filter = take_parameter(call, query, "filter"),
        .attributes = take_parameter(call, query, "attributes"),
        .excluded_attributes = take_parameter(call, query, "excludedAttributes"),
        .start_index = take_parameter(call, query, "startIndex"),
        .count = take_parameter(call, query, "count"),
        .sort_by = take_parameter(call, query, "sortBy"),
        .sort_order = take_parameter(call, query, "sortOrder"),
        .cursor = take_parameter(call, query, "cursor"),
    };
}

static str_t
with_quotes(arena_t *mem, const char *text)
{
    str_t copy = str_dup(mem, str_from_c(text));
    char *p = (char *)(uintptr_t)copy.p;

    for (size_t i = 0; i < copy.n; i++)
        if (p[i] == '\'')
            p[i] = '"';
    return copy;
}

sim_call_t *
sim_call(sim_t *sim, connector_t *connector, method_t method, const char *path,
         const char *body)
{
    sim_call_t *call = arena_new_of(sim->mem, sim_call_t);

    call->sim = sim;
    call->connector = connector;
    call->request.method = method;
    read_path(call, with_quotes(sim->mem, path));
    call->request.body = body ? with_quotes(sim->mem, body) : STR("");
    call->request.base_url = STR("https://scim.example/test/scim/v2");
    call->request.request_id = STR("sim");
    buf_init(&call->traced, sim->mem, 1024 * 1024);
    call->next = sim->calls;
    sim->calls = call;
    return call;
}

static void
begin(void *arg)
{
    sim_call_t *call = arg;

    call->exchange = exchange_begin(call->mem, call->connector, &call->request, SIM_NOW);
}

void
sim_begin_limited(sim_call_t *call, size_t limit)
{
    bool begun;

    call->mem = arena_new(limit);
    call->replies = arena_new(0);
    ck_assert(call->mem && call->replies);
    arm(call->sim);
    begun = arena_guard(call->mem, begin, call);
    disarm();
    if (begun) {
        after_step(call);
    } else {
        call->exchange = NULL; /* not even a run: the listener answers */
        call->ended = true;
        call->status = 503;
        call->trace = STR("");
    }
}

void
sim_begin(sim_call_t *call)
{
    sim_begin_limited(call, 0);
}

sim_call_t *
sim_do(sim_t *sim, connector_t *connector, method_t method, const char *path, const char *body)
{
    sim_call_t *call = sim_call(sim, connector, method, path, body);

    sim_begin(call);
    sim_run(sim);
    return call;
}

str_t
sim_create(sim_t *sim, connector_t *connector, const char *path, const char *body)
{
    const sim_call_t *call = sim_do(sim, connector, METHOD_POST, path, body);

    ck_assert_msg(call->status == 201, "POST %s %s: %d %.*s", path, body, call->status,
                  STR_ARG(call->body));
    return sim_text(call, "id");
}

json_t *
sim_json(const sim_call_t *call)
{
    err_t err = ERR_INIT;
    json_t *json = json_parse(call->sim->mem, call->body, &json_limits_file, &err);

    ck_assert_msg(json != NULL, "%s in \"%.*s\"", err.detail, STR_ARG(call->body));
    return json;
}

str_t
sim_text(const sim_call_t *call, const char *name)
{
    const json_t *value = json_find(sim_json(call), str_from_c(name));

    ck_assert_msg(json_is(value, JSON_STRING), "no \"%s\" in %.*s", name, STR_ARG(call->body));
    return value->u.string;
}

const char *
sim_format(sim_t *sim, const char *format, ...)
{
    char *text = NULL;
    const char *copy;
    va_list args;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    ck_assert_int_ge(n, 0);
    copy = str_dup_c(sim->mem, str_from(text, (size_t)n));
    free(text);
    return copy;
}

/* ---- the simulation ---- */

sim_t *
sim_new(uint64_t seed)
{
    sim_t *sim = calloc(1, sizeof(*sim));

    ck_assert_ptr_nonnull(sim);
    sim->mem = arena_new(0);
    sim->model = model_new();
    sim->random = seed;
    ck_assert_ptr_nonnull(sim->mem);
    return sim;
}

void
sim_free(sim_t *sim)
{
    for (sim_call_t *call = sim->calls; call; call = call->next) {
        arena_free(call->mem);
        arena_free(call->replies);
    }
    for (size_t i = 0; i < sim->n_connectors; i++)
        connector_free(sim->connectors[i]);
    model_free(sim->model);
    arena_free(sim->mem);
    free(sim);
}

model_t *
sim_model(sim_t *sim)
{
    return sim->model;
}

arena_t *
sim_mem(sim_t *sim)
{
    return sim->mem;
}

connector_t *
sim_connector(sim_t *sim, const map_t *map, int reference_ttl_ms)
{
    connector_limits_t limits = connector_limits_default;
    connector_t *connector;

    limits.reference_ttl_ms = reference_ttl_ms;
    limits.max_references = 4096;
    connector = connector_new(STR("test"), map, scim_quirks_default, &limits);
    ck_assert_ptr_nonnull(connector);
    if (bare)
        connector_set_features(connector, LDAP_FEATURES_KNOWN);
    ck_assert(sim->n_connectors < ARRAY_SIZE(sim->connectors));
    sim->connectors[sim->n_connectors++] = connector;
    for (size_t i = 0; i < map->n_scopes; i++)
        for (size_t j = 0; j < map->scopes[i].n_bases; j++)
            model_put_base(sim->model, map->scopes[i].bases[j].dn);
    return connector;
}

connector_t *
sim_reload(sim_t *sim, const connector_t *before, const map_t *map, int reference_ttl_ms)
{
    connector_t *connector = sim_connector(sim, map, reference_ttl_ms);

    connector_follow(connector, before);
    return connector;
}
