/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/apply.h - what an entry becomes by a write, without a server. */
#ifndef LDAP_APPLY_H
#define LDAP_APPLY_H

#include "base/arena.h"
#include "ldap/dn.h"
#include "ldap/entry.h"
#include "ldap/schema.h"

#include <stddef.h>

/* Carry out the modifications in order (RFC 4511 §4.6). Values compare by the attribute's
 * equality rule; adding one that is there and deleting one that is not are passed over, as a
 * permissive server does. */
void ldap_apply_mods(arena_t *mem, const ldap_schema_t *schema, ldap_entry_t *entry,
                     const ldap_mod_t *mods, size_t n);

/* Name the entry anew: its DN, and the values of the old and the new RDN. Unchanged when its DN
 * or `rdn` is none. */
void ldap_apply_rename(arena_t *mem, const ldap_schema_t *schema, ldap_entry_t *entry,
                       str_t rdn, bool delete_old);

#endif
