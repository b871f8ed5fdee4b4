/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_uri.c - request targets: a route has nothing but clean text, and the target that says
 * the same in full escapes leads to the same place. */
#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "http/router.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static void
check_text(str_t text)
{
    require(str_is_utf8(text) && str_find_char(text, '\0') == text.n);
}

static void
add_escaped(buf_t *buf, const char *before, str_t text)
{
    static const char hex[] = "0123456789abcdef";

    buf_add_c(buf, before);
    for (size_t i = 0; i < text.n; i++) {
        buf_add_char(buf, '%');
        buf_add_char(buf, hex[(unsigned char)text.p[i] >> 4]);
        buf_add_char(buf, hex[(unsigned char)text.p[i] & 15]);
    }
}

static void
check_again(arena_t *mem, const route_t *route)
{
    route_t again;
    err_t err = ERR_INIT;
    buf_t buf;

    buf_init(&buf, mem, 16 << 20);
    buf_add(&buf, route->prefix);
    if (route->endpoint.n > 0)
        add_escaped(&buf, "/", route->endpoint);
    if (route->kind == ROUTE_SEARCH)
        buf_add_c(&buf, "/.search");
    if (route->id.n > 0)
        add_escaped(&buf, "/", route->id);
    if (route->query.filter.p)
        add_escaped(&buf, "?filter=", route->query.filter);
    require(route_parse(mem, buf_str(&buf), &again, &err));
    require(again.kind == route->kind && str_eq(again.connector, route->connector));
    require(str_eq(again.prefix, route->prefix) && str_eq(again.endpoint, route->endpoint));
    require(str_eq(again.id, route->id) && str_eq(again.query.filter, route->query.filter));
}

static void
run(void *arg)
{
    const input_t *input = arg;
    char text[ROUTE_TEMPLATE_MAX];
    route_t route;
    err_t err = ERR_INIT;

    require(route_authority(input->text).n <= input->text.n);
    if (!route_parse(input->mem, input->text, &route, &err)) {
        require(err.kind == ERR_NOT_FOUND || err.kind == ERR_BAD_REQUEST);
        return;
    }
    check_text(route.connector);
    check_text(route.endpoint);
    check_text(route.id);
    check_text(route.query.filter);
    check_text(route.query.cursor);
    require(route_template(&route, text).n > 0);
    require(route_takes(route.kind, METHOD_OPTIONS));
    if (route.kind != ROUTE_UNKNOWN && route.kind != ROUTE_ME)
        check_again(input->mem, &route);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(64 << 20);
    input_t input = {.mem = mem, .text = str_from((const char *)data, size)};

    require(mem != NULL);
    if (size <= 65536)
        require(arena_guard(mem, run, &input));
    return 0;
}
