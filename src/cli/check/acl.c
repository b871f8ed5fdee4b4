/* SPDX-License-Identifier: Apache-2.0 */
/* The least access rules (slapd.access(5)) with which the bind identity can do what the maps say. */
#include "cli/check/check.h"

#include <stdio.h>

/* slapd's words for the entries of a scope. */
static const char *
style(const map_scope_t *scope)
{
    return scope->depth == LDAP_DEPTH_ONE ? "onelevel" : "children";
}

/* Within quotes of a rule. */
static void
print_quoted(str_t text)
{
    putchar('"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            putchar('\\');
        putchar(text.p[i]);
    }
    putchar('"');
}

static void
print_by(const live_t *live, const char *level)
{
    fputs(" by dn.exact=", stdout);
    print_quoted(live->identity);
    printf(" %s by * break\n", level);
}

static void
begin(const char *dn_style, str_t dn)
{
    printf("olcAccess: to dn.%s=", dn_style);
    print_quoted(dn);
}

/* One rule for all attributes of a kind; `extra` are slapd's pseudo attributes. */
static void
print_rule(const live_t *live, const map_scope_t *scope, str_t base, const uses_t *uses,
           use_kind_t kind, const char *level, const char *extra)
{
    const char *comma = extra;
    bool any = extra[0];

    for (size_t i = 0; i < uses->n; i++)
        any = any || check_use_is(live, &uses->items[i], kind);
    if (!any)
        return;
    begin(style(scope), base);
    printf(" attrs=%s", extra);
    for (size_t i = 0; i < uses->n; i++) {
        if (!check_use_is(live, &uses->items[i], kind))
            continue;
        printf("%s%.*s", comma[0] ? "," : "", STR_ARG(uses->items[i].name));
        comma = ",";
    }
    print_by(live, level);
}

static void
print_container(const live_t *live, str_t dn)
{
    begin("base", dn);
    fputs(" attrs=entry,objectClass", stdout);
    print_by(live, "read");
    begin("base", dn);
    fputs(" attrs=children", stdout);
    print_by(live, "write");
}

/* It is read to see its number, and no other attribute of it is written. */
static void
print_counter(const live_t *live, const map_counter_t *counter)
{
    begin("base", counter->dn);
    printf(" attrs=%.*s", STR_ARG(counter->ldap));
    print_by(live, "write");
    begin("base", counter->dn);
    fputs(" attrs=entry,objectClass", stdout);
    print_by(live, "read");
}

static bool
is_base(const map_scope_t *scope, str_t dn)
{
    for (size_t i = 0; i < scope->n_bases; i++) {
        if (str_ieq(scope->bases[i].dn, dn))
            return true;
    }
    return false;
}

static void
print_type(const check_t *check, const map_type_t *type)
{
    const live_t *live = check->live;
    const map_scope_t *scope = type->scope;
    uses_t uses;

    check_uses(check, type, &uses);
    printf("# %.*s, %.*s\n", STR_ARG(check->connector->name), STR_ARG(type->scim->name));
    for (size_t i = 0; i < scope->n_bases; i++) {
        str_t base = scope->bases[i].dn;

        print_rule(live, scope, base, &uses, USE_SECRET, "=w", "");
        print_rule(live, scope, base, &uses, USE_WRITTEN, "write",
                   scope->depth == LDAP_DEPTH_ONE ? "entry" : "entry,children");
        print_rule(live, scope, base, &uses, USE_READ, "read", "");
        print_container(live, base);
    }
    if (type->parent.n > 0 && !is_base(scope, type->parent))
        print_container(live, type->parent);
    for (size_t i = 0; i < type->n_rules; i++)
        if (type->rules[i].counter)
            print_counter(live, type->rules[i].counter);
}

typedef struct {
    const char *dialect;
    const char *where; /* to put what is printed */
    void (*print_type)(const check_t *check, const map_type_t *type);
    void (*print_limits)(const live_t *live);
} acl_language_t;

static void
print_limits(const live_t *live)
{
    fputs("olcLimits: dn.exact=", stdout);
    print_quoted(live->identity);
    fputs(" size=unlimited time=unlimited\n", stdout);
}

static const acl_language_t languages[] = {
    {"openldap",
     "Put these lines before the other olcAccess lines of the database, in this order. It\n"
     "# must also be able to bind: \"to attrs=userPassword by anonymous auth\" where it is.\n",
     print_type, print_limits},
    {"389", "Give this to ldapmodify as the directory manager.\n", check_print_aci,
     check_print_aci_limits},
};

static const acl_language_t *
find_language(const config_connector_t *connector)
{
    for (size_t i = 0; i < ARRAY_SIZE(languages); i++)
        if (str_eq(connector->map->dialect->name, str_from_c(languages[i].dialect)))
            return &languages[i];
    return NULL;
}

static void
print_connector(live_t *live, const config_connector_t *connector,
                const acl_language_t *language)
{
    check_t check = {.live = live, .connector = connector, .map = connector->map};

    for (size_t i = 0; i < connector->map->n_types; i++)
        language->print_type(&check, &connector->map->types[i]);
}

/* The connectors of a directory have one dialect, or the check complains. */
void
check_print_acl(live_t *live, const config_t *config, const config_directory_t *directory)
{
    const acl_language_t *language = NULL;

    if (live->identity.n == 0)
        live->identity = str_from_c(directory->settings.bind_dn);
    for (size_t i = 0; i < config->n_connectors; i++) {
        const config_connector_t *connector = &config->connectors[i];
        bool first = !language;

        if (connector->directory != directory || !(language = find_language(connector)))
            continue;
        if (first)
            printf("# Directory %.*s: what %.*s needs, and no more.\n# %s",
                   STR_ARG(directory->name), STR_ARG(live->identity), language->where);
        print_connector(live, connector, language);
    }
    if (language)
        language->print_limits(live);
}
