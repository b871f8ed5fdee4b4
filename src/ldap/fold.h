/* SPDX-License-Identifier: Apache-2.0 */
/* ldap/fold.h - string preparation that DNs and matching rules share (RFC 4518).
 *
 * Simpler than stringprep and closer to what servers do: SPACE is the only blank, and a
 * composed character differs from its decomposed spelling. */
#ifndef LDAP_FOLD_H
#define LDAP_FOLD_H

#include "base/str.h"

typedef enum {
    LDAP_FOLD_CASE = 1,         /* letters become lower case */
    LDAP_FOLD_BLANKS = 2,       /* none at the ends, one between words; only blanks: one */
    LDAP_FOLD_DROP_BLANKS = 4,  /* none at all */
    LDAP_FOLD_DROP_HYPHENS = 8, /* likewise */
} ldap_fold_how_t;

/* Write the prepared text to `out`, which has room for text.n bytes, and may be text.p itself.
 * Returns its length. Beyond ASCII, case is folded only where the whole text is UTF-8. */
size_t ldap_fold(char *out, str_t text, unsigned how) NONNULL_ALL;

#endif
