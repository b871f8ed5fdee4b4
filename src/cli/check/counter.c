/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the counters of a map ("allocate") can give numbers, and such as nobody has. */
#include "cli/check/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char topic[] = "counters";

enum { FEW = 100 }; /* numbers left */

typedef struct {
    check_t *check;
    const map_type_t *type;
    const map_rule_t *rule;
    const map_counter_t *counter;
} at_t;

static void PRINTF_LIKE(3, 4)
    tell(const at_t *at, finding_level_t level, const char *format, ...)
{
    check_t *check = at->check;
    char text[512];
    va_list args;
    finding_t *finding;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    finding = findings_add(check->findings, level, topic, check_about(check, at->type),
                           "%.*s: %s", STR_ARG(at->rule->ldap), text);
    places_attr(&check->places, at->type, at->rule->ldap, finding);
}

/* Somebody with the number that is given next, or a higher one; NULL: nobody, or there is no rule to ask by. */
static const ldap_entry_t *
find_higher(const at_t *at, int64_t next)
{
    live_t *live = at->check->live;
    const map_scope_t *scope = at->type->scope;
    const ldap_filter_t *higher =
        ldap_filter_greater(live->mem, at->rule->ldap, str_printf(live->mem, "%" PRId64, next));
    ldap_reply_t reply;

    for (size_t i = 0; i < scope->n_bases; i++) {
        live_search(live, scope->bases[i].dn, LDAP_DEPTH_SUB, higher,
                    (ldap_names_t){&at->rule->ldap, 1}, 1, &reply);
        if (reply.n_entries > 0)
            return reply.entries[0];
    }
    return NULL;
}

static bool
check_next(const at_t *at, int64_t next)
{
    const map_counter_t *counter = at->counter;
    const ldap_entry_t *higher = find_higher(at, next);
    str_t number;

    if (next < counter->first || next > counter->last)
        tell(at, FINDING_ERROR,
             "the counter \"%.*s\" is at %" PRId64 ", and the map gives numbers from %" PRId64
             " to %" PRId64 ", so none is given; set it to one above the highest in use, or "
             "change \"range\"",
             STR_ARG(counter->dn), next, counter->first, counter->last);
    else if (higher && ldap_entry_first(higher, at->rule->ldap, &number))
        tell(at, FINDING_ERROR,
             "the counter \"%.*s\" gives %" PRId64
             " next, but \"%.*s\" has %.*s already, so that "
             "two would have one number; set the counter to one above the highest in use",
             STR_ARG(counter->dn), next, STR_ARG(higher->dn), STR_ARG(number));
    else if (counter->last - next < FEW)
        tell(at, FINDING_WARNING,
             "the counter \"%.*s\" has %" PRId64 " numbers left; extend \"range\"",
             STR_ARG(counter->dn), counter->last - next + 1);
    else
        return true;
    return false;
}

static bool
check_value(const at_t *at, const ldap_entry_t *entry, int64_t *ret_next)
{
    const map_counter_t *counter = at->counter;
    const ldap_attr_t *attr = entry ? ldap_entry_find(entry, counter->ldap) : NULL;

    if (!entry)
        tell(
            at, FINDING_ERROR,
            "there is no entry \"%.*s\", or the bind identity may not see it, so no entries "
            "can "
            "be made; add it with %.*s one above the highest number in use (objectClass device "
            "and extensibleObject allow it), or see \"scimbridge check --acl\"",
            STR_ARG(counter->dn), STR_ARG(counter->ldap));
    else if (!attr || attr->n != 1 || !str_to_int64(attr->values[0], ret_next))
        tell(at, FINDING_ERROR,
             "%.*s of the counter \"%.*s\" shows no single number; set it to one above the "
             "highest "
             "in use, and let the bind identity read it (\"scimbridge check --acl\")",
             STR_ARG(counter->ldap), STR_ARG(counter->dn));
    else
        return true;
    return false;
}

static bool
check_write(const at_t *at)
{
    int code = check_try_write(at->check->live, at->counter->dn, at->counter->ldap);

    if (code != LDAP_RC_INSUFFICIENT_ACCESS)
        return true;
    tell(at, FINDING_ERROR,
         "the bind identity may not write %.*s of the counter \"%.*s\"; \"scimbridge check "
         "--acl\" prints the rule that allows it",
         STR_ARG(at->counter->ldap), STR_ARG(at->counter->dn));
    return false;
}

static void
check_counter(const at_t *at)
{
    live_t *live = at->check->live;
    int64_t next = 0;
    const ldap_entry_t *entry =
        live_entry(live, at->counter->dn, (ldap_names_t){&at->counter->ldap, 1});
    bool good = check_value(at, entry, &next) && check_next(at, next);

    if (entry && !check_write(at))
        good = false;
    if (good)
        tell(at, FINDING_OK, "the counter \"%.*s\" gives %" PRId64 " next, by %s",
             STR_ARG(at->counter->dn), next,
             live_has(live, "supportedFeatures", "1.3.6.1.1.14")
                 ? "increment (RFC 4525)"
                 : "replacing the value that was read, as the server does not increment");
}

void
check_counters(check_t *check, const map_type_t *type)
{
    for (size_t i = 0; i < type->n_rules; i++) {
        const map_rule_t *rule = &type->rules[i];

        if (rule->counter)
            check_counter(&(at_t){check, type, rule, rule->counter});
    }
}
