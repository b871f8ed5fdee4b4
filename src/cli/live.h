/* SPDX-License-Identifier: Apache-2.0 */
/* cli/live.h - a live directory, looked at by "check" and "discover".
 *
 * One connection, searches that wait for their answer, and what the root DSE and the subschema
 * (RFC 4512 §4, §5.1) say. Everything lives in the arena given. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/finding.h"
#include "cli/place.h"
#include "daemon/config.h"
#include "ldap/conn.h"
#include "ldap/schema.h"

typedef struct {
    arena_t *mem;
    ldap_conn_t *conn;
    int timeout_ms;
    const ldap_entry_t *root;    /* the root DSE; NULL: it cannot be read */
    bool openldap;               /* the server is slapd */
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

/* ---- "check": one connector ---- */

typedef struct {
    live_t *live;
    findings_t *findings;
    const config_connector_t *connector;
    const map_t *map;
    places_t places;
} check_t;

/* "connector people: User"; without a type the connector alone. */
str_t check_about(const check_t *check, const map_type_t *type);

/* A distinct LDAP attribute that the map reads or writes for a type. */
typedef struct {
    str_t name;
    bool read, write, named; /* named: it is in the RDN */
    bool secret;             /* written, never read */
} use_t;
typedef struct {
    use_t *items;
    size_t n, size;
} uses_t;
void check_uses(const check_t *check, const map_type_t *type, uses_t *ret_uses);

void check_schema(check_t *check, const map_type_t *type);
/* Bases, filter, a sample of entries; the first one found is for the others to try rights on. */
void check_sample(check_t *check, const map_type_t *type, const ldap_entry_t **ret_entry);
void check_rights(check_t *check, const map_type_t *type, const ldap_entry_t *entry);
void check_server(check_t *check);
void check_indexes(check_t *check, const map_type_t *type);

/* The directory itself, once: controls, whoever we are. */
void check_directory(live_t *live, findings_t *findings, str_t about,
                     const map_dialect_t *dialect);

/* "check --acl": the olcAccess lines for the connectors of a directory, to standard output. */
void check_print_acl(live_t *live, const config_t *config, const config_directory_t *directory);

#endif
