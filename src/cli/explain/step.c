/* SPDX-License-Identifier: Apache-2.0 */
/* Going through a request: what is read is read, what would be written is not. */
#include "cli/explain/explain.h"

#include "base/clock.h"

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
add_pretended(explain_t *explain, const ldap_op_t *op, explain_course_t *course,
              ldap_reply_t *reply)
{
    const ldap_entry_t **all;
    size_t n = reply->n_entries;

    course->added = pretend_find(&explain->pretend, op, &course->n_added);
    if (!course->n_added)
        return;
    all = arena_grow(explain->mem, reply->entries, n, n + course->n_added, sizeof(*all));
    for (size_t i = 0; i < course->n_added; i++)
        all[n + i] = course->added[i];
    reply->entries = all;
    reply->n_entries = n + course->n_added;
}

static void
write_nothing(explain_t *explain, const ldap_op_t *op, explain_course_t *course,
              ldap_reply_t *ret_reply)
{
    if (pretend_is_taken(&explain->pretend, op)) {
        ret_reply->code = LDAP_RC_ALREADY_EXISTS;
        course->instead = "not sent; it would be refused, as an entry has that name";
        return;
    }
    course->instead = "not sent; going on as if it had succeeded";
    reply_with(explain, pretend_write(&explain->pretend, op), ret_reply);
}

static void
read(explain_t *explain, const ldap_op_t *op, explain_course_t *course, ldap_reply_t *ret_reply)
{
    const ldap_entry_t *pretended = pretend_read(&explain->pretend, op);
    ldap_reply_t *asked;

    if (pretended) {
        course->instead = "not asked; going on with what was not sent";
        reply_with(explain, pretended, ret_reply);
        return;
    }
    if (!explain->driver.conn) {
        course->instead = "not asked (--offline); going on as if nothing were found";
    } else {
        asked = arena_new_of(explain->mem, ldap_reply_t);
        driver_perform(&explain->driver, explain->mem, op, ret_reply);
        *asked = *ret_reply;
        course->reply = asked;
    }
    add_pretended(explain, op, course, ret_reply);
}

/* The `instead` of the driver. */
static bool
answer(void *arg, const ask_t *ask, ldap_reply_t *ret_reply)
{
    explain_t *explain = arg;
    explain_course_t course = {.instead = NULL};

    *ret_reply =
        (ldap_reply_t){.fate = LDAP_ANSWERED, .matched = STR(""), .diagnostic = STR("")};
    explain_tell_step(explain, ask);
    if (ldap_op_is_write(&ask->op))
        write_nothing(explain, &ask->op, &course, ret_reply);
    else
        read(explain, &ask->op, &course, ret_reply);
    explain_tell_course(explain, &course);
    return true;
}

static void
operation_ended(void *arg, const exchange_t *operation)
{
    explain_tell_operation(arg, operation);
}

void
explain_carry_out(explain_t *explain)
{
    exchange_t *exchange;

    explain->pretend = (pretend_t){.mem = explain->mem,
                                   .map = explain->of->map,
                                   .conn = explain->driver.conn,
                                   .timeout_ms = explain->driver.timeout_ms,
                                   .now_s = clock_real_s()};
    explain->driver.instead = answer;
    explain->driver.arg = explain;
    exchange = exchange_begin(explain->mem, explain->driver.bridge, &explain->request,
                              explain->pretend.now_s);
    exchange_watch(exchange, operation_ended, explain);
    driver_run(&explain->driver, exchange_run(exchange));
    explain->response = exchange_finish(exchange);
    explain->facts = exchange_facts(exchange);
}
