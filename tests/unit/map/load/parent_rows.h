/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/load/parent_rows.h - complaints about "parent". */
#ifndef UNIT_MAP_LOAD_PARENT_ROWS_H
#define UNIT_MAP_LOAD_PARENT_ROWS_H

#include "unit/map/load/complaint.h"

static const complaint_t parent_complaints[] = {
    {"unknown resource key",
     {{"\"parent\": \"ou=users", "\"parents\": \"ou=users"}},
     2,
     "15:13: error: \"parent\" is missing here"},
    {"nothing to follow",
     {{"\"adopt\": \"match\"", "\"adopt\": \"match\", \"follow\": true"}},
     1,
     "22:35: error: \"parent\" is the same for all, so there is nothing to follow; remove it"},
    {"following in a shared scope",
     {{"\"depth\": \"one\"", "\"shared\": true"},
      {"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"follow\": true, \"parent\": [\"ou={title},ou=users,dc=example,dc=com\", "
       "\"ou=users,dc=example,dc=com\"]"}},
     1,
     "20:17: error: the scope \"users\" is shared, and nothing is moved there; remove "
     "\"follow\""},
    {"following that is no truth value",
     {{"\"adopt\": \"match\"", "\"adopt\": \"match\", \"follow\": \"yes\""}},
     1,
     "22:35: error: \"follow\" must be true or false"},
    {"parent outside",
     {{"\"parent\": \"ou=users,", "\"parent\": \"ou=x,ou=users,"}},
     1,
     "20:17: error: entries made here would lie outside the scope \"users\"; write one of its"},
    {"parent no DN",
     {{"\"parent\": \"ou=users,", "\"parent\": \"users,"}},
     1,
     "20:17: error: \"parent\" is no DN: not a distinguished name: expected the name of an"},
    {"parent template below one level",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": \"ou={title},ou=users,dc=example,dc=com\""}},
     1,
     "20:17: error: entries made here would lie outside the scope \"users\"; write one of its"},
    {"parent template elsewhere",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": \"ou={title},ou=groups,dc=example,dc=com\""},
      {"\"depth\": \"one\",", ""}},
     1,
     "error: entries made here would lie outside the scope \"users\"; write one of its bases"},
    {"parent with a path for a name",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": \"{title}=x,ou=users,dc=example,dc=com\""}},
     1,
     "20:17: error: a path in braces may be a value of the DN, not the name of an attribute: "
     "write"},
    {"parent with an open brace",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": \"ou={title,ou=users,dc=example,dc=com\""}},
     1,
     "20:17: error: template: a \"{\" has no \"}\" after it"},
    {"parent of two values, one of a path",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": \"ou={title}+l=x,ou=users,dc=example,dc=com\""},
      {"\"depth\": \"one\",", ""}},
     1,
     "error: a path in braces cannot be one of several values joined by \"+\""},
    {"no parents",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"", "\"parent\": []"}},
     1,
     "20:17: error: \"parent\" needs at least one DN"},
    {"parent that is a number",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"", "\"parent\": [1]"}},
     1,
     "20:18: error: write a DN, or {\"if\": …, \"dn\": …, \"create\": …}"},
    {"parent without DN",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"", "\"parent\": [{ \"if\": \"title pr\" }]"}},
     1,
     "20:18: error: \"dn\" is missing here"},
    {"misspelt parent key",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [{ \"dn\": \"ou=users,dc=example,dc=com\", \"creat\": \"always\" }]"}},
     1,
     "20:56: error: a line of \"parent\" has no key \"creat\"; did you mean \"create\"?"},
    {"misspelt creation",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [{ \"dn\": \"ou=users,dc=example,dc=com\", \"create\": \"alway\" }]"}},
     1,
     "20:66: error: \"create\" must be \"never\" or \"always\", not \"alway\""},
    {"parent with a bad filter",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [{ \"if\": \"title eqq x\", \"dn\": \"ou=users,dc=example,dc=com\" }]"}},
     1,
     "20:26: error: \"if\" is no SCIM filter: "},
    {"parent with a filter on what is unmapped",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [{ \"if\": \"title pr and nickName eq \\\"x\\\"\", \"dn\": "
       "\"ou=users,dc=example,dc=com\" }]"}},
     1,
     "20:26: error: \"if\": \"nickName\" is not mapped, so it never has a value; add it to"},
    {"creation of what is no unit",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [{ \"dn\": \"cn={title},ou=users,dc=example,dc=com\", \"create\": "
       "\"always\" }]"},
      {"\"depth\": \"one\",", ""}},
     1,
     "error: \"create\" makes organizational units, which are named by ou, not by cn; remove "
     "it"},
    {"parent that is never reached",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [{ \"dn\": \"ou=x,ou=users,dc=example,dc=com\", \"create\": \"always\" }, "
       "\"ou=users,dc=example,dc=com\"]"},
      {"\"depth\": \"one\",", ""}},
     1,
     "error: this line is never reached, as the one before applies always; remove it, or put"},
    {"parent that may not apply",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": [{ \"if\": \"title pr\", \"dn\": \"ou=users,dc=example,dc=com\" }]"}},
     0,
     "20:17: warning: a User to which no line applies is refused; end with a DN that has"},
    {"too many paths",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": "
       "\"ou={userName}{userName}{userName}{userName}{userName}{userName}{userName}{userName}{"
       "userName}{userName}{userName}{userName}{userName}{userName}{userName}{userName}{"
       "userName}{userName}{userName}{userName}{userName}{userName}{userName}{userName}{"
       "userName}{userName}{userName}{userName}{userName}{userName}{userName}{userName}{"
       "userName}{userName}{userName}{userName}{userName}{userName}{userName}{userName}{"
       "userName}{userName}{userName}{userName}{userName}{userName}{userName}{userName}{"
       "userName}{userName}{userName}{userName}{userName}{userName}{userName}{userName}{"
       "userName}{userName}{userName}{userName}{userName}{userName}{userName}{userName}{"
       "userName},ou=users,dc=example,dc=com\""},
      {"\"depth\": \"one\",", ""}},
     1,
     "20:17: error: template: too many paths"},
    {"below a child of the base",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": \"ou=a,ou=users,dc=example,dc=com\""}},
     1,
     "20:17: error: entries made here would lie outside the scope \"users\"; write one of its "
     "bases (\"depth\": \"one\" takes only its direct children)"},
    {"below the base, of which only children count",
     {{"\"parent\": \"ou=users,dc=example,dc=com\"",
       "\"parent\": \"ou={title},ou=users,dc=example,dc=com\""}},
     1,
     "20:17: error: entries made here would lie outside the scope \"users\"; write one of its "
     "bases (\"depth\": \"one\" takes only its direct children)"},
};

#endif
