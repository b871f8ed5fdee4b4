/* SPDX-License-Identifier: Apache-2.0 */
/* connector/links.h - the references that one request has resolved, found or not. */
#ifndef CONNECTOR_LINKS_H
#define CONNECTOR_LINKS_H

#include "base/arena.h"
#include "map/map.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct link_node link_node_t;

typedef struct {
    map_links_t base; /* what map/ looks through */
    arena_t *mem;
    link_node_t **buckets;
    size_t n_buckets, n;
} links_t;

void links_init(links_t *links, arena_t *mem);

/* Ids compare without regard to case; DNs are given in normal form. A link without DN (or without id) says that the
 * id (or the DN) was looked for and does not exist. */
void links_add(links_t *links, str_t id, str_t dn, str_t normal_dn, const map_type_t *type);
void links_add_missing_id(links_t *links, str_t id);
void links_add_missing_dn(links_t *links, str_t normal_dn);

/* What a slot with `by` holds, in normal form (map/reference.h): first that it is looked for, then whom
 * it means; each entry once. */
void links_begin_name(links_t *links, const map_slot_t *slot, str_t normal);
void links_add_name(links_t *links, const map_slot_t *slot, str_t normal,
                    const map_link_t *link);

/* As if it had not been looked for. */
void links_forget_id(links_t *links, str_t id);

/* Whether it was looked for, with whatever outcome. */
bool links_know_id(const links_t *links, str_t id);
bool links_know_dn(const links_t *links, str_t normal_dn);
bool links_know_name(const links_t *links, const map_slot_t *slot, str_t normal);

#endif
