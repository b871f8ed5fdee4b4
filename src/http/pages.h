/* SPDX-License-Identifier: Apache-2.0 */
/* http/pages.h - a small server of pages for the machine itself: health and metrics.
 *
 * GET only, one thread, one listening socket, and only for those who call it by a name of the
 * machine itself: a browser that was lured here by a foreign name is refused. */
#ifndef HTTP_PAGES_H
#define HTTP_PAGES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

typedef struct http_pages http_pages_t;

typedef struct {
    int status;
    const char *type; /* "text/plain" */
    buf_t body;       /* initialised */
} http_page_t;

/* Fill the page of `path`; a status of 404 is set before. Runs under an arena_guard. */
typedef void http_page_fn(void *arg, str_t path, http_page_t *page);

/* Takes the listening socket, also when it fails. */
http_pages_t *http_pages_new_take(loop_t *loop, int fd, http_page_fn *fn, void *arg, err_t *err)
    MUST_USE;
void http_pages_free(http_pages_t *pages);

/* After each turn of the loop; see http_server_run. */
int http_pages_run(http_pages_t *pages) MUST_USE;

#endif
