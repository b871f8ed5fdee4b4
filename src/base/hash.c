/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <pthread.h>
#include <sys/random.h>
#include <time.h>

static uint64_t key[2];
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void
make_key(void)
{
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
        key[0] = (uint64_t)time(NULL);
        key[1] = (uint64_t)(uintptr_t)&key;
    }
}

static uint64_t
rotl(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

static void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

static void
sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
}

static uint64_t
sip(str_t s, bool fold)
{
    uint64_t v[4], word = 0;

    pthread_once(&key_once, make_key);
    v[0] = key[0] ^ 0x736f6d6570736575u;
    v[1] = key[1] ^ 0x646f72616e646f6du;
    v[2] = key[0] ^ 0x6c7967656e657261u;
    v[3] = key[1] ^ 0x7465646279746573u;
    for (size_t i = 0; i < s.n; i++) {
        char c = fold ? char_lower(s.p[i]) : s.p[i];

        word |= (uint64_t)(unsigned char)c << (8 * (i & 7));
        if ((i & 7) == 7) {
            sip_word(v, word);
            word = 0;
        }
    }
    sip_word(v, word | ((uint64_t)s.n << 56));
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t
hash_bytes(str_t s)
{
    return sip(s, false);
}

uint64_t
hash_name(str_t s)
{
    return sip(s, true);
}
