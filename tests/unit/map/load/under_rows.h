/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/load/under_rows.h - complaints about states that the place tells. */
#ifndef UNIT_MAP_LOAD_UNDER_ROWS_H
#define UNIT_MAP_LOAD_UNDER_ROWS_H

#include "unit/map/load/complaint.h"

#define UNDER "{ \"under\": \"ou=x\" }"
#define MOVE(to) "{ \"move\": \"" to "\" }"

static const complaint_t under_complaints[] = {
    {"under a place, without a move",
     {{"\"when\": \"(scimDeletedAt=*)\"", "\"when\": { \"under\": \"ou=x\" }"}},
     1,
     "35:9: error: \"do\" does not lead to the deleted state: after it \"when\" {\"under\": "
     "\"ou=x\"} is not true; let \"do\" end with a \"move\" to what \"when\" asks for"},
    {"under a place, without a way back",
     {{ACTIVE, "\"inactive\": { \"when\": " UNDER ", \"do\": [" MOVE("ou=x") "] }"}},
     1,
     "34:9: error: \"undo\" does not lead out of the inactive state: after it \"when\" "
     "{\"under\": \"ou=x\"} is still true; add {\"move\": \"parent\"} to \"undo\""},
    {"under nothing",
     {{ACTIVE, "\"inactive\": { \"when\": {}, \"do\": [" MOVE("ou=x") "] }"}},
     1,
     "34:31: error: write {\"under\": DN}, or an LDAP filter"},
    {"under what is no DN",
     {{ACTIVE, "\"inactive\": { \"when\": { \"under\": \"x\" }, \"do\": [" MOVE("ou=x") "] }"}},
     1,
     "34:42: error: \"under\" is no DN: "},
    {"under the root",
     {{ACTIVE, "\"inactive\": { \"when\": { \"under\": \"\" }, \"do\": [" MOVE("ou=x") "] }"}},
     1,
     "34:42: error: \"under\" must not be the root of the directory"},
    {"under no text",
     {{ACTIVE, "\"inactive\": { \"when\": { \"under\": 7 }, \"do\": [" MOVE("ou=x") "] }"}},
     1,
     "34:42: error: \"under\" must be a DN"},
    {"under a place, and a filter",
     {{ACTIVE, "\"inactive\": { \"when\": { \"under\": \"ou=x\", \"filter\": \"(l=x)\" } }"}},
     1,
     "34:50: error: the place alone must tell the state, or a request that failed half-way"},
    {"under the base",
     {{ACTIVE, "\"inactive\": { \"when\": { \"under\": \"OU=Users, dc=example,dc=com\" } }"}},
     1,
     "34:42: error: \"under\": \"OU=Users, dc=example,dc=com\" is a base of the scope "
     "\"users\", "
     "so the place would not tell the state; name a place beside it"},
    {"under what holds the base",
     {{ACTIVE, "\"inactive\": { \"when\": { \"under\": \"dc=example,dc=com\" } }"}},
     1,
     "34:42: error: \"under\": \"dc=example,dc=com\" and \"ou=users,dc=example,dc=com\" of the "
     "scope \"users\" lie in one another"},
    {"under a place in a base",
     {{ACTIVE,
       "\"inactive\": { \"when\": { \"under\": \"ou=x,ou=users,dc=example,dc=com\" } }"},
      {"\"depth\": \"one\",", ""}},
     1,
     "error: \"under\": \"ou=x,ou=users,dc=example,dc=com\" and \"ou=users,dc=example,dc=com\" "
     "of "
     "the scope \"users\" lie in one another, and not every directory can tell entries apart "
     "by "
     "their DN; name a place beside it, or let the scope's \"depth\" be \"one\""},
    {"both states under one place",
     {{ACTIVE, "\"inactive\": { \"when\": " UNDER
               ", \"do\": [" MOVE("ou=x") "], \"undo\": [" MOVE("parent") "] }"},
      {"\"when\": \"(scimDeletedAt=*)\"", "\"when\": " UNDER}},
     1,
     "36:30: error: \"under\": \"ou=x\" is the place of the other state of the scope "
     "\"users\""},
    {"under a place, in a scope that others write too",
     {{ACTIVE, "\"inactive\": { \"when\": " UNDER " }"},
      {"\"depth\": \"one\",", "\"depth\": \"one\", \"shared\": true,"}},
     1,
     "34:42: error: the scope \"users\" is shared, and nothing is moved there; mark the "
     "entries"},
    {"a move elsewhere",
     {{ACTIVE, "\"inactive\": { \"when\": " UNDER ", \"do\": [" MOVE("ou=y") "] }"}},
     1,
     "34:69: error: what is moved to \"ou=y\" does not lie directly under \"ou=x\", which "
     "\"when\" "
     "asks for; write that DN"},
    {"a move below, where only children belong to the scope",
     {{ACTIVE, "\"inactive\": { \"when\": " UNDER ", \"do\": [" MOVE("ou=y,ou=x") "] }"}},
     1,
     "34:69: error: what is moved to \"ou=y,ou=x\" does not lie directly under \"ou=x\""},
    {"a move elsewhere, where a place below would do",
     {{"\"depth\": \"one\",", ""},
      {ACTIVE, "\"inactive\": { \"when\": " UNDER ", \"do\": [" MOVE("ou=y") "] }"}},
     1,
     "error: what is moved to \"ou=y\" does not lie under \"ou=x\", which \"when\" asks for; "
     "write that DN, or one below it"},
    {"a move to no DN",
     {{ACTIVE, "\"inactive\": { \"when\": " UNDER ", \"do\": [" MOVE("x") "] }"}},
     1,
     "34:69: error: \"move\" is no DN: "},
    {"a move back in do",
     {{ACTIVE, "\"inactive\": { \"when\": " UNDER ", \"do\": [" MOVE("parent") "] }"}},
     1,
     "34:69: error: in \"do\" write the DN to move to; \"parent\" belongs into \"undo\""},
    {"a move back elsewhere",
     {{ACTIVE, "\"inactive\": { \"when\": " UNDER ", \"undo\": [" MOVE("ou=y") "] }"}},
     1,
     "34:71: error: in \"undo\" write {\"move\": \"parent\"}: back to where the map's "
     "\"parent\""},
    {"a place takes the look before POST with it",
     {{"\"depth\": \"one\",", "\"depth\": \"one\", \"unique\": [\"uid\"],"},
      {ACTIVE, "\"inactive\": { \"when\": " UNDER
               ", \"do\": [" MOVE("ou=x") "], \"undo\": [" MOVE("parent") "] }"}},
     0,
     "warning: unique: POST looks before it adds, whatever you promise of uid: the lifecycle "
     "moves "
     "entries, so that another place may have the same name; remove it"},
    {"a move that no place tells",
     {{ACTIVE, "\"inactive\": { \"when\": \"(scimVisible=FALSE)\", \"do\": [{ \"move\": "
               "\"ou=x\" }]}"}},
     1,
     "34:71: error: \"move\" needs \"when\": {\"under\": DN} in the same state, so that the "
     "place "
     "tells it and entries are found there"},
};

#endif
