/* SPDX-License-Identifier: Apache-2.0 */
/* base/err.h - the one error value that everything sets and one place answers.
 *
 * The caller owns it; a function that fails sets it and returns false (or NULL). The kind says
 * what a client is told: scim/error.c has the table from kind to HTTP status and scimType
 * (RFC 7644 §3.12), ldap/result.c the one from an LDAP result code to a kind. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/macros.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    ERR_NONE,
    /* 400 with a scimType */
    ERR_INVALID_FILTER,
    ERR_INVALID_PATH,
    ERR_INVALID_SYNTAX,
    ERR_INVALID_VALUE,
    ERR_INVALID_VERSION,
    ERR_MUTABILITY,
    ERR_NO_TARGET,
    ERR_SENSITIVE,
    ERR_TOO_MANY,
    ERR_INVALID_CURSOR, /* RFC 9865 */
    ERR_EXPIRED_CURSOR,
    ERR_INVALID_COUNT,
    ERR_UNIQUENESS, /* 409 */
    /* without one */
    ERR_BAD_REQUEST,     /* 400: malformed HTTP or query */
    ERR_UNAUTHORIZED,    /* 401 */
    ERR_FORBIDDEN,       /* 403 */
    ERR_NOT_FOUND,       /* 404 */
    ERR_METHOD,          /* 405 */
    ERR_NOT_ACCEPTABLE,  /* 406 */
    ERR_CONFLICT,        /* 409: the directory's state forbids it */
    ERR_PRECONDITION,    /* 412 */
    ERR_TOO_LARGE,       /* 413 */
    ERR_URI_TOO_LONG,    /* 414 */
    ERR_MEDIA_TYPE,      /* 415 */
    ERR_HEAD_TOO_LARGE,  /* 431 */
    ERR_INTERNAL,        /* 500: the bridge or its map is wrong */
    ERR_NOT_IMPLEMENTED, /* 501 */
    ERR_DIRECTORY,       /* 502: the directory refused in a way no client can mend */
    ERR_UNAVAILABLE,     /* 503, Retry-After: directory gone, busy, late, or no memory */
    ERR_CONFIG,          /* a file the admin wrote; never sent to a client */
    ERR_KIND_COUNT
} err_kind_t;

enum { ERR_DETAIL_SIZE = 768 };

typedef struct {
    err_kind_t kind;
    unsigned line, column; /* ERR_CONFIG: 1-based place in `file`, 0: no place */
    const char *file;      /* borrowed; NULL: none */
    char detail[ERR_DETAIL_SIZE];
} err_t;

/* clang-format off */
#define ERR_INIT {.kind = ERR_NONE}
/* clang-format on */

/* Set the error; always false, so that failing is one line. A detail that does not fit is cut
 * at a character's end. */
bool err_set(err_t *err, err_kind_t kind, const char *format, ...) PRINTF_LIKE(3, 4)
    NONNULL_ALL;

/* Put `format` and ": " in front of the detail already there; always false. */
bool err_prefix(err_t *err, const char *format, ...) PRINTF_LIKE(2, 3) NONNULL_ALL;

/* Put "; " and `text` behind it; what is there is cut where there is no room. Always false. */
bool err_add(err_t *err, const char *text) NONNULL_ALL;

/* The detail as a view into *err. */
str_t err_detail(const err_t *err) NONNULL_ALL;

#endif
