/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/dn.h - distinguished names as trees (RFC 4514).
 *
 * A DN that we make is built as a tree and formatted once, here, so a value can never break
 * out of its place. A DN that a server gave is passed back as the text it gave. */
#ifndef LDAP_DN_H
#define LDAP_DN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    str_t attr;  /* name or OID as written */
    str_t value; /* unescaped bytes */
} ldap_ava_t;

typedef struct {
    ldap_ava_t *avas; /* at least one; more in a multi-valued RDN */
    size_t n;
} ldap_rdn_t;

typedef struct {
    ldap_rdn_t *rdns; /* rdns[0] is the entry's own, the last is nearest the root */
    size_t n;         /* 0: the root DSE */
} ldap_dn_t;

/* Parse; the tree lives in `mem` and borrows nothing. ERR_INVALID_VALUE names the byte. The
 * old forms of RFC 2253 §4 (quotes, semicolons, "OID.") are accepted, and so are #hex values
 * that encode a string. */
bool ldap_dn_parse(arena_t *mem, str_t text, ldap_dn_t *ret_dn, err_t *err) MUST_USE;

/* The RFC 4514 string, escaped. */
str_t ldap_dn_format(arena_t *mem, const ldap_dn_t *dn);

/* A key for comparing and hashing: attribute names lowered, values folded as ldap_rule_normal
 * does for caseIgnoreMatch (case, blanks at the ends, runs of blanks), AVAs of one RDN sorted,
 * escapes in one form. It is itself a DN. Text that is no DN comes back lowered, so it equals
 * only itself. */
str_t ldap_dn_normal(arena_t *mem, str_t text);
str_t ldap_dn_normal_tree(arena_t *mem, const ldap_dn_t *dn);

/* Both in normal form: is `dn` strictly below `base`; exactly one RDN below it? */
bool ldap_dn_is_below(str_t dn, str_t base);
bool ldap_dn_is_child(str_t dn, str_t base);

/* A one-value RDN on top of `parent`; the parent's RDNs are shared. */
ldap_dn_t ldap_dn_child(arena_t *mem, str_t attr, str_t value, const ldap_dn_t *parent);
/* The DN without its first RDN. */
ldap_dn_t ldap_dn_parent(const ldap_dn_t *dn);
/* The first RDN alone as text, for a rename. */
str_t ldap_rdn_format(arena_t *mem, const ldap_rdn_t *rdn);
/* The value of `attr` in the first RDN, its name compared without regard to case. */
bool ldap_dn_rdn_value(const ldap_dn_t *dn, str_t attr, str_t *ret_value) MUST_USE;

#endif
