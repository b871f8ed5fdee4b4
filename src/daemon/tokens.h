/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/tokens.h - tokens as configuration files hold them. */
#ifndef DAEMON_TOKENS_H
#define DAEMON_TOKENS_H

#include "daemon/reader.h"
#include "http/auth.h"

/* Append the tokens of an array of {"name", "sha256", "connectors", "expires"}; `names` are the
 * connectors that there are. Mistakes are reported. */
void tokens_read(source_t *source, const json_t *list, const str_t *names, size_t n,
                 auth_tokens_t *tokens);

/* "0f1e…": 64 hexadecimal digits. */
bool tokens_parse_digest(str_t text, uint8_t ret_digest[AUTH_DIGEST_SIZE]) MUST_USE;
str_t tokens_format_digest(arena_t *mem, const uint8_t digest[AUTH_DIGEST_SIZE]);

#endif
