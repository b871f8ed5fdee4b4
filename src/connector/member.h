/* SPDX-License-Identifier: Apache-2.0 */
/* connector/member.h - values of a group's member attribute. Internal to connector/. */
#ifndef CONNECTOR_MEMBER_H
#define CONNECTOR_MEMBER_H

#include "connector/exchange.h"

/* DNs in normal form, sorted. */
typedef struct {
    str_t *normals;
    size_t n;
} dn_set_t;

dn_set_t dn_set_of(arena_t *mem, const ldap_attr_t *attr);
bool dn_set_has(const dn_set_t *set, str_t normal);

/* The DN of an id; false: it has none that may be a member, so it is none either. */
bool member_dn(const task_t *task, str_t id, str_t *ret_dn);

/* Add one modification with the DNs of those ids that `present` (NULL: not known) does not make superfluous. */
void member_values(const task_t *task, const map_type_t *type, const str_t *ids, size_t n,
                   ldap_mod_op_t op, const dn_set_t *present, ldap_mods_t *mods);
/* How many values the modifications of that kind have. */
size_t member_count(const ldap_mods_t *mods, ldap_mod_op_t op);

#endif
