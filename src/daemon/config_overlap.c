/* SPDX-License-Identifier: Apache-2.0 */
/* Connectors that would write the same entries.
 *
 * Two connectors on one entry are two clients who each believe that it is theirs: what the one
 * deletes the other finds gone, its DELETE leaves a tombstone that the other revives, and the
 * locks and remembered DNs of the one know nothing of the other's. So no base of one may lie in
 * a base of another in the same directory.
 *
 * Unless both say that the scope is shared: then neither renames, moves or deletes there.
 *
 * Filters prove nothing here. An entry leaves one filter and enters the other with any write of
 * its values, ours included, and which classes exclude each other is the server's to say. Within
 * one map two scopes may share a base, as one connector serves both (map/load/check.c). */
#include "daemon/config_loading.h"
#include "ldap/server.h"

/* --- which server ------------------------------------------------------------------------- */

static bool
same_server(str_t a, str_t b)
{
    ldap_server_t x, y;

    return ldap_server_parse(a, &x) && ldap_server_parse(b, &y) && ldap_server_same(&x, &y);
}

static bool
same_directory(const config_directory_t *a, const config_directory_t *b)
{
    str_t list = str_from_c(a->settings.url), url, other;

    while (ldap_server_next_url(&list, &url)) {
        str_t others = str_from_c(b->settings.url);

        while (ldap_server_next_url(&others, &other)) {
            if (same_server(url, other))
                return true;
        }
    }
    return false;
}

/* --- which entries ------------------------------------------------------------------------ */

/* Scopes in which no resource lives serve nobody. */
bool
config_find_overlap(const config_connector_t *a, const config_connector_t *b,
                    config_overlap_t *ret_overlap)
{
    for (size_t i = 0; i < a->map->n_types; i++) {
        for (size_t k = 0; k < b->map->n_types; k++) {
            const map_scope_t *x = a->map->types[i].scope, *y = b->map->types[k].scope;

            if (x->shared && y->shared)
                continue;
            if (map_scopes_overlap(x, y, &ret_overlap->bases[0], &ret_overlap->bases[1])) {
                ret_overlap->scopes[0] = x;
                ret_overlap->scopes[1] = y;
                return true;
            }
        }
    }
    return false;
}

static str_t
name_directories(arena_t *mem, const config_directory_t *a, const config_directory_t *b)
{
    if (a == b)
        return str_printf(mem, "of the directory \"%.*s\"", STR_ARG(a->name));
    return str_printf(mem,
                      "of one server, which the directories \"%.*s\" and \"%.*s\" both are",
                      STR_ARG(a->name), STR_ARG(b->name));
}

static void
check_pair(loading_t *loading, size_t first, size_t second)
{
    const config_connector_t *a = &loading->connectors[first];
    const config_connector_t *b = &loading->connectors[second];
    config_overlap_t is;

    if (!a->map || !b->map || !a->directory || !b->directory ||
        !same_directory(a->directory, b->directory) || !config_find_overlap(b, a, &is))
        return;
    source_error(loading->source, loading->maps[second]->at,
                 "the connectors \"%.*s\" and \"%.*s\" would write the same entries %.*s: the "
                 "base \"%.*s\" of the scope \"%.*s\" here and \"%.*s\" of the scope \"%.*s\" "
                 "there overlap, whatever their filters; give each connector bases of its "
                 "own, serve both clients by one connector, or write \"shared\": true in both "
                 "scopes, which turns renames and deletions off",
                 STR_ARG(b->name), STR_ARG(a->name),
                 STR_ARG(name_directories(loading->source->mem, a->directory, b->directory)),
                 STR_ARG(is.bases[0]->dn), STR_ARG(is.scopes[0]->name),
                 STR_ARG(is.bases[1]->dn), STR_ARG(is.scopes[1]->name));
}

void
config_check_overlaps(loading_t *loading)
{
    for (size_t i = 0; i < loading->config->n_connectors; i++) {
        for (size_t k = 0; k < i; k++)
            check_pair(loading, k, i);
    }
}
