/* SPDX-License-Identifier: Apache-2.0 */
/* map/change_between.h - what the files that take an entry from one resource to another share; for
 * change_between.c and change_rules.c alone. */
#ifndef MAP_CHANGE_BETWEEN_H
#define MAP_CHANGE_BETWEEN_H

#include "map/change.h"
#include "map/slot.h"

typedef struct {
    arena_t *mem;
    const map_t *map;
    const map_type_t *type;
    const ldap_entry_t *entry;
    const map_links_t *links;
    map_values_t *before, *after;
    const json_t *wanted; /* the resource `after` */
    bool *changed;        /* per slot */
    map_change_t *change;
    err_t *err;
} map_between_t;

/* Rename so that the naming attribute has the value. *ret_named is false, and nothing is done,
 * when it is another attribute that names the entry, as of one that was adopted. */
bool map_between_rename(map_between_t *task, str_t value, bool *ret_named) MUST_USE;

/* Place both resources: what is not written stays as it is, for what is derived from it too. */
bool map_between_begin(map_between_t *task, const json_t *before, const json_t *after) MUST_USE;

/* What rules make of slots that have changed. */
bool map_between_rules(map_between_t *task) MUST_USE;

/* What the rule says of values that an entry has which is taken over, in place of what the change writes of them
 * so far. */
bool map_between_conflict(map_between_t *task, const map_rule_t *rule) MUST_USE;

#endif
