/* SPDX-License-Identifier: Apache-2.0 */
#include "map/value.h"

#include "base/buf.h"
#include "base/clock.h"
#include "map/canonical.h"
#include "map/date.h"
#include "map/reference.h"
#include "map/share.h"
#include "map/slot.h"
#include "map/table.h"

enum { VALUE_MAX = 16 * 1024 * 1024 };

str_t
map_value_text(arena_t *mem, const json_t *value)
{
    switch (value->kind) {
    case JSON_STRING:
        return value->u.string;
    case JSON_NUMBER:
        return value->u.number.text;
    case JSON_BOOLEAN:
        return value->u.boolean ? STR("true") : STR("false");
    case JSON_NULL:
        return STR("");
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return map_canonical_text(mem, value);
}

/* ---- references ---- */

bool
map_value_is_dropped(const map_slot_t *slot, const json_t *value, const map_links_t *links)
{
    map_link_t link;

    return slot->missing == MAP_MISSING_DROP && slot->as == MAP_AS_REFERENCE &&
           json_is(value, JSON_STRING) &&
           !map_reference_find_id(slot, value->u.string, links, &link);
}

/* "User or Group": what the schema says may be referenced, else the names of the scopes. */
static str_t
referenced_names(arena_t *mem, const map_slot_t *slot)
{
    const scim_attr_t *ref = scim_attr_find_sub(slot->attr, STR("$ref"));
    size_t n = ref && ref->n_references ? ref->n_references : slot->n_references;
    buf_t buf;

    buf_init(&buf, mem, ERR_DETAIL_SIZE);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_c(&buf, " or ");
        buf_add(&buf,
                ref && ref->n_references ? ref->references[i] : slot->references[i]->name);
    }
    return n ? buf_str(&buf) : STR("resource");
}

static bool
reference_to_ldap(arena_t *mem, const map_slot_t *slot, str_t id, const map_links_t *links,
                  str_t *ret_value, err_t *err)
{
    map_link_t link;

    if (!map_reference_find_id(slot, id, links, &link))
        return err_set(err, ERR_INVALID_VALUE, "%.*s: no %.*s with id \"%.*s\"",
                       STR_ARG(slot->path), STR_ARG(referenced_names(mem, slot)), STR_ARG(id));
    return map_reference_check(mem, slot, link.dn, links, ret_value, err);
}

bool
map_value_is_none(arena_t *mem, const map_slot_t *slot, str_t value)
{
    ldap_rule_t rule = slot->ldap_type->equality;

    for (size_t i = 0; i < slot->n_none; i++)
        if (str_eq(ldap_rule_normal(mem, rule, slot->none[i]),
                   ldap_rule_normal(mem, rule, value)))
            return true;
    return false;
}

/* ---- SCIM to LDAP ---- */

static bool
wrong_kind(const map_slot_t *slot, const json_t *value, const char *expected, err_t *err)
{
    return err_set(err, ERR_INVALID_VALUE, "%.*s: expected %s, not %s", STR_ARG(slot->path),
                   expected, json_kind_name(value->kind));
}

static bool
time_to_ldap(arena_t *mem, const map_slot_t *slot, str_t text, str_t *ret_value, err_t *err)
{
    clock_time_t time;

    if (!clock_parse_datetime(text, &time))
        return err_set(err, ERR_INVALID_VALUE, "%.*s: \"%.*s\" is no dateTime",
                       STR_ARG(slot->path), STR_ARG(text));
    *ret_value = clock_format_generalized(mem, time);
    return true;
}

/* What the directory's numbers cannot tell apart is refused, not rounded. */
static bool
date_to_ldap(arena_t *mem, const map_slot_t *slot, str_t text, str_t *ret_value, err_t *err)
{
    clock_time_t time;
    int64_t number;
    bool exact;

    if (!clock_parse_datetime(text, &time))
        return err_set(err, ERR_INVALID_VALUE, "%.*s: \"%.*s\" is no dateTime",
                       STR_ARG(slot->path), STR_ARG(text));
    number = map_date_to_number(slot->as, time, &exact);
    if (!exact)
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s: the directory keeps %s, and \"%.*s\" is none",
                       STR_ARG(slot->path),
                       slot->as == MAP_AS_EPOCH_DAYS ? "whole days, from midnight UTC on"
                                                     : "times in steps of 100 nanoseconds",
                       STR_ARG(text));
    *ret_value = str_printf(mem, "%lld", (long long)number);
    return true;
}

static bool
string_to_ldap(arena_t *mem, const map_slot_t *slot, str_t text, const map_links_t *links,
               str_t *ret_value, err_t *err)
{
    switch (slot->as) {
    case MAP_AS_TIME:
        return time_to_ldap(mem, slot, text, ret_value, err);
    case MAP_AS_REFERENCE:
        return reference_to_ldap(mem, slot, text, links, ret_value, err);
    case MAP_AS_BASE64:
        if (!map_value_decode_base64(mem, text, ret_value))
            return err_set(err, ERR_INVALID_VALUE, "%.*s: not base64", STR_ARG(slot->path));
        return true;
    case MAP_AS_POSTAL:
        *ret_value = map_value_encode_postal(mem, text);
        return true;
    case MAP_AS_FILETIME:
    case MAP_AS_EPOCH_DAYS:
        return date_to_ldap(mem, slot, text, ret_value, err);
    case MAP_AS_DN:
    case MAP_AS_STRING:
    case MAP_AS_PASSWORD:
    case MAP_AS_BOOLEAN:
    case MAP_AS_INTEGER:
    case MAP_AS_JSON:
        break;
    }
    *ret_value = text;
    return true;
}

static bool
convert_to_ldap(arena_t *mem, const map_slot_t *slot, const json_t *value,
                const map_links_t *links, str_t *ret_value, err_t *err)
{
    int64_t number;

    if (slot->as == MAP_AS_BOOLEAN) {
        if (!json_is(value, JSON_BOOLEAN))
            return wrong_kind(slot, value, "a boolean", err);
        *ret_value = value->u.boolean ? STR("TRUE") : STR("FALSE");
        return true;
    }
    if (slot->as == MAP_AS_INTEGER) {
        if (!json_to_int64(value, &number))
            return wrong_kind(slot, value, "a whole number", err);
        *ret_value = str_printf(mem, "%lld", (long long)number);
        return true;
    }
    if (slot->as == MAP_AS_JSON) {
        if (!json_is(value, JSON_OBJECT))
            return wrong_kind(slot, value, "an object", err);
        *ret_value = map_canonical_text(mem, value);
        return true;
    }
    if (slot->as == MAP_AS_STRING && json_is(value, JSON_NUMBER)) {
        *ret_value = value->u.number.text;
        return true;
    }
    if (map_slot_kind(slot) == SCIM_DECIMAL)
        return wrong_kind(slot, value, "a number", err);
    if (!json_is(value, JSON_STRING))
        return wrong_kind(slot, value, "a string", err);
    return string_to_ldap(mem, slot, value->u.string, links, ret_value, err);
}

/* What is in no pair passes where the map says so; but not the directory's spelling of a value
 * that is in one, which would be read back as that. */
static bool
table_to_ldap(arena_t *mem, const map_slot_t *slot, const json_t *value, str_t *ret_value,
              err_t *err)
{
    const map_pair_t *pair = map_table_of_scim(mem, slot, value), *other;
    str_t text = map_value_text(mem, value);

    if (pair) {
        *ret_value = pair->ldap;
        return true;
    }
    if (slot->otherwise != MAP_ELSE_PASS)
        return err_set(err, ERR_INVALID_VALUE, "%.*s: \"%.*s\" is none of the values %.*s",
                       STR_ARG(slot->path), STR_ARG(text), STR_ARG(map_table_names(mem, slot)));
    if (!json_is(value, JSON_STRING))
        return wrong_kind(slot, value, "a string", err);
    other = map_table_of_ldap(mem, slot, text);
    if (other)
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s: \"%.*s\" is how the directory spells \"%.*s\"; send that",
                       STR_ARG(slot->path), STR_ARG(text), STR_ARG(other->scim));
    *ret_value = text;
    return true;
}

/* The value as the one of the attribute's parts that is the slot's. */
static bool
share_to_ldap(arena_t *mem, const map_slot_t *slot, str_t *value, err_t *err)
{
    str_t text = *value;

    if (text.n == 0)
        return err_set(err, ERR_INVALID_VALUE, "%.*s: the directory cannot hold an empty value",
                       STR_ARG(slot->path));
    *value = map_share_wrap(mem, slot, text);
    if (!map_share_owns(slot, *value))
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s: \"%.*s\" is not of the form \"%.*s*%.*s\", to which the map "
                       "keeps it",
                       STR_ARG(slot->path), STR_ARG(text), STR_ARG(slot->share.head),
                       STR_ARG(slot->share.tail));
    return true;
}

static bool
is_scheme_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || (c != '\0' && strchr("-_./", c) != NULL);
}

/* "{SSHA}…": the directory would keep it as a hash that somebody knows, or as clear text. */
static bool
has_scheme(str_t password)
{
    size_t i = 1;

    if (password.n < 3 || password.p[0] != '{' || !char_is_alpha(password.p[1]))
        return false;
    while (i < password.n && is_scheme_char(password.p[i]))
        i++;
    return i < password.n && password.p[i] == '}';
}

bool
map_value_to_ldap(arena_t *mem, const map_slot_t *slot, const json_t *value,
                  const map_links_t *links, str_t *ret_value, err_t *err)
{
    const ldap_attr_type_t *ldap = slot->ldap_type;
    str_t converted;

    if (map_has_table(slot) ? !table_to_ldap(mem, slot, value, &converted, err)
                            : !convert_to_ldap(mem, slot, value, links, &converted, err))
        return false;
    if (map_is_shared(slot) && !share_to_ldap(mem, slot, &converted, err))
        return false;
    if (!ldap_syntax_accepts(mem, ldap->syntax, converted))
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s: %s; LDAP attribute %.*s has the syntax %s", STR_ARG(slot->path),
                       converted.n ? "the directory cannot hold this value"
                                   : "the directory cannot hold an empty value",
                       STR_ARG(slot->ldap), ldap_syntax_name(ldap->syntax));
    if (map_value_is_none(mem, slot, converted))
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s: in the directory \"%.*s\" means that there is no value",
                       STR_ARG(slot->path), STR_ARG(converted));
    if (slot->as == MAP_AS_PASSWORD && has_scheme(converted))
        return err_set(err, ERR_INVALID_VALUE,
                       "%.*s begins with the name of a hash scheme in braces: the directory "
                       "would keep it as it is, instead of hashing it",
                       STR_ARG(slot->path));
    if (slot->required && str_trim(converted).n == 0)
        return err_set(err, ERR_INVALID_VALUE, "%.*s is required and cannot be blank",
                       STR_ARG(slot->path));
    *ret_value =
        slot->as == MAP_AS_PASSWORD ? map_password_value(mem, slot, converted) : converted;
    return true;
}

/* ---- LDAP to SCIM ---- */

static json_t *
decimal_to_scim(arena_t *mem, str_t value)
{
    err_t err = ERR_INIT;
    json_t *number = json_parse(mem, value, &json_limits_request, &err);

    return json_is(number, JSON_NUMBER) ? number : NULL;
}

static json_t *
integer_to_scim(arena_t *mem, str_t value)
{
    int64_t number;

    return str_to_int64(value, &number) ? json_integer(mem, number) : NULL;
}

static json_t *
boolean_to_scim(arena_t *mem, str_t value)
{
    if (str_ieq(value, STR("TRUE")))
        return json_boolean(mem, true);
    return str_ieq(value, STR("FALSE")) ? json_boolean(mem, false) : NULL;
}

static json_t *
time_to_scim(arena_t *mem, str_t value)
{
    clock_time_t time;

    if (!clock_parse_generalized(value, &time))
        return NULL;
    return json_string(mem, clock_format_datetime(mem, time));
}

static json_t *
date_to_scim(arena_t *mem, map_as_t as, str_t value)
{
    clock_time_t time;
    int64_t number;

    if (!str_to_int64(value, &number) || !map_date_from_number(as, number, &time))
        return NULL;
    return json_string(mem, clock_format_datetime(mem, time));
}

static json_t *
base64_to_scim(arena_t *mem, str_t value)
{
    buf_t buf;

    buf_init(&buf, mem, VALUE_MAX);
    buf_add_base64(&buf, value);
    return buf.failed ? NULL : json_string(mem, buf_str(&buf));
}

/* A value that passes, but is spelt as one in a pair, would be written as another one. */
static json_t *
table_to_scim(arena_t *mem, const map_slot_t *slot, str_t value)
{
    const map_pair_t *pair = map_table_of_ldap(mem, slot, value);
    json_t *text;

    if (pair)
        return json_copy(mem, pair->value);
    if (slot->otherwise != MAP_ELSE_PASS || !str_is_utf8(value) || value.n == 0)
        return NULL;
    text = json_string(mem, value);
    return map_table_of_scim(mem, slot, text) ? NULL : text;
}

json_t *
map_value_to_scim(arena_t *mem, const map_slot_t *slot, str_t value, const map_links_t *links)
{
    map_link_t link;

    if (!map_share_owns(slot, value) || map_value_is_none(mem, slot, value))
        return NULL;
    value = map_share_strip(slot, value);
    if (map_has_table(slot))
        return table_to_scim(mem, slot, value);
    switch (slot->as) {
    case MAP_AS_PASSWORD:
        return NULL;
    case MAP_AS_BOOLEAN:
        return boolean_to_scim(mem, value);
    case MAP_AS_INTEGER:
        return integer_to_scim(mem, value);
    case MAP_AS_TIME:
        return time_to_scim(mem, value);
    case MAP_AS_BASE64:
        return base64_to_scim(mem, value);
    case MAP_AS_FILETIME:
    case MAP_AS_EPOCH_DAYS:
        return date_to_scim(mem, slot->as, value);
    case MAP_AS_REFERENCE:
        return map_reference_find(mem, slot, value, links, &link) ? json_string(mem, link.id)
                                                                  : NULL;
    case MAP_AS_JSON:
        return map_canonical_read(mem, slot->attr, value);
    case MAP_AS_POSTAL:
        return str_is_utf8(value) ? json_string(mem, map_value_decode_postal(mem, value))
                                  : NULL;
    case MAP_AS_STRING:
    case MAP_AS_DN:
        break;
    }
    if (map_slot_kind(slot) == SCIM_DECIMAL)
        return decimal_to_scim(mem, value);
    if (map_slot_kind(slot) == SCIM_INTEGER)
        return integer_to_scim(mem, value);
    return str_is_utf8(value) && value.n ? json_string(mem, value) : NULL;
}
