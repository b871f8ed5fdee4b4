/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/load/share_rows.h - complaints about "values", "prefix" and "pattern". */
#ifndef UNIT_MAP_LOAD_SHARE_ROWS_H
#define UNIT_MAP_LOAD_SHARE_ROWS_H

#include "unit/map/load/complaint.h"

static const complaint_t share_complaints[] = {
    {"values no object",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"values\": [\"x\"] }"}},
     1,
     "28:47: error: \"values\" must be an object of SCIM values and what"},
    {"no values",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"values\": {} }"}},
     1,
     "28:47: error: \"values\" must be an object of SCIM values and what"},
    {"value no string",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"values\": { \"a\": 1 } }"}},
     1,
     "28:49: error: write the directory's spelling of \"a\" as a string"},
    {"two values for one",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"values\": { \"a\": \"x\", \"b\": \" "
              "X\" } }"}},
     1,
     "28:64: error: \"a\" and \"b\" would be the same in the directory"},
    {"else without values",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"else\": \"drop\" }"}},
     1,
     "28:45: error: \"else\" is about what \"values\" leaves out; remove it"},
    {"misspelt else",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"values\": { \"a\": \"x\" }, "
              "\"else\": \"ignore\" }"}},
     1,
     "28:69: error: \"else\" must be \"refuse\", \"drop\" or \"pass\", not \"ignore\""},
    {"values and as",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"as\": \"string\", \"values\": { "
              "\"a\": \"x\" } }"}},
     1,
     "28:43: error: \"values\" says how each value is stored; remove \"as\""},
    {"required, but dropped",
     {{TITLE, "        \"title\": { \"ldap\": \"title\", \"required\": true, \"values\": { "
              "\"a\": \"x\" }, \"else\": \"drop\" }"}},
     1,
     "28:87: error: what is dropped is not there, but \"title\" is required"},
    {"values outside the syntax",
     {{TITLE, TITLE ",\n        \"preferredLanguage\": { \"ldap\": \"mail\", \"values\": { "
                    "\"a\": \"\u00e9\" } }"},
      {"\"mail\", \"primary\"", "\"scimHomeMail\", \"primary\""}},
     1,
     "29:65: error: mail (IA5 String) cannot hold"},
    {"boolean values",
     {{TITLE, TITLE ",\n        \"urn:x:y:n\": { \"ldap\": \"employeeType\", \"type\": "
                    "\"boolean\", \"values\": { \"yes\": \"1\" } }"}},
     1,
     "29:79: error: \"yes\" is no boolean, which \"urn:x:y:n\" is"},
    {"booleans that pass",
     {{TITLE, TITLE ",\n        \"urn:x:y:n\": { \"ldap\": \"employeeType\", \"type\": "
                    "\"boolean\", \"values\": { \"true\": \"1\" }, \"else\": \"pass\" }"}},
     1,
     "29:102: error: only text passes as it is; write \"refuse\" or \"drop\""},
    {"values of a password",
     {{TITLE, TITLE ",\n        \"password\": { \"ldap\": \"userPassword\", \"values\": { "
                    "\"a\": \"x\" } }"}},
     1,
     "29:57: error: \"values\" fits text, whole numbers and booleans, and \"password\" is "
     "none"},
    {"prefix of blanks",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"prefix\": \"x \" }"}},
     1,
     "28:53: error: \"prefix\" is what values begin with"},
    {"prefix and pattern",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"prefix\": \"x\", \"pattern\": "
              "\"*y\" }"}},
     1,
     "28:69: error: write \"prefix\" or \"pattern\", not both"},
    {"pattern without a star",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"pattern\": \"x\" }"}},
     1,
     "28:54: error: \"pattern\" is text with one \"*\" for the rest"},
    {"pattern of two stars",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"pattern\": \"*x*\" }"}},
     1,
     "28:54: error: \"pattern\" is text with one \"*\" for the rest"},
    {"pattern of all",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"pattern\": \"*\" }"}},
     1,
     "28:54: error: \"pattern\" is text with one \"*\" for the rest"},
    {"demote without prefix",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"pattern\": \"*x\", "
              "\"demote\": \"y\" }"}},
     1,
     "28:70: error: \"demote\" is the prefix under which"},
    {"demoted to itself",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"prefix\": \"x:\", \"demote\": "
              "\"x:y\" }"}},
     1,
     "28:69: error: what is kept under \"x:y\" could not be told from \"x:\""},
    {"part of one value",
     {{TITLE, "        \"title\": { \"ldap\": \"scimNickName\", \"prefix\": \"x\" }"}},
     1,
     "28:54: error: scimNickName holds one value, so there is nothing to part"},
    {"part of what is no text",
     {{TITLE, "        \"title\": { \"ldap\": \"telephoneNumber\", \"prefix\": \"x\" }"}},
     1,
     "28:57: error: the values of telephoneNumber (Telephone Number) are no text"},
    {"values and a prefix of letters",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"prefix\": \"x:\", \"values\": "
              "{ \"a\": \"b\" } }"}},
     1,
     "28:53: error: with \"values\" the case of letters in a prefix must count"},
    {"parts that overlap",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"prefix\": \"x\" },\n        "
              "\"nickName\": { \"ldap\": \"description\", \"prefix\": \"x:\" }"}},
     1,
     "29:56: error: a value of description could be of this path and of \"title\""},
    {"pattern and prefix that overlap",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"prefix\": \"X:\" },\n        "
              "\"nickName\": { \"ldap\": \"description\", \"pattern\": \"x:*\" }"}},
     1,
     "29:57: error: a value of description could be of this path and of \"title\""},
    {"patterns that overlap",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"pattern\": \"*@b.c\" },\n     "
              "   \"nickName\": { \"ldap\": \"description\", \"pattern\": \"*.c\" }"}},
     1,
     "29:57: error: a value of description could be of this path and of \"title\""},
    {"part and all",
     {{TITLE, "        \"title\": { \"ldap\": \"description\", \"prefix\": \"x\" },\n        "
              "\"nickName\": \"description\""}},
     1,
     "29:21: error: the LDAP attribute description holds \"title\" already"},
    {"none and values",
     {{TITLE, TITLE ",\n        \"urn:x:y:n\": { \"ldap\": \"o\", \"values\": { \"a\": \"b\" "
                    "}, \"none\": [\"x\"] }"}},
     1,
     "29:69: error: \"values\" says what each value means; remove \"none\""},
    {"none of a part",
     {{TITLE, TITLE
       ",\n        \"urn:x:y:n\": { \"ldap\": \"o\", \"prefix\": \"1\", \"none\": [\"x\"] }"}},
     1,
     "29:60: error: where there is no value of a part there is no value"},
    {"part of bytes",
     {{TITLE, TITLE ", \"x509Certificates\": { \"ldap\": \"jpegPhoto\", \"as\": \"base64\", "
                    "\"prefix\": \"a\" }"}},
     1,
     "28:96: error: only text has parts; map \"x509Certificates\" to an attribute alone"},
    {"part of a number",
     {{TITLE, TITLE ", \"nickName\": { \"ldap\": \"telephoneNumber\", \"prefix\": \"a\" }"}},
     1,
     "28:78: error: the values of telephoneNumber (Telephone Number) are no text, so they have "
     "no parts; use another attribute"},
};

#endif
