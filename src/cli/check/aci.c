/* SPDX-License-Identifier: Apache-2.0 */
/* The least access control instructions of 389 Directory Server, as LDIF. */
#include "cli/check/check.h"

#include <stdio.h>

/* ACIs of one entry, as one change of it. */
typedef struct {
    const check_t *check;
    const map_type_t *type;
    str_t filter; /* of the entries meant; empty: it cannot be written in quotes */
} aci_t;

static void
begin_entry(str_t dn)
{
    printf("\ndn: %.*s\nchangetype: modify\n", STR_ARG(dn));
}

/* `what` are the rights, `named` tells this instruction from the others. */
static void
end_aci(const aci_t *aci, const char *named, const char *rights)
{
    printf("(version 3.0; acl \"scimbridge %.*s %.*s: %s\"; allow (%s) "
           "userdn = \"ldap:///%.*s\";)\n-\n",
           STR_ARG(aci->check->connector->name), STR_ARG(aci->type->scim->name), named, rights,
           STR_ARG(aci->check->live->identity));
}

static void
begin_aci(const aci_t *aci)
{
    fputs("add: aci\naci: ", stdout);
    if (aci->filter.n > 0)
        printf("(targetfilter = \"%.*s\")", STR_ARG(aci->filter));
}

/* For all attributes of a kind. */
static void
print_attrs(const aci_t *aci, const uses_t *uses, use_kind_t kind, const char *named,
            const char *rights)
{
    size_t n = 0;

    for (size_t i = 0; i < uses->n; i++) {
        if (!check_use_is(aci->check->live, &uses->items[i], kind))
            continue;
        if (n++ == 0)
            begin_aci(aci);
        printf("%s%.*s", n == 1 ? "(targetattr = \"" : " || ", STR_ARG(uses->items[i].name));
    }
    if (n == 0)
        return;
    fputs("\")", stdout);
    end_aci(aci, named, rights);
}

/* The base, or the parent of new entries, has to be seen. */
static void
print_container(const aci_t *aci, str_t dn)
{
    printf("add: aci\naci: (target = \"ldap:///%.*s\")(targetattr = \"objectClass\")",
           STR_ARG(dn));
    end_aci(aci, "base", "read, search, compare");
}

static void
print_base(const aci_t *aci, const uses_t *uses, str_t dn)
{
    begin_entry(dn);
    print_attrs(aci, uses, USE_SECRET, "secrets", "write");
    print_attrs(aci, uses, USE_WRITTEN, "writes", "read, search, compare, write");
    print_attrs(aci, uses, USE_READ, "reads", "read, search, compare");
    begin_aci(aci);
    end_aci(aci, "entries", "add, delete");
    print_container(aci, dn);
}

static str_t
filter_of(arena_t *mem, const map_scope_t *scope)
{
    const ldap_filter_t *filter = scope->filter;
    str_t text;

    if (scope->protect)
        filter = ldap_filter_and2(mem, filter, ldap_filter_not(mem, scope->protect));
    text = ldap_filter_format(mem, filter);
    return str_find_char(text, '"') < text.n ? STR("") : text;
}

void
check_print_aci(const check_t *check, const map_type_t *type)
{
    const map_scope_t *scope = type->scope;
    aci_t aci = {check, type, filter_of(check->live->mem, scope)};
    uses_t uses;

    check_uses(check, type, &uses);
    for (size_t i = 0; i < scope->n_bases; i++)
        print_base(&aci, &uses, scope->bases[i].dn);
    for (size_t i = 0; i < type->n_rules; i++)
        if (type->rules[i].counter) {
            begin_entry(type->rules[i].counter->dn);
            printf("add: aci\naci: (targetattr = \"%.*s || objectClass\")",
                   STR_ARG(type->rules[i].counter->ldap));
            end_aci(&aci, "counter", "read, search, compare, write");
        }
}

void
check_print_aci_limits(const live_t *live)
{
    begin_entry(live->identity);
    puts("replace: nsSizeLimit\nnsSizeLimit: -1\n-\nreplace: nsLookThroughLimit\n"
         "nsLookThroughLimit: -1\n-");
}
