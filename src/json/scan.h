/* SPDX-License-Identifier: Apache-2.0 */
/* json/scan.h - the one pass over JSON text that decides whether it is well-formed.
 *
 * Internal to json/. What passes the scanner is text that cJSON reads without surprises: the
 * scanner refuses what cJSON would cut, round or let through, and says where each value
 * stands. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "json/json.h"

/* cJSON reads a number through a buffer of 64 bytes. */
enum { JSON_NUMBER_MAX = 63 };

/* Where a value stands. Offsets count bytes of the text as it was given. */
typedef struct {
    uint32_t at;
    uint32_t name_at; /* of the member's name; 0: not a member */
    uint32_t length;  /* of a number */
    uint32_t count;   /* of items or members */
} json_place_t;

typedef struct {
    str_t text;           /* for cJSON: without byte order mark, comments, trailing commas */
    json_place_t *places; /* one per value, in the order in which the values begin */
    size_t n;
} json_scan_t;

/* Scan all of `text`; the places live in `mem`. Errors as for json_parse, but names that occur
 * twice are not looked for: they can only be compared once they are decoded. */
bool json_scan(arena_t *mem, str_t text, const json_limits_t *limits, json_scan_t *ret_scan,
               err_t *err) MUST_USE NONNULL_ALL;

/* Say that *err is about offset `at` of `text`; always false. */
bool json_point(err_t *err, str_t text, size_t at) NONNULL_ALL;

#endif
