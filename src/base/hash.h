/* SPDX-License-Identifier: Apache-2.0 */
/* base/hash.h - a keyed hash of bytes (SipHash-2-4).
 *
 * Keys that a client chooses must not be able to pile up in one bucket, so the key of the hash
 * is random per process. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

#include <stdint.h>

uint64_t hash_bytes(str_t s);
/* The same for all ASCII spellings of a name. */
uint64_t hash_name(str_t s);

#endif
