/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/mac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <sys/random.h>

static EVP_MAC *hmac;
static mac_key_t process_key;
static bool have_process_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Fetched once: looking the algorithm up costs more than the seal. */
static void
prepare(void)
{
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    have_process_key = getrandom(process_key.bytes, sizeof(process_key.bytes), 0) ==
                       (ssize_t)sizeof(process_key.bytes);
}

static void
context_cleanup(EVP_MAC_CTX **context)
{
    EVP_MAC_CTX_free(*context);
}

bool
mac_key_from(str_t secret, mac_key_t *ret_key)
{
    return EVP_Digest(secret.p, secret.n, ret_key->bytes, NULL, EVP_sha256(), NULL) == 1;
}

const mac_key_t *
mac_key_of_process(void)
{
    pthread_once(&once, prepare);
    return have_process_key ? &process_key : NULL;
}

static bool
add(EVP_MAC_CTX *context, str_t part)
{
    unsigned char length[8];

    for (size_t i = 0; i < sizeof(length); i++)
        length[i] = (unsigned char)((uint64_t)part.n >> (8 * i));
    return EVP_MAC_update(context, length, sizeof(length)) == 1 &&
           EVP_MAC_update(context, (const unsigned char *)part.p, part.n) == 1;
}

bool
mac_seal(const mac_key_t *key, const str_t *parts, size_t n, unsigned char ret_seal[MAC_SIZE])
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context CLEANUP(context_cleanup) = NULL;
    size_t size;

    pthread_once(&once, prepare);
    context = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    if (!context || EVP_MAC_init(context, key->bytes, sizeof(key->bytes), params) != 1)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!add(context, parts[i]))
            return false;
    return EVP_MAC_final(context, ret_seal, &size, MAC_SIZE) == 1 && size == MAC_SIZE;
}

bool
mac_equal(const unsigned char *a, const unsigned char *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}
