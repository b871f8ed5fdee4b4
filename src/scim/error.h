/* SPDX-License-Identifier: Apache-2.0 */
/* scim/error.h - errors as clients see them (RFC 7644 §3.12). */
#ifndef SCIM_ERROR_H
#define SCIM_ERROR_H

#include "base/buf.h"
#include "base/err.h"

/* HTTP status of a kind; the only table from one to the other. */
int scim_error_status(err_kind_t kind);
/* "invalidFilter" and so on; NULL when the kind has no scimType. */
const char *scim_error_type(err_kind_t kind);
/* Append the Error message body. */
void scim_error_write(buf_t *buf, const err_t *err);

#endif
