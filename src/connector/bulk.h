/* SPDX-License-Identifier: Apache-2.0 */
/* connector/bulk.h - a bulk request (RFC 7644 §3.7) as data: its operations, what they refer to,
 * and which of them must wait for which.
 *
 * Pure: bulk_task.c carries it out. Everything lives in the request's arena. */
#ifndef CONNECTOR_BULK_H
#define CONNECTOR_BULK_H

#include "connector/request.h"
#include "map/map.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BULK_NONE SIZE_MAX /* no operation, no circle */

/* Numbers of operations; one may stand several times. */
typedef struct {
    size_t *items;
    size_t n, size;
} bulk_list_t;

typedef struct {
    method_t method;
    str_t method_name; /* as it was written; empty: none */
    str_t bulk_id;     /* empty: none */
    str_t version;     /* acts as If-Match; empty: none */
    str_t endpoint;    /* "Users" */
    str_t id;          /* as the path has it, "bulkId:…" too; empty: POST */
    const map_type_t *type;
    const json_t *data; /* NULL: none */
    err_t *error;       /* why it is refused before it could begin; NULL: it is not */

    /* It may give away a name: it deletes, or writes what resources are recognised by. */
    bool frees_name;
    /* Whose resource the path names by a bulkId. */
    size_t resource;
    /* What must have ended before: what it refers to, and what was asked before of its resource. */
    bulk_list_t needs;
    /* What was asked before and could decide about it: whoever takes the same name, deletes whom
     * it names. Waited for unless that would be for ever. */
    bulk_list_t follows;
    bulk_list_t needed_by, followed_by; /* the other way round */
    /* Those that refer to each other: each is made without what refers into the circle, and that is
     * added when all are there. */
    size_t circle;
} bulk_op_t;

typedef struct {
    bulk_op_t *ops;
    size_t n;
    size_t fail_on_errors; /* 0: no limit */
    size_t n_circles;
    const struct bulk_index *makers; /* by bulkId */
} bulk_t;

/* Read a body. What is wrong with one operation is its `error` alone.
 * ERR_INVALID_SYNTAX, ERR_INVALID_VALUE: it is no bulk request. ERR_TOO_LARGE: more than `max` operations.
 * `base_url` may stand in front of paths. `any_schemas`: "schemas" need not list the URN. */
bool bulk_read(arena_t *mem, const map_t *map, const json_t *body, str_t base_url, size_t max,
               bool any_schemas, bulk_t *ret_bulk, err_t *err) MUST_USE;

/* Find out what waits for what, and the circles. Operations that refer to a bulkId nobody brings get
 * their `error`. */
void bulk_plan(arena_t *mem, bulk_t *bulk);

/* Of bulk_plan: number the circles among what operations need; within one nobody needs anybody any more. */
void bulk_find_circles(arena_t *mem, bulk_t *bulk);

/* The POST that brings the bulkId, in a bulk that is planned; BULK_NONE: there is none. */
size_t bulk_find_maker(const bulk_t *bulk, str_t bulk_id);

/* ---- references ---- */

/* A string that stands where the map has a reference; to be read, or replaced in place. */
typedef void bulk_text_fn(void *arg, str_t *text);
/* Each of the data of an operation on `type`: values of reference attributes, in a PATCH also of value
 * filters ("members[value eq …]"), whose path is put together anew. */
void bulk_each_reference(arena_t *mem, const map_type_t *type, method_t method, json_t *data,
                         bulk_text_fn *fn, void *arg);
/* "bulkId:qwerty" -> "qwerty"; false: it is none. */
bool bulk_is_reference(str_t text, str_t *ret_bulk_id);

/* Take from the data of a POST every element of a reference attribute in which `picks` picks a text.
 * What was taken comes back as the body of a PATCH that adds it; NULL: nothing was. */
typedef bool bulk_pick_fn(void *arg, str_t text);
json_t *bulk_take_references(arena_t *mem, const map_type_t *type, json_t *data,
                             bulk_pick_fn *picks, void *arg);

#endif
