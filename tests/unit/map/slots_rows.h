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

/* The directory ignores case in description: SMTP:a and smtp:a are one value to it. */
#define MAILS                                                                    \
    "'emails[type eq \\'work\\'].value':{'ldap':'description','prefix':'SMTP:'," \
    "'primary':true,'demote':'smtp:'},"                                          \
    "'emails[type eq \\'other\\'].value':{'ldap':'description','prefix':'smtp:'}"
#define MANY_MAILS                                                               \
    "'emails[type eq \\'work\\'].value':{'ldap':'description','prefix':'SMTP:'," \
    "'primary':true},"                                                           \
    "'emails[type eq \\'other\\'].value':{'ldap':'description','prefix':'smtp:'}"
#define PART_MAIL                                                                          \
    "'emails[type eq \\'work\\'].value':{'ldap':'description','pattern':'*@uni.example'}," \
    "'title':{'ldap':'description','pattern':'*@other.example'}"
#define CODES                                                                  \
    "'emails[type eq \\'work\\'].value':{'ldap':'description','prefix':'1:'}," \
    "'title':{'ldap':'description','prefix':'2:','values':{'Boss':'b','Clerk':'c'}}"
#define OURS "'emails[type eq \\'work\\'].value':{'ldap':'mail','pattern':'*@uni.example'}"
#define BOTH                                                                                   \
    "'title':['title',{'ldap':'employeeType','values':{'Boss':'b','Clerk':'c'},'else':'pass'}" \
    "]"
#define BOTH_ROLES "'roles':['scimRole','employeeType']"
#define EXPIRES                                                                    \
    "'urn:x:1:User:t':{'ldap':'accountExpires','type':'dateTime','as':'filetime'," \
    "'none':['9223372036854775807','0']}"
#define DAYS                                                                                   \
    "'urn:x:1:User:t':{'ldap':'shadowExpire','type':'dateTime','as':'epochDays','none':['-1']" \
    "}"
#define TICKS "'urn:x:1:User:t':{'ldap':'accountExpires','type':'dateTime','as':'epochDays'}"
#define DNS "'urn:x:1:User:t':{'ldap':'seeAlso','as':'DN','several':'allow'}"
#define DECIMAL "'urn:x:1:User:t':{'ldap':'employeeType','type':'decimal'}"
#define HOMES "'addresses':{'ldap':'scimJson','as':'json'}"
#define NAMED "'name':{'ldap':'scimJson','as':'json','required':true}"
#define BADGE "'urn:x:9:User:badge':{'ldap':'scimJson','as':'json'}"
#define BADGES                                                              \
    "'urn:x:9:User:badges.serial':'employeeType'," /* each is an element */ \
    "'urn:x:9:User:badge.serial':'employeeNumber','urn:x:9:User:badge.floor':'shadowExpire'"
#define MINE(value) "{'urn:x:1:User':{'t':" value "}}"
#define SET_MINE(value) "[{'op':'replace','path':'urn:x:1:User:t','value':" value "}]"
#define WORK(value) "{'emails':[{'value':'" value "','type':'work'}]}"
#define SET_WORK(value) \
    "[{'op':'replace','path':'emails[type eq \\\"work\\\"].value','value':'" value "'}]"
#define ADD_WORK(value) \
    "[{'op':'add','path':'emails','value':[{'type':'work','value':'" value "'}]}]"
#define NO_WORK "[{'op':'remove','path':'emails[type eq \\\"work\\\"]'}]"

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
    {"prefixes", MAILS, "description: smtp:b@x\ndescription: X500:c\ndescription: SMTP:a@x",
     "{'emails':[{'value':'a@x','type':'work','primary':true},{'value':'b@x','type':'other'}]"
     "}"},
    {"nobody's", MAILS, "description: Smtp:b@x\ndescription: SMTP:\ndescription: SMTP", "{}"},
    {"prefix and table", CODES, "description: 2:B\ndescription: b\ndescription: 2:x",
     "{'title':'Boss'}"},
    {"filetime", EXPIRES, "accountExpires: 133801632000000000", MINE("'2025-01-01T00:00:00Z'")},
    {"filetime and its parts", EXPIRES, "accountExpires: 133801632000000001",
     MINE("'2025-01-01T00:00:00.0000001Z'")},
    {"before 1601", EXPIRES, "accountExpires: -1", MINE("'1600-12-31T23:59:59.9999999Z'")},
    {"never", EXPIRES, "accountExpires: 9223372036854775807", "{}"},
    {"never, by another value", EXPIRES, "accountExpires: 0", "{}"},
    {"a filetime beyond dateTime", EXPIRES, "accountExpires: 9223372036854775806", "{}"},
    {"days", DAYS, "shadowExpire: 20454", MINE("'2026-01-01T00:00:00Z'")},
    {"days before 1970", DAYS, "shadowExpire: -2", MINE("'1969-12-30T00:00:00Z'")},
    {"too many days", DAYS, "shadowExpire: 99999999999", "{}"},
    {"no days", DAYS, "shadowExpire: -1", "{}"},
    {"DNs", DNS, "seeAlso: uid=b,dc=x\nseeAlso: cn=c", MINE("['uid=b,dc=x','cn=c']")},
    {"decimal", DECIMAL, "employeeType: 1.50", MINE("1.50")},
    {"no decimal", DECIMAL, "employeeType: x", "{}"},
    {"the first of two is read", BOTH, "employeeType: b", "{}"},
    {"the first of two", BOTH, "employeeType: b\ntitle: Clerk", "{'title':'Clerk'}"},
    {"element", HOMES, "scimJson: {\"locality\":\"B\",\"type\":\"home\"}",
     "{'addresses':[{'locality':'B','type':'home'}]}"},
    {"elements, spelt by others", HOMES,
     "scimJson: { \"TYPE\": \"x\", \"locality\": \"\\u00e9\" }\nscimJson: {\"primary\":true}",
     "{'addresses':[{'type':'x','locality':'\\u00e9'},{'primary':true}]}"},
    {"no JSON", HOMES, "scimJson: B\nscimJson: {\"locality\":\"B\"", "{}"},
    {"JSON of something else", HOMES,
     "scimJson: {\"city\":\"B\"}\nscimJson: {\"locality\":1}\nscimJson: \"B\"\nscimJson: "
     "[{\"locality\":\"B\"}]\nscimJson: {}\nscimJson: {\"locality\":\"B\",\"region\":null}",
     "{}"},
    {"whole name", NAMED, "scimJson: x\nscimJson: {\"familyName\":\"B\"}",
     "{'name':{'familyName':'B'}}"},
    {"of one's own", BADGE, "scimJson: {\"floor\":3,\"serial\":\"B\"}",
     "{'urn:x:9:User':{'badge':{'floor':3,'serial':'B'}}}"},
    {"of one's own, the wrong type", BADGE, "scimJson: {\"floor\":\"3\"}", "{}"},
    {"of one's own, part by part", BADGES,
     "employeeType: a\nemployeeType: b\nemployeeNumber: c\nshadowExpire: 3",
     "{'urn:x:9:User':{'badges':[{'serial':'a'},{'serial':'b'}],"
     "'badge':{'serial':'c','floor':3}}}"},
    {"pattern", OURS, "mail: a@x\nmail: a@UNI.example\nmail: @uni.example",
     WORK("a@UNI.example")},
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
    {"prefixes", MAILS,
     "{'emails':[{'type':'other','value':'b@x'},{'type':'work','value':'a@x'}]}",
     "\ndescription: SMTP:a@x | smtp:b@x", NULL},
    {"one value of two prefixes", MAILS,
     "{'emails':[{'type':'other','value':'A@x'},{'type':'work','value':'a@x'}]}", NULL,
     "takes that for one value"},
    {"nothing but the prefix", MAILS, WORK(""), NULL, "empty value"},
    {"prefix and table", CODES, "{'title':'Boss'}", "\ndescription: 2:b", NULL},
    {"filetime", EXPIRES, MINE("'2025-01-01T02:00:00+02:00'"),
     "\naccountExpires: 133801632000000000", NULL},
    {"filetime of too fine a time", EXPIRES, MINE("'2025-01-01T00:00:00.00000001Z'"), NULL,
     "steps of 100 nanoseconds"},
    {"a time that means never", EXPIRES, MINE("'1601-01-01T00:00:00Z'"), NULL,
     "\"0\" means that there is no value"},
    {"no filetime", EXPIRES, "{}", "", NULL},
    {"days", DAYS, MINE("'2026-01-01T00:00:00Z'"), "\nshadowExpire: 20454", NULL},
    {"half a day", DAYS, MINE("'2026-01-01T12:00:00Z'"), NULL, "whole days"},
    {"DNs", DNS, MINE("['uid=b, dc=x']"), "\nseeAlso: uid=b, dc=x", NULL},
    {"no DN", DNS, MINE("['x']"), NULL, "cannot hold this value"},
    {"decimal", DECIMAL, MINE("-1.50"), "\nemployeeType: -1.50", NULL},
    {"text as a decimal", DECIMAL, MINE("'1.5'"), NULL, "expected a number"},
    {"both", BOTH, "{'title':'Boss'}", "\ntitle: Boss\nemployeeType: b", NULL},
    {"both of several", BOTH_ROLES, "{'roles':[{'value':'a'},{'value':'b'}]}",
     "\nscimRole: a | b\nemployeeType: a | b", NULL},
    {"elements", HOMES,
     "{'addresses':[{'type':'home','locality':'\\u00dc  "
     "\\ud83d\\ude00\\\\\\\"\\u007f\\n'},{'primary':true,"
     "'locality':'A'},{'locality':'a'},{'type':'home','locality':'a'}]}",
     "\nscimJson: {\"locality\":\"\\u00dc "
     "\\u0020\\ud83d\\ude00\\\\\\\"\\u007f\\u000a\",\"type\":"
     "\"home\"} | {\"locality\":\"A\",\"primary\":true} | {\"locality\":\"a\"} | "
     "{\"locality\":\"a\",\"type\":\"home\"}",
     NULL},
    {"one element in two orders", HOMES,
     "{'addresses':[{'type':'home','locality':'a'},{'locality':'a','type':'home'}]}",
     "\nscimJson: {\"locality\":\"a\",\"type\":\"home\"}", NULL},
    {"no name", NAMED, "{}", NULL, "required and missing: name"},
    {"of one's own", BADGE, "{'urn:x:9:User':{'badge':{'serial':'B','floor':3}}}",
     "\nscimJson: {\"floor\":3,\"serial\":\"B\"}", NULL},
    {"of one's own, part by part", BADGES,
     "{'urn:x:9:User':{'badges':[{'serial':'a'},{'serial':'b'}],'badge':{'floor':3}}}",
     "\nemployeeType: a | b\nshadowExpire: 3", NULL},
    {"pattern", OURS, WORK("a@uni.example"), "\nmail: a@uni.example", NULL},
    {"not of the pattern", OURS, WORK("a@x"), NULL, "is not of the form \"*@uni.example\""},
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
    {"first mail", MAILS, "description: X500:c", ADD_WORK("a@x"), "add description: SMTP:a@x",
     NULL},
    {"another mail", MAILS, "description: X500:c\ndescription: SMTP:a@x", SET_WORK("b@x"),
     "delete description: SMTP:a@x; add description: SMTP:b@x | smtp:a@x", NULL},
    {"case of the mail", MAILS, "description: SMTP:a@x", SET_WORK("A@x"),
     "delete description: SMTP:a@x; add description: SMTP:A@x", NULL},
    {"alias made primary", MAILS, "description: SMTP:a@x\ndescription: smtp:b@x",
     SET_WORK("b@x"),
     "delete description: SMTP:a@x | smtp:b@x; add description: SMTP:b@x | smtp:a@x", NULL},
    {"mail removed", MAILS, "description: SMTP:a@x\ndescription: smtp:b@x", NO_WORK,
     "delete description: SMTP:a@x", NULL},
    {"mail that is nobody's", MAILS, "description: Smtp:a@x", ADD_WORK("a@x"), NULL,
     "a value that is there already and that the map does not show"},
    {"alias removed", MAILS, "description: SMTP:a@x\ndescription: smtp:b@x\ndescription: smtp:",
     "[{'op':'remove','path':'emails[type eq \\\"other\\\"]'}]", "delete description: smtp:b@x",
     NULL},
    {"alias added", MAILS, "description: SMTP:a@x",
     "[{'op':'add','path':'emails','value':[{'type':'other','value':'b@x'}]}]",
     "add description: smtp:b@x", NULL},
    {"alias that is the primary one", MAILS, "description: SMTP:a@x",
     "[{'op':'add','path':'emails','value':[{'type':'other','value':'a@x'}]}]", NULL,
     "takes that for one value"},
    {"no mail", MAILS, "description: SMTP:a@x\ndescription: X500:c",
     "[{'op':'remove','path':'emails'}]", "delete description: SMTP:a@x", NULL},
    {"no filetime", EXPIRES, "accountExpires: 133801632000000000",
     "[{'op':'remove','path':'urn:x:1:User:t'}]", "replace accountExpires: 9223372036854775807",
     NULL},
    {"no filetime still", EXPIRES, "accountExpires: 0",
     "[{'op':'remove','path':'urn:x:1:User:t'}]", "", NULL},
    {"both", BOTH, "title: Boss\nemployeeType: b",
     "[{'op':'replace','path':'title','value':'U'}]",
     "replace employeeType: U; replace title: U", NULL},
    {"both removed", BOTH, "title: Boss\nemployeeType: b", NO_TITLE,
     "replace employeeType: ; replace title: ", NULL},
    {"both, one of which is so already", BOTH, "employeeType: c",
     "[{'op':'replace','path':'title','value':'Clerk'}]", "replace title: Clerk", NULL},
    {"both, one value more", BOTH_ROLES, "scimRole: a\nemployeeType: x\nemployeeType: a",
     "[{'op':'add','path':'roles','value':[{'value':'b'}]}]",
     "delete employeeType: x; add employeeType: b; add scimRole: b", NULL},
    {"part of an element", HOMES,
     "scimJson: {\"type\": \"home\", \"locality\": \"B\"}\nscimJson: B\nscimJson: "
     "{\"locality\":\"C\"}",
     "[{'op':'replace','path':'addresses[type eq \\\"home\\\"].locality','value':'C'}]",
     "delete scimJson: {\"type\": \"home\", \"locality\": \"B\"}; add scimJson: "
     "{\"locality\":\"C\",\"type\":\"home\"}",
     NULL},
    {"the same element", HOMES, "scimJson: { \"locality\": \"B\" }",
     "[{'op':'add','path':'addresses','value':[{'locality':'B'}]}]", "", NULL},
    {"element removed", HOMES, "scimJson: {\"locality\":\"B\"}\nscimJson: {\"locality\":\"C\"}",
     "[{'op':'remove','path':'addresses[locality eq \\\"B\\\"]'}]",
     "delete scimJson: {\"locality\":\"B\"}", NULL},
    {"all elements removed", HOMES, "scimJson: {\"locality\":\"B\"}\nscimJson: B",
     "[{'op':'remove','path':'addresses'}]", "delete scimJson: {\"locality\":\"B\"}", NULL},
    {"part of a name", NAMED, "scimJson: {\"familyName\":\"B\",\"givenName\":\"C\"}",
     "[{'op':'remove','path':'name.givenName'}]", "replace scimJson: {\"familyName\":\"B\"}",
     NULL},
    {"last part of a name", NAMED, "scimJson: {\"familyName\":\"B\"}",
     "[{'op':'remove','path':'name.familyName'}]", NULL, "required and cannot be removed"},
    {"parts merged", BADGE, "scimJson: {\"serial\":\"B\"}",
     "[{'op':'add','path':'urn:x:9:User:badge','value':{'floor':3}}]",
     "replace scimJson: {\"floor\":3,\"serial\":\"B\"}", NULL},
    {"pattern", OURS, "mail: a@uni.example\nmail: a@x", SET_WORK("b@uni.example"),
     "delete mail: a@uni.example; add mail: b@uni.example", NULL},
    {"not of the pattern", OURS, "mail: a@x", ADD_WORK("a@x"), NULL, "is not of the form"},
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
    {"elements, one omitted", HOMES,
     "scimJson: {\"locality\":\"B\"}\nscimJson: B\nscimJson: {\"locality\":\"C\"}",
     "{'addresses':[{'locality':'C'},{'locality':'D'}]}",
     "delete scimJson: {\"locality\":\"B\"}; add scimJson: {\"locality\":\"D\"}"},
    {"elements, read-only", "'addresses':{'ldap':'scimJson','as':'json','write':'read-only'}",
     "scimJson: {\"locality\":\"B\"}", "{'addresses':[{'locality':'C'}]}", ""},
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
    {"filetime", EXPIRES, "urn:x:1:User:t eq '2025-01-01T00:00:00Z'",
     "(&(accountExpires=133801632000000000)(!(accountExpires=9223372036854775807))"
     "(!(accountExpires=0)))",
     NULL},
    {"any filetime", EXPIRES, "urn:x:1:User:t pr",
     "(&(accountExpires=*)(!(accountExpires=9223372036854775807))(!(accountExpires=0)))", NULL},
    {"after", EXPIRES, "urn:x:1:User:t gt '2025-01-01T00:00:00.00000001Z'",
     "(&(accountExpires>=133801632000000001)(!(accountExpires=9223372036854775807))"
     "(!(accountExpires=0)))",
     NULL},
    {"days after noon", TICKS, "urn:x:1:User:t gt '2026-01-01T12:00:00Z'",
     "(accountExpires>=20455)", NULL},
    {"days from noon on", TICKS, "urn:x:1:User:t ge '2026-01-01T12:00:00Z'",
     "(accountExpires>=20455)", NULL},
    {"days from midnight on", TICKS, "urn:x:1:User:t ge '2026-01-01T00:00:00Z'",
     "(accountExpires>=20454)", NULL},
    {"days before noon", TICKS, "urn:x:1:User:t lt '2026-01-01T12:00:00Z'",
     "(accountExpires<=20454)", NULL},
    {"days before midnight", TICKS, "urn:x:1:User:t lt '2026-01-01T00:00:00Z'",
     "(accountExpires<=20453)", NULL},
    {"days up to noon", TICKS, "urn:x:1:User:t le '2026-01-01T12:00:00Z'",
     "(accountExpires<=20454)", NULL},
    {"no day", TICKS, "urn:x:1:User:t eq '2026-01-01T12:00:00Z'", "(|)", NULL},
    {"days without an order", DAYS, "urn:x:1:User:t gt '2026-01-01T00:00:00Z'", NULL,
     "no ordering rule"},
    {"DN", DNS, "urn:x:1:User:t eq 'uid=b,dc=x'", "(seeAlso=uid=b,dc=x)", NULL},
    {"not a DN", DNS, "urn:x:1:User:t eq 'b'", "(|)", NULL},
    {"part of a DN", DNS, "urn:x:1:User:t co 'b'", NULL, "no substrings rule"},
    {"decimal", DECIMAL, "urn:x:1:User:t eq 1.5", NULL, "in which 1.5 and 1.50 differ"},
    {"any decimal", DECIMAL, "urn:x:1:User:t pr", "(employeeType=*)", NULL},
    {"the first of two", BOTH, "title eq 'Boss'", "(title=Boss)", NULL},
    {"a prefix", CODES, "emails.value eq 'a@x'", "(description=1:a@x)", NULL},
    {"a word with a prefix", CODES, "title eq 'Boss'", "(description=2:b)", NULL},
    {"any word with a prefix", CODES, "title pr", "(|(description=2:b)(description=2:c))",
     NULL},
    {"any with a prefix", CODES, "emails pr", "(description=1:*)", NULL},
    {"beginning", CODES, "emails.value sw 'a'", "(description=1:a*)", NULL},
    {"part", CODES, "emails.value co 'a'", "(description=1:*a*)", NULL},
    {"end", CODES, "emails.value ew 'a'", "(description=1:*a)", NULL},
    {"order", CODES, "emails.value gt 'a'", NULL, "no ordering rule"},
    {"prefix of letters", MAILS, "emails.value eq 'a@x'",
     "(|(&(description=SMTP:a@x)(description:caseExactMatch:=SMTP:a@x))"
     "(&(description=smtp:a@x)(description:caseExactMatch:=smtp:a@x)))",
     NULL},
    {"any with a prefix of letters", MAILS, "emails pr", NULL, "cannot be tested for presence"},
    {"part with a prefix of letters", MAILS, "emails.value co 'a'", NULL,
     "treats case differently"},
    {"any element", HOMES, "addresses pr", "(scimJson=*)", NULL},
    {"no element", HOMES, "addresses eq null", "(!(scimJson=*))", NULL},
    {"part of an element", HOMES, "addresses.locality eq 'B'", NULL,
     "the directory keeps addresses as JSON, into which it cannot look; it can only be tested "
     "with addresses pr"},
    {"type of an element", HOMES, "addresses.type eq 'home'", NULL, "addresses pr"},
    {"element of a type", HOMES, "addresses[type eq 'home']", NULL, "addresses pr"},
    {"part that is there", NAMED, "name.familyName pr", NULL, "name pr"},
    {"whole name", NAMED, "name eq 'B'", NULL, "name pr"},
    {"part of many elements", BADGES, "urn:x:9:User:badges.serial eq 'a'", "(employeeType=a)",
     NULL},
    {"number of a part", BADGES, "urn:x:9:User:badge.floor eq 3", "(shadowExpire=3)", NULL},
    {"pattern", OURS, "emails.value eq 'a@Uni.example'", "(mail=a@Uni.example)", NULL},
    {"not of the pattern", OURS, "emails.value eq 'a@x'", "(|)", NULL},
    {"any of the pattern", OURS, "emails pr", "(mail=*@uni.example)", NULL},
    {"part of a pattern", OURS, "emails.value co 'a'", NULL, "eq and ne"},
};

#endif
