/* SPDX-License-Identifier: Apache-2.0 */
/* cli/show/show.h - what the files of `scimbridge show` share.
 *
 *   show.c        the command; finding the entry, and asking for its resource
 *   why.c    why an entry is not seen
 *   from.c   which LDAP value each value of the resource comes from, and what is left over
 *   print.c  both, for people
 *   json.c   and for programs */
#ifndef CLI_SHOW_SHOW_H
#define CLI_SHOW_SHOW_H

#include "cli/driver.h"
#include "map/index.h"
#include "map/to_resource.h"
#include "json/json.h"

enum { SHOW_WHYS_MAX = 16 };

/* One value of the resource. */
typedef struct {
    const json_t *value; /* in the map's own resource */
    const map_slot_t *slot;
    str_t ldap;
} show_origin_t;

/* A reason why no client sees the entry. */
typedef struct {
    const char *code; /* for programs */
    str_t reason, advice;
} show_why_t;

/* A value of a mapped attribute that is not in the resource. */
typedef struct {
    str_t attr, value;
    const char *reason;
} show_unseen_t;

typedef struct {
    str_t *names;
    size_t n;
} show_names_t;

typedef struct {
    map_trace_t trace; /* first: it is what it is found by */
    arena_t *mem;
    const config_connector_t *of;
    driver_t driver;
    int64_t now_s;
    str_t asked;              /* DN or id, as it was given */
    const ldap_entry_t *user; /* all attributes but operational ones; NULL: there is no entry */
    const ldap_entry_t *operational;
    const map_type_t *type; /* whose bases hold it; NULL: none */
    str_t id;
    show_why_t whys[SHOW_WHYS_MAX];
    size_t n_whys;
    /* when it is seen */
    json_t *resource; /* as a client gets it */
    show_origin_t *origins;
    size_t n_origins, n_room;
    map_index_t by_value;         /* of the resource's values: number of the origin, from 1 */
    show_names_t unmapped, other; /* user attributes, operational ones */
    show_unseen_t *unseen;
    size_t n_unseen;
    err_t err;
} show_t;

static inline const map_t *
show_map(const show_t *show)
{
    return show->of->map;
}

/* All values of the attribute, user or operational; NULL: none. */
const ldap_attr_t *show_find_attr(const show_t *show, str_t name);

/* Read the entry of the DN, or ask whether it matches. false: *ret_reply says why not. */
bool show_read(const show_t *show, str_t dn, const ldap_filter_t *filter, str_t names,
               ldap_reply_t *ret_reply);

void show_add_why(show_t *show, const char *code, str_t reason, str_t advice);
/* Decide whose resource the entry is; else fill whys. false: the directory does not answer. */
bool show_judge(show_t *show);

/* Collects the origins while the resource is made. */
void show_take_origin(map_trace_t *trace, const json_t *value, const map_slot_t *slot,
                      str_t ldap);
/* Bring origins and the resource as a client gets it together; find what is left over. */
void show_relate(show_t *show);
/* The origin of a value of show->resource; NULL: none. */
const show_origin_t *show_find_origin(const show_t *show, const json_t *value);
/* The LDAP attribute that a member of the resource or of its meta shows, beside the map; empty: none. */
str_t show_envelope_attr(const show_t *show, str_t name, bool in_meta);

/* Whether the resource says that it is. */
bool show_is_inactive(const show_t *show);

void show_print(const show_t *show, bool colour);
void show_print_json(const show_t *show);

#endif
