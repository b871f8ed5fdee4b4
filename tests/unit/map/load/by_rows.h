/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/load/by_rows.h - complaints about references by name, and in several attributes. */
#ifndef UNIT_MAP_LOAD_BY_ROWS_H
#define UNIT_MAP_LOAD_BY_ROWS_H

#include "unit/map/load/complaint.h"

#define MEMBERS "{ \"ldap\": \"member\", \"reference\": [\"users\", \"groups\"] }"
#define BY "{ \"ldap\": \"memberUid\", \"reference\": [\"users\"], \"by\": \"uid\" }"
#define EMPTY_MEMBER "      \"emptyMember\": \"cn=nobody\",\n"
/* The group with this attribute for members, of a class that demands none. */
#define GROUP(class, slot, more)                                                               \
    "\"objectClass\": [\"" class "\"],\n"                                                      \
                                 "      \"parent\": \"ou=groups,dc=example,dc=com\",\n"        \
                                 "      \"match\": [\"displayName\"],\n"                       \
                                 "      \"attributes\": {\n"                                   \
                                 "        \"displayName\": { \"ldap\": \"cn\", \"required\": " \
                                 "true },\n"                                                   \
                                 "        \"members\": " slot "\n      },\n" more
#define CRATE(slot, more)                                                       \
    {GROUP("groupOfNames", MEMBERS, EMPTY_MEMBER), GROUP("crate", slot, more)}, \
    {                                                                           \
        "(objectClass=groupOfNames)", "(cn=*)"                                  \
    }

static const complaint_t by_complaints[] = {
    {"further attributes of members",
     {{"{ \"ldap\": \"member\", \"reference\": [\"users\", \"groups\"] }",
       "[{ \"ldap\": \"member\", \"reference\": [\"groups\"] }, \"owner\"]"}},
     1,
     "53:68: error: \"members\" refers to other resources; write {\"ldap\": \"owner\","},
    {"a further attribute by name, and by DN",
     {{MEMBERS, "[{ \"ldap\": \"member\", \"reference\": [\"users\", \"groups\"] }, " BY
                ", { \"ldap\": \"owner\", \"reference\": [\"users\"] }]"}},
     0,
     ""},
    {"a further attribute with other scopes",
     {{MEMBERS, "[{ \"ldap\": \"member\", \"reference\": [\"users\"] }, "
                "{ \"ldap\": \"owner\", \"reference\": [\"users\", \"groups\"] }]"}},
     1,
     "53:109: error: only the first attribute, member, is read, and it does not refer to the "
     "scope \"groups\"; remove it here, or name it there too"},
    {"by in an attribute of DNs",
     {{"[\"users\", \"groups\"] }", "[\"groups\"], \"by\": \"uid\" }"}},
     1,
     "53:71: error: member holds DNs, which mean one entry each; remove \"by\", or name an "
     "attribute such as memberUid"},
    {"by the naming attribute", {CRATE(BY, "")}, 0, ""},
    {"by another attribute than the naming one",
     {CRATE("{ \"ldap\": \"memberUid\", \"reference\": [\"users\"], \"by\": \"mail\" }", "")},
     1,
     "53:73: error: entries of the scope \"users\" are named by uid; of mail they may have "
     "none "
     "or several, and others the same; write \"by\": \"uid\", name a User by mail"},
    {"by an attribute that groups are not named by",
     {CRATE("{ \"ldap\": \"memberUid\", \"reference\": [\"users\", \"groups\"], \"by\": "
            "\"uid\" }",
            "")},
     1,
     "53:83: error: entries of the scope \"groups\" are named by cn; of uid they may have none "
     "or several, and others the same; write \"by\": \"cn\", name a Group by uid (\"rdn\"), or "
     "remove"},
    {"by, and a member that stands in for none",
     {CRATE(BY, EMPTY_MEMBER)},
     1,
     "55:22: error: \"emptyMember\" is a DN, but memberUid holds members by uid, so a group "
     "needs none; remove it"},
    {"by what is no name",
     {{MEMBERS, "{ \"ldap\": \"memberUid\", \"reference\": [\"users\"], \"by\": \"u d\" }"}},
     1,
     "53:73: error: \"u d\" is no name of an LDAP attribute"},
    {"by of text",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"by\": \"uid\" }"}},
     1,
     "28:43: error: \"by\" is about references to resources, and \"title\" is none; remove it"},
    {"by, in an attribute that cannot be searched",
     {{MEMBERS, "{ \"ldap\": \"facsimileTelephoneNumber\", \"reference\": [\"users\"], \"by\": "
                "\"uid\" }"}},
     1,
     "53:30: error: the directory cannot search for a value of facsimileTelephoneNumber"},
    {"prefix of a reference by name",
     {{MEMBERS, "{ \"ldap\": \"memberUid\", \"reference\": [\"users\"], \"by\": \"uid\", "
                "\"prefix\": \"x\" }"}},
     1,
     "53:90: error: a reference is held as another entry's name; remove \"prefix\""},
    {"by of text, in a further attribute",
     {{TITLE, "        \"title\": [\"title\", { \"ldap\": \"o\", \"by\": \"uid\" }]"}},
     1,
     "28:49: error: \"by\" is about references to resources, and \"title\" is none; remove it"},
};

#endif
