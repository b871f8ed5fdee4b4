/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/test_load.c - what a map may say, and what is said of those that say more. */
#include "map/load.h"

#include "scim/filter.h"
#include "support/suite_run.h"
#include "unit/map/load/by_rows.h"
#include "unit/map/load/check_rows.h"
#include "unit/map/load/entry_rows.h"
#include "unit/map/load/lifecycle_rows.h"
#include "unit/map/load/load_rows.h"
#include "unit/map/load/parent_rows.h"
#include "unit/map/load/path_rows.h"
#include "unit/map/load/schema_rows.h"
#include "unit/map/load/scope_rows.h"
#include "unit/map/load/share_rows.h"
#include "unit/map/load/slot_rows.h"
#include "unit/map/load/type_rows.h"
#include "unit/map/load/under_rows.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static arena_t *mem;
static diag_list_t diags;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    diag_init(&diags, mem);
}

static void
teardown(void)
{
    arena_free(mem);
}

static const map_t *
load_text(str_t text)
{
    return map_load(mem, "map", text, ldap_schema_builtin(), &diags);
}

static const char *
said(void)
{
    buf_t buf;

    buf_init(&buf, mem, 1u << 20);
    diag_write(&buf, &diags);
    return buf_str(&buf).p;
}

/* `text` with its first `find` replaced, which must be there. */
static str_t
replace(str_t text, const char *find, const char *by)
{
    size_t at = str_find(text, str_from_c(find));
    buf_t buf;

    ck_assert_msg(at < text.n, "the base map has no: %s", find);
    buf_init(&buf, mem, 1u << 20);
    buf_add(&buf, str_slice(text, 0, at));
    buf_add_c(&buf, by);
    buf_add(&buf, str_skip(text, at + strlen(find)));
    return buf_str(&buf);
}

/* ---- what is refused ---- */

/* By topic. */
static const struct {
    const complaint_t *rows;
    size_t n;
} complaints[] = {
    {load_complaints, ARRAY_SIZE(load_complaints)},
    {by_complaints, ARRAY_SIZE(by_complaints)},
    {scope_complaints, ARRAY_SIZE(scope_complaints)},
    {schema_complaints, ARRAY_SIZE(schema_complaints)},
    {type_complaints, ARRAY_SIZE(type_complaints)},
    {path_complaints, ARRAY_SIZE(path_complaints)},
    {slot_complaints, ARRAY_SIZE(slot_complaints)},
    {share_complaints, ARRAY_SIZE(share_complaints)},
    {entry_complaints, ARRAY_SIZE(entry_complaints)},
    {parent_complaints, ARRAY_SIZE(parent_complaints)},
    {lifecycle_complaints, ARRAY_SIZE(lifecycle_complaints)},
    {under_complaints, ARRAY_SIZE(under_complaints)},
    {check_complaints, ARRAY_SIZE(check_complaints)},
};

static size_t
count_complaints(void)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(complaints); i++)
        n += complaints[i].n;
    return n;
}

static const complaint_t *
get_complaint(size_t at)
{
    size_t i = 0;

    for (; at >= complaints[i].n; i++)
        at -= complaints[i].n;
    return &complaints[i].rows[at];
}

START_TEST(test_complaint)
{
    const complaint_t *row = get_complaint((size_t)_i);
    str_t text = str_from_c(base_map);
    const map_t *map;

    for (size_t i = 0; i < 2 && row->edits[i][0]; i++)
        text = replace(text, row->edits[i][0], row->edits[i][1]);
    map = load_text(text);
    ck_assert_msg(diags.errors == row->errors, "%s: %zu errors\n%s", row->name, diags.errors,
                  said());
    ck_assert_msg((map == NULL) == (diags.errors > 0), "%s", row->name);
    ck_assert_msg(strstr(said(), row->expected) != NULL, "%s: expected %s, not\n%s", row->name,
                  row->expected, said());
}
END_TEST

/* ---- what is taken ---- */

#define DEPARTMENT "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"

static const struct {
    const char *name, *edits[3][2];
} taken[] = {
    {"comments, spare comma", {{TITLE, TITLE ", // the job"}}},
    {"short name of a sub-attribute", {{"{title}", "{familyName}"}}},
    {"short name of an extension's",
     {{"{title}", "{department}"}, {TITLE, "\"" DEPARTMENT "\": \"departmentNumber\""}}},
    {"own extension in a template",
     {{"{title}", "{mark}-{urn:a:b:User:mark}"}, {TITLE, "\"urn:a:b:User:mark\": \"o\""}}},
    {"path without its urn", {{TITLE, TITLE ", \"department\": \"departmentNumber\""}}},
    {"named by a rule",
     {{"\"rdn\": \"uid\"", "\"rdn\": \"cn\""},
      {"\"aside\": [\"uid\"]", "\"aside\": [\"commonName\"]"}}},
    {"unique", {{"\"depth\": \"one\"", "\"depth\": \"one\", \"unique\": [\"userid\"]"}}},
    {"manager",
     {{TITLE, TITLE ", \"manager\": { \"ldap\": \"manager\", \"reference\": [\"users\"] }"}}},
    {"reference by its value", {{"\"members\": {", "\"members.value\": {"}}},
    {"hidden", {{ACTIVE, "\"inactive\": \"hide\""}}},
    {"moved", /* a place beside the direct children of a base, which are all that it holds */
     {{ACTIVE, "\"inactive\": { \"when\": { \"under\": \"ou=x,ou=users,dc=example,dc=com\" }, "
               "\"do\": [" MOVE("ou=x,OU=users,dc=example,dc=com") "], \"undo\": [" MOVE(
                   "parent") "] }"}}},
    {"moved below the place",
     {{"\"depth\": \"one\",", ""},
      {ACTIVE, "\"inactive\": { \"when\": " UNDER
               ", \"do\": [" MOVE("ou=2026,ou=x") "], \"undo\": [" MOVE("parent") "] }"}}},
    {"one class for another's filter",
     {{"(objectClass=inetOrgPerson)\"", "(objectClass=person)\""}}},
    {"slot and rule on one attribute",
     {{"\"ldap\": \"sn\", \"required\": true", "\"ldap\": \"sn\""},
      {"\"cn\": [\"{title} ",
       "\"sn\": [\"{name.familyName}\", \"{userName}\"], \"cn\": [\"{title} "}}},
    {"filled in where a read-only path shows it",
     {{"\"title\": \"title\"", "\"title\": { \"ldap\": \"title\", \"write\": \"read-only\" }"},
      {"\"cn\": [", "\"title\": \"x\", \"cn\": ["}}},
    {"the first of several and of several, for one value",
     {{TITLE, TITLE ", \"roles\": \"scimRole\", \"entitlements\": \"scimEntitlement\""},
      {"\"cn\": [", "\"preferredLanguage\": \"{roles}-{entitlements}\", \"cn\": ["}}},
    {"one of several and another of one",
     {{TITLE, TITLE ", \"roles\": \"scimRole\", \"entitlements\": { \"ldap\": "
                    "\"scimEntitlement\", \"several\": \"refuse\" }"},
      {"\"cn\": [", "\"l\": \"{roles}-{entitlements}{roles}\", \"cn\": ["}}},
    {"constants",
     {{"\"cn\": [", "\"l\": { \"from\": \"here\", \"conflict\": \"merge\" }, \"cn\": ["}}},
    {"transforms",
     {{"{title}", "{title | before \\\"|\\\" | truncate 5 | replace \\\"}\\\" \\\"\\\" }"}}},
    {"own attribute in lower case",
     {{"\"cn\": [", "\"title\": \"{title | lower}\", \"cn\": ["}}},
    {"unique, made by a rule",
     {{"\"adopt\": \"match\"",
       "\"adopt\": \"match\", \"unique\": [\"mail\", \"commonName\"]"}}},
    {"rule for what is empty",
     {{"\"cn\": [", "\"l\": { \"from\": \"x\", \"write\": \"if-empty\" }, \"cn\": ["}}},
    {"groups by search", {{TITLE, TITLE ", \"groups\": { \"search\": [\"groups\"] }"}}},
    {"an attribute of one's own with types",
     {{TITLE, TITLE ", \"urn:x:y:list[type eq \\\"a\\\"].value\": \"o\""}}},
    {"an attribute of one's own with parts",
     {{TITLE,
       TITLE ", \"urn:x:y:place.room\": \"roomNumber\", \"urn:x:y:place.floor\": \"l\""}}},
    {"a resource type of one's own", {{"\"Group\": {", OWN("Team", "/Teams", "urn:x:y")}}},
    {"over a schema of SCIM's",
     {{"\"Group\": {", OWN("Team", "/Teams", "urn:ietf:params:scim:schemas:core:2.0:Group")}}},
    {"with a schema that is defined",
     {{"\"scopes\": {",
       SCHEMA("urn:x:y", "{ \"name\": \"displayName\" }, { \"name\": \"members\", "
                         "\"type\": \"complex\", \"multiValued\": true, "
                         "\"subAttributes\": [{ \"name\": \"value\" }, { \"name\": "
                         "\"$ref\", \"type\": \"reference\" }] }")},
      {"\"Group\": {", OWN("Team", "/Teams", "urn:x:y")}}},
    {"places",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [{ \"if\": \"title eq \\\"Boss\\\" or name.familyName sw \\\"A\\\"\", "
       "\"dn\": \"ou=boss,ou=users,dc=example,dc=com\", \"create\": \"always\" }, "
       "\"ou={title | before \\\"}\\\"}x,ou=users,dc=example,dc=com\", "
       "\"ou=users,dc=example,dc=com\"]"},
      {"\"depth\": \"one\",", ""}}},
    {"locked", {{ACTIVE, "\"inactive\": \"ppolicy-lock\""}}},
    {"counter of another attribute, bounded",
     {{"\"auxiliary\": [", "\"auxiliary\": [\"posixAccount\", "},
      {"\"title\": \"title\"",
       "\"title\": \"title\", \"nickName\": { \"ldap\": \"uidNumber\", \"write\": "
       "\"read-only\" }"},
      {"\"cn\": [",
       "\"gidNumber\": \"100\", \"homeDirectory\": \"/home/{userName}\", " ALLOCATE(
           COUNTER, ", \"counter\": \"gidNumber\", \"range\": [1000, 60000], "
                    "\"write\": \"if-empty\"")}}},
    {"as text", {{TITLE, "\"title\": { \"ldap\": \"scimVisible\", \"as\": \"string\" }"}}},
};

START_TEST(test_taken)
{
    str_t text = str_from_c(base_map);

    for (size_t i = 0; i < ARRAY_SIZE(taken[_i].edits) && taken[_i].edits[i][0]; i++)
        text = replace(text, taken[_i].edits[i][0], taken[_i].edits[i][1]);
    ck_assert_msg(load_text(text) != NULL && diags.n == 0, "%s: %s", taken[_i].name, said());
}
END_TEST

START_TEST(test_base_map)
{
    ck_assert_ptr_nonnull(load_text(str_from_c(base_map)));
    ck_assert_msg(diags.n == 0, "%s", said());
}
END_TEST

START_TEST(test_empty)
{
    static const char *const texts[] = {"", "{}", "[]", "null", "{\"resources\": {}}"};

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        size_t errors = diags.errors;

        ck_assert_msg(!load_text(str_from_c(texts[i])), "%s", texts[i]);
        ck_assert_uint_gt(diags.errors, errors);
    }
}
END_TEST

/* ---- the maps that are shipped ---- */

static const char *const shipped[] = {"389",           "ad",        "ideo",
                                      "people",        "posix",     "sign-in-enterprise",
                                      "simple-in-out", "university"};

static str_t
read_shipped(const char *name)
{
    const char *top = getenv("top_srcdir");
    str_t path = str_printf(mem, "%s/conf/maps/%s.jsonc", top ? top : ".", name);
    FILE *file = fopen(path.p, "rb");
    char *text = arena_alloc(mem, 1u << 16);
    size_t n;

    ck_assert_msg(file != NULL, "%s cannot be read", path.p);
    n = fread(text, 1, 1u << 16, file);
    fclose(file);
    ck_assert_uint_lt(n, 1u << 16);
    return str_from(text, n);
}

static const map_t *
load_shipped(const char *name)
{
    const map_t *map = load_text(read_shipped(name));

    ck_assert_msg(map != NULL && diags.n == 0, "%s: %s", name, said());
    return map;
}

START_TEST(test_shipped)
{
    const map_t *map = load_shipped(shipped[_i]);

    ck_assert_uint_eq(map->n_types, 2);
    ck_assert_ptr_nonnull(map->dialect);
}
END_TEST

/* ---- narrowing: what clients see is what is mapped ---- */

static void
write_attr(buf_t *buf, const scim_attr_t *attr)
{
    static const char *const mutability[] = {"", ":readOnly", ":immutable", ":writeOnly"};

    buf_add(buf, attr->name);
    buf_add_c(buf, attr->required ? "!" : "");
    buf_add_c(buf, attr->case_exact ? "=" : "");
    buf_add_c(buf, mutability[attr->mutability]);
    for (size_t i = 0; i < attr->n_canonical; i++)
        buf_printf(buf, "%s%.*s", i == 0 ? ":" : "|", STR_ARG(attr->canonical[i]));
    for (size_t i = 0; i < attr->n_subs; i++) {
        buf_add_c(buf, i == 0 ? "(" : " ");
        write_attr(buf, &attr->subs[i]);
    }
    buf_add_c(buf, attr->n_subs > 0 ? ")" : "");
}

static const char *
write_type(const scim_type_t *type)
{
    buf_t buf;

    buf_init(&buf, mem, 1u << 16);
    for (size_t s = 0; s <= type->n_extensions; s++) {
        const scim_schema_t *schema = s == 0 ? type->core : type->extensions[s - 1];

        if (s > 0)
            buf_printf(&buf, "; %.*s", STR_ARG(schema->name));
        for (size_t i = 0; i < schema->n; i++) {
            buf_add_c(&buf, s == 0 && i == 0 ? "" : " ");
            write_attr(&buf, &schema->attrs[i]);
        }
    }
    return buf_str(&buf).p;
}

/* "!" required, "=" case counts */
static const struct {
    const char *map, *type, *expected;
} narrowed[] = {
    {"simple-in-out", "User",
     "externalId!= userName! displayName! title active phoneNumbers(value "
     "type:work|mobile|fax)"},
    {"simple-in-out", "Group",
     "displayName! members(value=:immutable $ref=:immutable type:immutable:User|Group)"},
    {"ideo", "User",
     "userName! name(familyName givenName) active emails(value type:work primary)"},
    {"sign-in-enterprise", "User",
     "userName! name!(familyName! givenName!) active emails!(value type:work|other primary) "
     "phoneNumbers(value type:work|mobile); EnterpriseUser organization department"},
    {"people", "Group",
     "externalId= displayName! members(value=:immutable $ref=:immutable "
     "type:immutable:User|Group); Group mail description"},
};

START_TEST(test_narrow)
{
    const map_t *map = load_shipped(narrowed[_i].map);
    const map_type_t *type = map_find_type(map, str_from_c(narrowed[_i].type));

    ck_assert_ptr_nonnull(type);
    ck_assert_str_eq(write_type(type->scim), narrowed[_i].expected);
}
END_TEST

/* Where the slots point, the type that clients see is, not the built-in one. */
START_TEST(test_slots_are_narrowed)
{
    const map_t *map = load_shipped(shipped[_i]);

    for (size_t t = 0; t < map->n_types; t++) {
        const map_type_t *type = &map->types[t];

        for (size_t i = 0; i < type->n_slots; i++) {
            const map_slot_t *slot = &type->slots[i];

            ck_assert_ptr_eq(scim_schema_find(slot->schema, slot->attr->name), slot->attr);
            ck_assert_ptr_eq(scim_type_find_schema(type->scim, slot->schema->id), slot->schema);
            if (slot->sub)
                ck_assert_ptr_eq(scim_attr_find_sub(slot->attr, slot->sub->name), slot->sub);
        }
    }
}
END_TEST

/* ---- what is worked out beforehand ---- */

static const char *
join(ldap_names_t names)
{
    buf_t buf;

    buf_init(&buf, mem, 1u << 16);
    for (size_t i = 0; i < names.n; i++) {
        buf_add_c(&buf, i == 0 ? "" : " ");
        buf_add(&buf, names.names[i]);
    }
    return buf_str(&buf).p;
}

START_TEST(test_names)
{
    const map_t *map = load_shipped("simple-in-out");
    const map_type_t *user = map_find_endpoint(map, STR("Users"));
    const map_type_t *group = map_find_endpoint(map, STR("Groups"));

    ck_assert_str_eq(join(user->names),
                     "entryUUID entryCSN createTimestamp modifyTimestamp uid displayName "
                     "scimExternalId title telephoneNumber mobile facsimileTelephoneNumber "
                     "pwdEndTime scimDeletedAt");
    ck_assert_str_eq(join(group->names),
                     "entryUUID entryCSN createTimestamp modifyTimestamp cn");
    ck_assert_str_eq(join(group->names_with_members),
                     "entryUUID entryCSN createTimestamp modifyTimestamp cn member");
    ck_assert_ptr_null(map_find_endpoint(map, STR("users")));
}
END_TEST

/* What is returned only on request is not asked for without one; a password never is. */
START_TEST(test_names_on_request)
{
    const map_t *map = load_text(
        replace(str_from_c(base_map), TITLE,
                "\"title\": { \"ldap\": \"title\", \"returned\": \"request\" },\n"
                "\"nickName\": { \"ldap\": \"scimNickName\", \"returned\": \"never\" },\n"
                "\"name.givenName\": { \"ldap\": \"givenName\", \"returned\": \"request\" },\n"
                "\"password\": \"userPassword\""));

    ck_assert_msg(map != NULL && diags.n == 0, "%s", said());
    ck_assert_str_eq(
        join(map->types[0].names),
        "entryUUID entryCSN createTimestamp modifyTimestamp uid sn mail scimAltMail "
        "pwdEndTime scimDeletedAt");
    ck_assert_str_eq(write_type(map->types[0].scim),
                     "userName! name!(familyName! givenName) nickName:writeOnly title active "
                     "password=:writeOnly emails(value type:work|other primary)");
}
END_TEST

/* Write modes show as mutability, a rule that minds case as caseExact. */
START_TEST(test_narrow_write)
{
    const map_t *map = load_text(
        replace(str_from_c(base_map), TITLE,
                "\"title\": { \"ldap\": \"title\", \"write\": \"create\" },\n"
                "\"nickName\": { \"ldap\": \"labeledURI\", \"write\": \"read-only\" },\n"
                "\"groups\": { \"ldap\": \"memberOf\", \"reference\": [\"groups\"] },\n"
                "\"phoneNumbers[type eq \\\"work\\\"].value\": { \"ldap\": \"mobile\", "
                "\"write\": \"create\" },\n"
                "\"urn:example:2.0:User:since\": { \"ldap\": \"createTimestamp\", "
                "\"type\": \"dateTime\", \"write\": \"read-only\" },\n"
                "\"URN:example:2.0:User:badges\": { \"ldap\": \"carLicense\", "
                "\"several\": \"allow\" }"));
    const scim_type_t *user;

    ck_assert_msg(map != NULL && diags.n == 0, "%s", said());
    user = map->types[0].scim;
    ck_assert_str_eq(
        write_type(user),
        "userName! name!(familyName!) nickName=:readOnly title:immutable active "
        "emails(value type:work|other primary) "
        "phoneNumbers:immutable(value:immutable type:work) "
        "groups:readOnly(value=:readOnly $ref=:readOnly); User since:readOnly badges");
    ck_assert_int_eq(user->extensions[0]->attrs[0].kind, SCIM_DATETIME);
    ck_assert(user->extensions[0]->attrs[1].multi && !user->extensions[0]->attrs[0].multi);
    ck_assert_int_eq(map->types[0].slots[8].as, MAP_AS_TIME);
}
END_TEST

START_TEST(test_special_slots)
{
    const map_t *map = load_shipped("people");
    const map_type_t *user = map_find_type(map, STR("user"));
    const map_type_t *group = map_find_type(map, STR("Group"));

    ck_assert(str_eq(user->password->ldap, STR("userPassword")));
    ck_assert(str_eq(user->external_id->ldap, STR("scimExternalId")));
    ck_assert(str_eq(user->rdn_slot->ldap, STR("uid")));
    ck_assert_ptr_null(user->members);
    ck_assert(str_eq(group->members->ldap, STR("member")));
    ck_assert_uint_eq(group->members->n_references, 2);
    ck_assert(group->members->several);
    ck_assert(str_eq(group->placeholder, STR("cn=nobody")));
    ck_assert(user->dn_unique && group->dn_unique);
    ck_assert(!map_find_type(load_shipped("simple-in-out"), STR("User"))->dn_unique);
    /* Without a word of the map the server keeps nothing unique but the DN. */
    ck_assert(!map_find_type(load_text(str_from_c(base_map)), STR("User"))->dn_unique);
    ck_assert_int_eq(user->deleted.purge_s, 90 * 86400);
    ck_assert(!group->deleted.present && user->deleted.present);
}
END_TEST

static const struct {
    const char *text;
    int64_t seconds;
} purges[] = {{"P90D", 7776000},    {"P1W", 604800}, {"PT1H", 3600}, {"P1DT1M", 86460},
              {"PT1H30M5S", 5405},  {"P", 0},        {"PT", 0},      {"P1", 0},
              {"P0D", 0},           {"P1Y", 0},      {"1D", 0},      {"P1H", 0},
              {"PT9999999999S", 0}, {"P-1D", 0},     {"P1DT", 0}};

/* A server answers with the preferred name, whichever was asked for. */
START_TEST(test_preferred_names)
{
    str_t text = replace(str_from_c(base_map), "\"ldap\": \"uid\"", "\"ldap\": \"userid\"");
    const map_t *map;

    text = replace(text, "\"cn\": [", "\"commonName\": [");
    text = replace(text, "\"aside\": [\"uid\"]", "\"aside\": [\"0.9.2342.19200300.100.1.1\"]");
    text = replace(text, "\"rdn\": \"uid\"", "\"rdn\": \"UserID\"");
    text = replace(text, "(uid=svc-*)", "(userid=svc-*)");
    text = replace(text, ACTIVE,
                   "\"inactive\": { \"when\": \"(2.5.4.13=gone)\","
                   " \"do\": [{ \"set\": { \"2.5.4.13\": \"gone\" } }],"
                   " \"undo\": [{ \"unset\": [\"description\"] }] }");
    map = load_text(text);
    ck_assert_msg(map != NULL && diags.n == 0, "%s", said());
    ck_assert_str_eq(ldap_filter_format(mem, map->scopes[0].protect).p, "(uid=svc-*)");
    ck_assert_str_eq(ldap_filter_format(mem, map->types[0].inactive.when).p,
                     "(description=gone)");
    ck_assert(str_eq(map->types[0].slots[0].ldap, STR("uid")));
    ck_assert(str_eq(map->types[0].rdn, STR("uid")));
    ck_assert(str_eq(map->types[0].aside[0], STR("uid")));
    ck_assert(str_eq(map->types[0].rules[0].ldap, STR("cn")));
}
END_TEST

/* A rule and a slot of one attribute, in two spellings: the slot's is the one. */
START_TEST(test_rule_of_a_slot)
{
    static const char *const pairs[][3] = {
        {"givenName", "gn", "givenName"},
        {"gn", "GIVENNAME", "givenName"},
        {"displayName", "2.16.840.1.113730.3.1.241", "displayName"},
        {"exampleName", "EXAMPLEname", "exampleName"}};
    str_t text = replace(str_from_c(base_map), TITLE,
                         str_printf(mem, TITLE ",\n\"nickName\": \"%s\"", pairs[_i][0]).p);
    const map_t *map = load_text(replace(
        text, "\"cn\": [", str_printf(mem, "\"%s\": \"x\", \"cn\": [", pairs[_i][1]).p));
    const map_type_t *type;

    ck_assert_msg(map && diags.errors == 0, "%s", said());
    type = &map->types[0];
    ck_assert_msg(str_eq(type->rules[0].ldap, str_from_c(pairs[_i][2])), "%.*s",
                  STR_ARG(type->rules[0].ldap));
    ck_assert(str_eq(type->slots[type->n_slots - 1].ldap, type->rules[0].ldap));
}
END_TEST

START_TEST(test_purge_inactive)
{
    str_t text = replace(str_from_c(base_map), ACTIVE,
                         "\"inactive\": { \"when\": \"(scimVisible=FALSE)\","
                         " \"stamp\": \"scimInactiveSince\", \"purge\": \"P1W\","
                         " \"do\": [{ \"set\": { \"scimVisible\": \"FALSE\" } }],"
                         " \"undo\": [{ \"set\": { \"scimVisible\": \"TRUE\" } }] }");
    const map_t *map = load_text(text);

    ck_assert_msg(map != NULL, "%s", said());
    ck_assert_int_eq(map->types[0].inactive.purge_s, 604800);
    ck_assert_int_eq(map->types[0].deleted.purge_s, 90 * 86400);
    text = replace(text, " \"stamp\": \"scimInactiveSince\",", "");
    ck_assert_ptr_null(load_text(text));
    ck_assert_msg(strstr(said(), "add \"stamp\": \"scimInactiveSince\"") != NULL, "%s", said());
}
END_TEST

START_TEST(test_purge)
{
    const char *text = str_printf(mem, "\"%s\"", purges[_i].text).p;
    const map_t *map = load_text(replace(str_from_c(base_map), "\"P90D\"", text));

    ck_assert_msg((map != NULL) == (purges[_i].seconds > 0), "%s: %s", text, said());
    if (map)
        ck_assert_int_eq(map->types[0].deleted.purge_s, purges[_i].seconds);
}
END_TEST

/* The steps of the inactive state, with its stamp, are spread in those of the deleted one. */
START_TEST(test_spread)
{
    const map_type_t *user = map_find_type(load_shipped("sign-in-enterprise"), STR("User"));
    const map_state_t *state = &user->deleted;

    ck_assert_uint_eq(state->n_perform, 3);
    ck_assert(str_eq(state->perform[0].attr, STR("scimVisible")));
    ck_assert(str_eq(state->perform[0].values[0], STR("FALSE")));
    ck_assert(str_eq(state->perform[1].attr, STR("scimInactiveSince")));
    ck_assert(str_eq(state->perform[1].values[0], STR("now")));
    ck_assert_int_eq(state->perform[2].kind, MAP_STEP_STRIP_GROUPS);
    ck_assert_uint_eq(state->n_undo, 2);
    ck_assert_int_eq(state->undo[1].kind, MAP_STEP_UNSET);
}
END_TEST

START_TEST(test_now)
{
    const map_t *map = load_shipped("ideo");
    const map_type_t *user = map_find_type(map, STR("User"));
    str_t when = ldap_filter_format(mem, map_when(mem, &user->inactive, 0));
    str_t visible = ldap_filter_format(mem, map_visible(mem, user->scope, 0));

    ck_assert_str_eq(when.p, "(pwdEndTime<=19700101000000Z)");
    ck_assert_str_eq(visible.p, "(&(objectClass=inetOrgPerson)(!(scimDeletedAt=*)))");
    ck_assert_ptr_eq(map_visible(mem, user->scope, 0), user->scope->visible);
}
END_TEST

START_TEST(test_now_in_visible)
{
    str_t text = replace(str_from_c(base_map), "(scimDeletedAt=*)",
                         "(&(description=now)(scimDeletedAt<=now))");
    const map_t *map;
    str_t visible;

    text = replace(text, "\"do\": [\"inactive\",",
                   "\"do\": [\"inactive\", { \"set\": { \"description\": \"gone\" } },");
    text = replace(text, "(description=now)", "(description=gone)");
    map = load_text(text);
    ck_assert_msg(map != NULL, "%s", said());
    visible = ldap_filter_format(mem, map_visible(mem, map->types[0].scope, 1));
    ck_assert_str_eq(visible.p,
                     "(&(objectClass=inetOrgPerson)(!(uid=svc-*))(!(&(description=gone)"
                     "(scimDeletedAt<=19700101000001Z))))");
}
END_TEST

/* ---- look-ups ---- */

static void
note_slot(void *arg, const map_slot_t *slot)
{
    buf_t *buf = arg;

    buf_add_c(buf, buf->n == 0 ? "" : " ");
    buf_add(buf, slot->ldap);
}

static const struct {
    const char *path, *expected;
} touched[] = {
    {"userName", "uid"},
    {"name", "sn"},
    {"name.familyName", "sn"},
    {"emails", "mail scimAltMail"},
    {"emails.value", "mail scimAltMail"},
    {"emails.type", "mail scimAltMail"},
    {"emails.primary", "mail scimAltMail"},
    {"emails[type eq \"work\"]", "mail"},
    {"emails[type eq \"WORK\"].value", "mail"},
    {"emails[type ne \"work\"].value", "scimAltMail"},
    {"emails[type eq \"home\"].value", ""},
    {"emails[primary eq true].value", "mail"},
    {"emails[not (type eq \"work\")]", "scimAltMail"},
    {"emails[type eq \"work\" and value eq \"x\"]", "mail"},
    {"emails[type eq \"work\" or value eq \"x\"]", "mail scimAltMail"},
    {"emails[value pr]", "mail scimAltMail"},
};

START_TEST(test_each_slot)
{
    const map_t *map = load_text(str_from_c(base_map));
    const map_type_t *user = map_find_type(map, STR("User"));
    scim_path_t path;
    scim_target_t target;
    err_t err = ERR_INIT;
    buf_t buf;

    ck_assert(scim_path_parse(mem, str_from_c(touched[_i].path), &path, &err));
    ck_assert(scim_path_resolve(user->scim, &path, &target));
    buf_init(&buf, mem, 1024);
    buf_add_c(&buf, "");
    map_each_slot(user, &target, note_slot, &buf);
    ck_assert_msg(str_eq(buf_str(&buf), str_from_c(touched[_i].expected)), "%s: %s",
                  touched[_i].path, buf_str(&buf).p);
}
END_TEST

static const struct {
    const char *dn;
    bool users, groups;
} places[] = {
    {"uid=a,ou=users,dc=example,dc=com", true, false},
    {"UID=A, OU=Users, DC=example, DC=com", true, false},
    {"uid=a,ou=x,ou=users,dc=example,dc=com", false, false},
    {"ou=users,dc=example,dc=com", false, false},
    {"cn=a,ou=groups,dc=example,dc=com", false, true},
    {"cn=a,ou=x,ou=groups,dc=example,dc=com", false, true},
    {"ou=groups,dc=example,dc=com", false, false},
    {"", false, false},
};

START_TEST(test_scope_holds)
{
    const map_t *map = load_text(str_from_c(base_map));
    str_t normal = ldap_dn_normal(mem, str_from_c(places[_i].dn));

    ck_assert_int_eq(map_scope_holds(&map->scopes[0], normal), places[_i].users);
    ck_assert_int_eq(map_scope_holds(&map->scopes[1], normal), places[_i].groups);
}
END_TEST

/* ---- memory ---- */

typedef struct {
    arena_t *mem;
    bool loaded;
} attempt_t;

static void
attempt(void *arg)
{
    attempt_t *task = arg;
    diag_list_t list;

    diag_init(&list, task->mem);
    task->loaded =
        map_load(task->mem, "map", str_from_c(base_map), ldap_schema_builtin(), &list);
}

START_TEST(test_exhaustion)
{
    bool done = false;

    ck_assert_ptr_nonnull(scim_type_builtin(STR("User"))); /* made once, not counted */
    for (size_t n = 1; !done; n++) {
        attempt_t task = {.mem = arena_new(0)};

        ck_assert_ptr_nonnull(task.mem);
        arena_fail_after(n);
        done = arena_guard(task.mem, attempt, &task);
        arena_fail_after(0);
        ck_assert_int_eq(done, task.loaded);
        arena_free(task.mem);
    }
}
END_TEST

static Suite *
suite(void)
{
    Suite *all = suite_create("map/load");
    TCase *tests = tcase_create("load");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_base_map);
    tcase_add_test(tests, test_empty);
    tcase_add_loop_test(tests, test_taken, 0, ARRAY_SIZE(taken));
    tcase_add_loop_test(tests, test_complaint, 0, (int)count_complaints());
    tcase_add_loop_test(tests, test_shipped, 0, ARRAY_SIZE(shipped));
    tcase_add_loop_test(tests, test_slots_are_narrowed, 0, ARRAY_SIZE(shipped));
    tcase_add_loop_test(tests, test_narrow, 0, ARRAY_SIZE(narrowed));
    tcase_add_test(tests, test_names);
    tcase_add_test(tests, test_names_on_request);
    tcase_add_test(tests, test_narrow_write);
    tcase_add_test(tests, test_special_slots);
    tcase_add_test(tests, test_preferred_names);
    tcase_add_loop_test(tests, test_rule_of_a_slot, 0, 4);
    tcase_add_test(tests, test_purge_inactive);
    tcase_add_loop_test(tests, test_purge, 0, ARRAY_SIZE(purges));
    tcase_add_test(tests, test_spread);
    tcase_add_test(tests, test_now);
    tcase_add_test(tests, test_now_in_visible);
    tcase_add_loop_test(tests, test_each_slot, 0, ARRAY_SIZE(touched));
    tcase_add_loop_test(tests, test_scope_holds, 0, ARRAY_SIZE(places));
    tcase_add_test(tests, test_exhaustion);
    suite_add_tcase(all, tests);
    return all;
}

int
main(void)
{
    return suite_run(suite());
}
