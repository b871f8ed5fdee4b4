/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/features.h"

static const str_t control = STR_INIT("supportedControl");
static const str_t feature = STR_INIT("supportedFeatures");

static const struct {
    ldap_feature_t feature;
    const str_t *attr;
    str_t oid;
} known[] = {
    {LDAP_FEATURE_ASSERTION, &control, STR_INIT("1.3.6.1.1.12")},
    {LDAP_FEATURE_POST_READ, &control, STR_INIT("1.3.6.1.1.13.2")},
    {LDAP_FEATURE_VALUES, &control, STR_INIT("1.2.826.0.1.3344810.2.3")},
    {LDAP_FEATURE_PERMISSIVE, &control, STR_INIT("1.2.840.113556.1.4.1413")},
    {LDAP_FEATURE_INCREMENT, &feature, STR_INIT("1.3.6.1.1.14")},
};

ldap_names_t
ldap_features_names(void)
{
    static const str_t names[] = {STR_INIT("supportedControl"), STR_INIT("supportedFeatures")};

    return (ldap_names_t){names, ARRAY_SIZE(names)};
}

ldap_features_t
ldap_features_of(const ldap_entry_t *root_dse)
{
    ldap_features_t features = LDAP_FEATURES_KNOWN;

    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        const ldap_attr_t *attr = ldap_entry_find(root_dse, *known[i].attr);

        if (attr && ldap_attr_has(attr, known[i].oid))
            features |= (ldap_features_t)known[i].feature;
    }
    return features;
}
