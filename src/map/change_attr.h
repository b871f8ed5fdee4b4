/* SPDX-License-Identifier: Apache-2.0 */
/* map/change_attr.h - what becomes of the values of one LDAP attribute; for change_between.c. */
#ifndef MAP_CHANGE_ATTR_H
#define MAP_CHANGE_ATTR_H

#include "ldap/entry.h"
#include "ldap/schema.h"
#include "map/index.h"

typedef struct {
    str_t name;
    ldap_rule_t rule;
    bool several; /* for SCIM */
    bool single;  /* for LDAP */
    ldap_attr_t kept, removed, added;
    map_index_t twins; /* normal forms of what is kept and added */
} map_attr_change_t;

map_attr_change_t map_attr_change_begin(str_t name, const ldap_attr_type_t *type, bool several);

void map_attr_keep(arena_t *mem, map_attr_change_t *values, str_t value);
void map_attr_remove(arena_t *mem, map_attr_change_t *values, str_t value);
/* Let a value stay that was to go. false: it was not to go. */
bool map_attr_unremove(map_attr_change_t *values, str_t value) MUST_USE;
/* After all that is kept: what equals a value that stays is left out, as the directory would
 * refuse it. */
void map_attr_add(arena_t *mem, map_attr_change_t *values, str_t value);

/* Append the modifications, if any. One value is replaced as a whole, and so are values that
 * the directory cannot tell apart; of several, those that go are deleted and new ones added. */
void map_attr_write(arena_t *mem, ldap_mods_t *mods, const map_attr_change_t *values);

#endif
