/* SPDX-License-Identifier: Apache-2.0 */
/* cli/check/check.h - what the files of `scimbridge check` share.
 *
 *   check.c        the command; the files
 *   directory.c    directories and connectors in turn
 *   certificate.c  when they expire
 *   schema.c       the map against the directory's schema
 *   sample.c       against the entries that are there
 *   rights.c       what the bind identity may
 *   server.c       controls, limits, policies
 *   overlay.c      who keeps references and unique values right
 *   sync.c         a loop through Entra Connect
 *   counter.c      where numbers come from
 *   index.c        whether searches are fast
 *   probe.c        what their time tells
 *   acl.c          --acl; for slapd
 *   aci.c          for 389 Directory Server
 *   uses.c         which LDAP attributes a map touches
 *   finding.c      what was found
 *   place.c        where in the map file */
#ifndef CLI_CHECK_CHECK_H
#define CLI_CHECK_CHECK_H

#include "cli/check/finding.h"
#include "cli/check/place.h"
#include "cli/live.h"
#include "daemon/config.h"

/* ---- the command ---- */

typedef struct {
    const char *config, *map;
    bool offline, acl, json;
} check_options_t;

/* What is found goes to standard output at once, or all of it at the end as JSON. */
typedef struct {
    arena_t *mem;
    const check_options_t *options;
    const config_t *config;
    findings_t findings;
    size_t printed;
} checking_t;

/* Print what was found since the last time. */
void check_show(checking_t *checking);
/* Our own certificate, if there is one. */
void check_listener(checking_t *checking, const config_listen_t *listen);
/* The directory's; one whose certificate has expired is not connected to. */
void check_peer(checking_t *checking, str_t about, const ldap_conn_t *conn);
void check_directories(checking_t *checking);

/* ---- one connector ---- */

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

/* Each use is of one kind, as access rules tell them apart. */
typedef enum { USE_SECRET, USE_WRITTEN, USE_READ } use_kind_t;
bool check_use_is(const live_t *live, const use_t *use, use_kind_t kind);

void check_schema(check_t *check, const map_type_t *type);
/* Bases, filter, a sample of entries; the first one found is for the others to try rights on. false: a base, or
 * the parent of new entries, is not seen, and looking things up there would tell nothing. */
bool check_sample(check_t *check, const map_type_t *type, const ldap_entry_t **ret_entry);
void check_rights(check_t *check, const map_type_t *type, const ldap_entry_t *entry);
/* A write to the attribute that changes nothing, as it cannot succeed: LDAP_RC_INSUFFICIENT_ACCESS tells that the bind
 * identity may not write it; -1: there was no answer. */
int check_try_write(live_t *live, str_t dn, str_t attr);
void check_counters(check_t *check, const map_type_t *type);
void check_server(check_t *check);
void check_indexes(check_t *check, const map_type_t *type);
void check_overlays(check_t *check);
void check_sync(check_t *check);

/* The directory itself, once: controls, whoever we are. */
void check_directory(live_t *live, findings_t *findings, str_t about,
                     const map_dialect_t *dialect);

/* "check --acl": the access rules for the connectors of a directory, to standard output. */
void check_print_acl(live_t *live, const config_t *config, const config_directory_t *directory);
/* For 389 Directory Server. */
void check_print_aci(const check_t *check, const map_type_t *type);
void check_print_aci_limits(const live_t *live);

#endif
