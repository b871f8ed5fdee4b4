/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a starter map: each line says why it is so. */
#include "cli/discover/discover.h"

#include "json/json.h"

/* A path of SCIM and the attribute that usually holds it. */
typedef struct {
    const char *path, *ldap;
    const char *settings; /* further members of its object; NULL: none */
    bool one;             /* "several": "refuse" belongs there while no entry has several */
} row_t;

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
#define ECMA_GROUP "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:Group:"

static const row_t people_rows[] = {
    {"externalId", "scimExternalId", NULL, false},
    {"displayName", "displayName", NULL, false},
    {"nickName", "scimNickName", NULL, false},
    {"profileUrl", "scimProfileUrl", NULL, false},
    {"title", "title", NULL, false},
    {"userType", "employeeType", NULL, false},
    {"preferredLanguage", "preferredLanguage", NULL, false},
    {"locale", "scimLocale", NULL, false},
    {"timezone", "scimTimezone", NULL, false},
    {"name.formatted", "scimFormattedName", NULL, false},
    {"name.familyName", "sn", NULL, false},
    {"name.givenName", "givenName", NULL, false},
    {"name.middleName", "scimMiddleName", NULL, false},
    {"emails[type eq \"work\"].value", "mail", "\"primary\": true", true},
    {"emails[type eq \"home\"].value", "scimHomeMail", NULL, false},
    {"emails[type eq \"other\"].value", "scimAltMail", NULL, false},
    {"phoneNumbers[type eq \"work\"].value", "telephoneNumber", NULL, false},
    {"phoneNumbers[type eq \"home\"].value", "homePhone", NULL, false},
    {"phoneNumbers[type eq \"mobile\"].value", "mobile", NULL, false},
    {"phoneNumbers[type eq \"fax\"].value", "facsimileTelephoneNumber", NULL, false},
    {"phoneNumbers[type eq \"pager\"].value", "pager", NULL, false},
    {"addresses[type eq \"work\"].formatted", "postalAddress", "\"as\": \"postalAddress\"",
     false},
    {"addresses[type eq \"work\"].streetAddress", "street", NULL, false},
    {"addresses[type eq \"work\"].locality", "l", NULL, false},
    {"addresses[type eq \"work\"].region", "st", NULL, false},
    {"addresses[type eq \"work\"].postalCode", "postalCode", NULL, false},
    {"addresses[type eq \"home\"].formatted", "homePostalAddress", "\"as\": \"postalAddress\"",
     false},
    {"entitlements", "scimEntitlement", NULL, false},
    {"roles", "scimRole", NULL, false},
    {"x509Certificates", "userCertificate;binary", "\"as\": \"base64\"", false},
    {ENTERPRISE "employeeNumber", "employeeNumber", NULL, false},
    {ENTERPRISE "costCenter", "scimCostCenter", NULL, false},
    {ENTERPRISE "organization", "o", NULL, false},
    {ENTERPRISE "division", "scimDivision", NULL, false},
    {ENTERPRISE "department", "departmentNumber", NULL, false},
    {ENTERPRISE "manager", "manager", "\"reference\": [\"users\"], \"missing\": \"refuse\"",
     false},
    {"groups", "memberOf", "\"reference\": [\"groups\"], \"write\": \"read-only\"", false},
};

static const row_t group_rows[] = {
    {"externalId", "scimExternalId", NULL, false},
    {ECMA_GROUP "mail", "mail", NULL, false},
    {ECMA_GROUP "description", "description", NULL, false},
};

typedef struct {
    buf_t *buf;
    live_t *live;
    kind_sample_t *sample;
    str_t base;
    const char *scope, *type;
    bool ours;    /* the directory has our auxiliary class */
    str_t naming; /* the attribute of userName, or of displayName */
    bool groups;
} writing_t;

static void
add_quoted(buf_t *buf, str_t text)
{
    json_write_string(buf, text);
}

static str_t
attr_of(const row_t *row)
{
    str_t name = str_from_c(row->ldap);

    return str_slice(name, 0, str_find_char(name, ';'));
}

static bool
may_have(const writing_t *writing, str_t attr)
{
    const ldap_attr_type_t *type = ldap_schema_find(writing->live->schema, attr);

    if (!type || !ldap_schema_has(writing->live->schema, attr))
        return false;
    return type->operational ||
           live_class_allows(writing->live, writing->sample->class, attr) ||
           (writing->ours && live_class_allows(writing->live, STR("scimResource"), attr));
}

/* ---- scopes ---- */

static void
write_scope(writing_t *writing)
{
    buf_t *buf = writing->buf;
    const kind_sample_t *sample = writing->sample;

    buf_printf(buf, "    \"%s\": {\n", writing->scope);
    if (sample->n == 0)
        buf_printf(buf,
                   "      // Nothing of the class %.*s was found: say where they are to be.\n",
                   STR_ARG(sample->class));
    for (size_t i = 0; i < sample->n_parents; i++)
        buf_printf(buf, "      // %.*s: %zu of the %zu entries looked at%s\n",
                   STR_ARG(sample->parents[i].dn), sample->parents[i].n, sample->n,
                   sample->more ? " (there are more)" : "");
    buf_add_c(buf, "      \"bases\": [");
    for (size_t i = 0; i < sample->n_parents; i++) {
        buf_add_c(buf, i > 0 ? ", " : "");
        add_quoted(buf, sample->parents[i].dn);
    }
    if (sample->n_parents == 0)
        add_quoted(buf, writing->base);
    buf_add_c(
        buf,
        "],\n      \"depth\": \"one\", // only direct children; \"subtree\" for all below\n"
        "      \"filter\": ");
    add_quoted(buf,
               str_printf(writing->live->mem, "(objectClass=%.*s)", STR_ARG(sample->class)));
    buf_add_c(buf,
              ",\n"
              "      // \"protect\": \"(uid=svc-*)\", // entries that must never be seen or "
              "written\n");
    buf_printf(buf,
               "      // If nobody else names entries there, POST can do without a search:\n"
               "      // \"unique\": [\"%.*s\"],\n    },\n",
               STR_ARG(writing->naming));
}

/* ---- attributes ---- */

static void
write_comment(writing_t *writing, const usage_t *usage)
{
    buf_t *buf = writing->buf;

    if (usage)
        buf_printf(buf, " // %zu of %zu", usage->entries, writing->sample->n);
    if (usage && usage->most > 1)
        buf_printf(buf, ", up to %zu values", usage->most);
    buf_add_char(buf, '\n');
}

static void
write_row(writing_t *writing, const row_t *row, const usage_t *usage)
{
    buf_t *buf = writing->buf;
    bool several = row->one && usage && usage->most > 1;
    bool refuse = row->one && !several;
    const char *settings = several ? NULL : row->settings; /* "primary" is for one value */

    add_quoted(buf, str_from_c(row->path));
    buf_add_c(buf, ": ");
    if (settings || refuse)
        buf_add_c(buf, "{ \"ldap\": ");
    add_quoted(buf, str_from_c(row->ldap));
    if (settings)
        buf_printf(buf, ", %s", settings);
    if (refuse)
        buf_add_c(buf, ", \"several\": \"refuse\"");
    if (settings || refuse)
        buf_add_c(buf, " }");
    buf_add_char(buf, ',');
    write_comment(writing, usage);
}

/* Those in use are mapped, and so is what keeps the client's own id. */
static void
write_rows(writing_t *writing, const row_t *rows, size_t n, bool used)
{
    for (size_t i = 0; i < n; i++) {
        usage_t *usage = discover_usage(writing->sample, attr_of(&rows[i]));
        bool wanted = usage || str_eq(attr_of(&rows[i]), STR("scimExternalId"));

        if (wanted != used || str_ieq(attr_of(&rows[i]), writing->naming) ||
            !may_have(writing, attr_of(&rows[i])))
            continue;
        if (usage)
            usage->mapped = true;
        buf_add_c(writing->buf, used ? "        " : "        // ");
        write_row(writing, &rows[i], usage);
    }
}

static bool
is_plumbing(str_t name)
{
    static const char *const names[] = {"objectClass", "userPassword",  "cn",
                                        "scimVisible", "scimDeletedAt", "scimInactiveSince"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (str_ieq(name, str_from_c(names[i])))
            return true;
    }
    return false;
}

static void
write_others(writing_t *writing)
{
    const kind_sample_t *sample = writing->sample;
    bool any = false;

    for (size_t i = 0; i < sample->n_usages; i++) {
        const usage_t *usage = &sample->usages[i];

        if (usage->mapped || is_plumbing(usage->name))
            continue;
        if (!any)
            buf_add_c(writing->buf,
                      "        // In use, but of no usual path; they stay as they are:\n");
        any = true;
        buf_printf(writing->buf, "        //   %.*s (%zu of %zu)\n", STR_ARG(usage->name),
                   usage->entries, sample->n);
    }
}

static void
write_members(writing_t *writing)
{
    bool unique = str_ieq(writing->sample->class, STR("groupOfUniqueNames"));
    usage_t *usage =
        discover_usage(writing->sample, unique ? STR("uniqueMember") : STR("member"));

    if (usage)
        usage->mapped = true;
    buf_printf(
        writing->buf,
        "        \"members\": { \"ldap\": \"%s\", \"reference\": [\"users\", \"groups\"], "
        "\"missing\": \"refuse\" },",
        unique ? "uniqueMember" : "member");
    write_comment(writing, usage);
}

static void
write_attributes(writing_t *writing)
{
    buf_t *buf = writing->buf;
    usage_t *usage = discover_usage(writing->sample, writing->naming);

    if (usage)
        usage->mapped = true;
    buf_add_c(buf, "      \"attributes\": {\n        // What the entries use (of how many):\n");
    buf_printf(buf,
               "        \"%s\": { \"ldap\": ", writing->groups ? "displayName" : "userName");
    add_quoted(buf, writing->naming);
    buf_add_c(buf, ", \"required\": true },");
    write_comment(writing, usage);
    if (writing->groups) {
        write_members(writing);
        write_rows(writing, group_rows, ARRAY_SIZE(group_rows), true);
    } else {
        write_rows(writing, people_rows, ARRAY_SIZE(people_rows), true);
        buf_add_c(buf, "        // To let the client set passwords:\n"
                       "        // \"password\": { \"ldap\": \"userPassword\", \"as\": "
                       "\"password\" },\n");
    }
    buf_add_c(buf, "        // Allowed by the classes, but used by none of the entries:\n");
    if (writing->groups)
        write_rows(writing, group_rows, ARRAY_SIZE(group_rows), false);
    else
        write_rows(writing, people_rows, ARRAY_SIZE(people_rows), false);
    write_others(writing);
    buf_add_c(buf, "      },\n");
}

/* ---- what classes demand ---- */

typedef struct {
    writing_t *writing;
    bool any;
} demand_t;

static void
write_demand(void *arg, str_t attr)
{
    demand_t *demand = arg;
    writing_t *writing = demand->writing;
    bool groups = writing->groups;
    usage_t *names = discover_usage(writing->sample, STR("displayName"));
    usage_t *family = discover_usage(writing->sample, STR("sn"));
    const char *last = groups ? "{displayName}" : "{userName}";

    if (str_ieq(attr, STR("objectClass")) ||
        live_same_attr(writing->live, attr, writing->naming) ||
        (groups && (str_ieq(attr, STR("member")) || str_ieq(attr, STR("uniqueMember")))))
        return;
    if (!demand->any)
        buf_printf(writing->buf,
                   "      // The class %.*s demands these. The first line whose paths all have "
                   "values wins.\n      \"entry\": {\n",
                   STR_ARG(writing->sample->class));
    demand->any = true;
    buf_add_c(writing->buf, "        ");
    add_quoted(writing->buf, attr);
    buf_add_c(writing->buf, ": [");
    if (!groups && str_ieq(attr, STR("sn")) && family)
        buf_add_c(writing->buf, "\"{name.familyName}\", ");
    if (!groups && names && (str_ieq(attr, STR("cn")) || str_ieq(attr, STR("sn"))))
        buf_add_c(writing->buf, "\"{displayName}\", ");
    buf_printf(writing->buf, "\"%s\"],\n", last);
}

static void
write_entry(writing_t *writing)
{
    demand_t demand = {.writing = writing};

    live_each_must(writing->live, writing->sample->class, write_demand, &demand);
    if (demand.any)
        buf_add_c(writing->buf, "      },\n");
}

/* ---- the life of an entry ---- */

static void
write_inactive(writing_t *writing)
{
    live_t *live = writing->live;

    if (ldap_schema_has(live->schema, STR("pwdEndTime")))
        buf_add_c(
            writing->buf,
            "        // \"active\": false ends the password, by slapd's ppolicy overlay. It "
            "needs a policy\n        // in effect: \"scimbridge check\" looks for one.\n"
            "        \"inactive\": \"ppolicy-end\",\n");
    else if (writing->ours)
        buf_add_c(
            writing->buf,
            "        // \"active\": false sets scimVisible to FALSE, for which applications "
            "must look: the\n        // ppolicy overlay, which would end the password, is "
            "not loaded.\n        \"inactive\": \"hide\",\n");
    else
        buf_add_c(
            writing->buf,
            "        // Nothing here can show that somebody is inactive: load the ppolicy "
            "overlay and write\n        // \"inactive\": \"ppolicy-end\", or load "
            "schema/ldap/scimbridge.ldif and write \"hide\".\n");
}

static void
write_lifecycle(writing_t *writing)
{
    buf_t *buf = writing->buf;

    if (writing->groups) {
        buf_add_c(buf,
                  "      \"lifecycle\": { \"deleted\": \"delete\" } // groups really go\n");
        return;
    }
    buf_add_c(buf, "      \"lifecycle\": {\n");
    write_inactive(writing);
    if (!writing->ours) {
        buf_add_c(buf, "        // DELETE removes the entry: nothing here could mark it as "
                       "deleted.\n        \"deleted\": \"delete\"\n      }\n");
        return;
    }
    buf_add_c(
        buf,
        "        // DELETE keeps the entry, marked, out of sight and without groups; the "
        "same person who\n        // comes again gets it back. \"delete\" would remove it.\n"
        "        \"deleted\": {\n          \"when\": \"(scimDeletedAt=*)\",\n"
        "          \"stamp\": \"scimDeletedAt\",\n"
        "          \"do\": [\"inactive\", { \"strip\": [\"groups\"] }],\n"
        "          \"undo\": [{ \"undo\": \"inactive\" }],\n"
        "          \"purge\": \"P90D\" // what \"scimbridge purge\" may remove\n"
        "        }\n      }\n");
}

/* ---- types ---- */

static void
write_classes(writing_t *writing)
{
    buf_t *buf = writing->buf;
    const kind_sample_t *sample = writing->sample;

    buf_add_c(buf, "      \"objectClass\": [");
    add_quoted(buf, sample->class);
    buf_add_c(buf, "],\n");
    if (writing->ours)
        buf_add_c(buf,
                  "      \"auxiliary\": [\"scimResource\"], // marks an entry as ours, keeps "
                  "the client's id\n");
    else
        buf_add_c(buf,
                  "      // Without schema/ldap/scimbridge.ldif in the directory there is no "
                  "place for the client's\n      // id (externalId), nor a mark of what is "
                  "ours.\n");
    for (size_t i = 0; i < sample->n_auxiliary; i++) {
        if (!str_ieq(sample->auxiliary[i], STR("scimResource")))
            buf_printf(buf,
                       "      // Some have the class %.*s too; add it here if new ones need "
                       "it.\n",
                       STR_ARG(sample->auxiliary[i]));
    }
}

static void
write_type(writing_t *writing)
{
    buf_t *buf = writing->buf;
    const kind_sample_t *sample = writing->sample;
    str_t rdn = sample->rdn.n > 0 ? sample->rdn : writing->naming;

    buf_printf(buf, "    \"%s\": {\n      \"scope\": \"%s\",\n      \"rdn\": ", writing->type,
               writing->scope);
    add_quoted(buf, rdn);
    buf_printf(buf, ", // the entries there are named by it\n");
    write_classes(writing);
    buf_add_c(buf, "      \"parent\": ");
    add_quoted(buf, sample->n_parents > 0 ? sample->parents[0].dn : writing->base);
    buf_printf(
        buf,
        ", // where new ones go\n"
        "      \"match\": [\"%s\"], // by this an entry that is there already is "
        "recognised\n"
        "      \"adopt\": \"match\", // and becomes the resource; \"never\": it is in the "
        "way\n",
        writing->groups ? "displayName" : "userName");
    write_attributes(writing);
    write_entry(writing);
    if (writing->groups)
        buf_printf(buf, "      \"emptyMember\": \"cn=nobody\", // %.*s demands a member\n",
                   STR_ARG(sample->class));
    write_lifecycle(writing);
    buf_add_c(buf, "    },\n");
}

/* uid where all have it; else the naming attribute. */
static str_t
choose_naming(const kind_sample_t *sample, bool groups)
{
    const usage_t *uid = discover_usage(sample, STR("uid"));

    if (groups)
        return STR("cn");
    if (sample->n == 0 || (uid && uid->entries == sample->n))
        return STR("uid");
    return sample->rdn;
}

void
discover_write_map(buf_t *buf, live_t *live, str_t base, kind_sample_t *people,
                   kind_sample_t *groups)
{
    bool ours = ldap_class_find(&live->classes, STR("scimResource"));
    writing_t users = {.buf = buf,
                       .live = live,
                       .sample = people,
                       .base = base,
                       .scope = "users",
                       .type = "User",
                       .ours = ours,
                       .naming = choose_naming(people, false)};
    writing_t teams = {.buf = buf,
                       .live = live,
                       .sample = groups,
                       .base = base,
                       .scope = "groups",
                       .type = "Group",
                       .ours = ours,
                       .naming = choose_naming(groups, true),
                       .groups = true};

    buf_add_c(buf, "{\n  \"dialect\": \"openldap\",\n"
                   "  \"integrity\": \"server\", // its refint overlay must repair references\n"
                   "  \"scopes\": {\n");
    write_scope(&users);
    write_scope(&teams);
    buf_add_c(buf, "  },\n  \"resources\": {\n");
    write_type(&users);
    write_type(&teams);
    buf_add_c(buf, "  }\n}\n");
}
