/* SPDX-License-Identifier: Apache-2.0 */
/* map/to_resource.h - an LDAP entry as a SCIM resource. */
#ifndef MAP_TO_RESOURCE_H
#define MAP_TO_RESOURCE_H

#include "base/err.h"
#include "map/map.h"
#include "scim/resource.h"
#include "json/json.h"

/* Told of each value of an entry that becomes part of a resource: `value` is its place there. The
 * rest of the trace is filled by whoever writes the resource. */
typedef struct map_trace map_trace_t;
struct map_trace {
    void (*value)(map_trace_t *trace, const json_t *value, const map_slot_t *slot, str_t ldap);
    const json_t *resource;
};

/* The canonical resource (scim/resource.h). Slots that the projection does not want are left
 * out. `active` comes from the lifecycle. Elements of members carry value, $ref (under
 * base_url) and type. */
json_t *map_to_resource(arena_t *mem, const map_t *map, const map_type_t *type,
                        const ldap_entry_t *entry, const map_links_t *links,
                        const scim_projection_t *projection, str_t base_url, int64_t now_s);

/* The same, telling where each value comes from (`trace` NULL: nobody). */
json_t *map_trace_resource(arena_t *mem, const map_t *map, const map_type_t *type,
                           const ldap_entry_t *entry, const map_links_t *links,
                           const scim_projection_t *projection, str_t base_url, int64_t now_s,
                           map_trace_t *trace);

/* Where a resource is: base_url, endpoint and id, the id percent-encoded where it must be. */
str_t map_location(arena_t *mem, const map_type_t *type, str_t base_url, str_t id);

/* Which value of `attr` a slot for one shows, and as what: the one in the entry's DN for the
 * naming attribute, else the first that can be shown. NULL: none. */
json_t *map_shown_value(arena_t *mem, const map_type_t *type, const map_slot_t *slot,
                        const ldap_entry_t *entry, const ldap_attr_t *attr,
                        const map_links_t *links, size_t *ret_at);

/* id, version (as a weak ETag), created and lastModified; ERR_DIRECTORY when the anchor is
 * missing (the bind identity may not read it). `base_url` has no slash at the end. */
bool map_envelope(arena_t *mem, const map_t *map, const map_type_t *type,
                  const ldap_entry_t *entry, str_t base_url, scim_envelope_t *ret_envelope,
                  err_t *err) MUST_USE;

/* Whether the entry is in the state. */
bool map_state_holds(arena_t *mem, const map_t *map, const map_state_t *state,
                     const ldap_entry_t *entry, int64_t now_s);

/* The LDAP attributes to ask for under a projection: with NULL or no wishes all that
 * map_to_resource and a change look at. */
ldap_names_t map_names(arena_t *mem, const map_t *map, const map_type_t *type,
                       const scim_projection_t *projection);

#endif
