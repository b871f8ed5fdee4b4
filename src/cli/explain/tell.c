/* SPDX-License-Identifier: Apache-2.0 */
/* Each step as it goes, and the end; as JSON all of it at the end. */
#include "cli/explain/explain.h"

#include "cli/print.h"

#include <stdio.h>

enum { LDIF_MAX = 16 << 20 };

static str_t
ldif_of(const explain_t *explain, const ldap_op_t *op)
{
    buf_t buf;

    buf_init(&buf, explain->mem, LDIF_MAX);
    ldap_op_write_ldif(&buf, op);
    return buf_str(&buf);
}

/* ---- steps ---- */

/* Of a bulk request: which operation the steps that follow are of. */
static void
print_which(explain_t *explain, const request_t *request)
{
    if (!request->operation ||
        (request->operation == explain->operation && request->method == explain->operation_is))
        return;
    explain->operation = request->operation;
    explain->operation_is = request->method;
    printf("# operation %zu: %s /%.*s", request->operation, method_name(request->method),
           STR_ARG(request->endpoint));
    printf("%s%.*s\n\n", request->id.n ? "/" : "", STR_ARG(request->id));
}

static void
print_step(const explain_t *explain, const ask_t *ask)
{
    const char *why = explain_why(ask);

    printf("# step %u: %s, %s\n", explain->step, ask->by->what, ldap_op_name(ask->op.kind));
    if (why)
        printf("# why: %s\n", why);
    printf("%.*s", STR_ARG(ldif_of(explain, &ask->op)));
}

static json_t *
step_json(const explain_t *explain, const ask_t *ask)
{
    arena_t *mem = explain->mem;
    const request_t *request = exchange_request(exchange_asking(ask));
    json_t *step = json_object(mem), *tasks = json_array(mem);

    if (request->operation)
        json_set(mem, step, STR("operation"), json_integer(mem, (int64_t)request->operation));
    for (const task_t *task = ask->by; task; task = task->asked_by ? task->asked_by->by : NULL)
        json_append(mem, tasks, json_string(mem, str_from_c(task->what)));
    json_set(mem, step, STR("tasks"), tasks);
    print_set(mem, step, "kind", str_from_c(ldap_op_name(ask->op.kind)));
    print_set(mem, step, "why", str_from_c(explain_why(ask)));
    print_set(mem, step, "ldif", ldif_of(explain, &ask->op));
    return step;
}

void
explain_tell_step(explain_t *explain, const ask_t *ask)
{
    explain->step++;
    if (explain->steps) {
        json_append(explain->mem, explain->steps, step_json(explain, ask));
        return;
    }
    print_which(explain, exchange_request(exchange_asking(ask)));
    print_step(explain, ask);
}

/* ---- what came of them ---- */

static void
print_reply(const ldap_reply_t *reply)
{
    const char *name = ldap_code_name(reply->code);

    if (reply->fate != LDAP_ANSWERED) {
        puts("# no answer");
        return;
    }
    printf("# %s (%d)", name ? name : "result code", reply->code);
    fputs(reply->diagnostic.n > 0 ? ": " : "", stdout);
    print_plain(reply->diagnostic);
    printf(", %zu entries\n", reply->n_entries);
    for (size_t i = 0; i < reply->n_entries; i++) {
        fputs("#   ", stdout);
        print_plain(reply->entries[i]->dn);
        putchar('\n');
    }
}

static void
print_course(const explain_course_t *course)
{
    if (course->instead)
        printf("# %s\n", course->instead);
    if (course->reply)
        print_reply(course->reply);
    for (size_t i = 0; i < course->n_added; i++) {
        fputs("# and ", stdout);
        print_plain(course->added[i]->dn);
        puts(", which was not sent");
    }
    putchar('\n');
}

static void
add_course(arena_t *mem, json_t *step, const explain_course_t *course)
{
    const ldap_reply_t *reply = course->reply;
    json_t *entries = json_array(mem);

    json_set(mem, step, STR("asked"), json_boolean(mem, reply != NULL));
    print_set(mem, step, "instead", str_from_c(course->instead));
    if (reply && reply->fate == LDAP_ANSWERED) {
        json_set(mem, step, STR("code"), json_integer(mem, reply->code));
        print_set(mem, step, "diagnostic", reply->diagnostic);
    }
    for (size_t i = 0; reply && i < reply->n_entries; i++)
        json_append(mem, entries, json_string(mem, reply->entries[i]->dn));
    for (size_t i = 0; i < course->n_added; i++)
        json_append(mem, entries, json_string(mem, course->added[i]->dn));
    if (reply || course->n_added)
        json_set(mem, step, STR("entries"), entries);
}

void
explain_tell_course(explain_t *explain, const explain_course_t *course)
{
    const json_t *steps = explain->steps;

    if (steps)
        add_course(explain->mem, steps->u.array.items[steps->u.array.n - 1], course);
    else
        print_course(course);
}

/* ---- how it was understood ---- */

static void
print_facts(const exchange_facts_t *facts)
{
    for (int i = 0; i < SCIM_QUIRK_COUNT; i++)
        if (facts->quirks & (scim_quirks_t)1 << i)
            printf("# rewritten by %s: %s\n", scim_quirk_name((scim_quirk_t)i),
                   explain_quirk((scim_quirk_t)i));
    if (facts->ignored)
        printf("# ignored: %zu attribute%s that the map does not hold\n", facts->ignored,
               facts->ignored == 1 ? "" : "s");
}

static void
add_facts(arena_t *mem, json_t *json, const exchange_facts_t *facts)
{
    json_t *quirks = json_array(mem);

    for (int i = 0; i < SCIM_QUIRK_COUNT; i++)
        if (facts->quirks & (scim_quirks_t)1 << i)
            json_append(mem, quirks,
                        json_string(mem, str_from_c(scim_quirk_name((scim_quirk_t)i))));
    json_set(mem, json, STR("rewritten"), quirks);
    json_set(mem, json, STR("ignored"), json_integer(mem, (int64_t)facts->ignored));
}

void
explain_tell_operation(explain_t *explain, const exchange_t *operation)
{
    arena_t *mem = explain->mem;
    const request_t *request = exchange_request(operation);
    exchange_facts_t facts = exchange_facts(operation);
    json_t *json;

    if (!explain->operations) {
        print_which(explain, request);
        print_facts(&facts);
        return;
    }
    json = json_object(mem);
    json_set(mem, json, STR("operation"), json_integer(mem, (int64_t)request->operation));
    add_facts(mem, json, &facts);
    json_append(mem, explain->operations, json);
}

/* ---- the end ---- */

/* As JSON where it is: it always is, but for an empty one. */
static void
add_answer(const explain_t *explain, json_t *json)
{
    static const json_limits_t limits = {
        .max_bytes = 128u << 20, .max_depth = 32, .max_nodes = 10 * 1000 * 1000};
    arena_t *mem = explain->mem;
    json_t *answer = json_object(mem);
    const response_t *response = explain->response;
    err_t err = ERR_INIT;
    const json_t *body =
        response->body.n ? json_parse(mem, response->body, &limits, &err) : NULL;
    json_set(mem, answer, STR("status"), json_integer(mem, response->status));
    if (body)
        json_set(mem, answer, STR("body"), json_copy(mem, body));
    json_set(mem, json, STR("answer"), answer);
}

void
explain_tell_end(explain_t *explain)
{
    const response_t *response = explain->response;
    arena_t *mem = explain->mem;
    json_t *json;

    if (!explain->steps) {
        print_facts(&explain->facts);
        printf("# the answer would be %d\n", response->status);
        if (response->body.n > 0)
            printf("%.*s\n", STR_ARG(response->body));
        return;
    }
    json = json_object(mem);
    json_set(mem, json, STR("steps"), explain->steps);
    if (explain->operations->u.array.n)
        json_set(mem, json, STR("operations"), explain->operations);
    add_facts(mem, json, &explain->facts);
    add_answer(explain, json);
    print_json(mem, json);
}
