/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/resource.h"

#include "scim_test.h"

/* ---- reading ---- */

static const struct {
    const char *name, *body, *read; /* NULL: refused, */
    const char *says;               /* with this in the detail */
    size_t ignored;
} rows[] = {
    {"spelling", "{'USERNAME':'u','NAME':{'GIVENNAME':'g'}}",
     "{\"userName\":\"u\",\"name\":{\"givenName\":\"g\"}}", NULL, 0},
    {"null is absent", "{'userName':'u','title':null,'name':{'givenName':null}}",
     "{\"userName\":\"u\"}", NULL, 0},
    {"empty is absent", "{'emails':[],'name':{},'phoneNumbers':[{}],'" ENT "':{}}", "{}", NULL,
     0},
    {"unknown is ignored", "{'x':1,'y':{'z':1},'userName':'u','" ENT "':{'w':1}}",
     "{\"userName\":\"u\"}", NULL, 3},
    {"unknown sub-attribute", "{'name':{'x':1,'givenName':'g'}}",
     "{\"name\":{\"givenName\":\"g\"}}", NULL, 0},
    {"read-only is dropped",
     "{'schemas':['x'],'id':'1','meta':{'version':'1'},'groups':[{'value':'g'}]}", "{}", NULL,
     0},
    {"externalId", "{'externalid':'e'}", "{\"externalId\":\"e\"}", NULL, 0},
    {"extension", "{'" ENT "':{'DEPARTMENT':'d','manager':{'value':'1'}}}",
     "{\"" ENT "\":{\"department\":\"d\",\"manager\":{\"value\":\"1\"}}}", NULL, 0},
    {"extension not at the root", "{'department':'d'}", "{}", NULL, 1},
    {"elements", "{'emails':[{'value':'a','primary':true},null,{'value':'b'}]}",
     "{\"emails\":[{\"value\":\"a\",\"primary\":true},{\"value\":\"b\"}]}", NULL, 0},
    {"certificate", "{'x509Certificates':[{'value':'MIIB+/8='}]}",
     "{\"x509Certificates\":[{\"value\":\"MIIB+/8=\"}]}", NULL, 0},
    {"no object", "['x']", NULL, "array", 0},
    {"number for text", "{'userName':7}", NULL, "userName must be a string, not a number", 0},
    {"text for boolean", "{'active':'True'}", NULL, "active must be a boolean", 0},
    {"object for text", "{'userName':{'a':1}}", NULL, "userName", 0},
    {"array for text", "{'userName':['u']}", NULL, "userName", 0},
    {"text for complex", "{'name':'u'}", NULL, "name must be an object", 0},
    {"text for array", "{'emails':'u'}", NULL, "emails must be an array", 0},
    {"text for element", "{'emails':['u']}", NULL, "emails must be an object", 0},
    {"deep", "{'emails':[{'value':7}]}", NULL, "emails.value must be a string", 0},
    {"extension no object", "{'" ENT "':'x'}", NULL, "must be an object", 0},
    {"deep in extension", "{'" ENT "':{'manager':'x'}}", NULL, "manager must be an object", 0},
    {"two primaries", "{'emails':[{'value':'a','primary':true},{'value':'b','primary':true}]}",
     NULL, "two elements are primary", 0},
    {"no base64", "{'x509Certificates':[{'value':'a b'}]}", NULL, "base64", 0},
};

START_TEST(test_read)
{
    err_t err = ERR_INIT;
    size_t ignored = 99;
    json_t *read =
        scim_resource_read(mem, type_of("User"), json_of(rows[_i].body), &ignored, &err);

    ck_assert_msg((read != NULL) == (rows[_i].read != NULL), "%s: %s", rows[_i].name,
                  err.detail);
    if (read) {
        ck_assert_msg(strcmp(text_of(read), rows[_i].read) == 0, "%s: %s", rows[_i].name,
                      text_of(read));
        ck_assert_uint_eq(ignored, rows[_i].ignored);
    } else {
        ck_assert_int_eq(err.kind,
                         rows[_i].body[0] == '[' ? ERR_INVALID_SYNTAX : ERR_INVALID_VALUE);
        ck_assert_msg(strstr(err.detail, rows[_i].says) != NULL, "%s: %s", rows[_i].name,
                      err.detail);
    }
}
END_TEST

/* ---- single values ---- */

static const struct {
    scim_kind_t kind;
    const char *value;
    bool fine;
} values[] = {
    {SCIM_STRING, "''", true},
    {SCIM_STRING, "1", false},
    {SCIM_BOOLEAN, "true", true},
    {SCIM_BOOLEAN, "1", false},
    {SCIM_INTEGER, "-7", true},
    {SCIM_INTEGER, "7.0", true},
    {SCIM_INTEGER, "7.5", false},
    {SCIM_INTEGER, "'7'", false},
    {SCIM_INTEGER, "99999999999999999999", false},
    {SCIM_DECIMAL, "7.5", true},
    {SCIM_DECIMAL, "'7.5'", false},
    {SCIM_DATETIME, "'2011-05-13T04:42:34Z'", true},
    {SCIM_DATETIME, "'yesterday'", false},
    {SCIM_DATETIME, "7", false},
    {SCIM_BINARY, "'QUJD'", true},
    {SCIM_BINARY, "'QUI='", true},
    {SCIM_BINARY, "'Q'", false},
    {SCIM_BINARY, "'Q=I='", false},
    {SCIM_REFERENCE, "'https://h/x'", true},
    {SCIM_REFERENCE, "{}", false},
};

START_TEST(test_value)
{
    err_t err = ERR_INIT;
    const scim_attr_t attr = {.name = STR("a"), .kind = values[_i].kind};
    const json_t *read =
        scim_value_read(mem, &attr, json_of(values[_i].value), STR("a.b"), &err);

    ck_assert_msg((read != NULL) == values[_i].fine, "%s as %s: %s", values[_i].value,
                  scim_kind_name(values[_i].kind), err.detail);
    if (!read)
        ck_assert_ptr_eq(strstr(err.detail, "a.b"), err.detail);
}
END_TEST

/* ---- required ---- */

static const struct {
    const char *type, *resource, *missing; /* NULL: nothing */
} required[] = {
    {"User", "{'userName':'u'}", NULL},
    {"User", "{'title':'u'}", "userName"},
    {"User", "{'userName':''}", "userName"},
    {"Group", "{}", "displayName"},
};

START_TEST(test_required)
{
    err_t err = ERR_INIT;
    bool fine = scim_resource_check_required(type_of(required[_i].type),
                                             json_of(required[_i].resource), &err);

    ck_assert_int_eq(fine, required[_i].missing == NULL);
    if (!fine) {
        ck_assert_int_eq(err.kind, ERR_INVALID_VALUE);
        ck_assert_ptr_nonnull(strstr(err.detail, required[_i].missing));
    }
}
END_TEST

START_TEST(test_all_required_are_named)
{
    scim_attr_t attrs[] = {
        {.name = STR("one"), .required = true},
        {.name = STR("two"), .required = true},
        {.name = STR("set"), .required = true},
        {.name = STR("own"), .required = true, .mutability = SCIM_READ_ONLY}};
    scim_attr_t extra = {.name = STR("three"), .required = true};
    scim_schema_t core = {.id = STR("urn:c"), .attrs = attrs, .n = ARRAY_SIZE(attrs)};
    scim_schema_t extension = {.id = STR("urn:e"), .attrs = &extra, .n = 1};
    const scim_schema_t *extensions[] = {&extension};
    scim_type_t type = {.core = &core, .extensions = extensions, .n_extensions = 1};
    err_t err = ERR_INIT;

    ck_assert(!scim_resource_check_required(&type, json_of("{'set':'x'}"), &err));
    ck_assert_str_eq(err.detail, "required, but absent: one, two");
    ck_assert(
        !scim_resource_check_required(&type, json_of("{'set':'x','urn:e':{'x':1}}"), &err));
    ck_assert_str_eq(err.detail, "required, but absent: one, two, urn:e:three");
}
END_TEST

START_TEST(test_parts)
{
    const scim_type_t *user = type_of("User");
    json_t *resource = json_of("{'userName':'u'}");

    ck_assert_ptr_eq(scim_resource_part(resource, user, user->core), resource);
    ck_assert_ptr_eq(scim_resource_part(resource, user, NULL), resource);
    ck_assert_ptr_null(scim_resource_part(resource, user, user->extensions[0]));
    json_t *part = scim_resource_make_part(mem, resource, user, user->extensions[0]);
    ck_assert_ptr_eq(scim_resource_part(resource, user, user->extensions[0]), part);
    ck_assert_ptr_eq(scim_resource_make_part(mem, resource, user, user->extensions[0]), part);
    ck_assert_ptr_eq(json_find(resource, STR(ENT)), part);
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("resource");

    tcase_add_loop_test(tests, test_read, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_value, 0, (int)ARRAY_SIZE(values));
    tcase_add_loop_test(tests, test_required, 0, (int)ARRAY_SIZE(required));
    tcase_add_test(tests, test_all_required_are_named);
    tcase_add_test(tests, test_parts);
    return run_tests(tests, "scim/resource");
}
