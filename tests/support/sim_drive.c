/* SPDX-License-Identifier: Apache-2.0 */
/* Taking what calls ask, and replying in any order. */
#include "support/sim_inside.h"

#include "connector/gate.h"

enum { LATE_BY = 20 /* steps, on average */, STEPS_MAX = 100000 };

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

void
sim_after_step(sim_call_t *call)
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

void
sim_arm_memory(sim_t *sim)
{
    if (sim->fail_block && sim->fail_step-- == 0)
        arena_fail_after(sim->fail_block);
}

void
sim_disarm_memory(void)
{
    arena_fail_after(0);
}

/* ---- giving replies ---- */

void
sim_cancel(run_t *run, const char *why)
{
    err_t err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "%s", why);
    run_cancel(run, &err);
}

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
            sim_cancel(item->ask->run, "the answer does not fit");
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
    sim_arm_memory(call->sim);
    run_give(run, item->ask, item->ask->kind == ASK_LDAP ? &item->reply : NULL);
    sim_disarm_memory();
    sim_after_step(call);
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
        item_answer_code(item, LDAP_RC_UNAVAILABLE);
    else if (call->fault && !call->faulted && !call->ended && item->number >= call->fault_at &&
             item_can_have(&item->ask->op, call->fault))
        item_perform_with_fault(item, call->fault);
    else
        item_perform(item);
    sim_after_step(call);
}

void
sim_give_up(sim_call_t *call)
{
    sim_cancel(exchange_run(call->exchange), "its time is over");
    sim_after_step(call);
}

bool
sim_step(sim_t *sim)
{
    size_t at = 0;
    item_t *item = choose(sim, &at);

    if (!item)
        return sim_perform_late(sim);
    if (sim->n_late && sim_random(sim, LATE_BY) == 0)
        return sim_perform_late(sim);
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
