/* SPDX-License-Identifier: Apache-2.0 */
/* map/anchor.h - the LDAP attribute whose value is the resource's id for ever. */
#ifndef MAP_ANCHOR_H
#define MAP_ANCHOR_H

#include "map/map.h"

/* The id of the entry's resource; false: the anchor was not read. */
bool map_anchor_of(arena_t *mem, const map_t *map, const ldap_entry_t *entry, str_t *ret_id)
    MUST_USE;
/* The entry of the resource with this id; false (ldap_filter_false) where no entry can have it. */
const ldap_filter_t *map_anchor_is(arena_t *mem, const map_t *map, str_t id);

/* An id as bytes; another text of the same ones is the same id. */
enum { MAP_ANCHOR_SIZE = 16 };
bool map_anchor_pack(const map_t *map, str_t id, unsigned char bytes[MAP_ANCHOR_SIZE]) MUST_USE;
str_t map_anchor_unpack(arena_t *mem, const map_t *map,
                        const unsigned char bytes[MAP_ANCHOR_SIZE]);

#endif
