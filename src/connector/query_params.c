/* SPDX-License-Identifier: Apache-2.0 */
/* What a query asks: by the URL (RFC 7644 §3.4.2), or by the body of a .search (§3.4.3). */
#include "connector/query.h"

#include "map/to_resource.h"

#define URN_SEARCH STR("urn:ietf:params:scim:api:messages:2.0:SearchRequest")

/* ---- the body of a .search ---- */

enum { NAMES_MAX = 1024 * 1024 };

#define A_NUMBER "a whole number up to 9223372036854775807"

typedef enum { FIELD_STRING, FIELD_NUMBER, FIELD_NAMES } field_kind_t;

static bool
read_names(arena_t *mem, const json_t *value, str_t *ret)
{
    buf_t buf;

    if (!json_is(value, JSON_ARRAY))
        return false;
    buf_init(&buf, mem, NAMES_MAX);
    for (size_t i = 0; i < value->u.array.n; i++) {
        const json_t *item = value->u.array.items[i];

        if (!json_is(item, JSON_STRING))
            return false;
        if (i)
            buf_add_char(&buf, ',');
        buf_add(&buf, item->u.string);
    }
    *ret = buf_str(&buf);
    return true;
}

static bool
read_field(arena_t *mem, const json_t *value, field_kind_t kind, str_t *ret)
{
    int64_t number;

    switch (kind) {
    case FIELD_STRING:
        if (json_is(value, JSON_STRING))
            *ret = value->u.string;
        return json_is(value, JSON_STRING);
    case FIELD_NUMBER:
        if (!json_to_int64(value, &number))
            return false;
        *ret = str_printf(mem, "%lld", (long long)number);
        return true;
    case FIELD_NAMES:
        break;
    }
    return read_names(mem, value, ret);
}

static bool
read_fields(arena_t *mem, const json_t *body, query_t *asked, err_t *err)
{
    static const char *const expected[] = {"a string", A_NUMBER, "an array of strings"};
    const struct {
        str_t name;
        field_kind_t kind;
        str_t *place;
    } fields[] = {
        {STR("filter"), FIELD_STRING, &asked->filter},
        {STR("attributes"), FIELD_NAMES, &asked->attributes},
        {STR("excludedAttributes"), FIELD_NAMES, &asked->excluded_attributes},
        {STR("startIndex"), FIELD_NUMBER, &asked->start_index},
        {STR("count"), FIELD_NUMBER, &asked->count},
        {STR("sortBy"), FIELD_STRING, &asked->sort_by},
        {STR("sortOrder"), FIELD_STRING, &asked->sort_order},
        {STR("cursor"), FIELD_STRING, &asked->cursor},
    };

    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        const json_t *value = json_find(body, fields[i].name);

        if (value && !json_is(value, JSON_NULL) &&
            !read_field(mem, value, fields[i].kind, fields[i].place))
            return err_set(err, ERR_INVALID_VALUE, "%.*s must be %s", STR_ARG(fields[i].name),
                           expected[fields[i].kind]);
    }
    return true;
}

static bool
check_schemas(const query_task_t *self, const json_t *body, err_t *err)
{
    const json_t *schemas = json_find(body, STR("schemas"));
    bool lenient =
        (exchange_of(&self->task)->connector->quirks & (1u << SCIM_QUIRK_SCHEMAS_TYPO)) != 0;

    for (size_t i = 0; json_is(schemas, JSON_ARRAY) && i < schemas->u.array.n; i++) {
        const json_t *urn = schemas->u.array.items[i];

        if (json_is(urn, JSON_STRING) && str_ieq(urn->u.string, URN_SEARCH))
            return true;
    }
    return lenient ||
           err_set(err, ERR_INVALID_VALUE, "schemas must name \"%.*s\"", STR_ARG(URN_SEARCH));
}

static bool
read_body(query_task_t *self, err_t *err)
{
    const json_t *body = request_json(&self->task, err);

    if (!body)
        return false;
    if (!json_is(body, JSON_OBJECT))
        return err_set(err, ERR_INVALID_SYNTAX, "the body must be an object, not %s",
                       json_kind_name(body->kind));
    return check_schemas(self, body, err) &&
           read_fields(self->task.mem, body, &self->asked, err);
}

/* ---- pages ---- */

static bool
read_number(str_t text, const char *name, err_kind_t kind, int64_t absent, int64_t least,
            int64_t *ret, err_t *err)
{
    *ret = absent;
    if (!text.p)
        return true;
    if (!str_to_int64(text, ret))
        return err_set(err, kind, "%s must be " A_NUMBER ", not \"%.*s\"", name, STR_ARG(text));
    if (*ret < least)
        *ret = least;
    return true;
}

static bool
read_paging(query_task_t *self, err_t *err)
{
    const connector_limits_t *limits = &exchange_of(&self->task)->connector->limits;
    const query_t *asked = &self->asked;
    int64_t start, count;

    self->by_cursor = asked->cursor.p != NULL;
    if (self->by_cursor && asked->start_index.p)
        return err_set(err, ERR_INVALID_VALUE,
                       "cursor and startIndex are two ways to page: give one of them");
    if (!read_number(asked->start_index, "startIndex", ERR_BAD_REQUEST, 1, 1, &start, err) ||
        !read_number(asked->count, "count",
                     self->by_cursor ? ERR_INVALID_COUNT : ERR_BAD_REQUEST,
                     (int64_t)limits->default_page, 0, &count, err))
        return false;
    self->cut.start = (size_t)start - 1;
    self->cut.max = (size_t)count < limits->max_page ? (size_t)count : limits->max_page;
    return true;
}

/* ---- the filter ---- */

static bool
takes_placeholder(const query_task_t *self)
{
    return (exchange_of(&self->task)->connector->quirks &
            (1u << SCIM_QUIRK_PLACEHOLDER_FILTER)) != 0;
}

static bool
read_filter(query_task_t *self, err_t *err)
{
    exchange_t *exchange = exchange_of(&self->task);
    str_t text = self->asked.filter;
    unsigned used = 0;
    buf_t buf;

    self->question.filter = STR("");
    if (!text.p)
        return true;
    if (takes_placeholder(self) && str_eq(str_trim(text), STR("PLACEHOLDER"))) {
        self->nothing = true; /* the literal alone, which is no filter */
        exchange->facts.quirks |= 1u << SCIM_QUIRK_PLACEHOLDER_FILTER;
        return true;
    }
    self->scim_filter =
        scim_filter_parse(self->task.mem, text,
                          scim_quirk_filter_leniency(exchange->connector->quirks), &used, err);
    if (!self->scim_filter)
        return false;
    exchange->facts.quirks |= scim_quirk_of_leniency(used);
    self->nothing = takes_placeholder(self) && scim_quirk_is_placeholder(self->scim_filter);
    if (self->nothing)
        exchange->facts.quirks |= 1u << SCIM_QUIRK_PLACEHOLDER_FILTER;
    buf_init(&buf, self->task.mem, 8 * SCIM_FILTER_MAX_BYTES);
    scim_filter_write(&buf, self->scim_filter);
    self->question.filter = buf_str(&buf);
    return true;
}

/* ---- the types ---- */

static bool
add_part(query_task_t *self, const map_type_t *type, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const query_t *asked = &self->asked;
    query_part_t *part = &self->parts[self->n_parts++];

    part->type = type;
    part->number = (unsigned)(type - exchange->map->types);
    if (!scim_projection_read(self->task.mem, type->scim,
                              asked->attributes.p ? &asked->attributes : NULL,
                              asked->excluded_attributes.p ? &asked->excluded_attributes : NULL,
                              &part->projection, err))
        return false;
    part->names = map_names(self->task.mem, exchange->map, type, &part->projection);
    return true;
}

static bool
read_types(query_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);
    const map_t *map = exchange->map;

    self->parts = arena_array_of(self->task.mem, map->n_types, query_part_t);
    if (exchange->type)
        return add_part(self, exchange->type, err);
    for (size_t i = 0; i < map->n_types; i++)
        if (!add_part(self, &map->types[i], err))
            return false;
    return true;
}

/* ---- sorting ---- */

static bool
read_order(query_task_t *self, err_t *err)
{
    str_t order = self->asked.sort_order;

    if (!order.p || str_is_empty(order) || str_ieq(order, STR("ascending")))
        return true;
    self->cut.descending = str_ieq(order, STR("descending"));
    return self->cut.descending ||
           err_set(err, ERR_INVALID_VALUE,
                   "sortOrder must be ascending or descending, not \"%.*s\"", STR_ARG(order));
}

static bool
read_sort(query_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);
    str_t text = str_trim(str_from(self->asked.sort_by.p, self->asked.sort_by.n));
    bool mapped = false;
    scim_path_t path;

    self->question.sort_by = STR("");
    if (!read_order(self, err))
        return false;
    if (!text.n) { /* then there is no order to turn round */
        self->cut.descending = false;
        return true;
    }
    if (!scim_path_parse(self->task.mem, text, &path, err))
        return err_prefix(err, "sortBy");
    for (size_t i = 0; i < self->n_parts; i++) {
        query_part_t *part = &self->parts[i];

        if (!map_sort_read(self->task.mem, exchange->map, part->type, &path, &part->sort, err))
            return false;
        mapped |= part->sort.kind != MAP_SORT_ABSENT;
    }
    if (!mapped)
        return err_set(err, ERR_INVALID_PATH, "sortBy: %.*s is not mapped", STR_ARG(text));
    self->sorted = true;
    self->question.sort_by = str_lower(self->task.mem, text);
    self->question.descending = self->cut.descending;
    return true;
}

/* ---- the cursor ---- */

static bool
read_cursor(query_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);
    cursor_t cursor;

    self->question.connector = exchange->connector->name;
    self->question.endpoint = exchange->request->endpoint;
    if (!self->by_cursor || str_is_empty(self->asked.cursor))
        return true;
    if (!cursor_parse(self->task.mem, &exchange->connector->cursor_key, &self->question,
                      self->asked.cursor, exchange->now_s, &cursor, err))
        return false;
    self->cut.beside = cursor.item;
    self->cut.before = cursor.before;
    return true;
}

bool
query_read(query_task_t *self, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);

    self->asked = exchange->request->query;
    if (exchange->request->route == ROUTE_SEARCH) {
        self->asked = (query_t){.filter = {NULL, 0}};
        if (!read_body(self, err))
            return false;
    }
    return read_paging(self, err) && read_filter(self, err) && read_types(self, err) &&
           read_sort(self, err) && read_cursor(self, err);
}
