/* SPDX-License-Identifier: Apache-2.0 */
/* What surrounds a resource: id, version, times, place. */
#include "base/buf.h"
#include "base/clock.h"
#include "map/anchor.h"
#include "map/slot.h"
#include "map/to_resource.h"
#include "map/version.h"
#include "scim/etag.h"

enum { LOCATION_MAX = 64 * 1024 };

/* unreserved of RFC 3986 §2.3 */
static bool
is_unreserved(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void
add_escaped(buf_t *buf, str_t s)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char byte = (unsigned char)s.p[i];

        if (is_unreserved(s.p[i])) {
            buf_add_char(buf, s.p[i]);
            continue;
        }
        buf_add_char(buf, '%');
        buf_add_char(buf, hex[byte >> 4]);
        buf_add_char(buf, hex[byte & 15]);
    }
}

str_t
map_location(arena_t *mem, const map_type_t *type, str_t base_url, str_t id)
{
    buf_t buf;

    buf_init(&buf, mem, LOCATION_MAX);
    buf_add(&buf, base_url);
    buf_add(&buf, type->scim->endpoint);
    buf_add_char(&buf, '/');
    add_escaped(&buf, id);
    return buf_str(&buf);
}

static str_t
datetime(arena_t *mem, const ldap_entry_t *entry, str_t attr)
{
    clock_time_t time;
    str_t value;

    if (str_is_empty(attr) || !ldap_entry_first(entry, attr, &value) ||
        !clock_parse_generalized(value, &time))
        return STR("");
    return clock_format_datetime(mem, time);
}

bool
map_envelope(arena_t *mem, const map_t *map, const map_type_t *type, const ldap_entry_t *entry,
             str_t base_url, scim_envelope_t *ret_envelope, err_t *err)
{
    const map_dialect_t *dialect = map->dialect;
    scim_envelope_t envelope = {.version = STR("")};
    str_t version;

    if (!map_anchor_of(mem, map, entry, &envelope.id) || envelope.id.n == 0)
        return err_set(
            err, ERR_DIRECTORY,
            "the directory shows no %.*s of %.*s: the bind identity needs to read it",
            STR_ARG(dialect->anchor), STR_ARG(entry->dn));
    envelope.location = map_location(mem, type, base_url, envelope.id);
    version = map_version_of(dialect, entry);
    if (version.n)
        envelope.version = scim_etag_format(mem, version);
    envelope.created = datetime(mem, entry, dialect->created);
    envelope.last_modified = datetime(mem, entry, dialect->modified);
    *ret_envelope = envelope;
    return true;
}
