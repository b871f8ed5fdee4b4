/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/features.h - what a server says it can do, in its root DSE (RFC 4512 §5.1). */
#ifndef LDAP_FEATURES_H
#define LDAP_FEATURES_H

#include "ldap/op.h"

/* A set of these; 0: it is not known. */
typedef enum {
    LDAP_FEATURES_KNOWN = 1 << 0,
    LDAP_FEATURE_ASSERTION = 1 << 1,  /* RFC 4528 */
    LDAP_FEATURE_POST_READ = 1 << 2,  /* RFC 4527 */
    LDAP_FEATURE_VALUES = 1 << 3,     /* matched values, RFC 3876 */
    LDAP_FEATURE_PERMISSIVE = 1 << 4, /* permissive modify, [MS-ADTS] 3.1.1.3.4.1.8 */
    LDAP_FEATURE_INCREMENT = 1 << 5   /* modify-increment, RFC 4525 */
} ldap_feature_t;
typedef unsigned ldap_features_t;

/* The attributes of the root DSE that tell. */
ldap_names_t ldap_features_names(void);
ldap_features_t ldap_features_of(const ldap_entry_t *root_dse);

#endif
