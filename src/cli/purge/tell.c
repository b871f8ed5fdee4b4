/* SPDX-License-Identifier: Apache-2.0 */
/* A line for each. */
#include "cli/purge/purge.h"

#include "base/clock.h"
#include "cli/print.h"

#include <stdio.h>

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

void
purge_tell(const purge_t *purge, arena_t *mem, const candidate_t *candidate, const char *what,
           const char *why)
{
    str_t since = since_text(mem, candidate);
    json_t *json;

    if (!purge->options->json) {
        printf("%-12s %.*s %s since %.*s: ", what, STR_ARG(candidate->type->scim->name),
               state_name(candidate), STR_ARG(since));
        print_plain(candidate->dn);
        fputs(why ? ": " : "", stdout);
        print_plain(str_from_c(why));
        putchar('\n');
        return;
    }
    json = json_object(mem);
    print_set(mem, json, "dn", candidate->dn);
    print_set(mem, json, "id", candidate->id);
    print_set(mem, json, "resourceType", candidate->type->scim->name);
    print_set(mem, json, "state", str_from_c(state_name(candidate)));
    print_set(mem, json, "since", since);
    print_set(mem, json, "result", str_from_c(what));
    print_set(mem, json, "error", str_from_c(why));
    print_json(mem, json);
}
