/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/load/load_rows.h - complaints about the whole file, and what any part of it may be. */
#ifndef UNIT_MAP_LOAD_LOAD_ROWS_H
#define UNIT_MAP_LOAD_LOAD_ROWS_H

#include "unit/map/load/complaint.h"

static const complaint_t load_complaints[] = {
    {"not JSON",
     {{"\"dialect\": \"openldap\",", "\"dialect\": ,"}},
     1,
     "3:14: error: expected a value for \"dialect\", found ','"},
    {"a configuration",
     {{"\"dialect\": \"openldap\",", "\"directories\": {}, \"connectors\": {},"}},
     1,
     "1:1: error: this is a configuration, not a map; \"scimbridge check -c\" checks"},
    {"unknown key",
     {{"\"integrity\"", "\"integrty\""}},
     1,
     "4:3: error: a map has no key \"integrty\"; did you mean \"integrity\"?"},
    {"unknown dialect",
     {{"\"openldap\"", "\"oracle\""}},
     1,
     "3:14: error: \"dialect\" must be \"openldap\", \"389\" or \"ad\", not \"oracle\""},
    {"unknown dialect, and a group without the member that stands in for none",
     {{"\"openldap\"", "\"oracle\""}, {"\"emptyMember\": \"cn=nobody\",", ""}},
     2,
     "3:14: error: \"dialect\" must be "},
    {"later dialect",
     {{"\"openldap\"", "\"opendj\""}},
     1,
     "3:14: error: \"dialect\": \"opendj\" is not supported yet; OpenLDAP, 389 Directory "
     "Server "
     "and Active Directory are served so far"},
    {"no dialect",
     {{"\"dialect\": \"openldap\",", ""}},
     1,
     "1:1: error: \"dialect\" is missing here"},
    {"no scopes",
     {{"\"scopes\"", "\"scope\""}},
     2,
     "5:3: error: a map has no key \"scope\"; did you mean \"scopes\"?"},
    {"unmapped, of another word",
     {{"\"scopes\"", "\"unmapped\": \"refused\", \"scopes\""}},
     1,
     "error: \"unmapped\" must be \"ignore\" or \"refuse\", not \"refused\"; did you mean"},
    {"misspelt integrity",
     {{"\"server\"", "\"sever\""}},
     1,
     "4:16: error: \"integrity\" must be \"server\" or \"bridge\", not \"sever\"; did you mean "
     "\"server\"?"},
    {"no resources",
     {{"\"resources\": {", "\"resources\": [], \"more\": {"}},
     2,
     "14:16: error: \"resources\" must say what a User, a Group or both are: {\"User\": { … "
     "}}"},
    {"resource that is an array",
     {{"\"Group\": {", "\"Group\": [], \"more\": {"}},
     2,
     "45:14: error: a resource must be an object { … }, not an array"},
};

#endif
