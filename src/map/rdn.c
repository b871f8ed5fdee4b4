/* SPDX-License-Identifier: Apache-2.0 */
#include "map/rdn.h"

/* As slapd writes a value in a DN: what RFC 4514 escapes, and '=', are three bytes each. */
static size_t
written_bytes(str_t value)
{
    size_t n = value.n;

    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == value.n && c == ' ');

        if (edge || c == '\0' || strchr(",+\"\\<>;=", c))
            n += 2;
    }
    return n;
}

/* Each name is kept twice: as it was given and as it is compared. */
static size_t
index_bytes(arena_t *mem, const ldap_rdn_t *rdn)
{
    size_t n = 0;

    for (size_t i = 0; i < rdn->n; i++) {
        const ldap_ava_t *ava = &rdn->avas[i];
        str_t normal = ldap_rule_normal(mem, LDAP_RULE_CASE_IGNORE, ava->value);

        n += 2 * (ava->attr.n + 1 + (i > 0));
        n += written_bytes(ava->value) + written_bytes(normal);
    }
    return n;
}

bool
map_rdn_check(arena_t *mem, const map_t *map, const map_type_t *type, const ldap_rdn_t *rdn,
              err_t *err)
{
    size_t max = map->dialect->rdn_bytes, n;

    if (max == 0)
        return true;
    n = index_bytes(mem, rdn);
    if (n <= max)
        return true;
    return err_set(err, ERR_INVALID_VALUE,
                   "%.*s names the entry and is too long: the directory has room for about %zu "
                   "bytes, and this takes %zu",
                   STR_ARG(type->rdn_slot ? type->rdn_slot->path : type->rdn), max / 2,
                   n - n / 2);
}
