/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/result.h - result codes (RFC 4511 §A.1) and what they mean to a SCIM client. */
#ifndef LDAP_RESULT_H
#define LDAP_RESULT_H

#include "base/err.h"
#include "base/str.h"

typedef enum {
    LDAP_RC_SUCCESS = 0,
    LDAP_RC_OPERATIONS_ERROR = 1,
    LDAP_RC_PROTOCOL_ERROR = 2,
    LDAP_RC_TIME_LIMIT = 3,
    LDAP_RC_SIZE_LIMIT = 4,
    LDAP_RC_COMPARE_FALSE = 5,
    LDAP_RC_COMPARE_TRUE = 6,
    LDAP_RC_AUTH_METHOD_UNSUPPORTED = 7,
    LDAP_RC_STRONGER_AUTH_REQUIRED = 8,
    LDAP_RC_REFERRAL = 10,
    LDAP_RC_ADMIN_LIMIT = 11,
    LDAP_RC_UNAVAILABLE_CRITICAL_EXTENSION = 12,
    LDAP_RC_CONFIDENTIALITY_REQUIRED = 13,
    LDAP_RC_SASL_BIND_IN_PROGRESS = 14,
    LDAP_RC_NO_SUCH_ATTRIBUTE = 16,
    LDAP_RC_UNDEFINED_TYPE = 17,
    LDAP_RC_INAPPROPRIATE_MATCHING = 18,
    LDAP_RC_CONSTRAINT_VIOLATION = 19,
    LDAP_RC_VALUE_EXISTS = 20,
    LDAP_RC_INVALID_SYNTAX = 21,
    LDAP_RC_NO_SUCH_OBJECT = 32,
    LDAP_RC_ALIAS_PROBLEM = 33,
    LDAP_RC_INVALID_DN_SYNTAX = 34,
    LDAP_RC_ALIAS_DEREFERENCING_PROBLEM = 36,
    LDAP_RC_INAPPROPRIATE_AUTH = 48,
    LDAP_RC_INVALID_CREDENTIALS = 49,
    LDAP_RC_INSUFFICIENT_ACCESS = 50,
    LDAP_RC_BUSY = 51,
    LDAP_RC_UNAVAILABLE = 52,
    LDAP_RC_UNWILLING = 53,
    LDAP_RC_LOOP = 54,
    LDAP_RC_NAMING_VIOLATION = 64,
    LDAP_RC_OBJECT_CLASS_VIOLATION = 65,
    LDAP_RC_NOT_ALLOWED_ON_NON_LEAF = 66,
    LDAP_RC_NOT_ALLOWED_ON_RDN = 67,
    LDAP_RC_ALREADY_EXISTS = 68,
    LDAP_RC_OBJECT_CLASS_MODS = 69,
    LDAP_RC_AFFECTS_MULTIPLE_DSAS = 71,
    LDAP_RC_OTHER = 80,
    LDAP_RC_ASSERTION_FAILED = 122
} ldap_code_t;

/* "noSuchObject"; "result code 123" is written by the caller where this gives NULL. */
const char *ldap_code_name(int code);

/* The error kind a client is told when the operation ends with this code and nobody knows
 * better: the only place where codes become kinds. */
err_kind_t ldap_code_kind(int code);

/* Set *err from a result: "<what>: LDAP objectClassViolation (65): <diagnostic>, matched DN …". `what` names
 * the operation in the admin's words. Control characters of the diagnostic are blanked. Always false. */
bool ldap_code_error(err_t *err, int code, str_t matched, str_t diagnostic, const char *what);

#endif
