/* SPDX-License-Identifier: Apache-2.0 */
#include "map/version.h"

ldap_names_t
map_version_names(const map_dialect_t *dialect)
{
    size_t n = 0;

    while (n < MAP_VERSIONS && dialect->versions[n].n)
        n++;
    return (ldap_names_t){dialect->versions, n};
}

str_t
map_version_of(const map_dialect_t *dialect, const ldap_entry_t *entry)
{
    ldap_names_t names = map_version_names(dialect);
    str_t version;

    for (size_t i = 0; i < names.n; i++)
        if (ldap_entry_first(entry, names.names[i], &version))
            return version;
    return STR("");
}

/* Whose version it is shows in its form: each of a dialect's has a syntax of its own. */
const ldap_filter_t *
map_version_is(arena_t *mem, const map_t *map, str_t version)
{
    ldap_names_t names = map_version_names(map->dialect);

    for (size_t i = 0; i < names.n && version.n; i++) {
        ldap_syntax_t syntax = ldap_schema_get(map->schema, names.names[i])->syntax;

        if (i + 1 == names.n || ldap_syntax_accepts(mem, syntax, version))
            return ldap_filter_equal(mem, names.names[i], version);
    }
    return NULL;
}
