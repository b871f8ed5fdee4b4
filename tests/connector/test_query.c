/* SPDX-License-Identifier: Apache-2.0 */
/* Queries: parameters, .search, several types at once, sorting, walks by index and by cursor. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

static arena_t *mem;
static sim_t *sim;
static fixture_t fixture;
static connector_t *connector;

static void
set_up(void)
{
    mem = arena_new(0);
    sim = sim_new(sim_seed());
    connector = fixture_make_state(&fixture, sim, sample_map(mem, "people"), WARM);
    ck_assert_int_eq(
        sim_do(sim, connector, METHOD_DELETE, fixture_text(&fixture, "Users/{wild}"), NULL)
            ->status,
        204);
}

static void
tear_down(void)
{
    sim_free(sim);
    arena_free(mem);
}

static const char *
text_of(const json_t *resource, const char *name)
{
    const json_t *value = json_find(resource, str_from_c(name));

    return json_is(value, JSON_STRING) ? str_dup_c(mem, value->u.string) : NULL;
}

/* "anna ben": who is in the response, in its order. */
static const char *
names_in(const json_t *body)
{
    const json_t *resources = json_find(body, STR("Resources"));
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    for (size_t i = 0; json_is(resources, JSON_ARRAY) && i < resources->u.array.n; i++) {
        const char *user = text_of(resources->u.array.items[i], "userName");

        if (i)
            buf_add_char(&buf, ' ');
        buf_add_c(&buf, user ? user : text_of(resources->u.array.items[i], "displayName"));
    }
    return buf_str(&buf).p;
}

static int64_t
number_in(const json_t *body, const char *name)
{
    int64_t number;

    return json_to_int64(json_find(body, str_from_c(name)), &number) ? number : -1;
}

static const sim_call_t *
get(const char *path)
{
    return sim_do(sim, connector, METHOD_GET, fixture_text(&fixture, path), NULL);
}

/* ---- rows ---- */

#define BY_URN "urn:ietf:params:scim:schemas:core:2.0:"

static const struct {
    const char *name, *path, *body; /* body NULL: GET */
    int status;
    const char *names; /* or what the detail contains; NULL: any order */
    int total, start;  /* start -1: none */
} rows[] = {
    /* several types: RFC 7644 §3.4.2.1 */
    {"root, all", "?sortBy=meta.resourceType&attributes=userName,displayName", NULL, 200, NULL,
     6, 1},
    {"root, by a name both have", "?filter=displayName eq 'Anna'", NULL, 200, "anna", 1, 1},
    {"root, by what users alone have", "?filter=userName eq 'ben'", NULL, 200, "ben", 1, 1},
    {"root, by what groups alone have", "?filter=members eq '{anna}'&sortBy=displayName", NULL,
     200, "board staff", 2, 1},
    {"root, value path of groups", "?filter=members[value eq '{ben}']", NULL, 200, "board", 1,
     1},
    {"root, members of a user", "?filter=members.value eq '{anna}'&sortBy=displayName", NULL,
     200, "board staff", 2, 1},
    {"root, absent differs", "?filter=title ne 'Boss'&sortBy=displayName", NULL, 200,
     "ben board cora empty staff", 5, 1},
    {"root, not absent", "?filter=not (members eq '{anna}')&sortBy=displayName", NULL, 200,
     "anna ben cora empty", 4, 1},
    {"root, absent is null", "?filter=title eq null&sortBy=displayName", NULL, 200,
     "ben board cora empty staff", 5, 1},
    {"root, absent is not null", "?filter=title ne null", NULL, 200, "anna", 1, 1},
    {"root, one of both", "?filter=title pr or members[value eq '{ben}']&sortBy=displayName",
     NULL, 200, "anna board", 2, 1},
    {"root, both of one", "?filter=title pr and members eq '{anna}'", NULL, 200, "", 0, 1},
    {"root, by type", "?filter=meta.resourceType eq 'Group'&sortBy=displayName", NULL, 200,
     "board empty staff", 3, 1},
    {"root, by URN", "?filter=" BY_URN "User:userName sw 'a'", NULL, 200, "anna", 1, 1},
    {"root, active", "?filter=active eq false", NULL, 200, "cora", 1, 1},
    {"root, mapped nowhere", "?filter=nonsense pr", NULL, 400, "nonsense", 0, 0},
    {"root, one mapped, one nowhere", "?filter=userName eq 'ben' or nonsense pr", NULL, 400,
     "nonsense", 0, 0},
    {"root, unmapped sub-attribute", "?filter=members[nonsense eq 'x']", NULL, 400, "nonsense",
     0, 0},
    {"root, PLACEHOLDER", "?filter=PLACEHOLDER eq 'x'", NULL, 200, "", 0, 1},
    {"root, pages", "?sortBy=displayName&startIndex=3&count=2", NULL, 200, "board cora", 6, 3},
    {"root, pages, descending", "?sortBy=displayName&sortOrder=descending&startIndex=3&count=2",
     NULL, 200, "cora board", 6, 3},
    {"root, unsorted last page", "?startIndex=6&count=5", NULL, 200, NULL, 6, 6},
    {"root, count only", "?count=0", NULL, 200, "", 6, 1},
    {"root, id", "?filter=id eq '{staff}'", NULL, 200, "staff", 1, 1},
    {"root, projection", "?filter=id eq '{staff}'&attributes=displayName", NULL, 200, "staff",
     1, 1},
    /* sorting */
    {"sorted", "Users?sortBy=userName", NULL, 200, "anna ben cora", 3, 1},
    {"ascending", "Users?sortBy=userName&sortOrder=Ascending", NULL, 200, "anna ben cora", 3,
     1},
    {"descending", "Users?sortBy=userName&sortOrder=descending", NULL, 200, "cora ben anna", 3,
     1},
    {"order alone", "Users?sortOrder=descending&filter=title pr", NULL, 200, "anna", 1, 1},
    {"sub-attribute", "Users?sortBy=name.familyName&sortOrder=descending", NULL, 200,
     "cora ben anna", 3, 1},
    {"primary or first value", "Users?sortBy=emails&sortOrder=descending", NULL, 200,
     "cora ben anna", 3, 1},
    {"its sub-attribute", "Users?sortBy=emails.value", NULL, 200, "anna ben cora", 3, 1},
    {"absent last", "Users?sortBy=title&count=1", NULL, 200, "anna", 3, 1},
    {"absent first when descending", "Users?sortBy=title&sortOrder=descending&startIndex=3",
     NULL, 200, "anna", 3, 3},
    {"active", "Users?sortBy=active&count=1", NULL, 200, "cora", 3, 1},
    {"with URN", "Users?sortBy=" BY_URN "User:userName", NULL, 200, "anna ben cora", 3, 1},
    {"created", "Users?sortBy=meta.created", NULL, 200, NULL, 3, 1},
    {"id", "Users?sortBy=id", NULL, 200, NULL, 3, 1},
    {"pages", "Users?sortBy=userName&startIndex=2&count=1", NULL, 200, "ben", 3, 2},
    {"pages, descending", "Users?sortBy=userName&sortOrder=descending&startIndex=3&count=1",
     NULL, 200, "anna", 3, 3},
    {"sorted, not shown", "Users?sortBy=userName&attributes=displayName&sortOrder=descending",
     NULL, 200, "Cora Ben Anna", 3, 1},
    {"sorted by nothing", "Users?sortBy=&filter=title pr", NULL, 200, "anna", 1, 1},
    {"unmapped", "Users?sortBy=nonsense", NULL, 400, "nonsense", 0, 0},
    {"complex", "Users?sortBy=name", NULL, 400, "sub-attribute", 0, 0},
    {"reference", "Users?sortBy=manager", NULL, 400, "refers", 0, 0},
    {"members", "Groups?sortBy=members", NULL, 400, "refers", 0, 0},
    {"members, root", "?sortBy=members.value", NULL, 400, "refers", 0, 0},
    {"password", "Users?sortBy=password", NULL, 400, "password", 0, 0},
    {"schemas", "Users?sortBy=schemas", NULL, 400, "schemas", 0, 0},
    {"no path", "Users?sortBy=a b", NULL, 400, "sortBy", 0, 0},
    {"value path", "Users?sortBy=emails[type eq 'work'].value", NULL, 400, "sortBy", 0, 0},
    {"wrong order", "Users?sortBy=userName&sortOrder=up", NULL, 400, "sortOrder", 0, 0},
    /* pages */
    {"negative count", "Users?count=-5", NULL, 200, "", 3, 1},
    {"negative start", "Users?startIndex=-5&count=0", NULL, 200, "", 3, 1},
    {"count is no number", "Users?count=ten", NULL, 400, "count", 0, 0},
    {"cursor and start", "Users?cursor=&startIndex=1", NULL, 400, "startIndex", 0, 0},
    {"cursor, count is no number", "Users?cursor=&count=ten", NULL, 400, "count", 0, 0},
    {"no cursor of ours", "Users?cursor=abc", NULL, 400, "cursor", 0, 0},
    {"cursor, all of it", "Users?cursor=&sortBy=userName", NULL, 200, "anna ben cora", 3, -1},
    {"cursor, count only", "Users?cursor=&count=0", NULL, 200, "", 3, -1},
    {"cursor, nothing", "Users?cursor=&filter=title eq 'x'", NULL, 200, "", 0, -1},
/* .search: RFC 7644 §3.4.3 */
#define SEARCH "{'schemas':['urn:ietf:params:scim:api:messages:2.0:SearchRequest']"
    {"search", "Users/.search", SEARCH ",'filter':'userName eq \\\"ben\\\"'}", 200, "ben", 1,
     1},
    {"search, all parameters", "Users/.search",
     SEARCH ",'filter':'userName "
            "pr','sortBy':'userName','sortOrder':'descending','startIndex':2,'count':1,"
            "'attributes':['displayName']}",
     200, "Ben", 3, 2},
    {"search, excluded", "Users/.search",
     SEARCH ",'excludedAttributes':['displayName','name'],'sortBy':'userName'}", 200,
     "anna ben cora", 3, 1},
    {"search, root", ".search",
     SEARCH ",'filter':'meta.resourceType eq \\\"Group\\\"','sortBy':'displayName'}", 200,
     "board empty staff", 3, 1},
    {"search, nothing asked", ".search", SEARCH "}", 200, NULL, 6, 1},
    {"search, cursor", "Users/.search", SEARCH ",'cursor':'','sortBy':'userName'}", 200,
     "anna ben cora", 3, -1},
    {"search, null", "Users/.search", SEARCH ",'filter':null,'count':null,'sortBy':'userName'}",
     200, "anna ben cora", 3, 1},
    {"search, the URL does not count", "Users/.search?count=1&filter=title pr",
     SEARCH ",'sortBy':'userName'}", 200, "anna ben cora", 3, 1},
    {"search, filter is no string", "Users/.search", SEARCH ",'filter':7}", 400, "filter", 0,
     0},
    {"search, empty filter", "Users/.search", SEARCH ",'filter':''}", 400, "", 0, 0},
    {"search, names are no array", "Users/.search", SEARCH ",'attributes':'userName'}", 400,
     "attributes", 0, 0},
    {"search, names are no strings", "Users/.search", SEARCH ",'attributes':[1]}", 400,
     "attributes", 0, 0},
    {"search, both lists", "Users/.search",
     SEARCH ",'attributes':['id'],'excludedAttributes':['name']}", 400, "exclude", 0, 0},
    {"search, count is a string", "Users/.search", SEARCH ",'count':'7'}", 400, "count", 0, 0},
    {"search, count is broken", "Users/.search", SEARCH ",'count':1.5}", 400, "count", 0, 0},
    {"search, start is a boolean", "Users/.search", SEARCH ",'startIndex':true}", 400,
     "startIndex", 0, 0},
    {"search, cursor is a number", "Users/.search", SEARCH ",'cursor':1}", 400, "cursor", 0, 0},
    {"search, no object", "Users/.search", "[]", 400, "object", 0, 0},
    {"search, no JSON", "Users/.search", "{", 400, "", 0, 0},
    {"search of no type", "Nothing/.search", SEARCH "}", 404, "Nothing", 0, 0},
};

START_TEST(test_rows)
{
    const char *body = rows[_i].body;
    const sim_call_t *call = sim_do(sim, connector, body ? METHOD_POST : METHOD_GET,
                                    fixture_text(&fixture, rows[_i].path), body);
    const json_t *json = sim_json(call);

    ck_assert_msg(call->status == rows[_i].status, "%s: %d: %.*s", rows[_i].name, call->status,
                  STR_ARG(call->body));
    if (call->status != 200) {
        const json_t *detail = json_find(json, STR("detail"));

        ck_assert_msg(str_find(detail->u.string, str_from_c(rows[_i].names)) <
                              detail->u.string.n ||
                          !rows[_i].names[0],
                      "%s: %.*s", rows[_i].name, STR_ARG(detail->u.string));
        return;
    }
    ck_assert_msg(!rows[_i].names || strcmp(names_in(json), rows[_i].names) == 0,
                  "%s: \"%s\" instead of \"%s\"", rows[_i].name, names_in(json),
                  rows[_i].names);
    ck_assert_msg(number_in(json, "totalResults") == rows[_i].total &&
                      number_in(json, "startIndex") == rows[_i].start,
                  "%s: %.*s", rows[_i].name, STR_ARG(call->body));
    ck_assert_uint_eq((size_t)number_in(json, "itemsPerPage"),
                      json_find(json, STR("Resources"))->u.array.n);
}
END_TEST

static const struct {
    const char *path, *type;
} errors[] = {
    {"Users?cursor=&count=x", "invalidCount"}, {"Users?cursor=x", "invalidCursor"},
    {"Users?sortBy=nonsense", "invalidPath"},  {"Users?sortBy=manager", "invalidValue"},
    {"?filter=nonsense pr", "invalidFilter"},
};

START_TEST(test_errors)
{
    const sim_call_t *call = get(errors[_i].path);

    ck_assert_int_eq(call->status, 400);
    ck_assert_str_eq(text_of(sim_json(call), "scimType"), errors[_i].type);
}
END_TEST

/* ---- walks ---- */

enum { PEOPLE = 23 };

/* u00 to u22 besides anna, ben and cora; every third without a title. */
static void
make_people(void)
{
    for (int i = 0; i < PEOPLE; i++)
        sim_create(sim, connector, "Users",
                   i % 3 ? sim_format(sim, "{'userName':'u%02d','title':'t%d'}", i, i % 5)
                         : sim_format(sim, "{'userName':'u%02d'}", i));
}

/* By whatever connector (instance) at the time. */
static const json_t *
page(const char *query, const char *cursor, int count)
{
    const sim_call_t *call =
        get(sim_format(sim, "%s&cursor=%s&count=%d", query, cursor, count));

    ck_assert_msg(call->status == 200, "%.*s", STR_ARG(call->body));
    return sim_json(call);
}

typedef void between_fn(int page);

/* The names of all pages, one after the other. */
static const char *
walk(const char *query, int count, between_fn *between)
{
    const char *cursor = "";
    buf_t buf;
    int n = 0;

    buf_init(&buf, mem, 1 << 20);
    do {
        const json_t *body = page(query, cursor, count);

        ck_assert_int_eq(number_in(body, "startIndex"), -1);
        ck_assert((text_of(body, "previousCursor") != NULL) == (n > 0));
        buf_printf(&buf, "%s%s", n ? " " : "", names_in(body));
        cursor = text_of(body, "nextCursor");
        ck_assert_int_lt(n, 100);
        if (between)
            between(n);
        n++;
    } while (cursor);
    return buf_str(&buf).p;
}

static const char *const walks[] = {
    "Users?attributes=userName",
    "Users?sortBy=userName",
    "Users?sortBy=title",
    "Users?sortBy=title&sortOrder=descending",
    "Users?filter=userName sw 'u'&sortBy=title",
    "?attributes=userName,displayName",
    "?sortBy=displayName&sortOrder=descending",
    "?sortBy=meta.created",
};

/* Pages of any size make the same whole, and so does a walk by index. */
START_TEST(test_same_whole)
{
    const char *query = walks[_i], *whole;
    buf_t by_index;

    make_people();
    whole = names_in(sim_json(get(sim_format(sim, "%s&count=100", query))));
    for (int count = 1; count <= 30; count += 3)
        ck_assert_msg(strcmp(walk(query, count, NULL), whole) == 0, "%s by %d", query, count);
    buf_init(&by_index, mem, 1 << 20);
    for (int start = 1; start <= 35; start += 7) {
        const json_t *body =
            sim_json(get(sim_format(sim, "%s&startIndex=%d&count=7", query, start)));

        if (names_in(body)[0])
            buf_printf(&by_index, "%s%s", start > 1 ? " " : "", names_in(body));
        ck_assert_int_eq(number_in(body, "startIndex"), start);
    }
    ck_assert_str_eq(buf_str(&by_index).p, whole);
}
END_TEST

/* Back from the last page to the first. */
START_TEST(test_back)
{
    const char *query = walks[_i], *cursor = "";
    const json_t *pages[20];
    size_t n = 0;

    make_people();
    do {
        pages[n] = page(query, cursor, 7);
        cursor = text_of(pages[n++], "nextCursor");
    } while (cursor);
    while (n-- > 1) {
        cursor = text_of(pages[n], "previousCursor");
        ck_assert_str_eq(names_in(page(query, cursor, 7)), names_in(pages[n - 1]));
    }
    ck_assert_ptr_null(text_of(pages[0], "previousCursor"));
}
END_TEST

/* Another instance answers each page, one that remembers nothing. */
static void
change_instance(int n UNUSED)
{
    connector = sim_connector(sim, connector_map(connector), 5000);
}

START_TEST(test_other_instances)
{
    const char *whole;

    make_people();
    whole = walk(walks[_i], 100, NULL);
    ck_assert_str_eq(walk(walks[_i], 4, change_instance), whole);
}
END_TEST

static str_t
id_of(const char *name)
{
    const json_t *body = sim_json(get(sim_format(sim, "Users?filter=userName eq '%s'", name)));
    const json_t *resources = json_find(body, STR("Resources"));

    ck_assert_uint_eq(resources->u.array.n, 1);
    return str_from_c(text_of(resources->u.array.items[0], "id"));
}

static void
change_people(int n)
{
    change_instance(n);
    if (n > 4)
        return;
    sim_create(sim, connector, "Users", sim_format(sim, "{'userName':'b%02d'}", n));
    sim_create(sim, connector, "Users", sim_format(sim, "{'userName':'v%02d'}", n));
    sim_do(sim, connector, METHOD_DELETE,
           sim_format(sim, "Users/%s", id_of(sim_format(sim, "u%02d", n)).p), NULL);
}

/* Who was there all the time is seen once; who came behind the cursor is seen, before it not. */
START_TEST(test_changes_between_pages)
{
    str_t seen;

    make_people();
    seen = str_from_c(walk("Users?sortBy=userName", 4, change_people));
    for (int i = 5; i < PEOPLE; i++) {
        str_t name = str_printf(mem, "u%02d", i);
        size_t at = str_find(seen, name);

        ck_assert_msg(at < seen.n, "%s was not seen", name.p);
        ck_assert_msg(str_find(str_skip(seen, at + 1), name) == seen.n - at - 1,
                      "%s was seen twice", name.p);
    }
    ck_assert_uint_lt(str_find(seen, STR("v04")), seen.n);
    ck_assert_uint_eq(str_find(seen, STR("b04")), seen.n);
}
END_TEST

/* What a page shows is what GET shows, managers and members included, whoever knew them before. */
START_TEST(test_same_representation)
{
    const char *endpoint = _i % 2 ? "Groups" : "Users";
    const json_t *resources;

    make_people();
    if (_i >= 2)
        change_instance(0);
    resources = json_find(page(sim_format(sim, "%s?sortBy=displayName", endpoint), "", 2),
                          STR("Resources"));
    ck_assert_uint_eq(resources->u.array.n, 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *resource = resources->u.array.items[i];

        ck_assert_msg(json_eq(resource, sim_json(get(sim_format(sim, "%s/%s", endpoint,
                                                                text_of(resource, "id"))))),
                      "%s", text_of(resource, "displayName"));
        if (_i % 2 == 0 && i == 1)
            ck_assert_ptr_nonnull(json_find(resource, STR(ENTERPRISE)));
        if (_i % 2 == 1 && i == 0)
            ck_assert_ptr_nonnull(json_find(resource, STR("members")));
    }
}
END_TEST

/* A cursor is good for its own question. */
START_TEST(test_other_questions)
{
    const char *cursor;

    make_people();
    cursor = text_of(page("Users?sortBy=userName", "", 4), "nextCursor");
    ck_assert_int_eq(get(sim_format(sim, "Users?sortBy=title&cursor=%s", cursor))->status, 400);
    ck_assert_int_eq(get(sim_format(sim, "Users?cursor=%s", cursor))->status, 400);
    ck_assert_int_eq(get(sim_format(sim, "?sortBy=userName&cursor=%s", cursor))->status, 400);
    ck_assert_int_eq(get(sim_format(sim, "Users?sortBy=USERNAME&cursor=%s", cursor))->status,
                     200);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("query");
    TCase *tests = tcase_create("query");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_errors, 0, (int)ARRAY_SIZE(errors));
    tcase_add_loop_test(tests, test_same_whole, 0, (int)ARRAY_SIZE(walks));
    tcase_add_loop_test(tests, test_back, 0, (int)ARRAY_SIZE(walks));
    tcase_add_loop_test(tests, test_other_instances, 0, (int)ARRAY_SIZE(walks));
    tcase_add_test(tests, test_changes_between_pages);
    tcase_add_loop_test(tests, test_same_representation, 0, 4);
    tcase_add_test(tests, test_other_questions);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
