/* SPDX-License-Identifier: Apache-2.0 */
/* What surrounds a resource: id, version, times, place; and what to ask the directory for. */
#include "base/buf.h"
#include "base/clock.h"
#include "map/slot.h"
#include "map/to_resource.h"

enum { LOCATION_MAX = 64 * 1024 };

/* unreserved of RFC 3986 §2.3 */
static bool
is_unreserved(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* etagc of RFC 7232 §2.3, but without the sign that escapes the others. */
static bool
is_etag_char(char c)
{
    return c > ' ' && c < 127 && c != '"' && c != '%' && c != '\\';
}

static void
add_escaped(buf_t *buf, str_t s, bool (*is_plain)(char))
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char byte = (unsigned char)s.p[i];

        if (is_plain(s.p[i])) {
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
    add_escaped(&buf, id, is_unreserved);
    return buf_str(&buf);
}

static str_t
etag(arena_t *mem, str_t version)
{
    buf_t buf;

    buf_init(&buf, mem, LOCATION_MAX);
    buf_add_c(&buf, "W/\"");
    add_escaped(&buf, version, is_etag_char);
    buf_add_char(&buf, '"');
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

    if (!ldap_entry_first(entry, dialect->anchor, &envelope.id) || envelope.id.n == 0)
        return err_set(
            err, ERR_DIRECTORY,
            "the directory shows no %.*s of %.*s: the bind identity needs to read it",
            STR_ARG(dialect->anchor), STR_ARG(entry->dn));
    envelope.location = map_location(mem, type, base_url, envelope.id);
    if (dialect->version.n && ldap_entry_first(entry, dialect->version, &version))
        envelope.version = etag(mem, version);
    envelope.created = datetime(mem, entry, dialect->created);
    envelope.last_modified = datetime(mem, entry, dialect->modified);
    *ret_envelope = envelope;
    return true;
}

/* ---- what to ask for ---- */

typedef struct {
    arena_t *mem;
    str_t *names;
    size_t n, size;
} names_t;

static bool
has_name(const str_t *names, size_t n, str_t name)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(names[i], name))
            return true;
    return false;
}

static void
add_name(void *arg, str_t name)
{
    names_t *names = arg;

    if (str_is_empty(name) || has_name(names->names, names->n, name))
        return;
    if (names->n == names->size) {
        names->size = names->size ? names->size * 2 : 32;
        names->names =
            arena_grow(names->mem, names->names, names->n, names->size, sizeof(str_t));
    }
    names->names[names->n++] = name;
}

/* What a change needs beyond what is shown: classes, and the attributes that rules keep. */
static void
each_extra(const map_type_t *type, void (*fn)(void *, str_t), void *arg)
{
    fn(arg, STR("objectClass"));
    for (size_t i = 0; i < type->n_rules; i++)
        if (type->rules[i].write == MAP_WRITE_ALWAYS)
            fn(arg, type->rules[i].ldap);
}

typedef struct {
    ldap_names_t names;
    bool all;
} covered_t;

static void
check_covered(void *arg, str_t name)
{
    covered_t *covered = arg;

    covered->all = covered->all && has_name(covered->names.names, covered->names.n, name);
}

static ldap_names_t
all_names(arena_t *mem, const map_type_t *type, ldap_names_t base)
{
    covered_t covered = {.names = base, .all = true};
    names_t names = {.mem = mem};

    each_extra(type, check_covered, &covered);
    if (covered.all)
        return base;
    for (size_t i = 0; i < base.n; i++)
        add_name(&names, base.names[i]);
    each_extra(type, add_name, &names);
    return (ldap_names_t){.names = names.names, .n = names.n};
}

static ldap_names_t
some_names(arena_t *mem, const map_t *map, const map_type_t *type,
           const scim_projection_t *projection)
{
    names_t names = {.mem = mem};

    add_name(&names, map->dialect->anchor);
    add_name(&names, map->dialect->version);
    add_name(&names, map->dialect->created);
    add_name(&names, map->dialect->modified);
    if (type->inactive.present)
        ldap_filter_each_attr(type->inactive.when, add_name, &names);
    if (type->deleted.present)
        ldap_filter_each_attr(type->deleted.when, add_name, &names);
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if (slot->as != MAP_AS_PASSWORD &&
            scim_projection_wants(projection, slot->schema, slot->attr, NULL))
            add_name(&names, slot->ldap);
    }
    return (ldap_names_t){.names = names.names, .n = names.n};
}

ldap_names_t
map_names(arena_t *mem, const map_t *map, const map_type_t *type,
          const scim_projection_t *projection)
{
    const map_slot_t *members = type->members;

    if (projection && (!projection->all || projection->n_except > (members ? 1 : 0)))
        return some_names(mem, map, type, projection);
    if (members && projection &&
        !scim_projection_wants(projection, members->schema, members->attr, NULL))
        return all_names(mem, type, type->names);
    return all_names(mem, type, members ? type->names_with_members : type->names);
}
