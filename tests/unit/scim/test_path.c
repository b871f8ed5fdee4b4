/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/path.h"

#include "scim/filter.h"
#include "scim_test.h"

/* ---- parsing ---- */

static const struct {
    const char *text, *urn, *attr, *filter, *sub;
} valid[] = {
    {"userName", "", "userName", NULL, ""},
    {"name.givenName", "", "name", NULL, "givenName"},
    {"x509Certificates", "", "x509Certificates", NULL, ""},
    {"members.$ref", "", "members", NULL, "$ref"},
    {"a-b_c9", "", "a-b_c9", NULL, ""},
    {ENT ":manager.value", ENT, "manager", NULL, "value"},
    {ENT ":department", ENT, "department", NULL, ""},
    {ENT, "urn:ietf:params:scim:schemas:extension:enterprise:2.0", "User", NULL, ""},
    {"urn:example:ext:2.0", "urn:example:ext", "2", NULL, "0"},
    {"emails[type eq 'work'].value", "", "emails", "type eq 'work'", "value"},
    {"emails[type eq 'work' and value ew 'example.com']", "", "emails",
     "type eq 'work' and value ew 'example.com'", ""},
    {"emails[not (type eq 'a]b')]", "", "emails", "not (type eq 'a]b')", ""},
    {ENT ":manager[value eq 'urn:a:b.c']", ENT, "manager", "value eq 'urn:a:b.c'", ""},
};

static void
check_text(str_t got, const char *expected)
{
    ck_assert_msg(str_eq(got, str_from_c(expected)), "\"%.*s\", not \"%s\"", STR_ARG(got),
                  expected);
}

START_TEST(test_valid)
{
    err_t err = ERR_INIT;
    scim_path_t path;
    buf_t buf;

    ck_assert_msg(scim_path_parse(mem, quoted(valid[_i].text), &path, &err), "%s: %s",
                  valid[_i].text, err.detail);
    check_text(path.text, quoted(valid[_i].text).p);
    check_text(path.urn, valid[_i].urn);
    check_text(path.attr, valid[_i].attr);
    check_text(path.sub, valid[_i].sub);
    ck_assert_int_eq(path.filter != NULL, valid[_i].filter != NULL);
    if (path.filter) {
        buf_init(&buf, mem, 1000);
        scim_filter_write(&buf, path.filter);
        check_text(buf_str(&buf), quoted(valid[_i].filter).p);
    }
}
END_TEST

static const struct {
    const char *text;
    err_kind_t kind;
} invalid[] = {
    {"", ERR_INVALID_PATH},
    {" userName", ERR_INVALID_PATH},
    {"userName ", ERR_INVALID_PATH},
    {"bogus..attr", ERR_INVALID_PATH},
    {"a.b.c", ERR_INVALID_PATH},
    {"a.", ERR_INVALID_PATH},
    {".a", ERR_INVALID_PATH},
    {"9a", ERR_INVALID_PATH},
    {"$", ERR_INVALID_PATH},
    {"user name", ERR_INVALID_PATH},
    {"urn:", ERR_INVALID_PATH},
    {":userName", ERR_INVALID_PATH},
    {"na\xC3\xAFve", ERR_INVALID_PATH},
    {"emails[type eq", ERR_INVALID_PATH},
    {"emails[type eq 'work'", ERR_INVALID_PATH},
    {"emails[", ERR_INVALID_PATH},
    {"emails[type eq 'work']value", ERR_INVALID_PATH},
    {"emails[type eq 'work'].", ERR_INVALID_PATH},
    {"emails[type eq 'work'].a.b", ERR_INVALID_PATH},
    {"emails.value[type eq 'work']", ERR_INVALID_PATH},
    {"[type eq 'work']", ERR_INVALID_PATH},
    {"emails]", ERR_INVALID_PATH},
    {"emails[]", ERR_INVALID_FILTER},
    {"emails[type regex 'w'].value", ERR_INVALID_FILTER},
    {"emails[type eq work]", ERR_INVALID_FILTER},
    {"members[value eq'2819c223']", ERR_INVALID_FILTER},
    {"a[b[c eq 1]]", ERR_INVALID_FILTER},
};

START_TEST(test_invalid)
{
    err_t err = ERR_INIT;
    scim_path_t path;

    ck_assert_msg(!scim_path_parse(mem, quoted(invalid[_i].text), &path, &err), "%s",
                  invalid[_i].text);
    ck_assert_msg(err.kind == invalid[_i].kind, "%s: %s", invalid[_i].text, err.detail);
}
END_TEST

/* ---- resolving ---- */

static const struct {
    const char *type, *text, *canonical; /* NULL: not found */
} resolved[] = {
    {"User", "USERNAME", "userName"},
    {"User", "externalid", "externalId"},
    {"User", "id", "id"},
    {"User", "META.lastmodified", "meta.lastModified"},
    {"User", "schemas", "schemas"},
    {"User", "department", ENT ":department"},
    {"User", "manager.value", ENT ":manager.value"},
    {"User", ENT ":manager", ENT ":manager"},
    {"User", "URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:user:Manager.$REF",
     ENT ":manager.$ref"},
    {"User", ENT, ENT},
    {"User", SCIM_URN_USER ":name.familyName", "name.familyName"},
    {"User", SCIM_URN_USER ":id", "id"},
    {"User", "Emails[type eq 'work'].VALUE", "emails[type eq 'work'].value"},
    {"Group", "members", "members"},
    {"User", "members", NULL},
    {"Group", "department", NULL},
    {"Group", ENT ":department", NULL},
    {"User", ENT ":userName", NULL},
    {"User", ENT ":manager.nothing", NULL},
    {"User", SCIM_URN_USER, NULL},
    {"User", "userName.value", NULL},
    {"User", "urn:example:other:userName", NULL},
    {"User", "PLACEHOLDER", NULL},
};

START_TEST(test_resolve)
{
    err_t err = ERR_INIT;
    scim_path_t path;
    scim_target_t target = {0};

    ck_assert(scim_path_parse(mem, quoted(resolved[_i].text), &path, &err));
    bool found = scim_path_resolve(type_of(resolved[_i].type), &path, &target);
    ck_assert_msg(found == (resolved[_i].canonical != NULL), "%s", resolved[_i].text);
    if (found)
        check_text(scim_path_format(mem, &target), quoted(resolved[_i].canonical).p);
    else
        ck_assert_ptr_null(target.attr);
}
END_TEST

/* The same name in two extensions belongs to neither. */
START_TEST(test_ambiguous)
{
    const scim_type_t *user = type_of("User");
    scim_schema_t twin = *user->extensions[0];
    const scim_schema_t *both[] = {user->extensions[0], &twin};
    scim_type_t type = *user;
    scim_path_t path;
    scim_target_t target;
    err_t err = ERR_INIT;

    twin.id = STR("urn:example:twin");
    type.extensions = both;
    type.n_extensions = 2;
    ck_assert(scim_path_parse(mem, STR("department"), &path, &err));
    ck_assert(!scim_path_resolve(&type, &path, &target));
    ck_assert(scim_path_parse(mem, STR("urn:example:twin:department"), &path, &err));
    ck_assert(scim_path_resolve(&type, &path, &target));
    ck_assert_ptr_eq(target.schema, &twin);
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("path");

    tcase_add_loop_test(tests, test_valid, 0, (int)ARRAY_SIZE(valid));
    tcase_add_loop_test(tests, test_invalid, 0, (int)ARRAY_SIZE(invalid));
    tcase_add_loop_test(tests, test_resolve, 0, (int)ARRAY_SIZE(resolved));
    tcase_add_test(tests, test_ambiguous);
    return run_tests(tests, "scim/path");
}
