/* SPDX-License-Identifier: Apache-2.0 */
/* Syntaxes (RFC 4517 §3.3): which values they have. */
#include "base/clock.h"
#include "ldap/dn.h"
#include "ldap/schema.h"

static bool
is_ascii(char c)
{
    return (unsigned char)c < 0x80;
}

static bool
is_printable(char c)
{
    return char_is_alpha(c) || char_is_digit(c) ||
           (c != '\0' && strchr("'()+,-./:?= ", c) != NULL);
}

static bool
is_numeric(char c)
{
    return char_is_digit(c) || c == ' ';
}

static bool
is_oid_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '_' || c == '.';
}

static bool
all(str_t value, bool (*is_one)(char c))
{
    for (size_t i = 0; i < value.n; i++)
        if (!is_one(value.p[i]))
            return false;
    return true;
}

static bool
is_integer(str_t value)
{
    str_t digits = value.n && value.p[0] == '-' ? str_skip(value, 1) : value;

    if (digits.n == 0 || !all(digits, char_is_digit))
        return false;
    return digits.p[0] != '0' || value.n == 1;
}

static bool
is_uuid(str_t value)
{
    if (value.n != 36)
        return false;
    for (size_t i = 0; i < value.n; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? value.p[i] != '-' : char_hex(value.p[i]) < 0)
            return false;
    }
    return true;
}

static bool
is_dn(arena_t *mem, str_t value)
{
    err_t ignored = ERR_INIT;
    ldap_dn_t dn;

    return ldap_dn_parse(mem, value, &dn, &ignored);
}

static bool
is_time(str_t value)
{
    clock_time_t time;

    return clock_parse_generalized(value, &time);
}

bool
ldap_syntax_accepts(arena_t *mem, ldap_syntax_t syntax, str_t value)
{
    switch (syntax) {
    case LDAP_SYNTAX_DIRECTORY_STRING:
    case LDAP_SYNTAX_POSTAL_ADDRESS:
        return value.n > 0 && str_is_utf8(value);
    case LDAP_SYNTAX_IA5_STRING:
        return all(value, is_ascii);
    case LDAP_SYNTAX_TELEPHONE:
    case LDAP_SYNTAX_PRINTABLE_STRING:
        return value.n > 0 && all(value, is_printable);
    case LDAP_SYNTAX_COUNTRY:
        return value.n == 2 && all(value, is_printable);
    case LDAP_SYNTAX_NUMERIC_STRING:
        return value.n > 0 && all(value, is_numeric);
    case LDAP_SYNTAX_INTEGER:
        return is_integer(value);
    case LDAP_SYNTAX_BOOLEAN:
        return str_eq(value, STR("TRUE")) || str_eq(value, STR("FALSE"));
    case LDAP_SYNTAX_TIME:
        return is_time(value);
    case LDAP_SYNTAX_DN:
        return is_dn(mem, value);
    case LDAP_SYNTAX_UUID:
        return is_uuid(value);
    case LDAP_SYNTAX_OBJECT_IDENTIFIER:
        return value.n > 0 && all(value, is_oid_char);
    case LDAP_SYNTAX_OCTETS:
    case LDAP_SYNTAX_OTHER:
        break;
    }
    return true;
}

const char *
ldap_syntax_name(ldap_syntax_t syntax)
{
    static const char *const names[] = {
        [LDAP_SYNTAX_DIRECTORY_STRING] = "Directory String",
        [LDAP_SYNTAX_IA5_STRING] = "IA5 String",
        [LDAP_SYNTAX_PRINTABLE_STRING] = "Printable String",
        [LDAP_SYNTAX_NUMERIC_STRING] = "Numeric String",
        [LDAP_SYNTAX_TELEPHONE] = "Telephone Number",
        [LDAP_SYNTAX_COUNTRY] = "Country String",
        [LDAP_SYNTAX_POSTAL_ADDRESS] = "Postal Address",
        [LDAP_SYNTAX_INTEGER] = "INTEGER",
        [LDAP_SYNTAX_BOOLEAN] = "Boolean",
        [LDAP_SYNTAX_TIME] = "Generalized Time",
        [LDAP_SYNTAX_DN] = "DN",
        [LDAP_SYNTAX_UUID] = "UUID",
        [LDAP_SYNTAX_OCTETS] = "Octet String",
        [LDAP_SYNTAX_OBJECT_IDENTIFIER] = "OID",
        [LDAP_SYNTAX_OTHER] = "other",
    };

    return names[syntax];
}
