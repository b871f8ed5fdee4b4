/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/live.h"

#include <stdio.h>
#include <unistd.h>

static const str_t root_names[] = {
    STR_INIT("objectClass"),          STR_INIT("structuralObjectClass"),
    STR_INIT("vendorName"),           STR_INIT("vendorVersion"),
    STR_INIT("namingContexts"),       STR_INIT("subschemaSubentry"),
    STR_INIT("supportedControl"),     STR_INIT("supportedExtension"),
    STR_INIT("supportedFeatures"),    STR_INIT("configContext"),
    STR_INIT("supportedLDAPVersion"), STR_INIT("supportedCapabilities")};

void
live_search(live_t *live, str_t base, ldap_depth_t depth, const ldap_filter_t *filter,
            ldap_names_t attrs, uint32_t size_limit, ldap_reply_t *ret_reply)
{
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = base};

    op.u.search.depth = depth;
    op.u.search.filter = filter ? filter : ldap_filter_present(live->mem, STR("objectClass"));
    op.u.search.attrs = attrs;
    op.u.search.size_limit = size_limit;
    ldap_conn_perform(live->conn, &op, live->mem, live->timeout_ms, ret_reply);
}

const ldap_entry_t *
live_entry(live_t *live, str_t dn, ldap_names_t attrs)
{
    ldap_reply_t reply;

    live_search(live, dn, LDAP_DEPTH_BASE, NULL, attrs, 0, &reply);
    return reply.n_entries == 1 ? reply.entries[0] : NULL;
}

bool
live_has(const live_t *live, const char *attr, const char *value)
{
    const ldap_attr_t *found =
        live->root ? ldap_entry_find(live->root, str_from_c(attr)) : NULL;

    return found && ldap_attr_has(found, str_from_c(value));
}

str_t
live_reason(live_t *live, const ldap_reply_t *reply)
{
    err_t err = ERR_INIT;

    if (reply->fate != LDAP_ANSWERED)
        return STR("the directory does not answer");
    ldap_code_error(&err, reply->code, reply->matched, reply->diagnostic, "it says");
    return str_dup(live->mem, err_detail(&err));
}

/* ---- what the server says of itself ---- */

static void
read_identity(live_t *live)
{
    ldap_op_t op = {.kind = LDAP_OP_EXTENDED, .dn = STR("")};
    ldap_reply_t reply;

    op.u.extended.oid = STR("1.3.6.1.4.1.4203.1.11.3"); /* RFC 4532 */
    op.u.extended.data = STR("");
    ldap_conn_perform(live->conn, &op, live->mem, live->timeout_ms, &reply);
    live->identity = STR("");
    if (reply.fate == LDAP_ANSWERED && reply.code == LDAP_RC_SUCCESS &&
        str_istarts_with(reply.data, STR("dn:")))
        live->identity = str_trim(str_skip(reply.data, 3)); /* 389 writes a blank */
}

static void
read_subschema(live_t *live)
{
    static const str_t names[] = {STR_INIT("attributeTypes"), STR_INIT("objectClasses"),
                                  STR_INIT("dITContentRules")};
    const ldap_entry_t *entry;
    const ldap_attr_t *classes, *rules;
    str_t dn;
    size_t skipped;

    if (!live->root || !ldap_entry_first(live->root, STR("subschemaSubentry"), &dn))
        return;
    entry = live_entry(live, dn, (ldap_names_t){names, ARRAY_SIZE(names)});
    live->type_descriptions = entry ? ldap_entry_find(entry, names[0]) : NULL;
    classes = entry ? ldap_entry_find(entry, names[1]) : NULL;
    if (!live->type_descriptions || !classes)
        return;
    live->schema = ldap_schema_from_subschema(live->mem, live->type_descriptions->values,
                                              live->type_descriptions->n, &skipped);
    live->classes = ldap_classes_parse(live->mem, classes->values, classes->n);
    rules = ldap_entry_find(entry, names[2]);
    if (rules)
        ldap_classes_add_rules(live->mem, &live->classes, rules->values, rules->n);
}

/* Few bridges may: it is the administrator's own. */
static void
read_config(live_t *live)
{
    static const str_t all[] = {STR_INIT("*")};
    const ldap_filter_t *filter;
    ldap_reply_t reply;
    err_t err = ERR_INIT;
    str_t dn;

    if (!live->root || !ldap_entry_first(live->root, STR("configContext"), &dn))
        return;
    filter = ldap_filter_parse(
        live->mem, STR("(|(objectClass=olcDatabaseConfig)(objectClass=olcOverlayConfig))"),
        &err);
    live_search(live, dn, LDAP_DEPTH_SUB, filter, (ldap_names_t){all, 1}, 0, &reply);
    live->config = reply.entries;
    live->n_config = reply.n_entries;
}

void
live_read(live_t *live)
{
    live->root = live_entry(live, STR(""), (ldap_names_t){root_names, ARRAY_SIZE(root_names)});
    live->openldap = live_has(live, "objectClass", "OpenLDAProotDSE") ||
                     live_has(live, "structuralObjectClass", "OpenLDAProotDSE");
    live->ds389 = live_has(live, "vendorName", "389 Project");
    read_identity(live);
    read_subschema(live);
    read_config(live);
}

const ldap_entry_t *
live_database(const live_t *live, str_t dn)
{
    str_t normal = ldap_dn_normal(live->mem, dn), suffix;

    for (size_t i = 0; i < live->n_config; i++) {
        if (!ldap_entry_first(live->config[i], STR("olcSuffix"), &suffix))
            continue;
        suffix = ldap_dn_normal(live->mem, suffix);
        if (str_eq(normal, suffix) || ldap_dn_is_below(normal, suffix))
            return live->config[i];
    }
    return NULL;
}

/* ---- values ---- */

str_t
live_unlikely(arena_t *mem, ldap_syntax_t syntax)
{
    static unsigned count;
    unsigned n = (unsigned)getpid() * 16 + count++ % 16;

    switch (syntax) {
    case LDAP_SYNTAX_BOOLEAN:
        return STR("TRUE");
    case LDAP_SYNTAX_TIME:
        return str_printf(mem, "1970010100%02u%02uZ", n / 60 % 60, n % 60);
    case LDAP_SYNTAX_DN:
        return str_printf(mem, "cn=scimbridge-check-%u", n);
    case LDAP_SYNTAX_UUID:
        return str_printf(mem, "00000000-0000-4000-8000-%012u", n);
    case LDAP_SYNTAX_INTEGER:
    case LDAP_SYNTAX_NUMERIC_STRING:
    case LDAP_SYNTAX_TELEPHONE:
        return str_printf(mem, "9%09u", n);
    case LDAP_SYNTAX_COUNTRY:
        return STR("ZZ");
    case LDAP_SYNTAX_OBJECT_IDENTIFIER:
        return STR("2.5.6.0");
    case LDAP_SYNTAX_DIRECTORY_STRING:
    case LDAP_SYNTAX_IA5_STRING:
    case LDAP_SYNTAX_PRINTABLE_STRING:
    case LDAP_SYNTAX_POSTAL_ADDRESS:
    case LDAP_SYNTAX_OCTETS:
    case LDAP_SYNTAX_OTHER:
        break;
    }
    return str_printf(mem, "scimbridge-check-%u", n);
}

bool
live_may_read(live_t *live, str_t dn, str_t attr)
{
    const ldap_schema_t *schema = live->schema ? live->schema : ldap_schema_builtin();
    ldap_op_t op = {.kind = LDAP_OP_COMPARE, .dn = dn};
    ldap_reply_t reply;

    live_search(live, dn, LDAP_DEPTH_BASE, ldap_filter_true(), (ldap_names_t){&attr, 1}, 0,
                &reply);
    if (reply.n_entries == 1 && reply.entries[0]->n > 0)
        return true;
    op.u.compare.attr = attr;
    op.u.compare.value = live_unlikely(live->mem, ldap_schema_get(schema, attr)->syntax);
    ldap_conn_perform(live->conn, &op, live->mem, live->timeout_ms, &reply);
    return reply.fate != LDAP_ANSWERED ||
           (reply.code != LDAP_RC_INSUFFICIENT_ACCESS && reply.code != LDAP_RC_COMPARE_FALSE &&
            reply.code != LDAP_RC_COMPARE_TRUE);
}

/* ---- classes ---- */

typedef struct {
    const live_t *live;
    live_name_fn *fn;
    void *arg;
    str_t attr;
    bool found;
} walk_t;

static bool
walk_must(void *arg, const ldap_class_t *class)
{
    walk_t *walk = arg;

    for (size_t i = 0; i < class->n_must; i++)
        walk->fn(walk->arg, class->must[i]);
    return true;
}

void
live_each_must(const live_t *live, str_t class, live_name_fn *fn, void *arg)
{
    walk_t walk = {.live = live, .fn = fn, .arg = arg};

    ldap_class_each(&live->classes, class, walk_must, &walk);
}

bool
live_same_attr(const live_t *live, str_t a, str_t b)
{
    const ldap_attr_type_t *x = ldap_schema_find(live->schema, a);

    return str_ieq(a, b) || (x && x == ldap_schema_find(live->schema, b));
}

static bool
walk_allowed(void *arg, const ldap_class_t *class)
{
    walk_t *walk = arg;

    for (size_t i = 0; i < class->n_must + class->n_may && !walk->found; i++) {
        str_t name = i < class->n_must ? class->must[i] : class->may[i - class->n_must];

        walk->found = live_same_attr(walk->live, name, walk->attr);
    }
    /* RFC 4512 §4.3: extensibleObject allows all. */
    walk->found = walk->found || str_ieq(class->name, STR("extensibleObject"));
    return !walk->found;
}

bool
live_class_allows(const live_t *live, str_t class, str_t attr)
{
    walk_t walk = {.live = live, .attr = attr};

    ldap_class_each(&live->classes, class, walk_allowed, &walk);
    return walk.found;
}
