/* SPDX-License-Identifier: Apache-2.0 */
/* json/json.h - JSON values (RFC 8259) that know where in the text they stood.
 *
 * A tree lives in an arena and may be edited in place. Objects keep the order of their
 * members; names compare as SCIM attribute names do, without regard to ASCII case
 * (RFC 7643 §2.1), unless a function says otherwise. */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    JSON_NULL,
    JSON_BOOLEAN,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
} json_kind_t;

typedef struct json json_t;

typedef struct {
    str_t name;
    json_t *value;
    uint32_t at; /* byte offset of the name in the text; 0 when made by code */
} json_member_t;

struct json {
    json_kind_t kind;
    uint32_t at; /* byte offset of the value in the text; 0 when made by code */
    union {
        bool boolean;
        struct {
            str_t text; /* as it was written: exact */
            double real;
        } number;
        str_t string;
        struct {
            json_t **items;
            size_t n, size;
        } array;
        struct {
            json_member_t *members;
            size_t n, size;
        } object;
    } u;
};

typedef struct {
    size_t max_bytes; /* of text */
    unsigned max_depth;
    size_t max_nodes; /* values of any kind, counted while scanning */
    bool comments;    /* blank out // and C comments and allow a comma before ] and } */
} json_limits_t;

/* For request bodies: 1 MiB, depth 16, 100,000 nodes, no comments. */
extern const json_limits_t json_limits_request;
/* For files an admin writes: 4 MiB, depth 32, 1,000,000 nodes, comments. */
extern const json_limits_t json_limits_file;

/* Parse all of `text`.
 * Refused with ERR_INVALID_SYNTAX (ERR_TOO_LARGE beyond max_bytes or max_nodes), line and column set:
 * malformed UTF-8, NUL or \u0000, lone surrogates, names that occur twice in an object (case
 * ignored), anything after the value, more depth or nodes than the limits. The detail names
 * what was found and what was expected. */
json_t *json_parse(arena_t *mem, str_t text, const json_limits_t *limits, err_t *err)
    MUST_USE NONNULL_ALL;

/* The 1-based line and column (in bytes) of offset `at` of `text`. */
void json_position(str_t text, size_t at, unsigned *ret_line, unsigned *ret_column) NONNULL_ALL;

/* "null", "a boolean", "a number", "a string", "an array", "an object": for messages. */
const char *json_kind_name(json_kind_t kind);

json_t *json_null(arena_t *mem);
json_t *json_boolean(arena_t *mem, bool value);
json_t *json_integer(arena_t *mem, int64_t value);
json_t *json_string(arena_t *mem, str_t value); /* borrows the bytes */
json_t *json_array(arena_t *mem);
json_t *json_object(arena_t *mem);

static inline bool
json_is(const json_t *value, json_kind_t kind)
{
    return value && value->kind == kind;
}

/* A number that is a whole one within int64; false for everything else. */
bool json_to_int64(const json_t *value, int64_t *ret_value) MUST_USE;

/* The member of that name, or NULL; also NULL when `object` is NULL or no object. */
json_t *json_find(const json_t *object, str_t name);
json_member_t *json_find_member(const json_t *object, str_t name);
/* Names compared byte for byte. */
json_t *json_find_exact(const json_t *object, str_t name);

/* Set or add a member. An existing one keeps its place and its spelling. */
void json_set(arena_t *mem, json_t *object, str_t name, json_t *value);
/* Whether there was one to remove. */
bool json_remove(json_t *object, str_t name);

void json_append(arena_t *mem, json_t *array, json_t *item);
void json_remove_at(json_t *array, size_t i);

/* A deep copy whose strings still borrow. */
json_t *json_copy(arena_t *mem, const json_t *value);

/* Deep equality: members in any order, names without regard to case, numbers by value. */
bool json_eq(const json_t *a, const json_t *b);

/* Append the shortest text of the value. */
void json_write(buf_t *buf, const json_t *value);
/* Append a quoted, escaped string. Bytes that are not UTF-8 become U+FFFD. */
void json_write_string(buf_t *buf, str_t s);

#endif
