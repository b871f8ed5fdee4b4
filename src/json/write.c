/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json.h"

/* Bytes that stand for themselves within quotes. DEL does: RFC 8259 §7 lets it. */
static bool
is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* The letter of a two-character escape, or NUL. */
static char
short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return '\0';
    }
}

static void
write_escape(buf_t *buf, char c)
{
    static const char hex[] = "0123456789abcdef";
    char letter = short_escape(c);
    char escape[] = {'\\', 'u', '0', '0', hex[(c >> 4) & 15], hex[c & 15]};

    escape[1] = letter ? letter : 'u';
    buf_add(buf, str_from(escape, letter ? 2 : sizeof(escape)));
}

/* The length of the bytes at the front that are written as they are. */
static size_t
plain_length(str_t s)
{
    size_t n = 0;

    while (n < s.n) {
        size_t sequence = is_plain(s.p[n]) ? 1 : 0;

        if (!sequence && (unsigned char)s.p[n] >= 0x80)
            sequence = str_utf8_length(str_skip(s, n));
        if (!sequence)
            break;
        n += sequence;
    }
    return n;
}

void
json_write_string(buf_t *buf, str_t s)
{
    buf_add_char(buf, '"');
    while (s.n) {
        size_t n = plain_length(s);

        buf_add(buf, str_slice(s, 0, n));
        s = str_skip(s, n);
        if (!s.n)
            break;
        if ((unsigned char)s.p[0] >= 0x80)
            buf_add(buf, STR("\xef\xbf\xbd"));
        else
            write_escape(buf, s.p[0]);
        s = str_skip(s, 1);
    }
    buf_add_char(buf, '"');
}

static void
write_array(buf_t *buf, const json_t *array)
{
    buf_add_char(buf, '[');
    for (size_t i = 0; i < array->u.array.n; i++) {
        if (i > 0)
            buf_add_char(buf, ',');
        json_write(buf, array->u.array.items[i]);
    }
    buf_add_char(buf, ']');
}

static void
write_object(buf_t *buf, const json_t *object)
{
    buf_add_char(buf, '{');
    for (size_t i = 0; i < object->u.object.n; i++) {
        if (i > 0)
            buf_add_char(buf, ',');
        json_write_string(buf, object->u.object.members[i].name);
        buf_add_char(buf, ':');
        json_write(buf, object->u.object.members[i].value);
    }
    buf_add_char(buf, '}');
}

void
json_write(buf_t *buf, const json_t *value)
{
    switch (value->kind) {
    case JSON_NULL:
        buf_add(buf, STR("null"));
        break;
    case JSON_BOOLEAN:
        buf_add(buf, value->u.boolean ? STR("true") : STR("false"));
        break;
    case JSON_NUMBER:
        buf_add(buf, value->u.number.text);
        break;
    case JSON_STRING:
        json_write_string(buf, value->u.string);
        break;
    case JSON_ARRAY:
        write_array(buf, value);
        break;
    case JSON_OBJECT:
        write_object(buf, value);
        break;
    }
}
