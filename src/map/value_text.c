/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of other forms: base64, and lines of an address. */
#include "map/value.h"

#include "base/buf.h"

enum { VALUE_MAX = 16 * 1024 * 1024 };

static int
base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (char_is_digit(c))
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* One group of four digits, of which the last `pad` are '='. */
static bool
decode_group(const char *group, size_t pad, char *out)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 4 - pad; i++) {
        int digit = base64_digit(group[i]);

        if (digit < 0)
            return false;
        bits |= (uint32_t)digit << (18 - 6 * i);
    }
    if ((bits & ((1U << (8 * pad)) - 1)) != 0)
        return false;
    for (size_t i = 0; i < 3 - pad; i++)
        out[i] = (char)(bits >> (16 - 8 * i) & 0xff);
    return true;
}

bool
map_value_decode_base64(arena_t *mem, str_t text, str_t *ret_bytes)
{
    size_t pad = 0, n = text.n / 4 * 3;
    char *out = arena_alloc(mem, n + 1);

    if (text.n % 4 != 0)
        return false;
    while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < text.n; i += 4)
        if (!decode_group(text.p + i, i + 4 == text.n ? pad : 0, out + i / 4 * 3))
            return false;
    *ret_bytes = str_from(out, n - pad);
    return true;
}

str_t
map_value_encode_postal(arena_t *mem, str_t lines)
{
    buf_t buf;

    buf_init(&buf, mem, VALUE_MAX);
    for (size_t i = 0; i < lines.n; i++) {
        char c = lines.p[i];

        if (c == '\n')
            buf_add_char(&buf, '$');
        else if (c == '$')
            buf_add_c(&buf, "\\24");
        else if (c == '\\')
            buf_add_c(&buf, "\\5c");
        else
            buf_add_char(&buf, c);
    }
    return buf_str(&buf);
}

/* A backslash that begins none of the two escapes stands for itself: servers let it pass. */
str_t
map_value_decode_postal(arena_t *mem, str_t value)
{
    char *out = arena_alloc(mem, value.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < value.n; i++) {
        str_t rest = str_skip(value, i);

        if (value.p[i] == '$')
            out[n++] = '\n';
        else if (str_starts_with(rest, STR("\\24")) || str_istarts_with(rest, STR("\\5c"))) {
            out[n++] = rest.p[1] == '2' ? '$' : '\\';
            i += 2;
        } else
            out[n++] = value.p[i];
    }
    return str_from(out, n);
}

/* ---- passwords ---- */

static void
add_unit(char *units, size_t *n, uint32_t unit)
{
    units[(*n)++] = (char)(unit & 0xff);
    units[(*n)++] = (char)(unit >> 8);
}

static str_t
unicode_password(arena_t *mem, str_t password)
{
    char *units = arena_alloc(mem, 2 * password.n + 4);
    size_t n = 0, length;

    add_unit(units, &n, '"');
    for (size_t i = 0; i < password.n; i += length) {
        uint32_t c = str_utf8_char(password.p + i, &length);

        if (c >= 0x10000) {
            add_unit(units, &n, 0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        add_unit(units, &n, c);
    }
    add_unit(units, &n, '"');
    return str_from(units, n);
}

str_t
map_password_value(arena_t *mem, const map_slot_t *slot, str_t password)
{
    return str_ieq(slot->ldap, STR("unicodePwd")) ? unicode_password(mem, password) : password;
}
