/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/encode.h - an operation in the shape that libldap takes, and sending it. */
#ifndef LDAP_ENCODE_H
#define LDAP_ENCODE_H

#include "base/arena.h"
#include "base/macros.h"
#include "ldap/op.h"

#include <ldap.h>
#include <stdbool.h>

/* Give the operation to libldap, with its controls. What it needs on the way comes from `mem`.
 * LDAP_SUCCESS and the message id; LDAP_NO_MEMORY; LDAP_SERVER_DOWN; or LDAP_PARAM_ERROR,
 * LDAP_FILTER_ERROR, LDAP_ENCODING_ERROR for what cannot be said in LDAP. */
int ldap_encode_send(LDAP *handle, arena_t *mem, const ldap_op_t *op, int *ret_id)
    MUST_USE NONNULL_ALL;

#endif
