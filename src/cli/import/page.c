/* SPDX-License-Identifier: Apache-2.0 */
/* A page of resources, and the way back to where an import stopped. */
#include "cli/import/import.h"

#include "cli/print.h"
#include "connector/cursor.h"
#include "connector/listing.h"
#include "scim/filter.h"

#include <errno.h>
#include <stdio.h>

bool
import_flush(import_t *import)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return err_set(&import->err, ERR_CONFIG, "cannot write to standard output: %s",
                   strerror(errno));
}

static bool
keep_state(import_page_t *page)
{
    const char *file = page->import->options->resume;

    return !file ||
           import_state_write(page->mem, file, &page->import->state, &page->import->err);
}

/* --- resources ---------------------------------------------------------------------------- */

/* Strings of a page that outlive it are few and as long as ids and cursors are. */
static str_t
keep(import_t *import, str_t text)
{
    return str_dup(import->mem, text);
}

static str_t
string_of(const json_t *object, str_t name)
{
    const json_t *value = json_find(object, name);

    return json_is(value, JSON_STRING) ? value->u.string : STR("");
}

static bool
write_page(import_page_t *page, const json_t *list)
{
    import_t *import = page->import;
    const json_t *resources = json_find(list, STR("Resources"));
    const json_t *total = json_find(list, STR("totalResults"));
    int64_t n = 0;

    for (size_t i = 0; json_is(resources, JSON_ARRAY) && i < resources->u.array.n; i++) {
        print_json(page->mem, resources->u.array.items[i]);
        import->report.resources++;
        page->n++;
    }
    if (!import_flush(import))
        return false;
    if (json_is(resources, JSON_ARRAY) && resources->u.array.n) {
        import->state.type = page->type->scim->name;
        import->state.anchor = keep(
            import, string_of(resources->u.array.items[resources->u.array.n - 1], STR("id")));
    }
    page->cursor = keep(import, string_of(list, STR("nextCursor")));
    page->last = page->cursor.n == 0;
    if (total && json_to_int64(total, &n))
        page->total = (size_t)n;
    return keep_state(page);
}

static str_t
import_filter(const import_t *import, arena_t *mem)
{
    return str_printf(mem, "meta.lastModified ge \"%.*s\"", STR_ARG(import->state.since));
}

void
import_read_page(void *arg)
{
    static const json_limits_t limits = {
        .max_bytes = 128u << 20, .max_depth = 32, .max_nodes = 50 * 1000 * 1000};
    import_page_t *page = arg;
    import_t *import = page->import;
    request_t request = {.method = METHOD_GET,
                         .route = ROUTE_RESOURCES,
                         .endpoint = str_skip(page->type->scim->endpoint, 1)};
    const response_t *response;
    const json_t *list;

    request.query.cursor = page->cursor;
    request.query.count = str_printf(page->mem, "%d", IMPORT_PAGE);
    if (import->delta)
        request.query.filter = import_filter(import, page->mem);
    response = driver_request(&import->driver, page->mem, &request);
    list = json_parse(page->mem, response->body, &limits, &import->err);
    if (list && response->status != 200) {
        err_set(&import->err, ERR_DIRECTORY, "%.*s: %.*s", STR_ARG(page->type->scim->name),
                STR_ARG(string_of(list, STR("detail"))));
        return;
    }
    page->good = list && write_page(page, list);
}

bool
import_go_on(import_page_t *page)
{
    import_t *import = page->import;
    unsigned char item[LISTING_TAIL];
    cursor_question_t question = {.connector = import->of->name,
                                  .endpoint = str_skip(page->type->scim->endpoint, 1),
                                  .filter = STR(""),
                                  .sort_by = STR("")};
    const cursor_t cursor = {.item = str_from((const char *)item, sizeof(item))};
    unsigned used = 0;
    buf_t buf;

    item[0] = (unsigned char)(page->type - import->of->map->types);
    if (!map_anchor_pack(import->of->map, import->state.anchor, item + 1))
        return err_set(&import->err, ERR_CONFIG, "%s holds no id", import->options->resume);
    if (import->delta) {
        const scim_filter_t *filter = scim_filter_parse(
            import->mem, import_filter(import, import->mem), 0, &used, &import->err);

        if (!filter)
            return false;
        buf_init(&buf, import->mem, 64 * 1024);
        scim_filter_write(&buf, filter);
        question.filter = buf_str(&buf);
    }
    page->cursor = cursor_format(import->mem, mac_key_of_process(), &question, &cursor,
                                 clock_real_s() + IMPORT_CURSOR_S);
    return page->cursor.n > 0;
}
