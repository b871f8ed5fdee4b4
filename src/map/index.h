/* SPDX-License-Identifier: Apache-2.0 */
/* map/index.h - numbers by key bytes, for lists too long to be searched one against the other.
 *
 * Lives in an arena; nothing is allocated before the first key. Keys are borrowed. */
#ifndef MAP_INDEX_H
#define MAP_INDEX_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    str_t key;
    size_t number;
    bool used;
} map_index_slot_t;

typedef struct {
    map_index_slot_t *slots;
    size_t n, size; /* size is a power of two, or 0 */
} map_index_t;

/* The number kept for the key, made 0 where the key is new. Valid until the next call. */
size_t *map_index_get(arena_t *mem, map_index_t *index, str_t key, bool *ret_new);

/* NULL when the key is not there. */
const size_t *map_index_find(const map_index_t *index, str_t key);

#endif
