/* SPDX-License-Identifier: Apache-2.0 */
/* http/media.h - media types: which one a client takes (RFC 9110 §12.5.1) and which one it sends
 * (§8.3).
 *
 * A SCIM message is application/scim+json, and may be called application/json (RFC 7644 §3.1,
 * §3.8); it is UTF-8 (RFC 8259 §8.1), which is why a parameter charset may say just that. Other
 * parameters mean nothing for these types and are passed over. */
#ifndef HTTP_MEDIA_H
#define HTTP_MEDIA_H

#include "base/err.h"
#include "base/macros.h"
#include "base/str.h"

typedef enum {
    MEDIA_SCIM,
    MEDIA_JSON,
    MEDIA_NONE /* nothing that we have */
} media_t;

enum { MEDIA_COUNT = MEDIA_NONE };

/* Both, for a header that says what is taken. */
#define MEDIA_TAKEN "application/scim+json, application/json"

str_t media_name(media_t media);

/* The type for the response to a request with this Accept header; empty or absent: any will do.
 * Ranges that are none are passed over, as so many clients send them ("*", "q=.2"). */
media_t media_choose(str_t accept);

/* Whether a body of this Content-Type is one of ours; else ERR_MEDIA_TYPE. */
bool media_check(str_t content_type, err_t *err) MUST_USE NONNULL_ALL;

#endif
