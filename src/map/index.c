/* SPDX-License-Identifier: Apache-2.0 */
#include "map/index.h"

#include "base/hash.h"

enum { FIRST_SIZE = 16 };

/* The slot that holds the key, or the free one where it belongs. At least one slot is free. */
static map_index_slot_t *
probe(const map_index_t *index, str_t key)
{
    size_t i = (size_t)hash_bytes(key) & (index->size - 1);

    while (index->slots[i].used && !str_eq(index->slots[i].key, key))
        i = (i + 1) & (index->size - 1);
    return &index->slots[i];
}

static void
grow(arena_t *mem, map_index_t *index)
{
    map_index_t bigger = {.n = index->n, .size = index->size ? index->size * 2 : FIRST_SIZE};

    bigger.slots = arena_array_of(mem, bigger.size, map_index_slot_t);
    for (size_t i = 0; i < index->size; i++)
        if (index->slots[i].used)
            *probe(&bigger, index->slots[i].key) = index->slots[i];
    *index = bigger;
}

size_t *
map_index_get(arena_t *mem, map_index_t *index, str_t key, bool *ret_new)
{
    map_index_slot_t *slot;

    if (index->n * 2 >= index->size)
        grow(mem, index);
    slot = probe(index, key);
    *ret_new = !slot->used;
    if (!slot->used) {
        *slot = (map_index_slot_t){.key = key, .used = true};
        index->n++;
    }
    return &slot->number;
}

const size_t *
map_index_find(const map_index_t *index, str_t key)
{
    const map_index_slot_t *slot;

    if (index->size == 0)
        return NULL;
    slot = probe(index, key);
    return slot->used ? &slot->number : NULL;
}
