/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/op.h - one LDAP operation and its answer, without any connection.
 *
 * connector/ says what is to be done, ldap/conn.c does it, ldap/ldif.c prints it. */
#ifndef LDAP_OP_H
#define LDAP_OP_H

#include "base/str.h"
#include "ldap/dn.h"
#include "ldap/entry.h"
#include "ldap/filter.h"
#include "ldap/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    LDAP_OP_SEARCH,
    LDAP_OP_COMPARE,
    LDAP_OP_ADD,
    LDAP_OP_MODIFY,
    LDAP_OP_RENAME,
    LDAP_OP_DELETE,
    LDAP_OP_EXTENDED
} ldap_op_kind_t;

typedef enum { LDAP_DEPTH_BASE, LDAP_DEPTH_ONE, LDAP_DEPTH_SUB } ldap_depth_t;

/* Which connection: the shared one, or the one kept for huge entries and long listings. */
typedef enum { LDAP_LANE_SHARED, LDAP_LANE_BULK } ldap_lane_t;

typedef struct {
    const str_t *names;
    size_t n;
} ldap_names_t;

typedef struct {
    ldap_op_kind_t kind;
    ldap_lane_t lane;
    str_t dn;                   /* base or target, as text */
    const ldap_filter_t *guard; /* assertion (RFC 4528), critical; NULL: none */
    const ldap_names_t
        *post_read;  /* attributes to return after the write (RFC 4527), not critical */
    bool permissive; /* 1.2.840.113556.1.4.1413, not critical */
    union {
        struct {
            ldap_depth_t depth;
            const ldap_filter_t *filter;
            const ldap_filter_t *values; /* only values that match (RFC 3876); NULL: all */
            ldap_names_t attrs;          /* none: "1.1" */
            uint32_t size_limit;         /* 0: the server's */
        } search;
        struct {
            str_t attr, value;
        } compare;
        struct {
            const ldap_entry_t *entry;
        } add;
        struct {
            const ldap_mod_t *mods;
            size_t n;
        } modify;
        struct {
            str_t rdn;    /* the new one, as text */
            str_t parent; /* empty: stays */
            bool delete_old;
        } rename;
        struct {
            str_t oid, data;
        } extended;
    } u;
} ldap_op_t;

static inline bool
ldap_op_is_write(const ldap_op_t *op)
{
    return op->kind != LDAP_OP_SEARCH && op->kind != LDAP_OP_COMPARE;
}

/* Was it done? Decides about every repetition. */
typedef enum {
    LDAP_ANSWERED, /* the server gave a result code */
    LDAP_NOT_SENT, /* it never left: no connection, queue full */
    LDAP_UNKNOWN /* it was sent, the answer did not come: read back before repeating a write */
} ldap_fate_t;

typedef struct {
    ldap_fate_t fate;
    int code; /* when answered */
    str_t matched, diagnostic;
    str_t data;                         /* the value of an extended response */
    const ldap_entry_t *const *entries; /* a search's, or the one of a post-read */
    size_t n_entries;
} ldap_reply_t;

/* Whether values of the attribute are never shown. */
bool ldap_attr_is_secret(str_t attr);

/* "search", "modify" and so on. */
const char *ldap_op_name(ldap_op_kind_t kind);

/* Append the operation as LDIF (RFC 2849) with its controls as comments; a search as base, depth,
 * filter and attributes. Values of userPassword and unicodePwd are shown as "(secret)"; values that LDIF cannot hold
 * are base64. */
void ldap_op_write_ldif(buf_t *buf, const ldap_op_t *op);

#endif
