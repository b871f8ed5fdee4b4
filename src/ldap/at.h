/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/at.h - filters where the place is known.
 *
 * Not every server can be asked where an entry lies (Active Directory cannot), but whoever searches
 * knows it of all that can be found. */
#ifndef LDAP_AT_H
#define LDAP_AT_H

#include "ldap/op.h"

/* What is left to be asked of entries found at this depth of the DN: "under" becomes true or false there,
 * and constants are folded. It stays only where some of those entries lie under its DN and others do not.
 * A filter without "under" comes back as it is. */
const ldap_filter_t *ldap_filter_at(arena_t *mem, const ldap_filter_t *filter, str_t dn,
                                    ldap_depth_t depth);

/* The operation with its filters so; its target is the entry that a write's guard is about. */
ldap_op_t ldap_op_at(arena_t *mem, const ldap_op_t *op);

#endif
