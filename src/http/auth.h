/* SPDX-License-Identifier: Apache-2.0 */
/* http/auth.h - bearer tokens (RFC 6750 §2.1).
 *
 * Tokens are random, so their SHA-256 is all that is kept of them. Several are valid at once,
 * each for its connectors and until it expires. */
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AUTH_DIGEST_SIZE = 32 };

typedef struct {
    str_t name; /* for logs */
    uint8_t digest[AUTH_DIGEST_SIZE];
    const str_t *connectors; /* none: every connector */
    size_t n_connectors;
    int64_t expires_s; /* real time; 0: never */
} auth_token_t;

typedef struct {
    const auth_token_t *items;
    size_t n;
} auth_tokens_t;

/* SHA-256. false: the library failed. */
bool auth_digest(str_t secret, uint8_t ret_digest[AUTH_DIGEST_SIZE]) MUST_USE;

/* The token of an Authorization header's value, if it is known, not expired at `now_s` and good
 * for `connector`; else NULL. Takes the same time whichever token it is. */
const auth_token_t *auth_check(const auth_tokens_t *tokens, str_t header, str_t connector,
                               int64_t now_s);

#endif
