/* SPDX-License-Identifier: Apache-2.0 */
#include "map/map.h"

static const map_dialect_t dialects[] = {
    {
        .name = STR_INIT("openldap"),
        .anchor = STR_INIT("entryUUID"),
        .anchor_form = MAP_ANCHOR_UUID,
        .versions = {STR_INIT("entryCSN")},
        .created = STR_INIT("createTimestamp"),
        .modified = STR_INIT("modifyTimestamp"),
        .dn = STR_INIT("entryDN"),
        /* slapd knows permissive modify too, but changes entryCSN for what was there already. */
        .features = LDAP_FEATURE_ASSERTION | LDAP_FEATURE_POST_READ | LDAP_FEATURE_VALUES |
                    LDAP_FEATURE_INCREMENT,
        /* back-mdb: 511 bytes for a key's value, less the 20 around the two forms. */
        .rdn_bytes = 491,
        .keeps_old_name = true,
        .names_rules = true,
        .never_empty = STR_INIT(""),
    },
    {
        .name = STR_INIT("389"),
        .anchor = STR_INIT("nsUniqueId"),
        .anchor_form = MAP_ANCHOR_NS_UNIQUE_ID,
        /* The first where the USN plugin is on; the other tells seconds apart. */
        .versions = {STR_INIT("entryUSN"), STR_INIT("modifyTimestamp")},
        .created = STR_INIT("createTimestamp"),
        .modified = STR_INIT("modifyTimestamp"),
        .dn = STR_INIT("entrydn"),
        .features = LDAP_FEATURE_POST_READ,
        .keeps_old_name = true,
        .empty_groups = true,
        .never_empty = STR_INIT(""),
    },
    {
        .name = STR_INIT("ad"),
        .anchor = STR_INIT("objectGUID"),
        .anchor_form = MAP_ANCHOR_GUID,
        .versions = {STR_INIT("uSNChanged")},
        .created = STR_INIT("whenCreated"),
        .modified = STR_INIT("whenChanged"),
        .dn = STR_INIT("distinguishedName"),
        .empty_groups = true,
        .ranges = true,
        .member_is_there = LDAP_RC_ALREADY_EXISTS,
        .member_is_gone = LDAP_RC_UNWILLING,
        .never_empty = STR_INIT("sAMAccountName"),
        .never_empty_max = 20,
    },
};

const map_dialect_t *
map_find_dialect(str_t name)
{
    for (size_t i = 0; i < ARRAY_SIZE(dialects); i++) {
        if (str_eq(dialects[i].name, name))
            return &dialects[i];
    }
    return NULL;
}
