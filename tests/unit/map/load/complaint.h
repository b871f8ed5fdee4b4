/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/load/complaint.h - a good map, and the form of what is said of maps that differ from it. */
#ifndef UNIT_MAP_LOAD_COMPLAINT_H
#define UNIT_MAP_LOAD_COMPLAINT_H

#include <stddef.h>

#define COUNTER "\"cn=uid,ou=counters,dc=example,dc=com\""
#define ALLOCATE(dn, more) "\"uidNumber\": { \"allocate\": " dn more " }, \"cn\": ["
#define RULE(write, conflict)                                                       \
    "\"l\": { \"from\": \"x\", \"write\": \"" write "\", \"conflict\": \"" conflict \
    "\" }, \"cn\": ["

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
#define OWN(name, endpoint, schema) \
    "\"" name "\": { \"endpoint\": \"" endpoint "\", \"schema\": \"" schema "\","
#define SCHEMA(urn, attributes) \
    "\"schemas\": { \"" urn "\": { \"attributes\": [" attributes "] } }, \"scopes\": {"
#define ACTIVE "\"inactive\": \"ppolicy-end\""

typedef struct {
    const char *name, *edits[2][2]; /* what is replaced, and by what */
    size_t errors;                  /* all of them: one mistake leads to one complaint */
    const char *expected;           /* part of what is said */
} complaint_t;

#endif
