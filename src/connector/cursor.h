/* SPDX-License-Identifier: Apache-2.0 */
/* connector/cursor.h - where a walk through a result stands (RFC 9865).
 *
 * A cursor is the item at a page's edge, with the time until which it holds, sealed together
 * with the question it belongs to. Nothing is remembered for it: any instance with the same key
 * goes on from there, also after a restart. */
#ifndef CONNECTOR_CURSOR_H
#define CONNECTOR_CURSOR_H

#include "base/arena.h"
#include "base/err.h"
#include "connector/mac.h"

/* The question. `filter` and `sort_by` in canonical spelling; empty: none. */
typedef struct {
    str_t connector, endpoint, filter, sort_by;
    bool descending;
} cursor_question_t;

typedef struct {
    str_t item;  /* of a listing (connector/listing.h) */
    bool before; /* the page that ends before it is meant; else the one that begins after it */
} cursor_t;

/* Base64url. Empty when libcrypto fails. */
str_t cursor_format(arena_t *mem, const mac_key_t *key, const cursor_question_t *question,
                    const cursor_t *cursor, int64_t expires_s) MUST_USE;

/* ERR_INVALID_CURSOR: it is not ours, or of another question; ERR_EXPIRED_CURSOR. */
bool cursor_parse(arena_t *mem, const mac_key_t *key, const cursor_question_t *question,
                  str_t text, int64_t now_s, cursor_t *ret_cursor, err_t *err) MUST_USE;

#endif
