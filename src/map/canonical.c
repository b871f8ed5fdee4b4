/* SPDX-License-Identifier: Apache-2.0 */
#include "map/canonical.h"

#include "base/buf.h"
#include "scim/resource.h"

#include <stdlib.h>

enum { TEXT_MAX = 16 * 1024 * 1024 };

static void write_value(arena_t *mem, buf_t *buf, const json_t *value);

/* ---- strings ---- */

static void
write_escape(buf_t *buf, uint32_t c)
{
    if (c >= 0x10000) {
        write_escape(buf, 0xd800 + ((c - 0x10000) >> 10));
        c = 0xdc00 + ((c - 0x10000) & 0x3ff);
    }
    buf_printf(buf, "\\u%04x", (unsigned)c);
}

static void
write_string(buf_t *buf, str_t text)
{
    char last = '\0';

    buf_add_char(buf, '"');
    while (text.n > 0) {
        size_t length = str_utf8_length(text);
        char c = text.p[0];

        if (length != 1 || (unsigned char)c < ' ' || c == 0x7f || (c == ' ' && last == ' '))
            write_escape(buf, length > 0 ? str_utf8_char(text.p, &length) : 0xfffd);
        else if (c == '"' || c == '\\')
            buf_add(buf, str_from((const char[]){'\\', c}, 2));
        else
            buf_add_char(buf, c);
        last = c;
        text = str_skip(text, length > 0 ? length : 1);
    }
    buf_add_char(buf, '"');
}

/* ---- objects ---- */

static int
compare_names(const void *a, const void *b)
{
    const json_member_t *const *x = a, *const *y = b;

    return str_cmp((*x)->name, (*y)->name);
}

static void
write_object(arena_t *mem, buf_t *buf, const json_t *object)
{
    size_t n = object->u.object.n;
    const json_member_t **members = arena_array_of(mem, n + 1, const json_member_t *);

    for (size_t i = 0; i < n; i++)
        members[i] = &object->u.object.members[i];
    qsort(members, n, sizeof(*members), compare_names);
    buf_add_char(buf, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(buf, ',');
        write_string(buf, members[i]->name);
        buf_add_char(buf, ':');
        write_value(mem, buf, members[i]->value);
    }
    buf_add_char(buf, '}');
}

static void
write_array(arena_t *mem, buf_t *buf, const json_t *array)
{
    buf_add_char(buf, '[');
    for (size_t i = 0; i < array->u.array.n; i++) {
        if (i > 0)
            buf_add_char(buf, ',');
        write_value(mem, buf, array->u.array.items[i]);
    }
    buf_add_char(buf, ']');
}

static void
write_value(arena_t *mem, buf_t *buf, const json_t *value)
{
    switch (value->kind) {
    case JSON_OBJECT:
        write_object(mem, buf, value);
        break;
    case JSON_ARRAY:
        write_array(mem, buf, value);
        break;
    case JSON_STRING:
        write_string(buf, value->u.string);
        break;
    case JSON_NULL:
    case JSON_BOOLEAN:
    case JSON_NUMBER:
        json_write(buf, value);
        break;
    }
}

str_t
map_canonical_text(arena_t *mem, const json_t *value)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    write_value(mem, &buf, value);
    return buf_str(&buf);
}

json_t *
map_canonical_read(arena_t *mem, const scim_attr_t *attr, str_t text)
{
    json_limits_t limits = json_limits_request;
    err_t err = ERR_INIT;
    json_t *value, *known;

    limits.max_bytes = TEXT_MAX;
    value = json_parse(mem, text, &limits, &err);
    known = value ? scim_value_read(mem, attr, value, attr->name, &err) : NULL;
    return known && known->kind == JSON_OBJECT && known->u.object.n > 0 && json_eq(known, value)
               ? known
               : NULL;
}
