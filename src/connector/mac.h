/* SPDX-License-Identifier: Apache-2.0 */
/* connector/mac.h - a seal over what a client is given and brings back (HMAC-SHA-256).
 *
 * Who knows the key can tell later that the bytes are its own. Instances that are to know each
 * other's seals share a secret; else the key is random, one per process. */
#ifndef CONNECTOR_MAC_H
#define CONNECTOR_MAC_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { MAC_SIZE = 32, MAC_SECRET_MIN = 16 };

typedef struct {
    unsigned char bytes[32];
} mac_key_t;

/* The key that a secret stands for. false: libcrypto cannot. */
bool mac_key_from(str_t secret, mac_key_t *ret_key) MUST_USE;
/* The key of this process. NULL: there is no randomness to be had. */
const mac_key_t *mac_key_of_process(void);

/* The seal of the parts, each with its length, so that no byte can wander from one into the next. */
bool mac_seal(const mac_key_t *key, const str_t *parts, size_t n,
              unsigned char ret_seal[MAC_SIZE]) MUST_USE;
/* In a time that does not tell where they differ. */
bool mac_equal(const unsigned char *a, const unsigned char *b, size_t n) MUST_USE;

#endif
