/* SPDX-License-Identifier: Apache-2.0 */
#include "map/anchor.h"

enum { TEXT_MAX = 2 * MAP_ANCHOR_SIZE + 4 };

/* Before which bytes the text has a hyphen, as bits; UUID: 8-4-4-4-12, nsUniqueId: 8-8-8-8 digits. */
static unsigned
hyphens(const map_t *map)
{
    return map->dialect->anchor_form == MAP_ANCHOR_NS_UNIQUE_ID
               ? 1u << 4 | 1u << 8 | 1u << 12
               : 1u << 4 | 1u << 6 | 1u << 8 | 1u << 10;
}

bool
map_anchor_pack(const map_t *map, str_t id, unsigned char bytes[MAP_ANCHOR_SIZE])
{
    size_t at = 0;

    for (size_t i = 0; i < MAP_ANCHOR_SIZE; i++, at += 2) {
        if (hyphens(map) & 1u << i && (at >= id.n || id.p[at++] != '-'))
            return false;
        if (at + 2 > id.n || char_hex(id.p[at]) < 0 || char_hex(id.p[at + 1]) < 0)
            return false;
        bytes[i] = (unsigned char)(char_hex(id.p[at]) << 4 | char_hex(id.p[at + 1]));
    }
    return at == id.n;
}

str_t
map_anchor_unpack(arena_t *mem, const map_t *map, const unsigned char bytes[MAP_ANCHOR_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(mem, TEXT_MAX + 1);
    size_t n = 0;

    for (size_t i = 0; i < MAP_ANCHOR_SIZE; i++) {
        if (hyphens(map) & 1u << i)
            text[n++] = '-';
        text[n++] = digits[bytes[i] >> 4];
        text[n++] = digits[bytes[i] & 15];
    }
    return str_from(text, n);
}

/* A GUID's first three fields have their bytes the other way round ([MS-DTYP] 2.3.4.2). */
static void
swap_fields(const unsigned char from[MAP_ANCHOR_SIZE], unsigned char to[MAP_ANCHOR_SIZE])
{
    static const unsigned char order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

    for (size_t i = 0; i < MAP_ANCHOR_SIZE; i++)
        to[i] = from[order[i]];
}

bool
map_anchor_of(arena_t *mem, const map_t *map, const ldap_entry_t *entry, str_t *ret_id)
{
    unsigned char bytes[MAP_ANCHOR_SIZE];
    str_t value;

    if (!ldap_entry_first(entry, map->dialect->anchor, &value))
        return false;
    if (map->dialect->anchor_form != MAP_ANCHOR_GUID) {
        *ret_id = value;
        return true;
    }
    if (value.n != MAP_ANCHOR_SIZE)
        return false;
    swap_fields((const unsigned char *)value.p, bytes);
    *ret_id = map_anchor_unpack(mem, map, bytes);
    return true;
}

const ldap_filter_t *
map_anchor_is(arena_t *mem, const map_t *map, str_t id)
{
    unsigned char bytes[MAP_ANCHOR_SIZE], *value;

    if (!map_anchor_pack(map, id, bytes))
        return ldap_filter_false();
    if (map->dialect->anchor_form != MAP_ANCHOR_GUID)
        return ldap_filter_equal(mem, map->dialect->anchor, id);
    value = arena_alloc(mem, MAP_ANCHOR_SIZE);
    swap_fields(bytes, value);
    return ldap_filter_equal(mem, map->dialect->anchor,
                             str_from((const char *)value, MAP_ANCHOR_SIZE));
}
