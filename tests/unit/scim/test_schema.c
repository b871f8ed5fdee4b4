/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/schema.h"

#include "scim_test.h"

#include <pthread.h>

/* ---- built in ---- */

static const char *const builtins[] = {
    SCIM_URN_USER, SCIM_URN_GROUP, ENT, "user", "Group", "EnterpriseUser",
};

START_TEST(test_builtin)
{
    ck_assert_ptr_nonnull(scim_schema_builtin(str_from_c(builtins[_i])));
}
END_TEST

START_TEST(test_builtin_missing)
{
    ck_assert_ptr_null(scim_schema_builtin(STR("urn:example:none")));
    ck_assert_ptr_null(scim_type_builtin(STR("Printer")));
}
END_TEST

static const struct {
    const char *type, *name, *sub;
    scim_kind_t kind;
    bool multi, required, case_exact;
    scim_mutability_t mutability;
    scim_returned_t returned;
} attrs[] = {
    {"User", "username", NULL, SCIM_STRING, 0, 1, 0, SCIM_READ_WRITE, SCIM_RETURNED_DEFAULT},
    {"User", "externalId", NULL, SCIM_STRING, 0, 0, 1, SCIM_READ_WRITE, SCIM_RETURNED_DEFAULT},
    {"User", "password", NULL, SCIM_STRING, 0, 0, 0, SCIM_WRITE_ONLY, SCIM_RETURNED_NEVER},
    {"User", "groups", NULL, SCIM_COMPLEX, 1, 0, 0, SCIM_READ_ONLY, SCIM_RETURNED_DEFAULT},
    {"User", "EMAILS", "PRIMARY", SCIM_BOOLEAN, 0, 0, 0, SCIM_READ_WRITE,
     SCIM_RETURNED_DEFAULT},
    {"User", "addresses", "primary", SCIM_BOOLEAN, 0, 0, 0, SCIM_READ_WRITE,
     SCIM_RETURNED_DEFAULT},
    {"User", "x509Certificates", "value", SCIM_BINARY, 0, 0, 1, SCIM_READ_WRITE,
     SCIM_RETURNED_DEFAULT},
    {"Group", "displayName", NULL, SCIM_STRING, 0, 1, 0, SCIM_READ_WRITE,
     SCIM_RETURNED_DEFAULT},
    {"Group", "members", "$ref", SCIM_REFERENCE, 0, 0, 1, SCIM_IMMUTABLE,
     SCIM_RETURNED_DEFAULT},
};

START_TEST(test_attr)
{
    const scim_attr_t *attr =
        scim_schema_find(type_of(attrs[_i].type)->core, str_from_c(attrs[_i].name));

    ck_assert_ptr_nonnull(attr);
    if (attrs[_i].sub)
        attr = scim_attr_find_sub(attr, str_from_c(attrs[_i].sub));
    ck_assert_ptr_nonnull(attr);
    ck_assert_int_eq(attr->kind, attrs[_i].kind);
    ck_assert_int_eq(attr->multi, attrs[_i].multi);
    ck_assert_int_eq(attr->required, attrs[_i].required);
    ck_assert_int_eq(attr->case_exact, attrs[_i].case_exact);
    ck_assert_int_eq(attr->mutability, attrs[_i].mutability);
    ck_assert_int_eq(attr->returned, attrs[_i].returned);
}
END_TEST

START_TEST(test_type)
{
    const scim_type_t *user = type_of("User");

    ck_assert(str_eq(user->endpoint, STR("/Users")));
    ck_assert_uint_eq(user->n_extensions, 1);
    ck_assert_ptr_eq(scim_type_find_schema(user, STR(ENT)), user->extensions[0]);
    ck_assert_ptr_eq(scim_type_find_schema(user, STR(SCIM_URN_USER)), user->core);
    ck_assert_ptr_null(scim_type_find_schema(user, STR(SCIM_URN_GROUP)));
}
END_TEST

static void *
load(void *arg)
{
    *(const scim_type_t **)arg = scim_type_builtin(STR("User"));
    return NULL;
}

START_TEST(test_threads)
{
    pthread_t threads[8];
    const scim_type_t *types[8];

    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, load, &types[i]), 0);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_ptr_nonnull(types[i]);
        ck_assert_ptr_eq(types[i], types[0]);
    }
}
END_TEST

/* ---- as JSON ---- */

/* What was loaded gives the same definition again, each of its members. */
static void
check_member(const json_t *from, const json_t *to)
{
    for (size_t i = 0; i < from->u.object.n; i++) {
        const json_member_t *member = &from->u.object.members[i];
        const json_t *other = json_find_exact(to, member->name);

        ck_assert_msg(other != NULL && json_eq(member->value, other), "%.*s",
                      STR_ARG(member->name));
    }
}

START_TEST(test_to_json)
{
    err_t err = ERR_INIT;
    const json_t *first =
        scim_schema_to_json(mem, scim_schema_builtin(STR("User")), STR("https://h/scim/v2"));
    const scim_schema_t *again = scim_schema_load(mem, first, &err);

    ck_assert_ptr_nonnull(again);
    check_member(first, scim_schema_to_json(mem, again, STR("https://h/scim/v2")));
    ck_assert_str_eq(text_of(json_find(first, STR("meta"))),
                     "{\"resourceType\":\"Schema\",\"location\":"
                     "\"https://h/scim/v2/Schemas/" SCIM_URN_USER "\"}");
    const json_t *user_name = json_find(first, STR("attributes"))->u.array.items[0];
    ck_assert_str_eq(text_of(json_find(user_name, STR("uniqueness"))), "\"server\"");
    ck_assert_ptr_null(json_find(user_name, STR("subAttributes")));
}
END_TEST

/* No schema of RFC 7643 defines it, but clients choose their mappings from what is listed. */
START_TEST(test_external_id_is_shown_where_it_is_mapped)
{
    const char *with = text_of(scim_schema_to_json(mem, type_of("User")->core, STR("")));
    const char *without =
        text_of(scim_schema_to_json(mem, scim_schema_builtin(STR("User")), STR("")));

    ck_assert_ptr_nonnull(strstr(with, "\"externalId\""));
    ck_assert_ptr_null(strstr(with, ":null"));
    ck_assert_ptr_null(strstr(without, "externalId"));
}
END_TEST

START_TEST(test_type_to_json)
{
    ck_assert_str_eq(
        text_of(scim_type_to_json(mem, type_of("User"), STR("https://h"))),
        "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:ResourceType\"],\"id\":\"User\","
        "\"name\":\"User\",\"endpoint\":\"/Users\",\"description\":\"User account.\","
        "\"schema\":\"" SCIM_URN_USER "\",\"schemaExtensions\":[{\"schema\":\"" ENT
        "\",\"required\":false}],\"meta\":{\"resourceType\":\"ResourceType\",\"location\":"
        "\"https://h/ResourceTypes/User\"}}");
    ck_assert_ptr_null(
        json_find(scim_type_to_json(mem, type_of("Group"), STR("")), STR("schemaExtensions")));
}
END_TEST

/* ---- broken definitions ---- */

static const struct {
    const char *definition, *says;
} broken[] = {
    {"[]", "object"},
    {"{}", "\"id\""},
    {"{'id':''}", "\"id\""},
    {"{'id':'urn:x'}", "\"attributes\""},
    {"{'id':'urn:x','attributes':{}}", "array"},
    {"{'id':'urn:x','attributes':['a']}", "object"},
    {"{'id':'urn:x','attributes':[{}]}", "\"name\""},
    {"{'id':'urn:x','attributes':[{'name':'a','type':'text'}]}", "\"text\""},
    {"{'id':'urn:x','attributes':[{'name':'a','type':7}]}", "\"type\""},
    {"{'id':'urn:x','attributes':[{'name':'a','mutability':'x'}]}", "\"mutability\""},
    {"{'id':'urn:x','attributes':[{'name':'a','returned':'x'}]}", "\"returned\""},
    {"{'id':'urn:x','attributes':[{'name':'a','uniqueness':'x'}]}", "\"uniqueness\""},
    {"{'id':'urn:x','attributes':[{'name':'a','multiValued':'x'}]}", "\"multiValued\""},
    {"{'id':'urn:x','attributes':[{'name':'a','canonicalValues':'x'}]}", "\"canonicalValues\""},
    {"{'id':'urn:x','attributes':[{'name':'a','canonicalValues':[1]}]}", "\"canonicalValues\""},
    {"{'id':'urn:x','attributes':[{'name':'a'},{'name':'A'}]}", "twice"},
    {"{'id':'urn:x','attributes':[{'name':'a','type':'complex'}]}", "\"subAttributes\""},
    {"{'id':'urn:x','attributes':[{'name':'a','type':'complex','subAttributes':"
     "[{'name':'b','type':'complex','subAttributes':[]}]}]}",
     "cannot be complex"},
};

START_TEST(test_broken)
{
    err_t err = ERR_INIT;

    ck_assert_ptr_null(scim_schema_load(mem, json_of(broken[_i].definition), &err));
    ck_assert_int_eq(err.kind, ERR_CONFIG);
    ck_assert_msg(strstr(err.detail, broken[_i].says) != NULL, "%s: %s", broken[_i].definition,
                  err.detail);
}
END_TEST

START_TEST(test_defaults)
{
    err_t err = ERR_INIT;
    const scim_schema_t *schema =
        scim_schema_load(mem, json_of("{'id':'urn:x','attributes':[{'name':'a'}]}"), &err);

    ck_assert_ptr_nonnull(schema);
    ck_assert_int_eq(schema->attrs[0].kind, SCIM_STRING);
    ck_assert_int_eq(schema->attrs[0].mutability, SCIM_READ_WRITE);
    ck_assert(!schema->attrs[0].multi && !schema->attrs[0].required);
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("schema");

    tcase_add_test(tests, test_threads); /* first, so that it is what loads */
    tcase_add_loop_test(tests, test_builtin, 0, (int)ARRAY_SIZE(builtins));
    tcase_add_test(tests, test_builtin_missing);
    tcase_add_loop_test(tests, test_attr, 0, (int)ARRAY_SIZE(attrs));
    tcase_add_test(tests, test_type);
    tcase_add_test(tests, test_to_json);
    tcase_add_test(tests, test_external_id_is_shown_where_it_is_mapped);
    tcase_add_test(tests, test_type_to_json);
    tcase_add_loop_test(tests, test_broken, 0, (int)ARRAY_SIZE(broken));
    tcase_add_test(tests, test_defaults);
    return run_tests(tests, "scim/schema");
}
