/* SPDX-License-Identifier: Apache-2.0 */
/* Bulk requests as data: what operations are, what they refer to, and which waits for which. */
#include "connector/bulk.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>
#include <string.h>

#define BASE STR("https://scim.example/people/scim/v2")
#define MANAGER "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

static arena_t *mem;
static const map_t *map;

static void
set_up(void)
{
    mem = arena_new(0);
    map = sample_map(mem, "people");
}

static void
tear_down(void)
{
    arena_free(mem);
}

/* JSON in which ' stands for ". */
static json_t *
json_of(const char *text)
{
    str_t copy = str_dup(mem, str_from_c(text));
    char *p = (char *)(uintptr_t)copy.p;
    err_t err = ERR_INIT;
    json_t *json;

    for (size_t i = 0; i < copy.n; i++)
        p[i] = p[i] == '\'' ? '"' : p[i];
    json = json_parse(mem, copy, &json_limits_file, &err);
    ck_assert_msg(json != NULL, "%s: %s", text, err.detail);
    return json;
}

static bulk_t
read_ops(const char *ops)
{
    err_t err = ERR_INIT;
    bulk_t bulk;

    ck_assert_msg(bulk_read(mem, map, json_of(str_printf(mem, "{'Operations':[%s]}", ops).p),
                            BASE, 100, true, &bulk, &err),
                  "%s: %s", ops, err.detail);
    return bulk;
}

/* ---- one operation ---- */

static const struct {
    const char *name, *op;
    err_kind_t error;
    method_t method;
    const char *endpoint, *id;
} ops[] = {
    {"post", "{'method':'POST','path':'/Users','bulkId':'q','data':{}}", ERR_NONE, METHOD_POST,
     "Users", ""},
    {"put", "{'method':'PUT','path':'/Users/1','data':{}}", ERR_NONE, METHOD_PUT, "Users", "1"},
    {"patch", "{'method':'PATCH','path':'/Groups/1','data':{}}", ERR_NONE, METHOD_PATCH,
     "Groups", "1"},
    {"delete", "{'method':'DELETE','path':'/Users/1'}", ERR_NONE, METHOD_DELETE, "Users", "1"},
    {"names in any case", "{'METHOD':'delete','Path':'/Users/1'}", ERR_NONE, METHOD_DELETE,
     "Users", "1"},
    {"a version and a bulkId on others",
     "{'method':'DELETE','path':'/Users/1','version':'W/\\'1\\'','bulkId':'x'}", ERR_NONE,
     METHOD_DELETE, "Users", "1"},
    {"no slash", "{'method':'DELETE','path':'Users/1'}", ERR_NONE, METHOD_DELETE, "Users", "1"},
    {"slashes", "{'method':'DELETE','path':'//Users/1/'}", ERR_NONE, METHOD_DELETE, "Users",
     "1"},
    {"a version of the protocol", "{'method':'DELETE','path':'/v2/Users/1'}", ERR_NONE,
     METHOD_DELETE, "Users", "1"},
    {"a whole URL", "{'method':'DELETE','path':'https://scim.example/people/scim/v2/Users/1'}",
     ERR_NONE, METHOD_DELETE, "Users", "1"},
    {"parameters", "{'method':'DELETE','path':'/Users/1?aadOptscim062020'}", ERR_NONE,
     METHOD_DELETE, "Users", "1"},
    {"an escape", "{'method':'DELETE','path':'/Users/a%2fb'}", ERR_NONE, METHOD_DELETE, "Users",
     "a/b"},
    {"another's URL", "{'method':'DELETE','path':'https://other.example/Users/1'}",
     ERR_INVALID_PATH, METHOD_DELETE, NULL, NULL},
    {"a malformed escape", "{'method':'DELETE','path':'/Users/a%2'}", ERR_INVALID_PATH,
     METHOD_DELETE, NULL, NULL},
    {"a NUL", "{'method':'DELETE','path':'/Users/a%00'}", ERR_INVALID_PATH, METHOD_DELETE, NULL,
     NULL},
    {"no UTF-8", "{'method':'DELETE','path':'/Users/a%ff'}", ERR_INVALID_PATH, METHOD_DELETE,
     NULL, NULL},
    {"too deep", "{'method':'DELETE','path':'/Users/1/2'}", ERR_INVALID_PATH, METHOD_DELETE,
     NULL, NULL},
    {"no path", "{'method':'DELETE'}", ERR_INVALID_PATH, METHOD_DELETE, NULL, NULL},
    {"an empty path", "{'method':'DELETE','path':'/'}", ERR_INVALID_PATH, METHOD_DELETE, NULL,
     NULL},
    {"a path that is no string", "{'method':'DELETE','path':[]}", ERR_INVALID_VALUE,
     METHOD_DELETE, NULL, NULL},
    {"what is not served", "{'method':'DELETE','path':'/Things/1'}", ERR_NOT_FOUND,
     METHOD_DELETE, NULL, NULL},
    {"a bulk within", "{'method':'POST','path':'/Bulk','bulkId':'q','data':{}}", ERR_NOT_FOUND,
     METHOD_POST, NULL, NULL},
    {"what is read only", "{'method':'DELETE','path':'/Schemas/1'}", ERR_NOT_FOUND,
     METHOD_DELETE, NULL, NULL},
    {"no method", "{'path':'/Users/1'}", ERR_INVALID_VALUE, METHOD_OTHER, NULL, NULL},
    {"GET", "{'method':'GET','path':'/Users/1'}", ERR_INVALID_VALUE, METHOD_OTHER, NULL, NULL},
    {"all of them", "{'method':'DELETE','path':'/Users'}", ERR_METHOD, METHOD_DELETE, NULL,
     NULL},
    {"POST on one", "{'method':'POST','path':'/Users/1','bulkId':'q','data':{}}", ERR_METHOD,
     METHOD_POST, NULL, NULL},
    {"POST without bulkId", "{'method':'POST','path':'/Users','data':{}}", ERR_INVALID_VALUE,
     METHOD_POST, NULL, NULL},
    {"an empty bulkId", "{'method':'POST','path':'/Users','bulkId':'','data':{}}",
     ERR_INVALID_VALUE, METHOD_POST, NULL, NULL},
    {"a bulkId that is null", "{'method':'POST','path':'/Users','bulkId':null,'data':{}}",
     ERR_INVALID_VALUE, METHOD_POST, NULL, NULL},
    {"no data", "{'method':'PUT','path':'/Users/1'}", ERR_INVALID_SYNTAX, METHOD_PUT, NULL,
     NULL},
    {"data that is no object", "{'method':'PATCH','path':'/Users/1','data':[]}",
     ERR_INVALID_SYNTAX, METHOD_PATCH, NULL, NULL},
    {"no operation at all", "'x'", ERR_INVALID_SYNTAX, METHOD_OTHER, NULL, NULL},
};

START_TEST(test_operation)
{
    bulk_t bulk = read_ops(ops[_i].op);
    const bulk_op_t *op = &bulk.ops[0];
    err_kind_t kind = op->error ? op->error->kind : ERR_NONE;

    ck_assert_uint_eq(bulk.n, 1);
    ck_assert_msg(kind == ops[_i].error, "%s: kind %d, %s", ops[_i].name, (int)kind,
                  op->error ? op->error->detail : "no error");
    ck_assert_int_eq(op->method, ops[_i].method);
    if (ops[_i].endpoint)
        ck_assert_msg(str_eq(op->endpoint, str_from_c(ops[_i].endpoint)) &&
                          str_eq(op->id, str_from_c(ops[_i].id)),
                      "%s: %.*s and %.*s", ops[_i].name, STR_ARG(op->endpoint),
                      STR_ARG(op->id));
}
END_TEST

/* ---- the request ---- */

static const struct {
    const char *name, *body;
    bool any_schemas;
    err_kind_t error;
    size_t fail_on_errors;
} bodies[] = {
    {"whole",
     "{'schemas':['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],'failOnErrors':3,"
     "'Operations':[]}",
     false, ERR_NONE, 3},
    {"without schemas", "{'Operations':[]}", true, ERR_NONE, 0},
    {"without schemas, strictly", "{'Operations':[]}", false, ERR_INVALID_SYNTAX, 0},
    {"another schema", "{'schemas':['urn:x'],'Operations':[]}", false, ERR_INVALID_SYNTAX, 0},
    {"null", "{'failOnErrors':null,'Operations':[]}", true, ERR_NONE, 0},
    {"0", "{'failOnErrors':0,'Operations':[]}", true, ERR_NONE, 0},
    {"-1", "{'failOnErrors':-1,'Operations':[]}", true, ERR_INVALID_VALUE, 0},
    {"a string", "{'failOnErrors':'1','Operations':[]}", true, ERR_INVALID_VALUE, 0},
    {"no operations", "{}", true, ERR_INVALID_SYNTAX, 0},
    {"an object of operations", "{'Operations':{}}", true, ERR_INVALID_SYNTAX, 0},
    {"an array", "[]", true, ERR_INVALID_SYNTAX, 0},
    {"as many as allowed", "{'Operations':[1,2,3]}", true, ERR_NONE, 0},
    {"too many", "{'Operations':[1,2,3,4]}", true, ERR_TOO_LARGE, 0},
};

START_TEST(test_body)
{
    bulk_t bulk = {.n = 0};
    err_t err = ERR_INIT;
    bool done = bulk_read(mem, map, json_of(bodies[_i].body), BASE, 3, bodies[_i].any_schemas,
                          &bulk, &err);

    ck_assert_msg(done == (bodies[_i].error == ERR_NONE) && err.kind == bodies[_i].error,
                  "%s: %s", bodies[_i].name, err.detail);
    ck_assert_uint_eq(bulk.fail_on_errors, bodies[_i].fail_on_errors);
}
END_TEST

/* ---- who waits for whom ---- */

#define POST(id, name, more) \
    "{'method':'POST','path':'/Users','bulkId':'" id "','data':{'userName':'" name "'" more "}}"
#define BOSS(id) ",'" MANAGER "':{'manager':{'value':'" id "'}}"
#define GROUP(id, members) \
    "{'method':'POST','path':'/Groups','bulkId':'" id "','data':{'members':[" members "]}}"
#define VALUE(id) "{'value':'" id "'}"
#define ON(method, path, data) "{'method':'" method "','path':'/" path "','data':" data "}"
#define OPS(op) "{'Operations':[" op "]}"

/* For each operation: "<" what it needs, "~" what it follows, "o" its circle, "!" refused, "^" gives away a name. */
static const struct {
    const char *name, *ops, *plan;
} plans[] = {
    {"independent", POST("a", "x", "") "," POST("b", "y", ""), "; "},
    {"a reference back", POST("a", "x", "") "," GROUP("g", VALUE("bulkId:a")), "; <0"},
    {"and forward", GROUP("g", VALUE("bulkId:a")) "," POST("a", "x", ""), "<1; "},
    {"as a string, and twice", GROUP("g", "'bulkId:a','bulkId:a'") "," POST("a", "x", ""),
     "<1; "},
    {"of a manager", POST("a", "x", BOSS("bulkId:b")) "," POST("b", "y", ""), "<1; "},
    {"of one at the root", POST("a", "x", ",'manager':'bulkId:b'") "," POST("b", "y", ""),
     "<1; "},
    {"under a whole name",
     POST("a", "x", ",'" MANAGER ":manager':'bulkId:b'") "," POST("b", "y", ""), "<1; "},
    {"under a dotted one", POST("a", "x", ",'manager.value':'bulkId:b'") "," POST("b", "y", ""),
     "<1; "},
    {"in no reference", POST("a", "x", ",'title':'bulkId:b','displayName':'bulkId:x'"), ""},
    {"what is shown of one", GROUP("g", "{'value':'1','display':'bulkId:x'}"), ""},
    {"to nobody", GROUP("g", VALUE("bulkId:a")), "!"},
    {"to a bulkId that is no POST's",
     GROUP("g", VALUE("bulkId:a")) ",{'method':'DELETE','path':'/Users/1','bulkId':'a'}",
     "!; ^"},
    {"to a bulkId in another case", GROUP("g", VALUE("bulkId:A")) "," POST("a", "x", ""),
     "!; "},
    {"a bulkId twice",
     POST("a", "x", "") "," POST("a", "y", "") "," GROUP("g", VALUE("bulkId:a")), "; !; <0"},
    {"in a path", ON("PATCH", "Users/bulkId:a", OPS("")) "," POST("a", "x", ""), "<1; "},
    {"in a path, to nobody", ON("PATCH", "Users/bulkId:a", OPS("")), "!"},
    {"in a patch",
     POST("a", "x",
          "") "," ON("PATCH", "Groups/1",
                     OPS("{'op':'add','path':'members','value':[" VALUE("bulkId:a") "]}")),
     "; <0"},
    {"in a patch without path",
     POST("a", "x", "") "," ON("PATCH", "Groups/1",
                               OPS("{'op':'add','value':{'members':[" VALUE("bulkId:a") "]}}")),
     "; <0"},
    {"in a value filter",
     POST("a", "x", "") "," ON(
         "PATCH", "Groups/1", OPS("{'op':'remove','path':'members[value eq \\'bulkId:a\\']'}")),
     "; <0"},
    {"of an extension as the path",
     POST("a", "x",
          "") "," ON("PATCH", "Users/1",
                     OPS("{'op':'add','path':'" MANAGER "','value':{'manager':'bulkId:a'}}")),
     "; <0"},
    {"one resource",
     ON("PUT", "Users/1", "{}") "," ON("PATCH", "Users/1", OPS("")) "," ON(
         "PATCH", "Groups/1", OPS("")) "," ON("PATCH", "users/1",
                                              OPS("")) "," ON("DELETE", "Users/1", "{}"),
     "^; <0; ; !; <1 ^"},
    {"an id in any case", ON("PATCH", "Users/aB", OPS("")) "," ON("PATCH", "Users/Ab", OPS("")),
     "; <0"},
    {"one name", POST("a", "x", "") "," POST("b", "X", "") "," POST("c", "x", ""), "; ~0; ~1"},
    {"whom another deletes", ON("DELETE", "Users/1", "{}") "," GROUP("g", VALUE("1")), "^; ~0"},
    {"whom another deletes later", GROUP("g", VALUE("1")) "," ON("DELETE", "Users/1", "{}"),
     "; ~0 ^"},
    {"a new name",
     ON("PATCH", "Users/1", OPS("{'op':'replace','path':'userName','value':'x'}")) "," ON(
         "PATCH", "Users/2",
         OPS("{'op':'replace','value':{'USERNAME':'x'}}")) "," ON("PATCH", "Users/3",
                                                                  OPS("{'op':'replace','path':'"
                                                                      "title','value':'"
                                                                      "userName'}")),
     "^; ^; "},
    {"two of each other", GROUP("a", VALUE("bulkId:b")) "," GROUP("b", VALUE("bulkId:a")),
     "o0; o0"},
    {"herself", POST("a", "x", BOSS("bulkId:a")), "o0"},
    {"two circles, and who refers to one",
     POST("a", "1", BOSS("bulkId:b")) "," POST("b", "2", BOSS("bulkId:a")) "," POST(
         "c", "3",
         BOSS("bulkId:d")) "," POST("d", "4",
                                    BOSS("bulkId:c")) "," GROUP("g",
                                                                VALUE("bulkId:c") "," VALUE(
                                                                    "bulkId:a")),
     "o0; o0; o1; o1; <0 <2"},
    {"a circle that needs another",
     POST("a", "1", BOSS("bulkId:b")) "," POST("b", "2", BOSS("bulkId:a")) "," GROUP(
         "g", VALUE("bulkId:h") "," VALUE("bulkId:a")) "," GROUP("h", VALUE("bulkId:g")),
     "o0; o0; <0 o1; o1"},
};

static str_t
plan_text(const bulk_t *bulk)
{
    buf_t buf;

    buf_init(&buf, mem, 4096);
    for (size_t i = 0; i < bulk->n; i++) {
        const bulk_op_t *op = &bulk->ops[i];
        size_t begun;

        if (i)
            buf_add_c(&buf, "; ");
        begun = buf.n;
        for (size_t j = 0; j < op->needs.n; j++)
            buf_printf(&buf, "%s<%zu", buf.n > begun ? " " : "", op->needs.items[j]);
        for (size_t j = 0; j < op->follows.n; j++)
            buf_printf(&buf, "%s~%zu", buf.n > begun ? " " : "", op->follows.items[j]);
        if (op->circle != BULK_NONE)
            buf_printf(&buf, "%so%zu", buf.n > begun ? " " : "", op->circle);
        if (op->error)
            buf_printf(&buf, "%s!", buf.n > begun ? " " : "");
        if (op->frees_name)
            buf_printf(&buf, "%s^", buf.n > begun ? " " : "");
    }
    return buf_str(&buf);
}

START_TEST(test_plan)
{
    bulk_t bulk = read_ops(plans[_i].ops);
    str_t text;

    bulk_plan(mem, &bulk);
    text = plan_text(&bulk);
    ck_assert_msg(str_eq(text, str_from_c(plans[_i].plan)), "%s: \"%.*s\" instead of \"%s\"",
                  plans[_i].name, STR_ARG(text), plans[_i].plan);
    for (size_t i = 0; i < bulk.n; i++)
        for (size_t j = 0; j < bulk.ops[i].needs.n; j++) {
            const bulk_list_t *back = &bulk.ops[bulk.ops[i].needs.items[j]].needed_by;
            size_t times = 0;

            for (size_t k = 0; k < back->n; k++)
                times += back->items[k] == i;
            ck_assert_msg(times == 1, "%s: %zu is told %zu times", plans[_i].name, i, times);
        }
}
END_TEST

/* A thousand in a row, each of whom refers to the next, and the last to the first: no recursion. */
START_TEST(test_long_circle)
{
    buf_t buf;
    bulk_t bulk;
    err_t err = ERR_INIT;

    buf_init(&buf, mem, 4 << 20);
    for (int i = 0; i < 10000; i++)
        buf_printf(&buf, "%s" GROUP("g%d", VALUE("bulkId:g%d")), i ? "," : "", i,
                   (i + 1) % 10000);
    ck_assert(bulk_read(mem, map,
                        json_of(str_printf(mem, "{'Operations':[%s]}", buf_str(&buf).p).p),
                        BASE, 10000, true, &bulk, &err));
    bulk_plan(mem, &bulk);
    ck_assert_uint_eq(bulk.n_circles, 1);
    ck_assert(bulk.ops[0].circle == 0 && bulk.ops[9999].circle == 0);
    ck_assert_uint_eq(bulk.ops[5000].needs.n, 0);
}
END_TEST

/* ---- taking references out ---- */

static const struct {
    const char *name, *type, *data, *left, *taken;
} takings[] = {
    {"one of the members", "Groups",
     "{'displayName':'g','members':[{'value':'1'},{'value':'bulkId:a'}]}",
     "{'displayName':'g','members':[{'value':'1'}]}",
     "[{'op':'add','path':'members','value':[{'value':'bulkId:a'}]}]"},
    {"all of them", "Groups", "{'members':['bulkId:a',{'value':'bulkId:a'}]}", "{}",
     "[{'op':'add','path':'members','value':['bulkId:a',{'value':'bulkId:a'}]}]"},
    {"a single one", "Groups", "{'members':{'value':'bulkId:a'}}", "{}",
     "[{'op':'add','path':'members','value':{'value':'bulkId:a'}}]"},
    {"the manager", "Users",
     "{'userName':'x','" MANAGER "':{'department':'d','manager':{'value':'bulkId:a'}}}",
     "{'userName':'x','" MANAGER "':{'department':'d'}}",
     "[{'op':'add','path':'" MANAGER ":manager','value':{'value':'bulkId:a'}}]"},
    {"none", "Users", "{'title':'bulkId:a','" MANAGER "':{'manager':{'value':'bulkId:b'}}}",
     "{'title':'bulkId:a','" MANAGER "':{'manager':{'value':'bulkId:b'}}}", NULL},
};

static bool
is_a(void *arg UNUSED, str_t text)
{
    str_t bulk_id;

    return bulk_is_reference(text, &bulk_id) && str_eq(bulk_id, STR("a"));
}

START_TEST(test_take)
{
    const map_type_t *type = map_find_endpoint(map, str_from_c(takings[_i].type));
    json_t *data = json_of(takings[_i].data);
    json_t *patch = bulk_take_references(mem, type, data, is_a, NULL);

    ck_assert_msg(json_eq(data, json_of(takings[_i].left)), "%s: what is left",
                  takings[_i].name);
    ck_assert_msg(!patch == !takings[_i].taken, "%s: whether there is a patch",
                  takings[_i].name);
    if (patch)
        ck_assert_msg(json_eq(json_find(patch, STR("Operations")), json_of(takings[_i].taken)),
                      "%s: what was taken", takings[_i].name);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bulk plan");
    TCase *tests = tcase_create("bulk plan");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, test_operation, 0, (int)ARRAY_SIZE(ops));
    tcase_add_loop_test(tests, test_body, 0, (int)ARRAY_SIZE(bodies));
    tcase_add_loop_test(tests, test_plan, 0, (int)ARRAY_SIZE(plans));
    tcase_add_test(tests, test_long_circle);
    tcase_add_loop_test(tests, test_take, 0, (int)ARRAY_SIZE(takings));
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
