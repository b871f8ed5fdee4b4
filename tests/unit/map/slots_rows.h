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
    "'" ENTERPRISE \
    ":manager':{'ldap':'manager','reference':['users'],'missing':'drop'}"

typedef struct {
    const char *name, *slots, *entry, *resource;
} shown_row_t;

static const shown_row_t shown_rows[] = {
    {"if-empty", IF_EMPTY, "title: T", "{'title':'T'}"},
    {"discarded", DISCARD, "title: T", "{'title':'T'}"},
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
};

#endif
