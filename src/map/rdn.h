/* SPDX-License-Identifier: Apache-2.0 */
/* map/rdn.h - whether the directory's index has room for the name of an entry. */
#ifndef MAP_RDN_H
#define MAP_RDN_H

#include "base/err.h"
#include "map/map.h"

/* ERR_INVALID_VALUE naming the path (or the naming attribute) when the dialect's rdn_bytes is
 * exceeded. */
bool map_rdn_check(arena_t *mem, const map_t *map, const map_type_t *type,
                   const ldap_rdn_t *rdn, err_t *err) MUST_USE;

#endif
