/* SPDX-License-Identifier: Apache-2.0 */
/* map/filter.h - a SCIM filter as an LDAP filter that answers it exactly, or the reason why
 * none does. */
#ifndef MAP_FILTER_H
#define MAP_FILTER_H

#include "base/err.h"
#include "map/map.h"
#include "scim/filter.h"

/* The ids that the filter compares references with (manager, members): what must be resolved
 * first. They may repeat. */
void map_filter_ids(arena_t *mem, const map_type_t *type, const scim_filter_t *filter,
                    str_t **ret_ids, size_t *ret_n);

enum { MAP_FILTER_MAX_TERMS = 1000 };

/* Translate. Two-valued: what LDAP would call Undefined is folded to true or false. NULL with
 * ERR_INVALID_FILTER, saying which part and why: an attribute that is not mapped, a rule the
 * directory lacks, a comparison that LDAP cannot answer exactly. The result does not include
 * the scope's own filter. `pr` is about the LDAP attribute: a value that cannot be shown (a
 * reference to an entry outside the scopes) counts as present. */
const ldap_filter_t *map_filter(arena_t *mem, const map_t *map, const map_type_t *type,
                                const scim_filter_t *filter, const map_links_t *links,
                                int64_t now_s, err_t *err) MUST_USE;

/* The same where several types are asked (RFC 7644 §3.4.2.1): what another one of them maps, but
 * not this one, no resource of this one has. */
const ldap_filter_t *map_filter_among(arena_t *mem, const map_t *map, const map_type_t *type,
                                      const map_type_t *const *among, size_t n_among,
                                      const scim_filter_t *filter, const map_links_t *links,
                                      int64_t now_s, err_t *err) MUST_USE;

#endif
