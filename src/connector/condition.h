/* SPDX-License-Identifier: Apache-2.0 */
/* connector/condition.h - what a request asks to be true of its resource (RFC 9110 §13, RFC 7644
 * §3.14).
 *
 * A condition is judged by the version that a write then asserts, so that between judging and
 * writing nobody comes in: the directory refuses what was changed meanwhile, and the condition is
 * judged anew. A resource that is not there is 404 as without conditions (RFC 9110 §13.2.1). */
#ifndef CONNECTOR_CONDITION_H
#define CONNECTOR_CONDITION_H

#include "connector/request.h"
#include "scim/etag.h"

typedef struct {
    scim_etags_t match, none_match;
    str_t
        own; /* the version that the request itself has made, of one that met it; empty: none */
} condition_t;

typedef enum {
    CONDITION_MET,
    CONDITION_CHANGED,  /* none of If-Match: 412 */
    CONDITION_UNCHANGED /* one of If-None-Match: 304 for GET, else 412 */
} verdict_t;

/* ERR_BAD_REQUEST when a header is malformed. Those of a POST mean nothing: what it makes is not
 * there. */
bool condition_read(arena_t *mem, const request_t *request, condition_t *ret_condition,
                    err_t *err) MUST_USE;

verdict_t condition_judge(arena_t *mem, const condition_t *condition, str_t version);

#endif
