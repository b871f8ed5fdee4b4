/* SPDX-License-Identifier: Apache-2.0 */
/* base/buf.h - append-only text with a hard maximum and sticky failure.
 *
 * What is appended past the maximum is dropped and marks the buffer as failed; the caller
 * looks once, at the end. The bytes live in an arena. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    arena_t *mem;
    char *p;
    size_t n, size, max;
    bool failed;
} buf_t;

/* An empty buffer of at most `max` bytes. Nothing is allocated before the first append. */
void buf_init(buf_t *buf, arena_t *mem, size_t max) NONNULL_ALL;

/* Make room for so many bytes more at once; what is not needed is lost. */
void buf_reserve(buf_t *buf, size_t more);
void buf_add(buf_t *buf, str_t s);
void buf_add_c(buf_t *buf, const char *c);
void buf_add_int(buf_t *buf, int64_t value);
void buf_printf(buf_t *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Base64 with padding (RFC 4648 §4). */
void buf_add_base64(buf_t *buf, str_t s);

static inline void
buf_add_char(buf_t *buf, char c)
{
    if (buf->n + 1 < buf->size && buf->n < buf->max && !buf->failed)
        buf->p[buf->n++] = c;
    else
        buf_add(buf, str_from(&c, 1));
}

/* What was appended; valid until the next append. A NUL follows it. */
str_t buf_str(buf_t *buf);

/* Cut back to `n` bytes. */
void buf_truncate(buf_t *buf, size_t n);

#endif
