/* SPDX-License-Identifier: Apache-2.0 */
/* map/to_resource.h - an LDAP entry as a SCIM resource. */
#ifndef MAP_TO_RESOURCE_H
#define MAP_TO_RESOURCE_H

#include "base/err.h"
#include "map/map.h"
#include "scim/resource.h"
#include "json/json.h"

/* The DNs (as the entry has them) of the reference slots that `projection` wants: what must be resolved before map_to_resource.
 * `projection` NULL: all. */
void map_collect_references(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                            const scim_projection_t *projection, str_t **ret_dns,
                            size_t *ret_n);

/* The canonical resource (scim/resource.h). Slots that the projection does not want may be left out. `active` comes from the lifecycle. Elements of
 * members carry value, $ref (under base_url) and type. */
json_t *map_to_resource(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                        const map_links_t *links, const scim_projection_t *projection,
                        str_t base_url, int64_t now_s);

/* id, version (as a weak ETag), created and lastModified; ERR_DIRECTORY when the anchor is missing (the
 * bind identity may not read it). `base_url` has no slash at the end. */
bool map_envelope(arena_t *mem, const map_t *map, const map_type_t *type,
                  const ldap_entry_t *entry, str_t base_url, scim_envelope_t *ret_envelope,
                  err_t *err) MUST_USE;

/* Whether the entry is in the state. */
bool map_state_holds(arena_t *mem, const map_t *map, const map_state_t *state,
                     const ldap_entry_t *entry, int64_t now_s);

/* The LDAP attributes to ask for under a projection: type->names where it has no wishes. */
ldap_names_t map_names(arena_t *mem, const map_t *map, const map_type_t *type,
                       const scim_projection_t *projection);

#endif
