/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pages.h"

#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { PAGE_MAX = 4 * 1024 * 1024, CONNECTIONS = 32, TIMEOUT_S = 10 };

struct http_pages {
    struct MHD_Daemon *daemon;
    loop_t *loop;
    loop_source_t source;
    http_page_fn *fn;
    void *arg;
};

typedef struct {
    http_pages_t *pages;
    arena_t *mem;
    str_t path;
    http_page_t page;
} visit_t;

static bool
is_local_name(str_t host)
{
    static const str_t names[] = {STR_INIT("localhost"), STR_INIT("127.0.0.1"),
                                  STR_INIT("[::1]")};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        str_t rest = str_skip(host, names[i].n);

        if (str_istarts_with(host, names[i]) && (rest.n == 0 || rest.p[0] == ':'))
            return true;
    }
    return host.n == 0;
}

static void
make_page(void *arg)
{
    visit_t *visit = arg;

    buf_init(&visit->page.body, visit->mem, PAGE_MAX);
    visit->pages->fn(visit->pages->arg, visit->path, &visit->page);
}

static enum MHD_Result
send_page(struct MHD_Connection *connection, int status, const char *type, str_t body)
{
    enum MHD_Result result;
    struct MHD_Response *response;
    union {
        const char *borrowed;
        void *given;
    } bytes = {.borrowed = body.p};

    response = MHD_create_response_from_buffer(body.n, bytes.given, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "Content-Security-Policy", "default-src 'none'");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET");
    result = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
visit(http_pages_t *pages, struct MHD_Connection *connection, const char *path)
{
    arena_t *mem ARENA_CLEANUP = arena_new(2 * (size_t)PAGE_MAX);
    visit_t visit = {.pages = pages, .mem = mem, .path = str_from_c(path)};

    visit.page.status = MHD_HTTP_NOT_FOUND;
    visit.page.type = "text/plain";
    if (!mem || !arena_guard(mem, make_page, &visit))
        return send_page(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
                         STR("no memory\n"));
    return send_page(connection, visit.page.status, visit.page.type,
                     visit.page.body.n ? buf_str(&visit.page.body) : STR("not found\n"));
}

static enum MHD_Result
on_access(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
          const char *version, const char *upload, size_t *upload_size, void **context)
{
    static char seen;
    str_t name = str_from_c(method);
    str_t host = str_from_c(
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST));

    (void)version;
    (void)upload;
    if (!*context) {
        *context = &seen;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (!is_local_name(host))
        return send_page(connection, MHD_HTTP_FORBIDDEN, "text/plain",
                         STR("ask for localhost\n"));
    if (!str_eq(name, STR("GET")) && !str_eq(name, STR("HEAD")))
        return send_page(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
                         STR("only GET\n"));
    return visit(cls, connection, url);
}

static void
on_readable(loop_source_t *source, uint32_t events)
{
    (void)source;
    (void)events;
}

static bool
watch(http_pages_t *pages, err_t *err)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(pages->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    if (!info)
        return err_set(err, ERR_INTERNAL, "libmicrohttpd was built without epoll");
    pages->source = (loop_source_t){.fd = info->epoll_fd, .ready = on_readable};
    return loop_watch(pages->loop, &pages->source, EPOLLIN, err);
}

http_pages_t *
http_pages_new_take(loop_t *loop, int fd, http_page_fn *fn, void *arg, err_t *err)
{
    http_pages_t *pages = calloc(1, sizeof(*pages));

    if (!pages) {
        close(fd);
        err_set(err, ERR_UNAVAILABLE, "no memory for the admin listener");
        return NULL;
    }
    *pages = (http_pages_t){.loop = loop, .fn = fn, .arg = arg};
    pages->daemon = MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, on_access, pages, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(8 * 1024),
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
    if (!pages->daemon) {
        close(fd);
        err_set(err, ERR_UNAVAILABLE, "the admin listener did not start");
    } else if (watch(pages, err)) {
        return pages;
    }
    http_pages_free(pages);
    return NULL;
}

void
http_pages_free(http_pages_t *pages)
{
    if (!pages)
        return;
    loop_unwatch(pages->loop, &pages->source);
    if (pages->daemon)
        MHD_stop_daemon(pages->daemon);
    free(pages);
}

int
http_pages_run(http_pages_t *pages)
{
    MHD_UNSIGNED_LONG_LONG timeout;

    (void)MHD_run(pages->daemon);
    if (MHD_get_timeout(pages->daemon, &timeout) != MHD_YES)
        return -1;
    return timeout > INT_MAX ? INT_MAX : (int)timeout;
}
