/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"
#include "support/suite_run.h"

#include <check.h>

static arena_t *mem;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
    mem = NULL;
}

/* --- paths ------------------------------------------------------------------------------ */

typedef struct {
    const char *name, *uri;
    const char *connector, *prefix;
    route_kind_t kind;
    const char *endpoint, *id;
} path_t;

static const path_t paths[] = {
    {"collection", "/people/scim/v2/Users", "people", "/people/scim/v2", ROUTE_RESOURCES,
     "Users", ""},
    {"resource", "/people/scim/v2/Users/42", "people", "/people/scim/v2", ROUTE_RESOURCE,
     "Users", "42"},
    {"without version", "/people/scim/Groups", "people", "/people/scim", ROUTE_RESOURCES,
     "Groups", ""},
    {"ECMA host", "/ecma2host_people/scim/Users/1", "people", "/ecma2host_people/scim",
     ROUTE_RESOURCE, "Users", "1"},
    {"ECMA host with version", "/ecma2host_people/scim/v2/Users", "people",
     "/ecma2host_people/scim/v2", ROUTE_RESOURCES, "Users", ""},
    {"ECMA host in capitals", "/ECMA2HOST_people/SCIM/V2/Users", "people",
     "/ECMA2HOST_people/SCIM/V2", ROUTE_RESOURCES, "Users", ""},
    {"default", "/scim/v2/Users", "", "/scim/v2", ROUTE_RESOURCES, "Users", ""},
    {"default without version", "/scim/Users/a", "", "/scim", ROUTE_RESOURCE, "Users", "a"},
    {"trailing slash", "/people/scim/v2/Users/", "people", "/people/scim/v2", ROUTE_RESOURCES,
     "Users", ""},
    {"doubled slashes", "//people//scim/v2//Users//1/", "people", "/people/scim/v2",
     ROUTE_RESOURCE, "Users", "1"},
    {"base alone", "/people/scim/v2", "people", "/people/scim/v2", ROUTE_ROOT, "", ""},
    {"base with slash", "/people/scim/", "people", "/people/scim", ROUTE_ROOT, "", ""},
    {"schemas", "/people/scim/v2/Schemas", "people", "/people/scim/v2", ROUTE_SCHEMAS,
     "Schemas", ""},
    {"a schema", "/people/scim/v2/schemas/urn:ietf:params:scim:schemas:core:2.0:User", "people",
     "/people/scim/v2", ROUTE_SCHEMAS, "schemas", "urn:ietf:params:scim:schemas:core:2.0:User"},
    {"a schema, escaped", "/people/scim/v2/Schemas/urn%3Aa%3ab", "people", "/people/scim/v2",
     ROUTE_SCHEMAS, "Schemas", "urn:a:b"},
    {"too deep for a schema", "/people/scim/v2/Schemas/a/b", "people", "/people/scim/v2",
     ROUTE_UNKNOWN, "Schemas", "a"},
    {"types", "/people/scim/v2/ResourceTypes/User", "people", "/people/scim/v2",
     ROUTE_RESOURCE_TYPES, "ResourceTypes", "User"},
    {"provider", "/people/scim/v2/ServiceProviderConfig", "people", "/people/scim/v2",
     ROUTE_SERVICE_PROVIDER_CONFIG, "ServiceProviderConfig", ""},
    {"me", "/people/scim/v2/Me", "people", "/people/scim/v2", ROUTE_ME, "Me", ""},
    {"search", "/people/scim/v2/.search", "people", "/people/scim/v2", ROUTE_SEARCH, "", ""},
    {"search of a type", "/people/scim/v2/Users/.search", "people", "/people/scim/v2",
     ROUTE_SEARCH, "Users", ""},
    {"search, escaped", "/people/scim/v2/Users/%2Esearch/", "people", "/people/scim/v2",
     ROUTE_SEARCH, "Users", ""},
    {"search below search", "/people/scim/v2/.search/.search", "people", "/people/scim/v2",
     ROUTE_UNKNOWN, ".search", ".search"},
    {"bulk", "/people/scim/v2/Bulk", "people", "/people/scim/v2", ROUTE_BULK, "Bulk", ""},
    {"below bulk", "/people/scim/v2/Bulk/1", "people", "/people/scim/v2", ROUTE_UNKNOWN, "Bulk",
     "1"},
    {"three deep", "/people/scim/v2/Users/1/emails", "people", "/people/scim/v2", ROUTE_UNKNOWN,
     "Users", "1"},
    {"very deep", "/people/scim/v2/a/b/c/d/e/f/g/h", "people", "/people/scim/v2", ROUTE_UNKNOWN,
     "a", "b"},
    {"slash in an id", "/people/scim/v2/Users/a%2Fb", "people", "/people/scim/v2",
     ROUTE_RESOURCE, "Users", "a/b"},
    {"plus in a path", "/people/scim/v2/Users/a+b", "people", "/people/scim/v2", ROUTE_RESOURCE,
     "Users", "a+b"},
    {"escaped name", "/p%65ople/scim/v2/Users", "people", "/p%65ople/scim/v2", ROUTE_RESOURCES,
     "Users", ""},
    {"dots are a name", "/../scim/v2/Users", "..", "/../scim/v2", ROUTE_RESOURCES, "Users", ""},
    {"absolute", "http://h:80/people/scim/v2/Users", "people", "/people/scim/v2",
     ROUTE_RESOURCES, "Users", ""},
    {"absolute, TLS", "HTTPS://h/scim/Users", "", "/scim", ROUTE_RESOURCES, "Users", ""},
    {"flag", "/scim/Users?aadOptscim062020", "", "/scim", ROUTE_RESOURCES, "Users", ""},
    {"flag after a slash", "/scim/Users/?aadOptscim062020", "", "/scim", ROUTE_RESOURCES,
     "Users", ""},
    {"glued path", "/people/scim/?aadOptscim062020/Users", "people", "/people/scim",
     ROUTE_RESOURCES, "Users", ""},
    {"glued path and id", "/people/scim/v2?aadOptscim062020/Users/7?count=1", "people",
     "/people/scim/v2", ROUTE_RESOURCE, "Users", "7"},
    {"fragment", "/people/scim/v2/Users#here", "people", "/people/scim/v2", ROUTE_RESOURCES,
     "Users", ""},
};

START_TEST(a_path)
{
    const path_t *row = &paths[_i];
    route_t route;
    err_t err = ERR_INIT;

    ck_assert_msg(route_parse(mem, str_from_c(row->uri), &route, &err), "%s: %s", row->name,
                  err.detail);
    ck_assert_msg(str_eq(route.connector, str_from_c(row->connector)), "%s: %.*s", row->name,
                  STR_ARG(route.connector));
    ck_assert_msg(str_eq(route.prefix, str_from_c(row->prefix)), "%s: %.*s", row->name,
                  STR_ARG(route.prefix));
    ck_assert_msg(route.kind == row->kind, "%s: %d", row->name, (int)route.kind);
    ck_assert_msg(str_eq(route.endpoint, str_from_c(row->endpoint)), "%s: %.*s", row->name,
                  STR_ARG(route.endpoint));
    ck_assert_msg(str_eq(route.id, str_from_c(row->id)), "%s: %.*s", row->name,
                  STR_ARG(route.id));
}
END_TEST

/* --- what is refused -------------------------------------------------------------------- */

typedef struct {
    const char *name, *uri;
    err_kind_t kind;
} bad_t;

static const bad_t bads[] = {
    {"nothing", "", ERR_NOT_FOUND},
    {"root", "/", ERR_NOT_FOUND},
    {"no scim", "/people/Users", ERR_NOT_FOUND},
    {"scim too late", "/a/b/scim/v2/Users", ERR_NOT_FOUND},
    {"host alone", "http://h", ERR_NOT_FOUND},
    {"asterisk", "*", ERR_NOT_FOUND},
    {"no name", "/ecma2host_/scim/Users", ERR_NOT_FOUND},
    {"half an escape", "/people/scim/v2/Users/%4", ERR_BAD_REQUEST},
    {"escape at the end", "/people/scim/v2/Users/%", ERR_BAD_REQUEST},
    {"no hexadecimal", "/people/scim/v2/Users/%zz", ERR_BAD_REQUEST},
    {"NUL", "/people/scim/v2/Users/a%00", ERR_BAD_REQUEST},
    {"NUL in the name", "/peo%00ple/scim/v2/Users", ERR_BAD_REQUEST},
    {"not UTF-8", "/people/scim/v2/Users/%ff", ERR_BAD_REQUEST},
    {"NUL in a filter", "/scim/Users?filter=%00", ERR_BAD_REQUEST},
    {"escape in a filter", "/scim/Users?filter=%4", ERR_BAD_REQUEST},
    {"twice", "/scim/Users?count=1&COUNT=2", ERR_BAD_REQUEST},
};

START_TEST(a_bad_uri)
{
    const bad_t *row = &bads[_i];
    route_t route;
    err_t err = ERR_INIT;

    ck_assert_msg(!route_parse(mem, str_from_c(row->uri), &route, &err), "%s", row->name);
    ck_assert_msg(err.kind == row->kind, "%s: %d", row->name, (int)err.kind);
}
END_TEST

/* --- queries ---------------------------------------------------------------------------- */

typedef struct {
    const char *name, *query;
    const char *filter, *attributes, *excluded, *start_index, *count; /* NULL: absent */
} query_row_t;

static const query_row_t queries[] = {
    {"none", "", NULL, NULL, NULL, NULL, NULL},
    {"plus", "?filter=userName+eq+\"a\"", "userName eq \"a\"", NULL, NULL, NULL, NULL},
    {"escapes", "?filter=userName%20eq%20%22a%40b%22", "userName eq \"a@b\"", NULL, NULL, NULL,
     NULL},
    {"escaped plus", "?filter=a%2Bb", "a+b", NULL, NULL, NULL, NULL},
    {"escaped ampersand", "?filter=a%26b&count=2", "a&b", NULL, NULL, NULL, "2"},
    {"equals in a value", "?filter=a=b", "a=b", NULL, NULL, NULL, NULL},
    {"question in a value", "?filter=a?b", "a?b", NULL, NULL, NULL, NULL},
    {"slash in a value", "?filter=a/b", "a/b", NULL, NULL, NULL, NULL},
    {"names in any case", "?FILTER=x&ExcludedAttributes=members&startindex=3", "x", NULL,
     "members", "3", NULL},
    {"escaped name", "?%66ilter=x", "x", NULL, NULL, NULL, NULL},
    {"empty value", "?filter=&attributes", "", "", NULL, NULL, NULL},
    {"flag first", "?aadOptscim062020&filter=x", "x", NULL, NULL, NULL, NULL},
    {"flag last", "?filter=x&aadOptscim062020", "x", NULL, NULL, NULL, NULL},
    {"flag glued", "?aadOptscim062020?filter=x", "x", NULL, NULL, NULL, NULL},
    {"unknown ones twice", "?x=1&x=2&count=5", NULL, NULL, NULL, NULL, "5"},
    {"ampersands alone", "?&&&count=5&", NULL, NULL, NULL, NULL, "5"},
    {"umlauts", "?filter=%C3%A4", "\xc3\xa4", NULL, NULL, NULL, NULL},
};

static void
assert_value(const char *name, str_t is, const char *expected)
{
    if (!expected)
        ck_assert_msg(is.p == NULL, "%s: %.*s", name, STR_ARG(is));
    else
        ck_assert_msg(is.p && str_eq(is, str_from_c(expected)), "%s: %.*s", name, STR_ARG(is));
}

START_TEST(a_query)
{
    const query_row_t *row = &queries[_i];
    str_t uri = str_printf(mem, "/people/scim/v2/Users%s", row->query);
    route_t route;
    err_t err = ERR_INIT;

    ck_assert_msg(route_parse(mem, uri, &route, &err), "%s: %s", row->name, err.detail);
    assert_value(row->name, route.query.filter, row->filter);
    assert_value(row->name, route.query.attributes, row->attributes);
    assert_value(row->name, route.query.excluded_attributes, row->excluded);
    assert_value(row->name, route.query.start_index, row->start_index);
    assert_value(row->name, route.query.count, row->count);
}
END_TEST

/* --- absolute targets ------------------------------------------------------------------- */

typedef struct {
    const char *uri, *authority;
} authority_t;

static const authority_t authorities[] = {
    {"/people/scim/v2/Users", NULL},
    {"*", NULL},
    {"http://h/people/scim", "h"},
    {"HTTP://h:80?x", "h:80"},
    {"https://[::1]:8443", "[::1]:8443"},
    {"http://", ""},
    {"http:///people/scim", ""},
    {"ftp://h/people", NULL},
    {"/http://h/", NULL},
    {"", NULL},
};

START_TEST(an_authority)
{
    const authority_t *row = &authorities[_i];

    assert_value(row->uri, route_authority(str_from_c(row->uri)), row->authority);
}
END_TEST

/* --- for logs ---------------------------------------------------------------------------- */

typedef struct {
    const char *name, *uri, *text;
} template_t;

static const template_t templates[] = {
    {"collection", "/people/scim/v2/Users?filter=secret", "/Users"},
    {"resource", "/people/scim/v2/Users/jane%40x", "/Users/{id}"},
    {"schema", "/people/scim/v2/Schemas/urn:a", "/Schemas"},
    {"search", "/people/scim/v2/Users/.search", "/Users/.search"},
    {"search of all", "/people/scim/v2/.search", "/.search"},
    {"base", "/people/scim/v2?filter=x", "/"},
    {"nothing known", "/people/scim/v2/Users/1/2", "/?"},
    {"a name as long as fits",
     "/scim/"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1",
     "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/{id}"},
    {"a longer one",
     "/scim/"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1",
     "/?"},
};

START_TEST(a_template)
{
    const template_t *row = &templates[_i];
    char text[ROUTE_TEMPLATE_MAX];
    route_t route;
    err_t err = ERR_INIT;

    ck_assert(route_parse(mem, str_from_c(row->uri), &route, &err));
    assert_value(row->name, route_template(&route, text), row->text);
}
END_TEST

/* --- methods ---------------------------------------------------------------------------- */

typedef struct {
    route_kind_t kind;
    bool takes[METHOD_OTHER + 1]; /* get post put patch delete options other */
    const char *allow;
} method_row_t;

static const method_row_t method_rows[] = {
    {ROUTE_ROOT, {true, false, false, false, false, true, false}, "GET, HEAD, OPTIONS"},
    {ROUTE_SEARCH, {false, true, false, false, false, true, false}, "OPTIONS, POST"},
    {ROUTE_RESOURCES,
     {true, true, false, false, false, true, false},
     "GET, HEAD, OPTIONS, POST"},
    {ROUTE_RESOURCE,
     {true, false, true, true, true, true, false},
     "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"},
    {ROUTE_SCHEMAS, {true, false, false, false, false, true, false}, "GET, HEAD, OPTIONS"},
    {ROUTE_RESOURCE_TYPES,
     {true, false, false, false, false, true, false},
     "GET, HEAD, OPTIONS"},
    {ROUTE_SERVICE_PROVIDER_CONFIG,
     {true, false, false, false, false, true, false},
     "GET, HEAD, OPTIONS"},
    {ROUTE_ME, {true, true, true, true, true, true, true}, NULL},
    {ROUTE_UNKNOWN, {true, true, true, true, true, true, true}, NULL},
};

START_TEST(methods)
{
    const method_row_t *row = &method_rows[_i];

    for (int method = 0; method <= METHOD_OTHER; method++)
        ck_assert_int_eq(route_takes(row->kind, (method_t)method), row->takes[method]);
    ck_assert_pstr_eq(route_allow(row->kind), row->allow);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("router");
    TCase *tcase = tcase_create("router");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_path, 0, ARRAY_SIZE(paths));
    tcase_add_loop_test(tcase, a_bad_uri, 0, ARRAY_SIZE(bads));
    tcase_add_loop_test(tcase, a_query, 0, ARRAY_SIZE(queries));
    tcase_add_loop_test(tcase, an_authority, 0, ARRAY_SIZE(authorities));
    tcase_add_loop_test(tcase, a_template, 0, ARRAY_SIZE(templates));
    tcase_add_loop_test(tcase, methods, 0, ARRAY_SIZE(method_rows));
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
