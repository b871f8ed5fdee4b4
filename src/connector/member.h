/* SPDX-License-Identifier: Apache-2.0 */
/* connector/member.h - values of a group's member attribute. Internal to connector/. */
#ifndef CONNECTOR_MEMBER_H
#define CONNECTOR_MEMBER_H

#include "connector/exchange.h"

/* Values in normal form (map/reference.h), sorted. */
typedef struct {
    str_t *normals;
    size_t n;
} value_set_t;

value_set_t value_set_of(arena_t *mem, const map_slot_t *slot, const ldap_attr_t *attr);
/* Whether it has what the slot holds for the DN. */
bool value_set_has(arena_t *mem, const value_set_t *set, const map_slot_t *slot, str_t dn);

/* The DN of an id; false: it has none that may be a member, so it is none either. */
bool member_dn(const task_t *task, str_t id, str_t *ret_dn);

/* The modifications of one attribute. */
typedef struct {
    const map_slot_t *slot;     /* of members, or a copy of it */
    const value_set_t *present; /* NULL: what is there is not known */
    ldap_mods_t *mods;
} member_mods_t;

/* Add one modification with the values for those ids that `present` does not make superfluous. */
void member_values(const task_t *task, const member_mods_t *to, const str_t *ids, size_t n,
                   ldap_mod_op_t op);
/* The values of the delta, first those that go; all attributes, of which nothing is known. */
void member_delta(const task_t *task, const map_member_delta_t *delta, ldap_mods_t *mods);
/* How many values of the attribute the modifications of that kind have. */
size_t member_count(const ldap_mods_t *mods, ldap_mod_op_t op, str_t ldap);

#endif
