/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/decode.h - what a server sent, copied out of libldap's messages into an arena. */
#ifndef LDAP_DECODE_H
#define LDAP_DECODE_H

#include "base/arena.h"
#include "base/macros.h"
#include "ldap/entry.h"
#include "ldap/op.h"

#include <ldap.h>
#include <stdbool.h>

typedef enum {
    LDAP_DECODED,
    LDAP_DECODE_EXHAUSTED, /* the arena is full */
    LDAP_DECODE_BROKEN     /* not what the protocol says */
} ldap_decoded_t;

/* A SearchResultEntry. */
ldap_decoded_t ldap_decode_entry(LDAP *handle, LDAPMessage *message, arena_t *mem,
                                 ldap_entry_t **ret_entry) MUST_USE NONNULL_ALL;

/* A response: code, matched DN, diagnostic message, and the entry of a post-read control where
 * there is one. LDAP_DECODE_EXHAUSTED: the code is there, of the rest what had room. */
ldap_decoded_t ldap_decode_result(LDAP *handle, LDAPMessage *message, arena_t *mem,
                                  ldap_reply_t *ret_reply) MUST_USE NONNULL_ALL;

#endif
