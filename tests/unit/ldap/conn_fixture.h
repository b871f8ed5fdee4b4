/* SPDX-License-Identifier: Apache-2.0 */
/* unit/ldap/conn_fixture.h - a connection to a real slapd for each test, and the operations that the
 * tests of connections have in common. What they make lives in `mem`. */
#ifndef UNIT_LDAP_CONN_FIXTURE_H
#define UNIT_LDAP_CONN_FIXTURE_H

#include "ldap/conn.h"
#include "support/slapd.h"

enum { WAIT_MS = 10000 };

extern slapd_t slapd; /* the program's, which starts and wipes it */
extern arena_t *mem;
extern ldap_conn_t *conn;
extern str_t people; /* where the entries of the tests are */

void conn_setup(void);
void conn_teardown(void); /* a test may have closed `conn`, and set it to NULL */

extern const ldap_names_t anchors; /* entryUUID, entryCSN */

/* Carry it out, blocking, on `conn`. */
ldap_reply_t perform(const ldap_op_t *op);

str_t dn_of(const char *uid);
ldap_entry_t *person(const char *uid);
void add_person(const char *uid);

ldap_op_t op_add(const ldap_entry_t *entry);
ldap_op_t op_search(str_t base, ldap_depth_t depth, const ldap_filter_t *filter,
                    ldap_names_t attrs);
ldap_op_t op_title(const char *uid, ldap_mod_op_t mod, const char *title);
const ldap_filter_t *by_uid(const char *uid);

/* The first value; empty: there is none. */
str_t value_of(const ldap_entry_t *entry, const char *name);

#endif
