/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/dn.h"

#include "base/buf.h"
#include "ldap/fold.h"

#include <stdlib.h>

static const char hex_digits[] = "0123456789abcdef";

static void
add_hex(buf_t *buf, char c)
{
    char text[3] = {'\\', hex_digits[(unsigned char)c >> 4], hex_digits[(unsigned char)c & 15]};

    buf_add(buf, str_from(text, 3));
}

static bool
is_special(char c)
{
    return c != '\0' && strchr(",+\"\\<>;", c) != NULL;
}

static bool
is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* RFC 4514 §2.4. In a key specials are in hexadecimal, so that a comma always separates. */
static void
write_value(buf_t *buf, str_t value, bool key)
{
    bool utf8 = str_is_utf8(value);

    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == value.n && c == ' ');

        if (is_control(c) || ((unsigned char)c >= 0x80 && !utf8)) {
            add_hex(buf, c);
        } else if (edge || is_special(c)) {
            if (key) {
                add_hex(buf, c);
            } else {
                buf_add_char(buf, '\\');
                buf_add_char(buf, c);
            }
        } else {
            buf_add_char(buf, c);
        }
    }
}

static void
write_rdn(buf_t *buf, const ldap_rdn_t *rdn, bool key)
{
    for (size_t i = 0; i < rdn->n; i++) {
        if (i > 0)
            buf_add_char(buf, '+');
        buf_add(buf, rdn->avas[i].attr);
        buf_add_char(buf, '=');
        write_value(buf, rdn->avas[i].value, key);
    }
}

/* The most bytes that the DN can take: each byte of a value may become three. */
static size_t
room(const ldap_rdn_t *rdns, size_t n)
{
    size_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < rdns[i].n; j++)
            bytes += rdns[i].avas[j].attr.n + rdns[i].avas[j].value.n * 3 + 2;
    return bytes + 1;
}

static str_t
format_rdns(arena_t *mem, const ldap_rdn_t *rdns, size_t n, bool key)
{
    buf_t buf;

    buf_init(&buf, mem, room(rdns, n));
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(&buf, ',');
        write_rdn(&buf, &rdns[i], key);
    }
    return buf_str(&buf);
}

str_t
ldap_dn_format(arena_t *mem, const ldap_dn_t *dn)
{
    return format_rdns(mem, dn->rdns, dn->n, false);
}

str_t
ldap_rdn_format(arena_t *mem, const ldap_rdn_t *rdn)
{
    return format_rdns(mem, rdn, 1, false);
}

static int
compare_avas(const void *a, const void *b)
{
    const ldap_ava_t *x = a, *y = b;
    int order = str_cmp(x->attr, y->attr);

    return order ? order : str_cmp(x->value, y->value);
}

static str_t
fold_value(arena_t *mem, str_t value)
{
    char *out = arena_alloc(mem, value.n + 1);

    return str_from(out, ldap_fold(out, value, LDAP_FOLD_CASE | LDAP_FOLD_BLANKS));
}

static ldap_rdn_t
normal_rdn(arena_t *mem, const ldap_rdn_t *rdn)
{
    ldap_rdn_t normal = {arena_array_of(mem, rdn->n, ldap_ava_t), rdn->n};

    for (size_t i = 0; i < rdn->n; i++)
        normal.avas[i] = (ldap_ava_t){.attr = str_lower(mem, rdn->avas[i].attr),
                                      .value = fold_value(mem, rdn->avas[i].value)};
    if (rdn->n > 1)
        qsort(normal.avas, normal.n, sizeof(ldap_ava_t), compare_avas);
    return normal;
}

str_t
ldap_dn_normal_tree(arena_t *mem, const ldap_dn_t *dn)
{
    ldap_rdn_t *rdns = arena_array_of(mem, dn->n, ldap_rdn_t);

    for (size_t i = 0; i < dn->n; i++)
        rdns[i] = normal_rdn(mem, &dn->rdns[i]);
    return format_rdns(mem, rdns, dn->n, true);
}

/* How a byte counts in the quick pass: 0 stops it. */
enum { PLAIN_STOP, PLAIN_NAME, PLAIN_VALUE, PLAIN_BLANK, PLAIN_EQUALS, PLAIN_COMMA };

static int
plain_class(char c)
{
    if (char_is_alpha(c) || char_is_digit(c) || c == '-')
        return PLAIN_NAME;
    if (c == ' ')
        return PLAIN_BLANK;
    if (c == '=')
        return PLAIN_EQUALS;
    if (c == ',')
        return PLAIN_COMMA;
    if ((unsigned char)c >= 0x80 || is_control(c) || c == '+' || c == '#' || is_special(c))
        return PLAIN_STOP;
    return PLAIN_VALUE;
}

/* Nearly every DN that a server sends: ASCII, short attribute names, one AVA in each RDN, nothing
 * escaped. One pass over the text into `out`, which is as long. Returns the length of the key,
 * or 0 for the long way. */
static size_t
normal_plain(char *out, str_t text)
{
    size_t n = 0, start = 0; /* of the name or value being read */
    bool in_name = true;

    for (size_t i = 0; i < text.n; i++) {
        int class = plain_class(text.p[i]);

        if (class == PLAIN_STOP)
            return 0;
        if (class == PLAIN_BLANK && (n == start || out[n - 1] == ' '))
            continue;
        if (in_name && class == PLAIN_EQUALS) {
            if (n == start || !char_is_alpha(out[start]) || out[n - 1] == ' ')
                return 0;
            in_name = false;
            out[n++] = '=';
            start = n;
            continue;
        }
        if (in_name && class != PLAIN_NAME)
            return 0;
        if (class == PLAIN_COMMA) {
            n -= n > start && out[n - 1] == ' ';
            in_name = true;
            out[n++] = ',';
            start = n;
            continue;
        }
        out[n++] = char_lower(text.p[i]);
    }
    n -= n > start && out[n - 1] == ' ';
    return in_name ? 0 : n;
}

str_t
ldap_dn_normal(arena_t *mem, str_t text)
{
    char *out = arena_alloc(mem, text.n + 1);
    size_t n = normal_plain(out, text);
    err_t ignored = ERR_INIT;
    ldap_dn_t dn;

    if (n > 0)
        return str_from(out, n);
    if (!ldap_dn_parse(mem, text, &dn, &ignored))
        return str_lower(mem, text);
    return ldap_dn_normal_tree(mem, &dn);
}

bool
ldap_dn_is_below(str_t dn, str_t base)
{
    if (base.n == 0)
        return dn.n > 0;
    return dn.n > base.n + 1 && str_ends_with(dn, base) && dn.p[dn.n - base.n - 1] == ',';
}

bool
ldap_dn_is_child(str_t dn, str_t base)
{
    if (!ldap_dn_is_below(dn, base))
        return false;
    return str_find_char(dn, ',') == (base.n == 0 ? dn.n : dn.n - base.n - 1);
}

ldap_dn_t
ldap_dn_child(arena_t *mem, str_t attr, str_t value, const ldap_dn_t *parent)
{
    ldap_dn_t dn = {arena_array_of(mem, parent->n + 1, ldap_rdn_t), parent->n + 1};

    dn.rdns[0] = (ldap_rdn_t){arena_new_of(mem, ldap_ava_t), 1};
    dn.rdns[0].avas[0] = (ldap_ava_t){.attr = attr, .value = value};
    for (size_t i = 0; i < parent->n; i++)
        dn.rdns[i + 1] = parent->rdns[i];
    return dn;
}

ldap_dn_t
ldap_dn_parent(const ldap_dn_t *dn)
{
    return dn->n == 0 ? *dn : (ldap_dn_t){dn->rdns + 1, dn->n - 1};
}

bool
ldap_dn_rdn_value(const ldap_dn_t *dn, str_t attr, str_t *ret_value)
{
    for (size_t i = 0; dn->n > 0 && i < dn->rdns[0].n; i++)
        if (str_ieq(dn->rdns[0].avas[i].attr, attr)) {
            *ret_value = dn->rdns[0].avas[i].value;
            return true;
        }
    return false;
}
