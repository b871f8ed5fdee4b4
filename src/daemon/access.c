/* SPDX-License-Identifier: Apache-2.0 */
/* The line that each request leaves. */
#include "daemon/job_state.h"

#include <stdio.h>

static const char *
level_of(int status)
{
    if (status >= 500 && status != 501 && status != 505)
        return "error"; /* those two are the client's doing */
    return status >= 400 || status == 0 ? "warning" : "info";
}

/* The same keys in every line, so that whoever reads them needs no cases: "-" where a request did
 * not get so far. */
static void
add_known(log_t *log, const char *key, str_t value)
{
    log_add(log, key, value.n ? value : STR("-"));
}

static void
add_caller(log_t *log, const job_t *job, const http_call_t *call)
{
    bool served = job && job->service;

    add_known(log, "connector", served ? job->service->config->name : call->route.connector);
    add_known(log, "token", job && job->token ? job->token->name : STR(""));
}

/* Which deviations of the client have been rewritten. */
static void
add_quirks(log_t *log, scim_quirks_t quirks)
{
    char names[512] = "";
    size_t n = 0;

    for (unsigned i = 0; i < SCIM_QUIRK_COUNT && n < sizeof(names); i++)
        if (quirks >> i & 1)
            n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? " " : "",
                                  scim_quirk_name((scim_quirk_t)i));
    log_add_c(log, "quirks", names);
}

void
access_log(desk_t *desk, const job_t *job, const http_call_t *call, int64_t us,
           const exchange_facts_t *facts)
{
    log_t *log = &desk->log;
    config_log_t level = desk->snapshot->config->log;
    char path[ROUTE_TEMPLATE_MAX];

    if (level == CONFIG_LOG_WARNING && call->response.status < 400)
        return;
    log_begin(log, level_of(call->response.status), "request");
    add_known(log, "id", call->request.request_id);
    add_caller(log, job, call);
    add_known(log, "method", call->method);
    log_add(log, "path", call->routed ? route_template(&call->route, path) : STR("?"));
    if (level == CONFIG_LOG_DEBUG)
        log_add(log, "filter", call->request.query.filter);
    log_add_int(log, "status", call->response.status);
    log_add_us(log, "ms", us);
    log_add_us(log, "ldap_ms", job ? job->ldap_us : 0);
    log_add_int(log, "ldap_ops", facts->operations);
    add_known(log, "what", str_from_c(facts->what));
    if (facts->ignored)
        log_add_int(log, "ignored", (int64_t)facts->ignored);
    if (level == CONFIG_LOG_DEBUG)
        add_quirks(log, facts->quirks);
    log_add_c(log, "error", facts->error_detail);
    log_end(log);
}
