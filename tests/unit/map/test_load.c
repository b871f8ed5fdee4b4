/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/test_load.c - what a map may say, and what is said of maps that say something else. */
#include "map/load.h"

#include "scim/filter.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const char base_map[] =
    "{\n"
    "  \"$schema\": \"../../schema/map.schema.json\",\n"
    "  \"dialect\": \"openldap\",\n"
    "  \"integrity\": \"server\",\n"
    "  \"scopes\": {\n"
    "    \"users\": {\n"
    "      \"bases\": [\"ou=users,dc=example,dc=com\"],\n"
    "      \"depth\": \"one\",\n"
    "      \"filter\": \"(objectClass=inetOrgPerson)\",\n"
    "      \"protect\": \"(uid=svc-*)\"\n"
    "    },\n"
    "    \"groups\": { \"bases\": [\"ou=groups,dc=example,dc=com\"], \"filter\": "
    "\"(objectClass=groupOfNames)\" }\n"
    "  },\n"
    "  \"resources\": {\n"
    "    \"User\": {\n"
    "      \"scope\": \"users\",\n"
    "      \"rdn\": \"uid\",\n"
    "      \"objectClass\": [\"inetOrgPerson\"],\n"
    "      \"auxiliary\": [\"scimResource\"],\n"
    "      \"parent\": \"ou=users,dc=example,dc=com\",\n"
    "      \"match\": [\"userName\"],\n"
    "      \"adopt\": \"match\",\n"
    "      \"attributes\": {\n"
    "        \"userName\": { \"ldap\": \"uid\", \"required\": true },\n"
    "        \"name.familyName\": { \"ldap\": \"sn\", \"required\": true },\n"
    "        \"emails[type eq \\\"work\\\"].value\": { \"ldap\": \"mail\", \"primary\": true "
    "},\n"
    "        \"emails[type eq \\\"other\\\"].value\": \"scimAltMail\",\n"
    "        \"title\": \"title\"\n"
    "      },\n"
    "      \"entry\": {\n"
    "        \"cn\": [\"{title} {name.familyName}\", \"{userName}\"]\n"
    "      },\n"
    "      \"lifecycle\": {\n"
    "        \"inactive\": \"ppolicy-end\",\n"
    "        \"deleted\": {\n"
    "          \"when\": \"(scimDeletedAt=*)\",\n"
    "          \"stamp\": \"scimDeletedAt\",\n"
    "          \"do\": [\"inactive\", { \"strip\": [\"groups\"] }],\n"
    "          \"undo\": [{ \"undo\": \"inactive\" }],\n"
    "          \"aside\": [\"uid\"],\n"
    "          \"purge\": \"P90D\"\n"
    "        }\n"
    "      }\n"
    "    },\n"
    "    \"Group\": {\n"
    "      \"scope\": \"groups\",\n"
    "      \"rdn\": \"cn\",\n"
    "      \"objectClass\": [\"groupOfNames\"],\n"
    "      \"parent\": \"ou=groups,dc=example,dc=com\",\n"
    "      \"match\": [\"displayName\"],\n"
    "      \"attributes\": {\n"
    "        \"displayName\": { \"ldap\": \"cn\", \"required\": true },\n"
    "        \"members\": { \"ldap\": \"member\", \"reference\": [\"users\", \"groups\"] }\n"
    "      },\n"
    "      \"emptyMember\": \"cn=nobody\",\n"
    "      \"lifecycle\": { \"deleted\": \"delete\" }\n"
    "    }\n"
    "  }\n"
    "}\n";

#define TITLE "        \"title\": \"title\""
#define ACTIVE "\"inactive\": \"ppolicy-end\""

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

static const struct {
    const char *name, *edits[2][2]; /* what is replaced, and by what */
    size_t errors;                  /* all of them: one mistake leads to one complaint */
    const char *expected;           /* part of what is said */
} complaints[] = {
    {"not JSON",
     {{"\"dialect\": \"openldap\",", "\"dialect\": ,"}},
     1,
     "3:14: error: expected a value for \"dialect\", found ','"},
    {"unknown key",
     {{"\"integrity\"", "\"integrty\""}},
     1,
     "4:3: error: a map has no key \"integrty\"; did you mean \"integrity\"?"},
    {"unknown dialect",
     {{"\"openldap\"", "\"oracle\""}},
     1,
     "3:14: error: \"dialect\" must be \"openldap\", not \"oracle\""},
    {"later dialect",
     {{"\"openldap\"", "\"ad\""}},
     1,
     "3:14: error: \"dialect\": \"ad\" is not supported yet; OpenLDAP is the only directory"},
    {"later integrity",
     {{"\"server\"", "\"bridge\""}},
     1,
     "4:16: error: \"integrity\": \"bridge\" is not supported yet; let the server repair"},
    {"no dialect",
     {{"\"dialect\": \"openldap\",", ""}},
     1,
     "1:1: error: \"dialect\" is missing here"},
    {"no scopes",
     {{"\"scopes\"", "\"scope\""}},
     2,
     "5:3: error: a map has no key \"scope\"; did you mean \"scopes\"?"},
    {"resource type misspelt",
     {{"\"User\": {", "\"Users\": {"}},
     1,
     "15:5: error: there is no resource type \"Users\"; did you mean \"User\"?"},
    {"resource type of one's own",
     {{"\"User\": {", "\"Printer\": {"}},
     1,
     "15:5: error: there is no resource type \"Printer\"; resource types of your own are not"},
    {"unknown scope key",
     {{"\"depth\"", "\"dept\""}},
     1,
     "8:7: error: a scope has no key \"dept\"; did you mean \"depth\"?"},
    {"later scope key",
     {{"\"depth\": \"one\"", "\"shared\": true, \"depth\": \"one\""}},
     1,
     "8:7: error: \"shared\" is not supported yet; give each connector bases of its own"},
    {"bad depth",
     {{"\"one\"", "\"base\""}},
     1,
     "8:16: error: \"depth\" must be \"subtree\" or \"one\", not \"base\""},
    {"base is no DN",
     {{"\"bases\": [\"ou=users,", "\"bases\": [\"users,"}},
     1,
     "7:17: error: this base is no DN: not a distinguished name: expected the name of an"},
    {"bases no array",
     {{"\"bases\": [\"ou=users,dc=example,dc=com\"]",
       "\"bases\": \"ou=users,dc=example,dc=com\""}},
     1,
     "7:16: error: \"bases\" must be an array of strings: [\"…\"]"},
    {"no base",
     {{"\"bases\": [\"ou=users,dc=example,dc=com\"]", "\"bases\": []"}},
     1,
     "7:16: error: \"bases\" must name at least one"},
    {"root as base",
     {{"\"bases\": [\"ou=users,dc=example,dc=com\"]", "\"bases\": [\"dc=x\", \",\"]"}},
     1,
     "7:25: error: this base is no DN: not a distinguished name: expected attribute=value"},
    {"base twice",
     {{"\"bases\": [\"ou=users,dc=example,dc=com\"]",
       "\"bases\": [\"ou=users,dc=example,dc=com\", \"OU=Users, dc=example,dc=com\"]"}},
     1,
     "7:47: error: this base lies in the base \"ou=users,dc=example,dc=com\" of the same"},
    {"base within base",
     {{"\"bases\": [\"ou=groups,dc=example,dc=com\"]",
       "\"bases\": [\"ou=groups,dc=example,dc=com\", \"ou=x,ou=groups,dc=example,dc=com\"]"}},
     1,
     "12:58: error: this base lies in the base \"ou=groups,dc=example,dc=com\" of the same"},
    {"bad filter",
     {{"(objectClass=inetOrgPerson)\"", "(objectClass=inetOrgPerson\""}},
     1,
     "9:17: error: \"filter\" is no LDAP filter: not an LDAP filter: expected ')' at byte 26"},
    {"bad protect",
     {{"(uid=svc-*)", "uid=svc-*)("}},
     1,
     "10:18: error: \"protect\" is no LDAP filter: not an LDAP filter: expected '(' at byte 0"},
    {"now in a scope",
     {{"(uid=svc-*)", "(pwdEndTime<=now)"}},
     1,
     "10:18: error: \"now\" is understood only in \"when\" of a lifecycle; write a date such "
     "as"},
    {"unknown scope",
     {{"\"scope\": \"users\"", "\"scope\": \"user\""}},
     1,
     "16:16: error: \"scopes\" has no \"user\"; did you mean \"users\"?"},
    {"shared scope",
     {{"\"scope\": \"groups\"", "\"scope\": \"users\""}},
     4,
     "46:16: error: \"User\" and \"Group\" share the scope \"users\", so an entry would be "
     "both;"},
    {"overlapping scopes",
     {{"\"bases\": [\"ou=groups,dc=example,dc=com\"], \"filter\": "
       "\"(objectClass=groupOfNames)\"",
       "\"bases\": [\"dc=example,dc=com\"], \"filter\": \"(objectClass=top)\""}},
     1,
     "46:16: error: the scopes \"users\" and \"groups\" overlap, and an entry would be both a"},
    {"filter that new entries do not match",
     {{"(objectClass=inetOrgPerson)\"", "(objectClass=posixAccount)\""}},
     1,
     "18:22: error: entries made so would not be found again: the filter"},
    {"filter that new entries cannot match",
     {{"(objectClass=inetOrgPerson)\"", "(&(objectClass=person)(employeeType=member))\""}},
     1,
     "18:22: error: entries made so would not be found again: the filter"},
    {"protect that matches new entries",
     {{"(uid=svc-*)", "(objectClass=person)"}},
     1,
     "18:22: error: entries made so would be protected at once: \"protect\""},
    {"unknown resource key",
     {{"\"parent\": \"ou=users", "\"parents\": \"ou=users"}},
     2,
     "15:13: error: \"parent\" is missing here"},
    {"later resource key",
     {{"\"adopt\": \"match\"", "\"adopt\": \"match\", \"follow\": false"}},
     1,
     "22:25: error: \"follow\" is not supported yet; remove it: entries stay where they were"},
    {"bad adopt",
     {{"\"adopt\": \"match\"", "\"adopt\": \"always\""}},
     1,
     "22:16: error: \"adopt\" must be \"never\" or \"match\", not \"always\""},
    {"class twice",
     {{"[\"scimResource\"]", "[\"inetorgperson\"]"}},
     1,
     "19:21: error: the object class inetorgperson is named twice"},
    {"no object class",
     {{"\"objectClass\": [\"inetOrgPerson\"],", ""}},
     1,
     "15:13: error: \"objectClass\" is missing here"},
    {"auxiliary alone",
     {{"\"objectClass\": [\"groupOfNames\"],", "\"auxiliary\": [\"groupOfNames\"],"}},
     1,
     "45:14: error: \"objectClass\" is missing here"},
    {"parent outside",
     {{"\"parent\": \"ou=users,", "\"parent\": \"ou=x,ou=users,"}},
     1,
     "20:17: error: entries made here would lie outside the scope \"users\"; write one of its"},
    {"parent no DN",
     {{"\"parent\": \"ou=users,", "\"parent\": \"users,"}},
     1,
     "20:17: error: \"parent\" is no DN: not a distinguished name: expected the name of an"},
    {"parent template",
     {{"\"parent\": \"ou=users,", "\"parent\": \"ou={title},ou=users,"}},
     1,
     "20:17: error: a parent with paths in braces is not supported yet; write one DN"},
    {"parent list",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [\"ou=users,dc=example,dc=com\"]"}},
     1,
     "20:17: error: a list of parents is not supported yet; write one DN as a string"},
    {"rdn without source",
     {{"\"rdn\": \"uid\"", "\"rdn\": \"employeeNumber\""}},
     1,
     "17:14: error: nothing in the map gives employeeNumber a value; map a required path to"},
    {"rdn not required",
     {{"{ \"ldap\": \"uid\", \"required\": true }", "\"uid\""}},
     2,
     "17:14: error: entries are named by uid, so \"userName\" must be \"required\": true"},
    {"rdn with several",
     {{"\"rdn\": \"uid\"", "\"rdn\": \"scimAltMail\""}},
     1,
     "17:14: error: entries are named by scimAltMail, so \"emails[type eq \"other\"].value\""},
    {"rdn by an uncertain rule",
     {{"\"rdn\": \"uid\",", "\"rdn\": \"employeeNumber\", \"entry\": { \"cn\": \"{userName}\", "
                            "\"employeeNumber\": \"{title}\" },"},
      {"\"entry\": {\n        \"cn\": [\"{title} {name.familyName}\", \"{userName}\"]\n      "
       "},",
       ""}},
     1,
     "17:14: error: entries are named by employeeNumber, but every line of its rule needs a"},
    {"match unmapped",
     {{"[\"userName\"]", "[\"externalId\"]"}},
     1,
     "21:17: error: match: \"externalId\" is not mapped; add it to \"attributes\""},
    {"match misspelt",
     {{"[\"userName\"]", "[\"userNam\"]"}},
     1,
     "21:17: error: match: \"userNam\" is not mapped; add it to \"attributes\"; did you mean"},
    {"match short and ambiguous",
     {{"[\"userName\"]", "[\"emails\"]"}},
     1,
     "21:17: error: match: \"emails\" means several mapped paths; write one in full, such as"},
    {"match without equality",
     {{"[\"userName\"],", "[\"phoneNumbers\"],"},
      {TITLE, TITLE
       ",\n        \"phoneNumbers[type eq \\\"fax\\\"].value\": \"facsimileTelephoneNumber\""}},
     1,
     "21:17: error: the directory cannot search for a value of facsimileTelephoneNumber,"},
    {"match reference",
     {{"[\"displayName\"]", "[\"members\"]"}},
     1,
     "50:17: error: an entry cannot be recognised by \"members\"; use a path such as userName"},
    {"match twice",
     {{"[\"userName\"]", "[\"userName\", \"username\"]"}},
     1,
     "21:29: error: match: \"username\" is named twice"},
    {"unknown path",
     {{TITLE, TITLE ",\n        \"nickname2\": \"scimNickName\""}},
     1,
     "29:9: error: SCIM's User has no attribute \"nickname2\"; did you mean \"nickName\"?"},
    {"misspelt path",
     {{TITLE, TITLE ",\n        \"dispalyName\": \"displayName\""}},
     1,
     "29:9: error: SCIM's User has no attribute \"dispalyName\"; did you mean "
     "\"displayName\"?"},
    {"misspelt sub-attribute",
     {{TITLE, TITLE ",\n        \"name.firstName\": \"l\", \"name.givenNam\": \"givenName\""}},
     2,
     "29:9: error: SCIM's User has no attribute \"name.firstName\""},
    {"sub-attribute of a simple one",
     {{TITLE, TITLE ",\n        \"displayName.value\": \"displayName\""}},
     1,
     "29:9: error: \"displayName\" has no sub-attributes; write \"displayName\""},
    {"no path",
     {{TITLE, TITLE ",\n        \"emails[type\": \"o\""}},
     1,
     "29:9: error: this is no SCIM path: path \"emails[type\": expected a blank and an"},
    {"active",
     {{TITLE, TITLE ",\n        \"active\": \"scimVisible\""}},
     1,
     "29:9: error: \"active\" follows from the lifecycle; remove it here and write"},
    {"id",
     {{TITLE, TITLE ",\n        \"id\": \"entryUUID\""}},
     1,
     "29:9: error: \"id\" is made by the bridge and needs no mapping; remove it"},
    {"meta",
     {{TITLE, TITLE ",\n        \"meta.created\": \"createTimestamp\""}},
     1,
     "29:9: error: \"meta\" is made by the bridge and needs no mapping; remove it"},
    {"whole extension",
     {{TITLE, TITLE
       ",\n        \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\": \"o\""}},
     1,
     "29:9: error: this is the whole extension; map its attributes one by one"},
    {"misspelt extension",
     {{TITLE, TITLE
       ",\n        "
       "\"urn:ietf:params:scim:schemas:extension:enterprize:2.0:User:organization\": \"o\""}},
     1,
     "29:9: error: there is no schema"},
    {"extension of another type",
     {{"\"members\": {", "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
                         "organization\": \"o\", \"members\": {"}},
     1,
     "53:9: error: attributes of"},
    {"typed extension of one's own",
     {{TITLE, TITLE ",\n        \"urn:x:y:list[type eq \\\"a\\\"].value\": \"o\""}},
     1,
     "29:9: error: an attribute of an extension of your own has neither types nor"},
    {"complex one as a whole",
     {{TITLE, TITLE ",\n        \"name\": \"displayName\""}},
     1,
     "29:9: error: \"name\" has several parts; map each, such as \"name.formatted\""},
    {"several without type",
     {{TITLE, TITLE ",\n        \"phoneNumbers\": \"telephoneNumber\""}},
     1,
     "29:9: error: the type of the values would be lost; write \"phoneNumbers[type eq"},
    {"several without part",
     {{TITLE, TITLE ",\n        \"addresses[type eq \\\"work\\\"]\": \"street\""}},
     1,
     "29:9: error: an element has several parts; say which one, such as addresses[type eq"},
    {"selected by value",
     {{TITLE,
       TITLE ",\n        \"phoneNumbers[value eq \\\"1\\\"].value\": \"telephoneNumber\""}},
     1,
     "29:9: error: a map selects values only by type: phoneNumbers[type eq "
     "\\\"work\\\"].value"},
    {"type of an element",
     {{TITLE,
       TITLE ",\n        \"phoneNumbers[type eq \\\"work\\\"].type\": \"telephoneNumber\""}},
     1,
     "29:9: error: \"type\" of an element is not stored; it follows from the path, and from"},
    {"brackets on one value",
     {{TITLE, TITLE ",\n        \"displayName[type eq \\\"work\\\"]\": \"displayName\""}},
     1,
     "29:9: error: \"displayName\" has one value; remove what stands in brackets"},
    {"path twice",
     {{TITLE, TITLE ",\n        \"urn:ietf:params:scim:schemas:core:2.0:User:userName\": "
                    "\"employeeNumber\""}},
     1,
     "29:9: error: this path is the same as \"userName\" above; remove one"},
    {"typed and not",
     {{TITLE, TITLE ",\n        \"roles\": \"scimRole\", \"roles[type eq \\\"x\\\"].value\": "
                    "\"scimEntitlement\""}},
     1,
     "29:30: error: \"roles\" is mapped above without a type, so every value would have two"},
    {"LDAP attribute twice",
     {{TITLE, TITLE ",\n        \"nickName\": \"surname\""}},
     1,
     "29:21: error: the LDAP attribute sn holds \"name.familyName\" already; its values could"},
    {"LDAP attribute twice by type",
     {{TITLE, TITLE ",\n        \"phoneNumbers[type eq \\\"work\\\"].value\": \"mail\""}},
     1,
     "29:49: error: the LDAP attribute mail holds \"emails[type eq \"work\"].value\" already;"},
    {"strange type",
     {{TITLE, TITLE ",\n        \"phoneNumbers[type eq \\\"mobil\\\"].value\": \"mobile\""}},
     0,
     "29:9: warning: \"mobil\" is not one of SCIM's types of phoneNumbers; did you mean"},
    {"unknown LDAP attribute",
     {{TITLE, TITLE ",\n        \"nickName\": \"myNick\""}},
     0,
     "29:21: warning: the LDAP attribute myNick is not known here and is taken for text that"},
    {"no LDAP name",
     {{TITLE, TITLE ",\n        \"nickName\": \"my nick\""}},
     1,
     "29:21: error: \"my nick\" is no name of an LDAP attribute"},
    {"no LDAP attribute",
     {{TITLE, TITLE ",\n        \"nickName\": { \"required\": true }"}},
     1,
     "29:21: error: \"ldap\" is missing here"},
    {"neither string nor object",
     {{TITLE, TITLE ",\n        \"nickName\": true"}},
     1,
     "29:21: error: write the LDAP attribute: \"uid\", or {\"ldap\": \"uid\", …}"},
    {"several LDAP attributes",
     {{TITLE, TITLE ",\n        \"nickName\": [\"scimNickName\", \"o\"]"}},
     1,
     "29:21: error: several LDAP attributes for one path are not supported yet; name one"},
    {"misspelt setting",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"requird\": true }"}},
     1,
     "29:47: error: a mapped attribute has no key \"requird\"; did you mean \"required\"?"},
    {"later setting",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"prefix\": \"x\" }"}},
     1,
     "29:47: error: \"prefix\" is not supported yet; give each path an LDAP attribute of its"},
    {"required not boolean",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"required\": \"yes\" }"}},
     1,
     "29:59: error: \"required\" must be true or false"},
    {"later write mode",
     {{TITLE, TITLE
       ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"write\": \"if-empty\" }"}},
     1,
     "29:56: error: \"write\": \"if-empty\" is not supported yet; write \"create\""},
    {"bad write mode",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"write\": \"never\" }"}},
     1,
     "29:56: error: \"write\" must be \"always\", \"create\" or \"read-only\", not \"never\""},
    {"later conversion",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"as\": \"filetime\" }"}},
     1,
     "29:53: error: \"as\": \"filetime\" is not supported yet; write \"string\""},
    {"boolean conversion of text",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"as\": \"boolean\" }"}},
     1,
     "29:53: error: \"as\": \"boolean\" does not fit \"nickName\", which is a SCIM string; "
     "remove"},
    {"password conversion of text",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"as\": \"password\" }"}},
     1,
     "29:53: error: \"as\": \"password\" belongs to \"password\", and to nothing else"},
    {"type of a known attribute",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"type\": \"integer\" }"}},
     1,
     "29:55: error: SCIM defines the type of \"nickName\"; remove \"type\""},
    {"text in a DN",
     {{TITLE, TITLE ",\n        \"nickName\": \"seeAlso\""}},
     1,
     "29:21: error: seeAlso holds DNs, and \"nickName\" is no reference; use another "
     "attribute"},
    {"text in a boolean",
     {{TITLE, TITLE ",\n        \"nickName\": \"scimVisible\""}},
     1,
     "29:21: error: scimVisible (Boolean) does not hold text; use another attribute, or say"},
    {"text in a time",
     {{TITLE, TITLE ",\n        \"nickName\": \"pwdStartTime\""}},
     1,
     "29:21: error: pwdStartTime (Generalized Time) does not hold text; use another"},
    {"text in bytes",
     {{TITLE, TITLE ",\n        \"nickName\": \"userPassword\""}},
     1,
     "29:21: error: userPassword holds bytes; add \"as\": \"base64\""},
    {"text in a postal address",
     {{TITLE,
       TITLE ",\n        \"addresses[type eq \\\"work\\\"].formatted\": \"postalAddress\""}},
     1,
     "29:50: error: postalAddress holds lines parted by \"$\"; add \"as\": \"postalAddress\""},
    {"certificate without base64",
     {{TITLE, TITLE ",\n        \"x509Certificates\": \"userCertificate;binary\""}},
     1,
     "29:29: error: userCertificate;binary holds bytes; add \"as\": \"base64\""},
    {"boolean in text",
     {{TITLE, TITLE
       ",\n        \"urn:x:y:flag\": { \"ldap\": \"employeeType\", \"type\": \"boolean\" }"}},
     1,
     "29:35: error: employeeType (Directory String) does not hold a boolean; use another"},
    {"time in text",
     {{TITLE, TITLE
       ",\n        \"urn:x:y:at\": { \"ldap\": \"employeeType\", \"type\": \"dateTime\" }"}},
     1,
     "29:33: error: employeeType (Directory String) does not hold a dateTime; use another"},
    {"integer in a time",
     {{TITLE, TITLE
       ",\n        \"urn:x:y:n\": { \"ldap\": \"pwdStartTime\", \"type\": \"integer\" }"}},
     1,
     "29:32: error: pwdStartTime (Generalized Time) cannot hold \"integer\"; use another"},
    {"later type",
     {{TITLE, TITLE
       ",\n        \"urn:x:y:n\": { \"ldap\": \"employeeType\", \"type\": \"decimal\" }"}},
     1,
     "29:56: error: \"type\": \"decimal\" is not supported yet; write \"string\""},
    {"base64 in text",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"as\": \"base64\" }"}},
     1,
     "29:53: error: scimNickName (Directory String) cannot hold \"base64\"; use another"},
    {"several of one value",
     {{TITLE, TITLE
       ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"several\": \"allow\" }"}},
     1,
     "29:58: error: \"several\" cannot be \"allow\": the SCIM attribute has one value; write"},
    {"several in a single value",
     {{TITLE, TITLE ",\n        \"photos[type eq \\\"photo\\\"].value\": { \"ldap\": "
                    "\"scimPhotoUrl\", \"several\": \"allow\" }"}},
     1,
     "29:81: error: \"several\" cannot be \"allow\": the LDAP attribute is single-valued; "
     "write"},
    {"several of parts",
     {{TITLE,
       TITLE ",\n        \"addresses[type eq \\\"work\\\"].locality\": { \"ldap\": \"l\", "
             "\"several\": \"allow\" }, \"addresses[type eq \\\"work\\\"].region\": \"st\""}},
     1,
     "29:75: error: \"several\" cannot be \"allow\": values of several LDAP attributes could"},
    {"several primary",
     {{"\"primary\": true", "\"primary\": true, \"several\": \"allow\""}},
     1,
     "26:89: error: \"several\" cannot be \"allow\": only one value can be the primary one;"},
    {"two primaries",
     {{"\"scimAltMail\"", "{ \"ldap\": \"scimAltMail\", \"primary\": true }"}},
     1,
     "27:80: error: \"emails[type eq \"work\"].value\" is the primary one already; remove one"},
    {"primary without types",
     {{TITLE,
       TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"primary\": true }"}},
     1,
     "29:58: error: \"primary\" belongs to one of several types, as in emails[type eq"},
    {"operational attribute written",
     {{TITLE, TITLE ",\n        \"nickName\": \"entryCSN\""}},
     1,
     "29:21: error: the directory alone writes entryCSN; add \"write\": \"read-only\""},
    {"object classes written",
     {{TITLE, TITLE ",\n        \"urn:x:y:class\": \"objectClass\""}},
     1,
     "29:26: error: the map alone writes object classes; add \"write\": \"read-only\""},
    {"required but read-only",
     {{TITLE, TITLE ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"required\": "
                    "true, \"write\": \"read-only\" }"}},
     1,
     "29:59: error: a client cannot give what is read-only; remove \"required\""},
    {"returned password",
     {{TITLE, TITLE
       ",\n        \"password\": { \"ldap\": \"userPassword\", \"returned\": \"always\" }"}},
     1,
     "29:59: error: a password is never returned; remove \"returned\""},
    {"mixed returned",
     {{"\"scimAltMail\"", "{ \"ldap\": \"scimAltMail\", \"returned\": \"request\" }"}},
     1,
     "27:81: error: \"returned\" must be the same as for \"emails[type eq \"work\"].value\""},
    {"groups written",
     {{TITLE, TITLE ",\n        \"groups\": { \"ldap\": \"memberOf\", \"reference\": "
                    "[\"groups\"], \"write\": \"always\" }"}},
     1,
     "29:75: error: SCIM clients cannot write \"groups\"; write \"read-only\""},
    {"reference without scopes",
     {{"{ \"ldap\": \"member\", \"reference\": [\"users\", \"groups\"] }", "\"member\""}},
     1,
     "53:20: error: \"members\" refers to other resources; write {\"ldap\": \"member\","},
    {"reference to an unknown scope",
     {{"[\"users\", \"groups\"]", "[\"user\", \"groups\"]"}},
     1,
     "53:54: error: \"scopes\" has no \"user\"; did you mean \"users\"?"},
    {"reference to a scope twice",
     {{"[\"users\", \"groups\"]", "[\"users\", \"users\"]"}},
     1,
     "53:63: error: the scope \"users\" is named twice"},
    {"reference in text",
     {{"{ \"ldap\": \"member\",", "{ \"ldap\": \"description\","}},
     1,
     "53:30: error: description (Directory String) does not hold DNs, so it cannot hold"},
    {"reference of text",
     {{TITLE, TITLE
       ",\n        \"nickName\": { \"ldap\": \"scimNickName\", \"reference\": [\"users\"] }"}},
     1,
     "29:60: error: \"nickName\" is no reference; members, groups and manager are"},
    {"reference to a scope without resources",
     {{"\"users\": {",
       "\"spare\": { \"bases\": [\"ou=spare,dc=example,dc=com\"] }, \"users\": {"},
      {"[\"users\", \"groups\"]", "[\"users\", \"spare\"]"}},
     1,
     "53:63: error: no resource lives in the scope \"spare\", so nothing in it has an id;"},
    {"part of a reference", {{"\"members\": {", "\"members.value\": {"}}, 0, ""},
    {"type of a reference",
     {{"\"members\": {", "\"members[type eq \\\"User\\\"].value\": {"}},
     1,
     "53:9: error: \"members\" is mapped as a whole; write \"members\""},
    {"later missing",
     {{"[\"users\", \"groups\"] }", "[\"groups\"], \"missing\": \"drop\" }"}},
     1,
     "53:76: error: \"missing\": \"drop\" is not supported yet; write \"refuse\": a reference"},
    {"by",
     {{"[\"users\", \"groups\"] }", "[\"groups\"], \"by\": \"uid\" }"}},
     1,
     "53:65: error: \"by\" is not supported yet; references are held as DNs: name an"},
    {"rule for a class",
     {{"\"cn\": [", "\"objectClass\": \"x\", \"cn\": ["}},
     1,
     "31:9: error: object classes belong into \"objectClass\" and \"auxiliary\" of the "
     "resource"},
    {"rule for an operational attribute",
     {{"\"cn\": [", "\"entryUUID\": \"x\", \"cn\": ["}},
     1,
     "31:9: error: the directory alone writes entryUUID; remove it"},
    {"rule twice",
     {{"\"cn\": [", "\"commonName\": \"{userName}\", \"cn\": ["}},
     1,
     "31:37: error: cn stands here twice, under two names; remove one"},
    {"rule without source",
     {{"\"cn\": [", "\"l\": { \"write\": \"create\" }, \"cn\": ["}},
     1,
     "31:14: error: \"from\" is missing here"},
    {"misspelt rule key",
     {{"\"cn\": [", "\"l\": { \"from\": \"x\", \"wirte\": \"create\" }, \"cn\": ["}},
     1,
     "31:29: error: a rule of \"entry\" has no key \"wirte\"; did you mean \"write\"?"},
    {"allocator",
     {{"\"cn\": [", "\"uidNumber\": { \"allocate\": \"cn=uid\" }, \"cn\": ["}},
     1,
     "31:24: error: \"allocate\" is not supported yet; let another program number the entries"},
    {"constant outside the syntax",
     {{"\"cn\": [", "\"uidNumber\": \"x\", \"cn\": ["}},
     1,
     "31:22: error: uidNumber (INTEGER) cannot hold \"x\""},
    {"DN made of text",
     {{"\"cn\": [", "\"seeAlso\": \"uid={userName}\", \"cn\": ["}},
     1,
     "31:20: error: seeAlso holds DNs, which are not made from text; map a reference"},
    {"unmapped path in a template",
     {{"{title}", "{displayName}"}},
     1,
     "31:16: error: template: \"displayName\" is not mapped; add it to \"attributes\""},
    {"misspelt path in a template",
     {{"{title}", "{tile}"}},
     1,
     "31:16: error: template: \"tile\" is not mapped; add it to \"attributes\"; did you mean"},
    {"open brace",
     {{"{title}", "{title"}},
     1,
     "31:16: error: template: a \"{\" has no \"}\" after it"},
    {"stray brace",
     {{"{title}", "title}"}},
     1,
     "31:16: error: template: a \"}\" has no \"{\" before it"},
    {"transform",
     {{"{title}", "{title | lower}"}},
     1,
     "31:16: error: template: transforms after \"|\" are not supported yet; write {title}"},
    {"empty value",
     {{"\"{userName}\"]", "\"\"]"}},
     1,
     "31:45: error: write the value as a string: \"{userName}\", or several of which the"},
    {"sn not required",
     {{"{ \"ldap\": \"sn\", \"required\": true }", "\"sn\""}},
     1,
     "18:23: error: inetOrgPerson demands sn, but \"name.familyName\" may be absent; add"},
    {"sn missing",
     {{"\"name.familyName\": { \"ldap\": \"sn\", \"required\": true },",
       "\"name.familyName\": \"givenName\","}},
     1,
     "18:23: error: inetOrgPerson demands sn, but nothing in the map always provides it;"},
    {"cn of optional paths",
     {{", \"{userName}\"]", "]"}},
     1,
     "18:23: error: inetOrgPerson demands cn, but every line of its rule in \"entry\" needs a"},
    {"empty group",
     {{"\"emptyMember\": \"cn=nobody\",", ""}},
     1,
     "48:23: error: groupOfNames demands member, but a group may have no members; add"},
    {"emptyMember no DN",
     {{"\"cn=nobody\"", "\"nobody\""}},
     1,
     "55:22: error: \"emptyMember\" is no DN: not a distinguished name: expected"},
    {"emptyMember in a scope",
     {{"\"cn=nobody\"", "\"uid=x,ou=users,dc=example,dc=com\""}},
     1,
     "55:22: error: \"emptyMember\" lies in the scope \"users\", so it would be shown; name a"},
    {"emptyMember without members",
     {{"\"adopt\": \"match\"", "\"adopt\": \"match\", \"emptyMember\": \"cn=nobody\""}},
     1,
     "22:40: error: \"emptyMember\" serves only where \"members\" is mapped; remove it"},
    {"no lifecycle",
     {{",\n      \"lifecycle\": { \"deleted\": \"delete\" }", ""}},
     1,
     "45:5: error: say what DELETE does: \"lifecycle\": {\"deleted\": \"delete\"} removes the"},
    {"nothing about DELETE",
     {{"{ \"deleted\": \"delete\" }", "{}"}},
     1,
     "56:20: error: say what DELETE does: \"lifecycle\": {\"deleted\": \"delete\"} removes "
     "the"},
    {"bad deletion",
     {{"{ \"deleted\": \"delete\" }", "{ \"deleted\": \"remove\" }"}},
     1,
     "56:33: error: \"deleted\" must be \"delete\" (the entry really goes) or {\"when\": …, "
     "\"do\":"},
    {"inactive group",
     {{"{ \"deleted\": \"delete\" }", "{ \"inactive\": \"hide\", \"deleted\": \"delete\" }"}},
     1,
     "56:22: error: a Group has no \"active\"; remove \"inactive\""},
    {"later preset",
     {{"\"ppolicy-end\"", "\"ad-disable\""}},
     1,
     "34:21: error: \"inactive\": \"ad-disable\" is not supported yet; the dialect is"},
    {"misspelt preset",
     {{"\"ppolicy-end\"", "\"ppolicy\""}},
     1,
     "34:21: error: \"inactive\" must be \"hide\" or \"ppolicy-end\", not \"ppolicy\""},
    {"when under a base",
     {{"\"when\": \"(scimDeletedAt=*)\"", "\"when\": { \"under\": \"ou=x\" }"}},
     1,
     "36:19: error: \"when\" with \"under\" is not supported yet; write an LDAP filter such "
     "as"},
    {"bad when",
     {{"\"(scimDeletedAt=*)\"", "\"(scimDeletedAt=*\""}},
     1,
     "36:19: error: \"when\" is no LDAP filter: not an LDAP filter: expected ')' at byte 16"},
    {"no when",
     {{"\"when\": \"(scimDeletedAt=*)\",", ""}},
     1,
     "35:20: error: \"when\" is missing here"},
    {"do does nothing",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [], \"undo\": [{ "
               "\"unset\": [\"scimVisible\"] }] }"}},
     1,
     "34:9: error: \"do\" does not lead to the inactive state: after it \"when\""},
    {"do does the wrong thing",
     {{ACTIVE,
       "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"set\": { "
       "\"scimVisible\": \"TRUE\" } }], \"undo\": [{ \"unset\": [\"scimVisible\"] }] }"}},
     1,
     "34:9: error: \"do\" does not lead to the inactive state: after it \"when\""},
    {"undo does nothing",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"set\": { "
               "\"scimVisible\": \"FALSE\" } }], \"undo\": [] }"}},
     1,
     "34:9: error: \"undo\" does not lead out of the inactive state: after it \"when\""},
    {"always inactive",
     {{ACTIVE, "\"inactive\": { \"when\": \"(!(scimVisible=TRUE))\", \"do\": [{ \"set\": { "
               "\"scimVisible\": \"FALSE\" } }], \"undo\": [{ \"set\": { \"scimVisible\": "
               "\"TRUE\" } }] }"}},
     1,
     "34:9: error: an entry that nothing was done to would be in the inactive state:"},
    {"inactive only for a while",
     {{ACTIVE, "\"inactive\": { \"when\": \"(pwdEndTime>=now)\", \"do\": [{ \"set\": { "
               "\"pwdEndTime\": \"now\" } }], \"undo\": [{ \"unset\": [\"pwdEndTime\"] }] }"}},
     1,
     "34:9: error: the inactive state would end by itself: a day after \"do\", \"when\""},
    {"inactive is deleted",
     {{ACTIVE,
       "\"inactive\": { \"when\": \"(scimDeletedAt=*)\", \"do\": [{ \"set\": { "
       "\"scimDeletedAt\": \"now\" } }], \"undo\": [{ \"unset\": [\"scimDeletedAt\"] }] }"}},
     1,
     "35:9: error: an entry that is merely inactive would count as deleted: \"when\""},
    {"inactive leaves the scope",
     {{"(objectClass=inetOrgPerson)\"", "(&(objectClass=inetOrgPerson)(!(pwdEndTime=*)))\""}},
     1,
     "34:9: error: an inactive entry would not be found any more: the filter of the scope"},
    {"step on a mapped attribute",
     {{ACTIVE, "\"inactive\": { \"when\": \"(title=x)\", \"do\": [{ \"set\": { \"title\": "
               "\"x\" } }], \"undo\": [{ \"unset\": [\"title\"] }] }"}},
     2,
     "34:62: error: title is written by \"title\"; a lifecycle needs an attribute of its own"},
    {"step on a rule's attribute",
     {{ACTIVE, "\"inactive\": { \"when\": \"(cn=x)\", \"do\": [{ \"set\": { \"cn\": \"x\" } "
               "}], \"undo\": [{ \"unset\": [\"cn\"] }] }"}},
     2,
     "34:59: error: cn is written by \"entry\"; a lifecycle needs an attribute of its own"},
    {"step on the class",
     {{ACTIVE, "\"inactive\": { \"when\": \"(objectClass=x)\", \"do\": [{ \"set\": { "
               "\"objectClass\": \"x\" } }], \"undo\": [] }"}},
     1,
     "34:68: error: a lifecycle cannot change object classes; name them in \"auxiliary\""},
    {"step outside the syntax",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"set\": { "
               "\"scimVisible\": \"no\" } }], \"undo\": [] }"}},
     1,
     "34:87: error: scimVisible (Boolean) cannot hold \"no\""},
    {"now that is no time",
     {{ACTIVE, "\"inactive\": { \"when\": \"(l=now)\", \"do\": [{ \"set\": { \"l\": \"now\" } "
               "}], \"undo\": [{ \"unset\": [\"l\"] }] }"}},
     1,
     "34:65: error: \"now\" is a time, but l (Directory String) holds none"},
    {"two values in a single one",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"set\": { "
               "\"scimVisible\": [\"FALSE\", \"TRUE\"] } }], \"undo\": [] }"}},
     1,
     "34:87: error: scimVisible is single-valued"},
    {"misspelt step",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"sett\": { "
               "\"scimVisible\": \"FALSE\" } }], \"undo\": [] }"}},
     1,
     "34:63: error: a step has no key \"sett\"; did you mean \"set\"?"},
    {"later step",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"move\": "
               "\"ou=x\" }], \"undo\": [] }"}},
     1,
     "34:63: error: \"move\" is not supported yet; mark the entry with \"set\""},
    {"two things in a step",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"set\": { "
               "\"scimVisible\": \"FALSE\" }, \"unset\": [\"l\"] }], \"undo\": [] }"}},
     1,
     "34:61: error: a step does one thing; write one { … } for each"},
    {"stamp no time",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"set\": { "
               "\"scimVisible\": \"FALSE\" } }], \"undo\": [{ \"unset\": [\"scimVisible\"] }], "
               "\"stamp\": \"l\" }"}},
     1,
     "34:150: error: a stamp is a time, but l is a Directory String; use an attribute such"},
    {"inactive in inactive",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [\"inactive\"], "
               "\"undo\": [{ \"unset\": [\"scimVisible\"] }] }"}},
     1,
     "34:61: error: the only state a step can name is the inactive one, as \"inactive\" in"},
    {"aside in inactive",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"set\": { "
               "\"scimVisible\": \"FALSE\" } }], \"undo\": [{ \"unset\": [\"scimVisible\"] }], "
               "\"aside\": [\"uid\"] }"}},
     1,
     "34:141: error: the inactive state has no key \"aside\""},
    {"step names an absent state",
     {{"\"inactive\": \"ppolicy-end\",", ""}},
     2,
     "38:18: error: the lifecycle has no state \"inactive\"; add it, or remove this step"},
    {"bad strip",
     {{"[\"groups\"] }],", "[\"roles\"] }],"}},
     1,
     "38:41: error: \"strip\" must be [\"groups\"]"},
    {"undo as text",
     {{"[{ \"undo\": \"inactive\" }]", "[\"inactive\"]"}},
     1,
     "39:20: error: write {\"undo\": \"inactive\"} here"},
    {"undo in do",
     {{"[\"inactive\", {", "[{ \"undo\": \"inactive\" }, {"}},
     1,
     "38:28: error: \"undo\" belongs into \"undo\"; write \"inactive\""},
    {"aside not written",
     {{"\"aside\": [\"uid\"]", "\"aside\": [\"l\"]"}},
     1,
     "40:21: error: the map does not write l, so nobody can need it; remove it"},
    {"bad purge",
     {{"\"P90D\"", "\"90 days\""}},
     1,
     "41:20: error: \"purge\" must be a duration of weeks, days, hours, minutes and seconds,"},
    {"purge in months",
     {{"\"P90D\"", "\"P3M\""}},
     1,
     "41:20: error: \"purge\" must be a duration of weeks, days, hours, minutes and seconds,"},
    {"our attributes without our class",
     {{"[\"scimResource\"]", "[\"uidObject\"]"}},
     0,
     "27:44: warning: scimAltMail belongs to the class scimResource; add \"auxiliary\":"},
    {"purge without stamp",
     {{"\"when\": \"(scimDeletedAt=*)\",\n          \"stamp\": \"scimDeletedAt\"",
       "\"when\": \"(scimDeletedAt=*)\""}},
     1,
     "40:20: error: \"purge\" counts from the \"stamp\", which is missing; add \"stamp\":"},
};

START_TEST(test_complaint)
{
    str_t text = str_from_c(base_map);
    const map_t *map;

    for (size_t i = 0; i < 2 && complaints[_i].edits[i][0]; i++)
        text = replace(text, complaints[_i].edits[i][0], complaints[_i].edits[i][1]);
    map = load_text(text);
    ck_assert_msg(diags.errors == complaints[_i].errors, "%s: %zu errors\n%s",
                  complaints[_i].name, diags.errors, said());
    ck_assert_msg((map == NULL) == (diags.errors > 0), "%s", complaints[_i].name);
    ck_assert_msg(strstr(said(), complaints[_i].expected) != NULL, "%s: expected %s, not\n%s",
                  complaints[_i].name, complaints[_i].expected, said());
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

static const char *const shipped[] = {"ideo", "people", "sign-in-enterprise", "simple-in-out"};

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
    ck_assert_ptr_eq(map->dialect, map_find_dialect(STR("openldap")));
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
     "userName! name(familyName! givenName!) active emails(value type:work|other primary) "
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
    ck_assert_int_eq(user->purge_s, 90 * 86400);
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
    map = load_text(text);
    ck_assert_msg(map != NULL && diags.n == 0, "%s", said());
    ck_assert(str_eq(map->types[0].slots[0].ldap, STR("uid")));
    ck_assert(str_eq(map->types[0].rdn, STR("uid")));
    ck_assert(str_eq(map->types[0].aside[0], STR("uid")));
    ck_assert(str_eq(map->types[0].rules[0].ldap, STR("cn")));
}
END_TEST

START_TEST(test_purge)
{
    const char *text = str_printf(mem, "\"%s\"", purges[_i].text).p;
    const map_t *map = load_text(replace(str_from_c(base_map), "\"P90D\"", text));

    ck_assert_msg((map != NULL) == (purges[_i].seconds > 0), "%s: %s", text, said());
    if (map)
        ck_assert_int_eq(map->types[0].purge_s, purges[_i].seconds);
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
    tcase_add_loop_test(tests, test_complaint, 0, ARRAY_SIZE(complaints));
    tcase_add_loop_test(tests, test_shipped, 0, ARRAY_SIZE(shipped));
    tcase_add_loop_test(tests, test_slots_are_narrowed, 0, ARRAY_SIZE(shipped));
    tcase_add_loop_test(tests, test_narrow, 0, ARRAY_SIZE(narrowed));
    tcase_add_test(tests, test_names);
    tcase_add_test(tests, test_special_slots);
    tcase_add_test(tests, test_preferred_names);
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
    SRunner *runner = srunner_create(suite());
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
