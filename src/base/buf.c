/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void
buf_init(buf_t *buf, arena_t *mem, size_t max)
{
    *buf = (buf_t){.mem = mem, .max = max};
}

/* Make room for `more` bytes and the NUL. */
static bool
reserve(buf_t *buf, size_t more)
{
    size_t size;

    if (buf->failed || more > buf->max || buf->n > buf->max - more) {
        buf->failed = true;
        return false;
    }
    if (buf->n + more < buf->size)
        return true;
    size = buf->size ? buf->size * 2 : 256;
    while (size <= buf->n + more)
        size *= 2;
    buf->p = arena_grow(buf->mem, buf->p, buf->n, size, 1);
    buf->size = size;
    return true;
}

void
buf_reserve(buf_t *buf, size_t more)
{
    size_t size = buf->n + more + 1;

    if (more > buf->max || buf->n > buf->max - more || size <= buf->size)
        return;
    buf->p = arena_grow(buf->mem, buf->p, buf->n, size, 1);
    buf->size = size;
}

void
buf_add(buf_t *buf, str_t s)
{
    if (!s.n || !reserve(buf, s.n))
        return;
    memcpy(buf->p + buf->n, s.p, s.n);
    buf->n += s.n;
}

void
buf_add_c(buf_t *buf, const char *c)
{
    buf_add(buf, str_from_c(c));
}

void
buf_add_int(buf_t *buf, int64_t value)
{
    char text[24];
    int n = snprintf(text, sizeof(text), "%lld", (long long)value);

    buf_add(buf, str_from(text, (size_t)n));
}

void
buf_printf(buf_t *buf, const char *format, ...)
{
    va_list args, again;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n > 0 && reserve(buf, (size_t)n)) {
        vsnprintf(buf->p + buf->n, (size_t)n + 1, format, again);
        buf->n += (size_t)n;
    }
    va_end(again);
}

void
buf_add_base64(buf_t *buf, str_t s)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *u = (const unsigned char *)s.p;

    for (size_t i = 0; i < s.n; i += 3) {
        size_t left = s.n - i;
        uint32_t bits = (uint32_t)u[i] << 16;

        if (left > 1)
            bits |= (uint32_t)u[i + 1] << 8;
        if (left > 2)
            bits |= u[i + 2];
        buf_add_char(buf, digits[bits >> 18]);
        buf_add_char(buf, digits[(bits >> 12) & 63]);
        buf_add_char(buf, left > 1 ? digits[(bits >> 6) & 63] : '=');
        buf_add_char(buf, left > 2 ? digits[bits & 63] : '=');
    }
}

str_t
buf_str(buf_t *buf)
{
    if (!buf->p)
        return STR("");
    buf->p[buf->n] = '\0';
    return (str_t){buf->p, buf->n};
}

void
buf_truncate(buf_t *buf, size_t n)
{
    if (n < buf->n)
        buf->n = n;
}
