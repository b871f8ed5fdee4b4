/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/error.h"

#include "scim/schema.h"
#include "json/json.h"

#include <assert.h>

typedef struct {
    int status;
    const char *type;
} row_t;

static const row_t rows[ERR_KIND_COUNT] = {
    [ERR_NONE] = {200, NULL},
    [ERR_INVALID_FILTER] = {400, "invalidFilter"},
    [ERR_INVALID_PATH] = {400, "invalidPath"},
    [ERR_INVALID_SYNTAX] = {400, "invalidSyntax"},
    [ERR_INVALID_VALUE] = {400, "invalidValue"},
    [ERR_INVALID_VERSION] = {400, "invalidVers"},
    [ERR_MUTABILITY] = {400, "mutability"},
    [ERR_NO_TARGET] = {400, "noTarget"},
    [ERR_SENSITIVE] = {400, "sensitive"},
    [ERR_TOO_MANY] = {400, "tooMany"},
    [ERR_INVALID_CURSOR] = {400, "invalidCursor"},
    [ERR_EXPIRED_CURSOR] = {400, "expiredCursor"},
    [ERR_INVALID_COUNT] = {400, "invalidCount"},
    [ERR_UNIQUENESS] = {409, "uniqueness"},
    [ERR_BAD_REQUEST] = {400, NULL},
    [ERR_UNAUTHORIZED] = {401, NULL},
    [ERR_FORBIDDEN] = {403, NULL},
    [ERR_NOT_FOUND] = {404, NULL},
    [ERR_METHOD] = {405, NULL},
    [ERR_NOT_ACCEPTABLE] = {406, NULL},
    [ERR_CONFLICT] = {409, NULL},
    [ERR_PRECONDITION] = {412, NULL},
    [ERR_TOO_LARGE] = {413, NULL},
    [ERR_URI_TOO_LONG] = {414, NULL},
    [ERR_MEDIA_TYPE] = {415, NULL},
    [ERR_HEAD_TOO_LARGE] = {431, NULL},
    [ERR_INTERNAL] = {500, NULL},
    [ERR_NOT_IMPLEMENTED] = {501, NULL},
    [ERR_DIRECTORY] = {502, NULL},
    [ERR_UNAVAILABLE] = {503, NULL},
    /* A broken file is the admin's affair: a client is told no more than that. */
    [ERR_CONFIG] = {500, NULL},
};

static const row_t *
row_of(err_kind_t kind)
{
    assert(kind < ERR_KIND_COUNT && rows[kind].status != 0);
    return &rows[kind];
}

int
scim_error_status(err_kind_t kind)
{
    return row_of(kind)->status;
}

const char *
scim_error_type(err_kind_t kind)
{
    return row_of(kind)->type;
}

void
scim_error_write(buf_t *buf, const err_t *err)
{
    const row_t *row = row_of(err->kind);
    str_t detail =
        err->kind == ERR_CONFIG ? STR("the server's configuration is broken") : err_detail(err);

    buf_add_c(buf, "{\"schemas\":[\"" SCIM_URN_ERROR "\"],");
    if (row->type) {
        buf_add_c(buf, "\"scimType\":\"");
        buf_add_c(buf, row->type);
        buf_add_c(buf, "\",");
    }
    if (!str_is_empty(detail)) {
        buf_add_c(buf, "\"detail\":");
        json_write_string(buf, detail);
        buf_add_char(buf, ',');
    }
    /* RFC 7644 §3.12: the status is a string. */
    buf_add_c(buf, "\"status\":\"");
    buf_add_int(buf, row->status);
    buf_add_c(buf, "\"}");
}
