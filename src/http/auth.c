/* SPDX-License-Identifier: Apache-2.0 */
#include "http/auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

static EVP_MD *sha256;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

/* Fetched once: looking the algorithm up costs more than the digest. */
static void
fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

bool
auth_digest(str_t secret, uint8_t ret_digest[AUTH_DIGEST_SIZE])
{
    pthread_once(&sha256_once, fetch_sha256);
    return sha256 && EVP_Digest(secret.p, secret.n, ret_digest, NULL, sha256, NULL) == 1;
}

/* RFC 9110 §11.1: the scheme's case does not matter. */
static bool
bearer(str_t header, str_t *ret_token)
{
    str_t scheme = STR("Bearer ");

    header = str_trim(header);
    if (!str_istarts_with(header, scheme))
        return false;
    *ret_token = str_trim(str_skip(header, scheme.n));
    return ret_token->n > 0;
}

static bool
is_good_for(const auth_token_t *token, str_t connector)
{
    if (token->n_connectors == 0)
        return true;
    for (size_t i = 0; i < token->n_connectors; i++) {
        if (str_eq(token->connectors[i], connector))
            return true;
    }
    return false;
}

const auth_token_t *
auth_check(const auth_tokens_t *tokens, str_t header, str_t connector, int64_t now_s)
{
    uint8_t digest[AUTH_DIGEST_SIZE];
    const auth_token_t *found = NULL;
    str_t secret;

    if (!bearer(header, &secret) || !auth_digest(secret, digest))
        return NULL;
    for (size_t i = 0; i < tokens->n; i++) {
        const auth_token_t *token = &tokens->items[i];

        if (CRYPTO_memcmp(token->digest, digest, sizeof(digest)) == 0)
            found = token;
    }
    if (!found || (found->expires_s && found->expires_s <= now_s))
        return NULL;
    return is_good_for(found, connector) ? found : NULL;
}
