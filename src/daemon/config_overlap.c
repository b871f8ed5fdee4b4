/* SPDX-License-Identifier: Apache-2.0 */
/* Connectors that would write the same entries.
 *
 * Two connectors on one entry are two clients who each believe that it is theirs: what the one
 * deletes the other finds gone, its DELETE leaves a tombstone that the other revives, and the
 * locks and remembered DNs of the one know nothing of the other's. So no base of one may lie in
 * a base of another in the same directory.
 *
 * Filters prove nothing here. An entry leaves one filter and enters the other with any write of
 * its values, ours included, and which classes exclude each other is the server's to say. Within
 * one map two scopes may share a base, as one connector serves both (map/check.c). */
#include "daemon/config_loading.h"

/* --- which server ------------------------------------------------------------------------- */

/* Where a URL leads, as far as its text tells: two names of one host look like two hosts. */
typedef struct {
    str_t host;   /* of ldapi:// the socket's path, escaped as it was */
    int64_t port; /* 0: the scheme's own */
    bool local;
} server_t;

static bool
is_loopback(str_t host)
{
    return str_ieq(host, STR("localhost")) || str_eq(host, STR("[::1]")) ||
           str_starts_with(host, STR("127."));
}

static server_t
read_server(str_t url)
{
    size_t colon = str_find_char(url, ':');
    str_t scheme = str_slice(url, 0, colon), rest = str_skip(url, colon + 3);
    server_t server = {.local = str_ieq(scheme, STR("ldapi"))};
    bool secure = str_ieq(scheme, STR("ldaps"));
    size_t end;

    rest = str_slice(rest, 0, str_find_char(rest, '/'));
    rest = str_slice(rest, 0, str_find_char(rest, '?'));
    end = str_find_last_char(rest, ':');
    server.host = rest;
    if (server.local || end == rest.n || !str_to_int64(str_skip(rest, end + 1), &server.port))
        server.port = 0;
    else
        server.host = str_slice(rest, 0, end);
    if (server.port == (secure ? 636 : 389))
        server.port = 0;
    if (!server.local && (server.host.n == 0 || is_loopback(server.host)))
        server.host = STR("localhost");
    return server;
}

static bool
same_server(str_t a, str_t b)
{
    server_t x = read_server(a), y = read_server(b);

    return x.local == y.local && x.port == y.port && str_ieq(x.host, y.host);
}

/* The next of the URLs of a list, which libldap takes with blanks or commas between them. */
static bool
next_url(str_t *list, str_t *ret_url)
{
    size_t n = 0;

    while (list->n > 0 && (list->p[0] == ' ' || list->p[0] == ','))
        *list = str_skip(*list, 1);
    while (n < list->n && list->p[n] != ' ' && list->p[n] != ',')
        n++;
    *ret_url = str_slice(*list, 0, n);
    *list = str_skip(*list, n);
    return n > 0;
}

static bool
same_directory(const config_directory_t *a, const config_directory_t *b)
{
    str_t list = str_from_c(a->settings.url), url, other;

    if (a == b)
        return true;
    while (next_url(&list, &url)) {
        str_t others = str_from_c(b->settings.url);

        while (next_url(&others, &other)) {
            if (same_server(url, other))
                return true;
        }
    }
    return false;
}

/* --- which entries ------------------------------------------------------------------------ */

typedef struct {
    const map_scope_t *scopes[2];
    const map_base_t *bases[2];
} overlap_t;

/* Scopes in which no resource lives serve nobody. */
static bool
find_overlap(const map_t *a, const map_t *b, overlap_t *ret_overlap)
{
    for (size_t i = 0; i < a->n_types; i++) {
        for (size_t k = 0; k < b->n_types; k++) {
            const map_scope_t *x = a->types[i].scope, *y = b->types[k].scope;

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
    overlap_t is;

    if (!a->map || !b->map || !a->directory || !b->directory ||
        !same_directory(a->directory, b->directory) || !find_overlap(b->map, a->map, &is))
        return;
    source_error(loading->source, loading->maps[second]->at,
                 "the connectors \"%.*s\" and \"%.*s\" would write the same entries %.*s: the "
                 "base \"%.*s\" of the scope \"%.*s\" here and \"%.*s\" of the scope \"%.*s\" "
                 "there overlap, whatever their filters; give each connector bases of its "
                 "own, or serve both clients by one connector",
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
