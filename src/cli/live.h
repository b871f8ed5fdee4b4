/* SPDX-License-Identifier: Apache-2.0 */
/* cli/live.h - a live directory, looked at by "check" and "discover".
 *
 * One connection, searches that wait for their answer, and what the root DSE and the subschema
 * (RFC 4512 §4, §5.1) say. Everything lives in the arena given. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "ldap/conn.h"
#include "ldap/schema.h"

typedef struct {
    arena_t *mem;
    ldap_conn_t *conn;
    int timeout_ms;
    const ldap_entry_t *root;    /* the root DSE; NULL: it cannot be read */
    bool openldap;               /* the server is slapd */
    bool ds389;                  /* 389 Directory Server */
    str_t identity;              /* who we are there, as the server tells; a DN, or empty */
    const ldap_schema_t *schema; /* NULL: the subschema cannot be read */
    ldap_classes_t classes;
    const ldap_attr_t *type_descriptions; /* attributeTypes */
    const ldap_entry_t *const *config;    /* databases and overlays of cn=config */
    size_t n_config;                      /* 0: it cannot be read */
} live_t;

/* Read the root DSE, the identity, the subschema, and cn=config where we may. */
void live_read(live_t *live);

void live_search(live_t *live, str_t base, ldap_depth_t depth, const ldap_filter_t *filter,
                 ldap_names_t attrs, uint32_t size_limit, ldap_reply_t *ret_reply);
/* One entry; NULL: it is not there or must not be seen. */
const ldap_entry_t *live_entry(live_t *live, str_t dn, ldap_names_t attrs);
/* The entry of cn=config whose suffix holds the DN; NULL: not seen. */
const ldap_entry_t *live_database(const live_t *live, str_t dn);
/* Whether the identity may read the attribute of an entry. Of one that the entry has not, comparing is
 * as near as one can come to asking. */
bool live_may_read(live_t *live, str_t dn, str_t attr);
/* Whether the root DSE names the value. */
bool live_has(const live_t *live, const char *attr, const char *value);
/* Why a search failed: "LDAP noSuchObject (32)…". */
str_t live_reason(live_t *live, const ldap_reply_t *reply);

/* A value of that syntax that nothing has. */
str_t live_unlikely(arena_t *mem, ldap_syntax_t syntax);

/* ---- what a class asks for ---- */

typedef void live_name_fn(void *arg, str_t name);
/* Each attribute that the class or one above it demands; each that it allows. */
void live_each_must(const live_t *live, str_t class, live_name_fn *fn, void *arg);
bool live_class_allows(const live_t *live, str_t class, str_t attr);
bool live_same_attr(const live_t *live, str_t a, str_t b);

#endif
