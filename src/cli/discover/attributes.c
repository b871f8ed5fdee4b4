/* SPDX-License-Identifier: Apache-2.0 */
/* Which path each attribute that is in use is mapped to. */
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

    json_write_string(buf, str_from_c(row->path));
    buf_add_c(buf, ": ");
    if (settings || refuse)
        buf_add_c(buf, "{ \"ldap\": ");
    json_write_string(buf, str_from_c(row->ldap));
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

void
discover_write_attributes(writing_t *writing)
{
    buf_t *buf = writing->buf;
    usage_t *usage = discover_usage(writing->sample, writing->naming);

    if (usage)
        usage->mapped = true;
    buf_add_c(buf, "      \"attributes\": {\n        // What the entries use (of how many):\n");
    buf_printf(buf,
               "        \"%s\": { \"ldap\": ", writing->groups ? "displayName" : "userName");
    json_write_string(buf, writing->naming);
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
