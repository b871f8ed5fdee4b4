/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/result.h"

#include <stdio.h>

/* What an administrator can do about the codes whose diagnostic seldom says so. */
static const char hint_rights[] = "the bridge's own identity may not do this";
static const char hint_schema[] = "the directory does not know an attribute that the map names";

typedef struct {
    ldap_code_t code;
    const char *name; /* as RFC 4511 spells it */
    err_kind_t kind;
    const char *hint; /* NULL: none */
} code_row_t;

/* Sorted by code. A kind that blames the client's value or the state of its resource is given
 * only where a changed request could succeed; what no client can mend is ERR_DIRECTORY. */
static const code_row_t codes[] = {
    {LDAP_RC_SUCCESS, "success", ERR_NONE, NULL},
    {LDAP_RC_OPERATIONS_ERROR, "operationsError", ERR_UNAVAILABLE, NULL},
    {LDAP_RC_PROTOCOL_ERROR, "protocolError", ERR_DIRECTORY, NULL},
    {LDAP_RC_TIME_LIMIT, "timeLimitExceeded", ERR_UNAVAILABLE, NULL},
    {LDAP_RC_SIZE_LIMIT, "sizeLimitExceeded", ERR_TOO_MANY, NULL},
    {LDAP_RC_COMPARE_FALSE, "compareFalse", ERR_NONE, NULL},
    {LDAP_RC_COMPARE_TRUE, "compareTrue", ERR_NONE, NULL},
    {LDAP_RC_AUTH_METHOD_UNSUPPORTED, "authMethodNotSupported", ERR_DIRECTORY, NULL},
    {LDAP_RC_STRONGER_AUTH_REQUIRED, "strongerAuthRequired", ERR_DIRECTORY, hint_rights},
    {LDAP_RC_REFERRAL, "referral", ERR_DIRECTORY, "the bridge follows no referrals"},
    {LDAP_RC_ADMIN_LIMIT, "adminLimitExceeded", ERR_DIRECTORY,
     "raise the directory's limit for the bridge's identity or index the attribute"},
    {LDAP_RC_UNAVAILABLE_CRITICAL_EXTENSION, "unavailableCriticalExtension", ERR_DIRECTORY,
     NULL},
    {LDAP_RC_CONFIDENTIALITY_REQUIRED, "confidentialityRequired", ERR_DIRECTORY,
     "the directory wants TLS"},
    {LDAP_RC_SASL_BIND_IN_PROGRESS, "saslBindInProgress", ERR_DIRECTORY, NULL},
    {LDAP_RC_NO_SUCH_ATTRIBUTE, "noSuchAttribute", ERR_CONFLICT, NULL},
    {LDAP_RC_UNDEFINED_TYPE, "undefinedAttributeType", ERR_DIRECTORY, hint_schema},
    {LDAP_RC_INAPPROPRIATE_MATCHING, "inappropriateMatching", ERR_DIRECTORY, NULL},
    {LDAP_RC_CONSTRAINT_VIOLATION, "constraintViolation", ERR_INVALID_VALUE, NULL},
    {LDAP_RC_VALUE_EXISTS, "attributeOrValueExists", ERR_CONFLICT, NULL},
    {LDAP_RC_INVALID_SYNTAX, "invalidAttributeSyntax", ERR_INVALID_VALUE, NULL},
    {LDAP_RC_NO_SUCH_OBJECT, "noSuchObject", ERR_NOT_FOUND, NULL},
    {LDAP_RC_ALIAS_PROBLEM, "aliasProblem", ERR_DIRECTORY, NULL},
    {LDAP_RC_INVALID_DN_SYNTAX, "invalidDNSyntax", ERR_INVALID_VALUE, NULL},
    {LDAP_RC_ALIAS_DEREFERENCING_PROBLEM, "aliasDereferencingProblem", ERR_DIRECTORY, NULL},
    {LDAP_RC_INAPPROPRIATE_AUTH, "inappropriateAuthentication", ERR_DIRECTORY, hint_rights},
    {LDAP_RC_INVALID_CREDENTIALS, "invalidCredentials", ERR_DIRECTORY,
     "the directory refuses the bridge's own bind"},
    {LDAP_RC_INSUFFICIENT_ACCESS, "insufficientAccessRights", ERR_DIRECTORY, hint_rights},
    {LDAP_RC_BUSY, "busy", ERR_UNAVAILABLE, NULL},
    {LDAP_RC_UNAVAILABLE, "unavailable", ERR_UNAVAILABLE, NULL},
    {LDAP_RC_UNWILLING, "unwillingToPerform", ERR_CONFLICT, NULL},
    {LDAP_RC_LOOP, "loopDetect", ERR_DIRECTORY, NULL},
    {LDAP_RC_NAMING_VIOLATION, "namingViolation", ERR_INVALID_VALUE, NULL},
    {LDAP_RC_OBJECT_CLASS_VIOLATION, "objectClassViolation", ERR_INVALID_VALUE, NULL},
    {LDAP_RC_NOT_ALLOWED_ON_NON_LEAF, "notAllowedOnNonLeaf", ERR_CONFLICT, NULL},
    {LDAP_RC_NOT_ALLOWED_ON_RDN, "notAllowedOnRDN", ERR_MUTABILITY, NULL},
    {LDAP_RC_ALREADY_EXISTS, "entryAlreadyExists", ERR_UNIQUENESS, NULL},
    {LDAP_RC_OBJECT_CLASS_MODS, "objectClassModsProhibited", ERR_DIRECTORY, NULL},
    {LDAP_RC_AFFECTS_MULTIPLE_DSAS, "affectsMultipleDSAs", ERR_DIRECTORY, NULL},
    {LDAP_RC_OTHER, "other", ERR_DIRECTORY, NULL},
    {LDAP_RC_ASSERTION_FAILED, "assertionFailed", ERR_PRECONDITION, NULL},
};

static const code_row_t *
find_code(int code)
{
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
        if ((int)codes[i].code == code)
            return &codes[i];
    return NULL;
}

const char *
ldap_code_name(int code)
{
    const code_row_t *row = find_code(code);

    return row ? row->name : NULL;
}

err_kind_t
ldap_code_kind(int code)
{
    const code_row_t *row = find_code(code);

    return row ? row->kind : ERR_DIRECTORY;
}

/* Append `prefix` and `text` to the C string in `line`, cut where it ends. Control characters are
 * blanked, and so is what is no UTF-8: the line becomes JSON. */
static void
append_safe(char *line, size_t size, const char *prefix, str_t text)
{
    bool utf8 = str_is_utf8(text);
    size_t at = strlen(line);
    size_t i = 0;

    if (size - at <= strlen(prefix))
        return;
    at += (size_t)snprintf(line + at, size - at, "%s", prefix);
    for (; i < text.n && at + 1 < size; i++) {
        unsigned char c = (unsigned char)text.p[i];

        line[at++] = c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8) ? ' ' : (char)c;
    }
    while (i > 0 && i < text.n && utf8 && ((unsigned char)text.p[i] & 0xc0) == 0x80) {
        i--;
        at--;
    }
    line[at] = '\0';
}

/* slapd's unique overlay says so by a code that has other meanings too. */
static bool
is_not_unique(str_t diagnostic)
{
    return str_find(diagnostic, STR("not unique")) < diagnostic.n ||
           str_find(diagnostic, STR("non-unique")) < diagnostic.n;
}

static err_kind_t
kind_of(const code_row_t *row, str_t diagnostic)
{
    if (!row || row->kind == ERR_NONE)
        return ERR_DIRECTORY;
    if (row->code == LDAP_RC_CONSTRAINT_VIOLATION && is_not_unique(diagnostic))
        return ERR_UNIQUENESS;
    return row->kind;
}

bool
ldap_code_error(err_t *err, int code, str_t matched, str_t diagnostic, const char *what)
{
    const code_row_t *row = find_code(code);
    char rest[ERR_DETAIL_SIZE] = "";

    /* Active Directory ends its diagnostics with a NUL. */
    while (diagnostic.n && diagnostic.p[diagnostic.n - 1] == '\0')
        diagnostic.n--;
    diagnostic = str_trim(diagnostic);
    if (diagnostic.n)
        append_safe(rest, sizeof(rest) / 2, ": ", diagnostic);
    if (matched.n)
        append_safe(rest, sizeof(rest), ", matched DN ", matched);
    if (row && row->hint)
        append_safe(rest, sizeof(rest), "; ", str_from_c(row->hint));
    /* A success that is reported as a failure is one that nobody expected. */
    return err_set(err, kind_of(row, diagnostic), "%s: LDAP %s (%d)%s", what,
                   row ? row->name : "result code", code, rest);
}
