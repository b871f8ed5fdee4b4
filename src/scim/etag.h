/* SPDX-License-Identifier: Apache-2.0 */
/* scim/etag.h - versions of resources as entity tags (RFC 7644 §3.14, RFC 9110 §8.8.3), and the
 * headers that name some. */
#ifndef SCIM_ETAG_H
#define SCIM_ETAG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The value of If-Match or If-None-Match. */
typedef struct {
    bool given;        /* the header is there */
    bool any;          /* "*" */
    const str_t *tags; /* what stands between the quotes */
    size_t n;
} scim_etags_t;

/* The weak entity tag of a version: W/"...", with escapes for what must not stand in one. A
 * directory's stamp says that something was written, not that the bytes of a response differ. */
str_t scim_etag_format(arena_t *mem, str_t version);

/* Read "*" or a list of entity tags (RFC 9110 §13.1.1, §13.1.2). `header.p` NULL: absent.
 * ERR_BAD_REQUEST when it is neither. */
bool scim_etags_parse(arena_t *mem, const char *name, str_t header, scim_etags_t *ret_etags,
                      err_t *err) MUST_USE;

/* Whether an entity tag is among them; "*" has them all. By the weak comparison (§8.8.3.2) also for
 * If-Match: ours are weak, and RFC 7644 §3.14 has clients send them there. `etag` empty: the
 * resource has no version, which only "*" covers. */
bool scim_etags_have(const scim_etags_t *etags, str_t etag);

#endif
