/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/resource.h"
#include "scim_test.h"

static const char person[] =
    "{'externalId':'e','userName':'u','name':{'givenName':'g','familyName':'f'},'active':true,"
    "'password':'secret','emails':[{'value':'a','type':'work','primary':true},{'type':'home'}],"
    "'" ENT "':{'department':'d','manager':{'value':'m','$ref':'r'}}}";

/* The written resource without schemas and id, and without meta where that is whole. */
#define META                                                                                 \
    ",'meta':{'resourceType':'User','created':'c','lastModified':'l','location':'https://h/" \
    "1',"                                                                                    \
    "'version':'W/\\'1\\''}"

#define USER "'" SCIM_URN_USER "'"
#define BOTH USER ",'" ENT "'"

static const struct {
    const char *attributes, *excluded; /* NULL: not given */
    const char *schemas, *body;
} rows[] = {
    {NULL, NULL, BOTH,
     ",'externalId':'e','userName':'u','name':{'givenName':'g','familyName':'f'},'active':true,"
     "'emails':[{'value':'a','type':'work','primary':true},{'type':'home'}],"
     "'" ENT "':{'department':'d','manager':{'value':'m','$ref':'r'}}" META},
    {"userName", NULL, USER, ",'userName':'u'"},
    {"USERNAME, active ,nothing,", NULL, USER, ",'userName':'u','active':true"},
    {"id", NULL, USER, ""},
    {"nothing", NULL, USER, ""},
    {"password,userName", NULL, USER, ",'userName':'u'"},
    {"emails.value", NULL, USER, ",'emails':[{'value':'a'}]"},
    {"emails.value,emails.type", NULL, USER,
     ",'emails':[{'value':'a','type':'work'},{'type':'home'}]"},
    {"emails.value,emails", NULL, USER,
     ",'emails':[{'value':'a','type':'work','primary':true},{'type':'home'}]"},
    {"name.givenName", NULL, USER, ",'name':{'givenName':'g'}"},
    {"name.middleName", NULL, USER, ""},
    {SCIM_URN_USER ":name.familyName", NULL, USER, ",'name':{'familyName':'f'}"},
    {ENT ":department", NULL, BOTH, ",'" ENT "':{'department':'d'}"},
    {"department", NULL, BOTH, ",'" ENT "':{'department':'d'}"},
    {ENT, NULL, BOTH, ",'" ENT "':{'department':'d','manager':{'value':'m','$ref':'r'}}"},
    {ENT ":manager.value", NULL, BOTH, ",'" ENT "':{'manager':{'value':'m'}}"},
    {"meta.version", NULL, USER, ",'meta':{'version':'W/\\'1\\''}"},
    {"meta", NULL, USER, META},
    {NULL, "emails,name,active,externalId", BOTH,
     ",'userName':'u','" ENT "':{'department':'d','manager':{'value':'m','$ref':'r'}}" META},
    {NULL, "emails,name,active,externalId," ENT, USER, ",'userName':'u'" META},
    {NULL, "id,schemas,emails,name,active,externalId,meta," ENT, USER, ",'userName':'u'"},
    {NULL, "emails,name.givenName,active,externalId,meta.version," ENT ":manager", BOTH,
     ",'userName':'u','name':{'familyName':'f'},'" ENT "':{'department':'d'},"
     "'meta':{'resourceType':'User','created':'c','lastModified':'l','location':'https://h/"
     "1'}"},
    {"", "", BOTH,
     ",'externalId':'e','userName':'u','name':{'givenName':'g','familyName':'f'},'active':true,"
     "'emails':[{'value':'a','type':'work','primary':true},{'type':'home'}],"
     "'" ENT "':{'department':'d','manager':{'value':'m','$ref':'r'}}" META},
};

static const scim_envelope_t envelope = {.id = STR_INIT("1"),
                                         .location = STR_INIT("https://h/1"),
                                         .version = STR_INIT("W/\"1\""),
                                         .created = STR_INIT("c"),
                                         .last_modified = STR_INIT("l")};

static const char *
written(const scim_type_t *type, const json_t *resource, const scim_projection_t *projection)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 16);
    scim_resource_write(&buf, type, resource, &envelope, projection);
    ck_assert(!buf.failed);
    return str_dup_c(mem, buf_str(&buf));
}

START_TEST(test_write)
{
    err_t err = ERR_INIT;
    scim_projection_t projection;
    str_t only = str_from_c(rows[_i].attributes), except = str_from_c(rows[_i].excluded);

    ck_assert(scim_projection_read(mem, type_of("User"), rows[_i].attributes ? &only : NULL,
                                   rows[_i].excluded ? &except : NULL, &projection, &err));
    ck_assert_str_eq(
        written(type_of("User"), json_of(person), &projection),
        quoted(
            str_printf(mem, "{'schemas':[%s],'id':'1'%s}", rows[_i].schemas, rows[_i].body).p)
            .p);
}
END_TEST

START_TEST(test_both)
{
    err_t err = ERR_INIT;
    scim_projection_t projection;
    const str_t a = STR("userName"), b = STR("emails");

    ck_assert(!scim_projection_read(mem, type_of("User"), &a, &b, &projection, &err));
    ck_assert_int_eq(err.kind, ERR_BAD_REQUEST);
}
END_TEST

/* RFC 7644 §3.10 has names, not value paths. */
START_TEST(test_filter)
{
    static const str_t lists[] = {STR_INIT("emails[type eq \"work\"]"),
                                  STR_INIT("userName,emails[type eq \"a,b\"].value")};

    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        for (int excluded = 0; excluded < 2; excluded++) {
            err_t err = ERR_INIT;
            scim_projection_t projection;

            ck_assert(!scim_projection_read(mem, type_of("User"), excluded ? NULL : &lists[i],
                                            excluded ? &lists[i] : NULL, &projection, &err));
            ck_assert_int_eq(err.kind, ERR_BAD_REQUEST);
            ck_assert_msg(strstr(err.detail, "without a filter") != NULL, "%s", err.detail);
        }
    }
}
END_TEST

/* Microsoft's client asks for groups so. */
START_TEST(test_group_without_members)
{
    err_t err = ERR_INIT;
    scim_projection_t projection;
    const str_t except = STR("members");
    const scim_type_t *group = type_of("Group");
    const scim_attr_t *members = scim_schema_find(group->core, STR("members"));

    ck_assert(scim_projection_read(mem, group, NULL, &except, &projection, &err));
    ck_assert(!scim_projection_wants(&projection, group->core, members, NULL));
    ck_assert_ptr_null(strstr(written(group,
                                      json_of("{'displayName':'g','members':[{'value':"
                                              "'a'}]}"),
                                      &projection),
                              "members"));
}
END_TEST

/* returned: always, request, never; of attributes and sub-attributes. */
static const struct {
    const char *attributes, *excluded, *shown;
} returned[] = {
    {NULL, NULL, "always usual{always usual}"},
    {"usual", NULL, "always usual{always usual}"},
    {"request", NULL, "always request"},
    {"usual.request", NULL, "always usual{always request}"},
    {"usual.usual", NULL, "always usual{always usual}"},
    {"usual.never", NULL, "always usual{always}"},
    {"never", NULL, "always"},
    {NULL, "always,usual.always", "always usual{always usual}"},
    {NULL, "usual", "always"},
    {NULL, "usual.usual", "always usual{always}"},
};

START_TEST(test_returned)
{
    const scim_attr_t subs[] = {
        {.name = STR("always"), .returned = SCIM_RETURNED_ALWAYS},
        {.name = STR("usual")},
        {.name = STR("request"), .returned = SCIM_RETURNED_REQUEST},
        {.name = STR("never"), .returned = SCIM_RETURNED_NEVER},
    };
    const scim_attr_t attrs[] = {
        {.name = STR("always"), .returned = SCIM_RETURNED_ALWAYS},
        {.name = STR("usual"), .kind = SCIM_COMPLEX, .subs = subs, .n_subs = ARRAY_SIZE(subs)},
        {.name = STR("request"), .returned = SCIM_RETURNED_REQUEST},
        {.name = STR("never"), .returned = SCIM_RETURNED_NEVER},
    };
    const scim_schema_t core = {.id = STR("urn:c"), .attrs = attrs, .n = ARRAY_SIZE(attrs)};
    const scim_type_t type = {.name = STR("T"), .core = &core};
    scim_projection_t p;
    err_t err = ERR_INIT;
    buf_t buf;
    str_t only = str_from_c(returned[_i].attributes),
          except = str_from_c(returned[_i].excluded);

    ck_assert(scim_projection_read(mem, &type, returned[_i].attributes ? &only : NULL,
                                   returned[_i].excluded ? &except : NULL, &p, &err));
    buf_init(&buf, mem, 1000);
    for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
        if (!scim_projection_wants(&p, &core, &attrs[i], NULL))
            continue;
        buf_printf(&buf, "%s%s", buf.n ? " " : "", attrs[i].name.p);
        bool first = true;
        for (size_t k = 0; k < attrs[i].n_subs; k++) {
            if (!scim_projection_wants(&p, &core, &attrs[i], &subs[k]))
                continue;
            buf_printf(&buf, "%s%s", first ? "{" : " ", subs[k].name.p);
            first = false;
        }
        if (!first)
            buf_add_char(&buf, '}');
    }
    ck_assert_str_eq(buf_str(&buf).p, returned[_i].shown);
}
END_TEST

/* A buffer that is too small fails, and is not overrun. */
START_TEST(test_small_buffer)
{
    buf_t buf;

    for (size_t max = 0; max < 100; max++) {
        buf_init(&buf, mem, max);
        scim_resource_write(&buf, type_of("User"), json_of(person), &envelope, NULL);
        ck_assert(buf.failed);
        ck_assert_uint_le(buf.n, max);
    }
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("projection");

    tcase_add_loop_test(tests, test_write, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_both);
    tcase_add_test(tests, test_filter);
    tcase_add_test(tests, test_group_without_members);
    tcase_add_loop_test(tests, test_returned, 0, (int)ARRAY_SIZE(returned));
    tcase_add_test(tests, test_small_buffer);
    return run_tests(tests, "scim/projection");
}
