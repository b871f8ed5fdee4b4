/* SPDX-License-Identifier: Apache-2.0 */
/* map/table.h - values that SCIM and the directory spell differently: "values" of a slot. */
#ifndef MAP_TABLE_H
#define MAP_TABLE_H

#include "map/map.h"
#include "json/json.h"

static inline bool
map_has_table(const map_slot_t *slot)
{
    return slot->n_table > 0;
}

/* The pair of a SCIM value, in any case of letters where case does not count in it; of an LDAP
 * value, as the attribute's equality rule takes it. NULL: it is in no pair. */
const map_pair_t *map_table_of_scim(arena_t *mem, const map_slot_t *slot, const json_t *value);
const map_pair_t *map_table_of_ldap(arena_t *mem, const map_slot_t *slot, str_t value);

/* The value as the table spells it; NULL: the slot leaves it out ("else": "drop"). */
const json_t *map_table_read(arena_t *mem, const map_slot_t *slot, const json_t *value);

/* "Germany, France" */
str_t map_table_names(arena_t *mem, const map_slot_t *slot);

#endif
