/* SPDX-License-Identifier: Apache-2.0 */
/* unit/map/slots_rows.h - what is shown, made, changed and found by slots of each kind. In maps,
 * resources and filters ' stands for ". */
#ifndef UNIT_MAP_SLOTS_ROWS_H
#define UNIT_MAP_SLOTS_ROWS_H

#define SLOTS_BASE "ou=users,ou=people,dc=example,dc=com"
#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

#define IF_EMPTY "'title':{'ldap':'title','write':'if-empty'}"
#define DISCARD "'title':{'ldap':'title','write':'discard-writes'}"
#define DROP \
    "'" ENTERPRISE ":manager':{'ldap':'manager','reference':['users'],'missing':'drop'}"

#define COUNTRY                                                      \
    "'addresses[type eq \\'work\\'].country':{'ldap':'scimCountry'," \
    "'values':{'Germany':'DE','France':'FR'}"
#define REFUSE COUNTRY "}"
#define LEAVE COUNTRY ",'else':'drop'}"
#define PASS COUNTRY ",'else':'pass'}"
#define FLAG                                                       \
    "'urn:x:1:User:flag':{'ldap':'employeeType','type':'boolean'," \
    "'values':{'true':'yes','false':'no'}}"
#define LEVEL                                                       \
    "'urn:x:1:User:level':{'ldap':'employeeType','type':'integer'," \
    "'values':{'1':'low','2':'high'}}"
#define ROLES "'roles':{'ldap':'scimRole','values':{'Staff':'staff','Guest':'visitor'}}"
#define LIVES(country) "{'addresses':[{'country':'" country "','type':'work'}]}"

typedef struct {
    const char *name, *slots, *entry, *resource;
} shown_row_t;

static const shown_row_t shown_rows[] = {
    {"if-empty", IF_EMPTY, "title: T", "{'title':'T'}"},
    {"discarded", DISCARD, "title: T", "{'title':'T'}"},
    {"value in the table", REFUSE, "scimCountry: DE", LIVES("Germany")},
    {"value in another case", REFUSE, "scimCountry: de", LIVES("Germany")},
    {"value not in the table", REFUSE, "scimCountry: IT", "{}"},
    {"value that was dropped", LEAVE, "scimCountry: IT", "{}"},
    {"value that passes", PASS, "scimCountry: IT", LIVES("IT")},
    {"value that would be another", PASS, "scimCountry: Germany", "{}"},
    {"the first that is in the table", REFUSE, "scimCountry: IT\nscimCountry: FR",
     LIVES("France")},
    {"yes", FLAG, "employeeType: YES", "{'urn:x:1:User':{'flag':true}}"},
    {"neither yes nor no", FLAG, "employeeType: true", "{}"},
    {"level", LEVEL, "employeeType: high", "{'urn:x:1:User':{'level':2}}"},
    {"roles", ROLES, "scimRole: staff\nscimRole: other\nscimRole: visitor",
     "{'roles':[{'value':'Staff'},{'value':'Guest'}]}"},
};

typedef struct {
    const char *name, *slots, *resource;
    const char *entry; /* what it has beyond classes and names */
    const char *error;
} made_row_t;

static const made_row_t made_rows[] = {
    {"if-empty", IF_EMPTY, "{'title':'T'}", "\ntitle: T", NULL},
    {"discarded", DISCARD, "{'title':'T'}", "", NULL},
    {"dropped", DROP, "{'" ENTERPRISE "':{'manager':{'value':'x'}}}", "", NULL},
    {"not dropped", DROP, "{'" ENTERPRISE "':{'manager':{'value':'" ANNA_ID "'}}}",
     "\nmanager: " ANNA_DN, NULL},
    {"value in the table", REFUSE, LIVES("Germany"), "\nscimCountry: DE", NULL},
    {"value in another case", REFUSE, LIVES("GERMANY"), "\nscimCountry: DE", NULL},
    {"value not in the table", REFUSE, LIVES("Italy"), NULL,
     "\"Italy\" is none of the values Germany, France"},
    {"value that is dropped", LEAVE, LIVES("Italy"), "", NULL},
    {"value that passes", PASS, LIVES("Italy"), "\nscimCountry: Italy", NULL},
    {"value that would be another", PASS, LIVES("de"), NULL,
     "\"de\" is how the directory spells \"Germany\"; send that"},
    {"yes", FLAG, "{'urn:x:1:User':{'flag':true}}", "\nemployeeType: yes", NULL},
    {"level", LEVEL, "{'urn:x:1:User':{'level':2}}", "\nemployeeType: high", NULL},
    {"no level", LEVEL, "{'urn:x:1:User':{'level':3}}", NULL, "none of the values 1, 2"},
    {"roles", ROLES, "{'roles':[{'value':'Staff'},{'value':'staff'},{'value':'Guest'}]}",
     "\nscimRole: staff | visitor", NULL},
};

#define SET_TITLE "[{'op':'replace','path':'title','value':'U'}]"
#define NO_TITLE "[{'op':'remove','path':'title'}]"

typedef struct {
    const char *name, *slots, *entry, *operations, *mods, *error;
} changed_row_t;

static const changed_row_t changed_rows[] = {
    {"if-empty, empty", IF_EMPTY, "", SET_TITLE, "replace title: U", NULL},
    {"if-empty, not empty", IF_EMPTY, "title: T", SET_TITLE, "", NULL},
    {"if-empty, not empty but unseen", IF_EMPTY, "title: \xff", SET_TITLE, "", NULL},
    {"if-empty, removed", IF_EMPTY, "title: T", NO_TITLE, "", NULL},
    {"discarded", DISCARD, "", SET_TITLE, "", NULL},
    {"discarded, there", DISCARD, "title: T", SET_TITLE, "", NULL},
    {"discarded, removed", DISCARD, "title: T", NO_TITLE, "", NULL},
    {"dropped", DROP, "manager: " ANNA_DN,
     "[{'op':'replace','path':'" ENTERPRISE ":manager','value':{'value':'x'}}]",
     "replace manager: ", NULL},
    {"values of several", ROLES, "scimRole: staff\nscimRole: other",
     "[{'op':'replace','path':'roles','value':[{'value':'Guest'}]}]",
     "delete scimRole: staff; add scimRole: visitor", NULL},
    {"the same role", ROLES, "scimRole: STAFF\nscimRole: other",
     "[{'op':'add','path':'roles','value':[{'value':'staff'}]}]", "", NULL},
    {"dropped country", LEAVE, "scimCountry: DE",
     "[{'op':'replace','path':'addresses[type eq \\\"work\\\"].country','value':'Italy'}]",
     "replace scimCountry: ", NULL},
};

typedef struct {
    const char *name, *slots, *entry, *body, *mods;
} put_row_t;

static const put_row_t put_rows[] = {
    {"if-empty, empty", IF_EMPTY, "", "{'title':'U'}", "replace title: U"},
    {"if-empty, not empty", IF_EMPTY, "title: T", "{'title':'U'}", ""},
    {"if-empty, omitted", IF_EMPTY, "title: T", "{}", ""},
    {"discarded", DISCARD, "title: T", "{'title':'U'}", ""},
    {"discarded, omitted", DISCARD, "title: T", "{}", ""},
};

typedef struct {
    const char *name, *slots, *filter, *ldap, *error;
} asked_row_t;

static const asked_row_t asked_rows[] = {
    {"discarded", DISCARD, "title eq 'T'", "(title=T)", NULL},
    {"equal to a word", REFUSE, "addresses.country eq 'germany'", "(scimCountry=DE)", NULL},
    {"equal to no word", REFUSE, "addresses.country eq 'DE'", "(|)", NULL},
    {"not a word", REFUSE, "not (addresses.country eq 'Germany')", "(!(scimCountry=DE))", NULL},
    {"words with an a", REFUSE, "addresses.country co 'AN'",
     "(|(scimCountry=DE)(scimCountry=FR))", NULL},
    {"words that begin so", REFUSE, "addresses.country sw 'f'", "(scimCountry=FR)", NULL},
    {"words after", REFUSE, "addresses.country gt 'France'", "(scimCountry=DE)", NULL},
    {"any word", LEAVE, "addresses.country pr", "(|(scimCountry=DE)(scimCountry=FR))", NULL},
    {"anything", PASS, "addresses.country pr", "(scimCountry=*)", NULL},
    {"a word, though others pass", PASS, "addresses.country eq 'France'", "(scimCountry=FR)",
     NULL},
    {"another", PASS, "addresses.country eq 'IT'", "(scimCountry=IT)", NULL},
    {"the directory's spelling", PASS, "addresses.country eq 'DE'", "(|)", NULL},
    {"part of any", PASS, "addresses.country co 'I'", NULL, "compare with eq and ne"},
    {"flag", FLAG, "urn:x:1:User:flag eq true", "(employeeType=yes)", NULL},
    {"flag ne", FLAG, "urn:x:1:User:flag ne true", "(!(employeeType=yes))", NULL},
    {"flag as a string", FLAG, "urn:x:1:User:flag eq 'yes'", NULL, "is a boolean"},
    {"level", LEVEL, "urn:x:1:User:level gt 1", NULL, "compare with eq and ne"},
};

#endif
